//! `akwiz create`.

use std::sync::atomic::{AtomicBool, Ordering};

use clap::Args;

use super::answers::{AnswerOptions, Inputs};
use super::global::GlobalOptions;
use super::output::Output;
use super::session::{self, Session};
use super::{access, plan, settings};
use crate::apply::{Context, Failure, Progress, StepState, apply, differs};
use crate::catalog::render::Engine;
use crate::catalog::template::Template;
use crate::error::{Error, Kind, Result};
use crate::setup::answers::Answers;
use crate::setup::facts::Facts;
use crate::setup::mint::Minted;
use crate::setup::outcome::Outcome;
use crate::setup::plan::{Confirmation, Plan};

/// The wizard's pages are named in the sentences of the plan; on the command line they are options.
pub(super) const BLOCKED_HINT: &str = "Each page of the wizard has its options: akwiz create --help";

/// What `create` is told.
#[derive(Debug, Clone, Default, Args)]
pub struct CreateOptions {
    /// The answers.
    #[command(flatten)]
    pub answers: AnswerOptions,
    /// Do it without asking
    #[arg(short, long)]
    pub yes: bool,
    /// Type a confirmation that is asked for besides, such as the slug of something in use; once for each
    #[arg(long, value_name = "TEXT")]
    pub confirm: Vec<String>,
    /// Print secrets too
    #[arg(long)]
    pub reveal: bool,
    /// How the application is set up, where there are several ways
    #[arg(long, value_name = "WAY")]
    pub way: Option<String>,
}

/// Plans, asks, applies, and prints the settings.
///
/// # Errors
/// When something has to be decided first, it was not confirmed, or the server refuses.
pub(super) async fn run(global: &GlobalOptions, options: CreateOptions, output: &Output) -> Result<()> {
    let template = session::template(global, &options.answers.template)?;
    settings::check_way(&template, options.way.as_deref())?;
    let mut answers = options.answers.answers(&template, &Inputs::REAL)?;
    let (engine, minted) = (Engine::new(), session::credentials(&template));
    session::check_questions(&engine, &template, &answers, &minted)?;
    let work = Work { session: Session::open(global).await?, engine, template, minted, output };
    let (facts, _) = work.look(&answers).await?;
    answers.access = access::resolve(&options.answers.access, &facts, &work.session.client).await?;
    session::find_key(&mut answers, &facts)?;
    let plan = crate::setup::planner::plan(&work.engine, &work.template, &answers, &facts, &work.minted);
    plan::show(&plan, &facts, output)?;
    if let Some(error) = plan::undecided(&plan) {
        return Err(error);
    }
    let (facts, plan) = if work.confirmed(&plan, &options)? {
        // Time has passed while the person read.
        let (now, fresh) = work.look(&answers).await?;
        if let Some(sentence) = differs(&plan, &fresh) {
            return Err(Error::new(Kind::Conflict, sentence).hint("Nothing was changed. Run the same command again."));
        }
        (now, fresh)
    } else {
        (facts, plan)
    };
    let outcome = work.apply(&answers, &facts, &plan).await?;
    work.session.remember(&work.template.id);
    for each in &outcome.notices {
        output.note(&plan::notice(each));
    }
    let hidden = settings::print(&work.engine, &work.template, &outcome, options.way.as_deref(), options.reveal, output)?;
    // The stand-in ends with this command, and what it made with it.
    if hidden && global.demo {
        output.note("Secrets are hidden: --reveal shows them.");
    } else if hidden {
        output.note(&options.answers.to_reveal());
    }
    if let Some(receipt) = outcome.receipt.filter(|_| !global.demo) {
        output.note(&format!("Receipt {receipt}. Take it back: akwiz undo {receipt}"));
    }
    Ok(())
}

struct Work<'a> {
    session: Session,
    engine: Engine,
    template: Template,
    minted: Minted,
    output: &'a Output,
}

impl Work<'_> {
    async fn look(&self, answers: &Answers) -> Result<(Facts, Plan)> {
        self.session.look(&self.engine, &self.template, answers, &self.minted).await
    }

    /// Has the plan confirmed. True if that took a person's time.
    fn confirmed(&self, plan: &Plan, options: &CreateOptions) -> Result<bool> {
        if plan.is_empty() {
            return Ok(false);
        }
        let mut asked = false;
        for confirmation in &plan.confirmations {
            let (wanted, why) = match confirmation {
                Confirmation::Slug { slug, why } => (slug.as_str(), why),
                Confirmation::Yes { why } => ("yes", why),
            };
            if options.confirm.iter().any(|typed| typed == wanted) {
                continue;
            }
            self.output.note(why);
            let typed = self.output.ask(&format!("Type {wanted} to go on:")).map_err(|error| {
                error.hint(format!("Confirm it: {}", crate::setup::command::quoted(&[format!("--confirm={wanted}")])))
            })?;
            if typed != wanted {
                return Err(declined());
            }
            asked = true;
        }
        if options.yes {
            return Ok(asked);
        }
        let typed = self.output.ask("Do it? [y/N]").map_err(|error| error.hint("Do it without asking: --yes"))?;
        if matches!(typed.to_lowercase().as_str(), "y" | "yes") { Ok(true) } else { Err(declined()) }
    }

    async fn apply(&self, answers: &Answers, facts: &Facts, plan: &Plan) -> Result<Outcome> {
        let (run, stop) = (session::run_id(), AtomicBool::new(false));
        let receipts = self.session.receipts.as_ref();
        let context = Context::new(facts, answers, receipts, session::now(), &run, &stop);
        let work = apply(&self.session.client, plan, &context, |progress| self.tell(progress));
        let mut work = std::pin::pin!(work);
        let result = tokio::select! {
            result = &mut work => result,
            // What is under way is finished and recorded: leaving now could lose its answer.
            Ok(()) = tokio::signal::ctrl_c() => {
                stop.store(true, Ordering::Relaxed);
                self.output.note("Stopping after what is under way.");
                work.await
            }
        };
        result.map_err(|failure| self.explain(failure))
    }

    fn tell(&self, progress: Progress<'_>) {
        let Some(step) = progress.changed.and_then(|index| progress.steps.get(index)) else { return };
        let word = match step.state {
            StepState::Waiting | StepState::Running => return,
            StepState::Done => "done",
            StepState::Failed => "failed",
            StepState::Unknown => "unknown",
        };
        self.output.note(&format!("{word:>7}  {}", step.label));
    }

    fn explain(&self, failure: Failure) -> Error {
        for line in &failure.made {
            self.output.note(&format!("left behind: {line}"));
        }
        failure.error
    }
}

fn declined() -> Error {
    Error::new(Kind::Cancelled, "Nothing was changed.")
}
