//! The body of one object, written straight from a plan's settings: with hundreds of applications a copy of each value is felt.

use secrecy::ExposeSecret as _;
use serde::ser::{SerializeMap as _, SerializeSeq as _};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use super::bodies::{Made, NotMade, key_of};
use crate::setup::facts::Capabilities;
use crate::setup::setting::{RedirectEntry, Ref, SettingValue};

/// What is sent where no setting says it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Fixed {
    /// Text, or one of authentik's own values.
    Text(&'static str),
    /// On or off.
    Switch(bool),
}

/// Where a field's value comes from.
#[derive(Clone, Copy)]
enum Source<'a> {
    Setting(&'a SettingValue),
    Fixed(Fixed),
}

/// The body of an object that is made or changed, as this server takes it. All that it refers to exists.
#[derive(Clone)]
pub struct Body<'a> {
    fields: Vec<(&'static str, Source<'a>)>,
    capabilities: &'a Capabilities,
    made: &'a Made,
}

impl<'a> Body<'a> {
    pub(super) fn new(fields: usize, capabilities: &'a Capabilities, made: &'a Made) -> Self {
        Self { fields: Vec::with_capacity(fields), capabilities, made }
    }

    /// Adds a setting under the name that it has on the wire.
    ///
    /// # Errors
    /// [`NotMade`] when it refers to something that does not exist yet.
    pub(super) fn add(&mut self, key: &'static str, value: &'a SettingValue) -> Result<(), NotMade> {
        let references = match value {
            SettingValue::Ref(reference) => std::slice::from_ref(reference),
            SettingValue::Refs(references) => references,
            _ => &[],
        };
        for reference in references {
            key_of(reference, self.made)?;
        }
        self.fields.push((key, Source::Setting(value)));
        Ok(())
    }

    /// Says `value` in place of what a setting says.
    pub(super) fn put(&mut self, key: &'static str, value: Fixed) {
        match self.fields.iter_mut().find(|field| field.0 == key) {
            Some(field) => field.1 = Source::Fixed(value),
            None => self.fields.push((key, Source::Fixed(value))),
        }
    }

    /// Says `value` where no setting says anything.
    pub(super) fn put_if_missing(&mut self, key: &'static str, value: Fixed) {
        if self.fields.iter().all(|field| field.0 != key) {
            self.fields.push((key, Source::Fixed(value)));
        }
    }

    /// The body as a table, for what looks into it.
    pub(super) fn into_map(self) -> Map<String, Value> {
        let wire = |value| Wire { value, body: &self };
        self.fields
            .iter()
            .map(|(key, value)| ((*key).to_owned(), serde_json::to_value(wire(*value)).unwrap_or_default()))
            .collect()
    }
}

impl Serialize for Body<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.fields.len()))?;
        for (key, value) in &self.fields {
            map.serialize_entry(key, &Wire { value: *value, body: self })?;
        }
        map.end()
    }
}

/// A value of `body` on its way to the server.
struct Wire<'a> {
    value: Source<'a>,
    body: &'a Body<'a>,
}

impl Serialize for Wire<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let setting = match self.value {
            Source::Setting(setting) => setting,
            Source::Fixed(Fixed::Text(text)) => return serializer.serialize_str(text),
            Source::Fixed(Fixed::Switch(on)) => return serializer.serialize_bool(on),
        };
        match setting {
            SettingValue::Null => serializer.serialize_unit(),
            SettingValue::Bool(on) => serializer.serialize_bool(*on),
            SettingValue::Text(text) => serializer.serialize_str(text),
            SettingValue::Secret(secret) => serializer.serialize_str(secret.expose_secret()),
            SettingValue::Words(words) => words.serialize(serializer),
            SettingValue::Ref(reference) => Key(reference, self.body.made).serialize(serializer),
            SettingValue::Refs(references) => {
                let mut list = serializer.serialize_seq(Some(references.len()))?;
                for reference in references {
                    list.serialize_element(&Key(reference, self.body.made))?;
                }
                list.end()
            }
            SettingValue::Redirects(entries) => {
                let mut list = serializer.serialize_seq(Some(entries.len()))?;
                for entry in entries {
                    list.serialize_element(&Redirect(entry, self.body.capabilities))?;
                }
                list.end()
            }
        }
    }
}

/// A key as it is sent: numbers as numbers.
struct Key<'a>(&'a Ref, &'a Made);

impl Serialize for Key<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // A body holds nothing that is not made.
        let key = key_of(self.0, self.1).map_err(serde::ser::Error::custom)?;
        match key.parse::<u64>() {
            Ok(number) => serializer.serialize_u64(number),
            Err(_) => serializer.serialize_str(key),
        }
    }
}

/// A redirect entry: the server's own form where there is one, so that nothing in it is lost.
struct Redirect<'a>(&'a RedirectEntry, &'a Capabilities);

impl Serialize for Redirect<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(entry, capabilities) = self;
        if let Some(raw) = &entry.raw {
            return raw.serialize(serializer);
        }
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("matching_mode", entry.redirect.mode.as_str())?;
        map.serialize_entry("url", &entry.redirect.uri)?;
        // The type came with the grant types (2026.5).
        if capabilities.grant_types {
            map.serialize_entry("redirect_uri_type", "authorization")?;
        }
        map.end()
    }
}
