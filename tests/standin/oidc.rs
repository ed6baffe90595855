//! Logins against what was created.

use akwiz::demo::{Seed, Version};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use serde_json::{Value, json};

use crate::client::{Answer, Client};
use crate::journeys::transaction;

/// Makes an application with the default mappings and this signing key.
async fn create(client: &Client, slug: &str, signing_key: Value) {
    let mut body = transaction(client, slug).await;
    let mappings = client.get("/api/v3/propertymappings/provider/scope/").await.body;
    let mappings: Vec<Value> = mappings["results"].as_array().unwrap().iter().map(|mapping| mapping["pk"].clone()).collect();
    body["provider"]["property_mappings"] = json!(mappings);
    body["provider"]["signing_key"] = signing_key;
    let made = client.send("PUT", "/api/v3/core/transactional/applications/", Some(body)).await;
    assert_eq!(made.body["applied"], true, "{}", made.text);
}

async fn authorize(client: &Client, query: &str, cookie: Option<String>) -> Answer {
    let headers: Vec<_> = cookie.into_iter().map(|cookie| ("cookie".to_owned(), cookie)).collect();
    client.raw("GET", &format!("/application/o/authorize/?{query}"), &headers, None).await.unwrap()
}

async fn post(client: &Client, endpoint: &str, secret: &str, form: &str) -> Answer {
    let basic = STANDARD.encode(format!("notes-id:{secret}"));
    let headers = [
        ("authorization".to_owned(), format!("Basic {basic}")),
        ("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned()),
    ];
    client.raw("POST", &format!("/application/o/{endpoint}/"), &headers, Some(form.to_owned())).await.unwrap()
}

#[tokio::test]
async fn a_login_yields_a_token_that_the_published_key_verifies() {
    let client = Client::start(Version::V2026_5, Seed::Demo).await;
    let pair = json!({ "common_name": "auth.home.example", "validity_days": 3650 });
    let key = client.send("POST", "/api/v3/crypto/certificatekeypairs/generate/", Some(pair)).await;
    assert_eq!((key.status, &key.body["key_type"]), (200, &json!("rsa")));
    create(&client, "notes", key.body["pk"].clone()).await;
    let query =
        "response_type=code&client_id=notes-id&redirect_uri=https%3A%2F%2Fnotes.example%2Fcb&scope=openid+email+profile&state=s";
    let anonymous = authorize(&client, &format!("{query}&prompt=none"), None).await;
    assert!(anonymous.location.starts_with("https://notes.example/cb?error=login_required"), "{}", anonymous.location);
    let signed_in = authorize(&client, query, client.server.session("alice")).await;
    let (_, rest) = signed_in.location.split_once("code=").expect("a code");
    let code = rest.split('&').next().unwrap();
    let form = format!("grant_type=authorization_code&code={code}&redirect_uri=https%3A%2F%2Fnotes.example%2Fcb");
    let tokens = post(&client, "token", "notes-secret", &form).await;
    assert_eq!(tokens.status, 200, "{}", tokens.text);
    let keys = client.get("/application/o/notes/jwks/").await.body;
    let decode = |field: &str| URL_SAFE_NO_PAD.decode(keys["keys"][0][field].as_str().unwrap()).unwrap();
    let (content, signature) = tokens.body["id_token"].as_str().unwrap().rsplit_once('.').unwrap();
    let public = RsaPublicKeyComponents { n: decode("n"), e: decode("e") };
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    assert!(public.verify(&RSA_PKCS1_2048_8192_SHA256, content.as_bytes(), &signature).is_ok());
    let claims = URL_SAFE_NO_PAD.decode(content.split_once('.').unwrap().1).unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    assert_eq!(claims["preferred_username"], "alice");
    assert_eq!(claims["groups"], json!(["family", "staff"]));
    assert_eq!(claims["email_verified"], false);
}

#[tokio::test]
async fn revoking_a_made_up_token_tells_whether_the_secret_is_right() {
    let client = Client::start(Version::V2024_12, Seed::Demo).await;
    create(&client, "notes", Value::Null).await;
    assert_eq!(post(&client, "revoke", "notes-secret", "token=made-up").await.status, 200);
    assert_eq!(post(&client, "revoke", "wrong", "token=made-up").await.status, 401);
}

#[tokio::test]
async fn the_first_probe_fills_an_empty_list_of_callbacks() {
    let client = Client::start(Version::V2025_12, Seed::Demo).await;
    let mut body = transaction(&client, "notes").await;
    body["provider"]["redirect_uris"] = json!([]);
    client.send("PUT", "/api/v3/core/transactional/applications/", Some(body)).await;
    let probe = "response_type=code&client_id=notes-id&scope=openid&prompt=none&redirect_uri=";
    assert_eq!(authorize(&client, &format!("{probe}https://a.example/"), None).await.status, 302);
    let page = authorize(&client, &format!("{probe}https://b.example/"), None).await;
    assert_eq!(page.status, 400);
    assert!(page.text.contains("Redirect URI Error"));
    let wrong = authorize(&client, "response_type=code&client_id=nobody&prompt=none", None).await;
    assert!(wrong.text.contains("Client ID Error"));
}

#[tokio::test]
async fn keys_follow_the_signing_key() {
    let client = Client::start(Version::V2026_5, Seed::Demo).await;
    let ec = client.get("/application/o/grafana/jwks/").await.body;
    assert_eq!((&ec["keys"][0]["kty"], &ec["keys"][0]["alg"]), (&json!("EC"), &json!("ES256")));
    create(&client, "notes", Value::Null).await;
    assert_eq!(client.get("/application/o/notes/jwks/").await.body, json!({}));
    let discovery = client.get("/application/o/notes/.well-known/openid-configuration").await.body;
    assert_eq!(discovery["id_token_signing_alg_values_supported"], json!(["HS256"]));
}

#[tokio::test]
async fn the_issuer_follows_host_and_forwarded_scheme_alone() {
    let client = Client::start(Version::V2026_5, Seed::Demo).await;
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let headers = [
        header("host", "auth.example.com"),
        header("x-forwarded-proto", "https"),
        header("x-forwarded-host", "elsewhere.example"),
    ];
    let answer = client.raw("GET", "/application/o/grafana/.well-known/openid-configuration", &headers, None).await.unwrap();
    assert_eq!(answer.body["issuer"], "https://auth.example.com/application/o/grafana/");
}
