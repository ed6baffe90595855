//! Checks a JSON document against the schemas in `docs/json`: the part of JSON Schema that they use, and nothing else passes unseen.

use std::path::Path;

use serde_json::Value;

/// What only describes.
const ANNOTATIONS: [&str; 8] = ["$schema", "title", "description", "definitions", "format", "default", "minimum", "maximum"];

/// What is wrong with `document`, which has to name the format `akwiz.<format>`; nothing when it fits its schema.
pub fn problems(format: &str, document: &Value) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("docs/json/{format}.schema.json"));
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    check(&schema, &schema, document, "document")
}

/// The schemas allow what newer builds add. What this build prints has to be described, so it is stricter here.
fn check(root: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let schema = match schema {
        Value::Bool(true) => return Vec::new(),
        schema => schema.as_object().unwrap(),
    };
    let mut problems = Vec::new();
    let none = serde_json::Map::new();
    for (keyword, rule) in schema {
        match keyword.as_str() {
            "$ref" => {
                let pointer = rule.as_str().unwrap().trim_start_matches('#');
                problems.extend(check(root, root.pointer(pointer).unwrap(), value, at));
            }
            "type" if !types(rule).any(|kind| is(kind, value)) => problems.push(format!("{at} is not of type {rule}")),
            "const" if rule != value => problems.push(format!("{at} is not {rule}")),
            "enum" if !rule.as_array().unwrap().contains(value) => problems.push(format!("{at} is none of {rule}")),
            "anyOf" | "oneOf" => {
                let tries: Vec<Vec<String>> =
                    rule.as_array().unwrap().iter().map(|schema| check(root, schema, value, at)).collect();
                if tries.iter().all(|problems| !problems.is_empty()) {
                    problems.push(format!("{at} fits nothing: {tries:?}"));
                }
            }
            "allOf" => problems.extend(rule.as_array().unwrap().iter().flat_map(|schema| check(root, schema, value, at))),
            "items" => {
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    problems.extend(check(root, rule, item, &format!("{at}[{index}]")));
                }
            }
            "required" if value.is_object() => {
                let missing = rule.as_array().unwrap().iter().filter(|name| value.get(name.as_str().unwrap()).is_none());
                problems.extend(missing.map(|name| format!("{at} lacks {name}")));
            }
            "properties" => {
                let more = schema.get("additionalProperties");
                for (name, value) in value.as_object().unwrap_or(&none) {
                    match rule.get(name).or(more) {
                        Some(rule) => problems.extend(check(root, rule, value, &format!("{at}.{name}"))),
                        None => problems.push(format!("{at}.{name} is not described")),
                    }
                }
            }
            "additionalProperties" if schema.get("properties").is_none() => {
                for (name, value) in value.as_object().unwrap_or(&none) {
                    problems.extend(check(root, rule, value, &format!("{at}.{name}")));
                }
            }
            "type" | "const" | "enum" | "required" | "additionalProperties" => {}
            other => assert!(ANNOTATIONS.contains(&other), "this checker does not know the keyword {other}"),
        }
    }
    problems
}

fn types(rule: &Value) -> impl Iterator<Item = &str> {
    let several = rule.as_array().into_iter().flatten();
    several.chain(std::iter::once(rule)).filter_map(Value::as_str)
}

fn is(kind: &str, value: &Value) -> bool {
    match kind {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("there is no type {other}"),
    }
}

#[test]
fn what_does_not_fit_is_found() {
    let good = serde_json::json!({
        "format": "akwiz.error", "version": 1, "kind": "usage", "code": 2, "message": "No.", "hints": ["Yes."], "causes": []
    });
    assert_eq!(problems("error", &good), Vec::<String>::new());
    for (field, value) in [("hints", serde_json::json!([1])), ("code", "2".into()), ("more", 1.into()), ("format", "x".into())] {
        let mut bad = good.clone();
        bad[field] = value;
        assert_eq!(problems("error", &bad).len(), 1, "{field}");
    }
    let mut bad = good;
    bad.as_object_mut().unwrap().shift_remove("message");
    assert_eq!(problems("error", &bad).len(), 1);
}
