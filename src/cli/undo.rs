//! `akwiz undo`.

use clap::Args;
use clap_complete::ArgValueCompleter;

use super::completions;
use super::global::GlobalOptions;
use super::output::Output;
use super::session;
use super::session::Session;
use crate::apply::undo::{Taken, undo};
use crate::error::{Error, Kind, Result};
use crate::setup::receipt::EntryState;

/// What `undo` is told.
#[derive(Debug, Clone, Default, Args)]
pub struct UndoOptions {
    /// The receipt, as `akwiz receipts` lists it
    #[arg(add = ArgValueCompleter::new(completions::receipt_ids))]
    pub receipt: String,
    /// Do it without asking
    #[arg(short, long)]
    pub yes: bool,
}

/// Shows what the receipt records, asks, and takes it back.
///
/// # Errors
/// When something could not be taken back, or it was not confirmed.
pub(super) async fn run(global: &GlobalOptions, options: &UndoOptions, output: &Output) -> Result<()> {
    let receipt = session::receipts(global)?.load(&options.receipt)?;
    let open: Vec<&str> = receipt
        .entries
        .iter()
        .rev()
        .filter(|entry| !matches!(entry.state, EntryState::Undone | EntryState::Refused { .. }))
        .map(|entry| entry.label.as_str())
        .collect();
    if open.is_empty() {
        return output.result("There is nothing left to take back.");
    }
    output.note(&format!("On {}, these are taken back:", receipt.server));
    for label in open {
        output.note(&format!("  {label}"));
    }
    if !options.yes {
        let typed = output.ask("Do it? [y/N]").map_err(|error| error.hint("Do it without asking: --yes"))?;
        if !matches!(typed.to_lowercase().as_str(), "y" | "yes") {
            return Err(Error::new(Kind::Cancelled, "Nothing was changed."));
        }
    }
    // The receipt knows the server; another address is a mistake that `undo` refuses.
    let mut global = global.clone();
    global.url.get_or_insert_with(|| receipt.server.clone());
    global.public_url.get_or_insert_with(|| receipt.public_url.clone());
    let session = Session::open(&global).await?;
    let report = undo(&session.client, session.receipts.as_ref(), &receipt.id).await?;
    for line in &report.lines {
        let result = match &line.result {
            Taken::Back => "taken back".to_owned(),
            Taken::Nothing(why) => format!("nothing to do: {why}"),
            Taken::Left(why) => format!("left: {why}"),
            Taken::Failed(why) => format!("failed: {why}"),
        };
        output.result(&format!("{}: {result}", line.label))?;
    }
    if report.is_complete() {
        return Ok(());
    }
    Err(Error::new(Kind::Partial, "Not everything could be taken back.")
        .hint(format!("When the cause is gone: akwiz undo {}", receipt.id)))
}
