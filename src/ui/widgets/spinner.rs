//! The sign that something is being waited for.
//!
//! It has no clock: it turns by ticks that the loop sends only while something loads, the first after [`FIRST_TICK`] and then one every
//! [`TICK`]. What answers faster never shows a spinner, and an idle wizard has no ticks at all.

use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::text;
use crate::ui::theme::{Role, Theme};

/// How long to wait before the first tick: what is done by then needs no spinner.
pub const FIRST_TICK: Duration = Duration::from_millis(150);
/// The time between ticks: eight a second.
pub const TICK: Duration = Duration::from_millis(125);

/// How often it ticked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spinner {
    ticks: usize,
}

impl Spinner {
    /// Turns one step.
    pub fn tick(&mut self) {
        self.ticks = self.ticks.wrapping_add(1);
    }

    /// The symbol that shows now; none before the first tick.
    pub fn symbol(self, theme: &Theme) -> Option<&'static str> {
        let frames = theme.symbols.spinner;
        self.ticks.checked_sub(1).map(|turned| frames[turned % frames.len()])
    }

    /// Draws the symbol and what is waited for into one line. Nothing before the first tick.
    pub fn draw(self, area: Rect, buf: &mut Buffer, theme: &Theme, what: &str) {
        let line = text::line(area, 0);
        if let Some(symbol) = self.symbol(theme) {
            text::put(buf, line, line.x, line.y, 1, symbol, theme.style(Role::Marker));
            let rest = text::indent(line, 2);
            text::put_cut(buf, rest, (rest.x, rest.y), rest.width, what, theme.style(Role::Text), theme);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::terminal::Tui;

    #[test]
    fn nothing_shows_before_the_first_tick_and_a_turn_is_cheap() {
        let (mut tui, recorder) = Tui::recording(100, 30);
        let mut spinner = Spinner::default();
        let mut costs = Vec::new();
        for _ in 0..10 {
            tui.draw(|frame| spinner.draw(frame.area(), frame.buffer_mut(), &Theme::default(), "Asking authentik")).unwrap();
            costs.push(recorder.take().bytes.len());
            spinner.tick();
        }
        // The first frame hides the cursor and draws nothing.
        assert_eq!(costs[0], "\x1b[?25l".len());
        assert!(costs[2..].iter().all(|cost| *cost <= 30), "{costs:?}");
    }
}
