//! Why no answer came: the layers below HTTP, told apart so that each gets its own sentence.

use std::error::Error as StdError;
use std::io;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use rustls::{CertificateError, Error as TlsError, InvalidMessage};

use super::tls::Presented;
use crate::error::{Error, Kind};

/// Why no usable answer came from an address. Its own words are for the chain of causes; [`ConnectFailure::explain`] has those for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConnectFailure {
    /// The name is not known to this machine's resolver.
    #[error("the name does not resolve")]
    NameNotFound,
    /// Nothing listens on the port.
    #[error("connection refused")]
    Refused,
    /// Nothing answered in time.
    #[error("timed out")]
    TimedOut,
    /// There is no route there.
    #[error("no route to the host")]
    NoRoute,
    /// The certificate is signed by nobody this machine trusts.
    #[error("the certificate is signed by nobody who is trusted")]
    NotTrusted(Option<Box<Presented>>),
    /// The certificate is for another name.
    #[error("the certificate is for another name")]
    WrongName(Option<Box<Presented>>),
    /// The certificate has run out, or is not valid yet by this machine's clock.
    #[error("the certificate has expired or is not valid yet")]
    OutOfDate(Option<Box<Presented>>),
    /// TLS was spoken, and what answered is not TLS: usually a plain HTTP port.
    #[error("the answer to a TLS handshake is not TLS")]
    NotTls,
    /// HTTP was spoken to a port that wants TLS.
    #[error("plain HTTP was sent to a TLS port")]
    WantsTls,
    /// What answered does not speak HTTP.
    #[error("the answer is not HTTP")]
    NotHttp,
    /// The connection was closed before the answer was complete.
    #[error("the connection was closed early")]
    Dropped,
    /// Something else, in the words of the layer that failed.
    #[error("{0}")]
    Other(String),
}

impl ConnectFailure {
    /// Tells what `error` was. `seen` is the certificate that the server showed, if it came so far.
    pub(super) fn of(error: &reqwest::Error, seen: Option<&Presented>) -> Self {
        if let Some(found) = walk(error, |cause| Self::from_cause(cause, seen)) {
            return found;
        }
        if error.is_timeout() {
            return Self::TimedOut;
        }
        // hyper's own errors have no public kinds beyond these words.
        match walk(error, |cause| {
            Some(cause.to_string()).filter(|words| words.contains("invalid HTTP") || words.contains("frame"))
        }) {
            Some(_) => Self::NotHttp,
            None if !error.is_connect() => Self::Dropped,
            None => Self::Other(innermost(error)),
        }
    }

    fn from_cause(cause: &(dyn StdError + 'static), seen: Option<&Presented>) -> Option<Self> {
        if cause.is::<NameNotFound>() {
            return Some(Self::NameNotFound);
        }
        if let Some(tls) = cause.downcast_ref::<TlsError>() {
            return Some(Self::of_tls(tls, seen.cloned().map(Box::new)));
        }
        match cause.downcast_ref::<io::Error>()?.kind() {
            io::ErrorKind::ConnectionRefused => Some(Self::Refused),
            io::ErrorKind::TimedOut => Some(Self::TimedOut),
            io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable | io::ErrorKind::NetworkDown => {
                Some(Self::NoRoute)
            }
            io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::UnexpectedEof => Some(Self::Dropped),
            _ => None,
        }
    }

    fn of_tls(error: &TlsError, seen: Option<Box<Presented>>) -> Self {
        match error {
            TlsError::InvalidCertificate(CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. }) => {
                Self::WrongName(seen)
            }
            TlsError::InvalidCertificate(
                CertificateError::Expired
                | CertificateError::ExpiredContext { .. }
                | CertificateError::NotValidYet
                | CertificateError::NotValidYetContext { .. },
            ) => Self::OutOfDate(seen),
            TlsError::InvalidCertificate(_) => Self::NotTrusted(seen),
            TlsError::InvalidMessage(InvalidMessage::InvalidContentType | InvalidMessage::UnknownProtocolVersion) => Self::NotTls,
            other => Self::Other(other.to_string()),
        }
    }

    /// Whether the same request may succeed a moment later.
    pub(super) fn is_passing(&self) -> bool {
        matches!(self, Self::Dropped)
    }

    /// The sentences for a person about `host`, the host and port that were tried.
    pub fn explain(&self, host: &str) -> Error {
        let error = |message: String| Error::new(Kind::Unreachable, message);
        match self {
            Self::NameNotFound => error(format!("The name in {host} does not resolve on this machine."))
                .hint("Check the spelling, or try the server's IP address."),
            Self::Refused => error(format!("Nothing is listening at {host}: the connection was refused."))
                .hint("Check the port. authentik itself listens on 9443 for HTTPS and on 9000 for HTTP."),
            Self::TimedOut => error(format!("{host} did not answer in time."))
                .hint("Check that the server is running and that no firewall is in between."),
            Self::NoRoute => error(format!("There is no network route to {host}.")).hint("Check the network or the VPN."),
            Self::NotTrusted(seen) => certificate(error(format!("The certificate of {host} is not trusted by this machine.")), seen.as_deref())
                .hint("If the certificate comes from your own authority, give its file with --ca-file.")
                .hint("If it is authentik's own certificate, compare the fingerprint and accept it (--fingerprint on the command line), or use http://localhost:9000 on the server itself."),
            Self::WrongName(seen) => certificate(error(format!("The certificate of {host} is for another name.")), seen.as_deref())
                .hint("Use the name that the certificate is for, or compare the fingerprint and accept it (--fingerprint on the command line)."),
            Self::OutOfDate(seen) => {
                certificate(error(format!("The certificate of {host} has expired or is not valid yet.")), seen.as_deref())
                    .hint("Renew the certificate, and check this machine's clock.")
            }
            Self::NotTls => error(format!("{host} does not speak HTTPS.")).hint(format!("Try http://{host}.")),
            Self::WantsTls => error(format!("{host} wants HTTPS.")).hint(format!("Try https://{host}.")),
            Self::NotHttp => error(format!("What answers at {host} does not speak HTTP.")).hint("Check the port."),
            Self::Dropped => error(format!("{host} closed the connection before it had answered.")).hint("Try again in a moment."),
            Self::Other(words) => error(format!("The connection to {host} failed: {words}.")),
        }
    }
}

/// Adds what the certificate says as the first hint.
fn certificate(error: Error, seen: Option<&Presented>) -> Error {
    let Some(seen) = seen else { return error };
    let mut facts = format!("SHA-256 fingerprint {}", seen.fingerprint);
    for (label, value) in [("subject", &seen.subject), ("issuer", &seen.issuer), ("valid until", &seen.not_after)] {
        if !value.is_empty() {
            facts.extend(["; ", label, " ", value]);
        }
    }
    error.hint(format!("The certificate shown: {facts}."))
}

/// The first cause of `error` for which `find` has an answer, outermost first.
///
/// An `io::Error` that wraps another hides it from `source()`, so it is opened by hand.
fn walk<T>(error: &(dyn StdError + 'static), find: impl Fn(&(dyn StdError + 'static)) -> Option<T>) -> Option<T> {
    let mut next = Some(error);
    while let Some(cause) = next {
        if let Some(inner) = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref)
            && let Some(found) = walk(inner, &find as &dyn Fn(&(dyn StdError + 'static)) -> Option<T>)
        {
            return Some(found);
        }
        if let Some(found) = find(cause) {
            return Some(found);
        }
        next = cause.source();
    }
    None
}

fn innermost(error: &(dyn StdError + 'static)) -> String {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    super::text::clean(&cause.to_string())
}

/// A name that the system's resolver does not know, or knows no address for.
#[derive(Debug, thiserror::Error)]
#[error("the name does not resolve")]
struct NameNotFound(#[source] Option<io::Error>);

/// The system's resolver: it honours the hosts file and a VPN's settings. Its failures are ours to recognise.
pub(super) struct SystemResolver;

impl Resolve for SystemResolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found: Vec<_> = match tokio::net::lookup_host((name.as_str(), 0)).await {
                Ok(found) => found.collect(),
                Err(error) => return Err(NameNotFound(Some(error)).into()),
            };
            if found.is_empty() {
                return Err(NameNotFound(None).into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}
