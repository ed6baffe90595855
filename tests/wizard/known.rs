//! What tests begin with: a server, a person, templates.

use akwiz::error::{Error, Kind};
use akwiz::setup::facts::{Person, Version};
use akwiz::ui::msg::{MissingRight, ServerFound, SignedIn, Tls};
use akwiz::ui::{Server, Wizard};

/// A server as the probe finds it.
pub fn found(url: &str) -> ServerFound {
    ServerFound {
        api_url: url.to_owned(),
        version: Some(Version::new(2026, 5, 0)),
        tls: if url.starts_with("https") { Tls::Authority } else { Tls::Plain },
        needs_public: !url.contains("example.com"),
        redirected_from: None,
        clock_skew: Some(0),
    }
}

/// A wizard that knows the server.
pub fn connected() -> Wizard {
    let found = found("https://auth.example.com");
    Wizard { server: Some(Server { public_url: found.api_url.clone(), found }), ..Wizard::default() }
}

/// Somebody with every right.
pub fn signed_in() -> SignedIn {
    SignedIn {
        person: Person { pk: "5".into(), username: "ann".into(), name: "Ann Example".into(), superuser: true, machine: false },
        version: Version::new(2026, 5, 0),
        missing: Vec::new(),
    }
}

/// A right that is missing.
pub fn missing(right: &str, without: &str, needed: bool) -> MissingRight {
    MissingRight { right: right.into(), without: without.into(), needed }
}

/// The token is refused.
pub fn bad_token() -> Error {
    Error::new(Kind::Refused, "authentik does not accept the token: it is wrong, expired, or not meant for the API.")
        .hint("Make one under Directory > Tokens and App passwords, with the intent API Token and without expiry.")
}
