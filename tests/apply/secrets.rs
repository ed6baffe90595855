//! No secret comes out: not in receipts, not in the log, not in errors.

use std::fmt::Write as _;
use std::io;
use std::sync::{Arc, Mutex};

use akwiz::demo::{Fault, Matcher, Options, Version};
use akwiz::receipts::ReceiptStore as _;
use akwiz::setup::answers::{PlexAccount, Taken};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;

use crate::bench::{APPLICATION, Bench, CANARY, SOURCE};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn the_canary_stays_inside() {
    let log = Log::default();
    let subscriber =
        tracing_subscriber::fmt().with_writer(log.clone()).with_max_level(tracing::Level::TRACE).with_ansi(false).finish();
    // For the whole process: what other tests log at the same time must hold no secret either.
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let mut said = String::new();

    let mut bench = Bench::start(Options { version: Version::V2026_5, ..Options::default() }, APPLICATION).await;
    let transaction = || Matcher::new("PUT", "/core/transactional/applications/");
    // A server that echoes what it was sent.
    bench.server.fail_next(transaction(), Fault::Reply { status: 400, body: json!({"provider": {"client_id": ["no"]}}) });
    let _ = write!(said, "{:?}", bench.run().await);
    bench.server.fail_next(transaction(), Fault::DropBefore);
    let _ = write!(said, "{:?}", bench.run().await);
    bench.server.fail_next(transaction(), Fault::NotApplied);
    let _ = write!(said, "{:?}", bench.run().await);
    let outcome = bench.run().await.unwrap();
    assert!(outcome.parts[0].client_secret.as_ref().unwrap().expose_secret().contains(CANARY));
    let _ = write!(said, "{outcome:?}");
    bench.answers.taken = Some(Taken::Update);
    bench.answers.options.description = Some("Notes".into());
    let _ = write!(said, "{:?}", bench.run().await);
    let _ = write!(said, "{:?}", bench.undo(outcome.receipt.as_ref().unwrap()).await);
    said += &kept(&bench);

    let mut bench = Bench::start(Options { version: Version::V2025_12, ..Options::default() }, SOURCE).await;
    let account = |token: &str| PlexAccount {
        client_identifier: "p".repeat(40),
        token: SecretString::from(format!("{CANARY}{token}")),
        servers: Vec::new(),
        allowed: vec!["server-1".into()],
    };
    bench.answers.source.plex = Some(account("one"));
    let _ = write!(said, "{:?}", bench.run().await.unwrap());
    bench.answers.source.plex = Some(account("two"));
    let changed = bench.run().await.unwrap();
    let _ = write!(said, "{changed:?}");
    let source = bench.object("sources", "slug", "plex").unwrap();
    assert_eq!(source["plex_token"], format!("{CANARY}two"));
    let report = bench.undo(changed.receipt.as_ref().unwrap()).await;
    assert!(Bench::lines(&report)[0].contains("plex_token stays"), "{:?}", Bench::lines(&report));
    said += &kept(&bench);

    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("answered"), "the log was written");
    for (name, text) in [("log", &log), ("answers", &said)] {
        assert!(!text.contains(CANARY), "{name}: {}", around(text));
    }
}

/// All receipts and steps as text.
fn kept(bench: &Bench) -> String {
    let receipts = bench.receipts.list().unwrap().receipts;
    assert!(!receipts.is_empty());
    format!("{} {:?}", serde_json::to_string(&receipts).unwrap(), bench.steps.lock().unwrap())
}

fn around(text: &str) -> &str {
    let at = text.find(CANARY).unwrap_or(0);
    text.get(at.saturating_sub(120)..at).unwrap_or_default()
}
