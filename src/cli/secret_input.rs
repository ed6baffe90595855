//! Secrets from files and from standard input, never from arguments.

use std::env::VarError;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use secrecy::{ExposeSecret as _, SecretString};

use super::terminal::Terminal;
use crate::error::{Error, Kind, Result};

/// More than any secret or certificate; beyond that it is a mistake.
const LARGEST: u64 = 64 * 1024;

/// The content of a file, without a line break at its end.
///
/// # Errors
/// When it cannot be read, is no text, or is empty.
pub(super) fn from_file(path: &Path) -> Result<SecretString> {
    let what = format!("The file {}", path.display());
    let failed = |error: io::Error| Error::unreadable(&what, error);
    read(File::open(path).map_err(failed)?).map_err(failed).and_then(|text| usable(text, &what))
}

/// All of standard input, without a line break at its end.
///
/// # Errors
/// When it is a terminal, where typing would show the secret, or it cannot be read or is empty.
pub(super) fn from_stdin(question: &str) -> Result<SecretString> {
    if Terminal::of_this_process().input {
        return Err(Error::new(Kind::Usage, "A terminal would show the secret while it is typed.")
            .hint(format!("Pipe it in, or use --set-file={question}=FILE.")));
    }
    let what = "Standard input";
    read(io::stdin().lock()).map_err(|error| Error::unreadable(what, error)).and_then(|text| usable(text, what))
}

/// The content of an environment variable.
///
/// # Errors
/// When it is not set, is no text, or is empty.
pub(super) fn from_env(variable: &str) -> Result<SecretString> {
    let said = |why: &str| Error::new(Kind::Usage, format!("The environment variable {variable} {why}."));
    match std::env::var(variable) {
        Ok(text) => usable(text, &format!("The environment variable {variable}")),
        Err(VarError::NotPresent) => Err(said("is not set")),
        Err(VarError::NotUnicode(_)) => Err(said("is not text (UTF-8)")),
    }
}

fn read(source: impl Read) -> io::Result<String> {
    let mut text = String::new();
    source.take(LARGEST + 1).read_to_string(&mut text)?;
    Ok(text)
}

/// The text without what editors put around it. An empty one is a slip: what was to fill it has failed.
fn usable(text: String, what: &str) -> Result<SecretString> {
    if text.len() as u64 > LARGEST {
        return Err(Error::new(Kind::Usage, format!("{what} holds more than 64 KiB, which is too much for an answer.")));
    }
    let text = SecretString::from(text);
    let inner = text.expose_secret().trim_start_matches('\u{feff}').trim_end_matches(['\r', '\n']);
    if inner.is_empty() { Err(Error::new(Kind::Usage, format!("{what} is empty."))) } else { Ok(SecretString::from(inner)) }
}
