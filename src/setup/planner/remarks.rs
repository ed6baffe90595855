//! What deserves a second look in an address that was pasted: it can be right as it stands, so it is no error.

use std::net::Ipv4Addr;

use super::{Preview, preview};
use crate::catalog::address::Address;
use crate::catalog::render::Engine;
use crate::catalog::template::{Question, QuestionKind, Template};
use crate::setup::answers::{Answers, Input};
use crate::setup::mint::Minted;
use crate::setup::question::{Resolved, resolve};

/// A sentence for each typed address whose path went into the redirect URI, or whose scheme was put in front of it.
pub fn remarks(engine: &Engine, template: &Template, answers: &Answers, resolved: &Resolved, shown: &Preview) -> Vec<String> {
    let asked = |question: &&Question| resolved.asked().any(|state| state.id == question.id);
    let addresses = template.question.iter().filter(|question| question.kind == QuestionKind::Address).filter(asked);
    addresses
        .filter_map(|question| {
            let Input::Text(typed) = &answers.given.get(&question.id)?.input else { return None };
            let address = Address::parse(typed, question.path, question.port).ok()?;
            Some([scheme(question, typed, &address), path(engine, template, answers, (question, &address), shown)])
        })
        .flatten()
        .flatten()
        .collect()
}

/// People paste the page on which they are. Where the application may live below a path, only they can tell the one from the other.
fn path(
    engine: &Engine,
    template: &Template,
    answers: &Answers,
    (question, address): (&Question, &Address),
    shown: &Preview,
) -> Option<String> {
    let base = address.base();
    if address.path().is_empty() || !shown.redirects.iter().any(|redirect| redirect.uri.starts_with(&base)) {
        return None;
    }
    // Many templates cut what they know, and a redirect URI can begin with the same word as a page.
    let mut without = answers.clone();
    without.give(&question.id, Input::Text(address.origin()));
    let resolved = resolve(engine, template, &without, &Minted::default());
    let stays = preview(engine, template, &without, &resolved).redirects != shown.redirects;
    stays.then(|| {
        format!(
            "The path {} is now part of the redirect URI. Take it out, unless {} is installed below it.",
            address.path(),
            template.name
        )
    })
}

/// A host name alone has a proxy with https before it as a rule; an IP address or a port often has not.
fn scheme(question: &Question, typed: &str, address: &Address) -> Option<String> {
    let host = address.host();
    let direct = address.port().is_some() || host.starts_with('[') || host.parse::<Ipv4Addr>().is_ok();
    let added = question.port.is_none() && !typed.contains("//");
    (direct && added).then(|| format!("{}:// was put in front. If the browser shows http, type that too.", address.scheme()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::load::Catalog;

    fn said(id: &str, typed: &str) -> Vec<String> {
        let engine = Engine::default();
        let catalog = Catalog::built_in();
        let template = catalog.get(id).expect("a built-in template");
        let mut answers = Answers { template: id.into(), ..Answers::default() };
        answers.give("app", Input::Text(typed.into()));
        let resolved = resolve(&engine, template, &answers, &Minted::default());
        remarks(&engine, template, &answers, &resolved, &preview(&engine, template, &answers, &resolved))
    }

    #[test]
    fn a_path_that_stays_is_pointed_out() {
        let [sentence] = &said("miniflux", "https://rss.example.com/feeds/7")[..] else { panic!("one remark") };
        assert!(sentence.contains("/feeds/7") && sentence.contains("Miniflux"), "{sentence}");
    }

    #[test]
    fn a_path_that_is_cut_is_not() {
        assert_eq!(said("komga", "https://comics.example.com/login"), Vec::<String>::new());
        assert_eq!(said("zipline", "https://files.example.com/dashboard"), Vec::<String>::new());
        assert_eq!(said("miniflux", "https://rss.example.com/"), Vec::<String>::new());
    }

    #[test]
    fn https_is_taken_for_granted_aloud_where_a_proxy_is_unlikely() {
        for typed in ["10.0.0.5", "nas:8080", "[fd00::1]:8080", "rss.example.com:8443"] {
            assert_eq!(said("miniflux", typed).len(), 1, "{typed}");
        }
        for typed in ["rss.example.com", "http://10.0.0.5:8080", "https://nas:8080", "rss"] {
            assert_eq!(said("miniflux", typed), Vec::<String>::new(), "{typed}");
        }
    }
}
