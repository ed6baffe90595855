//! Apply: steps, stopping, and what to do half way.

use akwiz::error::{Error, Kind};
use akwiz::ui::msg::{ApplyFailure, StepState, Written};
use akwiz::ui::steps::Step;

use crate::script::Script;
use crate::world::{self, SIZES};

fn applying(size: (u16, u16)) -> Script {
    Script::at(size, Step::Review, world::wizard("portainer"))
        .reader(world::reader(world::facts()))
        .begin()
        .wait(400)
        .keys("<enter>")
}

fn step(index: usize, label: &str, state: StepState) -> Written {
    Written::Step { index, label: label.into(), state }
}

fn running(size: (u16, u16)) -> Script {
    applying(size)
        .written(step(0, "Generate the key auth.example.com", StepState::Done(String::new())))
        .written(step(1, "Create provider and application \"Portainer\"", StepState::Running))
        .written(step(2, "Look at what was created", StepState::Skipped(String::new())))
}

fn failure(kind: Kind, left: &[&str]) -> ApplyFailure {
    ApplyFailure {
        error: Error::new(kind, "authentik refused the redirect URI: it is no URL.")
            .hint("Change the application's address on the questions page.")
            .caused_by(std::io::Error::other("400 Bad Request")),
        receipt: (!left.is_empty()).then(|| "20261122T141503Z-portainer-a1b2".to_owned()),
        left: left.iter().map(|line| (*line).to_owned()).collect(),
        can_retry: true,
    }
}

#[test]
fn steps_show_their_state() {
    for size in SIZES {
        let script = running(size).wait(300);
        insta::assert_snapshot!(format!("apply_{}x{}", size.0, size.1), script.screen());
    }
}

#[test]
fn success_goes_on_by_itself() {
    let script = running((80, 24));
    let outcome = world::outcome(script.wizard().plan.as_ref().unwrap());
    let script = script.written(Written::Applied(Ok(Box::new(outcome))));
    assert_eq!(script.step(), Step::Done);
    assert!(!script.wizard().applying);
}

#[test]
fn stopping_says_what_happens_first() {
    let script = running((80, 24)).keys("<esc>");
    insta::assert_snapshot!("apply_stop_asks", script.screen());
    let script = script.keys("<enter>");
    assert!(script.shows("Stopping: the write under way is finished"), "{}", script.screen());
    assert!(script.effects().iter().any(|effect| effect == "StopApply"));
    let script = script.written(Written::Applied(Err(failure(Kind::Cancelled, &["Certificate \"auth.example.com\""]))));
    assert!(script.shows("This is in authentik now:"), "{}", script.screen());
}

#[test]
fn a_failure_says_what_was_left_and_what_can_be_done() {
    for size in SIZES {
        let failed = step(1, "Create provider and application \"Portainer\"", StepState::Failed("refused".into()));
        let script = running(size)
            .written(failed)
            .written(Written::Applied(Err(failure(Kind::Refused, &["Certificate with RSA key \"auth.example.com\""]))));
        insta::assert_snapshot!(format!("apply_failed_{}x{}", size.0, size.1), script.screen());
    }
}

#[test]
fn retrying_leads_through_review_with_fresh_facts() {
    let script = running((80, 24)).written(Written::Applied(Err(failure(Kind::Refused, &[]))));
    assert!(script.shows("Nothing was left behind in authentik."), "{}", script.screen());
    let script = script.keys("r");
    assert_eq!(script.step(), Step::Review);
    assert!(script.shows("The server was looked at again."), "{}", script.screen());
    assert_eq!(script.effects().iter().filter(|effect| effect.contains("Facts {")).count(), 3, "two looks and one apply");
}

#[test]
fn a_server_that_changed_leads_back_to_review() {
    let script = running((80, 24)).written(Written::Applied(Err(failure(Kind::Conflict, &[]))));
    assert_eq!(script.step(), Step::Review);
    insta::assert_snapshot!("apply_conflict", script.screen());
}

#[test]
fn taking_back_what_was_done() {
    let script = running((80, 24)).written(Written::Applied(Err(failure(Kind::Refused, &["Group \"Family\""])))).keys("u");
    insta::assert_snapshot!("apply_undo_asks", script.screen());
    let script = script.keys("<enter>").written(Written::Undone(Ok(vec!["Group \"Family\" deleted.".into()])));
    insta::assert_snapshot!("apply_undone", script.screen());
    assert_eq!(script.keys("r").step(), Step::Review);
}

#[test]
fn keeping_it_asks_where_to() {
    let script = running((80, 24)).written(Written::Applied(Err(failure(Kind::Refused, &["Group \"Family\""])))).keys("e<enter>");
    insta::assert_snapshot!("apply_keep_asks", script.screen());
    assert_eq!(script.keys("<right><right><enter>").quit(), Some(Kind::Partial.exit_code()));
}
