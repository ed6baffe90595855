//! What happens to the wizard: keys, answers, time.

use std::sync::Arc;

use crossterm::event::KeyEvent;
use secrecy::SecretString;

use super::steps::Step;
use super::terminal::Signal;
use crate::catalog::load::Catalog;
use crate::checks::Tick;
use crate::checks::doctor::Diagnosis;
use crate::checks::watch::{End, News};
use crate::error::Error;
use crate::setup::answers::PlexServer;
use crate::setup::facts::{Facts, Person, Version};
use crate::setup::mint::Minted;
use crate::setup::outcome::Outcome;
use crate::setup::plan::Plan;

/// Milliseconds since the program started. Time only ever comes with a message.
pub type Millis = u64;

/// One thing that happened.
#[derive(Debug)]
pub enum Msg {
    /// A key.
    Key(KeyEvent),
    /// Text in one piece, from bracketed paste.
    Paste(String),
    /// The wheel: rows, negative is up.
    Scroll(i8),
    /// A click on a cell.
    Click {
        /// The column.
        x: u16,
        /// The row.
        y: u16,
    },
    /// The terminal has another size.
    Resize,
    /// A signal.
    Signal(Signal),
    /// The time that [`super::App::wake_at`] named has come.
    Tick,
    /// The answer to a read. Dropped when its page was left.
    Answer(Ticket, Answer),
    /// News of a write. Never dropped.
    Written(Written),
}

/// To whom the answer of a read belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ticket {
    /// Who asked.
    pub owner: Owner,
    /// Which of its visits or connections it was.
    pub generation: u32,
}

/// Who asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Owner {
    /// A page: the answer is of no use once it was left.
    Page(Step),
    /// All pages, about the server: of no use once the server or the person changed.
    Server,
    /// All pages, whatever the server.
    Program,
}

impl Ticket {
    /// The ticket of what is always of use.
    pub const ALWAYS: Self = Self { owner: Owner::Program, generation: 0 };
}

/// The answer to a [`super::effect::Read`].
#[derive(Debug)]
pub enum Answer {
    /// The templates.
    Catalog(Result<Arc<Catalog>, Error>),
    /// Identifiers and secrets.
    Minted(Box<Minted>),
    /// What is at an address.
    Probed(Result<ServerFound, ProbeFailure>),
    /// A token, if one lies somewhere.
    Token(Result<Option<FoundToken>, Error>),
    /// Whose token it is, and what it may not do.
    SignedIn(Result<SignedIn, Error>),
    /// What the server has.
    Facts(Result<Box<Facts>, Error>),
    /// Who is in authentik.
    People(Result<Vec<Person>, Error>),
    /// One check of a run, of the part with this index.
    Ticked {
        /// Which run it is.
        run: u32,
        /// Which provider and application.
        part: usize,
        /// The check.
        tick: Box<Tick>,
    },
    /// A run of checks is over.
    Checked {
        /// Which one.
        run: u32,
    },
    /// Something happened in authentik's log.
    News(Box<News>),
    /// Nothing more will be told of the log: somebody is in, the time is up, or it cannot be read.
    WatchEnded(Result<End, Error>),
    /// What the doctor says.
    Diagnosed(Result<Box<Diagnosed>, Error>),
    /// What a repair would change.
    FixPlanned(Result<Box<Repair>, Error>),
    /// A PIN to sign in to Plex with.
    PlexPin(Result<PlexPin, Error>),
    /// Whether somebody has used the PIN.
    PlexPolled(Result<PlexPolled, Error>),
    /// The servers that the Plex account owns.
    PlexServers(Result<Vec<PlexServer>, Error>),
}

/// authentik, found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerFound {
    /// The address of the API, without a final slash.
    pub api_url: String,
    /// Its version, where its pages say it.
    pub version: Option<Version>,
    /// How the connection is protected.
    pub tls: Tls,
    /// Only this machine or this network can reach the address: the public one has to be asked for.
    pub needs_public: bool,
    /// The other address that was typed and led here.
    pub redirected_from: Option<String>,
    /// How far the server's clock is ahead, in seconds, where it says the time.
    pub clock_skew: Option<i64>,
}

/// How a connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// Not at all.
    Plain,
    /// By a certificate that this machine, or the given file, trusts.
    Authority,
    /// By a certificate whose fingerprint the person accepted.
    Fingerprint,
}

/// Why authentik was not found.
#[derive(Debug)]
pub struct ProbeFailure {
    /// What happened, and what to do.
    pub error: Error,
    /// The certificate that was shown and is not trusted.
    pub certificate: Option<Certificate>,
    /// Where authentik seems to be instead.
    pub instead: Option<String>,
}

/// A certificate as it is shown to a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// SHA-256, in pairs with colons.
    pub fingerprint: String,
    /// Whom it is for.
    pub subject: String,
    /// Who signed it.
    pub issuer: String,
    /// The last day of its validity.
    pub not_after: String,
}

/// A token that lay somewhere.
#[derive(Debug, Clone)]
pub struct FoundToken {
    /// The token.
    pub token: SecretString,
    /// Where it was, in words that end a sentence: `AUTHENTIK_TOKEN`, `the keyring of your desktop`.
    pub place: String,
}

/// What the doctor says.
#[derive(Debug)]
pub struct Diagnosed {
    /// What was found.
    pub diagnosis: Diagnosis,
    /// What mends all of it that is wrong, if akwiz can.
    pub repair: Option<Repair>,
}

/// A repair, planned.
#[derive(Debug)]
pub struct Repair {
    /// What it changes.
    pub plan: Plan,
    /// What it was planned from.
    pub facts: Facts,
}

/// Whose token it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// The person.
    pub person: Person,
    /// The server's version, surely.
    pub version: Version,
    /// What the token may not do. Empty: everything that akwiz needs.
    pub missing: Vec<MissingRight>,
}

/// A right that the token has not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingRight {
    /// authentik's name for it: `Can add Application`.
    pub right: String,
    /// What does not work without it, as a sentence.
    pub without: String,
    /// Nothing works without it.
    pub needed: bool,
}

/// A PIN to sign in to Plex with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlexPin {
    /// plex.tv's number for it.
    pub id: u64,
    /// What to type at plex.tv/link.
    pub code: String,
    /// The address that needs no typing.
    pub url: String,
    /// The client identifier that it was made with, 40 characters.
    pub client_identifier: String,
    /// How long it holds, in milliseconds.
    pub valid_for: Millis,
}

/// What became of a PIN.
#[derive(Debug, Clone)]
pub enum PlexPolled {
    /// Nobody has used it yet.
    Waiting,
    /// It was used: the account's token.
    SignedIn(SecretString),
    /// It is too old.
    Expired,
}

/// News of a [`super::effect::Write`].
#[derive(Debug)]
pub enum Written {
    /// A step of applying has come so far. Steps are the plan's actions, in order, lookups before and the read-back after them included.
    Step {
        /// Its place.
        index: usize,
        /// What it does, in words.
        label: String,
        /// How far it is.
        state: StepState,
    },
    /// Applying is over.
    Applied(Result<Box<Outcome>, ApplyFailure>),
    /// Undoing is over: what was taken back, one line each, or what was not.
    Undone(Result<Vec<String>, Error>),
    /// A repair is over: the receipt that takes it back, if something was changed.
    Fixed(Result<Option<String>, Error>),
    /// The token was kept, or not.
    TokenKept {
        /// It was.
        kept: bool,
        /// Where and for how long, or why not: a sentence.
        message: String,
    },
    /// Something was copied: which way it went, and no more than is known.
    Copied {
        /// What, as given in the effect.
        what: String,
        /// A sentence.
        result: Result<String, Error>,
    },
    /// A file was written.
    File(Result<FileWritten, Error>),
}

/// How far a step of applying is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepState {
    /// It has not begun.
    Waiting,
    /// It runs.
    Running,
    /// It is done; with a note, such as the primary key.
    Done(String),
    /// There was nothing to do.
    Skipped(String),
    /// It failed: a sentence.
    Failed(String),
}

/// Applying stopped half way.
#[derive(Debug)]
pub struct ApplyFailure {
    /// What happened, and what to do.
    pub error: Error,
    /// The receipt of what was done, if anything was.
    pub receipt: Option<String>,
    /// What is left behind in authentik, one line each. Empty: nothing.
    pub left: Vec<String>,
    /// Trying again may help.
    pub can_retry: bool,
}

/// What became of writing a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileWritten {
    /// It is there now.
    Written {
        /// Where.
        path: String,
        /// Only its owner can read it.
        private: bool,
    },
    /// There is one already; nothing was written.
    Exists {
        /// Where.
        path: String,
    },
}
