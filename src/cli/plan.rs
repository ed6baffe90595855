//! `akwiz plan`, and the plan as text.

use std::fmt::Write as _;

use clap::Args;
use serde::Serialize;

use super::answers::AnswerOptions;
use super::document::{NoticeDocument, VERSION};
use super::global::GlobalOptions;
use super::output::Output;
use super::questions::Inputs;
use super::session::{self, Session};
use super::{access, ask, create};
use crate::catalog::render::Engine;
use crate::catalog::template::Level;
use crate::error::{Ended, Error, Kind, Result};
use crate::setup::diff::{Item, Row, counts, diff};
use crate::setup::facts::Facts;
use crate::setup::plan::{Decision, Plan};
use crate::setup::planner::designation;

/// What `plan` is told.
#[derive(Debug, Clone, Default, Args)]
#[command(after_help = "Examples:
  akwiz app portainer        what it asks
  akwiz plan portainer --set=app=https://portainer.example.com
  akwiz plan portainer --set=app=https://p.example.com --access=group:family
  akwiz plan portainer --set=app=https://portainer.example.com --demo")]
pub struct PlanOptions {
    /// The answers.
    #[command(flatten)]
    pub answers: AnswerOptions,
    /// Exit with 10 when there is nothing to change
    #[arg(long, help_heading = Option::<&'static str>::None)]
    pub detailed_exitcode: bool,
}

/// What will be done, in the order in which it is.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "plan"))]
pub(super) struct PlanDocument {
    /// The template's id.
    template: String,
    /// How many objects are created.
    created: usize,
    /// How many objects are changed. With `created` 0 too there is nothing to do.
    changed: usize,
    /// The objects. None is ever removed.
    objects: Vec<ObjectDocument>,
    /// What has to be typed besides yes (`--confirm`).
    confirmations: Vec<String>,
    /// What to know before it is done, worst first.
    notices: Vec<NoticeDocument>,
}

/// One object that is created or changed.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "object"))]
struct ObjectDocument {
    /// `create` or `change`.
    action: &'static str,
    /// What it is.
    kind: &'static str,
    /// Its name.
    name: String,
    /// Its fields: all where it is created, else those that change.
    fields: Vec<FieldDocument>,
}

/// One field.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "field"))]
struct FieldDocument {
    /// authentik's own term.
    label: String,
    /// What it is now, one member a line; null where the object is created. Secrets are hidden.
    from: Option<Vec<String>>,
    /// What it becomes.
    to: Vec<String>,
    /// Why it is not authentik's default.
    why: Option<String>,
}

impl PlanDocument {
    pub(super) fn new(plan: &Plan, facts: &Facts) -> Self {
        let items = diff(plan);
        let (created, changed) = counts(&items);
        let field = |row: Row| FieldDocument { label: row.label, from: row.from, to: row.to, why: row.why };
        let mut notices = NoticeDocument::all(&plan.notices);
        notices.extend(facts.gaps.iter().map(|gap| NoticeDocument::new(Level::Info, gap.as_str())));
        Self {
            template: plan.template.clone(),
            created,
            changed,
            objects: items
                .into_iter()
                .map(|item| ObjectDocument {
                    action: item.verb.word(),
                    kind: item.kind,
                    name: item.name,
                    fields: item.rows.into_iter().map(field).collect(),
                })
                .collect(),
            confirmations: plan.confirmations.iter().map(|confirmation| confirmation.wanted().to_owned()).collect(),
            notices,
        }
    }
}

/// Shows what `create` would do.
///
/// # Errors
/// When something has to be decided first, or the server cannot be asked.
pub(super) async fn run(
    global: &GlobalOptions,
    PlanOptions { answers: options, detailed_exitcode }: PlanOptions,
    output: &Output,
) -> Result<Ended> {
    let template = session::template(global, &options.template)?;
    let mut answers = options.answers(&template, &Inputs::REAL)?;
    let engine = Engine::new();
    let minted = session::credentials(&template);
    ask::missing(output, &engine, &template, &mut answers, &minted)?;
    session::check_questions(&engine, &template, &answers, &minted)?;
    let session = Session::open(global).await?;
    let (facts, _) = session.look(&engine, &template, &answers, &minted).await?;
    answers.access = access::resolve(&options.objects.access, &facts, &session.client).await?;
    session::find_key(&mut answers, &facts)?;
    let plan = crate::setup::planner::plan(&engine, &template, &answers, &facts, &minted);
    if let Some(error) = undecided(&plan) {
        tell(&plan, &facts, output);
        return Err(error);
    }
    if output.is_json() {
        output.document("plan", VERSION, &PlanDocument::new(&plan, &facts))?;
    } else {
        show(&plan, &facts, output)?;
    }
    Ok(if detailed_exitcode && plan.is_empty() { Ended::NothingToChange } else { Ended::Done })
}

/// Prints the plan, and beside it what a person should know.
///
/// # Errors
/// When the output cannot be written.
pub(super) fn show(plan: &Plan, facts: &Facts, output: &Output) -> Result<()> {
    tell(plan, facts, output);
    if plan.is_ready() {
        output.result(&text(plan))?;
    }
    Ok(())
}

/// What a person should know of the plan.
pub(super) fn tell(plan: &Plan, facts: &Facts, output: &Output) {
    for gap in &facts.gaps {
        output.note(&format!("note: {gap}"));
    }
    for notice in &plan.notices {
        output.notice(notice);
    }
}

/// The plan, one line a field.
pub(super) fn text(plan: &Plan) -> String {
    let items = diff(plan);
    if items.is_empty() {
        return "Nothing to do: everything is as it should be.".to_owned();
    }
    let mut text = String::new();
    for item in &items {
        add_item(&mut text, item);
    }
    let (created, changed) = counts(&items);
    let _ = write!(text, "Plan: {created} to create, {changed} to change, nothing to remove.");
    text
}

pub(super) fn add_item(text: &mut String, item: &Item) {
    let _ = writeln!(text, "{} {} {} “{}”", item.verb.sign(), item.verb.word(), item.kind, item.name);
    for row in &item.rows {
        add_row(text, row);
    }
    text.push('\n');
}

fn add_row(text: &mut String, row: &Row) {
    let why = row.why.as_ref().map(|why| format!("  ({why})")).unwrap_or_default();
    match (&row.from, row.to.as_slice()) {
        (None, [only]) => {
            let _ = writeln!(text, "    {}: {only}{why}", row.label);
        }
        (Some(from), [only]) if from.len() == 1 => {
            let _ = writeln!(text, "    {}: {} -> {only}{why}", row.label, from[0]);
        }
        (from, to) => {
            let _ = writeln!(text, "    {}:{why}", row.label);
            let from = from.as_deref().unwrap_or_default();
            for gone in from.iter().filter(|line| !to.contains(line)) {
                let _ = writeln!(text, "      - {gone}");
            }
            for line in to {
                let sign = if from.contains(line) { ' ' } else { '+' };
                let _ = writeln!(text, "      {sign} {line}");
            }
        }
    }
}

/// What has to be decided first, with the options that decide it.
pub(super) fn undecided(plan: &Plan) -> Option<Error> {
    let mut errors = plan.decisions.iter().map(decision);
    let mut first = errors.next()?;
    for error in errors {
        first.hints.push(error.message);
        first.hints.extend(error.hints);
    }
    // Several decisions have one way out; it is said once, after all of them.
    let hints = std::mem::take(&mut first.hints);
    for (index, hint) in hints.iter().enumerate() {
        if !hints[index + 1..].contains(hint) {
            first.hints.push(hint.clone());
        }
    }
    Some(first)
}

fn decision(decision: &Decision) -> Error {
    match decision {
        Decision::Taken { text, update_refused, free_slug, free_name } => {
            let error = Error::new(Kind::Conflict, text.clone());
            let error = match update_refused {
                None => error.hint("Change what exists, adding and never removing: --update"),
                Some(why) => error.hint(format!("It cannot be changed. {why}")),
            };
            let rename = crate::setup::command::quoted(&[format!("--rename={free_slug}={free_name}")]);
            error.hint(format!("Or make a second one: {rename}"))
        }
        Decision::Flow { purpose, candidates } => {
            let kind = designation(*purpose).unwrap_or("such a");
            let slugs: Vec<&str> = candidates.iter().map(|(slug, _)| slug.as_str()).collect();
            Error::new(Kind::Usage, format!("The server's usual {kind} flow is missing, so it has to be named."))
                .hint(format!("Use --{kind}-flow=SLUG with one of: {}.", slugs.join(", ")))
        }
        Decision::Person { text } => Error::new(Kind::Usage, text.clone()).hint("Use --access=user:NAME."),
        Decision::Blocked { text } => Error::new(Kind::Usage, text.clone()).hint(create::BLOCKED_HINT),
    }
}
