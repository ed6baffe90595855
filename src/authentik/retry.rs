//! When a read is tried again, and after how long. Writes are never repeated.

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
    let asked = retry_after.and_then(|text| text.trim().parse().ok()).map(Duration::from_secs);
    let pause = asked.unwrap_or(own);
    (pause <= longest).then_some(pause)
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
    fn a_short_request_to_wait_is_honoured_and_a_long_one_is_an_answer() {
        assert_eq!(pause(1, Some("2"), FIRST, LONGEST), Some(Duration::from_secs(2)));
        assert_eq!(pause(1, Some("5"), FIRST, LONGEST), None);
        assert_eq!(pause(1, Some("Wed, 21 Oct 2026 07:28:00 GMT"), FIRST, LONGEST), Some(FIRST));
    }
}
