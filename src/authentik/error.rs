//! The client's error: what a call came to when it did not come to an answer.

use super::error_body::{ErrorBody, Shape};
use super::failure::ConnectFailure;
use crate::error::{Error, Kind};

/// A result of a call.
pub type Result<T, E = ApiError> = std::result::Result<T, E>;

/// Why a call to authentik gave no usable answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApiError {
    /// No connection, so nothing was sent.
    #[error("{call}: no connection")]
    Connect {
        /// What was asked.
        call: Call,
        /// Why there was none.
        #[source]
        failure: ConnectFailure,
    },
    /// A read was sent and no answer came.
    #[error("{call}: no answer")]
    NoAnswer {
        /// What was asked.
        call: Call,
        /// What broke.
        #[source]
        failure: ConnectFailure,
    },
    /// A write was sent and its answer is not known: look whether it happened, do not repeat it.
    #[error("{call}: sent, outcome unknown")]
    WriteUnknown {
        /// What was asked.
        call: Call,
        /// What broke, or nothing when something in between answered in authentik's place.
        #[source]
        failure: Option<ConnectFailure>,
    },
    /// The server answered and said no.
    #[error("{call}: status {status}")]
    Status {
        /// What was asked.
        call: Call,
        /// The HTTP status.
        status: u16,
        /// What the body says.
        body: Box<ErrorBody>,
    },
    /// The answer has not the form that authentik's has.
    #[error("{call}: {what}")]
    Unreadable {
        /// What was asked.
        call: Call,
        /// What did not fit.
        what: String,
    },
    /// What was given cannot be sent at all, such as a token with a line break in it.
    #[error("{0}")]
    Unusable(String),
}

/// Which request it was, without its body and query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// `GET`, `PUT`, …
    pub method: String,
    /// Host and port, for sentences.
    pub host: String,
    /// The path.
    pub path: String,
}

impl std::fmt::Display for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

impl Call {
    /// Whether the request changes something.
    pub fn is_write(&self) -> bool {
        !matches!(self.method.as_str(), "GET" | "HEAD" | "OPTIONS")
    }
}

impl ApiError {
    /// The HTTP status, if there was one.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Status { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// What the server said, if it answered.
    pub fn body(&self) -> Option<&ErrorBody> {
        match self {
            Self::Status { body, .. } => Some(body),
            _ => None,
        }
    }

    /// Whether the object asked for does not exist, or is hidden from this token (2024.12 and 2025.12 answer alike).
    pub fn is_not_found(&self) -> bool {
        self.status() == Some(404)
    }

    /// Whether the token was refused as such. authentik answers 403 for that, never 401.
    pub fn is_bad_token(&self) -> bool {
        self.status() == Some(401)
            || self.status() == Some(403)
                && self.body().is_some_and(|body| {
                    ["token invalid/expired", "credentials were not provided", "unsupported authentication", "malformed header"]
                        .iter()
                        .any(|words| body.says(words))
                })
    }

    /// Whether the token is good and a right is missing.
    pub fn is_missing_right(&self) -> bool {
        self.status() == Some(403) && !self.is_bad_token()
    }

    /// Whether a write may have happened all the same: the caller must look before it says "failed".
    ///
    /// Beside lost answers these are the answers of a proxy in between, and authentik's own unhandled errors: 500, or an empty 405.
    pub fn outcome_unknown(&self) -> bool {
        match self {
            Self::WriteUnknown { .. } => true,
            Self::Unreadable { call, .. } => call.is_write(),
            Self::Status { call, status, body } => {
                call.is_write() && (matches!(status, 500 | 502 | 504) || *status == 405 && body.shape == Shape::Empty)
            }
            _ => false,
        }
    }
}

impl From<ApiError> for Error {
    fn from(error: ApiError) -> Self {
        let words = match &error {
            ApiError::Connect { call, failure } | ApiError::NoAnswer { call, failure } => failure.explain(&call.host),
            ApiError::WriteUnknown { call, failure } => {
                let why = match failure {
                    Some(ConnectFailure::TimedOut) => "the answer did not come in time",
                    Some(_) => "the connection broke before the answer came",
                    None => "a server in between answered in authentik's place",
                };
                Error::new(
                    Kind::Partial,
                    format!("A change was sent to {} and {why}, so it is not known whether it was made.", call.host),
                )
                .hint("Look in authentik before you try again, so that nothing is made twice.")
            }
            ApiError::Status { .. } => super::problem::explain(&error),
            ApiError::Unreadable { call, what } => Error::new(
                Kind::Unreachable,
                format!("{} answered {call} in a form that akwiz does not understand: {what}.", call.host),
            )
            .hint("Check that the address is authentik's, and that nothing in between rewrites its answers."),
            ApiError::Unusable(why) => Error::new(Kind::Usage, why.clone()),
        };
        words.caused_by(error)
    }
}
