//! A provider as it should be, for the rules' tests to spoil.

use indexmap::IndexMap;

use super::{Asked, Documents, Person, Rule, Seen, Subject};
use crate::authentik::discovery::Discovery;
use crate::catalog::template::{BuiltinScope, Grant, MatchingMode, SubjectMode};
use crate::checks::Needs;
use crate::checks::demands::Demands;
use crate::setup::answers::RedirectUri;
use crate::setup::facts::{
    AroundSource, Binding, Capabilities, Facts, Found, Key, KeyKind, OAUTH2_COMPONENT, Person as Me, ProviderFact, ScopeMapping,
    Version,
};
use crate::setup::providers::Providers;
use crate::setup::setting::{Field, RedirectEntry, Ref, SettingValue};

pub struct World {
    pub facts: Facts,
    pub provider: Option<Found>,
    pub application: Option<Found>,
    pub bindings: Vec<Binding>,
    pub source: Option<Found>,
    pub known: Option<Demands>,
    pub documents: Option<Documents>,
    pub asked: Option<Asked>,
    pub person: Option<Person>,
}

/// What somebody pasted that speaks of this rule.
pub fn asked(rule: &'static Rule) -> Asked {
    Asked { heard: vec![rule], ..Asked::default() }
}

/// A template without wishes of its own.
pub fn known() -> Demands {
    Demands {
        template: "wiki".into(),
        name: "Wiki".into(),
        certain: true,
        needs: Needs {
            scopes: vec![BuiltinScope::Openid, BuiltinScope::Email, BuiltinScope::Profile],
            grants: vec![Grant::AuthorizationCode, Grant::RefreshToken],
            ..Needs::default()
        },
        subject: Some(SubjectMode::HashedUserId),
        ..Demands::default()
    }
}

/// What a provider with this issuer shows to anybody.
pub fn documents(issuer: &str) -> Documents {
    Documents {
        discovery: Some(Discovery { issuer: issuer.into(), ..Discovery::default() }),
        keys: None,
        clock_skew: Some(0),
        at_public_address: true,
    }
}

pub fn redirect(uri: &str, mode: MatchingMode) -> RedirectEntry {
    RedirectEntry { redirect: RedirectUri { uri: uri.into(), mode }, raw: None }
}

fn text(value: &str) -> SettingValue {
    SettingValue::Text(value.into())
}

fn mapping(scope: &str) -> ScopeMapping {
    let expression = if scope == "email" { "return {\"email_verified\": False}" } else { "return {}" };
    ScopeMapping {
        pk: format!("map-{scope}"),
        managed: Some(format!("goauthentik.io/providers/oauth2/scope-{scope}")),
        name: format!("OpenID '{scope}'"),
        scope: scope.into(),
        expression: expression.into(),
    }
}

impl World {
    pub fn new() -> Self {
        let words = |words: &[&str]| SettingValue::Words(words.iter().map(|word| (*word).into()).collect());
        let mapped = |scopes: &[&str]| {
            SettingValue::Refs(scopes.iter().map(|scope| Ref::existing(format!("map-{scope}"), *scope)).collect())
        };
        let redirects = vec![redirect("https://wiki.example.com/oauth/callback", MatchingMode::Strict)];
        Self {
            facts: Facts {
                capabilities: Capabilities::expected(Version::new(2026, 5, 0)),
                api_url: "http://127.0.0.1:9000".into(),
                public_url: "https://auth.example.com".into(),
                me: Me { superuser: true, ..Me::default() },
                flows: Vec::new(),
                mappings: ["openid", "email", "profile", "offline_access", "groups"].map(mapping).to_vec(),
                keys: vec![Key {
                    pk: "key".into(),
                    name: "a certificate".into(),
                    kind: KeyKind::Rsa,
                    has_private_key: true,
                    days_left: Some(300),
                    managed: true,
                }],
                groups: Vec::new(),
                applications: Vec::new(),
                providers: Providers::from_iter([ProviderFact {
                    pk: "7".into(),
                    name: "Wiki".into(),
                    component: OAUTH2_COMPONENT.into(),
                    application: None,
                }]),
                existing: Vec::new(),
                existing_source: None,
                identification_stages: Vec::new(),
                around_source: AroundSource::default(),
                refused_changes: Vec::new(),
                gaps: Vec::new(),
            },
            provider: Some(Found {
                pk: "7".into(),
                settings: IndexMap::from([
                    (Field::Name, text("Provider for Wiki")),
                    (Field::ClientId, text("wiki-client")),
                    (Field::ClientType, text("confidential")),
                    (Field::RedirectUris, SettingValue::Redirects(redirects)),
                    (Field::ScopeMappings, mapped(&["openid", "email", "profile"])),
                    (Field::SigningKey, SettingValue::Ref(Ref::existing("key", "a certificate"))),
                    (Field::EncryptionKey, SettingValue::Null),
                    (Field::SubjectMode, text("hashed_user_id")),
                    (Field::IssuerMode, text("per_provider")),
                    (Field::GrantTypes, words(&["authorization_code", "refresh_token"])),
                    (Field::AuthenticationFlow, SettingValue::Null),
                    (Field::InvalidationFlow, SettingValue::Ref(Ref::existing("end", "default-provider-invalidation-flow"))),
                ]),
            }),
            application: Some(Found {
                pk: "app".into(),
                settings: IndexMap::from([(Field::Name, text("Wiki")), (Field::Slug, text("wiki"))]),
            }),
            bindings: Vec::new(),
            source: None,
            known: None,
            documents: None,
            asked: None,
            person: None,
        }
    }

    pub fn subject(&self) -> Subject<'_> {
        Subject {
            facts: &self.facts,
            provider: self.provider.as_ref(),
            application: self.application.as_ref(),
            bindings: &self.bindings,
            source: self.source.as_ref(),
            known: self.known.as_ref(),
            documents: self.documents.as_ref(),
            asked: self.asked.as_ref(),
            person: self.person.as_ref(),
        }
    }

    pub fn look(&self, rule: &Rule) -> Option<Seen> {
        (rule.look)(&self.subject())
    }

    pub fn set(&mut self, field: Field, value: SettingValue) {
        self.provider.as_mut().unwrap().settings.insert(field, value);
    }

    pub fn text(&mut self, field: Field, value: &str) {
        self.set(field, text(value));
    }

    pub fn redirects(&mut self, entries: Vec<RedirectEntry>) {
        self.set(Field::RedirectUris, SettingValue::Redirects(entries));
    }

    fn refs(&mut self) -> &mut Vec<Ref> {
        match self.provider.as_mut().unwrap().settings.get_mut(&Field::ScopeMappings) {
            Some(SettingValue::Refs(refs)) => refs,
            _ => panic!("the provider has scopes"),
        }
    }

    pub fn map(&mut self, scope: &str) {
        self.refs().push(Ref::existing(format!("map-{scope}"), scope));
    }

    pub fn unmap(&mut self, scope: &str) {
        self.refs().retain(|reference| reference.name() != scope);
    }

    pub fn plex(&mut self, friends: bool, servers: &[&str]) {
        self.source = Some(Found {
            pk: "s".into(),
            settings: IndexMap::from([
                (Field::Name, text("Plex")),
                (Field::Slug, text("plex")),
                (Field::AllowFriends, SettingValue::Bool(friends)),
                (Field::AllowedServers, SettingValue::Words(servers.iter().map(|server| (*server).into()).collect())),
            ]),
        });
    }
}

#[test]
fn a_provider_as_it_should_be_breaks_no_rule() {
    let mut world = World::new();
    assert_eq!(super::run_all(&world.subject()), []);
    world.known = Some(known());
    assert_eq!(super::run_all(&world.subject()), []);
}
