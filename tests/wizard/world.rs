//! A server, templates and answers to work with.

use std::sync::Arc;

use akwiz::catalog::render::Engine;
use akwiz::catalog::template::Template;
use akwiz::catalog::value::Scope;
use akwiz::setup::answers::{Answers, Input, PlexAccount, PlexServer};
use akwiz::setup::facts::{
    ApplicationFact, AroundSource, Capabilities, Existing, Facts, Flow, Found, GroupFact, IdentificationStage, Key, KeyKind,
    OAUTH2_COMPONENT, Person, ProviderFact, ScopeMapping, Version,
};
use akwiz::setup::mint::{Minted, mint};
use akwiz::setup::outcome::{Outcome, PartOutcome, SourceOutcome};
use akwiz::setup::plan::{Action, Plan};
use akwiz::setup::planner;
use akwiz::setup::setting::{Field, Ref, SettingValue, Settings};
use akwiz::ui::effect::Read;
use akwiz::ui::msg::{Answer, ServerFound, SignedIn, Tls};
use akwiz::ui::{Load, Server, Wizard};
use indexmap::IndexMap;

/// The sizes that every page is drawn in.
pub const SIZES: [(u16, u16); 3] = [(80, 24), (60, 20), (120, 40)];

/// A template of this repository.
pub fn template(id: &str) -> Arc<Template> {
    let source = match id {
        "portainer" => include_str!("../../assets/templates/portainer.toml"),
        "plex" => include_str!("../../assets/templates/plex.toml"),
        "proxmox-ve" => include_str!("../../assets/templates/proxmox-ve.toml"),
        "chatgpt" => include_str!("../../assets/templates/chatgpt.toml"),
        "github" => include_str!("../../assets/templates/github.toml"),
        "saml" => include_str!("../../assets/templates/saml.toml"),
        "entra-id-scim" => include_str!("../../assets/templates/entra-id-scim.toml"),
        "wechat" => include_str!("../../assets/templates/wechat.toml"),
        other => panic!("no template is laid ready for {other}"),
    };
    Arc::new(toml::from_str(source).expect("the template can be read"))
}

/// Identifiers and secrets that are the same each time.
pub fn minted(template: &Template) -> Minted {
    let mut next = 0_u8;
    mint(template, &mut |buffer| {
        for byte in buffer {
            *byte = next;
            next = next.wrapping_add(7);
        }
    })
}

fn flow(pk: &str, slug: &str, designation: &str) -> Flow {
    Flow { pk: pk.into(), slug: slug.into(), name: format!("Flow {slug}"), designation: designation.into() }
}

fn scope(name: &str) -> ScopeMapping {
    ScopeMapping {
        pk: format!("scope-{name}"),
        managed: Some(format!("goauthentik.io/providers/oauth2/scope-{name}")),
        name: format!("authentik default OAuth Mapping: OpenID '{name}'"),
        scope: name.into(),
        expression: "return {}".into(),
    }
}

/// A server as it is after installation, with an RSA key.
pub fn facts() -> Facts {
    Facts {
        capabilities: Capabilities::expected(Version::new(2025, 12, 4)),
        api_url: "https://auth.example.com".into(),
        public_url: "https://auth.example.com".into(),
        me: Person { pk: "5".into(), username: "akadmin".into(), name: "Administrator".into(), superuser: true, machine: false },
        flows: vec![
            flow("f1", "default-provider-authorization-implicit-consent", "authorization"),
            flow("f2", "default-provider-invalidation-flow", "invalidation"),
            flow("f3", "default-source-authentication", "authentication"),
            flow("f4", "default-source-enrollment", "enrollment"),
        ],
        mappings: ["openid", "profile", "email", "offline_access", "entitlements"].map(scope).into(),
        keys: vec![Key {
            pk: "k1".into(),
            name: "authentik Self-signed Certificate".into(),
            kind: KeyKind::Rsa,
            has_private_key: true,
            days_left: Some(300),
            managed: true,
        }],
        groups: vec![GroupFact { pk: "g1".into(), name: "Family".into(), members: Some(3) }],
        applications: vec![ApplicationFact {
            pk: "a1".into(),
            slug: "grafana".into(),
            name: "Grafana".into(),
            provider: Some("7".into()),
            launch_url: "https://grafana.example.com".into(),
            bound: Some(false),
        }],
        providers: [ProviderFact {
            pk: "7".into(),
            name: "Grafana".into(),
            component: OAUTH2_COMPONENT.into(),
            application: Some("grafana".into()),
        }]
        .into_iter()
        .collect(),
        existing: Vec::new(),
        existing_source: None,
        identification_stages: vec![
            IdentificationStage {
                pk: "s1".into(),
                name: "default-authentication-identification".into(),
                sources: vec!["b1".into()],
                user_fields: serde_json::json!(["email", "username"]),
                in_login_flow: true,
            },
            IdentificationStage {
                pk: "s2".into(),
                name: "default-recovery-identification".into(),
                sources: Vec::new(),
                user_fields: serde_json::json!(["email"]),
                in_login_flow: false,
            },
        ],
        around_source: AroundSource::default(),
        refused_changes: Vec::new(),
        gaps: Vec::new(),
    }
}

/// The same server, on which Portainer was set up before, by hand.
pub fn facts_with_portainer() -> Facts {
    let text = |text: &str| SettingValue::Text(text.into());
    let provider: IndexMap<Field, SettingValue> = [
        (Field::Name, text("Portainer")),
        (Field::ClientType, text("confidential")),
        (Field::ClientId, text("oldclientid")),
        (Field::ClientSecret, SettingValue::Secret("oldsecret".to_owned().into())),
        (Field::RedirectUris, SettingValue::Redirects(Vec::new())),
        (Field::ScopeMappings, SettingValue::Refs(vec![Ref::existing("scope-openid", "openid")])),
        (Field::SigningKey, SettingValue::Null),
        (Field::SubjectMode, text("user_uuid")),
        (Field::IssuerMode, text("per_provider")),
    ]
    .into();
    let application: IndexMap<Field, SettingValue> = [
        (Field::Name, text("Portainer")),
        (Field::Slug, text("portainer")),
        (Field::LaunchUrl, text("")),
        (Field::Group, text("Tools")),
    ]
    .into();
    let mut facts = facts();
    facts.existing = vec![Existing {
        application: Found { pk: "a9".into(), settings: application },
        provider: Some(Found { pk: "9".into(), settings: provider }),
        untouchable: None,
        bindings: Vec::new(),
    }];
    facts
}

/// The same server, on which the first pass of `ChatGPT` was made: its redirect URI is a stand-in.
pub fn facts_with_chatgpt() -> Facts {
    let made = wizard("chatgpt");
    let template = template("chatgpt");
    let plan = planner::plan(&Engine::new(), &template, &made.answers, &facts(), &minted(&template));
    let created = plan.actions.iter().find_map(|action| match action {
        Action::Create { provider, application, .. } => Some((values(application), values(provider))),
        _ => None,
    });
    let (application, provider) = created.expect("ChatGPT is an application with a provider");
    let mut facts = facts();
    facts.existing = vec![Existing {
        application: Found { pk: "a9".into(), settings: application },
        provider: Some(Found { pk: "9".into(), settings: provider }),
        untouchable: None,
        bindings: Vec::new(),
    }];
    facts
}

fn values(settings: &Settings) -> IndexMap<Field, SettingValue> {
    settings.iter().map(|(field, setting)| (*field, setting.value.clone())).collect()
}

/// Somebody is signed in and has picked a template.
pub fn wizard(id: &str) -> Wizard {
    let found = ServerFound {
        api_url: "https://auth.example.com".into(),
        version: Some(Version::new(2025, 12, 4)),
        tls: Tls::Authority,
        needs_public: false,
        redirected_from: None,
        clock_skew: None,
    };
    let template = template(id);
    let mut answers = Answers::new(id);
    match id {
        "portainer" => answers.give("app", Input::Text("https://portainer.example.com".into())),
        "proxmox-ve" => answers.give("nodes", Input::List(vec!["pve.example.com".into()])),
        _ => {}
    }
    Wizard {
        catalog: Load::Ready(Arc::new([(*template).clone()].into_iter().collect())),
        server: Some(Server { found, public_url: "https://auth.example.com".into() }),
        signed_in: Some(SignedIn { person: facts().me, version: Version::new(2025, 12, 4), missing: Vec::new() }),
        template: Some(template),
        answers,
        ..Wizard::default()
    }
}

/// Answers what review asks for: these facts, and the same secrets each time.
pub fn reader(facts: Facts) -> impl FnMut(&Read) -> Option<Answer> {
    move |read| match read {
        Read::Facts { .. } => Some(Answer::Facts(Ok(Box::new(facts.clone())))),
        Read::Mint(template) => Some(Answer::Minted(Box::new(minted(template)))),
        _ => None,
    }
}

/// What comes of a plan that worked.
pub fn outcome(plan: &Plan) -> Outcome {
    let mut scope: Scope = plan.scope.clone();
    scope.insert("authentik_version".into(), "2025.12.4".into());
    Outcome {
        template: plan.template.clone(),
        receipt: Some("20261122T141503Z-portainer-a1b2".into()),
        parts: plan
            .parts
            .iter()
            .map(|part| PartOutcome {
                id: part.id.clone(),
                name: part.name.clone(),
                slug: part.slug.clone(),
                application: "a2".into(),
                provider: "12".into(),
                client_id: part.client_id.clone(),
                client_secret: part.client_secret.clone(),
                endpoints: part.endpoints.clone(),
            })
            .collect(),
        source: scope.get("slug").and_then(|slug| slug.as_text()).filter(|_| plan.parts.is_empty()).map(|slug| SourceOutcome {
            pk: "p1".into(),
            slug: slug.to_owned(),
            name: scope.get("app_name").and_then(|name| name.as_text()).unwrap_or_default().to_owned(),
            shown_on: plan
                .actions
                .iter()
                .any(|action| matches!(action, Action::ShowSource { .. }))
                .then(|| "default-authentication-identification".into()),
        }),
        scope,
        notices: Vec::new(),
    }
}

/// Everything was done as planned.
pub fn done(wizard: Wizard) -> Wizard {
    done_with(wizard, &facts())
}

/// Everything was done as planned, on another server.
pub fn done_with(mut wizard: Wizard, facts: &Facts) -> Wizard {
    let template = wizard.template.clone().expect("a template is picked");
    let made = minted(&template);
    let plan = planner::plan(&Engine::new(), &template, &wizard.answers, facts, &made);
    assert!(plan.is_ready(), "{:?}", plan.decisions);
    wizard.outcome = Some(outcome(&plan));
    wizard.plan = Some(plan);
    wizard.minted = Some(made);
    wizard
}

/// Somebody signed in to Plex and chose a server.
pub fn with_plex(mut wizard: Wizard) -> Wizard {
    wizard.answers.source.plex = Some(PlexAccount {
        client_identifier: "x".repeat(40),
        token: "plextoken".to_owned().into(),
        servers: vec![
            PlexServer { id: "m1".into(), name: "Attic".into() },
            PlexServer { id: "m2".into(), name: "Living room".into() },
        ],
        allowed: vec!["m1".into()],
    });
    wizard
}
