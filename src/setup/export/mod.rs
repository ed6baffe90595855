//! Applications and login sources as text for other tools: Terraform, authentik's blueprints, and a page for people. Pure.
//!
//! What the server holds is taken over field by field, in the server's own form, so that nothing is lost that akwiz does not set itself.
//! What an application refers to is named, not numbered: another server has other keys. Secrets are never in it.

mod blueprint;
mod fields;
mod hcl;
mod markdown;
mod names;
mod source;
mod terraform;
mod yaml;

#[cfg(test)]
mod tests;

use serde_json::{Map, Value as Json};

use super::facts::{Facts, Version};

pub use names::slug_label;
pub use source::{Certificate, LoginSource, SourceMapping, needed_flows};

/// What it is written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Terraform or `OpenTofu`, with the provider `goauthentik/authentik`.
    Terraform,
    /// A blueprint, which authentik's own worker applies.
    Blueprint,
    /// A page for people.
    Markdown,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 3] = [Self::Terraform, Self::Blueprint, Self::Markdown];

    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Terraform => "terraform",
            Self::Blueprint => "blueprint",
            Self::Markdown => "markdown",
        }
    }
}

/// An application with its provider and bindings, as the server sent them.
#[derive(Debug, Clone, Default)]
pub struct Pair {
    /// The application.
    pub application: Map<String, Json>,
    /// Its provider without the secret, if it is OAuth2/OpenID.
    pub provider: Option<Map<String, Json>>,
    /// The provider has a client secret.
    pub has_secret: bool,
    /// Who may open it.
    pub bindings: Vec<Binding>,
}

impl Pair {
    /// The application's slug.
    pub fn slug(&self) -> &str {
        fields::text(&self.application, "slug")
    }
}

/// A binding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// Primary key.
    pub pk: String,
    /// Whom it is about.
    pub subject: Subject,
    /// Its place.
    pub order: i64,
    /// Whether it counts.
    pub enabled: bool,
    /// Whether it is turned around.
    pub negate: bool,
    /// How long a policy may take, in seconds.
    pub timeout: i64,
    /// Whether a policy that fails to run lets people pass.
    pub failure_result: bool,
}

/// Whom a binding is about, by primary key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// Members of a group.
    Group(String),
    /// One person.
    User(String),
    /// Whoever a policy lets pass.
    Policy(String),
}

/// A scope mapping, whole.
#[derive(Debug, Clone, Default)]
pub struct Mapping {
    /// Primary key.
    pub pk: String,
    /// The id of a built-in one.
    pub managed: Option<String>,
    /// Name.
    pub name: String,
    /// Scope.
    pub scope: String,
    /// What the consent page says.
    pub description: String,
    /// Python.
    pub expression: String,
}

/// What is exported.
#[derive(Debug, Clone)]
pub struct Export<'a> {
    /// The applications, in the order in which they were named.
    pub pairs: &'a [Pair],
    /// The login sources, likewise.
    pub sources: &'a [LoginSource],
    /// What they refer to.
    pub facts: &'a Facts,
    /// The scope mappings, whole.
    pub mappings: &'a [Mapping],
    /// User names by primary key.
    pub users: &'a [(String, String)],
    /// The folder in which authentik's worker finds secrets, one file each; without it they come from its environment. For blueprints.
    pub secret_folder: Option<&'a str>,
}

impl Export<'_> {
    /// The text.
    pub fn render(&self, format: Format) -> String {
        match format {
            Format::Terraform => terraform::render(self),
            Format::Blueprint => blueprint::render(self),
            Format::Markdown => markdown::render(self),
        }
    }

    fn version(&self) -> Version {
        self.facts.capabilities.version
    }

    fn mapping(&self, pk: &str) -> Option<&Mapping> {
        self.mappings.iter().find(|mapping| mapping.pk == pk)
    }

    fn flow(&self, pk: &str) -> Option<&str> {
        self.facts.flows.iter().find(|flow| flow.pk == pk).map(|flow| flow.slug.as_str())
    }

    fn key(&self, pk: &str) -> Option<&str> {
        self.facts.keys.iter().find(|key| key.pk == pk).map(|key| key.name.as_str())
    }

    fn group(&self, pk: &str) -> Option<&str> {
        self.facts.groups.iter().find(|group| group.pk == pk).map(|group| group.name.as_str())
    }

    fn user(&self, pk: &str) -> Option<&str> {
        self.users.iter().find(|(known, _)| known == pk).map(|(_, name)| name.as_str())
    }

    /// The mappings of the server's own that the providers use, each once.
    fn own_mappings(&self) -> Vec<&Mapping> {
        let mut own: Vec<&Mapping> = Vec::new();
        for pk in self.pairs.iter().filter_map(|pair| pair.provider.as_ref()).flat_map(fields::mappings) {
            if let Some(mapping) = self.mapping(pk).filter(|mapping| mapping.managed.is_none())
                && own.iter().all(|known| known.pk != mapping.pk)
            {
                own.push(mapping);
            }
        }
        own
    }
}
