//! What creating, changing and deleting do beyond the schema: defaults, uniqueness, side effects.

use serde_json::{Value, json};

use super::check::is_uuid;
use super::clock;
use super::http::{Object, Reply, Request};
use super::options::Version;
use super::resource::Resource;
use super::rights::Caller;
use super::sources;
use super::state::{Kind, State, list, object, text};

/// Completes a checked body to a new object, not stored yet; errors by field.
pub(super) fn create(state: &mut State, kind: Kind, clean: Object, caller: &Caller) -> Result<Object, Object> {
    refuse(conflicts_with(state, kind, None, &clean))?;
    let mut made = defaults(state, kind);
    made.extend(clean);
    if kind == Kind::Token {
        complete_token(state, &mut made, caller);
    }
    Ok(made)
}

/// Applies a checked body to a stored object; fields that are not in it stay.
pub(super) fn update(state: &mut State, kind: Kind, stored: &Object, clean: Object) -> Result<(), Object> {
    refuse(conflicts_with(state, kind, Some(stored), &clean))?;
    let proxy = text(stored, "component") == "ak-provider-proxy-form";
    if let Some(target) = state.by_key_mut(kind, &stored[kind.key()]) {
        target.extend(clean);
        match kind {
            // authentik fills both from the proxy's own form and loses them when the OAuth2 side is saved.
            Kind::Provider if proxy => {
                target.insert("redirect_uris".to_owned(), json!([]));
                target.insert("property_mappings".to_owned(), json!([]));
            }
            Kind::Token => renew(target),
            _ => {}
        }
    }
    Ok(())
}

/// Removes an object and what goes with it.
pub(super) fn delete(state: &mut State, kind: Kind, key: &Value) {
    let clear = |state: &mut State, kind: Kind, field: &str| {
        for other in state.all_mut(kind) {
            if other.get(field) == Some(key) {
                other.insert(field.to_owned(), Value::Null);
            }
        }
    };
    match kind {
        Kind::Application => state.remove(Kind::Binding, |binding| binding.get("target") == Some(key)),
        Kind::Group => state.remove(Kind::Binding, |binding| binding.get("group") == Some(key)),
        Kind::User => state.remove(Kind::Binding, |binding| binding.get("user") == Some(key)),
        Kind::Provider => clear(state, Kind::Application, "provider"),
        Kind::Flow => {
            state.remove(Kind::StageBinding, |binding| binding.get("target") == Some(key));
            state.remove(Kind::Binding, |binding| binding.get("target") == Some(key));
            for field in ["authentication_flow", "enrollment_flow"] {
                clear(state, Kind::Source, field);
            }
        }
        Kind::Policy => state.remove(Kind::Binding, |binding| binding.get("policy") == Some(key)),
        Kind::Source => {
            if let Some(source) = state.by_key(Kind::Source, key).cloned() {
                sources::abandon(state, &source);
            }
        }
        Kind::Certificate => {
            clear(state, Kind::Provider, "signing_key");
            clear(state, Kind::Source, "verification_kp");
        }
        _ => {}
    }
    let holders: &[(Kind, &str)] = match kind {
        Kind::User => &[(Kind::Group, "users")],
        Kind::Role => &[(Kind::Group, "roles"), (Kind::User, "roles")],
        Kind::ScopeMapping => &[(Kind::Provider, "property_mappings")],
        Kind::SourceMapping => &[(Kind::Source, "user_property_mappings")],
        Kind::Source => &[(Kind::IdentificationStage, "sources")],
        _ => &[],
    };
    for (holder, field) in holders {
        for other in state.all_mut(*holder) {
            if let Some(Value::Array(values)) = other.get_mut(*field) {
                values.retain(|value| value != key);
            }
        }
    }
    if kind == Kind::User {
        state.remove(Kind::Token, |token| token.get("user") == Some(key));
    }
    state.remove(kind, |object| object.get(kind.key()) == Some(key));
}

/// Whose a new token is, and how long it lives.
fn complete_token(state: &mut State, token: &mut Object, caller: &Caller) {
    let asked = token.get("user").and_then(Value::as_i64).filter(|_| caller.superuser);
    token.insert("user".to_owned(), json!(asked.unwrap_or(caller.user)));
    token.insert("maker".to_owned(), json!(caller.user));
    if !caller.superuser {
        let user = state.by_key(Kind::User, &json!(caller.user));
        let keeps = user.is_some_and(|user| user["attributes"]["goauthentik.io/user/token-expires"] == json!(false));
        token.insert("expiring".to_owned(), json!(!keeps));
        own_role(state, caller.user);
    }
    if text(token, "intent") != "app_password" {
        renew(token);
    } else if !token.contains_key("expires") {
        let expires = token.get("expiring") != Some(&json!(false));
        token.insert("expires".to_owned(), if expires { json!(clock::iso(clock::now() + TOKEN_LIFETIME)) } else { Value::Null });
    }
}

/// Since 2025.12 the rights on one's own objects sit in a role that comes with the first of them.
pub(super) fn own_role(state: &mut State, user: i64) {
    let name = format!("ak-managed-role--user-{user}");
    if state.version() < Version::V2025_12 || state.find(Kind::Role, "name", &json!(name)).is_some() {
        return;
    }
    let mut role = defaults(state, Kind::Role);
    role.insert("name".to_owned(), json!(name));
    let key = role["pk"].clone();
    state.insert(Kind::Role, role);
    if let Some(Value::Array(roles)) = state.by_key_mut(Kind::User, &json!(user)).and_then(|user| user.get_mut("roles")) {
        roles.push(key);
    }
}

/// An expiring API token lives this long from each change, in seconds, whatever is sent; the answer shows a date for the others too.
const TOKEN_LIFETIME: i64 = 1800;

fn renew(token: &mut Object) {
    let end = clock::now() + TOKEN_LIFETIME;
    token.insert("expires".to_owned(), json!(clock::iso(end)));
    token.insert("expires_at".to_owned(), json!(end));
}

fn defaults(state: &mut State, kind: Kind) -> Object {
    let pk = state.uuid();
    object(match kind {
        Kind::Application => json!({
            "pk": pk, "pbm_uuid": pk, "provider": null, "backchannel_providers": [], "open_in_new_tab": false, "meta_launch_url": "",
            "meta_icon": "", "meta_description": "", "meta_publisher": "", "policy_engine_mode": "any", "group": "", "meta_hide": false,
        }),
        Kind::Provider => {
            let (pk, client_id, client_secret) = (state.next_provider(), state.letters(40), state.letters(128));
            json!({
                "pk": pk, "component": "ak-provider-oauth2-form", "verbose_name": "OAuth2/OpenID Provider",
                "verbose_name_plural": "OAuth2/OpenID Providers", "meta_model_name": "authentik_providers_oauth2.oauth2provider",
                "authentication_flow": null, "property_mappings": [], "client_type": "confidential", "client_id": client_id,
                "client_secret": client_secret, "access_code_validity": "minutes=1", "access_token_validity": "hours=1",
                "refresh_token_validity": "days=30", "refresh_token_threshold": "seconds=0", "include_claims_in_id_token": true,
                "signing_key": null, "encryption_key": null, "logout_uri": "", "logout_method": "backchannel",
                "sub_mode": "hashed_user_id", "issuer_mode": "per_provider", "jwt_federation_sources": [],
                "jwt_federation_providers": [], "grant_types": [],
            })
        }
        Kind::Group => json!({
            "pk": pk, "num_pk": 10_000 + state.all(kind).len(), "is_superuser": false, "users": [], "roles": [], "attributes": {},
            "parent": null, "parents": [], "children": [],
        }),
        Kind::User => {
            let (user, uid, now) = (state.next_user(), state.hex(), clock::iso(clock::now()));
            json!({
                "pk": user, "uuid": pk, "uid": uid, "name": "", "email": "", "is_active": true, "last_login": null,
                "date_joined": now, "password_change_date": now, "last_updated": now, "roles": [], "attributes": {}, "path": "users",
                "type": "internal",
            })
        }
        Kind::Binding => json!({
            "pk": pk, "policy": null, "group": null, "user": null, "negate": false, "enabled": true, "order": 0, "timeout": 30,
            "failure_result": false,
        }),
        Kind::ScopeMapping => json!({
            "pk": pk, "managed": null, "description": "", "component": "ak-property-mapping-provider-scope-form",
            "verbose_name": "Scope Mapping", "verbose_name_plural": "Scope Mappings",
            "meta_model_name": "authentik_providers_oauth2.scopemapping",
        }),
        Kind::Source => {
            json!({
                "pk": pk, "enabled": true, "promoted": false, "authentication_flow": null, "enrollment_flow": null,
                "user_property_mappings": [], "group_property_mappings": [],
                "policy_engine_mode": "any", "user_matching_mode": "identifier", "managed": null,
                "user_path_template": "goauthentik.io/sources/%(slug)s", "icon": "", "group_matching_mode": "identifier",
            })
        }
        Kind::Policy => json!({
            "pk": pk, "execution_logging": false, "component": "ak-policy-expression-form", "verbose_name": "Expression Policy",
            "verbose_name_plural": "Expression Policies", "meta_model_name": "authentik_policies_expression.expressionpolicy",
            "bound_to": 0,
        }),
        Kind::SourceMapping => json!({
            "pk": pk, "managed": null, "component": "ak-property-mapping-source-oauth-form",
            "verbose_name": "OAuth Source Property Mapping", "verbose_name_plural": "OAuth Source Property Mappings",
            "meta_model_name": "authentik_sources_oauth.oauthsourcepropertymapping",
        }),
        Kind::Flow => {
            let policies = state.uuid();
            json!({
                "pk": pk, "policybindingmodel_ptr_id": policies, "background": "", "background_url": "", "background_themed_urls": null,
                "stages": [], "policies": [], "cache_count": 0, "policy_engine_mode": "any", "compatibility_mode": false,
                "layout": "stacked", "denied_action": "message_continue", "authentication": "none",
            })
        }
        Kind::StageBinding => {
            let policies = state.uuid();
            json!({
                "pk": pk, "policybindingmodel_ptr_id": policies, "evaluate_on_plan": false, "re_evaluate_policies": true,
                "policy_engine_mode": "any", "invalid_response_action": "retry",
            })
        }
        // A certificate that is imported: no key, and nothing is read from it here.
        Kind::Certificate => json!({
            "pk": pk, "managed": null, "private_key_available": false, "key_type": null, "fingerprint_sha256": null,
            "fingerprint_sha1": null, "cert_expiry": null, "cert_subject": null,
        }),
        Kind::Token => {
            let key = state.letters(60);
            json!({ "pk": pk, "managed": null, "intent": "verification", "description": "", "expiring": true, "key": key })
        }
        Kind::Role => json!({ "pk": pk, "rights": [], "object_rights": [] }),
        _ => json!({ "pk": pk }),
    })
}

fn refuse(errors: Object) -> Result<(), Object> {
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

/// The errors of a new object that the schema does not tell, by field.
pub(super) fn conflicts(state: &State, kind: Kind, clean: &Object) -> Object {
    conflicts_with(state, kind, None, clean)
}

/// The same for a change of `stored`.
fn conflicts_with(state: &State, kind: Kind, stored: Option<&Object>, clean: &Object) -> Object {
    let mut errors = Object::new();
    let taken = |field: &'static str| {
        let Some(value) = clean.get(field).filter(|value| !value.is_null()) else { return false };
        match stored {
            None => state.find(kind, field, value).is_some(),
            Some(own) => {
                let other = |object: &Object| object.get(field) == Some(value) && own[kind.key()] != object[kind.key()];
                state.all(kind).iter().any(other)
            }
        }
    };
    let mut unique = |field: &'static str, message: &str| {
        if taken(field) {
            errors.insert(field.to_owned(), json!([message]));
        }
    };
    match kind {
        Kind::Application => {
            unique("slug", "Application with this slug already exists.");
            unique("provider", "Application with this provider already exists.");
        }
        Kind::Provider => {
            unique("name", "provider with this name already exists.");
            unique("client_id", "OAuth2/OpenID Provider with this Client ID already exists.");
        }
        Kind::Source => unique("slug", "source with this slug already exists."),
        Kind::ScopeMapping | Kind::SourceMapping => unique("name", "Property Mapping with this name already exists."),
        Kind::Policy => unique("name", "Policy with this name already exists."),
        Kind::Flow => unique("slug", "Flow with this slug already exists."),
        Kind::Certificate => unique("name", "Certificate-Key Pair with this name already exists."),
        Kind::Group if state.version() >= Version::V2025_12 => unique("name", "Group with this name already exists."),
        Kind::Token => unique("identifier", "Token with this identifier already exists."),
        Kind::User => unique("username", "User with this username already exists."),
        _ => {}
    }
    if kind == Kind::Application
        && let Some(slug) = clean.get("slug").and_then(Value::as_str)
        && state.version() >= Version::V2025_12
        && ["authorize", "token", "device", "userinfo", "introspect", "revoke"].contains(&slug)
    {
        errors.insert("slug".to_owned(), json!([format!("The slug '{slug}' is reserved and cannot be used for applications.")]));
    }
    if let Some(uri) = list(clean, "redirect_uris").iter().find(|uri| uri["matching_mode"] == "regex" && bad_regex(&uri["url"])) {
        let pattern = uri["url"].as_str().unwrap_or_default();
        errors.insert("redirect_uris".to_owned(), json!([format!("Invalid Regex Pattern: {pattern}")]));
    }
    if kind == Kind::Token && stored.is_none() {
        let intent = text(clean, "intent");
        if !["", "api", "app_password"].contains(&intent) {
            errors.insert("intent".to_owned(), json!([format!("Invalid intent {intent}")]));
        }
    }
    let unset = |field: &str| clean.get(field).is_none_or(Value::is_null);
    if kind == Kind::Binding && stored.is_none() && ["group", "policy", "user"].iter().all(|field| unset(field)) {
        errors.insert("non_field_errors".to_owned(), json!(["One of 'group', 'policy', 'user' must be set."]));
    }
    let bound_already =
        |other: &&Object| !unset("policy") && ["policy", "target"].iter().all(|field| other.get(*field) == clean.get(*field));
    if kind == Kind::Binding && stored.is_none() && state.all(kind).iter().any(|other| bound_already(&other)) {
        errors.insert("non_field_errors".to_owned(), json!(["The fields policy, target, order must make a unique set."]));
    }
    // The server looks at what is sent alone: an emptied list needs the fields beside it.
    if kind == Kind::IdentificationStage && list(clean, "sources").is_empty() && list(clean, "user_fields").is_empty() {
        let message = "When no user fields are selected, at least one source must be selected";
        errors.insert("non_field_errors".to_owned(), json!([message]));
    }
    errors
}

fn bad_regex(pattern: &Value) -> bool {
    pattern.as_str().is_some_and(|pattern| regex::Regex::new(pattern).is_err())
}

/// Query parameters that are refused instead of ignored.
pub(super) fn check_filters(resource: &Resource, request: &Request) -> Result<(), Reply> {
    let target = request.param("target").unwrap_or_default();
    if resource.kind == Kind::Binding && !target.is_empty() && !is_uuid(target) {
        return Err(Reply::json(400, &json!({ "target": ["Enter a valid UUID."] })));
    }
    Ok(())
}

/// Filters that are more than a comparison of one field.
pub(super) fn matches(resource: &Resource, state: &State, object: &Object, request: &Request) -> bool {
    match resource.kind {
        Kind::Certificate => match request.param("has_key") {
            Some("true") => object["private_key_available"] == json!(true),
            Some("false") => object["private_key_available"] == json!(false),
            _ => true,
        },
        Kind::Provider => match request.param("application__isnull") {
            Some(wanted) => {
                let free = state.find(Kind::Application, "provider", &object["pk"]).is_none();
                free == (wanted == "true")
            }
            None => true,
        },
        Kind::Role => match request.param("users").and_then(|pk| pk.parse::<i64>().ok()) {
            Some(user) => super::rights::roles_of(state, user).contains(&object["pk"]),
            None => true,
        },
        Kind::Event => super::events::matches(state, object, request),
        _ => true,
    }
}
