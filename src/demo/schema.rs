//! What the stand-in knows of authentik's schema: which fields an object has in which version, and what may be sent.
//!
//! `schema.json` is made by `tools/distill_schema.py` from the `OpenAPI` files of the release tags.

use std::collections::HashMap;
use std::sync::OnceLock;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::http::Object;
use super::options::Version;

/// What the schema says of one field.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Rules {
    #[serde(rename = "type", default)]
    pub kind: String,
    pub format: Option<String>,
    pub min_length: Option<usize>,
    pub max_length: Option<usize>,
    pub minimum: Option<i64>,
    pub maximum: Option<i64>,
    pub pattern: Option<String>,
    #[serde(default)]
    pub nullable: bool,
    #[serde(default)]
    pub write_only: bool,
    pub default: Option<Value>,
    #[serde(default, rename = "enum")]
    pub choices: Vec<String>,
    #[serde(rename = "ref")]
    pub reference: Option<String>,
    pub items: Option<Box<Rules>>,
    #[serde(default)]
    pub required: bool,
    /// The versions that have the field in this form; all when absent.
    #[serde(rename = "in")]
    pub versions: Option<Vec<String>>,
}

type Fields = Vec<(String, Vec<Rules>)>;

fn table() -> &'static HashMap<String, Fields> {
    static TABLE: OnceLock<HashMap<String, Fields>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let parsed: HashMap<String, Map<String, Value>> =
            serde_json::from_slice(&unpacked()).expect("the committed table is JSON");
        let fields = |fields: Map<String, Value>| {
            fields
                .into_iter()
                .map(|(name, rules)| (name, serde_json::from_value(rules).expect("the committed table has this form")))
                .collect()
        };
        parsed.into_iter().map(|(component, rows)| (component, fields(rows))).collect()
    })
}

/// The fields that a component has in a version, in the schema's order.
pub(super) fn fields(component: &str, version: Version) -> impl Iterator<Item = (&'static str, &'static Rules)> {
    let column = version.column();
    let in_version = move |rules: &&Rules| rules.versions.as_ref().is_none_or(|names| names.iter().any(|name| name == column));
    let rows = table().get(component).map_or(&[][..], Vec::as_slice);
    rows.iter().filter_map(move |(name, variants)| {
        let rules = variants.iter().find(in_version)?;
        Some((name.as_str(), rules))
    })
}

/// The object as this version shows it: exactly the schema's fields, nested objects alike.
pub(super) fn project(component: &str, version: Version, object: &Object) -> Value {
    fields(component, version)
        .filter(|(_, rules)| !rules.write_only)
        .map(|(name, rules)| {
            let value = object.get(name).map_or_else(|| absent(rules), |value| nested(rules, version, value));
            (name.to_owned(), value)
        })
        .filter(|(name, value)| !(value.is_null() && left_out(name, version)))
        .collect::<Object>()
        .into()
}

/// Fields that 2024.12 leaves out where later versions say null.
fn left_out(name: &str, version: Version) -> bool {
    version < Version::V2025_12 && name.starts_with("assigned_backchannel_")
}

fn nested(rules: &Rules, version: Version, value: &Value) -> Value {
    match (value, &rules.reference, &rules.items) {
        (Value::Object(object), Some(component), _) => project(component, version, object),
        (Value::Array(values), _, Some(items)) => values.iter().map(|value| nested(items, version, value)).collect(),
        _ => value.clone(),
    }
}

/// What a field holds that nobody has set.
fn absent(rules: &Rules) -> Value {
    if let Some(default) = &rules.default {
        return default.clone();
    }
    if rules.nullable {
        return Value::Null;
    }
    match rules.kind.as_str() {
        "array" => Value::Array(Vec::new()),
        "boolean" => Value::Bool(false),
        "integer" => 0.into(),
        "object" => Value::Object(Object::new()),
        _ => Value::String(String::new()),
    }
}

/// `schema.json` as `build.rs` packed it.
fn unpacked() -> Vec<u8> {
    miniz_oxide::inflate::decompress_to_vec_zlib(include_bytes!(concat!(env!("OUT_DIR"), "/schema.zlib")))
        .expect("this build packed it")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::demo::state::object;

    fn has(component: &str, version: Version, field: &str) -> bool {
        fields(component, version).any(|(name, _)| name == field)
    }

    #[test]
    fn fields_come_and_go_with_versions() {
        assert!(has("CertificateKeyPair", Version::V2024_12, "private_key_type"));
        assert!(!has("CertificateKeyPair", Version::V2025_12, "private_key_type"));
        assert!(has("CertificateKeyPair", Version::V2025_12, "key_type"));
        assert!(!has("OAuth2ProviderRequest", Version::V2026_5Rc1, "grant_types"));
        assert!(has("OAuth2ProviderRequest", Version::V2026_5, "grant_types"));
        assert!(!has("ApplicationRequest", Version::V2024_12, "meta_icon"));
        assert!(has("ApplicationRequest", Version::V2025_12, "meta_icon"));
    }

    #[test]
    fn an_object_shows_the_fields_of_its_version_only() {
        let pair = object(json!({ "pk": "x", "key_type": "rsa", "private_key_type": "rsa", "secret": 1 }));
        let old = project("CertificateKeyPair", Version::V2024_12, &pair);
        assert_eq!(old["private_key_type"], "rsa");
        assert_eq!(old.get("key_type"), None);
        assert_eq!(old.get("secret"), None);
    }

    #[test]
    fn the_token_exchange_grant_is_refused_before_2026_8() {
        let grants = |version| {
            let (_, rules) = fields("OAuth2ProviderRequest", version).find(|(name, _)| *name == "grant_types").unwrap();
            rules.items.as_ref().unwrap().choices.len()
        };
        assert_eq!(grants(Version::V2026_5), 7);
        assert!(grants(Version::V2026_8) > 7);
    }
}
