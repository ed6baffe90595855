//! Every widget, in every area, with every text: no panic, nothing outside of the area, no control character.

use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::choice::{ChoiceState, ChoiceView};
use super::field::{Field, FieldView, Slot};
use super::list::{ListState, ListView, Row};
use super::multiselect::{MultiState, MultiView};
use super::popup::{self, Question};
use super::progress::{self, State, Step};
use super::spinner::Spinner;
use super::tabs::TabsView;
use super::textview::{Paragraph, Scroll, TextView};
use super::toggle::ToggleView;
use super::{footer, header};
use crate::ui::theme::{Role, Theme};

/// Text of all sorts: arbitrary, wide, combining, with escape sequences.
fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[ -~]{0,40}",
        "[日本語한글]{0,20}",
        Just("\x1b]0;title\x07\u{202e}abc\u{301}\u{9b}2J👩‍💻\u{200d}\r\n\ttab".to_owned()),
    ]
}

/// Areas from nothing to a small terminal's, and lines of all widths.
fn areas() -> impl Strategy<Value = (u16, u16)> {
    prop_oneof![(0u16..=8, 0u16..=3), (1u16..=200, 0u16..=3), (20u16..=60, 4u16..=20)]
}

/// Draws into the middle of a larger buffer and fails if anything outside of the area changed.
fn within((width, height): (u16, u16), draw: impl FnOnce(Rect, &mut Buffer)) -> Result<(), TestCaseError> {
    let area = Rect::new(3, 2, width, height);
    let mut buf = Buffer::empty(Rect::new(0, 0, width + 6, height + 4));
    draw(area, &mut buf);
    for position in buf.area.positions() {
        let symbol = buf[position].symbol();
        prop_assert!(!symbol.chars().any(char::is_control), "{symbol:?} at {position:?}");
        prop_assert!(area.contains(position) || symbol == " ", "{symbol:?} at {position:?} is outside of {area:?}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn inputs(size in areas(), label in texts(), value in texts(), note in texts(), wide in 0u16..30, flags in any::<[bool; 4]>()) {
        let [focused, hidden, failing, plain] = flags;
        let theme = if plain { Theme::PLAIN } else { Theme::default() };
        let (help, error) = if failing { ("", note.as_str()) } else { (note.as_str(), "") };
        let slot = Slot { label: &label, label_width: wide, help, error, focused };
        let mut field = if hidden { Field::hidden() } else { Field::new() };
        field.set(&value);
        within(size, |area, buf| {
            let view = FieldView { slot, field: &field, placeholder: &note };
            let _ = view.height(area.width);
            if let Some(cursor) = view.draw(area, buf, &theme) {
                assert!(area.contains(cursor), "{cursor:?} in {area:?}");
            }
        })?;
        within(size, |area, buf| ToggleView { slot, on: focused, words: [&value, &note] }.draw(area, buf, &theme))?;
        let options = [Row::new(value.as_str(), note.as_str()), Row::new(note.as_str(), "")];
        let state = ChoiceState { chosen: usize::from(focused) };
        within(size, |area, buf| ChoiceView { slot, options: &options, state, expanded: hidden }.draw(area, buf, &theme))?;
        within(size, |area, buf| ChoiceView { slot, options: &[], state, expanded: hidden }.draw(area, buf, &theme))?;
    }

    #[test]
    fn lists(size in areas(), names in proptest::collection::vec(texts(), 0..30), selected in 0usize..40, column in 0u16..40) {
        let theme = Theme::default();
        let rows: Vec<Row<'_>> = names.iter().map(|name| Row::new(name.as_str(), name.as_str())).collect();
        let mut state = ListState { selected };
        state.clamp(rows.len());
        within(size, |area, buf| {
            ListView { rows: &rows, state, focused: true, note_column: column, empty: "Nothing." }.draw(area, buf, &theme);
        })?;
        let shown: Vec<usize> = (0..rows.len()).collect();
        let multi = MultiState { list: state, taken: vec![true; rows.len()] };
        within(size, |area, buf| {
            MultiView { options: &rows, shown: &shown, state: &multi, focused: true, empty: "Nothing." }.draw(area, buf, &theme);
        })?;
        let steps: Vec<Step> =
            names.iter().map(|name| Step { text: name.clone(), state: State::Running, note: name.clone() }).collect();
        within(size, |area, buf| progress::draw_steps(area, buf, &theme, &steps, Spinner::default()))?;
        let titles: Vec<&str> = names.iter().map(String::as_str).collect();
        within(size, |area, buf| TabsView { titles: &titles, active: selected }.draw(area, buf, &theme))?;
    }

    #[test]
    fn texts_and_boxes(size in areas(), text in texts(), lead in texts(), offset in 0usize..50) {
        let theme = Theme::default();
        let paragraphs = [Paragraph::led(lead.as_str(), Role::Text, text.as_str()), Paragraph::new(Role::Error, text.as_str())];
        let view = TextView { paragraphs: &paragraphs, scroll: Scroll { offset } };
        within(size, |area, buf| view.draw(area, buf, &theme))?;
        within(size, |area, buf| popup::draw_reading(area, buf, &theme, &lead, &view))?;
        let field = Field::with_value(&text);
        for typed in [None, Some(&field)] {
            within(size, |area, buf| {
                let question = Question { title: &text, body: &paragraphs, answers: &[&lead, "No"], marked: 0, scroll: Scroll::default(), typed };
                if let Some(cursor) = question.draw(area, buf, &theme) {
                    assert!(area.contains(cursor), "{cursor:?} in {area:?}");
                }
            })?;
        }
        within(size, |area, buf| {
            header::Header { title: &text, step: Some((3, 7)), badge: &lead }.draw(area, buf, &theme);
        })?;
        within(size, |area, buf| footer::draw_message(area, buf, &theme, Role::Error, &text))?;
        within(size, |area, buf| footer::draw_keys(area, buf, &theme, &[(lead.clone(), text.as_str()), (text.clone(), "quit")]))?;
        let mut spinner = Spinner::default();
        spinner.tick();
        within(size, |area, buf| spinner.draw(area, buf, &theme, &text))?;
    }
}
