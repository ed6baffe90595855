//! A form as data: pages say which inputs there are; moving, typing, scrolling and drawing are done here.
//!
//! An input that was not touched follows its default, also when other answers change it. What was typed stays.

use crossterm::event::KeyEvent;
use ratatui::layout::Rect;
use secrecy::{ExposeSecret as _, SecretString};

use super::keymap::{Action, Context};
use super::steps::View;
use super::theme::Role;
use super::widgets::choice::{ChoiceState, ChoiceView};
use super::widgets::field::{Field, FieldView, Slot};
use super::widgets::list::Row;
use super::widgets::multiselect::{MultiState, MultiView};
use super::widgets::text;

/// The widest column of labels, marker included.
const LABELS: u16 = 40;

/// Inputs in order, one of which has the keyboard.
#[derive(Debug, Default)]
pub struct Form {
    items: Vec<Item>,
    focus: usize,
}

/// One input.
#[derive(Debug)]
pub struct Item {
    /// The page's name for it.
    pub id: String,
    /// In front of it.
    pub label: String,
    /// A sentence below it.
    pub help: String,
    /// What stands in an empty text field.
    pub placeholder: String,
    /// What is wrong, as a sentence.
    pub error: String,
    /// The input and its state.
    pub control: Control,
    /// The person has changed it. Until then it follows the default.
    pub touched: bool,
}

/// An input and its state.
#[derive(Debug)]
pub enum Control {
    /// One line of text, hidden for secrets.
    Text(Field),
    /// One of several.
    Choice {
        /// Value, label and meaning of each.
        options: Vec<Choice>,
        /// The taken one.
        state: ChoiceState,
    },
    /// On or off.
    Toggle(bool),
    /// Any number of several.
    Several {
        /// Value, label and meaning of each.
        options: Vec<Choice>,
        /// Those taken.
        state: MultiState,
    },
}

/// Something that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What the page sees.
    pub value: String,
    /// What the person sees.
    pub label: String,
    /// What it means. May be empty.
    pub meaning: String,
}

impl Choice {
    /// A choice.
    pub fn new(value: impl Into<String>, label: impl Into<String>, meaning: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into(), meaning: meaning.into() }
    }

    fn row(&self) -> Row<'_> {
        Row::new(self.label.as_str(), self.meaning.as_str())
    }
}

/// The value of an input.
#[derive(Debug, Clone)]
pub enum Entered {
    /// Text, or the value of the taken choice.
    Text(String),
    /// Hidden text.
    Secret(SecretString),
    /// On or off.
    Toggle(bool),
    /// The values that are taken.
    Several(Vec<String>),
}

impl Entered {
    /// The text; empty for other kinds.
    pub fn text(&self) -> &str {
        match self {
            Self::Text(text) => text,
            _ => "",
        }
    }
}

/// What an action did to a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moved {
    /// Nothing.
    No,
    /// Another input has the keyboard.
    Focus,
    /// The value of the input with the keyboard changed.
    Value,
    /// Tab was pressed on the last input.
    PastEnd,
}

impl Item {
    /// An input that was not touched yet.
    pub fn new(id: impl Into<String>, label: impl Into<String>, control: Control) -> Self {
        Self {
            id: id.into(),
            label: label.into(),
            help: String::new(),
            placeholder: String::new(),
            error: String::new(),
            control,
            touched: false,
        }
    }

    /// A line of text.
    pub fn text(id: impl Into<String>, label: impl Into<String>) -> Self {
        Self::new(id, label, Control::Text(Field::new()))
    }

    /// One of several.
    pub fn choice(id: impl Into<String>, label: impl Into<String>, options: Vec<Choice>) -> Self {
        Self::new(id, label, Control::Choice { options, state: ChoiceState::default() })
    }

    /// With a sentence below it.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }

    /// With something in the empty field.
    pub fn placeholder(mut self, placeholder: impl Into<String>) -> Self {
        self.placeholder = placeholder.into();
        self
    }

    /// The value as it is now.
    pub fn value(&self) -> Entered {
        match &self.control {
            Control::Text(field) if field.is_hidden() => Entered::Secret(field.secret()),
            Control::Text(field) => Entered::Text(field.value().to_owned()),
            Control::Choice { options, state } => {
                Entered::Text(options.get(state.chosen).map(|choice| choice.value.clone()).unwrap_or_default())
            }
            Control::Toggle(on) => Entered::Toggle(*on),
            Control::Several { options, state } => Entered::Several(
                state.chosen().into_iter().filter_map(|index| options.get(index)).map(|choice| choice.value.clone()).collect(),
            ),
        }
    }

    /// Sets the value, as far as the kind of input takes it.
    pub fn set(&mut self, value: &Entered) {
        match (&mut self.control, value) {
            (Control::Text(field), Entered::Text(text)) if field.value() != text => field.set(text),
            (Control::Text(field), Entered::Secret(secret)) if field.is_hidden() => field.set(secret.expose_secret()),
            // A list that is typed into one line.
            (Control::Text(field), Entered::Several(values)) => field.set(&values.join(", ")),
            (Control::Choice { options, state }, Entered::Text(text)) => {
                if let Some(index) = options.iter().position(|choice| choice.value == *text) {
                    state.chosen = index;
                }
            }
            (Control::Toggle(state), Entered::Toggle(on)) => *state = *on,
            (Control::Several { options, state }, Entered::Several(values)) => {
                state.taken = options.iter().map(|choice| values.contains(&choice.value)).collect();
            }
            _ => {}
        }
    }

    /// Sets the default: the input takes it unless the person has changed it.
    pub fn follow(&mut self, default: &Entered) {
        if !self.touched {
            self.set(default);
        }
    }

    /// Replaces what can be chosen; what is taken stays taken where it is still offered.
    pub fn offer(&mut self, new: Vec<Choice>) {
        let before = self.value();
        match &mut self.control {
            Control::Choice { options, state } if *options != new => {
                *options = new;
                state.chosen = 0;
            }
            Control::Several { options, state } if *options != new => {
                state.taken = vec![false; new.len()];
                state.list.clamp(new.len());
                *options = new;
            }
            _ => return,
        }
        self.set(&before);
    }

    fn context(&self) -> Context {
        match &self.control {
            Control::Text(_) => Context::Field,
            Control::Choice { .. } | Control::Toggle(_) => Context::Choice,
            Control::Several { .. } => Context::MultiSelect,
        }
    }

    /// Help costs rows: it is shown where the person is.
    fn slot<'a>(&'a self, label_width: u16, focused: bool, note: &'a str) -> Slot<'a> {
        Slot { label: &self.label, label_width, help: if focused { note } else { "" }, error: &self.error, focused }
    }

    /// The options as rows: with their meanings where all of them fit, else the names alone.
    fn rows(options: &[Choice], width: u16) -> Vec<Row<'_>> {
        if meanings_fit(options, width) {
            options.iter().map(Choice::row).collect()
        } else {
            options.iter().map(|choice| Row::new(choice.label.as_str(), "")).collect()
        }
    }

    /// What stands below the input that has the keyboard: a label that shows cut, the meaning of the taken option where meanings do not fit
    /// beside the options, and the help.
    fn note(&self, width: u16, label_width: u16) -> String {
        let toggle = matches!(self.control, Control::Toggle(_));
        let cut = !toggle && Slot { label: &self.label, label_width, ..Slot::default() }.cuts(width);
        let label = if cut { sentence(&self.label) } else { String::new() };
        let meaning = match &self.control {
            Control::Choice { options, state } if !meanings_fit(options, width.saturating_sub(label_width + 4)) => {
                options.get(state.chosen).map(|choice| sentence(&choice.meaning)).unwrap_or_default()
            }
            _ => String::new(),
        };
        [label.as_str(), &meaning, &self.help].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
    }

    fn height(&self, width: u16, label_width: u16, focused: bool) -> u16 {
        let note = self.note(width, label_width);
        let rows = match &self.control {
            Control::Toggle(_) => return Slot { label_width: BOX, ..self.slot(BOX, focused, &note) }.height(width, 1),
            Control::Choice { options, .. } if focused => text::cells(options.len().clamp(1, 8)),
            Control::Text(_) | Control::Choice { .. } => 1,
            Control::Several { options, .. } => text::cells(options.len().clamp(1, 8)),
        };
        self.slot(label_width, focused, &note).height(width, rows)
    }

    fn draw(&self, view: &mut View<'_>, area: Rect, label_width: u16, focused: bool) {
        let note = self.note(area.width, label_width);
        let slot = self.slot(label_width, focused, &note);
        let room = area.width.saturating_sub(label_width + 4);
        match &self.control {
            Control::Text(field) => {
                let drawn = FieldView { slot, field, placeholder: &self.placeholder }.draw(area, view.buf, view.theme);
                if focused {
                    view.cursor = drawn;
                }
            }
            Control::Choice { options, state } => {
                let rows = Self::rows(options, room);
                ChoiceView { slot, options: &rows, state: *state, expanded: focused }.draw(area, view.buf, view.theme);
            }
            // The label stands behind the box: it is a sentence, and needs the room.
            Control::Toggle(on) => {
                let slot = Slot { label: mark(*on), label_width: BOX, ..slot };
                let value = slot.draw(area, view.buf, view.theme, 1);
                let role = if focused { Role::Focused } else { Role::Label };
                text::put_cut(view.buf, value, (value.x, value.y), value.width, &self.label, view.theme.style(role), view.theme);
            }
            Control::Several { options, state } => {
                let rows = Self::rows(options, room.saturating_sub(2));
                let shown: Vec<usize> = (0..rows.len()).collect();
                let value = slot.draw(area, view.buf, view.theme, text::cells(rows.len().clamp(1, 8)));
                MultiView { options: &rows, shown: &shown, state, focused, empty: "Nothing to choose from." }
                    .draw(value, view.buf, view.theme);
            }
        }
    }
}

/// The column behind a box, marker included.
const BOX: u16 = 6;

/// The box of a switch, readable without color.
const fn mark(on: bool) -> &'static str {
    if on { "[x]" } else { "[ ]" }
}

/// Whether every option shows whole with its meaning in `width` cells.
fn meanings_fit(options: &[Choice], width: u16) -> bool {
    options.iter().all(|choice| text::width(&choice.label) + text::width(&choice.meaning) + 3 <= usize::from(width))
}

/// The text with a full stop, and a capital letter where it begins with a plain word.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        // A first word such as an address stays as it is.
        Some(first) if text.split(' ').next().is_some_and(|word| word.chars().all(char::is_alphabetic)) => {
            let end = if text.ends_with(['.', '?']) { "" } else { "." };
            format!("{}{}{end}", first.to_uppercase(), letters.as_str())
        }
        Some(_) if !text.ends_with(['.', '?']) => format!("{text}."),
        _ => text.to_owned(),
    }
}

impl Form {
    /// The inputs, in order.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// The input `id`.
    pub fn get(&self, id: &str) -> Option<&Item> {
        self.items.iter().find(|item| item.id == id)
    }

    /// The input `id`, to change it.
    pub fn get_mut(&mut self, id: &str) -> Option<&mut Item> {
        self.items.iter_mut().find(|item| item.id == id)
    }

    /// The value of the input `id`.
    pub fn value(&self, id: &str) -> Option<Entered> {
        self.get(id).map(Item::value)
    }

    /// Replaces the inputs: one that is there already keeps its state, and the keyboard stays where it is if that input stays.
    pub fn arrange(&mut self, wanted: Vec<Item>) {
        let focused = self.focused().map(|item| item.id.clone());
        let mut old = std::mem::take(&mut self.items);
        for mut item in wanted {
            if let Some(index) = old.iter().position(|known| known.id == item.id) {
                let known = old.swap_remove(index);
                item.touched = known.touched;
                let value = known.value();
                match (&mut item.control, known.control) {
                    (Control::Text(field), Control::Text(kept)) => *field = kept,
                    (Control::Several { state, options }, Control::Several { state: kept, .. }) => {
                        state.list = kept.list;
                        state.list.clamp(options.len());
                        item.set(&value);
                    }
                    _ => item.set(&value),
                }
            }
            self.items.push(item);
        }
        self.focus = focused.and_then(|id| self.items.iter().position(|item| item.id == id)).unwrap_or(self.focus);
        self.focus = self.focus.min(self.items.len().saturating_sub(1));
    }

    /// The input with the keyboard.
    pub fn focused(&self) -> Option<&Item> {
        self.items.get(self.focus)
    }

    /// Gives the keyboard to the input `id`.
    pub fn focus(&mut self, id: &str) {
        if let Some(index) = self.items.iter().position(|item| item.id == id) {
            self.focus = index;
        }
    }

    /// The first input with an error, if any, gets the keyboard.
    pub fn focus_error(&mut self) -> bool {
        let found = self.items.iter().position(|item| !item.error.is_empty());
        if let Some(index) = found {
            self.focus = index;
        }
        found.is_some()
    }

    /// What has the keyboard.
    pub fn context(&self) -> Context {
        self.focused().map_or(Context::Choice, Item::context)
    }

    /// Does what the action says to the form.
    pub fn action(&mut self, action: Action) -> Moved {
        let last = self.items.len().saturating_sub(1);
        let focus = self.focus;
        let Some(item) = self.items.get_mut(focus) else {
            return if action == Action::NextField { Moved::PastEnd } else { Moved::No };
        };
        let changed = match (&mut item.control, action) {
            (_, Action::NextField) if focus == last => return Moved::PastEnd,
            (_, Action::NextField) => return self.move_to(focus + 1),
            (_, Action::PreviousField) => return self.move_to(focus.saturating_sub(1)),
            (Control::Text(field), Action::Clear) => {
                let changed = !field.is_empty();
                field.clear();
                changed
            }
            (Control::Text(field), Action::Reveal) => {
                field.toggle_reveal();
                return Moved::No;
            }
            (Control::Choice { options, state }, action) => state.handle(action, options.len()),
            (Control::Toggle(on), Action::Toggle) => {
                *on = !*on;
                true
            }
            (Control::Several { options, state }, action) => {
                let shown: Vec<usize> = (0..options.len()).collect();
                let before = state.taken.clone();
                if state.handle(action, &shown) && state.taken == before {
                    return Moved::Focus;
                }
                state.taken != before
            }
            _ => false,
        };
        if changed {
            item.touched = true;
            return Moved::Value;
        }
        match action {
            Action::Up => self.move_to(focus.saturating_sub(1)),
            Action::Down => self.move_to((focus + 1).min(last)),
            Action::Default => {
                item.touched = false;
                Moved::Value
            }
            _ => Moved::No,
        }
    }

    fn move_to(&mut self, index: usize) -> Moved {
        if std::mem::replace(&mut self.focus, index) == index { Moved::No } else { Moved::Focus }
    }

    /// Types a key. True if the value changed.
    pub fn text(&mut self, key: KeyEvent) -> bool {
        self.edit(|field| field.handle(key))
    }

    /// Inserts pasted text. True if the value changed.
    pub fn paste(&mut self, pasted: &str) -> bool {
        self.edit(|field| field.paste(pasted))
    }

    fn edit(&mut self, edit: impl FnOnce(&mut Field) -> bool) -> bool {
        let Some(item) = self.items.get_mut(self.focus) else { return false };
        let Control::Text(field) = &mut item.control else { return false };
        let changed = edit(field);
        item.touched |= changed;
        changed
    }

    /// Draws the inputs from the top of `area`, those around the keyboard if not all fit. Returns how many rows were used.
    pub fn draw(&self, view: &mut View<'_>, area: Rect) -> u16 {
        let beside = self.items.iter().filter(|item| !matches!(item.control, Control::Toggle(_)));
        let labels = beside.map(|item| text::width(&item.label)).max().unwrap_or(0);
        let label_width = text::cells(labels + 4).min(LABELS).min(area.width / 2);
        let heights: Vec<u16> = self
            .items
            .iter()
            .enumerate()
            .map(|(index, item)| item.height(area.width, label_width, index == self.focus))
            .collect();
        let first = first_shown(&heights, self.focus, area.height);
        let mut row = 0;
        for (index, item) in self.items.iter().enumerate().skip(first) {
            if row >= area.height {
                break;
            }
            item.draw(view, text::below(area, row), label_width, index == self.focus);
            row = row.saturating_add(heights[index]);
        }
        let style = view.theme.style(Role::Muted);
        let x = area.right().saturating_sub(1);
        if first > 0 {
            text::put(view.buf, area, x, area.y, 1, view.theme.symbols.up, style);
        }
        if row > area.height || first + shown(&heights[first..], area.height) < heights.len() {
            text::put(view.buf, area, x, area.bottom().saturating_sub(1), 1, view.theme.symbols.down, style);
        }
        row.min(area.height)
    }
}

/// The first input that is drawn so that the one with the keyboard shows whole: as few as possible are left out above.
fn first_shown(heights: &[u16], focus: usize, room: u16) -> usize {
    let mut first = 0;
    while first < focus {
        let used: u32 = heights[first..=focus].iter().map(|height| u32::from(*height)).sum();
        if used <= u32::from(room) {
            break;
        }
        first += 1;
    }
    first
}

/// How many of the inputs fit whole.
fn shown(heights: &[u16], room: u16) -> usize {
    let mut left = room;
    heights.iter().take_while(|height| left.checked_sub(**height).map(|rest| left = rest).is_some()).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossterm::event::{KeyCode, KeyModifiers};

    fn key(letter: char) -> KeyEvent {
        KeyEvent::new(KeyCode::Char(letter), KeyModifiers::NONE)
    }

    fn form() -> Form {
        let mut form = Form::default();
        form.arrange(vec![
            Item::text("name", "Name"),
            Item::choice("mode", "Mode", vec![Choice::new("a", "A", ""), Choice::new("b", "B", "")]),
            Item::new("on", "On", Control::Toggle(false)),
        ]);
        form
    }

    #[test]
    fn an_untouched_input_follows_its_default_and_a_touched_one_does_not() {
        let mut form = form();
        form.get_mut("name").unwrap().follow(&Entered::Text("one".into()));
        form.get_mut("name").unwrap().follow(&Entered::Text("two".into()));
        assert_eq!(form.value("name").unwrap().text(), "two");
        assert!(form.text(key('!')));
        form.get_mut("name").unwrap().follow(&Entered::Text("three".into()));
        assert_eq!(form.value("name").unwrap().text(), "two!");
        assert_eq!(form.action(Action::Default), Moved::Value);
        form.get_mut("name").unwrap().follow(&Entered::Text("three".into()));
        assert_eq!(form.value("name").unwrap().text(), "three");
    }

    #[test]
    fn arrows_leave_a_choice_at_its_ends() {
        let mut form = form();
        assert_eq!(form.action(Action::Down), Moved::Focus);
        assert_eq!(form.action(Action::Down), Moved::Value);
        assert_eq!(form.action(Action::Down), Moved::Focus);
        assert_eq!(form.focused().unwrap().id, "on");
        assert_eq!(form.action(Action::NextField), Moved::PastEnd);
        assert_eq!(form.action(Action::Toggle), Moved::Value);
    }

    #[test]
    fn arranging_anew_keeps_what_was_typed_and_where_one_is() {
        let mut form = form();
        form.text(key('x'));
        form.action(Action::NextField);
        form.arrange(vec![Item::choice("mode", "Mode", vec![Choice::new("b", "B", "")]), Item::text("name", "Name")]);
        assert_eq!(form.focused().unwrap().id, "mode");
        assert_eq!(form.value("name").unwrap().text(), "x");
    }

    #[test]
    fn the_input_with_the_keyboard_always_shows() {
        assert_eq!(first_shown(&[3, 3, 3, 3], 3, 6), 2);
        assert_eq!(first_shown(&[3, 3, 3, 3], 1, 6), 0);
        assert_eq!(first_shown(&[3, 3, 30, 3], 2, 6), 2);
    }
}
