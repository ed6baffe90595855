//! Changes outside.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use ring::rand::{SecureRandom as _, SystemRandom};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::mpsc::UnboundedSender;
use url::Url;

use super::{Back, Services, Session, lock, not_connected, off_thread, tell};
use crate::apply::undo::{Taken, undo};
use crate::apply::{Context, Failure, Progress, StepState as Applied, apply};
use crate::authentik::Client;
use crate::clipboard::Certainty;
use crate::config::{Profile, write_private};
use crate::error::{Error, Kind, Result};
use crate::secrets::{self, Kept};
use crate::setup::answers::Answers;
use crate::setup::facts::Facts;
use crate::setup::outcome::Outcome;
use crate::setup::plan::Plan;
use crate::ui::effect::{Remembered, Write};
use crate::ui::msg::{ApplyFailure, FileWritten, StepState, Written};

/// One change.
pub(super) struct Task {
    pub(super) services: Arc<Services>,
    pub(super) session: Arc<Mutex<Session>>,
    pub(super) sender: UnboundedSender<Back>,
    pub(super) stop: Arc<AtomicBool>,
}

impl Task {
    /// Makes it, and tells what came of it.
    pub(super) async fn run(self, write: Write) {
        match write {
            Write::Apply { plan, facts, answers } => {
                let result = self.apply(&plan, &facts, &answers).await;
                tell(&self.sender, Written::Applied(result.map(Box::new).map_err(failed)));
            }
            Write::Fix(repair) => {
                let result = self.apply(&repair.plan, &repair.facts, &Answers::new(repair.plan.template.clone())).await;
                let result = result.map(|outcome| outcome.receipt).map_err(|failure| failure.error);
                tell(&self.sender, Written::Fixed(result));
            }
            Write::Undo { receipt } => tell(&self.sender, Written::Undone(self.undo(&receipt).await)),
            Write::KeepToken => tell(&self.sender, self.keep_token().await),
            Write::Copy { text, secret, what } => self.copy(text, secret, what).await,
            Write::File { path, text, secret, overwrite } => {
                let written = off_thread(move || write_file(&path, &text, secret, overwrite)).await;
                tell(&self.sender, Written::File(written));
            }
            Write::Remember(what) => {
                if let Err(error) = off_thread(move || remember(&self.services, what)).await {
                    tracing::warn!(%error, "not remembered");
                }
            }
        }
    }

    fn client(&self) -> Result<Client> {
        lock(&self.session).signed_in.as_ref().map(|(client, _)| client.clone()).ok_or_else(not_connected)
    }

    async fn apply(&self, plan: &Plan, facts: &Facts, answers: &Answers) -> Result<Outcome, Failure> {
        let client = self.client().map_err(|error| Failure {
            error,
            receipt: None,
            made: Vec::new(),
            can_undo: false,
            can_finish: true,
        })?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let run = random_letters();
        let context = Context::new(facts, answers, &*self.services.receipts, now, &run, &self.stop);
        let sender = self.sender.clone();
        apply(&client, plan, &context, move |progress| report(&sender, progress)).await
    }

    async fn undo(&self, receipt: &str) -> Result<Vec<String>> {
        let report = undo(&self.client()?, &*self.services.receipts, receipt).await?;
        let lines = report.lines.iter().map(|line| {
            let result = match &line.result {
                Taken::Back => "taken back",
                Taken::Nothing(why) | Taken::Left(why) | Taken::Failed(why) => why,
            };
            format!("{}: {result}", line.label)
        });
        let lines: Vec<String> = lines.collect();
        if report.is_complete() {
            return Ok(lines);
        }
        let some = report.lines.iter().any(|line| line.result == Taken::Back);
        let message = if some { "Not everything could be taken back." } else { "Nothing could be taken back." };
        let mut error = Error::new(if some { Kind::Partial } else { Kind::Refused }, message);
        error.hints = lines;
        Err(error)
    }

    async fn keep_token(&self) -> Written {
        let (origin, token) = {
            let session = lock(&self.session);
            let origin = session.found.as_ref().map(|client| secrets::origin(client.base()));
            (origin, session.token.clone())
        };
        let (Some(origin), Some(token)) = (origin, token) else {
            return Written::TokenKept { kept: false, message: not_connected().to_string() };
        };
        let services = Arc::clone(&self.services);
        let kept = off_thread(move || services.tokens.save(&origin, &token)).await;
        Written::TokenKept { kept: matches!(kept, Kept::In(_)), message: kept.sentence() }
    }

    async fn copy(self, text: SecretString, secret: bool, what: String) {
        let clipboard = Arc::clone(&self.services.clipboard);
        let sent = off_thread(move || lock(&clipboard).copy(text.expose_secret(), secret)).await;
        let message = sent.with_other_ways();
        let result = match sent.certainty {
            Certainty::Copied | Certainty::Sent => Ok(message),
            Certainty::Failed => Err(Error::new(Kind::Internal, message)),
        };
        if !sent.bytes.is_empty() {
            // Before the message, so that both leave with the same frame.
            let _ = self.sender.send(Back::Bytes(sent.bytes));
        }
        tell(&self.sender, Written::Copied { what, result });
    }
}

/// Four letters and digits that keep two runs of one second apart.
fn random_letters() -> String {
    let mut bytes = [0; 4];
    SystemRandom::new().fill(&mut bytes).expect("the system gives random bytes");
    bytes.iter().map(|byte| char::from(b"abcdefghijklmnopqrstuvwxyz012345"[usize::from(byte % 32)])).collect()
}

fn report(sender: &UnboundedSender<Back>, progress: Progress<'_>) {
    let steps = progress.steps.iter().enumerate();
    for (index, step) in steps.filter(|(index, _)| progress.changed.is_none_or(|changed| changed == *index)) {
        let state = match step.state {
            Applied::Waiting => StepState::Waiting,
            Applied::Running => StepState::Running,
            Applied::Done => StepState::Done(String::new()),
            Applied::Failed => StepState::Failed(String::new()),
            Applied::Unknown => StepState::Failed("No answer came, and what it should have done was not found.".to_owned()),
        };
        tell(sender, Written::Step { index, label: step.label.clone(), state });
    }
}

fn failed(failure: Failure) -> ApplyFailure {
    ApplyFailure { error: failure.error, receipt: failure.receipt, left: failure.made, can_retry: failure.can_finish }
}

fn write_file(path: &Path, text: &SecretString, secret: bool, overwrite: bool) -> Result<FileWritten> {
    let path = in_home(path);
    let shown = path.display().to_string();
    let fail = |error: io::Error| Error::new(Kind::Internal, format!("{shown} cannot be written: {error}.")).caused_by(error);
    let bytes = text.expose_secret().as_bytes();
    if !overwrite && path.exists() {
        return Ok(FileWritten::Exists { path: shown });
    }
    if secret {
        write_private(&path, bytes).map_err(fail)?;
    } else {
        let mut file = std::fs::File::create(&path).map_err(fail)?;
        file.write_all(bytes).and_then(|()| file.sync_all()).map_err(fail)?;
    }
    Ok(FileWritten::Written { path: shown, private: secret && cfg!(unix) })
}

/// A path as people type it: `~/` is the home directory.
fn in_home(path: &Path) -> PathBuf {
    match (path.strip_prefix("~"), etcetera::home_dir()) {
        (Ok(rest), Ok(home)) => home.join(rest),
        _ => path.to_path_buf(),
    }
}

fn remember(services: &Services, what: Remembered) -> Result<()> {
    match what {
        Remembered::Template(id) => services.files.update_state(|state| state.used(&id)).map(drop),
        Remembered::Server { url, public_url, ca_file, fingerprint } => {
            let public = (public_url != url).then_some(public_url);
            services.files.update_state(|state| {
                state.last_api = Some(url.clone());
                state.last_public.clone_from(&public);
            })?;
            // A profile is made only when there is something to say about the server that cannot be found out again.
            if public.is_none() && ca_file.is_none() && fingerprint.is_none() {
                return Ok(());
            }
            let Ok(api) = url.parse::<Url>() else { return Ok(()) };
            services.files.update_config(|config| {
                let known = config.profile_of(&secrets::origin(&api)).map(|(name, _)| name.to_owned());
                let name = known.unwrap_or_else(|| api.host_str().unwrap_or("authentik").to_owned());
                let profile = config.profiles.entry(name).or_insert_with(|| Profile { api: url.clone(), ..Profile::default() });
                profile.public = public;
                profile.ca_file = ca_file.or_else(|| profile.ca_file.take());
                profile.fingerprint = fingerprint.or_else(|| profile.fingerprint.take());
            })?;
            Ok(())
        }
    }
}
