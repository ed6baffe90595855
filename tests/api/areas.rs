//! Each call against what servers of each version answered to it.

use akwiz::authentik::bindings::Subject;
use akwiz::authentik::certificates::KeyType;
use akwiz::authentik::flows::Designation;
use akwiz::authentik::problem::Problem;
use akwiz::authentik::transaction::Transaction;
use akwiz::authentik::users::UserKind;
use akwiz::catalog::template::SourceApi;
use secrecy::ExposeSecret;
use serde_json::{Map, Value, json};

use crate::recorded::{VERSIONS, one, serve};
use crate::server::{Reply, Server};

fn map(value: Value) -> Map<String, Value> {
    serde_json::from_value(value).unwrap()
}

#[tokio::test]
async fn whose_token_it_is() {
    for version in VERSIONS {
        let server = serve(version, "me").await;
        let me = server.client().me().await.unwrap();
        assert_eq!((me.username.as_str(), me.is_superuser, me.kind), ("akadmin", true, UserKind::Internal), "{version}");
        let request = &server.requests()[0];
        assert_eq!((request.method.as_str(), request.path.as_str()), ("GET", "/api/v3/core/users/me/"));
        assert_eq!(request.header("authorization"), Some("Bearer test-token"));
    }
}

#[tokio::test]
async fn the_version() {
    for (version, wanted) in VERSIONS.iter().zip(["2024.12.5", "2025.12.4", "2026.5.0"]) {
        let found = serve(version, "admin-version").await.client().version().await.unwrap();
        assert_eq!(found.map(|found| found.to_string()).as_deref(), Some(wanted));
    }
}

#[tokio::test]
async fn flows_and_mappings() {
    for version in VERSIONS {
        let flows = serve(version, "flows-filter-slug").await.client().flows().await.unwrap();
        let sign_out = flows.iter().find(|flow| flow.slug == "default-provider-invalidation-flow").unwrap();
        assert_eq!(sign_out.designation, Designation::Invalidation, "{version}");
        assert_eq!(sign_out.pk.len(), 36, "{version}");
        let mappings = serve(version, "scope-mappings-new-path").await.client().scope_mappings().await.unwrap();
        let email = mappings
            .iter()
            .find(|mapping| mapping.managed.as_deref() == Some("goauthentik.io/providers/oauth2/scope-email"))
            .unwrap();
        assert_eq!(email.scope_name, "email", "{version}");
        assert!(email.expression.contains("request.user.email"), "{version}");
    }
}

#[tokio::test]
async fn the_kind_of_a_key_under_both_its_names() {
    for version in VERSIONS {
        let server = serve(version, "certificates").await;
        let keys = server.client().signing_keys().await.unwrap();
        assert_eq!((keys[0].key_type.clone(), keys[0].private_key_available), (KeyType::Rsa, true), "{version}");
        assert!(server.requests()[0].query.contains("include_details=true"));
        let made = serve(version, "cert-generate-rsa").await;
        let key = made.client().generate_rsa_key("demo-rsa", &["a.example".into(), "b.example".into()], 3650).await.unwrap();
        assert_eq!((key.name.as_str(), key.key_type), ("demo-rsa", KeyType::Rsa), "{version}");
        let sent = made.requests()[0].json();
        assert_eq!(
            sent,
            json!({"common_name": "demo-rsa", "subject_alt_name": "a.example,b.example", "validity_days": 3650, "alg": "rsa"})
        );
        let taken =
            serve(version, "cert-generate-duplicate-name").await.client().generate_rsa_key("x", &[], 1).await.unwrap_err();
        assert_eq!(taken.problem(), Some(Problem::NameTaken), "{version}");
    }
}

#[tokio::test]
async fn an_application_and_its_provider() {
    for version in VERSIONS {
        let application = serve(version, "application-by-slug").await.client().application("demo").await.unwrap().unwrap();
        assert_eq!(application.fields.slug, "demo", "{version}");
        assert_eq!(application.fields.provider.as_deref(), Some("2"), "{version}");
        assert_eq!(application.fields.provider_obj.component, "ak-provider-oauth2-form", "{version}");
        let provider = serve(version, "provider-by-pk").await.client().provider("2").await.unwrap().unwrap();
        assert_eq!((provider.fields.pk.as_str(), provider.fields.client_id.as_str()), ("2", "demo-client-id"), "{version}");
        assert_eq!(provider.client_secret.as_ref().map(ExposeSecret::expose_secret), Some("demo-client-secret"), "{version}");
        assert_eq!(provider.fields.grant_types, None, "{version}");
        assert!(!format!("{provider:?}").contains("demo-client-secret"), "{version}");
        let list = serve(version, "application-list-superuser-full").await.client().applications().await.unwrap();
        assert!(list.iter().any(|application| application.fields.slug == "demo"), "{version}");
    }
    let provider = serve("2026.5-grants", "provider-get-with-grant-types").await.client().provider("4").await.unwrap().unwrap();
    assert_eq!(provider.fields.grant_types.as_deref(), Some(&["authorization_code".to_owned(), "refresh_token".to_owned()][..]));
    assert_eq!(provider.fields.redirect_uris[0]["redirect_uri_type"], "authorization");
}

#[tokio::test]
async fn a_missing_application_is_no_error() {
    for version in VERSIONS {
        assert!(serve(version, "err-app-404").await.client().application("nope").await.unwrap().is_none(), "{version}");
    }
}

#[tokio::test]
async fn a_filter_that_the_server_ignored_is_noticed() {
    for version in VERSIONS {
        let server = serve(version, "provider-list-filter-client-id").await;
        assert!(server.client().provider_by_client_id("demo-client-id").await.unwrap().is_some(), "{version}");
        assert!(server.client().provider_by_client_id("another").await.unwrap().is_none(), "{version}");
        let bindings = serve(version, "bindings-of-application").await;
        assert!(bindings.client().bindings("another").await.unwrap().is_empty(), "{version}");
    }
}

#[tokio::test]
async fn slugs_are_one_segment_of_the_path() {
    let server = Server::json(404, json!({"detail": "Not found."})).await;
    server.client().application("a/b?c d").await.unwrap();
    assert_eq!(server.requests()[0].path, "/api/v3/core/applications/a%2Fb%3Fc%20d/");
}

#[tokio::test]
async fn the_transaction() {
    for version in VERSIONS {
        let server = serve(version, "tx-create").await;
        let transaction = Transaction {
            app: map(json!({"name": "demo", "slug": "demo"})),
            provider: map(json!({"name": "demo"})),
            bindings: vec![json!({"group": "g", "order": 0})],
        };
        server.client().create(transaction).await.unwrap();
        let request = &server.requests()[0];
        assert_eq!((request.method.as_str(), request.path.as_str()), ("PUT", "/api/v3/core/transactional/applications/"));
        let sent = request.json();
        assert_eq!(sent["provider_model"], "authentik_providers_oauth2.oauth2provider");
        assert_eq!(sent["policy_bindings"][0]["group"], "g");
    }
}

#[tokio::test]
async fn not_applied_is_no_success() {
    let server = Server::json(200, json!({"applied": false, "logs": []})).await;
    let error = server.client().create(<Transaction>::default()).await.unwrap_err();
    assert_eq!(error.status(), Some(400));
    assert!(!error.outcome_unknown());
}

#[tokio::test]
async fn bindings_and_groups() {
    for version in VERSIONS {
        let recorded = one(version, "bindings-of-application");
        let target = recorded.answer["results"][0]["target"].as_str().unwrap().to_owned();
        let bindings = serve(version, "bindings-of-application").await.client().bindings(&target).await.unwrap();
        assert!(bindings[0].group.is_some() && bindings[0].user.is_none() && bindings[0].enabled, "{version}");
        let group = serve(version, "group-create").await.client().create_group("demo-users").await.unwrap();
        assert_eq!((group.name.as_str(), group.members), ("demo-users", Some(0)), "{version}");
    }
    let server = Server::json(201, json!({"pk": "b", "target": "app", "user": 7, "enabled": true, "order": 1})).await;
    let binding = server.client().bind("app", &Subject::User("7".into()), 1).await.unwrap();
    assert_eq!(binding.user.as_deref(), Some("7"));
    assert_eq!(server.requests()[0].json()["user"], 7);
}

#[tokio::test]
async fn urls_and_claims_and_brands_and_sources() {
    for version in VERSIONS {
        let urls = serve(version, "provider-setup-urls").await.client().setup_urls("2").await.unwrap();
        assert!(urls.issuer.ends_with("/application/o/demo/"), "{version}");
        let claims = serve(version, "provider-preview-user").await.client().preview_claims("2", None).await.unwrap();
        assert!(claims.get("preferred_username").is_some(), "{version}: {claims}");
        let brands = serve(version, "brands").await.client().brands().await.unwrap();
        assert!(brands[0].default && brands[0].flow_authentication.is_some(), "{version}");
        let sources = serve(version, "sources-all").await.client().sources().await.unwrap();
        assert_eq!(sources[0].slug, "authentik-built-in", "{version}");
    }
}

#[tokio::test]
async fn a_plex_source_keeps_its_token_to_itself() {
    for version in VERSIONS {
        let source = serve(version, "plex-get").await.client().source(SourceApi::Plex, "plex").await.unwrap().unwrap();
        assert_eq!(
            (source.text("client_id"), source.raw.get("allow_friends")),
            ("demo-plex-client", Some(&json!(false))),
            "{version}"
        );
        assert_eq!(source.secret.as_ref().map(ExposeSecret::expose_secret), Some("demo-plex-token"), "{version}");
        assert!(!format!("{source:?}").contains("demo-plex-token"), "{version}");
        let server = serve(version, "plex-create").await;
        let body = map(json!({"name": "Plex", "slug": "plex", "plex_token": "plex-secret"}));
        server.client().create_source(SourceApi::Plex, &body).await.unwrap();
        assert_eq!(server.requests()[0].json()["plex_token"], "plex-secret");
        let refused =
            serve(version, "plex-duplicate-slug").await.client().create_source(SourceApi::Plex, &body).await.unwrap_err();
        assert_eq!(refused.problem(), Some(Problem::NameTaken), "{version}");
    }
}

#[tokio::test]
async fn a_stage_keeps_the_sources_that_are_there() {
    for version in VERSIONS {
        let listed = serve(version, "identification-stages").await.client().identification_stages().await.unwrap();
        assert_eq!(listed[0].flow_set[0].slug, "default-authentication-flow", "{version}");
        let mut stage = one(version, "identification-stages").answer["results"][0].clone();
        stage["sources"] = json!(["there-already"]);
        let server = Server::start(move |_| Reply::Json(200, stage.clone())).await;
        server.client().add_source_to_stage("s", "new").await.unwrap();
        server.client().remove_source_from_stage("s", "there-already").await.unwrap();
        server.client().add_source_to_stage("s", "there-already").await.unwrap();
        let sent: Vec<Value> =
            server.requests().iter().filter(|request| request.method == "PATCH").map(crate::server::Request::json).collect();
        let [added, emptied] = &sent[..] else { panic!("{sent:?}") };
        assert_eq!(*added, json!({"sources": ["there-already", "new"]}));
        assert_eq!(emptied["sources"], json!([]));
        assert!(emptied["user_fields"].as_array().is_some_and(|fields| !fields.is_empty()), "{version}");
    }
}

#[tokio::test]
async fn only_a_real_oauth2_provider_is_changed() {
    let provider = one("2025.12", "provider-by-pk").answer;
    let proxy = json!({"pagination": {"next": 0}, "results": [{"pk": 2, "name": "demo-provider", "component": "ak-provider-proxy-form"}]});
    let real = json!({"pagination": {"next": 0}, "results": [
        {"pk": 9, "name": "demo-provider-2", "component": "ak-provider-proxy-form"},
        {"pk": 2, "name": "demo-provider", "component": "ak-provider-oauth2-form"},
    ]});
    for (kinds, may) in [(proxy, false), (json!({"results": []}), false), (real, true)] {
        let answer = provider.clone();
        let server = Server::start(move |request| match request.path.as_str() {
            "/api/v3/providers/all/" => Reply::Json(200, kinds.clone()),
            _ => Reply::Json(200, answer.clone()),
        })
        .await;
        let client = server.client();
        let found = client.provider("2").await.unwrap().unwrap();
        let changed = client.change_provider(&found.fields, &map(json!({"sub_mode": "user_email"}))).await;
        assert_eq!(changed.is_ok(), may);
        let patches: Vec<_> = server.requests().into_iter().filter(|request| request.method == "PATCH").collect();
        assert_eq!(patches.len(), usize::from(may));
        assert!(patches.iter().all(|patch| patch.json() == json!({"sub_mode": "user_email"})));
    }
}

#[tokio::test]
async fn without_the_right_to_see_all_kinds_the_application_tells() {
    for (component, may) in [("ak-provider-oauth2-form", true), ("ak-provider-proxy-form", false)] {
        let mut application = one("2025.12", "application-by-slug").answer;
        application["provider_obj"]["component"] = component.into();
        let provider = one("2025.12", "provider-by-pk").answer;
        let server = Server::start(move |request| match request.path.as_str() {
            "/api/v3/providers/all/" => Reply::Json(403, json!({"detail": "You do not have permission to perform this action."})),
            "/api/v3/core/applications/demo/" => Reply::Json(200, application.clone()),
            _ => Reply::Json(200, provider.clone()),
        })
        .await;
        let client = server.client();
        let found = client.provider("2").await.unwrap().unwrap();
        assert_eq!(client.change_provider(&found.fields, &map(json!({"sub_mode": "user_email"}))).await.is_ok(), may);
    }
}

#[tokio::test]
async fn deleting_looks_first_and_what_is_gone_is_deleted() {
    let provider = one("2025.12", "provider-by-pk").answer;
    let server = Server::start(move |request| match request.method.as_str() {
        "GET" => Reply::Json(200, provider.clone()),
        _ => Reply::Text(204, Vec::new(), String::new()),
    })
    .await;
    server.client().delete_provider("2", "somebody-else-s").await.unwrap();
    assert!(server.requests().iter().all(|request| request.method == "GET"));
    server.client().delete_provider("2", "demo-client-id").await.unwrap();
    assert_eq!(server.requests().iter().filter(|request| request.method == "DELETE").count(), 1);
    let gone = Server::json(404, json!({"detail": "Not found."})).await;
    gone.client().delete_group("g").await.unwrap();
}
