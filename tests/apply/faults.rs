//! Lost answers, refusals, and what they leave behind.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use akwiz::apply::{Context, Failure, StepState, apply};
use akwiz::authentik::{Client, Trust};
use akwiz::demo::{DuplicateName, Fault, Matcher, Options, Seed, Version};
use akwiz::error::{Error, Kind, Result};
use akwiz::receipts::{Listing, ReceiptStore};
use akwiz::setup::answers::Input;
use akwiz::setup::facts::OAUTH2_COMPONENT;
use akwiz::setup::plan::Action;
use akwiz::setup::receipt::{EntryState, Receipt, ReceiptObject};
use akwiz::setup::setting::{Change, Field, SettingValue};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

use crate::bench::{APPLICATION, Bench, TIMEOUTS};

fn transaction() -> Matcher {
    Matcher::new("PUT", "/core/transactional/applications/")
}

fn refusal(status: u16) -> Fault {
    Fault::Reply { status, body: json!({"provider": {"redirect_uris": ["No."]}}) }
}

fn words(failure: &Failure) -> String {
    let mut words = vec![failure.error.message.clone()];
    words.extend(failure.error.hints.iter().cloned());
    words.join(" | ")
}

#[tokio::test]
async fn a_lost_answer_is_looked_for_by_client_id() {
    for version in Version::ALL {
        let bench = Bench::fresh(version).await;
        bench.server.fail_next(transaction(), Fault::DropAfter);
        let outcome = bench.run().await.unwrap();
        assert_eq!(outcome.notices, [], "{version:?}");
        assert_eq!(bench.table("applications").len(), 1);
        let receipt = bench.receipt(outcome.receipt.as_ref().unwrap());
        assert_eq!(receipt.entries[0].state, EntryState::Done);
        let ReceiptObject::Pair { provider, application, .. } = &receipt.entries[0].object else { panic!("a pair") };
        assert!(provider.is_some() && application.is_some());
    }
}

/// Passes connections on to `target`. Once it has eaten the answer to a transaction, the connections that were open are dead: each
/// closes when something is asked over it. New ones work, as after a firewall has forgotten the old ones.
async fn forgetful_relay(target: String) -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (opened, dead) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    tokio::spawn(async move {
        loop {
            let (near, _) = listener.accept().await.unwrap();
            let far = TcpStream::connect(&target).await.unwrap();
            let number = opened.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(relay(near, far, number, Arc::clone(&opened), Arc::clone(&dead)));
        }
    });
    Url::parse(&address).unwrap()
}

async fn relay(mut near: TcpStream, mut far: TcpStream, number: usize, opened: Arc<AtomicUsize>, dead: Arc<AtomicUsize>) {
    let (mut asked, mut answer) = (vec![0; 65536], vec![0; 65536]);
    let mut eating = false;
    loop {
        tokio::select! {
            Ok(length @ 1..) = near.read(&mut asked) => {
                if asked.starts_with(b"PUT") && dead.load(Ordering::SeqCst) == 0 {
                    eating = true;
                    dead.store(opened.load(Ordering::SeqCst), Ordering::SeqCst);
                }
                if !eating && number < dead.load(Ordering::SeqCst) {
                    return;
                }
                far.write_all(&asked[..length]).await.unwrap();
            }
            Ok(length @ 1..) = far.read(&mut answer) => {
                if eating {
                    return;
                }
                near.write_all(&answer[..length]).await.unwrap();
            }
            else => return,
        }
    }
}

#[tokio::test]
async fn connections_that_died_with_the_answer_are_not_asked() {
    let mut bench = Bench::slow(Seed::Fresh).await;
    let target = bench.server.base_url().trim_start_matches("http://").trim_end_matches('/').to_owned();
    let client = Client::new(&forgetful_relay(target).await, &Trust::default(), TIMEOUTS).unwrap();
    bench.client = client.signed_in(bench.server.token()).unwrap();
    let outcome = bench.run().await.unwrap();
    assert_eq!(bench.table("applications").len(), 1);
    assert_eq!(bench.receipt(outcome.receipt.as_ref().unwrap()).entries[0].state, EntryState::Done);
    assert!(outcome.parts.iter().all(|part| !part.provider.is_empty() && !part.application.is_empty()), "read back");
}

#[tokio::test]
async fn a_request_that_never_arrived_is_not_sent_again_and_can_be_finished() {
    let bench = Bench::fresh(Version::V2025_12).await;
    bench.server.fail_next(transaction(), Fault::DropBefore);
    let failure = bench.run().await.unwrap_err();
    assert_eq!(failure.error.kind, Kind::Partial);
    assert!(failure.can_undo && failure.can_finish);
    assert_eq!(failure.made, ["Create provider and application “Notes”: not known whether it was done"]);
    assert!(words(&failure).contains("there is no trace of it in authentik"), "{}", words(&failure));
    assert_eq!(bench.steps.lock().unwrap()[0].state, StepState::Unknown);
    assert_eq!(bench.server.log().iter().filter(|entry| entry.is_write()).count(), 1);
    let report = bench.undo(failure.receipt.as_ref().unwrap()).await;
    assert_eq!(Bench::lines(&report), ["Create provider and application “Notes”: nothing: It was never made."]);
    bench.run().await.unwrap();
}

#[tokio::test]
async fn what_cannot_be_looked_for_is_found_when_it_is_undone() {
    let bench = Bench::fresh(Version::V2026_5).await;
    let before = bench.world();
    let (facts, plan) = planned(&bench).await;
    bench.server.fail_next(transaction(), Fault::DropAfter);
    // akwiz looks twice.
    for _ in 0..2 {
        let refusal = Fault::Reply { status: 403, body: json!({"detail": "no"}) };
        bench.server.fail_next(Matcher::new("GET", "/providers/oauth2/"), refusal);
    }
    let failure = bench.apply(&facts, &plan).await.unwrap_err();
    assert!(words(&failure).contains("cannot be asked what became of it"), "{}", words(&failure));
    let receipt = failure.receipt.unwrap();
    assert_eq!(bench.states(&receipt), [EntryState::Unknown]);
    assert!(bench.undo(&receipt).await.is_complete());
    bench.assert_unchanged(&before);
}

async fn planned(bench: &Bench) -> (akwiz::setup::facts::Facts, akwiz::setup::plan::Plan) {
    let facts = bench.facts().await;
    let plan = bench.plan(&facts);
    (facts, plan)
}

#[tokio::test]
async fn a_lost_answer_to_a_make_is_found_by_its_name_and_not_deleted_later() {
    for path in ["/generate/", "/scope/"] {
        let mut bench = Bench::demo(Version::V2025_12).await;
        bench.answers.give("mapped", Input::Toggle(true));
        bench.server.fail_next(Matcher::new("POST", path), Fault::DropAfter);
        let outcome = bench.run().await.unwrap();
        assert_eq!(outcome.notices, []);
        let report = bench.undo(outcome.receipt.as_ref().unwrap()).await;
        assert!(!report.is_complete());
        let lines = Bench::lines(&report).join("\n");
        assert!(lines.contains("akwiz does not know its key"), "{lines}");
        assert_eq!(bench.object("applications", "slug", "notes"), None);
    }
}

#[tokio::test]
async fn a_refusal_half_way_names_what_is_left_and_can_be_undone() {
    let bench = Bench::demo(Version::V2025_12).await;
    let before = bench.world();
    bench.server.fail_next(transaction(), refusal(400));
    let failure = bench.run().await.unwrap_err();
    assert_eq!(failure.error.kind, Kind::Partial);
    assert_eq!(failure.made.len(), 1);
    assert!(failure.made[0].starts_with("Create the RSA key “127.0.0.1” (crypto/certificatekeypairs, "), "{:?}", failure.made);
    assert!(words(&failure).contains("the redirect URIs: No."), "{}", words(&failure));
    let receipt = failure.receipt.unwrap();
    assert!(matches!(bench.states(&receipt)[..], [EntryState::Done, EntryState::Refused { .. }]));
    assert_eq!(Bench::lines(&bench.undo(&receipt).await), ["Create the RSA key “127.0.0.1”: taken back"]);
    bench.assert_unchanged(&before);
}

#[tokio::test]
async fn finishing_uses_what_is_there() {
    let bench = Bench::demo(Version::V2025_12).await;
    bench.server.fail_next(transaction(), refusal(400));
    bench.run().await.unwrap_err();
    bench.run().await.unwrap();
    let made =
        bench.table("certificates").iter().filter(|key| key["key_type"] == "rsa" || key["private_key_type"] == "rsa").count();
    assert_eq!(made, 1);
}

#[tokio::test]
async fn a_rolled_back_transaction_is_explained() {
    let mut bench = Bench::fresh(Version::V2025_12).await;
    bench.server.fail_next(transaction(), Fault::NotApplied);
    let failure = bench.run().await.unwrap_err();
    assert_eq!((failure.error.kind, failure.made.len()), (Kind::Refused, 0));
    assert!(words(&failure).contains("Nothing that it refers to is taken or missing"), "{}", words(&failure));

    // Somebody takes slug and name between the review and Enter, and a mapping goes.
    let facts = bench.facts().await;
    let plan = bench.plan(&facts);
    bench.run().await.unwrap();
    let profile = bench.object("scope_mappings", "scope_name", "profile").unwrap()["pk"].as_str().unwrap().to_owned();
    bench.client.delete_scope_mapping(&profile).await.unwrap();
    bench.mint_anew(5);
    bench.server.fail_next(transaction(), Fault::NotApplied);
    let failure = bench.apply(&facts, &plan).await.unwrap_err();
    assert_eq!(failure.error.kind, Kind::Conflict);
    for part in [
        "The slug “notes” belongs to the application “Notes” by now.",
        "A provider named “Notes” exists by now.",
        "Scopes: “profile” is not there any more.",
    ] {
        assert!(failure.error.message.contains(part), "{part}: {}", failure.error.message);
    }
}

#[tokio::test]
async fn a_taken_provider_name_is_told_under_both_fields() {
    for (version, duplicate_name) in [
        (Version::V2024_12, DuplicateName::Provider),
        (Version::V2025_12, DuplicateName::Provider),
        (Version::V2026_5, DuplicateName::Application),
        (Version::V2026_8, DuplicateName::Application),
    ] {
        let mut bench =
            Bench::start(Options { version, duplicate_name, seed: Seed::Fresh, ..Options::default() }, APPLICATION).await;
        bench.answers.options.slug = Some("notes-2".into());
        let (facts, plan) = planned(&bench).await;
        bench.answers.options.slug = None;
        bench.mint_anew(5);
        bench.run().await.unwrap();
        let failure = bench.apply(&facts, &plan).await.unwrap_err();
        assert_eq!(failure.error.kind, Kind::Conflict, "{version:?}");
        assert_eq!(failure.error.message, "A provider with this name exists already.");
        assert_eq!((failure.made.len(), failure.can_undo), (0, false));
    }
}

#[tokio::test]
async fn a_taken_slug_is_told() {
    let mut bench = Bench::fresh(Version::V2026_5).await;
    let (facts, plan) = planned(&bench).await;
    bench.mint_anew(5);
    bench.run().await.unwrap();
    let failure = bench.apply(&facts, &plan).await.unwrap_err();
    assert_eq!(failure.error.message, "An application with this slug exists already.");
}

#[tokio::test]
async fn a_missing_right_is_named() {
    for version in Version::ALL {
        let mut bench = Bench::fresh(version).await;
        let (facts, plan) = planned(&bench).await;
        bench.with_rights(&["authentik_core.add_application", "authentik_core.view_application"]);
        let failure = bench.apply(&facts, &plan).await.unwrap_err();
        assert_eq!((failure.error.kind, failure.can_undo), (Kind::Refused, false), "{version:?}");
        assert!(words(&failure).contains("authentik_providers_oauth2.add_oauth2provider, authentik_core.add_application"));
        assert!(bench.table("providers").is_empty());
    }
}

#[tokio::test]
async fn what_cannot_be_read_back_is_said() {
    let mut bench = Bench::fresh(Version::V2025_12).await;
    let (facts, plan) = planned(&bench).await;
    bench.with_rights(&["authentik_core.add_application", "authentik_providers_oauth2.add_oauth2provider"]);
    let outcome = bench.apply(&facts, &plan).await.unwrap();
    let texts: Vec<&str> = outcome.notices.iter().map(|notice| notice.text.as_str()).collect();
    assert!(texts.iter().any(|text| text.starts_with("The provider “Notes” could not be read back")), "{texts:?}");
    assert_eq!(outcome.parts[0].client_id, bench.table("providers")[0]["client_id"]);
}

#[tokio::test]
async fn a_stop_ends_between_two_rounds() {
    let bench = Bench::demo(Version::V2025_12).await;
    bench.stop.store(true, Ordering::Relaxed);
    let failure = bench.run().await.unwrap_err();
    assert_eq!((failure.error.kind, failure.receipt), (Kind::Cancelled, None));
    assert!(bench.server.log().iter().all(|entry| !entry.is_write()));
}

#[derive(Debug)]
struct FullDisk;

impl ReceiptStore for FullDisk {
    fn list(&self) -> Result<Listing> {
        Ok(Listing::default())
    }

    fn load(&self, _id: &str) -> Result<Receipt> {
        Err(Error::new(Kind::Usage, "There is none."))
    }

    fn save(&self, _receipt: &Receipt) -> Result<()> {
        Err(Error::new(Kind::Internal, "The disk is full."))
    }
}

#[tokio::test]
async fn without_a_receipt_nothing_is_sent() {
    let bench = Bench::fresh(Version::V2025_12).await;
    let (facts, plan) = planned(&bench).await;
    let stop = AtomicBool::new(false);
    let mut context = Context::new(&facts, &bench.answers, &FullDisk, 0, "0001", &stop);
    context.look_again = Duration::ZERO;
    let failure = apply(&bench.client, &plan, &context, |_| {}).await.unwrap_err();
    assert_eq!((failure.error.message.as_str(), failure.receipt), ("The disk is full.", None));
    assert!(bench.server.log().iter().all(|entry| !entry.is_write()));
}

#[tokio::test]
async fn a_proxy_provider_is_never_touched() {
    for version in Version::ALL {
        let mut bench = Bench::demo(version).await;
        bench.answers.options.slug = Some("wiki".into());
        bench.answers.taken = Some(akwiz::setup::answers::Taken::Update);
        let (facts, mut plan) = planned(&bench).await;
        assert!(!plan.is_ready(), "{version:?}: the planner refuses");
        let before = bench.world();
        bench.apply(&facts, &plan).await.unwrap_err();

        // And if it did not, the last door is closed too.
        let wiki = facts.providers.iter().find(|provider| provider.name == "Provider for Wiki").unwrap();
        assert_ne!(wiki.component, OAUTH2_COMPONENT);
        let change = Change { field: Field::Name, from: SettingValue::Null, to: SettingValue::Text("x".into()), why: None };
        plan.decisions.clear();
        plan.actions = vec![Action::UpdateProvider { pk: wiki.pk.clone(), name: wiki.name.clone(), changes: vec![change] }];
        let failure = bench.apply(&facts, &plan).await.unwrap_err();
        assert_eq!((failure.error.kind, failure.receipt), (Kind::Refused, None));
        bench.assert_unchanged(&before);
    }
}
