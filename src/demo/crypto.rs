//! Keys: certificates with their key pairs, and signatures with them.
//!
//! The stand-in ships one RSA key. Every RSA certificate that it makes stands for that key: tokens are signed for real, and the key set of
//! a provider verifies them.

use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair, RsaPublicKeyComponents};
use ring::{hmac, rand};
use serde_json::{Value, json};

use super::check::check_generation;
use super::clock;
use super::http::{Object, Reply, Request};
use super::present;
use super::resource::{Resource, invalid};
use super::rights::Caller;
use super::state::{Kind, State, hex, number, object, sha256, text};

/// A 2048-bit key made for the stand-in, PKCS #8 in DER. It protects nothing.
const RSA_KEY: &str = include_str!("rsa_key.txt");

fn rsa() -> &'static RsaKeyPair {
    static KEY: OnceLock<RsaKeyPair> = OnceLock::new();
    KEY.get_or_init(|| RsaKeyPair::from_pkcs8(&rsa_der()).expect("the committed key is a valid RSA key"))
}

fn rsa_der() -> Vec<u8> {
    let text: String = RSA_KEY.split_whitespace().collect();
    STANDARD.decode(text).expect("the committed key is base64")
}

/// A stored certificate. `kind` is `rsa`, `ec` or `ed25519`.
pub(super) fn certificate(state: &mut State, name: &str, kind: &str, valid_until: i64) -> Object {
    let fingerprint = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(":");
    let hash = sha256(name.as_bytes());
    object(json!({
        "pk": state.uuid(),
        "name": name,
        "fingerprint_sha256": fingerprint(&hash),
        "fingerprint_sha1": fingerprint(&hash[..20]),
        "cert_expiry": clock::iso(valid_until),
        "cert_subject": format!("OU=Self-signed,O=authentik,CN={name}"),
        "private_key_available": true,
        "key_type": kind,
        "managed": null,
    }))
}

/// `POST …/generate/`, which answers 200.
pub(super) fn generate(state: &mut State, caller: &Caller, request: &Request) -> Reply {
    if !caller.may("authentik_crypto.add_certificatekeypair") {
        return Reply::forbidden();
    }
    let checked = request.json().and_then(|body| check_generation(state, &body).map_err(invalid));
    let asked = match checked {
        Ok(asked) => asked,
        Err(reply) => return reply,
    };
    let kind = match text(&asked, "alg") {
        "ecdsa" => "ec",
        "ed25519" => "ed25519",
        "ed448" => "ed448",
        _ => "rsa",
    };
    let until = clock::now() + clock::days(number(&asked, "validity_days").unwrap_or_default());
    let made = certificate(state, text(&asked, "common_name"), kind, until);
    state.insert(Kind::Certificate, made.clone());
    let shown = Resource::find("crypto/certificatekeypairs/").map(|(resource, _)| present::show(state, resource, &made, None));
    Reply::json(200, &shown.unwrap_or_default())
}

/// `view_certificate` and `view_private_key`. The certificate is no X.509 structure, only PEM around the stand-in's public key.
pub(super) fn view(private: bool) -> Reply {
    let (label, der) =
        if private { ("RSA PRIVATE KEY", rsa_der()) } else { ("CERTIFICATE", rsa().public_key().as_ref().to_vec()) };
    Reply::json(200, &json!({ "data": format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der)) }))
}

/// The algorithm of a provider's tokens: by its signing key, `HS256` without one.
pub(super) fn algorithm(state: &State, provider: &Object) -> &'static str {
    match signing_key(state, provider).map(|key| text(key, "key_type")) {
        Some("ec") => "ES256",
        Some("ed25519" | "ed448") => "EdDSA",
        Some(_) => "RS256",
        None => "HS256",
    }
}

pub(super) fn signing_key<'a>(state: &'a State, provider: &Object) -> Option<&'a Object> {
    provider.get("signing_key").and_then(|pk| state.by_key(Kind::Certificate, pk))
}

/// The key set of a provider, `{}` when nothing but the client secret signs.
pub(super) fn key_set(state: &State, provider: &Object) -> Value {
    let Some(key) = signing_key(state, provider) else { return json!({}) };
    let hash = sha256(text(key, "name").as_bytes());
    let mut entry = json!({
        "alg": algorithm(state, provider),
        "kid": key_id(key),
        "use": "sig",
        "x5c": [STANDARD.encode(rsa().public_key().as_ref())],
        "x5t": URL_SAFE_NO_PAD.encode(&hash[..20]),
        "x5t#S256": URL_SAFE_NO_PAD.encode(hash),
    });
    match text(key, "key_type") {
        "rsa" => {
            let public: RsaPublicKeyComponents<Vec<u8>> = RsaPublicKeyComponents::from(rsa().public_key());
            entry["kty"] = json!("RSA");
            entry["n"] = json!(URL_SAFE_NO_PAD.encode(public.n));
            entry["e"] = json!(URL_SAFE_NO_PAD.encode(public.e));
        }
        "ec" => {
            entry["kty"] = json!("EC");
            entry["crv"] = json!("P-256");
            entry["x"] = json!(URL_SAFE_NO_PAD.encode(sha256(&hash)));
            entry["y"] = json!(URL_SAFE_NO_PAD.encode(sha256(&sha256(&hash))));
        }
        _ => {
            entry["kty"] = json!("OKP");
            entry["crv"] = json!("Ed25519");
            entry["x"] = json!(URL_SAFE_NO_PAD.encode(sha256(&hash)));
        }
    }
    json!({ "keys": [entry] })
}

fn key_id(key: &Object) -> String {
    hex(&sha256(text(key, "pk").as_bytes())[..16])
}

/// A signed token. With a key other than RSA the signature is a placeholder: no test verifies one.
pub(super) fn sign(state: &State, provider: &Object, claims: &Object) -> String {
    let mut header = json!({ "alg": algorithm(state, provider), "typ": "JWT" });
    let key = signing_key(state, provider);
    if let Some(key) = key {
        header["kid"] = json!(key_id(key));
    }
    let part = |value: String| URL_SAFE_NO_PAD.encode(value);
    let content = format!("{}.{}", part(header.to_string()), part(Value::Object(claims.clone()).to_string()));
    let signature = if key.is_some() {
        let mut signature = vec![0; rsa().public().modulus_len()];
        let signed = rsa().sign(&RSA_PKCS1_SHA256, &rand::SystemRandom::new(), content.as_bytes(), &mut signature);
        if signed.is_ok() { signature } else { Vec::new() }
    } else {
        let secret = hmac::Key::new(hmac::HMAC_SHA256, text(provider, "client_secret").as_bytes());
        hmac::sign(&secret, content.as_bytes()).as_ref().to_vec()
    };
    format!("{content}.{}", URL_SAFE_NO_PAD.encode(signature))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_key_signs_and_its_public_half_has_the_usual_exponent() {
        let public: RsaPublicKeyComponents<Vec<u8>> = RsaPublicKeyComponents::from(rsa().public_key());
        assert_eq!(public.e, [1, 0, 1]);
        assert_eq!(rsa().public().modulus_len(), 256);
    }
}
