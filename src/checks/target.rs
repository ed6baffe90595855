//! What is checked, and from where.

use secrecy::SecretString;
use url::Url;

use super::expectation::Expectation;

/// One application to check.
#[derive(Debug, Clone)]
pub struct Target {
    /// Its slug.
    pub slug: String,
    /// The address of authentik that browsers and applications use.
    pub public: Url,
    /// Its client ID, where it is known: the provider is asked for at once then, and not after the application.
    pub client_id: Option<String>,
    /// The client secret that was shown to the person; else the one that authentik has is tried.
    pub secret: Option<SecretString>,
    /// What it needs.
    pub expectation: Expectation,
    /// Whose claims are shown.
    pub person: Person,
    /// What can be looked at besides authentik's API.
    pub surroundings: Surroundings,
}

/// Whose claims are shown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Person {
    /// The token's own user, where that is a person.
    #[default]
    Me,
    /// The user with this name.
    Named(String),
}

/// What can be looked at besides authentik's API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Surroundings {
    /// The network: names, certificates, the application's own address.
    Network,
    /// Nothing: authentik is a stand-in inside this process, and no address but its own exists.
    StandIn,
}

impl Target {
    /// The public address without a final slash.
    pub fn public_url(&self) -> &str {
        self.public.as_str().trim_end_matches('/')
    }
}
