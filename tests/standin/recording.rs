//! The recordings in `tests/recordings`, and the list of those that are not replayed.

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;

use serde::Deserialize;
use serde_json::Value;

/// One scenario on one server.
#[derive(Deserialize)]
pub struct Scenario {
    /// Which of a new server's own objects a recorded primary key stands for: table, field, value.
    pub known: HashMap<String, [String; 3]>,
    pub recordings: Vec<Recording>,
}

/// One request and what a real server answered.
#[derive(Deserialize)]
pub struct Recording {
    pub name: String,
    pub method: String,
    pub path: String,
    pub content_type: Option<String>,
    pub accept: Option<String>,
    pub authorization: Option<String>,
    /// The user name behind the session cookie.
    pub session: Option<String>,
    #[serde(default)]
    pub csrf: bool,
    pub body: Option<Value>,
    pub status: u16,
    pub location: Option<String>,
    pub answer: Value,
}

/// Recordings that the stand-in does not answer, and why.
#[derive(Deserialize)]
pub struct Skip {
    /// The scenario; a final `*` stands for anything.
    pub scenario: String,
    /// Names of recordings, each with the same star.
    pub names: Vec<String>,
    pub reason: String,
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/recordings")
}

pub fn scenario(name: &str) -> Scenario {
    let path = folder().join(format!("{name}.json"));
    serde_json::from_str(&fs::read_to_string(&path).expect("a recording")).expect("the reduced form")
}

pub fn skips() -> Vec<Skip> {
    #[derive(Deserialize)]
    struct File {
        skip: Vec<Skip>,
    }
    let text = fs::read_to_string(folder().join("not-replayed.toml")).expect("the list");
    toml::from_str::<File>(&text).expect("the list's form").skip
}

/// Equality, or a common beginning before a final star.
pub fn fits(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => pattern == name,
    }
}
