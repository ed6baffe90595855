//! What former runs of a file made and the file no longer wants.
//!
//! What a run made for several applications (a key, a scope mapping, a group) goes with the last of them. Undoing looks who uses it, on the
//! whole server, and leaves it to them.

use std::collections::HashSet;

use futures_util::future::join_all;
use futures_util::stream::{self, StreamExt as _};

use super::{Wish, shared};
use crate::apply::undo::{Report, source_api, undo, used};
use crate::authentik::{ApiError, Client};
use crate::catalog::render::Engine;
use crate::catalog::template::Template;
use crate::error::Result;
use crate::receipts::ReceiptStore;
use crate::setup::facts::Facts;
use crate::setup::mint::Minted;
use crate::setup::providers::Providers;
use crate::setup::receipt::{EntryState, Receipt, ReceiptEntry, ReceiptObject, SOURCE_PREFIX};

/// How many are taken back at once.
const AT_ONCE: usize = 4;

/// An application or a login source that a former run of the same file made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leftover {
    /// The receipt's id.
    pub receipt: String,
    /// The application's slug, or a login source's after `source/`.
    pub slug: String,
}

/// Something that a former run of the same file made for several applications.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedLeftover {
    /// The receipt's id.
    pub receipt: String,
    /// Its name.
    pub name: String,
    /// The endpoint below `/api/v3/`.
    endpoint: String,
    pk: String,
}

/// What former runs of a file made and the file does not want.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Leftovers {
    /// Applications and login sources.
    pub applications: Vec<Leftover>,
    /// Keys, scope mappings and groups that may have been made for them. Whether somebody uses them is seen when they are removed.
    pub shared: Vec<SharedLeftover>,
}

impl Leftovers {
    /// Nothing is left over.
    pub fn is_empty(&self) -> bool {
        self.applications.is_empty() && self.shared.is_empty()
    }
}

/// What `file` made on `server` and that is not `wanted`, which is asked with the mark in lower case (see [`super::Wish::marks`]). Shared
/// things are all there are.
///
/// # Errors
/// When the receipts cannot be listed.
pub fn leftovers(receipts: &dyn ReceiptStore, server: &str, file: &str, wanted: &dyn Fn(&str) -> bool) -> Result<Leftovers> {
    let mut found = Leftovers::default();
    receipts.each(&mut |receipt| {
        let Some(mark) = receipt.file.as_ref().filter(|mark| mark.file == file && receipt.server == server) else { return };
        match mark.slug.clone() {
            Some(slug) if !wanted(&slug.to_lowercase()) && made(&receipt) => {
                found.applications.push(Leftover { receipt: receipt.id, slug });
            }
            Some(_) => {}
            None => found.shared.extend(shared_by(&receipt)),
        }
    })?;
    found.applications.sort_by(|a, b| a.slug.cmp(&b.slug).then_with(|| a.receipt.cmp(&b.receipt)));
    found.shared.sort_by(|a, b| a.name.cmp(&b.name).then_with(|| a.receipt.cmp(&b.receipt)));
    Ok(found)
}

/// Leaves of the shared things only those that no wish would have made again. Some are used by name alone, where authentik cannot see it: a
/// group, say, whose members become administrators of the application.
pub fn leave_what_is_wanted(
    leftovers: &mut Leftovers,
    wishes: &[Wish],
    facts: &Facts,
    engine: &Engine,
    mint: &dyn Fn(&Template) -> Minted,
) {
    if leftovers.shared.is_empty() {
        return;
    }
    // As if neither they nor any application were there: what is wanted is then planned.
    let mut bare = Facts { applications: Vec::new(), providers: Providers::default(), existing: Vec::new(), ..facts.clone() };
    let is_left = |name: &str| leftovers.shared.iter().any(|shared| shared.name == name);
    bare.groups.retain(|group| !is_left(&group.name));
    bare.mappings.retain(|mapping| !is_left(&mapping.name));
    bare.keys.retain(|key| !is_left(&key.name));
    for wish in wishes {
        // What is decided for all of them needs no further plan.
        if leftovers.shared.is_empty() {
            return;
        }
        for action in &wish.plan(engine, &bare, &mint(&wish.template)).actions {
            if shared::stand_in(action).is_some() {
                leftovers.shared.retain(|left| left.name != shared::name(action));
            }
        }
    }
}

/// Leaves of the shared things only those that nobody uses. While applications are left over too, this is seen when they are gone.
///
/// # Errors
/// When the server cannot be reached, or an answer cannot be read.
pub async fn leave_what_is_used(client: &Client, leftovers: &mut Leftovers) -> Result<(), ApiError> {
    if !leftovers.applications.is_empty() {
        return Ok(());
    }
    let used = leftovers.shared.iter().map(|shared| used(client, &shared.endpoint, &shared.pk));
    let mut used = join_all(used).await.into_iter().collect::<Result<Vec<bool>, _>>()?.into_iter();
    leftovers.shared.retain(|_| !used.next().unwrap_or(true));
    Ok(())
}

/// The client IDs of the applications and the primary keys of the login sources that akwiz made or adopted on `server` from here: by the
/// wizard, a command or a file.
///
/// # Errors
/// When the receipts cannot be listed.
pub fn was_made_here(receipts: &dyn ReceiptStore, server: &str) -> Result<HashSet<String>> {
    let mut ids = HashSet::new();
    receipts.each(&mut |receipt| {
        if receipt.server == server {
            ids.extend(receipt.entries.iter().filter_map(source).map(str::to_owned));
            ids.extend(receipt.source.map(|source| source.pk));
            ids.extend(receipt.client_ids.into_values());
        }
    })?;
    Ok(ids)
}

/// Takes back what these receipts made. Gives what came of each.
pub async fn prune(client: &Client, receipts: &dyn ReceiptStore, ids: impl Iterator<Item = &str>) -> Vec<Result<Report>> {
    stream::iter(ids).map(|id| undo(client, receipts, id)).buffered(AT_ONCE).collect().await
}

/// Whether the receipt made, or may have made, an application or a login source; or something for a source that could not be made itself.
fn made(receipt: &Receipt) -> bool {
    let slug = receipt.file.as_ref().and_then(|mark| mark.slug.as_deref());
    let is_source = slug.is_some_and(|slug| slug.starts_with(SOURCE_PREFIX));
    let open = |entry: &&ReceiptEntry| matches!(entry.state, EntryState::Done | EntryState::Intended | EntryState::Unknown);
    receipt.entries.iter().filter(open).any(|entry| match &entry.object {
        ReceiptObject::Pair { .. } => true,
        ReceiptObject::Made { .. } => is_source,
        ReceiptObject::Changed { .. } => false,
    })
}

/// The primary key of the login source that was made.
fn source(entry: &ReceiptEntry) -> Option<&str> {
    match &entry.object {
        ReceiptObject::Made { endpoint, pk: Some(pk), .. } if source_api(endpoint).is_some() => Some(pk),
        _ => None,
    }
}

/// What the receipt made for several applications, if its key is known.
fn shared_by(receipt: &Receipt) -> impl Iterator<Item = SharedLeftover> {
    receipt.entries.iter().filter(|entry| entry.state == EntryState::Done).filter_map(|entry| match &entry.object {
        ReceiptObject::Made { endpoint, mark: (_, name), pk: Some(pk) } => {
            Some(SharedLeftover { receipt: receipt.id.clone(), name: name.clone(), endpoint: endpoint.clone(), pk: pk.clone() })
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::receipts::MemoryReceipts;
    use crate::setup::receipt::FORMAT;

    fn keep(store: &MemoryReceipts, id: &str, file: &str, slug: &str, state: &str) {
        let receipt = json!({
            "format": FORMAT, "id": id, "started": 0, "server": "https://a.example", "public_url": "", "user": "", "template": "x",
            "answers": {}, "client_ids": {"main": format!("client-{slug}")}, "finished": true, "file": {"file": file, "slug": slug},
            "entries": [{"label": "", "state": {"state": state}, "object": {"kind": "pair", "part": "main", "slug": slug,
                "client_id": format!("client-{slug}"), "provider": null, "application": null, "bindings": []}}],
        });
        store.save(&serde_json::from_value(receipt).unwrap()).unwrap();
    }

    #[test]
    fn only_what_the_same_file_made_and_no_longer_wants_is_left_over() {
        let store = MemoryReceipts::default();
        keep(&store, "1", "apps.toml", "old", "done");
        keep(&store, "2", "apps.toml", "Wanted", "done");
        keep(&store, "3", "other.toml", "others", "done");
        keep(&store, "4", "apps.toml", "gone", "undone");
        let wanted = |slug: &str| slug == "wanted";
        let found = leftovers(&store, "https://a.example", "apps.toml", &wanted).unwrap();
        assert_eq!(found.applications, [Leftover { receipt: "1".into(), slug: "old".into() }]);
        assert!(leftovers(&store, "https://b.example", "apps.toml", &wanted).unwrap().is_empty());
        assert!(was_made_here(&store, "https://a.example").unwrap().contains("client-others"));
    }
}
