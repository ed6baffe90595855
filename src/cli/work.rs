//! What every command that changes something does: look, have the plan confirmed, apply it, tell how it goes.

use std::sync::atomic::{AtomicBool, Ordering};

use clap::Args;

use super::output::Output;
use super::session::{self, Session};
use super::sheet::Sheet;
use crate::apply::{self, Context, Progress, StepState, check_rights, differs};
use crate::catalog::render::Engine;
use crate::catalog::template::Template;
use crate::catalog::value::Scope;
use crate::error::{Error, Kind, Result};
use crate::setup::answers::Answers;
use crate::setup::facts::Facts;
use crate::setup::mint::Minted;
use crate::setup::outcome::Outcome;
use crate::setup::plan::{Confirmation, Plan};

/// How a plan is confirmed without being asked.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = Option::<&'static str>::None)]
pub struct ConfirmOptions {
    /// Do it without asking
    #[arg(short, long)]
    pub yes: bool,
    /// Type a confirmation that is asked for besides, such as the slug of something in use; once for each
    #[arg(long, value_name = "TEXT")]
    pub confirm: Vec<String>,
}

/// What a command works with.
pub(super) struct Work<'a> {
    pub session: Session,
    pub engine: Engine,
    pub template: Template,
    pub minted: Minted,
    pub output: &'a Output,
}

impl Work<'_> {
    /// What to enter in the application.
    pub(super) fn sheet<'s>(&'s self, scope: &'s Scope, reveal: bool) -> Sheet<'s> {
        Sheet { engine: &self.engine, template: &self.template, scope, reveal }
    }

    /// Looks and plans with these answers.
    ///
    /// # Errors
    /// When the token is refused, or the server cannot be reached.
    pub(super) async fn look(&self, answers: &Answers) -> Result<(Facts, Plan)> {
        // Boxed, because a future holds all that it waits for.
        Box::pin(self.session.look(&self.engine, &self.template, answers, &self.minted)).await
    }

    /// Checks the rights, has the plan confirmed, and sees that it still is the plan: time has passed while the person read.
    ///
    /// # Errors
    /// When a right is missing, it was declined, or the server has changed.
    pub(super) async fn confirmed(
        &self,
        answers: &Answers,
        facts: Facts,
        plan: Plan,
        options: &ConfirmOptions,
    ) -> Result<(Facts, Plan)> {
        if plan.is_empty() {
            return Ok((facts, plan));
        }
        Box::pin(check_rights(&self.session.client, &plan, &facts)).await?;
        if !confirm(&plan, options, self.output)? {
            return Ok((facts, plan));
        }
        let (now, fresh) = self.look(answers).await?;
        if let Some(sentence) = differs(&plan, &fresh) {
            return Err(Error::new(Kind::Conflict, sentence).hint("Nothing was changed. Run the same command again."));
        }
        Ok((now, fresh))
    }

    /// Does it, and tells each step.
    ///
    /// # Errors
    /// As [`apply`].
    pub(super) async fn apply(&self, answers: &Answers, facts: &Facts, plan: &Plan) -> Result<Outcome> {
        apply(&self.session, self.output, answers, facts, plan).await
    }
}

/// Does what a plan says, and tells each step.
///
/// # Errors
/// What went wrong; what was left behind is told before.
pub(super) async fn apply(session: &Session, output: &Output, answers: &Answers, facts: &Facts, plan: &Plan) -> Result<Outcome> {
    let (run, stop) = (session::run_id(), AtomicBool::new(false));
    let context = Context::new(facts, answers, session.receipts.as_ref(), session::now(), &run, &stop);
    let work = apply::apply(&session.client, plan, &context, |progress| tell(output, &progress));
    let mut work = std::pin::pin!(work);
    let result = tokio::select! {
        result = &mut work => result,
        // What is under way is finished and recorded: leaving now could lose its answer.
        Ok(()) = tokio::signal::ctrl_c() => {
            stop.store(true, Ordering::Relaxed);
            output.note("Stopping after what is under way.");
            work.await
        }
    };
    result.map_err(|failure| {
        for line in &failure.made {
            output.warning(&format!("left behind: {line}"));
        }
        failure.error
    })
}

fn tell(output: &Output, progress: &Progress<'_>) {
    let Some(step) = progress.changed.and_then(|index| progress.steps.get(index)) else { return };
    let word = match step.state {
        StepState::Waiting | StepState::Running => return,
        StepState::Done => "done",
        StepState::Failed => "failed",
        StepState::Unknown => "unknown",
    };
    output.note(&format!("{word:>7}  {}", step.label));
}

/// Has a plan confirmed. True if that took a person's time.
///
/// # Errors
/// When it was declined, or nothing can be asked.
pub(super) fn confirm(plan: &Plan, options: &ConfirmOptions, output: &Output) -> Result<bool> {
    let typed = |confirmation: &Confirmation| options.confirm.iter().any(|typed| typed == confirmation.wanted());
    for confirmation in &plan.confirmations {
        output.confirm_typed(confirmation.wanted(), confirmation.why(), &options.confirm)?;
    }
    output.confirm(options.yes)?;
    Ok(!(options.yes && plan.confirmations.iter().all(typed)))
}
