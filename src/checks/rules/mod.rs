//! The rules: one for each known cause of a login that fails, and for what a careful administrator would not leave as it is.
//!
//! A rule is data (its name, the texts that users see, why, what to do) and one small function that looks at a [`Subject`]. Adding one is
//! adding it to a file here and to [`ALL`].

mod access;
mod addresses;
mod application;
mod compare;
mod email;
mod encryption;
#[cfg(test)]
mod fixture;
mod grants;
mod groups;
mod issuer;
mod network;
mod objects;
mod pattern;
mod plex;
mod redirects;
mod scopes;
mod signing;
mod subject;
mod subject_mode;

use serde::Serialize;

pub use compare::{Difference, differences, nearest, side_by_side};
pub use subject::{Asked, Documents, Person, Refusal, Subject};

use crate::setup::fix::Fix;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing. Often it is meant so.
    Info,
    /// It works, or seems to, and it is wrong or unsafe.
    Warning,
    /// Logins fail.
    Error,
}

impl Severity {
    /// The word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Info => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// One cause.
pub struct Rule {
    /// Its name for scripts, which never changes.
    pub id: &'static str,
    /// Its name for people.
    pub name: &'static str,
    /// How bad it is, where the rule's function does not say otherwise.
    pub severity: Severity,
    /// Why it is bad.
    pub reason: &'static str,
    /// What to do about it, beside or instead of a fix.
    pub advice: &'static str,
    /// Texts that users see, as they stand in logs and on error pages; `…` stands for anything.
    pub symptoms: &'static [&'static str],
    /// Looks for the cause. None: it is not there, or cannot be seen from here.
    pub look: fn(&Subject<'_>) -> Option<Seen>,
}

impl std::fmt::Debug for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.id)
    }
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

/// What a rule saw.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Seen {
    /// What is so: one or two sentences.
    pub text: String,
    /// Lines that are shown as they are, such as two addresses one below the other.
    pub lines: Vec<String>,
    /// What mends it.
    pub fixes: Vec<Fix>,
    /// How bad it is here, where that is not as usual.
    pub severity: Option<Severity>,
    /// What to do here, where that is not as usual.
    pub advice: Option<String>,
}

impl Seen {
    fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    fn fix(mut self, fix: Fix) -> Self {
        self.fixes.push(fix);
        self
    }

    fn severity(mut self, severity: Severity) -> Self {
        self.severity = Some(severity);
        self
    }

    fn advice(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }
}

/// A cause that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The rule.
    pub rule: &'static Rule,
    /// How bad it is.
    pub severity: Severity,
    /// What was pasted speaks of it.
    pub heard: bool,
    /// It was seen on the server, or in what was pasted; otherwise it is only spoken of.
    pub confirmed: bool,
    /// What is so.
    pub text: String,
    /// Lines that are shown as they are.
    pub lines: Vec<String>,
    /// What to do.
    pub advice: String,
    /// What mends it.
    pub fixes: Vec<Fix>,
}

impl Finding {
    /// Whether it is more than worth knowing.
    pub fn is_wrong(&self) -> bool {
        self.heard || self.severity > Severity::Info
    }
}

/// Every rule. The first 18 causes are in the order in which they bite.
pub static ALL: [&Rule; 30] = [
    &issuer::MISMATCH,
    &redirects::MISMATCH,
    &signing::NO_KEY,
    &email::UNVERIFIED,
    &network::UNREACHABLE,
    &network::UNTRUSTED,
    &grants::MISSING,
    &network::PROXY_HEADERS,
    &groups::MISSING,
    &addresses::WRONG,
    &subject_mode::OTHER,
    &access::DENIED,
    &signing::KEY_TYPE,
    &encryption::SET,
    &application::PREREQUISITES,
    &grants::NO_REFRESH,
    &plex::FRIENDS,
    &network::CLOCK,
    &application::CLIENT_SECRET,
    &access::SOURCE_FLOW,
    &scopes::NONE,
    &scopes::UNMAPPED,
    &redirects::EMPTY,
    &redirects::WIDE,
    &redirects::PLAIN_HTTP,
    &signing::EXPIRING,
    &objects::NO_INVALIDATION_FLOW,
    &objects::NO_APPLICATION,
    &objects::OPEN_TO_EVERYONE,
    &objects::TEMPLATE_DIFFERS,
];

/// The rules for applications without a provider and for login sources are run by the audit on their own.
pub static APART: [&Rule; 2] = [&objects::NO_PROVIDER, &plex::NOBODY];

/// The id of the rule about Plex, which is about a source and not about an application.
pub const PLEX: &str = "plex-friends";
/// The ids of the rules that the header of a token can speak of.
pub const NO_KEY: &str = "no-signing-key";
/// See [`NO_KEY`].
pub const KEY_TYPE: &str = "signing-key-type";
/// See [`NO_KEY`].
pub const ENCRYPTION: &str = "encryption-key";

/// The rules whose texts `text` has, in the order of [`ALL`].
pub fn heard(text: &str) -> Vec<&'static Rule> {
    let text = squeezed(text);
    ALL.iter().copied().filter(|rule| rule.symptoms.iter().any(|symptom| speaks_of(&text, symptom))).collect()
}

/// Whether a squeezed text has the pieces of a symptom, in order.
fn speaks_of(text: &str, symptom: &str) -> bool {
    let symptom = squeezed(symptom);
    let mut rest = text;
    symptom.split('…').map(str::trim).filter(|piece| !piece.is_empty()).all(|piece| match rest.find(piece) {
        Some(place) => {
            rest = &rest[place + piece.len()..];
            true
        }
        None => false,
    })
}

/// Small letters, single spaces, plain quotes: what copying changes does not count. Logs in JSON put backslashes before quotes.
fn squeezed(text: &str) -> String {
    let plain: String = text
        .chars()
        .filter(|letter| *letter != '\\')
        .map(|letter| match letter {
            '“' | '”' | '„' => '"',
            '‘' | '’' | '`' => '\'',
            other => other,
        })
        .collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// Runs one rule.
pub fn run(rule: &'static Rule, subject: &Subject<'_>) -> Option<Finding> {
    let heard = subject.heard(rule);
    if let Some(seen) = (rule.look)(subject) {
        return Some(Finding {
            rule,
            severity: seen.severity.unwrap_or(rule.severity),
            heard,
            confirmed: true,
            text: seen.text,
            lines: seen.lines,
            advice: seen.advice.unwrap_or_else(|| rule.advice.to_owned()),
            fixes: seen.fixes,
        });
    }
    heard.then(|| Finding {
        rule,
        severity: rule.severity,
        heard,
        confirmed: false,
        text: if subject.provider.is_some() || subject.source.is_some() {
            "What was pasted says so. In authentik nothing of the kind is seen, so the cause lies with the application or between the two."
        } else {
            "What was pasted says so. Nothing was looked at in authentik, because it is not known which application it is about."
        }
        .to_owned(),
        lines: Vec::new(),
        advice: rule.advice.to_owned(),
        fixes: Vec::new(),
    })
}

/// Runs every rule: what was spoken of first, then what is worst.
pub fn run_all(subject: &Subject<'_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = ALL.iter().filter_map(|rule| run(rule, subject)).collect();
    findings.sort_by_key(|finding| std::cmp::Reverse((finding.heard && finding.confirmed, finding.heard, finding.severity)));
    findings
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ids_are_unique_and_texts_are_sentences() {
        let all: Vec<&Rule> = ALL.iter().chain(&APART).copied().collect();
        let ids: BTreeSet<&str> = all.iter().map(|rule| rule.id).collect();
        assert_eq!(ids.len(), all.len());
        for rule in all {
            assert!(rule.id.chars().all(|letter| letter.is_ascii_lowercase() || "-0123456789".contains(letter)), "{}", rule.id);
            assert!(!rule.name.ends_with('.') && !rule.name.is_empty(), "{}", rule.id);
            for text in [rule.reason, rule.advice] {
                assert!(text.ends_with('.'), "{}: {text}", rule.id);
            }
        }
    }

    #[test]
    fn every_symptom_leads_to_its_rule() {
        for rule in ALL {
            for symptom in rule.symptoms {
                let pasted = format!("time=x level=error msg=\"{}\" more", symptom.replace('…', "https://a.example/x"));
                assert!(heard(&pasted).contains(&rule), "{}: {symptom}", rule.id);
            }
        }
    }

    #[test]
    fn what_copying_changes_does_not_count() {
        let text = "OIDC: malformed JWT:  unexpected\n signature algorithm \\\"HS256\\\"; expected [\\\"RS256\\\"]";
        assert_eq!(heard(text), [&signing::NO_KEY]);
        assert!(heard("everything is fine").is_empty());
    }
}
