//! The provider's fields, every one of them: the API's defaults differ from the web form's and between versions.

use fnv::FnvBuildHasher;

use super::Builder;
use super::names::redirects;
use crate::catalog::template::{BuiltinScope, ClientType, Grant, Level, Lifetime, MatchingMode, Provider, SubjectMode};
use crate::setup::setting::{Field, RedirectEntry, Setting, SettingValue, Settings};

/// How many fields a provider has at most.
const FIELDS: usize = 21;

// The web form's lifetimes, which people know; the API's own differ.
const CODE: &str = "minutes=1";
const ACCESS: &str = "minutes=5";
const REFRESH: &str = "days=30";
const REFRESH_THRESHOLD: &str = "hours=1";

impl Builder<'_> {
    pub(super) fn client_type(&self, provider: &Provider) -> ClientType {
        self.answers.options.client_type.unwrap_or(provider.client_type)
    }

    /// Every field of the provider, or nothing when one of them could not be made.
    pub(super) fn provider_settings(&mut self, part: &str, provider: &Provider, name: &str) -> Option<Settings> {
        let redirects = self.redirects(provider)?;
        let planned = self.planned.iter().find(|planned| planned.id == part)?;
        let (client_id, client_secret) = (text(&planned.client_id), planned.client_secret.clone());
        let client_type = self.client_type(provider);
        let mut settings = Settings::with_capacity_and_hasher(FIELDS, FnvBuildHasher::default());
        settings.insert(Field::Name, text(name));
        settings.insert(Field::ClientType, client_type_setting(client_type));
        settings.insert(Field::ClientId, client_id);
        if let Some(secret) = client_secret {
            settings.insert(Field::ClientSecret, Setting::plain(SettingValue::Secret(secret)));
        }
        settings.insert(Field::RedirectUris, redirects);
        settings.insert(Field::ScopeMappings, self.scope_mappings(provider));
        settings.insert(Field::SigningKey, self.signing_key(provider.signing));
        settings.insert(Field::EncryptionKey, Setting::plain(SettingValue::Null));
        settings.insert(Field::SubjectMode, self.subject_mode(provider));
        settings.insert(Field::ClaimsInIdToken, Setting::plain(SettingValue::Bool(provider.include_claims)));
        let issuer_mode = self.answers.options.issuer_mode.unwrap_or(provider.issuer_mode);
        settings.insert(Field::IssuerMode, text(issuer_mode.as_str()));
        if self.facts.capabilities.grant_types {
            settings.insert(Field::GrantTypes, self.grants(provider));
        }
        settings.insert(Field::AuthorizationFlow, Setting::plain(self.flow(Field::AuthorizationFlow)));
        // None means the brand's own: a source's flow here locks people out (authentik #8127).
        settings.insert(Field::AuthenticationFlow, Setting::plain(SettingValue::Null));
        settings.insert(Field::InvalidationFlow, Setting::plain(self.flow(Field::InvalidationFlow)));
        let options = &self.answers.options;
        let lifetimes = &provider.lifetimes;
        for (field, chosen, demanded, usual) in [
            (Field::CodeLifetime, &options.code_lifetime, &lifetimes.code, CODE),
            (Field::AccessLifetime, &options.access_lifetime, &lifetimes.access, ACCESS),
            (Field::RefreshLifetime, &options.refresh_lifetime, &lifetimes.refresh, REFRESH),
        ] {
            settings.insert(field, lifetime(chosen.as_deref(), demanded.as_ref(), usual));
        }
        if self.facts.capabilities.refresh_token_threshold {
            settings.insert(Field::RefreshThreshold, text(REFRESH_THRESHOLD));
        }
        self.add_logout(provider, &mut settings)?;
        Some(settings)
    }

    fn redirects(&mut self, provider: &Provider) -> Option<Setting> {
        let from_template = match redirects(self.engine, provider, &self.scope) {
            Ok(uris) => uris,
            Err(sentence) => {
                self.block(sentence);
                return None;
            }
        };
        let uris = self.answers.options.redirects.clone().unwrap_or(from_template);
        if uris.is_empty() {
            // authentik would save the first address that anybody asks for as the only allowed one.
            self.block(
                "There is no redirect URI. authentik would accept the first one that anybody tries: add one on the options page.",
            );
            return None;
        }
        for uri in &uris {
            if uri.mode == MatchingMode::Strict && uri.uri.starts_with("http://") && !is_local(&uri.uri) {
                self.notice(
                    Level::Warning,
                    format!("{} is not encrypted: the sign-in code travels in the open. Prefer HTTPS.", uri.uri),
                );
            }
        }
        let entries = uris.into_iter().map(|redirect| RedirectEntry { redirect, raw: None }).collect();
        let mut reasons: Vec<String> = provider.redirects.iter().filter_map(|redirect| redirect.why.clone()).collect();
        reasons.dedup();
        let why = (!reasons.is_empty() && self.answers.options.redirects.is_none()).then(|| reasons.join("; "));
        Some(Setting { value: SettingValue::Redirects(entries), why })
    }

    fn subject_mode(&self, provider: &Provider) -> Setting {
        match self.answers.options.sub_mode {
            Some(mode) if mode != provider.sub_mode.value => {
                Setting::because(SettingValue::Text(mode.as_str().into()), "your choice")
            }
            _ => {
                let mode = provider.sub_mode.value;
                let why = if mode == SubjectMode::HashedUserId { None } else { provider.sub_mode.why.clone() };
                Setting { value: SettingValue::Text(mode.as_str().into()), why }
            }
        }
    }

    fn grants(&self, provider: &Provider) -> Setting {
        let mut grants = provider.grants.clone();
        if self.scopes(provider).contains(&BuiltinScope::OfflineAccess) && !grants.contains(&Grant::RefreshToken) {
            grants.push(Grant::RefreshToken);
        }
        Setting::plain(SettingValue::Words(grants.iter().map(|grant| grant.as_str().to_owned()).collect()))
    }

    fn add_logout(&mut self, provider: &Provider, settings: &mut Settings) -> Option<()> {
        let Some(logout) = provider.logout.as_ref().filter(|_| self.facts.capabilities.logout_method) else { return Some(()) };
        if logout.when.as_ref().is_some_and(|when| !self.engine.holds(when, &self.scope).unwrap_or(false)) {
            return Some(());
        }
        let uri = self.text("The logout URI", &logout.uri)?;
        settings.insert(
            Field::LogoutUri,
            Setting::because(SettingValue::Text(uri), "signing out of authentik ends the session there too"),
        );
        settings.insert(Field::LogoutMethod, text(logout.method.as_str()));
        Some(())
    }
}

fn text(value: &str) -> Setting {
    Setting::plain(SettingValue::Text(value.to_owned()))
}

fn client_type_setting(client_type: ClientType) -> Setting {
    let value = SettingValue::Text(client_type.as_str().into());
    match client_type {
        ClientType::Confidential => Setting::plain(value),
        ClientType::Public => Setting::because(value, "the application cannot keep a secret"),
    }
}

fn lifetime(chosen: Option<&str>, demanded: Option<&Lifetime>, usual: &str) -> Setting {
    match (chosen, demanded) {
        (Some(chosen), _) => text(chosen),
        (None, Some(demanded)) => Setting { value: SettingValue::Text(demanded.set.clone()), why: demanded.why.clone() },
        (None, None) => text(usual),
    }
}

fn is_local(uri: &str) -> bool {
    url::Url::parse(uri).is_ok_and(|url| match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => true,
    })
}
