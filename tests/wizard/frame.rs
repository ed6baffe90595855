//! What all pages have in common: help, leaving, small screens.

use akwiz::setup::answers::Input;
use akwiz::ui::msg::Msg;
use akwiz::ui::steps::Step;
use akwiz::ui::terminal::Signal;
use akwiz::ui::{Start, Wizard};
use insta::assert_snapshot;

use crate::known::connected;
use crate::script::Script;

#[test]
fn a_small_screen_says_so_and_can_be_left() {
    let script = Script::new((50, 15), Start::default()).begin();
    assert!(script.shows("akwiz needs 60 x 20 cells."), "{}", script.screen());
    assert_eq!(script.keys("<c-c>").quit(), Some(130));
}

#[test]
fn the_help_page_opens_and_closes() {
    let script = Script::new((80, 24), Start::default()).begin();
    let before = script.screen();
    let script = script.keys("<f1>");
    assert!(script.shows("Server: help"), "{}", script.screen());
    assert_eq!(script.keys("<esc>").screen(), before);
}

#[test]
fn leaving_asks_only_where_something_would_be_lost() {
    let script = Script::new((80, 24), Start::default()).begin();
    assert_eq!(script.keys("auth<c-c>").quit(), Some(130));

    let mut wizard = connected();
    wizard.answers.give("app", Input::Text("portainer.example.com".into()));
    let script = Script::at((80, 24), Step::SignIn, wizard).begin().keys("<esc>").keys("<c-c>");
    assert_eq!(script.quit(), None);
    assert_snapshot!(script.screen());
    let script = script.keys("n");
    assert!(!script.shows("Leave akwiz?"), "{}", script.screen());
    assert_eq!(script.keys("<c-c><c-c>").quit(), Some(130), "asked once");
}

#[test]
fn leaving_while_changes_are_made_finishes_the_one_under_way() {
    let wizard = Wizard { applying: true, ..connected() };
    let script = Script::at((80, 24), Step::SignIn, wizard).begin().keys("<esc>").keys("<c-c>");
    assert!(script.shows("Changes are being made."), "{}", script.screen());
    let script = script.keys("y");
    assert!(script.effects().iter().any(|effect| effect == "StopApply"));
    assert!(script.shows("akwiz ends then"), "{}", script.screen());
}

#[test]
fn a_signal_to_end_does_not_ask() {
    let mut wizard = connected();
    wizard.answers.give("app", Input::Text("portainer.example.com".into()));
    let script = Script::at((80, 24), Step::SignIn, wizard).begin().msg(Msg::Signal(Signal::Terminate));
    assert_eq!(script.quit(), Some(130));
}

#[test]
fn ctrl_l_draws_anew_and_ctrl_z_stops() {
    let script = Script::new((80, 24), Start::default()).begin().keys("<c-l><c-z>");
    assert!(script.effects().ends_with(&["Redraw".to_owned(), "Suspend".to_owned()]), "{:?}", script.effects());
}

#[test]
fn a_message_goes_with_the_next_key() {
    let script = Script::new((80, 24), Start::default()).begin().keys("<esc>");
    assert!(script.shows("This is the first page."));
    assert!(!script.keys("a").shows("This is the first page."));
}
