//! The three kinds of string in a template: plain text, text with values in it, and an expression.

use serde::{Deserialize, Serialize};

/// Text with values in it, in minijinja's syntax: `https://{{ app.host }}/callback`.
///
/// Text that is one single `{{ … }}` keeps the type of its value (a list, a switch). An unknown name is an error.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Text(pub String);

/// A condition or value in minijinja's expression language, without braces: `clients and 'desktop' in clients`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Expr(pub String);

impl Text {
    /// The source, as it stands in the file.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Expr {
    /// The source, as it stands in the file.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Text {
    fn from(source: &str) -> Self {
        Self(source.to_owned())
    }
}

impl From<&str> for Expr {
    fn from(source: &str) -> Self {
        Self(source.to_owned())
    }
}

/// A setting that may be a fixed switch or a condition: `optional = true`, `optional = "cloud != 'self'"`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Switch {
    /// Always so.
    Fixed(bool),
    /// So while the condition holds.
    When(Expr),
}

impl Default for Switch {
    fn default() -> Self {
        Self::Fixed(false)
    }
}

/// A default or a value of any type that TOML has; its strings are [`Text`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Scalar {
    /// On or off.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Text with values in it.
    Text(Text),
    /// Several of them.
    List(Vec<Scalar>),
    /// Named values, in the file's order.
    Table(indexmap::IndexMap<String, Scalar>),
}
