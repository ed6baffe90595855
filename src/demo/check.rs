//! Checks what is sent against the schema, with the words of authentik's own errors.

use serde_json::{Value, json};

use super::clock;
use super::http::{Object, type_name};
use super::options::Version;
use super::schema::{self, Rules};
use super::state::{Kind, State};

/// Checks a body against a component: the known fields, or an error for each field that is wrong.
///
/// With `partial` nothing is required. Fields that the version does not have are dropped, as authentik drops them.
pub(super) fn check(state: &State, component: &str, body: &Object, partial: bool) -> Result<Object, Object> {
    let mut clean = Object::new();
    let mut errors = Object::new();
    for (name, rules) in schema::fields(component, state.version()) {
        match body.get(name) {
            None if rules.required && !partial => {
                errors.insert(name.to_owned(), json!(["This field is required."]));
            }
            None => {}
            Some(value) => match check_value(state, name, rules, value) {
                Ok(value) => {
                    clean.insert(name.to_owned(), value);
                }
                Err(error) => {
                    errors.insert(name.to_owned(), error);
                }
            },
        }
    }
    if errors.is_empty() { Ok(clean) } else { Err(errors) }
}

fn check_value(state: &State, name: &str, rules: &Rules, value: &Value) -> Result<Value, Value> {
    if value.is_null() {
        return if rules.nullable { Ok(Value::Null) } else { Err(json!(["This field may not be null."])) };
    }
    if !rules.choices.is_empty() {
        return check_choice(rules, value);
    }
    match rules.kind.as_str() {
        "array" => check_array(state, name, rules, value),
        "object" => check_object(state, rules, value),
        "boolean" if !value.is_boolean() => Err(json!(["Must be a valid boolean."])),
        "boolean" => Ok(value.clone()),
        "integer" => check_integer(state, name, rules, value),
        _ => check_text(state, name, rules, value),
    }
}

fn check_choice(rules: &Rules, value: &Value) -> Result<Value, Value> {
    match value.as_str() {
        Some(text) if rules.choices.iter().any(|choice| choice == text) => Ok(value.clone()),
        Some(text) => Err(json!([format!("\"{text}\" is not a valid choice.")])),
        None => Err(json!([format!("\"{value}\" is not a valid choice.")])),
    }
}

fn check_array(state: &State, name: &str, rules: &Rules, value: &Value) -> Result<Value, Value> {
    let items = rules.items.as_deref();
    let nests = items.is_some_and(|items| items.reference.is_some());
    let Value::Array(values) = value else {
        let message = format!("Expected a list of items but got type \"{}\".", type_name(value));
        return Err(if nests { json!({ "non_field_errors": [message] }) } else { json!([message]) });
    };
    // A list of choices is the only kind that the server refuses to empty.
    if values.is_empty() && name == "grant_types" {
        return Err(json!(["This list may not be empty."]));
    }
    let Some(items) = items else { return Ok(value.clone()) };
    let results: Vec<_> = values.iter().map(|value| check_value(state, name, items, value)).collect();
    if results.iter().all(Result::is_ok) {
        return Ok(results.into_iter().flatten().collect());
    }
    // Nested objects are reported in place, related objects by the first wrong one, plain values by their number.
    if nests {
        return Err(results.into_iter().map(|result| result.err().unwrap_or_else(|| json!({}))).collect());
    }
    if relation(name).is_some() {
        return Err(results.into_iter().find_map(Result::err).unwrap_or_default());
    }
    let numbered = results.into_iter().enumerate().filter_map(|(index, result)| Some((index.to_string(), result.err()?)));
    Err(Value::Object(numbered.collect()))
}

fn check_object(state: &State, rules: &Rules, value: &Value) -> Result<Value, Value> {
    let Value::Object(object) = value else {
        let message = format!("Invalid data. Expected a dictionary, but got {}.", type_name(value));
        return Err(json!({ "non_field_errors": [message] }));
    };
    match &rules.reference {
        Some(component) => check(state, component, object, false).map(Value::Object).map_err(Value::Object),
        None => Ok(value.clone()),
    }
}

fn check_integer(state: &State, name: &str, rules: &Rules, value: &Value) -> Result<Value, Value> {
    let number = value.as_i64().or_else(|| value.as_str()?.parse().ok());
    if let Some(kind) = relation(name) {
        let exists = number.is_some_and(|number| state.by_key(kind, &json!(number)).is_some());
        return match number {
            Some(number) if exists => Ok(json!(number)),
            Some(number) => Err(missing(&number.to_string())),
            None => Err(json!([format!("Incorrect type. Expected pk value, received {}.", type_name(value))])),
        };
    }
    let Some(number) = number else { return Err(json!(["A valid integer is required."])) };
    if let Some(minimum) = rules.minimum.filter(|minimum| number < *minimum) {
        return Err(json!([format!("Ensure this value is greater than or equal to {minimum}.")]));
    }
    if let Some(maximum) = rules.maximum.filter(|maximum| number > *maximum) {
        return Err(json!([format!("Ensure this value is less than or equal to {maximum}.")]));
    }
    Ok(json!(number))
}

fn check_text(state: &State, name: &str, rules: &Rules, value: &Value) -> Result<Value, Value> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return Err(json!(["Not a valid string."])),
    };
    if text.is_empty() {
        let blank = rules.min_length.is_none_or(|length| length == 0);
        return if blank { Ok(json!(text)) } else { Err(json!(["This field may not be blank."])) };
    }
    if let Some(length) = rules.max_length.filter(|length| text.chars().count() > *length) {
        return Err(json!([format!("Ensure this field has no more than {length} characters.")]));
    }
    if rules.pattern.as_deref() == Some("^[-a-zA-Z0-9_]+$") && !is_slug(&text) {
        return Err(json!([slug_error(name, state.version())]));
    }
    if rules.format.as_deref() == Some("uri") && url::Url::parse(&text).is_err() {
        return Err(json!(["Enter a valid URL."]));
    }
    if is_duration(name) && clock::duration(&text).is_none() {
        return Err(json!([format!("{text} is not in the correct format of 'hours=3;minutes=1'.")]));
    }
    if rules.format.as_deref() == Some("uuid") {
        if !is_uuid(&text) {
            return Err(json!([format!("\u{201c}{text}\u{201d} is not a valid UUID.")]));
        }
        let known = match relation(name) {
            Some(kind) => state.by_key(kind, &json!(text)).is_some(),
            None => true,
        };
        if !known {
            return Err(missing(&text));
        }
    }
    Ok(json!(text))
}

fn missing(pk: &str) -> Value {
    json!([format!("Invalid pk \"{pk}\" - object does not exist.")])
}

/// What a field refers to.
fn relation(field: &str) -> Option<Kind> {
    Some(match field {
        "property_mappings" => Kind::ScopeMapping,
        "user_property_mappings" | "group_property_mappings" => Kind::SourceMapping,
        "signing_key" | "encryption_key" | "web_certificate" | "verification_kp" | "signing_kp" | "encryption_kp" => {
            Kind::Certificate
        }
        "policy" => Kind::Policy,
        "stage" => Kind::Stage,
        "provider" | "backchannel_providers" | "jwt_federation_providers" => Kind::Provider,
        "group" | "groups" | "parent" | "parents" => Kind::Group,
        "user" | "users" => Kind::User,
        "sources" => Kind::Source,
        "roles" => Kind::Role,
        "default_application" => Kind::Application,
        _ if field.ends_with("_flow") || field.starts_with("flow_") => Kind::Flow,
        _ => return None,
    })
}

fn is_duration(field: &str) -> bool {
    field.ends_with("_validity") || field == "refresh_token_threshold"
}

fn is_slug(text: &str) -> bool {
    text.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_')
}

/// Curly quotes since Django 5.2, but for the identifier of a token.
fn slug_error(field: &str, version: Version) -> String {
    let (open, close) = if version >= Version::V2025_12 && field != "identifier" { ('\u{201c}', '\u{201d}') } else { ('"', '"') };
    format!("Enter a valid {open}slug{close} consisting of letters, numbers, underscores or hyphens.")
}

pub(super) fn is_uuid(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_hexdigit).count();
    digits == 32 && (text.len() == 32 || (text.len() == 36 && text.bytes().filter(|byte| *byte == b'-').count() == 4))
}

/// Checks the body of a request for a new key pair. The name must be free.
pub(super) fn check_generation(state: &State, body: &Object) -> Result<Object, Object> {
    let mut clean = check(state, "CertificateGenerationRequest", body, false)?;
    if state.find(Kind::Certificate, "name", &clean["common_name"]).is_some() {
        let mut errors = Object::new();
        errors.insert("common_name".to_owned(), json!(["This field must be unique."]));
        return Err(errors);
    }
    clean.entry("alg").or_insert_with(|| json!("rsa"));
    Ok(clean)
}
