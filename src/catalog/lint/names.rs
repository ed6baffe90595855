//! Names that do not exist, names that nobody uses, and braces that nobody renders.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use super::Findings;
use super::walk::{Moment, Source, strings};
use crate::catalog::render::Engine;
use crate::catalog::template::{Format, Kind, QuestionKind, Template};

/// Names that are known while the plan is made, besides answers and derived values.
pub const PLAN: [&str; 19] = [
    "groups",
    "parts",
    "slug",
    "app_name",
    "client_id",
    "client_secret",
    "requested",
    "authentik_url",
    "authentik_host",
    "issuer",
    "discovery_url",
    "authorize_url",
    "token_url",
    "userinfo_url",
    "jwks_url",
    "end_session_url",
    "revoke_url",
    "introspect_url",
    "device_url",
];

/// Names that are known once everything is made, besides those of [`PLAN`].
pub const OUTCOME: [&str; 1] = ["objects"];

/// As [`PLAN`], for a login source.
pub const SOURCE_PLAN: [&str; 6] = ["slug", "app_name", "authentik_url", "authentik_host", "callback", "scim_url"];

/// As [`OUTCOME`], for a login source.
pub const SOURCE_OUTCOME: [&str; 2] = ["servers", "scim_token"];

pub(super) fn check(engine: &Engine, template: &Template, findings: &mut Findings) {
    let (plan, outcome): (&[&str], &[&str]) = match template.kind {
        Kind::Application => (&PLAN, &OUTCOME),
        Kind::Source => (&SOURCE_PLAN, &SOURCE_OUTCOME),
    };
    let questions: Vec<&str> = template.question.iter().map(|question| question.id.as_str()).collect();
    let derived: Vec<&str> = template.derive.keys().map(String::as_str).collect();
    for name in questions.iter().chain(&derived) {
        let legal = name.starts_with(|c: char| c.is_ascii_lowercase());
        if !legal || !name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_') {
            findings.error(
                format!("name \"{name}\""),
                "A name has lower-case letters, digits and underscores, and begins with a letter.",
            );
        }
        // A source's slug is asked for: it is part of the address to register.
        let own_slug = template.kind == Kind::Source && *name == "slug";
        let taken = (plan.contains(name) && !own_slug) || outcome.contains(name) || *name == "item";
        if taken || questions.iter().chain(&derived).filter(|other| *other == name).count() > 1 {
            findings.error(format!("name \"{name}\""), "The name is taken already.");
        }
    }
    let mut used = BTreeSet::new();
    for string in strings(template) {
        let names = match string.source {
            Source::Text(text, format) => {
                braces(text.as_str(), format, &string.place, findings);
                engine.names(text)
            }
            Source::Expr(expression) => engine.names_in(expression),
            Source::Key(key) if !has_braces(key) => continue,
            Source::Key(key) => {
                findings.error(
                    &string.place,
                    "A table's key is taken as it is, braces and all. For a value in it, write the whole table as one expression.",
                );
                engine.names(&key.into())
            }
            Source::Literal(text) => {
                if has_braces(text) {
                    findings.error(&string.place, "Values cannot be used in this text: it is shown as it is.");
                }
                continue;
            }
        };
        let names = match names {
            Ok(names) => names,
            Err(error) => {
                findings.error(&string.place, error.message());
                continue;
            }
        };
        let earlier_questions = if let Moment::Question(number) = string.when { &questions[..number] } else { &questions[..] };
        let earlier_derived = match string.when {
            Moment::Question(_) => &[],
            Moment::Derive(number) => &derived[..number],
            _ => &derived[..],
        };
        for name in names {
            let name = name.as_str();
            let known = earlier_questions.contains(&name)
                || earlier_derived.contains(&name)
                || (matches!(string.when, Moment::Plan | Moment::Each | Moment::Settings) && plan.contains(&name))
                || (string.when == Moment::Settings && outcome.contains(&name))
                || (matches!(string.when, Moment::Each | Moment::EachAnswer) && name == "item");
            if !known {
                let later =
                    questions.contains(&name) || derived.contains(&name) || plan.contains(&name) || outcome.contains(&name);
                let why = if later { "which has no value yet at that point" } else { "which nothing defines" };
                findings.error(&string.place, format!("It uses `{name}`, {why}."));
            }
            used.insert(name.to_owned());
        }
    }
    let redirects = template.provider.iter().chain(template.part.iter().map(|part| &part.provider));
    used.extend(redirects.flat_map(|provider| &provider.redirects).filter_map(|redirect| redirect.each.clone()));
    used.extend(template.group.iter().filter_map(|group| group.each.clone()));
    for question in template.question.iter().filter(|question| !used.contains(&question.id)) {
        let place = format!("question \"{}\"", question.id);
        // A login source is made of answers that its kind brings along.
        if question.kind != QuestionKind::Constant || template.source.is_none() {
            findings.error(place, "Nothing uses the answer.");
        }
    }
    for name in derived.iter().filter(|name| !used.contains(**name)) {
        findings.error(format!("derive {name}"), "Nothing uses the value.");
    }
}

fn has_braces(text: &str) -> bool {
    text.contains("{{") || text.contains("{%")
}

/// Braces that do something else than they seem to.
fn braces(source: &str, format: Format, place: &str, findings: &mut Findings) {
    let source = RAW.replace_all(source, "");
    if source.contains("{#") {
        findings.error(
            place,
            "`{#` opens a comment that swallows the rest. Write the braces in a `literal`, or between raw and endraw.",
        );
    }
    // Markup is escaped and not quoted: its attributes have quotes of their own.
    if matches!(format, Format::Plain | Format::Html | Format::Xml) {
        return;
    }
    let quoted = source.match_indices("{{").any(|(at, _)| {
        let line = source[..at].rsplit('\n').next().unwrap_or_default();
        let mark = line.chars().next_back().filter(|c| "\"'`".contains(*c));
        // An even number of them: this one closed what stands before.
        mark.is_some_and(|mark| line.matches(mark).count() % 2 == 1)
    });
    if quoted {
        findings.error(
            place,
            "A value stands between quotes, but it is written with its own quotes where it needs them. Leave yours out.",
        );
    }
}

/// What is not rendered.
static RAW: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?s)\{%[-+]?\s*raw\s*[-+]?%\}.*?\{%[-+]?\s*endraw\s*[-+]?%\}").expect("the pattern is tested"));
