//! What the wizard wants done outside, as plain data. `executor.rs` does it.

use std::path::PathBuf;
use std::sync::Arc;

use secrecy::SecretString;

use super::msg::{Millis, Owner, Repair, Ticket};
use super::steps::Step;
use crate::catalog::template::{SourceApi, Template};
use crate::checks::Target;
use crate::checks::watch::Watched;
use crate::setup::answers::Answers;
use crate::setup::facts::Facts;
use crate::setup::fix::Fix;
use crate::setup::plan::Plan;

/// One thing to do.
#[derive(Debug)]
pub enum Effect {
    /// Ask; the answer comes as [`super::msg::Answer`] with the same ticket.
    Read(Ticket, Read),
    /// Stop the reads with this ticket.
    Abort(Ticket),
    /// Change something outside; news comes as [`super::msg::Written`].
    Write(Write),
    /// Finish the write under way, record it, and apply nothing more.
    StopApply,
    /// Stop the program until the shell continues it.
    Suspend,
    /// Draw every cell anew.
    Redraw,
    /// Leave with this exit code.
    Quit(u8),
}

/// A question to the world. Its answer may come too late and is dropped then.
#[derive(Debug, Clone)]
pub enum Read {
    /// Load the templates: [`super::msg::Answer::Catalog`].
    Catalog,
    /// Make identifiers and secrets for a template, from the system's randomness: [`super::msg::Answer::Minted`].
    Mint(Arc<Template>),
    /// See what is at an address: [`super::msg::Answer::Probed`].
    Probe(Probe),
    /// Look for a token for the server that was found: [`super::msg::Answer::Token`].
    FindToken,
    /// Ask whose token it is and what it may do: [`super::msg::Answer::SignedIn`]. The executor keeps the client that works.
    SignIn {
        /// The token.
        token: SecretString,
        /// The address that browsers and applications use, without a final slash.
        public_url: String,
    },
    /// Ask what the server has: [`super::msg::Answer::Facts`].
    Facts {
        /// The slugs that are wanted, to see what has them already.
        slugs: Vec<String>,
        /// A login source is to be made, and not an application.
        source: Option<SourceApi>,
        /// Ask for the rights that a second pass needs.
        second_pass: bool,
    },
    /// Ask who is in authentik, service accounts left out: [`super::msg::Answer::People`].
    People,
    /// Check that what was made works: an [`super::msg::Answer::Ticked`] for each check, then [`super::msg::Answer::Checked`].
    Check {
        /// What to check: one for each provider and application.
        targets: Arc<Vec<Target>>,
        /// Which run it is; its answers carry it.
        run: u32,
        /// How long to wait before, in milliseconds.
        wait: Millis,
    },
    /// Follow authentik's log while somebody signs in: an [`super::msg::Answer::News`] for each thing that happens, then
    /// [`super::msg::Answer::WatchEnded`].
    Watch(Vec<Watched>),
    /// Find out what is wrong with the application that was pasted something about, free of secrets: [`super::msg::Answer::Diagnosed`].
    Diagnose(String),
    /// Plan a repair of an application: [`super::msg::Answer::FixPlanned`].
    PlanFix {
        /// Its slug.
        slug: String,
        /// The repair.
        fix: Fix,
    },
    /// Ask for a PIN: [`super::msg::Answer::PlexPin`].
    PlexStart,
    /// Ask whether the PIN was used, after `wait`: [`super::msg::Answer::PlexPolled`].
    PlexPoll {
        /// The PIN's number.
        id: u64,
        /// The client identifier that it was made with.
        client_identifier: String,
        /// How long to wait before asking, in milliseconds.
        wait: Millis,
    },
    /// Ask for the account's servers: [`super::msg::Answer::PlexServers`].
    PlexServers {
        /// The account's token.
        token: SecretString,
        /// The client identifier.
        client_identifier: String,
    },
}

/// Where to look for authentik, and whom to trust.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// The address as typed.
    pub address: String,
    /// A file with certificates of authorities.
    pub ca_file: Option<PathBuf>,
    /// Fingerprints that the person accepted.
    pub accepted: Vec<String>,
}

/// A change outside. Its news is never dropped.
#[derive(Debug)]
pub enum Write {
    /// Do what was reviewed: [`super::msg::Written::Step`]s, then [`super::msg::Written::Applied`].
    Apply {
        /// The plan as it was shown.
        plan: Box<Plan>,
        /// What it was made from.
        facts: Arc<Facts>,
        /// The answers that it was made from, for the receipt.
        answers: Box<Answers>,
    },
    /// Take back what a receipt records: [`super::msg::Written::Undone`].
    Undo {
        /// The receipt's id.
        receipt: String,
    },
    /// Carry out a repair that was shown: [`super::msg::Written::Fixed`].
    Fix(Box<Repair>),
    /// Keep the token that signed in, for this server: [`super::msg::Written::TokenKept`].
    KeepToken,
    /// Copy to the clipboard: [`super::msg::Written::Copied`].
    Copy {
        /// The text.
        text: SecretString,
        /// It holds a secret: clipboards that keep a history are told.
        secret: bool,
        /// What it is, for the message: `Client secret`.
        what: String,
    },
    /// Write a file: [`super::msg::Written::File`].
    File {
        /// Where.
        path: PathBuf,
        /// What.
        text: SecretString,
        /// It holds a secret: only its owner may read it (0600).
        secret: bool,
        /// Replace a file that is there.
        overwrite: bool,
    },
    /// Remember for the next start; no answer comes, a failure goes to the log.
    Remember(Remembered),
}

/// What is remembered from one start to the next. Holds no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remembered {
    /// The server that was found.
    Server {
        /// The address of the API.
        url: String,
        /// The public address.
        public_url: String,
        /// The file with certificates.
        ca_file: Option<PathBuf>,
        /// The fingerprint that the person accepted for this server, for good.
        fingerprint: Option<String>,
    },
    /// The template that was used, by id.
    Template(String),
}

/// Collects the effects of one update, and hands out tickets.
#[derive(Debug)]
pub struct Effects {
    list: Vec<Effect>,
    tickets: Tickets,
}

/// The tickets that are valid now. Answers with others are dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tickets {
    pub(super) page: Ticket,
    pub(super) server: Ticket,
    last: u32,
}

impl Tickets {
    /// The first ones, while `step` is shown.
    pub(super) fn new(step: Step) -> Self {
        let ticket = |owner| Ticket { owner, generation: 0 };
        Self { page: ticket(Owner::Page(step)), server: ticket(Owner::Server), last: 0 }
    }

    fn fresh(&mut self, owner: Owner) -> Ticket {
        self.last = self.last.wrapping_add(1);
        Ticket { owner, generation: self.last }
    }
}

impl Effects {
    /// An empty collection.
    pub(super) fn new(tickets: Tickets) -> Self {
        Self { list: Vec::new(), tickets }
    }

    /// Asks for this page: the answer is dropped when the page is left.
    pub fn read(&mut self, read: Read) {
        self.list.push(Effect::Read(self.tickets.page, read));
    }

    /// Asks the server for all pages: the answer goes into [`super::Wizard`] whatever page is shown, until [`Effects::abort_server`].
    pub fn read_server(&mut self, read: Read) {
        self.list.push(Effect::Read(self.tickets.server, read));
    }

    /// Asks for something that does not depend on the server.
    pub fn read_always(&mut self, read: Read) {
        self.list.push(Effect::Read(Ticket::ALWAYS, read));
    }

    /// Stops what this page has asked; answers that are under way are dropped.
    pub fn abort(&mut self) {
        self.list.push(Effect::Abort(self.tickets.page));
        self.tickets.page = self.tickets.fresh(self.tickets.page.owner);
    }

    /// Stops what was asked of the server for all pages: the server or the person changes.
    pub fn abort_server(&mut self) {
        self.list.push(Effect::Abort(self.tickets.server));
        self.tickets.server = self.tickets.fresh(Owner::Server);
    }

    /// Changes something outside.
    pub fn write(&mut self, write: Write) {
        self.list.push(Effect::Write(write));
    }

    /// Anything else.
    pub fn push(&mut self, effect: Effect) {
        self.list.push(effect);
    }

    /// Another page takes over.
    pub(super) fn turn_to(&mut self, step: Step) {
        self.abort();
        self.tickets.page = self.tickets.fresh(Owner::Page(step));
    }

    /// The tickets as they are now, and the effects.
    pub(super) fn finish(self) -> (Tickets, Vec<Effect>) {
        (self.tickets, self.list)
    }
}
