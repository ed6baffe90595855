//! What plans of many applications need to know, without a look for each: shared lists once, applications and providers page by page.
//!
//! A provider as the server sends it is some kilobytes, so only one page of them is held at a time: [`Client::each_existing`] hands over
//! one application after another, with all that belongs to it.

use std::collections::{HashMap, HashSet};

use futures_util::stream::{self, StreamExt as _};
use url::Url;

use super::applications::{Application, ProviderKind};
use super::bindings::Binding;
use super::bodies::{self, Object};
use super::capabilities;
use super::error::Result;
use super::facts::{Gaps, unless_forbidden};
use super::found::{application_fact, binding_fact, flow_fact, group_fact, key_fact, kind_fact, mapping_fact, person, today};
use super::http::Client;
use super::providers::Provider;
use super::text::clean;
use super::version::Version;
use crate::setup::facts::{Binding as BindingFact, Capabilities, Existing, Facts, Found, OAUTH2_COMPONENT};
use crate::setup::setting::Field;

/// How many single look-ups are under way at once, for tokens that see no full list.
const AT_ONCE: usize = 16;

/// What the wanted slugs stand for on the server, but for the providers.
#[derive(Debug, Default)]
pub struct Inventory {
    seen: Vec<Seen>,
}

/// A wanted application that exists.
#[derive(Debug)]
struct Seen {
    found: Found,
    provider: Option<String>,
    provider_name: String,
    component: String,
    bindings: Vec<BindingFact>,
}

impl Inventory {
    /// The slugs of the wanted applications that exist, as the server spells them.
    pub fn slugs(&self) -> impl Iterator<Item = &str> {
        self.seen.iter().filter_map(|seen| seen.found.text(Field::Slug))
    }
}

impl Client {
    /// What all plans share: whose token it is, flows, mappings, keys and groups. Applications and providers are not in it yet.
    ///
    /// What the token may not see becomes a sentence in [`Facts::gaps`].
    ///
    /// # Errors
    /// When the token is refused, the server cannot be reached, or an answer cannot be read.
    pub async fn shared_facts(&self, public: &Url, known: Option<Version>) -> Result<Facts> {
        // Boxed, because a future holds all that it waits for.
        let lists = Box::pin(async {
            futures_util::join!(
                self.me(),
                async { if known.is_some() { Ok(known) } else { self.version().await } },
                self.flows(),
                self.scope_mappings(),
                self.signing_keys(),
                self.groups(),
            )
        });
        let (me, version, flows, mappings, keys, groups) = lists.await;
        let mut gaps = Gaps::default();
        let flows = gaps.note(flows, "Flows", "authentik_flows.view_flow")?;
        let mappings = gaps.note(mappings, "Scope mappings", "authentik_providers_oauth2.view_scopemapping")?;
        let keys = gaps.note(keys, "Certificates", "authentik_crypto.view_certificatekeypair")?;
        let groups = gaps.note(groups, "Groups", "authentik_core.view_group")?;
        Ok(Facts {
            capabilities: Capabilities::expected(version?.unwrap_or(Version::OLDEST)),
            api_url: self.base().as_str().trim_end_matches('/').to_owned(),
            public_url: public.as_str().trim_end_matches('/').to_owned(),
            me: person(me?),
            flows: flows.into_iter().map(flow_fact).collect(),
            mappings: mappings.into_iter().map(mapping_fact).collect(),
            keys: keys.iter().map(|key| key_fact(key, today())).collect(),
            groups: groups.into_iter().map(group_fact).collect(),
            applications: Vec::new(),
            providers: Vec::new(),
            existing: Vec::new(),
            existing_source: None,
            identification_stages: Vec::new(),
            gaps: gaps.0,
        })
    }

    /// Adds every application and provider to `facts`, and remembers more of the applications that have one of the slugs in `wanted`
    /// (in lower case).
    ///
    /// # Errors
    /// As [`Client::shared_facts`].
    pub async fn inventory(&self, facts: &mut Facts, wanted: &HashSet<String>) -> Result<Inventory> {
        let mut gaps = Gaps(std::mem::take(&mut facts.gaps));
        let (mut seen, mut in_list, mut used) = (Vec::new(), Vec::new(), Vec::new());
        let mut seen_capabilities: Option<Capabilities> = None;
        let expected = facts.capabilities.clone();
        let mut kinds: Vec<ProviderKind> = Vec::new();
        let mut take = |application: Application, in_list: &mut Vec<_>, seen: &mut Vec<Seen>| {
            seen_capabilities.get_or_insert_with(|| {
                let mut capabilities = expected.clone();
                capabilities::seen_in_application(&mut capabilities, &application.raw);
                capabilities
            });
            in_list.push(application_fact(&application, None));
            used.push(application.fields.provider_obj.clone());
            if wanted.contains(&application.fields.slug.to_lowercase()) {
                seen.push(Seen::new(&application));
            }
        };
        let full = [("superuser_full_list", "true"), ("ordering", "name")];
        let (applications, kinds_read) = futures_util::join!(
            self.each_page::<Application>(&["core", "applications"], &full, |page| {
                page.into_iter().for_each(|application| take(application, &mut in_list, &mut seen));
                true
            }),
            self.each_page::<ProviderKind>(&["providers", "all"], &[("ordering", "name")], |page| {
                kinds.extend(page);
                true
            }),
        );
        gaps.note(applications, "Applications", "authentik_core.view_application")?;
        // Without this right the kinds come from the applications, so its absence alone is no gap.
        unless_forbidden(kinds_read)?;
        if !facts.me.superuser {
            // The list shows those who are no superusers only what they may open themselves.
            let known: HashSet<String> = in_list.iter().map(|application| application.slug.to_lowercase()).collect();
            let missing: Vec<&String> = wanted.iter().filter(|slug| !known.contains(*slug)).collect();
            let mut found = stream::iter(missing).map(|slug| self.application(slug)).buffered(AT_ONCE);
            while let Some(found) = found.next().await {
                if let Some(application) = gaps.note(found, "Applications", "authentik_core.view_application")? {
                    take(application, &mut in_list, &mut seen);
                }
            }
        }
        facts.applications = in_list;
        if let Some(capabilities) = seen_capabilities {
            facts.capabilities = capabilities;
        }
        let mut pks = HashSet::new();
        for kind in kinds.iter().chain(&used).filter(|kind| !kind.pk.is_empty()) {
            if pks.insert(kind.pk.as_str()) {
                facts.providers.push(kind_fact(kind));
            }
        }
        let components: HashMap<&str, &str> = kinds.iter().map(|kind| (kind.pk.as_str(), kind.component.as_str())).collect();
        for seen in &mut seen {
            if let Some(component) = seen.provider.as_deref().and_then(|pk| components.get(pk)) {
                (*component).clone_into(&mut seen.component);
            }
        }
        let mut inventory = Inventory { seen };
        gaps.note(self.add_bindings(&mut inventory).await, "Bindings", "authentik_policies.view_policybinding")?;
        facts.gaps = gaps.0;
        Ok(inventory)
    }

    async fn add_bindings(&self, inventory: &mut Inventory) -> Result<()> {
        let mut places: HashMap<String, usize> =
            inventory.seen.iter().enumerate().map(|(place, seen)| (seen.found.pk.clone(), place)).collect();
        if places.is_empty() {
            return Ok(());
        }
        self.each_page::<Binding>(&["policies", "bindings"], &[("ordering", "order")], |page| {
            for binding in page {
                if let Some(place) = places.get_mut(&binding.target) {
                    inventory.seen[*place].bindings.push(binding_fact(binding));
                }
            }
            true
        })
        .await
    }

    /// Hands over each application of `inventory` with its provider, in the order in which the server lists the providers. What the
    /// server's providers show of its version is added to `facts` before the first.
    ///
    /// # Errors
    /// As [`Client::shared_facts`].
    pub async fn each_existing(
        &self,
        inventory: Inventory,
        facts: &mut Facts,
        mut take: impl FnMut(&mut Facts, Existing),
    ) -> Result<()> {
        let mut waiting: HashMap<String, Seen> = HashMap::new();
        let mut rest = Vec::new();
        for seen in inventory.seen {
            match &seen.provider {
                Some(pk) => drop(waiting.insert(pk.clone(), seen)),
                None => rest.push(seen),
            }
        }
        let (mut gaps, mut first) = (Gaps(std::mem::take(&mut facts.gaps)), true);
        let read = self.each_page::<Provider>(&["providers", "oauth2"], &[("ordering", "name")], |page| {
            if let Some(provider) = page.first().filter(|_| std::mem::take(&mut first)) {
                capabilities::seen_in_provider(&mut facts.capabilities, &provider.raw);
            }
            for provider in page {
                if let Some(seen) = waiting.remove(&provider.fields.pk) {
                    let existing = seen.existing(Some(&provider), facts);
                    take(facts, existing);
                }
            }
            !waiting.is_empty()
        });
        gaps.note(read.await, "OAuth2 providers", "authentik_providers_oauth2.view_oauth2provider")?;
        facts.gaps = gaps.0;
        for seen in waiting.into_values().chain(rest) {
            let existing = seen.existing(None, facts);
            take(facts, existing);
        }
        Ok(())
    }
}

impl Seen {
    fn new(application: &Application) -> Self {
        let kind = &application.fields.provider_obj;
        let name_of = |pk: &str| (kind.pk == pk).then(|| kind.name.clone());
        Self {
            found: Found {
                pk: application.fields.pk.clone(),
                settings: bodies::read(Object::Application, &application.raw, None, name_of),
            },
            provider: application.fields.provider.clone(),
            provider_name: kind.name.clone(),
            component: kind.component.clone(),
            bindings: Vec::new(),
        }
    }

    /// The application as plans see it. Only a provider that is OAuth2/OpenID for sure may be changed.
    fn existing(self, provider: Option<&Provider>, facts: &Facts) -> Existing {
        let name = clean(&self.provider_name);
        let (mut found, mut untouchable) = (None, None);
        if let Some(pk) = self.provider {
            match (self.component.as_str(), provider) {
                (OAUTH2_COMPONENT, Some(provider)) => {
                    let name_of = |pk: &str| name_in(facts, pk);
                    let settings = bodies::read(Object::Provider, &provider.raw, provider.client_secret.as_ref(), name_of);
                    found = Some(Found { pk, settings });
                }
                (OAUTH2_COMPONENT, None) => untouchable = Some(format!("Its provider “{name}” cannot be seen with this token.")),
                ("", _) => untouchable = Some("It cannot be seen with this token what kind of provider it has.".to_owned()),
                _ => untouchable = Some(format!("Its provider “{name}” is of another kind than OAuth2/OpenID.")),
            }
        }
        Existing { application: self.found, provider: found, untouchable, bindings: self.bindings }
    }
}

/// The name of the flow, mapping or key `pk`.
fn name_in(facts: &Facts, pk: &str) -> Option<String> {
    let flow = facts.flows.iter().find(|flow| flow.pk == pk).map(|flow| &flow.slug);
    let mapping = || facts.mappings.iter().find(|mapping| mapping.pk == pk).map(|mapping| &mapping.name);
    let key = || facts.keys.iter().find(|key| key.pk == pk).map(|key| &key.name);
    flow.or_else(mapping).or_else(key).cloned()
}
