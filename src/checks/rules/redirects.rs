//! Redirect URIs: the one that is asked for, and those that allow more than is meant.

use regex::Regex;

use super::compare::{Difference, differences, nearest, side_by_side};
use super::pattern::{self, Width};
use super::{Rule, Seen, Severity, Subject};
use crate::catalog::address::is_private;
use crate::catalog::template::MatchingMode;
use crate::setup::answers::RedirectUri;
use crate::setup::fix::Fix;

/// Cause 2.
pub static MISMATCH: Rule = Rule {
    id: "redirect-mismatch",
    name: "Redirect URI mismatch",
    severity: Severity::Error,
    reason: "authentik sends people back to allowed addresses only, and compares them byte by byte.",
    advice: "Paste the address from the browser's error page: it holds the redirect URI that the application sent.",
    symptoms: &[
        "Redirect URI Error",
        "The request fails due to a missing, invalid, or mismatching redirection URI (redirect_uri).",
        "Invalid redirect URI used by provider",
        "Invalid redirect uri (regex comparison)",
        "Invalid redirect uri (strict comparison)",
        "redirect_uri_no_match",
        "redirect_uri_missing",
        "redirect_uri_forbidden_scheme",
        "redirect_uri_mismatch",
        "redirect_uri did not match",
    ],
    look: mismatch,
};

/// A list that authentik fills by itself.
pub static EMPTY: Rule = Rule {
    id: "redirect-empty",
    name: "Empty list of redirect URIs",
    severity: Severity::Warning,
    reason: "authentik saves the first redirect URI that anybody sends as the only allowed one.",
    advice: "Enter the application's redirect URI at the provider before somebody else does.",
    symptoms: &[],
    look: empty,
};

/// A regular expression that is too wide.
pub static WIDE: Rule = Rule {
    id: "redirect-wide",
    name: "Redirect URI that matches too much",
    severity: Severity::Warning,
    reason: "Whoever owns an address that matches can have sign-in codes sent there.",
    advice: "Put the exact address in its place, in the mode strict; where it has to be a regular expression, write \\. for a dot.",
    symptoms: &[],
    look: wide,
};

/// A redirect URI without TLS.
pub static PLAIN_HTTP: Rule = Rule {
    id: "redirect-http",
    name: "Redirect URI without TLS",
    severity: Severity::Warning,
    reason: "The sign-in code travels in the open, and whoever reads it is signed in.",
    advice: "Have the application use HTTPS, then put the https address in its place.",
    symptoms: &[],
    look: plain_http,
};

/// Whether authentik would take `uri` for this entry; none for what only Python can read.
fn matched(entry: &RedirectUri, uri: &str) -> Option<bool> {
    match entry.mode {
        MatchingMode::Strict => Some(entry.uri == uri),
        MatchingMode::Regex => Some(Regex::new(&format!("^(?:{})$", entry.uri)).ok()?.is_match(uri)),
    }
}

fn matches(entry: &RedirectUri, uri: &str) -> bool {
    matched(entry, uri) == Some(true)
}

fn mismatch(subject: &Subject<'_>) -> Option<Seen> {
    let asked = subject.asked?;
    let name = subject.name();
    let Some(uri) = asked.redirect_uri.as_deref().filter(|uri| !uri.is_empty()) else {
        return (asked.is_request && subject.provider.is_some()).then(|| {
            Seen::new(format!("The request of {name} has no redirect_uri."))
                .advice("Set the application's own address (its base URL), from which it makes the redirect URI.")
        });
    };
    let allowed = subject.redirects()?;
    // What cannot be read here may well be right.
    if allowed.is_empty() || allowed.iter().any(|entry| matched(entry, uri) != Some(false)) {
        return None;
    }
    let as_plain = allowed.iter().find(|entry| entry.mode == MatchingMode::Regex && pattern::unescaped(&entry.uri) == uri);
    if let Some(entry) = as_plain {
        let to = RedirectUri { uri: uri.to_owned(), mode: MatchingMode::Strict };
        return Some(
            Seen::new("The address is allowed as a regular expression, in which characters such as ? and + mean something else.")
                .advice("Allow it in the mode strict.")
                .fix(Fix::ReplaceRedirect { from: (*entry).clone(), to }),
        );
    }
    let nearest = nearest(uri, allowed.iter().map(|entry| entry.uri.as_str()))?;
    let found = differences(uri, nearest);
    let words: Vec<String> = found.iter().map(ToString::to_string).collect();
    let mut seen = Seen::new(format!("{name} sent a redirect URI that is not allowed. What differs: {}.", words.join(", ")));
    seen.lines = side_by_side(uri, nearest);
    if found == [Difference::Scheme] {
        let advice = "The application takes itself for an http site, or for an https one. Set its base URL, and have the proxy in front of it send \
                      X-Forwarded-Proto.";
        // Allowing http beside https would give the protection away.
        return Some(if uri.starts_with("http:") { seen.advice(advice) } else { seen.advice(advice).fix(add(uri)) });
    }
    let advice = if found.contains(&Difference::Blank) {
        "Remove the blanks, in the application or at the provider."
    } else {
        "Allow the address if it is the application's own; otherwise correct the application's base URL."
    };
    let seen = seen.advice(advice);
    Some(if uri.trim() == uri { seen.fix(add(uri)) } else { seen })
}

fn add(uri: &str) -> Fix {
    Fix::AddRedirect(uri.to_owned())
}

fn empty(subject: &Subject<'_>) -> Option<Seen> {
    if !subject.redirects()?.is_empty() {
        return None;
    }
    // Without logins that send people anywhere, there is no list to fill.
    let machines = subject.grants().is_some_and(|grants| {
        !grants.is_empty() && !grants.iter().any(|grant| ["authorization_code", "implicit", "hybrid"].contains(&grant.as_str()))
    });
    if machines {
        return None;
    }
    let seen = Seen::new(format!("The provider of {} allows no redirect URI yet.", subject.name()));
    let known = subject.known.iter().flat_map(|known| &known.redirects).filter(|entry| entry.mode == MatchingMode::Strict);
    let asked = subject.asked.and_then(|asked| asked.redirect_uri.as_deref());
    let uris: Vec<&str> = known.map(|entry| entry.uri.as_str()).collect();
    let uris = if uris.is_empty() { asked.into_iter().collect() } else { uris };
    Some(uris.into_iter().fold(seen, |seen, uri| seen.fix(add(uri))))
}

fn wide(subject: &Subject<'_>) -> Option<Seen> {
    let entries = subject.redirects()?;
    let wished = |entry: &RedirectUri| subject.known.is_some_and(|known| known.redirects.contains(entry));
    // An application that cannot do without regular expressions may well need every path.
    let patterns = subject.known.is_some_and(|known| known.patterns && known.redirects.is_empty());
    let suspects = entries.into_iter().filter(|entry| entry.mode == MatchingMode::Regex && !wished(entry));
    let found: Vec<(&RedirectUri, Width)> = suspects
        .filter_map(|entry| Some((entry, pattern::width(&entry.uri)?)))
        .filter(|(_, width)| !(patterns && *width == Width::AnyPath))
        .collect();
    let (_, worst) = found.iter().max_by_key(|(_, width)| *width)?;
    let text = match worst {
        Width::Everything => "allows any address at all",
        Width::AnyHost => "allows addresses on hosts of others",
        Width::Dots => "has dots in the host's name that stand for any character",
        Width::AnyPath => "allows every path of its host",
    };
    let mut seen = Seen::new(format!("A regular expression of the provider of {} {text}.", subject.name()));
    if found.iter().all(|(_, width)| *width == Width::AnyPath) {
        seen = seen.severity(Severity::Info);
    }
    seen.lines = found.iter().map(|(entry, _)| entry.uri.clone()).collect();
    let strict = |uri: &str| RedirectUri { uri: uri.to_owned(), mode: MatchingMode::Strict };
    for (entry, _) in found {
        let known = subject.known.iter().flat_map(|known| &known.redirects);
        let known = known.filter(|known| known.mode == MatchingMode::Strict).map(|known| known.uri.as_str());
        let asked = subject.asked.and_then(|asked| asked.redirect_uri.as_deref());
        let mut meant = known.chain(asked).filter(|uri| matches(entry, uri));
        let to = match (meant.next(), pattern::plain(&entry.uri)) {
            (Some(uri), _) => Some(strict(uri)),
            (None, Some(uri)) => Some(strict(&uri)),
            (None, None) => pattern::with_escaped_host(&entry.uri).map(|uri| RedirectUri { uri, mode: MatchingMode::Regex }),
        };
        if let Some(to) = to {
            seen = seen.fix(Fix::ReplaceRedirect { from: entry.clone(), to });
        }
    }
    Some(seen)
}

fn plain_http(subject: &Subject<'_>) -> Option<Seen> {
    let plain: Vec<(String, bool)> = subject
        .redirects()?
        .into_iter()
        .filter(|entry| entry.mode == MatchingMode::Strict && entry.uri.starts_with("http://"))
        .filter_map(|entry| Some((entry.uri.clone(), is_private(&entry.uri)?)))
        .collect();
    if plain.is_empty() {
        return None;
    }
    let private = plain.iter().all(|(_, private)| *private);
    let mut seen = Seen::new(format!("People are sent back to {} without TLS.", subject.name()));
    seen.lines = plain.into_iter().map(|(uri, _)| uri).collect();
    // Within a home many have it so.
    Some(if private { seen.severity(Severity::Info) } else { seen })
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{World, asked, known, redirect};
    use super::*;

    fn sent(uri: &str) -> World {
        let mut world = World::new();
        world.asked = Some(asked(&MISMATCH));
        let asked = world.asked.as_mut().unwrap();
        asked.is_request = true;
        asked.redirect_uri = Some(uri.to_owned());
        world
    }

    #[test]
    fn the_allowed_address_is_no_finding() {
        assert_eq!(sent("https://wiki.example.com/oauth/callback").look(&MISMATCH), None);
        let mut world = sent("https://wiki.example.com/oauth/callback/7");
        world.redirects(vec![redirect(r"https://wiki\.example\.com/oauth/callback/\d+", MatchingMode::Regex)]);
        assert_eq!(world.look(&MISMATCH), None);
        world.redirects(vec![redirect("https://(?!evil)wiki.example.com/.*", MatchingMode::Regex)]);
        assert_eq!(world.look(&MISMATCH), None, "only Python can read it");
    }

    #[test]
    fn another_address_is_shown_beside_the_likeliest_and_can_be_allowed() {
        let seen = sent("https://wiki.example.com:8443/oauth/callback").look(&MISMATCH).unwrap();
        assert!(seen.text.contains("the port"), "{seen:?}");
        assert_eq!(seen.lines.len(), 3);
        assert_eq!(seen.fixes, [add("https://wiki.example.com:8443/oauth/callback")]);
    }

    #[test]
    fn http_is_not_offered_beside_https() {
        let seen = sent("http://wiki.example.com/oauth/callback").look(&MISMATCH).unwrap();
        assert!(seen.fixes.is_empty() && seen.advice.unwrap().contains("X-Forwarded-Proto"));
    }

    #[test]
    fn a_question_mark_in_a_regular_expression_is_recognized() {
        let uri = "https://wiki.example.com/?module=fileman&page=login";
        let mut world = sent(uri);
        world.redirects(vec![redirect(uri, MatchingMode::Regex)]);
        assert!(matches!(&world.look(&MISMATCH).unwrap().fixes[..], [Fix::ReplaceRedirect { to, .. }] if to.uri == uri));
    }

    #[test]
    fn an_empty_list_is_found_where_people_are_sent_back() {
        let mut world = World::new();
        assert_eq!(world.look(&EMPTY), None);
        world.redirects(Vec::new());
        assert!(world.look(&EMPTY).unwrap().fixes.is_empty(), "what is right is not known");
        world.known = Some(known());
        world.known.as_mut().unwrap().redirects = vec![redirect("https://wiki.example.com/cb", MatchingMode::Strict).redirect];
        assert_eq!(world.look(&EMPTY).unwrap().fixes, [add("https://wiki.example.com/cb")]);
        world.set(
            crate::setup::setting::Field::GrantTypes,
            crate::setup::setting::SettingValue::Words(vec!["client_credentials".into()]),
        );
        assert_eq!(world.look(&EMPTY), None);
    }

    #[test]
    fn wide_expressions_are_found_and_narrowed() {
        let mut world = World::new();
        assert_eq!(world.look(&WIDE), None);
        for (uri, to) in [
            (".*", None),
            ("https://.*/callback", None),
            ("https://wiki.example.com/cb", Some(("https://wiki.example.com/cb", MatchingMode::Strict))),
            (r"https://wiki.example.com/cb/\d+", Some((r"https://wiki\.example\.com/cb/\d+", MatchingMode::Regex))),
        ] {
            world.redirects(vec![redirect(uri, MatchingMode::Regex)]);
            let seen = world.look(&WIDE).unwrap_or_else(|| panic!("{uri}"));
            let fixed = seen.fixes.iter().map(|fix| match fix {
                Fix::ReplaceRedirect { to, .. } => (to.uri.as_str(), to.mode),
                other => panic!("{other:?}"),
            });
            assert_eq!(fixed.collect::<Vec<_>>(), to.into_iter().collect::<Vec<_>>(), "{uri}");
        }
        world.redirects(vec![redirect(r"https://wiki\.example\.com/cb/\d+", MatchingMode::Regex)]);
        assert_eq!(world.look(&WIDE), None);
        world.redirects(vec![redirect(r"https://wiki\.example\.com/.*", MatchingMode::Regex)]);
        assert_eq!(world.look(&WIDE).unwrap().severity, Some(Severity::Info));
        world.known = Some(known());
        world.known.as_mut().unwrap().redirects = vec![redirect(r"https://wiki\.example\.com/.*", MatchingMode::Regex).redirect];
        assert_eq!(world.look(&WIDE), None, "its template wants it so");
    }

    #[test]
    fn a_pasted_address_says_what_a_wide_expression_is_for() {
        let mut world = sent("https://wiki.example.com/cb");
        world.redirects(vec![redirect(".*", MatchingMode::Regex)]);
        let fixes = world.look(&WIDE).unwrap().fixes;
        assert!(matches!(&fixes[..], [Fix::ReplaceRedirect { to, .. }] if to.uri == "https://wiki.example.com/cb"));
    }

    #[test]
    fn plain_http_matters_less_at_home() {
        let mut world = World::new();
        assert_eq!(world.look(&PLAIN_HTTP), None);
        for (uri, severity) in [
            ("http://wiki.example.com/cb", Some(None)),
            ("http://192.168.1.5:3000/cb", Some(Some(Severity::Info))),
            ("http://wiki.local/cb", Some(Some(Severity::Info))),
            ("http://localhost:8000/cb", None),
            ("http://127.0.0.1/cb", None),
        ] {
            world.redirects(vec![redirect(uri, MatchingMode::Strict)]);
            assert_eq!(world.look(&PLAIN_HTTP).map(|seen| seen.severity), severity, "{uri}");
        }
    }
}
