//! How often the log is read, and for how long.

use std::time::Duration;

/// Without news for so long, watching ends.
pub const QUIET: Duration = Duration::from_secs(15 * 60);

/// Watching never lasts longer.
pub const LONGEST: Duration = Duration::from_secs(60 * 60);

/// Right after news, and at the start.
const SHORTEST: Duration = Duration::from_secs(2);

/// After long silence.
const SLOWEST: Duration = Duration::from_secs(20);

/// When to look next.
#[derive(Debug, Clone, Copy, Default)]
pub struct WatchPace {
    passed: Duration,
    quiet: Duration,
    polls: u32,
}

impl WatchPace {
    /// The pause before the next look, longer by a quarter each time that nothing was new; none when the time is up.
    pub fn next(&mut self, had_news: bool) -> Option<Duration> {
        if had_news {
            (self.quiet, self.polls) = (Duration::ZERO, 0);
        }
        if self.quiet >= QUIET || self.passed >= LONGEST {
            return None;
        }
        let pause = (SHORTEST * 5_u32.saturating_pow(self.polls.min(12)) / 4_u32.saturating_pow(self.polls.min(12))).min(SLOWEST);
        self.polls += 1;
        self.quiet += pause;
        self.passed += pause;
        Some(pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_slows_down_and_ends() {
        let mut pace = WatchPace::default();
        let pauses: Vec<Duration> = std::iter::from_fn(|| pace.next(false)).collect();
        assert!(pauses.is_sorted());
        assert_eq!((pauses[0], *pauses.last().unwrap()), (SHORTEST, SLOWEST));
        let all: Duration = pauses.iter().sum();
        assert!(all >= QUIET && all < QUIET + SLOWEST, "{all:?} in {} looks", pauses.len());
    }

    #[test]
    fn news_begins_anew_but_not_for_ever() {
        let mut pace = WatchPace::default();
        let all: Duration = std::iter::from_fn(|| pace.next(true)).sum();
        assert!(all >= LONGEST && all < LONGEST + SLOWEST, "{all:?}");
    }
}
