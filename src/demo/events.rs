//! The event log: what logins and the token endpoint leave behind.

use serde_json::{Value, json};

use super::clock;
use super::http::{Object, Reply, Request};
use super::options::Version;
use super::resource::{Resource, any_object};
use super::rights::Caller;
use super::state::{Kind, State, object, text};

const ACTIONS: [&str; 12] = [
    "login",
    "login_failed",
    "logout",
    "authorize_application",
    "configuration_error",
    "model_created",
    "model_updated",
    "model_deleted",
    "password_set",
    "secret_view",
    "source_linked",
    "suspicious_request",
];

static EVENTS: Resource = Resource {
    path: "events/events",
    kind: Kind::Event,
    lookup: "pk",
    class: "Event",
    label: "authentik_events",
    model: "event",
    request: "",
    response: "Event",
    filters: &["client_ip"],
    search: &["action", "app", "search_text"],
    ordering: "-created",
    holds: any_object,
};

/// `GET /events/events/`.
pub(super) fn list(state: &mut State, caller: &Caller, request: &Request) -> Reply {
    // 2024.12 ignores the repeated filter.
    if state.version() >= Version::V2025_12
        && let Some(unknown) = request.params("actions").find(|action| !ACTIONS.contains(action))
    {
        let message = format!("Select a valid choice. {unknown} is not one of the available choices.");
        return Reply::json(400, &json!({ "actions": [message] }));
    }
    EVENTS.list(state, caller, request)
}

/// Whether an event passes the filters that look into it. `created__gt` is ignored, as on the real server.
pub(super) fn matches(state: &State, event: &Object, request: &Request) -> bool {
    let action = text(event, "action");
    let mut wanted = request.params("actions").peekable();
    let several = state.version() < Version::V2025_12 || wanted.peek().is_none() || wanted.any(|wanted| wanted == action);
    let is = |name: &str, held: &Value| request.param(name).is_none_or(|wanted| held.as_str() == Some(wanted));
    several
        && request.param("action").is_none_or(|wanted| action.contains(wanted))
        && is("username", &event["user"]["username"])
        && is("context_authorized_app", &event["context"]["authorized_application"]["pk"])
}

/// A login reached the end of the authorize endpoint.
pub(super) fn authorized(
    state: &mut State,
    request: &Request,
    user: i64,
    application: &Object,
    provider: &Object,
    scopes: &[String],
) {
    let plain = |pk: &Value| pk.as_str().unwrap_or_default().replace('-', "");
    let context = json!({
        "flow": plain(&provider["authorization_flow"]),
        "scopes": scopes.join(" "),
        "http_request": http_request(request),
        "authorized_application": {
            "pk": plain(&application["pk"]), "app": "authentik_core", "name": application["name"], "model_name": "application",
        },
    });
    record(state, user, "authorize_application", "authentik.providers.oauth2.views.authorize", &context);
}

/// A code came to the token endpoint with a redirect URI that is not the provider's.
pub(super) fn wrong_redirect(state: &mut State, request: &Request, provider: &Object, redirect_uri: &str) {
    let context = json!({
        "message": "Invalid redirect URI used by provider",
        "expected": provider["redirect_uris"],
        "provider": { "pk": provider["pk"], "app": "authentik_providers_oauth2", "name": provider["name"], "model_name": "oauth2provider" },
        "http_request": http_request(request),
        "redirect_uri": redirect_uri,
    });
    record(state, 0, "configuration_error", "authentik.providers.oauth2.views.token", &context);
}

/// Somebody made, changed or deleted an object.
pub(super) fn changed(state: &mut State, request: &Request, user: i64, action: &str, resource: &Resource, object: &Object) {
    let name = if object.contains_key("name") { object["name"].clone() } else { object[resource.lookup].clone() };
    let model = json!({ "pk": object[resource.kind.key()], "app": resource.label, "name": name, "model_name": resource.model });
    let context = json!({ "model": model, "http_request": http_request(request) });
    record(state, user, action, "authentik.events.middleware", &context);
}

fn http_request(request: &Request) -> Value {
    let args: Object = request.query.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
    json!({ "args": args, "path": request.path, "method": request.method, "request_id": "", "user_agent": request.header("user-agent") })
}

/// Adds an event; user 0 is nobody.
pub(super) fn record(state: &mut State, user: i64, action: &str, app: &str, context: &Value) {
    let person = match state.by_key(Kind::User, &json!(user)) {
        Some(user) => json!({ "pk": user["pk"], "email": user["email"], "username": user["username"] }),
        None => json!({ "pk": 1, "email": "", "username": "AnonymousUser", "is_anonymous": true }),
    };
    let now = clock::now();
    // Events of one second keep their order.
    let created = clock::iso(now).replace('Z', &format!(".{:06}Z", state.all(Kind::Event).len()));
    let event = object(json!({
        "pk": state.uuid(), "user": person, "action": action, "app": app, "context": context, "client_ip": "127.0.0.1",
        "created": created, "expires": clock::iso(now + clock::days(365)),
        "brand": { "pk": "", "app": "authentik_brands", "name": "Default brand", "model_name": "brand" },
        "search_text": context.to_string(),
    }));
    state.insert(Kind::Event, event);
}
