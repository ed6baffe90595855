//! What lists and the search need of a template.

use serde::Deserialize;

use super::template::{Checked, Evidence, Kind, Template};

/// What a template is about: a few words of each, for all of them are in memory while the program runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// [`Template::id`].
    pub id: String,
    /// An application or a login source.
    pub kind: Kind,
    /// [`Template::name`].
    pub name: String,
    /// What else people search for.
    pub aliases: Vec<String>,
    /// One of authentik's own categories.
    pub category: String,
    /// One line: what it is.
    pub summary: String,
    /// Which variant this is, where there are several.
    pub label: Option<String>,
    /// The first version of authentik that can have it, where the oldest that akwiz knows cannot. Only login sources have one.
    pub since: Option<String>,
    /// What it was checked against, each once.
    pub checked: Vec<Evidence>,
}

/// The keys that stand before the first table of a template file.
#[derive(Deserialize)]
struct Top {
    id: String,
    #[serde(default)]
    kind: Kind,
    name: String,
    #[serde(default)]
    aliases: Vec<String>,
    category: String,
    summary: String,
    label: Option<String>,
    #[serde(default)]
    checked: Vec<Checked>,
}

impl Head {
    /// The head of an application's template, from no more of its source than that takes. Nothing for a login source, of which more is
    /// needed, and for what is no template.
    pub fn read(source: &str) -> Option<Self> {
        let end = source.find("\n[").map_or(source.len(), |at| at + 1);
        let top: Top = toml::from_str(&source[..end]).ok()?;
        (top.kind == Kind::Application).then(|| Self {
            id: top.id,
            kind: top.kind,
            name: top.name,
            aliases: top.aliases,
            category: top.category,
            summary: top.summary,
            label: top.label,
            since: None,
            checked: evidence(&top.checked),
        })
    }

    /// The head of a template.
    pub fn of(template: &Template) -> Self {
        let types = template.source.iter().flat_map(|source| &source.types);
        // One type that every server has is enough; the first that is named is the oldest.
        let since = types.map(|one| one.since.as_deref()).reduce(|first, other| other.and(first));
        Self {
            id: template.id.clone(),
            kind: template.kind,
            name: template.name.clone(),
            aliases: template.aliases.clone(),
            category: template.category.clone(),
            summary: template.summary.clone(),
            label: template.label.clone(),
            since: since.flatten().map(ToOwned::to_owned),
            checked: evidence(&template.checked),
        }
    }
}

/// What something was checked against, each once.
fn evidence(checked: &[Checked]) -> Vec<Evidence> {
    let mut evidence: Vec<Evidence> = checked.iter().map(|checked| checked.against).collect();
    evidence.sort_unstable();
    evidence.dedup();
    evidence
}
