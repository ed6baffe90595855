//! Failures that a test orders for the next matching request.

use std::time::Duration;

use serde_json::Value;

/// Which request a fault waits for.
#[derive(Debug, Clone)]
pub struct Matcher {
    method: String,
    path: String,
}

impl Matcher {
    /// A request with this method whose path contains `path`.
    pub fn new(method: &str, path: &str) -> Self {
        Self { method: method.to_owned(), path: path.to_owned() }
    }

    pub(super) fn matches(&self, method: &str, path: &str) -> bool {
        self.method == method && path.contains(&self.path)
    }
}

/// What goes wrong.
#[derive(Debug, Clone)]
pub enum Fault {
    /// This answer instead of the real one; nothing is done. A string body is sent as HTML.
    Reply {
        /// The HTTP status.
        status: u16,
        /// The body.
        body: Value,
    },
    /// What authentik's front proxy says while the server starts: 503 with `Retry-After: 5`; nothing is done.
    Starting,
    /// `{"applied": false, "logs": []}` with status 200; nothing is done. In no recording: from authentik's source.
    NotApplied,
    /// The request is served, this much later.
    Delay(Duration),
    /// The connection closes without an answer and without anything done.
    DropBefore,
    /// The request is served, then the connection closes without an answer.
    DropAfter,
}
