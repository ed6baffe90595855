//! Tabs in one line; the active one stands in brackets.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::text;
use crate::ui::keymap::Action;
use crate::ui::theme::{Role, Theme};

/// Tabs as they are drawn.
#[derive(Debug)]
pub struct TabsView<'a> {
    /// Their names.
    pub titles: &'a [&'a str],
    /// The index of the active one.
    pub active: usize,
}

impl TabsView<'_> {
    /// Draws the tabs. Where they do not all fit, those before the active one are left out first.
    pub fn draw(&self, area: Rect, buf: &mut Buffer, theme: &Theme) {
        let width = usize::from(area.width);
        let span = |title: &str| text::width(title) + 3;
        let mut first = 0;
        let active = self.active.min(self.titles.len().saturating_sub(1));
        let mut used: usize = self.titles.iter().take(active + 1).map(|title| span(title)).sum();
        while used > width && first < active {
            used -= span(self.titles[first]);
            first += 1;
        }
        let mut x = area.x;
        for (index, title) in self.titles.iter().enumerate().skip(first) {
            let (shown, role) =
                if index == active { (format!("[{title}]"), Role::Focused) } else { (format!(" {title} "), Role::Text) };
            let room = area.right().saturating_sub(x);
            x += text::put_cut(buf, text::line(area, 0), (x, area.y), room, &shown, theme.style(role), theme);
            x = x.saturating_add(1);
        }
        // The sign that there are more would be lost where a title ends with the row.
        let all: usize = self.titles.iter().skip(first).map(|title| span(title)).sum();
        if all > width + 1 {
            let last = area.right().saturating_sub(1);
            text::put(buf, text::line(area, 0), last, area.y, 1, theme.symbols.ellipsis, theme.style(Role::Text));
        }
    }
}

/// The tab that `action` leads to from `active` of `count`; around the ends. None if the action is not about tabs.
pub fn turn(action: Action, active: usize, count: usize) -> Option<usize> {
    let count = count.max(1);
    match action {
        Action::NextTab => Some((active + 1) % count),
        Action::PreviousTab => Some((active + count - 1) % count),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(active: usize, width: u16) -> String {
        let area = Rect::new(0, 0, width, 1);
        let mut buf = Buffer::empty(area);
        TabsView { titles: &["form", "env", "command"], active }.draw(area, &mut buf, &Theme::default());
        (0..width).map(|x| buf[(x, 0)].symbol()).collect::<String>().trim_end().to_owned()
    }

    #[test]
    fn the_active_tab_stands_in_brackets_and_always_shows() {
        assert_eq!(line(1, 30), " form  [env]  command");
        assert_eq!(line(2, 12), "[command]");
        assert_eq!(line(0, 8), "[form] …");
    }

    #[test]
    fn turning_goes_around() {
        assert_eq!(turn(Action::NextTab, 2, 3), Some(0));
        assert_eq!(turn(Action::PreviousTab, 0, 3), Some(2));
        assert_eq!(turn(Action::NextTab, 0, 0), Some(0));
        assert_eq!(turn(Action::Up, 0, 3), None);
    }
}
