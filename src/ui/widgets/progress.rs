//! The steps of a piece of work and how far it is.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::spinner::Spinner;
use super::text;
use crate::ui::theme::{Role, Theme};

/// How far a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum State {
    /// Not begun.
    #[default]
    Waiting,
    /// Running.
    Running,
    /// Done.
    Done,
    /// Not needed.
    Skipped,
    /// Failed.
    Failed,
    /// Done and taken back.
    Undone,
}

impl State {
    /// The word for it, so that it reads without color and symbols.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Done => "done",
            Self::Skipped => "not needed",
            Self::Failed => "failed",
            Self::Undone => "taken back",
        }
    }
}

/// A step.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Step {
    /// What is done.
    pub text: String,
    /// How far it is.
    pub state: State,
    /// What came of it, or why it failed. May be empty; then the state's word stands there.
    pub note: String,
}

/// Draws the steps, one a line. Where they do not all fit, the one that runs shows, or else the last that has begun.
pub fn draw_steps(area: Rect, buf: &mut Buffer, theme: &Theme, steps: &[Step], spinner: Spinner) {
    let height = usize::from(area.height);
    let current = steps.iter().rposition(|step| step.state != State::Waiting).unwrap_or(0);
    let first = (current + 1).saturating_sub(height);
    let widest = steps.iter().map(|step| text::width(&step.text)).max().unwrap_or(0);
    let column = text::cells(widest).saturating_add(2).min(area.width.saturating_sub(2) * 2 / 3);
    for (index, step) in steps.iter().enumerate().skip(first).take(height) {
        let line = text::line(area, text::cells(index - first));
        let symbols = theme.symbols;
        let (symbol, role) = match step.state {
            State::Waiting => (symbols.pending, Role::Muted),
            State::Running => (spinner.symbol(theme).unwrap_or(symbols.pending), Role::Marker),
            State::Done => (symbols.check, Role::Ok),
            State::Skipped | State::Undone => (symbols.skipped, Role::Muted),
            State::Failed => (symbols.cross, Role::Error),
        };
        text::put(buf, line, line.x, line.y, 1, symbol, theme.style(role));
        let name = text::indent(line, 2);
        text::put_cut(buf, name, (name.x, name.y), column.saturating_sub(1), &step.text, theme.style(Role::Text), theme);
        let note = text::indent(name, column);
        let words = if step.note.is_empty() { step.state.word() } else { &step.note };
        let role = if step.state == State::Failed { Role::Error } else { Role::Muted };
        text::put_cut(buf, note, (note.x, note.y), note.width, words, theme.style(role), theme);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_read_as_words_and_symbols() {
        let steps = [
            Step { text: "Look up flows".into(), state: State::Done, note: String::new() },
            Step { text: "Create".into(), state: State::Failed, note: "the slug is taken".into() },
            Step { text: "Read back".into(), ..Step::default() },
        ];
        let area = Rect::new(0, 0, 40, 3);
        let mut buf = Buffer::empty(area);
        draw_steps(area, &mut buf, &Theme::PLAIN, &steps, Spinner::default());
        let lines: Vec<String> =
            (0..3).map(|y| (0..40).map(|x| buf[(x, y)].symbol()).collect::<String>().trim_end().to_owned()).collect();
        assert_eq!(lines, ["+ Look up flows  done", "x Create         the slug is taken", ". Read back      waiting"]);
    }

    #[test]
    fn the_running_step_shows_in_a_low_area() {
        let steps: Vec<Step> = (0..9)
            .map(|index| Step {
                text: format!("step {index}"),
                state: if index < 6 { State::Done } else { State::Waiting },
                note: String::new(),
            })
            .collect();
        let area = Rect::new(0, 0, 30, 2);
        let mut buf = Buffer::empty(area);
        draw_steps(area, &mut buf, &Theme::default(), &steps, Spinner::default());
        let last: String = (0..30).map(|x| buf[(x, 1)].symbol()).collect();
        assert!(last.contains("step 5"), "{last}");
    }
}
