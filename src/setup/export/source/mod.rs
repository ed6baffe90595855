//! Login sources among what is exported.
//!
//! What the provider `goauthentik/authentik` of Terraform can say of them was read in its own source (`pkg/provider/resource_source_*.go`,
//! the tags v2024.12.0 to v2026.5.0); what a blueprint can, in the serializers of authentik's API.

pub(super) mod blueprint;
pub(super) mod markdown;
pub(super) mod terraform;

use serde_json::{Map, Value as Json};

use super::fields::{self, Form};
use super::{Binding, Export};
use crate::catalog::template::SourceApi;
use crate::setup::facts::{Facts, Version};

/// A login source with what it refers to, as the server sent it.
#[derive(Debug, Clone)]
pub struct LoginSource {
    /// Its kind.
    pub api: SourceApi,
    /// The source, without its secret.
    pub source: Map<String, Json>,
    /// The property mappings of its kind.
    pub mappings: Vec<SourceMapping>,
    /// The certificate with which it checks what the service signs.
    pub certificate: Option<Certificate>,
    /// Who is let in by policies.
    pub bindings: Vec<Binding>,
    /// The names of the identification stages that show it.
    pub shown_on: Vec<String>,
}

/// A property mapping of a login source.
#[derive(Debug, Clone, Default)]
pub struct SourceMapping {
    /// Primary key.
    pub pk: String,
    /// The id of a built-in one.
    pub managed: Option<String>,
    /// Name.
    pub name: String,
    /// Python.
    pub expression: String,
}

/// A certificate without its key: nothing in it is secret.
#[derive(Debug, Clone, Default)]
pub struct Certificate {
    /// Primary key.
    pub pk: String,
    /// Name.
    pub name: String,
    /// PEM, where it could be read.
    pub data: Option<String>,
}

impl LoginSource {
    /// Its slug.
    pub fn slug(&self) -> &str {
        fields::text(&self.source, "slug")
    }

    pub(super) fn name(&self) -> &str {
        fields::text(&self.source, "name")
    }

    /// The fields of its kind that this server has, but for slug, name and secret.
    fn fields(&self) -> impl Iterator<Item = (&'static str, Form, &Json)> {
        // Before 2025.12 the icon is an upload of its own, and no field that can be written.
        let writable = |field: &str| field != "icon" || self.source.contains_key("icon_url");
        let all = COMMON.iter().chain(own(self.api)).filter(move |(field, _)| writable(field));
        all.filter_map(|(field, form)| Some((*field, *form, self.source.get(*field)?)))
    }

    /// The field of its secret, if it has one.
    const fn secret(&self) -> Option<&'static str> {
        match self.api {
            SourceApi::Oauth => Some("consumer_secret"),
            SourceApi::Plex => Some("plex_token"),
            SourceApi::Telegram => Some("bot_token"),
            SourceApi::Saml | SourceApi::Scim => None,
        }
    }

    /// Where its secret comes from.
    const fn origin_of_secret(&self) -> &'static str {
        match self.api {
            SourceApi::Plex => "access to the whole Plex account, from a sign-in there",
            _ => "the service made it, and authentik does not show it",
        }
    }

    /// What its secret is called outside: `github_consumer_secret`.
    fn secret_name(&self) -> Option<String> {
        Some(format!("{}_{}", super::slug_label(self.slug()), self.secret()?))
    }

    /// The property mappings of the server's own that it uses.
    fn own_mappings(&self) -> impl Iterator<Item = &SourceMapping> {
        let used = |mapping: &&SourceMapping| {
            let lists = MAPPINGS.iter().flat_map(|field| fields::list(&self.source, field));
            mapping.managed.is_none() && lists.filter_map(fields::key).any(|pk| pk == mapping.pk)
        };
        self.mappings.iter().filter(used)
    }
}

/// The flows that the sources need and a new server does not have, by slug.
pub fn needed_flows(sources: &[LoginSource], facts: &Facts) -> Vec<String> {
    let held = sources.iter().flat_map(LoginSource::fields).filter(|(_, form, _)| *form == Form::Flow);
    let keys: Vec<String> = held.filter_map(|(_, _, held)| fields::key(held)).collect();
    let needed = facts.flows.iter().filter(|flow| keys.contains(&flow.pk) && !flow.slug.starts_with("default-"));
    needed.map(|flow| flow.slug.clone()).collect()
}

/// The same as a comment.
pub(super) fn flows_comment(export: &Export<'_>) -> String {
    let flows = needed_flows(export.sources, export.facts);
    if flows.is_empty() {
        return String::new();
    }
    format!("# These flows are not exported, and have to exist before: {}.\n", flows.join(", "))
}

/// The fields that hold property mappings.
const MAPPINGS: [&str; 2] = ["user_property_mappings", "group_property_mappings"];

/// The fields of every kind.
const COMMON: &[(&str, Form)] = &[
    ("enabled", Form::Plain),
    ("promoted", Form::Plain),
    ("authentication_flow", Form::Flow),
    ("enrollment_flow", Form::Flow),
    ("user_property_mappings", Form::Mappings),
    ("group_property_mappings", Form::Mappings),
    ("policy_engine_mode", Form::Plain),
    ("user_matching_mode", Form::Plain),
    ("group_matching_mode", Form::Plain),
    ("user_path_template", Form::Plain),
    ("icon", Form::Plain),
];

/// The fields of one kind.
const fn own(api: SourceApi) -> &'static [(&'static str, Form)] {
    match api {
        SourceApi::Oauth => &[
            ("provider_type", Form::Plain),
            ("consumer_key", Form::Plain),
            ("request_token_url", Form::Plain),
            ("authorization_url", Form::Plain),
            ("access_token_url", Form::Plain),
            ("profile_url", Form::Plain),
            ("oidc_well_known_url", Form::Plain),
            ("oidc_jwks_url", Form::Plain),
            ("oidc_jwks", Form::Plain),
            ("pkce", Form::Plain),
            ("authorization_code_auth_method", Form::Plain),
            ("additional_scopes", Form::Plain),
        ],
        SourceApi::Saml => &[
            ("pre_authentication_flow", Form::Flow),
            ("issuer", Form::Plain),
            ("issuer_override", Form::Plain),
            ("sso_url", Form::Plain),
            ("slo_url", Form::Plain),
            ("allow_idp_initiated", Form::Plain),
            ("force_authn", Form::Plain),
            ("name_id_policy", Form::Plain),
            ("binding_type", Form::Plain),
            ("verification_kp", Form::Key),
            ("signing_kp", Form::Key),
            ("encryption_kp", Form::Key),
            ("signed_assertion", Form::Plain),
            ("signed_response", Form::Plain),
            ("digest_algorithm", Form::Plain),
            ("signature_algorithm", Form::Plain),
            ("temporary_user_delete_after", Form::Plain),
        ],
        SourceApi::Plex => &[("client_id", Form::Plain), ("allowed_servers", Form::Plain), ("allow_friends", Form::Plain)],
        SourceApi::Telegram => {
            &[("pre_authentication_flow", Form::Flow), ("bot_username", Form::Plain), ("request_message_access", Form::Plain)]
        }
        SourceApi::Scim => &[],
    }
}

/// What the field is called in Terraform, where the provider of a version has it.
fn terraform_name(api: SourceApi, field: &'static str, version: Version) -> Option<&'static str> {
    let since = |year, release| version >= Version::new(year, release, 0);
    let is_there = match (api, field) {
        (_, "icon" | "issuer_override")
        | (SourceApi::Plex, "user_property_mappings" | "group_property_mappings")
        | (SourceApi::Telegram, "promoted" | "group_matching_mode")
        | (SourceApi::Scim, "promoted") => false,
        (SourceApi::Oauth, "user_property_mappings" | "group_property_mappings") | (_, "verification_kp") => since(2025, 2),
        (SourceApi::Saml, "user_property_mappings" | "group_property_mappings") | (_, "pkce") => since(2025, 10),
        (_, "promoted" | "authorization_code_auth_method" | "signed_assertion" | "signed_response") => since(2025, 12),
        (_, "force_authn") => since(2026, 5),
        _ => true,
    };
    is_there.then_some(match field {
        "user_property_mappings" => "property_mappings",
        "group_property_mappings" => "property_mappings_group",
        other => other,
    })
}
