//! `akwiz receipts`.

use std::fmt::Write as _;

use serde::Serialize;

use super::document::VERSION;
use super::global::GlobalOptions;
use super::output::Output;
use super::session;
use crate::error::Result;
use crate::setup::receipt::{EntryState, Receipt};

/// What was done on servers.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "receipts"))]
pub(super) struct ReceiptsDocument {
    /// The receipts, the newest first.
    receipts: Vec<ReceiptDocument>,
    /// One sentence for each file that could not be read.
    broken: Vec<String>,
}

/// One run.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "receipt"))]
struct ReceiptDocument {
    /// Its id, for `akwiz undo`.
    id: String,
    /// When it was started, in seconds since 1970 (UTC).
    started: u64,
    /// `finished`, `unfinished`, `taken_back` or `adopted`.
    state: String,
    /// The address of the API.
    server: String,
    /// Whose token it was.
    user: String,
    /// The template's id.
    template: String,
    /// The slugs of the applications that it is about.
    slugs: Vec<String>,
    /// What was done, in order.
    entries: Vec<EntryDocument>,
}

/// One write.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "entry"))]
struct EntryDocument {
    /// What it is.
    label: String,
    /// `done`, `refused`, `undone` or `not_known`.
    state: String,
    /// Why it was refused.
    reason: Option<String>,
}

impl ReceiptDocument {
    fn new(receipt: &Receipt) -> Self {
        let entry = |entry: &crate::setup::receipt::ReceiptEntry| EntryDocument {
            label: entry.label.clone(),
            state: word(&entry.state).replace(' ', "_"),
            reason: match &entry.state {
                EntryState::Refused { reason } => Some(reason.clone()),
                _ => None,
            },
        };
        Self {
            id: receipt.id.clone(),
            started: receipt.started,
            state: state(receipt).replace(' ', "_"),
            server: receipt.server.clone(),
            user: receipt.user.clone(),
            template: receipt.template.clone(),
            slugs: receipt.slugs().map(str::to_owned).collect(),
            entries: receipt.entries.iter().map(entry).collect(),
        }
    }
}

/// Lists the receipts, the newest first.
///
/// # Errors
/// When they cannot be listed.
pub(super) fn run(global: &GlobalOptions, output: &Output) -> Result<()> {
    let listing = session::receipts(global)?.list()?;
    if output.is_json() {
        let receipts = listing.receipts.iter().map(ReceiptDocument::new).collect();
        return output.document("receipts", VERSION, &ReceiptsDocument { receipts, broken: listing.broken });
    }
    for sentence in &listing.broken {
        output.warning(sentence);
    }
    if listing.receipts.is_empty() {
        output.note("There are no receipts: nothing was changed from here yet.");
        return Ok(());
    }
    let mut text = String::new();
    for receipt in &listing.receipts {
        let _ = writeln!(text, "{}  {}  {}", receipt.id, state(receipt), receipt.server);
        for entry in &receipt.entries {
            let _ = writeln!(text, "    {:9}  {}", word(&entry.state), entry.label);
        }
    }
    output.result(text.trim_end())
}

fn state(receipt: &Receipt) -> &'static str {
    if receipt.is_adopted() {
        "adopted"
    } else if receipt.is_void() {
        "taken back"
    } else if receipt.finished {
        "finished"
    } else {
        "unfinished"
    }
}

fn word(state: &EntryState) -> &'static str {
    match state {
        EntryState::Intended | EntryState::Unknown => "not known",
        EntryState::Done => "done",
        EntryState::Refused { .. } => "refused",
        EntryState::Undone => "undone",
    }
}
