//! What lists and the search need of a template.

use super::template::{Evidence, Kind, Template};

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

impl Head {
    /// The head of a template.
    pub fn of(template: &Template) -> Self {
        let types = template.source.iter().flat_map(|source| &source.types);
        // One type that every server has is enough; the first that is named is the oldest.
        let since = types.map(|one| one.since.as_deref()).reduce(|first, other| other.and(first));
        let mut checked: Vec<Evidence> = template.checked.iter().map(|checked| checked.against).collect();
        checked.sort_unstable();
        checked.dedup();
        Self {
            id: template.id.clone(),
            kind: template.kind,
            name: template.name.clone(),
            aliases: template.aliases.clone(),
            category: template.category.clone(),
            summary: template.summary.clone(),
            label: template.label.clone(),
            since: since.flatten().map(ToOwned::to_owned),
            checked,
        }
    }
}
