//! Plex's own sign-in by PIN, for the token and the servers that a Plex source needs.
//!
//! The token is the owner's whole account: it travels in a header, never in an address, and is shown nowhere.

use std::time::Duration;

use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use ring::rand::{SecureRandom, SystemRandom};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;

use super::error::ApiError;
use super::http::{Answer, Client, Timeouts};
use super::text::clean;
use super::tls::Trust;
use super::wire::{Id, id, nullable};
use crate::error::{Error, Kind};
use crate::setup::answers::PlexServer;

/// Where Plex answers.
pub const PLEX_TV: &str = "https://plex.tv/";

/// Where people type the short code.
pub const LINK_PAGE: &str = "https://plex.tv/link";

const PRODUCT: &str = "akwiz";

/// Plex's default life of a PIN, in case it does not say.
const DEFAULT_LIFE: u64 = 900;

/// What sort of code is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// Four characters, to be typed at [`LINK_PAGE`] on any device.
    Short,
    /// A long one, for an address that a browser opens.
    Long,
}

/// A PIN that waits for its owner.
#[derive(Debug, Clone)]
pub struct Pin {
    id: Id,
    /// The code.
    pub code: String,
    /// How long it lives.
    pub life: Duration,
    /// The address that a browser signs in at.
    pub sign_in: String,
}

/// Why signing in to Plex did not work.
#[derive(Debug, thiserror::Error)]
pub enum PlexError {
    /// The PIN ran out before anybody used it.
    #[error("The code ran out before anybody signed in with it.")]
    Expired,
    /// Plex refused the token.
    #[error("Plex does not accept the sign-in any more.")]
    Refused,
    /// Plex was not reached, or answered in a way that is not understood.
    #[error("Plex did not answer as expected.")]
    Api(#[from] ApiError),
}

impl From<PlexError> for Error {
    fn from(error: PlexError) -> Self {
        match error {
            PlexError::Expired => Self::new(Kind::Refused, error.to_string()).hint("Ask for a new code."),
            PlexError::Refused => Self::new(Kind::Refused, error.to_string()).hint("Sign in to Plex again."),
            // Nobody typed this address, so what helps with authentik's does not help here.
            PlexError::Api(error @ (ApiError::Connect { .. } | ApiError::NoAnswer { .. })) => {
                let mut error = Self::from(error);
                error.hints =
                    vec!["This machine has to reach plex.tv itself. Check its name server, its proxy and its firewall.".into()];
                error
            }
            PlexError::Api(error) => error.into(),
        }
    }
}

/// A client for Plex's account service.
#[derive(Debug, Clone)]
pub struct PlexTv {
    client: Client,
    client_identifier: String,
}

#[derive(Deserialize)]
struct PinAnswer {
    #[serde(deserialize_with = "id")]
    id: Id,
    #[serde(default, deserialize_with = "nullable")]
    code: String,
    #[serde(default, rename = "expiresIn")]
    expires_in: Option<u64>,
    #[serde(default, rename = "authToken")]
    auth_token: Option<String>,
}

#[derive(Deserialize)]
struct Resource {
    #[serde(default, deserialize_with = "nullable")]
    name: String,
    #[serde(default, rename = "clientIdentifier", deserialize_with = "nullable")]
    client_identifier: String,
    #[serde(default, deserialize_with = "nullable")]
    provides: String,
    #[serde(default, deserialize_with = "nullable")]
    owned: bool,
}

/// A new client identifier: 40 letters and digits. It names akwiz to Plex, and becomes the source's client ID.
pub fn client_identifier() -> String {
    const ALPHABET: &[u8; 64] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ab";
    let mut bytes = [0; 40];
    SystemRandom::new().fill(&mut bytes).expect("the system gives random bytes");
    bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 64)])).collect()
}

impl PlexTv {
    /// A client for the Plex at `base` (normally [`PLEX_TV`]) that calls itself `client_identifier`.
    ///
    /// # Errors
    /// [`ApiError::Unusable`] when `base` is no web address.
    pub fn new(base: &Url, client_identifier: impl Into<String>) -> Result<Self, PlexError> {
        Self::with_timeouts(base, client_identifier, Timeouts::default())
    }

    /// Likewise, with limits of the caller's.
    ///
    /// # Errors
    /// As [`PlexTv::new`].
    pub fn with_timeouts(base: &Url, client_identifier: impl Into<String>, timeouts: Timeouts) -> Result<Self, PlexError> {
        Ok(Self { client: Client::new(base, &Trust::default(), timeouts)?, client_identifier: client_identifier.into() })
    }

    /// What akwiz calls itself here.
    pub fn client_identifier(&self) -> &str {
        &self.client_identifier
    }

    /// Asks for a PIN.
    ///
    /// # Errors
    /// When Plex is not reached or refuses.
    pub async fn create_pin(&self, code: Code) -> Result<Pin, PlexError> {
        let strong = if code == Code::Long { "true" } else { "false" };
        let answer = self.client.other(Method::POST, "api/v2/pins", self.headers(None)?, &[("strong", strong)]).await?;
        let pin: PinAnswer = accepted(answer)?.json()?;
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("clientID", &self.client_identifier)
            .append_pair("code", &pin.code)
            .append_pair("context[device][product]", PRODUCT)
            .finish();
        Ok(Pin {
            id: pin.id,
            sign_in: format!("https://app.plex.tv/auth#!?{query}"),
            code: clean(&pin.code),
            life: Duration::from_secs(pin.expires_in.unwrap_or(DEFAULT_LIFE)),
        })
    }

    /// Asks once whether somebody has signed in with the PIN.
    ///
    /// # Errors
    /// [`PlexError::Expired`] when the PIN is gone.
    pub async fn poll(&self, pin: &Pin) -> Result<Option<SecretString>, PlexError> {
        let path = format!("api/v2/pins/{}", pin.id);
        let answer = self.client.other(Method::GET, &path, self.headers(None)?, &[]).await?;
        if answer.status == 404 {
            return Err(PlexError::Expired);
        }
        let answer: PinAnswer = accepted(answer)?.json()?;
        Ok(answer.auth_token.filter(|token| !token.is_empty()).map(SecretString::from))
    }

    /// Asks again and again, `every` so often, until somebody has signed in or the PIN has run out. Dropping the future ends it.
    ///
    /// # Errors
    /// [`PlexError::Expired`]; failures that may pass are waited out.
    pub async fn wait(&self, pin: &Pin, every: Duration) -> Result<SecretString, PlexError> {
        let end = tokio::time::Instant::now() + pin.life;
        loop {
            match self.poll(pin).await {
                Ok(Some(token)) => return Ok(token),
                Ok(None) => {}
                Err(PlexError::Api(error)) if may_pass(&error) => tracing::debug!(%error, "asking Plex again"),
                Err(error) => return Err(error),
            }
            if tokio::time::Instant::now() + every >= end {
                return Err(PlexError::Expired);
            }
            tokio::time::sleep(every).await;
        }
    }

    /// The servers that the token's account owns, by name.
    ///
    /// # Errors
    /// [`PlexError::Refused`] when the token is not good (any more).
    pub async fn servers(&self, token: &SecretString) -> Result<Vec<PlexServer>, PlexError> {
        let answer = self.client.other(Method::GET, "api/v2/resources", self.headers(Some(token))?, &[]).await?;
        let all: Vec<Resource> = accepted(answer)?.json()?;
        let mut servers: Vec<PlexServer> = all
            .into_iter()
            .filter(|resource| resource.owned && resource.provides.split(',').any(|what| what.trim() == "server"))
            .filter(|resource| !resource.client_identifier.is_empty())
            .map(|resource| PlexServer { id: resource.client_identifier, name: clean(&resource.name) })
            .collect();
        servers.sort_by_key(|server| server.name.to_lowercase());
        Ok(servers)
    }

    fn headers(&self, token: Option<&SecretString>) -> Result<HeaderMap, PlexError> {
        let text = |text: &str| {
            HeaderValue::from_str(text)
                .map_err(|_| ApiError::Unusable("The Plex sign-in has characters that cannot be sent.".into()))
        };
        let mut headers = HeaderMap::new();
        headers.insert(HeaderName::from_static("x-plex-client-identifier"), text(&self.client_identifier)?);
        headers.insert(HeaderName::from_static("x-plex-product"), HeaderValue::from_static(PRODUCT));
        if let Some(token) = token {
            let mut token = text(token.expose_secret())?;
            token.set_sensitive(true);
            headers.insert(HeaderName::from_static("x-plex-token"), token);
        }
        Ok(headers)
    }
}

/// Whether a failure to ask says nothing about the PIN.
fn may_pass(error: &ApiError) -> bool {
    matches!(error, ApiError::NoAnswer { .. } | ApiError::Connect { .. } | ApiError::Status { status: 429 | 500..=599, .. })
}

fn accepted(answer: Answer) -> Result<Answer, PlexError> {
    match answer.status {
        401 | 403 => Err(PlexError::Refused),
        _ => Ok(answer.accepted()?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plex_that_is_not_reached_is_no_misspelt_authentik() {
        let call = super::super::error::Call { method: "POST".into(), host: "plex.tv".into(), path: "/api/v2/pins".into() };
        let failure = super::super::failure::ConnectFailure::NameNotFound;
        let error = Error::from(PlexError::Api(ApiError::Connect { call, failure }));
        assert_eq!(error.message, "The name in plex.tv does not resolve on this machine.");
        assert_eq!(error.hints.len(), 1);
        assert!(error.hints[0].starts_with("This machine has to reach plex.tv itself."), "{:?}", error.hints);
    }

    #[test]
    fn identifiers_are_forty_letters_and_digits() {
        let [one, two] = [client_identifier(), client_identifier()];
        assert_eq!(one.len(), 40);
        assert!(one.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        assert_ne!(one, two);
    }
}
