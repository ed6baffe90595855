//! A switch: `[x] on`.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::field::Slot;
use super::text;
use crate::ui::theme::{Role, Theme};

/// A switch as it is drawn. Its state is a `bool` of the page's.
#[derive(Debug)]
pub struct ToggleView<'a> {
    /// Label, help, error, focus.
    pub slot: Slot<'a>,
    /// Whether it is on.
    pub on: bool,
    /// The words for off and on, such as `["no", "yes"]`.
    pub words: [&'a str; 2],
}

impl ToggleView<'_> {
    /// How many rows the switch takes in `width` columns.
    pub fn height(&self, width: u16) -> u16 {
        self.slot.height(width, 1)
    }

    /// Draws the switch.
    pub fn draw(&self, area: Rect, buf: &mut Buffer, theme: &Theme) {
        let value = self.slot.draw(area, buf, theme, 1);
        let (mark, role) = mark(self.on);
        text::put(buf, value, value.x, value.y, 3, mark, theme.style(role));
        let word = text::indent(value, 4);
        text::put_cut(buf, word, (word.x, word.y), word.width, self.words[usize::from(self.on)], theme.style(Role::Text), theme);
    }
}

/// The box of something that is on or off.
pub(super) fn mark(on: bool) -> (&'static str, Role) {
    if on { ("[x]", Role::Chosen) } else { ("[ ]", Role::Text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_is_a_word_and_a_mark() {
        let area = Rect::new(0, 0, 40, 1);
        for (on, expected) in [(false, "[ ] no"), (true, "[x] yes")] {
            let mut buf = Buffer::empty(area);
            let slot = Slot { label: "Autocreate", label_width: 14, ..Slot::default() };
            ToggleView { slot, on, words: ["no", "yes"] }.draw(area, &mut buf, &Theme::default());
            let line: String = (0..40).map(|x| buf[(x, 0)].symbol()).collect();
            assert_eq!(line.trim_end(), format!("  Autocreate  {expected}"));
        }
    }
}
