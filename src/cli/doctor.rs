//! `akwiz doctor`.

use std::io::Read as _;

use clap::Args;
use clap_complete::ArgValueCompleter;
use serde::Serialize;

use super::completions;
use super::document::VERSION;
use super::findings::{self, FindingDocument};
use super::global::GlobalOptions;
use super::output::Output;
use super::plan::PlanDocument;
use super::repair::{self, RepairOptions};
use super::session::{self, Session};
use crate::authentik::survey::Survey;
use crate::catalog::load::Catalog;
use crate::checks::demands::Library;
use crate::checks::doctor::{Diagnosis, Paste, diagnose};
use crate::error::{Ended, Error, Kind, Result};
use crate::setup::plan::Plan;
use crate::setup::receipt::Receipt;

/// The longest that is read from standard input, in bytes.
const LONGEST: u64 = 256 * 1024;

/// What `doctor` is told.
#[derive(Debug, Clone, Default, Args)]
#[command(after_help = "Examples:
  akwiz doctor portainer
  akwiz doctor 'https://auth.example.com/application/o/authorize/?client_id=…'
  docker logs grafana 2>&1 | tail | akwiz doctor -
  akwiz doctor portainer --fix")]
pub struct DoctorOptions {
    /// What failed: the address from the browser, a line of the application's log or of authentik's, an application's slug, or - to
    /// read it from standard input, which keeps it out of the shell's history
    #[arg(value_name = "SLUG | ADDRESS | -", required = true, add = ArgValueCompleter::new(completions::slugs))]
    pub what: Vec<String>,
    /// Whether this user may open it, too
    #[arg(long, value_name = "NAME")]
    pub user: Option<String>,
    /// What is done about it.
    #[command(flatten)]
    pub repair: RepairOptions,
}

/// What was found.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "doctor"))]
pub(super) struct DoctorDocument {
    /// What it is about; null when that was not found.
    about: Option<PatientDocument>,
    /// What was found: what was pasted speaks of it first, then what is worst. After a repair: what is left.
    findings: Vec<FindingDocument>,
    /// Sentences that belong to no finding.
    notes: Vec<String>,
    /// What `--fix` would do, or did.
    plan: Option<PlanDocument>,
    /// The receipt of what was done (`akwiz undo`).
    receipt: Option<String>,
}

/// What the doctor looked at.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "patient"))]
struct PatientDocument {
    /// `provider` or `source`.
    kind: &'static str,
    /// Its name.
    name: String,
    /// Its slug.
    slug: Option<String>,
    /// The template that it is made with, or seems to be.
    template: Option<String>,
}

/// Finds out what is wrong, shows it, and mends it when that was asked for.
///
/// # Errors
/// When the server cannot be asked, or a repair was not confirmed or failed.
pub(super) async fn run(global: &GlobalOptions, options: &DoctorOptions, output: &Output) -> Result<Ended> {
    options.repair.check()?;
    let paste = paste(&options.what)?;
    let session = Session::open(global).await?;
    let (catalog, receipts) = (session::catalog(global)?, session.receipts.list()?.receipts);
    let practice = Practice { session: &session, catalog: &catalog, receipts: &receipts, paste: &paste, options };
    let (survey, mut diagnosis) = practice.look().await?;
    let mut notes = std::mem::take(&mut diagnosis.notes);
    if options.what.iter().any(|piece| !Paste::read(piece).secrets().is_empty()) {
        notes.push(
            "What is typed on a command line stays in the shell's history. With - it is read from standard input.".to_owned(),
        );
    }
    let plan = practice.plan(&survey, &diagnosis, &mut notes);
    let mut document = DoctorDocument {
        about: about(&diagnosis),
        findings: diagnosis.findings.iter().map(FindingDocument::new).collect(),
        notes: notes.clone(),
        plan: plan.as_ref().map(|plan| PlanDocument::new(plan, &survey.facts)),
        receipt: None,
    };
    for note in survey.facts.gaps.iter().chain(&notes) {
        output.note(&format!("note: {note}"));
    }
    let said = text(&diagnosis);
    if !said.is_empty() {
        output.result(&said)?;
    }
    let mut wrong = is_anything_wrong(&diagnosis);
    if let Some(plan) = plan {
        repair::show(&plan, output)?;
        if options.repair.fix.is_some() {
            let again = async || {
                let (survey, diagnosis) = practice.look().await?;
                let plan = practice.plan(&survey, &diagnosis, &mut Vec::new());
                Ok((survey.facts, plan.unwrap_or_else(|| crate::setup::fix::join([]))))
            };
            document.receipt = repair::carry_out(&session, &options.repair, (survey.facts, plan), again, output).await?;
            let (_, left) = practice.look().await?;
            document.findings = left.findings.iter().map(FindingDocument::new).collect();
            wrong = is_anything_wrong(&left);
            output.result(&text(&left))?;
        } else {
            output.note("To do it, run the same command with --fix.");
        }
    }
    if output.is_json() {
        output.document("doctor", VERSION, &document)?;
    }
    Ok(if wrong { Ended::Findings } else { Ended::Done })
}

/// What was pasted. What comes from standard input is kept nowhere.
fn paste(what: &[String]) -> Result<Paste> {
    let mut pieces = Vec::new();
    for piece in what {
        if piece != "-" {
            pieces.push(piece.clone());
            continue;
        }
        let mut bytes = Vec::new();
        let read = std::io::stdin().lock().take(LONGEST).read_to_end(&mut bytes);
        read.map_err(|error| Error::new(Kind::Usage, "Standard input cannot be read.").caused_by(error))?;
        pieces.push(String::from_utf8_lossy(&bytes).into_owned());
    }
    if pieces.iter().all(|piece| piece.trim().is_empty()) {
        return Err(Error::new(Kind::Usage, "Nothing was pasted.").hint("Paste the address from the browser, or name a slug."));
    }
    Ok(Paste::of(&pieces))
}

/// What the doctor needs for each look.
struct Practice<'a> {
    session: &'a Session,
    catalog: &'a Catalog,
    receipts: &'a [Receipt],
    paste: &'a Paste,
    options: &'a DoctorOptions,
}

impl Practice<'_> {
    async fn look(&self) -> Result<(Survey, Diagnosis)> {
        let client = &self.session.client;
        let survey = self.session.survey().await?;
        let person = match &self.options.user {
            None => None,
            Some(name) => {
                let found = client.user_named(name).await?;
                let user = found.ok_or_else(|| Error::new(Kind::Usage, format!("authentik has no user “{name}”.")))?;
                Some((user.pk, user.username))
            }
        };
        let library = Library::new(self.catalog, self.receipts);
        let diagnosis = diagnose(client, &survey, &library, self.paste, person).await;
        Ok((survey, diagnosis))
    }

    /// What the fixes would do; nothing where there is nothing to do.
    fn plan(&self, survey: &Survey, diagnosis: &Diagnosis, notes: &mut Vec<String>) -> Option<Plan> {
        let target = diagnosis.about.as_ref()?.target(survey)?;
        let plan = self.options.repair.plan(&diagnosis.findings, target, notes);
        (!plan.is_empty()).then_some(plan)
    }
}

/// Words alone do not count where the application is known: its provider is not wrong for what was pasted.
fn is_anything_wrong(diagnosis: &Diagnosis) -> bool {
    diagnosis.about.is_none() || diagnosis.findings.iter().any(|finding| finding.confirmed && finding.is_wrong())
}

fn about(diagnosis: &Diagnosis) -> Option<PatientDocument> {
    let about = diagnosis.about.as_ref()?;
    Some(PatientDocument {
        kind: about.kind.word(),
        name: about.name.clone(),
        slug: about.slug.clone(),
        template: about.template().map(str::to_owned),
    })
}

fn text(diagnosis: &Diagnosis) -> String {
    let mut blocks = Vec::new();
    if let Some(about) = &diagnosis.about {
        let slug = about.slug.as_ref().map(|slug| format!(" ({slug})")).unwrap_or_default();
        blocks.push(format!("{}{slug}", about.name));
    }
    blocks.extend(diagnosis.verdict().map(str::to_owned));
    blocks.extend(diagnosis.findings.iter().map(findings::text));
    blocks.join("\n\n")
}
