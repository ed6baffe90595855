//! First sign-ins, as the log tells them.

use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use akwiz::checks::watch::{Clock, End, LONGEST, News, QUIET, SystemClock, Watch, Watched, What, follow};
use akwiz::demo::{Fault, Matcher, Version};
use akwiz::setup::fix::Fix;
use secrecy::ExposeSecret as _;
use serde_json::json;

use crate::bench::Bench;

/// A browser and an application, both clumsy.
struct World {
    bench: Bench,
    watched: Watched,
    http: reqwest::Client,
    redirect: String,
    secret: String,
}

impl World {
    async fn new(version: Version) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let bench = Bench::demo(version).await;
        let (outcome, _) = bench.portainer().await;
        let part = &outcome.parts[0];
        let application = bench.client.application(&part.slug).await.unwrap().unwrap();
        let provider = bench.client.provider(&part.provider).await.unwrap().unwrap();
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap();
        Self {
            watched: Watched::new(&application, &provider),
            http,
            redirect: "https://portainer.example.com/".into(),
            secret: part.client_secret.as_ref().unwrap().expose_secret().to_owned(),
            bench,
        }
    }

    /// Somebody who is signed in to authentik opens the application. Gives back the code.
    async fn open(&self, username: &str) -> Option<String> {
        let cookie = self.bench.server.session(username).unwrap();
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs([
                ("client_id", self.watched.client_id.as_str()),
                ("redirect_uri", &self.redirect),
                ("response_type", "code"),
                ("scope", "openid email profile"),
            ])
            .finish();
        let url = format!("{}/application/o/authorize/?{query}", self.bench.server.base_url());
        let answer = self.http.get(url).header("cookie", cookie).send().await.unwrap();
        let to = answer.headers().get("location")?.to_str().unwrap().to_owned();
        to.split("code=").nth(1).map(|rest| rest.split('&').next().unwrap().to_owned())
    }

    /// The application fetches its token.
    async fn fetch(&self, code: &str, redirect: &str, secret: &str) -> u16 {
        let form = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirect)])
            .extend_pairs([("client_id", self.watched.client_id.as_str()), ("client_secret", secret)])
            .finish();
        let url = format!("{}/application/o/token/", self.bench.server.base_url());
        let request = self.http.post(url).header("content-type", "application/x-www-form-urlencoded").body(form);
        request.send().await.unwrap().status().as_u16()
    }

    async fn watch(&self) -> Watch<'_> {
        Watch::start(&self.bench.client, &self.watched).await.unwrap()
    }
}

fn now() -> i64 {
    SystemClock.now()
}

fn told(news: &[News]) -> Vec<(What, &str)> {
    news.iter().map(|news| (news.what, news.who.as_str())).collect()
}

#[tokio::test]
async fn somebody_signs_in() {
    for version in Version::ALL {
        let world = World::new(version).await;
        // What happened before does not count.
        let code = world.open("bob").await.unwrap();
        assert_eq!(world.fetch(&code, &world.redirect, &world.secret).await, 200);
        let mut watch = world.watch().await;
        assert!(watch.poll(now()).await.unwrap().is_empty(), "{}", version.number());

        let code = world.open("alice").await.unwrap();
        assert_eq!(world.fetch(&code, &world.redirect, &world.secret).await, 200);
        let news = watch.poll(now() + 3).await.unwrap();
        assert_eq!(told(&news), [(What::SignedIn, "Alice Archer")], "{news:?}");
        assert!(
            news[0].text.starts_with("Alice Archer signed in to Portainer ") && news[0].text.ends_with(" s ago."),
            "{news:?}"
        );
        assert!(watch.poll(now()).await.unwrap().is_empty(), "told once");
    }
}

#[tokio::test]
async fn of_a_new_application_all_counts_that_the_log_has() {
    let mut world = World::new(Version::V2025_12).await;
    let code = world.open("bob").await.unwrap();
    assert_eq!(world.fetch(&code, &world.redirect, "wrong").await, 400);
    let code = world.open("alice").await.unwrap();
    assert_eq!(world.fetch(&code, &world.redirect, &world.secret).await, 200);
    world.watched.is_new = true;
    let mut watch = world.watch().await;
    let news = watch.poll(now() + 60).await.unwrap();
    assert_eq!(told(&news), [(What::NoToken, "Bob Baker"), (What::SignedIn, "Alice Archer")], "{news:?}");
    assert!(watch.poll(now() + 120).await.unwrap().is_empty(), "told once");
    // It is told without a pause.
    let clock = Fast::default();
    let end = follow(&world.bench.client, &world.watched, &clock, |news| !news.done).await.unwrap();
    assert_eq!((end, clock.pauses.lock().unwrap().as_slice()), (End::Enough, &[Duration::ZERO][..]));
}

#[tokio::test]
async fn a_wrong_secret_shows_by_the_token_that_never_comes() {
    let world = World::new(Version::V2025_12).await;
    let mut watch = world.watch().await;
    let code = world.open("alice").await.unwrap();
    assert_eq!(world.fetch(&code, &world.redirect, "wrong").await, 400);
    let news = watch.poll(now()).await.unwrap();
    assert_eq!(told(&news), [(What::LetThrough, "Alice Archer")], "{news:?}");
    assert!(watch.poll(now() + 10).await.unwrap().is_empty());
    let news = watch.poll(now() + 30).await.unwrap();
    assert_eq!(told(&news), [(What::NoToken, "Alice Archer")], "{news:?}");
    assert!(news[0].mend.as_ref().unwrap().text.contains("client secret"), "{news:?}");
    // The person enters the right one.
    let code = world.open("alice").await.unwrap();
    assert_eq!(world.fetch(&code, &world.redirect, &world.secret).await, 200);
    let news = watch.poll(now() + 40).await.unwrap();
    assert_eq!(told(&news), [(What::SignedIn, "Alice Archer")], "{news:?}");
}

#[tokio::test]
async fn a_wrong_redirect_uri_comes_with_its_fix() {
    let world = World::new(Version::V2026_5).await;
    let mut watch = world.watch().await;
    let code = world.open("alice").await.unwrap();
    let sent = "http://portainer.example.com/";
    assert_eq!(world.fetch(&code, sent, &world.secret).await, 400);
    let news = watch.poll(now()).await.unwrap();
    let wrong = news.iter().find(|news| news.what == What::WrongRedirect).unwrap();
    assert!(wrong.text.contains(sent) && wrong.text.contains("https://portainer.example.com/"), "{wrong:?}");
    assert_eq!(wrong.mend.as_ref().unwrap().fix, Some(Fix::AddRedirect(sent.into())));
    assert!(watch.poll(now() + 60).await.unwrap().is_empty(), "why no token came is told already");
}

#[tokio::test]
async fn somebody_is_kept_out() {
    let world = World::new(Version::V2025_12).await;
    let staff = world.bench.table("groups").into_iter().find(|group| group["name"] == "staff").unwrap();
    let subject = akwiz::authentik::bindings::Subject::Group(staff["pk"].as_str().unwrap().into());
    world.bench.client.bind(&world.watched.application, &subject, 0).await.unwrap();
    let mut watch = world.watch().await;
    assert_eq!(world.open("bob").await, None, "the page says no");
    // What a real server keeps of the way: where the sign-in page leads.
    let next = format!("/application/o/authorize/?client_id={}&response_type=code", world.watched.client_id);
    world.bench.server.record_event(
        "bob",
        "login",
        "authentik.events.signals",
        &json!({"http_request": {"args": {"next": next}}}),
    );
    assert!(watch.poll(now()).await.unwrap().is_empty(), "he may be on the way still");
    let news = watch.poll(now() + 10).await.unwrap();
    assert_eq!(told(&news), [(What::Refused, "Bob Baker")], "{news:?}");
    assert!(news[0].text.contains("it is for staff only"), "{news:?}");
    assert!(matches!(news[0].mend.as_ref().unwrap().fix, Some(Fix::LetIn(_))));
}

#[tokio::test]
async fn policies_mappings_and_wrong_passwords_are_told() {
    let world = World::new(Version::V2025_12).await;
    let mut watch = world.watch().await;
    let model = |pk: &str, name: &str| json!({"pk": pk.replace('-', ""), "name": name});
    let request = json!({"user": {"username": "bob"}, "obj": model(&world.watched.application, "application")});
    let server = &world.bench.server;
    let refused =
        json!({"binding": {"name": "Only at work"}, "request": request, "result": {"passing": false, "messages": ["Not now"]}});
    server.record_event("bob", "policy_execution", "authentik.policies.process", &refused);
    let passed = json!({"binding": {"name": "Only at work"}, "request": request, "result": {"passing": true, "messages": []}});
    server.record_event("bob", "policy_execution", "authentik.policies.process", &passed);
    let provider: u64 = world.watched.provider.parse().unwrap();
    let failed = json!({"message": "Failed to evaluate property-mapping: 'groups'", "provider": {"pk": provider}});
    server.record_event("bob", "configuration_error", "authentik.providers.oauth2.views.userinfo", &failed);
    let other = json!({"message": "Failed to evaluate property-mapping: 'x'", "provider": {"pk": provider + 1}});
    server.record_event("bob", "configuration_error", "authentik.providers.oauth2.views.userinfo", &other);
    let args = json!({"client_id": world.watched.client_id});
    server.record_event(
        "",
        "login_failed",
        "authentik.events.signals",
        &json!({"username": "bob", "http_request": {"args": args}}),
    );
    let news = watch.poll(now()).await.unwrap();
    assert_eq!(told(&news), [(What::Refused, "bob"), (What::Failed, ""), (What::LoginFailed, "bob")], "{news:#?}");
    assert!(news[0].text.contains("“Only at work”") && news[0].text.contains("Not now"), "{news:?}");
}

#[tokio::test]
async fn a_token_that_sees_only_its_own_still_tells_who_was_let_through() {
    let mut world = World::new(Version::V2026_5).await;
    let rights = ["authentik_events.view_event", "authentik_core.view_user"];
    world.bench.client = world.bench.client.signed_in(world.bench.server.token_with(&rights)).unwrap();
    let mut watch = world.watch().await;
    world.open("alice").await.unwrap();
    let news = watch.poll(now()).await.unwrap();
    assert_eq!(told(&news), [(What::LetThrough, "Alice Archer")], "{news:?}");
    assert!(watch.poll(now() + 60).await.unwrap().is_empty(), "nothing is concluded from what it cannot see");

    let blind = world.bench.client.signed_in(world.bench.server.token_with(&[])).unwrap();
    assert!(Watch::start(&blind, &world.watched).await.unwrap_err().is_missing_right());
}

/// A clock that goes as fast as it is asked.
#[derive(Default)]
struct Fast {
    now: AtomicI64,
    pauses: Mutex<Vec<Duration>>,
}

impl Clock for Fast {
    fn now(&self) -> i64 {
        now() + self.now.load(Ordering::Relaxed)
    }

    async fn sleep(&self, pause: Duration) {
        self.now.fetch_add(i64::try_from(pause.as_secs()).unwrap(), Ordering::Relaxed);
        self.pauses.lock().unwrap().push(pause);
    }
}

#[tokio::test]
async fn watching_ends_by_itself_and_writes_nothing() {
    let world = World::new(Version::V2025_12).await;
    world.bench.server.clear_log();
    let before = world.bench.world();
    let clock = Fast::default();
    let end = follow(&world.bench.client, &world.watched, &clock, |_| true).await.unwrap();
    assert_eq!(end, End::TimeUp);
    let pauses = clock.pauses.lock().unwrap().clone();
    assert!(pauses.iter().sum::<Duration>() >= QUIET && QUIET < LONGEST);
    let log = world.bench.server.log();
    assert!(log.iter().all(|entry| !entry.is_write()));
    assert!(log.len() < 100, "{} requests in a quarter of an hour", log.len());
    assert_eq!(world.bench.world(), before);
}

#[tokio::test]
async fn one_lost_answer_does_not_end_it() {
    let world = World::new(Version::V2025_12).await;
    let clock = Fast::default();
    let begun = Mutex::new(false);
    // After the start, the log cannot be read twice.
    let broken = || Fault::Reply { status: 500, body: json!("") };
    let mut told = Vec::new();
    let watching = follow(&world.bench.client, &world.watched, &clock, |news| {
        told.push(news.what);
        false
    });
    let living = async {
        while clock.pauses.lock().unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
        *begun.lock().unwrap() = true;
        world.bench.server.fail_next(Matcher::new("GET", "events"), broken());
        world.bench.server.fail_next(Matcher::new("GET", "events"), broken());
        let code = world.open("alice").await.unwrap();
        world.fetch(&code, &world.redirect, &world.secret).await;
    };
    let (end, ()) = futures_util::future::join(watching, living).await;
    assert_eq!(end.unwrap(), End::Enough);
    assert!(matches!(told[0], What::SignedIn | What::LetThrough));
}
