//! `akwiz plan`, and the plan as text.

use std::fmt::Write as _;

use super::answers::{AnswerOptions, Inputs};
use super::global::GlobalOptions;
use super::output::Output;
use super::session::{self, Session};
use super::{access, create};
use crate::catalog::render::Engine;
use crate::catalog::template::Level;
use crate::error::{Error, Kind, Result};
use crate::setup::diff::{Item, Row, counts, diff};
use crate::setup::facts::Facts;
use crate::setup::plan::{Decision, Notice, Plan};
use crate::setup::planner::designation;

/// Shows what `create` would do.
///
/// # Errors
/// When something has to be decided first, or the server cannot be asked.
pub(super) async fn run(global: &GlobalOptions, options: AnswerOptions, output: &Output) -> Result<()> {
    let template = session::template(global, &options.template)?;
    let mut answers = options.answers(&template, &Inputs::REAL)?;
    let engine = Engine::new();
    let minted = session::credentials(&template);
    session::check_questions(&engine, &template, &answers, &minted)?;
    let session = Session::open(global).await?;
    let (facts, _) = session.look(&engine, &template, &answers, &minted).await?;
    answers.access = access::resolve(&options.access, &facts, &session.client).await?;
    session::find_key(&mut answers, &facts)?;
    let plan = crate::setup::planner::plan(&engine, &template, &answers, &facts, &minted);
    show(&plan, &facts, output)?;
    undecided(&plan).map_or(Ok(()), Err)
}

/// Prints the plan, and beside it what a person should know.
///
/// # Errors
/// When the output cannot be written.
pub(super) fn show(plan: &Plan, facts: &Facts, output: &Output) -> Result<()> {
    for gap in &facts.gaps {
        output.note(&format!("note: {gap}"));
    }
    for each in &plan.notices {
        output.note(&notice(each));
    }
    if plan.is_ready() {
        output.result(&text(plan))?;
    }
    Ok(())
}

/// A notice as one line.
pub(super) fn notice(notice: &Notice) -> String {
    let word = match notice.level {
        Level::Danger => "danger",
        Level::Warning => "warning",
        Level::Info => "note",
    };
    format!("{word}: {}", notice.text)
}

/// The plan, one line a field.
fn text(plan: &Plan) -> String {
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

fn add_item(text: &mut String, item: &Item) {
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
