//! `check` and `watch`.

use std::thread;

use akwiz::demo::{Options, StandIn, Version};
use insta::assert_snapshot;
use secrecy::ExposeSecret as _;
use tokio::runtime::Handle;
use tokio::sync::oneshot::{Sender, channel};

use crate::run::{Home, Said};

/// A stand-in on a thread of its own, and a home whose akwiz knows it.
struct Bench {
    server: StandIn,
    home: Home,
    /// Where the stand-in runs.
    runtime: Handle,
    /// Dropping it ends the thread.
    _stop: Sender<()>,
}

impl Bench {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let options = Options { version: Version::V2025_12, ..Options::default() };
        let server = runtime.block_on(StandIn::start(options)).unwrap();
        let (handle, (stop, stopped)) = (runtime.handle().clone(), channel());
        thread::spawn(move || runtime.block_on(stopped));
        Self { server, home: Home::new(), runtime: handle, _stop: stop }
    }

    fn run(&self, arguments: &[&str]) -> Said {
        let token = self.server.token();
        let base = self.server.base_url();
        // The public address is the stand-in's own, and the application's has nobody listening: no name is looked up anywhere.
        let public = format!("--public-url={base}");
        let arguments: Vec<&str> = arguments.iter().copied().chain([public.as_str()]).collect();
        self.home.run_with(&arguments, "", &[("AUTHENTIK_TOKEN", token.expose_secret()), ("AUTHENTIK_URL", base)])
    }

    fn create(&self) {
        let said = self.run(&["create", "portainer", "--set=app=http://127.0.0.1:1", "--yes"]);
        assert_eq!(said.code, 0, "{}", said.page());
    }

    fn client_id(&self) -> String {
        let providers = self.server.state()["providers"].clone();
        let own = providers.as_array().unwrap().iter().find(|provider| provider["name"] == "Portainer").unwrap();
        own["client_id"].as_str().unwrap().to_owned()
    }
}

#[test]
fn without_a_receipt_what_needs_no_template_is_checked() {
    let said = Home::new().run(&["check", "grafana", "--demo", "--user", "alice"]);
    let page = said.page();
    let steady: Vec<&str> = page.lines().filter(|line| !line.contains(" sub: ")).collect();
    assert_snapshot!(steady.join("\n"));
}

#[test]
fn with_a_receipt_its_template_is_held_to() {
    let bench = Bench::new();
    bench.create();
    let said = bench.run(&["check", "portainer", "--json"]);
    let document = said.document("check");
    assert_eq!((said.code, document["template"].as_str(), document["summary"]["red"].as_u64()), (0, Some("portainer"), Some(0)));
    let check = |id: &str| document["checks"].as_array().unwrap().iter().find(|check| check["id"] == id).unwrap().clone();
    assert_eq!(check("redirects")["state"], "green");
    assert_eq!(check("application")["state"], "warning", "nobody listens there");
    assert!(check("claims")["details"].as_array().unwrap().iter().any(|detail| detail["mark"] == "present"));
    let secret = regex::Regex::new(r"\b[A-Za-z0-9]{128}\b").unwrap();
    assert!(!secret.is_match(&said.out) && !secret.is_match(&said.err));
}

#[test]
fn what_is_wrong_is_an_exit_code_with_its_fix() {
    let said = Home::new().run(&["check", "grafana", "--demo", "--user=bob"]);
    assert_eq!(said.code, 1, "{}", said.page());
    assert!(
        said.out.contains("WRONG  Access: Bob Baker may not open it") && said.out.contains("fix: Let bob open it."),
        "{}",
        said.out
    );
}

#[test]
fn what_cannot_be_checked_is_said() {
    let home = Home::new();
    for (slug, words) in
        [("grafan", "Did you mean “grafana”?"), ("wiki", "its provider is of another kind"), ("router", "has no provider")]
    {
        let said = home.run(&["check", slug, "--demo"]);
        assert!(said.code == 2 && said.err.contains(words), "{}", said.page());
    }
}

#[test]
fn a_sign_in_is_watched() {
    let bench = Bench::new();
    bench.create();
    bench.server.clear_log();
    let client_id = bench.client_id();
    let _ = rustls::crypto::ring::default_provider().install_default();
    let said = thread::scope(|scope| {
        let watching = scope.spawn(|| bench.run(&["watch", "portainer", "--json"]));
        while !bench.server.log().iter().any(|entry| entry.path.ends_with("/access_tokens/")) {
            assert!(!watching.is_finished(), "it ended before it had begun");
            thread::yield_now();
        }
        let cookie = bench.server.session("alice").unwrap();
        let address = format!(
            "{}/application/o/authorize/?response_type=code&scope=openid&redirect_uri=http%3A%2F%2F127.0.0.1%3A1%2F&client_id={client_id}",
            bench.server.base_url()
        );
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap();
        let authorize = http.get(address).header("cookie", cookie).send();
        let answer = bench.runtime.block_on(authorize).unwrap();
        let to = answer.headers()["location"].to_str().unwrap().to_owned();
        let code = to.split("code=").nth(1).unwrap().split('&').next().unwrap().to_owned();
        let providers = bench.server.state()["providers"].clone();
        let own = providers.as_array().unwrap().iter().find(|provider| provider["client_id"] == client_id).unwrap().clone();
        let form = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", "http://127.0.0.1:1/")])
            .extend_pairs([("client_id", client_id.as_str()), ("client_secret", own["client_secret"].as_str().unwrap())])
            .finish();
        let token = format!("{}/application/o/token/", bench.server.base_url());
        let fetch = http.post(token).header("content-type", "application/x-www-form-urlencoded").body(form).send();
        assert_eq!(bench.runtime.block_on(fetch).unwrap().status(), 200);
        watching.join().unwrap()
    });
    let document = said.document("watch");
    assert_eq!((said.code, document["signed_in"].as_bool()), (0, Some(true)), "{}", said.page());
    let last = document["news"].as_array().unwrap().last().unwrap();
    assert_eq!((last["what"].as_str(), last["who"].as_str()), (Some("signed_in"), Some("Alice Archer")), "{}", said.page());
    assert!(bench.server.log().iter().all(|entry| !entry.is_write() || entry.path.ends_with("/token/")));
}
