//! Creating a pair: bodies, rounds, read-back, and the second run that finds nothing to do.

use akwiz::apply::{StepState, differs};
use akwiz::demo::{Seed, Version, rounds};
use akwiz::setup::answers::{Access, GroupChoice, Input, Taken};
use akwiz::setup::receipt::EntryState;
use serde_json::{Value, json};

use crate::bench::{Bench, CANARY};

#[tokio::test]
async fn a_pair_is_made_and_read_back_on_every_version() {
    for version in Version::ALL {
        let bench = Bench::fresh(version).await;
        let outcome = bench.run().await.unwrap();
        assert_eq!(outcome.notices, [], "{version:?}");
        let part = &outcome.parts[0];
        let application = bench.object("applications", "slug", "notes").unwrap();
        let provider = bench.object("providers", "client_id", &part.client_id).unwrap();
        assert_eq!((&application["pk"], &application["provider"]), (&json!(part.application), &provider["pk"]), "{version:?}");
        assert_eq!(provider["redirect_uris"][0]["url"], "https://notes.example.com/oidc/callback");
        assert_eq!((&provider["sub_mode"], &provider["access_token_validity"]), (&json!("user_username"), &json!("minutes=5")));
        assert_eq!(provider["property_mappings"].as_array().unwrap().len(), 3);
        if version >= Version::V2026_5 {
            assert!(!provider["grant_types"].as_array().unwrap().is_empty(), "{version:?}");
        }
        let receipt = bench.receipt(outcome.receipt.as_ref().unwrap());
        assert!(receipt.finished);
        assert_eq!(receipt.answers["app"], json!("https://notes.example.com"));
        assert!(bench.steps.lock().unwrap().iter().all(|step| step.state == StepState::Done));
    }
}

#[tokio::test]
async fn three_rounds_and_four_when_a_key_has_to_be_made() {
    let bench = Bench::slow(Seed::Fresh).await;
    let reviewed = bench.plan(&bench.facts().await);
    bench.server.clear_log();
    // What happens after Enter: lookups, comparison, writes, read-back.
    let facts = bench.facts().await;
    let fresh = bench.plan(&facts);
    assert_eq!(differs(&reviewed, &fresh), None);
    bench.apply(&facts, &fresh).await.unwrap();
    assert_eq!(rounds(&bench.server.log()), 3, "{:#?}", bench.server.log());

    let mut bench = Bench::slow(Seed::Demo).await;
    bench.answers.give("mapped", Input::Toggle(true));
    bench.answers.access = Access::Groups(vec![GroupChoice::New { name: "readers".into() }]);
    bench.run().await.unwrap();
    assert_eq!(rounds(&bench.server.log()), 4, "{:#?}", bench.server.log());
    let writes = bench.server.log().iter().filter(|entry| entry.is_write()).count();
    assert_eq!(writes, 4, "key, mapping and group at once, then the transaction");
}

#[tokio::test]
async fn what_others_refer_to_is_made_first() {
    for version in Version::ALL {
        let mut bench = Bench::demo(version).await;
        bench.answers.give("mapped", Input::Toggle(true));
        bench.answers.access = Access::Groups(vec![GroupChoice::New { name: "readers".into() }]);
        let outcome = bench.run().await.unwrap();
        assert_eq!(outcome.notices, [], "{version:?}");
        let provider = bench.object("providers", "client_id", &outcome.parts[0].client_id).unwrap();
        let key = bench.object("certificates", "name", "127.0.0.1").unwrap();
        let mapping = bench.object("scope_mappings", "scope_name", "role").unwrap();
        let group = bench.object("groups", "name", "readers").unwrap();
        assert_eq!(provider["signing_key"], key["pk"], "{version:?}");
        assert!(provider["property_mappings"].as_array().unwrap().contains(&mapping["pk"]));
        let application = bench.object("applications", "slug", "notes").unwrap();
        let binding = bench.object("bindings", "target", application["pk"].as_str().unwrap()).unwrap();
        assert_eq!((&binding["group"], &binding["enabled"], &binding["negate"]), (&group["pk"], &json!(true), &json!(false)));
        let states = bench.states(outcome.receipt.as_ref().unwrap());
        assert_eq!(states, vec![EntryState::Done; 4]);
    }
}

#[tokio::test]
async fn a_second_run_has_nothing_to_do() {
    for version in Version::ALL {
        let mut bench = Bench::demo(version).await;
        bench.answers.give("mapped", Input::Toggle(true));
        let first = bench.run().await.unwrap();
        let before = bench.world();
        bench.mint_anew(9);
        bench.answers.taken = Some(Taken::Update);
        let facts = bench.facts().await;
        let plan = bench.plan(&facts);
        assert!(plan.is_ready() && plan.is_empty(), "{version:?} {:#?}", plan.actions);
        let second = bench.apply(&facts, &plan).await.unwrap();
        assert_eq!(second.receipt, None);
        assert_eq!(second.parts[0].client_id, first.parts[0].client_id);
        bench.assert_unchanged(&before);
    }
}

#[tokio::test]
async fn the_body_is_explicit() {
    for (version, name) in [(Version::V2024_12, "2024.12"), (Version::V2025_12, "2025.12"), (Version::V2026_5, "2026.5")] {
        let bench = Bench::fresh(version).await;
        bench.run().await.unwrap();
        let log = bench.server.log();
        let mut body = log.iter().find(|entry| entry.path.contains("transactional")).unwrap().body.clone();
        redact(&mut body);
        insta::assert_snapshot!(format!("transaction_{name}"), serde_json::to_string_pretty(&body).unwrap());
    }
}

/// Keys and credentials differ from run to run.
fn redact(body: &mut Value) {
    let provider = body["provider"].as_object_mut().unwrap();
    for key in ["authorization_flow", "invalidation_flow", "signing_key"] {
        assert!(provider[key].as_str().is_some_and(|pk| pk.len() == 36), "{key}");
        provider[key] = json!("…");
    }
    assert!(provider["client_secret"].as_str().unwrap().starts_with(CANARY));
    provider["client_id"] = json!("…");
    provider["client_secret"] = json!("…");
    provider["property_mappings"] = json!(provider["property_mappings"].as_array().unwrap().len());
}

#[tokio::test]
async fn the_icon_is_a_call_of_its_own_before_2025_12() {
    for version in [Version::V2024_12, Version::V2025_12] {
        let mut bench = Bench::fresh(version).await;
        bench.answers.options.icon = Some("https://notes.example.com/icon.png".into());
        let outcome = bench.run().await.unwrap();
        assert_eq!(outcome.notices, [], "{version:?}");
        let calls = bench.server.log().iter().filter(|entry| entry.path.ends_with("/set_icon_url/")).count();
        assert_eq!(calls, usize::from(version == Version::V2024_12));
        let application = bench.object("applications", "slug", "notes").unwrap();
        assert_eq!(application["meta_icon"], "https://notes.example.com/icon.png", "{version:?}");
    }
}

#[tokio::test]
async fn a_change_since_the_review_is_noticed() {
    let bench = Bench::slow(Seed::Fresh).await;
    let reviewed = bench.plan(&bench.facts().await);
    bench.run().await.unwrap();
    let fresh = bench.plan(&bench.facts().await);
    assert_eq!(
        differs(&reviewed, &fresh).as_deref(),
        Some("authentik has changed since the review, and something has to be decided anew.")
    );
    assert_eq!(differs(&fresh, &fresh), None);
}
