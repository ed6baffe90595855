//! The provider's part of the template format. Everything here is sent to authentik explicitly, whatever its defaults are.

use serde::{Deserialize, Serialize};

use super::text::{Expr, Switch, Text};

/// The OAuth2/OpenID provider.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// Whether the application can keep a secret.
    #[serde(default)]
    pub client_type: ClientType,
    /// Only for applications whose client id is a public constant; made by akwiz otherwise.
    #[serde(default)]
    pub client_id: Option<Text>,
    /// Only for applications whose client secret is a public constant; made by akwiz otherwise.
    #[serde(default)]
    pub client_secret: Option<Text>,
    /// authentik's built-in scope mappings, by short name; `openid email profile` where it is absent.
    #[serde(default = "default_scopes")]
    pub scopes: Vec<BuiltinScope>,
    /// What the application requests, in its order; the scopes of this provider where it is absent. Loses what is switched off.
    #[serde(default)]
    pub requested: Option<Vec<Text>>,
    /// Requested scopes that authentik does not know and silently leaves out, without harm.
    #[serde(default)]
    pub harmless: Vec<String>,
    /// Grant types; `authorization_code` and `refresh_token` where it is absent. Sent to servers that have them (2026.5 and later).
    #[serde(default = "default_grants")]
    pub grants: Vec<Grant>,
    /// Whether the application uses PKCE.
    #[serde(default)]
    pub pkce: Pkce,
    /// Where authentik may send people back to.
    #[serde(default)]
    pub redirects: Vec<Redirect>,
    /// Scope mappings made for this application.
    #[serde(default)]
    pub mappings: Vec<Mapping>,
    /// What `sub` is.
    #[serde(default)]
    pub sub_mode: SubMode,
    /// The key that signs tokens.
    #[serde(default)]
    pub signing: Signing,
    /// Whether tokens may be encrypted. No known application wants it: sent as none.
    #[serde(default)]
    pub encryption: Encryption,
    /// One issuer for each provider, or one for all.
    #[serde(default)]
    pub issuer_mode: IssuerMode,
    /// Whether the ID token holds the claims too. authentik's web form has it on.
    #[serde(default = "yes")]
    pub include_claims: bool,
    /// How long codes and tokens live, where the application needs other than authentik's defaults.
    #[serde(default)]
    pub lifetimes: Lifetimes,
    /// How authentik tells the application that a session ended (2025.10 and later).
    #[serde(default)]
    pub logout: Option<Logout>,
}

fn yes() -> bool {
    true
}

fn default_scopes() -> Vec<BuiltinScope> {
    vec![BuiltinScope::Openid, BuiltinScope::Email, BuiltinScope::Profile]
}

fn default_grants() -> Vec<Grant> {
    vec![Grant::AuthorizationCode, Grant::RefreshToken]
}

/// Whether the application can keep a secret (RFC 6749, 2.1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ClientType {
    /// It has a server that keeps it.
    #[default]
    Confidential,
    /// It runs in the open: no secret.
    Public,
}

impl ClientType {
    /// authentik's own name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Confidential => "confidential",
            Self::Public => "public",
        }
    }
}

/// authentik's built-in scope mappings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum BuiltinScope {
    /// `sub` and nothing else.
    Openid,
    /// `email`, `email_verified`.
    Email,
    /// `name`, `given_name`, `preferred_username`, `nickname`, `groups`.
    Profile,
    /// Refresh tokens (needed since 2024.2).
    OfflineAccess,
    /// `entitlements`, `roles` (2024.12 and later).
    Entitlements,
    /// Access to authentik's own API, scope `goauthentik.io/api`.
    Api,
}

impl BuiltinScope {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Openid, Self::Email, Self::Profile, Self::OfflineAccess, Self::Entitlements, Self::Api];

    /// The `managed` id, which unlike the name nobody edits or translates.
    pub const fn managed(self) -> &'static str {
        match self {
            Self::Openid => "goauthentik.io/providers/oauth2/scope-openid",
            Self::Email => "goauthentik.io/providers/oauth2/scope-email",
            Self::Profile => "goauthentik.io/providers/oauth2/scope-profile",
            Self::OfflineAccess => "goauthentik.io/providers/oauth2/scope-offline_access",
            Self::Entitlements => "goauthentik.io/providers/oauth2/scope-entitlements",
            Self::Api => "goauthentik.io/providers/oauth2/scope-authentik_api",
        }
    }

    /// The scope's name on the wire.
    pub const fn scope(self) -> &'static str {
        match self {
            Self::Openid => "openid",
            Self::Email => "email",
            Self::Profile => "profile",
            Self::OfflineAccess => "offline_access",
            Self::Entitlements => "entitlements",
            Self::Api => "goauthentik.io/api",
        }
    }
}

/// Grant types, as authentik 2026.5 names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[expect(missing_docs, reason = "the names of RFC 6749 and RFC 8628")]
pub enum Grant {
    #[serde(rename = "authorization_code")]
    AuthorizationCode,
    #[serde(rename = "refresh_token")]
    RefreshToken,
    #[serde(rename = "implicit")]
    Implicit,
    #[serde(rename = "hybrid")]
    Hybrid,
    #[serde(rename = "client_credentials")]
    ClientCredentials,
    #[serde(rename = "password")]
    Password,
    #[serde(rename = "urn:ietf:params:oauth:grant-type:device_code")]
    DeviceCode,
}

impl Grant {
    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::RefreshToken => "refresh_token",
            Self::Implicit => "implicit",
            Self::Hybrid => "hybrid",
            Self::ClientCredentials => "client_credentials",
            Self::Password => "password",
            Self::DeviceCode => "urn:ietf:params:oauth:grant-type:device_code",
        }
    }
}

/// Whether the application uses PKCE (RFC 7636). authentik takes both.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Pkce {
    /// Not known, or it does not matter.
    #[default]
    Any,
    /// It always does.
    Required,
    /// It has to be switched off in the application.
    Unsupported,
}

/// One address that authentik may send people back to.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Redirect {
    /// The address, byte for byte; never normalised.
    pub uri: Text,
    /// A list question: one address for each member, which the text calls `item`.
    #[serde(default)]
    pub each: Option<String>,
    /// Compared as it is, or as a regular expression.
    #[serde(default)]
    pub mode: MatchingMode,
    /// Allowed only while this holds.
    #[serde(default)]
    pub when: Option<Expr>,
    /// What uses it: `web`, `mobile`, `cli`.
    #[serde(default, rename = "for")]
    pub purpose: Option<String>,
    /// A stand-in address while a late answer is missing; on a host that nobody can own (`.invalid`, RFC 2606).
    #[serde(default)]
    pub until: Option<Text>,
    /// Why it is a regular expression, or otherwise unusual.
    #[serde(default)]
    pub why: Option<String>,
}

/// How authentik compares a redirect URI.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum MatchingMode {
    /// Byte by byte.
    #[default]
    Strict,
    /// Python's `re.fullmatch`.
    Regex,
}

impl MatchingMode {
    /// authentik's own name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Strict => "strict",
            Self::Regex => "regex",
        }
    }
}

/// A scope mapping made for this application.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// The name under which the template refers to it.
    pub id: String,
    /// The scope that brings it.
    pub scope: String,
    /// Its name in authentik; made from application and scope where it is absent.
    #[serde(default)]
    pub name: Option<Text>,
    /// Python that runs inside authentik. Values are written as Python literals.
    pub expression: Text,
    /// The claims that it gives.
    #[serde(default)]
    pub claims: Vec<String>,
    /// Built-in mappings that are left out for it.
    #[serde(default)]
    pub replaces: Vec<BuiltinScope>,
    /// Made only while this holds.
    #[serde(default)]
    pub when: Option<Expr>,
    /// One line for the review page.
    #[serde(default)]
    pub why: Option<String>,
}

/// The subject mode, with its reason where it is not authentik's default.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SubMode {
    /// authentik's own value.
    #[serde(default)]
    pub value: SubjectMode,
    /// One line for the review page.
    #[serde(default)]
    pub why: Option<String>,
    /// The application does not look at `sub`, always or while this holds: the value is kept from the guide, and another one that a provider
    /// has already is left alone.
    #[serde(default)]
    pub inert: Switch,
}

/// What `sub` is: authentik's subject modes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SubjectMode {
    /// A hash of the user's id; authentik's default.
    #[default]
    HashedUserId,
    /// The user's number.
    UserId,
    /// The user's UUID.
    UserUuid,
    /// The user name.
    UserUsername,
    /// The e-mail address.
    UserEmail,
    /// The user principal name, where there is one; the e-mail address otherwise.
    UserUpn,
}

impl SubjectMode {
    /// All of them, authentik's default first.
    pub const ALL: [Self; 6] =
        [Self::HashedUserId, Self::UserId, Self::UserUuid, Self::UserUsername, Self::UserEmail, Self::UserUpn];

    /// authentik's own value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::HashedUserId => "hashed_user_id",
            Self::UserId => "user_id",
            Self::UserUuid => "user_uuid",
            Self::UserUsername => "user_username",
            Self::UserEmail => "user_email",
            Self::UserUpn => "user_upn",
        }
    }

    /// What it means, for the options page.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::HashedUserId => "a hash of the user's ID: stable, says nothing about the person",
            Self::UserId => "the user's number in authentik: stable",
            Self::UserUuid => "the user's UUID: stable, also when people are renamed",
            Self::UserUsername => "the user name: readable, changes when the person is renamed",
            Self::UserEmail => "the e-mail address: changes with it",
            Self::UserUpn => "the user principal name: for users that come from Active Directory",
        }
    }

    /// The mode with authentik's own value `name`.
    pub fn from_wire(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.as_str() == name)
    }
}

/// Which key signs tokens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Signing {
    /// Any asymmetric key; akwiz takes RSA, which every application understands.
    #[default]
    Any,
    /// RSA and nothing else: where the server has none, one is made.
    Rsa,
    /// None: tokens are signed with the client secret (HS256).
    None,
}

/// Whether tokens may be encrypted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Encryption {
    /// The application's makers do not say.
    #[default]
    Silent,
    /// The application cannot read encrypted tokens.
    Forbidden,
}

/// Whether each provider has an issuer of its own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum IssuerMode {
    /// `https://<authentik>/application/o/<slug>/`.
    #[default]
    PerProvider,
    /// `https://<authentik>/`.
    Global,
}

impl IssuerMode {
    /// authentik's own value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PerProvider => "per_provider",
            Self::Global => "global",
        }
    }
}

/// How long codes and tokens live, in authentik's own notation: `minutes=10`, `days=30`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Lifetimes {
    /// The authorization code.
    #[serde(default)]
    pub code: Option<Lifetime>,
    /// The access token.
    #[serde(default)]
    pub access: Option<Lifetime>,
    /// The refresh token.
    #[serde(default)]
    pub refresh: Option<Lifetime>,
}

/// A lifetime and its bounds, in authentik's own notation.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Lifetime {
    /// What is set.
    pub set: String,
    /// The shortest that works.
    #[serde(default)]
    pub min: Option<String>,
    /// The longest that works.
    #[serde(default)]
    pub max: Option<String>,
    /// One line for the review page.
    #[serde(default)]
    pub why: Option<String>,
}

/// How authentik tells the application that a session ended (2025.10 and later).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Logout {
    /// The application's address for it.
    pub uri: Text,
    /// Through the browser, or from server to server.
    pub method: LogoutMethod,
    /// Set only while this holds.
    #[serde(default)]
    pub when: Option<Expr>,
}

/// The two logout channels of OIDC, as authentik names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum LogoutMethod {
    /// From server to server.
    Backchannel,
    /// Through the browser.
    Frontchannel,
}

impl LogoutMethod {
    /// authentik's own value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Backchannel => "backchannel",
            Self::Frontchannel => "frontchannel",
        }
    }
}
