//! Text to read: wrapped, scrolled, each paragraph in its role. Steps, diffs, explanations, help.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{list, text};
use crate::ui::keymap::Action;
use crate::ui::theme::{Role, Theme};

/// A paragraph: it is wrapped, and what follows its lead is indented by the lead's width.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paragraph {
    /// What stands before the text: a bullet, a number, `+` or `-` of a diff, or nothing.
    pub lead: String,
    /// The text. Line breaks in it stay.
    pub text: String,
    /// How it looks, lead included.
    pub role: Role,
    /// The text is broken where the room ends and nowhere else: what stands in columns stays there.
    verbatim: bool,
}

impl Paragraph {
    /// A paragraph without a lead.
    pub fn new(role: Role, text: impl Into<String>) -> Self {
        Self::led("", role, text)
    }

    /// A paragraph behind a lead, such as `"1. "` or `"+ "`.
    pub fn led(lead: impl Into<String>, role: Role, text: impl Into<String>) -> Self {
        Self { lead: lead.into(), text: text.into(), role, verbatim: false }
    }

    /// A line behind a lead whose blanks mean something, such as marks below a text.
    pub fn verbatim(lead: impl Into<String>, role: Role, text: impl Into<String>) -> Self {
        Self { verbatim: true, ..Self::led(lead, role, text) }
    }

    /// An empty line.
    pub fn blank() -> Self {
        Self::new(Role::Text, "")
    }
}

/// How far a text is scrolled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Scroll {
    /// The first row that shows.
    pub offset: usize,
}

impl Scroll {
    /// Scrolls for a moving action. `rows` is how many rows the text has and `height` how many show. False if nothing changed.
    pub fn handle(&mut self, action: Action, rows: usize, height: usize) -> bool {
        let last = rows.saturating_sub(height);
        let page = height.saturating_sub(1).max(1);
        let before = self.offset.min(last);
        let target = match action {
            Action::Up => before.saturating_sub(1),
            Action::Down => before + 1,
            Action::PageUp => before.saturating_sub(page),
            Action::PageDown => before + page,
            Action::First => 0,
            Action::Last => last,
            _ => return false,
        };
        self.offset = target.min(last);
        self.offset != before
    }
}

/// A text as it is drawn.
#[derive(Debug)]
pub struct TextView<'a> {
    /// What to read.
    pub paragraphs: &'a [Paragraph],
    /// How far it is scrolled; a value beyond the end shows the end.
    pub scroll: Scroll,
}

impl TextView<'_> {
    /// How many rows the text takes in `width` columns. The last column is kept for the arrows.
    pub fn rows(&self, width: u16) -> usize {
        self.paragraphs.iter().map(|paragraph| wrapped(paragraph, width).1.len()).sum()
    }

    /// Draws what shows of the text.
    pub fn draw(&self, area: Rect, buf: &mut Buffer, theme: &Theme) {
        let height = usize::from(area.height);
        let rows = self.rows(area.width);
        let first = self.scroll.offset.min(rows.saturating_sub(height));
        let mut row = 0;
        for paragraph in self.paragraphs {
            let (lead, lines) = wrapped(paragraph, area.width);
            let style = theme.style(paragraph.role);
            for (index, line) in lines.iter().enumerate() {
                if row >= first && row - first < height {
                    let place = text::line(area, text::cells(row - first));
                    if index == 0 {
                        text::put(buf, place, place.x, place.y, lead, &paragraph.lead, style);
                    }
                    let rest = text::indent(place, lead);
                    text::put(buf, rest, rest.x, rest.y, rest.width, line, style);
                }
                row += 1;
            }
        }
        list::draw_arrows(area, buf, theme, first, rows);
    }
}

/// The width of a paragraph's lead, at most half of the room, and the lines of its text.
fn wrapped(paragraph: &Paragraph, width: u16) -> (u16, Vec<String>) {
    let room = width.saturating_sub(1);
    let lead = text::cells(text::width(&paragraph.lead)).min(room / 2);
    let breaks = if paragraph.verbatim { text::chunks } else { text::wrap };
    (lead, breaks(&paragraph.text, usize::from(room - lead)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn screen(view: &TextView<'_>, width: u16, height: u16) -> Vec<String> {
        let area = Rect::new(0, 0, width, height);
        let mut buf = Buffer::empty(area);
        view.draw(area, &mut buf, &Theme::default());
        (0..height).map(|y| (0..width).map(|x| buf[(x, y)].symbol()).collect::<String>().trim_end().to_owned()).collect()
    }

    #[test]
    fn paragraphs_hang_behind_their_leads() {
        let paragraphs = [Paragraph::led("1. ", Role::Text, "Open the settings page"), Paragraph::led("2. ", Role::Text, "Save")];
        let view = TextView { paragraphs: &paragraphs, scroll: Scroll::default() };
        assert_eq!(screen(&view, 14, 4), ["1. Open the", "   settings", "   page", "2. Save"]);
    }

    #[test]
    fn columns_stay_where_they_are() {
        let paragraphs = [Paragraph::verbatim("  ", Role::Text, "a    bcd"), Paragraph::verbatim("  ", Role::Text, "      ^^")];
        let view = TextView { paragraphs: &paragraphs, scroll: Scroll::default() };
        assert_eq!(screen(&view, 14, 2), ["  a    bcd", "        ^^"]);
        assert_eq!(screen(&view, 9, 4), ["  a    b", "  cd", "", "  ^^"]);
    }

    #[test]
    fn scrolling_stops_at_the_end_and_arrows_say_so() {
        let paragraphs = [Paragraph::new(Role::Text, "a\nb\nc\nd")];
        let mut scroll = Scroll::default();
        assert!(scroll.handle(Action::Last, 4, 2));
        assert!(!scroll.handle(Action::Down, 4, 2));
        assert_eq!(screen(&TextView { paragraphs: &paragraphs, scroll }, 4, 2), ["c  ↑", "d"]);
        assert!(scroll.handle(Action::PageUp, 4, 2));
        assert_eq!(screen(&TextView { paragraphs: &paragraphs, scroll }, 4, 2), ["b  ↑", "c  ↓"]);
        // A text that became shorter while it was scrolled.
        assert!(!Scroll { offset: 90 }.handle(Action::Down, 4, 2));
    }
}
