//! Brands: which flow signs people in at which domain.

use serde::Deserialize;

use super::error::Result;
use super::http::Client;
use super::wire::{Id, nullable, optional_id};

/// A brand.
#[derive(Debug, Clone, Deserialize)]
pub struct Brand {
    /// The domain. The default brand's is literally `authentik-default`: no address can be derived from it.
    #[serde(default, deserialize_with = "nullable")]
    pub domain: String,
    /// Whether it is the one for all other domains.
    #[serde(default, deserialize_with = "nullable")]
    pub default: bool,
    /// The flow that signs people in.
    #[serde(default, deserialize_with = "optional_id")]
    pub flow_authentication: Option<Id>,
    /// The flow that takes device codes; none unless someone set it up.
    #[serde(default, deserialize_with = "optional_id")]
    pub flow_device_code: Option<Id>,
}

impl Client {
    /// All brands. Needs `authentik_brands.view_brand`.
    ///
    /// # Errors
    /// See [`super::ApiError`].
    pub async fn brands(&self) -> Result<Vec<Brand>> {
        self.list(&["core", "brands"], &[]).await
    }
}

/// The brand that answers at `host`: the longest domain that `host` is or ends with, else the default one.
pub fn for_host<'a>(brands: &'a [Brand], host: &str) -> Option<&'a Brand> {
    let host = host.to_lowercase();
    brands
        .iter()
        .filter(|brand| !brand.domain.is_empty() && host.ends_with(&brand.domain.to_lowercase()))
        .max_by_key(|brand| brand.domain.len())
        .or_else(|| brands.iter().find(|brand| brand.default))
}
