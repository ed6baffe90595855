//! Faults, the log and round trips.

use std::time::{Duration, Instant};

use akwiz::demo::{Fault, Matcher, Options, Seed, Version, rounds};
use serde_json::json;

use crate::client::Client;
use crate::journeys::transaction;

const TRANSACTION: &str = "/api/v3/core/transactional/applications/";

#[tokio::test]
async fn an_ordered_answer_comes_once_and_nothing_is_done() {
    let client = Client::start(Version::V2025_12, Seed::Fresh).await;
    let body = transaction(&client, "notes").await;
    let fault = |fault| client.server.fail_next(Matcher::new("PUT", "/transactional/"), fault);
    fault(Fault::NotApplied);
    fault(Fault::Reply { status: 503, body: json!("<h1>starting</h1>") });
    let first = client.send("PUT", TRANSACTION, Some(body.clone())).await;
    assert_eq!((first.status, first.body), (200, json!({ "applied": false, "logs": [] })));
    let second = client.send("PUT", TRANSACTION, Some(body.clone())).await;
    assert_eq!((second.status, second.text.as_str()), (503, "<h1>starting</h1>"));
    assert_eq!(client.get("/api/v3/core/applications/notes/").await.status, 404);
    assert_eq!(client.send("PUT", TRANSACTION, Some(body)).await.body["applied"], true);
}

#[tokio::test]
async fn a_connection_drops_before_or_after_the_write() {
    let client = Client::start(Version::V2025_12, Seed::Fresh).await;
    for (slug, fault, status) in [("before", Fault::DropBefore, 404), ("after", Fault::DropAfter, 200)] {
        let body = transaction(&client, slug).await.to_string();
        client.server.fail_next(Matcher::new("PUT", "/transactional/"), fault);
        let headers = [("authorization", format!("Bearer {}", client.token)), ("content-type", "application/json".to_owned())];
        let headers = headers.map(|(name, value)| (name.to_owned(), value));
        assert!(client.raw("PUT", TRANSACTION, &headers, Some(body)).await.is_err(), "{slug}");
        assert_eq!(client.get(&format!("/api/v3/core/applications/{slug}/")).await.status, status, "{slug}");
        let logged = client.server.log().into_iter().rev().find(|entry| entry.method == "PUT").unwrap();
        assert_eq!(logged.status, 0);
    }
}

#[tokio::test]
async fn a_delay_holds_one_request_back() {
    let client = Client::start(Version::V2025_12, Seed::Fresh).await;
    let delay = Duration::from_millis(30);
    client.server.fail_next(Matcher::new("GET", "/users/me/"), Fault::Delay(delay));
    let begun = Instant::now();
    assert_eq!(client.get("/api/v3/core/users/me/").await.status, 200);
    assert!(begun.elapsed() >= delay);
}

#[tokio::test]
async fn the_log_tells_writes_bodies_and_times() {
    let client = Client::with(Options::default()).await;
    let body = transaction(&client, "notes").await;
    client.server.clear_log();
    client.get("/api/v3/core/users/me/").await;
    client.send("PUT", TRANSACTION, Some(body)).await;
    client.get("/api/v3/core/applications/notes/").await;
    let log = client.server.log();
    assert_eq!(log.len(), 3);
    assert_eq!(rounds(&log), 3, "each waited for the one before");
    let writes: Vec<_> = log.iter().filter(|entry| entry.is_write()).collect();
    assert_eq!(writes.len(), 1);
    assert_eq!(writes[0].body["app"]["slug"], "notes");
    assert!(!format!("{:?}", writes[0]).contains("notes-secret"));
    assert!(log.iter().all(|entry| entry.connection == log[0].connection), "one connection serves them all");
}

#[tokio::test]
async fn a_server_that_starts_asks_for_patience() {
    let client = Client::start(Version::V2026_5, Seed::Fresh).await;
    client.server.fail_next(Matcher::new("GET", "/users/me/"), Fault::Starting);
    let answer = client.get("/api/v3/core/users/me/").await;
    assert_eq!((answer.status, answer.body), (503, json!({ "error": "authentik starting" })));
    assert_eq!(client.get("/api/v3/core/users/me/").await.status, 200);
}
