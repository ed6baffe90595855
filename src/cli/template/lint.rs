//! `akwiz template lint`.

use std::fmt::Write as _;
use std::path::PathBuf;

use secrecy::ExposeSecret as _;
use serde::Serialize;

use super::interpreters::{self, Sample};
use super::place;
use crate::catalog::lint::{Severity, texts};
use crate::catalog::load::read;
use crate::catalog::render::Engine;
use crate::catalog::template::Template;
use crate::cli::document::VERSION;
use crate::cli::output::Output;
use crate::error::{Ended, Result};
use crate::setup::facts::Version;
use crate::setup::sample::{check, new_server, plan_on, scope};

/// What was found.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "template-lint"))]
pub(in crate::cli) struct LintDocument {
    /// How many templates were read.
    templates: usize,
    /// How many texts were rendered.
    texts: usize,
    /// What is wrong, in the order of the files.
    findings: Vec<Found>,
    /// What could not be checked on this machine, and why.
    skipped: Vec<String>,
}

/// One finding.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "finding"))]
struct Found {
    /// The template's file.
    file: String,
    /// The line, from 1, where it is known.
    line: Option<usize>,
    /// The column, from 1, where it is known.
    column: Option<usize>,
    /// `error` or `warning`.
    severity: &'static str,
    /// Where in the template: `entry "oauth", field "Client ID"`. Empty where it is about the whole file.
    place: String,
    /// What is wrong, as a sentence.
    message: String,
}

impl Found {
    fn new(file: &str, at: Option<(usize, usize)>, severity: &'static str, place: String, message: String) -> Self {
        let (line, column) = at.unzip();
        Self { file: file.to_owned(), line, column, severity, place, message }
    }
}

/// Checks the files and says what is wrong, one line a finding.
///
/// # Errors
/// When the result cannot be printed. What is wrong with a template is a finding.
pub(super) fn run(files: &[PathBuf], output: &Output) -> Result<Ended> {
    let document = examine(files);
    for sentence in &document.skipped {
        output.note(sentence);
    }
    if output.is_json() {
        output.document("template-lint", VERSION, &document)?;
    } else {
        output.result(document.text().trim_end())?;
    }
    Ok(if document.count("error") == 0 { Ended::Done } else { Ended::Findings })
}

fn examine(files: &[PathBuf]) -> LintDocument {
    let engine = Engine::new();
    let mut findings = Vec::new();
    let mut sources = Vec::new();
    let mut samples = Vec::new();
    for file in files {
        let name = file.display().to_string();
        match read(file) {
            Ok((template, source)) => {
                for finding in check(&engine, &template) {
                    let severity = if finding.severity == Severity::Error { "error" } else { "warning" };
                    let at = place::find(&source, &finding.place);
                    findings.push(Found::new(&name, at, severity, finding.place, finding.sentence));
                }
                samples.extend(rendered(&engine, &template, sources.len()));
                sources.push((name, source));
            }
            Err(error) => {
                let message = format!("{}.", error.message.trim_end_matches('.'));
                findings.push(Found::new(&name, error.at, "error", String::new(), message));
            }
        }
    }
    let (owners, samples): (Vec<usize>, Vec<Sample>) = samples.into_iter().unzip();
    let verdict = interpreters::check(&samples);
    for (number, message) in verdict.refused {
        let (name, source) = &sources[owners[number]];
        let place = samples[number].place.clone();
        let message = format!("{}.", message.trim_end_matches('.'));
        findings.push(Found::new(name, place::find(source, &place), "error", place, message));
    }
    LintDocument { templates: files.len(), texts: samples.len(), findings, skipped: verdict.skipped }
}

/// The texts of all samples that can be planned, each with the number of its template.
fn rendered(engine: &Engine, template: &Template, owner: usize) -> Vec<(usize, Sample)> {
    let facts = new_server(Version::new(2026, 5, 0));
    let mut samples = Vec::new();
    for (number, sample) in template.sample.iter().enumerate() {
        // What cannot be planned or rendered is a finding already.
        let Ok(plan) = plan_on(engine, template, sample, &facts) else { continue };
        let Ok(texts) = texts(engine, template, &scope(&plan)) else { continue };
        samples.extend(texts.into_iter().map(|text| {
            let whole = text.text.reveal().expose_secret().to_owned();
            (owner, Sample { place: format!("sample {}, {}", number + 1, text.place), format: text.format, text: whole })
        }));
    }
    samples
}

impl LintDocument {
    fn count(&self, severity: &str) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }

    fn text(&self) -> String {
        let mut text = String::new();
        for Found { file, line, column, severity, place, message } in &self.findings {
            text.push_str(file);
            for number in line.iter().chain(column) {
                let _ = write!(text, ":{number}");
            }
            let place = if place.is_empty() { String::new() } else { format!("{place}: ") };
            let _ = writeln!(text, ": {severity}: {place}{message}");
        }
        let (templates, texts) = (many(self.templates, "template"), many(self.texts, "rendered text"));
        let _ = match self.count("error") {
            0 => writeln!(text, "No errors in {templates} and {texts}."),
            errors => writeln!(text, "{} in {templates}.", many(errors, "error")),
        };
        text
    }
}

fn many(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}
