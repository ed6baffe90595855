//! Keeps the receipts of many runs: a thread that takes all that wait together, because a disk takes as long for a hundred as for one.
//!
//! What a run is about to do is waited for. That it has been done is kept together with others, at the end at the latest: until then the
//! receipt says that it was intended, and whoever reads that looks at the server.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use crate::error::{Error, Kind, Result};
use crate::receipts::ReceiptStore;
use crate::setup::receipt::Receipt;

/// How many are kept together at most. More would only take memory.
const MOST: usize = 128;

/// Keeps receipts on a thread of its own, which ends with this.
#[derive(Debug)]
pub struct Keeper {
    orders: Sender<Vec<Order>>,
    tray: Mutex<Tray>,
}

/// Orders on their way to the thread. They go together: waking it for each would take longer than to write the receipt.
#[derive(Debug, Default)]
struct Tray {
    orders: Vec<Order>,
    /// Somebody waits for one of them.
    awaited: bool,
    held: bool,
}

#[derive(Debug)]
enum Order {
    /// Keep it, and say so.
    Now(Arc<Receipt>, oneshot::Sender<Result<()>>),
    /// Keep it with others, at the end at the latest.
    Later(Arc<Receipt>),
    /// Keep all that was put off, and say what could not be kept.
    All(oneshot::Sender<Result<()>>),
}

impl Keeper {
    /// A keeper for `store`.
    ///
    /// # Errors
    /// When the system has no thread for it.
    pub fn start(store: Arc<dyn ReceiptStore>) -> Result<Self> {
        let (orders, queue) = channel();
        std::thread::Builder::new()
            .name("receipts".to_owned())
            .spawn(move || Desk { store: &*store, later: VecDeque::new(), failed: None }.run(&queue))
            .map_err(|error| Error::new(Kind::Internal, "There is no thread to keep receipts on.").caused_by(error))?;
        Ok(Self { orders, tray: Mutex::default() })
    }

    /// Keeps `receipt`, and comes back when it is on the disk.
    ///
    /// # Errors
    /// When it cannot be kept for sure.
    pub(in crate::apply) async fn keep(&self, receipt: Arc<Receipt>) -> Result<()> {
        self.ask(|kept| Order::Now(receipt, kept)).await
    }

    /// Keeps a newer state of a receipt that is kept already, at the end at the latest. Whether that worked, [`Keeper::finish`] tells.
    pub(in crate::apply) fn keep_later(&self, receipt: Arc<Receipt>) {
        self.tray().orders.push(Order::Later(receipt));
    }

    /// Comes back when everything is on the disk.
    ///
    /// # Errors
    /// The first of what could not be kept.
    pub(super) async fn finish(&self) -> Result<()> {
        self.release();
        self.ask(Order::All).await
    }

    /// More orders are about to come: they wait for each other until [`Keeper::release`].
    pub(super) fn hold(&self) {
        self.tray().held = true;
    }

    /// All that wait are passed on.
    pub(super) fn release(&self) {
        self.tray().held = false;
        self.pass_on();
    }

    fn tray(&self) -> MutexGuard<'_, Tray> {
        self.tray.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pass_on(&self) {
        let mut tray = self.tray();
        if !tray.held && (tray.awaited || tray.orders.len() >= MOST) {
            tray.awaited = false;
            // A thread that has gone is told by whatever is waited for.
            let _ = self.orders.send(std::mem::take(&mut tray.orders));
        }
    }

    async fn ask(&self, order: impl FnOnce(oneshot::Sender<Result<()>>) -> Order) -> Result<()> {
        let (kept, answer) = oneshot::channel();
        {
            let mut tray = self.tray();
            tray.orders.push(order(kept));
            tray.awaited = true;
        }
        // The others that are ready get a turn, and their orders go along.
        tokio::task::yield_now().await;
        self.pass_on();
        answer.await.map_err(|_| Error::new(Kind::Internal, "Receipts are not kept any more."))?
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.tray().awaited = true;
        self.release();
    }
}

struct Desk<'a> {
    store: &'a dyn ReceiptStore,
    later: VecDeque<Arc<Receipt>>,
    /// The first failure of what was put off.
    failed: Option<Error>,
}

impl Desk<'_> {
    fn run(mut self, queue: &Receiver<Vec<Order>>) {
        while let Ok(mut orders) = queue.recv() {
            orders.extend(queue.try_iter().flatten());
            while !orders.is_empty() {
                let rest = orders.split_off(orders.len().min(MOST));
                self.take(std::mem::replace(&mut orders, rest));
                // A few are not worth a wait for the disk.
                if self.later.len() >= MOST {
                    self.keep_some_later();
                }
            }
        }
        while !self.later.is_empty() {
            self.keep_some_later();
        }
    }

    /// Does as ordered, together with all that wait for the same.
    fn take(&mut self, orders: Vec<Order>) {
        let (mut receipts, mut waiting) = (Vec::new(), Vec::new());
        for order in orders {
            match order {
                Order::Now(receipt, kept) => {
                    // What was put off about the same run is older.
                    self.later.retain(|later| later.id != receipt.id);
                    receipts.push(receipt);
                    waiting.push(kept);
                }
                Order::Later(receipt) => self.later.push_back(receipt),
                Order::All(kept) => {
                    while !self.later.is_empty() {
                        self.keep_some_later();
                    }
                    let _ = kept.send(self.failed.take().map_or(Ok(()), Err));
                }
            }
        }
        let results = self.save(&receipts);
        // Whoever goes on with one then need not copy it.
        drop(receipts);
        for (kept, result) in waiting.into_iter().zip(results) {
            // Whoever asked may have gone; the receipt is kept all the same.
            let _ = kept.send(result);
        }
    }

    fn keep_some_later(&mut self) {
        let most = self.later.len().min(MOST);
        let receipts: Vec<Arc<Receipt>> = self.later.drain(..most).collect();
        for result in self.save(&receipts) {
            if let Err(error) = result {
                self.failed.get_or_insert(error);
            }
        }
    }

    fn save(&self, receipts: &[Arc<Receipt>]) -> Vec<Result<()>> {
        let receipts: Vec<&Receipt> = receipts.iter().map(Arc::as_ref).collect();
        self.store.save_all(&receipts)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::future::join_all;

    use super::*;
    use crate::receipts::FileReceipts;
    use crate::setup::receipt::FORMAT;

    fn receipt(id: &str, finished: bool) -> Arc<Receipt> {
        let text = format!(
            r#"{{"format": {FORMAT}, "id": "{id}", "started": 0, "server": "", "public_url": "", "user": "", "template": "x",
                "answers": {{}}, "client_ids": {{}}, "entries": [], "finished": {finished}}}"#
        );
        Arc::new(serde_json::from_str(&text).unwrap())
    }

    #[tokio::test]
    async fn each_is_kept_and_a_failure_is_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(FileReceipts::new(folder.path()));
        let keeper = Keeper::start(store.clone()).unwrap();
        let ids = ["a", "b", "no/file", "c"];
        let kept = join_all(ids.map(|id| keeper.keep(receipt(id, false)))).await;
        assert_eq!(kept.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, true, false, true]);
        assert_eq!(store.list().unwrap().receipts.len(), 3);
    }

    #[tokio::test]
    async fn what_is_held_is_written_together() {
        let folder = tempfile::tempdir().unwrap();
        let files = || std::fs::read_dir(folder.path()).unwrap().count();
        let keeper = Keeper::start(Arc::new(FileReceipts::new(folder.path()))).unwrap();
        keeper.hold();
        let mut kept = std::pin::pin!(join_all(["a", "b", "c"].map(|id| keeper.keep(receipt(id, false)))));
        for _ in 0..3 {
            assert!(futures_util::poll!(&mut kept).is_pending());
            tokio::task::yield_now().await;
        }
        assert_eq!(files(), 0);
        keeper.release();
        assert!(kept.await.iter().all(Result::is_ok));
        assert_eq!(files(), 1);
    }

    #[tokio::test]
    async fn what_was_put_off_is_there_in_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(FileReceipts::new(folder.path()));
        let keeper = Keeper::start(store.clone()).unwrap();
        for number in 0..300 {
            keeper.keep(receipt(&number.to_string(), false)).await.unwrap();
            keeper.keep_later(receipt(&number.to_string(), true));
        }
        keeper.finish().await.unwrap();
        let receipts = store.list().unwrap().receipts;
        assert!(receipts.len() == 300 && receipts.iter().all(|receipt| receipt.finished));
        keeper.keep_later(receipt("no/file", true));
        assert!(keeper.finish().await.is_err() && keeper.finish().await.is_ok());
    }
}
