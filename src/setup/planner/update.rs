//! Changing what exists: adds, never removes, and asks for the slug where a change can lock people out.

use super::Builder;
use crate::catalog::template::{Level, Part};
use crate::setup::answers::Options;
use crate::setup::facts::{Existing, Found, KeyKind, ScopeMapping};
use crate::setup::plan::{Action, Bind, Confirmation};
use crate::setup::setting::{Change, Field, RedirectEntry, Ref, Setting, SettingValue, Settings};

/// The handle of a provider that is made for an application without one.
const PROVIDER_HANDLE: &str = "provider";

impl Builder<'_> {
    pub(super) fn plan_update(
        &mut self,
        part: &Part,
        name: &str,
        existing: &Existing,
        provider: Settings,
        application: &Settings,
        bindings: Vec<Bind>,
    ) {
        let slug = existing.application.text(Field::Slug).unwrap_or_default().to_owned();
        let existing_name = existing.application.text(Field::Name).unwrap_or(name).to_owned();
        let mut application_changes = self.application_changes(&existing.application, application);
        if let Some(found) = &existing.provider {
            let provider_name = found.text(Field::Name).unwrap_or(&existing_name).to_owned();
            let changes = self.provider_changes(part, found, provider);
            self.confirm_sensitive(&slug, &existing_name, &changes);
            if !changes.is_empty() {
                self.actions.push(Action::UpdateProvider { pk: found.pk.clone(), name: provider_name, changes });
            }
        } else {
            let provider_name = provider.get(&Field::Name).map(|setting| setting.value.lines().join(" ")).unwrap_or_default();
            let reference = Self::new_ref(PROVIDER_HANDLE, &provider_name);
            self.actions.push(Action::CreateProvider { handle: PROVIDER_HANDLE.into(), part: part.id.clone(), provider });
            application_changes.push(Change {
                field: Field::Provider,
                from: SettingValue::Null,
                to: SettingValue::Ref(reference),
                why: Some("the application has no provider yet".into()),
            });
        }
        if !application_changes.is_empty() {
            self.actions.push(Action::UpdateApplication { slug, name: existing_name.clone(), changes: application_changes });
        }
        self.add_missing_bindings(existing, &existing_name, bindings);
    }

    /// What the template demands and the existing provider does not have. Lifetimes and flows that somebody set stay as they are.
    fn provider_changes(&mut self, part: &Part, found: &Found, wanted: Settings) -> Vec<Change> {
        let mut changes = Vec::new();
        for (field, setting) in wanted {
            let Some(current) = found.settings.get(&field) else { continue };
            if !self.wants_change(field, part, current) {
                continue;
            }
            let to = self.joined(part, field, current, setting.value);
            if to != *current {
                changes.push(Change { field, from: current.clone(), to, why: setting.why });
            }
        }
        changes
    }

    fn wants_change(&self, field: Field, part: &Part, current: &SettingValue) -> bool {
        let options = &self.answers.options;
        match field {
            Field::Name => options.provider_name.is_some(),
            Field::ClientId | Field::ClientSecret | Field::RefreshThreshold | Field::AuthenticationFlow => false,
            Field::SubjectMode => {
                let inert = self.engine.switch(&part.provider.sub_mode.inert, &self.scope);
                options.sub_mode.is_some() || !inert.unwrap_or(false)
            }
            Field::CodeLifetime => options.code_lifetime.is_some() || part.provider.lifetimes.code.is_some(),
            Field::AccessLifetime => options.access_lifetime.is_some() || part.provider.lifetimes.access.is_some(),
            Field::RefreshLifetime => options.refresh_lifetime.is_some() || part.provider.lifetimes.refresh.is_some(),
            Field::AuthorizationFlow => options.authorization_flow.is_some(),
            Field::InvalidationFlow => options.invalidation_flow.is_some() || *current == SettingValue::Null,
            Field::SigningKey => options.signing_key.is_some() || !self.signs_rs256(current),
            _ => true,
        }
    }

    fn signs_rs256(&self, current: &SettingValue) -> bool {
        let SettingValue::Ref(Ref::Existing { pk, .. }) = current else { return false };
        // A key that this token may not see is left alone.
        self.facts.keys.iter().find(|key| key.pk == *pk).is_none_or(|key| key.kind == KeyKind::Rsa && key.has_private_key)
    }

    /// Lists grow and never shrink, but for stand-ins of akwiz's own: they go once the real address is known, and never come back.
    fn joined(&mut self, part: &Part, field: Field, current: &SettingValue, wanted: SettingValue) -> SettingValue {
        match (current, wanted) {
            (SettingValue::Redirects(old), SettingValue::Redirects(mut new)) => {
                let stand_ins = self.stand_ins(part);
                let is_stand_in = |entry: &RedirectEntry| stand_ins.contains(&entry.redirect.uri);
                let is_known = new.iter().any(|entry| !is_stand_in(entry));
                if !old.is_empty() {
                    new.retain(|entry| !is_stand_in(entry));
                }
                let old: Vec<RedirectEntry> = old.iter().filter(|entry| !(is_known && is_stand_in(entry))).cloned().collect();
                let extra: Vec<String> =
                    old.iter().filter(|entry| !new.contains(entry)).map(|entry| entry.redirect.uri.clone()).collect();
                self.note_kept(field, &extra);
                SettingValue::Redirects(union(&old, new))
            }
            (SettingValue::Refs(old), SettingValue::Refs(new)) => {
                let extra: Vec<String> = old
                    .iter()
                    .filter(|reference| !new.contains(reference))
                    .map(|reference| reference.name().to_owned())
                    .collect();
                self.note_kept(field, &extra);
                if field == Field::ScopeMappings {
                    self.note_replaced(part, old, &new);
                }
                SettingValue::Refs(union(old, new))
            }
            (SettingValue::Words(old), SettingValue::Words(new)) => SettingValue::Words(union(old, new)),
            (_, wanted) => wanted,
        }
    }

    /// The stand-ins for redirect URIs that are known only after the first pass. Nobody can own their host (`.invalid`).
    fn stand_ins(&self, part: &Part) -> Vec<String> {
        let stand_ins = part.provider.redirects.iter().filter_map(|redirect| redirect.until.as_ref());
        stand_ins.filter_map(|until| self.engine.plain(until, &self.scope).ok()).collect()
    }

    fn note_kept(&mut self, field: Field, extra: &[String]) {
        if !extra.is_empty() {
            self.notice(Level::Info, format!("{} that are there besides stay: {}.", field.label(), extra.join(", ")));
        }
    }

    /// A mapping that another one stands in for is not taken away, and authentik merges what both give.
    fn note_replaced(&mut self, part: &Part, old: &[Ref], new: &[Ref]) {
        let wanted = self.scopes(&part.provider);
        let facts = self.facts;
        let kept = old.iter().filter(|reference| !new.contains(reference)).filter_map(|reference| match reference {
            Ref::Existing { pk, .. } => facts.mappings.iter().find(|mapping| mapping.pk == *pk),
            Ref::New { .. } => None,
        });
        let of_wanted = |mapping: &&ScopeMapping| wanted.iter().any(|scope| mapping.managed.as_deref() == Some(scope.managed()));
        for mapping in kept.filter(of_wanted) {
            self.notice(
                Level::Warning,
                format!(
                    "\"{}\" stays among the provider's scopes beside the mapping that is to take its place, and authentik merges what both \
                     give, in no certain order. Take it off the provider in authentik, under Advanced protocol settings > Scopes.",
                    mapping.name
                ),
            );
        }
    }

    pub(super) fn confirm_sensitive(&mut self, slug: &str, name: &str, changes: &[Change]) {
        let labels: Vec<&str> =
            changes.iter().filter(|change| change.field.is_sensitive()).map(|change| change.field.label()).collect();
        if !labels.is_empty() {
            self.confirmations.push(Confirmation::Slug {
                slug: slug.to_owned(),
                why: format!(
                    "\"{name}\" exists and may be in use. A change of {} can lock people out or give them second accounts.",
                    labels.join(" and ")
                ),
            });
        }
    }

    /// What was decided for the application, and what it lacks. Texts that somebody set stay as they are.
    fn application_changes(&self, found: &Found, wanted: &Settings) -> Vec<Change> {
        let Options { name, launch_url, group, description, icon, .. } = &self.answers.options;
        let mut changes = Vec::new();
        for (field, Setting { value, why }) in wanted {
            let Some(current) = found.settings.get(field) else { continue };
            let decided = match field {
                Field::Name => name.is_some(),
                Field::LaunchUrl => launch_url.is_some(),
                Field::Group => group.is_some(),
                Field::Description => description.is_some(),
                Field::Icon => icon.is_some(),
                // The slug is how it was found; another one would be another application.
                Field::Slug => false,
                _ => true,
            };
            let empty = matches!(current, SettingValue::Null) || matches!(current, SettingValue::Text(text) if text.is_empty());
            if (decided || (empty && *field != Field::Slug)) && value != current && !(empty && is_empty(value)) {
                changes.push(Change { field: *field, from: current.clone(), to: value.clone(), why: why.clone() });
            }
        }
        changes
    }

    fn add_missing_bindings(&mut self, existing: &Existing, name: &str, wanted: Vec<Bind>) {
        let has = |bind: &Bind| {
            existing.bindings.iter().any(|binding| match bind {
                Bind::Group(Ref::Existing { pk, .. }) => binding.group.as_ref() == Some(pk),
                Bind::Person(Ref::Existing { pk, .. }) => binding.user.as_ref() == Some(pk),
                _ => false,
            })
        };
        let missing: Vec<Bind> = wanted.into_iter().filter(|bind| !has(bind)).collect();
        let kept = existing.bindings.len();
        if kept > 0 {
            self.notice(
                Level::Info,
                match kept {
                    1 => format!("\"{name}\" has a binding already; it stays, and whoever it lets in may still open it."),
                    kept => {
                        format!("\"{name}\" has {kept} bindings already; they stay, and whoever they let in may still open it.")
                    }
                },
            );
        }
        if !missing.is_empty() {
            let first_order = existing.bindings.iter().map(|binding| binding.order + 1).max().unwrap_or(0);
            self.actions.push(Action::AddBindings {
                application: existing.application.pk.clone(),
                name: name.to_owned(),
                bindings: missing,
                first_order,
            });
        }
    }
}

pub(super) fn union<T: PartialEq + Clone>(old: &[T], new: Vec<T>) -> Vec<T> {
    let mut all = old.to_vec();
    for item in new {
        if !all.contains(&item) {
            all.push(item);
        }
    }
    all
}

fn is_empty(value: &SettingValue) -> bool {
    matches!(value, SettingValue::Null | SettingValue::Bool(false))
        || matches!(value, SettingValue::Text(text) if text.is_empty())
}
