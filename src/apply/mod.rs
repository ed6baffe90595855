//! Runs a plan over the client: receipt first, then the write; independent writes at once; then a look at what came of it.
//!
//! [`apply`] is the only way in. A write whose answer was lost is looked for by the client ID that akwiz made (`look`), never repeated
//! and never taken for failed. [`many`] does many plans as one. [`undo`] takes back what a receipt records. [`differs`] tells whether the
//! server changed since review.

mod context;
mod diagnose;
mod entry;
mod failure;
mod job;
mod look;
pub mod many;
mod progress;
mod read_back;
mod recheck;
mod rights;
mod run;
mod send;
pub mod undo;

pub use context::Context;
pub use failure::Failure;
pub use progress::{Progress, Step, StepState};
pub use recheck::differs;
pub use rights::check_rights;

use crate::authentik::Client;
use crate::setup::outcome::Outcome;
use crate::setup::plan::Plan;

/// Does what `plan` says, and tells `progress` of each step.
///
/// Round trips: one for everything that others refer to (a key, mappings, groups; usually none), one for the transaction or the changes,
/// one to read back. A login source that is put on the login page takes one more; so does the icon on servers before 2025.12.
///
/// # Errors
/// [`Failure`], with what was made until then and the receipt that can take it back.
pub async fn apply(
    client: &Client,
    plan: &Plan,
    context: &Context<'_>,
    mut progress: impl FnMut(Progress<'_>) + Send,
) -> Result<Outcome, Failure> {
    let run = run::Run::new(client, plan, context, &mut progress);
    // Boxed, because a future holds all that it waits for.
    let (mut outcome, _) = Box::pin(run.finish()).await?;
    let added = std::mem::replace(&mut outcome.scope, plan.scope.clone());
    outcome.scope.extend(added);
    Ok(outcome)
}
