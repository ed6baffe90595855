//! What applying needs beside the plan and the client.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::many::Keeper;
use crate::error::Result;
use crate::receipts::{ReceiptStore, receipt_id};
use crate::setup::answers::Answers;
use crate::setup::facts::Facts;
use crate::setup::plan::Plan;
use crate::setup::recall::{recorded_answers, recorded_options};
use crate::setup::receipt::{FORMAT, FileMark, Receipt};

/// How long to wait before the second look for a write whose answer was lost: a loaded server takes seconds to commit.
const LOOK_AGAIN: Duration = Duration::from_secs(4);

/// What applying needs beside the plan and the client.
#[derive(Debug)]
pub struct Context<'a> {
    /// What the server has, as the plan saw it.
    pub facts: &'a Facts,
    /// The answers, for the receipt. Secrets are left out of it.
    pub answers: &'a Answers,
    /// Where the receipt is kept.
    pub receipts: &'a dyn ReceiptStore,
    /// The time, in seconds since 1970 (UTC).
    pub now: u64,
    /// A few random letters and digits that keep two runs of one second apart.
    pub run: &'a str,
    /// Set from outside to stop: the write under way is finished and recorded, and nothing more is done.
    pub stop: &'a AtomicBool,
    /// How long to wait before the second look for a write whose answer was lost.
    pub look_again: Duration,
    /// The run is one of many.
    pub(super) many: Option<OneOfMany<'a>>,
}

/// What is otherwise when a run is one of many.
#[derive(Debug)]
pub(super) struct OneOfMany<'a> {
    /// Keeps the receipts of all of them.
    pub keeper: &'a Keeper,
    /// Which file asked for it.
    pub mark: FileMark,
    /// What came of it is read back.
    pub read_back: bool,
}

impl<'a> Context<'a> {
    /// A context with the usual pauses.
    pub fn new(
        facts: &'a Facts,
        answers: &'a Answers,
        receipts: &'a dyn ReceiptStore,
        now: u64,
        run: &'a str,
        stop: &'a AtomicBool,
    ) -> Self {
        Self { facts, answers, receipts, now, run, stop, look_again: LOOK_AGAIN, many: None }
    }

    pub(super) fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Keeps `receipt`.
    pub(super) async fn keep(&self, receipt: Arc<Receipt>) -> Result<()> {
        match &self.many {
            Some(many) => many.keeper.keep(receipt).await,
            None => self.receipts.save(&receipt),
        }
    }

    /// Whether what came of the run is read back.
    pub(super) fn reads_back(&self) -> bool {
        self.many.as_ref().is_none_or(|many| many.read_back)
    }

    /// The receipt of a run that has done nothing yet.
    pub(super) fn receipt(&self, plan: &Plan) -> Receipt {
        Receipt {
            format: FORMAT,
            id: receipt_id(self.now, &plan.template, self.run),
            started: self.now,
            server: self.facts.api_url.clone(),
            public_url: self.facts.public_url.clone(),
            user: self.facts.me.username.clone(),
            template: plan.template.clone(),
            answers: recorded_answers(self.answers),
            options: recorded_options(&self.answers.options),
            slugs: plan.parts.iter().map(|part| (part.id.clone(), part.slug.clone())).collect(),
            client_ids: plan.parts.iter().map(|part| (part.id.clone(), part.client_id.clone())).collect(),
            entries: Vec::new(),
            finished: false,
            source: None,
            file: self.many.as_ref().map(|many| many.mark.clone()),
        }
    }
}
