//! The authorize endpoint. The order of its checks is authentik's: client, redirect URI, response type, grant, session, policy.

use serde_json::{Value, json};

use crate::demo::events;
use crate::demo::http::{Object, Reply, Request, quote};
use crate::demo::options::Version;
use crate::demo::pages;
use crate::demo::present::may_open;
use crate::demo::rights::session_user;
use crate::demo::state::{Kind, State, list, number, text};

use super::{Grant, allows, provider_of, to_login};

/// `GET /application/o/authorize/`.
pub(super) fn authorize(state: &mut State, request: &Request) -> Reply {
    let param = |name: &str| request.param(name).unwrap_or_default().to_owned();
    let Some(provider) = provider_of(state, &param("client_id")).cloned() else {
        return pages::client_id_error(state.version());
    };
    let redirect_uri = param("redirect_uri");
    let Some(provider) = accept_redirect(state, provider, &redirect_uri) else {
        return pages::redirect_uri_error(state.version());
    };
    let back = Back { uri: redirect_uri, state: request.param("state").map(str::to_owned) };
    let response_type = param("response_type");
    let grant_type = match response_type.as_str() {
        "code" => "authorization_code",
        "id_token" | "id_token token" => "implicit",
        "code token" | "code id_token" | "code id_token token" => "hybrid",
        _ => {
            let description = "The authorization server does not support obtaining an authorization code using this method";
            return back.error("unsupported_response_type", description, false);
        }
    };
    if !allows(state, &provider, grant_type) {
        return back.error("invalid_request", "The request is otherwise malformed", grant_type != "authorization_code");
    }
    let silent = param("prompt") == "none";
    let Some(user) = session_user(state, request) else {
        return if silent {
            back.error("login_required", "The Authorization Server requires End-User authentication", false)
        } else {
            let next = format!("{}?{}", request.path, request.raw_query);
            to_login(state, &next, &request.raw_query)
        };
    };
    let Some(application) = state.find(Kind::Application, "provider", &provider["pk"]).cloned() else {
        return pages::client_id_error(state.version());
    };
    if !may_open(state, &application, user) {
        return pages::denied(state.version());
    }
    let offline = param("scope").split_whitespace().any(|scope| scope == "offline_access");
    // Until 2025 a refresh token always needed the user's word.
    if asks_consent(state, &provider) || (offline && state.version() < Version::V2025_12) {
        let flow = crate::demo::api::flow_slug(state, &provider["authorization_flow"]);
        return Reply::redirect(&format!("/if/flow/{flow}/?{}", request.raw_query));
    }
    let asked = param("scope");
    let mapped: Vec<&str> = list(&provider, "property_mappings")
        .iter()
        .filter_map(|pk| state.by_key(Kind::ScopeMapping, pk))
        .map(|mapping| text(mapping, "scope_name"))
        .collect();
    // Scopes without a mapping are dropped without a word.
    let scopes: Vec<String> = asked.split_whitespace().filter(|scope| mapped.contains(scope)).map(str::to_owned).collect();
    let challenge = request
        .param("code_challenge")
        .map(|challenge| (challenge.to_owned(), request.param("code_challenge_method").unwrap_or("plain").to_owned()));
    let grant = Grant {
        provider: number(&provider, "pk").unwrap_or_default(),
        user,
        scopes,
        nonce: param("nonce"),
        redirect_uri: back.uri.clone(),
        challenge,
        number: 0,
    };
    events::authorized(state, request, user, &application, &provider, &grant.scopes);
    let code = state.uuid().replace('-', "");
    state.grants.codes.insert(code.clone(), grant);
    back.with(&format!("code={code}"), false)
}

/// A flow with a stage is the one that asks.
fn asks_consent(state: &State, provider: &Object) -> bool {
    state.by_key(Kind::Flow, &provider["authorization_flow"]).is_some_and(|flow| !list(flow, "stages").is_empty())
}

/// The provider, if the redirect URI is one of its own. An empty list takes the first one that comes, from anybody.
fn accept_redirect(state: &mut State, provider: Object, uri: &str) -> Option<Object> {
    if uri.is_empty() {
        return None;
    }
    let entries = list(&provider, "redirect_uris");
    if entries.is_empty() {
        let learned = json!([{ "matching_mode": "strict", "url": uri, "redirect_uri_type": "authorization" }]);
        let stored = state.by_key_mut(Kind::Provider, &provider["pk"])?;
        stored.insert("redirect_uris".to_owned(), learned);
        return Some(stored.clone());
    }
    entries.iter().any(|entry| matches(entry, uri)).then_some(provider)
}

/// Byte equality, or the whole address against a pattern.
pub(super) fn matches(entry: &Value, uri: &str) -> bool {
    let wanted = entry["url"].as_str().unwrap_or_default();
    if entry["redirect_uri_type"].as_str().is_some_and(|kind| kind != "authorization") {
        return false;
    }
    if entry["matching_mode"] == "regex" {
        return regex::Regex::new(&format!("^(?:{wanted})$")).is_ok_and(|pattern| pattern.is_match(uri));
    }
    wanted == uri
}

/// Where the browser is sent back to.
struct Back {
    uri: String,
    state: Option<String>,
}

impl Back {
    fn error(&self, error: &str, description: &str, fragment: bool) -> Reply {
        self.with(&format!("error={error}&error_description={}", quote(description)), fragment)
    }

    fn with(&self, query: &str, fragment: bool) -> Reply {
        let mark = if fragment {
            '#'
        } else if self.uri.contains('?') {
            '&'
        } else {
            '?'
        };
        let state = self.state.as_ref().map(|state| format!("&state={}", quote(state))).unwrap_or_default();
        Reply::redirect(&format!("{}{mark}{query}{state}", self.uri))
    }
}
