//! `akwiz receipts`.

use std::fmt::Write as _;

use super::global::GlobalOptions;
use super::output::Output;
use super::session;
use crate::error::Result;
use crate::setup::receipt::{EntryState, Receipt};

/// Lists the receipts, the newest first.
///
/// # Errors
/// When they cannot be listed.
pub(super) fn run(global: &GlobalOptions, output: &Output) -> Result<()> {
    let listing = session::receipts(global)?.list()?;
    for sentence in &listing.broken {
        output.note(&format!("warning: {sentence}"));
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
    let all = |wanted: fn(&EntryState) -> bool| receipt.entries.iter().all(|entry| wanted(&entry.state));
    if all(|state| matches!(state, EntryState::Undone | EntryState::Refused { .. })) {
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
