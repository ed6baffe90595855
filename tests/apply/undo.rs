//! Taking back what was made, and leaving what is somebody else's by now.

use akwiz::authentik::bindings::Subject;
use akwiz::demo::Version;
use akwiz::error::Kind;
use akwiz::setup::answers::{Access, GroupChoice, Input};
use serde_json::json;

use crate::bench::Bench;

#[tokio::test]
async fn everything_that_was_made_goes() {
    for version in Version::ALL {
        let mut bench = Bench::demo(version).await;
        bench.answers.give("mapped", Input::Toggle(true));
        bench.answers.access = Access::Groups(vec![GroupChoice::New { name: "readers".into() }]);
        let before = bench.world();
        let outcome = bench.run().await.unwrap();
        let receipt = outcome.receipt.unwrap();
        let report = bench.undo(&receipt).await;
        assert_eq!(
            Bench::lines(&report),
            [
                "Create provider and application “Notes”: taken back",
                "Create the group “readers”: taken back",
                "Create the RSA key “127.0.0.1”: taken back",
                "Create the scope mapping “Notes: role”: taken back",
            ],
            "{version:?}"
        );
        bench.assert_unchanged(&before);
        assert_eq!(bench.undo(&receipt).await.lines, [], "a second time there is nothing to do");
    }
}

#[tokio::test]
async fn a_key_that_somebody_uses_by_now_stays() {
    let bench = Bench::demo(Version::V2025_12).await;
    let outcome = bench.run().await.unwrap();
    let key = bench.object("certificates", "name", "127.0.0.1").unwrap()["pk"].clone();
    let other = bench.object("providers", "name", "Provider for Grafana").unwrap()["pk"].to_string();
    let fields = bench.client.provider(&other).await.unwrap().unwrap().fields;
    bench.client.change_provider(&fields, json!({"signing_key": key}).as_object().unwrap()).await.unwrap();
    let report = bench.undo(outcome.receipt.as_ref().unwrap()).await;
    assert_eq!(
        Bench::lines(&report)[1],
        "Create the RSA key “127.0.0.1”: left: It stays: the provider “Provider for Grafana” uses it by now."
    );
    assert!(bench.object("certificates", "name", "127.0.0.1").is_some());
}

#[tokio::test]
async fn a_group_with_members_or_bindings_stays() {
    for members in [true, false] {
        let mut bench = Bench::fresh(Version::V2025_12).await;
        bench.answers.access = Access::Groups(vec![GroupChoice::New { name: "readers".into() }]);
        let outcome = bench.run().await.unwrap();
        let group = bench.object("groups", "name", "readers").unwrap()["pk"].as_str().unwrap().to_owned();
        if members {
            let me = bench.client.me().await.unwrap().pk;
            bench.client.add_to_group(&group, &me).await.unwrap();
        } else {
            bench.answers.options.slug = Some("other".into());
            bench.mint_anew(5);
            bench.run().await.unwrap();
        }
        let report = bench.undo(outcome.receipt.as_ref().unwrap()).await;
        let line = Bench::lines(&report).pop().unwrap();
        assert!(line.starts_with("Create the group “readers”: left: It stays: a "), "{line}");
        assert!(bench.object("groups", "name", "readers").is_some());
    }
}

#[tokio::test]
async fn a_group_that_is_bound_on_the_second_page_of_bindings_stays() {
    let mut bench = Bench::fresh(Version::V2025_12).await;
    bench.answers.access = Access::Groups(vec![GroupChoice::New { name: "readers".into() }]);
    let outcome = bench.run().await.unwrap();
    let group = bench.object("groups", "name", "readers").unwrap()["pk"].as_str().unwrap().to_owned();
    bench.answers.access = Access::Everyone;
    bench.answers.options.slug = Some("other".into());
    bench.mint_anew(5);
    let other = bench.run().await.unwrap().parts[0].application.clone();
    let me = Subject::User(bench.client.me().await.unwrap().pk);
    for order in 0..100 {
        bench.client.bind(&other, &me, order).await.unwrap();
    }
    bench.client.bind(&other, &Subject::Group(group), 100).await.unwrap();
    let report = bench.undo(outcome.receipt.as_ref().unwrap()).await;
    let line = Bench::lines(&report).pop().unwrap();
    assert_eq!(line, "Create the group “readers”: left: It stays: a binding uses it by now.");
}

#[tokio::test]
async fn a_provider_with_another_client_id_is_not_ours() {
    let bench = Bench::fresh(Version::V2025_12).await;
    let outcome = bench.run().await.unwrap();
    let provider = bench.object("providers", "name", "Notes").unwrap()["pk"].to_string();
    let fields = bench.client.provider(&provider).await.unwrap().unwrap().fields;
    bench.client.change_provider(&fields, json!({"client_id": "mine-now"}).as_object().unwrap()).await.unwrap();
    let report = bench.undo(outcome.receipt.as_ref().unwrap()).await;
    assert_eq!(
        Bench::lines(&report),
        ["Create provider and application “Notes”: left: The provider stays: its client ID was changed since."]
    );
    assert!(bench.object("providers", "client_id", "mine-now").is_some());
    // It is there without an application as well, and still no reason to say that it is gone.
    assert!(!bench.undo(outcome.receipt.as_ref().unwrap()).await.is_complete());
}

#[tokio::test]
async fn an_application_of_the_same_slug_is_not_ours() {
    let mut bench = Bench::fresh(Version::V2025_12).await;
    let outcome = bench.run().await.unwrap();
    let part = &outcome.parts[0];
    bench.client.delete_application("notes", &part.application).await.unwrap();
    bench.client.delete_provider(&part.provider, &part.client_id).await.unwrap();
    bench.mint_anew(5);
    bench.run().await.unwrap();
    let theirs = bench.world();
    let report = bench.undo(outcome.receipt.as_ref().unwrap()).await;
    assert_eq!(Bench::lines(&report), ["Create provider and application “Notes”: nothing: It is gone already."]);
    bench.assert_unchanged(&theirs);
}

#[tokio::test]
async fn an_application_with_another_provider_stays() {
    let mut bench = Bench::fresh(Version::V2025_12).await;
    let outcome = bench.run().await.unwrap();
    bench.answers.options.slug = Some("other".into());
    bench.mint_anew(5);
    let other = bench.run().await.unwrap();
    bench.client.delete_application("other", &other.parts[0].application).await.unwrap();
    let change = json!({"provider": other.parts[0].provider.parse::<u64>().unwrap()});
    bench.client.change_application("notes", change.as_object().unwrap()).await.unwrap();
    let report = bench.undo(outcome.receipt.as_ref().unwrap()).await;
    assert_eq!(
        Bench::lines(&report),
        ["Create provider and application “Notes”: left: The application “notes” stays: it uses another provider by now."]
    );
    assert!(bench.object("applications", "slug", "notes").is_some());
}

#[tokio::test]
async fn a_receipt_of_another_server_is_refused() {
    let (one, other) = (Bench::fresh(Version::V2025_12).await, Bench::fresh(Version::V2025_12).await);
    let outcome = one.run().await.unwrap();
    let receipt = outcome.receipt.unwrap();
    let error = akwiz::apply::undo::undo(&other.client, &one.receipts, &receipt).await.unwrap_err();
    assert_eq!(error.kind, Kind::Usage);
    assert!(error.hints[0].contains(one.server.base_url()), "{:?}", error.hints);
    assert!(other.server.log().is_empty());
}

#[tokio::test]
async fn a_missing_right_fails_one_line_and_the_rest_can_be_done_later() {
    let mut bench = Bench::fresh(Version::V2025_12).await;
    let outcome = bench.run().await.unwrap();
    let receipt = outcome.receipt.unwrap();
    let admin = bench.client.clone();
    bench.with_rights(&["authentik_core.view_application", "authentik_providers_oauth2.view_oauth2provider"]);
    let report = bench.undo(&receipt).await;
    assert!(Bench::lines(&report)[0].contains("failed: The token lacks a right"), "{:?}", Bench::lines(&report));
    bench.client = admin;
    assert!(bench.undo(&receipt).await.is_complete());
    assert_eq!(bench.object("applications", "slug", "notes"), None);
}
