//! What former runs of a file made and the file no longer wants.

use std::collections::HashSet;

use futures_util::stream::{self, StreamExt as _};

use crate::apply::undo::{Report, undo};
use crate::authentik::Client;
use crate::error::Result;
use crate::receipts::ReceiptStore;
use crate::setup::receipt::{EntryState, Receipt, ReceiptObject};

/// How many are taken back at once.
const AT_ONCE: usize = 4;

/// An application that a former run of the same file made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leftover {
    /// The receipt's id.
    pub receipt: String,
    /// The application's slug.
    pub slug: String,
}

/// The applications that `file` made on `server` and that are not `wanted`, which is asked with the slug in lower case.
///
/// # Errors
/// When the receipts cannot be listed.
pub fn leftovers(receipts: &dyn ReceiptStore, server: &str, file: &str, wanted: &dyn Fn(&str) -> bool) -> Result<Vec<Leftover>> {
    let mut found = Vec::new();
    receipts.each(&mut |receipt| {
        let Some(mark) = receipt.file.as_ref().filter(|mark| mark.file == file && receipt.server == server) else { return };
        let Some(slug) = mark.slug.clone().filter(|slug| !wanted(&slug.to_lowercase())) else { return };
        if pairs(&receipt).next().is_some() {
            found.push(Leftover { receipt: receipt.id, slug });
        }
    })?;
    found.sort_by(|a, b| a.slug.cmp(&b.slug).then_with(|| a.receipt.cmp(&b.receipt)));
    Ok(found)
}

/// The client IDs of what akwiz made on `server` from here: by the wizard, a command or a file.
///
/// # Errors
/// When the receipts cannot be listed.
pub fn was_made_here(receipts: &dyn ReceiptStore, server: &str) -> Result<HashSet<String>> {
    let mut ids = HashSet::new();
    receipts.each(&mut |receipt| {
        if receipt.server == server {
            ids.extend(receipt.client_ids.into_values());
        }
    })?;
    Ok(ids)
}

/// Takes back what is left over. Gives what came of each.
pub async fn prune(client: &Client, receipts: &dyn ReceiptStore, leftovers: &[Leftover]) -> Vec<Result<Report>> {
    stream::iter(leftovers).map(|leftover| undo(client, receipts, &leftover.receipt)).buffered(AT_ONCE).collect().await
}

/// The pairs of provider and application that the receipt made, or may have made.
fn pairs(receipt: &Receipt) -> impl Iterator<Item = &ReceiptObject> {
    receipt
        .entries
        .iter()
        .filter(|entry| matches!(entry.state, EntryState::Done | EntryState::Intended | EntryState::Unknown))
        .map(|entry| &entry.object)
        .filter(|object| matches!(object, ReceiptObject::Pair { .. }))
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
        assert_eq!(found, [Leftover { receipt: "1".into(), slug: "old".into() }]);
        assert_eq!(leftovers(&store, "https://b.example", "apps.toml", &wanted).unwrap(), []);
        assert!(was_made_here(&store, "https://a.example").unwrap().contains("client-others"));
    }
}
