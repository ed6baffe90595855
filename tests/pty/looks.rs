//! Poor terminals.

use crate::creation::to_review;
use crate::terminal::{CTRL_C, Session};

/// Goes to the review and leaves. Returns what was sent.
fn all_that_is_sent(variables: &[(&str, &str)]) -> Vec<u8> {
    let mut session = Session::start((80, 24), &["--demo"], variables);
    to_review(&mut session);
    session.keys(CTRL_C).wait_for("Your answers will be lost");
    let sent = session.sent.clone();
    session.keys(CTRL_C);
    assert_eq!(session.ended(), 130);
    sent
}

/// Whether some sequence sets a color: 30 to 49 or 90 to 107.
fn colored(sent: &[u8]) -> bool {
    let sent = String::from_utf8_lossy(sent).into_owned();
    sent.split("\x1b[").skip(1).any(|rest| {
        let end = rest.find(|letter: char| !letter.is_ascii_digit() && letter != ';').unwrap_or(rest.len());
        rest[end..].starts_with('m')
            && rest[..end].split(';').any(|number| matches!(number.parse(), Ok(30..=38 | 40..=48 | 90..=107)))
    })
}

#[test]
fn colors_and_unicode_where_they_are_known() {
    let sent = all_that_is_sent(&[]);
    assert!(colored(&sent));
    assert!(!sent.is_ascii());
}

#[test]
fn no_color_is_respected() {
    assert!(!colored(&all_that_is_sent(&[("NO_COLOR", "1")])));
}

#[test]
fn a_locale_without_unicode_gets_ascii() {
    assert!(all_that_is_sent(&[("LANG", "C")]).is_ascii());
}
