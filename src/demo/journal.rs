//! The record of requests served, for tests that count round trips and writes.

use std::fmt;
use std::time::Instant;

use serde_json::Value;

/// One request that the stand-in served.
#[derive(Clone)]
pub struct Logged {
    /// The method, in capitals.
    pub method: String,
    /// The path without the query.
    pub path: String,
    /// The query as sent, without the question mark; empty when there is none.
    pub query: String,
    /// The body: parsed when it is JSON, text otherwise, `Null` when empty. It can hold secrets.
    pub body: Value,
    /// The status answered; 0 when the connection was dropped.
    pub status: u16,
    /// Numbers the TCP connection that carried it, from 1.
    pub connection: u64,
    /// When the request had arrived.
    pub started: Instant,
    /// When the answer was ready.
    pub ended: Instant,
}

impl Logged {
    /// Whether the request could change something: any method but GET, HEAD and OPTIONS.
    pub fn is_write(&self) -> bool {
        !matches!(self.method.as_str(), "GET" | "HEAD" | "OPTIONS")
    }
}

impl fmt::Debug for Logged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Bodies hold client secrets and Plex tokens.
        write!(f, "{} {} -> {}", self.method, self.path, self.status)
    }
}

/// The longest chain of requests of which each began after the one before had ended: the round trips one after another.
pub fn rounds(log: &[Logged]) -> usize {
    let mut by_end: Vec<&Logged> = log.iter().collect();
    by_end.sort_by_key(|entry| entry.ended);
    let mut free_from = None;
    let mut chain = 0;
    for entry in by_end {
        if free_from.is_none_or(|end| entry.started >= end) {
            chain += 1;
            free_from = Some(entry.ended);
        }
    }
    chain
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn entry(base: Instant, from: u64, to: u64) -> Logged {
        Logged {
            method: "GET".into(),
            path: "/".into(),
            query: String::new(),
            body: Value::Null,
            status: 200,
            connection: 1,
            started: base + Duration::from_millis(from),
            ended: base + Duration::from_millis(to),
        }
    }

    #[test]
    fn requests_in_parallel_are_one_round() {
        let base = Instant::now();
        let log = [entry(base, 0, 10), entry(base, 1, 12), entry(base, 2, 5)];
        assert_eq!(rounds(&log), 1);
    }

    #[test]
    fn a_chain_counts_each_request_that_waited() {
        let base = Instant::now();
        let log = [entry(base, 0, 10), entry(base, 10, 20), entry(base, 11, 30), entry(base, 31, 40)];
        assert_eq!(rounds(&log), 3);
        assert_eq!(rounds(&[]), 0);
    }
}
