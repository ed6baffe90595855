//! Where receipts are kept: one file each in the state folder, or in memory for the demo.
//!
//! A receipt is written before each change on a server, so writing one is atomic and reaches the disk ([`write_private`]).

use std::collections::HashSet;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::config::write_private;
use crate::error::{Error, Kind, Result};
use crate::setup::receipt::{FORMAT, Receipt};

/// The name's end of a receipt's file.
const SUFFIX: &str = ".json";

/// The extension of a file that holds several receipts, one a line.
const SEVERAL: &str = "several";

/// Keeps receipts. Calls may block for as long as a disk takes.
pub trait ReceiptStore: Send + Sync + fmt::Debug {
    /// All receipts, the newest first.
    ///
    /// # Errors
    /// When the folder cannot be read. A file that is no receipt is reported in [`Listing::broken`] instead.
    fn list(&self) -> Result<Listing>;

    /// The receipt with this id.
    ///
    /// # Errors
    /// When there is none, or it cannot be read.
    fn load(&self, id: &str) -> Result<Receipt>;

    /// Keeps `receipt`, in place of an earlier state of it.
    ///
    /// # Errors
    /// When it cannot be kept for sure.
    fn save(&self, receipt: &Receipt) -> Result<()>;

    /// Keeps several receipts, which takes a disk far less time than one by one. The results are in their order.
    fn save_all(&self, receipts: &[&Receipt]) -> Vec<Result<()>> {
        receipts.iter().map(|receipt| self.save(receipt)).collect()
    }

    /// Hands over all receipts one by one, in no order, so that they are never all in memory. What cannot be read is left out.
    ///
    /// # Errors
    /// As [`ReceiptStore::list`].
    fn each(&self, take: &mut dyn FnMut(Receipt)) -> Result<()> {
        self.list()?.receipts.into_iter().for_each(take);
        Ok(())
    }
}

/// What a store holds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Listing {
    /// The receipts, the newest first.
    pub receipts: Vec<Receipt>,
    /// One sentence for each file that could not be read. It is left as it is.
    pub broken: Vec<String>,
}

/// Receipts in memory: nothing is written outside the process.
#[derive(Debug, Default)]
pub struct MemoryReceipts(Mutex<Vec<Receipt>>);

impl ReceiptStore for MemoryReceipts {
    fn list(&self) -> Result<Listing> {
        let mut receipts = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        receipts.sort_by(|a, b| b.id.cmp(&a.id));
        Ok(Listing { receipts, broken: Vec::new() })
    }

    fn load(&self, id: &str) -> Result<Receipt> {
        let receipts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        receipts.iter().find(|receipt| receipt.id == id).cloned().ok_or_else(|| missing(id))
    }

    fn save(&self, receipt: &Receipt) -> Result<()> {
        let mut receipts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match receipts.iter_mut().find(|known| known.id == receipt.id) {
            Some(known) => known.clone_from(receipt),
            None => receipts.push(receipt.clone()),
        }
        Ok(())
    }
}

/// Receipts as files in one folder.
#[derive(Debug)]
pub struct FileReceipts {
    folder: PathBuf,
}

impl FileReceipts {
    /// Receipts in `folder`, which is made when the first one is kept.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The file of `receipt` and what goes into it.
    fn page(&self, receipt: &Receipt) -> Result<(PathBuf, Vec<u8>)> {
        let path = self.path(&receipt.id)?;
        // A file that this build cannot read may be a newer build's: it is somebody's only record.
        if path.exists() {
            read(&path)?;
        }
        let mut text = serde_json::to_vec_pretty(receipt)
            .map_err(|error| Error::new(Kind::Internal, "The receipt cannot be written down.").caused_by(error))?;
        text.push(b'\n');
        Ok((path, text))
    }

    /// Reads every receipt in the folder, each in its newest state. Only one file is held at a time.
    fn read_each(&self, take: &mut dyn FnMut(Result<Receipt>)) -> Result<()> {
        let (single, several) = self.files()?;
        let mut known = HashSet::new();
        for path in &single {
            let receipt = read(path);
            if let Ok(receipt) = &receipt {
                known.insert(receipt.id.clone());
            }
            take(receipt);
        }
        // A receipt that has a file of its own was written there later, and files of several are named by the time.
        for path in several.iter().rev() {
            for receipt in read_several(path) {
                match receipt {
                    Ok(receipt) if !known.insert(receipt.id.clone()) => {}
                    receipt => take(receipt),
                }
            }
        }
        Ok(())
    }

    /// The files of single receipts and those of several, the latter by time.
    fn files(&self) -> Result<(Vec<PathBuf>, Vec<PathBuf>)> {
        let failed = |error: io::Error| {
            Error::new(Kind::Internal, format!("The receipts in {} cannot be listed.", self.folder.display())).caused_by(error)
        };
        let (mut single, mut several) = (Vec::new(), Vec::new());
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((single, several)),
            Err(error) => return Err(failed(error)),
        };
        for entry in entries {
            let path = entry.map_err(failed)?.path();
            match path.extension().and_then(|extension| extension.to_str()) {
                Some("json") => single.push(path),
                Some(SEVERAL) => several.push(path),
                _ => {}
            }
        }
        several.sort();
        Ok((single, several))
    }

    fn path(&self, id: &str) -> Result<PathBuf> {
        if is_id(id) {
            Ok(self.folder.join(format!("{id}{SUFFIX}")))
        } else {
            Err(Error::new(Kind::Usage, format!("“{}” is not the id of a receipt.", id.escape_debug())).hint(LIST_HINT))
        }
    }
}

const LIST_HINT: &str = "List them with: akwiz receipts";

/// Ids are file names: nothing in them leads elsewhere.
fn is_id(id: &str) -> bool {
    !id.is_empty() && id.len() <= 128 && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

fn missing(id: &str) -> Error {
    Error::new(Kind::Usage, format!("There is no receipt “{}”.", id.escape_debug())).hint(LIST_HINT)
}

impl ReceiptStore for FileReceipts {
    fn list(&self) -> Result<Listing> {
        let mut listing = Listing::default();
        self.read_each(&mut |read| match read {
            Ok(receipt) => listing.receipts.push(receipt),
            Err(error) => listing.broken.push(error.message),
        })?;
        listing.receipts.sort_by(|a, b| b.id.cmp(&a.id));
        listing.broken.sort();
        Ok(listing)
    }

    fn each(&self, take: &mut dyn FnMut(Receipt)) -> Result<()> {
        self.read_each(&mut |read| {
            if let Ok(receipt) = read {
                take(receipt);
            }
        })
    }

    fn load(&self, id: &str) -> Result<Receipt> {
        let path = self.path(id)?;
        if path.exists() {
            return read(&path);
        }
        let (_, several) = self.files()?;
        let newest_first = several.iter().rev().flat_map(|path| read_several(path)).flatten();
        newest_first.into_iter().find(|receipt| receipt.id == id).ok_or_else(|| missing(id))
    }

    fn save(&self, receipt: &Receipt) -> Result<()> {
        let (path, text) = self.page(receipt)?;
        write_private(&path, &text).map_err(|error| unwritten(&path, error))
    }

    fn save_all(&self, receipts: &[&Receipt]) -> Vec<Result<()>> {
        let mut results: Vec<Result<()>> = receipts.iter().map(|receipt| self.path(&receipt.id).map(drop)).collect();
        let mut text = Vec::new();
        for receipt in receipts.iter().zip(&results).filter(|(_, result)| result.is_ok()).map(|(receipt, _)| receipt) {
            // Text, numbers and maps with text for keys cannot fail to be written.
            text.extend(serde_json::to_vec(receipt).unwrap_or_default());
            text.push(b'\n');
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
        let path = self.folder.join(format!("{now:024}-{}.{SEVERAL}", std::process::id()));
        if !text.is_empty()
            && let Err(error) = write_private(&path, &text)
        {
            let why = error.to_string();
            for result in results.iter_mut().filter(|result| result.is_ok()) {
                *result = Err(unwritten(&path, io::Error::new(error.kind(), why.clone())));
            }
        }
        results
    }
}

fn unwritten(path: &Path, error: io::Error) -> Error {
    Error::new(Kind::Internal, format!("The receipt {} cannot be written.", path.display()))
        .hint("Check that the folder can be written to and that the disk is not full.")
        .caused_by(error)
}

/// What every version of the format has.
#[derive(serde::Deserialize)]
struct Format {
    format: u32,
}

fn unreadable(path: &Path, why: &str) -> Error {
    Error::new(Kind::Internal, format!("The receipt {} cannot be used: {why}. It was left as it is.", path.display()))
}

fn read(path: &Path) -> Result<Receipt> {
    let text = fs::read(path).map_err(|error| unreadable(path, "it cannot be read").caused_by(error))?;
    parse(path, &text)
}

/// The receipts of a file that holds several.
fn read_several(path: &Path) -> Vec<Result<Receipt>> {
    match fs::read(path) {
        Ok(text) => text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(|line| parse(path, line)).collect(),
        Err(error) => vec![Err(unreadable(path, "it cannot be read").caused_by(error))],
    }
}

fn parse(path: &Path, text: &[u8]) -> Result<Receipt> {
    let unreadable = |why: &str| unreadable(path, why);
    let Format { format } = serde_json::from_slice(text).map_err(|error| unreadable("it is no receipt").caused_by(error))?;
    if format > FORMAT {
        return Err(unreadable("a newer akwiz wrote it").hint("Update akwiz."));
    }
    serde_json::from_slice(text).map_err(|error| unreadable("it is damaged").caused_by(error))
}

/// The id of a receipt of a run that starts at `now` (seconds since 1970): sorts by time, and `run` keeps two of one second apart.
pub fn receipt_id(now: u64, template: &str, run: &str) -> String {
    let (days, second) = (now / 86_400, now % 86_400);
    let (year, month, day) = civil_from_days(days);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let template: String = template.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).take(60).collect();
    format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z-{template}-{run}")
}

/// The Gregorian date that lies `days` after 1970-01-01.
fn civil_from_days(days: u64) -> (u64, u64, u64) {
    // Counted from 0000-03-01, so that the leap day ends a year; 400 years have 146,097 days.
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (year_of_era + era * 400 + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use indexmap::IndexMap;

    use super::*;

    fn receipt(id: &str) -> Receipt {
        Receipt {
            format: FORMAT,
            id: id.to_owned(),
            started: 0,
            server: "https://auth.example.com".into(),
            public_url: "https://auth.example.com".into(),
            user: "joe".into(),
            template: "portainer".into(),
            answers: IndexMap::new(),
            options: IndexMap::new(),
            slugs: IndexMap::new(),
            client_ids: IndexMap::new(),
            entries: Vec::new(),
            finished: false,
            source: None,
            file: None,
        }
    }

    #[test]
    fn ids_sort_by_time() {
        assert_eq!(receipt_id(1_795_356_903, "portainer", "a1b2"), "20261122T141503Z-portainer-a1b2");
        assert_eq!(receipt_id(951_782_400, "x/../y", "0"), "20000229T000000Z-x----y-0");
        assert_eq!(receipt_id(0, "x", "0"), "19700101T000000Z-x-0");
    }

    #[test]
    fn files_are_listed_newest_first_and_replaced_whole() {
        let folder = tempfile::tempdir().unwrap();
        let store = FileReceipts::new(folder.path().join("state").join("receipts"));
        assert_eq!(store.list().unwrap(), Listing::default());
        store.save(&receipt("20260101T000000Z-a-1")).unwrap();
        store.save(&receipt("20260201T000000Z-a-1")).unwrap();
        let finished = Receipt { finished: true, ..receipt("20260101T000000Z-a-1") };
        store.save(&finished).unwrap();
        assert_eq!(store.load("20260101T000000Z-a-1").unwrap(), finished);
        let ids: Vec<String> = store.list().unwrap().receipts.into_iter().map(|receipt| receipt.id).collect();
        assert_eq!(ids, ["20260201T000000Z-a-1", "20260101T000000Z-a-1"]);
        assert_eq!(fs::read_dir(store.folder()).unwrap().count(), 2, "no temporary file stays");
    }

    #[test]
    fn several_are_kept_in_one_file_and_the_newest_state_of_each_counts() {
        let folder = tempfile::tempdir().unwrap();
        let store = FileReceipts::new(folder.path());
        let saved = store.save_all(&[&receipt("one"), &receipt("a/b"), &receipt("two"), &receipt("three")]);
        assert_eq!(saved.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true, true]);
        assert_eq!(fs::read_dir(store.folder()).unwrap().count(), 1);
        let finished = |id: &str| Receipt { finished: true, ..receipt(id) };
        assert!(store.save_all(&[&finished("two")]).iter().all(Result::is_ok));
        store.save(&finished("three")).unwrap();
        let mut found = Vec::new();
        store.each(&mut |receipt| found.push((receipt.id, receipt.finished))).unwrap();
        found.sort();
        assert_eq!(found, [("one".to_owned(), false), ("three".to_owned(), true), ("two".to_owned(), true)]);
        assert!(store.load("two").unwrap().finished && store.load("three").unwrap().finished);
        assert_eq!(store.list().unwrap().receipts.len(), 3);
        assert!(store.load("four").is_err());
    }

    #[cfg(unix)]
    #[test]
    fn files_are_private() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let store = FileReceipts::new(folder.path().join("receipts"));
        store.save(&receipt("one")).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(store.folder()), mode(&store.folder().join("one.json"))), (0o700, 0o600));
    }

    #[test]
    fn a_broken_file_is_reported_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let store = FileReceipts::new(folder.path());
        store.save(&receipt("good")).unwrap();
        fs::write(folder.path().join("bad.json"), "{\"format\":1,\"id\":").unwrap();
        fs::write(folder.path().join("newer.json"), "{\"format\":99}").unwrap();
        let listing = store.list().unwrap();
        assert_eq!((listing.receipts.len(), listing.broken.len()), (1, 2));
        assert!(listing.broken[1].contains("a newer akwiz wrote it"), "{:?}", listing.broken);
        for id in ["bad", "newer"] {
            assert!(store.load(id).is_err());
            assert!(store.save(&receipt(id)).is_err(), "{id} is not overwritten");
        }
        assert_eq!(fs::read_to_string(folder.path().join("newer.json")).unwrap(), "{\"format\":99}");
    }

    /// A receipt of the format's first version, as it was written: it stays readable.
    const FIRST: &str = r#"{
      "format": 1, "id": "20261122T141503Z-notes-a1b2", "started": 1795356903, "server": "https://auth.example.com",
      "public_url": "https://auth.example.com", "user": "joe", "template": "notes",
      "answers": {"app": "https://notes.example.com", "on": true, "nodes": ["a"]}, "client_ids": {"main": "c"},
      "entries": [
        {"label": "key", "state": {"state": "done"},
         "object": {"kind": "made", "endpoint": "crypto/certificatekeypairs", "mark": ["name", "auth.example.com"], "pk": "k-1"}},
        {"label": "pair", "state": {"state": "refused", "reason": "No."},
         "object": {"kind": "pair", "part": "main", "client_id": "c", "slug": "notes", "provider": "7", "application": null,
                    "bindings": []}},
        {"label": "change", "state": {"state": "unknown"},
         "object": {"kind": "changed", "endpoint": "providers/oauth2", "pk": "7", "before": {"sub_mode": "user_id"},
                    "after": {"sub_mode": "user_email"}, "hidden": ["client_secret"]}}
      ],
      "finished": false, "added_later": 1
    }"#;

    #[test]
    fn the_first_format_stays_readable() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("20261122T141503Z-notes-a1b2.json"), FIRST).unwrap();
        let receipt = FileReceipts::new(folder.path()).load("20261122T141503Z-notes-a1b2").unwrap();
        assert_eq!((receipt.answers.len(), receipt.entries.len(), receipt.finished), (3, 3, false));
        assert_eq!(
            serde_json::to_value(&receipt).unwrap()["entries"],
            serde_json::from_str::<serde_json::Value>(FIRST).unwrap()["entries"]
        );
    }

    #[test]
    fn an_id_cannot_lead_elsewhere() {
        let folder = tempfile::tempdir().unwrap();
        let store = FileReceipts::new(folder.path());
        for id in ["../x", "", "a/b", "a.b", "/etc/passwd"] {
            assert_eq!(store.load(id).unwrap_err().kind, Kind::Usage, "{id}");
            assert!(store.save(&receipt(id)).is_err(), "{id}");
        }
    }

    #[test]
    fn memory_keeps_the_last_state() {
        let store = MemoryReceipts::default();
        store.save(&receipt("one")).unwrap();
        store.save(&Receipt { finished: true, ..receipt("one") }).unwrap();
        assert!(store.load("one").unwrap().finished);
        assert_eq!(store.list().unwrap().receipts.len(), 1);
        assert!(store.load("two").is_err());
    }
}
