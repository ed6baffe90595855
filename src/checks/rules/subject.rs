//! What a rule looks at.

use crate::authentik::discovery::{Discovery, KeySet};
use crate::catalog::template::IssuerMode;
use crate::checks::demands::Demands;
use crate::setup::answers::RedirectUri;
use crate::setup::endpoints::Endpoints;
use crate::setup::facts::{Binding, Facts, Found, Key, ScopeMapping};
use crate::setup::setting::{Field, RedirectEntry, Ref, SettingValue};

use super::Rule;

/// What a rule looks at: what was read of one provider, and what was pasted. Everything but the lists may be missing.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The lists of the server.
    pub facts: &'a Facts,
    /// The provider.
    pub provider: Option<&'a Found>,
    /// Its application.
    pub application: Option<&'a Found>,
    /// The application's bindings.
    pub bindings: &'a [Binding],
    /// A Plex source.
    pub source: Option<&'a Found>,
    /// What the application demands.
    pub known: Option<&'a Demands>,
    /// What anybody can read of the provider.
    pub documents: Option<&'a Documents>,
    /// What was pasted.
    pub asked: Option<&'a Asked>,
    /// Somebody who wants in.
    pub person: Option<&'a Person>,
}

/// What anybody can read of a provider.
#[derive(Debug, Clone, Default)]
pub struct Documents {
    /// The discovery document, where it could be read.
    pub discovery: Option<Discovery>,
    /// The keys, where they could be read.
    pub keys: Option<KeySet>,
    /// How far the server's clock is ahead of this machine's, in seconds.
    pub clock_skew: Option<i64>,
    /// Both were read at the public address, not at another one for the same server.
    pub at_public_address: bool,
}

/// What was pasted, as far as rules care. No secret is in it.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// The rules that it speaks of.
    pub heard: Vec<&'static Rule>,
    /// The client id that the application sent.
    pub client_id: Option<String>,
    /// The redirect URI of the request, decoded once, as authentik sees it.
    pub redirect_uri: Option<String>,
    /// The scopes as they were sent, separated by blanks or not.
    pub scope: Option<String>,
    /// The response type.
    pub response_type: Option<String>,
    /// The PKCE method; none where the request has no challenge.
    pub pkce: Option<String>,
    /// What authentik's own log says that it refused at the token endpoint.
    pub refusal: Option<Refusal>,
    /// The grant type that authentik's log names.
    pub grant_type: Option<String>,
    /// It was an address of the authorize endpoint, so that what is missing in it is known to be missing.
    pub is_request: bool,
    /// Addresses of authentik as they were used, wrong ones too.
    pub addresses: Vec<String>,
    /// Issuers that the application named, its own first.
    pub issuers: Vec<String>,
    /// The algorithm in the header of a token that was pasted. The token itself is forgotten.
    pub algorithm: Option<String>,
    /// A token that was pasted was encrypted.
    pub encrypted: bool,
}

/// What authentik refuses at the token endpoint, as its log has it (`views/token.py`, 2024.12 to 2026.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The client secret.
    Secret,
    /// The PKCE verifier (RFC 7636, 4.6).
    Verifier,
}

impl Refusal {
    /// By the words of authentik's log.
    pub fn read(text: &str) -> Option<Self> {
        [("Invalid client secret", Self::Secret), ("Code challenge not matching", Self::Verifier)]
            .into_iter()
            .find_map(|(words, refusal)| text.contains(words).then_some(refusal))
    }
}

/// Somebody who wants in.
#[derive(Debug, Clone)]
pub struct Person {
    /// Primary key.
    pub pk: String,
    /// User name.
    pub username: String,
    /// Whether authentik would let them in.
    pub passes: bool,
    /// What the policies say.
    pub messages: Vec<String>,
}

impl<'a> Subject<'a> {
    /// A server and nothing of it yet.
    pub fn new(facts: &'a Facts) -> Self {
        Self {
            facts,
            provider: None,
            application: None,
            bindings: &[],
            source: None,
            known: None,
            documents: None,
            asked: None,
            person: None,
        }
    }

    /// Whether what was pasted speaks of this rule.
    pub fn heard(&self, rule: &Rule) -> bool {
        self.asked.is_some_and(|asked| asked.heard.iter().any(|heard| heard.id == rule.id))
    }

    /// The application's name, else the provider's.
    pub fn name(&self) -> &'a str {
        self.application.or(self.provider).or(self.source).and_then(|found| found.text(Field::Name)).unwrap_or("the application")
    }

    /// The application's slug.
    pub fn slug(&self) -> Option<&'a str> {
        self.application?.text(Field::Slug)
    }

    /// A field of the provider, where the server's version has it and the token may see it.
    pub fn field(&self, field: Field) -> Option<&'a SettingValue> {
        self.provider?.settings.get(&field)
    }

    /// A text of the provider.
    pub fn text(&self, field: Field) -> Option<&'a str> {
        self.provider?.text(field)
    }

    /// The provider has the field, and nothing is in it.
    pub fn is_null(&self, field: Field) -> bool {
        matches!(self.field(field), Some(SettingValue::Null))
    }

    /// What the provider's field refers to.
    pub fn reference(&self, field: Field) -> Option<(&'a str, &'a str)> {
        match self.field(field)? {
            SettingValue::Ref(Ref::Existing { pk, name }) => Some((pk, name)),
            _ => None,
        }
    }

    /// The redirect entries.
    pub fn redirects(&self) -> Option<Vec<&'a RedirectUri>> {
        match self.field(Field::RedirectUris)? {
            SettingValue::Redirects(entries) => {
                Some(entries.iter().filter(|entry| is_authorization(entry)).map(|entry| &entry.redirect).collect())
            }
            _ => None,
        }
    }

    /// The grant types, on servers that have them.
    pub fn grants(&self) -> Option<&'a [String]> {
        match self.field(Field::GrantTypes)? {
            SettingValue::Words(words) => Some(words),
            _ => None,
        }
    }

    /// The signing key, where there is one and the token may see it.
    pub fn key(&self) -> Option<&'a Key> {
        let (pk, _) = self.reference(Field::SigningKey)?;
        self.facts.keys.iter().find(|key| key.pk == pk)
    }

    /// The scope mappings; none when one of them cannot be seen, for then nothing is known to be missing.
    pub fn mappings(&self) -> Option<Vec<&'a ScopeMapping>> {
        let SettingValue::Refs(refs) = self.field(Field::ScopeMappings)? else { return None };
        refs.iter()
            .map(|reference| match reference {
                Ref::Existing { pk, .. } => self.facts.mappings.iter().find(|mapping| mapping.pk == *pk),
                Ref::New { .. } => None,
            })
            .collect()
    }

    /// Whether the provider answers this scope; none when that cannot be known.
    pub fn has_scope(&self, scope: &str) -> Option<bool> {
        Some(self.mappings()?.iter().any(|mapping| mapping.scope == scope))
    }

    /// The provider's issuer mode.
    pub fn issuer_mode(&self) -> IssuerMode {
        if self.text(Field::IssuerMode) == Some(IssuerMode::Global.as_str()) {
            IssuerMode::Global
        } else {
            IssuerMode::PerProvider
        }
    }

    /// The addresses that the application is given.
    pub fn endpoints(&self) -> Option<Endpoints> {
        Some(Endpoints::new(&self.facts.public_url, self.slug()?, self.issuer_mode()))
    }

    /// The template's name with a word about how it is known: `Portainer`, `Portainer (by its slug or redirect URI)`.
    pub fn demanded_by(&self) -> String {
        match self.known {
            Some(known) if known.certain => known.name.clone(),
            Some(known) => format!("{} (which this seems to be)", known.name),
            None => "the application".to_owned(),
        }
    }
}

/// Since 2026.5 an entry can be for signing out; it allows no sign-in.
fn is_authorization(entry: &RedirectEntry) -> bool {
    let kind = entry.raw.as_ref().and_then(|raw| raw.get("redirect_uri_type")).and_then(serde_json::Value::as_str);
    kind.is_none_or(|kind| kind == "authorization")
}
