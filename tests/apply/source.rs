//! Login sources, and their place on the login page.

use std::time::Duration;

use akwiz::catalog::template::SourceApi;
use akwiz::demo::{Fault, Matcher, Options, Version, rounds};
use akwiz::setup::answers::{PlexAccount, PlexServer};
use akwiz::setup::receipt::EntryState;
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::bench::{Bench, CANARY, SOURCE};

async fn plex(options: Options) -> Bench {
    let mut bench = Bench::start(options, SOURCE).await;
    bench.answers.source.plex = Some(PlexAccount {
        client_identifier: "p".repeat(40),
        token: SecretString::from(format!("{CANARY}-plex")),
        servers: vec![PlexServer { id: "server-1".into(), name: "Attic".into() }],
        allowed: vec!["server-1".into()],
    });
    bench
}

async fn of(version: Version) -> Bench {
    plex(Options { version, ..Options::default() }).await
}

fn stage(bench: &Bench) -> Value {
    bench.object("identification_stages", "name", "default-authentication-identification").unwrap()
}

#[tokio::test]
async fn a_source_is_made_shown_and_taken_back() {
    for version in Version::ALL {
        let bench = of(version).await;
        let before = bench.world();
        let outcome = bench.run().await.unwrap();
        let source = bench.object("sources", "slug", "plex").unwrap();
        assert_eq!(stage(&bench)["sources"], json!([source["pk"]]), "{version:?}");
        assert_eq!(
            (&source["enabled"], &source["allowed_servers"], &source["allow_friends"]),
            (&json!(true), &json!(["server-1"]), &json!(false))
        );
        let made = outcome.source.unwrap();
        assert_eq!(
            (made.pk.as_str(), made.shown_on.as_deref()),
            (source["pk"].as_str().unwrap(), Some("default-authentication-identification"))
        );
        let patch = bench.server.log().into_iter().find(|entry| entry.method == "PATCH").unwrap();
        assert_eq!(patch.body, json!({"sources": [source["pk"]]}), "sources alone");

        let report = bench.undo(outcome.receipt.as_ref().unwrap()).await;
        assert!(report.is_complete(), "{version:?} {:?}", Bench::lines(&report));
        bench.assert_unchanged(&before);
    }
}

#[tokio::test]
async fn three_rounds_from_enter() {
    let bench = plex(Options { version: Version::V2025_12, delay: Duration::from_millis(100), ..Options::default() }).await;
    bench.run().await.unwrap();
    assert_eq!(rounds(&bench.server.log()), 3, "{:#?}", bench.server.log());
}

#[tokio::test]
async fn lost_answers_are_looked_for() {
    for (method, path) in [("POST", "/sources/plex/"), ("PATCH", "/stages/identification/")] {
        let bench = of(Version::V2025_12).await;
        bench.server.fail_next(Matcher::new(method, path), Fault::DropAfter);
        let outcome = bench.run().await.unwrap();
        assert_eq!(bench.states(outcome.receipt.as_ref().unwrap()), [EntryState::Done, EntryState::Done]);
        assert!(bench.undo(outcome.receipt.as_ref().unwrap()).await.is_complete());
    }
}

#[tokio::test]
async fn a_second_run_has_nothing_to_do() {
    let bench = of(Version::V2026_5).await;
    bench.run().await.unwrap();
    let before = bench.world();
    let facts = bench.facts().await;
    let plan = bench.plan(&facts);
    assert!(plan.is_empty(), "{:#?}", plan.actions);
    let outcome = bench.apply(&facts, &plan).await.unwrap();
    assert_eq!(outcome.source.unwrap().shown_on.as_deref(), Some("default-authentication-identification"));
    bench.assert_unchanged(&before);
}

#[tokio::test]
async fn a_source_that_came_meanwhile_stays_on_the_login_page() {
    let bench = of(Version::V2025_12).await;
    let facts = bench.facts().await;
    let plan = bench.plan(&facts);
    let stage_pk = stage(&bench)["pk"].as_str().unwrap().to_owned();
    let body = json!({"name": "Other", "slug": "other", "client_id": "x", "plex_token": "t"}).as_object().unwrap().clone();
    let other = bench.client.create_source(SourceApi::Plex, &body).await.unwrap().pk;
    bench.client.add_source_to_stage(&stage_pk, &other).await.unwrap();
    let outcome = bench.apply(&facts, &plan).await.unwrap();
    let source = bench.object("sources", "slug", "plex").unwrap();
    assert_eq!(stage(&bench)["sources"], json!([other, source["pk"]]));
    bench.undo(outcome.receipt.as_ref().unwrap()).await;
    assert_eq!(stage(&bench)["sources"], json!([other]));
}

#[tokio::test]
async fn a_source_without_a_place_is_left_behind_and_named() {
    let bench = of(Version::V2025_12).await;
    let before = bench.world();
    bench.server.fail_next(
        Matcher::new("PATCH", "/stages/identification/"),
        Fault::Reply { status: 403, body: json!({"detail": "You do not have permission to perform this action."}) },
    );
    let failure = bench.run().await.unwrap_err();
    assert_eq!(failure.made.len(), 1);
    assert!(failure.error.hints[0].contains("change_identificationstage"), "{:?}", failure.error.hints);
    // Somebody puts it there by hand; undoing takes it from there first.
    let source = bench.object("sources", "slug", "plex").unwrap()["pk"].as_str().unwrap().to_owned();
    bench.client.add_source_to_stage(stage(&bench)["pk"].as_str().unwrap(), &source).await.unwrap();
    bench.server.clear_log();
    assert!(bench.undo(failure.receipt.as_ref().unwrap()).await.is_complete());
    let writes: Vec<String> =
        bench.server.log().into_iter().filter(akwiz::demo::Logged::is_write).map(|entry| entry.method).collect();
    assert_eq!(writes, ["PATCH", "DELETE"]);
    bench.assert_unchanged(&before);
}

#[tokio::test]
async fn a_source_with_another_client_id_stays_and_is_named() {
    let mut bench = of(Version::V2025_12).await;
    let first = bench.run().await.unwrap();
    bench.answers.source.plex.as_mut().unwrap().client_identifier = "q".repeat(40);
    bench.run().await.unwrap();
    let report = bench.undo(first.receipt.as_ref().unwrap()).await;
    assert_eq!(
        Bench::lines(&report).last().unwrap(),
        "Create the login source “Plex”: left: It stays: its client ID was changed since."
    );
    assert!(bench.object("sources", "slug", "plex").is_some());
}
