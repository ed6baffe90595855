//! Client authentication: HTTP Basic or fields of the form.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::demo::http::{Object, Request};
use crate::demo::state::{State, text};

/// The credentials of a request.
pub(super) struct Credentials {
    pub id: String,
    secret: Option<String>,
}

impl Credentials {
    pub fn of(request: &Request) -> Self {
        if let Some(pair) = request.header("authorization").strip_prefix("Basic ").and_then(decode) {
            return Self { id: pair.0, secret: Some(pair.1) };
        }
        let form = request.form();
        let field = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        Self { id: field("client_id").unwrap_or_default(), secret: field("client_secret") }
    }

    /// The provider that these credentials are right for. A public client needs no secret.
    pub fn provider<'a>(&self, state: &'a State) -> Option<&'a Object> {
        let provider = super::provider_of(state, &self.id)?;
        let public = text(provider, "client_type") == "public";
        let right = self.secret.as_deref() == Some(text(provider, "client_secret"));
        (public || right).then_some(provider)
    }
}

fn decode(encoded: &str) -> Option<(String, String)> {
    let text = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((id.to_owned(), secret.to_owned()))
}
