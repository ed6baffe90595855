//! Which fields of an application and a provider are exported, and what their values are.

use serde_json::{Map, Value as Json};

/// What a field's value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// As the server sends it.
    Plain,
    /// A flow's key.
    Flow,
    /// Scope mappings' keys.
    Mappings,
    /// A certificate's key.
    Key,
    /// Redirect URIs.
    Redirects,
}

/// The fields of a provider that can be written, but for its name, which tells it, and its secret.
pub(super) const PROVIDER: &[(&str, Form)] = &[
    ("authorization_flow", Form::Flow),
    ("authentication_flow", Form::Flow),
    ("invalidation_flow", Form::Flow),
    ("client_type", Form::Plain),
    ("client_id", Form::Plain),
    ("grant_types", Form::Plain),
    ("redirect_uris", Form::Redirects),
    ("property_mappings", Form::Mappings),
    ("signing_key", Form::Key),
    ("encryption_key", Form::Key),
    ("sub_mode", Form::Plain),
    ("include_claims_in_id_token", Form::Plain),
    ("issuer_mode", Form::Plain),
    ("access_code_validity", Form::Plain),
    ("access_token_validity", Form::Plain),
    ("refresh_token_validity", Form::Plain),
    ("refresh_token_threshold", Form::Plain),
    ("logout_uri", Form::Plain),
    ("logout_method", Form::Plain),
    ("jwt_federation_sources", Form::Plain),
    ("jwt_federation_providers", Form::Plain),
];

/// The fields of an application that can be written, but for its slug, which tells it, and its provider.
pub(super) const APPLICATION: &[&str] = &[
    "name",
    "group",
    "meta_launch_url",
    "meta_icon",
    "meta_description",
    "meta_publisher",
    "meta_hide",
    "open_in_new_tab",
    "policy_engine_mode",
    "backchannel_providers",
];

/// A field as text, empty when it is none.
pub(super) fn text<'a>(object: &'a Map<String, Json>, field: &str) -> &'a str {
    object.get(field).and_then(Json::as_str).unwrap_or_default()
}

/// A primary key as text: authentik's are UUIDs, or numbers for providers and users.
pub(super) fn key(value: &Json) -> Option<String> {
    match value {
        Json::String(text) if !text.is_empty() => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The keys of a provider's scope mappings.
pub(super) fn mappings(provider: &Map<String, Json>) -> impl Iterator<Item = &str> {
    list(provider, "property_mappings").iter().filter_map(Json::as_str)
}

/// A field as a list, empty when it is none.
pub(super) fn list<'a>(object: &'a Map<String, Json>, field: &str) -> &'a [Json] {
    object.get(field).and_then(Json::as_array).map_or(&[], Vec::as_slice)
}

/// Whether a value says nothing: authentik's own default for it.
pub(super) fn is_nothing(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::String(text) => text.is_empty(),
        Json::Array(items) => items.is_empty(),
        _ => false,
    }
}
