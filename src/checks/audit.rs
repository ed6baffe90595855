//! The audit: every rule on every OAuth2/OpenID provider of the server, also those that akwiz did not make.
//!
//! It reads lists only, so the number of requests does not grow with the number of providers. Proxy providers and those of other kinds are
//! left out ([`crate::authentik::survey`]).

use super::demands::Library;
use super::rules::{self, Finding, Severity, Subject};
use crate::authentik::survey::Survey;
use crate::setup::fix::Target;
use crate::setup::setting::Field;

/// What was found about one object.
#[derive(Debug, Clone)]
pub struct Entry {
    /// What it is about.
    pub about: About,
    /// What was found, the worst first.
    pub findings: Vec<Finding>,
}

/// What an entry is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// What sort of object it is.
    pub kind: Kind,
    /// Its place in the survey's list of that kind.
    pub place: usize,
    /// The application's name, else the provider's or the source's.
    pub name: String,
    /// The application's or the source's slug.
    pub slug: Option<String>,
    /// The provider's primary key.
    pub provider: Option<String>,
    /// The template's id, where one is known.
    pub template: Option<String>,
}

/// What sort of object it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A provider, with its application if it has one.
    Provider,
    /// An application without a provider.
    Application,
    /// A login source.
    Source,
}

impl Kind {
    /// The word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Provider => "provider",
            Self::Application => "application",
            Self::Source => "source",
        }
    }
}

impl About {
    /// What fixes are made for.
    pub fn target<'s>(&self, survey: &'s Survey) -> Option<Target<'s>> {
        let empty = Target { facts: &survey.facts, provider: None, application: None, bindings: &[], source: None };
        match self.kind {
            Kind::Provider => {
                let surveyed = survey.providers.get(self.place)?;
                Some(Target {
                    provider: Some(&surveyed.provider),
                    application: surveyed.application.as_ref(),
                    bindings: &surveyed.bindings,
                    ..empty
                })
            }
            Kind::Application => None,
            Kind::Source => Some(Target { source: Some(survey.sources.get(self.place)?), ..empty }),
        }
    }
}

/// Runs every rule on everything. Objects without a finding have an entry too.
pub fn audit(survey: &Survey, library: &Library<'_>) -> Vec<Entry> {
    let facts = &survey.facts;
    let text = |found: &crate::setup::facts::Found, field| found.text(field).map(str::to_owned);
    let mut entries = Vec::new();
    for (place, surveyed) in survey.providers.iter().enumerate() {
        let known = library.known(survey, surveyed);
        let subject = Subject {
            provider: Some(&surveyed.provider),
            application: surveyed.application.as_ref(),
            bindings: &surveyed.bindings,
            known: known.as_ref(),
            ..Subject::new(facts)
        };
        let about = About {
            kind: Kind::Provider,
            place,
            name: subject.name().to_owned(),
            slug: surveyed.slug().map(str::to_owned),
            provider: Some(surveyed.provider.pk.clone()),
            template: known.as_ref().map(|known| known.template.clone()),
        };
        entries.push(Entry { about, findings: rules::run_all(&subject) });
    }
    for (place, application) in survey.bare.iter().enumerate() {
        let subject = Subject { application: Some(application), ..Subject::new(facts) };
        let about = About {
            kind: Kind::Application,
            place,
            name: subject.name().to_owned(),
            slug: text(application, Field::Slug),
            provider: None,
            template: None,
        };
        entries.push(Entry { about, findings: apart(&subject) });
    }
    for (place, source) in survey.sources.iter().enumerate() {
        let subject = Subject { source: Some(source), ..Subject::new(facts) };
        let about = About {
            kind: Kind::Source,
            place,
            name: subject.name().to_owned(),
            slug: text(source, Field::Slug),
            provider: None,
            template: None,
        };
        let mut findings = rules::run_all(&subject);
        findings.extend(apart(&subject));
        entries.push(Entry { about, findings });
    }
    entries
}

fn apart(subject: &Subject<'_>) -> Vec<Finding> {
    rules::APART.iter().filter_map(|rule| rules::run(rule, subject)).collect()
}

/// The worst of everything that was found.
pub fn worst(entries: &[Entry]) -> Option<Severity> {
    entries.iter().flat_map(|entry| &entry.findings).map(|finding| finding.severity).max()
}
