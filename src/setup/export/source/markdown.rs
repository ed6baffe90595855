//! Login sources on the page for people.

use serde_json::Value as Json;

use super::LoginSource;
use crate::catalog::template::SourceApi;
use crate::setup::export::Export;
use crate::setup::export::fields::{Form, key};

/// What a kind is called.
const fn title(api: SourceApi) -> &'static str {
    match api {
        SourceApi::Oauth => "OAuth",
        SourceApi::Saml => "SAML",
        SourceApi::Plex => "Plex",
        SourceApi::Telegram => "Telegram",
        SourceApi::Scim => "SCIM",
    }
}

/// The rows of its table.
pub(in crate::setup::export) fn rows(export: &Export<'_>, source: &LoginSource) -> Vec<(String, Vec<String>)> {
    let one = |label: &str, value: &str| (label.to_owned(), vec![value.to_owned()]);
    let shown = if source.shown_on.is_empty() { vec!["no".to_owned()] } else { source.shown_on.clone() };
    let mut rows =
        vec![one("Slug", source.slug()), one("Login source", title(source.api)), ("On the login page".to_owned(), shown)];
    let (public, slug) = (&export.facts.public_url, source.slug());
    match source.api {
        SourceApi::Oauth => rows.push(one("Callback", &format!("{public}/source/oauth/callback/{slug}/"))),
        SourceApi::Saml => rows.push(one("Callback", &format!("{public}/source/saml/{slug}/acs/"))),
        SourceApi::Scim => rows.push(one("SCIM address", &format!("{public}/source/scim/{slug}/v2"))),
        SourceApi::Plex | SourceApi::Telegram => {}
    }
    for (field, form, held) in source.fields() {
        let named = |held: &Json| {
            let pk = key(held)?;
            let name = match form {
                Form::Flow => export.flow(&pk).map(str::to_owned),
                Form::Key => {
                    let own = source.certificate.as_ref().filter(|certificate| certificate.pk == pk);
                    own.map(|certificate| certificate.name.clone()).or_else(|| export.key(&pk).map(str::to_owned))
                }
                Form::Mappings => source.mappings.iter().find(|mapping| mapping.pk == pk).map(|mapping| mapping.name.clone()),
                Form::Plain | Form::Redirects => None,
            };
            Some(name.unwrap_or(pk))
        };
        let values: Vec<String> = match held {
            Json::Null => Vec::new(),
            Json::Bool(on) => vec![if *on { "yes" } else { "no" }.to_owned()],
            Json::Array(items) => items.iter().filter_map(named).collect(),
            Json::Object(fields) if fields.is_empty() => Vec::new(),
            Json::Object(_) => vec![held.to_string()],
            other => named(other).into_iter().collect(),
        };
        rows.push((label(field), values));
    }
    if let Some(field) = source.secret() {
        rows.push(one(&label(field), "(hidden) It is in authentik"));
    }
    rows
}

/// A field's name for people: `oidc_well_known_url` is `OIDC well known URL`.
fn label(field: &str) -> String {
    let words: Vec<String> = field
        .split('_')
        .enumerate()
        .map(|(index, word)| match word {
            "id" | "idp" | "jwks" | "oidc" | "pkce" | "slo" | "sso" | "url" => word.to_uppercase(),
            "kp" => "certificate".to_owned(),
            word if index == 0 => {
                let (first, rest) = word.split_at(word.len().min(1));
                first.to_uppercase() + rest
            }
            word => word.to_owned(),
        })
        .collect();
    words.join(" ")
}
