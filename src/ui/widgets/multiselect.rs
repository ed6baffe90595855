//! A list of which several options can be taken.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::list::{self, ListState, Row};
use super::{text, toggle};
use crate::ui::keymap::Action;
use crate::ui::theme::{Role, Theme};

/// Which options are taken, and where the marker is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MultiState {
    /// Where the marker is.
    pub list: ListState,
    /// One entry per option.
    pub taken: Vec<bool>,
}

impl MultiState {
    /// `length` options, none taken.
    pub fn new(length: usize) -> Self {
        Self { list: ListState::default(), taken: vec![false; length] }
    }

    /// Moves the marker, or switches the option beside it, or all. `shown` are the options that a search leaves, by index, in the order
    /// in which they show; the marker counts in it. False if nothing changed.
    pub fn handle(&mut self, action: Action, shown: &[usize]) -> bool {
        match action {
            Action::Toggle => match shown.get(self.list.selected).and_then(|index| self.taken.get_mut(*index)) {
                Some(taken) => {
                    *taken = !*taken;
                    true
                }
                None => false,
            },
            Action::ToggleAll => {
                let all = shown.iter().all(|index| self.taken.get(*index).copied().unwrap_or(true));
                for index in shown {
                    if let Some(taken) = self.taken.get_mut(*index) {
                        *taken = !all;
                    }
                }
                !shown.is_empty()
            }
            _ => self.list.handle(action, shown.len()),
        }
    }

    /// The indices of the options that are taken.
    pub fn chosen(&self) -> Vec<usize> {
        self.taken.iter().enumerate().filter(|(_, taken)| **taken).map(|(index, _)| index).collect()
    }
}

/// The list as it is drawn.
#[derive(Debug)]
pub struct MultiView<'a> {
    /// All options.
    pub options: &'a [Row<'a>],
    /// Those that show, by index.
    pub shown: &'a [usize],
    /// What is taken.
    pub state: &'a MultiState,
    /// Whether the list has the keyboard.
    pub focused: bool,
    /// What to say when nothing shows.
    pub empty: &'a str,
}

impl MultiView<'_> {
    /// Draws the list.
    pub fn draw(&self, area: Rect, buf: &mut Buffer, theme: &Theme) {
        if self.shown.is_empty() {
            text::put_wrapped(buf, text::indent(area, 2), self.empty, theme.style(Role::Muted), theme);
            return;
        }
        let height = usize::from(area.height);
        let selected = self.state.list.selected;
        let first = list::first_visible(selected, self.shown.len(), height);
        for (place, index) in self.shown.iter().enumerate().skip(first).take(height) {
            let line = text::line(area, text::cells(place - first));
            if self.focused && place == selected {
                text::put(buf, line, line.x, line.y, 1, theme.symbols.marker, theme.style(Role::Marker));
            }
            let (mark, role) = toggle::mark(self.state.taken.get(*index).copied().unwrap_or(false));
            text::put(buf, line, line.x.saturating_add(2), line.y, 3, mark, theme.style(role));
            if let Some(option) = self.options.get(*index) {
                option.draw(text::indent(line, 6), buf, theme, 0);
            }
        }
        list::draw_arrows(area, buf, theme, first, self.shown.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_narrows_what_the_keys_reach() {
        let mut state = MultiState::new(4);
        assert!(state.handle(Action::Down, &[1, 3]));
        assert!(state.handle(Action::Toggle, &[1, 3]));
        assert_eq!(state.chosen(), [3]);
        assert!(state.handle(Action::ToggleAll, &[1, 3]));
        assert_eq!(state.chosen(), [1, 3]);
        assert!(state.handle(Action::ToggleAll, &[1, 3]));
        assert_eq!(state.chosen(), Vec::<usize>::new());
        assert!(!state.handle(Action::Toggle, &[]));
        assert!(!state.handle(Action::ToggleAll, &[]));
    }
}
