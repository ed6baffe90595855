//! One file for each template: what its samples send to authentik, and every text that they give. Secrets are markers.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use akwiz::catalog::lint::{SampleText, texts};
use akwiz::catalog::load::Catalog;
use akwiz::catalog::template::{Sample, Template};
use akwiz::demo::{Logged, StandIn, Version};
use akwiz::setup::mint::{Minted, mint};
use akwiz::setup::sample;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

use crate::bench::Bench;

/// What was written for a template's earlier samples: the same is not written again.
#[derive(Default)]
struct Before {
    /// By request: the lines of its body, as the first sample that sends it has them.
    bodies: BTreeMap<String, Vec<String>>,
    texts: BTreeSet<String>,
}

#[tokio::test]
async fn templates_send_and_show_what_they_did() {
    for template in Catalog::built_in().iter() {
        let mut page = String::new();
        let mut before = Before::default();
        for (number, sample) in template.sample.iter().enumerate() {
            let title = sample.title.as_deref().unwrap_or("Sample");
            let _ = writeln!(page, "# {}: {title}\n", number + 1);
            write_sample(&mut page, template, sample, &mut before).await;
        }
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path("snapshots");
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.set_description(template.name.as_str());
        settings.bind(|| insta::assert_snapshot!(template.id.as_str(), page));
    }
}

async fn write_sample(page: &mut String, template: &Template, sample: &Sample, before: &mut Before) {
    let bench = Bench::start(Version::V2026_5).await;
    let answers = sample::answers(template, sample).unwrap();
    let minted = marked(template);
    let (facts, plan) = bench.look(template, &answers, &minted).await;
    let outcome = bench.apply(&facts, &answers, &plan).await.unwrap_or_else(|error| panic!("{}: {error}", template.id));
    let names = names(&bench.server);
    let writes = bench.server.log().into_iter().filter(Logged::is_write);
    let mut writes: Vec<(String, Vec<String>)> = writes
        .map(|entry| {
            let path =
                entry.path.trim_start_matches("/api/v3").split('/').map(|piece| names.get(piece).map_or(piece, String::as_str));
            (format!("{} {}", entry.method, path.collect::<Vec<_>>().join("/")), flat(&entry.body, &names))
        })
        .collect();
    // What is sent at once comes in any order.
    let rank = |request: &str| ["POST", "PUT", "PATCH"].iter().position(|method| request.starts_with(method));
    writes.sort_by_key(|(request, lines)| (rank(request), request.clone(), lines.clone()));
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for (request, lines) in writes {
        let count = counts.entry(request.clone()).or_default();
        *count += 1;
        let request = if *count == 1 { request } else { format!("{request} ({count})") };
        let Some(first) = before.bodies.get(&request) else {
            let _ = writeln!(page, "## {request}\n{}\n", lines.join("\n"));
            before.bodies.insert(request, lines);
            continue;
        };
        let gone = first.iter().filter(|line| !lines.contains(line)).map(|line| format!("- {line}"));
        let new = lines.iter().filter(|line| !first.contains(line)).map(|line| format!("+ {line}"));
        let changes: Vec<String> = gone.chain(new).collect();
        if !changes.is_empty() {
            let _ = writeln!(page, "## {request}, against the first\n{}\n", changes.join("\n"));
        }
    }
    let rendered = texts(&bench.engine, template, &outcome.scope).unwrap_or_else(|error| panic!("{}: {error}", template.id));
    for SampleText { place, text, .. } in rendered {
        let block = format!("## {place}\n{}\n\n", text.reveal().expose_secret().trim_end());
        if before.texts.insert(block.clone()) {
            page.push_str(&block);
        }
    }
}

/// Credentials that are seen to be none.
fn marked(template: &Template) -> Minted {
    let mut minted = mint(template, &mut |buffer: &mut [u8]| buffer.fill(7));
    for (part, credentials) in &mut minted.credentials {
        credentials.client_id = format!("CLIENT-ID-{part}");
        credentials.client_secret = SecretString::from(format!("CLIENT-SECRET-{part}"));
    }
    for (question, secret) in &mut minted.secrets {
        *secret = SecretString::from(format!("MADE-{question}"));
    }
    minted.source_client_id = "SOURCE-CLIENT-ID".into();
    minted
}

/// Names by primary key: keys differ from run to run.
fn names(server: &StandIn) -> BTreeMap<String, String> {
    let state = server.state();
    let tables = state.as_object().unwrap().iter().filter_map(|(table, objects)| Some((table, objects.as_array()?)));
    let mut names = BTreeMap::new();
    for (table, object) in tables.flat_map(|(table, objects)| objects.iter().map(move |object| (table, object))) {
        let name = ["slug", "name", "username"].iter().find_map(|key| object[*key].as_str()).unwrap_or_default();
        if let Some(pk) = object["pk"].as_str() {
            names.insert(pk.to_owned(), format!("<{} {name}>", table.trim_end_matches('s').replace('_', " ")));
        }
    }
    names
}

/// One line for each value, by its path.
fn flat(value: &Value, names: &BTreeMap<String, String>) -> Vec<String> {
    fn walk(value: &Value, path: &str, names: &BTreeMap<String, String>, lines: &mut Vec<String>) {
        let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
        match value {
            Value::Object(fields) if !fields.is_empty() => {
                fields.iter().for_each(|(key, value)| walk(value, &below(key), names, lines));
            }
            Value::Array(items) if !items.is_empty() => {
                items.iter().enumerate().for_each(|(at, value)| walk(value, &below(&at.to_string()), names, lines));
            }
            Value::String(text) if names.contains_key(text) => lines.push(format!("{path}: {}", names[text])),
            // Python, as it runs.
            Value::String(text) if text.contains('\n') => {
                lines.push(format!("{path}: |\n    {}", text.trim_end().replace('\n', "\n    ")));
            }
            Value::String(text) => lines.push(format!("{path}: {text}")),
            other => lines.push(format!("{path}: {other}")),
        }
    }
    let mut lines = Vec::new();
    walk(value, "", names, &mut lines);
    lines
}
