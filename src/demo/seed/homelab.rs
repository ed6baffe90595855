//! The homelab that `--demo` shows: an EC key and no RSA key, people, groups, and applications of several kinds.

use serde_json::{Value, json};

use crate::demo::clock;
use crate::demo::crypto;
use crate::demo::events;
use crate::demo::state::{Kind, State};

use super::{add, administrator};

/// Adds it to a new server.
pub(super) fn apply(state: &mut State) {
    let key = crypto::certificate(state, "authentik Self-signed Certificate", "ec", clock::now() + clock::days(365));
    let signing_key = key["pk"].clone();
    state.insert(Kind::Certificate, key);
    let alice = person(state, "alice", "Alice Archer");
    let bob = person(state, "bob", "Bob Baker");
    add(
        state,
        Kind::User,
        json!({ "username": "backup-bot", "name": "Backup bot", "type": "service_account", "path": "goauthentik.io/service-accounts" }),
    );
    let family = add(state, Kind::Group, json!({ "name": "family", "users": [alice, bob] }));
    let staff = add(state, Kind::Group, json!({ "name": "staff", "users": [alice] }));
    add(state, Kind::Group, json!({ "name": "media", "users": [bob] }));
    oauth_application(
        state,
        "Grafana",
        "grafana",
        "Monitoring",
        "https://grafana.home.example",
        "/login/generic_oauth",
        &signing_key,
    );
    oauth_application(
        state,
        "Paperless",
        "paperless",
        "Documents",
        "https://paper.home.example",
        "/accounts/oidc/authentik/login/callback/",
        &signing_key,
    );
    proxied_application(state);
    add(
        state,
        Kind::Application,
        json!({ "name": "Router", "slug": "router", "group": "Network", "meta_launch_url": "https://router.home.example/" }),
    );
    bind(state, "grafana", &staff);
    bind(state, "paperless", &family);
    history(state, alice.as_i64().unwrap_or_default());
}

/// What a doctor would look at: a login that worked, and one that came back with another address than the registered one.
fn history(state: &mut State, user: i64) {
    let login = json!({ "auth_method": "password", "auth_method_args": { "known_device": false } });
    let administrator = administrator(state);
    events::record(state, administrator, "login", "authentik.events.signals", &login);
    let of = |kind: Kind, field: &'static str, value: &str| state.find(kind, field, &json!(value)).cloned().unwrap_or_default();
    let grafana = of(Kind::Application, "slug", "grafana");
    let paperless = of(Kind::Provider, "name", "Provider for Paperless");
    let plain = grafana["pk"].as_str().unwrap_or_default().replace('-', "");
    let authorized = json!({
        "scopes": "email openid profile",
        "authorized_application": { "pk": plain, "app": "authentik_core", "name": "Grafana", "model_name": "application" },
    });
    events::record(state, user, "authorize_application", "authentik.providers.oauth2.views.authorize", &authorized);
    let wrong = json!({
        "message": "Invalid redirect URI used by provider",
        "expected": paperless["redirect_uris"],
        "provider": { "pk": paperless["pk"], "app": "authentik_providers_oauth2", "name": paperless["name"], "model_name": "oauth2provider" },
        "redirect_uri": "http://paper.home.example/accounts/oidc/authentik/login/callback/",
    });
    events::record(state, 0, "configuration_error", "authentik.providers.oauth2.views.token", &wrong);
}

fn person(state: &mut State, username: &str, name: &str) -> Value {
    add(state, Kind::User, json!({ "username": username, "name": name, "email": format!("{username}@home.example") }))
}

fn flow(state: &State, slug: &str) -> Value {
    state.find(Kind::Flow, "slug", &json!(slug)).map(|flow| flow["pk"].clone()).unwrap_or_default()
}

fn mappings(state: &State, scopes: &[&str]) -> Vec<Value> {
    let named = scopes.iter().filter_map(|scope| state.find(Kind::ScopeMapping, "scope_name", &json!(scope)));
    named.map(|mapping| mapping["pk"].clone()).collect()
}

fn oauth_application(state: &mut State, name: &str, slug: &str, group: &str, address: &str, callback: &str, signing_key: &Value) {
    let provider = json!({
        "name": format!("Provider for {name}"),
        "authorization_flow": flow(state, "default-provider-authorization-implicit-consent"),
        "invalidation_flow": flow(state, "default-provider-invalidation-flow"),
        "property_mappings": mappings(state, &["openid", "email", "profile"]),
        "signing_key": signing_key,
        "redirect_uris": [{ "matching_mode": "strict", "url": format!("{address}{callback}") }],
        "grant_types": ["authorization_code", "refresh_token"],
    });
    let provider = add(state, Kind::Provider, provider);
    let application =
        json!({ "name": name, "slug": slug, "group": group, "provider": provider, "meta_launch_url": format!("{address}/") });
    add(state, Kind::Application, application);
}

/// A proxy provider shows up among the OAuth2 ones, and changing it there breaks it.
fn proxied_application(state: &mut State) {
    let external = "https://wiki.home.example";
    let provider = json!({
        "name": "Provider for Wiki",
        "component": "ak-provider-proxy-form",
        "verbose_name": "Proxy Provider",
        "verbose_name_plural": "Proxy Providers",
        "meta_model_name": "authentik_providers_proxy.proxyprovider",
        "external_host": external,
        "internal_host": "http://wiki:8080",
        "mode": "proxy",
        "authorization_flow": flow(state, "default-provider-authorization-implicit-consent"),
        "invalidation_flow": flow(state, "default-provider-invalidation-flow"),
        "property_mappings": mappings(state, &["openid", "email", "profile", "ak_proxy"]),
        "redirect_uris": [
            { "matching_mode": "regex", "url": "https://wiki\\.home\\.example/outpost\\.goauthentik\\.io/callback\\?X-authentik-auth-callback=true" },
            { "matching_mode": "regex", "url": "https://wiki\\.home\\.example\\?X-authentik-auth-callback=true" },
        ],
        "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
    });
    let provider = add(state, Kind::Provider, provider);
    add(state, Kind::Application, json!({ "name": "Wiki", "slug": "wiki", "group": "Documents", "provider": provider }));
}

fn bind(state: &mut State, slug: &str, group: &Value) {
    let target = state.find(Kind::Application, "slug", &json!(slug)).map(|application| application["pk"].clone());
    add(state, Kind::Binding, json!({ "target": target, "group": group, "order": 0 }));
}
