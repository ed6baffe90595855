//! Why a text could not be rendered, and where it stands.

use std::fmt;

use super::quote::Refused;

/// Why a text could not be rendered: where it stands, and what is wrong, as a sentence without values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderError {
    place: Vec<String>,
    message: String,
}

impl RenderError {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { place: Vec::new(), message: message.into() }
    }

    /// Says where it happened. Called from the inside out: field, entry, template.
    #[must_use]
    pub fn at(mut self, place: impl fmt::Display) -> Self {
        self.place.insert(0, place.to_string());
        self
    }

    /// Where it happened: `portainer, entry "form", field "Client ID"`; empty where nobody said.
    pub fn place(&self) -> String {
        self.place.join(", ")
    }

    /// What is wrong, as a sentence.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for RenderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.place.is_empty() { f.write_str(&self.message) } else { write!(f, "{}: {}", self.place(), self.message) }
    }
}

impl std::error::Error for RenderError {}

impl From<Refused> for RenderError {
    fn from(refused: Refused) -> Self {
        Self::new(refused.0)
    }
}

impl From<minijinja::Error> for RenderError {
    fn from(error: minijinja::Error) -> Self {
        use minijinja::ErrorKind;
        let detail = error.detail().unwrap_or_default();
        let mut message = match error.kind() {
            // Our own filters and the formatter speak in sentences.
            ErrorKind::InvalidOperation if detail.ends_with('.') => detail.to_owned(),
            ErrorKind::UndefinedError => "It uses a value that does not exist".to_owned(),
            ErrorKind::OutOfFuel => "It takes too many steps".to_owned(),
            kind if detail.is_empty() => format!("It is broken: {kind}"),
            kind => format!("It is broken: {kind}, {detail}"),
        };
        if error.kind() == ErrorKind::UndefinedError && !detail.is_empty() {
            message = format!("{message} ({detail})");
        }
        match error.line() {
            Some(line) if line > 1 && !message.ends_with('.') => message = format!("{message} (in its line {line})."),
            _ if message.ends_with('.') => {}
            _ => message.push('.'),
        }
        Self::new(message)
    }
}
