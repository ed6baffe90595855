//! The values that texts of a template see: answers, addresses, derived values, authentik's endpoints.

use fnv::FnvBuildHasher;
use indexmap::IndexMap;
use secrecy::SecretString;

/// One value.
#[derive(Debug, Clone)]
pub enum Value {
    /// An optional question without an answer.
    None,
    /// On or off.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Text.
    Text(String),
    /// Text that is hidden until asked for, in whatever form it ends up (quoted, base64, part of an address).
    Secret(SecretString),
    /// Several.
    List(Vec<Value>),
    /// Named values, in order.
    Table(Scope),
}

impl Value {
    /// The text, if it is plain text.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Whether a condition on it holds: not none, not off, not empty, not zero.
    pub fn is_true(&self) -> bool {
        match self {
            Self::None => false,
            Self::Bool(on) => *on,
            Self::Int(number) => *number != 0,
            Self::Text(text) => !text.is_empty(),
            Self::Secret(_) => true,
            Self::List(items) => !items.is_empty(),
            Self::Table(table) => !table.is_empty(),
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for Value {
    fn from(on: bool) -> Self {
        Self::Bool(on)
    }
}

/// The names that a text can use, with their values. They come from templates, and nobody chooses them to collide.
pub type Scope = IndexMap<String, Value, FnvBuildHasher>;
