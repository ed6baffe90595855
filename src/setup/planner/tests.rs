//! Plans for the real templates against servers made of plain data.

use indexmap::IndexMap;
use secrecy::SecretString;

use super::plan;
use crate::catalog::load::Catalog;
use crate::catalog::render::Engine;
use crate::catalog::template::{MatchingMode, QuestionKind, SubjectMode, Template};
use crate::setup::answers::{
    Access, Answers, GroupChoice, Input, KeyChoice, LoginPage, PlexAccount, PlexServer, RedirectUri, Taken,
};
use crate::setup::diff::diff;
use crate::setup::facts::{
    ApplicationFact, Binding, Capabilities, Existing, Facts, Flow, Found, GroupFact, IdentificationStage, Key, KeyKind,
    OAUTH2_COMPONENT, Person, ProviderFact, ScopeMapping, Version,
};
use crate::setup::mint::{Minted, mint};
use crate::setup::plan::{Action, Bind, Confirmation, Decision, Plan};
use crate::setup::providers::Providers;
use crate::setup::setting::{Field, RedirectEntry, Ref, SettingValue, Settings};

fn template(id: &str) -> Template {
    Catalog::built_in().get(id).expect("the template is built in").clone()
}

fn minted(template: &Template) -> Minted {
    let mut next = 0_u8;
    mint(template, &mut |buffer| {
        for byte in buffer {
            *byte = next;
            next = next.wrapping_add(1);
        }
    })
}

fn facts(version: Version) -> Facts {
    let flow = |slug: &str, designation: &str| Flow {
        pk: format!("flow-{slug}"),
        slug: slug.into(),
        name: slug.into(),
        designation: designation.into(),
    };
    let mapping = |name: &str, expression: &str| ScopeMapping {
        pk: format!("map-{name}"),
        managed: Some(format!("goauthentik.io/providers/oauth2/scope-{name}")),
        name: format!("authentik default OAuth Mapping: OpenID '{name}'"),
        scope: name.into(),
        expression: expression.into(),
    };
    let verified = if version >= Version::new(2025, 10, 0) { "False" } else { "True" };
    Facts {
        capabilities: Capabilities::expected(version),
        api_url: "http://127.0.0.1:9000".into(),
        public_url: "https://auth.example.com".into(),
        me: Person { pk: "1".into(), username: "akadmin".into(), name: "Admin".into(), superuser: true, machine: false },
        flows: vec![
            flow("default-provider-authorization-implicit-consent", "authorization"),
            flow("default-provider-authorization-explicit-consent", "authorization"),
            flow("default-provider-invalidation-flow", "invalidation"),
            flow("default-source-authentication", "authentication"),
            flow("default-source-enrollment", "enrollment"),
        ],
        mappings: vec![
            mapping("openid", "return {}"),
            mapping("email", &format!("return {{\n    \"email\": request.user.email,\n    \"email_verified\": {verified}\n}}")),
            mapping("profile", "return {\"name\": request.user.name}"),
            mapping("offline_access", "return {}"),
            mapping("authentik_api", "return {}"),
        ],
        keys: vec![key("self-signed", KeyKind::Rsa, true)],
        groups: vec![GroupFact { pk: "g1".into(), name: "family".into(), members: Some(3) }],
        applications: Vec::new(),
        providers: Providers::default(),
        existing: Vec::new(),
        existing_source: None,
        identification_stages: vec![IdentificationStage {
            pk: "stage".into(),
            name: "default-authentication-identification".into(),
            sources: vec!["old-source".into()],
            user_fields: serde_json::json!(["email", "username"]),
            in_login_flow: true,
        }],
        around_source: crate::setup::facts::AroundSource::default(),
        refused_changes: Vec::new(),
        gaps: Vec::new(),
    }
}

fn key(name: &str, kind: KeyKind, managed: bool) -> Key {
    Key { pk: format!("key-{name}"), name: name.into(), kind, has_private_key: true, days_left: Some(300), managed }
}

fn current() -> Facts {
    facts(Version::new(2025, 12, 4))
}

fn answers(id: &str, given: &[(&str, &str)]) -> Answers {
    let mut answers = Answers::new(id);
    for (question, text) in given {
        answers.give(question, Input::Text((*text).into()));
    }
    answers
}

fn portainer() -> Answers {
    answers("portainer", &[("app", "https://portainer.example.com/#!/auth")])
}

fn make(answers: &Answers, facts: &Facts) -> Plan {
    let template = template(&answers.template);
    plan(&Engine::new(), &template, answers, facts, &minted(&template))
}

fn created(plan: &Plan) -> (&Settings, &Settings, &[Bind]) {
    let found = plan.actions.iter().find_map(|action| match action {
        Action::Create { provider, application, bindings, .. } => Some((provider, application, bindings.as_slice())),
        _ => None,
    });
    found.unwrap_or_else(|| panic!("nothing is created: {:?} {:?}", plan.decisions, plan.actions))
}

fn lines(settings: &Settings, field: Field) -> Vec<String> {
    settings.get(&field).map(|setting| setting.value.lines()).unwrap_or_default()
}

#[test]
fn portainer_is_sent_with_every_field() {
    let plan = make(&portainer(), &current());
    assert!(plan.is_ready(), "{:?}", plan.decisions);
    let (provider, application, bindings) = created(&plan);
    assert_eq!(lines(provider, Field::RedirectUris), ["https://portainer.example.com/ (strict)"]);
    assert_eq!(lines(provider, Field::SubjectMode), ["hashed_user_id"]);
    assert_eq!(lines(provider, Field::SigningKey), ["self-signed"]);
    assert_eq!(lines(provider, Field::AuthorizationFlow), ["default-provider-authorization-implicit-consent"]);
    assert_eq!(lines(provider, Field::ScopeMappings).len(), 3);
    assert_eq!(provider[&Field::EncryptionKey].value, SettingValue::Null);
    assert_eq!(provider[&Field::AuthenticationFlow].value, SettingValue::Null);
    assert!(!provider.contains_key(&Field::GrantTypes), "this version has no grant types");
    assert_eq!(lines(application, Field::Slug), ["portainer"]);
    assert_eq!(lines(application, Field::LaunchUrl), ["https://portainer.example.com/"]);
    assert!(bindings.is_empty());
    assert!(plan.notices.iter().any(|notice| notice.text.starts_with("Everyone who can sign in")));
    assert_eq!(plan.parts[0].client_id.len(), 40);
    assert_eq!(plan.parts[0].endpoints.end_session, "https://auth.example.com/application/o/portainer/end-session/");
}

#[test]
fn servers_with_grant_types_get_them() {
    let plan = make(&portainer(), &facts(Version::new(2026, 5, 0)));
    assert_eq!(lines(created(&plan).0, Field::GrantTypes), ["authorization_code, refresh_token"]);
}

#[test]
fn proxmox_gets_an_rsa_key_where_there_is_none() {
    let mut facts = current();
    let answers = answers("proxmox-ve", &[("nodes", "pve1.example.com, pve2.example.com")]);
    for keys in [Vec::new(), vec![key("ec", KeyKind::Ec, true)]] {
        facts.keys = keys;
        let plan = make(&answers, &facts);
        let Some(Action::MakeKey { common_name, subject_alt_names, .. }) = plan.actions.first() else {
            panic!("{:?}", plan.actions)
        };
        assert_eq!(common_name, "auth.example.com");
        assert_eq!(subject_alt_names, &["auth.example.com"]);
        let (provider, ..) = created(&plan);
        assert_eq!(
            provider[&Field::SigningKey].value,
            SettingValue::Ref(Ref::New { handle: "signing-key".into(), name: String::new() })
        );
        assert_eq!(
            lines(provider, Field::RedirectUris),
            ["https://pve1.example.com:8006 (strict)", "https://pve2.example.com:8006 (strict)"]
        );
    }
}

#[test]
fn a_new_key_never_takes_the_name_of_another_certificate() {
    let mut facts = current();
    facts.keys = vec![key("AUTH.example.com", KeyKind::Ec, false)];
    let plan = make(&portainer(), &facts);
    assert!(matches!(&plan.actions[0], Action::MakeKey { common_name, .. } if common_name == "auth.example.com (signing)"));
}

#[test]
fn keys_that_cannot_sign_for_long_are_passed_over() {
    let mut facts = current();
    let mut expiring = key("expiring", KeyKind::Rsa, true);
    expiring.days_left = Some(5);
    let mut public = key("public", KeyKind::Rsa, false);
    public.has_private_key = false;
    facts.keys = vec![expiring, public, key("good", KeyKind::Rsa, false)];
    assert_eq!(lines(created(&make(&portainer(), &facts)).0, Field::SigningKey), ["good"]);
}

#[test]
fn a_key_that_the_application_refuses_is_refused() {
    let mut facts = current();
    facts.keys.push(key("ec", KeyKind::Ec, false));
    let mut answers = answers("proxmox-ve", &[("nodes", "pve.example.com")]);
    answers.options.signing_key = Some(KeyChoice::Existing("key-ec".into()));
    let plan = make(&answers, &facts);
    assert!(matches!(&plan.decisions[..], [Decision::Blocked { text }] if text.contains("RSA")), "{:?}", plan.decisions);
}

#[test]
fn missing_answers_block_with_the_questions_label() {
    let plan = make(&Answers::new("portainer"), &current());
    assert!(!plan.is_ready());
    assert!(plan.actions.is_empty());
    assert!(matches!(&plan.decisions[0], Decision::Blocked { text } if text.contains("Portainer's address")));
}

#[test]
fn missing_flows_are_asked_about_and_never_guessed() {
    let mut facts = current();
    facts.flows.retain(|flow| flow.slug != "default-provider-authorization-implicit-consent");
    let plan = make(&portainer(), &facts);
    let [Decision::Flow { purpose: Field::AuthorizationFlow, candidates }] = &plan.decisions[..] else {
        panic!("{:?}", plan.decisions)
    };
    assert_eq!(candidates[0].0, "default-provider-authorization-explicit-consent");
    facts.flows.clear();
    assert!(make(&portainer(), &facts).decisions.iter().all(|decision| matches!(decision, Decision::Blocked { .. })));
}

#[test]
fn a_missing_built_in_mapping_is_a_sentence() {
    let mut facts = current();
    facts.mappings.retain(|mapping| mapping.scope != "profile");
    let plan = make(&portainer(), &facts);
    assert!(matches!(&plan.decisions[..], [Decision::Blocked { text }] if text.contains("\"profile\"")));
}

#[test]
fn verified_addresses_are_one_mapping_for_all_and_reused() {
    let mut facts = current();
    let answers = answers("vaultwarden", &[("app", "https://vault.example.com")]);
    let plan = make(&answers, &facts);
    let Some(Action::MakeMapping { name, scope, expression, .. }) = plan.actions.first() else { panic!("{:?}", plan.actions) };
    assert_eq!(scope, "email");
    facts.mappings.push(ScopeMapping {
        pk: "ours".into(),
        managed: None,
        name: name.clone(),
        scope: scope.clone(),
        expression: expression.clone(),
    });
    let again = make(&answers, &facts);
    assert!(!again.actions.iter().any(|action| matches!(action, Action::MakeMapping { .. })));
    let SettingValue::Refs(refs) = &created(&again).0[&Field::ScopeMappings].value else { panic!("no mappings") };
    assert!(refs.contains(&Ref::existing("ours", "")));
    assert!(!refs.contains(&Ref::existing("map-email", "")), "two mappings would both emit the claim");
    let old = make(&answers, &self::facts(Version::new(2024, 12, 5)));
    assert!(
        !old.actions.iter().any(|action| matches!(action, Action::MakeMapping { .. })),
        "old servers say verified by themselves"
    );
}

#[test]
fn what_the_shared_mapping_means_is_said_and_a_mapping_beside_it_is_named() {
    let mut facts = current();
    let mut answers = answers("vaultwarden", &[("app", "https://vault.example.com")]);
    let plan = make(&answers, &facts);
    let says = |plan: &Plan, words: &str| plan.notices.iter().any(|notice| notice.text.contains(words));
    assert!(says(&plan, "as long as people cannot change their own address"), "{:?}", plan.notices);
    // A provider that somebody made by hand, with authentik's own mapping.
    let mut existing = existing_after(&plan);
    let email = Ref::existing("map-email", "email");
    let by_hand = SettingValue::Refs(vec![Ref::existing("map-openid", "openid"), email]);
    existing.provider.as_mut().unwrap().settings.insert(Field::ScopeMappings, by_hand);
    facts.existing = vec![existing];
    answers.taken = Some(Taken::Update);
    let update = make(&answers, &facts);
    assert!(says(&update, "OpenID 'email'\" stays among the provider's scopes"), "{:?}", update.notices);
    assert!(!says(&update, "OpenID 'openid'\" stays"), "{:?}", update.notices);
}

/// A provider as an earlier run of the plan would have left it.
fn existing_after(plan: &Plan) -> Existing {
    let (provider, application, _) = created(plan);
    let found = |pk: &str, settings: &Settings| Found {
        pk: pk.into(),
        settings: settings.iter().map(|(field, setting)| (*field, setting.value.clone())).collect::<IndexMap<_, _>>(),
    };
    Existing {
        application: found("app-pk", application),
        provider: Some(found("7", provider)),
        untouchable: None,
        bindings: Vec::new(),
    }
}

#[test]
fn a_taken_slug_is_a_decision_whatever_its_case() {
    let mut facts = current();
    let mut existing = existing_after(&make(&portainer(), &facts));
    existing.application.settings.insert(Field::Slug, SettingValue::Text("Portainer".into()));
    facts.existing = vec![existing];
    facts.applications = vec![ApplicationFact { slug: "portainer-2".into(), ..ApplicationFact::default() }];
    let plan = make(&portainer(), &facts);
    assert!(
        matches!(&plan.decisions[..], [Decision::Taken { free_slug, .. }] if free_slug == "portainer-3"),
        "{:?}",
        plan.decisions
    );
}

#[test]
fn a_second_run_changes_nothing() {
    let mut facts = current();
    facts.existing = vec![existing_after(&make(&portainer(), &facts))];
    let mut answers = portainer();
    answers.taken = Some(Taken::Update);
    let plan = make(&answers, &facts);
    assert!(plan.is_ready());
    assert!(plan.is_empty(), "{:#?}", plan.actions);
}

#[test]
fn an_update_adds_and_never_removes() {
    let mut facts = current();
    let mut existing = existing_after(&make(&portainer(), &facts));
    let provider = existing.provider.as_mut().unwrap();
    let theirs = RedirectEntry {
        redirect: RedirectUri { uri: "https://old.example.com/".into(), mode: MatchingMode::Strict },
        raw: Some(
            serde_json::json!({"matching_mode": "strict", "url": "https://old.example.com/", "redirect_uri_type": "logout"}),
        ),
    };
    provider.settings.insert(Field::RedirectUris, SettingValue::Redirects(vec![theirs.clone()]));
    provider.settings.insert(Field::ScopeMappings, SettingValue::Refs(vec![Ref::existing("special", "special")]));
    provider.settings.insert(Field::AccessLifetime, SettingValue::Text("hours=8".into()));
    existing.bindings = vec![Binding { pk: "b".into(), group: Some("g1".into()), order: 4, ..Binding::default() }];
    facts.existing = vec![existing];
    let mut answers = portainer();
    answers.taken = Some(Taken::Update);
    answers.access = Access::Person { pk: "1".into(), username: "akadmin".into() };
    let plan = make(&answers, &facts);
    let Some(Action::UpdateProvider { changes, .. }) = plan.actions.first() else { panic!("{:?}", plan.actions) };
    let fields: Vec<Field> = changes.iter().map(|change| change.field).collect();
    assert_eq!(fields, [Field::RedirectUris, Field::ScopeMappings], "the lifetime that somebody set stays");
    let SettingValue::Redirects(entries) = &changes[0].to else { panic!() };
    assert_eq!(entries.len(), 2);
    assert_eq!(entries[0].raw, theirs.raw, "what the server wrote goes back as it was");
    let SettingValue::Refs(refs) = &changes[1].to else { panic!() };
    assert_eq!(refs.len(), 4);
    assert!(matches!(plan.actions.last(), Some(Action::AddBindings { first_order: 5, .. })));
    assert!(plan.confirmations.is_empty());
}

#[test]
fn bindings_that_stay_are_not_talked_away() {
    let mut facts = current();
    let mut existing = existing_after(&make(&portainer(), &facts));
    existing.bindings = vec![Binding { pk: "b".into(), group: Some("g1".into()), ..Binding::default() }];
    facts.existing = vec![existing];
    let mut answers = portainer();
    answers.taken = Some(Taken::Update);
    let notices = |answers: &Answers| make(answers, &facts).notices.into_iter().map(|notice| notice.text).collect::<Vec<_>>();
    let everyone = notices(&answers);
    assert!(everyone.iter().any(|text| text.contains("has a binding already")), "{everyone:?}");
    assert!(!everyone.iter().any(|text| text.contains("Everyone")), "{everyone:?}");
    answers.access = Access::Person { pk: "1".into(), username: "akadmin".into() };
    let person = notices(&answers);
    assert!(person.iter().any(|text| text == "\"akadmin\" may open Portainer as well."), "{person:?}");
}

#[test]
fn changing_the_subject_mode_of_something_in_use_needs_the_slug_typed() {
    let mut facts = current();
    let mut answers = answers("nextcloud", &[("app", "https://cloud.example.com")]);
    let mut existing = existing_after(&make(&answers, &facts));
    existing.provider.as_mut().unwrap().settings.insert(Field::SubjectMode, SettingValue::Text("hashed_user_id".into()));
    facts.existing = vec![existing];
    answers.taken = Some(Taken::Update);
    let plan = make(&answers, &facts);
    assert!(
        matches!(&plan.confirmations[..], [Confirmation::Slug { slug, .. }] if slug == "nextcloud"),
        "{:?}",
        plan.confirmations
    );
}

#[test]
fn a_subject_mode_that_the_application_does_not_read_is_left_alone() {
    let mut facts = current();
    let mut answers = answers("osticket", &[("app", "https://help.example.com")]);
    let mut existing = existing_after(&make(&answers, &facts));
    existing.provider.as_mut().unwrap().settings.insert(Field::SubjectMode, SettingValue::Text("user_id".into()));
    facts.existing = vec![existing];
    answers.taken = Some(Taken::Update);
    assert!(make(&answers, &facts).is_empty(), "{:?}", make(&answers, &facts).actions);
    answers.options.sub_mode = Some(SubjectMode::UserUsername);
    assert!(!make(&answers, &facts).is_empty());
}

#[test]
fn whether_the_subject_is_read_can_depend_on_an_answer() {
    for (claim, left_alone) in [("username", true), ("subject", false)] {
        let mut facts = current();
        let mut answers = answers("proxmox-ve", &[("claim", claim)]);
        answers.give("nodes", Input::List(vec!["pve.example.com".into()]));
        let mut existing = existing_after(&make(&answers, &facts));
        existing.provider.as_mut().unwrap().settings.insert(Field::SubjectMode, SettingValue::Text("user_id".into()));
        facts.existing = vec![existing];
        answers.taken = Some(Taken::Update);
        let plan = make(&answers, &facts);
        assert_eq!(plan.is_empty(), left_alone, "{claim}: {:?}", plan.actions);
    }
}

#[test]
fn a_provider_of_another_kind_is_never_changed() {
    let mut facts = current();
    let mut existing = existing_after(&make(&portainer(), &facts));
    existing.provider = None;
    existing.untouchable = Some("Its provider is a proxy provider.".into());
    facts.existing = vec![existing];
    let mut answers = portainer();
    answers.taken = Some(Taken::Update);
    let plan = make(&answers, &facts);
    assert!(matches!(&plan.decisions[..], [Decision::Taken { update_refused: Some(_), .. }]), "{:?}", plan.decisions);
}

#[test]
fn an_application_without_provider_gets_one() {
    let mut facts = current();
    let mut existing = existing_after(&make(&portainer(), &facts));
    existing.provider = None;
    facts.existing = vec![existing];
    let mut answers = portainer();
    answers.taken = Some(Taken::Update);
    let plan = make(&answers, &facts);
    assert!(
        matches!(&plan.actions[..], [Action::CreateProvider { .. }, Action::UpdateApplication { changes, .. }] if changes.len() == 1)
    );
}

#[test]
fn a_taken_provider_name_renames_ours() {
    let mut facts = current();
    facts.providers = [ProviderFact {
        pk: "3".into(),
        name: "portainer".into(),
        component: OAUTH2_COMPONENT.into(),
        application: Some("other".into()),
    }]
    .into_iter()
    .collect();
    let plan = make(&portainer(), &facts);
    assert_eq!(lines(created(&plan).0, Field::Name), ["Portainer 2"]);
}

#[test]
fn renaming_takes_the_new_slug_everywhere() {
    let mut facts = current();
    facts.existing = vec![existing_after(&make(&portainer(), &facts))];
    let mut answers = portainer();
    answers.taken = Some(Taken::Rename { slug: "portainer-2".into(), name: "Portainer 2".into() });
    let plan = make(&answers, &facts);
    assert!(plan.is_ready(), "{:?}", plan.decisions);
    assert_eq!(lines(created(&plan).1, Field::Slug), ["portainer-2"]);
    assert!(plan.parts[0].endpoints.issuer.ends_with("/portainer-2/"));
}

#[test]
fn groups_are_reused_or_made_once() {
    let mut answers = portainer();
    answers.access = Access::Groups(vec![
        GroupChoice::Existing { pk: "g1".into(), name: "family".into() },
        GroupChoice::New { name: "Family".into() },
        GroupChoice::New { name: "friends".into() },
    ]);
    let plan = make(&answers, &current());
    let made: Vec<&Action> = plan.actions.iter().filter(|action| matches!(action, Action::MakeGroup { .. })).collect();
    assert_eq!(made.len(), 1, "a group that differs only by case exists");
    assert_eq!(created(&plan).2.len(), 3);
}

#[test]
fn only_me_needs_a_person() {
    let mut facts = current();
    facts.me.machine = true;
    let mut answers = portainer();
    answers.access = Access::Person { pk: "1".into(), username: "ak-outpost".into() };
    assert!(matches!(&make(&answers, &facts).decisions[..], [Decision::Person { .. }]));
    facts.me.machine = false;
    assert!(make(&answers, &facts).is_ready());
    // Chosen by name, the first administrator is as good as anybody: often there is nobody else yet.
    facts.me.username = "akadmin".into();
    assert!(!facts.me.is_surely_me() && make(&answers, &facts).is_ready());
}

#[test]
fn an_empty_list_of_redirect_uris_is_never_sent() {
    let mut answers = portainer();
    answers.options.redirects = Some(Vec::new());
    assert!(matches!(&make(&answers, &current()).decisions[..], [Decision::Blocked { text }] if text.contains("redirect URI")));
}

#[test]
fn reserved_slugs_are_refused() {
    for slug in ["token", "Authorize", "with space", "ünï"] {
        let mut answers = portainer();
        answers.options.slug = Some(slug.into());
        assert!(!make(&answers, &current()).is_ready(), "{slug}");
    }
}

#[test]
fn what_the_server_would_refuse_is_said_before_anything_is_made() {
    let with = |slug: &str, launch_url: Option<&str>| {
        let mut answers = portainer();
        answers.options.slug = Some(slug.into());
        answers.options.launch_url = launch_url.map(str::to_owned);
        answers
    };
    let ready = |answers: &Answers, year, release| {
        make(answers, &Facts { capabilities: Capabilities::expected(Version::new(year, release, 0)), ..current() }).is_ready()
    };
    let long = with(&"a".repeat(51), None);
    assert!(!ready(&long, 2024, 12) && ready(&long, 2025, 12));
    assert!(ready(&with(&"a".repeat(50), None), 2024, 12));
    assert!(ready(&with("a", Some("https://app.example.com/home")), 2026, 5));
    let plan = make(&with("a", Some("app.example.com")), &current());
    assert!(matches!(&plan.decisions[..], [Decision::Blocked { text }] if text.contains("launch URL")), "{:?}", plan.decisions);
}

fn plex() -> Answers {
    let mut answers = Answers::new("plex");
    answers.source.plex = Some(PlexAccount {
        client_identifier: "c".repeat(40),
        token: SecretString::from("plex-canary"),
        servers: vec![PlexServer { id: "s1".into(), name: "Attic".into() }],
        allowed: vec!["s1".into()],
    });
    answers
}

#[test]
fn plex_is_made_and_shown_beside_what_is_there() {
    let mut facts = current();
    facts.applications = vec![
        ApplicationFact { slug: "open".into(), bound: Some(false), ..ApplicationFact::default() },
        ApplicationFact { slug: "bound".into(), bound: Some(true), ..ApplicationFact::default() },
    ];
    let plan = make(&plex(), &facts);
    assert!(plan.is_ready(), "{:?}", plan.decisions);
    let [Action::CreateSource { settings, .. }, Action::ShowSource { stage, keeps, .. }] = &plan.actions[..] else {
        panic!("{:?}", plan.actions)
    };
    assert_eq!(lines(settings, Field::AllowedServers), ["s1"]);
    assert_eq!(lines(settings, Field::AllowFriends), ["no"]);
    assert_eq!(lines(settings, Field::UserMatching), ["identifier"]);
    assert_eq!(lines(settings, Field::EnrollmentFlow), ["default-source-enrollment"]);
    assert_eq!((stage.as_str(), keeps.len()), ("stage", 1));
    assert!(plan.notices[0].text.contains("the one application"), "{:?}", plan.notices);
    assert!(!format!("{:?} {:?}", plan, diff(&plan)).contains("plex-canary"));
}

#[test]
fn plex_without_a_server_lets_nobody_in_and_is_refused() {
    let mut answers = plex();
    answers.source.plex.as_mut().unwrap().allowed.clear();
    assert!(!make(&answers, &current()).is_ready());
}

#[test]
fn several_login_stages_are_asked_about() {
    let mut facts = current();
    let mut second = facts.identification_stages[0].clone();
    second.pk = "second".into();
    facts.identification_stages.push(second);
    assert!(!make(&plex(), &facts).is_ready());
    let mut answers = plex();
    answers.source.login_page = LoginPage::Stage("second".into());
    assert!(make(&answers, &facts).is_ready());
    answers.source.login_page = LoginPage::Hidden;
    assert_eq!(make(&answers, &facts).actions.len(), 1);
}

#[test]
fn every_built_in_template_plans_with_its_samples() {
    let engine = Engine::new();
    for template in Catalog::built_in().iter().filter(|template| template.source.is_none()) {
        for sample in &template.sample {
            let mut answers = Answers::new(template.id.clone());
            for (question, value) in &sample.answers {
                let value = engine.value(value, &crate::catalog::value::Scope::default()).unwrap();
                let kind =
                    template.question.iter().find(|asked| asked.id == *question).expect("a sample answers a question").kind;
                let input = match value.as_text() {
                    Some(text) if kind == QuestionKind::Secret => Input::Secret(text.into()),
                    _ => crate::setup::question::to_input(&value).expect("a sample is an answer"),
                };
                answers.give(question, input);
            }
            for version in [Version::new(2024, 12, 5), Version::new(2025, 12, 4), Version::new(2026, 5, 0)] {
                let plan = plan(&engine, template, &answers, &facts(version), &minted(template));
                assert!(plan.is_ready(), "{} {version}: {:?}", template.id, plan.decisions);
            }
        }
    }
}
