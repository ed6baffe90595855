//! Finding authentik before any token is sent.

use std::net::Ipv4Addr;
use std::time::Duration;

use akwiz::authentik::address::{Address, Reach};
use akwiz::authentik::connect::{Found, NotFound, probe};
use akwiz::authentik::failure::ConnectFailure;
use akwiz::authentik::{Trust, Version};
use akwiz::error::{Error, Kind};
use tokio::net::TcpListener;

use crate::recorded::{VERSIONS, page};
use crate::server::{Reply, Server, quick};

const PAGE: &str = "/if/flow/default-authentication-flow/";

fn html(status: u16, body: &str) -> Reply {
    Reply::Text(status, vec![("Content-Type", "text/html".into())], body.to_owned())
}

fn page_of(version: &str) -> String {
    format!(
        r#"<script>window.authentik = {{ versionFamily: "2025.8" }};</script><script src="/static/dist/poly-{version}.js"></script>"#
    )
}

async fn look(typed: &str) -> Result<Found, NotFound> {
    probe(&Address::parse(typed).unwrap(), &Trust::default(), quick()).await
}

#[tokio::test]
async fn the_pages_of_each_version_tell_it() {
    for (version, wanted) in VERSIONS.iter().zip([Version::new(2024, 12, 5), Version::new(2025, 12, 4), Version::new(2026, 5, 0)])
    {
        // The recorded page is the one for what does not exist: it has the same files in it.
        let body = page(version);
        let server = Server::start(move |request| match request.path.as_str() {
            PAGE => html(404, body),
            _ => Reply::Text(200, vec![("X-authentik-id", "1".into())], String::new()),
        })
        .await;
        let found = look(server.base.as_str()).await.unwrap();
        assert_eq!((found.version, found.base.as_str(), found.reach), (Some(wanted), server.base.as_str(), Reach::Loopback));
        assert!(found.certificate.is_none() && found.redirected_from.is_none());
        assert!(server.requests().iter().all(|request| request.header("authorization").is_none()));
    }
}

#[tokio::test]
async fn the_clock_is_compared() {
    let server =
        Server::start(|_| Reply::Text(200, vec![("Date", "Thu, 01 Jan 1970 00:00:00 GMT".into())], page_of("2025.12.4"))).await;
    assert!(look(server.base.as_str()).await.unwrap().clock_skew.is_some_and(|skew| skew < -1_000_000));
}

#[tokio::test]
async fn a_pasted_page_of_the_interface_leads_to_the_origin() {
    let server = Server::start(|_| html(200, &page_of("2025.12.4"))).await;
    let found = look(&format!("{}if/admin/#/core/applications", server.base)).await.unwrap();
    assert_eq!(found.base, server.base);
}

#[tokio::test]
async fn an_old_version_is_named() {
    let server = Server::start(|_| html(200, &page_of("2024.10.5"))).await;
    let error = look(server.base.as_str()).await.unwrap_err();
    assert!(matches!(&error, NotFound::TooOld { version, .. } if *version == Version::new(2024, 10, 5)), "{error:?}");
    let message = Error::from(error).message;
    assert!(message.contains("2024.10.5") && message.contains("2024.12"), "{message}");
}

#[tokio::test]
async fn starting_is_not_mistaken_for_absence() {
    let server =
        Server::start(|_| Reply::Text(503, vec![("Retry-After", "5".into())], r#"{"error":"authentik starting"}"#.into())).await;
    let error = look(server.base.as_str()).await.unwrap_err();
    assert!(
        matches!(&error, NotFound::Starting { retry_after: Some(after), .. } if *after == Duration::from_secs(5)),
        "{error:?}"
    );
    let server = Server::start(|_| html(502, r#"{"error":"failed to connect to authentik backend: no socket"}"#)).await;
    assert!(matches!(look(server.base.as_str()).await, Err(NotFound::Starting { .. })));
}

#[tokio::test]
async fn something_else_is_told_by_its_title() {
    let server = Server::start(|_| html(404, "<html><head><title>Welcome to nginx!</title></head></html>")).await;
    let error = look(server.base.as_str()).await.unwrap_err();
    assert!(matches!(&error, NotFound::NotAuthentik { saw, .. } if saw.contains("Welcome to nginx!")), "{error:?}");
    assert_eq!(Error::from(error).kind, Kind::Unreachable);
}

#[tokio::test]
async fn a_path_below_which_it_is_served_is_found() {
    let answer = |request: &crate::server::Request| match request.path.as_str() {
        "/" => Reply::Text(302, vec![("Location", "/sso/".into())], String::new()),
        "/sso/if/flow/default-authentication-flow/" => html(200, &page_of("2025.12.4")),
        _ => html(404, "404 page not found"),
    };
    let server = Server::start(answer).await;
    for typed in [server.base.to_string(), format!("{}sso", server.base), format!("{}sso/if/user/", server.base)] {
        let found = look(&typed).await.unwrap();
        assert_eq!(found.base.path(), "/sso/", "{typed}");
    }
}

#[tokio::test]
async fn a_path_that_is_not_its_own_is_dropped() {
    let server =
        Server::start(|request| if request.path == PAGE { html(200, &page_of("2025.12.4")) } else { html(404, "no") }).await;
    assert_eq!(look(&format!("{}some/page", server.base)).await.unwrap().base.path(), "/");
}

#[tokio::test]
async fn a_redirect_on_the_same_host_moves_the_origin() {
    let target = Server::start(|_| html(200, &page_of("2025.12.4"))).await;
    let to = target.base.join(&PAGE[1..]).unwrap().to_string();
    let server = Server::start(move |_| Reply::Text(301, vec![("Location", to.clone())], String::new())).await;
    let found = look(server.base.as_str()).await.unwrap();
    assert_eq!((found.base, found.redirected_from), (target.base.clone(), Some(server.base.clone())));
}

#[tokio::test]
async fn a_redirect_to_another_host_is_reported_and_not_used() {
    let target = Server::start(|_| html(200, &page_of("2025.12.4"))).await;
    let to = target.base.join(&PAGE[1..]).unwrap().to_string().replace("127.0.0.1", "localhost");
    let server = Server::start(move |_| Reply::Text(302, vec![("Location", to.clone())], String::new())).await;
    let error = look(server.base.as_str()).await.unwrap_err();
    assert!(
        matches!(&error, NotFound::Elsewhere { is_authentik: true, to, .. } if to.host_str() == Some("localhost")),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_redirect_loop_ends() {
    let server = Server::start(|request| {
        let next = if request.path.starts_with("/a/") { "/b" } else { "/a" };
        Reply::Text(302, vec![("Location", format!("{next}{PAGE}"))], String::new())
    })
    .await;
    let error = look(server.base.as_str()).await.unwrap_err();
    assert!(matches!(&error, NotFound::NotAuthentik { saw, .. } if saw.contains("redirects")), "{error:?}");
}

#[tokio::test]
async fn a_redirect_to_the_first_set_up_is_authentik() {
    let server = Server::start(|_| {
        Reply::Text(302, vec![("Location", "/if/flow/initial-setup/".into()), ("X-authentik-id", "1".into())], String::new())
    })
    .await;
    assert_eq!(look(server.base.as_str()).await.unwrap().version, None);
}

#[tokio::test]
async fn refusal_and_silence_are_told_apart() {
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let error = look(&format!("127.0.0.1:{port}")).await.unwrap_err();
    assert!(matches!(&error, NotFound::Connection { failure: ConnectFailure::Refused, .. }), "{error:?}");
    let server = Server::start(|_| Reply::Slow(Duration::from_millis(50))).await;
    let hasty = akwiz::authentik::Timeouts { read: Duration::from_millis(20), ..quick() };
    let error = probe(&Address::parse(server.base.as_str()).unwrap(), &Trust::default(), hasty).await.unwrap_err();
    assert!(matches!(&error, NotFound::Connection { failure: ConnectFailure::TimedOut, .. }), "{error:?}");
}

#[tokio::test]
async fn https_at_a_plain_port_and_the_reverse() {
    let server = Server::start(|_| html(200, "hello")).await;
    let error = look(&server.base.as_str().replace("http://", "https://")).await.unwrap_err();
    assert!(matches!(&error, NotFound::Connection { failure: ConnectFailure::NotTls, .. }), "{error:?}");
    let go = Server::start(|_| html(400, "Client sent an HTTP request to an HTTPS server.\n")).await;
    let error = look(go.base.as_str()).await.unwrap_err();
    assert!(matches!(&error, NotFound::Connection { failure: ConnectFailure::WantsTls, .. }), "{error:?}");
    assert!(Error::from(error).hints[0].contains("https://"));
}
