//! Finds authentik at an address before any token is sent, and says what was found or what is wrong.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::future;
use futures_util::stream::{FuturesOrdered, StreamExt};
use reqwest::header::{DATE, LOCATION, RETRY_AFTER};
use url::Url;

use super::address::{Address, Reach, host_and_port, reach};
use super::error::{ApiError, Call};
use super::failure::ConnectFailure;
use super::http::{Answer, Client, Timeouts};
use super::text::days_from_civil;
use super::tls::{Presented, Trust};
use super::version::{Version, in_page};
use crate::error::{Error, Kind};

/// The page that every authentik shows to anybody, and that names its version.
const PAGE: &str = "if/flow/default-authentication-flow/";
const LIVE: &str = "-/health/live/";
const MOST_REDIRECTS: usize = 3;

/// `application/json` makes authentik's front say in JSON that it is still starting; pages do not look at it.
const ACCEPT: &str = "text/html, application/json";

/// authentik, found.
#[derive(Debug, Clone)]
pub struct Found {
    /// A client for it, not signed in, whose connection is open.
    pub client: Client,
    /// Where it is: origin, and the path if it is served below one.
    pub base: Url,
    /// Its version; nothing when its pages do not tell (then [`Client::version`] does, with a token).
    pub version: Option<Version>,
    /// The certificate that it showed, when TLS was spoken.
    pub certificate: Option<Presented>,
    /// How far its clock is ahead of this machine's, in seconds, if it says the time.
    pub clock_skew: Option<i64>,
    /// The address that led here by a redirect (http to https).
    pub redirected_from: Option<Url>,
    /// Who can reach the address.
    pub reach: Reach,
}

/// Why authentik was not found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotFound {
    /// No connection, or no HTTP answer.
    Connection {
        /// What was tried.
        url: Url,
        /// What failed.
        failure: ConnectFailure,
    },
    /// Something else answers there.
    NotAuthentik {
        /// What was tried.
        url: Url,
        /// What answered, in a few words.
        saw: String,
    },
    /// It is authentik, and it is not ready.
    Starting {
        /// Where.
        url: Url,
        /// When it asks to be tried again.
        retry_after: Option<Duration>,
    },
    /// It is authentik, and older than akwiz can work with.
    TooOld {
        /// Where.
        url: Url,
        /// What it is.
        version: Version,
    },
    /// The address leads to another host. Nothing was sent there but the question for the page.
    Elsewhere {
        /// What was tried.
        url: Url,
        /// Where it leads.
        to: Box<Url>,
        /// Whether authentik answers there.
        is_authentik: bool,
    },
    /// What was given cannot be used at all, such as a certificate file without certificates.
    Unusable(String),
}

impl NotFound {
    /// How much it tells about where authentik is: the best of several tries is shown.
    fn weight(&self) -> u8 {
        match self {
            Self::TooOld { .. } | Self::Starting { .. } | Self::Unusable(_) => 6,
            Self::Elsewhere { is_authentik: true, .. } => 5,
            Self::Connection { failure, .. } => match failure {
                ConnectFailure::NotTrusted(_) | ConnectFailure::WrongName(_) | ConnectFailure::OutOfDate(_) => 4,
                ConnectFailure::Refused => 0,
                _ => 1,
            },
            Self::NotAuthentik { .. } => 3,
            Self::Elsewhere { .. } => 2,
        }
    }
}

impl From<NotFound> for Error {
    fn from(found: NotFound) -> Self {
        match found {
            NotFound::Connection { url, failure } => {
                let host = host_and_port(&url);
                let call = Call { method: "GET".to_owned(), host: host.clone(), path: format!("{}{PAGE}", url.path()) };
                failure.explain(&host).caused_by(ApiError::Connect { call, failure })
            }
            NotFound::NotAuthentik { url, saw } => {
                Error::new(Kind::Unreachable, format!("What answers at {url} is not authentik: {saw}."))
                    .hint("Check the address. It is the one that opens authentik's sign-in page in a browser.")
            }
            NotFound::Starting { url, retry_after } => {
                let wait = retry_after.map_or_else(|| "a moment".to_owned(), |after| format!("{} seconds", after.as_secs()));
                Error::new(Kind::Unreachable, format!("authentik at {url} is still starting."))
                    .hint(format!("Try again in {wait}."))
            }
            NotFound::TooOld { url, version } => Error::new(
                Kind::Unreachable,
                format!("authentik at {url} is version {version}. akwiz needs {} or later.", Version::OLDEST),
            )
            .hint("Update authentik first, one release line after the other."),
            NotFound::Elsewhere { url, to, is_authentik: true } => {
                Error::new(Kind::Unreachable, format!("{url} leads to authentik at {to}."))
                    .hint(format!("Use {to} as the address."))
            }
            NotFound::Elsewhere { url, to, .. } => {
                Error::new(Kind::Unreachable, format!("{url} leads to another host, {}.", host_and_port(&to)))
                    .hint("If a sign-in gateway stands in front of authentik, use an address that passes it by.")
            }
            NotFound::Unusable(why) => Error::new(Kind::Usage, why),
        }
    }
}

/// Looks for authentik at all of the address's candidates at once, without a token; the likeliest one where it is wins.
///
/// # Errors
/// The most telling of the failures.
pub async fn probe(address: &Address, trust: &Trust, timeouts: Timeouts) -> Result<Found, NotFound> {
    let mut tries: FuturesOrdered<_> = address.candidates().iter().map(|url| probe_at(url, trust, timeouts)).collect();
    let mut told: Option<NotFound> = None;
    while let Some(outcome) = tries.next().await {
        match outcome {
            Ok(found) => return Ok(found),
            Err(failure) => {
                tracing::debug!(?failure, "not found there");
                if told.as_ref().is_none_or(|told| failure.weight() > told.weight()) {
                    told = Some(failure);
                }
            }
        }
    }
    Err(told.unwrap_or_else(|| NotFound::Unusable("There is no address to try.".to_owned())))
}

/// Looks at one address, and follows redirects by hand.
async fn probe_at(asked: &Url, trust: &Trust, timeouts: Timeouts) -> Result<Found, NotFound> {
    let mut base = asked.clone();
    for _ in 0..=MOST_REDIRECTS {
        let client = Client::new(&base, trust, timeouts).map_err(|error| NotFound::Unusable(error.to_string()))?;
        let (page, live) = future::join(client.page_once(PAGE, ACCEPT), client.page_once(LIVE, ACCEPT)).await;
        let page = page.map_err(|error| lost(&base, error))?;
        // A redirect within authentik, to its first set-up for example, is an answer.
        let next = match redirect(&base, &page).map(|to| base_of(&to)).filter(|to| *to != base) {
            None if page.status == 404 && !is_authentik(&page) => below(&client).await.filter(|to| *to != base),
            next => next,
        };
        let Some(to) = next else {
            let is_authentik = is_authentik(&page) || live.as_ref().is_ok_and(is_authentik);
            if base.host() != asked.host() {
                return Err(NotFound::Elsewhere { url: asked.clone(), to: Box::new(base), is_authentik });
            }
            let redirected_from = Some(asked.clone()).filter(|asked| *asked != base);
            return judge(client, base, &page, is_authentik, redirected_from);
        };
        base = to;
    }
    Err(NotFound::NotAuthentik { url: asked.clone(), saw: "it redirects again and again".to_owned() })
}

fn judge(client: Client, base: Url, page: &Answer, is_authentik: bool, redirected_from: Option<Url>) -> Result<Found, NotFound> {
    let text = page.text();
    if is_starting(page, &text) {
        let retry_after = page.header(RETRY_AFTER.as_str()).and_then(|text| text.parse().ok()).map(Duration::from_secs);
        return Err(NotFound::Starting { url: base, retry_after });
    }
    let version = in_page(&text);
    if !is_authentik {
        return Err(NotFound::NotAuthentik { saw: describe(page, &text), url: base });
    }
    if let Some(version) = version.filter(|version| *version < Version::OLDEST) {
        return Err(NotFound::TooOld { url: base, version });
    }
    let clock_skew = clock_skew(page);
    Ok(Found { certificate: client.certificate(), reach: reach(&base), client, base, version, clock_skew, redirected_from })
}

/// How far the server's clock is ahead of this machine's, in seconds, if the answer says the time.
pub fn clock_skew(answer: &Answer) -> Option<i64> {
    let server = answer.header(DATE.as_str()).and_then(seconds_of)?;
    let here = SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_secs();
    server.checked_sub(i64::try_from(here).ok()?)
}

fn lost(url: &Url, error: ApiError) -> NotFound {
    match error {
        ApiError::Connect { failure, .. } | ApiError::NoAnswer { failure, .. } => {
            NotFound::Connection { url: url.clone(), failure }
        }
        other => NotFound::NotAuthentik { url: url.clone(), saw: other.to_string() },
    }
}

/// The path that a server's root leads to: authentik served below a path redirects there from `/`.
async fn below(client: &Client) -> Option<Url> {
    let root = client.page_once("", ACCEPT).await.ok()?;
    let mut to =
        client.base().join(root.header(LOCATION.as_str()).filter(|_| matches!(root.status, 301 | 302 | 307 | 308))?).ok()?;
    to.set_query(None);
    to.set_fragment(None);
    (to.origin() == client.base().origin() && to.path().ends_with('/') && !to.path().contains("/if/")).then_some(to)
}

/// Where the answer sends the browser, if it does.
fn redirect(base: &Url, answer: &Answer) -> Option<Url> {
    if !matches!(answer.status, 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let to = base.join(PAGE).ok()?.join(answer.header(LOCATION.as_str())?).ok()?;
    matches!(to.scheme(), "http" | "https").then_some(to)
}

/// The base that a redirect to the page names. A redirect to somewhere else on the host means its root.
fn base_of(to: &Url) -> Url {
    let path = to.path().strip_suffix(PAGE).filter(|path| path.ends_with('/')).unwrap_or("/").to_owned();
    let mut base = to.clone();
    base.set_path(&path);
    base.set_query(None);
    base.set_fragment(None);
    base
}

/// Whether an answer is authentik's: its server marks each with its own header, and its pages set `window.authentik`.
fn is_authentik(answer: &Answer) -> bool {
    answer.headers.contains_key("x-authentik-id") || {
        let text = answer.text();
        text.contains("window.authentik") || text.contains("authentik starting")
    }
}

/// authentik's front answers 503 in JSON, plain text or with a splash page until the server behind it is up.
fn is_starting(page: &Answer, text: &str) -> bool {
    page.status == 503 && text.contains("authentik") || page.status == 502 && text.contains("authentik backend")
}

fn describe(page: &Answer, text: &str) -> String {
    let said = super::error_body::ErrorBody::parse(text.as_bytes());
    match said.detail.filter(|_| said.shape == super::error_body::Shape::Html) {
        Some(title) => format!("a page titled “{title}” came (status {})", page.status),
        None => format!("an unknown answer came (status {})", page.status),
    }
}

/// Seconds since 1970 of an HTTP date in its one current form (RFC 9110, section 5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`.
fn seconds_of(date: &str) -> Option<i64> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let mut parts = date.split_once(", ")?.1.split(' ');
    let day: i64 = parts.next()?.parse().ok()?;
    let month = parts.next()?;
    let month = i64::try_from(MONTHS.iter().position(|name| *name == month)?).ok()? + 1;
    let year: i64 = parts.next()?.parse().ok().filter(|year| (1970..10_000).contains(year))?;
    let mut clock = parts.next()?.split(':').map(str::parse::<i64>);
    let (hours, minutes, seconds) = (clock.next()?.ok()?, clock.next()?.ok()?, clock.next()?.ok()?);
    Some(((days_from_civil(year, month, day) * 24 + hours) * 60 + minutes) * 60 + seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn http_dates_are_seconds() {
        assert_eq!(seconds_of("Thu, 01 Jan 1970 00:00:00 GMT"), Some(0));
        assert_eq!(seconds_of("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777));
        assert_eq!(seconds_of("Thu, 29 Feb 2024 23:59:59 GMT"), Some(1_709_251_199));
        assert_eq!(seconds_of("Sunday, 06-Nov-94 08:49:37 GMT"), None);
    }

    #[test]
    fn a_redirect_names_the_base() {
        let base = |to: &str| base_of(&Url::parse(to).unwrap()).to_string();
        assert_eq!(base("https://a.example/if/flow/default-authentication-flow/?x=1"), "https://a.example/");
        assert_eq!(base("https://a.example/sso/if/flow/default-authentication-flow/"), "https://a.example/sso/");
        assert_eq!(base("https://a.example/login"), "https://a.example/");
    }
}
