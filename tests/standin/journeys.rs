//! What no recording shows: versions, seeds, faults, counting.

use akwiz::demo::{DuplicateName, Options, Seed, Version};
use serde_json::{Value, json};

use crate::client::Client;

/// The body of a transaction that every version accepts.
pub async fn transaction(client: &Client, slug: &str) -> Value {
    let pk = |list: Value| list["results"][0]["pk"].clone();
    let flow = async |slug: &str| pk(client.get(&format!("/api/v3/flows/instances/?slug={slug}")).await.body);
    let authorization = flow("default-provider-authorization-implicit-consent").await;
    let invalidation = flow("default-provider-invalidation-flow").await;
    json!({
        "app": { "name": slug, "slug": slug },
        "provider_model": "authentik_providers_oauth2.oauth2provider",
        "provider": {
            "name": format!("Provider for {slug}"), "authorization_flow": authorization, "invalidation_flow": invalidation,
            "client_id": format!("{slug}-id"), "client_secret": format!("{slug}-secret"),
            "redirect_uris": [{ "matching_mode": "strict", "url": format!("https://{slug}.example/cb") }],
            "grant_types": ["authorization_code", "refresh_token"],
        },
    })
}

#[tokio::test]
async fn an_application_is_made_read_back_and_discovered_on_every_version() {
    for version in Version::ALL {
        let client = Client::start(version, Seed::Demo).await;
        let made =
            client.send("PUT", "/api/v3/core/transactional/applications/", Some(transaction(&client, "notes").await)).await;
        assert_eq!((made.status, made.body), (200, json!({ "applied": true, "logs": [] })), "{version:?}");
        let application = client.get("/api/v3/core/applications/notes/").await.body;
        let provider = client.get("/api/v3/providers/oauth2/?client_id=notes-id").await.body;
        assert_eq!(application["provider"], provider["results"][0]["pk"], "{version:?}");
        let granted = provider["results"][0].get("grant_types").is_some();
        assert_eq!(granted, version >= Version::V2026_5, "{version:?}");
        let discovery = client.get("/application/o/notes/.well-known/openid-configuration").await;
        let issuer = format!("{}/application/o/notes/", client.server.base_url());
        assert_eq!(discovery.body["issuer"], issuer, "{version:?}");
    }
}

#[tokio::test]
async fn the_page_of_a_flow_tells_the_version_to_anybody() {
    for version in Version::ALL {
        let client = Client::start(version, Seed::Fresh).await;
        let page = client.raw("GET", "/if/flow/default-authentication-flow/", &[], None).await.unwrap();
        assert!(page.text.contains(&format!("versionFamily: \"{}\"", version.family())), "{version:?}");
        assert!(page.text.contains(&format!("-{}.", version.number())), "{version:?}");
    }
}

#[tokio::test]
async fn a_change_of_a_proxy_provider_through_oauth2_breaks_it() {
    let client = Client::start(Version::V2026_5, Seed::Demo).await;
    let found = client.get("/api/v3/providers/oauth2/?search=Wiki").await.body["results"][0].clone();
    assert_eq!(found["component"], "ak-provider-proxy-form");
    assert_ne!(found["redirect_uris"], json!([]));
    let all = client.get("/api/v3/providers/all/?search=Wiki").await.body["results"][0].clone();
    assert_eq!(all["component"], "ak-provider-proxy-form");
    let change = json!({ "access_token_validity": "minutes=5" });
    let path = format!("/api/v3/providers/oauth2/{}/", found["pk"]);
    assert_eq!(client.send("PATCH", &path, Some(change)).await.status, 200);
    let after = client.get(&path).await.body;
    assert_eq!((&after["redirect_uris"], &after["property_mappings"]), (&json!([]), &json!([])));
}

#[tokio::test]
async fn a_taken_provider_name_shows_where_it_was_asked_to() {
    let message = json!(["State is set to must_created and object exists already"]);
    for (place, expected) in [
        (DuplicateName::Provider, json!({ "provider": { "name": message } })),
        (DuplicateName::Application, json!({ "app": { "provider": message } })),
    ] {
        let client = Client::with(Options { duplicate_name: place, ..Options::default() }).await;
        let mut body = transaction(&client, "notes").await;
        body["provider"]["name"] = json!("Provider for Grafana");
        let answer = client.send("PUT", "/api/v3/core/transactional/applications/", Some(body)).await;
        assert_eq!((answer.status, answer.body), (400, expected));
    }
}

#[tokio::test]
async fn the_identification_stage_needs_its_fields_only_when_the_sources_go() {
    let client = Client::start(Version::V2025_12, Seed::Demo).await;
    let source = json!({ "name": "Plex", "slug": "plex", "plex_token": "t" });
    let source = client.send("POST", "/api/v3/sources/plex/", Some(source)).await.body["pk"].clone();
    let stage = client.get("/api/v3/stages/identification/").await.body["results"][0]["pk"].clone();
    let path = format!("/api/v3/stages/identification/{}/", stage.as_str().unwrap());
    let added = client.send("PATCH", &path, Some(json!({ "sources": [source] }))).await.body;
    assert_eq!(added["user_fields"], json!(["email", "username"]));
    let refused = client.send("PATCH", &path, Some(json!({ "sources": [] }))).await;
    assert_eq!(refused.status, 400, "{}", refused.text);
    let emptied = client.send("PATCH", &path, Some(json!({ "sources": [], "user_fields": ["email", "username"] }))).await;
    assert_eq!(emptied.body["sources"], json!([]));
}

#[tokio::test]
async fn pages_hold_at_most_a_hundred() {
    let client = Client::start(Version::V2025_12, Seed::Fresh).await;
    for number in 0..105 {
        client.send("POST", "/api/v3/core/groups/", Some(json!({ "name": format!("group {number:03}") }))).await;
    }
    let page = client.get("/api/v3/core/groups/?page_size=500&search=group").await.body;
    assert_eq!(page["results"].as_array().unwrap().len(), 100);
    assert_eq!((&page["pagination"]["next"], &page["pagination"]["count"]), (&json!(2), &json!(105)));
    let rest = client.get("/api/v3/core/groups/?page_size=500&search=group&page=2").await.body;
    assert_eq!(rest["results"].as_array().unwrap().len(), 5);
    assert_eq!(client.get("/api/v3/core/groups/?page=3&page_size=100").await.body, json!({ "detail": "Invalid page." }));
}

#[tokio::test]
async fn an_icon_goes_into_the_body_or_to_its_own_address() {
    let client = Client::start(Version::V2024_12, Seed::Demo).await;
    let address = json!({ "url": "https://home.example/icon.svg" });
    let answer = client.send("POST", "/api/v3/core/applications/grafana/set_icon_url/", Some(address.clone())).await;
    assert_eq!(answer.status, 200);
    assert_eq!(client.get("/api/v3/core/applications/grafana/").await.body["meta_icon"], address["url"]);
    let client = Client::start(Version::V2025_12, Seed::Demo).await;
    let answer = client.send("POST", "/api/v3/core/applications/grafana/set_icon_url/", Some(address.clone())).await;
    assert_eq!(answer.status, 404, "gone since 2025.12");
    let body = json!({ "meta_icon": address["url"] });
    assert_eq!(client.send("PATCH", "/api/v3/core/applications/grafana/", Some(body)).await.body["meta_icon"], address["url"]);
}

#[tokio::test]
async fn a_list_of_applications_lies_until_something_changes() {
    let client = Client::start(Version::V2025_12, Seed::Fresh).await;
    for slug in ["one", "two"] {
        client.send("POST", "/api/v3/core/applications/", Some(json!({ "name": slug, "slug": slug }))).await;
    }
    let slug =
        async |query: &str| client.get(&format!("/api/v3/core/applications/?{query}")).await.body["results"][0]["slug"].clone();
    assert_eq!(slug("slug=one").await, "one");
    assert_eq!(slug("slug=two").await, "one", "kept by user and page");
    assert_eq!(slug("slug=two&superuser_full_list=true").await, "two");
    assert_eq!(slug("search=two").await, "two");
}

#[tokio::test]
async fn a_demo_has_no_rsa_key_and_a_fresh_server_has() {
    for (seed, kind) in [(Seed::Demo, "ec"), (Seed::Fresh, "rsa")] {
        let client = Client::start(Version::V2026_5, seed).await;
        let keys = client.get("/api/v3/crypto/certificatekeypairs/?has_key=true").await.body;
        let kinds: Vec<&Value> = keys["results"].as_array().unwrap().iter().map(|key| &key["key_type"]).collect();
        assert_eq!(kinds, [kind]);
    }
}
