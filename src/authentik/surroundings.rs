//! What a login source needs to know beside the lists: whether it exists, which login pages there are, and what it can use again.

use std::collections::HashSet;

use url::Url;

use super::bindings::Binding;
use super::bodies::{self, Object};
use super::brands::Brand;
use super::error::Result;
use super::extras::{Listed, StageBinding, endpoint};
use super::facts::{Gaps, unless_absent, unless_forbidden};
use super::found::stage_facts;
use super::http::Client;
use super::identification::IdentificationStage;
use super::inventory::name_in;
use super::sources::{Source, SourceObject};
use super::text::same;
use crate::catalog::template::SourceApi;
use crate::setup::extra::ExtraKind;
use crate::setup::facts::{AroundSource, Facts, Found, IdentificationStage as StageFact, Named, Pair, Scripted};

/// What a server has of and around one login source.
#[derive(Debug, Clone)]
pub struct Surroundings {
    existing: Option<Found>,
    stages: Vec<StageFact>,
    around: AroundSource,
    /// What a binding limits, by primary key; none where bindings cannot be seen.
    limited: Option<HashSet<String>>,
    gaps: Vec<String>,
}

impl Surroundings {
    /// Completes facts with them, so that a plan for this source can be made.
    pub fn put_into(self, facts: &mut Facts) {
        for application in &mut facts.applications {
            application.bound = self.limited.as_ref().map(|limited| limited.contains(&application.pk));
        }
        facts.existing_source = self.existing;
        facts.identification_stages = self.stages;
        facts.around_source = self.around;
        for gap in self.gaps {
            if !facts.gaps.contains(&gap) {
                facts.gaps.push(gap);
            }
        }
    }
}

impl Client {
    /// What the server has of and around the login source of this kind with this slug. `facts` are those of [`Client::shared_facts`].
    ///
    /// What the token may not see becomes a gap.
    ///
    /// # Errors
    /// When the token is refused, the server cannot be reached, or an answer cannot be read.
    pub async fn surroundings(&self, api: SourceApi, slug: &str, facts: &Facts) -> Result<Surroundings> {
        Box::pin(self.source_answers(api, slug)).await.surroundings(facts)
    }

    /// The same as the server sends it.
    pub(super) async fn source_answers(&self, api: SourceApi, slug: &str) -> SourceAnswers {
        let (source, all, brands, stages, bindings, around) = futures_util::join!(
            self.source(api, slug),
            self.sources(),
            self.brands(),
            self.identification_stages(),
            self.all_bindings(),
            Box::pin(self.around(api)),
        );
        let spelled = all.iter().flatten().find(|other| same(&other.slug, slug));
        let mut around = around;
        let source = match (source, spelled) {
            // Slugs differ in case only to a computer.
            (Ok(None), Some(spelled)) if spelled.api() == Some(api) => self.source(api, &spelled.slug).await,
            (source, Some(other)) if other.api() != Some(api) => {
                around.other_kind = Some(other.clone());
                source
            }
            (source, _) => source,
        };
        SourceAnswers { api, source, brands, stages, bindings, around }
    }

    /// What surrounds a source. Only some templates need it, so a right that is missing here is said by the plan.
    async fn around(&self, api: SourceApi) -> Around {
        let (stages, certificates, policies, mappings, stage_bindings) = futures_util::join!(
            self.listed("stages/all", &[("ordering", "name")]),
            self.listed(endpoint(ExtraKind::Certificate), &[("has_key", "false"), ("include_details", "false")]),
            self.listed(endpoint(ExtraKind::Policy), &[("ordering", "name")]),
            self.listed(endpoint(ExtraKind::SourceMapping(api)), &[("ordering", "name")]),
            self.stage_bindings(),
        );
        Around { other_kind: None, stages, certificates, policies, mappings, stage_bindings }
    }
}

/// What a login source needs to know beside the lists.
pub(super) struct SourceAnswers {
    api: SourceApi,
    source: Result<Option<SourceObject>>,
    brands: Result<Vec<Brand>>,
    stages: Result<Vec<IdentificationStage>>,
    bindings: Result<Vec<Binding>>,
    around: Around,
}

impl SourceAnswers {
    /// With names from `facts`.
    pub(super) fn surroundings(self, facts: &Facts) -> Result<Surroundings> {
        let mut gaps = Gaps::default();
        let (what, right) = view(self.api);
        let source = gaps.note(self.source, what, right)?;
        let brands = gaps.note(self.brands, "Brands", "authentik_brands.view_brand")?;
        let stages =
            gaps.note(self.stages, "Identification stages", "authentik_stages_identification.view_identificationstage")?;
        let bindings = unless_forbidden(self.bindings.map(Some))?;
        let public = Url::parse(&facts.public_url).ok();
        let host = public.as_ref().and_then(Url::host_str).unwrap_or_default();
        let limit = |binding: &Binding| binding.enabled.then(|| binding.target.clone());
        let around = self.around.gathered(bindings.as_deref().unwrap_or_default())?;
        let existing = source.map(|source| {
            let certificates = around.certificates.iter().map(|one| (&one.pk, &one.name));
            let own: Vec<(&String, &String)> =
                certificates.chain(around.mappings.iter().map(|one| (&one.pk, &one.name))).collect();
            let name_of = |pk: &str| {
                name_in(facts, pk).or_else(|| own.iter().find(|(known, _)| *known == pk).map(|(_, name)| (*name).clone()))
            };
            let settings = bodies::read(Object::Source(self.api), &source.raw, source.secret.as_ref(), name_of);
            Found { pk: source.pk, settings }
        });
        Ok(Surroundings {
            existing,
            stages: stage_facts(stages, &brands, &facts.flows, host),
            around,
            limited: bindings.as_ref().map(|bindings| bindings.iter().filter_map(limit).collect()),
            gaps: gaps.0,
        })
    }
}

/// What surrounds a source.
struct Around {
    other_kind: Option<Source>,
    stages: Result<Vec<Listed>>,
    certificates: Result<Vec<Listed>>,
    policies: Result<Vec<Listed>>,
    mappings: Result<Vec<Listed>>,
    stage_bindings: Result<Vec<StageBinding>>,
}

impl Around {
    fn gathered(self, bindings: &[Binding]) -> Result<AroundSource> {
        let named = |found: Result<Vec<Listed>>| -> Result<Vec<Named>> {
            Ok(unless_absent(found)?.into_iter().map(|one| Named { pk: one.pk, name: one.name }).collect())
        };
        let scripted = |found: Result<Vec<Listed>>| -> Result<Vec<Scripted>> {
            let found = unless_absent(found)?.into_iter();
            Ok(found.map(|one| Scripted { pk: one.pk, name: one.name, expression: one.expression }).collect())
        };
        let stage_bindings = unless_absent(self.stage_bindings)?.into_iter();
        Ok(AroundSource {
            other_kind: self.other_kind.map(|other| (other.verbose_name, other.name)),
            stages: named(self.stages)?,
            certificates: named(self.certificates)?,
            policies: scripted(self.policies)?,
            mappings: scripted(self.mappings)?,
            stage_bindings: stage_bindings.map(|one| Pair { pk: one.pk, target: one.target, bound: one.stage }).collect(),
            policy_bindings: bindings
                .iter()
                .filter_map(|binding| {
                    let bound = binding.policy.clone()?;
                    Some(Pair { pk: binding.pk.clone(), target: binding.target.clone(), bound })
                })
                .collect(),
        })
    }
}

/// What a kind of source is called, and the right to see it.
const fn view(api: SourceApi) -> (&'static str, &'static str) {
    match api {
        SourceApi::Oauth => ("OAuth sources", "authentik_sources_oauth.view_oauthsource"),
        SourceApi::Plex => ("Plex sources", "authentik_sources_plex.view_plexsource"),
        SourceApi::Saml => ("SAML sources", "authentik_sources_saml.view_samlsource"),
        SourceApi::Scim => ("SCIM sources", "authentik_sources_scim.view_scimsource"),
        SourceApi::Telegram => ("Telegram sources", "authentik_sources_telegram.view_telegramsource"),
    }
}
