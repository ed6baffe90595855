//! Provider, application and bindings in one request: all are made, or none is.

use reqwest::Method;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::error::{ApiError, Result};
use super::http::Client;

const PATH: [&str; 3] = ["core", "transactional", "applications"];
const MODEL: &str = "authentik_providers_oauth2.oauth2provider";

/// What one transaction makes. The objects are given as authentik's API takes them.
#[derive(Clone, Default)]
pub struct Transaction {
    /// The application; `name` and `slug` at least.
    pub app: Map<String, Value>,
    /// The provider; `name` at least, whose absence is an unhandled error there. Holds the client secret.
    pub provider: Map<String, Value>,
    /// Who may open it: each a `group`, `user` or `policy`, and an `order`.
    pub bindings: Vec<Value>,
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
    pub async fn create(&self, transaction: Transaction) -> Result<()> {
        // Moved, not written anew: with hundreds of applications that is felt.
        let body = Value::Object(Map::from_iter([
            ("app".to_owned(), Value::Object(transaction.app)),
            ("provider_model".to_owned(), MODEL.into()),
            ("provider".to_owned(), Value::Object(transaction.provider)),
            ("policy_bindings".to_owned(), Value::Array(transaction.bindings)),
        ]));
        let answer = self.send_write(Method::PUT, &PATH, Some(&body)).await?.accepted()?;
        if answer.json::<Applied>()?.applied {
            return Ok(());
        }
        Err(ApiError::Status { call: answer.call, status: 400, body: Box::default() })
    }
}
