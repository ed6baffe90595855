//! Redirect URIs that are regular expressions: what they allow beyond what they look like.

/// How much a regular expression allows, from little to much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Width {
    /// Every path of its host.
    AnyPath,
    /// Dots of the host's name stand for any character: `wiki.example.com` is `wikixexample.com`, too.
    Dots,
    /// Hosts of others.
    AnyHost,
    /// Any address.
    Everything,
}

/// One character of an expression.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Letter {
    /// Stands for itself.
    Plain(char),
    /// A dot that stands for any character.
    Dot,
    /// Any other character that means something.
    Meta(char),
}

/// The characters of an expression, without the anchors at its ends: authentik compares the whole address anyway.
fn letters(pattern: &str) -> Vec<Letter> {
    let pattern = pattern.strip_prefix('^').unwrap_or(pattern);
    let pattern = pattern.strip_suffix('$').filter(|rest| !rest.ends_with('\\')).unwrap_or(pattern);
    let mut letters = Vec::new();
    let mut rest = pattern.chars();
    while let Some(letter) = rest.next() {
        letters.push(match letter {
            '\\' => match rest.next() {
                // A class such as \d, or an anchor such as \b.
                Some(next) if next.is_ascii_alphanumeric() => Letter::Meta(next),
                Some(next) => Letter::Plain(next),
                None => Letter::Meta('\\'),
            },
            '.' => Letter::Dot,
            '*' | '+' | '?' | '[' | ']' | '(' | ')' | '{' | '}' | '|' | '^' | '$' => Letter::Meta(letter),
            other => Letter::Plain(other),
        });
    }
    letters
}

/// The start and the end of the host in an expression for an address.
fn host(letters: &[Letter]) -> Option<(usize, usize)> {
    let is = |at: usize, letter: char| letters.get(at) == Some(&Letter::Plain(letter));
    let start = (0..letters.len()).find(|at| is(*at, ':') && is(at + 1, '/') && is(at + 2, '/'))? + 3;
    let mut depth = 0_i32;
    let end = (start..letters.len()).find(|at| {
        match letters[*at] {
            Letter::Meta('[' | '(' | '{') => depth += 1,
            Letter::Meta(']' | ')' | '}') => depth -= 1,
            _ => {}
        }
        depth == 0 && is(*at, '/')
    });
    Some((start, end.unwrap_or(letters.len())))
}

/// Whether any number of any characters may stand at `at`.
fn is_anything(letters: &[Letter], at: usize) -> bool {
    letters[at] == Letter::Dot && matches!(letters.get(at + 1), Some(Letter::Meta('*' | '+' | '{')))
}

/// What is too wide in an expression; none where nothing is.
pub(super) fn width(pattern: &str) -> Option<Width> {
    let letters = letters(pattern);
    let anything = |from: usize, to: usize| (from..to).any(|at| is_anything(&letters, at));
    let Some((start, end)) = host(&letters) else {
        return anything(0, letters.len()).then_some(Width::Everything);
    };
    let name = &letters[start..end];
    if anything(0, start) && anything(start, end) {
        return Some(Width::Everything);
    }
    // A wildcard crosses slashes: `https://.*\.example\.com/cb` matches https://evil.invalid/x.example.com/cb.
    if anything(start, end) || name.is_empty() {
        return Some(Width::AnyHost);
    }
    if name.contains(&Letter::Dot) {
        return Some(Width::Dots);
    }
    anything(end, letters.len()).then_some(Width::AnyPath)
}

/// The address that an expression is when its dots are only dots; none where it is more than that.
pub(super) fn plain(pattern: &str) -> Option<String> {
    letters(pattern)
        .into_iter()
        .map(|letter| match letter {
            Letter::Plain(letter) => Some(letter),
            Letter::Dot => Some('.'),
            Letter::Meta(_) => None,
        })
        .collect::<Option<String>>()
        .filter(|text| text.contains("://"))
}

/// The expression as somebody wrote it who did not know that it is one.
pub(super) fn unescaped(pattern: &str) -> String {
    let mut text = String::new();
    let mut rest = pattern.chars();
    while let Some(letter) = rest.next() {
        text.extend(if letter == '\\' { rest.next() } else { Some(letter) });
    }
    text
}

/// The expression with the dots of its host escaped; none where that is not all that is wrong with it.
pub(super) fn with_escaped_host(pattern: &str) -> Option<String> {
    if width(pattern) != Some(Width::Dots) {
        return None;
    }
    let at = pattern.find("://").map(|at| at + 3).or_else(|| pattern.find(":\\/\\/").map(|at| at + 5))?;
    let (before, rest) = pattern.split_at(at);
    let end = rest.find('/').unwrap_or(rest.len());
    let (host, after) = rest.split_at(end);
    let mut escaped = String::new();
    let mut in_escape = false;
    for letter in host.chars() {
        if letter == '.' && !in_escape {
            escaped.push('\\');
        }
        in_escape = letter == '\\' && !in_escape;
        escaped.push(letter);
    }
    let narrowed = format!("{before}{escaped}{after}");
    (width(&narrowed) < Some(Width::Dots)).then_some(narrowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_expression_allows_is_seen() {
        for (pattern, expected) in [
            (".*", Some(Width::Everything)),
            ("^.+$", Some(Width::Everything)),
            (".*://.*", Some(Width::Everything)),
            ("https://.*", Some(Width::AnyHost)),
            (r"https://.*\.example\.com/cb", Some(Width::AnyHost)),
            ("https://wiki.example.com/cb", Some(Width::Dots)),
            (r"https://wiki\.example.com/.*", Some(Width::Dots)),
            (r"https://wiki\.example\.com/.*", Some(Width::AnyPath)),
            (r"^https://wiki\.example\.com/cb/\d+$", None),
            (r"https://[a-z0-9-]+\.example\.com/cb", None),
            (r"https://(a|b)\.example\.com/cb\?x=1", None),
            (r"http://localhost:\d+/cb", None),
        ] {
            assert_eq!(width(pattern), expected, "{pattern}");
        }
    }

    #[test]
    fn an_address_in_disguise_becomes_one() {
        assert_eq!(plain("https://wiki.example.com/cb").as_deref(), Some("https://wiki.example.com/cb"));
        assert_eq!(plain(r"^https://wiki\.example\.com/cb\?x=1$").as_deref(), Some("https://wiki.example.com/cb?x=1"));
        assert_eq!(plain(r"https://wiki.example.com/\d+"), None);
        assert_eq!(plain("..."), None);
    }

    #[test]
    fn only_the_dots_of_the_host_are_escaped() {
        assert_eq!(
            with_escaped_host(r"https://wiki\.example.com:8443/a.b/.*").as_deref(),
            Some(r"https://wiki\.example\.com:8443/a.b/.*")
        );
        assert_eq!(with_escaped_host("https://.*/cb"), None);
        assert_eq!(with_escaped_host(r"https://wiki\.example\.com/cb"), None);
    }
}
