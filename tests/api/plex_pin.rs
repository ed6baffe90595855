//! Signing in to Plex by PIN.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use akwiz::authentik::plex_tv::{Code, PlexError, PlexTv};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use crate::server::{Reply, Server, quick};

const EVERY: Duration = Duration::from_millis(1);

fn pin(token: Option<&str>, life: u64) -> Value {
    json!({"id": 1234, "code": "ab9x", "product": "akwiz", "clientIdentifier": "me", "expiresIn": life, "authToken": token})
}

fn plex(server: &Server) -> PlexTv {
    PlexTv::with_timeouts(&server.base, "client-1", quick()).unwrap()
}

#[tokio::test]
async fn a_pin_has_a_code_and_an_address() {
    let server = Server::json(201, pin(None, 900)).await;
    let pin = plex(&server).create_pin(Code::Short).await.unwrap();
    assert_eq!((pin.code.as_str(), pin.life), ("ab9x", Duration::from_secs(900)));
    assert!(pin.sign_in.starts_with("https://app.plex.tv/auth#!?clientID=client-1&code=ab9x"), "{}", pin.sign_in);
    let request = &server.requests()[0];
    assert_eq!((request.method.as_str(), request.path.as_str(), request.body.as_str()), ("POST", "/api/v2/pins", "strong=false"));
    assert_eq!(request.header("x-plex-client-identifier"), Some("client-1"));
    assert_eq!(request.header("x-plex-product"), Some("akwiz"));
    assert_eq!(request.header("accept"), Some("application/json"));
}

#[tokio::test]
async fn waiting_ends_with_the_token_and_outlasts_a_stumble() {
    let count = AtomicU32::new(0);
    let server = Server::start(move |request| match (request.method.as_str(), count.fetch_add(1, Ordering::SeqCst)) {
        ("POST", _) | (_, 1) => Reply::Json(200, pin(None, 900)),
        (_, 2) => Reply::Json(503, json!({})),
        (_, 3) => Reply::Drop,
        _ => Reply::Json(200, pin(Some("plex-secret"), 900)),
    })
    .await;
    let plex = plex(&server);
    let asked = plex.create_pin(Code::Long).await.unwrap();
    let token = plex.wait(&asked, EVERY).await.unwrap();
    assert_eq!(token.expose_secret(), "plex-secret");
    assert!(server.requests().len() >= 5);
}

#[tokio::test]
async fn a_pin_runs_out() {
    let server = Server::json(200, pin(None, 0)).await;
    let asked = plex(&server).create_pin(Code::Short).await.unwrap();
    assert!(matches!(plex(&server).wait(&asked, EVERY).await, Err(PlexError::Expired)));
    let gone =
        Server::start(
            |request| {
                if request.method == "POST" { Reply::Json(201, pin(None, 900)) } else { Reply::Json(404, json!({})) }
            },
        )
        .await;
    let asked = plex(&gone).create_pin(Code::Short).await.unwrap();
    assert!(matches!(plex(&gone).wait(&asked, EVERY).await, Err(PlexError::Expired)));
}

#[tokio::test]
async fn only_owned_servers_are_offered_and_the_token_stays_in_a_header() {
    let server = Server::json(
        200,
        json!([
            {"name": "Living room", "clientIdentifier": "tv", "provides": "player", "owned": true},
            {"name": "zeus", "clientIdentifier": "s-2", "provides": "server", "owned": true},
            {"name": "Friend's", "clientIdentifier": "s-3", "provides": "server", "owned": false},
            {"name": "Atlas\u{1b}[2J", "clientIdentifier": "s-1", "provides": "client,server", "owned": true},
        ]),
    )
    .await;
    let servers = plex(&server).servers(&SecretString::from("plex-secret")).await.unwrap();
    let found: Vec<(&str, &str)> = servers.iter().map(|server| (server.id.as_str(), server.name.as_str())).collect();
    assert_eq!(found, [("s-1", "Atlas [2J"), ("s-2", "zeus")]);
    let request = &server.requests()[0];
    assert_eq!(request.header("x-plex-token"), Some("plex-secret"));
    assert!(!request.path.contains("secret") && !request.query.contains("secret"));
}

#[tokio::test]
async fn a_refused_token_asks_for_another_sign_in() {
    let server = Server::json(401, json!({"errors": [{"code": 1001}]})).await;
    assert!(matches!(plex(&server).servers(&SecretString::from("old")).await, Err(PlexError::Refused)));
}
