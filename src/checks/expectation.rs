//! What an application needs, as its template says for the answers that were given.

use std::collections::BTreeSet;

use super::needs::Needs;
use crate::catalog::render::Engine;
use crate::catalog::template::{BuiltinScope, EntryKind, Lifetimes, MatchingMode, Part, Template};
use crate::catalog::value::{Scope, Value};
use crate::setup::answers::Answers;
use crate::setup::mint::Minted;
use crate::setup::planner::first_address;
use crate::setup::question::resolve;
use crate::setup::recall::recalled;
use crate::setup::receipt::Receipt;

/// What an application needs.
#[derive(Debug, Clone, Default)]
pub struct Expectation {
    /// The application's name, for sentences.
    pub name: String,
    /// Its own address.
    pub address: Option<String>,
    /// What its template says; none where no template is known.
    pub known: Option<Known>,
}

/// What a template says that its application needs.
#[derive(Debug, Clone)]
pub struct Known {
    /// What it needs whatever was answered, and what follows from the answers.
    pub needs: Needs,
    /// How long codes and tokens may live.
    pub lifetimes: Lifetimes,
    /// The scopes that it asks for.
    pub requested: Vec<String>,
    /// Claims that it relies on.
    pub claims: Vec<Claim>,
    /// It must reach authentik by HTTPS.
    pub https: bool,
    /// A public page of it that shows the login button, and what stands there then.
    pub login: Option<(String, Vec<String>)>,
    /// The name of its container.
    pub container: Option<String>,
    /// Redirect URIs that only stand in for one that the application shows later.
    pub provisional: Vec<String>,
}

/// A claim that an application relies on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Its name.
    pub name: String,
    /// The scope that brings it.
    pub scope: String,
    /// Only some people have it, such as the members of a group.
    pub conditional: bool,
}

impl Expectation {
    /// An application of which no template is known.
    pub fn unknown(name: impl Into<String>) -> Self {
        Self { name: name.into(), address: None, known: None }
    }
}

/// What the part `part` of a template needs; `scope` is what its texts see. What cannot be made from `scope` is left out.
pub fn expectations(engine: &Engine, template: &Template, part: &str, scope: &Scope) -> Expectation {
    let unknown = Expectation::unknown(template.name.clone());
    let Some(part) = template.parts().iter().find(|known| known.id == part) else { return unknown };
    let scope = &own_scope(&part.id, scope);
    let mut needs = Needs::of(template, &part.provider);
    let verified = template.needs.email_verified.as_ref();
    needs.email_verified = verified.is_some_and(|need| engine.wanted(need.when.as_ref(), scope).unwrap_or(false));
    let known = Known {
        needs,
        lifetimes: part.provider.lifetimes.clone(),
        requested: requested(engine, part, scope),
        claims: claims(engine, template, part, scope),
        https: template.needs.https,
        login: login(engine, template, scope),
        container: container(engine, template, scope),
        provisional: provisional(engine, part, scope),
    };
    Expectation {
        name: text(scope, "app_name").unwrap_or_else(|| template.name.clone()),
        address: address(engine, template, part, scope),
        known: Some(known),
    }
}

impl Expectation {
    /// What the part `part` of a template needs with these answers.
    pub fn from_answers(engine: &Engine, template: &Template, answers: &Answers, part: &str) -> Self {
        let resolved = resolve(engine, template, answers, &Minted::default());
        let mut expectation = expectations(engine, template, part, &resolved.scope);
        if let Some(known) = &mut expectation.known {
            known.needs.issuer_mode = answers.options.issuer_mode.unwrap_or(known.needs.issuer_mode);
        }
        expectation
    }

    /// What the application that `receipt` records needs, as far as its answers tell: they hold no secrets.
    pub fn from_receipt(engine: &Engine, template: &Template, receipt: &Receipt, part: &str) -> Self {
        Self::from_answers(engine, template, &recalled(receipt), part)
    }
}

/// What the texts of one part see: its own names before those of the first part.
fn own_scope(part: &str, scope: &Scope) -> Scope {
    let mut own = scope.clone();
    if let Some(Value::Table(table)) = scope.get("parts")
        && let Some(Value::Table(names)) = table.get(part)
    {
        own.extend(names.clone());
    }
    own
}

fn text(scope: &Scope, name: &str) -> Option<String> {
    scope.get(name).and_then(Value::as_text).map(str::to_owned)
}

fn requested(engine: &Engine, part: &Part, scope: &Scope) -> Vec<String> {
    match &part.provider.requested {
        Some(requested) => {
            requested.iter().filter_map(|text| engine.plain(text, scope).ok()).filter(|scope| !scope.is_empty()).collect()
        }
        None => part.provider.scopes.iter().map(|scope| scope.scope().to_owned()).collect(),
    }
}

/// The claims that the application relies on: those of its own mappings, the one it reads groups from, and what its scopes are for.
fn claims(engine: &Engine, template: &Template, part: &Part, scope: &Scope) -> Vec<Claim> {
    let mut claims = Vec::new();
    let mut add = |name: &str, scope: &str, conditional: bool| {
        if claims.iter().all(|known: &Claim| known.name != name) {
            claims.push(Claim { name: name.to_owned(), scope: scope.to_owned(), conditional });
        }
    };
    // Some know people by their e-mail address alone.
    if !engine.switch(&part.provider.sub_mode.inert, scope).unwrap_or(false) {
        add("sub", "openid", false);
    }
    for mapping in &part.provider.mappings {
        if engine.wanted(mapping.when.as_ref(), scope).unwrap_or(false) {
            let conditional = mapping.expression.as_str().contains("if ");
            mapping.claims.iter().for_each(|claim| add(claim, &mapping.scope, conditional));
        }
    }
    for builtin in &part.provider.scopes {
        match builtin {
            BuiltinScope::Email => add("email", "email", false),
            BuiltinScope::Profile => ["name", "preferred_username"].into_iter().for_each(|claim| add(claim, "profile", false)),
            _ => {}
        }
    }
    if engine.switch(&template.needs.groups, scope).unwrap_or(false) {
        add("groups", "profile", false);
    }
    claims
}

/// Where people open it: its tile's address, else the first address that was asked for.
fn address(engine: &Engine, template: &Template, part: &Part, scope: &Scope) -> Option<String> {
    let launch = part.application.launch_url.as_ref().and_then(|text| engine.plain(text, scope).ok());
    launch.or_else(|| first_address(template, scope)).filter(|address| address.starts_with("http"))
}

fn login(engine: &Engine, template: &Template, scope: &Scope) -> Option<(String, Vec<String>)> {
    let verify = template.verify.as_ref()?;
    let page = engine.plain(verify.page.as_ref()?, scope).ok()?;
    let shows: Vec<String> = verify.shows.iter().filter_map(|text| engine.plain(text, scope).ok()).collect();
    (page.starts_with("http") && !shows.is_empty()).then_some((page, shows))
}

/// The container that the template's own commands run in.
fn container(engine: &Engine, template: &Template, scope: &Scope) -> Option<String> {
    let mut runs = template.entry.iter().filter(|entry| matches!(entry.kind, EntryKind::Command | EntryKind::Api));
    let named = runs.find_map(|entry| entry.run.as_ref()?.container.as_ref())?;
    engine.plain(named, scope).ok()
}

/// The addresses that stand in for late answers.
fn provisional(engine: &Engine, part: &Part, scope: &Scope) -> Vec<String> {
    let strict = part.provider.redirects.iter().filter(|redirect| redirect.mode == MatchingMode::Strict);
    let found: BTreeSet<String> = strict.filter_map(|redirect| engine.plain(redirect.until.as_ref()?, scope).ok()).collect();
    found.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::load::Catalog;
    use crate::catalog::template::SlashRule;
    use crate::setup::answers::Input;

    fn of(id: &str, given: &[(&str, &str)]) -> Expectation {
        let engine = Engine::new();
        let catalog = Catalog::built_in();
        let template = catalog.get(id).unwrap();
        let mut answers = Answers::new(id);
        for (question, text) in given {
            answers.give(question, Input::Text((*text).to_owned()));
        }
        let resolved = resolve(&engine, template, &answers, &Minted::default());
        let part = template.parts()[0].id.clone();
        expectations(&engine, template, &part, &resolved.scope)
    }

    #[test]
    fn a_template_says_what_its_application_needs() {
        let portainer = of("portainer", &[("app", "https://portainer.example.com")]);
        assert_eq!(portainer.address.as_deref(), Some("https://portainer.example.com/"));
        let known = portainer.known.unwrap();
        assert_eq!(known.needs.slash, SlashRule::Unused);
        assert!(known.claims.iter().any(|claim| claim.name == "preferred_username" && claim.scope == "profile"));
        assert!(!known.needs.email_verified && known.provisional.is_empty());
        assert!(of("vaultwarden", &[]).known.unwrap().needs.email_verified);
        let has_sub = |known: Known| known.claims.iter().any(|claim| claim.name == "sub");
        assert!(has_sub(known) && !has_sub(of("pgadmin", &[]).known.unwrap()), "pgAdmin goes by the e-mail address");
        assert_eq!(of("chatgpt", &[]).known.unwrap().provisional, ["https://chatgpt-setup.invalid/callback"]);
    }
}
