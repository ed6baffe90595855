//! Certificates: the signing keys that providers can use.

use reqwest::Method;
use serde::Deserialize;
use serde_json::json;

use super::error::Result;
use super::http::Client;
use super::wire::{Id, id, nullable, words};

const PATH: [&str; 2] = ["crypto", "certificatekeypairs"];

words! {
    /// The kind of a private key.
    KeyType {
        /// RSA: what every client understands (RS256).
        Rsa = "rsa",
        /// Elliptic curve (ES256 and its kin).
        Ec = "ec",
        /// Ed25519.
        Ed25519 = "ed25519",
        /// Ed448.
        Ed448 = "ed448",
        /// DSA.
        Dsa = "dsa",
    }
}

/// A certificate, with or without its private key.
#[derive(Debug, Clone, Deserialize)]
pub struct Certificate {
    /// The UUID.
    #[serde(deserialize_with = "id")]
    pub pk: Id,
    /// The unique name.
    #[serde(default, deserialize_with = "nullable")]
    pub name: String,
    /// Whether authentik holds the private key: without it nothing can be signed.
    #[serde(default, deserialize_with = "nullable")]
    pub private_key_available: bool,
    /// The kind of key. 2024.12 to 2025.10 call it `private_key_type`.
    #[serde(default, alias = "private_key_type")]
    pub key_type: KeyType,
    /// When it runs out, in RFC 3339.
    #[serde(default, alias = "cert_expiry")]
    pub expiry: Option<String>,
    /// Set on certificates that authentik manages.
    #[serde(default)]
    pub managed: Option<String>,
}

impl Client {
    /// The name of somebody else's certificate, one without a private key, and its PEM. None where it has one or cannot be seen; without
    /// PEM where the right `authentik_crypto.view_certificatekeypair_certificate` is missing.
    ///
    /// # Errors
    /// See [`super::ApiError`].
    pub async fn public_certificate(&self, pk: &str) -> Result<Option<(String, Option<String>)>> {
        #[derive(Deserialize)]
        struct Pem {
            data: String,
        }
        let certificate: Option<Certificate> = match self.find(&[PATH[0], PATH[1], pk]).await {
            Err(error) if error.is_missing_right() => None,
            other => other?,
        };
        let Some(certificate) = certificate.filter(|certificate| !certificate.private_key_available) else { return Ok(None) };
        let pem: Option<Pem> = match self.find(&[PATH[0], PATH[1], pk, "view_certificate"]).await {
            Err(error) if error.is_missing_right() => None,
            other => other?,
        };
        Ok(Some((certificate.name, pem.map(|pem| pem.data))))
    }

    /// The certificates with a private key, by name. Needs `authentik_crypto.view_certificatekeypair`.
    ///
    /// # Errors
    /// See [`super::ApiError`].
    pub async fn signing_keys(&self) -> Result<Vec<Certificate>> {
        // Without details the kind of key is missing.
        let all: Vec<Certificate> =
            self.list(&PATH, &[("has_key", "true"), ("include_details", "true"), ("ordering", "name")]).await?;
        Ok(all.into_iter().filter(|certificate| certificate.private_key_available).collect())
    }

    /// Has authentik make an RSA key and a self-signed certificate. Needs `authentik_crypto.add_certificatekeypair`.
    ///
    /// `name` is its common name and its unique name here; `sans` are its alternative names. Takes seconds on a loaded server.
    ///
    /// # Errors
    /// See [`super::ApiError`]; a taken name is [`super::problem::Problem::NameTaken`].
    pub async fn generate_rsa_key(&self, name: &str, sans: &[String], validity_days: u32) -> Result<Certificate> {
        let body = json!({"common_name": name, "subject_alt_name": sans.join(","), "validity_days": validity_days, "alg": "rsa"});
        self.write(Method::POST, &[PATH[0], PATH[1], "generate"], &body).await
    }

    /// Removes a certificate that was made here.
    ///
    /// # Errors
    /// See [`super::ApiError`].
    pub async fn delete_certificate(&self, pk: &str) -> Result<()> {
        self.delete(&[PATH[0], PATH[1], pk]).await
    }
}
