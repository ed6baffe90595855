//! What the wire types share: identifiers as text, lists in pages, values that may be missing or null, words that may be new.

use std::fmt;

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// An object's primary key as text. authentik's are UUIDs, or numbers for providers and users.
pub type Id = String;

/// Reads a key that is a string, a number or null (an empty text).
pub(super) fn id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Id, D::Error> {
    Ok(id_of(&Value::deserialize(deserializer)?).unwrap_or_default())
}

/// Likewise, null being nothing.
pub(super) fn optional_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Id>, D::Error> {
    Ok(id_of(&Value::deserialize(deserializer)?))
}

/// Likewise, a list; what is no key in it is left out.
pub(super) fn ids<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Id>, D::Error> {
    Ok(Value::deserialize(deserializer)?.as_array().map(|items| items.iter().filter_map(id_of).collect()).unwrap_or_default())
}

fn id_of(value: &Value) -> Option<Id> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A key as it is sent: numbers as numbers.
pub fn id_value(id: &str) -> Value {
    id.parse::<u64>().map_or_else(|_| Value::from(id), Value::from)
}

/// Reads null as the type's default.
pub(super) fn nullable<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(deserializer: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// An object as the server sent it, for the fields that akwiz does not know and must not lose. `Debug` shows its keys only.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Raw(pub Map<String, Value>);

impl Raw {
    /// The value of `key`, whatever it is.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key)
    }

    /// Whether the server knows the field.
    pub fn has(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }
}

impl fmt::Debug for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.keys()).finish()
    }
}

/// One page of a list.
#[derive(Debug, Deserialize)]
pub(super) struct Page<T> {
    #[serde(default)]
    pub pagination: Pagination,
    pub results: Vec<T>,
}

/// Where a page stands. `next: 0` is the last one.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Pagination {
    #[serde(default)]
    pub next: f64,
    #[serde(default)]
    pub total_pages: f64,
}

/// Makes an enumeration that keeps the words it does not know.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
            /// A word that this version of akwiz does not know.
            Other(String),
        }

        impl $name {
            /// The word as authentik writes it.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $word,)+
                    Self::Other(word) => word,
                }
            }
        }

        impl From<&str> for $name {
            fn from(word: &str) -> Self {
                match word {
                    $($word => Self::$variant,)+
                    other => Self::Other(other.to_owned()),
                }
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::Other(String::new())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let word: Option<String> = serde::Deserialize::deserialize(deserializer)?;
                Ok(Self::from(word.as_deref().unwrap_or_default()))
            }
        }
    };
}
pub(super) use words;

#[cfg(test)]
mod tests {
    use super::*;

    words! {
        /// A sample.
        Sample { One = "one" }
    }

    #[derive(Deserialize)]
    struct Thing {
        #[serde(deserialize_with = "id")]
        pk: Id,
        #[serde(default, deserialize_with = "optional_id")]
        flow: Option<Id>,
        #[serde(default, deserialize_with = "ids")]
        mappings: Vec<Id>,
        #[serde(default, deserialize_with = "nullable")]
        name: String,
        #[serde(default)]
        word: Sample,
    }

    #[test]
    fn numbers_nulls_and_new_words_survive() {
        let thing: Thing =
            serde_json::from_str(r#"{"pk":7,"flow":null,"mappings":["a",3,null],"name":null,"word":"two"}"#).unwrap();
        assert_eq!((thing.pk.as_str(), thing.flow, thing.name.as_str()), ("7", None, ""));
        assert_eq!(thing.mappings, ["a", "3"]);
        assert_eq!(thing.word, Sample::Other("two".into()));
        let thing: Thing = serde_json::from_str(r#"{"pk":"u-1","word":null}"#).unwrap();
        assert_eq!((thing.pk.as_str(), thing.word), ("u-1", Sample::default()));
        assert_eq!([Sample::One.as_str(), Sample::from("two").as_str()], ["one", "two"]);
    }

    #[test]
    fn keys_are_sent_as_they_came() {
        assert_eq!(id_value("7"), Value::from(7));
        assert_eq!(id_value("0f-1"), Value::from("0f-1"));
    }

    #[test]
    fn debug_of_an_object_shows_no_values() {
        let raw = Raw(serde_json::from_str(r#"{"client_secret":"hush"}"#).unwrap());
        assert_eq!(format!("{raw:?}"), r#"["client_secret"]"#);
    }
}
