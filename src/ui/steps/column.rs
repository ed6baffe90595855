//! A page from top to bottom: each thing takes the rows that it needs, and the next one goes below.

use ratatui::layout::{Position, Rect};

use super::View;
use crate::error::Error;
use crate::ui::theme::{Role, Symbols};
use crate::ui::widgets::choice::ChoiceView;
use crate::ui::widgets::field::FieldView;
use crate::ui::widgets::text;
use crate::ui::widgets::textview::{Paragraph, Scroll, TextView};

/// What is left of a page's area.
#[derive(Debug)]
pub struct Column<'v, 'a> {
    view: &'v mut View<'a>,
    area: Rect,
}

impl<'v, 'a> Column<'v, 'a> {
    /// A column that fills `area`.
    pub fn new(view: &'v mut View<'a>, area: Rect) -> Self {
        Self { view, area }
    }

    /// What is left.
    pub fn rest(&self) -> Rect {
        self.area
    }

    /// What is drawn into, for what is not made of rows.
    pub fn view(&mut self) -> &mut View<'a> {
        self.view
    }

    /// The symbols of the theme.
    pub fn symbols(&self) -> &'static Symbols {
        self.view.theme.symbols
    }

    /// Leaves `rows` free, and returns where they are.
    pub fn take(&mut self, rows: u16) -> Rect {
        let taken = Rect { height: rows.min(self.area.height), ..self.area };
        self.area = text::below(self.area, rows);
        taken
    }

    /// A sentence or several, wrapped.
    pub fn text(&mut self, role: Role, words: &str) {
        let rows = text::put_wrapped(self.view.buf, self.area, words, self.view.theme.style(role), self.view.theme);
        self.take(rows);
    }

    /// Paragraphs, indented to where names of fields begin.
    pub fn paragraphs(&mut self, paragraphs: &[Paragraph]) {
        let view = TextView { paragraphs, scroll: Scroll::default() };
        let inner = text::indent(self.area, 2);
        let rows = text::cells(view.rows(inner.width)).min(inner.height);
        view.draw(Rect { height: rows, ..inner }, self.view.buf, self.view.theme);
        self.take(rows);
    }

    /// Paragraphs that are of use only as a whole: nothing where they do not fit.
    pub fn whole(&mut self, paragraphs: &[Paragraph]) {
        if self.has_room(paragraphs, 0) {
            self.paragraphs(paragraphs);
        }
    }

    /// Whether `paragraphs` leave at least `rows` below them.
    pub fn has_room(&self, paragraphs: &[Paragraph], rows: u16) -> bool {
        let view = TextView { paragraphs, scroll: Scroll::default() };
        view.rows(text::indent(self.area, 2).width) + usize::from(rows) <= usize::from(self.area.height)
    }

    /// A field; it gets the cursor if it has the keyboard.
    pub fn field(&mut self, field: &FieldView<'_>) {
        let rows = field.height(self.area.width);
        if let Some(cursor) = field.draw(self.area, self.view.buf, self.view.theme) {
            self.cursor(cursor);
        }
        self.take(rows);
    }

    /// A choice.
    pub fn choice(&mut self, choice: &ChoiceView<'_>) {
        let rows = choice.height(self.area.width);
        choice.draw(self.area, self.view.buf, self.view.theme);
        self.take(rows);
    }

    /// What went wrong, and what to do about it.
    pub fn error(&mut self, error: &Error) {
        let paragraphs = error_paragraphs(error, self.view.theme.symbols.cross, self.view.theme.symbols.bullet);
        self.paragraphs(&paragraphs);
    }

    /// What is being waited for, with a spinner once it takes long enough to speak of.
    pub fn waiting(&mut self, what: &str) {
        let line = self.take(1);
        self.view.waiting(text::indent(line, 2), what);
    }

    fn cursor(&mut self, cursor: Position) {
        self.view.cursor = Some(cursor);
    }
}

/// An error as paragraphs: the sentence, then each hint behind a bullet.
pub fn error_paragraphs(error: &Error, cross: &str, bullet: &str) -> Vec<Paragraph> {
    let mut paragraphs = vec![Paragraph::led(format!("{cross} "), Role::Error, error.message.clone())];
    paragraphs.extend(error.hints.iter().map(|hint| Paragraph::led(format!("{bullet} "), Role::Text, hint.clone())));
    paragraphs
}
