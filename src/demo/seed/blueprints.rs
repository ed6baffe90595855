//! What authentik's default blueprints make, as the recordings show it.

use serde_json::json;

use crate::demo::options::Version;
use crate::demo::state::{Kind, State, object};

use super::{ADMIN_TOKEN, add};

/// Slug, name, title, designation, who may run it, number of stages.
type Flow = (&'static str, &'static str, &'static str, &'static str, &'static str, usize);

const FLOWS: [Flow; 14] = [
    ("default-authentication-flow", "Welcome to authentik!", "Welcome to authentik!", "authentication", "none", 4),
    (
        "default-authenticator-static-setup",
        "default-authenticator-static-setup",
        "Setup Static OTP Tokens",
        "stage_configuration",
        "require_authenticated",
        1,
    ),
    (
        "default-authenticator-totp-setup",
        "default-authenticator-totp-setup",
        "Set up Two-Factor authentication",
        "stage_configuration",
        "require_authenticated",
        1,
    ),
    (
        "default-authenticator-webauthn-setup",
        "default-authenticator-webauthn-setup",
        "Setup WebAuthn",
        "stage_configuration",
        "require_authenticated",
        1,
    ),
    ("default-invalidation-flow", "Logout", "Default Invalidation Flow", "invalidation", "none", 1),
    ("default-password-change", "Change Password", "Change password", "stage_configuration", "require_authenticated", 2),
    (
        "default-provider-authorization-explicit-consent",
        "Authorize Application",
        "Redirecting to %(app)s",
        "authorization",
        "require_authenticated",
        1,
    ),
    (
        "default-provider-authorization-implicit-consent",
        "Authorize Application",
        "Redirecting to %(app)s",
        "authorization",
        "require_authenticated",
        0,
    ),
    (
        "default-provider-invalidation-flow",
        "Logged out of application",
        "You've logged out of %(app)s.",
        "invalidation",
        "none",
        0,
    ),
    (
        "default-source-authentication",
        "Welcome to authentik!",
        "Welcome to authentik!",
        "authentication",
        "require_unauthenticated",
        1,
    ),
    (
        "default-source-enrollment",
        "Welcome to authentik! Please select a username.",
        "Welcome to authentik! Please select a username.",
        "enrollment",
        "none",
        3,
    ),
    ("default-source-pre-authentication", "Pre-Authentication", "Pre-authentication", "stage_configuration", "none", 0),
    ("default-user-settings-flow", "User settings", "Update your info", "stage_configuration", "require_authenticated", 2),
    ("initial-setup", "default-oobe-setup", "Welcome to authentik!", "stage_configuration", "none", 3),
];

/// Scope, name and description of the default mappings, with the end of the `managed` identifier and the expression.
const MAPPINGS: [[&str; 5]; 7] = [
    [
        "ak_proxy",
        "authentik default OAuth Mapping: Proxy outpost",
        "authentik Proxy - User information",
        "goauthentik.io/providers/proxy/scope-proxy",
        "# This mapping is used by the authentik proxy. It passes extra user attributes,\n# which are used for example for the HTTP-Basic Authentication mapping.\nreturn {\n    \"ak_proxy\": {\n        \"user_attributes\": request.user.group_attributes(request),\n        \"is_superuser\": request.user.is_superuser,\n    }\n}",
    ],
    [
        "email",
        "authentik default OAuth Mapping: OpenID 'email'",
        "Email address",
        "goauthentik.io/providers/oauth2/scope-email",
        "return {\n    \"email\": request.user.email,\n    \"email_verified\": {email_verified}\n}",
    ],
    [
        "entitlements",
        "authentik default OAuth Mapping: Application Entitlements",
        "Application entitlements",
        "goauthentik.io/providers/oauth2/scope-entitlements",
        "entitlements = [entitlement.name for entitlement in request.user.app_entitlements(provider.application)]\nreturn {\n    \"entitlements\": entitlements,\n    \"roles\": entitlements,\n}",
    ],
    [
        "goauthentik.io/api",
        "authentik default OAuth Mapping: authentik API access",
        "authentik API Access on behalf of your user",
        "goauthentik.io/providers/oauth2/scope-authentik_api",
        "# This scope grants the application the ability to access the authentik API\n# on behalf of the authorizing user\nreturn {}",
    ],
    [
        "offline_access",
        "authentik default OAuth Mapping: OpenID 'offline_access'",
        "Access to request new tokens without interaction",
        "goauthentik.io/providers/oauth2/scope-offline_access",
        "# This scope grants the application a refresh token that can be used to refresh user data\n# and let the application access authentik without the users interaction\nreturn {}",
    ],
    [
        "openid",
        "authentik default OAuth Mapping: OpenID 'openid'",
        "",
        "goauthentik.io/providers/oauth2/scope-openid",
        "# This scope is required by the OpenID-spec, and must as such exist in authentik.\n# The scope by itself does not grant any information\nreturn {}",
    ],
    [
        "profile",
        "authentik default OAuth Mapping: OpenID 'profile'",
        "General Profile Information",
        "goauthentik.io/providers/oauth2/scope-profile",
        "return {\n    # Because authentik only saves the user's full name, and has no concept of first and last names,\n    # the full name is used as given name.\n    # You can override this behaviour in custom mappings, i.e. `request.user.name.split(\" \")`\n    \"name\": request.user.name,\n    \"given_name\": request.user.name,\n    \"preferred_username\": request.user.username,\n    \"nickname\": request.user.username,\n    \"groups\": [group.name for group in request.user.{groups}.all()],\n}",
    ],
];

/// Flows, mappings, the brand, the built-in source, the administrator and the groups of a new server.
pub(super) fn apply(state: &mut State) {
    let identification = flows(state);
    mappings(state);
    people(state);
    brand(state);
    state.insert(
        Kind::IdentificationStage,
        object(json!({
            "pk": identification, "name": "default-authentication-identification", "component": "ak-stage-identification-form",
            "verbose_name": "Identification Stage", "verbose_name_plural": "Identification Stages",
            "meta_model_name": "authentik_stages_identification.identificationstage", "user_fields": ["email", "username"],
            "password_stage": null, "captcha_stage": null, "case_insensitive_matching": true, "show_matched_user": true,
            "enrollment_flow": null, "recovery_flow": null, "passwordless_flow": null, "sources": [], "show_source_labels": false,
            "pretend_user_exists": true, "enable_remember_me": false, "webauthn_stage": null,
        })),
    );
    add(
        state,
        Kind::Source,
        json!({
            "name": "authentik Built-in", "slug": "authentik-built-in", "component": "", "verbose_name": "source",
            "verbose_name_plural": "sources", "meta_model_name": "authentik_core.source", "managed": "goauthentik.io/sources/inbuilt",
        }),
    );
}

/// Returns the key of the identification stage, the first of the authentication flow.
fn flows(state: &mut State) -> String {
    let mut identification = String::new();
    for (slug, name, title, designation, authentication, stages) in FLOWS {
        let stages: Vec<String> = (0..stages).map(|_| state.uuid()).collect();
        if slug == "default-authentication-flow" {
            identification.clone_from(&stages[0]);
        }
        for (place, pk) in stages.iter().enumerate() {
            if let Some((name, component)) = stage_name(slug, place) {
                state.insert(Kind::Stage, object(json!({ "pk": pk, "name": name, "component": component })));
            }
        }
        let title = if state.version() < Version::V2025_12 { title.replace("Set up", "Setup") } else { title.to_owned() };
        let (pk, policies) = (state.uuid(), state.uuid());
        state.insert(
            Kind::Flow,
            object(json!({
                "pk": pk, "policybindingmodel_ptr_id": policies, "name": name, "slug": slug, "title": title, "designation": designation,
                "background": if state.version() < Version::V2025_12 { "/static/dist/assets/images/flow_background.jpg" } else { "" },
                "background_url": "/static/dist/assets/images/flow_background.jpg", "background_themed_urls": null,
                "stages": stages, "policies": [], "cache_count": 0, "policy_engine_mode": "any", "compatibility_mode": false,
                "layout": "stacked", "denied_action": "message_continue", "authentication": authentication,
            })),
        );
    }
    identification
}

/// The stages of the default source flows, in their order there; others are never asked for.
fn stage_name(flow: &str, place: usize) -> Option<(&'static str, &'static str)> {
    Some(match (flow, place) {
        ("default-source-authentication", 0) => ("default-source-authentication-login", "ak-stage-user-login-form"),
        ("default-source-enrollment", 0) => ("default-source-enrollment-prompt", "ak-stage-prompt-form"),
        ("default-source-enrollment", 1) => ("default-source-enrollment-write", "ak-stage-user-write-form"),
        ("default-source-enrollment", 2) => ("default-source-enrollment-login", "ak-stage-user-login-form"),
        _ => return None,
    })
}

fn mappings(state: &mut State) {
    // `email_verified` is false since 2025.10, and `groups` has replaced `ak_groups` since 2026.2.
    let verified = if state.version() < Version::V2025_12 { "True" } else { "False" };
    let groups = if state.version() < Version::V2026_5Rc1 { "ak_groups" } else { "groups" };
    for [scope, name, description, managed, expression] in MAPPINGS {
        let expression = expression.replace("{email_verified}", verified).replace("{groups}", groups);
        let fields = json!({ "managed": managed, "name": name, "expression": expression, "scope_name": scope, "description": description });
        add(state, Kind::ScopeMapping, fields);
    }
}

fn people(state: &mut State) {
    let outpost = |state: &mut State| {
        let username = "ak-outpost-963f3fedbc444980bf185fef434301aa";
        let name = "Outpost authentik Embedded Outpost Service-Account";
        let fields =
            json!({ "username": username, "name": name, "path": "goauthentik.io/outposts", "type": "internal_service_account" });
        let pk = add(state, Kind::User, fields);
        crate::demo::objects::own_role(state, pk.as_i64().unwrap_or_default());
    };
    // The numbers of the accounts are the recorded ones: a real server makes others in between.
    let old = state.version() < Version::V2025_12;
    state.next_user();
    if old {
        outpost(state);
    }
    for _ in 0..if old { 3 } else { 1 } {
        state.next_user();
    }
    let administrator = add(
        state,
        Kind::User,
        json!({ "username": "akadmin", "name": "authentik Default Admin", "email": "akadmin@example.test" }),
    );
    if !old {
        outpost(state);
    }
    add(state, Kind::Group, json!({ "name": "authentik Admins", "is_superuser": true, "users": [administrator] }));
    let reader = add(state, Kind::Role, json!({ "name": "authentik Read-only" }));
    let notes = "An group with an auto-generated role that allows read-only permissions on all objects.\n";
    add(state, Kind::Group, json!({ "name": "authentik Read-only", "roles": [reader], "attributes": { "notes": notes } }));
    let token = json!({ "identifier": "authentik-bootstrap-token", "intent": "api", "expiring": false, "key": ADMIN_TOKEN });
    add(state, Kind::Token, token);
}

fn brand(state: &mut State) {
    let flow = |slug: &str| state.find(Kind::Flow, "slug", &json!(slug)).map(|flow| flow["pk"].clone());
    let (login, logout, settings) =
        (flow("default-authentication-flow"), flow("default-invalidation-flow"), flow("default-user-settings-flow"));
    let brand_uuid = state.uuid();
    state.insert(
        Kind::Brand,
        object(json!({
            "brand_uuid": brand_uuid, "domain": "authentik-default", "default": true, "branding_title": "authentik",
            "branding_logo": "/static/dist/assets/icons/icon_left_brand.svg", "branding_favicon": "/static/dist/assets/icons/icon.png",
            "branding_custom_css": "", "branding_default_flow_background": "/static/dist/assets/images/flow_background.jpg",
            "flow_authentication": login, "flow_invalidation": logout, "flow_recovery": null, "flow_unenrollment": null,
            "flow_user_settings": settings, "flow_device_code": null, "default_application": null, "web_certificate": null,
            "client_certificates": [], "attributes": {}, "ui_footer_links": [], "ui_theme": "automatic", "default_locale": "",
            "flags": { "policies_buffered_access_view": false, "flows_continuous_login": false, "flows_refresh_others": false },
        })),
    );
}
