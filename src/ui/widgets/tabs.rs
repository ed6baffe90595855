//! Tabs in one line; the active one stands in brackets.

use std::ops::Range;

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
    /// Draws the tabs. Where they do not all fit, whole ones around the active one show, a sign on each side stands for the others, and
    /// the end of the line says which of how many it is.
    pub fn draw(&self, area: Rect, buf: &mut Buffer, theme: &Theme) {
        let count = self.titles.len();
        let active = self.active.min(count.saturating_sub(1));
        let spans: Vec<usize> = self.titles.iter().map(|title| text::width(title) + 3).collect();
        let line = text::line(area, 0);
        if spans.iter().sum::<usize>() <= usize::from(area.width) + 1 {
            self.draw_some(0..count, active, line, buf, theme);
            return;
        }
        let place = format!("{} of {count}", active + 1);
        let wide = text::cells(text::width(&place)).min(line.width);
        text::put(buf, line, line.right() - wide, line.y, wide, &place, theme.style(Role::Muted));
        let line = Rect { width: line.width.saturating_sub(wide + 2), ..line };
        // A sign and a blank on each side.
        let room = usize::from(line.width).saturating_sub(4);
        let mut shown = active..count.min(active + 1);
        let mut used: usize = spans[shown.clone()].iter().sum();
        // Those before the active one first, so that the line moves as late as it can.
        while shown.start > 0 && used + spans[shown.start - 1] <= room + 1 {
            shown.start -= 1;
            used += spans[shown.start];
        }
        while shown.end < count && used + spans[shown.end] <= room + 1 {
            used += spans[shown.end];
            shown.end += 1;
        }
        let (before, behind) = (shown.start > 0, shown.end < count);
        let (indent, rest) = (if before { 2 } else { 0 }, if behind { 2 } else { 0 });
        if before {
            text::put(buf, line, line.x, line.y, 1, theme.symbols.ellipsis, theme.style(Role::Muted));
        }
        let inner = text::indent(line, indent);
        let inner = Rect { width: inner.width.saturating_sub(rest), ..inner };
        let end = self.draw_some(shown, active, inner, buf, theme);
        if behind {
            text::put(buf, line, end, line.y, 1, theme.symbols.ellipsis, theme.style(Role::Muted));
        }
    }

    /// Draws some of the tabs, and returns the column behind them.
    fn draw_some(&self, shown: Range<usize>, active: usize, line: Rect, buf: &mut Buffer, theme: &Theme) -> u16 {
        let mut x = line.x;
        for (index, title) in self.titles.iter().enumerate().take(shown.end).skip(shown.start) {
            let (shown, role) =
                if index == active { (format!("[{title}]"), Role::Focused) } else { (format!(" {title} "), Role::Text) };
            let room = line.right().saturating_sub(x);
            x += text::put_cut(buf, line, (x, line.y), room, &shown, theme.style(role), theme);
            x = x.saturating_add(1);
        }
        x
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
        assert_eq!(line(1, 22), " form  [env]  command");
    }

    #[test]
    fn where_they_do_not_fit_the_line_says_how_many_there_are() {
        assert_eq!(line(0, 20), "[form] …      1 of 3");
        assert_eq!(line(1, 20), "… [env] …     2 of 3");
        assert_eq!(line(2, 20), "… [command]   3 of 3");
        // Every tab is whole where it is the active one, and all can be turned to.
        let titles = ["Form in Grafana", "Environment", "grafana.ini", "Compose", "docker run", "JSON", "Check", "In authentik"];
        let area = Rect::new(0, 0, 58, 1);
        for (active, title) in titles.iter().enumerate() {
            let mut buf = Buffer::empty(area);
            TabsView { titles: &titles, active }.draw(area, &mut buf, &Theme::default());
            let line: String = (0..area.width).map(|x| buf[(x, 0)].symbol()).collect();
            assert!(line.contains(&format!("[{title}]")) && line.ends_with(&format!("{} of 8", active + 1)), "{line}");
        }
    }

    #[test]
    fn turning_goes_around() {
        assert_eq!(turn(Action::NextTab, 2, 3), Some(0));
        assert_eq!(turn(Action::PreviousTab, 0, 3), Some(2));
        assert_eq!(turn(Action::NextTab, 0, 0), Some(0));
        assert_eq!(turn(Action::Up, 0, 3), None);
    }
}
