//! The only place that prints: results to standard output, everything else to standard error.

use std::fmt::Write as _;
use std::io::{self, IsTerminal as _, Write};
use std::sync::LazyLock;

use secrecy::{ExposeSecret as _, SecretString};

use super::global::GlobalOptions;
use crate::error::{Error, Kind, Result};

/// The table of exit codes, for the help text.
pub static EXIT_CODES: LazyLock<String> = LazyLock::new(|| {
    let mut text = String::from("Exit codes:\n    0  done");
    for kind in Kind::ALL {
        let _ = write!(text, "\n  {:>3}  {}", kind.exit_code(), kind.meaning());
    }
    text
});

/// Prints for one command.
#[derive(Debug)]
pub struct Output {
    verbose: bool,
}

impl Output {
    /// Output as the global options want it.
    pub fn new(global: &GlobalOptions) -> Self {
        Self { verbose: global.verbose > 0 }
    }

    /// A result, to standard output.
    ///
    /// # Errors
    /// When it cannot be written. A reader that has gone, as in `akwiz apps | head`, is no error.
    pub fn result(&self, text: &str) -> Result<()> {
        written(writeln!(io::stdout().lock(), "{}", safe(text)))
    }

    /// A result that holds secrets, because they were asked for.
    ///
    /// # Errors
    /// As [`Output::result`].
    pub fn revealed(&self, text: &SecretString) -> Result<()> {
        written(writeln!(io::stdout().lock(), "{}", safe(text.expose_secret())))
    }

    /// A message beside the result, to standard error.
    pub fn note(&self, text: &str) {
        // There is no other place to say that standard error is gone.
        let _ = writeln!(io::stderr().lock(), "{}", safe(text));
    }

    /// A failure with its hints, to standard error.
    pub fn error(&self, error: &Error) {
        let mut text = format!("error: {}", error.message);
        for hint in &error.hints {
            let _ = write!(text, "\n  hint: {hint}");
        }
        if self.verbose {
            for cause in error.causes() {
                let _ = write!(text, "\n  cause: {cause}");
            }
        }
        self.note(&text);
    }

    /// Asks on the terminal, and gives back the line that was typed.
    ///
    /// # Errors
    /// When there is no terminal to ask on, or nothing was typed.
    pub fn ask(&self, question: &str) -> Result<String> {
        if !io::stdin().is_terminal() {
            return Err(Error::new(Kind::Usage, "Nothing was changed: there is no terminal to ask on."));
        }
        let mut out = io::stderr().lock();
        let _ = write!(out, "{} ", safe(question)).and_then(|()| out.flush());
        let mut line = String::new();
        match io::stdin().read_line(&mut line) {
            Ok(0) => Err(Error::new(Kind::Cancelled, "Nothing was changed.")),
            Ok(_) => Ok(line.trim().to_owned()),
            Err(error) => Err(Error::new(Kind::Internal, "The answer cannot be read.").caused_by(error)),
        }
    }
}

fn written(result: io::Result<()>) -> Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other.map_err(|error| Error::new(Kind::Internal, "The output cannot be written.").caused_by(error)),
    }
}

/// Text from a server can hold what a terminal obeys: only line breaks and tabs get through.
fn safe(text: &str) -> String {
    let is_safe =
        |c: char| c == '\n' || c == '\t' || !(c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'));
    text.chars().map(|c| if is_safe(c) { c } else { '\u{fffd}' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_obeys_does_not_get_through() {
        assert_eq!(safe("a\u{1b}[2Jb\r\n\tc\u{202e}d\u{9b}"), "a\u{fffd}[2Jb\u{fffd}\n\tc\u{fffd}d\u{fffd}");
    }

    #[test]
    fn every_exit_code_is_in_the_help() {
        for kind in Kind::ALL {
            assert!(EXIT_CODES.contains(&format!("{:>3}  {}", kind.exit_code(), kind.meaning())));
        }
    }
}
