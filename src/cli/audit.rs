//! `akwiz audit`.

use std::collections::BTreeMap;

use clap::{Args, ValueEnum};
use serde::Serialize;

use super::document::VERSION;
use super::findings::{self, FindingDocument};
use super::global::GlobalOptions;
use super::output::Output;
use super::plan::PlanDocument;
use super::repair::{self, RepairOptions};
use super::session::{self, Session};
use crate::authentik::survey::Survey;
use crate::catalog::load::Catalog;
use crate::checks::audit::{Entry, audit};
use crate::checks::demands::Library;
use crate::checks::rules::{Rule, Severity};
use crate::error::{Ended, Result};
use crate::setup::fix::join;
use crate::setup::plan::Plan;
use crate::setup::receipt::Receipt;

/// What `audit` is told.
#[derive(Debug, Clone, Default, Args)]
#[command(after_help = "Examples:
  akwiz audit
  akwiz audit --least=warning --json
  akwiz audit --fix=no-signing-key")]
pub struct AuditOptions {
    /// Leave out what is less bad than this
    #[arg(long, value_name = "SEVERITY", default_value = "note")]
    pub least: Least,
    /// What is done about it.
    #[command(flatten)]
    pub repair: RepairOptions,
}

/// How bad something has to be to be shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Least {
    /// Everything.
    #[default]
    Note,
    /// What is wrong or unsafe.
    Warning,
    /// What makes logins fail.
    Error,
}

impl Least {
    const fn severity(self) -> Severity {
        match self {
            Self::Note => Severity::Info,
            Self::Warning => Severity::Warning,
            Self::Error => Severity::Error,
        }
    }
}

/// What was found on a server.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "audit"))]
pub(super) struct AuditDocument {
    /// How many OAuth2/OpenID providers, applications without one, and login sources were looked at.
    looked_at: usize,
    /// How many findings make logins fail.
    errors: usize,
    /// How many are wrong or unsafe.
    warnings: usize,
    /// How many are worth knowing.
    notes: usize,
    /// What was found, by object.
    objects: Vec<AuditedDocument>,
    /// What could not be looked at.
    gaps: Vec<String>,
    /// What `--fix` would do, or did.
    plan: Option<PlanDocument>,
    /// The receipt of what was done (`akwiz undo`).
    receipt: Option<String>,
}

/// One object.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "audited"))]
struct AuditedDocument {
    /// `provider`, `application` (without provider) or `source`.
    kind: &'static str,
    /// The application's name, else the provider's or the source's.
    name: String,
    /// The application's or the source's slug.
    slug: Option<String>,
    /// The provider's primary key.
    provider: Option<String>,
    /// The template that it is made with, or seems to be.
    template: Option<String>,
    /// What was found about it, the worst first.
    findings: Vec<FindingDocument>,
}

/// Looks at everything, shows what was found, and mends it when that was asked for.
///
/// # Errors
/// When the server cannot be asked, or a repair was not confirmed or failed.
pub(super) async fn run(global: &GlobalOptions, options: &AuditOptions, output: &Output) -> Result<Ended> {
    options.repair.check()?;
    // A repair can name a new thing after the server.
    let mends = options.repair.fix.is_some();
    let session = if mends { Session::open(global).await? } else { Session::open_for_api(global).await? };
    let (catalog, receipts) = (session::catalog(global)?, session.receipts.list()?.receipts);
    let round = Round { session: &session, catalog: &catalog, receipts: &receipts, options };
    let (survey, entries) = round.look().await?;
    let mut notes = Vec::new();
    let plan = round.plan(&survey, &entries, &mut notes);
    let mut document = document(&survey, &entries);
    document.plan = plan.as_ref().map(|plan| PlanDocument::new(plan, &survey.facts));
    for note in survey.facts.gaps.iter().chain(&notes) {
        output.note(&format!("note: {note}"));
    }
    output.result(&text(&document, &entries))?;
    let mut wrong = is_anything_wrong(&entries);
    match plan {
        Some(plan) if options.repair.fix.is_some() => {
            repair::show(&plan, output)?;
            let again = async || {
                let (survey, entries) = round.look().await?;
                let plan = round.plan(&survey, &entries, &mut Vec::new());
                Ok((survey.facts, plan.unwrap_or_else(|| join([]))))
            };
            let planned = (survey.facts, plan);
            let done = document.plan.take();
            let receipt = repair::carry_out(&session, &options.repair, planned, again, output).await?;
            let (survey, left) = round.look().await?;
            document = self::document(&survey, &left);
            (document.plan, document.receipt) = (done, receipt);
            output.result(&text(&document, &left))?;
            wrong = is_anything_wrong(&left);
        }
        Some(_) => {
            output.note("To mend what is marked with --fix: akwiz audit --fix, or for one application: akwiz doctor SLUG --fix");
        }
        None => {}
    }
    if output.is_json() {
        output.document("audit", VERSION, &document)?;
    }
    Ok(if wrong { Ended::Findings } else { Ended::Done })
}

/// What each round needs.
struct Round<'a> {
    session: &'a Session,
    catalog: &'a Catalog,
    receipts: &'a [Receipt],
    options: &'a AuditOptions,
}

impl Round<'_> {
    async fn look(&self) -> Result<(Survey, Vec<Entry>)> {
        let survey = self.session.survey().await?;
        let mut entries = audit(&survey, &Library::new(self.catalog, self.receipts));
        let least = self.options.least.severity();
        for entry in &mut entries {
            entry.findings.retain(|finding| finding.severity >= least);
        }
        Ok((survey, entries))
    }

    /// What the fixes would do; nothing where there is nothing to do.
    fn plan(&self, survey: &Survey, entries: &[Entry], notes: &mut Vec<String>) -> Option<Plan> {
        let plans = entries.iter().filter(|entry| !entry.findings.is_empty()).filter_map(|entry| {
            let target = entry.about.target(survey)?;
            Some(self.options.repair.plan(&entry.findings, target, notes))
        });
        let plan = join(plans);
        (!plan.is_empty()).then_some(plan)
    }
}

fn is_anything_wrong(entries: &[Entry]) -> bool {
    crate::checks::audit::worst(entries).is_some_and(|worst| worst > Severity::Info)
}

fn document(survey: &Survey, entries: &[Entry]) -> AuditDocument {
    let count =
        |severity| entries.iter().flat_map(|entry| &entry.findings).filter(|finding| finding.severity == severity).count();
    AuditDocument {
        looked_at: entries.len(),
        errors: count(Severity::Error),
        warnings: count(Severity::Warning),
        notes: count(Severity::Info),
        objects: entries
            .iter()
            .filter(|entry| !entry.findings.is_empty())
            .map(|entry| AuditedDocument {
                kind: entry.about.kind.word(),
                name: entry.about.name.clone(),
                slug: entry.about.slug.clone(),
                provider: entry.about.provider.clone(),
                template: entry.about.template().map(str::to_owned),
                findings: entry.findings.iter().map(FindingDocument::new).collect(),
            })
            .collect(),
        gaps: survey.facts.gaps.clone(),
        plan: None,
        receipt: None,
    }
}

fn text(document: &AuditDocument, entries: &[Entry]) -> String {
    let mut blocks = Vec::new();
    for entry in entries.iter().filter(|entry| !entry.findings.is_empty()) {
        let about = &entry.about;
        let mark = about.slug.as_ref().or(about.provider.as_ref()).map(|mark| format!(" ({mark})")).unwrap_or_default();
        let mut block = format!("{}{mark}, {}", about.name, about.kind.word());
        for finding in &entry.findings {
            block.push_str("\n  ");
            block.push_str(&findings::line(finding));
        }
        blocks.push(block);
    }
    blocks.extend(reasons(entries));
    blocks.push(format!(
        "{} looked at: {}, {}, {}.",
        document.looked_at,
        counted(document.errors, "error"),
        counted(document.warnings, "warning"),
        counted(document.notes, "note"),
    ));
    blocks.join("\n\n")
}

/// Why what was found is bad, once for each rule.
fn reasons(entries: &[Entry]) -> Option<String> {
    let findings = entries.iter().flat_map(|entry| &entry.findings);
    let rules: BTreeMap<&str, &Rule> = findings.map(|finding| (finding.rule.id, finding.rule)).collect();
    let lines = rules.values().map(|rule| format!("\n  {}: {} {}", rule.id, rule.reason, rule.advice));
    (!rules.is_empty()).then(|| format!("Why, and what to do:{}", lines.collect::<String>()))
}

fn counted(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}
