//! Login sources: what each kind is when it is made, what is refused beyond the schema, and what comes along.
//!
//! Plex follows recordings. The others are in no recording: they follow authentik's source (`sources/*/api`, `sources/scim/signals.py`) and
//! the schemas of the release tags. What a server fetches on saving (discovery documents, keys) is not fetched here.

use serde_json::{Value, json};

use super::http::Object;
use super::options::Version;
use super::resource::Resource;
use super::state::{Kind, State, object, text};

/// The kinds, by what authentik calls them: the API's name, the admin interface's form, the label, the model.
const KINDS: [(&str, &str, &str, &str); 5] = [
    ("oauth", "ak-source-oauth-form", "OAuth Source", "authentik_sources_oauth.oauthsource"),
    ("plex", "ak-source-plex-form", "Plex Source", "authentik_sources_plex.plexsource"),
    ("saml", "ak-source-saml-form", "SAML Source", "authentik_sources_saml.samlsource"),
    ("scim", "ak-source-scim-form", "SCIM Source", "authentik_sources_scim.scimsource"),
    ("telegram", "ak-source-telegram-form", "Telegram Source", "authentik_sources_telegram.telegramsource"),
];

/// The types of OAuth source whose addresses authentik does not know (`types/oidc.py`, `types/okta.py`, `types/mailcow.py`).
const WITHOUT_ADDRESSES: [(&str, &str); 3] = [("openidconnect", "OpenID Connect"), ("okta", "Okta"), ("mailcow", "Mailcow")];

fn is_kind(source: &Object, api: &str) -> bool {
    KINDS.iter().any(|kind| kind.0 == api && kind.1 == text(source, "component"))
}

pub(super) fn is_oauth(source: &Object) -> bool {
    is_kind(source, "oauth")
}

pub(super) fn is_plex(source: &Object) -> bool {
    is_kind(source, "plex")
}

pub(super) fn is_saml(source: &Object) -> bool {
    is_kind(source, "saml")
}

pub(super) fn is_scim(source: &Object) -> bool {
    is_kind(source, "scim")
}

pub(super) fn is_telegram(source: &Object) -> bool {
    is_kind(source, "telegram")
}

/// Whether this version has the collection. Telegram came after 2024.12.
pub(super) fn has(resource: &Resource, version: Version) -> bool {
    version >= Version::V2025_12 || !resource.path.ends_with("/telegram")
}

/// What a source of the collection is before anything is sent.
pub(super) fn defaults(resource: &Resource, client_id: &str) -> Object {
    let api = resource.path.rsplit('/').next().unwrap_or_default();
    let Some((_, component, title, model)) = KINDS.into_iter().find(|kind| kind.0 == api) else { return Object::new() };
    let mut fields = object(json!({
        "component": component, "verbose_name": title, "verbose_name_plural": format!("{title}s"), "meta_model_name": model,
    }));
    let own = match api {
        "oauth" => json!({
            "request_token_url": null, "authorization_url": null, "access_token_url": null, "profile_url": null, "pkce": "none",
            "additional_scopes": "", "oidc_well_known_url": "", "oidc_jwks_url": "", "oidc_jwks": {},
            "authorization_code_auth_method": "basic_auth",
        }),
        "plex" => json!({ "client_id": client_id, "allowed_servers": [], "allow_friends": true }),
        "saml" => json!({
            "issuer": "", "issuer_override": "", "slo_url": null, "allow_idp_initiated": false, "binding_type": "REDIRECT",
            "name_id_policy": "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent", "verification_kp": null, "signing_kp": null,
            "encryption_kp": null, "digest_algorithm": "http://www.w3.org/2001/04/xmlenc#sha256",
            "signature_algorithm": "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "temporary_user_delete_after": "days=1",
            "signed_assertion": true, "signed_response": false, "force_authn": false,
        }),
        "telegram" => json!({ "request_message_access": false }),
        _ => json!({}),
    };
    fields.extend(object(own));
    fields
}

/// What is refused beyond the schema, by field. `partial` is a PATCH: until 2025.12 one of an OAuth source needs the type, and ends in a
/// server error without it.
pub(super) fn refused(resource: &Resource, state: &State, clean: &Object, partial: bool) -> Result<Object, ()> {
    let mut errors = Object::new();
    match resource.path {
        "sources/oauth" => {
            let Some(kind) = clean.get("provider_type").and_then(Value::as_str) else {
                return if partial && state.version() < Version::V2026_5Rc1 { Err(()) } else { Ok(errors) };
            };
            if let Some((_, title)) = WITHOUT_ADDRESSES.iter().find(|(name, _)| *name == kind) {
                let fetched = !text(clean, "oidc_well_known_url").is_empty();
                let missing = ["authorization_url", "access_token_url", "profile_url"]
                    .into_iter()
                    .find(|field| !clean.contains_key(*field) && !fetched);
                if let Some(field) = missing {
                    errors.insert("non_field_errors".to_owned(), json!([format!("{field} is required for provider {title}")]));
                }
            }
        }
        "sources/saml" if state.version() >= Version::V2025_12 => {
            let on = |field: &str| clean.get(field) == Some(&json!(true));
            let given = clean.get("verification_kp").is_some_and(|key| !key.is_null());
            if given && !on("signed_assertion") && !on("signed_response") {
                let message = "With a Verification Certificate selected, at least one of 'Verify Assertion Signature' or 'Verify \
                               Response Signature' must be selected.";
                errors.insert("non_field_errors".to_owned(), json!([message]));
            }
        }
        _ => {}
    }
    Ok(errors)
}

/// What a SCIM source brings along: an account for the service, and its token.
pub(super) fn accompany(state: &mut State, source: &Object) {
    if !is_scim(source) {
        return;
    }
    let name = account(source);
    let (user, mark, uuid) = (state.next_user(), state.hex(), state.uuid());
    let (token, key) = (state.uuid(), state.letters(60));
    state.insert(
        Kind::User,
        object(json!({
            "pk": user, "uuid": uuid, "uid": mark, "username": name, "email": "", "is_active": true, "last_login": null, "roles": [],
            "name": format!("SCIM Source {} Service-Account", text(source, "name")), "attributes": {},
            "type": "internal_service_account", "path": "goauthentik.io/sources/scim",
        })),
    );
    state.insert(
        Kind::Token,
        object(json!({
            "pk": token, "identifier": name, "user": user, "intent": "api", "expiring": false, "key": key, "description": "",
            "managed": format!("goauthentik.io/sources/scim/{}", text(source, "pk")),
        })),
    );
}

/// Takes that away again.
pub(super) fn abandon(state: &mut State, source: &Object) {
    if !is_scim(source) {
        return;
    }
    let name = json!(account(source));
    if let Some(user) = state.find(Kind::User, "username", &name).map(|user| user["pk"].clone()) {
        state.remove(Kind::Token, |token| token.get("user") == Some(&user));
        state.remove(Kind::User, |other| other.get("pk") == Some(&user));
    }
}

fn account(source: &Object) -> String {
    format!("ak-source-scim-{}", text(source, "pk"))
}

/// The computed fields of a source.
pub(super) fn enrich(state: &State, source: &Object, full: &mut Object) {
    let old = state.version() < Version::V2025_12;
    let kind = KINDS.iter().find(|kind| kind.1 == text(source, "component")).map(|kind| kind.0);
    let drawn = match kind {
        Some("oauth") => json!(format!("/static/authentik/sources/{}.svg", text(source, "provider_type"))),
        Some("plex") => json!("/static/authentik/sources/plex.svg"),
        Some("telegram") => json!("/static/authentik/sources/telegram.svg"),
        Some("scim") => json!("/static/authentik/sources/scim.png"),
        _ => Value::Null,
    };
    let slug = text(source, "slug");
    full.insert("icon_url".to_owned(), drawn.clone());
    if old {
        full.insert("icon".to_owned(), drawn);
    }
    full.insert("icon_themed_urls".to_owned(), Value::Null);
    match kind {
        Some("oauth") => {
            full.insert("callback_url".to_owned(), json!(format!("/source/oauth/callback/{slug}/")));
            full.insert("type".to_owned(), json!({ "name": text(source, "provider_type") }));
        }
        Some("scim") => {
            full.insert("root_url".to_owned(), json!(format!("/source/scim/{slug}/v2")));
            let token = state.find(Kind::Token, "identifier", &json!(account(source)));
            full.insert("token_obj".to_owned(), token.map_or(Value::Null, |token| Value::Object(token.clone())));
        }
        _ => {}
    }
}
