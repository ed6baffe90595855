//! Hostile secrets and answers through the built-in templates: whatever is shown gives them back, or is refused with a sentence.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use proptest::prelude::*;
use saphyr::{LoadableYamlNode as _, Scalar, Yaml};
use secrecy::{ExposeSecret as _, SecretString};

use super::interpreters::{self, Sample};
use crate::catalog::lint::{is_built_in, read, syntax_problem};
use crate::catalog::load::Catalog;
use crate::catalog::render::{Engine, RenderedEntry, RenderedField, ViewKind, render_entry};
use crate::catalog::template::{Format, Phase, QuestionKind, Template};
use crate::catalog::value::{Scope, Value};
use crate::setup::answers::Input;
use crate::setup::facts::{Facts, Version};
use crate::setup::mint::mint;
use crate::setup::planner::plan;
use crate::setup::sample;

const HOSTILE: [&str; 6] = [
    "it's \"so\" `id` \\ ends\\",
    " a$b ${HOME} $(id) $ ",
    "a #b ;c 100% %s %(x)s %{y} #{z}",
    "{{ x }} {% y %} {# z #} <&> --> ]]>",
    "- x: [y, {z}] !t *a &b | \"'",
    "two\nlines 'here'",
];

/// All names that the texts of a sample see, with `secret` as every secret and `name` as every free text. None where an answer is refused.
fn hostile(engine: &Engine, template: &Template, number: usize, facts: &Facts, secret: &str, name: &str) -> Option<Scope> {
    let mut answers = sample::answers(template, &template.sample[number]).unwrap();
    for question in template.question.iter().filter(|question| question.pattern.is_none() && question.phase != Phase::Late) {
        match question.kind {
            QuestionKind::Secret => answers.give(&question.id, Input::Secret(SecretString::from(secret))),
            QuestionKind::Text | QuestionKind::Group => answers.give(&question.id, Input::Text(name.into())),
            _ => {}
        }
    }
    let mut minted = mint(template, &mut |buffer: &mut [u8]| buffer.fill(7));
    for credentials in minted.credentials.values_mut() {
        credentials.client_secret = SecretString::from(secret);
    }
    for made in minted.secrets.values_mut() {
        *made = SecretString::from(secret);
    }
    let plan = plan(engine, template, &answers, facts, &minted);
    plan.is_ready().then(|| sample::scope(&plan))
}

/// Every text in a document, and what stands in it in turn: JSON in a variable, base64 in a manifest.
fn leaves(format: Format, text: &str) -> Option<Vec<String>> {
    let mut found = Vec::new();
    let values = |reader: fn(&str) -> Option<String>| {
        let found = read::assignments(text, reader).unwrap_or_else(|line| panic!("{line}"));
        found.into_iter().map(|(_, value)| value).collect::<Vec<String>>()
    };
    match format {
        Format::Json => json(&serde_json::from_str(text).unwrap(), &mut found),
        Format::Toml => json(&serde_json::to_value(toml::from_str::<toml::Table>(text).unwrap()).unwrap(), &mut found),
        Format::Yaml => {
            for document in &Yaml::load_from_str(text).unwrap() {
                yaml(document, &mut found);
            }
        }
        Format::EnvCompose => found = values(read::compose),
        Format::EnvDocker => found = values(read::docker),
        Format::EnvSystemd => found = values(read::systemd),
        Format::Ini => {
            let lines = text.lines().filter(|line| line.contains('=') && !line.starts_with(['[', '#', ';']));
            found = lines.map(|line| read::ini(line.split_once('=').unwrap().1).unwrap()).collect();
        }
        Format::Shell | Format::EnvShell => {
            let words = shlex::split(text).unwrap();
            found = words.iter().map(|word| word.split_once('=').map_or(word.as_str(), |(_, value)| value).to_owned()).collect();
        }
        _ => return None,
    }
    let inner: Vec<String> = found.iter().flat_map(|leaf| inside(leaf)).collect();
    found.extend(inner);
    Some(found)
}

fn inside(leaf: &str) -> Vec<String> {
    let mut found = Vec::new();
    if let Ok(value @ (serde_json::Value::Object(_) | serde_json::Value::Array(_))) = serde_json::from_str(leaf) {
        json(&value, &mut found);
    }
    found.extend(BASE64_STANDARD.decode(leaf).ok().and_then(|bytes| String::from_utf8(bytes).ok()));
    if leaf.contains('\n')
        && let Ok(documents) = Yaml::load_from_str(leaf)
    {
        for document in &documents {
            yaml(document, &mut found);
        }
    }
    found
}

fn json(value: &serde_json::Value, found: &mut Vec<String>) {
    match value {
        serde_json::Value::String(text) => found.push(text.clone()),
        serde_json::Value::Array(items) => items.iter().for_each(|item| json(item, found)),
        serde_json::Value::Object(fields) => fields.values().for_each(|item| json(item, found)),
        _ => {}
    }
}

fn yaml(value: &Yaml<'_>, found: &mut Vec<String>) {
    match value {
        Yaml::Value(Scalar::String(text)) => found.push(text.to_string()),
        Yaml::Sequence(items) => items.iter().for_each(|item| yaml(item, found)),
        Yaml::Mapping(fields) => fields.iter().for_each(|(_, item)| yaml(item, found)),
        Yaml::Tagged(_, inner) => yaml(inner, found),
        _ => {}
    }
}

/// Looks for what is broken in an entry, and keeps the texts that only a language's own program can judge.
fn look(entry: &RenderedEntry, secret: &str, place: &str, samples: &mut Vec<Sample>) {
    // The fields that take the secret whole; others may take it as a part of an address or encoded.
    let whole = |field: &&RenderedField| field.copy().is_some_and(|text| text.reveal().expose_secret() == secret);
    let wanted = entry.fields.iter().filter(whole).count();
    for view in &entry.views {
        let format = match view.kind {
            ViewKind::Own => entry.format,
            ViewKind::Compose => Format::Yaml,
            ViewKind::DockerRun => Format::Shell,
            ViewKind::Json => Format::Json,
        };
        let text = view.text.reveal().expose_secret().to_owned();
        assert_eq!(syntax_problem(format, &text), None, "{place}, {:?}:\n{text}", view.kind);
        if let Some(mut leaves) = leaves(format, &text) {
            if view.kind == ViewKind::Compose {
                for leaf in &mut leaves {
                    *leaf = leaf.replace("$$", "$");
                }
            }
            let found = leaves.iter().filter(|leaf| *leaf == secret).count();
            assert!(found >= wanted, "{place}, {:?}: {found} of {wanted} for {secret:?}:\n{text}\n{leaves:?}", view.kind);
        }
        // Other views were read whole just now.
        if view.kind == ViewKind::Own && !is_built_in(format) && !samples.iter().any(|other| other.text == text) {
            samples.push(Sample { place: place.to_owned(), format, text });
        }
    }
}

/// Renders every entry of every template, and gives back how many were shown and refused.
fn prove(secret: &str, name: &str, every_sample: bool, samples: &mut Vec<Sample>) -> (usize, usize) {
    let engine = Engine::new();
    let facts = sample::new_server(Version::new(2026, 5, 0));
    let (mut shown, mut refused) = (0, 0);
    for template in Catalog::built_in().iter() {
        let most = if every_sample { template.sample.len() } else { 1 };
        for number in 0..most {
            let Some(mut scope) = hostile(&engine, template, number, &facts, secret, name) else { continue };
            scope.entry("callback".into()).or_insert(Value::None);
            for entry in &template.entry {
                let place = format!("{}, sample {}, entry \"{}\"", template.id, number + 1, entry.id);
                match render_entry(&engine, entry, &scope) {
                    Ok(Some(entry)) => {
                        shown += 1;
                        look(&entry, secret, &place, samples);
                    }
                    Ok(None) => {}
                    Err(error) => {
                        refused += 1;
                        let sentence = error.message();
                        assert!(sentence.ends_with('.') && !sentence.contains(secret), "{place}: {sentence}");
                    }
                }
            }
        }
    }
    (shown, refused)
}

#[test]
fn hostile_secrets_come_back_from_every_template() {
    let mut samples = Vec::new();
    for secret in HOSTILE {
        let (shown, refused) = prove(secret, "plain", true, &mut samples);
        assert!(shown > refused * 5, "{secret:?}: {refused} refused, {shown} shown");
    }
    accepted(&samples);
}

#[test]
fn hostile_names_break_no_text() {
    let mut samples = Vec::new();
    for name in HOSTILE.into_iter().filter(|name| !name.contains('\n')) {
        let (shown, refused) = prove("secret", name, false, &mut samples);
        assert!(shown > refused, "{name:?}: {refused} refused, {shown} shown");
    }
    accepted(&samples);
}

/// The languages' own programs, where they are installed.
fn accepted(samples: &[Sample]) {
    let verdict = interpreters::check(samples);
    for sentence in &verdict.skipped {
        println!("skipped: {sentence}");
    }
    let refused: Vec<String> = verdict
        .refused
        .iter()
        .map(|(number, message)| format!("{}: {message}\n{}", samples[*number].place, samples[*number].text))
        .collect();
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn any_secret_comes_back(secret in "[ -~]{1,4}[\\\\\"'`$#;%{}! a]{1,12}") {
        prove(&secret, "plain", false, &mut Vec::new());
    }
}
