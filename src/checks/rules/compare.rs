//! Two addresses held against each other character by character.

use std::fmt;

/// In what two addresses differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Difference {
    /// `http` and `https`.
    Scheme,
    /// Another host.
    Host,
    /// The same host in other letters.
    HostCase,
    /// Another port.
    Port,
    /// A slash at the end.
    Slash,
    /// Capital and small letters in the path.
    Case,
    /// The same characters, written otherwise (`%2F` and `/`).
    Encoding,
    /// Another path.
    Path,
    /// What stands behind the question mark.
    Query,
    /// What stands behind `#`.
    Fragment,
    /// Blanks around it.
    Blank,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Scheme => "the scheme (http or https)",
            Self::Host => "the host",
            Self::HostCase => "capital letters in the host",
            Self::Port => "the port",
            Self::Slash => "the slash at the end",
            Self::Case => "capital letters in the path",
            Self::Encoding => "the encoding (such as %2F for /)",
            Self::Path => "the path",
            Self::Query => "what stands behind the question mark",
            Self::Fragment => "what stands behind #",
            Self::Blank => "blanks around it",
        })
    }
}

/// An address in its pieces, none of them normalized.
struct Pieces<'a> {
    scheme: &'a str,
    host: &'a str,
    port: &'a str,
    path: &'a str,
    query: &'a str,
    fragment: &'a str,
}

fn pieces(text: &str) -> Pieces<'_> {
    let (rest, fragment) = text.split_once('#').unwrap_or((text, ""));
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (scheme, rest) = rest.split_once("://").unwrap_or(("", rest));
    let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    // The colons of an IPv6 address are no port's.
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, port),
        _ => (authority, ""),
    };
    Pieces { scheme, host, port, path, query, fragment }
}

/// In what `asked` differs from `allowed`.
pub fn differences(asked: &str, allowed: &str) -> Vec<Difference> {
    let mut found = Vec::new();
    if asked != asked.trim() || allowed != allowed.trim() {
        found.push(Difference::Blank);
    }
    let (asked, allowed) = (pieces(asked.trim()), pieces(allowed.trim()));
    if asked.scheme != allowed.scheme {
        found.push(Difference::Scheme);
    }
    if asked.host != allowed.host {
        let same = asked.host.eq_ignore_ascii_case(allowed.host);
        found.push(if same { Difference::HostCase } else { Difference::Host });
    }
    if asked.port != allowed.port {
        found.push(Difference::Port);
    }
    if asked.path != allowed.path {
        let (mine, other) = (asked.path, allowed.path);
        found.push(if mine.trim_end_matches('/') == other.trim_end_matches('/') {
            Difference::Slash
        } else if mine.eq_ignore_ascii_case(other) {
            Difference::Case
        } else if decoded(mine) == decoded(other) {
            Difference::Encoding
        } else {
            Difference::Path
        });
    }
    if asked.query != allowed.query {
        found.push(if decoded(asked.query) == decoded(allowed.query) { Difference::Encoding } else { Difference::Query });
    }
    if asked.fragment != allowed.fragment {
        found.push(Difference::Fragment);
    }
    found
}

/// Percent signs resolved, as often as they were put.
fn decoded(text: &str) -> String {
    let mut text = text.to_owned();
    for _ in 0..3 {
        let mut bytes = Vec::with_capacity(text.len());
        let mut rest = text.as_bytes();
        while let [first, after @ ..] = rest {
            let code = if *first == b'%' { after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok()) } else { None };
            let byte = code.and_then(|hex| u8::from_str_radix(hex, 16).ok());
            bytes.push(byte.unwrap_or(*first));
            rest = if byte.is_some() { &after[2..] } else { after };
        }
        let once = String::from_utf8_lossy(&bytes).into_owned();
        if once == text {
            break;
        }
        text = once;
    }
    text
}

/// The member of `allowed` that is most like `asked`: the one with the fewest differences, then with the most letters in common.
pub fn nearest<'a>(asked: &str, allowed: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let common = |other: &str| {
        let (start, end) = common_ends(asked, other);
        start + end
    };
    allowed.into_iter().min_by_key(|other| (differences(asked, other).len(), std::cmp::Reverse(common(other))))
}

/// How many characters two texts share at their starts, and at their ends behind that.
fn common_ends(mine: &str, other: &str) -> (usize, usize) {
    let start = mine.chars().zip(other.chars()).take_while(|(a, b)| a == b).count();
    let room = mine.chars().count().min(other.chars().count()) - start;
    let end = mine.chars().rev().zip(other.chars().rev()).take(room).take_while(|(a, b)| a == b).count();
    (start, end)
}

/// The two addresses one below the other, and marks below what differs.
pub fn side_by_side(asked: &str, allowed: &str) -> Vec<String> {
    let (start, end) = common_ends(asked, allowed);
    let length = asked.chars().count().max(allowed.chars().count()).saturating_sub(start + end).max(1);
    vec![
        format!("asked    {}", shown(asked)),
        format!("allowed  {}", shown(allowed)),
        format!("         {}{}", " ".repeat(start), "^".repeat(length)),
    ]
}

/// Blanks are seen.
fn shown(text: &str) -> String {
    text.replace(' ', "␠").replace('\t', "␉").replace(['\r', '\n'], "␤")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALLOWED: &str = "https://wiki.example.com/oauth/callback";

    #[test]
    fn each_difference_has_its_name() {
        use Difference::{Blank, Case, Encoding, Fragment, Host, HostCase, Path, Port, Query, Scheme, Slash};
        for (asked, expected) in [
            ("http://wiki.example.com/oauth/callback", vec![Scheme]),
            ("https://docs.example.com/oauth/callback", vec![Host]),
            ("https://Wiki.example.com/oauth/callback", vec![HostCase]),
            ("https://wiki.example.com:8443/oauth/callback", vec![Port]),
            ("https://wiki.example.com:443/oauth/callback", vec![Port]),
            ("https://wiki.example.com/oauth/callback/", vec![Slash]),
            ("https://wiki.example.com/OAuth/callback", vec![Case]),
            ("https://wiki.example.com/oauth%2Fcallback", vec![Encoding]),
            ("https://wiki.example.com/oauth%252Fcallback", vec![Encoding]),
            ("https://wiki.example.com/login", vec![Path]),
            ("https://wiki.example.com/oauth/callback?x=1", vec![Query]),
            ("https://wiki.example.com/oauth/callback#x", vec![Fragment]),
            (" https://wiki.example.com/oauth/callback", vec![Blank]),
            ("http://10.0.0.5:3000/oauth/callback", vec![Scheme, Host, Port]),
        ] {
            assert_eq!(differences(asked, ALLOWED), expected, "{asked}");
        }
        assert_eq!(differences(ALLOWED, ALLOWED), []);
        assert_eq!(differences("http://[::1]:3000/x", "http://[::1]/x"), [Port]);
        assert_eq!(differences("https://a.example", "https://a.example/"), [Slash]);
    }

    #[test]
    fn the_marks_stand_below_what_differs() {
        assert_eq!(
            side_by_side("http://wiki.example.com/cb", "https://wiki.example.com/cb"),
            ["asked    http://wiki.example.com/cb", "allowed  https://wiki.example.com/cb", "             ^"]
        );
        assert_eq!(side_by_side("https://a/x/", "https://a/x")[2], "                    ^");
    }

    #[test]
    fn the_likeliest_is_the_one_with_the_fewest_differences() {
        let allowed = ["https://other.example/oauth/callback", ALLOWED, "app:/callback"];
        assert_eq!(nearest("https://wiki.example.com/oauth/callback/", allowed), Some(ALLOWED));
        assert_eq!(nearest("https://wiki.example.com/", []), None);
    }
}
