//! `akwiz adopt`.

use std::fmt::Write as _;

use clap::Args;
use indexmap::IndexMap;
use serde::Serialize;

use super::ask;
use super::document::VERSION;
use super::global::GlobalOptions;
use super::output::Output;
use super::plan::{self, PlanDocument};
use super::session::{self, Session};
use super::settings::has_provider;
use super::target::{self, Known, Target, TargetOptions};
use crate::apply::undo::source_endpoint;
use crate::catalog::render::Engine;
use crate::error::Result;
use crate::receipts::receipt_id;
use crate::setup::answers::Answers;
use crate::setup::facts::Facts;
use crate::setup::plan::Plan;
use crate::setup::recall::{recorded_answers, recorded_options};
use crate::setup::receipt::{AdoptedSource, FORMAT, Receipt};
use crate::setup::setting::Field;
use crate::setup::source::hold_secrets;

/// What `adopt` is told.
#[derive(Debug, Clone, Default, Args)]
#[command(after_help = "Examples:
  akwiz adopt grafana
  akwiz adopt tickets --template=osticket
  akwiz adopt github         a login source that was made by hand
  akwiz update grafana       bring it up to its template")]
pub struct AdoptOptions {
    /// The application or login source.
    #[command(flatten)]
    pub target: TargetOptions,
}

/// An application or a login source that later commands know.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "adopt"))]
pub(super) struct AdoptDocument {
    /// Its slug.
    slug: String,
    /// The template's id.
    template: String,
    /// `receipt` where it was known already, `recognized` where name and redirect URI say so, or a login source's kind and addresses;
    /// `told` where `--template` does.
    known: &'static str,
    /// The record that was written, or that there was already; null with `--demo`.
    receipt: Option<String>,
    /// The answers that the record holds, by question.
    answers: IndexMap<String, serde_json::Value>,
    /// What the template would set up otherwise. Nothing of it was done.
    differs: PlanDocument,
    /// It is a login source.
    source: bool,
}

/// Recognizes the template of an application or a login source, records it, and shows what differs. Nothing is changed on the server.
///
/// # Errors
/// When there is none with this slug, its template is not known, or an answer is missing.
pub(super) async fn run(global: &GlobalOptions, options: &AdoptOptions, output: &Output) -> Result<()> {
    let catalog = session::catalog(global)?;
    let (session, engine) = (Session::open(global).await?, Engine::new());
    let mut target = target::find(&session, &catalog, &engine, &options.target, output).await?;
    match target.existing() {
        Some(existing) => has_provider(existing)?,
        // Its secret is not shown, so it cannot differ.
        None => hold_secrets(&target.template, &mut target.answers),
    }
    ask::missing(output, &engine, &target.template, &mut target.answers, &target.minted)?;
    session::check_questions(&engine, &target.template, &target.answers, &target.minted)?;
    let (facts, plan) = session.look(&engine, &target.template, &target.answers, &target.minted).await?;
    if let (true, Some(error)) = (plan.parts.is_empty(), plan::undecided(&plan)) {
        return Err(error);
    }
    let receipt = if let Known::Receipt(id) = &target.known {
        Some(id.clone())
    } else {
        let record = Receipt { source: adopted(&target), ..record(&target.facts, &target.answers, &plan) };
        session.receipts.save(&record)?;
        Some(record.id).filter(|_| session.keeps_receipts())
    };
    let document = AdoptDocument {
        slug: target.slug.clone(),
        template: target.template.id.clone(),
        known: target.known.word(),
        receipt,
        answers: recorded_answers(&target.answers),
        differs: PlanDocument::new(&plan, &facts),
        source: target.existing().is_none(),
    };
    if output.is_json() {
        return output.document("adopt", VERSION, &document);
    }
    output.result(document.text().trim_end())?;
    if plan.is_empty() {
        return output.result("It is set up as the template would do it.");
    }
    output.result("\nThe template would set it up otherwise:\n")?;
    plan::show(&plan, &facts, output)?;
    output.note(&format!("Nothing was changed. Change it so: akwiz update {}", document.slug));
    Ok(())
}

/// A receipt of a run that wrote nothing: it only keeps the answers.
pub(super) fn record(facts: &Facts, answers: &Answers, plan: &Plan) -> Receipt {
    let now = session::now();
    let client_id = |part: &crate::setup::plan::PlannedPart| {
        let existing = facts.existing.iter().find(|existing| target::slug_of(existing) == part.slug);
        existing.and_then(|existing| existing.provider.as_ref()?.text(Field::ClientId).map(str::to_owned))
    };
    // Only what exists: the other parts of a template may never have been made.
    let parts = || plan.parts.iter().filter_map(|part| Some((part, client_id(part)?)));
    Receipt {
        format: FORMAT,
        id: receipt_id(now, &answers.template, &session::run_id()),
        started: now,
        server: facts.api_url.clone(),
        public_url: facts.public_url.clone(),
        user: facts.me.username.clone(),
        template: answers.template.clone(),
        answers: recorded_answers(answers),
        options: recorded_options(&answers.options),
        slugs: parts().map(|(part, _)| (part.id.clone(), part.slug.clone())).collect(),
        client_ids: parts().map(|(part, client_id)| (part.id.clone(), client_id)).collect(),
        entries: Vec::new(),
        finished: true,
        source: None,
        file: None,
    }
}

/// The login source that is adopted, if it is one.
fn adopted(target: &Target) -> Option<AdoptedSource> {
    let (source, found) = (target.template.source.as_ref()?, target.facts.existing_source.as_ref()?);
    Some(AdoptedSource { endpoint: source_endpoint(source.api).to_owned(), slug: target.slug.clone(), pk: found.pk.clone() })
}

impl AdoptDocument {
    fn text(&self) -> String {
        let how = match (self.known, &self.receipt) {
            ("receipt", Some(id)) => format!("known already, by the record {id}"),
            ("told", _) => "as you say".to_owned(),
            _ if self.source => "by its kind and addresses".to_owned(),
            _ => "by its name and redirect URI".to_owned(),
        };
        let mut text = format!("“{}” is of the template {}: {how}.\n", self.slug, self.template);
        for (question, answer) in &self.answers {
            let answer = answer.as_str().map_or_else(|| answer.to_string(), str::to_owned);
            let _ = writeln!(text, "  {question} = {answer}");
        }
        text
    }
}
