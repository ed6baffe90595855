//! Gathers everything that a plan needs to know of the server, in one round of parallel requests.

use futures_util::future::{OptionFuture, join_all};
use url::Url;

use super::applications::{Application, with_slug};
use super::capabilities;
use super::error::Result;
use super::found::{Known, application_fact, flow_fact, group_fact, key_fact, mapping_fact, person, today};
use super::http::Client;
use super::version::Version;
use crate::catalog::template::SourceApi;
use crate::setup::facts::{AroundSource, Capabilities, Existing, Facts};

/// What is asked about beside the lists.
#[derive(Debug, Clone)]
pub struct Wanted<'a> {
    /// The slugs that the applications, or the source, are to have.
    pub slugs: &'a [&'a str],
    /// The kind of login source that is to be made, if it is none of the applications.
    pub source: Option<SourceApi>,
    /// The address that browsers and applications use.
    pub public: &'a Url,
    /// The version, if it is known from the anonymous probe.
    pub version: Option<Version>,
}

impl Client {
    /// Everything that a plan needs to know. One round; a second one only for the bindings of applications that exist.
    ///
    /// What the token may not see becomes a sentence in [`Facts::gaps`].
    ///
    /// # Errors
    /// When the token is refused, the server cannot be reached, or an answer cannot be read.
    pub async fn facts(&self, wanted: &Wanted<'_>) -> Result<Facts> {
        // Boxed, because a future holds all that it waits for.
        let lists = Box::pin(async {
            futures_util::join!(
                self.me(),
                async { if wanted.version.is_some() { Ok(wanted.version) } else { self.version().await } },
                self.flows(),
                self.scope_mappings(),
                self.signing_keys(),
                self.groups(),
                self.applications(),
                self.provider_kinds(),
                self.providers(),
            )
        });
        let by_slug = join_all(wanted.slugs.iter().filter(|_| wanted.source.is_none()).map(|slug| self.application(slug)));
        let for_source = OptionFuture::from(
            wanted.source.map(|api| self.source_answers(api, wanted.slugs.first().copied().unwrap_or_default())),
        );
        let (lists, by_slug, for_source) = futures_util::join!(lists, by_slug, for_source);
        let (me, version, flows, mappings, keys, groups, applications, kinds, providers) = lists;

        let mut gaps = Gaps::default();
        let flows = gaps.note(flows, "Flows", "authentik_flows.view_flow")?;
        let mappings = gaps.note(mappings, "Scope mappings", "authentik_providers_oauth2.view_scopemapping")?;
        let keys = gaps.note(keys, "Certificates", "authentik_crypto.view_certificatekeypair")?;
        let groups = gaps.note(groups, "Groups", "authentik_core.view_group")?;
        let mut applications = gaps.note(applications, "Applications", "authentik_core.view_application")?;
        for found in by_slug {
            // The list shows those who are no superusers only what they may open themselves.
            let found = gaps.note(found, "Applications", "authentik_core.view_application")?;
            applications.extend(found.filter(|found| applications.iter().all(|known| known.fields.pk != found.fields.pk)));
        }
        let providers = gaps.note(providers, "OAuth2 providers", "authentik_providers_oauth2.view_oauth2provider")?;
        // Without this right the kinds come from the applications, so its absence alone is no gap.
        let kinds = unless_forbidden(kinds)?;
        let known = Known {
            flows: &flows,
            mappings: &mappings,
            keys: &keys,
            applications: &applications,
            kinds: &kinds,
            providers: &providers,
        };

        let mut capabilities = Capabilities::expected(version?.unwrap_or(Version::OLDEST));
        if let Some(provider) = providers.first() {
            capabilities::seen_in_provider(&mut capabilities, &provider.raw);
        }
        if let Some(application) = applications.first() {
            capabilities::seen_in_application(&mut capabilities, &application.raw);
        }
        let existing = if wanted.source.is_some() { Vec::new() } else { self.existing(wanted.slugs, &known, &mut gaps).await? };
        let mut facts = Facts {
            capabilities,
            api_url: self.base().as_str().trim_end_matches('/').to_owned(),
            public_url: wanted.public.as_str().trim_end_matches('/').to_owned(),
            me: person(me?),
            providers: known.provider_facts().into_iter().collect(),
            existing,
            existing_source: None,
            identification_stages: Vec::new(),
            around_source: AroundSource::default(),
            groups: groups.into_iter().map(group_fact).collect(),
            applications: applications.iter().map(application_fact).collect(),
            keys: keys.iter().map(|key| key_fact(key, today())).collect(),
            mappings: mappings.into_iter().map(mapping_fact).collect(),
            flows: flows.into_iter().map(flow_fact).collect(),
            refused_changes: Vec::new(),
            gaps: gaps.0,
        };
        if let Some(answers) = for_source {
            answers.surroundings(&facts)?.put_into(&mut facts);
        }
        Ok(facts)
    }

    /// The applications that have one of `slugs`, each with its bindings.
    async fn existing(&self, slugs: &[&str], known: &Known<'_>, gaps: &mut Gaps) -> Result<Vec<Existing>> {
        let found: Vec<&Application> = slugs.iter().filter_map(|slug| with_slug(known.applications, slug)).collect();
        let bindings = join_all(found.iter().map(|application| self.bindings(&application.fields.pk))).await;
        let mut existing = Vec::with_capacity(found.len());
        for (application, bindings) in found.into_iter().zip(bindings) {
            let bindings = gaps.note(bindings, "Bindings", "authentik_policies.view_policybinding")?;
            existing.push(known.existing(application, bindings));
        }
        Ok(existing)
    }
}

/// What was read, or nothing when the right to see it is missing or this version has no such thing.
pub(super) fn unless_absent<T: Default>(outcome: Result<T>) -> Result<T> {
    match outcome {
        Err(error) if error.is_not_found() => Ok(T::default()),
        other => unless_forbidden(other),
    }
}

/// What was read, or nothing when the right to see it is missing.
pub(super) fn unless_forbidden<T: Default>(outcome: Result<T>) -> Result<T> {
    match outcome {
        Err(error) if error.is_missing_right() => Ok(T::default()),
        other => other,
    }
}

/// What may not be seen, one sentence each.
#[derive(Debug, Default)]
pub(super) struct Gaps(pub(super) Vec<String>);

impl Gaps {
    /// What was read, or nothing and a sentence when the right to see it is missing.
    pub(super) fn note<T: Default>(&mut self, outcome: Result<T>, what: &str, right: &str) -> Result<T> {
        if outcome.as_ref().is_err_and(super::ApiError::is_missing_right) {
            let gap = format!("{what} cannot be seen: the token lacks the right {right}.");
            if !self.0.contains(&gap) {
                self.0.push(gap);
            }
        }
        unless_forbidden(outcome)
    }
}
