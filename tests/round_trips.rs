//! How many requests follow one another between Enter on review and the client settings, from the stand-in's own log.
//!
//! `tools/measure.py` reads what this prints into `docs/performance.md`.

#![cfg(feature = "demo")]

#[path = "apply/bench.rs"]
#[expect(dead_code, reason = "the tests of applying use the rest")]
mod bench;

use akwiz::demo::{Seed, rounds};
use akwiz::setup::answers::{Access, GroupChoice, Input};
use bench::Bench;

fn report(what: &str, bench: &Bench, limit: usize) {
    let log = bench.server.log();
    let count = rounds(&log);
    println!("round trips: {what}: {count} of at most {limit}");
    assert!(count <= limit, "{log:#?}");
}

#[tokio::test]
async fn three_and_four_when_something_is_made_first() {
    let bench = Bench::slow(Seed::Fresh).await;
    bench.server.clear_log();
    bench.run().await.expect("it is applied");
    report("an application", &bench, 3);

    let mut bench = Bench::slow(Seed::Demo).await;
    bench.answers.give("mapped", Input::Toggle(true));
    bench.answers.access = Access::Groups(vec![GroupChoice::New { name: "readers".into() }]);
    bench.server.clear_log();
    bench.run().await.expect("it is applied");
    report("with a key, a mapping and a group to make first", &bench, 4);
}
