//! Starting, resting, resizing, leaving.

use rustix::process::Signal;

use crate::creation::to_review;
use crate::terminal::{CTRL_C, ENTER, ESC, Session};

const DEMO: &[&str] = &["--demo"];

#[test]
fn the_start_is_small_and_asks_the_terminal_nothing() {
    let mut session = Session::start((100, 30), DEMO, &[]);
    session.wait_for("akwiz  Server").wait_for("Ctrl-C quit");
    #[cfg(target_os = "linux")]
    session.wait_for_rest();
    assert!(session.sent.len() <= 6_000, "{} bytes", session.sent.len());
    for query in
        ["\x1b[6n", "\x1b[c", "\x1b[>c", "\x1b]10;?", "\x1b]11;?", "\x1b[?u", "$p", "\x1bP+q", "\x1b[>q", "\x1b[14t", "\x1b[18t"]
    {
        let asked = session.sent.windows(query.len()).any(|window| window == query.as_bytes());
        assert!(!asked, "the terminal was asked {query:?}");
    }
    session.keys(CTRL_C);
    assert_eq!(session.ended(), 130);
}

#[cfg(target_os = "linux")]
#[test]
fn an_idle_wizard_writes_nothing_and_does_not_wake_up() {
    let mut session = Session::start((100, 30), DEMO, &[]);
    session.wait_for("akwiz  Server").wait_for_rest();
    to_review(&mut session);
    session.wait_for_rest();
    session.keys(CTRL_C).wait_for("Your answers will be lost").wait_for_rest();
    session.keys(CTRL_C);
    assert_eq!(session.ended(), 130);
}

#[test]
fn it_follows_the_window_and_says_when_it_is_too_small() {
    let mut session = Session::start((120, 40), DEMO, &[]);
    to_review(&mut session);
    let shown = |screen: &vt100::Screen| {
        let rows = usize::from(screen.size().0.get());
        let contents = screen.contents();
        contents.contains("akwiz  Review") && contents.lines().nth(rows - 1).is_some_and(|last| last.contains("Ctrl-C quit"))
    };
    // A long frame comes in several reads: only at rest is it whole.
    session.until("120x40", shown).wait_for_rest();
    let first = lines(&session.contents());
    session.resize((80, 24)).until("80x24", shown);
    session.resize((60, 20)).until("60x20", shown);
    session.resize((50, 10)).wait_for("akwiz needs 60 x 20 cells");
    session.resize((120, 40)).until("120x40 as before", |screen| lines(&screen.contents()) == first);
    session.keys(CTRL_C).wait_for("Your answers will be lost").keys(CTRL_C);
    assert_eq!(session.ended(), 130);
}

/// The lines without the blanks at their ends: a cell that was cleared and one that was never drawn look the same.
fn lines(contents: &str) -> Vec<String> {
    contents.lines().map(|line| line.trim_end().to_owned()).collect()
}

#[test]
fn ctrl_c_asks_once_where_something_would_be_lost() {
    let mut session = Session::start((80, 24), DEMO, &[]);
    session.wait_for("akwiz  Server").keys(CTRL_C);
    assert_eq!(session.ended(), 130);

    let mut session = Session::start((80, 24), DEMO, &[]);
    to_review(&mut session);
    session.keys(CTRL_C).wait_for("Your answers will be lost").keys(ESC);
    session.until("the review again", |screen| !screen.contents().contains("Your answers will be lost"));
    session.keys(CTRL_C).wait_for("Your answers will be lost").keys(CTRL_C);
    assert_eq!(session.ended(), 130);
}

#[test]
fn signals_end_it_and_the_terminal_is_whole() {
    for signal in [Signal::TERM, Signal::HUP] {
        let mut session = Session::start((80, 24), DEMO, &[]);
        session.wait_for("akwiz  Server").keys(ENTER).wait_for("Signed in as").signal(signal);
        assert_eq!(session.ended(), 130, "{signal:?}");
    }
}

#[test]
fn sigint_asks_like_ctrl_c() {
    let mut session = Session::start((80, 24), DEMO, &[]);
    to_review(&mut session);
    session.signal(Signal::INT).wait_for("Your answers will be lost").signal(Signal::INT);
    assert_eq!(session.ended(), 130);
}

#[test]
fn the_mouse_is_given_back() {
    let mut session = Session::start((80, 24), &["--demo", "--mouse"], &[]);
    session.wait_for("akwiz  Server");
    session.until("reports of the mouse", |screen| screen.mouse_protocol_mode() != vt100::MouseProtocolMode::None);
    session.signal(Signal::TERM);
    assert_eq!(session.ended(), 130);
}
