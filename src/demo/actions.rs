//! The actions below one object: `…/<id>/<action>/`.

use serde_json::{Value, json};

use super::api::not_allowed;
use super::http::{Object, Reply, Request};
use super::oidc::{claims, urls};
use super::options::Version;
use super::pages;
use super::resource::Resource;
use super::rights::Caller;
use super::state::{Kind, State, list, text};
use super::{crypto, present};

/// Answers an action.
pub(super) fn handle(
    state: &mut State,
    caller: &Caller,
    request: &Request,
    resource: &Resource,
    id: &str,
    action: &str,
) -> Reply {
    let known = match resource.kind {
        Kind::Application => application(state, caller, request, resource, id, action),
        Kind::Provider => provider(state, caller, request, resource, id, action),
        Kind::Certificate => certificate(state, caller, resource, id, action),
        Kind::Group | Kind::Role => members(state, caller, request, resource, id, action),
        Kind::Token => token(state, caller, request, resource, id, action),
        Kind::User => user(state, caller, request, resource, id, action),
        _ => None,
    };
    known.unwrap_or_else(|| pages::not_found(state.version()))
}

fn application(
    state: &mut State,
    caller: &Caller,
    request: &Request,
    resource: &Resource,
    slug: &str,
    action: &str,
) -> Option<Reply> {
    match action {
        "check_access" => {
            let Some(application) = state.find(Kind::Application, "slug", &json!(slug)) else {
                return Some(resource.not_found(state.version()));
            };
            let passing = present::may_open(state, application, present::viewed_user(state, caller, request));
            Some(Reply::json(200, &json!({ "passing": passing, "messages": [], "log_messages": [] })))
        }
        // Until 2025.10 only; from the schema and source, in no recording.
        "set_icon_url" if state.version() < Version::V2025_12 => {
            if request.method != "POST" {
                return Some(not_allowed(request));
            }
            let found = resource.get(state, caller, slug);
            let body = request.json();
            Some(match (found, body) {
                (Err(reply), _) | (_, Err(reply)) => reply,
                (Ok(found), Ok(body)) => {
                    if !caller.may_on("authentik_core.change_application", &found["pk"]) {
                        return Some(Reply::forbidden());
                    }
                    let Some(address) = body.get("url").filter(|url| url.is_string()) else {
                        return Some(Reply::json(400, &json!({ "url": ["This field is required."] })));
                    };
                    if let Some(stored) = state.by_key_mut(Kind::Application, &found["pk"]) {
                        stored.insert("meta_icon".to_owned(), address.clone());
                    }
                    Reply::json(200, &json!({}))
                }
            })
        }
        _ => None,
    }
}

fn provider(state: &mut State, caller: &Caller, request: &Request, resource: &Resource, id: &str, action: &str) -> Option<Reply> {
    if request.method != "GET" {
        return Some(not_allowed(request));
    }
    if action == "setup_urls" {
        // The only action that needs no right.
        let found = id.parse::<i64>().ok().and_then(|pk| state.by_key(Kind::Provider, &json!(pk)));
        return Some(match found {
            Some(provider) => Reply::json(200, &setup_urls(state, provider, request)),
            None => resource.not_found(state.version()),
        });
    }
    if !matches!(action, "preview_user" | "used_by") {
        return None;
    }
    let provider = match resource.get(state, caller, id) {
        Ok(provider) => provider,
        Err(reply) => return Some(reply),
    };
    if action == "used_by" {
        // Others see only the uses that they hold rights on; the recorded account held none of them.
        let uses = if caller.superuser { used_by(state, &provider) } else { json!([]) };
        return Some(Reply::json(200, &uses));
    }
    let mut user = caller.user;
    if let Some(asked) = request.param("for_user") {
        let Ok(asked) = asked.parse::<i64>() else {
            return Some(Reply::json(400, &json!({ "for_user": "input must be numerical" })));
        };
        let known = state.by_key(Kind::User, &json!(asked)).is_some();
        if !known || (asked != caller.user && !caller.may("authentik_core.preview_user")) {
            return Some(Reply::json(400, &json!({ "for_user": "User not found" })));
        }
        user = asked;
    }
    let mapped: Vec<String> = list(&provider, "property_mappings")
        .iter()
        .filter_map(|pk| state.by_key(Kind::ScopeMapping, pk))
        .map(|mapping| text(mapping, "scope_name").to_owned())
        .collect();
    let mut preview = claims::id_token(state, &provider, user, &mapped, &request.origin());
    if state.version() >= Version::V2026_5Rc1 {
        preview.insert("jti".to_owned(), json!("preview"));
    }
    Some(Reply::json(200, &json!({ "preview": preview })))
}

fn setup_urls(state: &State, provider: &Object, request: &Request) -> Value {
    let Some(application) = state.find(Kind::Application, "provider", &provider["pk"]) else {
        return json!({ "issuer": null, "authorize": null, "token": null, "user_info": null, "provider_info": null, "logout": null, "jwks": null });
    };
    let addresses = urls::Urls::new(&request.origin(), provider, text(application, "slug"));
    json!({
        "issuer": addresses.issuer, "authorize": addresses.at("authorize/"), "token": addresses.at("token/"),
        "user_info": addresses.at("userinfo/"), "provider_info": addresses.of(".well-known/openid-configuration"),
        "logout": addresses.of("end-session/"), "jwks": addresses.of("jwks/"),
    })
}

fn used_by(state: &State, provider: &Object) -> Value {
    let entry = |app: &str, model: &str, object: &Object, label: &str, action: &str| json!({ "app": app, "model_name": model, "pk": object["pk"], "name": format!("{label}{}", text(object, "name")), "action": action });
    let mappings = list(provider, "property_mappings").iter().filter_map(|pk| state.by_key(Kind::ScopeMapping, pk));
    let mut uses: Vec<Value> = mappings
        .map(|mapping| entry("authentik_core", "propertymapping", mapping, "Property Mapping ", "cascade_many"))
        .collect();
    let application = state.find(Kind::Application, "provider", &provider["pk"]);
    uses.extend(application.map(|application| entry("authentik_core", "application", application, "", "set_null")));
    json!(uses)
}

fn certificate(state: &State, caller: &Caller, resource: &Resource, id: &str, action: &str) -> Option<Reply> {
    let private = match action {
        "view_certificate" => false,
        "view_private_key" => true,
        _ => return None,
    };
    let right = if private {
        "authentik_crypto.view_certificatekeypair_key"
    } else {
        "authentik_crypto.view_certificatekeypair_certificate"
    };
    Some(match resource.get(state, caller, id) {
        Ok(_) if !caller.may(right) => Reply::forbidden(),
        Ok(_) => crypto::view(private),
        Err(reply) => reply,
    })
}

/// `add_user` and `remove_user` of groups and roles.
fn members(state: &mut State, caller: &Caller, request: &Request, resource: &Resource, id: &str, action: &str) -> Option<Reply> {
    if !matches!(action, "add_user" | "remove_user") {
        return None;
    }
    if resource.kind == Kind::Role && state.version() < Version::V2025_12 {
        return Some(Reply::empty_405());
    }
    let (right, field) = match resource.kind {
        Kind::Group if action == "add_user" => ("authentik_core.add_user_to_group", "users"),
        Kind::Group => ("authentik_core.remove_user_from_group", "users"),
        _ => ("authentik_rbac.change_role", "roles"),
    };
    if !caller.may(right) {
        return Some(Reply::forbidden());
    }
    let member = match request.json() {
        Ok(body) => body.get("pk").cloned().unwrap_or_default(),
        Err(reply) => return Some(reply),
    };
    let key = json!(id);
    if state.by_key(resource.kind, &key).is_none() || state.by_key(Kind::User, &member).is_none() {
        return Some(resource.not_found(state.version()));
    }
    // A group lists its users; a user lists its roles.
    let (kind, owner, entry) = if resource.kind == Kind::Group { (Kind::Group, key, member) } else { (Kind::User, member, key) };
    if let Some(Value::Array(entries)) = state.by_key_mut(kind, &owner).and_then(|object| object.get_mut(field)) {
        entries.retain(|held| *held != entry);
        if action == "add_user" {
            entries.push(entry);
        }
    }
    Some(Reply::no_content())
}

fn token(state: &mut State, caller: &Caller, request: &Request, resource: &Resource, id: &str, action: &str) -> Option<Reply> {
    if !matches!(action, "view_key" | "set_key") {
        return None;
    }
    let token = match resource.get(state, caller, id) {
        Ok(token) => token,
        // 2026.5 checks the right before it looks.
        Err(_)
            if state.version() >= Version::V2026_5Rc1
                && !caller.superuser
                && state.find(Kind::Token, "identifier", &json!(id)).is_some() =>
        {
            return Some(Reply::forbidden());
        }
        Err(reply) => return Some(reply),
    };
    let own = token.get("user") == Some(&json!(caller.user)) && token.get("maker") == Some(&json!(caller.user));
    let right = if action == "view_key" { "authentik_core.view_token_key" } else { "authentik_core.set_token_key" };
    if !own && !caller.may(right) {
        return Some(Reply::forbidden());
    }
    if action == "view_key" {
        return Some(Reply::json(200, &json!({ "key": token["key"] })));
    }
    let key = match request.json() {
        Ok(body) => body.get("key").cloned().unwrap_or_default(),
        Err(reply) => return Some(reply),
    };
    if let Some(stored) = state.by_key_mut(Kind::Token, &token["pk"]) {
        stored.insert("key".to_owned(), key);
    }
    Some(Reply::no_content())
}

fn user(state: &State, caller: &Caller, request: &Request, resource: &Resource, id: &str, action: &str) -> Option<Reply> {
    if action != "set_password" || request.method != "POST" {
        return None;
    }
    Some(match resource.get(state, caller, id) {
        Ok(_) if !caller.may("authentik_core.reset_user_password") => Reply::forbidden(),
        // Nobody signs in with a password here, so it is not kept.
        Ok(_) => Reply::no_content(),
        Err(reply) => reply,
    })
}
