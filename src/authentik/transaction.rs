//! Provider, application and bindings in one request: all are made, or none is.

use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::error::{ApiError, Result};
use super::http::Client;

const PATH: [&str; 3] = ["core", "transactional", "applications"];
const MODEL: &str = "authentik_providers_oauth2.oauth2provider";

/// What one transaction makes. The objects are given as authentik's API takes them.
#[derive(Clone, Default)]
pub struct Transaction<Object = Map<String, Value>> {
    /// The application; `name` and `slug` at least.
    pub app: Object,
    /// The provider; `name` at least, whose absence is an unhandled error there. Holds the client secret.
    pub provider: Object,
    /// Who may open it: each a `group`, `user` or `policy`, and an `order`.
    pub bindings: Vec<Value>,
}

/// The request's own form.
#[derive(Serialize)]
struct Sent<Object> {
    app: Object,
    provider_model: &'static str,
    provider: Object,
    policy_bindings: Vec<Value>,
}

#[derive(Deserialize)]
struct Applied {
    #[serde(default)]
    applied: bool,
}

impl Client {
    /// Makes everything in `transaction`. The answer holds no keys: read the application back.
    ///
    /// Needs `authentik_providers_oauth2.add_oauth2provider`, `authentik_core.add_application`, and with bindings
    /// `authentik_policies.add_policybinding`.
    ///
    /// # Errors
    /// See [`ApiError`]. `applied: false` with status 200 (a rollback in the database) is a 400 that says nothing: look for what is
    /// taken.
    pub async fn create<Object: Serialize>(&self, transaction: Transaction<Object>) -> Result<()> {
        let Transaction { app, provider, bindings } = transaction;
        let body = Sent { app, provider_model: MODEL, provider, policy_bindings: bindings };
        let body = serde_json::to_vec(&body).map_err(|error| ApiError::Unusable(error.to_string()))?;
        let answer = self.send_bytes(Method::PUT, &PATH, Some(body)).await?.accepted()?;
        if answer.json::<Applied>()?.applied {
            return Ok(());
        }
        Err(ApiError::Status { call: answer.call, status: 400, body: Box::default() })
    }
}
