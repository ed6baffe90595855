//! Follows the first sign-ins in authentik's log, and says of each what came of it.
//!
//! What authentik stores (2024.12 to 2026.5, tried): that it let somebody through to an application; a wrong redirect URI at the token
//! endpoint; a mapping that failed; what a policy said, where its execution is logged. It stores nothing about a wrong client secret and
//! nothing about a person whom a binding kept out: the page "Permission denied" is drawn without an event (`policies/views.py`), and an
//! event of a policy needs a policy, which a binding to a group or a person has not (`policies/process.py`). The first shows all the same
//! by an access token that never came, which a superuser's token can see; the second by a sign-in on the way to the application, after
//! which authentik is asked whether that person gets in. Whoever was signed in before and is kept out leaves no trace: [`NO_TRACE`].

mod news;
mod pace;

use std::collections::HashMap;
use std::future::Future;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::Value;

pub use self::news::{News, What};
pub use self::pace::{LONGEST, QUIET, WatchPace};
use crate::authentik::applications::Application;
use crate::authentik::events::{Action, Event};
use crate::authentik::providers::Provider;
use crate::authentik::text::{clean, seconds_of_rfc3339};
use crate::authentik::tokens::AccessToken;
use crate::authentik::{ApiError, Client};

/// An application fetches its token within a second of the sign-in. After this many seconds it will not.
const TOKEN: i64 = 20;

/// After this many seconds a sign-in on the way to the application would have arrived there.
const ARRIVAL: i64 = 5;

/// So many polls in a row may fail before it is given up.
const MOST_FAILURES: u32 = 3;

/// What cannot be seen.
pub const NO_TRACE: &str = "Somebody who is signed in to authentik already and is kept out leaves no trace in its log.";

/// What is watched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watched {
    /// The application's slug.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// Its primary key.
    pub application: String,
    /// Its provider's primary key.
    pub provider: String,
    /// Its client ID.
    pub client_id: String,
    /// It was made just now: all that the log has of it counts, also from before the watching began.
    pub is_new: bool,
}

impl Watched {
    /// An application with its provider, both of which may be old.
    pub fn new(application: &Application, provider: &Provider) -> Self {
        Self {
            slug: application.fields.slug.clone(),
            name: clean(&application.fields.name),
            application: application.fields.pk.clone(),
            provider: provider.fields.pk.clone(),
            client_id: provider.fields.client_id.clone(),
            is_new: false,
        }
    }
}

/// The time. A test has its own.
pub trait Clock: Sync {
    /// Seconds since 1970.
    fn now(&self) -> i64;

    /// Waits.
    fn sleep(&self, pause: Duration) -> impl Future<Output = ()> + Send;
}

/// This machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> i64 {
        SystemTime::now().duration_since(UNIX_EPOCH).ok().and_then(|since| i64::try_from(since.as_secs()).ok()).unwrap_or(0)
    }

    async fn sleep(&self, pause: Duration) {
        tokio::time::sleep(pause).await;
    }
}

/// Somebody who is on the way.
#[derive(Debug)]
struct OnTheWay {
    username: String,
    /// The user's primary key.
    user: String,
    since: i64,
}

/// What was seen so far.
#[derive(Debug)]
pub struct Watch<'a> {
    client: &'a Client,
    watched: &'a Watched,
    /// The newest event that was there before; empty where there was none.
    last: String,
    /// The newest access token that was seen; none where this token cannot see those of others.
    token: Option<u64>,
    /// Let through, and not seen to have arrived.
    let_through: Vec<OnTheWay>,
    /// Signed in on the way to the application.
    signing_in: Vec<OnTheWay>,
    names: HashMap<String, String>,
}

impl<'a> Watch<'a> {
    /// Begins: what happened before does not count, unless the application is new.
    ///
    /// # Errors
    /// When authentik's log cannot be read (`authentik_events.view_event`).
    pub async fn start(client: &'a Client, watched: &'a Watched) -> Result<Self, ApiError> {
        let tokens = async {
            if client.me().await?.is_superuser { client.access_tokens(&watched.provider).await.map(Some) } else { Ok(None) }
        };
        let (events, tokens) = futures_util::join!(client.latest_events(None), tokens);
        let newest = events?.into_iter().next().filter(|_| !watched.is_new);
        let last = newest.map(|event| event.pk).unwrap_or_default();
        // Without them less is seen, and still enough.
        let tokens = tokens.ok().flatten();
        let old = |tokens: Vec<AccessToken>| tokens.iter().filter_map(|token| token.pk.parse().ok()).max();
        let token = tokens.map(|tokens| old(tokens).filter(|_| !watched.is_new).unwrap_or(0));
        Ok(Self { client, watched, last, token, let_through: Vec::new(), signing_in: Vec::new(), names: HashMap::new() })
    }

    /// What is new at the time `now`, in the order in which it happened.
    ///
    /// # Errors
    /// When authentik cannot be asked.
    pub async fn poll(&mut self, now: i64) -> Result<Vec<News>, ApiError> {
        let mut news = Vec::new();
        let events = self.client.latest_events(Some(&self.last)).await?;
        if let Some(newest) = events.first() {
            self.last.clone_from(&newest.pk);
        }
        let mut passed = Vec::new();
        for event in events.iter().rev() {
            match &event.action {
                Action::AuthorizeApplication if self.is_about_application(&event.context["authorized_application"]) => {
                    passed.push(on_the_way(event, now));
                }
                Action::Login if self.leads_here(event) => self.signing_in.push(on_the_way(event, now)),
                _ => news.extend(self.told(event)),
            }
        }
        // Who arrived was not kept out.
        self.signing_in.retain(|other| passed.iter().all(|passed| passed.username != other.username));
        let fresh = self.let_through.len();
        self.let_through.extend(passed);
        let arrived = self.new_tokens().await;
        // Why no token came is told already.
        let explained = news.iter().any(|news| news.what == What::WrongRedirect);
        for (index, person) in std::mem::take(&mut self.let_through).into_iter().enumerate() {
            let name = self.name_of(&person.username).await;
            let came = arrived.contains(&person.user);
            if came || (self.token.is_none() && index >= fresh) {
                let what = if came { What::SignedIn } else { What::LetThrough };
                news.push(News::passed(what, &name, &self.watched.name, (person.since, now), true));
            } else if self.token.is_some() && now - person.since >= TOKEN {
                news.push(News::no_token(&name, self.watched));
            } else if self.token.is_some() {
                if index >= fresh {
                    news.push(News::passed(What::LetThrough, &name, &self.watched.name, (person.since, now), false));
                }
                if !explained {
                    self.let_through.push(person);
                }
            }
        }
        news.extend(self.kept_out(now).await);
        Ok(news)
    }

    /// What an event says that needs no second look.
    fn told(&self, event: &Event) -> Option<News> {
        let context = &event.context;
        match event.action.as_str() {
            "configuration_error" if self.is_about_provider(&context["provider"]) => match context["redirect_uri"].as_str() {
                Some(uri) => Some(News::wrong_redirect(uri, &context["expected"], self.watched)),
                None => Some(News::failed(context["message"].as_str().unwrap_or_default(), self.watched)),
            },
            "configuration_error" if self.is_about_application(&context["application"]) => {
                Some(News::failed(context["message"].as_str().unwrap_or_default(), self.watched))
            }
            "policy_execution" if self.is_about_application(&context["request"]["obj"]) => {
                (context["result"]["passing"] == Value::Bool(false)).then(|| News::refused_by_policy(event, self.watched))
            }
            "policy_exception" if self.is_about_application(&context["request"]["obj"]) => {
                Some(News::policy_failed(event, self.watched))
            }
            "login_failed" if self.leads_here(event) => {
                Some(News::login_failed(context["username"].as_str().unwrap_or_default()))
            }
            _ => None,
        }
    }

    /// Those who signed in on the way to the application, did not arrive, and may not.
    async fn kept_out(&mut self, now: i64) -> Vec<News> {
        let (due, wait): (Vec<OnTheWay>, Vec<OnTheWay>) =
            std::mem::take(&mut self.signing_in).into_iter().partition(|person| now - person.since >= ARRIVAL);
        self.signing_in = wait;
        let mut news = Vec::new();
        for person in due {
            // Others than superusers get an answer about themselves.
            if self.token.is_none() {
                continue;
            }
            let Ok(result) = self.client.check_access(&self.watched.slug, Some(&person.user)).await else { continue };
            if !result.passing {
                let name = self.name_of(&person.username).await;
                let let_in = self.let_in().await;
                news.push(News::kept_out(&name, (&person.user, &person.username), self.watched, &result.messages, &let_in));
            }
        }
        news
    }

    /// The groups that may open the application, by name.
    async fn let_in(&self) -> Vec<String> {
        let (bindings, groups) = futures_util::join!(self.client.bindings(&self.watched.application), self.client.groups());
        let (Ok(bindings), Ok(groups)) = (bindings, groups) else { return Vec::new() };
        let bound =
            bindings.iter().filter(|binding| binding.enabled && !binding.negate).filter_map(|binding| binding.group.as_ref());
        bound.filter_map(|pk| groups.iter().find(|group| group.pk == *pk)).map(|group| clean(&group.name)).collect()
    }

    /// Whom the access tokens that are new belong to.
    async fn new_tokens(&mut self) -> Vec<String> {
        let Some(last) = self.token.filter(|_| !self.let_through.is_empty()) else { return Vec::new() };
        let Ok(tokens) = self.client.access_tokens(&self.watched.provider).await else { return Vec::new() };
        let numbered = tokens.iter().filter_map(|token| Some((token.pk.parse::<u64>().ok()?, &token.user.pk)));
        let new: Vec<(u64, &String)> = numbered.filter(|(number, _)| *number > last).collect();
        self.token = new.iter().map(|(number, _)| *number).max().or(Some(last));
        new.into_iter().map(|(_, user)| user.clone()).collect()
    }

    /// What people call somebody.
    async fn name_of(&mut self, username: &str) -> String {
        if let Some(name) = self.names.get(username) {
            return name.clone();
        }
        let found = self.client.user_named(username).await.ok().flatten();
        let name = found.map(|user| user.name).filter(|name| !name.is_empty()).unwrap_or_else(|| username.to_owned());
        let name = clean(&name);
        self.names.insert(username.to_owned(), name.clone());
        name
    }

    fn is_about_application(&self, model: &Value) -> bool {
        is_key(model, &self.watched.application)
    }

    fn is_about_provider(&self, model: &Value) -> bool {
        is_key(model, &self.watched.provider)
    }

    /// Whether somebody was on the way to the application: the sign-in page keeps where it leads.
    fn leads_here(&self, event: &Event) -> bool {
        let args = &event.context["http_request"]["args"];
        let is_own = |value: &Value| value.as_str() == Some(&self.watched.client_id);
        let next = args["next"].as_str().unwrap_or_default();
        is_own(&args["client_id"]) || next.contains(&format!("client_id={}", self.watched.client_id))
    }
}

/// Whether an event's reference to an object is to the one with this key: numbers as numbers, UUIDs without dashes.
fn is_key(model: &Value, pk: &str) -> bool {
    match &model["pk"] {
        Value::String(text) => text.replace('-', "") == pk.replace('-', ""),
        Value::Number(number) => number.to_string() == pk,
        _ => false,
    }
}

fn on_the_way(event: &Event, now: i64) -> OnTheWay {
    let text = |value: &Value| match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        _ => String::new(),
    };
    OnTheWay {
        username: text(&event.user["username"]),
        user: text(&event.user["pk"]),
        since: seconds_of_rfc3339(&event.created).unwrap_or(now).min(now),
    }
}

/// How watching ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// `tell` had enough.
    Enough,
    /// The limit was reached: [`QUIET`] without news, or [`LONGEST`] in all.
    TimeUp,
}

/// Watches until `tell` gives back false, or the time is up.
///
/// # Errors
/// When authentik's log cannot be read, at the start or several times in a row.
pub async fn follow(
    client: &Client,
    watched: &Watched,
    clock: &impl Clock,
    mut tell: impl FnMut(News) -> bool + Send,
) -> Result<End, ApiError> {
    let mut watch = Watch::start(client, watched).await?;
    let mut pace = WatchPace::default();
    let mut failures = 0;
    // What is there already is told at once.
    let mut next = if watched.is_new { Some(Duration::ZERO) } else { pace.next(false) };
    while let Some(pause) = next {
        clock.sleep(pause).await;
        let mut had_news = false;
        match watch.poll(clock.now()).await {
            Ok(news) => {
                failures = 0;
                for news in news {
                    had_news = true;
                    if !tell(news) {
                        return Ok(End::Enough);
                    }
                }
            }
            Err(error) if failures + 1 >= MOST_FAILURES || error.is_bad_token() || error.is_missing_right() => return Err(error),
            Err(error) => {
                tracing::debug!(%error, "the log could not be read this time");
                failures += 1;
            }
        }
        next = pace.next(had_news);
    }
    Ok(End::TimeUp)
}
