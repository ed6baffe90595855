//! Plex as a login source.

use std::fmt;

use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::error::Result;
use super::http::Client;
use super::wire::{Id, Raw, id, nullable, optional_id};

const PATH: [&str; 2] = ["sources", "plex"];

/// A Plex source. authentik echoes its token, which is the owner's whole account: it is held apart and never shown by `Debug`.
#[derive(Clone)]
pub struct PlexSource {
    /// The fields that akwiz reads.
    pub fields: PlexFields,
    /// The token of the owner's Plex account.
    pub plex_token: Option<SecretString>,
    /// The whole object without the token.
    pub raw: Raw,
}

impl fmt::Debug for PlexSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PlexSource").field("fields", &self.fields).field("raw", &self.raw).finish_non_exhaustive()
    }
}

/// The fields of a [`PlexSource`] that akwiz reads.
#[derive(Debug, Clone, Deserialize)]
pub struct PlexFields {
    /// The UUID: what identification stages refer to.
    #[serde(deserialize_with = "id")]
    pub pk: Id,
    /// The name on the button.
    #[serde(default, deserialize_with = "nullable")]
    pub name: String,
    /// The slug; the key in addresses.
    #[serde(default, deserialize_with = "nullable")]
    pub slug: String,
    /// Whether it can be used.
    #[serde(default, deserialize_with = "nullable")]
    pub enabled: bool,
    /// The client identifier that the token was made for.
    #[serde(default, deserialize_with = "nullable")]
    pub client_id: String,
    /// The servers whose users may sign in.
    #[serde(default, deserialize_with = "nullable")]
    pub allowed_servers: Vec<String>,
    /// Whether the owner's friends may sign in as well.
    #[serde(default, deserialize_with = "nullable")]
    pub allow_friends: bool,
    /// How a Plex account finds its user.
    #[serde(default, deserialize_with = "nullable")]
    pub user_matching_mode: String,
    /// The flow for those who are known.
    #[serde(default, deserialize_with = "optional_id")]
    pub authentication_flow: Option<Id>,
    /// The flow for those who are new.
    #[serde(default, deserialize_with = "optional_id")]
    pub enrollment_flow: Option<Id>,
}

impl<'de> Deserialize<'de> for PlexSource {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut map = Map::deserialize(deserializer)?;
        let plex_token = match map.shift_remove("plex_token") {
            Some(Value::String(token)) if !token.is_empty() => Some(SecretString::from(token)),
            _ => None,
        };
        let fields = serde_json::from_value(Value::Object(map.clone())).map_err(serde::de::Error::custom)?;
        Ok(Self { fields, plex_token, raw: Raw(map) })
    }
}

impl Client {
    /// The Plex source with this slug, if there is one. Needs `authentik_sources_plex.view_plexsource`.
    ///
    /// # Errors
    /// See [`super::ApiError`].
    pub async fn plex_source(&self, slug: &str) -> Result<Option<PlexSource>> {
        self.find(&[PATH[0], PATH[1], slug]).await
    }

    /// Makes a Plex source of `fields` (as the API takes them) and the token. Needs `authentik_sources_plex.add_plexsource`.
    ///
    /// # Errors
    /// See [`super::ApiError`]; a taken slug is [`super::problem::Problem::NameTaken`].
    pub async fn create_plex_source(&self, fields: &Map<String, Value>, token: &SecretString) -> Result<PlexSource> {
        self.write(Method::POST, &PATH, &with_token(fields, Some(token))).await
    }

    /// Changes the fields in `changes` and no other, and the token when one is given. Needs
    /// `authentik_sources_plex.change_plexsource`.
    ///
    /// # Errors
    /// See [`super::ApiError`].
    pub async fn change_plex_source(
        &self,
        slug: &str,
        changes: &Map<String, Value>,
        token: Option<&SecretString>,
    ) -> Result<PlexSource> {
        self.write(Method::PATCH, &[PATH[0], PATH[1], slug], &with_token(changes, token)).await
    }

    /// Removes the Plex source with this slug if it still has the key `pk`.
    ///
    /// # Errors
    /// See [`super::ApiError`].
    pub async fn delete_plex_source(&self, slug: &str, pk: &str) -> Result<()> {
        match self.plex_source(slug).await? {
            Some(source) if source.fields.pk == pk => self.delete(&[PATH[0], PATH[1], slug]).await,
            _ => Ok(()),
        }
    }
}

fn with_token(fields: &Map<String, Value>, token: Option<&SecretString>) -> Value {
    let mut body = fields.clone();
    if let Some(token) = token {
        body.insert("plex_token".into(), token.expose_secret().into());
    }
    Value::Object(body)
}
