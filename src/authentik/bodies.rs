//! Between a plan's settings, which know no version, and the JSON that this server's version takes and gives.

use indexmap::IndexMap;
use secrecy::SecretString;
use serde_json::{Map, Value, json};

use super::body::{Body, Fixed};
use super::transaction::Transaction;
use super::wire::{Raw, id_value};
use crate::catalog::template::{MatchingMode, SourceApi};
use crate::setup::answers::RedirectUri;
use crate::setup::facts::Capabilities;
use crate::setup::plan::Bind;
use crate::setup::setting::{Change, Field, RedirectEntry, Ref, SettingValue, Settings};

/// The launch URL that hides an application from the library on servers without `meta_hide`.
const HIDDEN: &str = "blank://blank";

/// The kinds of object that a plan makes or changes field by field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Object {
    /// An OAuth2/OpenID provider.
    Provider,
    /// An application.
    Application,
    /// A login source.
    Source(SourceApi),
}

/// How a value travels.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Text,
    Secret,
    Switch,
    Words,
    Reference,
    References,
    Redirects,
}

type Row = (Field, &'static str, Form);

/// A field that is always sent.
type Always = (&'static str, Fixed);

const PROVIDER: &[Row] = &[
    (Field::Name, "name", Form::Text),
    (Field::ClientType, "client_type", Form::Text),
    (Field::ClientId, "client_id", Form::Text),
    (Field::ClientSecret, "client_secret", Form::Secret),
    (Field::RedirectUris, "redirect_uris", Form::Redirects),
    (Field::ScopeMappings, "property_mappings", Form::References),
    (Field::SigningKey, "signing_key", Form::Reference),
    (Field::EncryptionKey, "encryption_key", Form::Reference),
    (Field::SubjectMode, "sub_mode", Form::Text),
    (Field::ClaimsInIdToken, "include_claims_in_id_token", Form::Switch),
    (Field::IssuerMode, "issuer_mode", Form::Text),
    (Field::GrantTypes, "grant_types", Form::Words),
    (Field::AuthorizationFlow, "authorization_flow", Form::Reference),
    (Field::AuthenticationFlow, "authentication_flow", Form::Reference),
    (Field::InvalidationFlow, "invalidation_flow", Form::Reference),
    (Field::CodeLifetime, "access_code_validity", Form::Text),
    (Field::AccessLifetime, "access_token_validity", Form::Text),
    (Field::RefreshLifetime, "refresh_token_validity", Form::Text),
    (Field::RefreshThreshold, "refresh_token_threshold", Form::Text),
    (Field::LogoutUri, "logout_uri", Form::Text),
    (Field::LogoutMethod, "logout_method", Form::Text),
];

const APPLICATION: &[Row] = &[
    (Field::Name, "name", Form::Text),
    (Field::Slug, "slug", Form::Text),
    (Field::Group, "group", Form::Text),
    (Field::LaunchUrl, "meta_launch_url", Form::Text),
    (Field::Icon, "meta_icon", Form::Text),
    (Field::Description, "meta_description", Form::Text),
    (Field::Hidden, "meta_hide", Form::Switch),
    (Field::Provider, "provider", Form::Reference),
];

const OAUTH: &[Row] = &[
    (Field::Name, "name", Form::Text),
    (Field::Slug, "slug", Form::Text),
    (Field::Icon, "icon", Form::Text),
    (Field::ProviderType, "provider_type", Form::Text),
    (Field::ConsumerKey, "consumer_key", Form::Text),
    (Field::ConsumerSecret, "consumer_secret", Form::Secret),
    (Field::AdditionalScopes, "additional_scopes", Form::Text),
    (Field::AuthorizationUrl, "authorization_url", Form::Text),
    (Field::AccessTokenUrl, "access_token_url", Form::Text),
    (Field::ProfileUrl, "profile_url", Form::Text),
    (Field::WellKnownUrl, "oidc_well_known_url", Form::Text),
    (Field::JwksUrl, "oidc_jwks_url", Form::Text),
    (Field::Pkce, "pkce", Form::Text),
    (Field::AuthenticationFlow, "authentication_flow", Form::Reference),
    (Field::EnrollmentFlow, "enrollment_flow", Form::Reference),
    (Field::UserMappings, "user_property_mappings", Form::References),
    (Field::Enabled, "enabled", Form::Switch),
    (Field::UserMatching, "user_matching_mode", Form::Text),
    (Field::GroupMatching, "group_matching_mode", Form::Text),
    (Field::PolicyEngine, "policy_engine_mode", Form::Text),
    (Field::UserPath, "user_path_template", Form::Text),
];

const SAML: &[Row] = &[
    (Field::Name, "name", Form::Text),
    (Field::Slug, "slug", Form::Text),
    (Field::Icon, "icon", Form::Text),
    (Field::SsoUrl, "sso_url", Form::Text),
    (Field::SloUrl, "slo_url", Form::Text),
    // The newer name comes first, see [`Object::key`].
    (Field::EntityId, "issuer_override", Form::Text),
    (Field::EntityId, "issuer", Form::Text),
    (Field::SamlBinding, "binding_type", Form::Text),
    (Field::NameIdPolicy, "name_id_policy", Form::Text),
    (Field::AllowIdpInitiated, "allow_idp_initiated", Form::Switch),
    (Field::VerificationKey, "verification_kp", Form::Reference),
    (Field::SignedAssertion, "signed_assertion", Form::Switch),
    (Field::SignedResponse, "signed_response", Form::Switch),
    (Field::SigningKey, "signing_kp", Form::Reference),
    (Field::EncryptionKey, "encryption_kp", Form::Reference),
    (Field::PreAuthenticationFlow, "pre_authentication_flow", Form::Reference),
    (Field::AuthenticationFlow, "authentication_flow", Form::Reference),
    (Field::EnrollmentFlow, "enrollment_flow", Form::Reference),
    (Field::UserMappings, "user_property_mappings", Form::References),
    (Field::Enabled, "enabled", Form::Switch),
    (Field::UserMatching, "user_matching_mode", Form::Text),
    (Field::GroupMatching, "group_matching_mode", Form::Text),
    (Field::PolicyEngine, "policy_engine_mode", Form::Text),
    (Field::UserPath, "user_path_template", Form::Text),
];

const SCIM: &[Row] = &[
    (Field::Name, "name", Form::Text),
    (Field::Slug, "slug", Form::Text),
    (Field::Enabled, "enabled", Form::Switch),
    (Field::UserMappings, "user_property_mappings", Form::References),
    (Field::UserPath, "user_path_template", Form::Text),
];

const TELEGRAM: &[Row] = &[
    (Field::Name, "name", Form::Text),
    (Field::Slug, "slug", Form::Text),
    (Field::Icon, "icon", Form::Text),
    (Field::BotUsername, "bot_username", Form::Text),
    (Field::BotToken, "bot_token", Form::Secret),
    (Field::MessageAccess, "request_message_access", Form::Switch),
    (Field::PreAuthenticationFlow, "pre_authentication_flow", Form::Reference),
    (Field::AuthenticationFlow, "authentication_flow", Form::Reference),
    (Field::EnrollmentFlow, "enrollment_flow", Form::Reference),
    (Field::UserMappings, "user_property_mappings", Form::References),
    (Field::Enabled, "enabled", Form::Switch),
    (Field::UserMatching, "user_matching_mode", Form::Text),
    (Field::GroupMatching, "group_matching_mode", Form::Text),
    (Field::PolicyEngine, "policy_engine_mode", Form::Text),
    (Field::UserPath, "user_path_template", Form::Text),
];

const PLEX: &[Row] = &[
    (Field::Name, "name", Form::Text),
    (Field::Slug, "slug", Form::Text),
    (Field::Icon, "icon", Form::Text),
    (Field::AuthenticationFlow, "authentication_flow", Form::Reference),
    (Field::EnrollmentFlow, "enrollment_flow", Form::Reference),
    (Field::Enabled, "enabled", Form::Switch),
    (Field::UserMatching, "user_matching_mode", Form::Text),
    (Field::GroupMatching, "group_matching_mode", Form::Text),
    (Field::PolicyEngine, "policy_engine_mode", Form::Text),
    (Field::UserPath, "user_path_template", Form::Text),
    (Field::ClientId, "client_id", Form::Text),
    (Field::PlexToken, "plex_token", Form::Secret),
    (Field::AllowedServers, "allowed_servers", Form::Words),
    (Field::AllowFriends, "allow_friends", Form::Switch),
];

const ENABLED: Always = ("enabled", Fixed::Switch(true));
const USER_PATH: Always = ("user_path_template", Fixed::Text("goauthentik.io/sources/%(slug)s"));

impl Object {
    const fn rows(self) -> &'static [Row] {
        match self {
            Self::Provider => PROVIDER,
            Self::Application => APPLICATION,
            Self::Source(SourceApi::Oauth) => OAUTH,
            Self::Source(SourceApi::Saml) => SAML,
            Self::Source(SourceApi::Scim) => SCIM,
            Self::Source(SourceApi::Telegram) => TELEGRAM,
            Self::Source(SourceApi::Plex) => PLEX,
        }
    }

    /// Whether the API's field `key` is one that akwiz reads.
    pub(super) fn knows(self, key: &str) -> bool {
        self.rows().iter().any(|row| row.1 == key)
    }

    /// What is sent beside the fields when such an object is made.
    const fn fixed(self) -> &'static [Always] {
        match self {
            Self::Provider => &[],
            Self::Application => &[
                ("policy_engine_mode", Fixed::Text("any")),
                ("open_in_new_tab", Fixed::Switch(false)),
                ("meta_publisher", Fixed::Text("")),
            ],
            Self::Source(SourceApi::Scim) => &[ENABLED, USER_PATH],
            Self::Source(_) => &[
                ENABLED,
                ("user_matching_mode", Fixed::Text("identifier")),
                ("policy_engine_mode", Fixed::Text("any")),
                ("group_matching_mode", Fixed::Text("identifier")),
                USER_PATH,
            ],
        }
    }

    /// The name of `field` on the wire, if this kind of object has it on a server with `capabilities`.
    pub fn key(self, field: Field, capabilities: &Capabilities) -> Option<&'static str> {
        let known = match field {
            Field::GrantTypes => capabilities.grant_types,
            Field::LogoutUri | Field::LogoutMethod => capabilities.logout_method,
            Field::RefreshThreshold => capabilities.refresh_token_threshold,
            Field::Hidden => capabilities.meta_hide,
            Field::Icon => capabilities.icon_in_body,
            Field::Pkce | Field::SignedAssertion | Field::SignedResponse => capabilities.source_protection,
            _ => true,
        };
        let named = |key: &str| match key {
            "issuer_override" => capabilities.issuer_override,
            "issuer" => !capabilities.issuer_override,
            _ => true,
        };
        self.rows().iter().find(|row| row.0 == field && known && named(row.1)).map(|row| row.1)
    }
}

/// A reference whose object has not been made: an action that should have made it did not run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” has not been made yet")]
pub struct NotMade(pub String);

/// The keys of what earlier actions made, by handle.
pub type Made = IndexMap<String, String>;

/// The body that creates an object. Fields that this server does not have are left out; what no field stands for is said all the same,
/// because the API's defaults differ from the web form's.
///
/// # Errors
/// [`NotMade`] when it refers to something that does not exist yet.
pub fn create(
    object: Object,
    settings: &Settings,
    capabilities: &Capabilities,
    made: &Made,
) -> Result<Map<String, Value>, NotMade> {
    whole(object, settings, capabilities, made).map(Body::into_map)
}

/// As [`create`], to be written.
fn whole<'a>(
    object: Object,
    settings: &'a Settings,
    capabilities: &'a Capabilities,
    made: &'a Made,
) -> Result<Body<'a>, NotMade> {
    let mut body = body(object, settings.iter().map(|(field, setting)| (*field, &setting.value)), capabilities, made)?;
    for (key, value) in object.fixed() {
        body.put_if_missing(key, *value);
    }
    if let Some(key) = object.key(Field::Hidden, capabilities) {
        body.put_if_missing(key, Fixed::Switch(false));
    }
    Ok(body)
}

/// The body of a transaction that creates a provider, its application and its bindings.
///
/// # Errors
/// [`NotMade`] when it refers to something that does not exist yet.
pub fn transaction<'a>(
    provider: &'a Settings,
    application: &'a Settings,
    bindings: &[Bind],
    capabilities: &'a Capabilities,
    made: &'a Made,
) -> Result<Transaction<Body<'a>>, NotMade> {
    Ok(Transaction {
        app: whole(Object::Application, application, capabilities, made)?,
        provider: whole(Object::Provider, provider, capabilities, made)?,
        bindings: bindings.iter().zip(0..).map(|(bind, order)| binding(bind, order, None, made)).collect::<Result<_, _>>()?,
    })
}

/// The body that changes an object: the changed fields and no other.
///
/// # Errors
/// [`NotMade`] when it refers to something that does not exist yet.
pub fn change(
    object: Object,
    changes: &[Change],
    capabilities: &Capabilities,
    made: &Made,
) -> Result<Map<String, Value>, NotMade> {
    body(object, changes.iter().map(|change| (change.field, &change.to)), capabilities, made).map(Body::into_map)
}

/// What the changed fields held before, in the form in which they would be put back, and the names of those that hold a secret, which
/// are left out.
///
/// # Errors
/// [`NotMade`] does not happen: what was there before exists.
pub fn before(
    object: Object,
    changes: &[Change],
    capabilities: &Capabilities,
) -> Result<(Map<String, Value>, Vec<String>), NotMade> {
    let made = Made::new();
    let values = body(object, changes.iter().map(|change| (change.field, &change.from)), capabilities, &made)?;
    Ok(without_secrets(object, values.into_map()))
}

/// `body` without what is secret in it, and the names of what was left out.
pub fn without_secrets(object: Object, mut body: Map<String, Value>) -> (Map<String, Value>, Vec<String>) {
    let secret = object.rows().iter().filter(|row| row.2 == Form::Secret).map(|row| row.1);
    let hidden: Vec<String> = secret.filter(|key| body.shift_remove(*key).is_some()).map(str::to_owned).collect();
    (body, hidden)
}

fn body<'a>(
    object: Object,
    fields: impl Iterator<Item = (Field, &'a SettingValue)>,
    capabilities: &'a Capabilities,
    made: &'a Made,
) -> Result<Body<'a>, NotMade> {
    let mut body = Body::new(object.rows().len() + object.fixed().len(), capabilities, made);
    let mut hide = false;
    for (field, value) in fields {
        match object.key(field, capabilities) {
            Some(key) => body.add(key, value)?,
            None => hide |= object == Object::Application && field == Field::Hidden && matches!(value, SettingValue::Bool(true)),
        }
    }
    if hide {
        body.put("meta_launch_url", Fixed::Text(HIDDEN));
    }
    Ok(body)
}

/// A binding of a transaction, or of an application with the key `target`.
///
/// # Errors
/// [`NotMade`] when the group does not exist yet.
pub fn binding(bind: &Bind, order: i64, target: Option<&str>, made: &Made) -> Result<Value, NotMade> {
    let mut body = json!({"order": order, "enabled": true, "negate": false, "timeout": 30});
    match bind {
        Bind::Group(group) => body["group"] = id_value(key_of(group, made)?),
        Bind::Person(person) => body["user"] = id_value(key_of(person, made)?),
    }
    if let Some(target) = target {
        body["target"] = target.into();
    }
    Ok(body)
}

/// The key of what `reference` refers to.
///
/// # Errors
/// [`NotMade`] when it does not exist yet.
pub fn key_of<'a>(reference: &'a Ref, made: &'a Made) -> Result<&'a str, NotMade> {
    match reference {
        Ref::Existing { pk, .. } => Ok(pk),
        Ref::New { handle, name } => made.get(handle).map(String::as_str).ok_or_else(|| NotMade(name.clone())),
    }
}

/// The fields of an object that the server sent. `name_of` gives the name of what a key refers to; `secret` is the one held apart.
pub fn read(
    object: Object,
    raw: &Raw,
    secret: Option<&SecretString>,
    name_of: impl Fn(&str) -> Option<String>,
) -> IndexMap<Field, SettingValue> {
    let reference = |value: &Value| {
        let pk = match value {
            Value::String(pk) if !pk.is_empty() => pk.clone(),
            Value::Number(pk) => pk.to_string(),
            _ => return None,
        };
        let name = name_of(&pk).unwrap_or_else(|| pk.clone());
        Some(Ref::Existing { pk, name })
    };
    let mut settings = IndexMap::new();
    for (field, key, form) in object.rows() {
        if *form == Form::Secret {
            if let Some(secret) = secret {
                settings.insert(*field, SettingValue::Secret(secret.clone()));
            }
            continue;
        }
        let Some(value) = raw.get(key) else { continue };
        let list = || value.as_array().map(Vec::as_slice).unwrap_or_default();
        let value = match form {
            Form::Text | Form::Secret => SettingValue::Text(value.as_str().unwrap_or_default().to_owned()),
            Form::Switch => SettingValue::Bool(value.as_bool().unwrap_or_default()),
            Form::Words => SettingValue::Words(list().iter().filter_map(Value::as_str).map(str::to_owned).collect()),
            Form::Reference => reference(value).map_or(SettingValue::Null, SettingValue::Ref),
            Form::References => SettingValue::Refs(list().iter().filter_map(reference).collect()),
            Form::Redirects => SettingValue::Redirects(list().iter().map(entry).collect()),
        };
        settings.insert(*field, value);
    }
    settings
}

fn entry(raw: &Value) -> RedirectEntry {
    let text = |key: &str| raw.get(key).and_then(Value::as_str).unwrap_or_default();
    let mode = if text("matching_mode") == MatchingMode::Regex.as_str() { MatchingMode::Regex } else { MatchingMode::Strict };
    RedirectEntry { redirect: RedirectUri { uri: text("url").to_owned(), mode }, raw: Some(raw.clone()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::setup::facts::Version;
    use crate::setup::setting::Setting;

    fn settings(fields: Vec<(Field, SettingValue)>) -> Settings {
        fields.into_iter().map(|(field, value)| (field, Setting::plain(value))).collect()
    }

    fn capabilities(year: u16, release: u16) -> Capabilities {
        Capabilities::expected(Version::new(year, release, 0))
    }

    #[test]
    fn what_a_version_lacks_is_left_out() {
        let settings = settings(vec![
            (Field::Name, SettingValue::Text("Portainer".into())),
            (Field::GrantTypes, SettingValue::Words(vec!["authorization_code".into()])),
            (Field::LogoutMethod, SettingValue::Text("backchannel".into())),
            (Field::EncryptionKey, SettingValue::Null),
        ]);
        let body = |capabilities| Value::Object(create(Object::Provider, &settings, &capabilities, &Made::new()).unwrap());
        assert_eq!(body(capabilities(2024, 12)), json!({"name": "Portainer", "encryption_key": null}));
        assert_eq!(
            body(capabilities(2026, 5)),
            json!({"name": "Portainer", "grant_types": ["authorization_code"], "logout_method": "backchannel", "encryption_key": null})
        );
    }

    #[test]
    fn references_become_keys_and_missing_ones_an_error() {
        let settings = settings(vec![
            (Field::SigningKey, SettingValue::Ref(Ref::New { handle: "key".into(), name: "auth (signing)".into() })),
            (Field::ScopeMappings, SettingValue::Refs(vec![Ref::existing("m-1", "openid")])),
        ]);
        let made = Made::from([("key".to_owned(), "k-1".to_owned())]);
        let body = create(Object::Provider, &settings, &capabilities(2025, 12), &made).unwrap();
        assert_eq!(Value::Object(body), json!({"signing_key": "k-1", "property_mappings": ["m-1"]}));
        let missing = create(Object::Provider, &settings, &capabilities(2025, 12), &Made::new());
        assert_eq!(missing, Err(NotMade("auth (signing)".into())));
    }

    #[test]
    fn a_logout_entry_survives_reading_and_writing() {
        let raw = json!({"pk": 4, "redirect_uris": [
            {"matching_mode": "strict", "url": "https://a.example/bye", "redirect_uri_type": "logout", "new": 1},
        ]});
        let read = read(Object::Provider, &serde_json::from_value(raw.clone()).map(Raw).unwrap(), None, |_| None);
        let change =
            Change { field: Field::RedirectUris, from: SettingValue::Null, to: read[&Field::RedirectUris].clone(), why: None };
        let body = super::change(Object::Provider, &[change], &capabilities(2026, 5), &Made::new()).unwrap();
        assert_eq!(body["redirect_uris"], raw["redirect_uris"]);
    }

    #[test]
    fn hiding_an_old_server_s_application_is_a_launch_url() {
        let hidden = settings(vec![(Field::Hidden, SettingValue::Bool(true))]);
        let body = |capabilities| create(Object::Application, &hidden, &capabilities, &Made::new()).unwrap();
        let old = body(capabilities(2025, 12));
        assert_eq!((&old["meta_launch_url"], old.get("meta_hide")), (&json!("blank://blank"), None));
        let new = body(capabilities(2026, 5));
        assert_eq!((&new["meta_hide"], new.get("meta_launch_url")), (&json!(true), None));
    }

    #[test]
    fn every_field_of_a_built_in_source_has_a_name_on_the_wire() {
        for template in crate::catalog::load::Catalog::built_in().iter() {
            let Some(source) = &template.source else { continue };
            for key in source.set.keys() {
                let object = Object::Source(source.api);
                assert!(object.rows().iter().any(|row| row.1 == key), "{}: {key}", template.id);
            }
        }
    }

    #[test]
    fn the_issuer_of_a_saml_source_has_two_names() {
        let key = |year, release| Object::Source(SourceApi::Saml).key(Field::EntityId, &capabilities(year, release));
        assert_eq!((key(2024, 12), key(2026, 5), key(2026, 8)), (Some("issuer"), Some("issuer"), Some("issuer_override")));
    }

    #[test]
    fn a_source_is_sent_with_what_the_form_would_send() {
        let settings = settings(vec![
            (Field::Name, SettingValue::Text("GitHub".into())),
            (Field::ProviderType, SettingValue::Text("github".into())),
            (Field::ConsumerSecret, SettingValue::Secret("s".to_owned().into())),
            (Field::Pkce, SettingValue::Text("none".into())),
            (Field::EnrollmentFlow, SettingValue::Null),
        ]);
        let body = create(Object::Source(SourceApi::Oauth), &settings, &capabilities(2024, 12), &Made::new()).unwrap();
        assert_eq!((&body["consumer_secret"], &body["enrollment_flow"]), (&json!("s"), &Value::Null));
        assert_eq!((&body["user_matching_mode"], body.get("pkce")), (&json!("identifier"), None));
        let (shown, hidden) = without_secrets(Object::Source(SourceApi::Oauth), body);
        assert_eq!((shown.get("consumer_secret"), hidden), (None, vec!["consumer_secret".to_owned()]));
    }

    #[test]
    fn bindings_send_numbers_for_users() {
        let bind = Bind::Person(Ref::existing("7", "joe"));
        assert_eq!(
            binding(&bind, 2, Some("app"), &Made::new()).unwrap(),
            json!({"order": 2, "enabled": true, "negate": false, "timeout": 30, "user": 7, "target": "app"})
        );
    }
}
