//! What is exported is read back by other people's parsers and compared value by value.

use hcl::eval::{Context, Evaluate as _, FuncArgs, FuncDef, ParamType};
use hcl::expr::{Expression, TraversalOperator};
use hcl::{Block, Body};
use proptest::prelude::*;
use saphyr::{LoadableYamlNode as _, Scalar, Yaml};
use serde_json::{Map, Value, json};

use super::fields::{APPLICATION, PROVIDER, is_nothing};
use super::{Binding, Certificate, Export, Format, LoginSource, Mapping, Pair, SourceMapping, Subject, hcl as written_hcl, yaml};
use crate::catalog::template::SourceApi;
use crate::setup::facts::{AroundSource, Capabilities, Facts, Flow, GroupFact, Key, KeyKind, Person, Version};
use crate::setup::providers::Providers;

/// Text that some format takes for something else.
const HOSTILE: &str =
    "a \"b\" 'c' \\d ${e} %{f} $${g} $ % #h: - [i] {j} | k\tl\n  m\r\n!n &o *p `q` <r> \u{1}\u{85}\u{2028}\u{feff}ü😀";

fn object(mut value: Value) -> Map<String, Value> {
    std::mem::take(value.as_object_mut().unwrap())
}

fn pair() -> Pair {
    Pair {
        application: object(json!({
            "pk": "a1", "name": HOSTILE, "slug": "grafana", "provider": 7, "provider_obj": {"pk": 7}, "group": "Tools: \"all\"",
            "meta_launch_url": "https://grafana.example.com/?a=${b}", "meta_icon": "", "meta_icon_url": null, "meta_description": HOSTILE,
            "meta_publisher": "", "open_in_new_tab": true, "policy_engine_mode": "any", "meta_hide": false,
            "backchannel_providers": [9],
        })),
        provider: Some(object(json!({
            "pk": 7, "name": "Grafana ${x}", "authorization_flow": "f1", "authentication_flow": null, "invalidation_flow": "f2",
            "client_type": "confidential", "client_id": "c".repeat(40), "grant_types": ["authorization_code", "refresh_token"],
            "redirect_uris": [
                {"matching_mode": "strict", "url": "https://grafana.example.com/cb", "redirect_uri_type": "authorization"},
                {"matching_mode": "regex", "url": r"https://.*\.example\.com/%{x}", "redirect_uri_type": "logout"},
            ],
            "property_mappings": ["m1", "m2", "gone"], "signing_key": "k1", "encryption_key": "unseen", "sub_mode": "user_email",
            "include_claims_in_id_token": true, "issuer_mode": "per_provider", "access_code_validity": "minutes=1",
            "access_token_validity": "minutes=5", "refresh_token_validity": "days=30", "refresh_token_threshold": "hours=1",
            "logout_uri": "https://grafana.example.com/bye", "logout_method": "frontchannel",
            "jwt_federation_sources": ["s-1"], "jwt_federation_providers": [3],
        }))),
        has_secret: true,
        bindings: vec![
            binding("b1", Subject::Group("g1".into()), 0),
            binding("b2", Subject::User("5".into()), 1),
            binding("b3", Subject::Policy("p-1".into()), 2),
        ],
    }
}

fn binding(pk: &str, subject: Subject, order: i64) -> Binding {
    Binding { pk: pk.into(), subject, order, enabled: order != 1, negate: order == 1, timeout: 30, failure_result: order == 1 }
}

fn facts() -> Facts {
    let flow = |pk: &str, slug: &str| Flow { pk: pk.into(), slug: slug.into(), ..Flow::default() };
    Facts {
        capabilities: Capabilities::expected(Version::new(2026, 5, 6)),
        api_url: "https://auth.example.com".into(),
        public_url: "https://auth.example.com".into(),
        me: Person::default(),
        flows: vec![
            flow("f1", "default-provider-authorization-implicit-consent"),
            flow("f2", "default-provider-invalidation-flow"),
        ],
        mappings: Vec::new(),
        keys: vec![Key {
            pk: "k1".into(),
            name: HOSTILE.into(),
            kind: KeyKind::Rsa,
            has_private_key: true,
            days_left: None,
            managed: false,
        }],
        groups: vec![GroupFact { pk: "g1".into(), name: "The ${family}".into(), members: Some(2) }],
        applications: Vec::new(),
        providers: Providers::default(),
        existing: Vec::new(),
        existing_source: None,
        identification_stages: Vec::new(),
        around_source: AroundSource::default(),
        refused_changes: Vec::new(),
        gaps: Vec::new(),
    }
}

fn mappings() -> Vec<Mapping> {
    let managed = "goauthentik.io/providers/oauth2/scope-openid".to_owned();
    vec![
        Mapping { pk: "m1".into(), managed: Some(managed), name: "OpenID".into(), scope: "openid".into(), ..Mapping::default() },
        Mapping {
            pk: "m2".into(),
            managed: None,
            name: "akwiz: role".into(),
            scope: "role".into(),
            description: "Your \"role\"".into(),
            expression: "if ak_is_group_member(request.user, name=\"a: ${b}\"):\n    return {'role': 'x'}\n\nreturn {}\n".into(),
        },
    ]
}

fn render(pairs: &[Pair], format: Format) -> String {
    let (facts, mappings, users) = (facts(), mappings(), [("5".to_owned(), "ann".to_owned())]);
    Export { pairs, sources: &[], facts: &facts, mappings: &mappings, users: &users, secret_folder: None }.render(format)
}

/// A value of Terraform's: references as text after `ref:`.
fn plain(expression: &Expression) -> Value {
    match expression {
        Expression::Traversal(traversal) => {
            let mut path = match &traversal.expr {
                Expression::Variable(name) => format!("ref:{}", name.as_str()),
                other => panic!("{other:?}"),
            };
            for operator in &traversal.operators {
                let TraversalOperator::GetAttr(name) = operator else { panic!("{operator:?}") };
                path = format!("{path}.{}", name.as_str());
            }
            path.into()
        }
        Expression::Array(items) => items.iter().map(plain).collect(),
        Expression::Variable(name) => format!("ref:{}", name.as_str()).into(),
        other => {
            let mut context = Context::new();
            let join = |args: FuncArgs| {
                let lines: Vec<&str> = args[1].as_array().unwrap().iter().filter_map(hcl::Value::as_str).collect();
                Ok(hcl::Value::from(lines.join(args[0].as_str().unwrap())))
            };
            context.declare_func("join", FuncDef::builder().params([ParamType::String, ParamType::Any]).build(join));
            serde_json::to_value(other.evaluate(&context).unwrap()).unwrap()
        }
    }
}

fn block<'b>(body: &'b Body, kind: &str, labels: &[&str]) -> &'b Block {
    let found = body.blocks().find(|block| {
        block.identifier() == kind && block.labels().iter().map(hcl::BlockLabel::as_str).eq(labels.iter().copied())
    });
    found.unwrap_or_else(|| panic!("no {kind} {labels:?}"))
}

fn argument(block: &Block, name: &str) -> Option<Value> {
    block.body().attributes().find(|attribute| attribute.key() == name).map(|attribute| plain(attribute.expr()))
}

/// What a reference stands for: its data source's or resource's argument.
fn behind(body: &Body, reference: &Value, name: &str) -> Option<Value> {
    let path: Vec<&str> = reference.as_str()?.strip_prefix("ref:")?.split('.').collect();
    match path.as_slice() {
        ["data", kind, label, "id"] => argument(block(body, "data", &[kind, label]), name),
        [kind, label, _] => argument(block(body, "resource", &[kind, label]), name),
        _ => None,
    }
}

#[test]
fn terraform_holds_every_value() {
    let (pair, text) = (pair(), render(&[pair()], Format::Terraform));
    let body: Body = hcl::parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let provider = block(&body, "resource", &["authentik_provider_oauth2", "grafana"]);
    let source = pair.provider.as_ref().unwrap();
    assert_eq!(argument(provider, "name"), Some(source["name"].clone()));
    for (field, _) in PROVIDER {
        let sent = &source[*field];
        let name = if *field == "redirect_uris" { "allowed_redirect_uris" } else { field };
        let held = argument(provider, name);
        match *field {
            _ if is_nothing(sent) => assert_eq!(held, None, "{field}"),
            "authorization_flow" | "invalidation_flow" => {
                let slug = if *sent == "f1" {
                    "default-provider-authorization-implicit-consent"
                } else {
                    "default-provider-invalidation-flow"
                };
                assert_eq!(behind(&body, &held.unwrap(), "slug"), Some(slug.into()));
            }
            "signing_key" => {
                let key = held.unwrap();
                assert_eq!(behind(&body, &key, "name"), Some(HOSTILE.into()));
                // Otherwise the state holds the private key.
                assert_eq!(behind(&body, &key, "fetch_key"), Some(false.into()));
            }
            "property_mappings" => {
                let held = held.unwrap();
                assert_eq!(behind(&body, &held[0], "managed"), Some("goauthentik.io/providers/oauth2/scope-openid".into()));
                assert_eq!(behind(&body, &held[1], "expression"), Some(mappings()[1].expression.as_str().into()));
                assert_eq!(behind(&body, &held[1], "description"), Some("Your \"role\"".into()));
                assert_eq!(held[2], "gone");
            }
            _ => assert_eq!(held.as_ref(), Some(sent), "{field}"),
        }
    }
    assert_eq!(argument(provider, "client_secret"), Some("ref:var.grafana_client_secret".into()));
    assert_eq!(argument(block(&body, "variable", &["grafana_client_secret"]), "sensitive"), Some(true.into()));
    let application = block(&body, "resource", &["authentik_application", "grafana"]);
    assert_eq!(argument(application, "protocol_provider"), Some("ref:authentik_provider_oauth2.grafana.id".into()));
    for field in APPLICATION {
        let sent = &pair.application[*field];
        assert_eq!(argument(application, field), Some(sent.clone()).filter(|sent| !is_nothing(sent)), "{field}");
    }
    let imports: Vec<(Value, Value)> = body
        .blocks()
        .filter(|block| block.identifier() == "import")
        .map(|block| (argument(block, "to").unwrap(), argument(block, "id").unwrap()))
        .collect();
    assert_eq!(imports.len(), 6, "{imports:?}");
    assert!(imports.contains(&("ref:authentik_provider_oauth2.grafana".into(), "7".into())));
    assert!(imports.contains(&("ref:authentik_application.grafana".into(), "grafana".into())));
    let bindings: Vec<&Block> = body
        .blocks()
        .filter(|block| block.labels().first().is_some_and(|label| label.as_str() == "authentik_policy_binding"))
        .collect();
    assert_eq!(behind(&body, &argument(bindings[0], "group").unwrap(), "name"), Some("The ${family}".into()));
    assert_eq!(behind(&body, &argument(bindings[1], "user").unwrap(), "username"), Some("ann".into()));
    assert_eq!(argument(bindings[1], "failure_result"), Some(true.into()));
    assert_eq!((argument(bindings[1], "negate"), argument(bindings[2], "policy")), (Some(true.into()), Some("p-1".into())));
}

/// A value of a blueprint: tags as an object with the tag's name.
fn node(yaml: &Yaml<'_>) -> Value {
    match yaml {
        Yaml::Value(Scalar::Null) => Value::Null,
        Yaml::Value(Scalar::Boolean(on)) => (*on).into(),
        Yaml::Value(Scalar::Integer(number)) => (*number).into(),
        Yaml::Value(Scalar::String(text)) => text.as_ref().into(),
        Yaml::Sequence(items) => items.iter().map(node).collect(),
        Yaml::Mapping(fields) => fields
            .iter()
            .map(|(name, value)| (node(name).as_str().unwrap().to_owned(), node(value)))
            .collect::<Map<_, _>>()
            .into(),
        Yaml::Tagged(tag, inner) => json!({ tag.suffix.as_str(): node(inner) }),
        other => panic!("{other:?}"),
    }
}

fn blueprint(text: &str) -> Value {
    let mut documents = Yaml::load_from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert_eq!(documents.len(), 1);
    node(&documents.remove(0))
}

#[test]
fn a_blueprint_holds_every_value() {
    let (pair, text) = (pair(), render(&[pair()], Format::Blueprint));
    let whole = blueprint(&text);
    assert_eq!(whole["version"], 1);
    let entries = whole["entries"].as_array().unwrap();
    let of = |model: &str| entries.iter().filter(|entry| entry["model"] == model).collect::<Vec<_>>();
    let provider = of("authentik_providers_oauth2.oauth2provider")[0];
    let source = pair.provider.as_ref().unwrap();
    assert_eq!(provider["identifiers"], json!({"name": source["name"]}));
    for (field, _) in PROVIDER {
        let held = &provider["attrs"][*field];
        match *field {
            "authorization_flow" => assert_eq!(
                *held,
                json!({"Find": ["authentik_flows.flow", ["slug", "default-provider-authorization-implicit-consent"]]})
            ),
            "invalidation_flow" => {
                assert_eq!(*held, json!({"Find": ["authentik_flows.flow", ["slug", "default-provider-invalidation-flow"]]}));
            }
            "signing_key" => assert_eq!(*held, json!({"Find": ["authentik_crypto.certificatekeypair", ["name", HOSTILE]]})),
            "property_mappings" => {
                let managed = "goauthentik.io/providers/oauth2/scope-openid";
                assert_eq!(held[0], json!({"Find": ["authentik_providers_oauth2.scopemapping", ["managed", managed]]}));
                assert_eq!(
                    (&held[1]["KeyOf"], &held[2]),
                    (&of("authentik_providers_oauth2.scopemapping")[0]["id"], &"gone".into())
                );
            }
            _ => assert_eq!(*held, source[*field], "{field}"),
        }
    }
    assert_eq!(provider["attrs"]["client_secret"], json!({"Env": "GRAFANA_CLIENT_SECRET"}));
    let mapping = of("authentik_providers_oauth2.scopemapping")[0];
    assert_eq!(mapping["attrs"]["expression"], mappings()[1].expression.as_str());
    let application = of("authentik_core.application")[0];
    assert_eq!(application["attrs"]["provider"], json!({"KeyOf": provider["id"]}));
    for field in APPLICATION {
        assert_eq!(application["attrs"][*field], pair.application[*field], "{field}");
    }
    let group = of("authentik_core.group")[0];
    assert_eq!((&group["state"], &group["identifiers"]["name"]), (&"created".into(), &"The ${family}".into()));
    let bindings = of("authentik_policies.policybinding");
    assert_eq!(bindings[0]["identifiers"]["group"], json!({"KeyOf": group["id"]}));
    assert_eq!(bindings[0]["identifiers"]["target"], json!({"KeyOf": application["id"]}));
    assert_eq!(bindings[1]["identifiers"]["user"], json!({"Find": ["authentik_core.user", ["username", "ann"]]}));
    assert_eq!(bindings[1]["attrs"], json!({"enabled": false, "negate": true, "timeout": 30, "failure_result": true}));
}

#[test]
fn secrets_of_a_blueprint_can_come_from_files() {
    let (facts, pairs) = (facts(), [pair()]);
    let export =
        Export { pairs: &pairs, sources: &[], facts: &facts, mappings: &[], users: &[], secret_folder: Some("/secrets/") };
    let whole = blueprint(&export.render(Format::Blueprint));
    let provider = whole["entries"].as_array().unwrap().iter().find(|entry| entry["id"] == "provider_grafana").unwrap();
    assert_eq!(provider["attrs"]["client_secret"], json!({"File": "/secrets/grafana_client_secret"}));
}

#[test]
fn a_page_holds_what_people_need_and_no_markup_of_others() {
    let page = render(&[pair()], Format::Markdown);
    for text in ["cccccccccc", "https://auth.example.com/application/o/grafana/", "members of The ${family}", "(hidden)"] {
        assert!(page.contains(text), "{text}\n{page}");
    }
    assert!(!page.contains("<r>") || page.lines().filter(|line| line.contains("<r>")).all(|line| line.contains('`')), "{page}");
    let rows = page.lines().filter(|line| line.starts_with('|'));
    for row in rows {
        let bars = row.replace("\\|", "").matches('|').count();
        assert_eq!(bars, 3, "{row}");
    }
}

#[test]
fn an_application_without_oauth2_is_exported_alone() {
    let alone = Pair { provider: None, has_secret: false, ..pair() };
    let body: Body = hcl::parse(&render(std::slice::from_ref(&alone), Format::Terraform)).unwrap();
    let application = block(&body, "resource", &["authentik_application", "grafana"]);
    assert_eq!(argument(application, "protocol_provider"), Some(7.into()));
    assert_eq!(blueprint(&render(std::slice::from_ref(&alone), Format::Blueprint))["entries"].as_array().unwrap().len(), 5);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_text_survives_terraform(text in any::<String>()) {
        for written in [written_hcl::quoted(&text), written_hcl::lines(&text)] {
            let body: Body = hcl::parse(&format!("a = {written}\n")).map_err(|error| TestCaseError::fail(format!("{error}: {written}")))?;
            prop_assert_eq!(plain(body.attributes().next().unwrap().expr()), text.as_str());
        }
    }

    #[test]
    fn template_signs_survive_terraform(text in "[$%{}~\\\\\"a\n]{0,12}") {
        let body: Body = hcl::parse(&format!("a = {}\n", written_hcl::quoted(&text))).map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert_eq!(plain(body.attributes().next().unwrap().expr()), text.as_str());
    }

    #[test]
    fn any_text_survives_a_blueprint(text in any::<String>(), line in "[ #:|>\\-a\n\t]{0,12}") {
        for text in [text, line] {
            let mut written = String::from("a:");
            yaml::Node::Lines(text.clone()).write(&mut written, 1);
            written.push_str("b:");
            yaml::Node::text(text.as_str()).write(&mut written, 1);
            let whole = blueprint(&written);
            prop_assert_eq!((&whole["a"], &whole["b"]), (&text.as_str().into(), &text.as_str().into()));
        }
    }
}

fn source() -> LoginSource {
    LoginSource {
        api: SourceApi::Oauth,
        source: object(json!({
            "pk": "s1", "name": HOSTILE, "slug": "company-id", "enabled": true, "promoted": true, "authentication_flow": "f1",
            "enrollment_flow": null, "user_property_mappings": ["sm1", "sm2"], "group_property_mappings": ["gone"],
            "policy_engine_mode": "any", "user_matching_mode": "email_deny", "group_matching_mode": "identifier",
            "user_path_template": "people/%(slug)s/${x}", "icon": "company.svg", "icon_url": null, "provider_type": "openidconnect",
            "consumer_key": HOSTILE, "request_token_url": null, "authorization_url": "https://id.example.com/authorize?a=${b}",
            "access_token_url": "https://id.example.com/token", "profile_url": "https://id.example.com/userinfo",
            "oidc_well_known_url": "", "oidc_jwks_url": "https://id.example.com/keys", "oidc_jwks": {"keys": [{"kid": "a\"b"}]},
            "pkce": "S256", "authorization_code_auth_method": "post_body", "additional_scopes": "groups",
        })),
        mappings: vec![
            SourceMapping { pk: "sm1".into(), managed: None, name: "Name ${x}".into(), expression: "return {\n}\n".into() },
            SourceMapping { pk: "sm2".into(), managed: Some("goauthentik.io/x".into()), ..SourceMapping::default() },
            SourceMapping { pk: "unused".into(), ..SourceMapping::default() },
        ],
        certificate: None,
        bindings: vec![binding("b1", Subject::Group("g1".into()), 0)],
        shown_on: vec!["The\nlogin page".into()],
    }
}

fn saml() -> LoginSource {
    let fields = json!({
        "pk": "s2", "name": "Work", "slug": "work", "enabled": false, "issuer": "https://auth.example.com/", "sso_url": "https://idp/",
        "slo_url": null, "pre_authentication_flow": "f2", "verification_kp": "c1", "signing_kp": "k1", "encryption_kp": "c1",
        "signed_assertion": true, "signed_response": false, "force_authn": true, "binding_type": "POST",
    });
    let certificate = Certificate { pk: "c1".into(), name: HOSTILE.into(), data: Some("-----BEGIN\nA\n-----END".into()) };
    LoginSource {
        api: SourceApi::Saml,
        source: object(fields),
        certificate: Some(certificate),
        mappings: Vec::new(),
        bindings: Vec::new(),
        ..source()
    }
}

fn render_sources(sources: &[LoginSource], format: Format) -> String {
    let facts = facts();
    Export { pairs: &[], sources, facts: &facts, mappings: &[], users: &[], secret_folder: None }.render(format)
}

#[test]
fn terraform_holds_every_value_of_a_login_source() {
    let text = render_sources(&[source(), saml()], Format::Terraform);
    let body: Body = hcl::parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let oauth = block(&body, "resource", &["authentik_source_oauth", "company_id"]);
    let sent = source().source;
    for (field, held) in sent.iter().filter(|(field, held)| !is_nothing(held) && *field != "pk") {
        let name = match field.as_str() {
            "user_property_mappings" => "property_mappings",
            "group_property_mappings" => "property_mappings_group",
            other => other,
        };
        let written = argument(oauth, name);
        match field.as_str() {
            "icon" => assert!(written.is_none() && text.contains("# The provider has no argument for icon"), "{text}"),
            "authentication_flow" => {
                assert_eq!(
                    behind(&body, &written.unwrap(), "slug"),
                    Some("default-provider-authorization-implicit-consent".into())
                );
            }
            "user_property_mappings" => {
                let written = written.unwrap();
                assert_eq!(behind(&body, &written[0], "expression"), Some("return {\n}\n".into()));
                assert_eq!(written[1], "sm2");
            }
            "oidc_jwks" => {
                let json: Value = serde_json::from_str(written.unwrap().as_str().unwrap()).unwrap();
                assert_eq!(json, *held);
            }
            _ => assert_eq!(written.as_ref(), Some(held), "{field}"),
        }
    }
    assert_eq!(argument(oauth, "consumer_secret"), Some("ref:var.company_id_consumer_secret".into()));
    assert!(text.contains("# Shown by the identification stage The login page."), "{text}");
    let binding = block(&body, "resource", &["authentik_policy_binding", "company_id_0"]);
    assert_eq!(argument(binding, "target"), Some("ref:authentik_source_oauth.company_id.uuid".into()));
    let saml = block(&body, "resource", &["authentik_source_saml", "work"]);
    let certificate = argument(saml, "verification_kp").unwrap();
    assert_eq!(behind(&body, &certificate, "certificate_data"), Some("-----BEGIN\nA\n-----END\n".into()));
    assert_eq!(argument(saml, "encryption_kp"), Some(certificate), "made once");
    assert_eq!((argument(saml, "enabled"), argument(saml, "force_authn")), (Some(false.into()), Some(true.into())));
    let imports = body.blocks().filter(|block| block.identifier() == "import").count();
    assert_eq!(imports, 5, "two sources, a mapping, a certificate, a binding");
}

#[test]
fn a_blueprint_holds_every_value_of_a_login_source() {
    let text = render_sources(&[source(), saml()], Format::Blueprint);
    let whole = blueprint(&text);
    let entries = whole["entries"].as_array().unwrap();
    let of = |model: &str| entries.iter().find(|entry| entry["model"] == model).unwrap();
    let oauth = of("authentik_sources_oauth.oauthsource");
    assert_eq!(oauth["identifiers"], json!({"slug": "company-id"}));
    for (field, held) in source().source.iter().filter(|(field, _)| !["pk", "slug", "icon_url"].contains(&field.as_str())) {
        let written = &oauth["attrs"][field];
        match field.as_str() {
            "authentication_flow" => assert!(written["Find"].is_array()),
            "user_property_mappings" => {
                assert_eq!(written[0]["KeyOf"], of("authentik_sources_oauth.oauthsourcepropertymapping")["id"]);
                assert_eq!(written[1]["Find"][1], json!(["managed", "goauthentik.io/x"]));
            }
            _ => assert_eq!(written, held, "{field}"),
        }
    }
    assert_eq!(oauth["attrs"]["consumer_secret"], json!({"Env": "COMPANY_ID_CONSUMER_SECRET"}));
    let saml = of("authentik_sources_saml.samlsource");
    let certificate = of("authentik_crypto.certificatekeypair");
    assert_eq!(saml["attrs"]["verification_kp"], json!({"KeyOf": certificate["id"]}));
    assert_eq!(certificate["attrs"]["certificate_data"], "-----BEGIN\nA\n-----END\n");
    assert!(entries.iter().all(|entry| entry["model"] != "authentik_stages_identification.identificationstage"));
    assert!(text.contains("# The identification stage The login page shows company-id."), "{text}");
}
