//! Carries out effects on tokio and sends messages back.
//!
//! It owns what the wizard must not: the authentik client, the token, the stores. Reads run as tasks that are stopped when their ticket
//! no longer holds; writes run to their end.

mod check;
mod doctor;
mod read;
mod rights;
mod write;

use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use secrecy::SecretString;
use tokio::sync::mpsc::UnboundedSender;
use tokio::task::AbortHandle;
use url::Url;

use super::effect::{Effect, Read, Write};
use super::msg::{Msg, Ticket, Written};
use crate::authentik::plex_tv::{Pin, PlexTv};
use crate::authentik::{Client, Trust};
use crate::clipboard::Clipboard;
use crate::config::Files;
use crate::error::{Error, Kind};
use crate::receipts::ReceiptStore;
use crate::secrets::TokenStore;
use crate::setup::facts::Version;

/// What the executor works with.
pub(super) struct Services {
    /// Configuration and state.
    pub files: Arc<Files>,
    /// Receipts.
    pub receipts: Arc<dyn ReceiptStore>,
    /// Tokens that are kept.
    pub tokens: Arc<dyn TokenStore>,
    /// The clipboard.
    pub clipboard: Arc<Mutex<Box<dyn Clipboard>>>,
    /// The file that holds the token, if one was given.
    pub token_file: Option<PathBuf>,
    /// A token that is there already, and where it is from: the stand-in's.
    pub token: Option<(SecretString, String)>,
    /// Where the environment variable for the token is looked at; switched off for the stand-in, so that no real token reaches it.
    pub env: fn(&str) -> Option<String>,
    /// Where Plex answers.
    pub plex: Url,
}

impl fmt::Debug for Services {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Services").field("files", &self.files).field("token_file", &self.token_file).finish_non_exhaustive()
    }
}

/// What comes back to the loop.
#[derive(Debug)]
pub(super) enum Back {
    /// A message for the wizard.
    Msg(Msg),
    /// Bytes for the terminal, such as a copy by OSC 52; they leave with the next frame.
    Bytes(Vec<u8>),
}

/// What is known of the server, shared by the tasks.
#[derive(Debug, Default)]
struct Session {
    /// The client that found the server, without a token.
    found: Option<Client>,
    trust: Trust,
    version: Option<Version>,
    /// The client that signed in, with the public address that it was told.
    signed_in: Option<(Client, Url)>,
    token: Option<SecretString>,
    plex: Option<(PlexTv, Pin)>,
}

/// Carries out effects.
pub(super) struct Executor {
    services: Arc<Services>,
    session: Arc<Mutex<Session>>,
    sender: UnboundedSender<Back>,
    reads: HashMap<Ticket, Vec<AbortHandle>>,
    /// Tells a running write to end after what it is sending now.
    stop: Arc<AtomicBool>,
}

impl Executor {
    /// An executor that sends what comes back to `sender`. Runs inside a tokio runtime.
    pub(super) fn new(services: Services, sender: UnboundedSender<Back>) -> Self {
        Self { services: Arc::new(services), session: Arc::default(), sender, reads: HashMap::new(), stop: Arc::default() }
    }

    /// Begins to carry out what is about the world outside; what is about the terminal or the loop is handed back.
    pub(super) fn begin(&mut self, effect: Effect) -> Option<Effect> {
        match effect {
            Effect::Read(ticket, read) => self.read(ticket, read),
            Effect::Abort(ticket) => {
                for task in self.reads.remove(&ticket).unwrap_or_default() {
                    task.abort();
                }
            }
            Effect::Write(write) => self.write(write),
            Effect::StopApply => self.stop.store(true, Ordering::Relaxed),
            Effect::Suspend | Effect::Redraw | Effect::Quit(_) => return Some(effect),
        }
        None
    }

    fn read(&mut self, ticket: Ticket, read: Read) {
        let task = read::Task { services: Arc::clone(&self.services), session: Arc::clone(&self.session) };
        let sender = self.sender.clone();
        let handle = tokio::spawn(async move {
            // Nobody listens any more when the wizard has ended.
            let send = move |answer| drop(sender.send(Back::Msg(Msg::Answer(ticket, answer))));
            match read {
                Read::Check { targets, run, wait } => check::check(&task, &targets, run, wait, &send).await,
                Read::Watch(watched) => check::watch(&task, &watched, &send).await,
                read => send(task.answer(read).await),
            }
        });
        let handles = self.reads.entry(ticket).or_default();
        handles.retain(|handle| !handle.is_finished());
        handles.push(handle.abort_handle());
    }

    fn write(&mut self, write: Write) {
        let task = write::Task {
            services: Arc::clone(&self.services),
            session: Arc::clone(&self.session),
            sender: self.sender.clone(),
            stop: Arc::clone(&self.stop),
        };
        if matches!(write, Write::Apply { .. } | Write::Fix(_)) {
            self.stop.store(false, Ordering::Relaxed);
        }
        tokio::spawn(task.run(write));
    }
}

fn lock<T: ?Sized>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn tell(sender: &UnboundedSender<Back>, news: Written) {
    // Nobody listens any more when the wizard has ended.
    let _ = sender.send(Back::Msg(Msg::Written(news)));
}

/// Work that blocks, off the drawing thread. One that hangs does not hold the end of the program.
async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

/// Why something cannot be asked: the order of the pages does not let it happen.
fn not_connected() -> Error {
    Error::new(Kind::Internal, "There is no connection to authentik yet.").hint("Go back to the first page.")
}
