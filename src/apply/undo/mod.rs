//! Takes back what a receipt records, last write first.
//!
//! Only primary keys are deleted that a receipt names, or that are found by a client ID that only akwiz can have; never a name or a slug.
//! Fields are put back only where they still hold what akwiz set. Whatever is left is said.

mod changed;
mod made;
mod pair;
mod uses;

pub use crate::apply::entry::endpoint::{source as source_endpoint, source_api};
pub use made::delete_source;
pub(super) use uses::used;
pub use uses::users;

use crate::authentik::{ApiError, Client};
use crate::error::{Error, Kind, Result};
use crate::receipts::ReceiptStore;
use crate::setup::receipt::{EntryState, Receipt, ReceiptEntry, ReceiptObject};

/// What became of undoing a receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// One line for each entry that was looked at, in the order of undoing.
    pub lines: Vec<Line>,
}

/// What became of one entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The entry's label.
    pub label: String,
    /// What became of it.
    pub result: Taken,
}

/// What became of one entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// It was taken back.
    Back,
    /// There was nothing to take back: a sentence.
    Nothing(String),
    /// Some or all of it stays as it is: a sentence with the reason.
    Left(String),
    /// The server said no, or could not be reached: a sentence.
    Failed(String),
}

impl Report {
    /// Nothing of the receipt is left on the server.
    pub fn is_complete(&self) -> bool {
        self.lines.iter().all(|line| matches!(line.result, Taken::Back | Taken::Nothing(_)))
    }
}

/// Takes back the receipt `id`. What was taken back is recorded at once, so a second call does the rest.
///
/// # Errors
/// When there is no such receipt, it is another server's, or it cannot be kept up to date. What the server refuses is in the [`Report`].
pub async fn undo(client: &Client, receipts: &dyn ReceiptStore, id: &str) -> Result<Report> {
    undo_some(client, receipts, id, |_| true).await
}

/// Likewise, but only the entries that are `wanted`.
///
/// # Errors
/// As [`undo`].
pub async fn undo_some(
    client: &Client,
    receipts: &dyn ReceiptStore,
    id: &str,
    wanted: impl Fn(&ReceiptEntry) -> bool,
) -> Result<Report> {
    let mut receipt = receipts.load(id)?;
    let server = client.base().as_str().trim_end_matches('/');
    if receipt.server != server {
        return Err(Error::new(
            Kind::Usage,
            format!("The receipt {id} is of {}, and this is {server}. Nothing was changed.", receipt.server),
        )
        .hint(format!("Connect to that server: akwiz undo {id} --url {}", receipt.server)));
    }
    let mut report = Report { lines: Vec::new() };
    for index in (0..receipt.entries.len()).rev() {
        let entry = &receipt.entries[index];
        if matches!(entry.state, EntryState::Undone | EntryState::Refused { .. }) || !wanted(entry) {
            continue;
        }
        let result = match take_back(client, &mut receipt, index).await {
            Ok(result) => result,
            Err(error) => Taken::Failed(sentence(error)),
        };
        if matches!(result, Taken::Back | Taken::Nothing(_)) {
            receipt.entries[index].state = EntryState::Undone;
        }
        // Also when it failed: keys that were found are worth keeping.
        receipts.save(&receipt)?;
        report.lines.push(Line { label: receipt.entries[index].label.clone(), result });
    }
    Ok(report)
}

async fn take_back(client: &Client, receipt: &mut Receipt, index: usize) -> Result<Taken, ApiError> {
    let entry = &mut receipt.entries[index];
    match &mut entry.object {
        ReceiptObject::Pair { client_id, slug, provider, application, bindings, .. } => {
            pair::take_back(client, client_id, slug, provider, application, bindings).await
        }
        ReceiptObject::Made { endpoint, mark, pk } => made::take_back(client, endpoint, mark, pk).await,
        ReceiptObject::Changed { endpoint, pk, before, after, hidden } => {
            changed::take_back(client, endpoint, pk, before, after, hidden).await
        }
    }
}

/// The failure in one line, with the first thing to do about it.
fn sentence(error: ApiError) -> String {
    let error = Error::from(error);
    match error.hints.first() {
        Some(hint) => format!("{} {hint}", error.message),
        None => error.message,
    }
}
