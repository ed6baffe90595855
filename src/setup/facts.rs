//! What the server has. Plain data, filled by `authentik::facts`; nothing here talks to a server.

use std::fmt;

use indexmap::IndexMap;
use serde_json::Value as Json;

use super::providers::Providers;
use super::setting::{Field, SettingValue};

/// What differs between server versions, found by looking at the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capabilities {
    /// The server's version, as it says it.
    pub version: Version,
    /// Providers have `grant_types`; an empty list refuses every login (2026.5 and later).
    pub grant_types: bool,
    /// Providers have `logout_uri` and `logout_method` (2025.10 and later).
    pub logout_method: bool,
    /// Providers have `refresh_token_threshold` (2025.10 and later).
    pub refresh_token_threshold: bool,
    /// The icon goes into the application's body (2025.12 and later); before that it is a call of its own.
    pub icon_in_body: bool,
    /// Applications can be hidden with `meta_hide` (2026.5 and later); before that the launch URL `blank://blank` does it.
    pub meta_hide: bool,
    /// OAuth sources say how the code is protected, and SAML sources which signatures are checked (after 2024.12: that one asks for the
    /// assertion's signature whenever a certificate is given).
    pub source_protection: bool,
    /// A SAML source's name for itself is `issuer_override` (2026.8 and later), and `issuer` before.
    pub issuer_override: bool,
}

impl Capabilities {
    /// What a server of `version` is expected to have, until its objects show it.
    pub fn expected(version: Version) -> Self {
        Self {
            version,
            grant_types: version >= Version::new(2026, 5, 0),
            logout_method: version >= Version::new(2025, 10, 0),
            refresh_token_threshold: version >= Version::new(2025, 10, 0),
            icon_in_body: version >= Version::new(2025, 12, 0),
            meta_hide: version >= Version::new(2026, 5, 0),
            source_protection: version >= Version::new(2025, 2, 0),
            issuer_override: version >= Version::new(2026, 8, 0),
        }
    }
}

/// authentik's version: year, release, patch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// The year.
    pub year: u16,
    /// The release in the year.
    pub release: u16,
    /// The patch.
    pub patch: u16,
}

impl Version {
    /// The oldest version that akwiz works with.
    pub const OLDEST: Self = Self::new(2024, 12, 0);

    /// `year.release.patch`.
    pub const fn new(year: u16, release: u16, patch: u16) -> Self {
        Self { year, release, patch }
    }

    /// Reads `2025.12.4`, `2026.5.0-rc1`, `2025.12`.
    pub fn parse(text: &str) -> Option<Self> {
        let core = text.trim().split(['-', '+', ' ']).next()?;
        let mut numbers = core.split('.').map(str::parse::<u16>);
        let year = numbers.next()?.ok().filter(|year| (2020..2100).contains(year))?;
        let release = numbers.next()?.ok()?;
        let patch = numbers.next().and_then(Result::ok).unwrap_or(0);
        Some(Self { year, release, patch })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.year, self.release, self.patch)
    }
}

/// Everything that a plan needs to know of the server. Gathered in one round of parallel requests.
#[derive(Debug, Clone)]
pub struct Facts {
    /// What this version can do.
    pub capabilities: Capabilities,
    /// The address of the API, without a final slash.
    pub api_url: String,
    /// The address that browsers and applications use, without a final slash.
    pub public_url: String,
    /// Whose token it is.
    pub me: Person,
    /// Every flow.
    pub flows: Vec<Flow>,
    /// Every scope mapping.
    pub mappings: Vec<ScopeMapping>,
    /// Every certificate.
    pub keys: Vec<Key>,
    /// Every group. Empty without the right to see them.
    pub groups: Vec<GroupFact>,
    /// Every application that is visible with this token.
    pub applications: Vec<ApplicationFact>,
    /// Every provider of every kind that is visible with this token.
    pub providers: Providers,
    /// The applications that have one of the wanted slugs (compared without case), and what belongs to them.
    pub existing: Vec<Existing>,
    /// The login source that has the wanted slug, for source templates.
    pub existing_source: Option<Found>,
    /// The identification stages of the login flow, for source templates.
    pub identification_stages: Vec<IdentificationStage>,
    /// What surrounds a login source, for source templates.
    pub around_source: AroundSource,
    /// The rights to change applications or providers that the token surely lacks, by code name and by title. Asked for only where a plan
    /// leaves a second pass open.
    pub refused_changes: Vec<(&'static str, &'static str)>,
    /// What could not be read, and why: one sentence each.
    pub gaps: Vec<String>,
}

/// What surrounds a login source. Lists are empty without the right to see them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AroundSource {
    /// The source of another kind that has the wanted slug: what it is, and its name.
    pub other_kind: Option<(String, String)>,
    /// Every stage.
    pub stages: Vec<Named>,
    /// Every certificate without a private key.
    pub certificates: Vec<Named>,
    /// Every expression policy.
    pub policies: Vec<Scripted>,
    /// The property mappings of the source's kind.
    pub mappings: Vec<Scripted>,
    /// Which stages stand in which flows.
    pub stage_bindings: Vec<Pair>,
    /// Which policies guard what.
    pub policy_bindings: Vec<Pair>,
}

/// An object by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Named {
    /// Primary key.
    pub pk: String,
    /// Name.
    pub name: String,
}

/// An object that holds Python.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scripted {
    /// Primary key.
    pub pk: String,
    /// Name.
    pub name: String,
    /// Python.
    pub expression: String,
}

/// A binding: what is bound to what.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pair {
    /// Primary key.
    pub pk: String,
    /// What it is bound to, by primary key.
    pub target: String,
    /// What is bound, by primary key.
    pub bound: String,
}

/// A person in authentik.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Person {
    /// Primary key.
    pub pk: String,
    /// User name.
    pub username: String,
    /// Full name.
    pub name: String,
    /// A superuser: has every right, but is still refused by bindings.
    pub superuser: bool,
    /// A service account, which nobody signs in with: it cannot be the one who may open an application.
    pub machine: bool,
}

/// The user name of the account that authentik makes on first start, and that a bootstrap token belongs to.
const FIRST_ADMIN: &str = "akadmin";

impl Person {
    /// Whether "only me" can mean this account unasked. Tokens of the first administrator are often made by scripts, so it is not
    /// taken for the one who will test; it can still be chosen by name.
    pub fn is_surely_me(&self) -> bool {
        !self.machine && self.username != FIRST_ADMIN
    }
}

/// A flow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Flow {
    /// Primary key.
    pub pk: String,
    /// Slug.
    pub slug: String,
    /// Name for administrators.
    pub name: String,
    /// What it is for: `authorization`, `invalidation`, `authentication`, `enrollment`, …
    pub designation: String,
}

/// A scope mapping.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScopeMapping {
    /// Primary key.
    pub pk: String,
    /// The id of a built-in mapping; none for the server's own.
    pub managed: Option<String>,
    /// Name.
    pub name: String,
    /// Scope.
    pub scope: String,
    /// Python.
    pub expression: String,
}

/// A certificate with or without its private key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Primary key.
    pub pk: String,
    /// Name, which is unique and for generated ones the common name.
    pub name: String,
    /// The type of its key.
    pub kind: KeyKind,
    /// Tokens can be signed with it.
    pub has_private_key: bool,
    /// Days until it expires, negative when it has; none where the server does not say.
    pub days_left: Option<i64>,
    /// authentik's own self-signed certificate.
    pub managed: bool,
}

/// The type of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyKind {
    /// RSA: signs RS256.
    Rsa,
    /// Elliptic curve: signs ES256 and such.
    Ec,
    /// Another, by the server's name for it.
    Other(String),
}

/// A group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GroupFact {
    /// Primary key.
    pub pk: String,
    /// Name.
    pub name: String,
    /// How many members it has, where the server says it.
    pub members: Option<usize>,
}

/// An application.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ApplicationFact {
    /// Primary key.
    pub pk: String,
    /// Slug.
    pub slug: String,
    /// Name.
    pub name: String,
    /// Its provider's primary key.
    pub provider: Option<String>,
    /// Where its tile leads.
    pub launch_url: String,
    /// Whether something limits who may open it; none where that could not be read.
    pub bound: Option<bool>,
}

/// A provider of any kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProviderFact {
    /// Primary key.
    pub pk: String,
    /// Name, which is unique.
    pub name: String,
    /// authentik's component; only [`OAUTH2_COMPONENT`] may be changed.
    pub component: String,
    /// The slug of its application.
    pub application: Option<String>,
}

/// The component of a real OAuth2/OpenID provider. Proxy providers appear among them, and a change through that door wipes their
/// callbacks and mappings (seen on 2024.12 to 2026.5).
pub const OAUTH2_COMPONENT: &str = "ak-provider-oauth2-form";

/// An application that exists, with what belongs to it.
#[derive(Debug, Clone)]
pub struct Existing {
    /// The application.
    pub application: Found,
    /// Its provider, only if it is a real OAuth2/OpenID provider.
    pub provider: Option<Found>,
    /// Why its provider may not be touched, if so: a sentence.
    pub untouchable: Option<String>,
    /// Its bindings.
    pub bindings: Vec<Binding>,
}

/// An object that exists.
#[derive(Debug, Clone)]
pub struct Found {
    /// Primary key.
    pub pk: String,
    /// Its fields, those that the server's version has.
    pub settings: IndexMap<Field, SettingValue>,
}

impl Found {
    /// The field's text, where it has one.
    pub fn text(&self, field: Field) -> Option<&str> {
        match self.settings.get(&field) {
            Some(SettingValue::Text(text)) => Some(text),
            _ => None,
        }
    }
}

/// A binding: who may open an application.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Binding {
    /// Primary key.
    pub pk: String,
    /// The group, by primary key.
    pub group: Option<String>,
    /// The person, by primary key.
    pub user: Option<String>,
    /// The policy, by primary key.
    pub policy: Option<String>,
    /// Its place in the order.
    pub order: i64,
}

/// A stage of the login page that asks who someone is, and shows login sources.
#[derive(Debug, Clone, PartialEq)]
pub struct IdentificationStage {
    /// Primary key.
    pub pk: String,
    /// Name.
    pub name: String,
    /// Its sources, by primary key, in order.
    pub sources: Vec<String>,
    /// Its user fields, needed beside an empty list of sources.
    pub user_fields: Json,
    /// It is in the login flow that the brand names.
    pub in_login_flow: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_and_ordered() {
        assert_eq!(Version::parse("2025.12.4"), Some(Version::new(2025, 12, 4)));
        assert_eq!(Version::parse("2026.5.0-rc1"), Some(Version::new(2026, 5, 0)));
        assert_eq!(Version::parse("2025.12"), Some(Version::new(2025, 12, 0)));
        assert_eq!(Version::parse("main"), None);
        assert_eq!(Version::parse("1.2.3"), None);
        assert!(Version::new(2025, 2, 9) < Version::new(2025, 12, 0));
    }

    #[test]
    fn capabilities_follow_the_version() {
        let old = Capabilities::expected(Version::new(2024, 12, 5));
        assert!(!old.grant_types && !old.logout_method && !old.icon_in_body);
        let middle = Capabilities::expected(Version::new(2025, 12, 4));
        assert!(!middle.grant_types && middle.logout_method && middle.icon_in_body);
        let new = Capabilities::expected(Version::new(2026, 5, 0));
        assert!(new.grant_types && new.meta_hide);
    }
}
