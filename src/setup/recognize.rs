//! Which template an application that exists was made from, or could have been, and what its questions would have been answered.
//!
//! Nothing marks an application on the server. What tells it is its slug and name, and its redirect URIs: a template's redirect URI has
//! the application's address in it, so that an address with which the template gives the very redirect URI that is there is the answer.

use std::collections::BTreeSet;

use url::Url;

use super::answers::{Answers, Input, RedirectUri};
use super::facts::Existing;
use super::mint::Minted;
use super::planner::preview;
use super::question::resolve;
use super::setting::{Field, SettingValue};
use crate::catalog::render::Engine;
use crate::catalog::template::{ItemKind, MatchingMode, Question, QuestionKind, Template};
use crate::catalog::text::{Scalar, Text};

/// An address that no application has, to see what a template makes of one.
const STAND_IN: &str = "https://akwiz-stand-in.invalid";
/// More combinations of answers than this are not tried for one address.
const MOST_TRIES: usize = 96;

/// What is seen of an application.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// Its slug.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// The redirect URIs of its provider.
    pub redirects: Vec<RedirectUri>,
}

impl Seen {
    /// What is seen of `existing`.
    pub fn of(existing: &Existing) -> Self {
        let text = |field| existing.application.text(field).unwrap_or_default().to_owned();
        let redirects = match existing.provider.as_ref().and_then(|provider| provider.settings.get(&Field::RedirectUris)) {
            Some(SettingValue::Redirects(entries)) => entries.iter().map(|entry| entry.redirect.clone()).collect(),
            _ => Vec::new(),
        };
        Self { slug: text(Field::Slug), name: text(Field::Name), redirects }
    }
}

/// How sure it is that an application was made from a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certainty {
    /// Only its name says so, or only its redirect URI.
    Likely,
    /// Its name and its redirect URI say so.
    Sure,
}

/// A template that an application could have been made from.
#[derive(Debug, Clone)]
pub struct Candidate<'t> {
    /// The template.
    pub template: &'t Template,
    /// How sure it is.
    pub certainty: Certainty,
    /// Its slug or name is the template's own, rather than another name for it.
    pub exact: bool,
    /// The answers that give the redirect URIs that are there; none where no answers do.
    pub answers: Option<Answers>,
    /// How many of the redirect URIs that are there they give.
    pub matched: usize,
}

impl Candidate<'_> {
    fn rank(&self) -> (Certainty, bool, usize) {
        (self.certainty, self.exact, self.matched)
    }
}

/// Knows what the applications of all templates look like.
pub struct Recognizer<'t> {
    engine: &'t Engine,
    shapes: Vec<Shape<'t>>,
}

/// What the application of a template looks like.
struct Shape<'t> {
    template: &'t Template,
    /// Its id and name, folded.
    names: [String; 2],
    /// Its other names, folded.
    aliases: Vec<String>,
    /// What its redirect URIs have after the address, and whole ones without the address in them.
    ends: Vec<String>,
}

impl<'t> Recognizer<'t> {
    /// Looks at every template that makes an application.
    pub fn new(engine: &'t Engine, templates: impl IntoIterator<Item = &'t Template>) -> Self {
        let templates = templates.into_iter().filter(|template| template.source.is_none());
        Self { engine, shapes: templates.map(|template| Shape::new(engine, template)).collect() }
    }

    /// The templates that the application could have been made from, the surest first. Several can be equally likely.
    pub fn find(&self, seen: &Seen) -> Vec<Candidate<'t>> {
        let name = folded(&seen.name);
        let slug = folded(without_number(&seen.slug));
        let mut candidates = Vec::new();
        for shape in &self.shapes {
            let exact = shape.names.contains(&slug) || shape.names.contains(&name);
            let named = exact || shape.aliases.contains(&slug) || shape.aliases.contains(&name);
            let ends =
                shape.ends.iter().any(|end| end.len() > 1 && seen.redirects.iter().any(|redirect| redirect.uri.ends_with(end)));
            if !named && !ends {
                continue;
            }
            let (matched, answers) = match recover(self.engine, shape.template, seen) {
                Some((matched, answers)) => (matched, Some(answers)),
                None => (0, None),
            };
            let certainty = match (named, &answers) {
                (true, Some(_)) => Certainty::Sure,
                (true, None) | (false, Some(_)) => Certainty::Likely,
                (false, None) => continue,
            };
            candidates.push(Candidate { template: shape.template, certainty, exact, answers, matched });
        }
        candidates
            .sort_by_key(|candidate| std::cmp::Reverse((candidate.certainty, candidate.exact, candidate.answers.is_some())));
        candidates
    }

    /// The template, where there is no doubt.
    pub fn surely(&self, seen: &Seen) -> Option<Candidate<'t>> {
        let mut sure = self.find(seen).into_iter().filter(|candidate| candidate.certainty == Certainty::Sure);
        let first = sure.next()?;
        sure.next().is_none_or(|next| next.rank() < first.rank()).then_some(first)
    }
}

impl<'t> Shape<'t> {
    fn new(engine: &Engine, template: &'t Template) -> Self {
        let mut answers = Answers::new(template.id.clone());
        for question in &template.question {
            match address_kind(question) {
                Some(AddressKind::Address) => answers.give(&question.id, Input::Text(STAND_IN.to_owned())),
                Some(AddressKind::Host) => answers.give(&question.id, Input::Text(host_of(STAND_IN))),
                Some(AddressKind::Addresses) => answers.give(&question.id, Input::List(vec![STAND_IN.to_owned()])),
                Some(AddressKind::Hosts) => answers.give(&question.id, Input::List(vec![host_of(STAND_IN)])),
                None => {}
            }
        }
        let ends = redirects(engine, template, &answers);
        Self {
            names: [folded(&template.id), folded(&template.name)],
            aliases: template.aliases.iter().map(|alias| folded(alias)).collect(),
            ends: ends
                .into_iter()
                .map(|redirect| redirect.uri.strip_prefix(STAND_IN).unwrap_or(&redirect.uri).to_owned())
                .collect(),
            template,
        }
    }
}

/// The answers with which `template` gives the most of the redirect URIs that are there, and how many; nothing where it gives none.
pub fn recover(engine: &Engine, template: &Template, seen: &Seen) -> Option<(usize, Answers)> {
    let used = used_names(engine, template);
    let questions: Vec<&Question> = template.question.iter().filter(|question| used.contains(&question.id)).collect();
    let others = combinations(&questions, seen);
    let mut best: Option<(usize, Answers)> = None;
    let mut addresses = addresses(seen).into_iter().map(Some).collect::<Vec<_>>();
    addresses.push(None);
    for address in &addresses {
        for other in &others {
            let mut answers = Answers::new(template.id.clone());
            answers.options.slug = Some(seen.slug.clone());
            for (id, input) in other {
                answers.give(id, input.clone());
            }
            if let Some(address) = address {
                give_address(&mut answers, &questions, address, seen);
            }
            let made = redirects(engine, template, &answers);
            let matched = seen.redirects.iter().filter(|redirect| made.contains(redirect)).count();
            // What does not have the address in it, such as an app's own scheme, does not tell the address.
            let tells =
                address.is_none() || seen.redirects.iter().any(|uri| made.contains(uri) && has_host(uri, address.as_deref()));
            if matched > 0 && tells && best.as_ref().is_none_or(|(most, _)| matched > *most) {
                best = Some((matched, answers));
            }
        }
    }
    let (matched, mut answers) = best?;
    answers.options.slug = None;
    Some((matched, answers))
}

/// The redirect URIs that these answers give.
fn redirects(engine: &Engine, template: &Template, answers: &Answers) -> Vec<RedirectUri> {
    let resolved = resolve(engine, template, answers, &Minted::default());
    preview(engine, template, answers, &resolved).redirects
}

/// The names that the first part's redirect URIs are made from, derived values followed to their questions.
fn used_names(engine: &Engine, template: &Template) -> BTreeSet<String> {
    let names = |text: &Text| engine.names(text).unwrap_or_default();
    let mut used = BTreeSet::new();
    for redirect in template.parts().first().into_iter().flat_map(|part| &part.provider.redirects) {
        used.extend(names(&redirect.uri));
        used.extend(redirect.each.clone());
        used.extend(redirect.when.as_ref().and_then(|when| engine.names_in(when).ok()).into_iter().flatten());
    }
    // A derived value sees the answers and what was derived before it.
    for (name, text) in template.derive.iter().rev() {
        if used.contains(name) {
            used.extend(names(text));
        }
    }
    used
}

/// Where the application could be: each redirect URI cut off at each slash, the shortest first; and whole, for those who ask for it.
fn addresses(seen: &Seen) -> Vec<String> {
    let mut addresses: Vec<String> = Vec::new();
    for url in seen.redirects.iter().filter_map(|uri| Url::parse(&plain(uri)).ok()) {
        if !url.has_host() || !matches!(url.scheme(), "http" | "https") {
            continue;
        }
        let origin = url.origin().ascii_serialization();
        let cuts = url.path().match_indices('/').map(|(at, _)| format!("{origin}{}", &url.path()[..at]));
        addresses.extend(cuts);
        addresses.push(format!("{origin}{}", url.path()));
    }
    addresses.sort_by_key(String::len);
    addresses.dedup();
    addresses
}

fn has_host(redirect: &RedirectUri, address: Option<&str>) -> bool {
    address.is_some_and(|address| plain(redirect).contains(&host_of(address)))
}

/// The address that a redirect URI begins with: a regular expression up to where it stops being one, without its escapes.
fn plain(redirect: &RedirectUri) -> String {
    if redirect.mode == MatchingMode::Strict {
        return redirect.uri.clone();
    }
    let mut plain = String::new();
    let mut letters = redirect.uri.trim_start_matches('^').chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some(escaped) if !escaped.is_alphanumeric() => plain.push(escaped),
                _ => break,
            },
            '.' | '*' | '+' | '?' | '(' | '[' | '{' | '|' | '$' => break,
            other => plain.push(other),
        }
    }
    plain
}

fn host_of(address: &str) -> String {
    Url::parse(address).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
}

/// How a question takes an address.
enum AddressKind {
    Address,
    Host,
    Addresses,
    Hosts,
}

fn address_kind(question: &Question) -> Option<AddressKind> {
    match (question.kind, question.item) {
        (QuestionKind::Address, _) => Some(AddressKind::Address),
        (QuestionKind::Host, _) => Some(AddressKind::Host),
        (QuestionKind::List, Some(ItemKind::Address)) => Some(AddressKind::Addresses),
        (QuestionKind::List, Some(ItemKind::Host)) => Some(AddressKind::Hosts),
        _ => None,
    }
}

/// Gives the address to the first question that takes one; a list gets every address that there is.
fn give_address(answers: &mut Answers, questions: &[&Question], address: &str, seen: &Seen) {
    let Some((question, kind)) = questions.iter().find_map(|question| Some((question, address_kind(question)?))) else { return };
    let all = || {
        let origins = seen.redirects.iter().filter_map(|uri| Url::parse(&uri.uri).ok()).filter(Url::has_host);
        let mut origins: Vec<String> = origins.map(|url| url.origin().ascii_serialization()).collect();
        origins.dedup();
        origins
    };
    let input = match kind {
        AddressKind::Address => Input::Text(address.to_owned()),
        AddressKind::Host => Input::Text(host_of(address)),
        AddressKind::Addresses => Input::List(all()),
        AddressKind::Hosts => Input::List(all().iter().map(|origin| host_of(origin)).collect()),
    };
    answers.give(&question.id, input);
}

/// The answers to try for the other questions: their defaults first, then each choice, and for texts what stands in the path.
fn combinations(questions: &[&Question], seen: &Seen) -> Vec<Vec<(String, Input)>> {
    let mut all: Vec<Vec<(String, Input)>> = vec![Vec::new()];
    for question in questions {
        let tries: Vec<Input> = match question.kind {
            QuestionKind::Choice => question.options.iter().map(|choice| Input::Text(choice.value().to_owned())).collect(),
            QuestionKind::Toggle => vec![Input::Toggle(true), Input::Toggle(false)],
            QuestionKind::Text | QuestionKind::Number => pieces(seen).into_iter().map(Input::Text).collect(),
            _ => Vec::new(),
        };
        let is_default = |input: &Input| match (&question.default, input) {
            (Some(Scalar::Text(default)), Input::Text(text)) => default.as_str() == text,
            (Some(Scalar::Bool(default)), Input::Toggle(on)) => default == on,
            (None, Input::Toggle(on)) => !on,
            _ => false,
        };
        let shorter = all.clone();
        for input in tries.into_iter().filter(|input| !is_default(input)) {
            if all.len() + shorter.len() > MOST_TRIES {
                break;
            }
            all.extend(shorter.iter().map(|answers| {
                let mut answers = answers.clone();
                answers.push((question.id.clone(), input.clone()));
                answers
            }));
        }
    }
    all
}

/// What a text in the path can be: each of its parts, and its beginnings; and each whole redirect URI, which some applications show.
fn pieces(seen: &Seen) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    for uri in &seen.redirects {
        let Ok(url) = Url::parse(&uri.uri) else { continue };
        pieces.extend(url.path_segments().into_iter().flatten().filter(|part| !part.is_empty()).map(str::to_owned));
        pieces.extend(url.path().match_indices('/').skip(1).map(|(at, _)| url.path()[..at].to_owned()));
        pieces.push(uri.uri.clone());
    }
    pieces.sort_unstable();
    pieces.dedup();
    pieces
}

/// A name as people mean it: without case, spaces and dashes.
fn folded(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The slug without the number that tells a second application from the first.
fn without_number(slug: &str) -> &str {
    match slug.rsplit_once('-') {
        Some((name, number)) if !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => slug,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::load::Catalog;

    fn seen(slug: &str, name: &str, redirects: &[&str]) -> Seen {
        let strict = |uri: &&str| RedirectUri { uri: (*uri).to_owned(), mode: MatchingMode::Strict };
        Seen { slug: slug.into(), name: name.into(), redirects: redirects.iter().map(strict).collect() }
    }

    fn text(answers: &Answers, id: &str) -> String {
        match answers.given.get(id).map(|given| &given.input) {
            Some(Input::Text(text)) => text.clone(),
            Some(Input::List(items)) => items.join(" "),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn the_address_is_read_from_the_redirect_uri() {
        let (catalog, engine) = (Catalog::built_in(), Engine::new());
        for (id, redirects, question, address) in [
            ("portainer", &["https://portainer.example.com:9443/"][..], "app", "https://portainer.example.com:9443"),
            ("plesk", &["https://p.example.com:8443/modules/oauth/public/login.php"], "app", "https://p.example.com:8443"),
            (
                "proxmox-ve",
                &["https://a.example.com:8006", "https://b.example.com:8006"],
                "nodes",
                "https://a.example.com:8006 https://b.example.com:8006",
            ),
            ("grafana", &["https://grafana.home.example/login/generic_oauth"], "app", "https://grafana.home.example"),
        ] {
            let recovered = recover(&engine, catalog.get(id).unwrap(), &seen(id, id, redirects));
            let (_, answers) = recovered.unwrap_or_else(|| panic!("{id}"));
            assert_eq!(text(&answers, question), address, "{id}");
        }
    }

    #[test]
    fn what_stands_in_the_path_is_read_too() {
        let (catalog, engine) = (Catalog::built_in(), Engine::new());
        let there = seen("tickets", "Tickets", &["https://help.example.com/support/api/auth/oauth2"]);
        let (_, answers) = recover(&engine, catalog.get("osticket").unwrap(), &there).unwrap();
        let again = redirects(&engine, catalog.get("osticket").unwrap(), &answers);
        assert_eq!(again, there.redirects, "{answers:?}");
    }

    #[test]
    fn a_regular_expression_gives_its_address() {
        let plain_of = |pattern: &str| plain(&RedirectUri { uri: pattern.into(), mode: MatchingMode::Regex });
        assert_eq!(plain_of(r"^https://a\.example\.com:8443/.*$"), "https://a.example.com:8443/");
        assert_eq!(plain_of(r"https://.*\.example\.com/"), "https://");
        assert_eq!(plain_of(r"https://a\.example\.com/\d+"), "https://a.example.com/");
    }

    #[test]
    fn name_and_redirect_uri_make_it_sure() {
        let (catalog, engine) = (Catalog::built_in(), Engine::new());
        let recognizer = Recognizer::new(&engine, catalog.iter());
        let sure = |seen: &Seen| recognizer.surely(seen).map(|candidate| candidate.template.id.clone());
        let grafana = ["https://x.example.com/login/generic_oauth"];
        assert_eq!(sure(&seen("grafana", "Grafana", &grafana)).as_deref(), Some("grafana"));
        assert_eq!(sure(&seen("grafana-2", "Monitoring", &grafana)).as_deref(), Some("grafana"));
        // The path alone is likely, the name alone too; neither is sure.
        for there in
            [seen("monitoring", "Monitoring", &grafana), seen("grafana", "Grafana", &["https://x.example.com/elsewhere"])]
        {
            assert_eq!(sure(&there), None);
            assert_eq!(recognizer.find(&there)[0].template.id, "grafana");
        }
        assert!(recognizer.find(&seen("mine", "Mine", &["https://x.example.com/nothing/like/it"])).is_empty());
    }

    #[test]
    fn every_sample_is_recognized_from_what_it_makes() {
        let (catalog, engine) = (Catalog::built_in(), Engine::new());
        let recognizer = Recognizer::new(&engine, catalog.iter());
        let mut lost = Vec::new();
        for template in catalog.iter().filter(|template| template.source.is_none()) {
            let Some(sample) = template.sample.first() else { continue };
            let mut answers = Answers::new(&template.id);
            for (id, scalar) in &sample.answers {
                match scalar {
                    Scalar::Text(text) => answers.give(id, Input::Text(text.as_str().to_owned())),
                    Scalar::Bool(on) => answers.give(id, Input::Toggle(*on)),
                    Scalar::List(items) => {
                        let items = items.iter().filter_map(|item| match item {
                            Scalar::Text(text) => Some(text.as_str().to_owned()),
                            _ => None,
                        });
                        answers.give(id, Input::List(items.collect()));
                    }
                    _ => {}
                }
            }
            let resolved = resolve(&engine, template, &answers, &Minted::default());
            let made = preview(&engine, template, &answers, &resolved);
            let there = Seen { slug: made.slug, name: made.name, redirects: made.redirects };
            if recognizer.surely(&there).is_none_or(|found| found.template.id != template.id) {
                lost.push(template.id.as_str());
            }
        }
        assert!(lost.is_empty(), "not recognized: {lost:?}");
    }
}
