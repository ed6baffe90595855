//! Plans of several applications at once, on as many threads as help: planning is the work that stands between the server's lists and the
//! first request.

use std::num::NonZero;
use std::panic::resume_unwind;
use std::thread::{self, Builder};

use super::Wish;
use crate::catalog::render::Engine;
use crate::catalog::template::Template;
use crate::setup::facts::Facts;
use crate::setup::mint::Minted;
use crate::setup::plan::Plan;

/// So many are planned before any is looked at, at most, where the plans are not kept. A plan is some kilobytes.
pub(super) const MOST: usize = 128;

/// Fewer are not worth a thread.
const FEW: usize = 16;

/// More threads would not end sooner: the lists and the requests take most of the time.
const MOST_THREADS: usize = 4;

/// The plan of each wish, as if it were the only one.
pub(super) fn plans(engine: &Engine, mint: &(dyn Fn(&Template) -> Minted + Sync), facts: &Facts, wishes: &[&Wish]) -> Vec<Plan> {
    let make =
        |wishes: &[&Wish]| -> Vec<Plan> { wishes.iter().map(|wish| wish.plan(engine, facts, &mint(&wish.template))).collect() };
    let threads = thread::available_parallelism().map_or(1, NonZero::get).min(MOST_THREADS);
    let each = wishes.len().div_ceil(threads).max(FEW);
    thread::scope(|scope| {
        let mut shares = wishes.chunks(each);
        let own = shares.next().unwrap_or_default();
        // A system that has no thread left is no reason to fail.
        let others: Vec<_> = shares.map(|share| (share, Builder::new().spawn_scoped(scope, move || make(share)))).collect();
        let mut plans = make(own);
        for (share, other) in others {
            plans.extend(match other {
                Ok(thread) => thread.join().unwrap_or_else(|panic| resume_unwind(panic)),
                Err(_) => make(share),
            });
        }
        plans
    })
}
