//! The checks change nothing, never try an empty list of redirect URIs, and wait for nothing that they do not need.

use std::time::Duration;

use akwiz::checks::{Id, State, from_inside, run};
use akwiz::demo::{Options, Seed, Version, rounds};
use serde_json::json;

use crate::bench::Bench;

#[tokio::test]
async fn nothing_is_written() {
    for version in Version::ALL {
        let bench = Bench::fresh(version).await;
        let (outcome, target) = bench.portainer().await;
        let empty = outcome.parts[0].provider.as_str();
        for _ in 0..2 {
            let before = bench.world();
            let events = bench.table("events").len();
            bench.server.clear_log();
            bench.check(&target).await;
            let log = bench.server.log();
            let writes: Vec<_> = log.iter().filter(|entry| entry.is_write() && entry.path != "/application/o/revoke/").collect();
            assert!(writes.is_empty(), "{writes:?}");
            assert!(
                log.iter().filter(|entry| entry.is_write()).all(|entry| entry.body == "token=akwiz-checks-the-client-secret")
            );
            assert_eq!(bench.world(), before, "{}", version.number());
            assert_eq!(bench.table("events").len(), events, "nothing is left in the log either");
            // Once more with a list that the first request would fill.
            bench.change(empty, json!({"redirect_uris": []})).await;
        }
    }
}

#[tokio::test]
async fn an_empty_list_of_redirect_uris_is_never_tried() {
    let bench = Bench::fresh(Version::V2025_12).await;
    let (outcome, target) = bench.portainer().await;
    bench.change(&outcome.parts[0].provider, json!({"redirect_uris": []})).await;
    bench.server.clear_log();
    let tick = bench.tick(&target, Id::Redirects).await;
    assert_eq!(tick.state, State::Red);
    assert!(tick.found.contains("It was not tried."), "{tick:?}");
    assert!(bench.server.log().iter().all(|entry| !entry.path.contains("authorize")));
    let provider = bench.client.provider(&outcome.parts[0].provider).await.unwrap().unwrap();
    assert!(provider.fields.redirect_uris.is_empty());
}

#[tokio::test]
async fn everything_runs_at_once() {
    let delay = Duration::from_millis(100);
    let bench = Bench::start(Options { version: Version::V2026_5, seed: Seed::Fresh, delay, ..Options::default() }).await;
    let (_, mut target) = bench.portainer().await;
    // The longest check needs two requests: the provider, and then an attempt at its redirect URI. Nothing takes longer than that one.
    bench.server.clear_log();
    bench.check(&target).await;
    let log = bench.server.log();
    assert!(log.len() >= 8, "{log:?}");
    assert_eq!(rounds(&log), 2, "{log:#?}");
    // Without the client ID the application has to be read before its provider.
    target.client_id = None;
    bench.server.clear_log();
    bench.check(&target).await;
    assert_eq!(rounds(&bench.server.log()), 3);
}

#[tokio::test]
async fn every_check_is_told_once_and_by_itself() {
    let bench = Bench::fresh(Version::V2025_12).await;
    let (_, target) = bench.portainer().await;
    let mut told = Vec::new();
    let ticks = run(&bench.client, &target, |tick| told.push(tick.id)).await;
    told.sort_unstable();
    assert_eq!(told, Id::ALL);
    assert_eq!(ticks.iter().map(|tick| tick.id).collect::<Vec<_>>(), Id::ALL);
}

#[tokio::test]
async fn secrets_stay_where_they_are() {
    let bench = Bench::fresh(Version::V2025_12).await;
    let (_, target) = bench.portainer().await;
    let secret = secrecy::ExposeSecret::expose_secret(target.secret.as_ref().unwrap()).to_owned();
    let ticks = bench.check(&target).await;
    assert!(!format!("{ticks:?}{target:?}").contains(&secret));
    assert!(bench.server.log().iter().all(|entry| !entry.query.contains(&secret) && !entry.path.contains(&secret)));
}

#[tokio::test]
async fn a_line_runs_from_inside_the_applications_network() {
    let bench = Bench::fresh(Version::V2025_12).await;
    let (_, target) = bench.portainer().await;
    let lines: Vec<String> = from_inside(&target).into_iter().map(|line| line.command).collect();
    let url = "https://auth.example.com/application/o/portainer/.well-known/openid-configuration";
    assert_eq!(lines[0], format!("docker exec portainer wget -qO- {url}"));
    assert_eq!(lines[2], format!("curl -fsS {url}"));
}
