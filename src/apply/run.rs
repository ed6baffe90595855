//! One run of a plan.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use futures_util::future::{join, join_all};

use super::context::Context;
use super::failure::Failure;
use super::job::{Job, Task, jobs};
use super::look::look;
use super::progress::{Progress, Step, StepState};
use super::send::{Written, send};
use super::{diagnose, entry, read_back};
use crate::authentik::bodies::Made;
use crate::authentik::identification::IdentificationStage;
use crate::authentik::{ApiError, Client};
use crate::catalog::template::Level;
use crate::error::{Error, Kind};
use crate::setup::facts::OAUTH2_COMPONENT;
use crate::setup::outcome::Outcome;
use crate::setup::plan::{Action, Notice, Plan};
use crate::setup::receipt::{EntryState, Receipt, ReceiptEntry, ReceiptObject};

/// What to do when authentik could not read what a service publishes.
const FETCHED: &str =
    "authentik itself reads this from the service when the source is saved: see that the server reaches the internet.";

/// The last step's label.
const READ_BACK: &str = "Read back what was made";

/// One run of a plan.
pub(super) struct Run<'a> {
    client: &'a Client,
    /// Takes the client's place once an answer was lost.
    fresh: OnceLock<Client>,
    pub plan: &'a Plan,
    pub context: &'a Context<'a>,
    pub jobs: Vec<Job<'a>>,
    state: Mutex<State<'a>>,
    /// One receipt is saved at a time, so that the last one kept is the newest.
    saving: tokio::sync::Mutex<()>,
}

struct State<'a> {
    /// Shared with whoever writes it down, so that it is not copied for that.
    receipt: Arc<Receipt>,
    /// The receipt's entry of each job, once it has one.
    entries: HashMap<usize, usize>,
    steps: Vec<Step>,
    made: Made,
    stages: HashMap<String, IdentificationStage>,
    notices: Vec<Notice>,
    progress: &'a mut (dyn FnMut(Progress<'_>) + Send),
}

/// Why a job did not do its work.
struct Trouble {
    error: Error,
    state: EntryState,
}

impl State<'_> {
    fn step(&mut self, index: usize, state: StepState) {
        self.steps[index].state = state;
        (self.progress)(Progress { steps: &self.steps, changed: Some(index) });
    }
}

impl<'a> Run<'a> {
    pub(super) fn new(
        client: &'a Client,
        plan: &'a Plan,
        context: &'a Context<'a>,
        progress: &'a mut (dyn FnMut(Progress<'_>) + Send),
    ) -> Self {
        let jobs = jobs(plan, &context.facts.capabilities);
        let mut steps: Vec<Step> = jobs.iter().map(|job| Step { label: job.label.clone(), state: StepState::Waiting }).collect();
        steps.push(Step { label: READ_BACK.to_owned(), state: StepState::Waiting });
        progress(Progress { steps: &steps, changed: None });
        let state = State {
            receipt: Arc::new(context.receipt(plan)),
            entries: HashMap::new(),
            steps,
            made: Made::new(),
            stages: HashMap::new(),
            notices: Vec::new(),
            progress,
        };
        Self {
            client,
            fresh: OnceLock::new(),
            plan,
            context,
            jobs,
            state: Mutex::new(state),
            saving: tokio::sync::Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State<'a>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The keys of what was made so far.
    pub(super) fn made(&self) -> Made {
        self.state().made.clone()
    }

    /// Does everything. Gives the keys of what was made besides. The outcome's scope has only what the plan's does not.
    pub(super) async fn finish(self) -> Result<(Outcome, Made), Failure> {
        self.check().map_err(Failure::before_anything)?;
        let rounds = self.jobs.iter().map(|job| job.round + 1).max().unwrap_or(0);
        for round in 0..rounds {
            self.round(round).await?;
        }
        let last = self.jobs.len();
        self.state().step(last, StepState::Running);
        let found = if self.context.reads_back() { read_back::read_back(&self).await } else { read_back::later(&self) };
        let mut notices = found.notices;
        let receipt = {
            let mut state = self.state();
            state.step(last, if found.complete { StepState::Done } else { StepState::Unknown });
            let receipt = Arc::make_mut(&mut state.receipt);
            note_keys(receipt, &found.parts);
            receipt.finished = true;
            (!self.jobs.is_empty()).then(|| state.receipt.id.clone())
        };
        if receipt.is_some()
            && let Err(error) = self.save_end().await
        {
            notices.push(unsaved(&error));
        }
        let mut state = self.state();
        notices.append(&mut state.notices);
        let outcome = Outcome {
            template: self.plan.template.clone(),
            receipt,
            source: read_back::source(&self, &state.made),
            parts: found.parts,
            scope: found.added,
            notices,
        };
        Ok((outcome, std::mem::take(&mut state.made)))
    }

    /// Keeps the receipt as it is now.
    async fn save(&self) -> Result<(), Error> {
        let _one = self.saving.lock().await;
        let receipt = Arc::clone(&self.state().receipt);
        self.context.keep(receipt).await
    }

    /// Keeps the receipt as it is when all is done.
    async fn save_end(&self) -> Result<(), Error> {
        match &self.context.many {
            Some(many) if !many.read_back => {
                many.keeper.keep_later(Arc::clone(&self.state().receipt));
                Ok(())
            }
            _ => self.save().await,
        }
    }

    /// What must hold before anything is sent.
    fn check(&self) -> Result<(), Error> {
        if !self.plan.is_ready() {
            return Err(Error::new(Kind::Usage, "Something has to be decided before anything can be done.")
                .hint("Go back to the review."));
        }
        for action in &self.plan.actions {
            // A change through the OAuth2 door wipes a proxy provider's callbacks and mappings. A key never changes its kind.
            if let Action::UpdateProvider { pk, name, .. } = action
                && !self
                    .context
                    .facts
                    .providers
                    .iter()
                    .any(|provider| provider.pk == *pk && provider.component == OAUTH2_COMPONENT)
            {
                return Err(Error::new(
                    Kind::Refused,
                    format!(
                        "The provider “{name}” is not known to be an OAuth2/OpenID provider, so it was left as it is. Nothing was changed."
                    ),
                )
                .hint("Use another name and slug, so that a new provider is made."));
            }
        }
        Ok(())
    }

    /// Sends the writes of one round at once, after the receipt says what they are.
    async fn round(&self, round: usize) -> Result<(), Failure> {
        let due: Vec<usize> = (0..self.jobs.len()).filter(|index| self.jobs[*index].round == round).collect();
        if self.context.stopped() {
            return Err(self.fail(Error::new(Kind::Cancelled, "Stopped. What was under way was finished and recorded.")));
        }
        // A stage must be read before the receipt can say what will change. If it is needed later, it is read beside the writes.
        let now = self.stages(|job| job.round == round).await;
        let recorded = match now {
            Ok(()) => self.record_intents(&due).await,
            Err(error) => Err(error),
        };
        if let Err(error) = recorded {
            return Err(self.fail(error));
        }
        let work = join_all(due.iter().map(|index| self.perform(*index)));
        let (results, stages) = join(work, self.stages(|job| job.round == round + 1)).await;
        let mut errors: Vec<Error> = results.into_iter().filter_map(Result::err).collect();
        errors.extend(stages.err());
        if errors.is_empty() {
            return Ok(());
        }
        let mut first = errors.remove(0);
        first.hints.extend(errors.into_iter().map(|error| error.message));
        Err(self.fail(first))
    }

    fn fail(&self, error: Error) -> Failure {
        let state = self.state();
        if state.receipt.entries.is_empty() { Failure::before_anything(error) } else { Failure::after(error, &state.receipt) }
    }

    /// Reads the identification stages that the jobs wanted by `of` are about.
    async fn stages(&self, of: impl Fn(&Job<'_>) -> bool) -> Result<(), Error> {
        let known = |pk: &str| self.state().stages.contains_key(pk);
        let wanted: Vec<&str> = self.jobs.iter().filter(|job| of(job)).filter_map(Job::stage).filter(|pk| !known(pk)).collect();
        let read = |pk: &'a str| async move {
            let path = ["stages", "identification", pk];
            self.client().get::<IdentificationStage>(&path, &[]).await
        };
        for stage in join_all(wanted.into_iter().map(read)).await {
            let stage = stage?;
            self.state().stages.insert(stage.pk.clone(), stage);
        }
        Ok(())
    }

    /// Puts the writes into the receipt, and the receipt onto the disk.
    async fn record_intents(&self, due: &[usize]) -> Result<(), Error> {
        let (receipt, first) = {
            let mut run = self.state();
            let mut entries = Vec::with_capacity(due.len());
            for index in due {
                let job = &self.jobs[*index];
                let stage = job.stage().and_then(|pk| run.stages.get(pk));
                let object = entry::object(job, &self.context.facts.capabilities, &run.made, stage).map_err(ApiError::from)?;
                entries.push(ReceiptEntry { label: job.label.clone(), object, state: EntryState::Intended });
            }
            let receipt = Arc::make_mut(&mut run.receipt);
            let first = receipt.entries.len();
            receipt.entries.append(&mut entries);
            (Arc::clone(&run.receipt), first)
        };
        let kept = self.context.keep(receipt).await;
        let mut run = self.state();
        if let Err(error) = kept {
            // What was not recorded is not done, and did not happen.
            Arc::make_mut(&mut run.receipt).entries.truncate(first);
            return Err(error.hint("Nothing is changed on the server without a receipt."));
        }
        run.entries.extend(due.iter().copied().zip(first..));
        for index in due {
            run.step(*index, StepState::Running);
        }
        Ok(())
    }

    pub(super) fn client(&self) -> &Client {
        self.fresh.get().unwrap_or(self.client)
    }

    /// Sends one write, looks for it when its answer is lost, and records what came of it.
    async fn perform(&self, index: usize) -> Result<(), Error> {
        let job = &self.jobs[index];
        let (made, stage) = {
            let state = self.state();
            (state.made.clone(), job.stage().and_then(|pk| state.stages.get(pk)).cloned())
        };
        let capabilities = &self.context.facts.capabilities;
        let result = match send(self.client(), job, capabilities, &made, stage.as_ref()).await {
            Ok(written) => Ok(written),
            Err(error) if error.outcome_unknown() => self.look(job, &made, error).await,
            Err(error) => Err(self.refused(job, error).await),
        };
        let (outcome, step) = {
            let mut run = self.state();
            let place = run.entries[&index];
            match result {
                Ok(written) => {
                    if let (Some(handle), Some(pk)) = (job.makes(), &written.pk) {
                        run.made.insert(handle.to_owned(), pk.clone());
                    }
                    let entry = &mut Arc::make_mut(&mut run.receipt).entries[place];
                    entry.state = EntryState::Done;
                    keep(&mut entry.object, written);
                    (Ok(()), StepState::Done)
                }
                Err(trouble) => {
                    let step = if trouble.state == EntryState::Unknown { StepState::Unknown } else { StepState::Failed };
                    Arc::make_mut(&mut run.receipt).entries[place].state = trouble.state;
                    (Err(trouble.error), step)
                }
            }
        };
        // When nothing is left to do or to read, the end of the run is recorded at once, and this with it.
        let recorded_soon = outcome.is_ok() && self.jobs.len() == 1 && !self.context.reads_back();
        // The write has happened: a disk that is full now must not hide it.
        if !recorded_soon && let Err(error) = self.save().await {
            let notice = unsaved(&error);
            let mut run = self.state();
            if !run.notices.contains(&notice) {
                run.notices.push(notice);
            }
        }
        self.state().step(index, step);
        outcome
    }

    /// The server said no, or was not reached: nothing was written.
    async fn refused(&self, job: &Job<'_>, error: ApiError) -> Trouble {
        let error = match job.task {
            Task::Action(Action::Create { provider, application, .. }) if diagnose::was_rolled_back(&error) => {
                diagnose::rolled_back(self.client(), provider, application).await
            }
            _ => {
                let lacks = error.is_missing_right();
                let fetched = matches!(&error, ApiError::Status { body, .. } if body.fields.iter().any(|error| error.path.starts_with("oidc_")));
                let mut error = Error::from(error);
                if fetched {
                    error.hints.insert(0, FETCHED.to_owned());
                }
                if lacks {
                    error.hints.insert(0, format!("{}: this needs {}.", job.label, job.rights().join(", ")));
                }
                error
            }
        };
        let state = EntryState::Refused { reason: error.message.clone() };
        Trouble { error, state }
    }

    /// The answer was lost: looks twice, then says that it is not known.
    async fn look(&self, job: &Job<'_>, made: &Made, lost: ApiError) -> Result<Written, Trouble> {
        let capabilities = &self.context.facts.capabilities;
        // The connection died under the write, so the others are not trusted either.
        let client = self.fresh.get_or_init(|| self.client.reconnected().unwrap_or_else(|_| self.client.clone()));
        let mut found = look(client, job, capabilities, made).await;
        if !matches!(found, Ok(Some(_))) {
            // The server may still be at it, or be away for a moment.
            tokio::time::sleep(self.context.look_again).await;
            found = look(client, job, capabilities, made).await;
        }
        let mut message = format!("The answer to “{}” was lost, ", job.label);
        let cause = match found {
            Ok(Some(written)) => return Ok(written),
            Ok(None) => {
                message.push_str("and there is no trace of it in authentik. It may still appear.");
                lost
            }
            Err(error) => {
                message.push_str("and authentik cannot be asked what became of it.");
                tracing::debug!(%error, "the look failed");
                lost
            }
        };
        let error = Error::new(Kind::Partial, message)
            .hint("Wait a moment and do the same again: akwiz looks what exists first, and makes nothing twice.")
            .caused_by(cause);
        Err(Trouble { error, state: EntryState::Unknown })
    }
}

/// Notes the keys of what was made.
fn keep(object: &mut ReceiptObject, written: Written) {
    match object {
        // Deleting needs more than a name.
        ReceiptObject::Made { pk, .. } if !written.by_name_only => *pk = written.pk,
        ReceiptObject::Pair { provider, application, .. } => {
            *provider = written.pk;
            *application = written.application;
        }
        ReceiptObject::Made { .. } | ReceiptObject::Changed { .. } => {}
    }
}

/// Notes the keys of pairs, which the transaction's answer does not hold.
fn note_keys(receipt: &mut Receipt, parts: &[crate::setup::outcome::PartOutcome]) {
    for entry in &mut receipt.entries {
        if let ReceiptObject::Pair { part, provider, application, .. } = &mut entry.object
            && let Some(found) = parts.iter().find(|found| found.id == *part)
        {
            let known = |pk: &str| (!pk.is_empty()).then(|| pk.to_owned());
            *provider = known(&found.provider).or(provider.take());
            *application = known(&found.application).or(application.take());
        }
    }
}

fn unsaved(error: &Error) -> Notice {
    let mut text = format!("{} So it cannot be undone by akwiz later.", error.message);
    for cause in error.causes() {
        let _ = write!(text, " ({cause})");
    }
    Notice { level: Level::Warning, text }
}
