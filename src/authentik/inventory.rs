//! What plans of many applications need to know, without a look for each: shared lists once, applications and providers page by page.
//!
//! A provider as the server sends it is some kilobytes, so only one page of them is held at a time: [`Client::each_existing`] hands over
//! one application after another, with all that belongs to it.

use std::collections::{HashMap, HashSet};

use futures_util::stream::{self, StreamExt as _};
use serde_json::{Map, Value};
use url::Url;

use super::applications::{Application, ProviderKind};
use super::bindings::Binding;
use super::bodies::{self, Object};
use super::capabilities;
use super::error::Result;
use super::facts::{Gaps, unless_forbidden};
use super::found::{application_fact, binding_fact, flow_fact, group_fact, key_fact, kind_fact, mapping_fact, person, today};
use super::http::Client;
use super::paging::Pages;
use super::providers::Provider;
use super::text::clean;
use super::version::Version;
use super::wire::Raw;
use crate::setup::facts::{
    ApplicationFact, AroundSource, Binding as BindingFact, Capabilities, Existing, Facts, Found, OAUTH2_COMPONENT, ProviderFact,
};
use crate::setup::providers::Providers;

/// How many single look-ups are under way at once, for tokens that see no full list.
const AT_ONCE: usize = 16;

/// What applications and providers the server has, and more of those that have one of the wanted slugs.
#[derive(Debug, Default)]
pub struct Inventory {
    seen: Vec<Seen>,
    applications: Vec<ApplicationFact>,
    kinds: Vec<ProviderFact>,
    /// The providers of the applications, for tokens that may not see the list of kinds.
    used: Vec<ProviderFact>,
    kinds_are_seen: bool,
    bindings: HashMap<String, Vec<BindingFact>>,
    providers: Pages<Provider>,
    /// An application and a provider, which show what the server's version has.
    application: Option<Raw>,
    provider: Option<Raw>,
    gaps: Gaps,
}

/// A wanted application that exists.
#[derive(Debug)]
struct Seen {
    pk: String,
    slug: String,
    /// Its fields as text: a tenth of what they take as values, and there can be thousands.
    fields: Box<str>,
    provider: Option<String>,
    provider_name: String,
    component: String,
    bindings: Vec<BindingFact>,
}

impl Inventory {
    /// The slugs of the wanted applications that exist, as the server spells them.
    pub fn slugs(&self) -> impl Iterator<Item = &str> {
        self.seen.iter().map(|seen| seen.slug.as_str())
    }

    fn add(&mut self, application: &Application, wanted: &HashSet<String>) {
        let fields = &application.fields;
        self.application.get_or_insert_with(|| application.raw.clone());
        self.applications.push(application_fact(application));
        if !self.kinds_are_seen && !fields.provider_obj.pk.is_empty() {
            self.used.push(kind_fact(&fields.provider_obj));
        }
        if wanted.contains(&fields.slug.to_lowercase()) {
            self.seen.push(Seen::new(application));
        }
    }

    /// Puts what every plan needs to know into `facts`.
    fn complete(&mut self, facts: &mut Facts) {
        if let Some(application) = &self.application {
            capabilities::seen_in_application(&mut facts.capabilities, application);
        }
        if let Some(provider) = &self.provider {
            capabilities::seen_in_provider(&mut facts.capabilities, provider);
        }
        let components: HashMap<&str, &str> = self.kinds.iter().map(|kind| (kind.pk.as_str(), kind.component.as_str())).collect();
        for seen in &mut self.seen {
            if let Some(component) = seen.provider.as_deref().and_then(|pk| components.get(pk)) {
                (*component).clone_into(&mut seen.component);
            }
            seen.bindings = self.bindings.remove(&seen.pk).unwrap_or_default();
        }
        let mut known = HashSet::new();
        let all = std::mem::take(&mut self.kinds).into_iter().chain(std::mem::take(&mut self.used));
        facts.providers = all.filter(|kind| known.insert(kind.pk.clone())).collect();
        facts.applications = std::mem::take(&mut self.applications);
        for gap in self.gaps.0.drain(..) {
            if !facts.gaps.contains(&gap) {
                facts.gaps.push(gap);
            }
        }
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
            providers: Providers::default(),
            existing: Vec::new(),
            existing_source: None,
            around_source: AroundSource::default(),
            identification_stages: Vec::new(),
            refused_changes: Vec::new(),
            gaps: gaps.0,
        })
    }

    /// What applications and providers there are, and more of those that have one of the slugs in `wanted` (in lower case), which may
    /// become known while the server is asked.
    ///
    /// # Errors
    /// As [`Client::shared_facts`].
    pub async fn inventory(&self, wanted: impl Future<Output = HashSet<String>>) -> Result<Inventory> {
        let mut inventory = Inventory::default();
        let by_name: &[(&str, &str)] = &[("ordering", "name")];
        let firsts = Box::pin(async {
            futures_util::join!(
                self.pages::<Application>(&["core", "applications"], &[("superuser_full_list", "true"), ("ordering", "name")]),
                self.pages::<ProviderKind>(&["providers", "all"], by_name),
                self.pages::<Binding>(&["policies", "bindings"], &[("ordering", "order")]),
                self.pages::<Provider>(&["providers", "oauth2"], by_name),
            )
        });
        let ((applications, kinds, bindings, providers), wanted) = futures_util::join!(firsts, wanted);
        let gaps = &mut inventory.gaps;
        let mut applications = gaps.note(applications, "Applications", "authentik_core.view_application")?;
        // Without this right the kinds come from the applications, so its absence alone is no gap.
        inventory.kinds_are_seen = kinds.is_ok();
        let mut kinds = unless_forbidden(kinds)?;
        let mut bindings = gaps.note(bindings, "Bindings", "authentik_policies.view_policybinding")?;
        let mut providers = gaps.note(providers, "OAuth2 providers", "authentik_providers_oauth2.view_oauth2provider")?;
        inventory.provider = providers.ready().next().map(|provider| provider.raw.clone());
        let (mut all_kinds, mut all_bindings) = (Vec::new(), HashMap::<String, Vec<BindingFact>>::new());
        let rest = Box::pin(async {
            futures_util::join!(
                applications.rest(self, |page| {
                    for application in &page {
                        inventory.add(application, &wanted);
                    }
                    true
                }),
                kinds.rest(self, |page| {
                    all_kinds.extend(page.iter().filter(|kind| !kind.pk.is_empty()).map(kind_fact));
                    true
                }),
                bindings.rest(self, |page| {
                    for binding in page {
                        all_bindings.entry(binding.target.clone()).or_default().push(binding_fact(binding));
                    }
                    true
                }),
                // Whether they are needed is known only when the applications are; a round trip is worth more than a few pages.
                providers.read_ahead(self),
            )
        });
        let (applications, kinds, bindings, read_ahead) = rest.await;
        applications.and(kinds).and(bindings).and(read_ahead)?;
        inventory.kinds = all_kinds;
        inventory.bindings = all_bindings;
        inventory.providers = providers;
        Ok(inventory)
    }

    /// Asks for each slug in `wanted` (in lower case) that `inventory` does not hold: the list shows those who are no superusers only
    /// what they may open themselves.
    ///
    /// # Errors
    /// As [`Client::shared_facts`].
    pub async fn look_for_hidden(&self, inventory: &mut Inventory, wanted: &HashSet<String>) -> Result<()> {
        let known: HashSet<String> = inventory.applications.iter().map(|application| application.slug.to_lowercase()).collect();
        let missing: Vec<&String> = wanted.iter().filter(|slug| !known.contains(*slug)).collect();
        let mut found = stream::iter(missing).map(|slug| self.application(slug)).buffered(AT_ONCE);
        while let Some(found) = found.next().await {
            let found = inventory.gaps.note(found, "Applications", "authentik_core.view_application")?;
            if let Some(application) = found {
                inventory.add(&application, wanted);
            }
        }
        Ok(())
    }

    /// Adds every application and provider to `facts`, then hands over each wanted application that exists with its provider, in the
    /// order in which the server lists the providers.
    ///
    /// # Errors
    /// As [`Client::shared_facts`].
    pub async fn each_existing(
        &self,
        mut inventory: Inventory,
        facts: &mut Facts,
        mut take: impl FnMut(&mut Facts, Existing),
    ) -> Result<()> {
        inventory.complete(facts);
        let mut waiting: HashMap<String, Seen> = HashMap::new();
        let mut rest = Vec::new();
        for seen in inventory.seen {
            match &seen.provider {
                Some(pk) => drop(waiting.insert(pk.clone(), seen)),
                None => rest.push(seen),
            }
        }
        if !waiting.is_empty() {
            let read = inventory.providers.rest(self, |page| {
                for provider in page {
                    if let Some(seen) = waiting.remove(&provider.fields.pk) {
                        let existing = seen.existing(Some(&provider), facts);
                        take(facts, existing);
                    }
                }
                !waiting.is_empty()
            });
            read.await?;
        }
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
        let known = |(key, _): &(&String, &Value)| Object::Application.knows(key);
        let fields: Map<String, Value> =
            application.raw.0.iter().filter(known).map(|(key, value)| (key.clone(), value.clone())).collect();
        Self {
            pk: application.fields.pk.clone(),
            slug: application.fields.slug.clone(),
            fields: Value::Object(fields).to_string().into(),
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
        if let Some(pk) = self.provider.clone() {
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
        let raw = serde_json::from_str(&self.fields).map(Raw).unwrap_or_default();
        let name_of = |_: &str| Some(self.provider_name.clone());
        let settings = bodies::read(Object::Application, &raw, None, name_of);
        let application = Found { pk: self.pk, settings };
        Existing { application, provider: found, untouchable, bindings: self.bindings }
    }
}

/// The name of the flow, mapping or key `pk`.
pub(super) fn name_in(facts: &Facts, pk: &str) -> Option<String> {
    let flow = facts.flows.iter().find(|flow| flow.pk == pk).map(|flow| &flow.slug);
    let mapping = || facts.mappings.iter().find(|mapping| mapping.pk == pk).map(|mapping| &mapping.name);
    let key = || facts.keys.iter().find(|key| key.pk == pk).map(|key| &key.name);
    flow.or_else(mapping).or_else(key).cloned()
}
