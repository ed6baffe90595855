//! Tokens that lack rights.

use akwiz::demo::{Seed, Version};
use secrecy::ExposeSecret as _;
use serde_json::json;

use crate::client::Client;
use crate::journeys::transaction;

const CREATE: [(&str, &str); 7] = [
    ("core/applications/", "authentik_core.add_application"),
    ("providers/oauth2/", "authentik_providers_oauth2.add_oauth2provider"),
    ("core/groups/", "authentik_core.add_group"),
    ("policies/bindings/", "authentik_policies.add_policybinding"),
    ("propertymappings/provider/scope/", "authentik_providers_oauth2.add_scopemapping"),
    ("sources/plex/", "authentik_sources_plex.add_plexsource"),
    ("crypto/certificatekeypairs/generate/", "authentik_crypto.add_certificatekeypair"),
];

#[tokio::test]
async fn an_empty_post_tells_a_missing_right_and_writes_nothing() {
    let mut client = Client::start(Version::V2025_12, Seed::Demo).await;
    for (path, right) in CREATE {
        for (rights, status) in [(&[][..], 403), (&[right][..], 400)] {
            client.token = client.server.token_with(rights).expose_secret().to_owned();
            let before = client.server.state();
            let answer = client.send("POST", &format!("/api/v3/{path}"), Some(json!({}))).await;
            assert_eq!(answer.status, status, "{path} with {rights:?}: {}", answer.text);
            assert_eq!(client.server.state(), before, "{path} with {rights:?}");
        }
    }
}

#[tokio::test]
async fn a_transaction_names_the_model_that_may_not_be_created() {
    let mut client = Client::start(Version::V2026_5, Seed::Demo).await;
    let mut body = transaction(&client, "notes").await;
    body["policy_bindings"] =
        json!([{ "group": client.get("/api/v3/core/groups/?name=family").await.body["results"][0]["pk"], "order": 0 }]);
    let all = [CREATE[1].1, CREATE[0].1, CREATE[3].1];
    let refusals = [
        ("provider", "authentik_providers_oauth2.oauth2provider"),
        ("app", "authentik_core.application"),
        ("null", "authentik_policies.policybinding"),
    ];
    for (held, (entry, model)) in refusals.into_iter().enumerate() {
        client.token = client.server.token_with(&all[..held]).expose_secret().to_owned();
        let answer = client.send("PUT", "/api/v3/core/transactional/applications/", Some(body.clone())).await;
        assert_eq!(answer.status, 403);
        assert_eq!(answer.body, json!({ entry: format!("User lacks permission to create {model}") }));
    }
    client.token = client.server.token_with(&all).expose_secret().to_owned();
    let answer = client.send("PUT", "/api/v3/core/transactional/applications/", Some(body)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(client.get("/api/v3/core/applications/notes/").await.status, 403, "reading back is another right");
}

#[tokio::test]
async fn a_service_account_is_told_who_it_is() {
    let mut client = Client::start(Version::V2026_5, Seed::Demo).await;
    client.token = client.server.token_with(&["authentik_flows.view_flow"]).expose_secret().to_owned();
    let me = client.get("/api/v3/core/users/me/").await.body;
    assert_eq!(me["user"]["type"], "service_account");
    assert_eq!(me["user"]["is_superuser"], false);
    assert_eq!(client.get("/api/v3/flows/instances/").await.status, 200);
    assert_eq!(client.get("/api/v3/core/groups/").await.status, 403);
}
