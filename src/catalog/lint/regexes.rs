//! Regular expressions that mean the same to Rust (akwiz) and Python (authentik).

/// Escapes with the same meaning in both.
const ESCAPES: &str = "dDwWsSbBAtnrfv\\.+*?()|[]{}^$-/#&~ ";

/// What is wrong with a pattern, as a sentence: it does not compile, is not anchored, or uses what Rust and Python read in different
/// ways. None if it is fine.
pub fn problem(pattern: &str) -> Option<String> {
    if !pattern.starts_with('^') || !pattern.ends_with('$') || pattern.ends_with("\\$") {
        return Some("A regular expression begins with ^ and ends with $.".into());
    }
    if let Err(error) = regex::Regex::new(pattern) {
        let reason = error.to_string();
        let reason = reason.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
        return Some(format!("The regular expression is broken: {reason}."));
    }
    let differs = |what: &str| Some(format!("Rust and Python read `{what}` in a regular expression in different ways."));
    let mut class = false;
    let mut chars = pattern.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let rest = &pattern[at..];
        match c {
            '\\' => {
                let (_, escaped) = chars.next()?;
                if !ESCAPES.contains(escaped) {
                    return differs(&format!("\\{escaped}"));
                }
            }
            '[' if class => return differs("[ inside a class"),
            '[' => {
                class = true;
                // A bracket at the start of a class is a member.
                if rest.starts_with("[]") || rest.starts_with("[^]") {
                    return differs("[]");
                }
            }
            ']' if class => class = false,
            _ if class => {
                if let Some(twice) = ["&&", "--", "~~", "||"].into_iter().find(|twice| rest.starts_with(twice)) {
                    return differs(twice);
                }
            }
            '(' if rest.starts_with("(?") && !rest.starts_with("(?:") => return differs("(?"),
            '{' => {
                let counts = rest.split_once('}').is_some_and(|(counts, _)| {
                    let counts = &counts[1..];
                    counts.starts_with(|c: char| c.is_ascii_digit()) && counts.chars().all(|c| c.is_ascii_digit() || c == ',')
                });
                if !counts {
                    return differs("{");
                }
            }
            '*' | '+' | '?' | '}' if rest[1..].starts_with('+') => return differs(&format!("{c}+")),
            '|' if rest.len() > 1 && !pattern_is_grouped(pattern) => {
                return Some("An alternative outside of parentheses is not anchored on both sides.".into());
            }
            _ => {}
        }
    }
    None
}

/// Whether every `|` stands inside parentheses.
fn pattern_is_grouped(pattern: &str) -> bool {
    let mut depth = 0_i32;
    let mut class = false;
    let mut escaped = false;
    for c in pattern.chars() {
        match c {
            _ if std::mem::take(&mut escaped) => {}
            '\\' => escaped = true,
            '[' => class = true,
            ']' => class = false,
            '(' if !class => depth += 1,
            ')' if !class => depth -= 1,
            '|' if !class && depth == 0 => return false,
            _ => {}
        }
    }
    true
}

/// Whether a dot that was meant as a dot matches any character: one between letters or digits, without a quantifier.
pub(super) fn loose_dot(pattern: &str) -> bool {
    let chars: Vec<char> = pattern.chars().collect();
    let mut class = false;
    chars.iter().enumerate().any(|(at, c)| {
        let escaped = at > 0 && chars[at - 1] == '\\';
        match c {
            '[' if !escaped => class = true,
            ']' if !escaped => class = false,
            '.' if !escaped && !class => return !matches!(chars.get(at + 1), Some('*' | '+' | '?' | '{')),
            _ => {}
        }
        false
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_common_subset_passes() {
        for pattern in [
            r"^http://(localhost|127\.0\.0\.1):\d+$",
            r"^http://127\.0\.0\.1:[0-9]+/auth/openid/authentik$",
            "^.{1,64}$",
            r"^[A-Za-z][A-Za-z0-9._-]{1,31}$",
            "^(?:a|b)+?$",
            r"^[\w.+-]+@[^\]]+$",
        ] {
            assert_eq!(problem(pattern), None, "{pattern}");
        }
    }

    #[test]
    fn the_rest_is_refused() {
        for pattern in [
            "abc",
            "^abc",
            r"^a\$",
            "^a|b$",
            "^(a$",
            "^(?i)a$",
            "^(?P<x>a)$",
            "^(?=a)a$",
            r"^(a)\1$",
            r"^\p{L}$",
            r"^\x{41}$",
            r"^a\z$",
            "^[a&&b]$",
            "^[[:alpha:]]$",
            "^a{,3}$",
            "^a++$",
            "^[a--b]$",
            r"^\h$",
            r"^\<a$",
        ] {
            assert!(problem(pattern).is_some_and(|sentence| sentence.ends_with('.')), "{pattern}");
        }
    }

    #[test]
    fn finds_dots_that_match_anything() {
        assert!(loose_dot("^https://app.example.com$"));
        assert!(!loose_dot(r"^https://app\.example\.com/.*[.]x.?$"));
    }
}
