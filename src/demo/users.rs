//! Accounts, roles and the rights of roles.

use serde_json::{Value, json};

use super::http::{Object, Reply, Request};
use super::objects;
use super::options::Version;
use super::pages;
use super::resource::{RESOURCES, Resource, invalid};
use super::rights::{Caller, key_text};
use super::state::{Kind, State, list, object, text};

/// `POST /core/users/service_account/`: a user, an app password (no API token) and, if asked, a group.
pub(super) fn create_service_account(state: &mut State, caller: &Caller, request: &Request) -> Reply {
    if !caller.may("authentik_core.add_user") {
        return Reply::forbidden();
    }
    let body = match request
        .json()
        .and_then(|body| super::check::check(state, "UserServiceAccountRequest", &body, false).map_err(invalid))
    {
        Ok(body) => body,
        Err(reply) => return reply,
    };
    let name = body["name"].clone();
    if state.find(Kind::User, "username", &name).is_some() {
        return Reply::json(400, &taken(state, &key_text(&name)));
    }
    let expires = body.get("expiring") != Some(&json!(false));
    let fields = object(json!({
        "username": name, "name": name, "type": "service_account", "path": "goauthentik.io/service-accounts",
        "attributes": { "goauthentik.io/user/token-expires": expires },
    }));
    let Ok(user) = objects::create(state, Kind::User, fields, caller) else { return Reply::empty_405() };
    let user_pk = user["pk"].clone();
    let mut answer = json!({ "username": name, "user_uid": user["uid"], "user_pk": user_pk });
    state.insert(Kind::User, user);
    if body.get("create_group") == Some(&json!(true))
        && let Ok(group) = objects::create(state, Kind::Group, object(json!({ "name": name, "users": [user_pk] })), caller)
    {
        answer["group_pk"] = group["pk"].clone();
        state.insert(Kind::Group, group);
    }
    let identifier = format!("service-account-{}-password", key_text(&name));
    let password = object(json!({ "identifier": identifier, "intent": "app_password" }));
    if let Ok(mut password) = objects::create(state, Kind::Token, password, caller) {
        password.insert("user".to_owned(), user_pk);
        password.insert("expiring".to_owned(), json!(expires));
        answer["token"] = password["key"].clone();
        state.insert(Kind::Token, password);
    }
    Reply::json(200, &answer)
}

/// The error for a name that somebody has; 2024.12 lets the database speak.
fn taken(state: &State, name: &str) -> Value {
    if state.version() >= Version::V2025_12 {
        return json!({ "name": ["This field must be unique."] });
    }
    let constraint = "duplicate key value violates unique constraint \"authentik_core_user_username_key\"";
    json!({ "non_field_errors": [format!("{constraint}\nDETAIL:  Key (username)=({name}) already exists.")] })
}

/// `POST /rbac/roles/`.
pub(super) fn create_role(state: &mut State, caller: &Caller, request: &Request) -> Reply {
    if !caller.may("authentik_rbac.add_role") {
        return Reply::forbidden();
    }
    let body = match request.json() {
        Ok(body) => body,
        Err(reply) => return reply,
    };
    let name = body.get("name").cloned().unwrap_or_default();
    if name.is_null() {
        return Reply::json(400, &json!({ "name": ["This field is required."] }));
    }
    if state.find(Kind::Role, "name", &name).is_some() {
        return Reply::json(400, &json!({ "name": ["Role with this name already exists."] }));
    }
    match objects::create(state, Kind::Role, object(json!({ "name": name })), caller) {
        Ok(role) => {
            let shown = json!({ "pk": role["pk"], "name": role["name"] });
            state.insert(Kind::Role, role);
            Reply::json(201, &shown)
        }
        Err(errors) => invalid(errors),
    }
}

/// `/rbac/permissions/assigned_by_roles/<role>/{assign,unassign}/`; no answer for other paths.
pub(super) fn assign(state: &mut State, caller: &Caller, request: &Request, path: &str) -> Option<Reply> {
    let rest = path.strip_prefix("rbac/permissions/")?;
    let parts: Vec<&str> = rest.split('/').collect();
    let ["assigned_by_roles", role, action] = parts[..] else { return Some(pages::not_found(state.version())) };
    let right = if action == "assign" { "assign_role_permissions" } else { "unassign_role_permissions" };
    if !caller.may(&format!("authentik_rbac.{right}")) {
        return Some(Reply::forbidden());
    }
    let body = match request.json() {
        Ok(body) => body,
        Err(reply) => return Some(reply),
    };
    Some(change_rights(state, &json!(role), action == "assign", &body))
}

fn change_rights(state: &mut State, role: &Value, assign: bool, body: &Object) -> Reply {
    let (model, pk) = (text(body, "model").to_owned(), body.get("object_pk").map(key_text).unwrap_or_default());
    let mut rights = Vec::new();
    for right in list(body, "permissions").iter().filter_map(Value::as_str) {
        if !right.contains('.') && pk.is_empty() {
            let message = "When assigning global permissions, codename must be given as app_label.codename";
            return Reply::json(400, &json!({ "permissions": [message] }));
        }
        if !right.contains('.') && state.version() >= Version::V2026_5Rc1 {
            return Reply::empty_405();
        }
        let label = model.split('.').next().unwrap_or_default();
        rights.push(if right.contains('.') { right.to_owned() } else { format!("{label}.{right}") });
    }
    let Some(stored) = state.by_key_mut(Kind::Role, role) else {
        return RESOURCES
            .iter()
            .find(|resource| resource.kind == Kind::Role)
            .map_or_else(Reply::empty_405, |roles: &Resource| roles.not_found(state.version()));
    };
    if rights.iter().any(|right| !is_known(right)) {
        return Reply::empty_405();
    }
    let (field, entries): (_, Vec<Value>) = if pk.is_empty() {
        ("rights", rights.into_iter().map(Value::from).collect())
    } else {
        ("object_rights", rights.into_iter().map(|right| json!([right, pk])).collect())
    };
    if let Some(Value::Array(held)) = stored.get_mut(field) {
        held.retain(|right| !entries.contains(right));
        if assign {
            held.extend(entries.iter().cloned());
        }
    }
    if !assign {
        return Reply::no_content();
    }
    let ids: Vec<Value> = (1..=entries.len()).map(|id| json!({ "id": id.to_string() })).collect();
    Reply::json(200, &json!(ids))
}

/// Whether a right exists: one of the four of a known model, or a special one.
fn is_known(right: &str) -> bool {
    let (label, codename) = right.split_once('.').unwrap_or_default();
    let (action, model) = codename.split_once('_').unwrap_or_default();
    let known = RESOURCES.iter().any(|resource| resource.label == label && resource.model == model);
    let other = matches!(
        right,
        "authentik_core.preview_user"
            | "authentik_core.add_user_to_group"
            | "authentik_core.remove_user_from_group"
            | "authentik_core.view_token_key"
            | "authentik_rbac.view_system_info"
    );
    let event = label == "authentik_events" && model == "event";
    other || ((known || event) && matches!(action, "add" | "view" | "change" | "delete"))
}
