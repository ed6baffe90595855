//! The only place that prints: results to standard output, everything else to standard error.

use std::fmt::Write as _;
use std::io::{self, IsTerminal as _, Write};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};

use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use serde_json::{Map, Value};

use super::dialog::wrapped;
use super::document::{ErrorDocument, word};
use super::global::GlobalOptions;
use super::terminal::{self, Interaction, Terminal};
use crate::catalog::template::Level;
use crate::error::{self, Error, Kind, Result};
use crate::setup::plan::Notice;

/// The first steps.
const EXAMPLES: &str = "Examples:
  akwiz --demo               try the wizard without a server
  akwiz login --url=https://auth.example.com
  akwiz apps grafana         is it known?
  akwiz app grafana          what does it ask?
  akwiz plan grafana --set=app=https://grafana.example.com
  akwiz create grafana --set=app=https://grafana.example.com
  akwiz settings grafana     what to enter in it, again
  akwiz list                 what is there
  akwiz apply --help         many at once, from one file";

/// What is read beside the options.
const ENVIRONMENT: &str = "Environment:
  AUTHENTIK_URL              as --url
  AUTHENTIK_TOKEN            the API token
  NO_COLOR                   as --no-color
  AKWIZ_LOG                  off, error, warn, info, debug or trace

Files:
  ~/.config/akwiz/config.toml        servers with names: [profiles.NAME]
  ~/.config/akwiz/templates/*.toml   your own templates
  ~/.local/state/akwiz/receipts/     what was done, for undo
  ~/.local/state/akwiz/akwiz.log     the log";

/// The first steps and the table of exit codes, for the help text.
pub static AFTER_HELP: LazyLock<String> = LazyLock::new(|| format!("{EXAMPLES}\n\n{ENVIRONMENT}\n\n{}", *EXIT_CODES));

/// The table of exit codes.
static EXIT_CODES: LazyLock<String> = LazyLock::new(|| {
    let mut text = String::from("Exit codes:");
    for (code, meaning) in error::exit_codes() {
        let _ = write!(text, "\n  {code:>3}  {meaning}");
    }
    text
});

/// Prints for one command.
#[derive(Debug)]
pub struct Output {
    verbose: bool,
    quiet: bool,
    json: bool,
    interaction: Interaction,
    status: bool,
    /// Only ASCII can be shown.
    ascii: bool,
    /// A document was printed: there is never a second one.
    printed: AtomicBool,
}

impl Output {
    /// Output as the global options and the terminal want it.
    pub fn new(global: &GlobalOptions) -> Self {
        let takes_back = std::env::var_os("TERM").is_some_and(|term| term != "dumb");
        Self {
            status: Terminal::of_this_process().errors && takes_back && !global.quiet && !global.plain,
            verbose: global.verbose > 0,
            quiet: global.quiet,
            json: global.json,
            interaction: Interaction::new(global, Terminal::of_this_process()),
            ascii: global.ascii || !terminal::shows_unicode(|name| std::env::var(name).ok()),
            printed: AtomicBool::new(false),
        }
    }

    /// Whether the result is to be a document ([`Output::document`]) in place of text.
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// Whether more than the usual is said (`-v`).
    pub fn is_verbose(&self) -> bool {
        self.verbose
    }

    /// Whether [`Output::status`] shows anything: on a terminal that can take a line back, unless `--quiet`.
    pub fn has_status(&self) -> bool {
        self.status
    }

    /// A line that the next one takes the place of, such as a progress bar; empty to take it away.
    pub fn status(&self, line: &str) {
        if self.status {
            let mut out = io::stderr().lock();
            // Back to the start of the line, and away with the rest of the former one.
            let _ = write!(out, "\r{}\x1b[K", safe(line)).and_then(|()| out.flush());
        }
    }

    /// Whether [`Output::ask`] can ask.
    pub fn interaction(&self) -> Interaction {
        self.interaction
    }

    /// A result, to standard output. Where the result is a document, this is only something beside it.
    ///
    /// # Errors
    /// When it cannot be written. A reader that has gone, as in `akwiz apps | head`, is no error.
    pub fn result(&self, text: &str) -> Result<()> {
        if self.json {
            self.note(text);
            return Ok(());
        }
        written(writeln!(io::stdout().lock(), "{}", self.shown(text)))
    }

    /// A result that holds secrets, because they were asked for.
    ///
    /// # Errors
    /// As [`Output::result`].
    pub fn revealed(&self, text: &SecretString) -> Result<()> {
        written(writeln!(io::stdout().lock(), "{}", safe(text.expose_secret())))
    }

    /// The result as the one document of `--json`: what `document` holds, after `"format": "akwiz.<format>"` and the version of that
    /// format. The version changes when a field goes or means something else, not when one is added.
    ///
    /// # Errors
    /// As [`Output::result`], and when `document` is no object.
    pub fn document(&self, format: &str, version: u32, document: &impl Serialize) -> Result<()> {
        self.print(format, version, serde_json::to_value(document))
    }

    fn print(&self, format: &str, version: u32, document: serde_json::Result<Value>) -> Result<()> {
        let failed = || Error::new(Kind::Internal, format!("The document {format} could not be made."));
        let Value::Object(fields) = document.map_err(|error| failed().caused_by(error))? else { return Err(failed()) };
        let mut whole = Map::new();
        whole.insert("format".to_owned(), format!("akwiz.{format}").into());
        whole.insert("version".to_owned(), version.into());
        whole.extend(fields);
        let text = serde_json::to_string_pretty(&whole).map_err(|error| failed().caused_by(error))?;
        self.printed.store(true, Ordering::Relaxed);
        written(writeln!(io::stdout().lock(), "{}", escaped(&text)))
    }

    /// What is only read, for standard output: broken between words where that is a terminal, which breaks lines anywhere. Whatever may be
    /// copied or read by a program stays as it is.
    pub fn prose(&self, text: &str) -> String {
        if io::stdout().is_terminal() { wrapped(text) } else { text.to_owned() }
    }

    /// A message beside the result, to standard error, unless `--quiet`.
    pub fn note(&self, text: &str) {
        if !self.quiet {
            self.say(text);
        }
    }

    /// Something that a person should know whatever was asked for, to standard error.
    pub fn warning(&self, text: &str) {
        self.say(&read(&format!("warning: {text}")));
    }

    /// A notice, to standard error; `--quiet` leaves out what is merely good to know.
    pub fn notice(&self, notice: &Notice) {
        let text = read(&format!("{}: {}", word(notice.level), notice.text));
        if notice.level == Level::Info { self.note(&text) } else { self.say(&text) }
    }

    /// What has to be read before a question is answered, to standard error. It can be left out only where nothing will be asked.
    pub fn before_question(&self, text: &str) {
        if self.interaction == Interaction::Ask {
            self.say(text);
        } else {
            self.note(text);
        }
    }

    /// A failure with its hints, to standard error; with `--json` also as the document, if there is none yet.
    pub fn error(&self, error: &Error) {
        if self.json && !self.printed.load(Ordering::Relaxed) {
            // There is no other place to say that standard output is gone.
            let _ = self.document("error", 1, &ErrorDocument::new(error));
        }
        let mut text = read(&format!("error: {}", error.message));
        for hint in &error.hints {
            let _ = write!(text, "\n  hint: {hint}");
        }
        if self.verbose {
            for cause in error.causes() {
                let _ = write!(text, "\n  cause: {cause}");
            }
        }
        self.say(&text);
    }

    /// Asks on the terminal, and gives back the line that was typed.
    ///
    /// # Errors
    /// When nothing can be asked, or nothing was typed.
    pub fn ask(&self, question: &str) -> Result<String> {
        if let Some(obstacle) = self.interaction.obstacle() {
            return Err(Error::new(Kind::Usage, format!("Nothing was changed: {obstacle}.")));
        }
        let mut out = io::stderr().lock();
        let _ = write!(out, "{} ", self.shown(question)).and_then(|()| out.flush());
        let mut line = String::new();
        match io::stdin().read_line(&mut line) {
            Ok(0) => {
                // The terminal has not moved to the next line.
                let _ = writeln!(out);
                Err(Error::new(Kind::Cancelled, "Nothing was changed."))
            }
            Ok(_) => Ok(line.trim().to_owned()),
            Err(error) => Err(Error::new(Kind::Internal, "The answer cannot be read.").caused_by(error)),
        }
    }

    /// Asks for a secret on the terminal, which does not show it.
    ///
    /// # Errors
    /// As [`Output::ask`], and when it was stopped with Ctrl-C.
    pub fn ask_secret(&self, question: &str) -> Result<SecretString> {
        if let Some(obstacle) = self.interaction.obstacle() {
            return Err(Error::new(Kind::Usage, format!("{question} is needed, but {obstacle}.")));
        }
        let mut out = io::stderr().lock();
        let prompt = self.shown(question);
        let typed = super::hidden::line(|| {
            let _ = write!(out, "{prompt}: ").and_then(|()| out.flush());
        });
        let _ = writeln!(out);
        typed
    }

    /// Has something confirmed with yes, unless that was said already (`--yes`).
    ///
    /// # Errors
    /// When it was declined, or nothing can be asked.
    pub fn confirm(&self, yes: bool) -> Result<()> {
        if yes {
            return Ok(());
        }
        let typed = self.ask("Do it? [y/N]").map_err(|error| error.hint("Do it without asking: --yes"))?;
        if matches!(typed.to_lowercase().as_str(), "y" | "yes") { Ok(()) } else { Err(declined()) }
    }

    /// Has `wanted` typed, unless it was typed already (`--confirm`).
    ///
    /// # Errors
    /// When something else was typed, or nothing can be asked.
    pub fn confirm_typed(&self, wanted: &str, why: &str, typed: &[String]) -> Result<()> {
        if typed.iter().any(|typed| typed == wanted) {
            return Ok(());
        }
        self.before_question(why);
        let typed = self.ask(&format!("Type {wanted} to go on:")).map_err(|error| {
            let words = [format!("--confirm={wanted}"), "--yes".to_owned()];
            error.hint(format!("Confirm it: {}", crate::setup::command::quoted(&words)))
        })?;
        if typed == wanted { Ok(()) } else { Err(declined()) }
    }

    fn say(&self, text: &str) {
        // There is no other place to say that standard error is gone.
        let _ = writeln!(io::stderr().lock(), "{}", self.shown(text));
    }

    /// The text as it can be shown. Values that are to be pasted never come through here.
    fn shown(&self, text: &str) -> String {
        let text = safe(text);
        if !self.ascii {
            return text;
        }
        let mut ascii = String::with_capacity(text.len());
        for c in text.chars() {
            match c {
                '…' => ascii.push_str("..."),
                c => ascii.push(crate::ascii::sign(c).unwrap_or(c)),
            }
        }
        ascii
    }
}

/// Likewise for standard error.
fn read(text: &str) -> String {
    if Terminal::of_this_process().errors { wrapped(text) } else { text.to_owned() }
}

fn declined() -> Error {
    Error::new(Kind::Cancelled, "Nothing was changed.")
}

/// Whether what is said is read on a terminal. [`Terminal`] asks this once.
pub(super) fn goes_to_terminal() -> bool {
    io::stderr().is_terminal()
}

fn written(result: io::Result<()>) -> Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => {
            other.map_err(|error| Error::new(Kind::Internal, format!("The output cannot be written: {error}.")).caused_by(error))
        }
    }
}

/// Text from a server can hold what a terminal obeys: only line breaks and tabs get through.
fn safe(text: &str) -> String {
    text.chars().map(|c| if is_safe(c) { c } else { '\u{fffd}' }).collect()
}

/// Likewise in JSON, which leaves some of it as it is: nothing is lost, because such characters stand only in strings.
fn escaped(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        if is_safe(c) {
            text.push(c);
        } else {
            let _ = write!(text, "\\u{:04x}", u32::from(c));
        }
    }
    text
}

fn is_safe(c: char) -> bool {
    c == '\n' || c == '\t' || !(c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
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
        for (code, meaning) in error::exit_codes() {
            assert!(EXIT_CODES.contains(&format!("{code:>3}  {meaning}")));
        }
    }

    #[test]
    fn what_a_terminal_obeys_is_escaped_in_json() {
        let json = serde_json::to_string(&"a\u{1b}b\u{9b}c\u{202e}d\n").unwrap();
        let shown = escaped(&json);
        assert!(shown.chars().all(|c| is_safe(c) && c != '\n'), "{shown}");
        assert_eq!(serde_json::from_str::<String>(&shown).unwrap(), "a\u{1b}b\u{9b}c\u{202e}d\n");
    }
}
