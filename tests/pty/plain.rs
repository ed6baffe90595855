//! The wizard line by line.

use crate::terminal::{CTRL_C, Session};

/// From the start to the question for options, with Portainer's defaults.
fn to_options(session: &mut Session) {
    session.wait_for("Which application?").keys("portaine\r");
    session.wait_for("Portainer? [yes]:").keys("perhaps\r").wait_for("Say yes or no.").keys("\r");
    session.wait_for("For example:").wait_for("Answer:").keys("portainer.home.example:9443\r");
    session.wait_for("User identifier").wait_for("Number [1]:").keys("2\r");
    for label in ["Create accounts at the first sign-in", "Sign in without asking again", "Put people into teams"] {
        session.wait_for(label).keys("\r");
    }
    session.wait_for("How is the application set up?").keys("1\r").wait_for("Options, or Enter for none:");
}

#[test]
fn a_dumb_terminal_is_asked_line_by_line() {
    // High enough that nothing scrolls away before it was looked for.
    let mut session = Session::start((100, 160), &["--demo"], &[("TERM", "dumb"), ("LANG", "C")]);
    session.wait_for("Which application?").keys("?\r").wait_for("another word for it");
    // What was picked by its number is not asked about again, and what has the same name is told apart.
    session.keys("wireguard\r").wait_for("NetBird (netbird): ").keys(CTRL_C);
    assert_ne!(session.ended(), 0);

    let mut session = Session::start((100, 160), &["--demo"], &[("TERM", "dumb"), ("LANG", "C")]);
    to_options(&mut session);
    session.keys("--no-such\r").wait_for("unexpected argument").keys("--slug=containers\r");
    session.wait_for("Who may open it?").keys("1\r");
    session.wait_for("Slug: containers").wait_for("Show secrets in the settings? [no]:").keys("\r");
    session.wait_for("Do it? [y/N]").keys("y\r");
    session.wait_for("User identifier: email").wait_for("Connect another application? [no]:");
    // No cursor movement, no color, nothing but ASCII; what was typed comes back from the terminal itself.
    assert!(!session.sent.contains(&0x1b), "{}", session.contents());
    assert!(session.sent.is_ascii());
    session.keys("\r");
    assert_eq!(session.ended(), 0);
}

#[test]
fn leaving_changes_nothing() {
    let mut session = Session::start((100, 160), &["--demo", "--plain"], &[]);
    to_options(&mut session);
    session.keys("\r").wait_for("Who may open it?").keys("\r").wait_for("Show secrets").keys("\r");
    session.wait_for("Do it? [y/N]").keys("n\r").wait_for("Nothing was changed.");
    assert_eq!(session.ended(), 130);

    let mut session = Session::start((100, 60), &["--demo", "--plain"], &[]);
    session.wait_for("Which application?").keys(CTRL_C);
    assert_ne!(session.ended(), 0);
}
