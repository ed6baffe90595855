//! Changing what exists: adding, never removing.

use akwiz::demo::{Fault, Matcher, Version};
use akwiz::setup::answers::{Access, GroupChoice, Taken};
use akwiz::setup::receipt::EntryState;
use serde_json::json;

use crate::bench::Bench;

/// Notes take over the homelab's Paperless, which has an OAuth2 provider signed with an EC key.
async fn paperless(version: Version) -> Bench {
    let mut bench = Bench::demo(version).await;
    bench.answers.options.slug = Some("paperless".into());
    bench.answers.taken = Some(Taken::Update);
    bench
}

fn urls(provider: &serde_json::Value) -> Vec<&str> {
    provider["redirect_uris"].as_array().unwrap().iter().map(|entry| entry["url"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn an_update_adds_and_can_be_taken_back() {
    for version in Version::ALL {
        let mut bench = paperless(version).await;
        bench.answers.access = Access::Groups(vec![GroupChoice::New { name: "staff".into() }]);
        let before = bench.world();
        let outcome = bench.run().await.unwrap();
        assert_eq!(outcome.notices, [], "{version:?}");
        let provider = bench.object("providers", "name", "Provider for Paperless").unwrap();
        assert_eq!(
            urls(&provider),
            ["https://paper.home.example/accounts/oidc/authentik/login/callback/", "https://notes.example.com/oidc/callback"]
        );
        assert_eq!(provider["sub_mode"], "user_username");
        assert_eq!(outcome.parts[0].client_id, provider["client_id"].as_str().unwrap());
        let application = bench.object("applications", "slug", "paperless").unwrap();
        let bound = bench.table("bindings").into_iter().filter(|binding| binding["target"] == application["pk"]).count();
        assert_eq!(bound, 2, "the binding that was there stays");
        let patch = bench.server.log().into_iter().find(|entry| entry.method == "PATCH").unwrap();
        assert_eq!(patch.body.get("client_secret").or(patch.body.get("name")), None, "only what changes is sent");

        let report = bench.undo(outcome.receipt.as_ref().unwrap()).await;
        assert!(report.is_complete(), "{version:?} {:?}", Bench::lines(&report));
        bench.assert_unchanged(&before);
    }
}

#[tokio::test]
async fn a_field_that_somebody_changed_since_is_left() {
    let bench = paperless(Version::V2025_12).await;
    let outcome = bench.run().await.unwrap();
    let provider = bench.object("providers", "name", "Provider for Paperless").unwrap();
    let pk = provider["pk"].to_string();
    let fields = bench.client.provider(&pk).await.unwrap().unwrap().fields;
    let changes = json!({"sub_mode": "user_uuid"}).as_object().unwrap().clone();
    bench.client.change_provider(&fields, &changes).await.unwrap();
    let report = bench.undo(outcome.receipt.as_ref().unwrap()).await;
    assert_eq!(
        Bench::lines(&report),
        [
            "Change the provider “Provider for Paperless”: left: sub_mode was changed since and stays.",
            "Create the RSA key “127.0.0.1”: taken back",
        ]
    );
    let provider = bench.object("providers", "name", "Provider for Paperless").unwrap();
    assert_eq!((provider["sub_mode"].as_str(), urls(&provider).len()), (Some("user_uuid"), 1));
}

#[tokio::test]
async fn a_lost_answer_to_a_change_is_looked_for() {
    let bench = paperless(Version::V2025_12).await;
    bench.server.fail_next(Matcher::new("PATCH", "/providers/oauth2/"), Fault::DropAfter);
    let outcome = bench.run().await.unwrap();
    assert_eq!(bench.states(outcome.receipt.as_ref().unwrap()), [EntryState::Done, EntryState::Done]);

    let bench = paperless(Version::V2025_12).await;
    bench.server.fail_next(Matcher::new("PATCH", "/providers/oauth2/"), Fault::DropBefore);
    let failure = bench.run().await.unwrap_err();
    assert_eq!(bench.states(failure.receipt.as_ref().unwrap()), [EntryState::Done, EntryState::Unknown]);
    assert!(bench.undo(failure.receipt.as_ref().unwrap()).await.is_complete());
}

#[tokio::test]
async fn an_application_without_a_provider_gets_one() {
    for version in Version::ALL {
        let mut bench = Bench::demo(version).await;
        bench.answers.options.slug = Some("router".into());
        bench.answers.taken = Some(Taken::Update);
        let before = bench.world();
        let outcome = bench.run().await.unwrap();
        assert_eq!(outcome.notices, [], "{version:?}");
        let application = bench.object("applications", "slug", "router").unwrap();
        assert_eq!(application["provider"].to_string(), outcome.parts[0].provider);
        let report = bench.undo(outcome.receipt.as_ref().unwrap()).await;
        assert!(report.is_complete(), "{version:?} {:?}", Bench::lines(&report));
        bench.assert_unchanged(&before);
    }
}
