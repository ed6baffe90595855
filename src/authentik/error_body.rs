//! Reads the bodies of refusals, whatever their shape: authentik's own JSON, a page of HTML, nothing at all, or broken JSON.

use serde_json::Value;

use super::text::clean;

/// Deeper nesting and longer lists than these are not authentik's, and are not read.
const DEEPEST: usize = 8;
const MOST: usize = 40;

/// The Django REST framework's name for errors that belong to no single field.
const NO_FIELD: &str = "non_field_errors";

/// What a body of a refusal says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ErrorBody {
    /// `{"detail": "…"}`, or the text of something that is no JSON object.
    pub detail: Option<String>,
    /// What is wrong with which field, in the server's order.
    pub fields: Vec<FieldError>,
    /// What the body looked like.
    pub shape: Shape,
}

/// One complaint about one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The field's path, such as `provider.redirect_uris.0.matching_mode`; empty when the complaint is about the whole body.
    pub path: String,
    /// The server's words, cleaned.
    pub message: String,
}

/// What sort of body it was.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Shape {
    /// Nothing: also what authentik sends for a wrong path on a write, and for faults of its own there.
    #[default]
    Empty,
    /// JSON.
    Json,
    /// A page: authentik's own, a reverse proxy's or a sign-in gateway's.
    Html,
    /// Anything else, broken JSON included.
    Text,
}

impl ErrorBody {
    /// Reads `body`. Never fails: what is not understood becomes [`Shape::Text`].
    pub fn parse(body: &[u8]) -> Self {
        let text = String::from_utf8_lossy(body);
        let text = text.trim();
        if text.is_empty() {
            return Self::default();
        }
        if let Ok(value) = serde_json::from_str::<Value>(text) {
            return Self::from_json(&value);
        }
        if text.starts_with('<') {
            return Self { detail: title(text), fields: Vec::new(), shape: Shape::Html };
        }
        Self { detail: Some(clean(text)).filter(|text| !text.is_empty()), fields: Vec::new(), shape: Shape::Text }
    }

    fn from_json(value: &Value) -> Self {
        let mut body = Self { shape: Shape::Json, ..Self::default() };
        match value {
            Value::Object(map) => {
                for (key, value) in map {
                    match (key.as_str(), value) {
                        // `error` is OAuth's, and what authentik's front says while it starts.
                        ("detail" | "error_description", Value::String(text)) => body.detail = Some(clean(text)),
                        ("error", Value::String(text)) if body.detail.is_none() => body.detail = Some(clean(text)),
                        ("error", Value::String(_)) | ("code", _) => {}
                        _ => flatten(&mut body.fields, &step("", key), value, 1),
                    }
                }
            }
            Value::Null => {}
            other => flatten(&mut body.fields, "", other, 1),
        }
        body
    }

    /// The first complaint about `path` itself or anything below it.
    pub fn field(&self, path: &str) -> Option<&FieldError> {
        self.fields
            .iter()
            .find(|field| field.path == path || field.path.strip_prefix(path).is_some_and(|rest| rest.starts_with('.')))
    }

    /// Whether `words` stand in the detail or in any field's message (compared without case).
    pub fn says(&self, words: &str) -> bool {
        let words = words.to_lowercase();
        let has = |text: &str| text.to_lowercase().contains(&words);
        self.detail.as_deref().is_some_and(has) || self.fields.iter().any(|field| has(&field.message))
    }
}

/// `path` and then `key`. The transaction names its bindings `null`, because they have no identifier of their own.
fn step(path: &str, key: &str) -> String {
    let key = match key {
        NO_FIELD => return path.to_owned(),
        "null" if path.is_empty() => "policy_bindings",
        key => key,
    };
    let key = clean(key);
    if path.is_empty() { key } else { format!("{path}.{key}") }
}

fn flatten(into: &mut Vec<FieldError>, path: &str, value: &Value, depth: usize) {
    if depth > DEEPEST || into.len() >= MOST {
        return;
    }
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                flatten(into, &step(path, key), value, depth + 1);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                // A list of sentences belongs to the field; a list of objects belongs to its entries.
                let path = if item.is_object() || item.is_array() { step(path, &index.to_string()) } else { path.to_owned() };
                flatten(into, &path, item, depth + 1);
            }
        }
        Value::Null => {}
        Value::String(text) => into.push(FieldError { path: path.to_owned(), message: clean(text) }),
        other => into.push(FieldError { path: path.to_owned(), message: clean(&other.to_string()) }),
    }
}

/// The `<title>` of a page.
fn title(html: &str) -> Option<String> {
    let lower = html.to_ascii_lowercase();
    let start = lower.find("<title")?;
    let open = start + lower[start..].find('>')? + 1;
    let end = open + lower[open..].find("</title")?;
    Some(clean(&html[open..end])).filter(|title| !title.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(body: &str) -> Vec<(String, String)> {
        ErrorBody::parse(body.as_bytes()).fields.into_iter().map(|field| (field.path, field.message)).collect()
    }

    #[test]
    fn nested_lists_name_their_entry() {
        let body = r#"{"provider":{"redirect_uris":[{},{"matching_mode":["bad"]}],"name":["taken","twice"]}}"#;
        assert_eq!(
            paths(body),
            [
                ("provider.redirect_uris.1.matching_mode".into(), "bad".into()),
                ("provider.name".into(), "taken".into()),
                ("provider.name".into(), "twice".into()),
            ]
        );
    }

    #[test]
    fn the_nameless_binding_gets_a_name() {
        assert_eq!(paths(r#"{"null":{"group":["gone"]}}"#), [("policy_bindings.group".into(), "gone".into())]);
    }

    #[test]
    fn a_page_is_told_by_its_title() {
        let body = ErrorBody::parse(b"<!DOCTYPE html><html><head><title>\n 502 Bad Gateway </title></head></html>");
        assert_eq!((body.shape, body.detail.as_deref()), (Shape::Html, Some("502 Bad Gateway")));
    }

    #[test]
    fn broken_json_is_text_and_nothing_panics() {
        for body in ["{\"detail\": ", "[[[[[[[[[[[[[[\"x\"]]]]]]]]]]]]]]", "3", "\"x\"", "<title", "\u{0}", "{\"a\":null}"] {
            let _ = ErrorBody::parse(body.as_bytes());
        }
        assert_eq!(ErrorBody::parse(b"{\"detail\": ").shape, Shape::Text);
        assert_eq!(ErrorBody::parse(b"").shape, Shape::Empty);
    }

    #[test]
    fn a_path_matches_whole_steps_only() {
        let body = ErrorBody::parse(br#"{"app":{"slug_x":["a"],"slug":["b"]}}"#);
        assert_eq!(body.field("app.slug").map(|field| field.message.as_str()), Some("b"));
        assert!(body.field("ap").is_none());
    }
}
