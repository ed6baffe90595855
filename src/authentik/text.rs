//! Text that came from a server: made safe and short before a person sees it, compared as people compare it, read as a date.

/// The longest piece of server text that is shown, in characters.
const LONGEST: usize = 400;

/// `text` without control characters, bidirectional overrides and runs of white space, cut to a length that fits a message.
pub fn clean(text: &str) -> String {
    let mut out = String::new();
    let mut length = 0;
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()) {
        let word: String = word.chars().filter(|c| !is_invisible(*c)).collect();
        if word.is_empty() {
            continue;
        }
        if !out.is_empty() {
            out.push(' ');
            length += 1;
        }
        let room = LONGEST.saturating_sub(length);
        let size = word.chars().count();
        if size > room {
            out.extend(word.chars().take(room));
            out.push('…');
            return out;
        }
        out.push_str(&word);
        length += size;
    }
    out
}

/// Whether `c` changes how its neighbours are shown without being visible itself (zero width, bidirectional controls).
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Whether two slugs or names are the same to a person: authentik accepts `Portainer` beside `portainer`, people do not.
pub fn same(a: &str, b: &str) -> bool {
    a.trim().to_lowercase() == b.trim().to_lowercase()
}

/// Seconds since 1970 of a time in RFC 3339's form in UTC, such as `2026-11-22T05:18:16.284904Z`; fractions are left out.
pub fn seconds_of_rfc3339(time: &str) -> Option<i64> {
    let number = |range: std::ops::Range<usize>| time.get(range)?.parse::<i64>().ok();
    let days = days_from_civil(number(0..4)?, number(5..7)?, number(8..10)?);
    Some(((days * 24 + number(11..13)?) * 60 + number(14..16)?) * 60 + number(17..19)?)
}

/// Days since 1970 of a day as `YYYY-MM-DD`.
pub fn days_of(day: &str) -> Option<i64> {
    let mut parts = day.splitn(3, '-').map(|part| part.parse::<i64>().ok());
    Some(days_from_civil(parts.next()??, parts.next()??, parts.next()??))
}

/// Days since 1970 of a date in the Gregorian calendar.
pub(super) fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    // Years start in March here, so that the leap day comes last.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day - 1 - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_and_overrides_go() {
        assert_eq!(clean("a\u{1b}[31mb\r\n  c\u{202e}d"), "a [31mb cd");
        assert_eq!(clean(" \u{200b} "), "");
    }

    #[test]
    fn long_text_is_cut_by_characters() {
        let cut = clean(&"ä".repeat(1000));
        assert_eq!(cut.chars().count(), LONGEST + 1);
        assert!(cut.ends_with('…'));
    }

    #[test]
    fn times_and_days_are_counted_from_1970() {
        assert_eq!(seconds_of_rfc3339("1970-01-02T00:00:01Z"), Some(86_401));
        assert_eq!(seconds_of_rfc3339("2026-11-22T14:15:03.284904Z"), Some(1_795_356_903));
        assert_eq!(seconds_of_rfc3339("soon"), None);
        assert_eq!((days_of("1970-02-01"), days_of("never")), (Some(31), None));
    }

    #[test]
    fn names_are_compared_case_folded() {
        assert!(same("Portainer", " portainer "));
        assert!(!same("portainer", "portainer-2"));
    }
}
