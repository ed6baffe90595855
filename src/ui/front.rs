//! What stands in front of a page: the keys, a question, the question before leaving.

use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::keymap::{Action, Context};
use super::steps::{Ask, AskKind, Replied};
use super::theme::{Role, Theme};
use super::widgets::field::Field;
use super::widgets::popup::{self, Question};
use super::widgets::textview::{Paragraph, Scroll, TextView};

/// What stands in front of a page.
#[derive(Debug)]
pub(super) enum Front {
    /// A text to read.
    Reading(Reading),
    /// A question of the page.
    Asking(Asking),
    /// The question before leaving.
    Leave(Asking),
}

/// A text to read.
#[derive(Debug)]
pub(super) struct Reading {
    title: String,
    paragraphs: Vec<Paragraph>,
    scroll: Scroll,
}

/// A question with the state of its answer.
#[derive(Debug)]
pub(super) struct Asking {
    ask: Ask,
    body: Vec<Paragraph>,
    marked: usize,
    scroll: Scroll,
    typed: Field,
}

/// What became of it after an action.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Close {
    /// Still there.
    Open,
    /// Gone.
    Closed,
    /// Gone, and the program is to end.
    Leave,
    /// Gone, with a reply for the page.
    Replied(&'static str, Replied),
}

impl Asking {
    fn new(ask: Ask) -> Self {
        let body = vec![Paragraph::new(Role::Text, ask.text.clone())];
        let typed = match &ask.kind {
            AskKind::Line(line) => Field::with_value(line),
            AskKind::Choices(_) | AskKind::Typed(_) => Field::new(),
        };
        Self { ask, body, marked: 0, scroll: Scroll::default(), typed }
    }

    fn action(&mut self, action: Action, area: Rect) -> Option<Replied> {
        if matches!(action, Action::Up | Action::Down | Action::PageUp | Action::PageDown) {
            let (rows, shown) = self.shown(|question| question.rows(area));
            self.scroll.handle(action, rows, shown);
            return None;
        }
        match (&self.ask.kind, action) {
            (_, Action::Back) => return Some(Replied::Cancelled),
            (AskKind::Choices(_), Action::Accept) => return Some(Replied::Choice(self.marked)),
            (AskKind::Choices(choices), Action::Yes) if choices.len() == 2 => return Some(Replied::Choice(0)),
            (AskKind::Choices(choices), Action::No) if choices.len() == 2 => return Some(Replied::Choice(1)),
            (AskKind::Choices(choices), action) => {
                if let Some(marked) = popup::mark(action, self.marked, choices.len()) {
                    self.marked = marked;
                }
            }
            (AskKind::Typed(word), Action::Accept) if self.typed.value().trim() == word => return Some(Replied::Confirmed),
            (AskKind::Line(_), Action::Accept) => return Some(Replied::Line(self.typed.value().to_owned())),
            (_, Action::Clear) => self.typed.clear(),
            _ => {}
        }
        None
    }
}

impl Front {
    /// The help page: what the page is for, and its keys.
    pub(super) fn help(title: &str, about: &str, context: Context) -> Self {
        let mut paragraphs = vec![Paragraph::new(Role::Text, about), Paragraph::blank()];
        paragraphs.extend(popup::keys(context));
        Self::Reading(Reading { title: format!("{title}: help"), paragraphs, scroll: Scroll::default() })
    }

    /// A question of the page.
    pub(super) fn ask(ask: Ask) -> Self {
        Self::Asking(Asking::new(ask))
    }

    /// The question before leaving.
    pub(super) fn leave(stake: &str, applying: bool) -> Self {
        let stay = if applying { "Go on applying" } else { "Stay" };
        let leave = if applying { "Stop after this write" } else { "Leave" };
        let mut asking = Asking::new(Ask {
            id: "leave",
            title: "Leave akwiz?".to_owned(),
            text: stake.to_owned(),
            kind: AskKind::Choices(vec![leave.to_owned(), stay.to_owned()]),
        });
        // Enter does the harmless thing.
        asking.marked = 1;
        Self::Leave(asking)
    }

    /// What has the keyboard.
    pub(super) fn context(&self) -> Context {
        match self {
            Self::Reading(_) => Context::Reading,
            Self::Asking(asking) | Self::Leave(asking) => match asking.ask.kind {
                AskKind::Choices(_) => Context::Confirm,
                AskKind::Typed(_) | AskKind::Line(_) => Context::TypedConfirm,
            },
        }
    }

    /// A key that is text.
    pub(super) fn text(&mut self, key: KeyEvent) {
        if let Self::Asking(asking) = self {
            asking.typed.handle(key);
        }
    }

    /// Pasted text.
    pub(super) fn paste(&mut self, text: &str) {
        if let Self::Asking(asking) = self
            && !matches!(asking.ask.kind, AskKind::Choices(_))
        {
            asking.typed.paste(text);
        }
    }

    /// A key that the keymap knows; `area` is the whole area that it stands over.
    pub(super) fn action(&mut self, action: Action, area: Rect) -> Close {
        match self {
            Self::Reading(_) if action == Action::Back => Close::Closed,
            Self::Reading(reading) => {
                let (width, height) = popup::reading_size(area);
                let view = TextView { paragraphs: &reading.paragraphs, scroll: reading.scroll };
                let rows = view.rows(width);
                reading.scroll.handle(action, rows, usize::from(height));
                Close::Open
            }
            Self::Asking(asking) => match asking.action(action, area) {
                Some(reply) => Close::Replied(asking.ask.id, reply),
                None => Close::Open,
            },
            Self::Leave(asking) => match asking.action(action, area) {
                Some(Replied::Choice(0)) => Close::Leave,
                Some(_) => Close::Closed,
                None => Close::Open,
            },
        }
    }

    /// Draws it over `area`; returns where the cursor belongs.
    pub(super) fn draw(&self, area: Rect, buf: &mut Buffer, theme: &Theme) -> Option<Position> {
        match self {
            Self::Reading(reading) => {
                let view = TextView { paragraphs: &reading.paragraphs, scroll: reading.scroll };
                popup::draw_reading(area, buf, theme, &reading.title, &view);
                None
            }
            Self::Asking(asking) | Self::Leave(asking) => asking.shown(|question| question.draw(area, buf, theme)),
        }
    }
}

impl Asking {
    /// Calls `with` with the question as it is drawn.
    fn shown<T>(&self, with: impl FnOnce(&Question<'_>) -> T) -> T {
        let answers: Vec<&str> = match &self.ask.kind {
            AskKind::Choices(choices) => choices.iter().map(String::as_str).collect(),
            AskKind::Typed(_) => vec!["Enter confirms", "Esc cancels"],
            AskKind::Line(_) => vec!["Enter goes on", "Esc cancels"],
        };
        with(&Question {
            title: &self.ask.title,
            body: &self.body,
            answers: &answers,
            marked: self.marked,
            scroll: self.scroll,
            typed: (!matches!(self.ask.kind, AskKind::Choices(_))).then_some(&self.typed),
        })
    }
}
