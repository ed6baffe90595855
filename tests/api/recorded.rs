//! What real servers answered: `tests/recordings`, and in `pages/` the beginning of the page that each shows for what does not exist.

use serde::Deserialize;
use serde_json::Value;

use crate::server::{Reply, Server};

/// The servers whose whole scenario is recorded.
pub const VERSIONS: [&str; 3] = ["2024.12", "2025.12", "2026.5-rc1"];

#[derive(Deserialize)]
struct Scenario {
    recordings: Vec<Recorded>,
}

/// One recorded answer.
#[derive(Debug, Clone, Deserialize)]
pub struct Recorded {
    pub name: String,
    pub method: String,
    /// With the query.
    pub path: String,
    pub status: u16,
    /// JSON, an empty text, or `$page` with the title of a page.
    pub answer: Value,
}

impl Recorded {
    pub fn reply(&self) -> Reply {
        match &self.answer {
            Value::Object(_) | Value::Array(_) if !self.is_page() => Reply::Json(self.status, self.answer.clone()),
            _ => Reply::Text(self.status, vec![("Content-Type", "text/html".into())], String::from_utf8(self.bytes()).unwrap()),
        }
    }

    /// The body as bytes; of a page there is only the title.
    pub fn bytes(&self) -> Vec<u8> {
        match &self.answer {
            Value::String(text) => text.clone().into_bytes(),
            page if self.is_page() => {
                format!("<!DOCTYPE html><title>{}</title>", page["$page"]["title"].as_str().unwrap()).into_bytes()
            }
            json => json.to_string().into_bytes(),
        }
    }

    fn is_page(&self) -> bool {
        self.answer.get("$page").is_some()
    }
}

/// Everything recorded in a scenario: a version, or `rights-` and a version.
pub fn all(scenario: &str) -> Vec<Recorded> {
    let text = match scenario {
        "2024.12" => include_str!("../recordings/2024.12.json"),
        "2025.12" => include_str!("../recordings/2025.12.json"),
        "2026.5-rc1" => include_str!("../recordings/2026.5-rc1.json"),
        "2026.5-grants" => include_str!("../recordings/2026.5-grants.json"),
        "rights-2024.12" => include_str!("../recordings/rights-2024.12.json"),
        "rights-2025.12" => include_str!("../recordings/rights-2025.12.json"),
        "rights-2026.5-rc1" => include_str!("../recordings/rights-2026.5-rc1.json"),
        other => panic!("nothing is recorded of {other}"),
    };
    serde_json::from_str::<Scenario>(text).unwrap().recordings
}

/// One recorded answer.
pub fn one(version: &str, name: &str) -> Recorded {
    all(version).into_iter().find(|recorded| recorded.name == name).unwrap_or_else(|| panic!("{version} has no {name}"))
}

/// The page that a server shows for what does not exist.
pub fn page(version: &str) -> &'static str {
    match version {
        "2024.12" => include_str!("pages/2024.12.html"),
        "2025.12" => include_str!("pages/2025.12.html"),
        _ => include_str!("pages/2026.5-rc1.html"),
    }
}

/// A server that answers everything with one recording.
pub async fn serve(version: &str, name: &str) -> Server {
    let recorded = one(version, name);
    Server::start(move |_| recorded.reply()).await
}
