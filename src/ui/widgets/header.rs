//! The first line: program, page, where one is.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::text;
use crate::ui::theme::{Role, Theme};

/// The header as it is drawn.
#[derive(Debug)]
pub struct Header<'a> {
    /// What the page is for.
    pub title: &'a str,
    /// Which page of how many, counted from 1; none where counting makes no sense.
    pub step: Option<(usize, usize)>,
    /// What must not be overlooked, such as `demo`, or the server's host. May be empty.
    pub badge: &'a str,
}

impl Header<'_> {
    /// Draws the header into the first line of `area`.
    pub fn draw(&self, area: Rect, buf: &mut Buffer, theme: &Theme) {
        let line = text::line(area, 0);
        let mut right = self.badge.to_owned();
        if let Some((step, count)) = self.step {
            let gap = if right.is_empty() { "" } else { "  " };
            right = format!("{right}{gap}{step} of {count}");
        }
        let right_width = text::cells(text::width(&right));
        // On a narrow screen the title matters more.
        let right_width = if right_width.saturating_mul(2) > line.width { 0 } else { right_width };
        let mut x = line.x;
        let room = line.width.saturating_sub(right_width.saturating_add(1));
        if line.width >= 60 {
            x += text::put(buf, line, x, line.y, room, "akwiz  ", theme.style(Role::Muted));
        }
        let room = room.saturating_sub(x - line.x);
        text::put_cut(buf, line, (x, line.y), room, self.title, theme.style(Role::Title), theme);
        if right_width > 0 {
            text::put(buf, line, line.right() - right_width, line.y, right_width, &right, theme.style(Role::Muted));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn title_left_and_place_right() {
        let area = Rect::new(0, 0, 60, 1);
        let mut buf = Buffer::empty(area);
        Header { title: "Pick an application", step: Some((3, 7)), badge: "demo" }.draw(area, &mut buf, &Theme::default());
        let line: String = (0..60).map(|x| buf[(x, 0)].symbol()).collect();
        assert_eq!(line, format!("akwiz  Pick an application{:>34}", "demo  3 of 7"));
    }
}
