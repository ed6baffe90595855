//! Login sources of every kind.

use serde::Deserialize;

use super::error::Result;
use super::http::Client;
use super::wire::{Id, id, nullable};

/// A login source.
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
}

impl Client {
    /// All login sources. Needs `authentik_core.view_source`.
    ///
    /// # Errors
    /// See [`super::ApiError`].
    pub async fn sources(&self) -> Result<Vec<Source>> {
        self.list(&["sources", "all"], &[("ordering", "slug")]).await
    }
}
