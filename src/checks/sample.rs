//! An address that a regular expression for redirect URIs matches, to try it with.

use regex::Regex;
use regex_syntax::hir::{Class, Hir, HirKind};

/// Repetitions beyond these make no better sample.
const MOST: u32 = 8;

/// An address that the whole of `pattern` matches, if one can be made. Python and Rust agree on most patterns, not on all.
pub(super) fn sample(pattern: &str) -> Option<String> {
    let hir = regex_syntax::parse(pattern).ok()?;
    let mut text = String::new();
    write(&hir, &mut text)?;
    let whole = Regex::new(&format!("^(?:{pattern})$")).ok()?;
    (text.contains("://") && whole.is_match(&text) && url::Url::parse(&text).is_ok()).then_some(text)
}

fn write(hir: &Hir, text: &mut String) -> Option<()> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => text.push_str(std::str::from_utf8(&literal.0).ok()?),
        HirKind::Class(class) => text.push(letter(class)?),
        HirKind::Repetition(repetition) => {
            let count = repetition.min.max(1).min(repetition.max.unwrap_or(u32::MAX));
            for _ in 0..count.min(MOST.max(repetition.min)) {
                write(&repetition.sub, text)?;
            }
        }
        HirKind::Capture(capture) => write(&capture.sub, text)?,
        HirKind::Concat(parts) => parts.iter().try_for_each(|part| write(part, text))?,
        HirKind::Alternation(choices) => write(choices.first()?, text)?,
    }
    Some(())
}

/// A member of a class that addresses can hold: a letter, a digit, else any printable one.
fn letter(class: &Class) -> Option<char> {
    let has = |wanted: char| match class {
        Class::Unicode(class) => class.iter().any(|range| (range.start()..=range.end()).contains(&wanted)),
        Class::Bytes(class) => {
            u8::try_from(wanted).is_ok_and(|wanted| class.iter().any(|range| (range.start()..=range.end()).contains(&wanted)))
        }
    };
    ('a'..='z').chain('1'..='9').chain('A'..='Z').chain("0-_./:?=&".chars()).find(|wanted| has(*wanted))
}

#[cfg(test)]
mod tests {
    use super::sample;

    #[test]
    fn patterns_of_templates_have_samples() {
        for (pattern, made) in [
            (r"^http://(localhost|127\.0\.0\.1):[0-9]+$", Some("http://localhost:1")),
            (r"https://[^/]+\.example\.com/cb.*", Some("https://a.example.com/cba")),
            (r"https://app\.example\.com/(a|b)?", Some("https://app.example.com/a")),
            (".*", None),
            (r"(?P<broken", None),
        ] {
            assert_eq!(sample(pattern).as_deref(), made, "{pattern}");
        }
    }
}
