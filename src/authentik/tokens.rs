//! Access tokens: that there is one shows that an application has exchanged its code.

use serde::Deserialize;

use super::error::Result;
use super::http::Client;
use super::users::User;
use super::wire::{Id, id};

/// An access token, without what it holds.
#[derive(Debug, Clone, Deserialize)]
pub struct AccessToken {
    /// The number; grows.
    #[serde(deserialize_with = "id")]
    pub pk: Id,
    /// Whom it is for.
    pub user: User,
}

impl Client {
    /// The access tokens of a provider, at most 100 of those that run out last. Needs no right, but others than superusers see their own
    /// only, without an error (2024.12 to 2026.5).
    ///
    /// # Errors
    /// See [`super::ApiError`].
    pub async fn access_tokens(&self, provider: &str) -> Result<Vec<AccessToken>> {
        let query = [("provider", provider), ("ordering", "-expires"), ("page_size", "100")];
        self.first_page(&["oauth2", "access_tokens"], &query).await
    }
}
