//! Certificates: whom the client trusts, and what it says about those it does not.
//!
//! The files in `tls/` are throw-away: `own` is like the one that authentik makes for itself (no authority, alternative name `*`),
//! `leaf`, `other-name` and `expired` are signed by `ca`.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;

use akwiz::authentik::address::Address;
use akwiz::authentik::connect::{Found, NotFound, probe};
use akwiz::authentik::failure::ConnectFailure;
use akwiz::authentik::tls::{Presented, TrustedBy};
use akwiz::authentik::{Fingerprint, Trust};
use akwiz::error::Error;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, Stream};

use crate::server::quick;

const CA: &[u8] = include_bytes!("tls/ca.pem");
const OWN: (&[u8], &[u8]) = (include_bytes!("tls/own.pem"), include_bytes!("tls/own.key"));
const LEAF: (&[u8], &[u8]) = (include_bytes!("tls/leaf.pem"), include_bytes!("tls/leaf.key"));
const OTHER_NAME: (&[u8], &[u8]) = (include_bytes!("tls/other-name.pem"), LEAF.1);
const EXPIRED: (&[u8], &[u8]) = (include_bytes!("tls/expired.pem"), LEAF.1);

/// Serves authentik's page over TLS 1.2 and 1.3 with this certificate; gives back the address.
fn serve((certificate, key): (&'static [u8], &'static [u8])) -> String {
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![CertificateDer::from_pem_slice(certificate).unwrap()], PrivateKeyDer::from_pem_slice(key).unwrap())
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        while let Ok((mut tcp, _)) = listener.accept() {
            let config = Arc::clone(&config);
            std::thread::spawn(move || {
                let mut connection = ServerConnection::new(config).unwrap();
                let mut stream = Stream::new(&mut connection, &mut tcp);
                let mut request = [0; 4096];
                let Ok(1..) = stream.read(&mut request) else { return };
                let body = r#"window.authentik <script src="/static/dist/poly-2025.12.4.js">"#;
                let _ = write!(stream, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}", body.len());
                let _ = stream.flush();
                stream.conn.send_close_notify();
                let _ = stream.flush();
            });
        }
    });
    format!("https://localhost:{port}")
}

async fn look(address: &str, ca: Option<&[u8]>, pinned: Vec<Fingerprint>) -> Result<Found, NotFound> {
    let trust = Trust { ca_pem: ca.map(<[u8]>::to_vec), pinned };
    probe(&Address::parse(address).unwrap(), &trust, quick()).await
}

fn failure(outcome: Result<Found, NotFound>) -> ConnectFailure {
    match outcome {
        Err(NotFound::Connection { failure, .. }) => failure,
        other => panic!("{other:?}"),
    }
}

fn untrusted(outcome: Result<Found, NotFound>) -> Presented {
    match failure(outcome) {
        ConnectFailure::NotTrusted(Some(presented)) => *presented,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn authentik_s_own_certificate_is_shown_and_can_be_accepted_by_fingerprint() {
    let address = serve(OWN);
    let presented = untrusted(look(&address, None, Vec::new()).await);
    assert!(presented.subject.contains("CN=authentik Self-signed Certificate"), "{presented:?}");
    assert_eq!(presented.subject, presented.issuer);
    assert!(presented.not_after.starts_with("21"), "{presented:?}");
    assert_eq!(presented.trusted_by, None);

    let found = look(&address, None, vec![presented.fingerprint]).await.unwrap();
    assert_eq!(found.certificate.and_then(|seen| seen.trusted_by), Some(TrustedBy::Fingerprint));
    // What is shown can be typed.
    let typed: Fingerprint = presented.fingerprint.to_string().parse().unwrap();
    assert_eq!(typed, presented.fingerprint);
}

#[tokio::test]
async fn another_fingerprint_does_not_help() {
    let accepted = untrusted(look(&serve(OWN), None, Vec::new()).await).fingerprint;
    untrusted(look(&serve(LEAF), None, vec![accepted]).await);
}

#[tokio::test]
async fn a_file_with_the_authority_or_the_certificate_itself_is_enough() {
    let found = look(&serve(LEAF), Some(CA), Vec::new()).await.unwrap();
    assert_eq!(found.certificate.and_then(|seen| seen.trusted_by), Some(TrustedBy::Authority));
    untrusted(look(&serve(LEAF), None, Vec::new()).await);
    untrusted(look(&serve(OWN), Some(CA), Vec::new()).await);
    look(&serve(OWN), Some(OWN.0), Vec::new()).await.unwrap();
}

#[tokio::test]
async fn a_wrong_name_and_a_wrong_date_get_their_own_sentences() {
    let wrong_name = failure(look(&serve(OTHER_NAME), Some(CA), Vec::new()).await);
    assert!(matches!(wrong_name, ConnectFailure::WrongName(Some(_))), "{wrong_name:?}");
    let expired = failure(look(&serve(EXPIRED), Some(CA), Vec::new()).await);
    assert!(matches!(expired, ConnectFailure::OutOfDate(Some(_))), "{expired:?}");
}

#[tokio::test]
async fn the_sentence_has_the_fingerprint_in_it() {
    let address = serve(OWN);
    let error = look(&address, None, Vec::new()).await.unwrap_err();
    let NotFound::Connection { failure: ConnectFailure::NotTrusted(Some(seen)), .. } = &error else { panic!("{error:?}") };
    let fingerprint = seen.fingerprint.to_string();
    let error = Error::from(error);
    assert!(error.hints.iter().any(|hint| hint.contains(&fingerprint)), "{:?}", error.hints);
}

#[tokio::test]
async fn a_file_without_certificates_is_said_so() {
    let outcome = look("https://localhost:1", Some(b"nothing here"), Vec::new()).await;
    assert!(matches!(outcome, Err(NotFound::Unusable(why)) if why.contains("certificate")));
}
