//! The file's tables, as they are written.

use indexmap::IndexMap;
use serde::Deserialize;
use toml::{Spanned, Value};

/// The whole file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub name: Option<Spanned<String>>,
    #[serde(default)]
    pub defaults: Defaults,
    #[serde(default, rename = "application")]
    pub applications: Vec<Spanned<Entry>>,
}

/// `[defaults]`.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Defaults {
    pub access: Option<Spanned<Value>>,
    #[serde(default)]
    pub answers: IndexMap<String, Spanned<Value>>,
    #[serde(default)]
    pub options: FileOptions,
}

/// `[[application]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    pub template: Spanned<String>,
    pub access: Option<Spanned<Value>>,
    #[serde(default)]
    pub answers: IndexMap<String, Spanned<Value>>,
    #[serde(default)]
    pub options: FileOptions,
    #[serde(default)]
    pub update: bool,
    pub login_page: Option<Spanned<String>>,
    pub plex: Option<Spanned<Plex>>,
}

/// `plex = { … }`: the account of an earlier sign-in.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Plex {
    pub client_id: String,
    pub token: Spanned<Value>,
    pub servers: Vec<String>,
}

/// What differs from the template; named as the options of `akwiz create`.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileOptions {
    pub name: Option<String>,
    pub slug: Option<String>,
    pub provider_name: Option<String>,
    pub group: Option<String>,
    pub launch_url: Option<String>,
    pub icon: Option<String>,
    pub description: Option<String>,
    pub subject_mode: Option<Spanned<String>>,
    pub issuer_mode: Option<Spanned<String>>,
    pub client_type: Option<Spanned<String>>,
    pub signing_key: Option<Spanned<String>>,
    pub scopes: Option<Vec<Spanned<String>>>,
    pub redirect_uris: Option<Vec<String>>,
    pub authorization_flow: Option<String>,
    pub invalidation_flow: Option<String>,
    pub enrollment_flow: Option<String>,
    pub authentication_flow: Option<String>,
    pub code_lifetime: Option<Spanned<String>>,
    pub access_lifetime: Option<Spanned<String>>,
    pub refresh_lifetime: Option<Spanned<String>>,
}
