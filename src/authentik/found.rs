//! From what the server sent to what a plan needs to know: names, kinds, days, and which objects may not be touched.

use std::time::{SystemTime, UNIX_EPOCH};

use super::applications::{Application, ProviderKind};
use super::bodies::{self, Object};
use super::brands::{Brand, for_host};
use super::certificates::{Certificate, KeyType};
use super::identification::IdentificationStage;
use super::providers::Provider;
use super::text::{clean, days_from_civil};
use super::users::User;
use crate::setup::facts::{
    ApplicationFact, Binding, Existing, Flow, Found, GroupFact, IdentificationStage as StageFact, Key, KeyKind, OAUTH2_COMPONENT,
    Person, ProviderFact, ScopeMapping,
};

/// The name of the certificate that authentik makes for itself on first start.
const OWN_CERTIFICATE: &str = "authentik Self-signed Certificate";

/// The lists, to find names and kinds in.
pub(super) struct Known<'a> {
    pub flows: &'a [super::flows::Flow],
    pub mappings: &'a [super::mappings::ScopeMapping],
    pub keys: &'a [Certificate],
    pub applications: &'a [Application],
    pub kinds: &'a [ProviderKind],
    pub providers: &'a [Provider],
}

impl Known<'_> {
    /// The name of what has the key `pk`.
    fn name_of(&self, pk: &str) -> Option<String> {
        let flow = self.flows.iter().find(|flow| flow.pk == pk).map(|flow| &flow.slug);
        let mapping = || self.mappings.iter().find(|mapping| mapping.pk == pk).map(|mapping| &mapping.name);
        let key = || self.keys.iter().find(|key| key.pk == pk).map(|key| &key.name);
        let provider = || self.providers.iter().find(|provider| provider.fields.pk == pk).map(|provider| &provider.fields.name);
        flow.or_else(mapping).or_else(key).or_else(provider).cloned()
    }

    /// The component of the provider `pk`: from the list of all kinds, else from the application that has it.
    fn component(&self, pk: &str) -> Option<&str> {
        let from_applications = self.applications.iter().map(|application| &application.fields.provider_obj);
        self.kinds.iter().chain(from_applications).find(|kind| kind.pk == pk).map(|kind| kind.component.as_str())
    }

    pub fn provider_facts(&self) -> Vec<ProviderFact> {
        let mut facts: Vec<ProviderFact> = Vec::new();
        let from_applications = self.applications.iter().map(|application| &application.fields.provider_obj);
        for kind in self.kinds.iter().chain(from_applications).filter(|kind| !kind.pk.is_empty()) {
            if facts.iter().all(|known| known.pk != kind.pk) {
                facts.push(kind_fact(kind));
            }
        }
        for provider in self.providers.iter().map(|provider| &provider.fields) {
            if facts.iter().all(|known| known.pk != provider.pk) {
                // Its kind is not known, so it counts as one that may not be changed.
                facts.push(ProviderFact {
                    pk: provider.pk.clone(),
                    name: provider.name.clone(),
                    component: String::new(),
                    application: provider.assigned_application_slug.clone(),
                });
            }
        }
        facts
    }

    pub fn existing(&self, application: &Application, bindings: Vec<super::bindings::Binding>) -> Existing {
        let kind = &application.fields.provider_obj;
        let name_of = |pk: &str| self.name_of(pk).or_else(|| (kind.pk == pk).then(|| kind.name.clone()));
        let (mut provider, mut untouchable) = (None, None);
        if let Some(pk) = &application.fields.provider {
            let name = clean(&kind.name);
            match self.component(pk).or(Some(kind.component.as_str()).filter(|component| !component.is_empty())) {
                Some(OAUTH2_COMPONENT) => match self.providers.iter().find(|provider| provider.fields.pk == *pk) {
                    Some(found) => {
                        let settings = bodies::read(Object::Provider, &found.raw, found.client_secret.as_ref(), name_of);
                        provider = Some(Found { pk: pk.clone(), settings });
                    }
                    None => untouchable = Some(format!("Its provider “{name}” cannot be seen with this token.")),
                },
                Some(_) => untouchable = Some(format!("Its provider “{name}” is of another kind than OAuth2/OpenID.")),
                None => untouchable = Some("It cannot be seen with this token what kind of provider it has.".to_owned()),
            }
        }
        Existing {
            application: Found {
                pk: application.fields.pk.clone(),
                settings: bodies::read(Object::Application, &application.raw, None, name_of),
            },
            provider,
            untouchable,
            bindings: bindings.into_iter().map(binding_fact).collect(),
        }
    }
}

/// Whose token it is.
pub(super) fn person(user: User) -> Person {
    Person { machine: !user.is_a_person(), superuser: user.is_superuser, pk: user.pk, username: user.username, name: user.name }
}

/// A provider, from what the list of all kinds says.
pub(super) fn kind_fact(kind: &ProviderKind) -> ProviderFact {
    ProviderFact {
        pk: kind.pk.clone(),
        name: kind.name.clone(),
        component: kind.component.clone(),
        application: kind.assigned_application_slug.clone(),
    }
}

/// A binding.
pub(super) fn binding_fact(binding: super::bindings::Binding) -> Binding {
    let super::bindings::Binding { pk, group, user, policy, order, .. } = binding;
    Binding { pk, group, user, policy, order }
}

/// A flow.
pub(super) fn flow_fact(flow: super::flows::Flow) -> Flow {
    Flow { pk: flow.pk, slug: flow.slug, name: flow.name, designation: flow.designation.as_str().to_owned() }
}

/// A scope mapping.
pub(super) fn mapping_fact(mapping: super::mappings::ScopeMapping) -> ScopeMapping {
    ScopeMapping {
        pk: mapping.pk,
        managed: mapping.managed,
        name: mapping.name,
        scope: mapping.scope_name,
        expression: mapping.expression,
    }
}

/// A group.
pub(super) fn group_fact(group: super::groups::Group) -> GroupFact {
    GroupFact { pk: group.pk, name: group.name, members: group.members }
}

/// An application; whether something limits who may open it is told by the bindings of all, where they can be seen.
pub(super) fn application_fact(application: &Application) -> ApplicationFact {
    let fields = &application.fields;
    ApplicationFact {
        pk: fields.pk.clone(),
        slug: fields.slug.clone(),
        name: fields.name.clone(),
        provider: fields.provider.clone(),
        launch_url: if fields.meta_launch_url.is_empty() { fields.launch_url.clone() } else { fields.meta_launch_url.clone() },
        bound: None,
    }
}

/// A certificate, with the days that it has left.
pub(super) fn key_fact(key: &Certificate, today: Option<i64>) -> Key {
    let expires = key.expiry.as_deref().and_then(day_of);
    Key {
        pk: key.pk.clone(),
        name: key.name.clone(),
        kind: match &key.key_type {
            KeyType::Rsa => KeyKind::Rsa,
            KeyType::Ec => KeyKind::Ec,
            other => KeyKind::Other(other.as_str().to_owned()),
        },
        has_private_key: key.private_key_available,
        days_left: expires.zip(today).map(|(expires, today)| expires - today),
        managed: key.managed.is_some() || key.name == OWN_CERTIFICATE,
    }
}

/// The stages, with those in the login flow of the brand that answers at the public address marked.
pub(super) fn stage_facts(stages: Vec<IdentificationStage>, brands: &[Brand], flows: &[Flow], host: &str) -> Vec<StageFact> {
    let brand = for_host(brands, host);
    // A brand without a flow of its own, or one that cannot be seen: the default flow signs people in.
    let flow = brand
        .and_then(|brand| brand.flow_authentication.clone())
        .or_else(|| flows.iter().find(|flow| flow.slug == "default-authentication-flow").map(|flow| flow.pk.clone()));
    stages
        .into_iter()
        .map(|stage| StageFact {
            in_login_flow: flow.as_ref().is_some_and(|flow| stage.flow_set.iter().any(|in_flow| in_flow.pk == *flow)),
            pk: stage.pk,
            name: stage.name,
            sources: stage.sources,
            user_fields: stage.user_fields.into(),
        })
        .collect()
}

/// Days since 1970, by this machine's clock.
pub(super) fn today() -> Option<i64> {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_secs();
    i64::try_from(seconds / 86_400).ok()
}

/// Days since 1970 of a date in RFC 3339's form.
fn day_of(date: &str) -> Option<i64> {
    let mut parts = date.get(..10)?.split('-').map(str::parse::<i64>);
    let (year, month, day) = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?);
    ((1..=12).contains(&month) && (1..=31).contains(&day)).then(|| days_from_civil(year, month, day))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_from_1970() {
        assert_eq!(day_of("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(day_of("2027-11-22T04:04:47Z"), Some(21_144));
        assert_eq!(day_of("soon"), None);
        assert_eq!(day_of("2027-13-01"), None);
    }
}
