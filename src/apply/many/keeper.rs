//! Keeps the receipts of many runs: a thread that takes all that wait together, because a disk takes as long for one as for fifty.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use tokio::sync::oneshot;

use crate::error::{Error, Kind, Result};
use crate::receipts::ReceiptStore;
use crate::setup::receipt::Receipt;

/// How many are kept together at most.
const MOST: usize = 64;

/// Keeps receipts on a thread of its own, which ends with this.
#[derive(Debug)]
pub struct Keeper {
    waiting: Sender<Waiting>,
}

struct Waiting {
    receipt: Receipt,
    kept: oneshot::Sender<Result<()>>,
}

impl Keeper {
    /// A keeper for `store`.
    ///
    /// # Errors
    /// When the system has no thread for it.
    pub fn start(store: Arc<dyn ReceiptStore>) -> Result<Self> {
        let (waiting, queue) = channel();
        std::thread::Builder::new()
            .name("receipts".to_owned())
            .spawn(move || keep_all(&*store, &queue))
            .map_err(|error| Error::new(Kind::Internal, "There is no thread to keep receipts on.").caused_by(error))?;
        Ok(Self { waiting })
    }

    /// Keeps `receipt`, and comes back when it is on the disk.
    ///
    /// # Errors
    /// When it cannot be kept for sure.
    pub(in crate::apply) async fn keep(&self, receipt: Receipt) -> Result<()> {
        let gone = || Error::new(Kind::Internal, "Receipts are not kept any more.");
        let (kept, answer) = oneshot::channel();
        self.waiting.send(Waiting { receipt, kept }).map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }
}

fn keep_all(store: &dyn ReceiptStore, queue: &Receiver<Waiting>) {
    while let Ok(first) = queue.recv() {
        let waiting: Vec<Waiting> = std::iter::once(first).chain(queue.try_iter().take(MOST - 1)).collect();
        let (receipts, kept): (Vec<Receipt>, Vec<_>) = waiting.into_iter().map(|one| (one.receipt, one.kept)).unzip();
        for (kept, result) in kept.into_iter().zip(store.save_all(&receipts)) {
            // Whoever asked has gone; the receipt is kept all the same.
            let _ = kept.send(result);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::future::join_all;

    use super::*;
    use crate::receipts::FileReceipts;
    use crate::setup::receipt::FORMAT;

    fn receipt(id: &str) -> Receipt {
        let text = format!(
            r#"{{"format": {FORMAT}, "id": "{id}", "started": 0, "server": "", "public_url": "", "user": "", "template": "x",
                "answers": {{}}, "client_ids": {{}}, "entries": [], "finished": false}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    #[tokio::test]
    async fn each_is_kept_and_a_failure_is_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(FileReceipts::new(folder.path()));
        let keeper = Keeper::start(store.clone()).unwrap();
        let ids = ["a", "b", "no/file", "c"];
        let kept = join_all(ids.map(|id| keeper.keep(receipt(id)))).await;
        assert_eq!(kept.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, true, false, true]);
        assert_eq!(store.list().unwrap().receipts.len(), 3);
    }
}
