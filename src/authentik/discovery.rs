//! What anybody may read of a provider: its discovery document and its keys.

use serde::Deserialize;
use serde_json::Value;

use super::error::Result;
use super::http::{Answer, Client};
use super::wire::nullable;

/// A discovery document (OpenID Connect Discovery 1.0, section 3), as far as it matters here.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Discovery {
    /// The issuer, which clients compare byte by byte.
    #[serde(deserialize_with = "nullable")]
    pub issuer: String,
    /// Where browsers sign in.
    #[serde(deserialize_with = "nullable")]
    pub authorization_endpoint: String,
    /// Where codes become tokens.
    #[serde(deserialize_with = "nullable")]
    pub token_endpoint: String,
    /// Where claims are read.
    #[serde(deserialize_with = "nullable")]
    pub userinfo_endpoint: String,
    /// Where sessions end.
    #[serde(deserialize_with = "nullable")]
    pub end_session_endpoint: String,
    /// Where the keys are.
    #[serde(deserialize_with = "nullable")]
    pub jwks_uri: String,
    /// How ID tokens are signed. authentik names the one algorithm in use.
    #[serde(deserialize_with = "nullable")]
    pub id_token_signing_alg_values_supported: Vec<String>,
    /// How ID tokens are encrypted; there only while an encryption key is set.
    #[serde(deserialize_with = "nullable")]
    pub id_token_encryption_alg_values_supported: Vec<String>,
    /// The scopes that the provider has mappings for, and `openid`, mapped or not.
    #[serde(deserialize_with = "nullable")]
    pub scopes_supported: Vec<String>,
}

/// A set of keys (RFC 7517). authentik leaves `keys` out where there is none.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct KeySet {
    /// The keys.
    #[serde(default, deserialize_with = "nullable")]
    pub keys: Vec<Value>,
}

/// Where the discovery document of an application is, below the server's address.
pub fn path(slug: &str) -> String {
    format!("application/o/{slug}/.well-known/openid-configuration")
}

impl Client {
    /// The discovery document of an application, whatever answer came.
    ///
    /// # Errors
    /// When no answer came.
    pub async fn discovery(&self, slug: &str) -> Result<Answer> {
        self.page(&path(slug), &[]).await
    }

    /// The keys that an application's tokens are signed with.
    ///
    /// # Errors
    /// See [`super::ApiError`].
    pub async fn key_set(&self, slug: &str) -> Result<KeySet> {
        self.page(&format!("application/o/{slug}/jwks/"), &[]).await?.accepted()?.json()
    }
}
