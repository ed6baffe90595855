//! One client for every request: origin, trust, token, time limits, repetition of reads, and what each failure means.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::{Method, RequestBuilder, StatusCode};
use rustls::ClientConfig;
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use super::error::{ApiError, Call, Result};
use super::error_body::ErrorBody;
use super::failure::{ConnectFailure, SystemResolver};
use super::pace::{LONGEST_PAUSE, Pacer, Reply};
use super::tls::{self, Presented, Trust};
use super::{address, retry};

const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Larger answers are not authentik's.
const LARGEST: usize = 16 << 20;

/// How Go's and nginx's TLS ports answer plain HTTP, both with status 400.
const WANTS_TLS: [&str; 2] = ["client sent an http request to an https server", "plain http request was sent to https port"];

/// How long the client waits for what.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// For a connection, TLS included.
    pub connect: Duration,
    /// For a read, from sending it to the end of the answer.
    pub read: Duration,
    /// For a write, likewise. A transaction takes seconds on a loaded server, so never less than 30 s outside tests.
    pub write: Duration,
    /// Before a read is repeated for the first time.
    pub retry_pause: Duration,
    /// The longest pause that a server may ask for.
    pub longest_pause: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(6),
            read: Duration::from_secs(10),
            write: Duration::from_secs(30),
            retry_pause: Duration::from_millis(250),
            longest_pause: Duration::from_secs(3),
        }
    }
}

/// A client for one authentik. Cheap to clone: clones share connections.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: Arc<Url>,
    public: Option<Arc<Public>>,
    token: Option<SecretString>,
    timeouts: Timeouts,
    trust: Arc<Trust>,
    tls: Arc<ClientConfig>,
    seen: tls::Seen,
    /// Bounds how many requests are under way, where there are many.
    pacer: Option<Arc<Pacer>>,
}

/// What a loopback server must be told so that it names its public address.
#[derive(Debug)]
struct Public {
    host: HeaderValue,
    scheme: HeaderValue,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("base", &self.base.as_str())
            .field("signed_in", &self.token.is_some())
            .finish_non_exhaustive()
    }
}

/// An answer with any status.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as it came.
    pub body: Vec<u8>,
    /// Which request it answers.
    pub call: Call,
}

impl Answer {
    /// A header's value, if it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body as text; what is no UTF-8 is replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Whether the status says success.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The answer itself if it is a success, else its refusal.
    ///
    /// # Errors
    /// [`ApiError::Status`] with what the body says.
    pub fn accepted(self) -> Result<Self> {
        if self.is_success() {
            return Ok(self);
        }
        Err(ApiError::Status { status: self.status, body: Box::new(ErrorBody::parse(&self.body)), call: self.call })
    }

    /// The body read as JSON into `T`.
    ///
    /// # Errors
    /// [`ApiError::Unreadable`] when it is not JSON or lacks what `T` cannot do without.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_slice(&self.body).map_err(|error| {
            // serde_json's words can quote the body, and the body can hold a secret.
            let what = match error.classify() {
                serde_json::error::Category::Data => "a field of the answer has an unexpected form",
                _ if self.body.trim_ascii_start().starts_with(b"<") => "a web page came instead of data",
                _ => "the answer is not JSON, or it is cut off",
            };
            tracing::debug!(call = %self.call, line = error.line(), column = error.column(), "unreadable answer");
            ApiError::Unreadable { call: self.call.clone(), what: what.to_owned() }
        })
    }
}

impl Client {
    /// A client for the authentik at `base` (its origin, and the path if it is served below one), not signed in.
    ///
    /// # Errors
    /// [`ApiError::Unusable`] when the trust's file holds no certificate or the address is no web address.
    pub fn new(base: &Url, trust: &Trust, timeouts: Timeouts) -> Result<Self> {
        Self::build(base, None, trust, timeouts)
    }

    /// Likewise, for a server reached over loopback whose `public` address is another one: it is told so with each request.
    ///
    /// authentik trusts `X-Forwarded-Proto` from loopback, and takes the host from `Host` (not from `X-Forwarded-Host`). Away from loopback
    /// `public` changes nothing.
    ///
    /// # Errors
    /// As [`Client::new`].
    pub fn with_public_address(base: &Url, public: &Url, trust: &Trust, timeouts: Timeouts) -> Result<Self> {
        let needed = address::reach(base) == address::Reach::Loopback && base.origin() != public.origin();
        Self::build(base, Some(public).filter(|_| needed), trust, timeouts)
    }

    fn build(base: &Url, public: Option<&Url>, trust: &Trust, timeouts: Timeouts) -> Result<Self> {
        let unusable = |why: &str| ApiError::Unusable(why.to_owned());
        let mut base = base.clone();
        if !matches!(base.scheme(), "http" | "https") || base.host().is_none() {
            return Err(unusable("The address is not a web address."));
        }
        base.set_query(None);
        base.set_fragment(None);
        if !base.path().ends_with('/') {
            let path = format!("{}/", base.path());
            base.set_path(&path);
        }
        let public = match public {
            None => None,
            Some(public) => {
                let host = address::host_and_port(public);
                let host = HeaderValue::from_str(&host).map_err(|_| unusable("The public address is not a web address."))?;
                let scheme =
                    HeaderValue::from_str(public.scheme()).map_err(|_| unusable("The public address is not a web address."))?;
                Some(Arc::new(Public { host, scheme }))
            }
        };
        // An overridden Host header has no place beside HTTP/2's authority.
        let (config, seen) =
            tls::client_config(trust, public.is_none()).map_err(|error| ApiError::Unusable(error.to_string()))?;
        let http = connections(&base, &config, timeouts)?;
        let (base, tls, trust) = (Arc::new(base), Arc::new(config), Arc::new(trust.clone()));
        Ok(Self { http, base, public, token: None, timeouts, trust, tls, seen, pacer: None })
    }

    /// The same client, signed in. Connections stay open.
    ///
    /// # Errors
    /// [`ApiError::Unusable`] when `token` has characters that no token has.
    pub fn signed_in(&self, token: SecretString) -> Result<Self> {
        bearer(&token)?;
        Ok(Self { token: Some(token), ..self.clone() })
    }

    /// The same client without its open connections. Where one has failed without a word, such as after a firewall forgot it, the
    /// others may be just as dead, and each would cost a try.
    ///
    /// # Errors
    /// [`ApiError::Unusable`] when the HTTP client cannot be set up.
    pub fn reconnected(&self) -> Result<Self> {
        Ok(Self { http: connections(&self.base, &self.tls, self.timeouts)?, ..self.clone() })
    }

    /// The host that authentik is told, where it is reached over loopback and told another one than it is asked at.
    pub fn is_told_its_public_address(&self) -> bool {
        self.public.is_some()
    }

    /// The same client for many requests at once: each waits for its turn, and a write that the server turned away unread because of its
    /// load is sent again after the pause that it asked for. Connections are shared.
    pub fn paced(&self, pacer: Arc<Pacer>) -> Self {
        let timeouts = Timeouts { longest_pause: self.timeouts.longest_pause.max(LONGEST_PAUSE), ..self.timeouts };
        Self { pacer: Some(pacer), timeouts, ..self.clone() }
    }

    /// A client for another address that trusts the same certificates, not signed in: the public address, or the application's own.
    ///
    /// # Errors
    /// As [`Client::new`].
    pub fn elsewhere(&self, base: &Url) -> Result<Self> {
        Self::build(base, None, &self.trust, self.timeouts)
    }

    /// Whom it trusts beside the system's authorities.
    pub fn trust(&self) -> &Trust {
        &self.trust
    }

    /// How long it waits for what.
    pub fn timeouts(&self) -> Timeouts {
        self.timeouts
    }

    /// Where authentik is: origin and path, with a slash at the end.
    pub fn base(&self) -> &Url {
        &self.base
    }

    /// The certificate that the server showed, when TLS was spoken.
    pub fn certificate(&self) -> Option<Presented> {
        self.seen.last()
    }

    /// Reads an object: `GET /api/v3/{path…}/`.
    ///
    /// # Errors
    /// See [`ApiError`]. Passing failures have been tried again, at most twice.
    pub async fn get<T: DeserializeOwned>(&self, path: &[&str], query: &[(&str, &str)]) -> Result<T> {
        self.answer(path, query).await?.accepted()?.json()
    }

    /// Reads `GET /api/v3/{path…}/` and gives back whatever answer came, refusals too.
    ///
    /// # Errors
    /// When no answer came.
    pub async fn answer(&self, path: &[&str], query: &[(&str, &str)]) -> Result<Answer> {
        self.read(self.api(path), query, true).await
    }

    /// Like [`Client::get`], but `None` when the object does not exist.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn find<T: DeserializeOwned>(&self, path: &[&str]) -> Result<Option<T>> {
        match self.get(path, &[]).await {
            Err(error) if error.is_not_found() => Ok(None),
            other => other.map(Some),
        }
    }

    /// Sends a change with a body and reads the object that comes back. Never repeated, but for what [`Client::paced`] says.
    ///
    /// # Errors
    /// See [`ApiError`]; ask [`ApiError::outcome_unknown`] before saying that it failed.
    pub async fn write<T: DeserializeOwned>(&self, method: Method, path: &[&str], body: &Value) -> Result<T> {
        self.send_write(method, path, Some(body)).await?.accepted()?.json()
    }

    /// Sends a change and gives back whatever answer came, refusals too.
    ///
    /// # Errors
    /// When no answer came.
    pub async fn send_write(&self, method: Method, path: &[&str], body: Option<&Value>) -> Result<Answer> {
        self.send_bytes(method, path, body.map(|body| body.to_string().into_bytes())).await
    }

    /// As [`Client::send_write`] with a body that is JSON already.
    pub(super) async fn send_bytes(&self, method: Method, path: &[&str], body: Option<Vec<u8>>) -> Result<Answer> {
        let url = self.api(path);
        let mut attempt = 0;
        loop {
            attempt += 1;
            let mut request = self.request(method.clone(), url.clone(), true, self.timeouts.write)?;
            if let Some(body) = &body {
                request = request.header(CONTENT_TYPE, "application/json").body(body.clone());
            }
            let answer = self.once(request, call_of(&method, &url)).await?;
            let unread = retry::was_turned_away(answer.status, answer.header(RETRY_AFTER.as_str()));
            if self.pacer.is_none() || !unread || attempt > retry::MOST_TURNED_AWAY {
                return Ok(answer);
            }
            // The pacer keeps the pause.
            tracing::debug!(call = %answer.call, attempt, status = answer.status, "turned away, sent again");
        }
    }

    /// Deletes an object. Deleting what is gone already is a success.
    ///
    /// # Errors
    /// See [`ApiError`].
    pub async fn delete(&self, path: &[&str]) -> Result<()> {
        match self.send_write(Method::DELETE, path, None).await?.accepted() {
            Err(error) if error.is_not_found() => Ok(()),
            other => other.map(drop),
        }
    }

    /// Reads a page outside the API, such as a discovery document, without the token. `path` is relative to [`Client::base`].
    ///
    /// # Errors
    /// When no answer came; refusals and redirects are answers.
    pub async fn page(&self, path: &str, query: &[(&str, &str)]) -> Result<Answer> {
        self.read(self.below(path), query, false).await
    }

    /// Like [`Client::page`], once and without repetition, `accept` being the types asked for.
    ///
    /// # Errors
    /// As [`Client::page`].
    pub async fn page_once(&self, path: &str, accept: &'static str) -> Result<Answer> {
        let url = self.below(path);
        let request = self.request(Method::GET, url.clone(), false, self.timeouts.read)?;
        // Replaces the usual one.
        let request = request.headers(HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(accept))]));
        self.once(request, call_of(&Method::GET, &url)).await
    }

    /// Reads the page at `url`, of the same origin, query and all; once, without the token.
    ///
    /// # Errors
    /// As [`Client::page`]; [`ApiError::Unusable`] for another origin.
    pub async fn page_at(&self, url: &Url, accept: &'static str) -> Result<Answer> {
        if url.origin() != self.base.origin() {
            return Err(ApiError::Unusable("The address belongs to another server.".into()));
        }
        let request = self.request(Method::GET, url.clone(), false, self.timeouts.read)?;
        let request = request.headers(HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(accept))]));
        self.once(request, call_of(&Method::GET, url)).await
    }

    /// Posts a form outside the API, without the token: OAuth's own endpoints.
    ///
    /// # Errors
    /// When no answer came; refusals are answers.
    pub async fn post_form(&self, path: &str, form: &[(&str, &str)], basic: Option<(&str, &SecretString)>) -> Result<Answer> {
        let url = self.below(path);
        let mut request = self.request(Method::POST, url.clone(), false, self.timeouts.read)?.form(form);
        if let Some((user, password)) = basic {
            request = request.basic_auth(user, Some(password.expose_secret()));
        }
        self.once(request, call_of(&Method::POST, &url)).await
    }

    /// Sends any request outside the API with headers of the caller's, without the token; a form when there is one.
    ///
    /// # Errors
    /// When no answer came; refusals are answers.
    pub(super) async fn other(&self, method: Method, path: &str, headers: HeaderMap, form: &[(&str, &str)]) -> Result<Answer> {
        let url = self.below(path);
        let mut request = self.request(method.clone(), url.clone(), false, self.timeouts.read)?.headers(headers);
        if !form.is_empty() {
            request = request.form(form);
        }
        self.once(request, call_of(&method, &url)).await
    }

    /// `/api/v3/{path…}/` with each segment encoded, and the slash at the end that authentik insists on.
    fn api(&self, path: &[&str]) -> Url {
        let mut url = (*self.base).clone();
        url.path_segments_mut().expect("web addresses have segments").pop_if_empty().extend(["api", "v3"]).extend(path).push("");
        url
    }

    fn below(&self, path: &str) -> Url {
        let mut url = (*self.base).clone();
        url.set_path(&format!("{}{}", self.base.path(), path.trim_start_matches('/')));
        url
    }

    fn request(&self, method: Method, url: Url, with_token: bool, timeout: Duration) -> Result<RequestBuilder> {
        debug_assert_eq!(url.origin(), self.base.origin(), "requests stay at the origin");
        let mut request = self.http.request(method, url).timeout(timeout).header(ACCEPT, "application/json");
        if let Some(public) = &self.public {
            request = request.header(HOST, public.host.clone()).header(FORWARDED_PROTO, public.scheme.clone());
        }
        if let Some(token) = self.token.as_ref().filter(|_| with_token) {
            request = request.header(AUTHORIZATION, bearer(token)?);
        }
        Ok(request)
    }

    /// Sends a read, again where that may help.
    async fn read(&self, mut url: Url, query: &[(&str, &str)], with_token: bool) -> Result<Answer> {
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let call = call_of(&Method::GET, &url);
        let mut attempt = 0;
        let mut fresh: Option<Self> = None;
        loop {
            attempt += 1;
            let client = fresh.as_ref().unwrap_or(self);
            let request = client.request(Method::GET, url.clone(), with_token, self.timeouts.read)?;
            let outcome = self.once(request, call.clone()).await;
            let asked = match &outcome {
                Ok(answer) if retry::is_passing(answer.status) => answer.header(RETRY_AFTER.as_str()).map(str::to_owned),
                Err(ApiError::NoAnswer { failure, .. } | ApiError::Connect { failure, .. }) if failure.is_passing() => None,
                _ => return outcome,
            };
            let Some(pause) = retry::pause(attempt, asked.as_deref(), self.timeouts.retry_pause, self.timeouts.longest_pause)
            else {
                return outcome;
            };
            tracing::debug!(%call, attempt, ?pause, "trying again");
            tokio::time::sleep(pause).await;
            if outcome.is_err() && fresh.is_none() {
                fresh = self.reconnected().ok();
            }
        }
    }

    /// Sends a request once and reads the whole answer, when it is its turn.
    async fn once(&self, request: RequestBuilder, call: Call) -> Result<Answer> {
        let Some(pacer) = &self.pacer else { return self.timed(request, call).await };
        let turn = pacer.turn(call.is_write()).await;
        let started = std::time::Instant::now();
        let outcome = self.timed(request, call).await;
        turn.ended(match &outcome {
            Ok(answer) if matches!(answer.status, 429 | 503) => {
                Reply::Busy(answer.header(RETRY_AFTER.as_str()).and_then(retry::seconds))
            }
            Ok(_) => Reply::Answered(started.elapsed()),
            Err(_) => Reply::Lost,
        });
        outcome
    }

    async fn timed(&self, request: RequestBuilder, call: Call) -> Result<Answer> {
        let started = std::time::Instant::now();
        let outcome = self.exchange(request, &call).await;
        let took = started.elapsed().as_millis();
        match &outcome {
            Ok(answer) => tracing::debug!(%call, status = answer.status, took, "answered"),
            Err(error) => tracing::debug!(%call, %error, took, "no answer"),
        }
        outcome
    }

    async fn exchange(&self, request: RequestBuilder, call: &Call) -> Result<Answer> {
        let lost = |error: &reqwest::Error| self.lost(call, error);
        let mut response = request.send().await.map_err(|error| lost(&error))?;
        let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| lost(&error))? {
            if body.len() + chunk.len() > LARGEST {
                return Err(ApiError::Unreadable { call: call.clone(), what: "the answer is larger than 16 MiB".into() });
            }
            body.extend_from_slice(&chunk);
        }
        if status == StatusCode::BAD_REQUEST && self.base.scheme() == "http" {
            let text = String::from_utf8_lossy(&body).to_lowercase();
            if WANTS_TLS.iter().any(|words| text.contains(words)) {
                return Err(ApiError::Connect { call: call.clone(), failure: ConnectFailure::WantsTls });
            }
        }
        Ok(Answer { status: status.as_u16(), headers, body, call: call.clone() })
    }

    /// What a failure below HTTP means for the request: nothing was sent, or it is not known what became of it.
    fn lost(&self, call: &Call, error: &reqwest::Error) -> ApiError {
        let failure = ConnectFailure::of(error, self.seen.last().as_ref());
        let call = call.clone();
        if error.is_connect() || error.is_builder() {
            ApiError::Connect { call, failure }
        } else if call.is_write() {
            ApiError::WriteUnknown { call, failure: Some(failure) }
        } else {
            ApiError::NoAnswer { call, failure }
        }
    }
}

/// An HTTP client with no connection yet.
fn connections(base: &Url, tls: &ClientConfig, timeouts: Timeouts) -> Result<reqwest::Client> {
    let mut http = reqwest::Client::builder()
        .tls_backend_preconfigured(tls.clone())
        .dns_resolver(Arc::new(SystemResolver))
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .connect_timeout(timeouts.connect)
        .user_agent(concat!("akwiz/", env!("CARGO_PKG_VERSION")));
    if address::reach(base) == address::Reach::Loopback {
        http = http.no_proxy();
    }
    http.build().map_err(|error| ApiError::Unusable(format!("The HTTP client could not be set up: {error}.")))
}

/// The header that carries the token, marked so that nothing prints it.
fn bearer(token: &SecretString) -> Result<HeaderValue> {
    let text = token.expose_secret();
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(ApiError::Unusable(
            "The token is empty or has characters that no token has, such as spaces. Paste it again.".into(),
        ));
    }
    let mut value = HeaderValue::from_str(&format!("Bearer {text}"))
        .map_err(|_| ApiError::Unusable("The token cannot be sent. Paste it again.".into()))?;
    value.set_sensitive(true);
    Ok(value)
}

fn call_of(method: &Method, url: &Url) -> Call {
    Call { method: method.to_string(), host: address::host_and_port(url), path: url.path().to_owned() }
}
