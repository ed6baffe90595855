//! Fixes against a provider made of plain data.

use indexmap::IndexMap;

use super::{Fix, Target, join, plan};
use crate::catalog::template::{BuiltinScope, Grant, IssuerMode, MatchingMode, SubjectMode};
use crate::setup::answers::RedirectUri;
use crate::setup::facts::{
    AroundSource, Binding, Capabilities, Facts, Flow, Found, Key, KeyKind, OAUTH2_COMPONENT, Person, ProviderFact, ScopeMapping,
    Version,
};
use crate::setup::plan::{Action, Bind, Confirmation, Decision, Plan};
use crate::setup::providers::Providers;
use crate::setup::setting::{Change, Field, RedirectEntry, Ref, SettingValue};

const UNVERIFIED: &str = "return {\"email\": request.user.email, \"email_verified\": False}";

fn facts(component: &str) -> Facts {
    let mapping = |scope: &str, expression: &str| ScopeMapping {
        pk: format!("map-{scope}"),
        managed: Some(format!("goauthentik.io/providers/oauth2/scope-{scope}")),
        name: format!("OpenID '{scope}'"),
        scope: scope.into(),
        expression: expression.into(),
    };
    Facts {
        capabilities: Capabilities::expected(Version::new(2026, 5, 0)),
        api_url: "http://127.0.0.1:9000".into(),
        public_url: "https://auth.example.com".into(),
        me: Person::default(),
        flows: vec![Flow {
            pk: "flow-end".into(),
            slug: "default-provider-invalidation-flow".into(),
            name: "Logged out".into(),
            designation: "invalidation".into(),
        }],
        mappings: vec![mapping("openid", "return {}"), mapping("email", UNVERIFIED), mapping("offline_access", "return {}")],
        keys: vec![Key {
            pk: "key-ec".into(),
            name: "ec".into(),
            kind: KeyKind::Ec,
            has_private_key: true,
            days_left: Some(300),
            managed: false,
        }],
        groups: Vec::new(),
        applications: Vec::new(),
        providers: Providers::from_iter([ProviderFact {
            pk: "7".into(),
            name: "Wiki".into(),
            component: component.into(),
            application: None,
        }]),
        existing: Vec::new(),
        existing_source: None,
        around_source: AroundSource::default(),
        identification_stages: Vec::new(),
        refused_changes: Vec::new(),
        gaps: Vec::new(),
    }
}

fn text(value: &str) -> SettingValue {
    SettingValue::Text(value.into())
}

fn redirect(uri: &str, mode: MatchingMode) -> RedirectUri {
    RedirectUri { uri: uri.into(), mode }
}

fn provider() -> Found {
    let raw = serde_json::json!({"matching_mode": "regex", "url": "https://wiki.example.com/.*", "redirect_uri_type": "logout"});
    Found {
        pk: "7".into(),
        settings: IndexMap::from([
            (Field::Name, text("Wiki")),
            (Field::ClientId, text("wiki-client")),
            (Field::SigningKey, SettingValue::Null),
            (Field::EncryptionKey, SettingValue::Ref(Ref::existing("key-ec", "ec"))),
            (Field::SubjectMode, text("user_email")),
            (Field::IssuerMode, text("global")),
            (Field::GrantTypes, SettingValue::Words(Vec::new())),
            (Field::InvalidationFlow, SettingValue::Null),
            (Field::AuthenticationFlow, SettingValue::Ref(Ref::existing("flow-x", "default-source-authentication"))),
            (
                Field::ScopeMappings,
                SettingValue::Refs(vec![Ref::existing("map-email", "email"), Ref::existing("map-other", "theirs")]),
            ),
            (
                Field::RedirectUris,
                SettingValue::Redirects(vec![RedirectEntry {
                    redirect: redirect("https://wiki.example.com/.*", MatchingMode::Regex),
                    raw: Some(raw),
                }]),
            ),
        ]),
    }
}

fn application() -> Found {
    Found { pk: "app".into(), settings: IndexMap::from([(Field::Name, text("Wiki")), (Field::Slug, text("wiki"))]) }
}

fn make(fixes: &[Fix]) -> Plan {
    let (facts, provider, application) = (facts(OAUTH2_COMPONENT), provider(), application());
    plan(fixes, Target { facts: &facts, provider: Some(&provider), application: Some(&application), bindings: &[], source: None })
}

fn changes(plan: &Plan) -> &[Change] {
    let found = plan.actions.iter().find_map(|action| match action {
        Action::UpdateProvider { changes, .. } => Some(changes.as_slice()),
        _ => None,
    });
    found.expect("the provider changes")
}

fn to(plan: &Plan, field: Field) -> &SettingValue {
    &changes(plan).iter().find(|change| change.field == field).expect("the field changes").to
}

#[test]
fn an_rsa_key_is_made_where_there_is_none() {
    let plan = make(&[Fix::SignWithRsa, Fix::RemoveEncryption]);
    assert!(matches!(&plan.actions[0], Action::MakeKey { common_name, .. } if common_name == "auth.example.com"));
    assert!(matches!(to(&plan, Field::SigningKey), SettingValue::Ref(Ref::New { .. })));
    assert_eq!(*to(&plan, Field::EncryptionKey), SettingValue::Null);
    assert_eq!((changes(&plan).len(), plan.confirmations.len()), (2, 0));
}

#[test]
fn one_change_of_the_provider_carries_all_fixes() {
    let plan = make(&[
        Fix::AddGrants(vec![Grant::AuthorizationCode]),
        Fix::AddGrants(vec![Grant::RefreshToken]),
        Fix::AddScope(BuiltinScope::Openid),
        Fix::AddScope(BuiltinScope::OfflineAccess),
        Fix::SetInvalidationFlow,
        Fix::ClearAuthenticationFlow,
    ]);
    assert_eq!(plan.actions.len(), 1);
    assert_eq!(*to(&plan, Field::GrantTypes), SettingValue::Words(vec!["authorization_code".into(), "refresh_token".into()]));
    let SettingValue::Refs(refs) = to(&plan, Field::ScopeMappings) else { panic!("mappings") };
    assert_eq!(refs.iter().map(Ref::name).collect::<Vec<_>>(), ["email", "theirs", "openid", "offline_access"]);
    assert_eq!(*to(&plan, Field::AuthenticationFlow), SettingValue::Null);
    assert_eq!(plan.parts[0].client_id, "wiki-client");
}

#[test]
fn the_mapping_for_verified_addresses_takes_the_place_of_authentik_s_own() {
    let plan = make(&[Fix::VerifyEmail]);
    assert!(matches!(&plan.actions[0], Action::MakeMapping { scope, .. } if scope == "email"));
    let SettingValue::Refs(refs) = to(&plan, Field::ScopeMappings) else { panic!("mappings") };
    assert_eq!(refs.len(), 2, "somebody else's mapping stays: {refs:?}");
    assert!(plan.notices.iter().any(|notice| notice.text.contains("their own address")));
}

#[test]
fn a_replaced_redirect_keeps_what_the_server_knows_of_it() {
    let from = redirect("https://wiki.example.com/.*", MatchingMode::Regex);
    let plan = make(&[
        Fix::ReplaceRedirect { from, to: redirect("https://wiki.example.com/callback", MatchingMode::Strict) },
        Fix::AddRedirect("https://wiki.example.com/two".into()),
    ]);
    let SettingValue::Redirects(entries) = to(&plan, Field::RedirectUris) else { panic!("redirects") };
    assert_eq!(entries.len(), 2);
    let raw = entries[0].raw.as_ref().unwrap();
    assert_eq!(
        (&raw["url"], &raw["matching_mode"], &raw["redirect_uri_type"]),
        (&"https://wiki.example.com/callback".into(), &"strict".into(), &"logout".into())
    );
}

#[test]
fn what_can_fork_accounts_needs_the_slug() {
    let plan = make(&[Fix::SetSubjectMode(SubjectMode::HashedUserId), Fix::SetIssuerMode(IssuerMode::PerProvider)]);
    assert!(matches!(&plan.confirmations[..], [Confirmation::Slug { slug, .. }] if slug == "wiki"));
}

#[test]
fn what_holds_already_is_no_change() {
    let plan = make(&[Fix::SetSubjectMode(SubjectMode::UserEmail), Fix::SetIssuerMode(IssuerMode::Global)]);
    assert!(plan.is_empty() && plan.confirmations.is_empty());
}

#[test]
fn providers_of_other_kinds_are_left_alone() {
    for component in ["ak-provider-proxy-form", ""] {
        let (facts, provider) = (facts(component), provider());
        let target = Target { facts: &facts, provider: Some(&provider), application: None, bindings: &[], source: None };
        let plan = plan(&[Fix::RemoveEncryption], target);
        assert!(plan.is_empty() && matches!(&plan.decisions[..], [Decision::Blocked { .. }]), "{component}");
    }
}

#[test]
fn friends_go_only_where_a_server_is_listed() {
    let facts = facts(OAUTH2_COMPONENT);
    let source = |servers: &[&str]| Found {
        pk: "s".into(),
        settings: IndexMap::from([
            (Field::Slug, text("plex")),
            (Field::AllowFriends, SettingValue::Bool(true)),
            (Field::AllowedServers, SettingValue::Words(servers.iter().map(|server| (*server).into()).collect())),
        ]),
    };
    let fix = |source: &Found, fixes: &[Fix]| {
        plan(fixes, Target { facts: &facts, provider: None, application: None, bindings: &[], source: Some(source) })
    };
    assert!(!fix(&source(&[]), &[Fix::PlexServersOnly]).is_ready());
    assert_eq!(fix(&source(&["one"]), &[Fix::PlexServersOnly]).actions.len(), 1);
}

#[test]
fn those_who_are_bound_are_not_bound_again() {
    let (facts, provider, application) = (facts(OAUTH2_COMPONENT), provider(), application());
    let bindings = [Binding { pk: "b".into(), group: Some("g1".into()), order: 4, ..Binding::default() }];
    let target =
        Target { facts: &facts, provider: Some(&provider), application: Some(&application), bindings: &bindings, source: None };
    let who = vec![Bind::Group(Ref::existing("g1", "family")), Bind::Person(Ref::existing("9", "alice"))];
    let plan = plan(&[Fix::LetIn(who)], target);
    let [Action::AddBindings { bindings, first_order, .. }] = &plan.actions[..] else { panic!("{:?}", plan.actions) };
    assert_eq!((bindings.len(), *first_order), (1, 5));
}

#[test]
fn an_address_on_a_host_that_nobody_knows_needs_a_yes() {
    let add = |uri: &str| make(&[Fix::AddRedirect(uri.into())]).confirmations;
    assert_eq!(add("https://wiki.example.com:8443/cb"), []);
    assert!(matches!(&add("https://wiki.example.net/cb")[..], [Confirmation::Yes { .. }]));
}

#[test]
fn what_several_plans_make_is_made_once() {
    let both = join([make(&[Fix::SignWithRsa]), make(&[Fix::SignWithRsa, Fix::VerifyEmail])]);
    let made = both.actions.iter().filter(|action| matches!(action, Action::MakeKey { .. })).count();
    assert_eq!((made, both.actions.len(), both.parts.len()), (1, 4, 2));
    assert!(matches!(both.actions.last(), Some(Action::UpdateProvider { .. })));
}
