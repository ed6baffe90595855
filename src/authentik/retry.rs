//! When a request is tried again, and after how long. A write is repeated only where the server turned it away unread.

use std::time::Duration;

/// How often a read is tried again.
pub(super) const MOST: u32 = 2;

/// The pause before attempt `attempt` (1 is the first repetition), or nothing when waiting is not worth it.
///
/// A server that asks for a pause gets it, unless it is longer than `longest`: then the refusal is the answer.
pub(super) fn pause(attempt: u32, retry_after: Option<&str>, first: Duration, longest: Duration) -> Option<Duration> {
    if attempt > MOST {
        return None;
    }
    let own = first.saturating_mul(1 << (attempt - 1));
    let asked = retry_after.and_then(seconds);
    let pause = asked.unwrap_or(own);
    (pause <= longest).then_some(pause)
}

/// The pause that a `Retry-After` header asks for, where it is a number of seconds.
pub(super) fn seconds(retry_after: &str) -> Option<Duration> {
    retry_after.trim().parse().ok().map(Duration::from_secs)
}

/// How often a write that was turned away is sent again, where many are sent.
pub(super) const MOST_TURNED_AWAY: u32 = 5;

/// Whether the server refused a write for its load before it looked at it: 429, and 503 of a server that says when to come back, as
/// authentik's front does while it starts. Another 503 can come from something in between, after the write was done.
pub(super) fn was_turned_away(status: u16, retry_after: Option<&str>) -> bool {
    let pause = retry_after.and_then(seconds);
    let worth_it = pause.is_none_or(|pause| pause <= super::pace::LONGEST_PAUSE);
    worth_it && (status == 429 || status == 503 && pause.is_some())
}

/// Whether a read that got `status` may fare better a moment later.
pub(super) fn is_passing(status: u16) -> bool {
    matches!(status, 429 | 502 | 503 | 504)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Duration = Duration::from_millis(100);
    const LONGEST: Duration = Duration::from_secs(3);

    #[test]
    fn pauses_double_and_end() {
        assert_eq!(pause(1, None, FIRST, LONGEST), Some(FIRST));
        assert_eq!(pause(2, None, FIRST, LONGEST), Some(FIRST * 2));
        assert_eq!(pause(3, None, FIRST, LONGEST), None);
    }

    #[test]
    fn only_what_was_not_looked_at_is_sent_again() {
        assert!(was_turned_away(429, None) && was_turned_away(503, Some("5")));
        assert!(!was_turned_away(503, None) && !was_turned_away(502, Some("5")) && !was_turned_away(400, Some("5")));
        assert!(!was_turned_away(429, Some("3600")));
    }

    #[test]
    fn a_short_request_to_wait_is_honoured_and_a_long_one_is_an_answer() {
        assert_eq!(pause(1, Some("2"), FIRST, LONGEST), Some(Duration::from_secs(2)));
        assert_eq!(pause(1, Some("5"), FIRST, LONGEST), None);
        assert_eq!(pause(1, Some("Wed, 21 Oct 2026 07:28:00 GMT"), FIRST, LONGEST), Some(FIRST));
    }
}
