//! What will be done on the server, in order, and nothing else. Made by a pure function; shown on the review page; run by `apply`.

use std::sync::Arc;

use secrecy::SecretString;

use super::endpoints::Endpoints;
use super::extra::{Extra, Rewrite};
use super::setting::{Change, Ref, Settings};
use crate::catalog::template::{Level, SourceApi};
use crate::catalog::value::Scope;

/// Everything that will be done.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The template's id.
    pub template: String,
    /// What is made or changed, in order.
    pub actions: Vec<Action>,
    /// What a person should know before confirming, worst first.
    pub notices: Vec<Notice>,
    /// What has to be decided before anything can be done. Nothing may be applied while one is open.
    pub decisions: Vec<Decision>,
    /// What has to be typed besides Enter.
    pub confirmations: Vec<Confirmation>,
    /// One for each provider and application of the template.
    pub parts: Vec<PlannedPart>,
    /// What the texts of the template see, for all parts; complete but for what the server adds.
    pub scope: Scope,
}

/// One pair of provider and application.
#[derive(Debug, Clone)]
pub struct PlannedPart {
    /// The part's id in the template; `main` for the short form.
    pub id: String,
    /// The application's name.
    pub name: String,
    /// The application's slug.
    pub slug: String,
    /// The client id.
    pub client_id: String,
    /// The client secret; none for public clients.
    pub client_secret: Option<SecretString>,
    /// The addresses that the application is given.
    pub endpoints: Arc<Endpoints>,
}

/// One thing to do on the server.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Generate an RSA key with a self-signed certificate.
    MakeKey {
        /// How later actions refer to it.
        handle: String,
        /// The certificate's common name, which is its unique name.
        common_name: String,
        /// Subject alternative names.
        subject_alt_names: Vec<String>,
        /// Days until it expires.
        days: u32,
        /// Why it is made.
        why: String,
    },
    /// Create a scope mapping.
    MakeMapping {
        /// How later actions refer to it.
        handle: String,
        /// Its name.
        name: String,
        /// Its scope.
        scope: String,
        /// Python that runs inside authentik; shown whole.
        expression: String,
        /// Why it is made.
        why: String,
    },
    /// Create a group.
    MakeGroup {
        /// How later actions refer to it.
        handle: String,
        /// Its name.
        name: String,
        /// What its members become.
        why: String,
    },
    /// Create a provider and its application in one transaction.
    Create {
        /// The part's id.
        part: String,
        /// The provider.
        provider: Settings,
        /// The application.
        application: Settings,
        /// Who may open it; empty means everyone.
        bindings: Vec<Bind>,
    },
    /// Create a provider for an application that exists without one.
    CreateProvider {
        /// How later actions refer to it.
        handle: String,
        /// The part's id.
        part: String,
        /// The provider.
        provider: Settings,
    },
    /// Change fields of an existing provider.
    UpdateProvider {
        /// Primary key.
        pk: String,
        /// Its name, for people.
        name: String,
        /// What changes.
        changes: Vec<Change>,
    },
    /// Change fields of an existing application.
    UpdateApplication {
        /// Its slug now.
        slug: String,
        /// Its name, for people.
        name: String,
        /// What changes.
        changes: Vec<Change>,
    },
    /// Bind an existing application to groups or a person.
    AddBindings {
        /// The application's primary key.
        application: String,
        /// Its name, for people.
        name: String,
        /// Who is added.
        bindings: Vec<Bind>,
        /// The order of the first of them.
        first_order: i64,
    },
    /// Create a further object that others refer to.
    MakeExtra(Extra),
    /// Change the Python of a further object.
    Rewrite(Rewrite),
    /// Create a login source.
    CreateSource {
        /// How later actions refer to it.
        handle: String,
        /// Its kind.
        api: SourceApi,
        /// Its fields.
        settings: Settings,
    },
    /// Change fields of an existing login source.
    UpdateSource {
        /// Its kind.
        api: SourceApi,
        /// Its slug.
        slug: String,
        /// Its name, for people.
        name: String,
        /// What changes.
        changes: Vec<Change>,
    },
    /// Show a source on the login page: add it to an identification stage's sources, keeping those already there.
    ShowSource {
        /// The stage's primary key.
        stage: String,
        /// The stage's name.
        stage_name: String,
        /// The source.
        source: Ref,
        /// The names of the sources that are there, for people.
        keeps: Vec<String>,
    },
}

/// Who may open an application.
#[derive(Debug, Clone, PartialEq)]
pub enum Bind {
    /// Members of a group.
    Group(Ref),
    /// One person.
    Person(Ref),
}

/// Something to know before confirming.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// How bad it is.
    pub level: Level,
    /// One or two sentences.
    pub text: String,
}

/// Something to decide before anything can be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// The slug or a name is taken.
    Taken {
        /// What is taken, and by what: a sentence.
        text: String,
        /// Why the existing one cannot be changed, if so: a sentence. Then only renaming is left.
        update_refused: Option<String>,
        /// A free slug.
        free_slug: String,
        /// A free name.
        free_name: String,
    },
    /// A flow that is needed has another name on this server.
    Flow {
        /// What it is needed for.
        purpose: super::setting::Field,
        /// The candidates: slug and name.
        candidates: Vec<(String, String)>,
    },
    /// "Only me" needs a person, and the token belongs to none.
    Person {
        /// Why: a sentence.
        text: String,
    },
    /// Something is missing on the server or in the answers that the wizard cannot decide: a sentence with what to do.
    Blocked {
        /// The sentence.
        text: String,
    },
}

/// Something to type besides Enter, because it cannot be taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Confirmation {
    /// The slug of something in use.
    Slug {
        /// The slug to type.
        slug: String,
        /// Why: a sentence.
        why: String,
    },
    /// The word `yes`.
    Yes {
        /// Why: a sentence.
        why: String,
    },
}

impl Confirmation {
    /// What has to be typed.
    pub fn wanted(&self) -> &str {
        match self {
            Self::Slug { slug, .. } => slug,
            Self::Yes { .. } => "yes",
        }
    }

    /// Why: a sentence.
    pub fn why(&self) -> &str {
        match self {
            Self::Slug { why, .. } | Self::Yes { why } => why,
        }
    }
}

impl Plan {
    /// Nothing is left to decide.
    pub fn is_ready(&self) -> bool {
        self.decisions.is_empty()
    }

    /// Everything is as it should be already.
    pub fn is_empty(&self) -> bool {
        self.actions.is_empty()
    }
}
