//! The OAuth 2.0 and OpenID Connect endpoints below `/application/o/`.

mod authorize;
pub(super) mod claims;
mod client;
mod discovery;
mod introspect;
mod token;
pub(super) mod urls;

use std::collections::{HashMap, HashSet};

use serde_json::json;

use super::http::{Object, Reply, Request};
use super::options::Version;
use super::pages;
use super::state::{Kind, State};

/// What an authorization code or a token stands for.
#[derive(Debug, Clone)]
pub(in crate::demo) struct Grant {
    /// The provider's primary key.
    pub provider: i64,
    pub user: i64,
    pub scopes: Vec<String>,
    pub nonce: String,
    pub redirect_uri: String,
    /// PKCE: the challenge and its method.
    pub challenge: Option<(String, String)>,
    /// Counts the access tokens; 0 before there is one.
    pub number: u64,
}

/// Sessions, codes and tokens that are out.
#[derive(Debug, Default)]
pub(in crate::demo) struct Grants {
    sessions: HashMap<String, i64>,
    codes: HashMap<String, Grant>,
    access: HashMap<String, Grant>,
    issued: u64,
    refresh: HashMap<String, Grant>,
    /// Device codes that nobody has confirmed; nobody can, here.
    devices: HashSet<String>,
}

impl Grants {
    /// The user of a session.
    pub fn session(&self, id: &str) -> Option<i64> {
        self.sessions.get(id).copied()
    }

    /// Signs a user in under a session identifier.
    pub fn open_session(&mut self, id: String, user: i64) {
        self.sessions.insert(id, user);
    }

    /// The access tokens of a provider, the newest first.
    pub fn access_tokens(&self, provider: i64) -> Vec<&Grant> {
        let mut tokens: Vec<&Grant> = self.access.values().filter(|grant| grant.provider == provider).collect();
        tokens.sort_by_key(|grant| std::cmp::Reverse(grant.number));
        tokens
    }

    /// What an access token stands for.
    pub fn access(&self, token: &str) -> Option<&Grant> {
        self.access.get(token)
    }
}

/// Answers a request below `/application/o/`; `path` is the rest.
pub(super) fn handle(state: &mut State, request: &Request, path: &str) -> Reply {
    match (path, request.method.as_str()) {
        ("authorize/", "GET" | "HEAD" | "POST") => authorize::authorize(state, request),
        ("token/", "POST") => token::token(state, request),
        ("userinfo/", "GET" | "POST") => introspect::userinfo(state, request),
        ("introspect/", "POST") => introspect::introspect(state, request),
        ("revoke/", "POST") => introspect::revoke(state, request),
        ("device/", "POST") => token::device(state, request),
        ("token/" | "introspect/" | "revoke/" | "device/", _) => Reply::empty_405(),
        _ => of_application(state, request, path),
    }
}

fn of_application(state: &State, request: &Request, path: &str) -> Reply {
    let missing = || match request.method.as_str() {
        "GET" | "HEAD" => pages::not_found(state.version()),
        _ => Reply::empty_405(),
    };
    let Some((slug, rest)) = path.split_once('/') else { return missing() };
    let Some(application) = state.find(Kind::Application, "slug", &json!(slug)) else { return missing() };
    let Some(provider) = application.get("provider").and_then(|pk| state.by_key(Kind::Provider, pk)) else { return missing() };
    match rest {
        ".well-known/openid-configuration" => discovery::document(state, request, provider, slug),
        "jwks/" => Reply::json(200, &super::crypto::key_set(state, provider)).with_header("access-control-allow-origin", "*"),
        "end-session/" => end_session(state, request),
        _ => missing(),
    }
}

fn end_session(state: &State, request: &Request) -> Reply {
    if super::rights::session_user(state, request).is_some() {
        return Reply::redirect("/if/flow/default-provider-invalidation-flow/");
    }
    to_login(state, &request.path, "")
}

/// To the login page and back to `next`.
fn to_login(state: &State, next: &str, query: &str) -> Reply {
    if state.version() < Version::V2025_12 {
        let next = super::http::quote(next).replace("%2F", "/");
        return Reply::redirect(&format!("/flows/-/default/authentication/?next={next}"));
    }
    let before = if query.is_empty() { String::new() } else { format!("{query}&") };
    Reply::redirect(&format!("/if/flow/default-authentication-flow/?{before}next={}", super::http::quote(next)))
}

/// The error object of the token endpoints.
fn refusal(state: &mut State, status: u16, error: &str) -> Reply {
    let description = match error {
        "invalid_client" => {
            "Client authentication failed (e.g., unknown client, no client authentication included, or unsupported authentication method)"
        }
        "authorization_pending" => {
            "The authorization request is still pending as the end user hasn't yet completed the user-interaction steps"
        }
        "unsupported_grant_type" => "The authorization grant type is not supported by the authorization server",
        _ => {
            "The provided authorization grant or refresh token is invalid, expired, revoked, does not match the redirection URI used in the \
             authorization request, or was issued to another client"
        }
    };
    let mut body = json!({ "error": error, "error_description": description });
    if state.version() >= Version::V2025_12 {
        body["request_id"] = json!(state.uuid().replace('-', ""));
    }
    Reply::json(status, &body)
}

/// The provider with a client identifier.
fn provider_of<'a>(state: &'a State, client_id: &str) -> Option<&'a Object> {
    state.find(Kind::Provider, "client_id", &json!(client_id)).filter(|_| !client_id.is_empty())
}

/// Whether a provider may use a grant type; before 2026.5 every one may.
fn allows(state: &State, provider: &Object, grant: &str) -> bool {
    !state.version().has_grant_types() || super::state::list(provider, "grant_types").contains(&json!(grant))
}
