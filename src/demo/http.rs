//! Requests and answers as the stand-in's own code sees them.

use std::fmt::Write as _;

use axum::http::HeaderMap;
use serde_json::{Map, Value, json};

/// A JSON object of the server. Fields that the code does not know stay in it.
pub(super) type Object = Map<String, Value>;

/// One request, read completely.
pub(super) struct Request {
    pub method: String,
    pub path: String,
    pub raw_query: String,
    pub query: Vec<(String, String)>,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Request {
    /// The first value of a query parameter.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Every value of a repeated query parameter.
    pub fn params<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.query.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// A header as text, empty when absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The body as form fields.
    pub fn form(&self) -> Vec<(String, String)> {
        parse_query(&String::from_utf8_lossy(&self.body))
    }

    /// Scheme and host that the client used. A trusted proxy says the scheme in `X-Forwarded-Proto`; the host is always `Host`.
    pub fn origin(&self) -> String {
        let scheme = match self.header("x-forwarded-proto") {
            "https" => "https",
            _ => "http",
        };
        format!("{scheme}://{}", self.header("host"))
    }

    /// The JSON body. Missing is an empty object; errors are the ones of authentik's parser.
    pub fn json(&self) -> Result<Object, Reply> {
        let content_type = self.header("content-type");
        if self.body.is_empty() {
            return Ok(Object::new());
        }
        if !content_type.starts_with("application/json") {
            let detail = format!("Unsupported media type \"{content_type}\" in request.");
            return Err(Reply::detail(415, &detail));
        }
        match serde_json::from_slice(&self.body) {
            Ok(Value::Object(object)) => Ok(object),
            Ok(other) => {
                let message = format!("Invalid data. Expected a dictionary, but got {}.", type_name(&other));
                Err(Reply::json(400, &json!({ "non_field_errors": [message] })))
            }
            Err(error) => Err(Reply::detail(400, &self.parse_error(&error))),
        }
    }

    fn parse_error(&self, error: &serde_json::Error) -> String {
        let column = error.column();
        let before: usize = self.body.split(|byte| *byte == b'\n').take(error.line() - 1).map(|line| line.len() + 1).sum();
        let position = before + column.saturating_sub(1);
        format!("JSON parse error - unexpected character: line {} column {column} (char {position})", error.line())
    }
}

/// Splits and decodes `a=b&c=d`.
pub(super) fn parse_query(text: &str) -> Vec<(String, String)> {
    url::form_urlencoded::parse(text.as_bytes()).map(|(key, value)| (key.into_owned(), value.into_owned())).collect()
}

/// Percent-encodes everything but letters, digits and `-._~`, with spaces as `%20`, as Python's `quote` does.
pub(super) fn quote(text: &str) -> String {
    let mut quoted = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            quoted.push(char::from(byte));
        } else {
            let _ = write!(quoted, "%{byte:02X}");
        }
    }
    quoted
}

/// Python's name for the type of a JSON value, as its error messages use it.
pub(super) fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "NoneType",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float",
        Value::Number(_) => "int",
        Value::String(_) => "str",
        Value::Array(_) => "list",
        Value::Object(_) => "dict",
    }
}

/// One answer.
#[derive(Debug, Clone)]
pub(super) struct Reply {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

impl Reply {
    fn new(status: u16, content_type: &str, body: Vec<u8>) -> Self {
        Self { status, headers: vec![("content-type", content_type.to_owned())], body }
    }

    /// A JSON answer.
    pub fn json(status: u16, body: &Value) -> Self {
        Self::new(status, "application/json", body.to_string().into_bytes())
    }

    /// `{"detail": …}`, the form of every error that is not about one field.
    pub fn detail(status: u16, detail: &str) -> Self {
        Self::json(status, &json!({ "detail": detail }))
    }

    /// 403 for a right that the caller lacks.
    pub fn forbidden() -> Self {
        Self::detail(403, "You do not have permission to perform this action.")
    }

    /// 204 without a body.
    pub fn no_content() -> Self {
        Self { status: 204, headers: Vec::new(), body: Vec::new() }
    }

    /// The empty HTML 405, which also stands for an unhandled error on a write.
    pub fn empty_405() -> Self {
        Self::html(405, "")
    }

    /// An HTML page.
    pub fn html(status: u16, body: &str) -> Self {
        Self::new(status, "text/html; charset=utf-8", body.as_bytes().to_vec())
    }

    /// 302 to an address.
    pub fn redirect(location: &str) -> Self {
        Self::html(302, "").with_header("location", location)
    }

    /// The same answer with one more header.
    pub fn with_header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }
}
