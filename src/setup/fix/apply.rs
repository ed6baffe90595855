//! What each fix changes.

use serde_json::Value as Json;
use url::Url;

use super::{Builder, Fix, Following};
use crate::catalog::template::{BuiltinScope, Grant, Level, MatchingMode};
use crate::setup::answers::RedirectUri;
use crate::setup::plan::{Bind, Confirmation};
use crate::setup::planner::flows::usual;
use crate::setup::planner::{designation, key, mappings};
use crate::setup::setting::{Change, Field, RedirectEntry, Ref, SettingValue};

/// What answers the scope `groups`. `all_groups` holds those that people are in through another group, too.
const GROUPS: &str = "return {\n    \"groups\": [group.name for group in request.user.all_groups()],\n}";

impl Builder<'_> {
    pub(super) fn add(&mut self, fix: &Fix) {
        match fix {
            Fix::SignWithRsa => self.sign_with_rsa(),
            Fix::RemoveEncryption => {
                self.set(Field::EncryptionKey, SettingValue::Null, "few applications can read encrypted tokens");
            }
            Fix::AddGrants(grants) => self.add_grants(grants),
            Fix::AddRedirect(uri) => self.add_redirect(uri),
            Fix::ReplaceRedirect { from, to } => self.replace_redirect(from, to),
            Fix::AddScope(scope) => self.add_scope(*scope),
            Fix::AddGroupsScope => {
                let (action, reference) = mappings::reuse_or_make(
                    self.target.facts,
                    "akwiz: groups",
                    "groups",
                    GROUPS,
                    "authentik has no scope groups: it is left out without a word when an application asks for it.",
                );
                self.make(action);
                self.add_mapping(reference, "the application asks for the scope groups");
            }
            Fix::VerifyEmail => self.verify_email(),
            Fix::SetInvalidationFlow => self.set_invalidation_flow(),
            Fix::ClearAuthenticationFlow => {
                self.set(Field::AuthenticationFlow, SettingValue::Null, "people sign in with the brand's flow");
            }
            Fix::SetSubjectMode(mode) => {
                self.set(
                    Field::SubjectMode,
                    SettingValue::Text(mode.as_str().to_owned()),
                    "the application recognizes people by it",
                );
            }
            Fix::SetIssuerMode(mode) => {
                self.set(Field::IssuerMode, SettingValue::Text(mode.as_str().to_owned()), "the application expects that issuer");
            }
            Fix::SetClientType(kind) => {
                let why = "the application's own kind: with a secret or without";
                self.set(Field::ClientType, SettingValue::Text(kind.as_str().to_owned()), why);
            }
            Fix::FollowTemplate(following) => self.follow(following),
            Fix::LetIn(who) => self.let_in(who),
            Fix::PlexServersOnly => self.plex_servers_only(),
        }
    }

    /// What the field is, or becomes by an earlier fix of the same plan.
    fn value(&self, field: Field) -> Option<SettingValue> {
        let planned = self.provider.get(&field).map(|(value, _)| value.clone());
        planned.or_else(|| self.target.provider?.settings.get(&field).cloned())
    }

    fn set(&mut self, field: Field, value: SettingValue, why: &str) {
        match self.provider.get_mut(&field) {
            Some((planned, reason)) => {
                *planned = value;
                if !reason.contains(why) {
                    reason.push_str("; ");
                    reason.push_str(why);
                }
            }
            None => {
                self.provider.insert(field, (value, why.to_owned()));
            }
        }
    }

    /// Does what an update would; what other fixes of the same plan change in a list stays.
    fn follow(&mut self, following: &Following) {
        for make in &following.makes {
            self.make(Some(make.clone()));
        }
        for Change { field, from, to, why } in &following.changes {
            let value = match (self.value(*field), from, to) {
                (Some(SettingValue::Refs(now)), SettingValue::Refs(from), SettingValue::Refs(to)) => {
                    SettingValue::Refs(merged(now, from, to))
                }
                (Some(SettingValue::Redirects(now)), SettingValue::Redirects(from), SettingValue::Redirects(to)) => {
                    SettingValue::Redirects(merged(now, from, to))
                }
                _ => to.clone(),
            };
            self.set(*field, value, why.as_deref().unwrap_or("the template has it so"));
        }
        for confirmation in &following.confirmations {
            if !self.confirmations.contains(confirmation) {
                self.confirmations.push(confirmation.clone());
            }
        }
    }

    fn sign_with_rsa(&mut self) {
        let facts = self.target.facts;
        let reference = match key::best(&facts.keys) {
            Some(key) => Ref::existing(&key.pk, &key.name),
            None if facts.gaps.iter().any(|gap| gap.starts_with("Certificates")) => {
                self.block("This token may not see the certificates, so no signing key can be chosen. Use a token with the right authentik_crypto.view_certificatekeypair.");
                return;
            }
            None => {
                let (action, reference) = key::make(facts, "applications expect RS256");
                self.make(Some(action));
                reference
            }
        };
        self.set(Field::SigningKey, SettingValue::Ref(reference), "applications expect RS256");
    }

    fn add_grants(&mut self, grants: &[Grant]) {
        // Servers before 2026.5 have none, and need none.
        let Some(SettingValue::Words(mut words)) = self.value(Field::GrantTypes) else { return };
        for grant in grants {
            if !words.iter().any(|word| word == grant.as_str()) {
                words.push(grant.as_str().to_owned());
            }
        }
        self.set(Field::GrantTypes, SettingValue::Words(words), "authentik refuses what is not listed");
    }

    fn redirects(&self) -> Option<Vec<RedirectEntry>> {
        match self.value(Field::RedirectUris) {
            Some(SettingValue::Redirects(entries)) => Some(entries),
            _ => None,
        }
    }

    fn add_redirect(&mut self, uri: &str) {
        let Some(mut entries) = self.redirects() else { return };
        let entry = RedirectEntry { redirect: RedirectUri { uri: uri.to_owned(), mode: MatchingMode::Strict }, raw: None };
        if !entries.contains(&entry) {
            entries.push(entry);
        }
        self.notice(
            Level::Warning,
            format!("authentik will send sign-in codes to {uri}. Allow it only if that address is the application's."),
        );
        if !self.knows_host(uri) {
            self.confirmations.push(Confirmation::Yes {
                why: format!(
                    "The host of {uri} is in no other address of this application. Whoever owns it could sign in as others."
                ),
            });
        }
        self.set(Field::RedirectUris, SettingValue::Redirects(entries), "the application sends people back there");
    }

    /// Whether another address of the application is on the host of `uri`.
    fn knows_host(&self, uri: &str) -> bool {
        let host = |text: &str| Url::parse(text).ok().and_then(|url| url.host_str().map(str::to_owned));
        let launch = self.target.application.and_then(|application| application.text(Field::LaunchUrl));
        let present = self.target.provider.and_then(|provider| provider.settings.get(&Field::RedirectUris));
        let present = match present {
            Some(SettingValue::Redirects(entries)) => entries.as_slice(),
            _ => &[],
        };
        let mut known = launch.into_iter().chain(present.iter().map(|entry| entry.redirect.uri.as_str()));
        host(uri).is_some_and(|wanted| known.any(|text| host(text).as_ref() == Some(&wanted)))
    }

    fn replace_redirect(&mut self, from: &RedirectUri, to: &RedirectUri) {
        let Some(mut entries) = self.redirects() else { return };
        if let Some(entry) = entries.iter_mut().find(|entry| entry.redirect == *from) {
            // What else the server keeps with the entry stays, such as its type.
            if let Some(Json::Object(raw)) = &mut entry.raw {
                raw.insert("url".to_owned(), to.uri.as_str().into());
                raw.insert("matching_mode".to_owned(), to.mode.as_str().into());
            }
            entry.redirect = to.clone();
        }
        self.set(Field::RedirectUris, SettingValue::Redirects(entries), "the entry as it was allowed more than is meant");
    }

    fn add_scope(&mut self, scope: BuiltinScope) {
        let managed = scope.managed();
        let Some(found) = self.target.facts.mappings.iter().find(|mapping| mapping.managed.as_deref() == Some(managed)) else {
            self.block(format!(
                "authentik's own mapping for the scope \"{}\" is missing, or this token may not see it. \
                 Restore authentik's default blueprints, or use a token with the right authentik_providers_oauth2.view_scopemapping.",
                scope.scope()
            ));
            return;
        };
        self.add_mapping(Ref::existing(&found.pk, scope.scope()), "authentik leaves out scopes without a mapping");
    }

    fn add_mapping(&mut self, reference: Ref, why: &str) {
        let Some(SettingValue::Refs(mut refs)) = self.value(Field::ScopeMappings) else { return };
        if !refs.contains(&reference) {
            refs.push(reference);
        }
        self.set(Field::ScopeMappings, SettingValue::Refs(refs), why);
    }

    /// Swaps every mapping that says that addresses are not verified. Both together would leave it to their order.
    fn verify_email(&mut self) {
        let facts = self.target.facts;
        let Some(SettingValue::Refs(mut refs)) = self.value(Field::ScopeMappings) else { return };
        refs.retain(|reference| {
            let Ref::Existing { pk, .. } = reference else { return true };
            !facts.mappings.iter().any(|mapping| mapping.pk == *pk && mapping.says_unverified())
        });
        let (action, reference) = mappings::verified(facts);
        self.make(action);
        if !refs.contains(&reference) {
            refs.push(reference);
        }
        self.notice(Level::Warning, mappings::verified_notice());
        self.set(
            Field::ScopeMappings,
            SettingValue::Refs(refs),
            "the application turns away people whose address is not verified",
        );
    }

    fn set_invalidation_flow(&mut self) {
        let flows = &self.target.facts.flows;
        let wanted = usual(Field::InvalidationFlow).unwrap_or_default();
        if let Some(flow) = flows.iter().find(|flow| flow.slug == wanted) {
            let reference = Ref::existing(&flow.pk, &flow.slug);
            self.set(Field::InvalidationFlow, SettingValue::Ref(reference), "authentik has demanded one since 2024.12");
            return;
        }
        let designation = designation(Field::InvalidationFlow).unwrap_or_default();
        let others: Vec<&str> =
            flows.iter().filter(|flow| flow.designation == designation).map(|flow| flow.slug.as_str()).collect();
        let others = if others.is_empty() { "none".to_owned() } else { others.join(", ") };
        self.block(format!(
            "The flow \"{wanted}\" is not on the server, and which other one is meant cannot be known. \
             Choose it in authentik, at the provider. Flows for {designation} there: {others}."
        ));
    }

    fn let_in(&mut self, who: &[Bind]) {
        for bind in who {
            let there = self.target.bindings.iter().any(|binding| match bind {
                Bind::Group(Ref::Existing { pk, .. }) => binding.group.as_ref() == Some(pk),
                Bind::Person(Ref::Existing { pk, .. }) => binding.user.as_ref() == Some(pk),
                _ => false,
            });
            if !there && !self.bindings.contains(bind) {
                self.bindings.push(bind.clone());
            }
        }
        if self.target.bindings.is_empty() {
            self.notice(Level::Warning, "Everyone may open it so far. With a first binding, only those who are bound may.");
        }
    }

    fn plex_servers_only(&mut self) {
        let listed = self.target.source.and_then(|source| source.settings.get(&Field::AllowedServers));
        if !matches!(listed, Some(SettingValue::Words(words)) if !words.is_empty()) {
            // No server and no friends lets nobody in.
            self.block(
                "No Plex server is listed, so nobody could sign in without friends. Choose servers first: akwiz create plex.",
            );
            return;
        }
        let why = "authentik fails to ask Plex for friends (authentik #24774)".to_owned();
        self.source.insert(Field::AllowFriends, (SettingValue::Bool(false), why));
    }
}

/// A list with what leads from one to another done to it.
fn merged<T: PartialEq + Clone>(mut now: Vec<T>, from: &[T], to: &[T]) -> Vec<T> {
    now.retain(|entry| !from.contains(entry) || to.contains(entry));
    for entry in to {
        if !from.contains(entry) && !now.contains(entry) {
            now.push(entry.clone());
        }
    }
    now
}
