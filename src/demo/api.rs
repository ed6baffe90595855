//! `/api/v3/`: finds what a request asks for.

use serde_json::{Value, json};

use super::http::{Reply, Request};
use super::options::Version;
use super::pages;
use super::resource::Resource;
use super::rights::{Caller, authenticate};
use super::schema::project;
use super::state::{Kind, State, text};
use super::{actions, crypto, present, sources, transaction, users};

/// Answers a request below `/api/v3/`; `path` is the rest.
pub(super) fn handle(state: &mut State, request: &Request, path: &str) -> Reply {
    let Some(path) = path.strip_suffix('/') else {
        return no_slash(state, request);
    };
    if request.method == "GET"
        && let Some(reply) = anonymous(state, path)
    {
        return reply;
    }
    let full = format!("{path}/");
    let found = Resource::find(&full);
    let found = found.filter(|(resource, _)| sources::has(resource, state.version()));
    if found.is_none() && !is_single(path) {
        return pages::not_found(state.version());
    }
    if !request.header("accept").is_empty() && !accepts_json(request.header("accept")) {
        return Reply::detail(406, "Could not satisfy the request Accept header.");
    }
    let caller = match authenticate(state, request) {
        Ok(caller) => caller,
        Err(reply) => return reply,
    };
    if let Some(reply) = single(state, &caller, request, path) {
        return reply;
    }
    match found {
        Some((resource, rest)) => collection(state, &caller, request, resource, &rest),
        None => not_allowed(request),
    }
}

/// A missing final slash: no such page for a read, an empty 405 for a write.
fn no_slash(state: &State, request: &Request) -> Reply {
    match request.method.as_str() {
        "GET" | "HEAD" | "OPTIONS" => pages::not_found(state.version()),
        _ => Reply::empty_405(),
    }
}

fn accepts_json(accept: &str) -> bool {
    ["application/json", "application/*", "*/*"].iter().any(|kind| accept.contains(kind))
}

pub(super) fn not_allowed(request: &Request) -> Reply {
    Reply::detail(405, &format!("Method \"{}\" not allowed.", request.method))
}

/// What anybody may read.
fn anonymous(state: &State, path: &str) -> Option<Reply> {
    let version = state.version();
    match path {
        "root/config" => {
            let mut config = json!({
                "error_reporting": { "enabled": false, "sentry_dsn": "", "environment": "customer", "send_pii": false, "traces_sample_rate": 0.1 },
                "capabilities": ["can_impersonate", "is_enterprise"],
                "cache_timeout": 300, "cache_timeout_flows": 300, "cache_timeout_policies": 300,
            });
            if version < Version::V2025_12 {
                config["cache_timeout_reputation"] = json!(0);
            }
            Some(Reply::json(200, &config))
        }
        "core/brands/current" => {
            let brand = state.all(Kind::Brand).first()?;
            let mut shown = brand.clone();
            for field in ["flow_authentication", "flow_invalidation", "flow_user_settings", "flow_recovery", "flow_device_code"] {
                match state.by_key(Kind::Flow, &brand[field]) {
                    Some(flow) => shown.insert(field.to_owned(), flow["slug"].clone()),
                    None => shown.remove(field),
                };
            }
            shown.insert("matched_domain".to_owned(), brand["domain"].clone());
            let mut shown = project("CurrentBrand", version, &shown);
            if version >= Version::V2026_5Rc1
                && let Some(flags) = shown["flags"].as_object_mut()
            {
                flags.remove("policies_buffered_access_view");
            }
            // The serializer leaves out the flows that are not set.
            if let Some(shown) = shown.as_object_mut() {
                shown.retain(|field, value| !field.starts_with("flow_") || value.as_str().is_some_and(|slug| !slug.is_empty()));
            }
            Some(Reply::json(200, &shown))
        }
        _ => None,
    }
}

/// Whether a path is an endpoint that is no collection.
fn is_single(path: &str) -> bool {
    matches!(
        path,
        "admin/version" | "core/users/me" | "core/transactional/applications" | "events/events" | "oauth2/access_tokens"
    ) || path.starts_with("events/events/")
        || path.starts_with("rbac/permissions/")
}

fn single(state: &mut State, caller: &Caller, request: &Request, path: &str) -> Option<Reply> {
    let reads = matches!(request.method.as_str(), "GET" | "HEAD");
    Some(match (path, request.method.as_str()) {
        ("admin/version", _) if reads => {
            let number = state.version().number();
            Reply::json(
                200,
                &json!({
                    "version_current": number, "version_latest": number, "version_latest_valid": true, "build_hash": "",
                    "outdated": false, "outpost_outdated": false,
                }),
            )
        }
        ("core/users/me", _) if reads => Reply::json(200, &present::me(state, caller)),
        ("core/transactional/applications", "PUT") => transaction::put(state, caller, request),
        ("core/users/service_account", "POST") => users::create_service_account(state, caller, request),
        ("crypto/certificatekeypairs/generate", "POST") => crypto::generate(state, caller, request),
        ("oauth2/access_tokens", _) if reads => access_tokens(state, caller, request),
        ("events/events", _) if reads => super::events::list(state, caller, request),
        _ => return users::assign(state, caller, request, path),
    })
}

/// Access tokens, from authentik's source: others than superusers see their own only. In no recording.
fn access_tokens(state: &State, caller: &Caller, request: &Request) -> Reply {
    let provider = request.param("provider").and_then(|pk| pk.parse().ok()).unwrap_or_default();
    let tokens = state.grants.access_tokens(provider);
    let results: Vec<Value> = tokens
        .into_iter()
        .filter(|grant| caller.superuser || grant.user == caller.user)
        .filter_map(|grant| {
            let user = state.by_key(Kind::User, &json!(grant.user))?;
            Some(json!({ "pk": grant.number, "user": user, "scope": grant.scopes, "is_expired": false, "revoked": false }))
        })
        .collect();
    Reply::json(200, &json!({ "pagination": { "next": 0, "count": results.len() }, "results": results }))
}

fn collection(state: &mut State, caller: &Caller, request: &Request, resource: &Resource, rest: &[&str]) -> Reply {
    let writable = !resource.request.is_empty();
    match (rest, request.method.as_str()) {
        ([], "GET" | "HEAD") => resource.list(state, caller, request),
        ([], "POST") if resource.kind == Kind::Role => users::create_role(state, caller, request),
        ([], "POST") if writable => resource.create(state, caller, request),
        // Rights come before the method.
        ([], "PUT" | "PATCH") if writable && !caller.may(&resource.right("change")) => Reply::forbidden(),
        ([id], "GET" | "HEAD") => match resource.get(state, caller, id) {
            Ok(object) => Reply::json(200, &present::show(state, resource, &object, Some(request))),
            Err(reply) => reply,
        },
        ([id], "PUT" | "PATCH") if writable => resource.update(state, caller, request, id),
        ([id], "DELETE") if writable || matches!(resource.kind, Kind::Certificate | Kind::Role) => {
            resource.delete(state, caller, request, id)
        }
        ([id, action], _) => actions::handle(state, caller, request, resource, id, action),
        _ => not_allowed(request),
    }
}

/// The slug of the flow that an identifier names, for addresses of pages.
pub(super) fn flow_slug(state: &State, pk: &Value) -> String {
    state.by_key(Kind::Flow, pk).map(|flow| text(flow, "slug").to_owned()).unwrap_or_default()
}
