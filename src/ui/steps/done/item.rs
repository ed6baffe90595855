//! One thing in a tab: a value, something to do, something to know, a text; and a tab's page of them as it is drawn.
//!
//! The list turns whole pages, so that a move of the marker within one costs the marker alone. Where not everything fits one page,
//! sentences take one line each, so that the values show at once; the whole of a sentence then stands below the list.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use secrecy::ExposeSecret as _;

use super::check::Finding;
use crate::catalog::render::{Content, Rendered, RenderedField};
use crate::catalog::template::FieldKind;
use crate::checks::State;
use crate::ui::theme::{Role, Theme};
use crate::ui::widgets::text;
use crate::ui::widgets::textview::{Paragraph, Scroll, TextView};

/// The width of the names of checks.
const TITLES: usize = 13;

/// The column of the marker.
const MARKER: u16 = 2;

/// One thing.
#[derive(Debug)]
pub(in crate::ui::steps) struct Item {
    /// What stands above it, where it is the first of a form, file or command.
    pub(in crate::ui::steps) heading: Option<Heading>,
    pub(in crate::ui::steps) body: Body,
    /// The index of the whole that it is part of.
    pub(in crate::ui::steps) whole: Option<usize>,
}

/// The heading of a form, file or command.
#[derive(Debug, Clone)]
pub(in crate::ui::steps) struct Heading {
    pub(in crate::ui::steps) title: String,
    /// Where it is in the application.
    pub(in crate::ui::steps) place: String,
    pub(in crate::ui::steps) notes: Vec<String>,
}

/// What it is.
#[derive(Debug)]
pub(in crate::ui::steps) enum Body {
    /// A sentence, with a command that does what it says.
    Say {
        /// A number, or the word for how bad it is.
        lead: String,
        role: Role,
        text: String,
        command: Option<Rendered>,
        /// The late question whose answer it brings.
        asks: Option<String>,
    },
    /// A value with the application's own label.
    Field(RenderedField),
    /// A text of several lines.
    Whole(Rendered),
    /// Something that a check found.
    Finding(Box<Finding>),
}

impl Item {
    pub(in crate::ui::steps) fn say(lead: impl Into<String>, role: Role, text: impl Into<String>) -> Self {
        let body = Body::Say { lead: lead.into(), role, text: text.into(), command: None, asks: None };
        Self { heading: None, body, whole: None }
    }

    pub(super) fn finding(finding: Finding) -> Self {
        Self { heading: None, body: Body::Finding(Box::new(finding)), whole: None }
    }

    pub(in crate::ui::steps) fn value(label: &str, value: Rendered) -> Self {
        let body = Body::Field(RenderedField {
            label: label.to_owned(),
            kind: FieldKind::Text,
            content: Content::Text(value),
            why: None,
            optional: None,
        });
        Self { heading: None, body, whole: None }
    }
}

impl Body {
    /// Whether it is something that is pasted: a switch or one of the application's own choices is set by hand.
    pub(in crate::ui::steps) fn is_pasted(&self) -> bool {
        match self {
            Self::Field(field) => {
                matches!(field.kind, FieldKind::Text | FieldKind::Secret)
                    && matches!(&field.content, Content::Text(value) if !value.is_empty())
            }
            Self::Whole(_) => true,
            Self::Say { .. } | Self::Finding(_) => false,
        }
    }
}

/// How a value shows: hidden parts as a row of mask characters, or as they are.
pub(in crate::ui::steps) fn shown(value: &Rendered, secrets: bool, theme: &Theme) -> String {
    if secrets { value.reveal().expose_secret().to_owned() } else { value.masked_with(&theme.symbols.mask.repeat(8)) }
}

/// A field's content, and whether it is something to enter rather than something to do.
fn content(field: &RenderedField, secrets: bool, theme: &Theme) -> (String, Role) {
    match &field.content {
        Content::Text(value) if value.is_empty() => ("(leave it empty)".into(), Role::Muted),
        Content::Text(value) => {
            let hidden = value.has_secret() && !secrets;
            (shown(value, secrets, theme), if hidden { Role::Secret } else { Role::Text })
        }
        Content::Switch(true) => ("on".into(), Role::Text),
        Content::Switch(false) => ("off".into(), Role::Text),
        Content::Blank => ("(leave it empty)".into(), Role::Muted),
        Content::Keep => ("(leave it as it is)".into(), Role::Muted),
        Content::Yours(what) => (format!("(your choice: {what})"), Role::Muted),
    }
}

/// The sign of a check's state, readable without color, and how its line looks.
fn sign(state: State, theme: &Theme) -> (&'static str, Role) {
    match state {
        State::Waiting => (theme.symbols.pending, Role::Muted),
        State::Green => (theme.symbols.check, Role::Text),
        State::Warning => ("!", Role::Warning),
        State::Red => (theme.symbols.cross, Role::Error),
        State::Skipped => (theme.symbols.skipped, Role::Muted),
    }
}

/// A tab's items as they are drawn.
#[derive(Debug)]
pub(in crate::ui::steps) struct Items<'a> {
    pub(in crate::ui::steps) all: &'a [Item],
    pub(in crate::ui::steps) selected: usize,
    pub(in crate::ui::steps) secrets: bool,
}

impl Items<'_> {
    /// Everything fits one page with its sentences whole.
    pub(in crate::ui::steps) fn is_whole(&self, area: Rect, theme: &Theme) -> bool {
        let rows: usize = (0..self.all.len()).map(|index| usize::from(self.height(index, area, theme, 0, true))).sum();
        rows <= usize::from(area.height)
    }

    /// Draws the list, and below it what is said of the marked item; `area` is that of both.
    pub(in crate::ui::steps) fn draw_with(&self, detail: &[Paragraph], list: Rect, area: Rect, buf: &mut Buffer, theme: &Theme) {
        self.draw(list, buf, theme);
        let y = list.y + self.used(list, theme).min(list.height) + 1;
        if !detail.is_empty() {
            let rule = theme.symbols.horizontal.repeat(usize::from(area.width));
            text::put(buf, area, area.x, y.saturating_sub(1), area.width, &rule, theme.style(Role::Border));
        }
        let below = Rect { y, height: area.bottom().saturating_sub(y), ..area };
        TextView { paragraphs: detail, scroll: Scroll::default() }.draw(below, buf, theme);
    }

    /// The rows that the page with the selected item takes.
    fn used(&self, area: Rect, theme: &Theme) -> u16 {
        let whole = self.is_whole(area, theme);
        let page = self.page(area, theme);
        page.clone().map(|index| self.height(index, area, theme, page.start, whole)).sum()
    }

    /// The value that one pastes first, if it is on the first page; else what stands on top of that, such as what may lock people out.
    pub(in crate::ui::steps) fn first_pasted(&self, area: Rect, theme: &Theme) -> usize {
        let page = Items { selected: 0, ..*self }.page(area, theme);
        page.clone().find(|index| self.all[*index].body.is_pasted()).unwrap_or(page.start)
    }

    /// The items of the page that the selected one is on.
    fn page(&self, area: Rect, theme: &Theme) -> std::ops::Range<usize> {
        let room = area.height;
        let whole = self.is_whole(area, theme);
        let mut first = 0;
        let mut used = 0;
        for index in 0..self.all.len() {
            let needed = self.height(index, area, theme, first, whole);
            if used + needed > room && index > first {
                if index > self.selected {
                    return first..index;
                }
                first = index;
                used = 0;
            }
            used += needed;
        }
        first..self.all.len()
    }

    /// Where the marker goes for a screen down or up.
    pub(in crate::ui::steps) fn turned(&self, down: bool, area: Rect, theme: &Theme) -> usize {
        let page = self.page(area, theme);
        if down { page.end.min(self.all.len().saturating_sub(1)) } else { page.start.saturating_sub(1) }
    }

    /// The rows that an item takes on the page that begins with the item `first`, with the empty row and the heading above it.
    fn height(&self, index: usize, area: Rect, theme: &Theme, first: usize, whole: bool) -> u16 {
        let item = &self.all[index];
        let heading = item.heading.as_ref().map_or(0, |heading| heading.height(area.width));
        self.gap(index, first) + heading + text::cells(self.lines(item, area, theme, whole).len())
    }

    /// An empty row sets a form, file or command apart from what is around it.
    fn gap(&self, index: usize, first: usize) -> u16 {
        let begins = self.all[index].heading.is_some();
        let ended = index > 0 && self.all[index].whole.is_none() && self.all[index - 1].whole.is_some();
        u16::from(index > first && (begins || ended))
    }

    /// The rows of an item's body: each a lead, its text, and how they look.
    fn lines(&self, item: &Item, area: Rect, theme: &Theme, whole: bool) -> Vec<(String, String, Role)> {
        let room = usize::from(area.width.saturating_sub(MARKER + 1));
        match &item.body {
            Body::Say { lead, role, text, .. } if !whole => vec![(lead.clone(), text.replace('\n', " "), *role)],
            Body::Say { lead, role, text, command, .. } => {
                let hang = text::width(lead);
                let mut lines = Vec::new();
                for (index, line) in text::wrap(text, room.saturating_sub(hang)).into_iter().enumerate() {
                    let lead = if index == 0 { lead.clone() } else { " ".repeat(hang) };
                    lines.push((lead, line, *role));
                }
                if let Some(command) = command {
                    lines.push((" ".repeat(hang), format!("$ {}", shown(command, self.secrets, theme)), Role::Chosen));
                }
                lines
            }
            Body::Field(field) => {
                let (value, role) = content(field, self.secrets, theme);
                let column = self.labels(room);
                let label = text::cut_middle(&field.label, column, theme.symbols.ellipsis);
                let pad = " ".repeat(column.saturating_sub(text::width(&label)) + 2);
                let first = value.lines().next().unwrap_or_default();
                let more = if value.lines().nth(1).is_some() { theme.symbols.ellipsis } else { "" };
                vec![(format!("{label}{pad}"), format!("{first}{more}"), role)]
            }
            Body::Finding(finding) => {
                let (sign, role) = sign(finding.state, theme);
                let title = text::cut(&finding.title, TITLES, theme.symbols.ellipsis);
                let pad = " ".repeat(TITLES.saturating_sub(text::width(&title)) + 1);
                vec![(format!("{sign} {title}{pad}"), finding.found.replace('\n', " "), role)]
            }
            Body::Whole(text) => {
                let text = shown(text, self.secrets, theme);
                let mut lines: Vec<_> =
                    text::wrap(text.trim_end(), room).into_iter().map(|line| (String::new(), line, Role::Text)).collect();
                // One that is longer than a page is cut: it can be copied or written whole.
                let most = usize::from(area.height.saturating_sub(6)).max(3);
                if lines.len() > most {
                    let rest = lines.len() - most + 1;
                    lines.truncate(most - 1);
                    lines.push((String::new(), format!("({rest} more lines; C copies all of it, w writes it)"), Role::Muted));
                }
                lines
            }
        }
    }

    /// The whole of a field: what the list may cut, and why it is so.
    pub(in crate::ui::steps) fn field_detail(&self, field: &RenderedField, list: Rect, theme: &Theme) -> Vec<Paragraph> {
        let room = usize::from(list.width.saturating_sub(MARKER + 1));
        let cut = text::width(&field.label) > self.labels(room);
        let label = cut.then(|| Paragraph::new(Role::Label, field.label.as_str()));
        let value = match &field.content {
            Content::Text(value) if !value.is_empty() => Some(Paragraph::new(Role::Text, shown(value, self.secrets, theme))),
            Content::Yours(what) => Some(Paragraph::new(Role::Text, format!("Your choice: {}.", what.trim_end_matches('.')))),
            _ => None,
        };
        let reasons = [field.why.as_deref(), field.optional.as_deref()];
        let reasons = reasons.into_iter().flatten().map(|reason| Paragraph::new(Role::Muted, reason));
        label.into_iter().chain(value).chain(reasons).collect()
    }

    /// The width of the column of labels: the widest label, at most two fifths of the room.
    fn labels(&self, room: usize) -> usize {
        let labels = self.all.iter().filter_map(|item| match &item.body {
            Body::Field(field) => Some(text::width(&field.label)),
            _ => None,
        });
        labels.max().unwrap_or(0).min(room * 2 / 5)
    }

    /// Draws the page that the selected item is on.
    fn draw(&self, area: Rect, buf: &mut Buffer, theme: &Theme) {
        let page = self.page(area, theme);
        let whole = self.is_whole(area, theme);
        let mut row = 0;
        for index in page.clone() {
            let item = &self.all[index];
            row += self.gap(index, page.start);
            if let Some(heading) = &item.heading {
                row += heading.draw(text::below(area, row), buf, theme);
            }
            if index == self.selected {
                let line = text::line(area, row);
                text::put(buf, line, line.x, line.y, 1, theme.symbols.marker, theme.style(Role::Marker));
            }
            for (lead, line, role) in self.lines(item, area, theme, whole) {
                let place = text::indent(text::line(area, row), MARKER);
                let label = if matches!(item.body, Body::Field(_)) { Role::Label } else { role };
                let used = text::put(buf, place, place.x, place.y, place.width, &lead, theme.style(label));
                let rest = text::indent(place, used);
                let room = rest.width.saturating_sub(1);
                text::put_cut(buf, rest, (rest.x, rest.y), room, &line, theme.style(role), theme);
                row += 1;
            }
        }
        self.draw_arrows(&page, Rect { height: row.clamp(1, area.height.max(1)), ..area }, buf, theme);
    }

    fn draw_arrows(&self, page: &std::ops::Range<usize>, area: Rect, buf: &mut Buffer, theme: &Theme) {
        let x = area.right().saturating_sub(1);
        let style = theme.style(Role::Muted);
        if page.start > 0 {
            text::put(buf, area, x, area.y, 1, theme.symbols.up, style);
        }
        if page.end < self.all.len() {
            text::put(buf, area, x, area.bottom().saturating_sub(1), 1, theme.symbols.down, style);
        }
    }
}

impl Heading {
    /// Title and place in one row where they fit, else below each other.
    fn beside(&self, width: u16) -> bool {
        text::width(&self.title) + text::width(&self.place) + 4 < usize::from(width)
    }

    /// What stands below the title, wrapped: a way through the application's menus is long, and of use only as a whole.
    fn below(&self, width: u16) -> Vec<String> {
        let room = usize::from(width.saturating_sub(MARKER + 1));
        let place = (!self.place.is_empty() && !self.beside(width)).then_some(&self.place);
        place.into_iter().chain(&self.notes).flat_map(|line| text::wrap(line, room)).collect()
    }

    fn height(&self, width: u16) -> u16 {
        text::cells(1 + self.below(width).len())
    }

    fn draw(&self, area: Rect, buf: &mut Buffer, theme: &Theme) -> u16 {
        let room = area.width.saturating_sub(1);
        let line = text::line(area, 0);
        let used = text::put_cut(buf, line, (line.x, line.y), room, &self.title, theme.style(Role::Heading), theme);
        let mut row = 1;
        if self.beside(area.width) {
            let rest = text::indent(line, used.saturating_add(2));
            text::put(buf, rest, rest.x, rest.y, rest.width, &self.place, theme.style(Role::Muted));
        }
        for below in self.below(area.width) {
            let line = text::indent(text::line(area, row), MARKER);
            text::put(buf, line, line.x, line.y, line.width, &below, theme.style(Role::Muted));
            row += 1;
        }
        row
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn items(kinds: &[u8]) -> Vec<Item> {
        let heading = Heading { title: "2. Sign-in".into(), place: "Settings > Authentication".into(), notes: Vec::new() };
        kinds
            .iter()
            .map(|kind| match kind % 4 {
                0 => Item::say("1. ", Role::Text, "Keep a browser signed in until the sign-in has worked."),
                1 => Item::value("Client ID", Rendered::from_text("abc")),
                2 => Item {
                    heading: Some(heading.clone()),
                    whole: Some(0),
                    ..Item::value("Scopes", Rendered::from_text("openid"))
                },
                _ => Item { heading: None, body: Body::Whole(Rendered::from_text("line\n".repeat(40))), whole: Some(0) },
            })
            .collect()
    }

    proptest! {
        #[test]
        fn pages_hold_every_item_once_and_the_selected_one_shows(
            kinds in proptest::collection::vec(any::<u8>(), 1..30),
            width in 30u16..120,
            height in 8u16..40,
        ) {
            let all = items(&kinds);
            let area = Rect::new(0, 0, width, height);
            let theme = Theme::default();
            let mut next = 0;
            for selected in 0..all.len() {
                let page = Items { all: &all, selected, secrets: false }.page(area, &theme);
                prop_assert!(page.contains(&selected), "{selected} in {page:?}");
                prop_assert!(page.start == next || page.contains(&(selected.max(1) - 1)), "no page begins anew within one");
                next = page.end;
                let items = Items { all: &all, selected, secrets: false };
                let used = items.used(area, &theme);
                prop_assert!(used <= height || page.len() == 1, "{used} rows in {height}");
            }
        }
    }

    #[test]
    fn a_hidden_value_shows_neither_itself_nor_its_length() {
        let mut value = Rendered::default();
        value.push_secret("abc".to_owned().into());
        assert_eq!(shown(&value, false, &Theme::PLAIN), "********");
        assert_eq!(shown(&value, true, &Theme::PLAIN), "abc");
    }
}
