//! The error of everything that reaches a person: what happened, why, and what to do.

use std::error::Error as StdError;
use std::fmt;
use std::io;

/// What sort of failure it was. Decides the exit code and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Something that was typed or set is not usable.
    Usage,
    /// The server answered and said no.
    Refused,
    /// The server could not be reached, or what answered is not authentik.
    Unreachable,
    /// Some of the work was done and some was not.
    Partial,
    /// Something with that name exists already.
    Conflict,
    /// The person stopped it.
    Cancelled,
    /// A fault of akwiz itself, or of the machine it runs on.
    Internal,
}

impl Kind {
    /// Every kind, in the order of the table in the README.
    pub const ALL: [Self; 7] =
        [Self::Usage, Self::Refused, Self::Unreachable, Self::Partial, Self::Conflict, Self::Cancelled, Self::Internal];

    /// The process's exit code. This and [`Ended::exit_code`] are the only table of them.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Usage => 2,
            Self::Refused => 3,
            Self::Unreachable => 4,
            Self::Partial => 5,
            Self::Conflict => 6,
            Self::Cancelled => 130,
            Self::Internal => 70,
        }
    }

    /// The word for it in JSON documents.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Usage => "usage",
            Self::Refused => "refused",
            Self::Unreachable => "unreachable",
            Self::Partial => "partial",
            Self::Conflict => "conflict",
            Self::Cancelled => "cancelled",
            Self::Internal => "internal",
        }
    }

    /// One line for the README's table and the help text.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Usage => "an option, an answer or a file is not usable",
            Self::Refused => "the server refused: token, rights, or a value it does not accept",
            Self::Unreachable => "the server cannot be reached, or it is not authentik",
            Self::Partial => "partly applied: the message names what was done",
            Self::Conflict => "something with that name exists already",
            Self::Cancelled => "cancelled",
            Self::Internal => "a fault of akwiz or of this machine",
        }
    }
}

/// How a command ended that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// It did what it was told.
    Done,
    /// It was asked to say by its exit code when there was nothing to change, and there was nothing.
    NothingToChange,
    /// It looked, and found something wrong.
    Findings,
}

impl Ended {
    /// The process's exit code.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::NothingToChange => 10,
            Self::Findings => 1,
        }
    }

    /// One line for the README's table and the help text.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::NothingToChange => "nothing to change, with --detailed-exitcode",
            Self::Findings => "looked, and found something wrong",
        }
    }
}

impl From<()> for Ended {
    fn from((): ()) -> Self {
        Self::Done
    }
}

/// Every exit code with its meaning, in the order of the tables in the README and the help text.
pub fn exit_codes() -> impl Iterator<Item = (u8, &'static str)> {
    let ended = [Ended::Done, Ended::Findings, Ended::NothingToChange].map(|ended| (ended.exit_code(), ended.meaning()));
    ended.into_iter().chain(Kind::ALL.map(|kind| (kind.exit_code(), kind.meaning())))
}

/// A failure in words: `message` says what happened and why, `hints` say what to do next.
#[derive(Debug)]
pub struct Error {
    /// What sort of failure it was.
    pub kind: Kind,
    /// One or two sentences.
    pub message: String,
    /// What to do, most useful first. Each is a sentence.
    pub hints: Vec<String>,
    /// The cause, for the log and for `-v`.
    pub source: Option<Box<dyn StdError + Send + Sync>>,
}

/// A result with [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// A failure of `kind`, said in `message`.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hints: Vec::new(), source: None }
    }

    /// A file that cannot be read; `what` names it, and begins the sentence.
    pub fn unreadable(what: impl fmt::Display, error: io::Error) -> Self {
        let own = error.to_string();
        let why = match error.kind() {
            io::ErrorKind::NotFound => "there is none",
            io::ErrorKind::PermissionDenied => "you may not read it",
            io::ErrorKind::IsADirectory => "it is a folder",
            io::ErrorKind::InvalidData => "it is not text (UTF-8)",
            _ => &own,
        };
        Self::new(Kind::Usage, format!("{what} cannot be read: {why}.")).caused_by(error)
    }

    /// Adds a sentence that says what to do.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Adds the cause.
    pub fn caused_by(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The causes, outermost first, each in its own words.
    pub fn causes(&self) -> Vec<String> {
        let mut causes = Vec::new();
        let mut next = self.source.as_deref().map(|source| source as &dyn StdError);
        while let Some(cause) = next {
            causes.push(cause.to_string());
            next = cause.source();
        }
        causes
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_codes_are_distinct_and_only_done_is_success() {
        let codes: std::collections::BTreeSet<u8> = exit_codes().map(|(code, _)| code).collect();
        assert_eq!(codes.len(), Kind::ALL.len() + 3);
        assert_eq!(Ended::Done.exit_code(), 0);
    }

    #[test]
    fn causes_walk_the_chain() {
        let inner = std::io::Error::other("disk is full");
        let error = Error::new(Kind::Internal, "The receipt could not be written.").caused_by(inner);
        assert_eq!(error.causes(), ["disk is full"]);
    }
}
