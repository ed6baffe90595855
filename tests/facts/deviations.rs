//! The reviewed list of differences.

use std::collections::BTreeMap;

use serde::Deserialize;

/// What differs between the facts and a template.
#[derive(Debug, PartialEq, Eq)]
pub struct Difference {
    pub template: String,
    /// What differs: `redirect URI`, `subject mode`.
    pub field: String,
    /// The facts' value; empty where they have none.
    pub fact: String,
    /// The template's value; empty where it has none.
    pub here: String,
}

/// An entry of the list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listed {
    pub template: String,
    pub field: String,
    pub fact: String,
    pub here: String,
    /// Why, as a sentence.
    pub reason: String,
    /// What it was confirmed against.
    #[expect(dead_code, reason = "its type is what counts: an unknown kind of evidence cannot be read")]
    pub evidence: Evidence,
    /// Where: a file, a page, a version.
    pub cites: String,
}

/// What a deviation may rest on.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// A running server.
    Server,
    /// The application's or authentik's source.
    Source,
    /// A text of the application's makers, or a standard.
    Manual,
}

pub fn listed() -> Vec<Listed> {
    let source = include_str!("deviations.toml");
    let mut file: BTreeMap<String, Vec<Listed>> = toml::from_str(source).unwrap();
    let listed = file.remove("deviation").unwrap_or_default();
    assert!(file.is_empty(), "only [[deviation]] is known");
    listed
}

impl Difference {
    /// The difference as an entry of the list, its reason left open.
    pub fn entry(&self) -> String {
        let quoted = |text: &str| toml::Value::from(text).to_string();
        format!(
            "[[deviation]]\ntemplate = {}\nfield = {}\nfact = {}\nhere = {}\nreason = \"\"\nevidence = \"source\"\ncites = \"\"\n\n",
            quoted(&self.template),
            quoted(&self.field),
            quoted(&self.fact),
            quoted(&self.here)
        )
    }
}
