//! Many applications from one file.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use akwiz::apply::many::{self, Event, Keeper, Planning, Report, State, Survey, Wish, Work};
use akwiz::authentik::Client;
use akwiz::authentik::pace::Pacer;
use akwiz::catalog::template::Template;
use akwiz::demo::{Fault, Matcher, Options, Seed, Version};
use akwiz::error::Kind;
use akwiz::receipts::{MemoryReceipts, ReceiptStore};
use akwiz::setup::answers::{Access, Answers, GroupChoice, Input, Taken};
use akwiz::setup::mint::{Minted, mint};
use akwiz::setup::receipt::EntryState;
use serde_json::json;
use url::Url;

use crate::bench::{APPLICATION, Bench};

/// A server, and a file of applications for it.
struct Fleet {
    bench: Bench,
    client: Client,
    receipts: Arc<dyn ReceiptStore>,
    wishes: Vec<Wish>,
    stop: AtomicBool,
}

impl Fleet {
    async fn new(options: Options, slugs: &[&str]) -> Self {
        let bench = Bench::start(options, APPLICATION).await;
        let client = bench.client.paced(Arc::new(Pacer::new(4)));
        let template = Arc::new(bench.template.clone());
        let wishes = slugs.iter().map(|slug| wish(&template, slug)).collect();
        Self { bench, client, receipts: Arc::new(MemoryReceipts::default()), wishes, stop: AtomicBool::new(false) }
    }

    async fn fresh(slugs: &[&str]) -> Self {
        Self::new(Options { seed: Seed::Fresh, ..Options::default() }, slugs).await
    }

    async fn survey(&self) -> Survey {
        let public = Url::parse(self.bench.server.base_url()).unwrap();
        let facts = self.client.shared_facts(&public, None).await.unwrap();
        let mut see = |_: usize, _: &_| {};
        let made_here = many::was_made_here(self.receipts.as_ref(), &facts.api_url).unwrap();
        let ours = |id: &str| made_here.contains(id);
        let mut planning = Planning { keep: 1, engine: &self.bench.engine, ours: &ours, mint: &minted, see: &mut see };
        let found = self.client.inventory(std::future::ready(many::wanted(&self.wishes))).await.unwrap();
        many::survey(&self.client, &self.wishes, facts, found, &mut planning).await.unwrap()
    }

    async fn run(&self) -> (Report, Vec<String>) {
        let survey = self.survey().await;
        let mut news = Vec::new();
        let keeper = Keeper::start(Arc::clone(&self.receipts)).unwrap();
        let work = Work {
            client: &self.client,
            most: 4,
            engine: &self.bench.engine,
            wishes: &self.wishes,
            mint: &minted,
            receipts: self.receipts.as_ref(),
            keeper: &keeper,
            file: "apps.toml",
            now: 1_795_356_903,
            run: "0001",
            stop: &self.stop,
        };
        let mut tell = |event: Event<'_>| {
            news.push(match event {
                Event::Shared(name, result) => format!("shared {name}: {}", result.is_ok()),
                Event::Done(index, _) => format!("done {}", self.wishes[index].slug()),
                Event::Failed(index, failure) => format!("failed {}: {}", self.wishes[index].slug(), failure.error.message),
            });
            if news.len() == 2 && self.wishes.len() > 40 {
                self.stop.store(true, Ordering::Relaxed);
            }
        };
        let report = many::run(&work, survey, &mut tell).await;
        (report, news)
    }

    fn writes(&self) -> usize {
        self.bench.server.log().iter().filter(|entry| entry.is_write()).count()
    }
}

fn wish(template: &Arc<Template>, slug: &str) -> Wish {
    let mut answers = Answers::new("notes");
    answers.give("app", Input::Text(format!("https://{slug}.example.com")));
    answers.options.slug = Some(slug.to_owned());
    answers.taken = Some(Taken::Update);
    Wish { template: Arc::clone(template), answers, slugs: vec![slug.to_owned()], update: false, scope: Mutex::default() }
}

/// Credentials that differ each time.
fn minted(template: &Template) -> Minted {
    use std::sync::atomic::AtomicU64;
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let mut state = NEXT.fetch_add(1, Ordering::Relaxed);
    mint(template, &mut |buffer| {
        for byte in buffer {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = state.to_be_bytes()[0];
        }
    })
}

#[tokio::test]
async fn all_are_made_at_one_request_each_and_a_second_run_changes_nothing() {
    for version in Version::ALL {
        let slugs: Vec<String> = (0..30).map(|number| format!("notes-{number}")).collect();
        let slugs: Vec<&str> = slugs.iter().map(String::as_str).collect();
        let fleet = Fleet::new(Options { version, seed: Seed::Fresh, ..Options::default() }, &slugs).await;
        let (report, news) = fleet.run().await;
        assert_eq!((report.done, report.failed.len(), report.notices.as_slice()), (30, 0, &[][..]), "{version:?} {news:?}");
        assert_eq!(fleet.writes(), 30);
        let log = fleet.bench.server.log();
        assert!(log.len() <= 60, "{} requests for 30 applications", log.len());
        assert_eq!(fleet.bench.table("applications").len(), 30);

        let survey = fleet.survey().await;
        assert_eq!(survey.counts(), [0, 0, 30, 0], "{version:?}");
        let (report, news) = fleet.run().await;
        assert_eq!((report.done, news.len(), fleet.writes()), (0, 0, 30));
        assert_eq!(fleet.receipts.list().unwrap().receipts.len(), 30);
    }
}

#[tokio::test]
async fn what_several_need_is_made_once() {
    // The homelab has no RSA key.
    let mut fleet = Fleet::new(Options::default(), &["a", "b", "c"]).await;
    for wish in &mut fleet.wishes {
        wish.answers.give("mapped", Input::Toggle(true));
        wish.answers.access = Access::Groups(vec![GroupChoice::New { name: "readers".into() }]);
    }
    let (report, news) = fleet.run().await;
    assert_eq!((report.done, report.failed.len()), (3, 0), "{news:?}");
    assert_eq!(news.iter().filter(|line| line.starts_with("shared ")).count(), 3, "{news:?}");
    assert_eq!(fleet.writes(), 6);
    let group = fleet.bench.object("groups", "name", "readers").unwrap();
    let bound = fleet.bench.table("bindings").iter().filter(|binding| binding["group"] == group["pk"]).count();
    assert_eq!(bound, 3);
    let mapping = fleet.bench.object("scope_mappings", "name", "Notes: role").unwrap();
    let providers = fleet.bench.table("providers");
    let using = |provider: &&serde_json::Value| {
        provider["property_mappings"].as_array().is_some_and(|mappings| mappings.contains(&mapping["pk"]))
    };
    assert_eq!(providers.iter().filter(using).count(), 3);
    assert_eq!(fleet.survey().await.counts(), [0, 0, 3, 0]);
}

#[tokio::test]
async fn one_that_fails_does_not_stop_the_others_and_running_again_finishes() {
    let fleet = Fleet::fresh(&["a", "b", "c", "d"]).await;
    let refusal = Fault::Reply { status: 400, body: json!({"provider": {"redirect_uris": ["No."]}}) };
    fleet.bench.server.fail_next(Matcher::new("PUT", "/core/transactional/applications/"), refusal);
    let (report, _) = fleet.run().await;
    assert_eq!((report.done, report.failed.len(), report.untried.len()), (3, 1, 0));
    let failed = report.failed[0].0;
    assert_eq!(report.failed[0].1.error.kind, Kind::Refused);
    let (report, news) = fleet.run().await;
    assert_eq!(news, [format!("done {}", fleet.wishes[failed].slug())]);
    assert_eq!((report.done, fleet.survey().await.counts()), (1, [0, 0, 4, 0]));
}

#[tokio::test]
async fn what_needs_something_that_could_not_be_made_is_not_sent() {
    let mut fleet = Fleet::fresh(&["a", "b"]).await;
    fleet.wishes[1].answers.give("mapped", Input::Toggle(true));
    let refusal = Fault::Reply { status: 400, body: json!({"expression": ["No."]}) };
    fleet.bench.server.fail_next(Matcher::new("POST", "/propertymappings/provider/scope/"), refusal);
    let (report, news) = fleet.run().await;
    assert_eq!((report.done, report.failed.len()), (1, 1), "{news:?}");
    assert!(report.failed[0].1.error.message.contains("needs “Notes: role”"), "{news:?}");
    assert_eq!(fleet.run().await.0.done, 1);
}

#[tokio::test]
async fn a_busy_server_is_given_time_and_a_lost_answer_is_looked_for() {
    let fleet = Fleet::fresh(&["a", "b", "c"]).await;
    let transaction = || Matcher::new("PUT", "/core/transactional/applications/");
    fleet.bench.server.fail_next(transaction(), Fault::Reply { status: 429, body: json!({"detail": "Later."}) });
    fleet.bench.server.fail_next(transaction(), Fault::DropAfter);
    let (report, news) = fleet.run().await;
    assert_eq!((report.done, report.failed.len()), (3, 0), "{news:?}");
    assert_eq!(fleet.bench.table("applications").len(), 3);
    let receipts = fleet.receipts.list().unwrap().receipts;
    let done = |receipt: &akwiz::setup::receipt::Receipt| {
        receipt.finished && receipt.entries.iter().all(|entry| entry.state == EntryState::Done)
    };
    assert!(receipts.len() == 3 && receipts.iter().all(done), "{receipts:#?}");
}

#[tokio::test]
async fn what_somebody_else_made_is_left_alone_until_the_file_says_otherwise() {
    // Grafana is there, and does not redirect to Notes.
    let mut fleet = Fleet::new(Options::default(), &["grafana", "wiki", "new"]).await;
    let survey = fleet.survey().await;
    assert_eq!(survey.counts(), [1, 0, 0, 2]);
    let State::Blocked { why, .. } = &survey.states[1] else { panic!() };
    assert!(why.contains("of another kind"), "{why}");
    fleet.wishes[0].update = true;
    assert_eq!(fleet.survey().await.counts(), [1, 1, 0, 1]);
}

#[tokio::test]
async fn stopping_finishes_what_is_under_way_and_begins_nothing_more() {
    let slugs: Vec<String> = (0..60).map(|number| format!("n{number}")).collect();
    let slugs: Vec<&str> = slugs.iter().map(String::as_str).collect();
    let fleet = Fleet::fresh(&slugs).await;
    let (report, _) = fleet.run().await;
    assert!(report.stopped && !report.untried.is_empty());
    assert_eq!((report.done + report.untried.len(), report.failed.len()), (60, 0));
    assert_eq!(fleet.bench.table("applications").len(), report.done);
    fleet.stop.store(false, Ordering::Relaxed);
    assert_eq!(fleet.survey().await.counts(), [report.untried.len(), 0, report.done, 0], "a second run does the rest");
}

#[tokio::test]
async fn pruning_takes_only_what_the_file_made() {
    let mut fleet = Fleet::new(Options::default(), &["a", "b"]).await;
    fleet.run().await;
    let before = fleet.bench.table("applications").len();
    fleet.wishes.pop();
    let wanted = |slug: &str| slug == "a";
    let server = fleet.client.base().as_str().trim_end_matches('/');
    let leftovers = many::leftovers(fleet.receipts.as_ref(), server, "apps.toml", &wanted).unwrap();
    assert_eq!(leftovers.applications.iter().map(|leftover| leftover.slug.as_str()).collect::<Vec<_>>(), ["b"]);
    let ids = leftovers.applications.iter().map(|leftover| leftover.receipt.as_str());
    let results = many::prune(&fleet.client, fleet.receipts.as_ref(), ids).await;
    assert!(results.iter().all(|result| result.as_ref().is_ok_and(akwiz::apply::undo::Report::is_complete)));
    assert_eq!(fleet.bench.table("applications").len(), before - 1);
    assert!(fleet.bench.object("applications", "slug", "b").is_none());
    let leftovers = many::leftovers(fleet.receipts.as_ref(), server, "apps.toml", &wanted).unwrap();
    assert_eq!(leftovers.applications, []);
}

#[tokio::test]
async fn what_several_shared_is_left_over_when_nobody_uses_it() {
    let mut fleet = Fleet::new(Options::default(), &["a", "b"]).await;
    for wish in &mut fleet.wishes {
        wish.answers.give("mapped", Input::Toggle(true));
    }
    fleet.run().await;
    let server = fleet.client.base().as_str().trim_end_matches('/').to_owned();
    let receipts = fleet.receipts.as_ref();
    let names = async |wanted: &dyn Fn(&str) -> bool| {
        let mut found = many::leftovers(receipts, &server, "apps.toml", wanted).unwrap();
        many::leave_what_is_used(&fleet.client, &mut found).await.unwrap();
        let names: Vec<String> = found.shared.iter().map(|shared| shared.name.clone()).collect();
        (found, names)
    };
    let (found, used) = names(&|_| true).await;
    assert!(found.is_empty(), "{used:?}");
    let (found, _) = names(&|slug| slug == "a").await;
    for receipt in
        found.applications.iter().map(|leftover| &leftover.receipt).chain(found.shared.iter().map(|shared| &shared.receipt))
    {
        many::prune(&fleet.client, receipts, std::iter::once(receipt.as_str())).await;
    }
    assert!(fleet.bench.object("scope_mappings", "name", "Notes: role").is_some(), "a uses it");
    let (found, _) = names(&|_| false).await;
    many::prune(&fleet.client, receipts, found.applications.iter().map(|leftover| leftover.receipt.as_str())).await;
    let (found, unused) = names(&|_| false).await;
    assert!(unused.contains(&"Notes: role".to_owned()), "{unused:?}");
    many::prune(&fleet.client, receipts, found.shared.iter().map(|shared| shared.receipt.as_str())).await;
    assert!(fleet.bench.object("scope_mappings", "name", "Notes: role").is_none());
    assert!(names(&|_| false).await.0.is_empty());
}
