//! The last line: the keys of the page, or a message.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::text;
use crate::ui::theme::{Role, Theme};

/// The most lines that a message takes.
pub const MESSAGE_ROWS: u16 = 3;

/// Draws keys with their labels, as [`crate::ui::keymap::footer`] gives them, as many as fit; the last one (quit) always shows.
pub fn draw_keys(area: Rect, buf: &mut Buffer, theme: &Theme, keys: &[(String, &str)]) {
    let line = text::line(area, 0);
    let span = |(key, label): &(String, &str)| text::width(key) + 1 + text::width(label) + 3;
    let Some((last, others)) = keys.split_last() else { return };
    let mut room = usize::from(line.width).saturating_add(3).saturating_sub(span(last));
    let mut x = line.x;
    let fitting = others.iter().take_while(|key| {
        let needed = span(key);
        let fits = needed <= room;
        room = room.saturating_sub(needed);
        fits
    });
    for (key, label) in fitting.chain([last]) {
        x = x.saturating_add(text::put(buf, line, x, line.y, line.width, key, theme.style(Role::Key)));
        x = x.saturating_add(1);
        x = x.saturating_add(text::put(buf, line, x, line.y, line.width, label, theme.style(Role::Muted)));
        x = x.saturating_add(3);
    }
}

/// Draws a message, with a symbol before errors and successes, so that it reads without color. It stands at the bottom of the area and
/// covers as many of its lines as it needs.
pub fn draw_message(area: Rect, buf: &mut Buffer, theme: &Theme, role: Role, message: &str) {
    let area = area.intersection(buf.area);
    let message = match role {
        Role::Error => format!("{} {message}", theme.symbols.cross),
        Role::Ok => format!("{} {message}", theme.symbols.check),
        _ => message.to_owned(),
    };
    let rows = text::cells(text::wrap(&message, usize::from(area.width)).len()).min(area.height);
    let covered = text::below(area, area.height - rows);
    for position in covered.positions() {
        buf[position].reset();
    }
    text::put_wrapped(buf, covered, &message, theme.style(role), theme);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::keymap::{self, Context};

    fn line(context: Context, width: u16) -> String {
        let area = Rect::new(0, 0, width, 1);
        let mut buf = Buffer::empty(area);
        draw_keys(area, &mut buf, &Theme::default(), &keymap::footer(context));
        (0..width).map(|x| buf[(x, 0)].symbol()).collect::<String>().trim_end().to_owned()
    }

    #[test]
    fn keys_are_dropped_by_rank_and_quit_stays() {
        assert_eq!(line(Context::Search, 80), "Enter choose   Esc back   Ctrl-D doctor   F1 keys   Ctrl-C quit");
        assert_eq!(line(Context::Search, 40), "Enter choose   Esc back   Ctrl-C quit");
        assert_eq!(line(Context::Search, 11), "Ctrl-C quit");
    }

    #[test]
    fn every_footer_fits_a_small_terminal() {
        for context in Context::ALL {
            assert!(line(context, 60).ends_with("Ctrl-C quit"), "{}", line(context, 60));
        }
    }
}
