//! Quoting: a value as a literal of the format that it lands in, or a sentence why that format cannot hold it.

use super::{quote_code as code, quote_conf as conf, quote_env as env};
use crate::catalog::template::Format;

/// Why a format cannot hold a value: a sentence without the value, which may be secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refused(pub String);

impl Refused {
    pub(super) fn new(why: impl Into<String>) -> Self {
        Self(why.into())
    }
}

impl From<std::fmt::Error> for Refused {
    fn from(_: std::fmt::Error) -> Self {
        Self::new("The text could not be written.")
    }
}

/// Writes `value` as a literal of `format`, in quotes only where it needs them.
///
/// # Errors
/// When the format has no way to write the value. Control characters other than tab and line feed are refused everywhere: none of the
/// formats needs them, and pasted into a terminal they do harm.
pub fn quote(format: Format, value: &str) -> Result<String, Refused> {
    if value.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return Err(Refused::new("A value has a control character in it. Type it again instead of pasting it."));
    }
    match format {
        Format::Plain => Ok(value.to_owned()),
        Format::EnvCompose => Ok(env::compose(value)),
        Format::EnvDocker => env::docker(value),
        Format::EnvShell if value.is_empty() => Ok(String::new()),
        Format::EnvShell | Format::Shell => env::shell(value),
        Format::EnvSystemd => Ok(env::systemd(value)),
        Format::Powershell => Ok(code::powershell(value)),
        Format::Json | Format::Yaml | Format::Toml | Format::Javascript => Ok(code::json(value)),
        Format::Ini => conf::ini(value),
        Format::Properties => Ok(conf::properties(value)),
        Format::Php | Format::Ruby => Ok(code::single_quoted(value)),
        Format::Python => Ok(code::python(value)),
        Format::Elixir => Ok(code::elixir(value)),
        Format::Apache => conf::apache(value),
        Format::Nginx => conf::nginx(value),
        Format::Dovecot => conf::dovecot(value),
        Format::Xml | Format::Html => Ok(code::markup(value)),
        Format::Sql => code::sql(value),
    }
}

/// Whether `value` consists of letters, digits and characters of `more`, and is not empty.
pub(super) fn is_bare(value: &str, more: &str) -> bool {
    !value.is_empty() && value.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(c))
}

/// Puts a backslash before each character of `special`.
pub(super) fn escape(value: &str, special: &str) -> String {
    let mut out = String::with_capacity(value.len() + 2);
    for c in value.chars() {
        if special.contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
#[path = "roundtrip_tests.rs"]
mod tests;
