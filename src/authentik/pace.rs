//! How many requests are under way at once: a bound that the server's answers adjust.
//!
//! [`Window`] is the rule and pure; [`Pacer`] makes requests wait for their turn. The rule is TCP's: one more for each good answer until the
//! first sign of trouble, then a tenth of that; half as many after a refusal for load (429, 503), a lost answer or a slow one.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

/// How many requests are under way at first: the lists that plans of many applications need are read at once.
const FIRST: usize = 10;

/// An answer is slow when it takes this many times as long as the fastest one …
const SLOW_TIMES: u32 = 4;
/// … and longer than this: below it more at once is still faster for everybody.
const SLOW: Duration = Duration::from_secs(2);

/// The pause after a refusal for load that names none; doubled with each one that follows.
const PAUSE: Duration = Duration::from_millis(500);

/// The longest pause that is kept. A server that asks for more is not waited for.
pub const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// What became of a request, as far as the bound goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    /// An answer came after this long.
    Answered(Duration),
    /// The server is busy, and asks for this pause.
    Busy(Option<Duration>),
    /// No answer came.
    Lost,
}

/// The bound on requests under way.
#[derive(Debug, Clone)]
pub struct Window {
    limit: f64,
    most: usize,
    /// No sign of trouble yet.
    opening: bool,
    /// Counts the reductions: what was sent before one says nothing new about it.
    epoch: u64,
    /// The fastest read and the fastest write.
    fastest: [Option<Duration>; 2],
    /// Refusals for load without a good answer between.
    refusals: u32,
}

impl Window {
    /// A bound that never exceeds `most`.
    pub fn new(most: usize) -> Self {
        let most = most.max(1);
        Self { limit: to_float(most.min(FIRST)), most, opening: true, epoch: 0, fastest: [None; 2], refusals: 0 }
    }

    /// How many may be under way now, at least 1.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and `most`")]
    pub fn limit(&self) -> usize {
        self.limit as usize
    }

    /// What a request that is sent now has to give back with its reply.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Takes note of a reply to a request of `epoch`. Gives how long nothing more should be sent.
    pub fn replied(&mut self, epoch: u64, write: bool, reply: Reply) -> Duration {
        match reply {
            Reply::Answered(took) => {
                self.refusals = 0;
                let fastest = &mut self.fastest[usize::from(write)];
                let best = fastest.map_or(took, |fastest| fastest.min(took));
                *fastest = Some(best);
                if took > SLOW && took > best * SLOW_TIMES {
                    self.reduce(epoch);
                } else {
                    let more = if self.opening { 1.0 } else { 1.0 / self.limit };
                    self.limit = (self.limit + more).min(to_float(self.most));
                }
                Duration::ZERO
            }
            Reply::Lost => {
                self.reduce(epoch);
                Duration::ZERO
            }
            Reply::Busy(asked) => {
                let own = PAUSE.saturating_mul(1 << self.refusals.min(6));
                // All that was under way is refused at once; that is one refusal.
                self.refusals += u32::from(epoch == self.epoch);
                self.reduce(epoch);
                asked.unwrap_or(own).min(LONGEST_PAUSE)
            }
        }
    }

    fn reduce(&mut self, epoch: u64) {
        self.opening = false;
        if epoch == self.epoch {
            self.epoch += 1;
            self.limit = (self.limit / 2.0).max(1.0);
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
fn to_float(count: usize) -> f64 {
    count as f64
}

/// Lets requests through one after another, as many at once as the server takes well.
#[derive(Debug)]
pub struct Pacer {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug)]
struct State {
    window: Window,
    under_way: usize,
    /// Nothing is sent before.
    not_before: Option<Instant>,
}

/// Leave to send one request. Dropping it without a reply counts as one that was not sent.
#[derive(Debug)]
pub(super) struct Turn<'a> {
    pacer: &'a Pacer,
    epoch: u64,
    write: bool,
}

impl Pacer {
    /// A pacer that lets at most `most` requests be under way.
    pub fn new(most: usize) -> Self {
        let state = State { window: Window::new(most), under_way: 0, not_before: None };
        Self { state: Mutex::new(state), changed: Notify::new() }
    }

    /// How many requests may be under way now.
    pub fn limit(&self) -> usize {
        self.state().window.limit()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until a request may be sent.
    pub(super) async fn turn(&self, write: bool) -> Turn<'_> {
        loop {
            let mut changed = std::pin::pin!(self.changed.notified());
            changed.as_mut().enable();
            let wait = {
                let mut state = self.state();
                let wait = state.not_before.filter(|until| *until > Instant::now());
                if wait.is_none() && state.under_way < state.window.limit() {
                    state.under_way += 1;
                    return Turn { pacer: self, epoch: state.window.epoch(), write };
                }
                wait
            };
            match wait {
                Some(until) => tokio::time::sleep_until(until).await,
                None => changed.await,
            }
        }
    }
}

impl Turn<'_> {
    /// The request has ended so.
    pub(super) fn ended(self, reply: Reply) {
        let mut state = self.pacer.state();
        let pause = state.window.replied(self.epoch, self.write, reply);
        if !pause.is_zero() {
            let until = Instant::now() + pause;
            state.not_before = Some(state.not_before.map_or(until, |known| known.max(until)));
        }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let free = {
            let mut state = self.pacer.state();
            state.under_way -= 1;
            state.window.limit().saturating_sub(state.under_way)
        };
        // No more than can go: hundreds may wait, and waking all of them each time takes longer than a request.
        for _ in 0..free {
            self.pacer.changed.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAST: Reply = Reply::Answered(Duration::from_millis(20));

    fn answer(window: &mut Window, count: usize, reply: Reply) -> Duration {
        let epoch = window.epoch();
        (0..count).map(|_| window.replied(epoch, true, reply)).max().unwrap_or_default()
    }

    #[test]
    fn it_opens_quickly_and_never_beyond_the_most() {
        let mut window = Window::new(20);
        assert_eq!(window.limit(), FIRST);
        answer(&mut window, 12, FAST);
        assert_eq!(window.limit(), 20);
        answer(&mut window, 100, FAST);
        assert_eq!(window.limit(), 20);
        assert_eq!((Window::new(3).limit(), Window::new(0).limit()), (3, 1));
    }

    #[test]
    fn refusals_of_one_round_halve_it_once_and_it_comes_back_slowly() {
        let mut window = Window::new(16);
        answer(&mut window, 8, FAST);
        answer(&mut window, 16, Reply::Busy(None));
        assert_eq!(window.limit(), 8);
        answer(&mut window, 8, FAST);
        assert_eq!(window.limit(), 8, "a round of good answers adds less than one and a half");
        answer(&mut window, 8, FAST);
        assert_eq!(window.limit(), 9);
        for _ in 0..10 {
            answer(&mut window, 1, Reply::Lost);
        }
        assert_eq!(window.limit(), 1);
    }

    #[test]
    fn the_servers_pause_is_kept_and_its_own_grows() {
        let mut window = Window::new(16);
        assert_eq!(answer(&mut window, 4, Reply::Busy(Some(Duration::from_secs(5)))), Duration::from_secs(5));
        assert_eq!(answer(&mut window, 1, Reply::Busy(None)), PAUSE * 2);
        assert_eq!(answer(&mut window, 1, Reply::Busy(None)), PAUSE * 4);
        answer(&mut window, 1, FAST);
        assert_eq!(answer(&mut window, 1, Reply::Busy(None)), PAUSE);
        assert_eq!(answer(&mut window, 1, Reply::Busy(Some(Duration::from_secs(900)))), LONGEST_PAUSE);
    }

    #[test]
    fn slow_answers_count_as_trouble_and_a_slow_server_does_not() {
        let mut window = Window::new(16);
        answer(&mut window, 1, Reply::Answered(Duration::from_millis(300)));
        let open = window.limit();
        answer(&mut window, 1, Reply::Answered(Duration::from_millis(1900)));
        assert!(window.limit() >= open);
        answer(&mut window, 1, Reply::Answered(Duration::from_secs(3)));
        assert!(window.limit() < open);
        let mut slow = Window::new(16);
        answer(&mut slow, 8, Reply::Answered(Duration::from_secs(3)));
        assert_eq!(slow.limit(), 16, "the fastest answer takes as long");
    }

    #[tokio::test]
    async fn of_many_that_wait_each_gets_its_turn() {
        let pacer = Pacer::new(3);
        let most = std::cell::Cell::new(0);
        let one = || async {
            let turn = pacer.turn(true).await;
            most.set(most.get().max(pacer.state().under_way));
            tokio::task::yield_now().await;
            // Some are dropped without a reply.
            if pacer.state().under_way.is_multiple_of(2) {
                turn.ended(FAST);
            }
        };
        futures_util::future::join_all((0..100).map(|_| one())).await;
        assert_eq!((most.get(), pacer.state().under_way), (3, 0));
    }

    #[tokio::test]
    async fn a_turn_is_free_again_when_its_request_ends_or_is_dropped() {
        let pacer = Pacer::new(1);
        let first = pacer.turn(true).await;
        let mut second = std::pin::pin!(pacer.turn(true));
        assert!(futures_util::poll!(&mut second).is_pending());
        first.ended(FAST);
        drop(second.await);
        pacer.turn(false).await.ended(Reply::Lost);
        assert_eq!(pacer.limit(), 1);
    }
}
