//! A stand-in for authentik that runs inside the process, for `--demo` and for the tests.
//!
//! It answers on loopback as the recordings of real servers do, errors included, and writes nothing outside the process. What it was sent is
//! checked against `schema.json`, a table distilled from authentik's `OpenAPI` files. `tests/standin` replays the recordings against it.
//!
//! In no recording, and written from schema and public source instead: everything of [`Version::V2026_8`], `applied: false`,
//! `set_icon_url` of 2024.12, [`DuplicateName::Application`], reserved slugs, the identification stage that would be left without any
//! way to sign in, and Plex.

mod actions;
mod api;
mod check;
mod clock;
mod crypto;
mod events;
mod faults;
mod http;
mod journal;
mod objects;
mod oidc;
mod options;
mod pages;
mod plex;
mod present;
mod resource;
mod rights;
mod schema;
mod seed;
mod server;
mod sources;
mod state;
mod table;
mod transaction;
mod users;

use std::io;
use std::sync::{Arc, Mutex};

use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub use faults::{Fault, Matcher};
pub use journal::{Logged, rounds};
pub use options::{DuplicateName, Options, PlexOptions, Seed, Surroundings, Version};

use http::{Reply, Request};
use server::{Server, lock};
use state::{Kind, State};

/// A running stand-in. It stops when it is dropped.
pub struct StandIn {
    base_url: String,
    server: Arc<Server>,
    task: JoinHandle<io::Result<()>>,
}

impl StandIn {
    /// Starts a stand-in on a free port of 127.0.0.1, on the current tokio runtime.
    ///
    /// # Errors
    ///
    /// When no port can be bound.
    pub async fn start(options: Options) -> io::Result<Self> {
        Self::serve(TcpListener::bind(("127.0.0.1", 0)).await?, options)
    }

    /// Starts a stand-in behind a port that was bound before, on the current tokio runtime. Making what it holds takes milliseconds, which
    /// another thread can spend: until then, connections wait.
    ///
    /// # Errors
    ///
    /// When the listener has no address.
    pub fn serve(listener: TcpListener, options: Options) -> io::Result<Self> {
        let base_url = format!("http://{}", listener.local_addr()?);
        let server =
            Arc::new(Server { state: Mutex::new(seed::seeded(options)), log: Mutex::default(), faults: Mutex::default() });
        let task = server::serve(listener, Arc::clone(&server));
        Ok(Self { base_url, server, task })
    }

    /// The address, `http://127.0.0.1:PORT` without a final slash.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The address to use instead of `https://plex.tv`. Plex's paths (`/api/v2/…`) are served beside authentik's.
    pub fn plex_url(&self) -> &str {
        &self.base_url
    }

    /// The API token of `akadmin`, a superuser.
    pub fn token(&self) -> SecretString {
        admin_token()
    }

    /// The API token of a new service account that holds just these rights, such as `authentik_core.add_application`.
    pub fn token_with(&self, rights: &[&str]) -> SecretString {
        let mut state = lock(&self.server.state);
        let name = format!("service-account-{}", state.letters(6));
        let user = seed::add(&mut state, Kind::User, json!({ "username": name, "name": name, "type": "service_account" }));
        let role = seed::add(&mut state, Kind::Role, json!({ "name": name, "rights": rights }));
        seed::add(&mut state, Kind::Group, json!({ "name": name, "users": [user], "roles": [role] }));
        let key = state.letters(60);
        let token = json!({ "identifier": name, "intent": "api", "user": user, "expiring": false, "key": key });
        seed::add(&mut state, Kind::Token, token);
        SecretString::from(key)
    }

    /// A `Cookie` header of somebody signed in, as a browser would send it; `None` for an unknown user name.
    pub fn session(&self, username: &str) -> Option<String> {
        let mut state = lock(&self.server.state);
        let user = state.find(Kind::User, "username", &json!(username))?["pk"].as_i64()?;
        let id = state.letters(32);
        if let Some(user) = state.by_key_mut(Kind::User, &json!(user)) {
            user.insert("last_login".to_owned(), json!(clock::iso(clock::now())));
        }
        let login = json!({ "auth_method": "password", "auth_method_args": { "known_device": false } });
        events::record(&mut state, user, "login", "authentik.events.signals", &login);
        state.grants.open_session(id.clone(), user);
        Some(format!("authentik_session={id}; authentik_csrf={}", state.letters(32)))
    }

    /// Adds an event about somebody, as authentik's own code would; nobody for an unknown user name. For events that the stand-in has no
    /// way to cause, such as a policy's.
    pub fn record_event(&self, username: &str, action: &str, app: &str, context: &Value) {
        let mut state = lock(&self.server.state);
        let user = state.find(Kind::User, "username", &json!(username)).and_then(|user| user["pk"].as_i64());
        events::record(&mut state, user.unwrap_or_default(), action, app, context);
    }

    /// Every request served so far, in the order of their answers.
    pub fn log(&self) -> Vec<Logged> {
        lock(&self.server.log).clone()
    }

    /// Forgets the requests served so far.
    pub fn clear_log(&self) {
        lock(&self.server.log).clear();
    }

    /// Changes what lies in front of the server.
    pub fn surround(&self, surroundings: Surroundings) {
        lock(&self.server.state).options.surroundings = surroundings;
    }

    /// Makes the next request that fits go wrong. Faults ordered for the same request happen one after another.
    pub fn fail_next(&self, matcher: Matcher, fault: Fault) {
        lock(&self.server.faults).push((matcher, fault));
    }

    /// Everything that the server holds, by table: `applications`, `providers`, `bindings`, `sources`, `certificates`, and so on.
    pub fn state(&self) -> Value {
        lock(&self.server.state).snapshot()
    }
}

/// The API token of `akadmin`, a superuser, the same in every stand-in.
pub fn admin_token() -> SecretString {
    SecretString::from(seed::ADMIN_TOKEN)
}

impl Drop for StandIn {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Answers one request.
fn route(state: &mut State, request: &Request) -> Reply {
    let path = request.path.as_str();
    if let Some(rest) = path.strip_prefix("/api/v3/") {
        return api::handle(state, request, rest);
    }
    if let Some(rest) = path.strip_prefix("/application/o/") {
        return oidc::handle(state, request, rest);
    }
    if let Some(rest) = path.strip_prefix("/api/v2/") {
        return plex::handle(state, request, rest);
    }
    match path {
        "/" => Reply::redirect("/flows/-/default/authentication/?next=/"),
        "/-/health/live/" | "/-/health/ready/" => Reply::html(200, ""),
        _ if path.starts_with("/if/flow/") && path.ends_with('/') => pages::flow(state.version()),
        _ => pages::not_found(state.version()),
    }
}
