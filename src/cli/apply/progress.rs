//! How far many applications are: a bar on a terminal, a line for each elsewhere.

use std::time::{Duration, Instant};

use crate::cli::output::Output;

/// The bar is drawn at most so often: a terminal over a slow line must not hold the work.
const PAUSE: Duration = Duration::from_millis(60);

/// Cells of the bar.
const WIDTH: usize = 24;

/// Shows how far many applications are.
pub(super) struct Bar<'a> {
    output: &'a Output,
    total: usize,
    done: usize,
    failed: usize,
    drawn: Option<Instant>,
}

impl<'a> Bar<'a> {
    pub fn new(output: &'a Output, total: usize) -> Self {
        let mut bar = Self { output, total, done: 0, failed: 0, drawn: None };
        bar.draw();
        bar
    }

    /// One more has ended. `line` says what came of it; on a terminal only failures are worth a line of their own.
    pub fn ended(&mut self, line: &str, failed: bool) {
        self.done += 1;
        self.failed += usize::from(failed);
        if failed || !self.output.has_status() {
            self.note(line);
        }
        if self.done == self.total || self.drawn.is_none_or(|drawn| drawn.elapsed() >= PAUSE) {
            self.draw();
        }
    }

    /// Says something above the bar.
    pub fn note(&mut self, line: &str) {
        self.output.status("");
        self.output.note(line);
        self.draw();
    }

    fn draw(&mut self) {
        self.drawn = Some(Instant::now());
        self.output.status(&bar(self.done, self.failed, self.total));
    }
}

impl Drop for Bar<'_> {
    fn drop(&mut self) {
        self.output.status("");
    }
}

/// The bar as text. ASCII, so that any terminal can show it.
fn bar(done: usize, failed: usize, total: usize) -> String {
    let full = (done * WIDTH).checked_div(total).unwrap_or(WIDTH);
    let failed = if failed == 0 { String::new() } else { format!(", {failed} failed") };
    format!("[{}{}] {done} of {total}{failed}", "#".repeat(full), "-".repeat(WIDTH - full))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_fills() {
        assert_eq!(bar(0, 0, 10), format!("[{}] 0 of 10", "-".repeat(24)));
        assert_eq!(bar(5, 1, 10), format!("[{}{}] 5 of 10, 1 failed", "#".repeat(12), "-".repeat(12)));
        assert_eq!(bar(0, 0, 0), format!("[{}] 0 of 0", "#".repeat(24)));
    }
}
