//! Replays every kept recording and compares what comes back.
//!
//! Primary keys, tokens and codes differ from those recorded: each answer teaches which of ours stands for which.

use std::collections::HashMap;

use akwiz::demo::{Seed, Version};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use crate::client::{Answer, Client};
use crate::recording::{Recording, Scenario, Skip, fits, scenario, skips};
use crate::shape::{counterpart, differences};

const SCENARIOS: [(&str, Version); 15] = [
    ("2024.12", Version::V2024_12),
    ("2025.12", Version::V2025_12),
    ("2026.5-rc1", Version::V2026_5Rc1),
    ("2026.5-grants", Version::V2026_5),
    ("checks-2024.12", Version::V2024_12),
    ("checks-2025.12", Version::V2025_12),
    ("checks-2026.5-rc1", Version::V2026_5Rc1),
    ("rights-2024.12", Version::V2024_12),
    ("rights-2025.12", Version::V2025_12),
    ("rights-2026.5-rc1", Version::V2026_5Rc1),
    ("tokens-2024.12", Version::V2024_12),
    ("tokens-2025.12", Version::V2025_12),
    ("tokens-2026.5-rc1", Version::V2026_5Rc1),
    ("device-2025.12", Version::V2025_12),
    ("setup-2025.12", Version::V2025_12),
];

/// Keys whose text differs on every server.
const LEARNED: [&str; 12] = [
    "key",
    "token",
    "access_token",
    "refresh_token",
    "id_token",
    "client_id",
    "client_secret",
    "uid",
    "user_uid",
    "device_code",
    "code",
    "username",
];

struct Replay {
    client: Client,
    texts: HashMap<String, String>,
    users: HashMap<i64, i64>,
    providers: HashMap<i64, i64>,
    sessions: HashMap<String, String>,
}

impl Replay {
    async fn start(version: Version, scenario: &Scenario) -> Self {
        let client = Client::start(version, Seed::Fresh).await;
        let state = client.server.state();
        let mut texts = HashMap::new();
        for (recorded, [table, field, value]) in &scenario.known {
            let found = state[table].as_array().into_iter().flatten().find(|object| object[field] == json!(value));
            let object = found.unwrap_or_else(|| panic!("the stand-in has no {value} in {table}"));
            let own = object["pk"].as_str().or(object["brand_uuid"].as_str()).expect("a key");
            texts.insert(recorded.clone(), own.to_owned());
        }
        // The first key used is the administrator's.
        let bearer = |recording: &Recording| recording.authorization.as_deref()?.strip_prefix("Bearer ").map(str::to_owned);
        if let Some(key) = scenario.recordings.iter().filter(|recording| recording.status < 300).find_map(bearer) {
            texts.insert(key, client.server.token().expose_secret().to_owned());
        }
        Self { client, texts, users: HashMap::new(), providers: HashMap::new(), sessions: HashMap::new() }
    }

    /// Replaces recorded identifiers inside a text.
    fn text(&self, text: &str) -> String {
        if let Some(own) = self.texts.get(text) {
            return own.clone();
        }
        let mut replaced = text.to_owned();
        for (recorded, own) in &self.texts {
            if recorded.len() >= 32 && replaced.contains(recorded.as_str()) {
                replaced = replaced.replace(recorded.as_str(), own);
            }
        }
        replaced
    }

    fn path(&self, path: &str) -> String {
        let mut path = self.text(path);
        for (before, numbers) in [
            ("/providers/oauth2/", &self.providers),
            ("/core/users/", &self.users),
            ("for_user=", &self.users),
            ("users=", &self.users),
        ] {
            let Some(start) = path.find(before).map(|at| at + before.len()) else { continue };
            let end = path[start..].find(|letter: char| !letter.is_ascii_digit()).map_or(path.len(), |length| start + length);
            if let Some(own) = path[start..end].parse().ok().and_then(|number: i64| numbers.get(&number)) {
                path.replace_range(start..end, &own.to_string());
            }
        }
        path
    }

    fn value(&self, key: &str, value: &Value) -> Value {
        match value {
            Value::String(text) => json!(self.text(text)),
            Value::Array(values) => values.iter().map(|value| self.value(key, value)).collect(),
            Value::Object(object) => object.iter().map(|(key, value)| (key.clone(), self.value(key, value))).collect(),
            Value::Number(number) => {
                let numbers = match key {
                    "provider" => &self.providers,
                    "user" | "users" | "pk" => &self.users,
                    _ => return value.clone(),
                };
                number.as_i64().and_then(|number| numbers.get(&number)).map_or_else(|| value.clone(), |own| json!(own))
            }
            _ => value.clone(),
        }
    }

    async fn send(&mut self, recording: &Recording) -> Answer {
        let mut headers = vec![("accept".to_owned(), recording.accept.clone().unwrap_or_else(|| "application/json".to_owned()))];
        if let Some(content_type) = &recording.content_type {
            headers.push(("content-type".to_owned(), content_type.clone()));
        }
        if let Some(authorization) = &recording.authorization {
            let (scheme, key) = authorization.split_once(' ').unwrap_or((authorization, ""));
            headers.push(("authorization".to_owned(), format!("{scheme} {}", self.text(key))));
        }
        if let Some(username) = &recording.session {
            if !self.sessions.contains_key(username)
                && let Some(cookie) = self.client.server.session(username)
            {
                self.sessions.insert(username.clone(), cookie);
            }
            if let Some(cookie) = self.sessions.get(username) {
                headers.push(("cookie".to_owned(), cookie.clone()));
            }
            if recording.csrf {
                headers.push(("x-authentik-csrf".to_owned(), "token".to_owned()));
            }
        }
        let form = recording.content_type.as_deref() == Some("application/x-www-form-urlencoded");
        let body = match &recording.body {
            None => None,
            Some(Value::String(text)) => Some(text.clone()),
            Some(Value::Object(fields)) if form => {
                let mut encoded = url::form_urlencoded::Serializer::new(String::new());
                for (name, value) in fields {
                    encoded.append_pair(name, &self.text(value.as_str().unwrap_or_default()));
                }
                Some(encoded.finish())
            }
            Some(body) => Some(self.value("", body).to_string()),
        };
        self.client.raw(&recording.method, &self.path(&recording.path), &headers, body).await.expect("an answer")
    }

    /// Remembers which of our identifiers stand for recorded ones.
    fn learn(&mut self, key: &str, recorded: &Value, ours: &Value, path: &str) {
        match (recorded, ours) {
            (Value::Object(recorded), Value::Object(ours)) => {
                for (name, value) in recorded {
                    // A bare `pk` means what holds it.
                    let name_here = if name == "pk" { key } else { name.as_str() };
                    if let Some(own) = ours.get(name) {
                        self.learn(name_here, value, own, path);
                    }
                }
            }
            (Value::Array(recorded), Value::Array(ours)) => {
                for entry in recorded.iter().filter(|entry| entry.is_object()) {
                    if let Some(own) = counterpart(entry, ours) {
                        self.learn(key, entry, own, path);
                    }
                }
            }
            (Value::Number(recorded), Value::Number(ours)) => {
                let (Some(recorded), Some(ours)) = (recorded.as_i64(), ours.as_i64()) else { return };
                let below = |prefix: &str| path.starts_with(prefix) && matches!(key, "" | "results");
                if matches!(key, "provider" | "provider_obj") || below("/api/v3/providers/") {
                    self.providers.insert(recorded, ours);
                } else if matches!(key, "user" | "user_obj" | "user_pk") || below("/api/v3/core/users/") {
                    self.users.insert(recorded, ours);
                }
            }
            (Value::String(recorded), Value::String(ours)) => {
                let identifies =
                    recorded.len() >= 32 && recorded.chars().all(|letter| letter.is_ascii_hexdigit() || letter == '-');
                if recorded != ours && (identifies || (LEARNED.contains(&key) && recorded.len() > 8)) {
                    self.texts.insert(recorded.clone(), ours.clone());
                }
            }
            _ => {}
        }
    }

    fn learn_code(&mut self, recorded: &str, ours: &str) {
        let code = |location: &str| {
            let (_, rest) = location.split_once("code=")?;
            Some(rest.split('&').next().unwrap_or_default().to_owned())
        };
        if let (Some(recorded), Some(ours)) = (code(recorded), code(ours)) {
            self.texts.insert(recorded, ours);
        }
    }

    fn compare(&self, recording: &Recording, answer: &Answer) -> Vec<String> {
        if answer.status != recording.status {
            let text: String = answer.text.chars().filter(|letter| !letter.is_control()).take(200).collect();
            return vec![format!("status {} instead of {}: {text}", answer.status, recording.status)];
        }
        let mut found = Vec::new();
        if let Some(location) = &recording.location {
            let expected = self.text(location).replace("&inspector=available", "").replace("?inspector=available", "");
            if expected != answer.location {
                found.push(format!("location {} instead of {expected}", answer.location));
            }
        }
        if let Some(page) = recording.answer.get("$page") {
            for part in ["title", "heading"].map(|part| page[part].as_str().unwrap_or_default()) {
                if !answer.text.contains(part) {
                    found.push(format!("the page does not say {part}"));
                }
            }
        } else if recording.answer.is_object() && recording.status >= 400 {
            let without_id = |mut body: Value| {
                body.as_object_mut().map(|body| body.remove("request_id"));
                body
            };
            let expected = without_id(self.value("", &recording.answer));
            if without_id(answer.body.clone()) != expected {
                found.push(format!("{} instead of {expected}", answer.body));
            }
            if recording.answer.get("request_id").is_some() != answer.body.get("request_id").is_some() {
                found.push("request_id differs".to_owned());
            }
        } else if recording.answer.is_object() || recording.answer.is_array() {
            found.extend(differences(&recording.answer, &answer.body, ""));
        } else if !answer.text.is_empty() {
            found.push(format!("a body: {}", answer.text));
        }
        found
    }
}

#[tokio::test]
async fn the_stand_in_answers_like_the_recorded_servers() {
    let skips = skips();
    let mut used = vec![false; skips.len()];
    let mut failures = Vec::new();
    let (mut all, mut not) = (0, 0);
    for (name, version) in SCENARIOS {
        let scenario = scenario(name);
        let mut replay = Replay::start(version, &scenario).await;
        let mut replayed = 0;
        for recording in &scenario.recordings {
            if let Some(index) = skips.iter().position(|skip| skipped(skip, name, recording)) {
                used[index] = true;
                continue;
            }
            let answer = replay.send(recording).await;
            replay.learn("", &recording.answer, &answer.body, &recording.path);
            if let Some(location) = &recording.location {
                replay.learn_code(location, &answer.location);
            }
            let found = replay.compare(recording, &answer);
            if !found.is_empty() {
                failures.push(format!(
                    "{name} {} {} {}\n    {}",
                    recording.name,
                    recording.method,
                    recording.path,
                    found.join("\n    ")
                ));
            }
            replayed += 1;
        }
        let skipped = scenario.recordings.len() - replayed;
        println!("{name}: {replayed} replayed, {skipped} not replayed");
        all += replayed;
        not += skipped;
    }
    println!("together: {all} replayed, {not} not replayed; reasons are in tests/recordings/not-replayed.toml");
    for (skip, _) in skips.iter().zip(&used).filter(|(_, used)| !**used) {
        failures.push(format!("nothing fits the entry {} {:?} ({}) any more", skip.scenario, skip.names, skip.reason));
    }
    assert!(failures.is_empty(), "{} differences:\n{}", failures.len(), failures.join("\n"));
}

fn skipped(skip: &Skip, scenario: &str, recording: &Recording) -> bool {
    fits(&skip.scenario, scenario) && skip.names.iter().any(|name| fits(name, &recording.name))
}
