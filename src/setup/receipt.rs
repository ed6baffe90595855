//! A record of what was changed on a server, so that it can be undone or finished. Written before each write; holds no secret.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// The version of the format that this build writes. Older ones stay readable.
pub const FORMAT: u32 = 1;

/// Stands before the slug of a login source where an application could have it too.
pub const SOURCE_PREFIX: &str = "source/";

/// A record of one run of a plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Receipt {
    /// The format's version.
    pub format: u32,
    /// Sorts by time: `20261122T141503Z-portainer-a1b2`.
    pub id: String,
    /// When it was started, in seconds since 1970 (UTC).
    pub started: u64,
    /// The address of the API.
    pub server: String,
    /// The public address.
    pub public_url: String,
    /// Whose token it was.
    pub user: String,
    /// The template's id.
    pub template: String,
    /// The answers that can be shown, by question; secrets are left out.
    pub answers: IndexMap<String, Json>,
    /// What differed from the template's choice, by option. Receipts of the first builds do not have it.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub options: IndexMap<String, Json>,
    /// The slugs of the applications by part, also of those that were changed or only adopted. As above.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub slugs: IndexMap<String, String>,
    /// Client ids by part, known before anything was written: with them akwiz finds its own work after a lost answer.
    pub client_ids: IndexMap<String, String>,
    /// What was done, in order.
    pub entries: Vec<ReceiptEntry>,
    /// Whether the run came to its end.
    pub finished: bool,
    /// The login source that was only adopted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<AdoptedSource>,
    /// The file that asked for it, where one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<FileMark>,
}

/// A login source that akwiz did not make and was told of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdoptedSource {
    /// The endpoint below `/api/v3/`, such as `sources/oauth`.
    pub endpoint: String,
    /// Its slug.
    pub slug: String,
    /// Its primary key.
    pub pk: String,
}

/// Which file of applications a change was made for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileMark {
    /// The name that the file gives itself, else its path.
    pub file: String,
    /// The application's slug, or a login source's after [`SOURCE_PREFIX`]; none for what several applications of the file share.
    pub slug: Option<String>,
}

impl Receipt {
    /// The slugs of the applications that it is about.
    pub fn slugs(&self) -> impl Iterator<Item = &str> {
        let made = self.entries.iter().filter_map(|entry| match &entry.object {
            ReceiptObject::Pair { slug, .. } => Some(slug.as_str()),
            _ => None,
        });
        self.slugs.values().map(String::as_str).chain(made.filter(|slug| !self.slugs.values().any(|known| known == slug)))
    }

    /// The part whose application has this slug.
    pub fn part(&self, wanted: &str) -> Option<&str> {
        let made = self.entries.iter().find_map(|entry| match &entry.object {
            ReceiptObject::Pair { part, slug, .. } if slug == wanted => Some(part.as_str()),
            _ => None,
        });
        self.slugs.iter().find(|(_, slug)| *slug == wanted).map(|(part, _)| part.as_str()).or(made)
    }

    /// Nothing was written: it only says what an application that was there was made from.
    pub fn is_adopted(&self) -> bool {
        self.entries.is_empty() && (!self.slugs.is_empty() || self.source.is_some())
    }

    /// Nothing of it is on the server, as far as it is known.
    pub fn is_void(&self) -> bool {
        !self.is_adopted()
            && self.entries.iter().all(|entry| matches!(entry.state, EntryState::Undone | EntryState::Refused { .. }))
    }
}

/// One write.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReceiptEntry {
    /// What it is, for people: `Create provider and application "Portainer"`.
    pub label: String,
    /// What was written.
    pub object: ReceiptObject,
    /// How far it came.
    pub state: EntryState,
}

/// What a write made or changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ReceiptObject {
    /// An object was made. The primary key is known once the answer, or a look by its unique mark, gave it.
    Made {
        /// The endpoint below `/api/v3/`, such as `providers/oauth2`.
        endpoint: String,
        /// The field and value that nothing else has, such as the client id.
        mark: (String, String),
        /// Primary key, or the slug for applications and sources.
        pk: Option<String>,
    },
    /// A provider and its application were made in one transaction.
    Pair {
        /// The part's id.
        part: String,
        /// The client id, which only akwiz's own provider has.
        client_id: String,
        /// The application's slug.
        slug: String,
        /// The provider's primary key.
        provider: Option<String>,
        /// The application's primary key.
        application: Option<String>,
        /// The bindings' primary keys.
        bindings: Vec<String>,
    },
    /// Fields of an object were changed.
    Changed {
        /// The endpoint below `/api/v3/`.
        endpoint: String,
        /// Primary key or slug.
        pk: String,
        /// The fields' values before, as the server sent them; secrets are left out.
        before: serde_json::Map<String, Json>,
        /// The fields' values after, as they were sent; secrets are left out.
        after: serde_json::Map<String, Json>,
        /// Fields that held a secret: they cannot be put back.
        hidden: Vec<String>,
    },
}

/// How far a write came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum EntryState {
    /// About to be sent.
    Intended,
    /// The server said yes.
    Done,
    /// The server said no; nothing was written.
    Refused {
        /// Its reason.
        reason: String,
    },
    /// No answer came: it may or may not have been written.
    Unknown,
    /// Taken back.
    Undone,
}
