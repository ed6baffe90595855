//! Every built-in template with each of its samples: planned and applied to the stand-in of every server version, and a second look finds
//! nothing to change.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use akwiz::catalog::lint;
use akwiz::catalog::load::Catalog;
use akwiz::catalog::template::{Sample, Template};
use akwiz::demo::Version;
use akwiz::setup::answers::Taken;
use akwiz::setup::mint::{Minted, mint};
use akwiz::setup::plan::{Decision, Plan};
use akwiz::setup::sample;

use crate::bench::Bench;

/// One sample: plan, apply, render, look again.
async fn prove(bench: &Bench, template: &Template, sample: &Sample) -> Result<(), String> {
    let mut answers = sample::answers(template, sample)?;
    let first = minted(template, "first");
    let (mut facts, mut plan) = bench.look(template, &answers, &first).await;
    if let [Decision::Taken { free_slug, free_name, .. }] = plan.decisions.as_slice() {
        // Two templates for one product: the second one is renamed, as a person would.
        answers.options.slug = Some(free_slug.clone());
        answers.options.name = Some(free_name.clone());
        (facts, plan) = bench.look(template, &answers, &first).await;
    }
    if bench.lacks(template) {
        return match plan.decisions.as_slice() {
            [Decision::Blocked { text }] if text.contains("authentik") => Ok(()),
            other => Err(format!("this version has no such source, and the plan does not say so: {other:?}")),
        };
    }
    // 2024.12 checks the signature of an assertion and of nothing else, and says so.
    if bench.version == Version::V2024_12
        && matches!(plan.decisions.as_slice(), [Decision::Blocked { text }] if text.contains("signed assertion"))
    {
        return Ok(());
    }
    if !plan.is_ready() {
        return Err(format!("{:?}", plan.decisions));
    }
    let outcome = bench.apply(&facts, &answers, &plan).await?;
    if let Some(finding) = lint::sample(&bench.engine, template, &outcome.scope).first() {
        return Err(format!("rendered: {finding}"));
    }
    answers.taken = Some(Taken::Update);
    // Another run would make other credentials: those on the server stay.
    let (_, again) = bench.look(template, &answers, &minted(template, "second")).await;
    if !again.is_ready() || !again.is_empty() {
        return Err(format!("the second look wants more: {:?} {:?}", again.decisions, again.actions));
    }
    let ids = |plan: &Plan| plan.parts.iter().map(|part| part.client_id.clone()).collect::<Vec<_>>();
    if ids(&again) == ids(&plan) { Ok(()) } else { Err("the second look has other client IDs".to_owned()) }
}

/// Credentials that no other template and no other run has.
fn minted(template: &Template, run: &str) -> Minted {
    let mut state = DefaultHasher::new();
    (&template.id, run).hash(&mut state);
    mint(template, &mut |buffer: &mut [u8]| {
        for byte in buffer {
            0_u8.hash(&mut state);
            *byte = state.finish().to_le_bytes()[0];
        }
    })
}

/// How many templates share a server: several, to see that they leave each other alone, and few enough for lists to stay short.
const TOGETHER: usize = 8;

/// Every sample of every template. Samples of one template share slugs, so that each has a server of its own.
async fn prove_all(version: Version) {
    let catalog = Catalog::built_in();
    let templates: Vec<&Template> = catalog.iter().collect();
    let mut wrong = Vec::new();
    let mut proven = 0;
    let most = templates.iter().map(|template| template.sample.len()).max().unwrap_or(0);
    for number in 0..most {
        let with: Vec<_> = templates.iter().filter_map(|template| Some((*template, template.sample.get(number)?))).collect();
        for chunk in with.chunks(TOGETHER) {
            let bench = Bench::start(version).await;
            for (template, sample) in chunk {
                proven += 1;
                if let Err(sentence) = prove(&bench, template, sample).await {
                    wrong.push(format!("{}, sample {}, {}: {sentence}", template.id, number + 1, version.number()));
                }
            }
            let state = bench.server.state();
            let says_verified = |mapping: &&serde_json::Value| {
                mapping["managed"].is_null()
                    && mapping["expression"].as_str().unwrap_or_default().contains("\"email_verified\": True")
            };
            let verified = state["scope_mappings"].as_array().unwrap().iter().filter(says_verified).count();
            assert!(verified <= 1, "one mapping for all that need verified addresses");
        }
    }
    assert!(proven >= catalog.len(), "every template has a sample");
    assert!(wrong.is_empty(), "{} of {proven}:\n{}", wrong.len(), wrong.join("\n"));
}

#[tokio::test]
async fn on_2024_12() {
    prove_all(Version::V2024_12).await;
}

#[tokio::test]
async fn on_2025_12() {
    prove_all(Version::V2025_12).await;
}

#[tokio::test]
async fn on_2026_5_rc1() {
    prove_all(Version::V2026_5Rc1).await;
}

#[tokio::test]
async fn on_2026_5() {
    prove_all(Version::V2026_5).await;
}

#[tokio::test]
async fn on_2026_8() {
    prove_all(Version::V2026_8).await;
}
