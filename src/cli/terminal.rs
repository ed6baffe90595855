//! Whether there is somebody to ask: decided once, at the start.

use std::io::{self, IsTerminal as _};
use std::sync::LazyLock;

use super::global::GlobalOptions;
use super::output;

static TERMINAL: LazyLock<Terminal> =
    LazyLock::new(|| Terminal { input: io::stdin().is_terminal(), errors: output::goes_to_terminal() });

/// Which of this process's streams are a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terminal {
    /// What is read is typed, and seen while it is typed.
    pub input: bool,
    /// What is written to standard error is read at once.
    pub errors: bool,
}

impl Terminal {
    /// Those of this process.
    pub fn of_this_process() -> Self {
        *TERMINAL
    }
}

/// Whether the locale says that more than ASCII can be shown.
pub fn shows_unicode(env: impl Fn(&str) -> Option<String>) -> bool {
    if cfg!(windows) {
        return true;
    }
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().filter_map(env).find(|value| !value.is_empty());
    locale.is_some_and(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    })
}

/// Whether questions can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interaction {
    /// On the terminal.
    Ask,
    /// There is no terminal, as in a script.
    NoTerminal,
    /// `--no-input` forbids it.
    Forbidden,
}

impl Interaction {
    /// What the options and the terminal allow.
    pub fn new(global: &GlobalOptions, terminal: Terminal) -> Self {
        if global.no_input {
            Self::Forbidden
        } else if terminal.input && terminal.errors {
            Self::Ask
        } else {
            Self::NoTerminal
        }
    }

    /// Why nothing can be asked, as the end of a sentence; nothing where it can.
    pub const fn obstacle(self) -> Option<&'static str> {
        match self {
            Self::Ask => None,
            Self::NoTerminal => Some("there is no terminal to ask on"),
            Self::Forbidden => Some("it would have to be asked, and --no-input forbids that"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_of_a_question_have_to_be_a_terminal() {
        let of = |input, errors, no_input| {
            Interaction::new(&GlobalOptions { no_input, ..GlobalOptions::default() }, Terminal { input, errors })
        };
        assert_eq!(of(true, true, false), Interaction::Ask);
        assert_eq!(of(true, false, false), Interaction::NoTerminal);
        assert_eq!(of(false, true, false), Interaction::NoTerminal);
        assert_eq!(of(true, true, true), Interaction::Forbidden);
    }
}
