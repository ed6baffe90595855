//! A line that is typed unseen.

use std::io;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, read};
use crossterm::terminal::{disable_raw_mode, enable_raw_mode};
use secrecy::SecretString;

use crate::error::{Error, Kind, Result};

/// The terminal as it was, whatever happens.
struct Raw;

impl Raw {
    fn new() -> io::Result<Self> {
        enable_raw_mode().map(|()| Self)
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        // There is nothing else to try.
        let _ = disable_raw_mode();
    }
}

/// Reads until Enter without showing anything. `ask` says what is wanted, once nothing that is typed is shown any more.
///
/// # Errors
/// When the person leaves with Ctrl-C or Ctrl-D, or the terminal cannot be read.
pub(super) fn line(ask: impl FnOnce()) -> Result<SecretString> {
    let failed = |error: io::Error| Error::new(Kind::Internal, "The answer cannot be read.").caused_by(error);
    let _raw = Raw::new().map_err(failed)?;
    ask();
    let mut typed = String::new();
    loop {
        match step(&mut typed, read().map_err(failed)?) {
            Step::More => {}
            Step::Enter => return Ok(SecretString::from(typed)),
            Step::Leave => return Err(Error::new(Kind::Cancelled, "Nothing was changed.")),
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Step {
    More,
    Enter,
    Leave,
}

fn step(typed: &mut String, event: Event) -> Step {
    match event {
        Event::Paste(text) => typed.push_str(&text),
        Event::Key(KeyEvent { code, modifiers, kind: KeyEventKind::Press | KeyEventKind::Repeat, .. }) => match code {
            KeyCode::Enter => return Step::Enter,
            KeyCode::Char('c' | 'd') if modifiers.contains(KeyModifiers::CONTROL) => return Step::Leave,
            KeyCode::Char('u') if modifiers.contains(KeyModifiers::CONTROL) => typed.clear(),
            KeyCode::Char(c) if !modifiers.contains(KeyModifiers::CONTROL) => typed.push(c),
            KeyCode::Backspace => drop(typed.pop()),
            _ => {}
        },
        _ => {}
    }
    Step::More
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_make_a_line() {
        let key = |code, modifiers| Event::Key(KeyEvent::new(code, modifiers));
        let mut typed = String::new();
        for (event, wanted) in [
            (key(KeyCode::Char('x'), KeyModifiers::NONE), Step::More),
            (key(KeyCode::Char('u'), KeyModifiers::CONTROL), Step::More),
            (key(KeyCode::Char('A'), KeyModifiers::SHIFT), Step::More),
            (key(KeyCode::Char('b'), KeyModifiers::NONE), Step::More),
            (key(KeyCode::Backspace, KeyModifiers::NONE), Step::More),
            (Event::Paste("c".into()), Step::More),
            (key(KeyCode::Enter, KeyModifiers::NONE), Step::Enter),
        ] {
            assert_eq!(step(&mut typed, event), wanted);
        }
        assert_eq!(typed, "Ac");
        assert_eq!(step(&mut typed, key(KeyCode::Char('c'), KeyModifiers::CONTROL)), Step::Leave);
    }
}
