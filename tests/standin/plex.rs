//! The part of plex.tv.

use akwiz::demo::{Options, PlexOptions};
use serde_json::Value;

use crate::client::{Answer, Client};

async fn plex(client: &Client, method: &str, path: &str, more: &[(&str, &str)]) -> Answer {
    let mut headers =
        vec![("accept".to_owned(), "application/json".to_owned()), ("x-plex-product".to_owned(), "akwiz".to_owned())];
    headers.extend(more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    client.raw(method, path, &headers, None).await.unwrap()
}

const OWN: (&str, &str) = ("x-plex-client-identifier", "akwiz-client");

#[tokio::test]
async fn a_pin_is_authorised_after_some_polls_and_opens_the_servers() {
    let client = Client::with(Options::default()).await;
    let pin = plex(&client, "POST", "/api/v2/pins", &[OWN]).await;
    assert_eq!(pin.status, 201);
    assert_eq!(pin.body["code"].as_str().map(str::len), Some(4));
    let poll = format!("/api/v2/pins/{}", pin.body["id"]);
    assert_eq!(plex(&client, "GET", &poll, &[OWN]).await.body["authToken"], Value::Null);
    let answer = plex(&client, "GET", &poll, &[OWN]).await;
    let token = answer.body["authToken"].as_str().expect("authorised");
    let resources = plex(&client, "GET", "/api/v2/resources", &[OWN, ("x-plex-token", token)]).await.body;
    let own = |entry: &&Value| entry["provides"] == "server" && entry["owned"] == true;
    assert_eq!(resources.as_array().unwrap().iter().filter(own).count(), 2);
    assert_eq!(resources.as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn a_pin_can_run_out_and_belongs_to_its_client() {
    let client = Client::with(Options { plex: PlexOptions { polls: 2, expires: true }, ..Options::default() }).await;
    let pin = plex(&client, "POST", "/api/v2/pins?strong=true", &[OWN]).await;
    assert!(pin.body["code"].as_str().unwrap().len() > 4);
    let poll = format!("/api/v2/pins/{}", pin.body["id"]);
    assert_eq!(plex(&client, "GET", &poll, &[("x-plex-client-identifier", "another")]).await.status, 404);
    assert_eq!(plex(&client, "GET", &poll, &[OWN]).await.status, 200);
    assert_eq!(plex(&client, "GET", &poll, &[OWN]).await.status, 404);
}

#[tokio::test]
async fn plex_wants_to_know_the_client_and_the_token() {
    let client = Client::with(Options::default()).await;
    assert_eq!(plex(&client, "POST", "/api/v2/pins", &[]).await.status, 400);
    assert_eq!(plex(&client, "GET", "/api/v2/resources", &[OWN]).await.status, 401);
}
