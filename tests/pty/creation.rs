//! One whole creation, by keys alone.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::terminal::{CTRL_C, DOWN, ENTER, Session};

const ADDRESS: &str = "portainer.home.example:9443";

/// From the first page to the review of Portainer.
pub fn to_review(session: &mut Session) {
    // The stand-in's token signs in by itself.
    session.wait_for("akwiz  Server").keys(ENTER).wait_for("akwiz  Application").wait_for("Actual Budget");
    session.keys("portainer").until("Portainer alone", |screen| {
        let contents = screen.contents();
        contents.contains("Portainer") && !contents.contains("Audiobookshelf")
    });
    session.keys(ENTER).wait_for("akwiz  Questions");
    session.keys(ADDRESS).wait_for("https://portainer.home.example:9443/").keys(ENTER).wait_for("Creates 3 objects");
}

#[test]
fn portainer_from_an_empty_terminal_to_copied_settings() {
    let mut session = Session::start((80, 24), &["--demo", "--clipboard", "osc52"], &[]);
    to_review(&mut session);
    session.press_while(ENTER, "akwiz  Review").wait_for("akwiz  Client settings");
    // Down to the first value, which the terminal is then asked to put on its clipboard.
    let mut rows = 0;
    while !marked(&session).contains("Redirect URL") {
        rows += 1;
        assert!(rows < 40, "the redirect URL is not among the settings:\n{}", session.contents());
        let before = marked(&session);
        session.keys(DOWN).until("the next row", |screen| line_with_marker(screen) != before);
    }
    let sent = session.sent.len();
    session.keys("c").wait_for("(OSC 52)");
    assert_eq!(copied(&session.sent[sent..]).as_deref(), Some("https://portainer.home.example:9443/"));
    session.keys(CTRL_C).wait_for("The client settings are shown here only").keys(CTRL_C);
    assert_eq!(session.ended(), 0);
}

fn marked(session: &Session) -> String {
    line_with_marker(session.screen())
}

/// The row that is selected.
fn line_with_marker(screen: &vt100::Screen) -> String {
    screen.contents().lines().find(|line| line.trim_start().starts_with("> ")).unwrap_or_default().to_owned()
}

/// What the terminal was asked to copy.
fn copied(sent: &[u8]) -> Option<String> {
    let sent = String::from_utf8_lossy(sent).into_owned();
    let (_, rest) = sent.split_once("\x1b]52;c;")?;
    let end = rest.find(['\x07', '\x1b'])?;
    String::from_utf8(BASE64_STANDARD.decode(&rest[..end]).ok()?).ok()
}
