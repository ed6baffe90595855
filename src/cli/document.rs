//! The documents of `--json` that every command shares. Each command's own is in the command's file; `docs/json.md` describes them all.

use serde::Serialize;

use crate::catalog::template::Level;
use crate::error::Error;
use crate::setup::plan::Notice;

/// The version of the documents of this build, where a command says no other.
pub(super) const VERSION: u32 = 1;

/// What is printed in place of a command's own document when it fails.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "error"))]
pub(super) struct ErrorDocument {
    /// What sort of failure it was.
    kind: &'static str,
    /// The exit code, which follows from the kind.
    code: u8,
    /// What happened and why: one or two sentences.
    message: String,
    /// What to do, most useful first.
    hints: Vec<String>,
    /// The causes, outermost first.
    causes: Vec<String>,
}

impl ErrorDocument {
    pub(super) fn new(error: &Error) -> Self {
        Self {
            kind: error.kind.name(),
            code: error.kind.exit_code(),
            message: error.message.clone(),
            hints: error.hints.clone(),
            causes: error.causes(),
        }
    }
}

/// Something to know.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "notice"))]
pub(super) struct NoticeDocument {
    /// `danger`, `warning` or `note`.
    level: &'static str,
    /// One or two sentences.
    text: String,
}

impl NoticeDocument {
    pub(super) fn new(level: Level, text: impl Into<String>) -> Self {
        Self { level: word(level), text: text.into() }
    }

    pub(super) fn all(notices: &[Notice]) -> Vec<Self> {
        notices.iter().map(|notice| Self::new(notice.level, notice.text.as_str())).collect()
    }
}

/// A level in one word.
pub(super) const fn word(level: Level) -> &'static str {
    match level {
        Level::Danger => "danger",
        Level::Warning => "warning",
        Level::Info => "note",
    }
}
