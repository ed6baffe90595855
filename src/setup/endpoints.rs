//! The addresses of authentik that an application is given.

use crate::catalog::template::IssuerMode;
use crate::catalog::value::{Scope, Value};

/// authentik's addresses for one application, as browsers and applications reach them (`providers/oauth2/urls.py`, 2024.12 to 2026.5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoints {
    /// The public address, without a final slash.
    pub base: String,
    /// The issuer, slash included.
    pub issuer: String,
    /// The discovery document (RFC 8414's form for OpenID Connect).
    pub discovery: String,
    /// Where browsers go to sign in.
    pub authorize: String,
    /// Where codes become tokens.
    pub token: String,
    /// Where claims are read.
    pub userinfo: String,
    /// The public keys.
    pub jwks: String,
    /// Where sessions end.
    pub end_session: String,
    /// Where tokens are revoked.
    pub revoke: String,
    /// Where tokens are looked at.
    pub introspect: String,
    /// Where devices start.
    pub device: String,
}

impl Endpoints {
    /// The addresses of the application `slug` on the server whose public address is `public_url` (no final slash).
    pub fn new(public_url: &str, slug: &str, issuer_mode: IssuerMode) -> Self {
        let shared = |end: &str| [public_url, "/application/o/", end].concat();
        let own = |end: &str| [public_url, "/application/o/", slug, end].concat();
        Self {
            base: public_url.to_owned(),
            issuer: match issuer_mode {
                IssuerMode::PerProvider => own("/"),
                IssuerMode::Global => [public_url, "/"].concat(),
            },
            discovery: own("/.well-known/openid-configuration"),
            authorize: shared("authorize/"),
            token: shared("token/"),
            userinfo: shared("userinfo/"),
            jwks: own("/jwks/"),
            end_session: own("/end-session/"),
            revoke: shared("revoke/"),
            introspect: shared("introspect/"),
            device: shared("device/"),
        }
    }

    /// Names for texts of a template.
    pub fn add_to(&self, scope: &mut Scope) {
        let host = self.base.split_once("://").map_or(self.base.as_str(), |(_, rest)| rest);
        for (name, value) in [
            ("authentik_url", self.base.as_str()),
            ("authentik_host", host),
            ("issuer", &self.issuer),
            ("discovery_url", &self.discovery),
            ("authorize_url", &self.authorize),
            ("token_url", &self.token),
            ("userinfo_url", &self.userinfo),
            ("jwks_url", &self.jwks),
            ("end_session_url", &self.end_session),
            ("revoke_url", &self.revoke),
            ("introspect_url", &self.introspect),
            ("device_url", &self.device),
        ] {
            scope.insert(name.to_owned(), Value::from(value));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::lint::PLAN;

    #[test]
    fn addresses_are_those_of_a_real_server() {
        let endpoints = Endpoints::new("https://auth.example.com", "portainer", IssuerMode::PerProvider);
        assert_eq!(endpoints.issuer, "https://auth.example.com/application/o/portainer/");
        assert_eq!(endpoints.end_session, "https://auth.example.com/application/o/portainer/end-session/");
        assert_eq!(endpoints.token, "https://auth.example.com/application/o/token/");
        assert_eq!(Endpoints::new("https://auth.example.com", "x", IssuerMode::Global).issuer, "https://auth.example.com/");
    }

    #[test]
    fn every_name_is_added() {
        let mut scope = Scope::default();
        Endpoints::new("https://auth.example.com", "x", IssuerMode::PerProvider).add_to(&mut scope);
        // They stand together at the end of what lint knows.
        let known = PLAN.into_iter().skip_while(|name| *name != "authentik_url");
        assert!(scope.keys().map(String::as_str).eq(known));
    }
}
