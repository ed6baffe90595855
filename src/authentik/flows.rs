//! Flows: looked up by slug, referred to by UUID.

use serde::Deserialize;

use super::error::Result;
use super::http::Client;
use super::wire::{Id, id, nullable, words};

words! {
    /// What a flow is for.
    Designation {
        /// Signing in.
        Authentication = "authentication",
        /// Consent to an application.
        Authorization = "authorization",
        /// Signing out.
        Invalidation = "invalidation",
        /// Signing up.
        Enrollment = "enrollment",
    }
}

/// A flow.
#[derive(Debug, Clone, Deserialize)]
pub struct Flow {
    /// The UUID that providers and sources refer to.
    #[serde(deserialize_with = "id")]
    pub pk: Id,
    /// The slug that people know.
    #[serde(default, deserialize_with = "nullable")]
    pub slug: String,
    /// The name in the admin interface.
    #[serde(default, deserialize_with = "nullable")]
    pub name: String,
    /// The title that users see.
    #[serde(default, deserialize_with = "nullable")]
    pub title: String,
    /// What it is for.
    #[serde(default)]
    pub designation: Designation,
}

impl Client {
    /// All flows, by slug. Needs `authentik_flows.view_flow`.
    ///
    /// # Errors
    /// See [`super::ApiError`].
    pub async fn flows(&self) -> Result<Vec<Flow>> {
        self.list(&["flows", "instances"], &[("ordering", "slug")]).await
    }
}
