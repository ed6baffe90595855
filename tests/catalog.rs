//! Every built-in template: nothing to find for lint, every sample answers all questions, and every rendered text can be parsed.

use std::io::Write as _;
use std::process::{Command, Stdio};

use akwiz::catalog::lint::{PLAN, lint, sample};
use akwiz::catalog::load::Catalog;
use akwiz::catalog::render::{Engine, Item, Rendered, ViewKind, in_order, ways};
use akwiz::catalog::template::{Application, Format, IssuerMode, Provider, Sample, Template};
use akwiz::catalog::text::Scalar;
use akwiz::catalog::value::{Scope, Value};
use akwiz::setup::answers::{Answers, Input};
use akwiz::setup::endpoints::{Endpoints, NAMES};
use akwiz::setup::mint::mint;
use akwiz::setup::question::resolve;
use secrecy::{ExposeSecret as _, SecretString};

const SECRET: &str = "s3cr3tS3cr3ts3cr3tS3cr3ts3cr3tS3cr3t";

fn input(scalar: &Scalar) -> Input {
    match scalar {
        Scalar::Bool(on) => Input::Toggle(*on),
        Scalar::Int(number) => Input::Text(number.to_string()),
        Scalar::Text(text) => Input::Text(text.as_str().to_owned()),
        Scalar::List(items) => Input::List(
            items
                .iter()
                .map(|item| match item {
                    Scalar::Text(text) => text.as_str().to_owned(),
                    other => panic!("a member of a sample's list is no text: {other:?}"),
                })
                .collect(),
        ),
        Scalar::Table(_) => panic!("a sample's answer is a table"),
    }
}

/// What the texts of a template see for a sample, the server's part being made up.
fn scope(engine: &Engine, template: &Template, sample: &Sample) -> Result<Scope, String> {
    let mut answers = Answers::new(&template.id);
    for (id, answer) in &sample.answers {
        let secret = template
            .question
            .iter()
            .any(|question| question.id == *id && question.kind == akwiz::catalog::template::QuestionKind::Secret);
        let given = match input(answer) {
            Input::Text(text) if secret => Input::Secret(SecretString::from(text)),
            given => given,
        };
        answers.give(id, given);
    }
    let minted = mint(template, &mut |bytes| bytes.fill(7));
    let resolved = resolve(engine, template, &answers, &minted);
    if let Some(state) = resolved.first_problem() {
        let problem = state.problem.as_ref().map(|problem| problem.sentence().to_owned());
        return Err(format!("the question \"{}\": {}", state.id, problem.unwrap_or_default()));
    }
    let missing = template.derive.keys().find(|name| !resolved.scope.contains_key(*name));
    if let Some(name) = missing {
        return Err(format!("the derived value \"{name}\" could not be computed"));
    }
    let mut scope = resolved.scope;
    let mut groups = Scope::new();
    for group in &template.group {
        let on = engine.wanted(group.when.as_ref(), &scope).map_err(|error| error.to_string())?;
        let name = if on { engine.plain(&group.name, &scope).map_err(|error| error.to_string())?.into() } else { Value::None };
        groups.insert(group.id.clone(), name);
    }
    scope.insert("groups".into(), Value::Table(groups));
    let own = |provider: &Provider, slug: &str, scope: &Scope| -> Result<Scope, String> {
        let mut own = Scope::new();
        Endpoints::new("https://auth.example.com", slug, IssuerMode::PerProvider).add_to(&mut own);
        let requested = match &provider.requested {
            Some(requested) => {
                let texts = requested.iter().map(|text| engine.plain(text, scope).map_err(|error| error.to_string()));
                texts.collect::<Result<Vec<_>, _>>()?
            }
            None => provider.scopes.iter().map(|scope| scope.scope().to_owned()).collect(),
        };
        own.insert(
            "requested".into(),
            Value::List(requested.into_iter().filter(|scope| !scope.is_empty()).map(Value::from).collect()),
        );
        own.insert("slug".into(), slug.into());
        own.insert("app_name".into(), template.name.as_str().into());
        own.insert("client_id".into(), "cLiEnTiD".into());
        own.insert("client_secret".into(), Value::Secret(SECRET.into()));
        Ok(own)
    };
    let mut parts = Scope::new();
    let single: Vec<(String, Application, Provider)> = template
        .provider
        .iter()
        .map(|provider| ("main".to_owned(), template.application.clone().unwrap_or_default(), provider.clone()))
        .chain(template.part.iter().map(|part| (part.id.clone(), part.application.clone(), part.provider.clone())))
        .collect();
    for (number, (id, application, provider)) in single.iter().enumerate() {
        let slug = match &application.slug {
            Some(slug) => engine.plain(slug, &scope).map_err(|error| error.to_string())?,
            None => template.id.clone(),
        };
        let own = own(provider, &slug, &scope)?;
        parts.insert(id.clone(), Value::Table(own.clone()));
        if number == 0 {
            scope.extend(own);
        }
    }
    if template.source.is_some() {
        scope.entry("slug".into()).or_insert_with(|| template.id.as_str().into());
        scope.insert("app_name".into(), template.name.as_str().into());
        scope.insert("authentik_url".into(), "https://auth.example.com".into());
        scope.insert("authentik_host".into(), "auth.example.com".into());
        scope.insert("callback".into(), format!("https://auth.example.com/source/oauth/callback/{}/", template.id).into());
        scope.insert("servers".into(), Value::List(vec!["Home".into()]));
    }
    scope.insert("parts".into(), Value::Table(parts));
    scope.insert("objects".into(), Value::Table(Scope::new()));
    Ok(scope)
}

/// Calls `f` with each template and each of its samples.
fn each_sample(mut f: impl FnMut(&Engine, &Template, &str, &Scope, &Sample)) {
    let engine = Engine::new();
    for template in Catalog::built_in().iter() {
        for (number, sample) in template.sample.iter().enumerate() {
            let place = format!("{}, sample {}", template.id, number + 1);
            if let Ok(scope) = scope(&engine, template, sample) {
                f(&engine, template, &place, &scope, sample);
            }
        }
    }
}

fn all_texts(engine: &Engine, template: &Template, scope: &Scope) -> Vec<(String, Format, Rendered)> {
    let mut texts = Vec::new();
    let mut names: Vec<Option<String>> =
        ways(engine, template, scope).unwrap_or_default().iter().map(|way| Some(way.id.clone())).collect();
    if names.is_empty() {
        names.push(None);
    }
    for way in names {
        for item in in_order(engine, template, scope, way.as_deref()).unwrap_or_default() {
            match item {
                Item::Entry(entry) => {
                    for view in entry.views {
                        let format = match view.kind {
                            ViewKind::Own => entry.format,
                            ViewKind::Compose => Format::Yaml,
                            ViewKind::DockerRun => Format::Shell,
                            ViewKind::Json => Format::Json,
                        };
                        texts.push((format!("entry \"{}\"", entry.id), format, view.text));
                    }
                    texts.extend(entry.again.map(|text| (format!("entry \"{}\", again", entry.id), entry.format, text)));
                }
                Item::Step(step) => texts.extend(step.command.map(|text| ("step".to_owned(), Format::Shell, text))),
                Item::Warning(_) => {}
            }
        }
    }
    texts
}

#[test]
fn every_template_is_sound() {
    let engine = Engine::new();
    let catalog = Catalog::built_in();
    assert_eq!(catalog.broken(), []);
    let mut wrong = Vec::new();
    for template in catalog.iter() {
        wrong.extend(lint(&engine, template).iter().map(|finding| format!("{}: {finding}", template.id)));
        for (number, answers) in template.sample.iter().enumerate() {
            let place = format!("{}, sample {}", template.id, number + 1);
            match scope(&engine, template, answers) {
                Ok(scope) => wrong.extend(sample(&engine, template, &scope).iter().map(|finding| format!("{place}: {finding}"))),
                Err(error) => wrong.push(format!("{place}: {error}")),
            }
        }
    }
    assert!(wrong.is_empty(), "{} findings:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn samples_give_what_they_expect() {
    each_sample(|engine, template, place, scope, sample| {
        for (name, wanted) in &sample.expect {
            let value = match name.split_once('.') {
                Some(("redirects", number)) => redirects(engine, template, scope).into_iter().nth(number.parse().unwrap()),
                _ => engine.plain(&format!("{{{{ {name} }}}}").as_str().into(), scope).ok(),
            };
            assert_eq!(value.as_ref(), Some(wanted), "{place}: {name}");
        }
    });
}

fn redirects(engine: &Engine, template: &Template, scope: &Scope) -> Vec<String> {
    let providers = template.provider.iter().chain(template.part.iter().map(|part| &part.provider));
    let mut uris = Vec::new();
    for redirect in providers.flat_map(|provider| &provider.redirects) {
        if !engine.wanted(redirect.when.as_ref(), scope).unwrap() {
            continue;
        }
        let items = match redirect.each.as_ref().map(|list| &scope[list]) {
            None => vec![Value::None],
            Some(Value::List(items)) => items.clone(),
            Some(_) => Vec::new(),
        };
        for item in items {
            let mut scope = scope.clone();
            scope.insert("item".into(), item);
            let uri = engine.plain(&redirect.uri, &scope);
            uris.push(uri.or_else(|_| engine.plain(redirect.until.as_ref().unwrap(), &scope)).unwrap());
        }
    }
    uris
}

#[test]
fn no_secret_shows_unasked() {
    each_sample(|engine, template, place, scope, _| {
        for (text_place, _, text) in all_texts(engine, template, scope) {
            assert!(!text.masked().contains(SECRET) && !format!("{text:?}").contains(SECRET), "{place}, {text_place}");
        }
    });
}

/// Pipes a text into a program that only checks it. None when the program is missing.
fn accepts(program: &[&str], text: &str) -> Option<Result<(), String>> {
    let mut child = Command::new(program[0])
        .args(&program[1..])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .ok()?;
    child.stdin.take().unwrap().write_all(text.as_bytes()).ok();
    let output = child.wait_with_output().ok()?;
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    if error.contains("No module named") || error.contains("command not found") {
        return None;
    }
    Some(if output.status.success() { Ok(()) } else { Err(error) })
}

/// Checks texts that are separated by NUL: starting Python for each takes too long.
const YAML: &str = "import sys, yaml\nfor text in sys.stdin.read().split('\\0'): list(yaml.safe_load_all(text))";
const PYTHON: &str = "import ast, sys\nfor text in sys.stdin.read().split('\\0'): ast.parse(text)";

#[test]
fn every_text_is_read_by_a_real_parser_where_one_is_installed() {
    let mut together = std::collections::BTreeMap::<&str, Vec<String>>::new();
    let mut skipped = std::collections::BTreeSet::new();
    each_sample(|engine, template, place, scope, _| {
        for (text_place, format, text) in all_texts(engine, template, scope) {
            let whole = text.reveal().expose_secret().to_owned();
            let program: &[&str] = match format {
                Format::Yaml => {
                    together.entry(YAML).or_default().push(whole);
                    continue;
                }
                Format::Python => {
                    together.entry(PYTHON).or_default().push(whole);
                    continue;
                }
                Format::Shell | Format::EnvShell => &["bash", "-n"],
                Format::Php => &["php", "-l"],
                Format::Ruby => &["ruby", "-c"],
                Format::Javascript => &["node", "--check", "-"],
                _ => continue,
            };
            match accepts(program, &whole) {
                None => {
                    skipped.insert(program[0]);
                }
                Some(result) => assert_eq!(result, Ok(()), "{place}, {text_place}:\n{}", text.masked()),
            }
        }
    });
    for (script, texts) in together {
        match accepts(&["python3", "-c", script], &texts.join("\0")) {
            None => {
                skipped.insert("python3 (or its yaml)");
            }
            Some(result) => assert_eq!(result, Ok(())),
        }
    }
    for program in skipped {
        println!("skipped: {program} is not installed");
    }
}

#[test]
fn lint_knows_the_names_of_all_addresses() {
    for name in NAMES {
        assert!(PLAN.contains(&name), "{name}");
    }
}
