//! Everything that a doctor looks at: each OAuth2/OpenID provider with its application and bindings, and the Plex sources, as they are.

use futures_util::future::join_all;
use url::Url;

use super::bodies::{self, Object};
use super::error::{ApiError, Result};
use super::facts::Wanted;
use super::http::Client;
use super::sources::SourceObject;
use super::version::Version;
use super::wire::Raw;
use crate::catalog::template::SourceApi;
use crate::setup::facts::{Binding, Facts, Found, OAUTH2_COMPONENT};
use crate::setup::setting::Field;

/// What a server has.
#[derive(Debug, Clone)]
pub struct Survey {
    /// The lists: flows, mappings, keys, groups, the names of everything.
    pub facts: Facts,
    /// Each real OAuth2/OpenID provider, by name. Proxy providers, which look the same in authentik's list, are not among them.
    pub providers: Vec<Surveyed>,
    /// Applications without any provider.
    pub bare: Vec<Found>,
    /// Plex as a login source.
    pub sources: Vec<Found>,
}

/// A provider and what belongs to it.
#[derive(Debug, Clone)]
pub struct Surveyed {
    /// The provider.
    pub provider: Found,
    /// Its application, if it has one that the token may see.
    pub application: Option<Found>,
    /// The application's bindings.
    pub bindings: Vec<Binding>,
}

impl Surveyed {
    /// The application's slug.
    pub fn slug(&self) -> Option<&str> {
        self.application.as_ref()?.text(Field::Slug)
    }

    /// The client id.
    pub fn client_id(&self) -> &str {
        self.provider.text(Field::ClientId).unwrap_or_default()
    }
}

impl Client {
    /// Everything that a doctor looks at, in one round of parallel requests, and a second one for each Plex source. Reads only.
    ///
    /// What the token may not see becomes a sentence in [`Facts::gaps`].
    ///
    /// # Errors
    /// When the token is refused, the server cannot be reached, or an answer cannot be read.
    pub async fn survey(&self, public: &Url, version: Option<Version>) -> Result<Survey> {
        let wanted = Wanted { slugs: &[], source: None, public, version };
        let (facts, providers, applications, bindings, sources) = futures_util::join!(
            Box::pin(self.facts(&wanted)),
            self.providers(),
            self.applications(),
            self.all_bindings(),
            self.plex_sources(),
        );
        let mut facts = facts?;
        // The facts have said already that these cannot be seen.
        let (providers, applications) = (unless_forbidden(providers)?, unless_forbidden(applications)?);
        let bindings = noted(bindings.map(Some), &mut facts.gaps, "Bindings", "authentik_policies.view_policybinding")?;
        let sources = noted(sources, &mut facts.gaps, "Login sources", "authentik_core.view_source")?;
        if let Some(bindings) = &bindings {
            for application in &mut facts.applications {
                application.bound = Some(bindings.iter().any(|binding| binding.enabled && binding.target == application.pk));
            }
        }
        let name_of = |pk: &str| name_of(&facts, pk);
        let found =
            |pk: &str, raw: &Raw| Found { pk: pk.to_owned(), settings: bodies::read(Object::Application, raw, None, name_of) };
        let is_oauth2 =
            |pk: &str| facts.providers.iter().any(|provider| provider.pk == pk && provider.component == OAUTH2_COMPONENT);
        let surveyed = providers.iter().filter(|provider| is_oauth2(&provider.fields.pk)).map(|provider| {
            let application = applications.iter().find(|other| other.fields.provider.as_ref() == Some(&provider.fields.pk));
            let target = application.map(|application| application.fields.pk.as_str()).unwrap_or_default();
            Surveyed {
                provider: Found {
                    pk: provider.fields.pk.clone(),
                    settings: bodies::read(Object::Provider, &provider.raw, provider.client_secret.as_ref(), name_of),
                },
                application: application.map(|application| found(&application.fields.pk, &application.raw)),
                bindings: bindings
                    .iter()
                    .flatten()
                    .filter(|binding| binding.target == target)
                    .map(|binding| Binding {
                        pk: binding.pk.clone(),
                        group: binding.group.clone(),
                        user: binding.user.clone(),
                        policy: binding.policy.clone(),
                        order: binding.order,
                    })
                    .collect(),
            }
        });
        let providers = surveyed.collect();
        let bare = applications
            .iter()
            .filter(|application| application.fields.provider.is_none())
            .map(|application| found(&application.fields.pk, &application.raw))
            .collect();
        let sources = sources
            .iter()
            .map(|source| Found {
                pk: source.pk.clone(),
                settings: bodies::read(Object::Source(SourceApi::Plex), &source.raw, source.secret.as_ref(), name_of),
            })
            .collect();
        Ok(Survey { facts, providers, bare, sources })
    }

    /// The Plex sources. Needs `authentik_core.view_source` and `authentik_sources_plex.view_plexsource`.
    async fn plex_sources(&self) -> Result<Vec<SourceObject>> {
        let all = self.sources().await?;
        let plex = all.iter().filter(|source| source.api() == Some(SourceApi::Plex));
        let found = join_all(plex.map(|source| self.source(SourceApi::Plex, &source.slug))).await;
        let found: Vec<Option<SourceObject>> = found.into_iter().collect::<Result<_>>()?;
        Ok(found.into_iter().flatten().collect())
    }
}

/// The name of what has the key `pk`.
fn name_of(facts: &Facts, pk: &str) -> Option<String> {
    let flow = facts.flows.iter().find(|flow| flow.pk == pk).map(|flow| &flow.slug);
    let mapping = || facts.mappings.iter().find(|mapping| mapping.pk == pk).map(|mapping| &mapping.name);
    let key = || facts.keys.iter().find(|key| key.pk == pk).map(|key| &key.name);
    let provider = || facts.providers.iter().find(|provider| provider.pk == pk).map(|provider| &provider.name);
    flow.or_else(mapping).or_else(key).or_else(provider).cloned()
}

/// What was read, or nothing when the right to see it is missing.
fn unless_forbidden<T: Default>(outcome: Result<T>) -> Result<T> {
    match outcome {
        Err(error) if error.is_missing_right() => Ok(T::default()),
        other => other,
    }
}

/// Likewise, with a sentence that says so.
fn noted<T: Default>(outcome: Result<T>, gaps: &mut Vec<String>, what: &str, right: &str) -> Result<T> {
    if outcome.as_ref().is_err_and(ApiError::is_missing_right) {
        gaps.push(format!("{what} cannot be seen: the token lacks the right {right}."));
    }
    unless_forbidden(outcome)
}
