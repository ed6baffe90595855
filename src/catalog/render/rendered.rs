//! What comes out of a text: pieces to show and pieces to hide.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

/// A piece of a rendered text.
#[derive(Clone)]
pub enum Part {
    /// For everybody's eyes.
    Text(String),
    /// Hidden until asked for.
    Secret(SecretString),
}

/// A rendered text, in pieces, so that secrets in it stay hidden in whatever form they ended up.
#[derive(Clone, Default)]
pub struct Rendered {
    parts: Vec<Part>,
}

impl Rendered {
    /// A text without secrets.
    pub fn from_text(text: impl Into<String>) -> Self {
        let mut rendered = Self::default();
        rendered.push_text(&text.into());
        rendered
    }

    /// The pieces, in order. No two texts stand side by side.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Adds text.
    pub fn push_text(&mut self, text: &str) {
        match self.parts.last_mut() {
            _ if text.is_empty() => {}
            Some(Part::Text(last)) => last.push_str(text),
            _ => self.parts.push(Part::Text(text.to_owned())),
        }
    }

    /// Adds a secret.
    pub fn push_secret(&mut self, secret: SecretString) {
        self.parts.push(Part::Secret(secret));
    }

    /// Adds all of another.
    pub fn append(&mut self, other: &Self) {
        for part in &other.parts {
            match part {
                Part::Text(text) => self.push_text(text),
                Part::Secret(secret) => self.push_secret(secret.clone()),
            }
        }
    }

    /// The same text with `change` applied to what is between secrets.
    pub(super) fn map_text(&self, change: impl Fn(&str) -> String) -> Self {
        let mut out = Self::default();
        for part in &self.parts {
            match part {
                Part::Text(text) => out.push_text(&change(text)),
                Part::Secret(secret) => out.push_secret(secret.clone()),
            }
        }
        out
    }

    /// The same text without line feeds at its end.
    pub(super) fn without_final_newline(mut self) -> Self {
        if let Some(Part::Text(last)) = self.parts.last_mut() {
            last.truncate(last.trim_end_matches('\n').len());
        }
        self
    }

    /// Whether anything in it is hidden.
    pub fn has_secret(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Secret(_)))
    }

    /// Whether it is the empty text.
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// The text, if nothing in it is hidden.
    pub fn plain(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// The text with `mask` in place of each secret. The mask does not depend on the secret's length.
    pub fn masked_with(&self, mask: &str) -> String {
        self.parts
            .iter()
            .map(|part| match part {
                Part::Text(text) => text.as_str(),
                Part::Secret(_) => mask,
            })
            .collect()
    }

    /// The text with eight bullets in place of each secret.
    pub fn masked(&self) -> String {
        self.masked_with("••••••••")
    }

    /// The whole text, secrets included: for the clipboard, a file, or a person who asked for it.
    pub fn reveal(&self) -> SecretString {
        let whole: String = self
            .parts
            .iter()
            .map(|part| match part {
                Part::Text(text) => text.as_str(),
                Part::Secret(secret) => secret.expose_secret(),
            })
            .collect();
        SecretString::from(whole)
    }
}

impl fmt::Debug for Rendered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Rendered").field(&self.masked_with("[hidden]")).finish()
    }
}

impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.debug_tuple("Text").field(text).finish(),
            Self::Secret(_) => f.write_str("Secret([hidden])"),
        }
    }
}
