//! What came of a plan: identifiers, addresses, secrets, and what the texts of the template see.

use std::sync::Arc;

use secrecy::SecretString;

use super::endpoints::Endpoints;
use super::plan::Notice;
use crate::catalog::value::Scope;

/// What came of a plan.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The template's id.
    pub template: String,
    /// The receipt's id; none where nothing was changed.
    pub receipt: Option<String>,
    /// One for each provider and application.
    pub parts: Vec<PartOutcome>,
    /// The login source, for source templates.
    pub source: Option<SourceOutcome>,
    /// What the texts of the template see.
    pub scope: Scope,
    /// What the read-back showed that differs from the plan.
    pub notices: Vec<Notice>,
}

/// What came of one pair of provider and application.
#[derive(Debug, Clone)]
pub struct PartOutcome {
    /// The part's id in the template.
    pub id: String,
    /// The application's name.
    pub name: String,
    /// The application's slug.
    pub slug: String,
    /// The application's primary key.
    pub application: String,
    /// The provider's primary key.
    pub provider: String,
    /// The client id.
    pub client_id: String,
    /// The client secret; none for public clients.
    pub client_secret: Option<SecretString>,
    /// The addresses that the application is given.
    pub endpoints: Arc<Endpoints>,
}

/// What came of a login source.
#[derive(Debug, Clone)]
pub struct SourceOutcome {
    /// Primary key.
    pub pk: String,
    /// Slug.
    pub slug: String,
    /// Name.
    pub name: String,
    /// The name of the stage that shows it, if any.
    pub shown_on: Option<String>,
}
