//! Boxes over the page: a question, the keys.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::field::{self, Field};
use super::text;
use super::textview::{Paragraph, Scroll, TextView};
use crate::ui::keymap::{self, Action, Context};
use crate::ui::theme::{Role, Theme};

/// Draws an empty box of `width` × `height` cells, frame included, in the middle of `area`, and returns its inside. It is cut to the area.
pub fn draw_box(area: Rect, buf: &mut Buffer, theme: &Theme, width: u16, height: u16, title: &str) -> Rect {
    let area = area.intersection(buf.area);
    let (width, height) = (width.min(area.width), height.min(area.height));
    let outer = Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 2, width, height };
    for position in outer.positions() {
        buf[position].reset();
    }
    if width < 2 || height < 2 {
        return outer;
    }
    let style = theme.style(Role::Border);
    let symbols = theme.symbols;
    let (right, bottom) = (outer.right() - 1, outer.bottom() - 1);
    for x in outer.left() + 1..right {
        buf[(x, outer.y)].set_symbol(symbols.horizontal).set_style(style);
        buf[(x, bottom)].set_symbol(symbols.horizontal).set_style(style);
    }
    for y in outer.top() + 1..bottom {
        buf[(outer.x, y)].set_symbol(symbols.vertical).set_style(style);
        buf[(right, y)].set_symbol(symbols.vertical).set_style(style);
    }
    let corners = [(outer.x, outer.y), (right, outer.y), (outer.x, bottom), (right, bottom)];
    for (corner, symbol) in corners.into_iter().zip(symbols.corners) {
        buf[corner].set_symbol(symbol).set_style(style);
    }
    if !title.is_empty() && width > 6 {
        let title = format!(" {} ", text::cut(title, usize::from(width - 6), symbols.ellipsis));
        text::put(buf, outer, outer.x + 2, outer.y, width - 4, &title, theme.style(Role::Title));
    }
    Rect { x: outer.x + 1, y: outer.y + 1, width: width - 2, height: height - 2 }
}

/// A question with two or more answers, as it is drawn. Its state is the index of the marked answer; begin with the harmless one.
#[derive(Debug)]
pub struct Question<'a> {
    /// A few words for the frame.
    pub title: &'a str,
    /// What is asked and what each answer does.
    pub body: &'a [Paragraph],
    /// The answers, such as `["Leave", "Stay"]`.
    pub answers: &'a [&'a str],
    /// The index of the marked answer, which Enter takes.
    pub marked: usize,
    /// How far a long body is scrolled.
    pub scroll: Scroll,
    /// For a question whose answer must be typed out: what is typed. The answers then only name what Enter and Esc do.
    pub typed: Option<&'a Field>,
}

impl Question<'_> {
    /// The widest a question gets, unless its body is too long for the screen then.
    const WIDTH: u16 = 66;

    /// The rows that are not the body's: the frame, the answers, what is typed.
    fn extra(&self) -> u16 {
        if self.typed.is_some() { 6 } else { 4 }
    }

    /// The width of the box, and the rows of its body.
    fn size(&self, area: Rect) -> (u16, u16) {
        let view = TextView { paragraphs: self.body, scroll: self.scroll };
        let rows = |width: u16| text::cells(view.rows(width.saturating_sub(4)));
        let width = Self::WIDTH.min(area.width);
        if rows(width).saturating_add(self.extra()) <= area.height {
            return (width, rows(width));
        }
        (area.width, rows(area.width))
    }

    /// The rows of its body and how many of them show, for [`Scroll::handle`].
    pub fn rows(&self, area: Rect) -> (usize, usize) {
        let (_, rows) = self.size(area);
        (usize::from(rows), usize::from(rows.min(area.height.saturating_sub(self.extra()))))
    }

    /// Draws the question over `area` and returns where the cursor belongs, if something is typed.
    pub fn draw(&self, area: Rect, buf: &mut Buffer, theme: &Theme) -> Option<Position> {
        let view = TextView { paragraphs: self.body, scroll: self.scroll };
        let (width, rows) = self.size(area);
        let extra = self.extra();
        let inner = draw_box(area, buf, theme, width, rows.saturating_add(extra), self.title);
        let inner = Rect { width: inner.width.saturating_sub(1), ..text::indent(inner, 1) };
        // The answers always show; the body gives way.
        let answers = text::line(inner, inner.height.saturating_sub(1));
        let body = Rect { height: inner.height.saturating_sub(extra - 2), ..inner };
        view.draw(body, buf, theme);
        let mut x = answers.x;
        for (index, answer) in self.answers.iter().enumerate() {
            let marked = index == self.marked;
            let (shown, role) = if marked {
                (format!("{} {answer} ", theme.symbols.marker), Role::Button)
            } else {
                (format!("  {answer} "), Role::Text)
            };
            let room = answers.right().saturating_sub(x);
            x += text::put_cut(buf, answers, (x, answers.y), room, &shown, theme.style(role), theme);
            x = x.saturating_add(2);
        }
        self.typed.and_then(|typed| {
            let line = text::line(inner, inner.height.saturating_sub(3));
            field::draw_input(typed, "", true, line, buf, theme)
        })
    }
}

/// The answer that `action` marks, of `count`. None if the action is not about answers.
pub fn mark(action: Action, marked: usize, count: usize) -> Option<usize> {
    let count = count.max(1);
    match action {
        Action::NextField => Some((marked + 1) % count),
        Action::PreviousField => Some((marked + count - 1) % count),
        _ => None,
    }
}

/// The keys of a context as paragraphs, for [`draw_reading`].
pub fn keys(context: Context) -> Vec<Paragraph> {
    let rows = keymap::help(context);
    let column = rows.iter().map(|(keys, _)| text::width(keys)).max().unwrap_or(0) + 2;
    rows.into_iter().map(|(keys, help)| Paragraph::led(format!("{keys:column$}"), Role::Text, format!("{help}."))).collect()
}

/// How wide and high the inside of [`draw_reading`] is within `area`, for [`Scroll::handle`].
pub fn reading_size(area: Rect) -> (u16, u16) {
    (area.width.saturating_sub(8).min(96), area.height.saturating_sub(4))
}

/// Draws a text to read in a box over `area`: the help page, the explanation of a review, a whole error.
pub fn draw_reading(area: Rect, buf: &mut Buffer, theme: &Theme, title: &str, view: &TextView<'_>) {
    let (width, height) = reading_size(area);
    let rows = text::cells(view.rows(width)).min(height);
    let inner = draw_box(area, buf, theme, width.saturating_add(4), rows.saturating_add(2), title);
    let inner = Rect { width: inner.width.saturating_sub(1), ..text::indent(inner, 1) };
    view.draw(inner, buf, theme);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(buf: &Buffer) -> Vec<String> {
        let area = buf.area;
        (0..area.height)
            .map(|y| (0..area.width).map(|x| buf[(x, y)].symbol()).collect::<String>().trim_end().to_owned())
            .collect()
    }

    #[test]
    fn a_question_shows_its_answers_even_when_cut() {
        let body = [Paragraph::new(Role::Text, "Leave without applying? Nothing was written to authentik. ".repeat(6))];
        let question = Question {
            title: "Leave",
            body: &body,
            answers: &["Stay", "Leave"],
            marked: 0,
            scroll: Scroll::default(),
            typed: None,
        };
        let area = Rect::new(0, 0, 40, 7);
        let mut buf = Buffer::empty(area);
        assert_eq!(question.draw(area, &mut buf, &Theme::default()), None);
        let lines = lines(&buf);
        assert!(lines[0].starts_with("┌─ Leave ─"), "{lines:#?}");
        assert!(lines[5].contains("> Stay") && lines[5].contains("Leave"), "{lines:#?}");
    }

    #[test]
    fn a_long_question_is_as_wide_as_the_screen_and_scrolls() {
        let rows: Vec<String> = (1..=20).map(|row| format!("row {row}")).collect();
        let body = [Paragraph::new(Role::Text, rows.join("\n"))];
        let area = Rect::new(0, 0, 80, 12);
        let mut question =
            Question { title: "Change", body: &body, answers: &["Yes"], marked: 0, scroll: Scroll::default(), typed: None };
        let (rows, shown) = question.rows(area);
        assert_eq!((rows, shown), (20, 8));
        let mut seen = String::new();
        loop {
            let mut buf = Buffer::empty(area);
            question.draw(area, &mut buf, &Theme::default());
            assert_eq!(lines(&buf)[0].chars().count(), 80);
            assert!(lines(&buf)[10].contains("> Yes"), "{:#?}", lines(&buf));
            seen += &lines(&buf).join("\n");
            if !question.scroll.handle(Action::PageDown, rows, shown) {
                break;
            }
        }
        assert!((1..=20).all(|row| seen.contains(&format!("row {row} "))), "{seen}");
    }

    #[test]
    fn a_typed_answer_has_the_cursor() {
        let body = [Paragraph::new(Role::Text, "Type portainer to go on.")];
        let typed = Field::with_value("port");
        let question = Question {
            title: "Remove",
            body: &body,
            answers: &["Remove"],
            marked: 0,
            scroll: Scroll::default(),
            typed: Some(&typed),
        };
        let area = Rect::new(0, 0, 40, 10);
        let mut buf = Buffer::empty(area);
        let cursor = question.draw(area, &mut buf, &Theme::default()).unwrap();
        assert!(lines(&buf)[usize::from(cursor.y)].contains("port"), "{:#?}", lines(&buf));
    }

    #[test]
    fn the_keys_of_every_context_can_be_read() {
        for context in Context::ALL {
            let paragraphs = keys(context);
            let area = Rect::new(0, 0, 60, 20);
            let mut buf = Buffer::empty(area);
            draw_reading(
                area,
                &mut buf,
                &Theme::default(),
                "Keys",
                &TextView { paragraphs: &paragraphs, scroll: Scroll::default() },
            );
            assert!(lines(&buf).iter().any(|line| line.contains(paragraphs[0].lead.trim_end())), "{:#?}", lines(&buf));
        }
    }

    #[test]
    fn marking_goes_around() {
        assert_eq!(mark(Action::NextField, 1, 2), Some(0));
        assert_eq!(mark(Action::PreviousField, 0, 2), Some(1));
        assert_eq!(mark(Action::Accept, 0, 2), None);
    }
}
