//! Login sources: the list of every kind, and each kind's own endpoint `sources/<kind>/`.

use std::fmt;

use reqwest::Method;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::error::Result;
use super::http::Client;
use super::wire::{Id, Raw, id, nullable};
use crate::catalog::template::SourceApi;

/// A login source, as the list of all shows it.
#[derive(Debug, Clone, Deserialize)]
pub struct Source {
    /// The UUID.
    #[serde(deserialize_with = "id")]
    pub pk: Id,
    /// The name on the button.
    #[serde(default, deserialize_with = "nullable")]
    pub name: String,
    /// The slug; unique among all kinds.
    #[serde(default, deserialize_with = "nullable")]
    pub slug: String,
    /// The admin interface's form for it, which tells the kind.
    #[serde(default, deserialize_with = "nullable")]
    pub component: String,
    /// What authentik calls such a source.
    #[serde(default, deserialize_with = "nullable")]
    pub verbose_name: String,
    /// Whether people can sign in through it.
    #[serde(default, deserialize_with = "nullable")]
    pub enabled: bool,
}

impl Source {
    /// Its kind, if akwiz knows it.
    pub fn api(&self) -> Option<SourceApi> {
        SourceApi::ALL.into_iter().find(|api| self.component == format!("ak-source-{}-form", api.as_str()))
    }
}

/// The field that holds a kind's secret. Only Plex's is echoed: it is the owner's whole account.
const fn secret_key(api: SourceApi) -> &'static str {
    match api {
        SourceApi::Oauth => "consumer_secret",
        SourceApi::Telegram => "bot_token",
        SourceApi::Plex | SourceApi::Saml | SourceApi::Scim => "plex_token",
    }
}

/// What has to be sent with every change of an OAuth source: until 2025.12 one without the type ends in a server error, and addresses
/// that are left out are overwritten with what the service's discovery document says (`sources/oauth/api/source.py`, `validate`).
const RESENT: [&str; 5] = ["provider_type", "authorization_url", "access_token_url", "profile_url", "pkce"];

/// A login source as its own endpoint shows it. What is secret is held apart and never shown by `Debug`.
#[derive(Clone)]
pub struct SourceObject {
    /// The UUID: what identification stages refer to.
    pub pk: Id,
    /// The slug; the key in addresses.
    pub slug: String,
    /// The secret, where authentik shows it.
    pub secret: Option<SecretString>,
    /// The whole object without the secret.
    pub raw: Raw,
}

impl fmt::Debug for SourceObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SourceObject").field("slug", &self.slug).field("raw", &self.raw).finish_non_exhaustive()
    }
}

impl SourceObject {
    fn new(api: SourceApi, mut map: Map<String, Value>) -> Self {
        let secret = match map.shift_remove(secret_key(api)) {
            Some(Value::String(secret)) if !secret.is_empty() => Some(SecretString::from(secret)),
            _ => None,
        };
        let text = |key: &str| map.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        Self { pk: text("pk"), slug: text("slug"), secret, raw: Raw(map) }
    }

    /// The text of a field; empty where it has none.
    pub fn text(&self, key: &str) -> &str {
        self.raw.get(key).and_then(Value::as_str).unwrap_or_default()
    }
}

impl Client {
    /// All login sources. Needs `authentik_core.view_source`.
    ///
    /// # Errors
    /// See [`super::ApiError`].
    pub async fn sources(&self) -> Result<Vec<Source>> {
        self.list(&["sources", "all"], &[("ordering", "slug")]).await
    }

    /// The source of this kind with this slug, if there is one. Needs the kind's right to view.
    ///
    /// # Errors
    /// See [`super::ApiError`].
    pub async fn source(&self, api: SourceApi, slug: &str) -> Result<Option<SourceObject>> {
        let found: Option<Map<String, Value>> = self.find(&["sources", api.as_str(), slug]).await?;
        Ok(found.map(|map| SourceObject::new(api, map)))
    }

    /// Makes a source of `fields`, as the API takes them. Needs the kind's right to add.
    ///
    /// # Errors
    /// See [`super::ApiError`]; a taken slug is [`super::problem::Problem::NameTaken`].
    pub async fn create_source(&self, api: SourceApi, fields: &Map<String, Value>) -> Result<SourceObject> {
        let made = self.write(Method::POST, &["sources", api.as_str()], &Value::Object(fields.clone())).await?;
        Ok(SourceObject::new(api, made))
    }

    /// Changes the fields in `changes`. Needs the kind's right to change; for OAuth sources also the one to view.
    ///
    /// # Errors
    /// See [`super::ApiError`].
    pub async fn change_source(&self, api: SourceApi, slug: &str, changes: &Map<String, Value>) -> Result<SourceObject> {
        let mut body = changes.clone();
        if api == SourceApi::Oauth
            && let Some(now) = self.source(api, slug).await?
        {
            for key in RESENT {
                if let Some(value) = now.raw.get(key) {
                    body.entry(key).or_insert_with(|| value.clone());
                }
            }
        }
        let now = self.write(Method::PATCH, &["sources", api.as_str(), slug], &Value::Object(body)).await?;
        Ok(SourceObject::new(api, now))
    }

    /// Removes the source of this kind and slug if it still has the key `pk`.
    ///
    /// # Errors
    /// See [`super::ApiError`].
    pub async fn delete_source(&self, api: SourceApi, slug: &str, pk: &str) -> Result<()> {
        match self.source(api, slug).await? {
            Some(source) if source.pk == pk => self.delete(&["sources", api.as_str(), slug]).await,
            _ => Ok(()),
        }
    }

    /// The token with which a service writes into a SCIM source. Needs `authentik_core.view_token_key`.
    ///
    /// # Errors
    /// See [`super::ApiError`].
    pub async fn scim_token(&self, source: &str) -> Result<SecretString> {
        #[derive(Deserialize)]
        struct Key {
            key: String,
        }
        let token = format!("ak-source-scim-{source}");
        let key: Key = self.get(&["core", "tokens", &token, "view_key"], &[]).await?;
        Ok(key.key.into())
    }
}
