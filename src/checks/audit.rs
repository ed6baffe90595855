//! The audit: every rule on every OAuth2/OpenID provider of the server, also those that akwiz did not make.
//!
//! It reads lists only, so the number of requests does not grow with the number of providers. Proxy providers and those of other kinds are
//! left out ([`crate::authentik::survey`]).

use super::about::{About, Kind};
use super::demands::Library;
use super::rules::{self, Finding, Severity, Subject};
use crate::authentik::survey::Survey;

/// What was found about one object.
#[derive(Debug, Clone)]
pub struct Entry {
    /// What it is about.
    pub about: About,
    /// What was found, the worst first.
    pub findings: Vec<Finding>,
}

/// Runs every rule on everything. Objects without a finding have an entry too.
pub fn audit(survey: &Survey, library: &Library<'_>) -> Vec<Entry> {
    let providers = survey.providers.iter().enumerate();
    let providers = providers.map(|(place, surveyed)| About::of_provider(place, surveyed, library.known(survey, surveyed)));
    let bare = survey.bare.iter().enumerate().map(|(place, found)| About::of(Kind::Application, place, found));
    let sources = survey.sources.iter().enumerate().map(|(place, found)| About::of(Kind::Source, place, found));
    let entry = |about: About| {
        let findings = findings(about.kind, &about.subject(survey));
        Entry { about, findings }
    };
    providers.chain(bare).chain(sources).map(entry).collect()
}

/// What every rule for objects of this kind says.
pub(super) fn findings(kind: Kind, subject: &Subject<'_>) -> Vec<Finding> {
    let mut findings = if kind == Kind::Application { Vec::new() } else { rules::run_all(subject) };
    if kind != Kind::Provider {
        findings.extend(rules::APART.iter().filter_map(|rule| rules::run(rule, subject)));
    }
    findings
}

/// The worst of everything that was found.
pub fn worst(entries: &[Entry]) -> Option<Severity> {
    entries.iter().flat_map(|entry| &entry.findings).map(|finding| finding.severity).max()
}
