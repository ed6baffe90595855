//! The provider: redirect URIs, mappings, and reasons for what is not authentik's default.

use std::sync::LazyLock;

use regex::Regex;

use super::Findings;
use super::regexes;
use crate::catalog::render::Engine;
use crate::catalog::template::{
    BuiltinScope, ClientType, Mapping, MatchingMode, Phase, Provider, QuestionKind, SubjectMode, Template,
};

/// What a mapping's expression must not use: names that authentik's versions do not share, and what reaches beyond the claims.
static FOREIGN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\.ak_groups\b|\.groups\b|\bimport\b|\b__\w+__\b|\b(exec|eval|open|requests|ak_create_\w+|ak_send_email|ak_call_policy)\b")
        .expect("the pattern is tested")
});

pub(super) fn check(engine: &Engine, template: &Template, findings: &mut Findings) {
    if let Some(provider) = &template.provider {
        one(engine, template, provider, "provider", findings);
    }
    for part in &template.part {
        one(engine, template, &part.provider, &format!("part \"{}\", provider", part.id), findings);
    }
}

fn one(engine: &Engine, template: &Template, provider: &Provider, place: &str, findings: &mut Findings) {
    if provider.redirects.is_empty() && provider.grants.iter().any(|grant| grant.as_str() == "authorization_code") {
        findings.error(place, "It has no redirect URI: authentik would take the first one that anybody requests.");
    }
    redirects(engine, template, provider, place, findings);
    for mapping in &provider.mappings {
        one_mapping(mapping, &format!("{place}, mapping \"{}\"", mapping.id), findings);
    }
    claims(provider, place, findings);
    if provider.sub_mode.value != SubjectMode::default() && provider.sub_mode.why.is_none() {
        findings.error(format!("{place}, sub_mode"), "What is not authentik's default needs a `why`.");
    }
    let lifetimes = &provider.lifetimes;
    for (name, lifetime) in [("code", &lifetimes.code), ("access", &lifetimes.access), ("refresh", &lifetimes.refresh)] {
        let Some(lifetime) = lifetime else { continue };
        let place = format!("{place}, lifetimes, {name}");
        if lifetime.why.is_none() {
            findings.error(&place, "What is not authentik's default needs a `why`.");
        }
        for duration in [Some(&lifetime.set), lifetime.min.as_ref(), lifetime.max.as_ref()].into_iter().flatten() {
            if !is_duration(duration) {
                findings.error(&place, format!("\"{duration}\" is no duration such as minutes=10 or days=30."));
            }
        }
    }
    let constants = provider.client_id.is_some() || provider.client_secret.is_some();
    if constants && !template.question.iter().any(|question| question.kind == QuestionKind::Constant) {
        findings.error(place, "Only a public constant is given as client id or secret: make it a question of kind constant.");
    }
    if provider.client_type == ClientType::Public && provider.client_secret.is_some() {
        findings.error(place, "A public client has no secret.");
    }
}

/// authentik's notation: `days=30`, `hours=1;minutes=30`.
fn is_duration(text: &str) -> bool {
    text.split(';').all(|part| {
        let units = ["microseconds", "milliseconds", "seconds", "minutes", "hours", "days", "weeks"];
        part.split_once('=').is_some_and(|(unit, number)| units.contains(&unit) && number.parse::<u32>().is_ok())
    })
}

fn redirects(engine: &Engine, template: &Template, provider: &Provider, place: &str, findings: &mut Findings) {
    for (number, redirect) in provider.redirects.iter().enumerate() {
        let place = format!("{place}, redirect {}", number + 1);
        if let Some(list) = &redirect.each
            && !template.question.iter().any(|question| question.id == *list && question.kind == QuestionKind::List)
        {
            findings.error(&place, format!("There is no list question \"{list}\"."));
        }
        let names = engine.names(&redirect.uri).unwrap_or_default();
        let late = |name: &String| template.question.iter().any(|question| question.id == *name && question.phase == Phase::Late);
        if names.iter().any(late) {
            let stand_in = redirect.until.as_ref().and_then(|until| url::Url::parse(until.as_str()).ok());
            if !stand_in.is_some_and(|url| url.host_str().is_some_and(|host| host.ends_with(".invalid"))) {
                findings.error(
                    &place,
                    "Before the late answer is there, it needs a stand-in in `until`, on a host that ends in .invalid.",
                );
            }
        }
        if redirect.mode == MatchingMode::Strict {
            continue;
        }
        if redirect.why.is_none() {
            findings.error(&place, "A regular expression needs a `why`.");
        }
        let source = redirect.uri.as_str();
        if EXPRESSION.find_iter(source).any(|found| !found.as_str().contains("regex_escape")) {
            findings.error(&place, "A value in a regular expression is escaped: {{ value | regex_escape }}.");
        }
        let pattern = EXPRESSION.replace_all(source, "x");
        if let Some(problem) = regexes::problem(&pattern) {
            findings.error(&place, problem);
        }
        if regexes::loose_dot(&pattern) {
            findings.error(&place, "A dot in a regular expression stands for any character: escape it with a backslash.");
        }
    }
}

static EXPRESSION: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\{\{.*?\}\}").expect("the pattern is tested"));

fn one_mapping(mapping: &Mapping, place: &str, findings: &mut Findings) {
    let expression = mapping.expression.as_str();
    let scope_is_legal =
        !mapping.scope.is_empty() && mapping.scope.bytes().all(|c| matches!(c, 0x21 | 0x23..=0x5b | 0x5d..=0x7e));
    if !scope_is_legal {
        findings.error(place, "A scope has no spaces, quotes or backslashes (RFC 6749, 3.3).");
    }
    if mapping.why.is_none() {
        findings.error(place, "A mapping needs a `why`.");
    }
    if !expression.contains("return") {
        findings.error(place, "The expression returns nothing.");
    }
    if let Some(found) = FOREIGN.find(expression) {
        let sentence = format!(
            "The expression uses `{}`. Use ak_is_group_member or request.user.all_groups(), which every version of authentik has.",
            found.as_str()
        );
        findings.error(place, sentence);
    }
    if mapping.claims.is_empty() {
        findings.error(place, "Say which claims it gives.");
    }
    for claim in &mapping.claims {
        if !expression.contains(&format!("\"{claim}\"")) && !expression.contains(&format!("'{claim}'")) {
            findings.error(place, format!("The expression does not give the claim \"{claim}\"."));
        }
    }
}

/// The claims of a built-in mapping.
fn builtin_claims(scope: BuiltinScope) -> &'static [&'static str] {
    match scope {
        BuiltinScope::Openid => &["sub"],
        BuiltinScope::Email => &["email", "email_verified"],
        BuiltinScope::Profile => &["name", "given_name", "preferred_username", "nickname", "groups"],
        BuiltinScope::Entitlements => &["entitlements", "roles"],
        BuiltinScope::OfflineAccess | BuiltinScope::Api => &[],
    }
}

/// authentik merges mappings that give the same claim: lists double, and of other values the last one wins.
fn claims(provider: &Provider, place: &str, findings: &mut Findings) {
    let mut ids: Vec<&str> = Vec::new();
    for (number, mapping) in provider.mappings.iter().enumerate() {
        let place = format!("{place}, mapping \"{}\"", mapping.id);
        if ids.contains(&mapping.id.as_str()) {
            findings.error(&place, "The id is there twice.");
        }
        ids.push(&mapping.id);
        for other in &provider.mappings[..number] {
            // With different conditions they may exclude each other.
            let together = mapping.when == other.when || mapping.when.is_none() || other.when.is_none();
            if let Some(claim) = mapping.claims.iter().find(|claim| together && other.claims.contains(claim)) {
                findings.error(&place, format!("The mapping \"{}\" gives the claim \"{claim}\" too.", other.id));
            }
        }
        let replaced = |scope: &BuiltinScope| provider.mappings.iter().any(|other| other.replaces.contains(scope));
        for scope in provider.scopes.iter().filter(|scope| !replaced(scope)) {
            if let Some(claim) = mapping.claims.iter().find(|claim| builtin_claims(*scope).contains(&claim.as_str())) {
                let sentence =
                    format!("authentik's own mapping for {} gives the claim \"{claim}\" too: replace it.", scope.scope());
                findings.error(&place, sentence);
            }
        }
        for scope in &mapping.replaces {
            if !provider.scopes.contains(scope) {
                findings.error(&place, format!("It replaces the mapping for {}, which is not selected.", scope.scope()));
            }
        }
    }
}
