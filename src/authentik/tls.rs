//! Which certificates are trusted: the system's authorities, those of one more file, or single certificates by fingerprint.
//!
//! There is no switch that turns checking off. authentik's own certificate is no authority and has the alternative name `*`
//! (2024.12 and later), so no authority file can make it trusted: its fingerprint can.

use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use ring::digest::{SHA256, digest};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring as provider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error as TlsError, SignatureScheme};

use super::der;

/// The SHA-256 of a certificate in DER.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    fn of(certificate: &CertificateDer<'_>) -> Self {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest(&SHA256, certificate).as_ref());
        Self(bytes)
    }
}

impl fmt::Display for Fingerprint {
    /// Pairs of hexadecimal digits with colons, as `openssl x509 -fingerprint` and browsers show it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, byte) in self.0.iter().enumerate() {
            write!(f, "{}{byte:02X}", if index == 0 { "" } else { ":" })?;
        }
        Ok(())
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What was given is not 64 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("A SHA-256 fingerprint is 64 hexadecimal digits, with or without colons.")]
pub struct NotAFingerprint;

impl FromStr for Fingerprint {
    type Err = NotAFingerprint;

    /// Takes upper and lower case, with colons, spaces or nothing between the pairs, and a leading `sha256:` or `SHA256 Fingerprint=`.
    fn from_str(text: &str) -> Result<Self, NotAFingerprint> {
        let text = text.rsplit_once('=').map_or(text, |(_, rest)| rest).trim();
        let text = text.get(..7).filter(|start| start.eq_ignore_ascii_case("sha256:")).map_or(text, |_| &text[7..]);
        let digits: Vec<u8> = text.bytes().filter(|byte| !matches!(byte, b':' | b' ')).collect();
        if digits.len() != 64 {
            return Err(NotAFingerprint);
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| NotAFingerprint)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| NotAFingerprint)?;
        }
        Ok(Self(bytes))
    }
}

/// What is trusted beside the system's authorities.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    /// One or more certificates in PEM, the content of `--ca-file`.
    pub ca_pem: Option<Vec<u8>>,
    /// Certificates accepted by a person, each by itself, whatever their names and dates.
    pub pinned: Vec<Fingerprint>,
}

/// The file given holds no certificate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("The certificate file holds no certificate in PEM form.")]
pub struct NoCertificate;

/// Why a certificate was accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrustedBy {
    /// An authority of the system or of the file given.
    Authority,
    /// Its own fingerprint.
    Fingerprint,
}

/// The certificate that a server showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presented {
    /// Its fingerprint.
    pub fingerprint: Fingerprint,
    /// Whom it is for, as `CN=…, O=…`; empty when it could not be read. Cleaned for display.
    pub subject: String,
    /// Who signed it, likewise.
    pub issuer: String,
    /// The last day of its validity, `YYYY-MM-DD`; empty when it could not be read.
    pub not_after: String,
    /// The host names and addresses that it is for. Cleaned for display.
    pub alternatives: Vec<String>,
    /// How many further certificates the server sent along.
    pub intermediates: usize,
    /// Why it was accepted, or nothing when it was not.
    pub trusted_by: Option<TrustedBy>,
}

/// Where the verifier leaves the certificate it saw last, for messages.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen(Arc<Mutex<Option<Presented>>>);

impl Seen {
    pub(super) fn last(&self) -> Option<Presented> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, presented: Presented) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(presented);
    }
}

/// The TLS side of a client that trusts what `trust` says. `http2` offers HTTP/2 beside HTTP/1.1.
pub(super) fn client_config(trust: &Trust, http2: bool) -> Result<(ClientConfig, Seen), NoCertificate> {
    let provider = Arc::new(provider::default_provider());
    let extra = match &trust.ca_pem {
        None => Vec::new(),
        Some(pem) => {
            let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
            found.ok().filter(|found: &Vec<CertificateDer<'static>>| !found.is_empty()).ok_or(NoCertificate)?
        }
    };
    let seen = Seen::default();
    let mut pinned = trust.pinned.clone();
    // Someone who names a file with the server's own certificate means exactly that certificate.
    pinned.extend(extra.iter().map(Fingerprint::of));
    let verifier = Verifier { provider: Arc::clone(&provider), authorities: OnceLock::new(), extra, pinned, seen: seen.clone() };
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring has cipher suites for TLS 1.2 and 1.3")
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    config.alpn_protocols = if http2 { vec![b"h2".to_vec(), b"http/1.1".to_vec()] } else { vec![b"http/1.1".to_vec()] };
    Ok((config, seen))
}

/// Asks the authorities, then the fingerprints; remembers what it saw.
struct Verifier {
    provider: Arc<CryptoProvider>,
    /// Loaded at the first handshake: reading the system's roots costs time and memory that plain HTTP does not need.
    authorities: OnceLock<Option<rustls_platform_verifier::Verifier>>,
    extra: Vec<CertificateDer<'static>>,
    pinned: Vec<Fingerprint>,
    seen: Seen,
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier").field("pinned", &self.pinned).finish_non_exhaustive()
    }
}

impl Verifier {
    fn authorities(&self) -> Option<&rustls_platform_verifier::Verifier> {
        self.authorities
            .get_or_init(|| {
                let made =
                    rustls_platform_verifier::Verifier::new_with_extra_roots(self.extra.clone(), Arc::clone(&self.provider));
                made.inspect_err(|error| tracing::warn!(%error, "no certificate authorities could be loaded")).ok()
            })
            .as_ref()
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        let fingerprint = Fingerprint::of(end_entity);
        let verdict = if self.pinned.contains(&fingerprint) {
            Ok(TrustedBy::Fingerprint)
        } else {
            match self.authorities() {
                Some(authorities) => authorities
                    .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
                    .map(|_| TrustedBy::Authority),
                None => Err(TlsError::InvalidCertificate(CertificateError::UnknownIssuer)),
            }
        };
        let der::Names { subject, issuer, not_after, alternatives } = der::names(end_entity).unwrap_or_default();
        let trusted_by = verdict.as_ref().ok().copied();
        let intermediates = intermediates.len();
        self.seen.set(Presented { fingerprint, subject, issuer, not_after, alternatives, intermediates, trusted_by });
        verdict.map(|_| ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints_are_read_in_every_common_spelling() {
        let plain = "ab".repeat(32);
        let shown: Fingerprint = plain.parse().unwrap();
        assert_eq!(shown.to_string().len(), 95);
        for spelling in [
            shown.to_string(),
            format!("sha256:{plain}"),
            format!("SHA256 Fingerprint={shown}"),
            format!("sha256 Fingerprint={}", plain.to_uppercase()),
        ] {
            assert_eq!(spelling.parse::<Fingerprint>(), Ok(shown), "{spelling}");
        }
        for wrong in ["", "ab", &"zz".repeat(32), "sha256:äöü"] {
            assert_eq!(wrong.parse::<Fingerprint>(), Err(NotAFingerprint), "{wrong}");
        }
    }

    #[test]
    fn a_file_without_certificates_is_refused() {
        let trust = Trust { ca_pem: Some(b"hello".to_vec()), pinned: Vec::new() };
        assert_eq!(client_config(&trust, true).err(), Some(NoCertificate));
    }
}
