//! What works is not called ill: every built-in template, freshly made, on every version.

use akwiz::catalog::load::Catalog;
use akwiz::catalog::render::Engine;
use akwiz::catalog::template::Template;
use akwiz::checks::about::Kind;
use akwiz::demo::Version;
use akwiz::setup::answers::{Answers, Taken};
use akwiz::setup::mint::{Minted, mint};
use akwiz::setup::planner::slugs;
use akwiz::setup::question::resolve;
use akwiz::setup::sample;

use crate::bench::{Bench, wrong};

/// Demands to be worth a word without being wrong: open to everyone, because nobody was chosen; without TLS within a home network.
const EXPECTED: [&str; 2] = ["open-to-everyone", "redirect-http"];

/// The answers of a template's first sample.
fn first_sample(template: &Template) -> Answers {
    match template.sample.first() {
        Some(first) => sample::answers(template, first).unwrap(),
        None => Answers::new(&template.id),
    }
}

fn minted(template: &Template) -> Minted {
    mint(template, &mut |buffer: &mut [u8]| buffer.fill(7))
}

/// How many applications stand on one server: lists grow with them, and each is made after a look at the lists.
const TOGETHER: usize = 15;

/// Makes an application of every template, and looks at them all.
async fn every_template(version: Version) {
    let templates: Vec<Template> = Catalog::built_in().iter().filter(|template| template.source.is_none()).cloned().collect();
    let mut made = 0;
    for some in templates.chunks(TOGETHER) {
        made += these_templates(version, some).await;
    }
    assert_eq!(made, templates.len(), "each of them is made");
}

async fn these_templates(version: Version, templates: &[Template]) -> usize {
    let mut bench = Bench::new(version).await;
    let (engine, mut made) = (Engine::new(), 0);
    for template in templates {
        let mut answers = first_sample(template);
        let resolved = resolve(&engine, template, &answers, &minted(template));
        assert!(resolved.first_problem().is_none(), "{}: its first sample leaves a question open", template.id);
        // Two templates can have one slug; the second is made beside the first.
        let taken = slugs(&engine, template, &answers, &resolved);
        let state = bench.server.state();
        let is_taken =
            |slug: &String| state["applications"].as_array().into_iter().flatten().any(|known| known["slug"] == slug.as_str());
        if taken.iter().any(is_taken) {
            answers.taken = Some(Taken::Rename { slug: template.id.clone(), name: format!("{} 2", template.name) });
        }
        bench.create(&answers).await;
        made += 1;
    }
    for entries in [bench.audit().await, bench.audit_by_looks().await] {
        for entry in entries.iter().filter(|entry| entry.about.kind == Kind::Provider) {
            assert_eq!(wrong(&entry.findings), [], "{version:?} {}", entry.about.name);
            for finding in &entry.findings {
                assert!(EXPECTED.contains(&finding.rule.id), "{version:?} {}: {}", entry.about.name, finding.text);
            }
        }
    }
    // What anybody can read of them is the same on all versions.
    if version == Version::V2026_5 {
        for surveyed in &bench.survey().await.providers {
            let diagnosis = bench.doctor(surveyed.slug().unwrap()).await;
            assert_eq!(wrong(&diagnosis.findings), [], "{:?}", surveyed.slug());
        }
    }
    made
}

#[tokio::test]
async fn a_fresh_application_of_any_template_breaks_no_rule_on_2024_12() {
    every_template(Version::V2024_12).await;
}

#[tokio::test]
async fn a_fresh_application_of_any_template_breaks_no_rule_on_2025_12() {
    every_template(Version::V2025_12).await;
}

#[tokio::test]
async fn a_fresh_application_of_any_template_breaks_no_rule_on_2026_5_rc1() {
    every_template(Version::V2026_5Rc1).await;
}

#[tokio::test]
async fn a_fresh_application_of_any_template_breaks_no_rule_on_2026_5() {
    every_template(Version::V2026_5).await;
}

#[tokio::test]
async fn a_fresh_application_of_any_template_breaks_no_rule_on_2026_8() {
    every_template(Version::V2026_8).await;
}

#[tokio::test]
async fn a_fresh_login_source_of_any_template_breaks_no_rule() {
    let catalog = Catalog::built_in();
    let templates: Vec<&Template> = catalog.iter().filter(|template| template.source.is_some()).collect();
    for version in Version::ALL {
        let mut bench = Bench::new(version).await;
        let mut made = 0;
        for template in &templates {
            made += usize::from(bench.create_if_it_can_be(&first_sample(template)).await);
        }
        // Older versions lack some kinds.
        assert!(made == templates.len() || version < Version::V2026_5Rc1, "{version:?}: {made}");
        assert!(made > 0);
        for entry in bench.audit().await {
            let findings: Vec<&str> = entry.findings.iter().map(|finding| finding.rule.id).collect();
            assert!(findings.is_empty(), "{version:?} {}: {findings:?}", entry.about.name);
        }
        let diagnosis = bench.doctor("plex").await;
        assert!(diagnosis.about.as_ref().is_some_and(|about| about.kind == Kind::Source), "{:?}", diagnosis.notes);
        assert_eq!((diagnosis.findings, diagnosis.notes), (Vec::new(), Vec::new()));
    }
}

#[tokio::test]
async fn a_proxy_provider_is_not_looked_at() {
    let bench = Bench::homelab(Version::V2026_5).await;
    let entries = bench.audit().await;
    let names: Vec<&str> = entries.iter().map(|entry| entry.about.name.as_str()).collect();
    assert_eq!(names, ["Grafana", "Paperless", "Router"]);
    let diagnosis = bench.doctor("wiki").await;
    assert!(diagnosis.about.is_none() && diagnosis.notes[0].contains("another kind"), "{:?}", diagnosis.notes);
}

#[tokio::test]
async fn what_a_token_may_not_see_is_no_finding() {
    let mut bench = Bench::homelab(Version::V2026_5).await;
    let rights =
        ["authentik_providers_oauth2.view_oauth2provider", "authentik_core.view_application", "authentik_core.view_provider"];
    bench.client = bench.client.signed_in(bench.server.token_with(&rights)).unwrap();
    let entries = bench.audit().await;
    assert!(entries.iter().any(|entry| entry.about.kind == Kind::Provider));
    for entry in &entries {
        assert_eq!(wrong(&entry.findings), [], "{}", entry.about.name);
    }
}
