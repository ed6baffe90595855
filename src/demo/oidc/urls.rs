//! The addresses of a provider.

use crate::demo::http::Object;
use crate::demo::state::text;

/// Addresses as a client sees them: scheme and host are those of the request.
pub(in crate::demo) struct Urls {
    base: String,
    slug: String,
    /// Always with a final slash.
    pub issuer: String,
}

impl Urls {
    pub fn new(origin: &str, provider: &Object, slug: &str) -> Self {
        let base = format!("{origin}/application/o");
        let issuer = if text(provider, "issuer_mode") == "global" { format!("{origin}/") } else { format!("{base}/{slug}/") };
        Self { base, slug: slug.to_owned(), issuer }
    }

    /// An endpoint that all providers share.
    pub fn at(&self, endpoint: &str) -> String {
        format!("{}/{endpoint}", self.base)
    }

    /// An endpoint of this provider's application.
    pub fn of(&self, endpoint: &str) -> String {
        format!("{}/{}/{endpoint}", self.base, self.slug)
    }
}
