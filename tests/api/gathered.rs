//! Everything a plan needs, gathered at once.

use std::sync::Arc;

use akwiz::authentik::Version;
use akwiz::authentik::facts::Wanted;
use akwiz::catalog::template::SourceApi;
use akwiz::setup::facts::{Facts, KeyKind};
use akwiz::setup::setting::{Field, SettingValue};
use serde_json::{Value, json};
use tokio::sync::Barrier;
use url::Url;

use crate::recorded::{VERSIONS, one};
use crate::server::{Reply, Server};

const NO_RIGHT: &str = "You do not have permission to perform this action.";

/// A server that answers as the recorded one did, with the kinds of provider beside it (from the source: they are not recorded).
async fn server(version: &'static str, component: &'static str) -> Server {
    let body = move |name: &str| one(version, name).answer;
    let provider = body("provider-by-pk");
    let mut application = body("application-by-slug");
    application["provider_obj"]["component"] = component.into();
    let page = |results: Value| json!({"pagination": {"next": 0}, "results": results});
    let answers = [
        ("core/users/me/", body("me")),
        ("admin/version/", body("admin-version")),
        ("flows/instances/", page(json!([body("flow-by-slug")]))),
        ("propertymappings/provider/scope/", body("scope-mappings-new-path")),
        ("crypto/certificatekeypairs/", body("certificates")),
        ("core/groups/", page(json!([body("group-create")]))),
        ("core/applications/", page(json!([application]))),
        ("core/applications/demo/", application.clone()),
        (
            "providers/all/",
            page(json!([{"pk": 2, "name": "demo-provider", "component": component, "assigned_application_slug": "demo"}])),
        ),
        ("providers/oauth2/", page(json!([provider]))),
        (
            "policies/bindings/",
            page(json!([{"pk": "b-1", "target": application["pk"], "group": "g-1", "order": 3, "enabled": true}])),
        ),
        ("sources/all/", body("sources-all")),
        ("sources/plex/plex/", body("plex-get")),
        ("core/brands/", body("brands")),
        ("stages/identification/", body("identification-stages")),
    ];
    Server::start(move |request| {
        let path = request.path.strip_prefix("/api/v3/").unwrap_or_default();
        match answers.iter().find(|(known, _)| *known == path) {
            Some((_, body)) => Reply::Json(200, body.clone()),
            None => Reply::Json(404, json!({"detail": "Not found."})),
        }
    })
    .await
}

async fn gather(server: &Server, slug: &str, source: bool) -> Facts {
    let public = Url::parse("https://auth.example.com/").unwrap();
    let source = source.then_some(SourceApi::Plex);
    server.client().facts(&Wanted { slugs: &[slug], source, public: &public, version: None }).await.unwrap()
}

#[tokio::test]
async fn what_exists_is_found_with_what_belongs_to_it() {
    for version in VERSIONS {
        let server = server(version, "ak-provider-oauth2-form").await;
        let facts = gather(&server, "demo", false).await;
        assert_eq!(facts.public_url, "https://auth.example.com");
        assert!(facts.gaps.is_empty(), "{version}: {:?}", facts.gaps);
        assert!(facts.me.superuser && !facts.me.machine, "{version}: people sign in as akadmin");
        assert_eq!(facts.keys[0].kind, KeyKind::Rsa, "{version}");
        assert!(facts.keys[0].managed && facts.keys[0].days_left.is_some(), "{version}");
        assert_eq!(facts.groups[0].members, Some(0), "{version}");
        assert_eq!(facts.applications[0].provider.as_deref(), Some("2"), "{version}");
        let [existing] = &facts.existing[..] else { panic!("{version}: {:?}", facts.existing) };
        assert_eq!(existing.application.text(Field::Slug), Some("demo"), "{version}");
        assert_eq!(existing.bindings[0].order, 3, "{version}");
        let provider = existing.provider.as_ref().unwrap();
        assert_eq!(provider.text(Field::ClientId), Some("demo-client-id"), "{version}");
        let flow = &provider.settings[&Field::AuthorizationFlow];
        assert_eq!(flow.lines(), ["default-provider-authorization-implicit-consent"], "{version}");
        assert!(matches!(provider.settings[&Field::ClientSecret], SettingValue::Secret(_)), "{version}");
        assert_eq!(provider.settings[&Field::EncryptionKey], SettingValue::Null, "{version}");
        assert_eq!(existing.untouchable, None);
    }
}

#[tokio::test]
async fn capabilities_are_seen_in_the_objects() {
    for (version, logout, icon) in [("2024.12", false, false), ("2025.12", true, true), ("2026.5-rc1", true, true)] {
        let server = server(version, "ak-provider-oauth2-form").await;
        let capabilities = gather(&server, "demo", false).await.capabilities;
        assert_eq!((capabilities.logout_method, capabilities.icon_in_body), (logout, icon), "{version}");
        // 2026.5.0-rc1 lacks what its final release has.
        assert!(!capabilities.grant_types && !capabilities.meta_hide, "{version}");
    }
}

#[tokio::test]
async fn a_proxy_provider_is_untouchable() {
    for version in VERSIONS {
        let existing = gather(&server(version, "ak-provider-proxy-form").await, "Demo", false).await.existing.remove(0);
        assert!(existing.provider.is_none(), "{version}");
        assert!(existing.untouchable.unwrap().contains("another kind"), "{version}");
    }
}

#[tokio::test]
async fn it_takes_one_round() {
    // No request is answered before all ten have come.
    let all = Arc::new(Barrier::new(10));
    let me = one("2025.12", "me").answer;
    let server = Server::start(move |request| {
        let body = match request.path.as_str() {
            "/api/v3/core/users/me/" => me.clone(),
            "/api/v3/admin/version/" => json!({"version_current": "2025.12.4"}),
            "/api/v3/core/applications/new-one/" => json!({"pk": "a-1", "slug": "new-one"}),
            _ => json!({"pagination": {"next": 0}, "results": []}),
        };
        // The bindings of the application that was found are the one question that has to wait.
        if request.path.ends_with("/bindings/") { Reply::Json(200, body) } else { Reply::Together(Arc::clone(&all), body) }
    })
    .await;
    let facts = gather(&server, "new-one", false).await;
    assert_eq!(facts.existing[0].application.pk, "a-1");
    assert_eq!(server.requests().len(), 11);
    assert!(server.requests().iter().all(|request| request.method == "GET"));
}

#[tokio::test]
async fn a_version_that_is_known_is_not_asked_for() {
    let server = server("2025.12", "ak-provider-oauth2-form").await;
    let public = Url::parse("https://auth.example.com/").unwrap();
    let version = Some(Version::new(2025, 12, 4));
    server.client().facts(&Wanted { slugs: &["new-one"], source: None, public: &public, version }).await.unwrap();
    assert!(server.requests().iter().all(|request| request.path != "/api/v3/admin/version/"));
}

#[tokio::test]
async fn a_plex_source_and_the_stage_of_the_login_flow() {
    for version in VERSIONS {
        let facts = gather(&server(version, "ak-provider-oauth2-form").await, "plex", true).await;
        let source = facts.existing_source.unwrap();
        assert_eq!(source.text(Field::ClientId), Some("demo-plex-client"), "{version}");
        assert_eq!(source.settings[&Field::AllowedServers].lines(), ["server-1"], "{version}");
        assert!(matches!(source.settings[&Field::PlexToken], SettingValue::Secret(_)), "{version}");
        assert!(facts.identification_stages[0].in_login_flow, "{version}");
        assert_eq!(facts.identification_stages[0].user_fields.as_array().map(Vec::len), Some(2), "{version}");
        assert!(facts.existing.is_empty());
        assert_eq!(facts.applications[0].bound, Some(true), "{version}");
    }
}

#[tokio::test]
async fn what_may_not_be_seen_is_a_sentence_and_not_an_error() {
    let me = one("2025.12", "me").answer;
    let server = Server::start(move |request| match request.path.as_str() {
        "/api/v3/core/users/me/" => Reply::Json(200, me.clone()),
        "/api/v3/admin/version/" => Reply::Json(200, json!({"version_current": "2025.12.4"})),
        _ => Reply::Json(403, json!({"detail": NO_RIGHT})),
    })
    .await;
    let facts = gather(&server, "demo", false).await;
    assert!(facts.gaps.iter().any(|gap| gap.contains("authentik_flows.view_flow")), "{:?}", facts.gaps);
    assert!(facts.flows.is_empty() && facts.existing.is_empty());
    assert_eq!(facts.capabilities.version, Version::new(2025, 12, 4));
}

#[tokio::test]
async fn a_refused_token_is_an_error() {
    let server = Server::json(403, json!({"detail": "Token invalid/expired"})).await;
    let public = Url::parse("https://auth.example.com/").unwrap();
    let outcome = server.client().facts(&Wanted { slugs: &["demo"], source: None, public: &public, version: None }).await;
    assert!(outcome.unwrap_err().is_bad_token());
}
