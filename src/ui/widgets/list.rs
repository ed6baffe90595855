//! A list of which one row is selected.
//!
//! Only the marker shows the selection: a move changes two cells. The list turns pages; which page shows follows from the selection and
//! the height alone, so there is nothing to keep in step.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::text;
use crate::ui::keymap::Action;
use crate::ui::theme::{Role, Theme};

/// How far Page Up and Page Down go.
const PAGE: usize = 10;

/// Which row is selected.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ListState {
    /// The index of the selected row.
    pub selected: usize,
}

impl ListState {
    /// Moves for one of the moving actions in a list of `length` rows. False if the action does not move or nothing changed.
    pub fn handle(&mut self, action: Action, length: usize) -> bool {
        let last = length.saturating_sub(1);
        let target = match action {
            Action::Up => self.selected.saturating_sub(1),
            Action::Down => self.selected.saturating_add(1),
            Action::PageUp => self.selected.saturating_sub(PAGE),
            Action::PageDown => self.selected.saturating_add(PAGE),
            Action::First => 0,
            Action::Last => last,
            _ => return false,
        };
        let before = self.selected;
        self.selected = target.min(last);
        self.selected != before
    }

    /// Keeps the selection inside a list that has become shorter.
    pub fn clamp(&mut self, length: usize) {
        self.selected = self.selected.min(length.saturating_sub(1));
    }
}

/// The first row that shows: pages of `height` rows, of which the last repeats as the next one's first, so that a row below the
/// selection always shows.
pub fn first_visible(selected: usize, length: usize, height: usize) -> usize {
    if length <= height || height == 0 {
        return 0;
    }
    let stride = (height - 1).max(1);
    (selected / stride * stride).min(length - height)
}

/// A row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row<'a> {
    /// The name.
    pub text: Cow<'a, str>,
    /// A note beside it, muted. May be empty.
    pub note: Cow<'a, str>,
}

impl<'a> Row<'a> {
    /// A row with a note.
    pub fn new(text: impl Into<Cow<'a, str>>, note: impl Into<Cow<'a, str>>) -> Self {
        Self { text: text.into(), note: note.into() }
    }
}

/// A list as it is drawn.
#[derive(Debug)]
pub struct ListView<'a> {
    /// All rows.
    pub rows: &'a [Row<'a>],
    /// Which one is selected.
    pub state: ListState,
    /// Whether the list has the keyboard; the marker shows only then.
    pub focused: bool,
    /// The column of the notes, counted from the names; 0 puts each note two cells behind its name.
    pub note_column: u16,
    /// What to say when there are no rows.
    pub empty: &'a str,
}

impl ListView<'_> {
    /// Draws the list.
    pub fn draw(&self, area: Rect, buf: &mut Buffer, theme: &Theme) {
        if self.rows.is_empty() {
            text::put_wrapped(buf, text::indent(area, 2), self.empty, theme.style(Role::Muted), theme);
            return;
        }
        let height = usize::from(area.height);
        let first = first_visible(self.state.selected, self.rows.len(), height);
        for (index, row) in self.rows.iter().enumerate().skip(first).take(height) {
            let line = text::line(area, text::cells(index - first));
            if self.focused && index == self.state.selected {
                text::put(buf, line, line.x, line.y, 1, theme.symbols.marker, theme.style(Role::Marker));
            }
            row.draw(text::indent(line, 2), buf, theme, self.note_column);
        }
        draw_arrows(area, buf, theme, first, self.rows.len());
    }
}

impl Row<'_> {
    /// Draws the name and the note into one line that keeps its last column free.
    pub(super) fn draw(&self, line: Rect, buf: &mut Buffer, theme: &Theme, note_column: u16) {
        let room = line.width.saturating_sub(1);
        let beside = !self.note.is_empty() && note_column > 0 && note_column < room;
        let name_room = if beside { note_column - 1 } else { room };
        let used = text::put_cut(buf, line, (line.x, line.y), name_room, &self.text, theme.style(Role::Text), theme);
        let at = if beside { note_column } else { used.saturating_add(2) };
        // A note of two letters and an ellipsis says nothing.
        if !self.note.is_empty() && at.saturating_add(4) < room {
            text::put_cut(buf, line, (line.x + at, line.y), room - at, &self.note, theme.style(Role::Muted), theme);
        }
    }
}

/// Arrows in the last column where rows are hidden above or below.
pub(super) fn draw_arrows(area: Rect, buf: &mut Buffer, theme: &Theme, first: usize, length: usize) {
    let style = theme.style(Role::Muted);
    let x = area.right().saturating_sub(1);
    if first > 0 {
        text::put(buf, area, x, area.y, 1, theme.symbols.up, style);
    }
    if first + usize::from(area.height) < length {
        text::put(buf, area, x, area.bottom().saturating_sub(1), 1, theme.symbols.down, style);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::terminal::Tui;
    use proptest::prelude::*;

    #[test]
    fn a_move_costs_the_marker_alone() {
        let names: Vec<String> = (0..40).map(|number| format!("application {number}")).collect();
        let rows: Vec<Row<'_>> = names.iter().map(|name| Row::new(name.as_str(), "category")).collect();
        let (mut tui, recorder) = Tui::recording(100, 30);
        let mut state = ListState::default();
        let mut costs = Vec::new();
        for _ in 0..=20 {
            tui.draw(|frame| {
                let view = ListView { rows: &rows, state, focused: true, note_column: 30, empty: "" };
                view.draw(frame.area(), frame.buffer_mut(), &Theme::default());
            })
            .unwrap();
            let burst = recorder.take();
            assert_eq!(burst.writes, 1);
            costs.push(burst.bytes.len());
            state.handle(Action::Down, rows.len());
        }
        assert!(costs[1..].iter().all(|cost| *cost <= 30), "{costs:?}");
    }

    #[test]
    fn pages_turn_with_one_row_in_common() {
        assert_eq!(first_visible(8, 40, 10), 0);
        assert_eq!(first_visible(9, 40, 10), 9);
        assert_eq!(first_visible(39, 40, 10), 30);
        assert_eq!(first_visible(5, 8, 10), 0);
    }

    #[test]
    fn moves_stop_at_the_ends() {
        let mut state = ListState::default();
        assert!(!state.handle(Action::Up, 3));
        assert!(state.handle(Action::PageDown, 3));
        assert_eq!(state.selected, 2);
        assert!(!state.handle(Action::Down, 3));
        assert!(!state.handle(Action::Copy, 3));
        assert!(state.handle(Action::First, 3));
        assert!(!state.handle(Action::Down, 0));
    }

    proptest! {
        #[test]
        fn the_selection_always_shows(length in 1usize..200, height in 1usize..60, selected in 0usize..200) {
            let selected = selected.min(length - 1);
            let first = first_visible(selected, length, height);
            prop_assert!(first <= selected && selected < first + height);
        }
    }
}
