//! What is looked at beyond authentik's API: names, addresses, certificates, the application itself. All of it on loopback.

use std::sync::Arc;
use std::time::Duration;

use akwiz::authentik::{Client, Timeouts, Trust};
use akwiz::checks::{Expectation, Id, Known, Person, State, Surroundings, Target, Tick, run};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use url::Url;

const TIMEOUTS: Timeouts = Timeouts {
    connect: Duration::from_secs(5),
    read: Duration::from_secs(5),
    write: Duration::from_secs(5),
    retry_pause: Duration::ZERO,
    longest_pause: Duration::ZERO,
};

const CA: &[u8] = include_bytes!("../api/tls/ca.pem");
const LEAF: (&[u8], &[u8]) = (include_bytes!("../api/tls/leaf.pem"), include_bytes!("../api/tls/leaf.key"));
const OTHER_NAME: (&[u8], &[u8]) = (include_bytes!("../api/tls/other-name.pem"), LEAF.1);
const OWN: (&[u8], &[u8]) = (include_bytes!("../api/tls/own.pem"), include_bytes!("../api/tls/own.key"));

/// Answers every request with these lines of a head and this body. Gives back the port.
async fn serve(head: &'static str, body: &'static str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut request = [0; 4096];
                let Ok(1..) = stream.read(&mut request).await else { return };
                let answer = format!("HTTP/1.1 {head}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}", body.len());
                let _ = stream.write_all(answer.as_bytes()).await;
            });
        }
    });
    port
}

/// Likewise over TLS, with this certificate, on a thread of its own.
fn serve_tls((certificate, key): (&'static [u8], &'static [u8]), body: &'static str) -> u16 {
    use std::io::{Read as _, Write as _};
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![CertificateDer::from_pem_slice(certificate).unwrap()], PrivateKeyDer::from_pem_slice(key).unwrap())
        .unwrap();
    let config = Arc::new(config);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        while let Ok((mut tcp, _)) = listener.accept() {
            let config = Arc::clone(&config);
            std::thread::spawn(move || {
                let mut connection = rustls::ServerConnection::new(config).unwrap();
                let mut stream = rustls::Stream::new(&mut connection, &mut tcp);
                let mut request = [0; 4096];
                let Ok(1..) = stream.read(&mut request) else { return };
                let _ = write!(stream, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}", body.len());
                let _ = stream.flush();
                stream.conn.send_close_notify();
                let _ = stream.flush();
            });
        }
    });
    port
}

fn target(public: &str) -> Target {
    Target {
        slug: "notes".into(),
        public: Url::parse(public).unwrap(),
        client_id: None,
        secret: None,
        expectation: Expectation::unknown("Notes"),
        person: Person::Me,
        surroundings: Surroundings::Network,
    }
}

async fn check(target: &Target, trust: &Trust) -> Vec<Tick> {
    let client = Client::new(&target.public, trust, TIMEOUTS).unwrap();
    run(&client, target, |_| ()).await
}

fn tick(ticks: &[Tick], id: Id) -> &Tick {
    ticks.iter().find(|tick| tick.id == id).unwrap()
}

#[tokio::test]
async fn a_redirect_on_the_way_is_a_detour() {
    let port = serve("301 Moved\r\nLocation: https://auth.example.com/\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT", "").await;
    let ticks = check(&target(&format!("http://127.0.0.1:{port}")), &Trust::default()).await;
    let detour = tick(&ticks, Id::Detours);
    assert!(detour.state == State::Red && detour.found.contains("https://auth.example.com/"), "{detour:?}");
    assert_eq!(tick(&ticks, Id::Connection).found, "It answers over IPv4.");
    assert_eq!(tick(&ticks, Id::Name).found, "It is an address, so no name has to be looked up.");
    assert_eq!(tick(&ticks, Id::Certificate).state, State::Skipped);
    let clock = tick(&ticks, Id::Clock);
    assert!(clock.state == State::Warning && clock.found.contains("behind"), "{clock:?}");
}

#[tokio::test]
async fn an_application_that_wants_https_is_told_when_there_is_none() {
    let port = serve("404 Not Found", "").await;
    let mut target = target(&format!("http://127.0.0.1:{port}"));
    let vaultwarden = akwiz::catalog::load::Catalog::built_in().get("vaultwarden").unwrap().clone();
    let engine = akwiz::catalog::render::Engine::new();
    target.expectation = akwiz::checks::expectations(&engine, &vaultwarden, "main", &akwiz::catalog::value::Scope::default());
    if let Some(known) = &mut target.expectation.known {
        known.https = true;
    }
    assert_eq!(tick(&check(&target, &Trust::default()).await, Id::Certificate).state, State::Red);
}

#[tokio::test]
async fn nobody_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let ticks = check(&target(&format!("http://127.0.0.1:{port}")), &Trust::default()).await;
    let connection = tick(&ticks, Id::Connection);
    assert!(connection.state == State::Red && connection.found.contains("connection was refused"), "{connection:?}");
    assert_eq!(tick(&ticks, Id::Discovery).state, State::Red);
}

#[tokio::test]
async fn a_public_address_that_only_this_machine_does_not_reach_is_no_error() {
    let answers = serve("200 OK", "{}").await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent = listener.local_addr().unwrap().port();
    drop(listener);
    let target = target(&format!("http://127.0.0.1:{silent}"));
    let base = Url::parse(&format!("http://127.0.0.1:{answers}")).unwrap();
    let client = Client::new(&base, &Trust::default(), TIMEOUTS).unwrap();
    let ticks = run(&client, &target, |_| ()).await;
    assert_eq!(tick(&ticks, Id::Connection).state, State::Warning);
}

#[tokio::test]
async fn certificates_say_whom_they_are_for_and_how_long() {
    let trust = Trust { ca_pem: Some(CA.to_vec()), pinned: Vec::new() };
    let port = serve_tls(LEAF, "{}");
    let ticks = check(&target(&format!("https://localhost:{port}")), &trust).await;
    let certificate = tick(&ticks, Id::Certificate);
    assert!(matches!(certificate.state, State::Green | State::Warning), "{certificate:?}");
    assert!(certificate.found.contains("It is for localhost") && certificate.found.contains("days left"), "{certificate:?}");
    assert!(tick(&ticks, Id::Name).found.starts_with("It resolves to "), "{ticks:?}");

    let port = serve_tls(OTHER_NAME, "{}");
    let ticks = check(&target(&format!("https://localhost:{port}")), &trust).await;
    let certificate = tick(&ticks, Id::Certificate);
    assert!(certificate.state == State::Red && certificate.found.contains("for another name"), "{certificate:?}");

    let port = serve_tls(LEAF, "{}");
    let ticks = check(&target(&format!("https://localhost:{port}")), &Trust::default()).await;
    let certificate = tick(&ticks, Id::Certificate);
    assert!(
        certificate.state == State::Red && certificate.mend.as_ref().unwrap().text.contains("fullchain.pem"),
        "{certificate:?}"
    );
}

#[tokio::test]
async fn a_certificate_that_only_akwiz_accepts_is_told() {
    let port = serve_tls(OWN, "{}");
    let target = target(&format!("https://localhost:{port}"));
    let refusing = Client::new(&target.public, &Trust::default(), TIMEOUTS).unwrap();
    let _ = refusing.discovery("notes").await;
    let trust = Trust { ca_pem: None, pinned: vec![refusing.certificate().unwrap().fingerprint] };
    let certificate = check(&target, &trust).await.into_iter().find(|tick| tick.id == Id::Certificate).unwrap();
    assert!(certificate.state == State::Warning && certificate.found.contains("by its fingerprint"), "{certificate:?}");
}

/// An application at this address, whose login page shows this.
fn with_login(address: &str, page: &str) -> Target {
    let mut target = target("http://127.0.0.1:9");
    let portainer = akwiz::catalog::load::Catalog::built_in().get("portainer").unwrap().clone();
    let engine = akwiz::catalog::render::Engine::new();
    let made = akwiz::checks::expectations(&engine, &portainer, "main", &akwiz::catalog::value::Scope::default());
    let login = Some((page.to_owned(), vec!["Sign in with authentik".to_owned()]));
    target.expectation = Expectation {
        name: "Notes".into(),
        address: Some(address.into()),
        known: made.known.map(|known| Known { login, ..known }),
    };
    target
}

#[tokio::test]
async fn the_application_answers_and_shows_its_button_once_it_is_set_up() {
    let plain = serve("200 OK", "<h1>Welcome</h1>").await;
    let ready = serve("200 OK", "<button>Sign in with authentik</button>").await;
    let broken = serve("502 Bad Gateway", "").await;
    let at = |port: u16| format!("http://127.0.0.1:{port}/");

    let ticks = check(&with_login(&at(plain), &at(plain)), &Trust::default()).await;
    assert_eq!(tick(&ticks, Id::App).state, State::Green);
    let button = tick(&ticks, Id::LoginButton);
    assert!(button.state == State::Waiting && !button.is_alarm(), "{button:?}");

    let ticks = check(&with_login(&at(broken), &at(ready)), &Trust::default()).await;
    assert_eq!(tick(&ticks, Id::App).state, State::Warning);
    assert_eq!(tick(&ticks, Id::LoginButton).state, State::Green);

    // An application's own certificate is its own business.
    let own = format!("https://localhost:{}/", serve_tls(OWN, "Sign in with authentik"));
    let ticks = check(&with_login(&own, &own), &Trust::default()).await;
    assert_eq!(tick(&ticks, Id::App).state, State::Green);
    assert_eq!(tick(&ticks, Id::LoginButton).state, State::Green);
}
