//! Secrets from files and from standard input, never from arguments.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use secrecy::SecretString;

use super::terminal::Terminal;
use crate::error::{Error, Kind, Result};

/// More than any secret or certificate; beyond that it is a mistake.
const LARGEST: u64 = 64 * 1024;

/// The content of a file, without a line break at its end.
///
/// # Errors
/// When it cannot be read, or is no text.
pub(super) fn from_file(path: &Path) -> Result<SecretString> {
    let failed =
        |error: io::Error| Error::new(Kind::Usage, format!("The file {} cannot be read.", path.display())).caused_by(error);
    read(File::open(path).map_err(failed)?).map_err(failed)
}

/// All of standard input, without a line break at its end.
///
/// # Errors
/// When it is a terminal, where typing would show the secret, or it cannot be read.
pub(super) fn from_stdin(question: &str) -> Result<SecretString> {
    if Terminal::of_this_process().input {
        return Err(Error::new(Kind::Usage, "A terminal would show the secret while it is typed.")
            .hint(format!("Pipe it in, or use --set-file={question}=FILE.")));
    }
    read(io::stdin().lock()).map_err(|error| Error::new(Kind::Usage, "Standard input cannot be read.").caused_by(error))
}

/// The content of an environment variable.
///
/// # Errors
/// When it is not set, or is no text.
pub(super) fn from_env(variable: &str) -> Result<SecretString> {
    std::env::var(variable)
        .map(SecretString::from)
        .map_err(|error| Error::new(Kind::Usage, format!("The environment variable {variable} cannot be used: {error}.")))
}

fn read(source: impl Read) -> io::Result<SecretString> {
    let mut text = String::new();
    source.take(LARGEST).read_to_string(&mut text)?;
    Ok(SecretString::from(text.trim_end_matches(['\r', '\n'])))
}
