//! What frames cost on the wire, at 100×30. The budgets are those of the project; each page keeps its own.

use std::sync::Arc;

use akwiz::catalog::load::{Catalog, parse};
use akwiz::ui::msg::Answer;
use akwiz::ui::steps::Step;
use akwiz::ui::{Load, Start, Wizard};

use crate::known::{connected, found, signed_in};
use crate::script::Script;

const SIZE: (u16, u16) = (100, 30);

/// More templates than fit on the screen, with texts as long as real ones.
fn catalog() -> Arc<Catalog> {
    let templates = (0..115).map(|number| {
        let (id, name) = (format!("application-{number}"), format!("Application {}", (b'A' + number % 26) as char));
        let source = format!(
            "schema = 1\nid = \"{id}\"\nname = \"{name} {number}\"\ncategory = \"infrastructure\"\nhomepage = \"https://example.com\"\n\
             summary = \"Manages containers on Docker, Swarm and Kubernetes in the browser\"\n\
             [[question]]\nid = \"app\"\nkind = \"address\"\nlabel = \"Address of {name}\"\n"
        );
        parse(&format!("{id}.toml"), &source).expect("the templates of this test are right")
    });
    Arc::new(templates.collect())
}

/// The bytes of each key of `keys`.
fn costs(mut script: Script, keys: &[&str]) -> (Script, Vec<usize>) {
    let mut costs = Vec::new();
    for key in keys {
        script = script.keys(key);
        costs.push(script.bytes());
    }
    (script, costs)
}

fn assert_at_most(costs: &[usize], limit: usize) {
    assert!(costs.iter().all(|cost| *cost <= limit), "{costs:?} exceed {limit}");
}

#[test]
fn the_first_frame() {
    let script = Script::new(SIZE, Start::default()).begin();
    assert_at_most(&[script.bytes()], 6_000);
}

#[test]
fn a_letter_of_the_address() {
    let script = Script::new(SIZE, Start::default()).begin();
    let (_, costs) = costs(script, &["a", "u", "t", "h", ".", "e", "x", "a", "m", "p", "l", "e", ".", "c", "o", "m"]);
    // The line below follows what is typed.
    assert_at_most(&costs, 180);
    let script = Script::new(SIZE, Start::default()).begin().keys("https://auth");
    let (_, costs) = self::costs(script, &[".", "e", "x"]);
    assert_at_most(&costs, 60);
}

#[test]
fn a_letter_of_a_token() {
    let script = Script::at(SIZE, Step::SignIn, connected()).begin().answer_to("FindToken", Answer::Token(Ok(None))).keys("ab");
    let (_, costs) = costs(script, &["c", "d", "e", "f"]);
    assert_at_most(&costs, 60);
}

#[test]
fn moving_in_the_list_and_the_preview_that_follows() {
    let wizard = Wizard { catalog: Load::Ready(catalog()), ..connected() };
    let script = Script::at(SIZE, Step::Pick, wizard).begin();
    let (script, costs) = costs(script, &["<down>"; 20]);
    assert_at_most(&costs, 120);
    let script = script.wait(200);
    assert!((1..=1_500).contains(&script.bytes()), "{}", script.bytes());
}

#[test]
fn a_letter_in_the_search() {
    let wizard = Wizard { catalog: Load::Ready(catalog()), ..connected() };
    let script = Script::at(SIZE, Step::Pick, wizard).begin();
    let (_, costs) = costs(script, &["c", "o", "n", "t", "<bs>", "<bs>", "1", "<c-u>"]);
    assert_at_most(&costs, 1_800);
}

#[test]
fn turning_the_page() {
    let found = found("https://auth.example.com");
    let script = Script::at(SIZE, Step::Connect, Wizard { catalog: Load::Ready(catalog()), ..Wizard::default() }).begin();
    let script = script.keys("auth.example.com<enter>").answer_to("Probe", Answer::Probed(Ok(found)));
    assert_eq!(script.step(), Step::SignIn);
    assert_at_most(&[script.bytes()], 4_500);
    let script = script.answer_to("FindToken", Answer::Token(Ok(None)));
    let script = script.keys("token<enter>").answer_to("SignIn", Answer::SignedIn(Ok(signed_in()))).keys("<enter>");
    assert_eq!(script.step(), Step::Pick);
    assert_at_most(&[script.bytes()], 4_500);
}

#[test]
fn nothing_is_written_and_nothing_wakes_while_nothing_happens() {
    let wizard = Wizard { catalog: Load::Ready(catalog()), ..connected() };
    let script = Script::at(SIZE, Step::Pick, wizard).begin().keys("<down>").wait(10_000);
    assert_eq!(script.wake_at(), None);
    let script = script.msg(akwiz::ui::msg::Msg::Resize);
    assert_eq!(script.bytes(), 0);
}
