//! Removes what former runs of the file made and the file no longer has.

use crate::apply::many::{self, Leftovers};
use crate::apply::undo::{Report, Taken};
use crate::authentik::Client;
use crate::cli::output::Output;
use crate::error::Result;
use crate::receipts::ReceiptStore;

/// What was removed.
#[derive(Default)]
pub(super) struct Pruned {
    /// The slugs of applications.
    pub applications: Vec<String>,
    /// The names of what only they used.
    pub shared: Vec<String>,
    /// How many are still there against the plan. What others use is not among them: so it was announced.
    pub missing: usize,
}

/// What became of one.
enum Fate {
    Gone,
    /// Others use it, or it was changed since: a sentence.
    Kept(String),
    Failed(String),
}

impl Fate {
    fn of(result: Result<Report>) -> Self {
        let report = match result {
            Ok(report) => report,
            Err(error) => return Self::Failed(error.message),
        };
        let mut fate = Self::Gone;
        for line in report.lines {
            match line.result {
                Taken::Back | Taken::Nothing(_) => {}
                Taken::Left(why) => fate = Self::Kept(why),
                Taken::Failed(why) => return Self::Failed(why),
            }
        }
        fate
    }
}

/// Removes the applications, then what only they used.
pub(super) async fn prune(client: &Client, receipts: &dyn ReceiptStore, leftovers: &Leftovers, output: &Output) -> Pruned {
    let mut pruned = Pruned::default();
    let ids = leftovers.applications.iter().map(|leftover| leftover.receipt.as_str());
    for (leftover, result) in leftovers.applications.iter().zip(many::prune(client, receipts, ids).await) {
        let slug = &leftover.slug;
        match Fate::of(result) {
            Fate::Gone => {
                output.note(&format!("removed  {slug}"));
                pruned.applications.push(slug.clone());
            }
            Fate::Kept(why) | Fate::Failed(why) => {
                output.note(&format!(" failed  {slug}: {why}"));
                pruned.missing += 1;
            }
        }
    }
    let ids = leftovers.shared.iter().map(|leftover| leftover.receipt.as_str());
    for (leftover, result) in leftovers.shared.iter().zip(many::prune(client, receipts, ids).await) {
        let name = &leftover.name;
        match Fate::of(result) {
            Fate::Gone => {
                output.note(&format!("removed  “{name}”"));
                pruned.shared.push(name.clone());
            }
            Fate::Kept(why) => output.note(&format!("   kept  “{name}”: {why}")),
            Fate::Failed(why) => {
                output.note(&format!(" failed  “{name}”: {why}"));
                pruned.missing += 1;
            }
        }
    }
    pruned
}
