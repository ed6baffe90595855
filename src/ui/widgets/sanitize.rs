//! Cleaning text that others wrote.
//!
//! Names from a server may hold escape sequences that would repaint or retitle the terminal, and direction overrides that make one
//! text look like another. What is printable stays.

use std::borrow::Cow;

/// Text for one line: control characters and direction overrides are gone, tabs and line breaks are spaces.
pub fn clean(text: &str) -> Cow<'_, str> {
    filter(text, false)
}

/// As [`clean`], but line breaks stay; a carriage return before one goes.
pub fn clean_lines(text: &str) -> Cow<'_, str> {
    filter(text, true)
}

/// What a paste leaves in a one-line field: no line breaks, no control characters, no spaces around it.
pub fn clean_paste(text: &str) -> String {
    let kept: String = text.chars().filter(|c| *c == '\t' || !(is_unsafe(*c) || is_break(*c))).collect();
    clean(kept.trim()).into_owned()
}

/// Whether a typed character may go into a field.
pub fn is_typable(c: char) -> bool {
    !(is_unsafe(c) || is_break(c))
}

fn filter(text: &str, lines: bool) -> Cow<'_, str> {
    if !text.chars().any(|c| is_unsafe(c) || is_break(c)) {
        return Cow::Borrowed(text);
    }
    let mut cleaned = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' if chars.peek() == Some(&'\n') => {}
            '\n' | '\r' | '\u{2028}' | '\u{2029}' => cleaned.push(if lines { '\n' } else { ' ' }),
            '\t' => cleaned.push(' '),
            c if is_unsafe(c) => {}
            c => cleaned.push(c),
        }
    }
    Cow::Owned(cleaned)
}

fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{2028}' | '\u{2029}')
}

/// C0, DEL and C1; marks, embeddings, overrides and isolates of direction; characters that are invisible and mean nothing here: zero
/// width space, soft hyphen, byte order mark, interlinear annotations, tags. The zero width joiners stay: scripts and emoji need them.
fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{61c}'
                | '\u{200b}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{2064}'
                | '\u{2066}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn escape_sequences_lose_their_teeth() {
        assert_eq!(clean("\x1b]0;owned\x07name\u{9b}2J\x7f"), "]0;ownedname2J");
        assert_eq!(clean("user\u{202e}nimda"), "usernimda");
        assert_eq!(clean("a\tb\r\nc"), "a b c");
        assert_eq!(clean_lines("a\tb\r\nc\rd"), "a b\nc\nd");
    }

    #[test]
    fn printable_text_stays_and_is_not_copied() {
        for text in ["Jörg", "日本語", "👩‍💻", "می‌خواهم", "a b"] {
            assert!(matches!(clean(text), Cow::Borrowed(same) if same == text));
        }
    }

    #[test]
    fn a_pasted_token_or_address_is_one_word() {
        assert_eq!(clean_paste("  https://example.com/\r\n"), "https://example.com/");
        assert_eq!(clean_paste("abc\ndef\n"), "abcdef");
        assert_eq!(clean_paste("\u{feff}x\t"), "x");
        assert_eq!(clean_paste("two words"), "two words");
    }

    proptest! {
        #[test]
        fn nothing_unsafe_is_left(text in any::<String>()) {
            prop_assert!(!clean(&text).chars().any(|c| is_unsafe(c) || is_break(c)));
            prop_assert!(!clean_lines(&text).chars().any(|c| is_unsafe(c) && c != '\n'));
            prop_assert!(!clean_paste(&text).chars().any(|c| is_unsafe(c) || is_break(c)));
        }
    }
}
