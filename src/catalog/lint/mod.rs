//! Finds mistakes in a template before anybody trips over them.
//!
//! [`lint`] looks at the template alone. [`sample`] renders it for one set of answers and looks at what comes out.

mod names;
mod provider;
pub(crate) mod read;
mod regexes;
mod sample;
mod structure;
mod syntax;
mod walk;

use std::fmt;

pub use self::names::{OUTCOME, PLAN, SOURCE_OUTCOME, SOURCE_PLAN};
pub use self::regexes::problem as regex_problem;
pub use self::sample::{SampleText, redirect_problem, sample, texts};
pub use self::syntax::{is_built_in, problem as syntax_problem};
use super::render::Engine;
use super::template::Template;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It works, but could be better.
    Warning,
    /// It does not work, or does harm.
    Error,
}

/// A mistake in a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// Where it is: `entry "oauth", field "Client ID"`.
    pub place: String,
    /// What is wrong, as a sentence.
    pub sentence: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.sentence)
    }
}

/// The findings so far.
#[derive(Debug, Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn add(&mut self, severity: Severity, place: impl Into<String>, sentence: impl Into<String>) {
        let finding = Finding { severity, place: place.into(), sentence: sentence.into() };
        if !self.0.contains(&finding) {
            self.0.push(finding);
        }
    }

    fn error(&mut self, place: impl Into<String>, sentence: impl Into<String>) {
        self.add(Severity::Error, place, sentence);
    }

    fn warning(&mut self, place: impl Into<String>, sentence: impl Into<String>) {
        self.add(Severity::Warning, place, sentence);
    }
}

/// What is wrong with a template, whatever the answers are.
pub fn lint(engine: &Engine, template: &Template) -> Vec<Finding> {
    let mut findings = Findings::default();
    names::check(engine, template, &mut findings);
    structure::check(engine, template, &mut findings);
    provider::check(engine, template, &mut findings);
    findings.0
}

#[cfg(test)]
mod tests;
