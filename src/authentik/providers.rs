//! OAuth2/OpenID providers: reading, changing, and telling them from proxy providers, which look the same in their list.

use std::fmt;

use reqwest::Method;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::applications::ProviderKind;
use super::error::{ApiError, Result};
use super::http::Client;
use super::wire::{Id, Raw, id, ids, nullable, optional_id};
use crate::setup::facts::OAUTH2_COMPONENT;

const PATH: [&str; 2] = ["providers", "oauth2"];

/// An OAuth2/OpenID provider. The client secret is held apart and never shown by `Debug`.
#[derive(Clone)]
pub struct Provider {
    /// The fields that akwiz reads.
    pub fields: ProviderFields,
    /// The client secret, when the token may see it.
    pub client_secret: Option<SecretString>,
    /// The whole object without the secret.
    pub raw: Raw,
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider").field("fields", &self.fields).field("raw", &self.raw).finish_non_exhaustive()
    }
}

/// The fields of a [`Provider`] that akwiz reads.
#[derive(Debug, Clone, Deserialize)]
pub struct ProviderFields {
    /// The number.
    #[serde(deserialize_with = "id")]
    pub pk: Id,
    /// The unique name.
    #[serde(default, deserialize_with = "nullable")]
    pub name: String,
    /// The unique client ID.
    #[serde(default, deserialize_with = "nullable")]
    pub client_id: String,
    /// `confidential` or `public`.
    #[serde(default, deserialize_with = "nullable")]
    pub client_type: String,
    /// The consent flow.
    #[serde(default, deserialize_with = "optional_id")]
    pub authorization_flow: Option<Id>,
    /// The sign-in flow; usually none, then the brand's.
    #[serde(default, deserialize_with = "optional_id")]
    pub authentication_flow: Option<Id>,
    /// The sign-out flow.
    #[serde(default, deserialize_with = "optional_id")]
    pub invalidation_flow: Option<Id>,
    /// The scope mappings.
    #[serde(default, deserialize_with = "ids")]
    pub property_mappings: Vec<Id>,
    /// The key that signs tokens; none means HS256.
    #[serde(default, deserialize_with = "optional_id")]
    pub signing_key: Option<Id>,
    /// The key that encrypts tokens; usually none.
    #[serde(default, deserialize_with = "optional_id")]
    pub encryption_key: Option<Id>,
    /// The redirect entries as they came: their keys differ between versions, and none may be lost.
    #[serde(default, deserialize_with = "nullable")]
    pub redirect_uris: Vec<Value>,
    /// What `sub` holds.
    #[serde(default, deserialize_with = "nullable")]
    pub sub_mode: String,
    /// What `iss` holds.
    #[serde(default, deserialize_with = "nullable")]
    pub issuer_mode: String,
    /// Whether the ID token holds the claims.
    #[serde(default, deserialize_with = "nullable")]
    pub include_claims_in_id_token: bool,
    /// How long a code lives, as `minutes=1`.
    #[serde(default, deserialize_with = "nullable")]
    pub access_code_validity: String,
    /// How long an access token lives.
    #[serde(default, deserialize_with = "nullable")]
    pub access_token_validity: String,
    /// How long a refresh token lives.
    #[serde(default, deserialize_with = "nullable")]
    pub refresh_token_validity: String,
    /// The grant types; absent before 2026.5. An empty list refuses every sign-in.
    #[serde(default)]
    pub grant_types: Option<Vec<String>>,
    /// The application that uses it.
    #[serde(default)]
    pub assigned_application_slug: Option<String>,
}

impl<'de> Deserialize<'de> for Provider {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut map = Map::deserialize(deserializer)?;
        let client_secret = match map.shift_remove("client_secret") {
            Some(Value::String(secret)) if !secret.is_empty() => Some(SecretString::from(secret)),
            _ => None,
        };
        let fields = ProviderFields::deserialize(&map).map_err(serde::de::Error::custom)?;
        Ok(Self { fields, client_secret, raw: Raw(map) })
    }
}

/// The addresses that a client needs. authentik builds them from the request's host: compare them with the public address.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct SetupUrls {
    /// The issuer.
    pub issuer: String,
    /// The authorization endpoint.
    pub authorize: String,
    /// The token endpoint.
    pub token: String,
    /// The userinfo endpoint.
    pub user_info: String,
    /// The discovery document.
    pub provider_info: String,
    /// The end-session endpoint.
    pub logout: String,
    /// The signing keys.
    pub jwks: String,
}

impl Client {
    /// The provider with this key, if there is one. Needs `authentik_providers_oauth2.view_oauth2provider`.
    ///
    /// # Errors
    /// See [`super::ApiError`].
    pub async fn provider(&self, pk: &str) -> Result<Option<Provider>> {
        self.find(&[PATH[0], PATH[1], pk]).await
    }

    /// The provider with exactly this client ID: how akwiz finds its own work after a lost answer.
    ///
    /// # Errors
    /// See [`super::ApiError`].
    pub async fn provider_by_client_id(&self, client_id: &str) -> Result<Option<Provider>> {
        let found: Vec<Provider> = self.list(&PATH, &[("client_id", client_id)]).await?;
        Ok(found.into_iter().find(|provider| provider.fields.client_id == client_id))
    }

    /// The providers of every kind, each with its `component`: names are unique among them all. Needs
    /// `authentik_core.view_provider`.
    ///
    /// # Errors
    /// See [`super::ApiError`].
    pub async fn provider_kinds(&self) -> Result<Vec<ProviderKind>> {
        self.list(&["providers", "all"], &[("ordering", "name")]).await
    }

    /// All providers for OAuth2/OpenID; proxy providers are among them and look alike here.
    ///
    /// # Errors
    /// See [`super::ApiError`].
    pub async fn providers(&self) -> Result<Vec<Provider>> {
        self.list(&PATH, &[("ordering", "name")]).await
    }

    /// Changes the fields in `changes` and no other, after asking what kind of provider it is.
    ///
    /// Needs `authentik_providers_oauth2.{view,change}_oauth2provider`, and `authentik_core.view_provider` for the question.
    ///
    /// # Errors
    /// [`ApiError::Unusable`] when it is no OAuth2/OpenID provider, or when that cannot be found out; see [`ApiError`] for the rest.
    pub async fn change_provider(&self, provider: &ProviderFields, changes: &Map<String, Value>) -> Result<Provider> {
        let kind = self.kind_of(provider).await?;
        if kind.as_deref() != Some(OAUTH2_COMPONENT) {
            return Err(ApiError::Unusable(format!(
                "The provider “{}” is not an OAuth2/OpenID provider, or the token may not see what it is. It was left as it is.",
                super::text::clean(&provider.name)
            )));
        }
        self.write(Method::PATCH, &[PATH[0], PATH[1], &provider.pk], &Value::Object(changes.clone())).await
    }

    /// The `component` of a provider: from the list of all kinds, else from its application.
    async fn kind_of(&self, provider: &ProviderFields) -> Result<Option<String>> {
        let all: Result<Vec<ProviderKind>> = self.list(&["providers", "all"], &[("search", &provider.name)]).await;
        match all {
            Ok(all) => Ok(all.into_iter().find(|kind| kind.pk == provider.pk).map(|kind| kind.component)),
            Err(error) if error.is_missing_right() => {
                let Some(slug) = &provider.assigned_application_slug else { return Ok(None) };
                let application = self.application(slug).await?;
                Ok(application
                    .map(|application| application.fields.provider_obj)
                    .filter(|kind| kind.pk == provider.pk)
                    .map(|kind| kind.component))
            }
            Err(error) => Err(error),
        }
    }

    /// Removes the provider with this key if it still has this client ID.
    ///
    /// # Errors
    /// See [`super::ApiError`].
    pub async fn delete_provider(&self, pk: &str, client_id: &str) -> Result<()> {
        match self.provider(pk).await? {
            Some(provider) if provider.fields.client_id == client_id => self.delete(&[PATH[0], PATH[1], pk]).await,
            _ => Ok(()),
        }
    }

    /// The addresses that a client needs. Needs no right, but the provider must have an application.
    ///
    /// # Errors
    /// See [`super::ApiError`].
    pub async fn setup_urls(&self, pk: &str) -> Result<SetupUrls> {
        self.get(&[PATH[0], PATH[1], pk, "setup_urls"], &[]).await
    }

    /// The claims that a user would get, as authentik shows them. For others than the token's user it needs
    /// `authentik_core.preview_user`.
    ///
    /// # Errors
    /// See [`super::ApiError`].
    pub async fn preview_claims(&self, pk: &str, user: Option<&str>) -> Result<Value> {
        let query: Vec<(&str, &str)> = user.map(|user| ("for_user", user)).into_iter().collect();
        let answer: Value = self.get(&[PATH[0], PATH[1], pk, "preview_user"], &query).await?;
        Ok(answer.get("preview").cloned().unwrap_or_else(|| json!({})))
    }
}
