//! Login sources: kind, type, slug, and the addresses to register at the service.

use std::path::Path;

use akwiz::catalog::lint::texts;
use akwiz::catalog::load::Catalog;
use akwiz::catalog::render::Engine;
use akwiz::catalog::template::{Kind, Template};
use akwiz::catalog::value::Value;
use akwiz::setup::facts::Version;
use akwiz::setup::sample::{PUBLIC_URL, new_server, plan_on, scope};
use secrecy::ExposeSecret as _;
use serde::Deserialize;

use crate::deviations::Difference;

#[derive(Debug, Deserialize)]
struct Fact {
    id: String,
    api: Api,
    #[serde(default)]
    variables: Vec<crate::fact::Variable>,
    #[serde(default)]
    provider_side: Vec<Registered>,
}

#[derive(Debug, Deserialize)]
struct Api {
    endpoint: String,
    provider_type: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Registered {
    value: Option<String>,
}

/// What differs for every source that has a template.
pub fn differences(folder: &Path) -> Vec<Difference> {
    let catalog = Catalog::built_in();
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut found = Vec::new();
    let mut missing = Vec::new();
    for file in files {
        let source = std::fs::read_to_string(&file).unwrap();
        let fact: Fact = serde_json::from_str(&source).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        // Some names are those of an application too.
        let names = [fact.id.clone(), format!("{}-login", fact.id), format!("{}-source", fact.id)];
        let is_it = |template: &&Template| template.kind == Kind::Source && names.contains(&template.id);
        match catalog.iter().find(is_it) {
            Some(template) => found.extend(compare(template, &fact)),
            None => missing.push(fact.id),
        }
    }
    assert!(missing.is_empty(), "login sources without a template: {missing:?}");
    found
}

fn compare(template: &Template, fact: &Fact) -> Vec<Difference> {
    let engine = Engine::new();
    let mut found = Vec::new();
    let mut add = |field: &str, fact: &str, here: &str| {
        if fact != here {
            let (field, fact, here) = (field.to_owned(), fact.to_owned(), here.to_owned());
            found.push(Difference { template: template.id.clone(), field, fact, here });
        }
    };
    let source = template.source.as_ref().unwrap();
    let api = format!("/api/v3/sources/{}/", format!("{:?}", source.api).to_lowercase());
    add("API", &fact.api.endpoint, &api);
    if let Some(wanted) = &fact.api.provider_type {
        let types: Vec<&str> = source.types.iter().map(|one| one.value.as_str()).collect();
        if !types.contains(&wanted.as_str()) {
            add("provider type", wanted, &types.join(" "));
        }
    }
    let sample = template.sample.first().unwrap();
    let plan = plan_on(&engine, template, sample, &new_server(Version::new(2026, 5, 0)))
        .unwrap_or_else(|error| panic!("{}: {error}", template.id));
    let slug = plan.scope.get("slug").and_then(Value::as_text).unwrap_or_default().to_owned();
    let default = fact.variables.iter().find(|variable| variable.name == "slug").and_then(|variable| variable.default.clone());
    if let Some(default) = default {
        add("slug", &default, &slug);
    }
    let texts = texts(&engine, template, &scope(&plan)).unwrap();
    let shown: String = texts.iter().map(|text| text.text.reveal().expose_secret().to_owned()).collect();
    for value in fact.provider_side.iter().filter_map(|registered| registered.value.as_ref()) {
        let address = value.replace("{authentik_url}", PUBLIC_URL).replace("{slug}", &slug);
        if value.contains("{authentik_url}/source/") && !shown.contains(&address) {
            add("address to register", value, "");
        }
    }
    found
}
