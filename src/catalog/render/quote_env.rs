//! Environment files and shell words. The dialects differ in ways that break secrets, so each has its own function.

use super::quote::{Refused, escape, is_bare};

/// Characters that mean nothing to any shell or env file, wherever they stand but first.
const SAFE: &str = "_-./:@%+,=";

fn is_safe_word(value: &str) -> bool {
    is_bare(value, SAFE) && !value.starts_with('=')
}

/// An `.env` file as Docker Compose reads it (compose-go's `dotenv` parser).
///
/// Single quotes come first, since every other reader of `.env` files takes their content as it is. Inside them a backslash may escape
/// the quote, so values with either go into double quotes, where `\\`, `\"`, `\$` and `\n` are understood.
pub(super) fn compose(value: &str) -> String {
    if value.is_empty() || is_safe_word(value) {
        value.to_owned()
    } else if !value.contains(['\'', '\\', '\n']) {
        format!("'{value}'")
    } else {
        format!("\"{}\"", escape(value, "\\\"$").replace('\n', "\\n"))
    }
}

/// A file for `docker run --env-file`: everything after `=` up to the end of the line, as it is.
pub(super) fn docker(value: &str) -> Result<String, Refused> {
    if value.contains('\n') {
        return Err(Refused::new(
            "A file for docker --env-file cannot hold a value with a line break. Use Docker Compose's .env file.",
        ));
    }
    Ok(value.to_owned())
}

/// A word of a POSIX shell.
pub(super) fn shell(value: &str) -> Result<String, Refused> {
    if is_safe_word(value) {
        return Ok(value.to_owned());
    }
    shlex::try_quote(value).map(Into::into).map_err(|_| Refused::new("A shell command cannot hold a NUL character."))
}

/// A systemd `EnvironmentFile=`, systemd.exec(5): backslashes escape in double quotes, and specifiers (`%h`) are not expanded.
pub(super) fn systemd(value: &str) -> String {
    if value.is_empty() || is_safe_word(value) { value.to_owned() } else { format!("\"{}\"", escape(value, "\\\"$`")) }
}
