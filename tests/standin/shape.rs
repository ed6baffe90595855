//! Compares answers in keys, types, truth values and the API's own words.

use serde_json::Value;

/// Objects whose keys are somebody's data, not the API's form.
const FREE: [&str; 4] = ["autocomplete", "context", "attributes", "actions"];

/// Fields that name an object among its siblings.
const NAMES: [&str; 7] = ["slug", "managed", "identifier", "username", "name", "url", "action"];

/// The entry of `ours` that stands for the recorded one: of the same name, else any.
pub fn counterpart<'a>(recorded: &Value, ours: &'a [Value]) -> Option<&'a Value> {
    let named = NAMES.iter().find(|name| recorded.get(**name).is_some_and(Value::is_string));
    let same = |other: &&Value| named.is_some_and(|name| other.get(name) == recorded.get(name));
    // Events of other kinds cannot be compared: each holds its own context.
    let other = if named == Some(&"action") { None } else { ours.first() };
    ours.iter().find(same).or(other)
}

/// Fields whose text is the API's own word: it has to be the same.
const WORDS: [&str; 16] = [
    "access_token_validity",
    "authentication",
    "client_type",
    "component",
    "designation",
    "group_matching_mode",
    "intent",
    "issuer_mode",
    "managed",
    "matching_mode",
    "meta_model_name",
    "policy_engine_mode",
    "slug",
    "sub_mode",
    "user_matching_mode",
    "verbose_name",
];

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// Every difference, as sentences.
pub fn differences(recorded: &Value, ours: &Value, at: &str) -> Vec<String> {
    // Who has signed in, what a worker did without an address, whether the internet was there: the history of one server.
    if [".last_login", ".client_ip", ".version_latest_valid"].iter().any(|field| at.ends_with(field)) {
        return Vec::new();
    }
    match (recorded, ours) {
        (Value::Object(recorded), Value::Object(ours)) => {
            if FREE.iter().any(|free| at.ends_with(&format!(".{free}"))) {
                return Vec::new();
            }
            let mut found: Vec<String> =
                recorded.keys().filter(|key| !ours.contains_key(*key)).map(|key| format!("{at}.{key} is missing")).collect();
            found.extend(ours.keys().filter(|key| !recorded.contains_key(*key)).map(|key| format!("{at}.{key} is too many")));
            for (key, value) in recorded {
                if let Some(own) = ours.get(key) {
                    found.extend(differences(value, own, &format!("{at}.{key}")));
                }
            }
            found
        }
        (Value::Array(recorded), Value::Array(ours)) => {
            if recorded.is_empty() != ours.is_empty() {
                return vec![format!("{at} holds {} entries, recorded {}", ours.len(), recorded.len())];
            }
            let pairs = recorded.iter().filter_map(|entry| Some((entry, counterpart(entry, ours)?)));
            pairs.flat_map(|(entry, own)| differences(entry, own, &format!("{at}[]"))).collect()
        }
        (Value::Bool(_), Value::Bool(_)) if recorded != ours => vec![format!("{at} is {ours} instead of {recorded}")],
        (Value::String(_), Value::String(_))
            if recorded != ours && WORDS.iter().any(|word| at.ends_with(&format!(".{word}"))) =>
        {
            vec![format!("{at} is {ours} instead of {recorded}")]
        }
        _ if kind(recorded) == kind(ours) => Vec::new(),
        _ => vec![format!("{at} is {} instead of {}: {ours} for {recorded}", kind(ours), kind(recorded))],
    }
}
