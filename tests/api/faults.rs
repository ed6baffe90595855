//! What the client does when the connection or the server misbehaves.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use akwiz::authentik::failure::ConnectFailure;
use akwiz::authentik::transaction::Transaction;
use akwiz::authentik::{ApiError, Client, Timeouts, Trust};
use akwiz::error::{Error, Kind};
use secrecy::SecretString;
use serde_json::json;
use url::Url;

use crate::server::{Reply, Server, quick};

/// Answers as `first` says so many times, then properly.
async fn flaky(times: u32, first: fn() -> Reply) -> Server {
    let count = AtomicU32::new(0);
    Server::start(
        move |_| if count.fetch_add(1, Ordering::SeqCst) < times { first() } else { Reply::Json(200, json!({"results": []})) },
    )
    .await
}

fn impatient() -> Timeouts {
    Timeouts { read: Duration::from_millis(20), write: Duration::from_millis(20), ..quick() }
}

fn client(server: &Server, timeouts: Timeouts) -> Client {
    Client::new(&server.base, &Trust::default(), timeouts).unwrap().signed_in(SecretString::from("t")).unwrap()
}

#[tokio::test]
async fn a_read_is_repeated_twice_and_no_more() {
    let refusals: [fn() -> Reply; 5] = [
        || Reply::Text(502, Vec::new(), "<html><title>502 Bad Gateway</title>".into()),
        || Reply::Text(503, vec![("Retry-After", "0".into())], String::new()),
        || Reply::Text(429, Vec::new(), String::new()),
        || Reply::Drop,
        || Reply::CutOff,
    ];
    for refusal in refusals {
        let server = flaky(2, refusal).await;
        assert!(server.client().flows().await.unwrap().is_empty());
        assert_eq!(server.requests().len(), 3);
        let server = flaky(9, refusal).await;
        server.client().flows().await.unwrap_err();
        assert_eq!(server.requests().len(), 3);
    }
}

#[tokio::test]
async fn a_long_request_to_wait_is_the_answer() {
    let server =
        flaky(1, || Reply::Text(503, vec![("Retry-After", "5".into())], r#"{"error": "authentik starting"}"#.into())).await;
    let error = server.client().flows().await.unwrap_err();
    assert_eq!(error.status(), Some(503));
    assert_eq!(server.requests().len(), 1);
    assert_eq!(Error::from(error).kind, Kind::Unreachable);
}

#[tokio::test]
async fn other_refusals_of_reads_are_not_repeated() {
    for status in [400, 403, 404, 500] {
        let server = Server::json(status, json!({"detail": "no"})).await;
        server.client().flows().await.unwrap_err();
        assert_eq!(server.requests().len(), 1, "{status}");
    }
}

#[tokio::test]
async fn a_write_is_sent_once_and_a_lost_answer_is_no_failure() {
    let faults: [fn() -> Reply; 4] =
        [|| Reply::Drop, || Reply::CutOff, || Reply::Slow(Duration::from_millis(50)), || Reply::Bytes(b"")];
    for fault in faults {
        let server = Server::start(move |_| fault()).await;
        let error = client(&server, impatient()).create(<Transaction>::default()).await.unwrap_err();
        assert!(matches!(error, ApiError::WriteUnknown { .. }), "{error:?}");
        assert!(error.outcome_unknown());
        assert_eq!(server.requests().len(), 1);
        assert_eq!(Error::from(error).kind, Kind::Partial);
    }
}

#[tokio::test]
async fn a_gateway_s_answer_to_a_write_is_no_failure_and_a_clear_no_is_one() {
    for (status, unknown) in [(500, true), (502, true), (504, true), (503, false), (429, false), (400, false), (403, false)] {
        let server = Server::json(status, json!({"detail": "no"})).await;
        let error = server.client().create(<Transaction>::default()).await.unwrap_err();
        assert_eq!(error.outcome_unknown(), unknown, "{status}");
        assert_eq!(server.requests().len(), 1, "{status}");
    }
}

#[tokio::test]
async fn a_write_that_never_left_is_a_plain_failure() {
    let server = Server::json(200, json!({})).await;
    let mut nobody = server.base.clone();
    nobody.set_port(Some(1)).unwrap();
    let client = Client::new(&nobody, &Trust::default(), quick()).unwrap();
    let error = client.create(<Transaction>::default()).await.unwrap_err();
    assert!(matches!(error, ApiError::Connect { failure: ConnectFailure::Refused, .. }), "{error:?}");
    assert!(!error.outcome_unknown());
}

#[tokio::test]
async fn a_slow_read_times_out() {
    let server = Server::start(|_| Reply::Slow(Duration::from_millis(50))).await;
    let error = client(&server, impatient()).flows().await.unwrap_err();
    assert!(matches!(error, ApiError::NoAnswer { failure: ConnectFailure::TimedOut, .. }), "{error:?}");
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_name_that_does_not_resolve_is_said_so() {
    // RFC 6761 reserves `invalid` for this.
    let client = Client::new(&Url::parse("http://akwiz.invalid/").unwrap(), &Trust::default(), quick()).unwrap();
    let error = client.flows().await.unwrap_err();
    assert!(matches!(error, ApiError::Connect { failure: ConnectFailure::NameNotFound, .. }), "{error:?}");
}

#[tokio::test]
async fn what_is_no_http_is_said_so() {
    let server = Server::start(|_| Reply::Bytes(b"220 mail.example.com ESMTP\r\n")).await;
    let error = server.client().flows().await.unwrap_err();
    assert!(matches!(error, ApiError::NoAnswer { failure: ConnectFailure::NotHttp, .. }), "{error:?}");
}

#[tokio::test]
async fn unreadable_answers_name_the_call_and_not_the_content() {
    for body in ["{\"results\": [", "<html>sign in</html>", "", "{\"results\": 3}", "[1, \"hush\"]", "\"hush\""] {
        let server = Server::start(move |_| Reply::Text(200, Vec::new(), body.into())).await;
        let error = server.client().flows().await.unwrap_err();
        assert!(matches!(error, ApiError::Unreadable { .. }), "{error:?}");
        let sentence = Error::from(error);
        assert!(
            sentence.message.contains("/api/v3/flows/instances/") && !sentence.message.contains("hush"),
            "{}",
            sentence.message
        );
    }
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let elsewhere = Server::json(200, json!({"results": []})).await;
    let to = elsewhere.base.to_string();
    let server = Server::start(move |_| Reply::Text(302, vec![("Location", to.clone())], String::new())).await;
    let error = server.client().flows().await.unwrap_err();
    assert_eq!(error.status(), Some(302));
    assert!(Error::from(error).message.contains("elsewhere"));
    assert!(elsewhere.requests().is_empty());
}

#[tokio::test]
async fn pages_outside_the_api_never_get_the_token() {
    let server = Server::json(200, json!({})).await;
    let client = server.client();
    client.page("application/o/demo/.well-known/openid-configuration", &[]).await.unwrap();
    client.post_form("application/o/revoke/", &[("token", "x")], Some(("id", &SecretString::from("secret")))).await.unwrap();
    let requests = server.requests();
    assert_eq!(requests[0].header("authorization"), None);
    assert_eq!(requests[1].header("authorization"), Some("Basic aWQ6c2VjcmV0"));
    assert_eq!(requests[1].body, "token=x");
}

#[tokio::test]
async fn a_loopback_server_is_told_its_public_address() {
    let server = Server::json(200, json!({"results": []})).await;
    let public = Url::parse("https://auth.example.com/").unwrap();
    let client = Client::with_public_address(&server.base, &public, &Trust::default(), quick()).unwrap();
    client.flows().await.unwrap();
    let request = &server.requests()[0];
    assert_eq!(request.header("host"), Some("auth.example.com"));
    assert_eq!(request.header("x-forwarded-proto"), Some("https"));
    server.client().flows().await.unwrap();
    assert_eq!(server.requests()[1].header("x-forwarded-proto"), None);
}

#[tokio::test]
async fn a_token_that_cannot_be_one_is_refused_before_it_is_sent() {
    let server = Server::json(200, json!({})).await;
    for token in ["", "two words", "line\nbreak", "tök"] {
        let error = server.anonymous().signed_in(SecretString::from(token)).unwrap_err();
        assert!(matches!(&error, ApiError::Unusable(why) if !why.contains("tök")), "{error:?}");
    }
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn all_pages_of_a_list_are_read() {
    let page = |next: u32, slug: &str| json!({"pagination": {"next": next}, "results": [{"pk": "f", "slug": slug}]});
    let server = Server::start(move |request| {
        Reply::Json(200, if request.query.contains("page=2") { page(0, "second") } else { page(2, "first") })
    })
    .await;
    let slugs: Vec<String> = server.client().flows().await.unwrap().into_iter().map(|flow| flow.slug).collect();
    assert_eq!(slugs, ["first", "second"]);
    assert!(server.requests().iter().all(|request| request.query.contains("page_size=100")));
}

#[tokio::test]
async fn a_list_that_becomes_shorter_meanwhile_ends_there() {
    let server = Server::start(move |request| {
        if request.query.contains("page=2") {
            Reply::Json(404, json!({"detail": "Invalid page."}))
        } else {
            Reply::Json(200, json!({"pagination": {"next": 2}, "results": [{"pk": 1}]}))
        }
    })
    .await;
    assert_eq!(server.client().flows().await.unwrap().len(), 1);
}

#[tokio::test]
async fn debug_of_a_client_shows_no_token() {
    let server = Server::json(200, json!({})).await;
    let client = server.anonymous().signed_in(SecretString::from("hush-hush")).unwrap();
    assert!(!format!("{client:?}").contains("hush"));
}
