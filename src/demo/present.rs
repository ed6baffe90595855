//! Objects as the API shows them: the stored fields, the computed ones, and only what the version has.

use serde_json::{Value, json};

use super::http::{Object, Request};
use super::options::Version;
use super::resource::Resource;
use super::rights::{self, Caller};
use super::schema::project;
use super::sources;
use super::state::{Kind, State, list, number, text};

/// The avatar of everybody; authentik draws the initials.
const AVATAR: &str = "data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciLz4=";

/// What only a superuser's own page lists.
const SYSTEM_RIGHTS: [&str; 8] = [
    "access_admin_interface",
    "add_role",
    "change_role",
    "delete_role",
    "edit_system_settings",
    "view_role",
    "view_system_info",
    "view_system_settings",
];

/// An object of a collection, as the answer to `request` (to a write when there is none).
pub(super) fn show(state: &State, resource: &Resource, object: &Object, request: Option<&Request>) -> Value {
    let version = state.version();
    let mut full = enrich(state, resource.kind, object);
    let off = |name: &str| request.is_some_and(|request| request.param(name) == Some("false"));
    match resource.kind {
        Kind::Certificate if off("include_details") && version != Version::V2026_5Rc1 => {
            for field in ["fingerprint_sha256", "fingerprint_sha1", "cert_expiry", "cert_subject", "key_type", "private_key_type"]
            {
                full.insert(field.to_owned(), Value::Null);
            }
        }
        Kind::Group if off("include_users") => {
            full.insert("users_obj".to_owned(), Value::Null);
        }
        Kind::User if off("include_groups") => {
            full.insert("groups_obj".to_owned(), Value::Null);
        }
        _ => {}
    }
    project(resource.response, version, &full)
}

/// The stored object with its computed fields.
pub(super) fn enrich(state: &State, kind: Kind, object: &Object) -> Object {
    let mut full = object.clone();
    let mut set = |field: &str, value: Value| {
        full.insert(field.to_owned(), value);
    };
    match kind {
        Kind::Application => {
            let provider = object.get("provider").and_then(|pk| state.by_key(Kind::Provider, pk));
            set("provider_obj", provider.map_or(Value::Null, |provider| enrich(state, Kind::Provider, provider).into()));
            set("launch_url", launch_url(object, provider));
            let icon = text(object, "meta_icon");
            let unset = if state.version() < Version::V2025_12 { Value::Null } else { json!("") };
            set("meta_icon", if icon.is_empty() { unset } else { json!(icon) });
            set("meta_icon_url", if icon.is_empty() { Value::Null } else { json!(icon) });
            set("meta_icon_themed_urls", Value::Null);
            set("backchannel_providers_obj", related(state, Kind::Provider, list(object, "backchannel_providers")));
        }
        Kind::Provider => {
            let application = object.get("pk").and_then(|pk| state.find(Kind::Application, "provider", pk));
            let of = |field: &str| application.map_or(Value::Null, |application| application[field].clone());
            set("assigned_application_slug", of("slug"));
            set("assigned_application_name", of("name"));
            set("assigned_backchannel_application_slug", Value::Null);
            set("assigned_backchannel_application_name", Value::Null);
        }
        Kind::Group => {
            set("users_obj", related(state, Kind::User, list(object, "users")));
            set("roles_obj", related(state, Kind::Role, list(object, "roles")));
            for field in ["parents_obj", "children_obj", "inherited_roles_obj", "parent_name"] {
                set(field, Value::Null);
            }
        }
        Kind::User => {
            let pk = number(object, "pk").unwrap_or_default();
            let groups = rights::groups_of(state, pk);
            set("groups", groups.iter().map(|group| group["pk"].clone()).collect());
            set("groups_obj", groups.iter().map(|group| Value::Object((*group).clone())).collect());
            set("roles_obj", related(state, Kind::Role, list(object, "roles")));
            set("is_superuser", json!(rights::is_superuser(state, pk)));
            set("avatar", json!(AVATAR));
        }
        Kind::Binding => {
            for (field, kind) in [("group", Kind::Group), ("user", Kind::User)] {
                let target = object.get(field).and_then(|pk| state.by_key(kind, pk));
                set(&format!("{field}_obj"), target.map_or(Value::Null, |target| enrich(state, kind, target).into()));
            }
            set("policy_obj", Value::Null);
        }
        Kind::IdentificationStage => {
            let pk = &object["pk"];
            let flows = state.all(Kind::Flow).iter().filter(|flow| list(flow, "stages").contains(pk));
            set("flow_set", flows.map(|flow| Value::Object(flow.clone())).collect());
        }
        Kind::Token => {
            let user = object.get("user").and_then(|pk| state.by_key(Kind::User, pk));
            set("user_obj", user.map_or(Value::Null, |user| enrich(state, Kind::User, user).into()));
        }
        Kind::Source => sources::enrich(state, object, &mut full),
        Kind::StageBinding => {
            let bound = object.get("stage").and_then(|pk| state.by_key(Kind::Stage, pk));
            set("stage_obj", bound.map_or(Value::Null, |bound| Value::Object(bound.clone())));
        }
        Kind::Certificate => {
            let address = format!("/api/v3/crypto/certificatekeypairs/{}", text(object, "pk"));
            set("certificate_download_url", json!(format!("{address}/view_certificate/?download")));
            set("private_key_download_url", json!(format!("{address}/view_private_key/?download")));
            set("private_key_type", object["key_type"].clone());
        }
        Kind::Flow => {
            set("export_url", json!(format!("/api/v3/flows/instances/{}/export/", text(object, "slug"))));
        }
        Kind::Brand | Kind::Event | Kind::Policy | Kind::Role | Kind::ScopeMapping | Kind::SourceMapping | Kind::Stage => {}
    }
    full
}

fn related(state: &State, kind: Kind, keys: &[Value]) -> Value {
    keys.iter().filter_map(|key| state.by_key(kind, key)).map(|object| Value::Object(enrich_once(state, kind, object))).collect()
}

/// Related objects are shown without their own relations, but for the name of an application's provider.
fn enrich_once(state: &State, kind: Kind, object: &Object) -> Object {
    if kind == Kind::Provider { enrich(state, kind, object) } else { object.clone() }
}

/// What the application's tile opens: its own address, else the origin of the provider's first callback.
fn launch_url(application: &Object, provider: Option<&Object>) -> Value {
    let own = text(application, "meta_launch_url");
    if !own.is_empty() {
        return json!(own);
    }
    let Some(provider) = provider else { return Value::Null };
    let external = text(provider, "external_host");
    if !external.is_empty() {
        return json!(external);
    }
    let first = list(provider, "redirect_uris").first().and_then(|uri| uri["url"].as_str());
    match first.and_then(|uri| url::Url::parse(uri).ok()) {
        Some(uri) if uri.has_host() => json!(uri.origin().ascii_serialization()),
        _ => Value::Null,
    }
}

/// Whether a user may open an application: no binding, or one that names the user or one of the user's groups. A superuser is no
/// exception.
pub(super) fn may_open(state: &State, application: &Object, user: i64) -> bool {
    let bindings = state.all(Kind::Binding).iter();
    let mut bound = bindings
        .filter(|binding| binding.get("target") == application.get("pk") && binding["enabled"] != json!(false))
        .peekable();
    if bound.peek().is_none() {
        return true;
    }
    let groups: Vec<&Value> = rights::groups_of(state, user).iter().map(|group| &group["pk"]).collect();
    let passes = |binding: &Object| {
        let named = binding["user"] == json!(user) || groups.contains(&&binding["group"]);
        named != (binding["negate"] == json!(true))
    };
    if text(application, "policy_engine_mode") == "all" { bound.all(passes) } else { bound.any(passes) }
}

/// The user that `for_user` names; only a superuser may ask for another one, the parameter is ignored otherwise.
pub(super) fn viewed_user(state: &State, caller: &Caller, request: &Request) -> i64 {
    let asked = request.param("for_user").and_then(|pk| pk.parse().ok());
    asked.filter(|pk| caller.superuser && state.by_key(Kind::User, &json!(pk)).is_some()).unwrap_or(caller.user)
}

/// The answer of `users/me`.
pub(super) fn me(state: &State, caller: &Caller) -> Value {
    let Some(user) = state.by_key(Kind::User, &json!(caller.user)) else { return Value::Null };
    let mut full = enrich(state, Kind::User, user);
    let named = |objects: Vec<&Object>| -> Value {
        objects.into_iter().map(|object| json!({ "name": object["name"], "pk": object["pk"] })).collect()
    };
    full.insert("groups".to_owned(), named(rights::groups_of(state, caller.user)));
    let roles = rights::roles_of(state, caller.user);
    full.insert("roles".to_owned(), named(roles.iter().filter_map(|role| state.by_key(Kind::Role, role)).collect()));
    let system: &[&str] = if caller.superuser { &SYSTEM_RIGHTS } else { &[] };
    full.insert("system_permissions".to_owned(), json!(system));
    full.insert("settings".to_owned(), json!({}));
    json!({ "user": project("UserSelf", state.version(), &full) })
}
