//! Renders a template for one set of answers, and looks at what comes out.

use secrecy::ExposeSecret as _;
use url::Url;

use super::syntax;
use super::{Finding, Findings, regexes};
use crate::catalog::render::{Engine, Item, RenderError, Rendered, ViewKind, in_order, to_register, ways};
use crate::catalog::template::{Format, MatchingMode, Provider, Template};
use crate::catalog::value::{Scope, Value};

/// What is wrong with a template for the answers in `scope`, which holds what [`super::PLAN`] and [`super::OUTCOME`] name.
pub fn sample(engine: &Engine, template: &Template, scope: &Scope) -> Vec<Finding> {
    let mut findings = Findings::default();
    let wanted = |condition: Option<&_>| engine.wanted(condition, scope).unwrap_or(false);
    if let Some(provider) = &template.provider {
        redirects(engine, provider, scope, "provider", &mut findings);
        requested(provider, scope, "provider", &mut findings);
    }
    for part in template.part.iter().filter(|part| wanted(part.when.as_ref())) {
        let place = format!("part \"{}\", provider", part.id);
        redirects(engine, &part.provider, scope, &place, &mut findings);
        if let Some(Value::Table(parts)) = scope.get("parts")
            && let Some(Value::Table(own)) = parts.get(&part.id)
        {
            requested(&part.provider, own, &place, &mut findings);
        }
    }
    settings(engine, template, scope, &mut findings);
    findings.0
}

/// authentik leaves out scopes that no mapping of the provider has, without a word.
fn requested(provider: &Provider, scope: &Scope, place: &str, findings: &mut Findings) {
    let Some(Value::List(requested)) = scope.get("requested") else { return };
    for name in requested.iter().filter_map(Value::as_text) {
        let granted = provider.scopes.iter().any(|builtin| builtin.scope() == name)
            || provider.mappings.iter().any(|mapping| mapping.scope == name)
            || provider.harmless.iter().any(|harmless| harmless == name);
        if !granted {
            let sentence = format!(
                "It requests the scope \"{name}\", for which the provider has no mapping: authentik would leave it out. Add it to \
                 `scopes`, give it a mapping, or say in `harmless` that nothing is lost."
            );
            findings.error(format!("{place}, requested"), sentence);
        }
    }
}

fn redirects(engine: &Engine, provider: &Provider, scope: &Scope, place: &str, findings: &mut Findings) {
    for (number, redirect) in provider.redirects.iter().enumerate() {
        let place = format!("{place}, redirect {}", number + 1);
        match engine.wanted(redirect.when.as_ref(), scope) {
            Ok(true) => {}
            Ok(false) => continue,
            Err(error) => {
                findings.error(&place, error.message());
                continue;
            }
        }
        let scopes: Vec<Scope> = match redirect.each.as_ref().map(|list| scope.get(list)) {
            None => vec![scope.clone()],
            Some(Some(Value::List(items))) => items.iter().map(|item| with_item(scope, item)).collect(),
            Some(_) => Vec::new(),
        };
        for scope in &scopes {
            let uri = engine.plain(&redirect.uri, scope).or_else(|error| match &redirect.until {
                Some(until) => engine.plain(until, scope),
                None => Err(error),
            });
            match uri {
                Ok(uri) => {
                    if let Some(problem) = redirect_problem(&uri, redirect.mode) {
                        findings.error(&place, problem);
                    }
                }
                Err(error) => findings.error(&place, error.message()),
            }
        }
    }
    for mapping in &provider.mappings {
        let place = format!("{place}, mapping \"{}\"", mapping.id);
        match engine
            .wanted(mapping.when.as_ref(), scope)
            .and_then(|on| on.then(|| engine.text(&mapping.expression, scope, Format::Python)).transpose())
        {
            Ok(Some(text)) if text.has_secret() => findings.error(&place, "A secret in a mapping can be read by others."),
            Ok(_) => {}
            Err(error) => findings.error(&place, error.message()),
        }
    }
}

fn with_item(scope: &Scope, item: &Value) -> Scope {
    let mut scope = scope.clone();
    scope.insert("item".to_owned(), item.clone());
    scope
}

/// What is wrong with a redirect URI, as a sentence. Custom schemes are legal (RFC 8252, 7.1), and it is never normalised.
pub fn redirect_problem(uri: &str, mode: MatchingMode) -> Option<String> {
    if mode == MatchingMode::Regex {
        return regexes::problem(uri);
    }
    match Url::parse(uri) {
        Ok(url) if url.fragment().is_some() => {
            Some(format!("\"{uri}\" has a fragment, which a redirect URI must not have (RFC 6749, 3.1.2)."))
        }
        Ok(url) if matches!(url.scheme(), "javascript" | "data" | "vbscript") => Some(format!("\"{uri}\" runs as a script.")),
        Ok(_) if uri.contains(char::is_whitespace) => Some(format!("\"{uri}\" has a space in it.")),
        Ok(url) if url.scheme().starts_with("http") && uri.contains('*') => {
            Some(format!("\"{uri}\" has a wildcard, which authentik does not know."))
        }
        Ok(url) if url.path().starts_with("//") => Some(format!("\"{uri}\" has two slashes where its path begins.")),
        Ok(_) => None,
        Err(error) => Some(format!("\"{uri}\" is no address: {error}.")),
    }
}

fn settings(engine: &Engine, template: &Template, scope: &Scope, findings: &mut Findings) {
    match texts(engine, template, scope) {
        Ok(texts) => {
            for SampleText { place, format, text } in texts {
                if let Some(problem) = syntax::problem(format, text.reveal().expose_secret()) {
                    findings.error(place, problem);
                }
            }
        }
        Err(error) => findings.error(error.place(), error.message()),
    }
    let texts = template.require.iter().map(|requirement| ("require", requirement.when.as_ref(), &requirement.text));
    let symptoms = template.verify.iter().flat_map(|verify| &verify.symptoms).map(|symptom| ("symptom", None, &symptom.fix));
    let verify = template.verify.iter();
    let verify = verify.flat_map(|verify| std::iter::once(&verify.text).chain(&verify.page).chain(&verify.shows));
    let verify = verify.map(|text| ("verify", None, text));
    for (place, when, text) in texts.chain(symptoms).chain(verify) {
        let rendered = engine.wanted(when, scope).and_then(|on| on.then(|| engine.plain(text, scope)).transpose());
        if let Err(error) = rendered {
            findings.error(place, error.message());
        }
    }
}

/// A text that goes into a file, a terminal or a program.
#[derive(Debug, Clone)]
pub struct SampleText {
    /// Where it is: `way "docker", entry "env", docker run`.
    pub place: String,
    /// What it must be parsed as.
    pub format: Format,
    /// The text.
    pub text: Rendered,
}

/// Every text of a template, for each way of deploying the application that these answers leave. What belongs to several ways comes once.
///
/// # Errors
/// The first text that cannot be rendered, with its place.
pub fn texts(engine: &Engine, template: &Template, scope: &Scope) -> Result<Vec<SampleText>, RenderError> {
    let mut ids: Vec<Option<&str>> = ways(engine, template, scope)?.iter().map(|way| Some(way.id.as_str())).collect();
    if ids.is_empty() {
        ids.push(None);
    }
    let mut texts: Vec<SampleText> = Vec::new();
    let mut add = |place: String, format: Format, text: Rendered| {
        if !texts.iter().any(|other| other.place == place) {
            texts.push(SampleText { place, format, text });
        }
    };
    for way in ids {
        let mut steps = 0;
        for item in to_register(engine, template, scope)?.into_iter().chain(in_order(engine, template, scope, way)?) {
            match item {
                Item::Entry(entry) => {
                    let place = format!("entry \"{}\"", entry.id);
                    for view in entry.views {
                        let (name, format) = match view.kind {
                            ViewKind::Own => ("", entry.format),
                            ViewKind::Compose => (", Compose", Format::Yaml),
                            ViewKind::DockerRun => (", docker run", Format::Shell),
                            ViewKind::Json => (", JSON", Format::Json),
                        };
                        add(format!("{place}{name}"), format, view.text);
                    }
                    if let Some(again) = entry.again {
                        add(format!("{place}, again"), entry.format, again);
                    }
                }
                Item::Step(step) => {
                    steps += 1;
                    if let Some(command) = step.command {
                        let way = way.map(|way| format!("way \"{way}\", ")).unwrap_or_default();
                        add(format!("{way}step {steps}"), Format::Shell, command);
                    }
                }
                Item::Warning(_) => {}
            }
        }
    }
    Ok(texts)
}
