//! A one-line text field with its label, help and error.

use std::fmt;

use crossterm::event::{Event, KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use secrecy::SecretString;
use tui_input::Input;
use tui_input::backend::crossterm::EventHandler;
use unicode_width::UnicodeWidthStr;

use super::{sanitize, text};
use crate::ui::theme::{Role, Theme};

/// The longest text a field takes, in characters. A paste is cut there.
pub const LIMIT: usize = 8_192;

/// What is typed into a field, and where the cursor is.
#[derive(Default, Clone)]
pub struct Field {
    input: Input,
    hidden: bool,
    revealed: bool,
}

impl Field {
    /// An empty field.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty field for a secret: it shows one mask per character, and when it has not the keyboard only how many there are.
    pub fn hidden() -> Self {
        Self { hidden: true, ..Self::default() }
    }

    /// A field that holds `value`, the cursor behind it.
    pub fn with_value(value: &str) -> Self {
        let mut field = Self::new();
        field.set(value);
        field
    }

    /// The text. For a hidden field prefer [`Field::secret`].
    pub fn value(&self) -> &str {
        self.input.value()
    }

    /// The text of a hidden field.
    pub fn secret(&self) -> SecretString {
        SecretString::from(self.input.value())
    }

    /// Whether nothing is typed.
    pub fn is_empty(&self) -> bool {
        self.input.value().is_empty()
    }

    /// Whether this field is for a secret.
    pub fn is_hidden(&self) -> bool {
        self.hidden
    }

    /// Replaces the text; the cursor goes behind it. The text is cleaned of control characters and line breaks.
    pub fn set(&mut self, value: &str) {
        self.input = Input::new(sanitize::clean(value).chars().take(LIMIT).collect());
    }

    /// Empties the field.
    pub fn clear(&mut self) {
        self.input = Input::default();
    }

    /// Shows what a hidden field holds, or hides it again.
    pub fn toggle_reveal(&mut self) {
        self.revealed = self.hidden && !self.revealed;
    }

    /// Types a key for which [`crate::ui::keymap::lookup`] had no action. True if the text changed; the cursor may move without it.
    pub fn handle(&mut self, key: KeyEvent) -> bool {
        if let KeyCode::Char(typed) = key.code
            && (!sanitize::is_typable(typed) || self.input.value().chars().count() >= LIMIT)
        {
            return false;
        }
        self.input.handle_event(&Event::Key(key)).is_some_and(|change| change.value)
    }

    /// Inserts pasted text at the cursor: line breaks, control characters and spaces around it are left out. True if the text changed.
    pub fn paste(&mut self, pasted: &str) -> bool {
        let (before, after) = self.halves();
        let room = LIMIT.saturating_sub(before.chars().count() + after.chars().count());
        let pasted: String = sanitize::clean_paste(pasted).chars().take(room).collect();
        let cursor = self.input.cursor() + pasted.chars().count();
        let changed = !pasted.is_empty();
        self.input = Input::new(format!("{before}{pasted}{after}")).with_cursor(cursor);
        changed
    }

    /// The text before and behind the cursor.
    fn halves(&self) -> (&str, &str) {
        let value = self.input.value();
        let at = value.char_indices().nth(self.input.cursor()).map_or(value.len(), |(at, _)| at);
        value.split_at(at)
    }

    /// The text as it shows in `width` cells, and the column of the cursor in it.
    ///
    /// The text shifts by half the width at a time, so that most letters at the right edge cost what they cost elsewhere.
    fn window(&self, width: usize, theme: &Theme) -> (String, usize) {
        let masked = self.hidden && !self.revealed;
        let show = |part: &str| if masked { theme.symbols.mask.repeat(part.chars().count()) } else { part.to_owned() };
        let (before, after) = self.halves();
        let (before, after) = (show(before), show(after));
        let cursor = text::width(&before);
        let step = (width / 2).max(1);
        let scroll = if cursor < width { 0 } else { (cursor - width + 1).div_ceil(step) * step };
        let whole = before + &after;
        let mut column = 0;
        let mut window = String::new();
        let mut start = None;
        for grapheme in text::graphemes(&whole) {
            if column >= scroll {
                start.get_or_insert(column);
                window.push_str(grapheme);
            }
            column += grapheme.width();
        }
        (window, cursor - start.unwrap_or(cursor).min(cursor))
    }
}

impl fmt::Debug for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Field");
        if self.hidden {
            debug.field("characters", &self.input.value().chars().count()).finish_non_exhaustive()
        } else {
            debug.field("value", &self.input.value()).field("cursor", &self.input.cursor()).finish_non_exhaustive()
        }
    }
}

/// The frame of an input in a form: label and marker before it, notes below it.
///
/// All inputs of a form share it, so that their values stand in one column.
#[derive(Debug, Clone, Copy, Default)]
pub struct Slot<'a> {
    /// The name, in front of the value.
    pub label: &'a str,
    /// How wide the column of labels is, in cells, marker included.
    pub label_width: u16,
    /// A sentence below the value. May be empty.
    pub help: &'a str,
    /// What is wrong with the value, as a sentence; shown in place of the help. May be empty.
    pub error: &'a str,
    /// Whether this input has the keyboard.
    pub focused: bool,
}

impl Slot<'_> {
    /// The narrowest value that may stand beside its label; below that it gets a line of its own.
    const NARROWEST: u16 = 16;

    fn stacked(&self, width: u16) -> bool {
        width < self.label_width.saturating_add(Self::NARROWEST)
    }

    /// Whether the label shows cut in `width` columns.
    pub fn cuts(&self, width: u16) -> bool {
        !self.stacked(width) && text::width(self.label) > usize::from(self.label_width.saturating_sub(3))
    }

    /// Where the value starts: column and row.
    fn value_at(&self, width: u16) -> (u16, u16) {
        if self.stacked(width) { (2, 1) } else { (self.label_width, 0) }
    }

    /// How many rows the input takes in `width` columns when its value takes `value_rows`.
    pub fn height(&self, width: u16, value_rows: u16) -> u16 {
        let (column, row) = self.value_at(width);
        let note = if self.error.is_empty() { self.help.to_owned() } else { format!("x {}", self.error) };
        let notes = if note.is_empty() { 0 } else { text::wrap(&note, usize::from(width.saturating_sub(column))).len() };
        row.saturating_add(value_rows).saturating_add(text::cells(notes))
    }

    /// Draws marker, label and note, and returns the area of the value, `value_rows` high.
    pub fn draw(&self, area: Rect, buf: &mut Buffer, theme: &Theme, value_rows: u16) -> Rect {
        let (column, row) = self.value_at(area.width);
        if self.focused {
            text::put(buf, area, area.x, area.y, 1, theme.symbols.marker, theme.style(Role::Marker));
        }
        let role = if self.focused { Role::Focused } else { Role::Label };
        let label = text::indent(text::line(area, 0), 2);
        let room = if row > 0 { label.width } else { column.saturating_sub(3) };
        text::put_cut(buf, label, (label.x, label.y), room, self.label, theme.style(role), theme);

        let value = text::indent(text::below(area, row), column);
        let notes = text::below(value, value_rows);
        if !self.error.is_empty() {
            let error = format!("{} {}", theme.symbols.cross, self.error);
            text::put_wrapped(buf, notes, &error, theme.style(Role::Error), theme);
        } else if !self.help.is_empty() {
            text::put_wrapped(buf, notes, self.help, theme.style(Role::Muted), theme);
        }
        Rect { height: value.height.min(value_rows), ..value }
    }
}

/// A text field as it is drawn.
#[derive(Debug)]
pub struct FieldView<'a> {
    /// Label, help, error, focus.
    pub slot: Slot<'a>,
    /// What is typed.
    pub field: &'a Field,
    /// What stands in an empty field. Begin it with a word such as "for example": without attributes it looks like text.
    pub placeholder: &'a str,
}

impl FieldView<'_> {
    /// How many rows the field takes in `width` columns.
    pub fn height(&self, width: u16) -> u16 {
        self.slot.height(width, 1)
    }

    /// Draws the field. Returns where the cursor belongs if the field has the keyboard and shows.
    pub fn draw(&self, area: Rect, buf: &mut Buffer, theme: &Theme) -> Option<Position> {
        let value = self.slot.draw(area, buf, theme, 1);
        draw_input(self.field, self.placeholder, self.slot.focused, value, buf, theme)
    }
}

/// Draws the text of a field alone into one line: for the search line of a list and for questions.
pub fn draw_input(
    field: &Field,
    placeholder: &str,
    focused: bool,
    line: Rect,
    buf: &mut Buffer,
    theme: &Theme,
) -> Option<Position> {
    let line = text::line(line, 0);
    let at = (line.x, line.y);
    if field.is_empty() {
        text::put_cut(buf, line, at, line.width, placeholder, theme.style(Role::Placeholder), theme);
    } else if field.hidden && !field.revealed && !focused {
        let note = format!("(hidden, {} characters)", field.value().chars().count());
        text::put_cut(buf, line, at, line.width, &note, theme.style(Role::Secret), theme);
    } else if focused {
        let (window, cursor) = field.window(usize::from(line.width), theme);
        text::put(buf, line, line.x, line.y, line.width, &window, theme.style(Role::Text));
        let x = line.x.saturating_add(text::cells(cursor)).min(line.right().saturating_sub(1));
        return (!line.is_empty()).then_some(Position { x, y: line.y });
    } else {
        text::put_cut(buf, line, at, line.width, field.value(), theme.style(Role::Text), theme);
    }
    (focused && !line.is_empty()).then_some(Position { x: line.x, y: line.y })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::terminal::Tui;
    use crossterm::event::KeyModifiers;
    use secrecy::ExposeSecret;

    fn letter(letter: char) -> KeyEvent {
        KeyEvent::new(KeyCode::Char(letter), KeyModifiers::NONE)
    }

    fn drawn(field: &Field, focused: bool, width: u16) -> (String, Option<Position>) {
        let area = Rect::new(0, 0, width, 1);
        let mut buf = Buffer::empty(area);
        let cursor = draw_input(field, "for example x", focused, area, &mut buf, &Theme::default());
        let line: String = (0..width).map(|x| buf[(x, 0)].symbol()).collect();
        (line.trim_end().to_owned(), cursor)
    }

    #[test]
    fn letters_cost_little_even_at_the_right_edge() {
        for field in [Field::new(), Field::hidden()] {
            let mut field = field;
            let (mut tui, recorder) = Tui::recording(100, 30);
            let mut costs = Vec::new();
            for _ in 0..60 {
                tui.draw(|frame| {
                    let slot = Slot { label: "Address", label_width: 20, focused: true, ..Slot::default() };
                    let view = FieldView { slot, field: &field, placeholder: "" };
                    let cursor = view.draw(frame.area(), frame.buffer_mut(), &Theme::default());
                    frame.set_cursor_position(cursor.unwrap());
                })
                .unwrap();
                let burst = recorder.take();
                assert_eq!(burst.writes, 1);
                costs.push(burst.bytes.len());
                assert!(field.handle(letter('a')));
            }
            assert!(costs[1..].iter().all(|cost| *cost <= 10), "{costs:?}");
        }
    }

    #[test]
    fn a_long_text_shifts_by_half_the_width() {
        let mut field = Field::with_value("0123456789");
        assert_eq!(drawn(&field, true, 10), ("56789".into(), Some(Position { x: 5, y: 0 })));
        field.handle(letter('a'));
        assert_eq!(drawn(&field, true, 10), ("56789a".into(), Some(Position { x: 6, y: 0 })));
        field.handle(KeyEvent::new(KeyCode::Home, KeyModifiers::NONE));
        assert_eq!(drawn(&field, true, 10), ("0123456789".into(), Some(Position { x: 0, y: 0 })));
        assert_eq!(drawn(&field, false, 10).0, "012345678…");
    }

    #[test]
    fn wide_characters_move_the_cursor_by_two() {
        let field = Field::with_value("日本");
        assert_eq!(drawn(&field, true, 10).1, Some(Position { x: 4, y: 0 }));
    }

    #[test]
    fn a_secret_never_shows_and_never_prints() {
        let mut field = Field::hidden();
        assert!(field.paste(" canary-token\n"));
        assert_eq!(drawn(&field, true, 20).0, "************");
        assert_eq!(drawn(&field, false, 40).0, "(hidden, 12 characters)");
        assert!(!format!("{field:?}").contains("canary"));
        assert_eq!(field.secret().expose_secret(), "canary-token");
        field.toggle_reveal();
        assert_eq!(drawn(&field, true, 20).0, "canary-token");
    }

    #[test]
    fn a_paste_goes_to_the_cursor() {
        let mut field = Field::with_value("https://.com");
        for _ in 0..4 {
            field.handle(KeyEvent::new(KeyCode::Left, KeyModifiers::NONE));
        }
        assert!(field.paste("\x1b[31mexample\r\n"));
        assert_eq!(field.value(), "https://[31mexample.com");
        assert!(!field.paste("\n"));
    }

    #[test]
    fn a_character_that_would_not_show_is_not_typed() {
        let mut field = Field::with_value("a\nb\u{202e}");
        assert!(!field.handle(letter('\u{202e}')));
        assert_eq!(field.value(), "a b");
    }

    #[test]
    fn a_huge_paste_is_cut() {
        let mut field = Field::new();
        field.paste(&"x".repeat(LIMIT + 5));
        assert_eq!(field.value().len(), LIMIT);
        assert!(!field.handle(letter('y')));
    }

    #[test]
    fn a_narrow_form_puts_values_below_their_labels() {
        let slot = Slot { label: "Address", label_width: 20, help: "Where it is.", ..Slot::default() };
        assert_eq!(slot.height(80, 1), 2);
        assert_eq!(slot.height(30, 1), 3);
        let mut buf = Buffer::empty(Rect::new(0, 0, 30, 3));
        assert_eq!(slot.draw(buf.area, &mut buf, &Theme::default(), 1), Rect::new(2, 1, 28, 1));
    }
}
