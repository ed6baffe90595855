//! The frame around a page: header, page, message, footer.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};

use super::App;
use super::keymap;
use super::steps::{Tone, View, order};
use super::theme::{Role, Theme};
use super::widgets::header::Header;
use super::widgets::{footer, text};

/// The smallest screen that pages are made for.
const SMALLEST: (u16, u16) = (60, 20);

impl App {
    /// Draws everything.
    pub fn draw(&mut self, frame: &mut Frame<'_>, theme: &Theme) {
        let screen = frame.area();
        if screen.width < SMALLEST.0 || screen.height < SMALLEST.1 {
            draw_too_small(frame, theme);
            return;
        }
        let cursor = self.draw_parts(frame, theme, screen);
        if let Some(cursor) = cursor {
            frame.set_cursor_position(cursor);
        }
    }

    fn draw_parts(&mut self, frame: &mut Frame<'_>, theme: &Theme, screen: Rect) -> Option<Position> {
        let template = self.wizard.template.as_deref();
        let badge = if self.wizard.start.demo { "demo" } else { "" };
        let place = order::position(self.step, template);
        let header = Header { title: self.step.title(), step: Some(place), badge };
        header.draw(text::line(screen, 0), frame.buffer_mut(), theme);

        // A margin of one column on each side where there is room for it.
        let margin = u16::from(screen.width >= 80);
        let area = Rect {
            x: screen.x + margin,
            y: screen.y + 2,
            width: screen.width - 2 * margin,
            height: screen.height.saturating_sub(4),
        };
        self.area = area;
        let mut view = View { buf: frame.buffer_mut(), theme, spinner: self.spinner, cursor: None };
        self.pages.get(self.step).draw(&mut view, area, &self.wizard);
        let mut cursor = view.cursor;

        if let Some((tone, message)) = &self.status {
            let role = match tone {
                Tone::Note => Role::Text,
                Tone::Ok => Role::Ok,
                Tone::Warning => Role::Warning,
                Tone::Error => Role::Error,
            };
            let rows = footer::MESSAGE_ROWS;
            let lines = Rect { y: screen.y + screen.height - 1 - rows, height: rows, ..screen };
            footer::draw_message(lines, frame.buffer_mut(), theme, role, message);
        }
        let keys = keymap::footer(self.context());
        footer::draw_keys(text::line(screen, screen.height - 1), frame.buffer_mut(), theme, &keys);

        if let Some(front) = &self.front {
            cursor = front.draw(area, frame.buffer_mut(), theme);
        }
        cursor
    }
}

fn draw_too_small(frame: &mut Frame<'_>, theme: &Theme) {
    let (width, height) = SMALLEST;
    let sentence = format!("akwiz needs {width} x {height} cells. Make the window larger, or leave with Ctrl-C.");
    let area = frame.area();
    text::put_wrapped(frame.buffer_mut(), area, &sentence, theme.style(Role::Text), theme);
}
