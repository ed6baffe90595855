//! A server that is reached over TLS, with an authority that only a file names.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use secrecy::ExposeSecret as _;

use crate::bench::Bench;

/// Throw-away: the certificate of `localhost` is signed by the authority (see `tests/api/tls.rs`).
const AUTHORITY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/api/tls/ca.pem");
const CERTIFICATE: &[u8] = include_bytes!("../api/tls/leaf.pem");
const PUBLIC: &str = "--public-url=https://auth.example.com";
const KEY: &[u8] = include_bytes!("../api/tls/leaf.key");

/// Speaks TLS in front of the server at `behind`; gives the address. One request a connection.
fn front(behind: &str) -> String {
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![CertificateDer::from_pem_slice(CERTIFICATE).unwrap()], PrivateKeyDer::from_pem_slice(KEY).unwrap())
        .unwrap();
    let (config, behind) = (Arc::new(config), behind.trim_start_matches("http://").trim_end_matches('/').to_owned());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for tcp in listener.incoming().flatten() {
            let (config, behind) = (Arc::clone(&config), behind.clone());
            std::thread::spawn(move || {
                let mut tls = StreamOwned::new(ServerConnection::new(config).unwrap(), tcp);
                // A client that does not trust the certificate goes away here.
                let Some((head, body)) = read(&mut tls) else { return };
                let mut plain = TcpStream::connect(behind).unwrap();
                write!(plain, "{head}\r\nConnection: close\r\n\r\n").unwrap();
                plain.write_all(&body).unwrap();
                let mut answer = Vec::new();
                plain.read_to_end(&mut answer).unwrap();
                let _ = tls.write_all(&answer);
                tls.conn.send_close_notify();
                let _ = tls.flush();
            });
        }
    });
    format!("https://localhost:{port}")
}

/// A request's head without the empty line, and its body.
fn read(stream: &mut impl std::io::Read) -> Option<(String, Vec<u8>)> {
    let (mut bytes, mut some) = (Vec::new(), [0; 4096]);
    let end = loop {
        match stream.read(&mut some) {
            Ok(0) | Err(_) => return None,
            Ok(count) => bytes.extend_from_slice(&some[..count]),
        }
        if let Some(end) = bytes.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            break end;
        }
    };
    let mut body = bytes.split_off(end + 4);
    bytes.truncate(end);
    let head = String::from_utf8(bytes).unwrap();
    let length = head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
    while body.len() < length.unwrap_or(0) {
        let count = stream.read(&mut some).ok()?;
        body.extend_from_slice(&some[..count]);
    }
    Some((head, body))
}

#[test]
fn the_authority_of_a_file_is_trusted_and_without_it_nothing_is_sent() {
    let bench = Bench::new();
    let address = front(bench.server.base_url());
    let token = bench.server.token();
    let env = [("AUTHENTIK_TOKEN", token.expose_secret()), ("AUTHENTIK_URL", address.as_str())];
    let create = ["create", "portainer", "--set=app=https://portainer.example.com", "--yes", PUBLIC];
    assert!(Path::new(AUTHORITY).exists());

    let refused = bench.home.run_with(&create, "", &env);
    assert_eq!(refused.code, 4, "{}", refused.page());
    assert!(refused.err.contains("--ca-file"), "{}", refused.page());
    assert!(bench.server.log().is_empty());

    let with_file = [&create[..], &["--ca-file", AUTHORITY, "--json"]].concat();
    let said = bench.home.run_with(&with_file, "", &env);
    assert_eq!(said.code, 0, "{}", said.page());
    said.document("create");
    assert!(bench.object("applications", "slug", "portainer").is_some());
}
