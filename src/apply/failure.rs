//! Why a run did not come to its end, and what it left behind.

use crate::error::{Error, Kind};
use crate::setup::receipt::{EntryState, Receipt, ReceiptEntry, ReceiptObject};

/// A run that did not come to its end.
#[derive(Debug)]
pub struct Failure {
    /// What happened, and what to do.
    pub error: Error,
    /// The receipt, if anything was sent.
    pub receipt: Option<String>,
    /// What this run made or changed, or may have, one line each. Empty: nothing was left behind.
    pub made: Vec<String>,
    /// [`super::undo::undo`] with the receipt can take it back.
    pub can_undo: bool,
    /// A fresh plan with the same answers finds what exists and does the rest.
    pub can_finish: bool,
}

impl Failure {
    /// Nothing was sent.
    pub(super) fn before_anything(error: Error) -> Self {
        Self { error, receipt: None, made: Vec::new(), can_undo: false, can_finish: true }
    }

    /// Some of `receipt` was sent.
    pub(super) fn after(mut error: Error, receipt: &Receipt) -> Self {
        let made: Vec<String> = receipt.entries.iter().filter_map(left_behind).collect();
        if !made.is_empty() {
            // Something else than nothing was done, whatever stopped it.
            if error.kind != Kind::Cancelled {
                error.kind = Kind::Partial;
            }
            error.hints.push(format!("Take back what was done: akwiz undo {}", receipt.id));
        }
        Self { error, receipt: Some(receipt.id.clone()), can_undo: !made.is_empty(), made, can_finish: true }
    }
}

fn left_behind(entry: &ReceiptEntry) -> Option<String> {
    let name = match &entry.object {
        ReceiptObject::Made { pk: Some(pk), endpoint, .. } => format!("{} ({endpoint}, {pk})", entry.label),
        ReceiptObject::Made { .. } | ReceiptObject::Pair { .. } | ReceiptObject::Changed { .. } => entry.label.clone(),
    };
    match entry.state {
        EntryState::Done => Some(format!("{name}: done")),
        EntryState::Intended | EntryState::Unknown => Some(format!("{name}: not known whether it was done")),
        EntryState::Refused { .. } | EntryState::Undone => None,
    }
}
