//! A choice of one option: all of them in a column, or the taken one in a line.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::field::Slot;
use super::list::{self, ListState, Row};
use super::text;
use crate::ui::keymap::Action;
use crate::ui::theme::{Role, Theme};

/// Which option is taken. Moving takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ChoiceState {
    /// The index of the option.
    pub chosen: usize,
}

impl ChoiceState {
    /// Up and Down take the option before or behind, Space the next one, from the last one the first. False if nothing changed: at
    /// either end a form may then go to the field above or below.
    pub fn handle(&mut self, action: Action, length: usize) -> bool {
        if action == Action::Toggle {
            let next = if self.chosen + 1 < length { self.chosen + 1 } else { 0 };
            return std::mem::replace(&mut self.chosen, next) != next;
        }
        let mut list = ListState { selected: self.chosen };
        let moved = list.handle(action, length);
        self.chosen = list.selected;
        moved
    }
}

/// A choice as it is drawn.
#[derive(Debug)]
pub struct ChoiceView<'a> {
    /// Label, help, error, focus.
    pub slot: Slot<'a>,
    /// The options; a note says what an option means.
    pub options: &'a [Row<'a>],
    /// Which one is taken.
    pub state: ChoiceState,
    /// All options in a column, or only the taken one.
    pub expanded: bool,
}

impl ChoiceView<'_> {
    fn value_rows(&self) -> u16 {
        if self.expanded { text::cells(self.options.len().max(1)) } else { 1 }
    }

    /// How many rows the choice takes in `width` columns.
    pub fn height(&self, width: u16) -> u16 {
        self.slot.height(width, self.value_rows())
    }

    /// Draws the choice.
    pub fn draw(&self, area: Rect, buf: &mut Buffer, theme: &Theme) {
        let value = self.slot.draw(area, buf, theme, self.value_rows());
        if !self.expanded {
            let Some(option) = self.options.get(self.state.chosen) else { return };
            let count = format!("  ({} of {})", self.state.chosen + 1, self.options.len());
            let line = text::line(value, 0);
            let room = line.width.saturating_sub(text::cells(count.len()));
            let used = text::put_cut(buf, line, (line.x, line.y), room, &option.text, theme.style(Role::Text), theme);
            text::put(buf, line, line.x.saturating_add(used), line.y, line.width, &count, theme.style(Role::Muted));
            return;
        }
        let height = usize::from(value.height);
        let first = list::first_visible(self.state.chosen, self.options.len(), height);
        for (index, option) in self.options.iter().enumerate().skip(first).take(height) {
            let line = text::line(value, text::cells(index - first));
            let chosen = index == self.state.chosen;
            let (mark, role) = if chosen { ("(*)", Role::Chosen) } else { ("( )", Role::Text) };
            text::put(buf, line, line.x, line.y, 3, mark, theme.style(role));
            option.draw(text::indent(line, 4), buf, theme, 0);
        }
        list::draw_arrows(value, buf, theme, first, self.options.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::terminal::Tui;

    #[test]
    fn space_goes_around_and_arrows_stop() {
        let mut state = ChoiceState { chosen: 2 };
        assert!(!state.handle(Action::Down, 3));
        assert!(state.handle(Action::Toggle, 3));
        assert_eq!(state.chosen, 0);
        assert!(!state.handle(Action::Up, 3));
        assert!(!state.handle(Action::Toggle, 1));
    }

    #[test]
    fn another_option_costs_two_marks() {
        let options = [Row::new("email", "the user's address"), Row::new("username", ""), Row::new("UUID", "")];
        let (mut tui, recorder) = Tui::recording(100, 30);
        for (chosen, limit) in [(0, 1_000), (1, 60)] {
            tui.draw(|frame| {
                let slot = Slot { label: "Subject mode", label_width: 20, focused: true, ..Slot::default() };
                let view = ChoiceView { slot, options: &options, state: ChoiceState { chosen }, expanded: true };
                view.draw(frame.area(), frame.buffer_mut(), &Theme::default());
            })
            .unwrap();
            let burst = recorder.take();
            assert!(burst.bytes.len() <= limit, "{:?}", burst.text());
        }
    }
}
