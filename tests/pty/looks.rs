//! Poor terminals.

use crate::creation::to_review;
use crate::terminal::{CTRL_C, Session};

/// Goes to the review and leaves. Returns what was sent.
fn all_that_is_sent(more: &[&str], variables: &[(&str, &str)]) -> Vec<u8> {
    let mut session = Session::start((80, 24), &[&["--demo"], more].concat(), variables);
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
    let sent = all_that_is_sent(&[], &[]);
    assert!(colored(&sent));
    assert!(!sent.is_ascii());
}

#[test]
fn no_color_is_respected() {
    assert!(!colored(&all_that_is_sent(&[], &[("NO_COLOR", "1")])));
    assert!(!colored(&all_that_is_sent(&["--no-color"], &[])));
}

#[test]
fn help_and_errors_hold_nothing_for_a_terminal_where_that_is_not_wanted() {
    for (more, variables) in
        [(&["--no-color"][..], &[][..]), (&["--plain"], &[]), (&[], &[("NO_COLOR", "1")]), (&[], &[("TERM", "dumb")])]
    {
        for (words, shown, code) in
            [(&["--help"][..], "Exit codes:", 0), (&["lst"], "For more information", 2), (&["list"], "error: ", 2)]
        {
            let mut session = Session::start((100, 200), &[words, more].concat(), variables);
            session.wait_for(shown);
            assert!(!session.sent.contains(&0x1b), "{words:?} {more:?} {variables:?}");
            assert_eq!(session.ended_with_files().0, code);
        }
    }
}

#[test]
fn a_locale_without_unicode_gets_ascii() {
    assert!(all_that_is_sent(&[], &[("LANG", "C")]).is_ascii());
}
