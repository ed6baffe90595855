//! `akwiz undo`.

use clap::Args;
use clap_complete::ArgValueCompleter;
use serde::Serialize;

use super::completions;
use super::document::VERSION;
use super::global::GlobalOptions;
use super::output::Output;
use super::session::{self, Session};
use super::similar;
use crate::apply::undo::{Line, Report, Taken, undo};
use crate::error::{Error, Kind, Result};
use crate::receipts::ReceiptStore;
use crate::setup::receipt::{EntryState, Receipt, ReceiptEntry, ReceiptObject};

/// What `undo` is told.
#[derive(Debug, Clone, Default, Args)]
#[command(after_help = "Examples:
  akwiz undo                 take back the newest
  akwiz receipts             see which there are
  akwiz undo 20261122T141503Z-portainer-a1b2 --yes")]
pub struct UndoOptions {
    /// The receipt, as `akwiz receipts` lists it; the newest that can be taken back when it is left out
    #[arg(add = ArgValueCompleter::new(completions::receipt_ids))]
    pub receipt: Option<String>,
    /// Do it without asking
    #[arg(short, long)]
    pub yes: bool,
}

/// What became of taking a receipt back.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "undo"))]
pub(super) struct UndoDocument {
    /// The receipt's id.
    receipt: String,
    /// Nothing of it is left on the server.
    complete: bool,
    /// One for each entry that was looked at, in the order of undoing.
    entries: Vec<TakenDocument>,
}

/// What became of one entry.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "taken"))]
pub(super) struct TakenDocument {
    /// What it is.
    label: String,
    /// `taken_back` (of `undo`) or `removed`, `nothing` (there was nothing to take back), `left` (some of it stays) or `failed`.
    result: &'static str,
    /// Why, where it was not simply taken back.
    why: Option<String>,
}

impl TakenDocument {
    pub(super) fn new(line: &Line, back: &'static str) -> Self {
        let (result, why) = match &line.result {
            Taken::Back => (back, None),
            Taken::Nothing(why) => ("nothing", Some(why)),
            Taken::Left(why) => ("left", Some(why)),
            Taken::Failed(why) => ("failed", Some(why)),
        };
        Self { label: line.label.clone(), result, why: why.cloned() }
    }
}

/// Shows what the receipt records, asks, and takes it back.
///
/// # Errors
/// When something could not be taken back, or it was not confirmed.
pub(super) async fn run(global: &GlobalOptions, options: &UndoOptions, output: &Output) -> Result<()> {
    let receipt = wanted(session::receipts(global)?.as_ref(), options.receipt.as_deref())?;
    let open: Vec<&str> = receipt
        .entries
        .iter()
        .rev()
        .filter(|entry| !matches!(entry.state, EntryState::Undone | EntryState::Refused { .. }))
        .map(|entry| entry.label.as_str())
        .collect();
    if open.is_empty() && output.is_json() {
        let document = UndoDocument { receipt: receipt.id.clone(), complete: true, entries: Vec::new() };
        return output.document("undo", VERSION, &document);
    }
    if open.is_empty() {
        return output.result("There is nothing left to take back.");
    }
    output.before_question(&format!("On {}, these are taken back:", receipt.server));
    for label in open {
        output.before_question(&format!("  {label}"));
    }
    output.confirm(options.yes)?;
    // The receipt knows the server; another address is a mistake that `undo` refuses.
    let mut global = global.clone();
    global.url.get_or_insert_with(|| receipt.server.clone());
    global.public_url.get_or_insert_with(|| receipt.public_url.clone());
    let session = Session::open_for_api(&global).await?;
    let report = undo(&session.client, session.receipts.as_ref(), &receipt.id).await?;
    if output.is_json() {
        let entries = report.lines.iter().map(|line| TakenDocument::new(line, "taken_back")).collect();
        let document = UndoDocument { receipt: receipt.id.clone(), complete: report.is_complete(), entries };
        output.document("undo", VERSION, &document)?;
    }
    for line in report.lines.iter().filter(|_| !output.is_json()) {
        output.result(&self::line(line, "taken back"))?;
    }
    ended(&report, "taken back", &format!("akwiz undo {}", receipt.id))
}

/// What is said at the end, where something stays: whether anything was done at all.
///
/// # Errors
/// When something stays.
pub(super) fn ended(report: &Report, done: &str, again: &str) -> Result<()> {
    if report.is_complete() {
        return Ok(());
    }
    let error = if report.lines.iter().any(|line| line.result == Taken::Back) {
        Error::new(Kind::Partial, format!("Not everything could be {done}."))
    } else {
        Error::new(Kind::Refused, format!("Nothing could be {done}."))
    };
    Err(error.hint(format!("When the cause is gone: {again}")))
}

/// The receipt with this id, or the newest that can be taken back.
fn wanted(receipts: &dyn ReceiptStore, id: Option<&str>) -> Result<Receipt> {
    if let Some(id) = id {
        return receipts.load(id).map_err(|error| match receipts.list() {
            Ok(listing) => similar::suggest(error, id, listing.receipts.iter().map(|receipt| receipt.id.as_str()), "There are"),
            Err(_) => error,
        });
    }
    // What held nothing but a secret cannot be put back.
    let can = |entry: &ReceiptEntry| !matches!(&entry.object, ReceiptObject::Changed { after, .. } if after.is_empty());
    let open = |receipt: &Receipt| !receipt.is_void() && receipt.entries.iter().any(can);
    receipts
        .list()?
        .receipts
        .into_iter()
        .find(open)
        .ok_or_else(|| Error::new(Kind::Usage, "There is no receipt that could be taken back.").hint("List them: akwiz receipts"))
}

/// What became of one entry, in one line; `back` says that it is gone.
pub(super) fn line(line: &Line, back: &str) -> String {
    let result = match &line.result {
        Taken::Back => back.to_owned(),
        Taken::Nothing(why) => format!("nothing to do: {why}"),
        Taken::Left(why) => format!("left: {why}"),
        Taken::Failed(why) => format!("failed: {why}"),
    };
    format!("{}: {result}", line.label)
}
