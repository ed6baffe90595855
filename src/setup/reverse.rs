//! From a text that is there back to what a template's text was made of: `https://id.example.com/realms/work` and
//! `{{ app.base }}/realms/{{ realm }}` give the address and the realm. Pure.

use url::Url;

use crate::catalog::template::{Question, Template};

/// Derived texts that refer to derived texts are followed so far.
const DEEPEST: usize = 4;

/// A piece of a template's text.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    /// What stands there.
    Literal(String),
    /// What is filled in: a name, with `.base` or `.origin` after that of an address.
    Name(String),
}

/// What a text is made of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Captured {
    /// What was filled in, by name. That of an address is without its `.base`.
    pub values: Vec<(String, String)>,
    /// How many letters of the template's own stand in it.
    pub literal: usize,
}

/// What `value` was made of if `text` of the template gave it; nothing where it did not, or cannot be told.
pub(super) fn captured(template: &Template, text: &str, known: &[(&str, &str)], value: &str) -> Option<Captured> {
    let pieces = pieces(template, text, known, 0)?;
    let mut captured = Captured::default();
    let mut rest = value;
    let mut pieces = pieces.iter().peekable();
    while let Some(piece) = pieces.next() {
        match piece {
            Piece::Literal(literal) => {
                rest = rest.strip_prefix(literal.as_str())?;
                captured.literal += literal.len();
            }
            Piece::Name(name) => {
                let end = match pieces.peek() {
                    Some(Piece::Literal(literal)) => rest.find(literal.as_str())?,
                    // Where one ends and the other begins cannot be told.
                    Some(Piece::Name(_)) => return None,
                    None => rest.len(),
                };
                let (own, after) = rest.split_at(end);
                let name = name.split('.').next().unwrap_or(name);
                match captured.values.iter().find(|(other, _)| other == name) {
                    Some((_, other)) if other != own => return None,
                    Some(_) => {}
                    None if own.is_empty() => return None,
                    None => captured.values.push((name.to_owned(), own.to_owned())),
                }
                rest = after;
            }
        }
    }
    rest.is_empty().then_some(captured)
}

/// The pieces of a text, with derived texts in place of their names. Nothing where something is more than a name.
fn pieces(template: &Template, text: &str, known: &[(&str, &str)], depth: usize) -> Option<Vec<Piece>> {
    if depth > DEEPEST || text.contains("{%") {
        return None;
    }
    let mut all = Vec::new();
    let mut rest = text;
    while let Some((literal, after)) = rest.split_once("{{") {
        let (name, after) = after.split_once("}}")?;
        let name = name.trim();
        add(&mut all, literal);
        if let Some((_, value)) = known.iter().find(|(known, _)| *known == name) {
            add(&mut all, value);
        } else if let Some(derived) = template.derive.get(name) {
            for piece in pieces(template, derived.as_str(), known, depth + 1)? {
                match piece {
                    Piece::Literal(literal) => add(&mut all, &literal),
                    name @ Piece::Name(_) => all.push(name),
                }
            }
        } else {
            let plain =
                name.split_once('.').map_or(name, |(name, part)| if matches!(part, "base" | "origin") { name } else { "" });
            template.question.iter().find(|question| question.id == plain)?;
            all.push(Piece::Name(name.to_owned()));
        }
        rest = after;
    }
    add(&mut all, rest);
    Some(all)
}

fn add(pieces: &mut Vec<Piece>, literal: &str) {
    match pieces.last_mut() {
        _ if literal.is_empty() => {}
        Some(Piece::Literal(before)) => before.push_str(literal),
        _ => pieces.push(Piece::Literal(literal.to_owned())),
    }
}

/// How many letters of a host say that an answer is this question's: its example has the same one, and it is a service's own.
pub(super) fn shared_host(question: &Question, answer: &str) -> usize {
    let host = |text: &str| Url::parse(text).ok().and_then(|url| url.host_str().map(str::to_owned));
    match (question.example.as_deref().and_then(host), host(answer)) {
        (Some(example), Some(answer)) if example == answer => example.len(),
        _ => 0,
    }
}

/// What could be the answer to a question about an address: each address among `texts`, cut off at each slash, the shortest first.
pub(super) fn addresses<'t>(texts: impl Iterator<Item = &'t str>) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for url in texts.filter_map(|text| Url::parse(text).ok()).filter(|url| matches!(url.scheme(), "http" | "https")) {
        let origin = url.origin().ascii_serialization();
        all.extend(url.path().match_indices('/').map(|(at, _)| format!("{origin}{}", &url.path()[..at])));
    }
    all.sort();
    all.sort_by_key(String::len);
    all.dedup();
    all
}

/// What could be the answer to a question about a text: the texts, and what stands between the slashes of addresses.
pub(super) fn words<'t>(texts: impl Iterator<Item = &'t str>) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for text in texts {
        all.push(text.to_owned());
        if let Ok(url) = Url::parse(text) {
            all.extend(url.path().split('/').map(str::to_owned));
        }
    }
    all.retain(|word| !word.is_empty());
    all.sort();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::load::Catalog;

    fn values(id: &str, text: &str, value: &str) -> Option<Vec<(String, String)>> {
        let known = [("authentik_url", "https://auth.example.com")];
        captured(Catalog::built_in().get(id).unwrap(), text, &known, value).map(|captured| captured.values)
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn a_text_gives_back_its_answers() {
        let endpoint = "https://sso.example.com/auth/realms/work/protocol/saml";
        let found = values("keycloak-login", "{{ endpoint }}", endpoint).unwrap();
        assert_eq!(found, [pair("app", "https://sso.example.com/auth"), pair("realm", "work")]);
        let found = values("apple-login", "{{ service_id }};{{ team_id }};{{ key_id }}", "com.example;T;K").unwrap();
        assert_eq!(found, [pair("service_id", "com.example"), pair("team_id", "T"), pair("key_id", "K")]);
        let found = values("saml", "{{ authentik_url }}/x", "https://auth.example.com/x").unwrap();
        assert_eq!(found, []);
    }

    #[test]
    fn what_it_did_not_give_is_told_apart() {
        assert_eq!(values("keycloak-login", "{{ endpoint }}", "https://idp.example.com/saml"), None);
        assert_eq!(values("github", "{{ 'read:org' if org else '' }}", "read:org"), None, "more than a name");
        assert_eq!(values("github", "{{ nothing }}", "x"), None);
        assert_eq!(values("apple-login", "{{ key_id }}{{ team_id }}", "KT"), None);
    }

    #[test]
    fn addresses_and_words_are_cut_at_slashes() {
        let texts = ["https://id.example.com/oauth2/default/v1/authorize", "openid"];
        assert_eq!(
            addresses(texts.into_iter()),
            [
                "https://id.example.com",
                "https://id.example.com/oauth2",
                "https://id.example.com/oauth2/default",
                "https://id.example.com/oauth2/default/v1"
            ]
        );
        assert!(words(texts.into_iter()).contains(&"default".to_owned()));
    }
}
