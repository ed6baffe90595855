//! How many bytes a key costs, at 100×30: the same frames that a terminal gets, counted exactly.
//!
//! Over SSH bytes are what a person feels, and unlike milliseconds they are the same on every machine. A frame is one write (see
//! `ui::terminal`); its bytes are counted here, on whole ways through the wizard with the templates that are built in.

#[path = "wizard/known.rs"]
#[expect(dead_code, reason = "the wizard's tests use the rest")]
mod known;
#[path = "wizard/script.rs"]
#[expect(dead_code, reason = "the wizard's tests use the rest")]
mod script;
#[path = "wizard/world.rs"]
#[expect(dead_code, reason = "the wizard's tests use the rest")]
mod world;

use std::sync::Arc;

use akwiz::catalog::load::Catalog;
use akwiz::ui::Start;
use akwiz::ui::effect::{Read, Write};
use akwiz::ui::msg::{Answer, Written};
use akwiz::ui::steps::Step;

use script::Script;

const SIZE: (u16, u16) = (100, 30);
/// The first frame, the sequences that take the terminal included.
const START: usize = 6_000;
/// A move in a list.
const MOVE: usize = 120;
/// The preview, once the selection rests.
const PREVIEW: usize = 1_500;
/// A letter in a field.
const LETTER: usize = 60;
/// A letter in a field under which lines follow live.
const DERIVING: usize = 180;
/// A letter in the search.
const SEARCH: usize = 1_800;
/// Another page.
const PAGE: usize = 4_500;
/// What taking the terminal costs, besides the frame: the other screen, bracketed paste, the mouse if it is wanted.
const TAKING: usize = 60;

/// A wizard to whom everything is answered at once.
fn wizard() -> Script {
    let start = Start { url: Some("https://auth.example.com".into()), ..Start::default() };
    let catalog = Arc::new(Catalog::built_in());
    Script::new(SIZE, start)
        .reader(move |read| {
            Some(match read {
                Read::Catalog => Answer::Catalog(Ok(Arc::clone(&catalog))),
                Read::Probe(_) => Answer::Probed(Ok(known::found("https://auth.example.com"))),
                Read::FindToken => Answer::Token(Ok(None)),
                Read::SignIn { .. } => Answer::SignedIn(Ok(known::signed_in())),
                Read::Facts { .. } => Answer::Facts(Ok(Box::new(world::facts()))),
                Read::Mint(template) => Answer::Minted(Box::new(world::minted(template))),
                _ => return None,
            })
        })
        .writer(|write| match write {
            Write::Apply { plan, .. } => vec![Written::Applied(Ok(Box::new(world::outcome(plan))))],
            _ => Vec::new(),
        })
}

/// Presses keys until the page is another one; returns the bytes of its first frame.
fn turn(script: Script, keys: &str, page: Step) -> Script {
    let script = script.keys(keys);
    assert_eq!(script.step(), page, "{}", script.screen());
    assert!(script.bytes() <= PAGE, "{page:?} costs {} bytes", script.bytes());
    script
}

fn to_pick() -> Script {
    let script = turn(wizard().begin(), "<enter>", Step::SignIn);
    // The first Enter signs in, the second goes on.
    turn(script.keys("atokenthatislongenough<enter>"), "<enter>", Step::Pick)
}

#[test]
fn start() {
    let script = wizard().begin();
    assert!(script.bytes() + TAKING <= START, "{} bytes", script.bytes());
}

#[test]
fn pages() {
    let script = turn(to_pick().keys("portainer"), "<enter>", Step::Questions);
    let script = turn(script.keys("portainer.example.com"), "<enter>", Step::Review);
    let script = turn(script, "5", Step::Options);
    let script = turn(script, "<esc>", Step::Review);
    let script = turn(script, "6", Step::Access);
    let script = turn(script, "<esc>", Step::Review);
    let script = turn(script.wait(400), "<enter>", Step::Done);
    for _ in 0..4 {
        assert!(turn(to_done(), "<right>", Step::Done).bytes() <= PAGE);
    }
    let script = script.keys("?");
    assert!(script.bytes() <= PAGE, "help costs {} bytes", script.bytes());
}

fn to_done() -> Script {
    to_pick().keys("portainer<enter>portainer.example.com<enter>").wait(400).keys("<enter>")
}

#[test]
fn moves_in_a_list() {
    let mut script = to_pick().wait(400);
    // As far as the first screen goes; a list that scrolls moves every row.
    for _ in 0..15 {
        script = script.keys("<down>");
        assert!(script.bytes() <= MOVE, "down costs {} bytes", script.bytes());
    }
    for _ in 0..15 {
        script = script.keys("<up>");
        assert!(script.bytes() <= MOVE, "up costs {} bytes", script.bytes());
    }
}

#[test]
fn previews() {
    let mut script = to_pick().wait(400);
    for _ in 0..Catalog::built_in().len() {
        script = script.keys("<down>").wait(400);
        assert!(script.bytes() <= PREVIEW, "this preview costs {} bytes:\n{}", script.bytes(), script.screen());
    }
}

#[test]
fn letters() {
    let mut script = wizard().begin().keys("<c-u>");
    for letter in "https://auth.example.com".split_inclusive(|_| true) {
        script = script.keys(letter);
        assert!(script.bytes() <= DERIVING, "{letter} in the address costs {} bytes", script.bytes());
    }
    let mut script = turn(wizard().begin(), "<enter>", Step::SignIn).keys("f");
    for letter in "irstofatoken".split_inclusive(|_| true) {
        script = script.keys(letter);
        assert!(script.bytes() <= LETTER, "{letter} in the token costs {} bytes", script.bytes());
    }
    let mut script = to_pick();
    for letter in "portainer".split_inclusive(|_| true) {
        script = script.keys(letter);
        assert!(script.bytes() <= SEARCH, "{letter} in the search costs {} bytes", script.bytes());
    }
    script = turn(script, "<enter>", Step::Questions).keys("p");
    for letter in "ortainer.example.com:9443".split_inclusive(|_| true) {
        script = script.keys(letter);
        assert!(script.bytes() <= DERIVING, "{letter} in a question costs {} bytes", script.bytes());
    }
}
