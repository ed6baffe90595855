//! A page for people: what was made, where it is, who may open it. Without secrets.

use std::fmt::Write as _;

use serde_json::{Map, Value as Json};

use super::fields::{key, list, mappings, text};
use super::{Export, Pair, Subject, source};
use crate::catalog::template::IssuerMode;
use crate::setup::endpoints::Endpoints;

/// The text of a `.md` file.
pub(super) fn render(export: &Export<'_>) -> String {
    let what = match (export.pairs, export.sources) {
        (_, []) => "Applications",
        ([], _) => "Login sources",
        _ => "Applications and login sources",
    };
    let mut out = format!("# {what} in authentik\n");
    let _ = write!(out, "\nRead from {} (authentik {}).\n", code(&export.facts.api_url), export.version());
    for pair in export.pairs {
        application(export, pair, &mut out);
    }
    for source in export.sources {
        let _ = write!(out, "\n## {}\n\n", plain(source.name()));
        table(source::markdown::rows(export, source), &mut out);
    }
    out
}

fn application(export: &Export<'_>, pair: &Pair, out: &mut String) {
    let name = text(&pair.application, "name");
    let _ = write!(out, "\n## {}\n\n", plain(if name.is_empty() { pair.slug() } else { name }));
    let mut rows: Vec<(&str, Vec<String>)> = vec![
        ("Slug", vec![pair.slug().to_owned()]),
        ("Launch URL", vec![text(&pair.application, "meta_launch_url").to_owned()]),
        ("Group heading", vec![text(&pair.application, "group").to_owned()]),
        ("Description", vec![text(&pair.application, "meta_description").to_owned()]),
        ("Who may open it", access(export, pair)),
    ];
    match &pair.provider {
        Some(provider) => rows.extend(provider_rows(export, pair, provider)),
        None => rows.push(("Provider", vec!["of another kind than OAuth2/OpenID".to_owned()])),
    }
    table(rows, out);
}

fn table(rows: Vec<(impl std::fmt::Display, Vec<String>)>, out: &mut String) {
    out.push_str("| | |\n| --- | --- |\n");
    for (label, values) in rows {
        let values: Vec<String> = values.iter().filter(|value| !value.is_empty()).map(|value| cell(value)).collect();
        if !values.is_empty() {
            let _ = writeln!(out, "| {label} | {} |", values.join("<br>"));
        }
    }
}

fn provider_rows(export: &Export<'_>, pair: &Pair, provider: &Map<String, Json>) -> Vec<(&'static str, Vec<String>)> {
    let field = |name: &str| vec![text(provider, name).to_owned()];
    let flow = |name: &str| {
        let pk = provider.get(name).and_then(key);
        pk.map(|pk| export.flow(&pk).unwrap_or(&pk).to_owned()).into_iter().collect::<Vec<_>>()
    };
    let certificate = |name: &str| {
        let pk = provider.get(name).and_then(key);
        pk.map(|pk| export.key(&pk).unwrap_or(&pk).to_owned()).into_iter().collect::<Vec<_>>()
    };
    let mode =
        if text(provider, "issuer_mode") == IssuerMode::Global.as_str() { IssuerMode::Global } else { IssuerMode::PerProvider };
    let endpoints = Endpoints::new(&export.facts.public_url, pair.slug(), mode);
    let scopes = mappings(provider).map(|pk| match export.mapping(pk) {
        Some(mapping) if mapping.managed.is_some() => mapping.scope.clone(),
        Some(mapping) => format!("{} ({})", mapping.scope, mapping.name),
        None => pk.to_owned(),
    });
    let redirects = list(provider, "redirect_uris").iter().filter_map(Json::as_object).map(|entry| {
        let kind = text(entry, "redirect_uri_type");
        let kind = if kind.is_empty() || kind == "authorization" { String::new() } else { format!(", {kind}") };
        format!("{} ({}{kind})", text(entry, "url"), text(entry, "matching_mode"))
    });
    let words = |name: &str| list(provider, name).iter().filter_map(key).collect::<Vec<_>>();
    let claims = provider.get("include_claims_in_id_token").and_then(Json::as_bool);
    let secret = if pair.has_secret { "(hidden) It is in authentik, and shown by: akwiz settings SLUG --reveal" } else { "none" };
    vec![
        ("Provider", field("name")),
        ("Client type", field("client_type")),
        ("Client ID", field("client_id")),
        ("Client secret", vec![secret.replace("SLUG", pair.slug())]),
        ("Issuer", vec![endpoints.issuer.clone()]),
        ("Discovery document", vec![endpoints.discovery.clone()]),
        ("Redirect URIs", redirects.collect()),
        ("Scopes", scopes.collect()),
        ("Grant types", words("grant_types")),
        ("Signing key", certificate("signing_key")),
        ("Encryption key", certificate("encryption_key")),
        ("Subject mode", field("sub_mode")),
        ("Claims in ID token", claims.map(|on| if on { "yes" } else { "no" }.to_owned()).into_iter().collect()),
        ("Issuer mode", field("issuer_mode")),
        ("Authorization flow", flow("authorization_flow")),
        ("Authentication flow", flow("authentication_flow")),
        ("Invalidation flow", flow("invalidation_flow")),
        ("Code lifetime", field("access_code_validity")),
        ("Access token lifetime", field("access_token_validity")),
        ("Refresh token lifetime", field("refresh_token_validity")),
        ("Refresh token threshold", field("refresh_token_threshold")),
        ("Logout URI", field("logout_uri")),
        ("Logout method", field("logout_method")),
        ("Federated sources", words("jwt_federation_sources")),
        ("Federated providers", words("jwt_federation_providers")),
    ]
}

fn access(export: &Export<'_>, pair: &Pair) -> Vec<String> {
    let enabled = pair.bindings.iter().filter(|binding| binding.enabled);
    let who: Vec<String> = enabled
        .map(|binding| {
            let who = match &binding.subject {
                Subject::Group(pk) => format!("members of {}", export.group(pk).unwrap_or(pk)),
                Subject::User(pk) => export.user(pk).unwrap_or(pk).to_owned(),
                Subject::Policy(pk) => format!("whoever the policy {pk} lets pass"),
            };
            if binding.negate { format!("not: {who}") } else { who }
        })
        .collect();
    if who.is_empty() { vec!["everyone who can sign in".to_owned()] } else { who }
}

/// A value in a cell: code, so that nothing in it is taken for Markdown or HTML. A bar would end the cell even there.
fn cell(value: &str) -> String {
    code(value).replace('|', "\\|")
}

/// A code span that holds any text: its fence is longer than every run of backticks in it. Line breaks become spaces.
fn code(text: &str) -> String {
    let text: String = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    let longest = text.split(|letter| letter != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    // A space beside a backtick is taken away again by readers.
    if text.starts_with('`') || text.ends_with('`') { format!("{fence} {text} {fence}") } else { format!("{fence}{text}{fence}") }
}

/// Text in a heading, with what Markdown or HTML would take for theirs escaped.
fn plain(text: &str) -> String {
    let mut out = String::new();
    for letter in text.chars() {
        match letter {
            letter if letter.is_control() => out.push(' '),
            letter if letter.is_ascii_punctuation() && !"-.,:()'/".contains(letter) => {
                out.push('\\');
                out.push(letter);
            }
            letter => out.push(letter),
        }
    }
    out
}
