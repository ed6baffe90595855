//! What a person or a script decides. Everything else is derived.

use indexmap::IndexMap;
use secrecy::SecretString;

use crate::catalog::template::{BuiltinScope, ClientType, IssuerMode, MatchingMode, SubjectMode};

/// All decisions for one application.
#[derive(Debug, Clone, Default)]
pub struct Answers {
    /// The template's id.
    pub template: String,
    /// What was typed or chosen, by question. A question without an entry has its default.
    pub given: IndexMap<String, Given>,
    /// What differs from the template's choice.
    pub options: Options,
    /// Who may open the application.
    pub access: Access,
    /// What to do when the slug or the provider's name is taken.
    pub taken: Option<Taken>,
    /// What a login source needs besides.
    pub source: SourceAnswers,
}

/// One answer as it was given.
#[derive(Debug, Clone)]
pub struct Given {
    /// The answer, as typed.
    pub input: Input,
    /// An answer that it depends on has changed since: it wants another look.
    pub stale: bool,
}

/// What was typed or chosen, not yet checked.
#[derive(Debug, Clone)]
pub enum Input {
    /// A line.
    Text(String),
    /// A hidden line or block.
    Secret(SecretString),
    /// A switch.
    Toggle(bool),
    /// Members of a list.
    List(Vec<String>),
}

impl Input {
    /// Nothing was typed.
    pub fn is_empty(&self) -> bool {
        use secrecy::ExposeSecret as _;
        match self {
            Self::Text(text) => text.trim().is_empty(),
            Self::Secret(secret) => secret.expose_secret().is_empty(),
            Self::Toggle(_) => false,
            Self::List(items) => items.iter().all(|item| item.trim().is_empty()),
        }
    }
}

impl Answers {
    /// No decisions yet for the template `id`.
    pub fn new(id: impl Into<String>) -> Self {
        Self { template: id.into(), ..Self::default() }
    }

    /// Records an answer. Empty text counts as no answer: the default holds again.
    pub fn give(&mut self, question: &str, input: Input) {
        if input.is_empty() && !matches!(input, Input::List(_)) {
            self.given.shift_remove(question);
        } else {
            self.given.insert(question.to_owned(), Given { input, stale: false });
        }
    }
}

/// What differs from the template's choice. `None` means: as the template has it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Options {
    /// The application's name.
    pub name: Option<String>,
    /// The application's slug.
    pub slug: Option<String>,
    /// The provider's name.
    pub provider_name: Option<String>,
    /// The heading under which the tile stands.
    pub group: Option<String>,
    /// Where the tile leads.
    pub launch_url: Option<String>,
    /// The icon's address.
    pub icon: Option<String>,
    /// The description on the tile.
    pub description: Option<String>,
    /// The subject mode.
    pub sub_mode: Option<SubjectMode>,
    /// The signing key.
    pub signing_key: Option<KeyChoice>,
    /// The authorization flow, by slug.
    pub authorization_flow: Option<String>,
    /// The invalidation flow, by slug.
    pub invalidation_flow: Option<String>,
    /// The enrollment flow, by slug, for sources.
    pub enrollment_flow: Option<String>,
    /// The authentication flow, by slug, for sources.
    pub authentication_flow: Option<String>,
    /// The built-in scopes.
    pub scopes: Option<Vec<BuiltinScope>>,
    /// The issuer mode.
    pub issuer_mode: Option<IssuerMode>,
    /// The client type.
    pub client_type: Option<ClientType>,
    /// How long an authorization code lives, such as `minutes=1`.
    pub code_lifetime: Option<String>,
    /// How long an access token lives.
    pub access_lifetime: Option<String>,
    /// How long a refresh token lives.
    pub refresh_lifetime: Option<String>,
    /// All redirect URIs, in place of the template's.
    pub redirects: Option<Vec<RedirectUri>>,
}

/// A signing key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyChoice {
    /// An existing certificate, by primary key.
    Existing(String),
    /// A new RSA key.
    New,
}

/// A redirect URI with its matching mode.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RedirectUri {
    /// The address or the regular expression, byte for byte.
    pub uri: String,
    /// How authentik compares it.
    pub mode: MatchingMode,
}

/// Who may open the application.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Access {
    /// Everyone who can sign in: no binding. authentik's own default.
    #[default]
    Everyone,
    /// Members of these groups.
    Groups(Vec<GroupChoice>),
    /// One person, for a first test.
    Person {
        /// Primary key.
        pk: String,
        /// User name.
        username: String,
    },
}

/// A group to bind.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum GroupChoice {
    /// One that exists.
    Existing {
        /// Primary key.
        pk: String,
        /// Name.
        name: String,
    },
    /// One to be made.
    New {
        /// Name.
        name: String,
    },
}

impl GroupChoice {
    /// The group's name.
    pub fn name(&self) -> &str {
        match self {
            Self::Existing { name, .. } | Self::New { name } => name,
        }
    }
}

/// What to do when the slug or the provider's name is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// Change what exists, adding and never removing.
    Update,
    /// Make a second one under another slug and name.
    Rename {
        /// The slug of the new one.
        slug: String,
        /// The name of the new one and of its provider.
        name: String,
    },
}

/// What a login source needs besides its questions.
#[derive(Debug, Clone, Default)]
pub struct SourceAnswers {
    /// The Plex account, once somebody signed in with it.
    pub plex: Option<PlexAccount>,
    /// Whether and where the source is shown on the login page.
    pub login_page: LoginPage,
    /// The secrets are sent also where the source exists: authentik does not show those it holds, so they cannot be compared.
    pub renew_secrets: bool,
}

/// A Plex account and what was chosen of it.
#[derive(Debug, Clone)]
pub struct PlexAccount {
    /// The client identifier that the PIN was made with, 40 characters; becomes the source's client id.
    pub client_identifier: String,
    /// The token: access to the owner's whole account.
    pub token: SecretString,
    /// The servers that the account owns.
    pub servers: Vec<PlexServer>,
    /// The chosen ones, by id.
    pub allowed: Vec<String>,
}

/// A Plex server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlexServer {
    /// Plex's identifier of it (`clientIdentifier`).
    pub id: String,
    /// Its name.
    pub name: String,
}

/// Whether and where a source is shown on the login page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum LoginPage {
    /// On the identification stage of the login flow, if there is just one.
    #[default]
    Default,
    /// On this identification stage, by primary key or name.
    Stage(String),
    /// Not at all.
    Hidden,
}
