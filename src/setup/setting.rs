//! What objects in authentik are made of, free of server versions: fields, values, references.
//!
//! Creating, changing, showing and undoing all work on the same lists of [`Setting`]s, so that what a person saw on the review page is what
//! is sent. `authentik::bodies` turns them into JSON.

use fnv::FnvBuildHasher;
use indexmap::IndexMap;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value as Json;

use super::answers::RedirectUri;

/// A field of an application, a provider or a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Field {
    /// The name.
    Name,
    /// The slug, which is part of every address.
    Slug,
    /// The heading under which the tile stands.
    Group,
    /// Where the tile leads.
    LaunchUrl,
    /// The tile's icon.
    Icon,
    /// The tile's description.
    Description,
    /// No tile.
    Hidden,
    /// The application's provider.
    Provider,
    /// The client type.
    ClientType,
    /// The client id.
    ClientId,
    /// The client secret.
    ClientSecret,
    /// Where authentik may send people back to.
    RedirectUris,
    /// The scope mappings.
    ScopeMappings,
    /// The key that signs tokens.
    SigningKey,
    /// The key that encrypts tokens.
    EncryptionKey,
    /// What `sub` is.
    SubjectMode,
    /// Whether the ID token holds the claims too.
    ClaimsInIdToken,
    /// One issuer for each provider, or one for all.
    IssuerMode,
    /// The grant types.
    GrantTypes,
    /// The flow that people pass through when they open the application.
    AuthorizationFlow,
    /// The flow for people who are not signed in; none means the brand's.
    AuthenticationFlow,
    /// The flow that ends a session.
    InvalidationFlow,
    /// The flow for people who come through a source for the first time.
    EnrollmentFlow,
    /// How long an authorization code lives.
    CodeLifetime,
    /// How long an access token lives.
    AccessLifetime,
    /// How long a refresh token lives.
    RefreshLifetime,
    /// How long before its end a refresh token is renewed.
    RefreshThreshold,
    /// The address that is told when a session ends.
    LogoutUri,
    /// The channel through which it is told.
    LogoutMethod,
    /// The Plex token of the account whose servers count.
    PlexToken,
    /// The Plex servers whose users may sign in.
    AllowedServers,
    /// Whether friends of the account may sign in.
    AllowFriends,
    /// How people of a source are matched with users.
    UserMatching,
    /// How groups of a source are matched with groups.
    GroupMatching,
    /// Whether all or any of a source's policies must agree.
    PolicyEngine,
    /// Where in the directory a source's people are put.
    UserPath,
    /// Whether a source can be used.
    Enabled,
    /// Which service a source stands for.
    ProviderType,
    /// The id under which the service knows authentik.
    ConsumerKey,
    /// The secret with which authentik proves to the service who it is.
    ConsumerSecret,
    /// What is asked of the service besides.
    AdditionalScopes,
    /// Where the service asks people.
    AuthorizationUrl,
    /// Where the service gives tokens.
    AccessTokenUrl,
    /// Where the service tells about people.
    ProfileUrl,
    /// The service's discovery document.
    WellKnownUrl,
    /// The service's public keys.
    JwksUrl,
    /// How the code is bound to the request that asked for it.
    Pkce,
    /// What a person's account is filled with, besides the usual.
    UserMappings,
    /// What people pass through before they are sent to the service.
    PreAuthenticationFlow,
    /// Where the identity provider takes sign-in requests.
    SsoUrl,
    /// Where the identity provider takes sign-out requests.
    SloUrl,
    /// What authentik is called there.
    EntityId,
    /// How people are sent to the identity provider.
    SamlBinding,
    /// By what the identity provider is to name people.
    NameIdPolicy,
    /// Whether a sign-in may begin at the identity provider.
    AllowIdpInitiated,
    /// The identity provider's certificate.
    VerificationKey,
    /// Whether assertions must be signed.
    SignedAssertion,
    /// Whether responses must be signed.
    SignedResponse,
    /// The Telegram bot's name.
    BotUsername,
    /// The Telegram bot's token.
    BotToken,
    /// Whether the bot asks to write to people.
    MessageAccess,
}

impl Field {
    /// The label on the review page: authentik's own term.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Name => "Name",
            Self::Slug => "Slug",
            Self::Group => "Group heading",
            Self::LaunchUrl => "Launch URL",
            Self::Icon => "Icon",
            Self::Description => "Description",
            Self::Hidden => "Hide tile",
            Self::Provider => "Provider",
            Self::ClientType => "Client type",
            Self::ClientId => "Client ID",
            Self::ClientSecret => "Client secret",
            Self::RedirectUris => "Redirect URIs",
            Self::ScopeMappings => "Scopes",
            Self::SigningKey => "Signing key",
            Self::EncryptionKey => "Encryption key",
            Self::SubjectMode => "Subject mode",
            Self::ClaimsInIdToken => "Claims in ID token",
            Self::IssuerMode => "Issuer mode",
            Self::GrantTypes => "Grant types",
            Self::AuthorizationFlow => "Authorization flow",
            Self::AuthenticationFlow => "Authentication flow",
            Self::InvalidationFlow => "Invalidation flow",
            Self::EnrollmentFlow => "Enrollment flow",
            Self::CodeLifetime => "Code lifetime",
            Self::AccessLifetime => "Access token lifetime",
            Self::RefreshLifetime => "Refresh token lifetime",
            Self::RefreshThreshold => "Refresh token threshold",
            Self::LogoutUri => "Logout URI",
            Self::LogoutMethod => "Logout method",
            Self::PlexToken => "Plex token",
            Self::AllowedServers => "Allowed servers",
            Self::AllowFriends => "Allow friends",
            Self::UserMatching => "User matching",
            Self::GroupMatching => "Group matching",
            Self::PolicyEngine => "Policy engine mode",
            Self::UserPath => "User path",
            Self::Enabled => "Enabled",
            Self::ProviderType => "Provider type",
            Self::ConsumerKey => "Consumer key",
            Self::ConsumerSecret => "Consumer secret",
            Self::AdditionalScopes => "Additional scopes",
            Self::AuthorizationUrl => "Authorization URL",
            Self::AccessTokenUrl => "Access token URL",
            Self::ProfileUrl => "Profile URL",
            Self::WellKnownUrl => "Well-known URL",
            Self::JwksUrl => "JWKS URL",
            Self::Pkce => "PKCE",
            Self::UserMappings => "User mappings",
            Self::PreAuthenticationFlow => "Pre-authentication flow",
            Self::SsoUrl => "SSO URL",
            Self::SloUrl => "SLO URL",
            Self::EntityId => "Issuer",
            Self::SamlBinding => "Binding",
            Self::NameIdPolicy => "NameID policy",
            Self::AllowIdpInitiated => "IdP-initiated sign-in",
            Self::VerificationKey => "Verification certificate",
            Self::SignedAssertion => "Verify assertion",
            Self::SignedResponse => "Verify response",
            Self::BotUsername => "Bot username",
            Self::BotToken => "Bot token",
            Self::MessageAccess => "Message access",
        }
    }

    /// What it does: one line.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Name => "What people and administrators see.",
            Self::Slug => "Part of every address that the application is given.",
            Self::Group => "The heading under which the tile stands in authentik.",
            Self::LaunchUrl => "Where the tile in authentik leads.",
            Self::Icon => "The picture on the tile.",
            Self::Description => "The text on the tile.",
            Self::Hidden => "Whether the tile is left out.",
            Self::Provider => "The object that signs people in for the application.",
            Self::ClientType => "Confidential clients prove with a secret who they are; public ones cannot keep one.",
            Self::ClientId => "The application's name for authentik. akwiz makes it, to find its own work again.",
            Self::ClientSecret => "The application's password for authentik. Shown when everything is done.",
            Self::RedirectUris => "Where authentik may send people back to, and nowhere else.",
            Self::ScopeMappings => "What the application may learn about people.",
            Self::SigningKey => "Proves to the application that tokens come from authentik.",
            Self::EncryptionKey => "Encrypts tokens. Few applications can read such tokens.",
            Self::SubjectMode => "By what the application recognizes people.",
            Self::ClaimsInIdToken => "Whether the application finds the claims in the ID token already.",
            Self::IssuerMode => "Whether this provider has an issuer of its own.",
            Self::GrantTypes => "In which ways the application may ask for tokens.",
            Self::AuthorizationFlow => "What people pass through when they open the application.",
            Self::AuthenticationFlow => "How people sign in.",
            Self::InvalidationFlow => "What happens when people sign out.",
            Self::EnrollmentFlow => "What people pass through the first time they come; without it nobody new gets in.",
            Self::CodeLifetime => "How long a sign-in may take on its way back to the application.",
            Self::AccessLifetime => "How long the application may act without asking authentik again.",
            Self::RefreshLifetime => "How long the application may renew its tokens without the person.",
            Self::RefreshThreshold => "How long before its end a refresh token is replaced.",
            Self::LogoutUri => "The address that authentik tells when a session ends.",
            Self::LogoutMethod => "How authentik tells it.",
            Self::PlexToken => "With it authentik asks Plex who shares the servers.",
            Self::AllowedServers => "Whoever shares one of them may sign in.",
            Self::AllowFriends => "Whether friends in Plex who share no server may sign in.",
            Self::UserMatching => "When somebody from outside counts as an account that exists.",
            Self::GroupMatching => "When a group from outside counts as one that exists.",
            Self::PolicyEngine => "Whether all bindings must allow somebody, or any one of them.",
            Self::UserPath => "Where accounts of people from outside are filed.",
            Self::Enabled => "Whether it works at all.",
            Self::ProviderType => "Which service it is: authentik knows the ways of each.",
            Self::ConsumerKey => "authentik's name at the service: the client ID from there.",
            Self::ConsumerSecret => "authentik's password at the service. authentik never shows it again.",
            Self::AdditionalScopes => "What authentik asks the service for besides the usual.",
            Self::AuthorizationUrl => "The page of the service that people are sent to.",
            Self::AccessTokenUrl => "Where authentik trades the code for a token.",
            Self::ProfileUrl => "Where authentik asks the service about the person.",
            Self::WellKnownUrl => "Read once, when the source is saved; the other addresses come from it.",
            Self::JwksUrl => "The keys with which the service signs its tokens.",
            Self::Pkce => "Protects the code on its way back (RFC 7636).",
            Self::UserMappings => "What accounts are filled with, besides the usual.",
            Self::PreAuthenticationFlow => "What people pass through before they are sent away.",
            Self::SsoUrl => "The page of the identity provider that people are sent to.",
            Self::SloUrl => "Where the identity provider is told that somebody signs out.",
            Self::EntityId => "authentik's entity ID: its name at the identity provider.",
            Self::SamlBinding => "How a request travels to the identity provider.",
            Self::NameIdPolicy => "By what the identity provider names people.",
            Self::AllowIdpInitiated => "Whether answers are taken that nobody asked for.",
            Self::VerificationKey => "With it authentik checks what the identity provider signed.",
            Self::SignedAssertion => "Whether an assertion without a signature is refused.",
            Self::SignedResponse => "Whether a response without a signature is refused.",
            Self::BotUsername => "The bot through which people sign in.",
            Self::BotToken => "The bot's password. authentik never shows it again.",
            Self::MessageAccess => "Whether people are asked to let the bot write to them.",
        }
    }

    /// Changing it on something in use can lock people out or give them second accounts.
    pub const fn is_sensitive(self) -> bool {
        matches!(
            self,
            Self::Slug
                | Self::SubjectMode
                | Self::IssuerMode
                | Self::ClientType
                | Self::ClientId
                | Self::ClientSecret
                | Self::ConsumerKey
                | Self::NameIdPolicy
        )
    }

    /// It holds a secret that authentik takes and never gives back.
    pub const fn is_write_only(self) -> bool {
        matches!(self, Self::ConsumerSecret | Self::BotToken)
    }
}

/// A reference to another object.
#[derive(Debug, Clone)]
pub enum Ref {
    /// One that exists.
    Existing {
        /// Primary key.
        pk: String,
        /// Name, for people.
        name: String,
    },
    /// One that an earlier action of the same plan makes.
    New {
        /// That action's handle.
        handle: String,
        /// Name, for people.
        name: String,
    },
}

impl Ref {
    /// A reference to the existing object `pk`.
    pub fn existing(pk: impl Into<String>, name: impl Into<String>) -> Self {
        Self::Existing { pk: pk.into(), name: name.into() }
    }

    /// The name, for people.
    pub fn name(&self) -> &str {
        match self {
            Self::Existing { name, .. } | Self::New { name, .. } => name,
        }
    }
}

impl PartialEq for Ref {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Existing { pk: mine, .. }, Self::Existing { pk: other, .. })
            | (Self::New { handle: mine, .. }, Self::New { handle: other, .. }) => mine == other,
            _ => false,
        }
    }
}

/// The value of a field.
#[derive(Debug, Clone)]
pub enum SettingValue {
    /// Nothing.
    Null,
    /// On or off.
    Bool(bool),
    /// Text, or one of authentik's own values.
    Text(String),
    /// Text that is hidden until asked for.
    Secret(SecretString),
    /// Several of authentik's own values, in order.
    Words(Vec<String>),
    /// One other object.
    Ref(Ref),
    /// Several other objects; their order means nothing.
    Refs(Vec<Ref>),
    /// Redirect URIs.
    Redirects(Vec<RedirectEntry>),
}

/// A redirect URI, and how the server wrote it if it was there before.
#[derive(Debug, Clone)]
pub struct RedirectEntry {
    /// Address and mode.
    pub redirect: RedirectUri,
    /// The server's own form, which may hold more than akwiz knows (2026.5 has logout entries).
    pub raw: Option<Json>,
}

impl PartialEq for RedirectEntry {
    fn eq(&self, other: &Self) -> bool {
        self.redirect == other.redirect
    }
}

impl PartialEq for SettingValue {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(mine), Self::Bool(other)) => mine == other,
            (Self::Text(mine), Self::Text(other)) => mine == other,
            (Self::Secret(mine), Self::Secret(other)) => mine.expose_secret() == other.expose_secret(),
            (Self::Words(mine), Self::Words(other)) => same_members(mine, other),
            (Self::Ref(mine), Self::Ref(other)) => mine == other,
            (Self::Refs(mine), Self::Refs(other)) => same_members(mine, other),
            (Self::Redirects(mine), Self::Redirects(other)) => same_members(mine, other),
            _ => false,
        }
    }
}

fn same_members<T: PartialEq>(mine: &[T], other: &[T]) -> bool {
    mine.len() == other.len() && mine.iter().all(|item| other.contains(item))
}

impl SettingValue {
    /// How it reads on the review page, one line a member. Secrets are never in it.
    pub fn lines(&self) -> Vec<String> {
        match self {
            Self::Null => vec!["none".into()],
            Self::Bool(on) => vec![if *on { "yes" } else { "no" }.into()],
            Self::Text(text) if text.is_empty() => vec!["none".into()],
            Self::Text(text) => text.lines().map(str::to_owned).collect(),
            Self::Secret(secret) => vec![match secret.expose_secret().chars().count() {
                1 => "hidden, 1 character".to_owned(),
                count => format!("hidden, {count} characters"),
            }],
            Self::Words(words) if words.is_empty() => vec!["none".into()],
            Self::Words(words) => vec![words.join(", ")],
            Self::Ref(reference) => vec![reference.name().to_owned()],
            Self::Refs(references) if references.is_empty() => vec!["none".into()],
            Self::Refs(references) => references.iter().map(|reference| reference.name().to_owned()).collect(),
            Self::Redirects(entries) if entries.is_empty() => vec!["none".into()],
            Self::Redirects(entries) => {
                entries.iter().map(|entry| format!("{} ({})", entry.redirect.uri, entry.redirect.mode.as_str())).collect()
            }
        }
    }
}

/// The fields of an object with their values, in the order in which people read them.
pub type Settings = IndexMap<Field, Setting, FnvBuildHasher>;

/// A value with its reason.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// The value.
    pub value: SettingValue,
    /// Why it is not authentik's default: one line.
    pub why: Option<String>,
}

impl Setting {
    /// A value that needs no explanation.
    pub fn plain(value: SettingValue) -> Self {
        Self { value, why: None }
    }

    /// A value with its reason.
    pub fn because(value: SettingValue, why: impl Into<String>) -> Self {
        Self { value, why: Some(why.into()) }
    }
}

/// A field of an existing object that changes.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The field.
    pub field: Field,
    /// What it is now.
    pub from: SettingValue,
    /// What it becomes.
    pub to: SettingValue,
    /// Why: one line.
    pub why: Option<String>,
}
