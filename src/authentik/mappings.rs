//! Scope mappings: authentik's own are found by their `managed` name, which does not change with language or version.

use serde::Deserialize;
use serde_json::json;

use reqwest::Method;

use super::error::Result;
use super::http::Client;
use super::wire::{Id, id, nullable};

/// What the `managed` names of authentik's own scope mappings start with; the scope's name follows.
pub const MANAGED_PREFIX: &str = "goauthentik.io/providers/oauth2/scope-";

const PATH: [&str; 3] = ["propertymappings", "provider", "scope"];

/// A scope mapping.
#[derive(Debug, Clone, Deserialize)]
pub struct ScopeMapping {
    /// The UUID.
    #[serde(deserialize_with = "id")]
    pub pk: Id,
    /// The name in the admin interface; unique.
    #[serde(default, deserialize_with = "nullable")]
    pub name: String,
    /// The scope that it answers, such as `email`.
    #[serde(default, deserialize_with = "nullable")]
    pub scope_name: String,
    /// Set on the mappings that authentik brings itself.
    #[serde(default)]
    pub managed: Option<String>,
    /// The Python that makes the claims.
    #[serde(default, deserialize_with = "nullable")]
    pub expression: String,
    /// What the consent page says.
    #[serde(default, deserialize_with = "nullable")]
    pub description: String,
}

impl Client {
    /// All scope mappings. Needs `authentik_providers_oauth2.view_scopemapping`.
    ///
    /// # Errors
    /// See [`super::ApiError`].
    pub async fn scope_mappings(&self) -> Result<Vec<ScopeMapping>> {
        self.list(&PATH, &[("ordering", "scope_name")]).await
    }

    /// Makes a scope mapping. Needs `authentik_providers_oauth2.add_scopemapping`, which lets its holder run code in authentik.
    ///
    /// # Errors
    /// See [`super::ApiError`]; a taken name is [`super::problem::Problem::NameTaken`].
    pub async fn create_scope_mapping(
        &self,
        name: &str,
        scope: &str,
        description: &str,
        expression: &str,
    ) -> Result<ScopeMapping> {
        let body = json!({"name": name, "scope_name": scope, "description": description, "expression": expression});
        self.write(Method::POST, &PATH, &body).await
    }

    /// Removes a scope mapping that was made here.
    ///
    /// # Errors
    /// See [`super::ApiError`].
    pub async fn delete_scope_mapping(&self, pk: &str) -> Result<()> {
        self.delete(&[PATH[0], PATH[1], PATH[2], pk]).await
    }
}
