//! The doctor: from what somebody pastes to a cause with a name.
//!
//! What is pasted passes [`secrets::hidden`] before anything else looks at it. [`Paste::read`] then finds what it speaks of: requests to
//! the authorize endpoint, other addresses of authentik, client ids, issuers, and the words of error messages. [`diagnose`] finds the
//! provider that it is about and runs the rules on it.

mod paste;
pub mod secrets;

use futures_util::future::join;

pub use paste::{Paste, Request};

use super::about::{About, Kind};
use super::audit;
use super::demands::Library;
use super::rules::{self, Asked, Documents, Finding, Person, Subject};
use crate::authentik::connect::clock_skew;
use crate::authentik::survey::{Survey, Surveyed};
use crate::authentik::text::same;
use crate::authentik::{ApiError, Client};
use crate::setup::facts::Found;
use crate::setup::setting::{Field, SettingValue};

/// What the doctor says.
#[derive(Debug, Clone)]
pub struct Diagnosis {
    /// What it is about; nothing when that was not found.
    pub about: Option<About>,
    /// What was found: what was pasted speaks of it first, then what is worst.
    pub findings: Vec<Finding>,
    /// Sentences that belong to no finding, such as that the provider was not found.
    pub notes: Vec<String>,
}

impl Diagnosis {
    /// What stands above the findings where logins should work.
    pub fn verdict(&self) -> Option<&'static str> {
        let is_wrong = self.about.is_none() || self.findings.iter().any(Finding::is_wrong);
        (!is_wrong).then_some("Nothing is wrong, as far as can be seen without a sign-in.")
    }
}

/// Finds what `paste` is about among everything that the server has. The error is a sentence that says why not.
///
/// # Errors
/// When nothing in it leads to a provider or a source.
pub fn find(paste: &Paste, survey: &Survey, library: &Library<'_>) -> Result<About, String> {
    let provider = |found: usize| {
        let surveyed = &survey.providers[found];
        About::of_provider(found, surveyed, library.known(survey, surveyed))
    };
    let mut failures = Vec::new();
    for client_id in paste.client_ids.iter().filter(|_| !paste.is_named) {
        match by_client_id(client_id, survey) {
            Ok(found) => return Ok(provider(found)),
            Err(sentence) => failures.push(sentence),
        }
    }
    for slug in &paste.slugs {
        if let Some(found) = survey.providers.iter().position(|known| known.slug().is_some_and(|known| same(known, slug))) {
            return Ok(provider(found));
        }
        let is = |source: &Found| source.text(Field::Slug).is_some_and(|known| same(known, slug));
        if let Some(found) = survey.sources.iter().position(is) {
            return Ok(About::of(Kind::Source, found, &survey.sources[found]));
        }
        failures.push(no_such_slug(slug, survey));
    }
    let by = [by_redirect, by_mixed_up, by_name];
    if let Some(found) = by.iter().filter(|_| !paste.is_named).find_map(|by| by(paste, survey)) {
        return Ok(provider(found));
    }
    if paste.heard.iter().any(|rule| rule.id == rules::PLEX)
        && let [source] = &survey.sources[..]
    {
        return Ok(About::of(Kind::Source, 0, source));
    }
    if let ([_], true) = (&survey.providers[..], failures.is_empty()) {
        return Ok(provider(0));
    }
    Err(failures.into_iter().next().unwrap_or_else(|| {
        format!(
            "It does not say which application it is about. Put its slug in front, or paste the address from the browser. There are: {}.",
            slugs(survey)
        )
    }))
}

fn by_client_id(client_id: &str, survey: &Survey) -> Result<usize, String> {
    if let Some(found) = survey.providers.iter().position(|known| known.client_id() == client_id) {
        return Ok(found);
    }
    let mut sentence = format!("No OAuth2/OpenID provider has the client ID “{client_id}”.");
    if survey.facts.providers.len() > survey.providers.len() {
        sentence.push_str(" Proxy providers and those of other kinds were not looked at.");
    }
    Err(sentence)
}

fn no_such_slug(slug: &str, survey: &Survey) -> String {
    let bare = survey.bare.iter().any(|application| application.text(Field::Slug).is_some_and(|known| same(known, slug)));
    let other = survey.facts.applications.iter().find(|application| same(&application.slug, slug));
    match other {
        _ if bare => format!("The application “{slug}” has no provider: nobody signs in to it with authentik."),
        Some(_) => format!(
            "The application “{slug}” has a provider of another kind than OAuth2/OpenID, or one that this token cannot see."
        ),
        None => {
            format!("There is no application with the slug “{slug}”. There are: {}.", slugs(survey))
        }
    }
}

/// What could have been meant.
fn slugs(survey: &Survey) -> String {
    let known: Vec<&str> = survey.providers.iter().filter_map(Surveyed::slug).collect();
    if known.is_empty() { "none".to_owned() } else { known.join(", ") }
}

/// The one provider that allows what was asked for, or an address on the same host.
fn by_redirect(paste: &Paste, survey: &Survey) -> Option<usize> {
    let asked = paste.redirects.iter().map(String::as_str).collect::<Vec<_>>();
    let host = |uri: &str| url::Url::parse(uri).ok().and_then(|url| url.host_str().map(str::to_owned));
    let hosts: Vec<String> = asked.iter().filter_map(|uri| host(uri)).collect();
    let allows = |known: &Surveyed, fits: &dyn Fn(&str) -> bool| match known.provider.settings.get(&Field::RedirectUris) {
        Some(SettingValue::Redirects(entries)) => entries.iter().any(|entry| fits(&entry.redirect.uri)),
        _ => false,
    };
    let exact = |uri: &str| asked.contains(&uri);
    let near = |uri: &str| host(uri).is_some_and(|host| hosts.contains(&host));
    let places = |fits: &dyn Fn(&str) -> bool| {
        let mut found = survey.providers.iter().enumerate().filter(|(_, known)| allows(known, fits)).map(|(place, _)| place);
        found.next().filter(|_| found.next().is_none())
    };
    places(&exact).or_else(|| places(&near))
}

/// Somebody put the client id, the number or the name of a provider where its slug belongs, or one of the others where its client id does.
fn by_mixed_up(paste: &Paste, survey: &Survey) -> Option<usize> {
    survey.providers.iter().position(|known| {
        let objects = [Some(&known.provider), known.application.as_ref()];
        let names: Vec<&str> = objects.into_iter().flatten().filter_map(|found| found.text(Field::Name)).collect();
        let is_name = |word: &str| names.iter().any(|name| same(word, name) || same(word, &crate::setup::planner::slugify(name)));
        let by_slug = |slug: &String| slug == known.client_id() || *slug == known.provider.pk || is_name(slug);
        let by_id = |id: &String| {
            same(id, known.client_id())
                || known.slug().is_some_and(|slug| same(id, slug))
                || *id == known.provider.pk
                || is_name(id)
        };
        paste.slugs.iter().any(by_slug) || paste.client_ids.iter().any(by_id)
    })
}

/// The one application that the text calls by its name or slug, as a word of its own.
fn by_name(paste: &Paste, survey: &Survey) -> Option<usize> {
    let text = paste.text().to_lowercase();
    let words: Vec<&str> = text.split(|letter: char| !letter.is_alphanumeric() && !"-_".contains(letter)).collect();
    let called = |known: &Surveyed| {
        let name = known.application.as_ref().and_then(|found| found.text(Field::Name)).unwrap_or_default().to_lowercase();
        let slug = known.slug().unwrap_or_default().to_lowercase();
        words.iter().any(|word| word.len() > 2 && (*word == name || *word == slug))
    };
    let mut found = survey.providers.iter().enumerate().filter(|(_, known)| called(known)).map(|(place, _)| place);
    found.next().filter(|_| found.next().is_none())
}

/// Names what is wrong with the application that `paste` is about. Reads two documents and, for `person`, whether they may open it.
/// Writes nothing.
pub async fn diagnose(
    client: &Client,
    survey: &Survey,
    library: &Library<'_>,
    paste: &Paste,
    person: Option<(String, String)>,
) -> Diagnosis {
    let mut notes = paste.notes();
    let asked = paste.asked();
    let about = match find(paste, survey, library) {
        Ok(about) => about,
        Err(sentence) => {
            notes.push(sentence);
            return Diagnosis { about: None, findings: alone(survey, &asked), notes };
        }
    };
    let (documents, person) = match about.slug.as_deref().filter(|_| about.kind == Kind::Provider) {
        Some(slug) => join(documents(client, &survey.facts.public_url, slug), who(client, slug, person, &mut notes)).await,
        None => (Documents::default(), None),
    };
    let subject = Subject { asked: Some(&asked), documents: Some(&documents), person: person.as_ref(), ..about.subject(survey) };
    let findings = audit::findings(about.kind, &subject);
    Diagnosis { about: Some(about), findings, notes }
}

/// What the words alone say, where the application is not known.
fn alone(survey: &Survey, asked: &Asked) -> Vec<Finding> {
    let subject = Subject { asked: Some(asked), ..Subject::new(&survey.facts) };
    asked.heard.iter().filter_map(|rule| rules::run(rule, &subject)).collect()
}

/// What anybody can read of the application.
async fn documents(client: &Client, public_url: &str, slug: &str) -> Documents {
    let (discovery, keys) = join(client.discovery(slug), client.key_set(slug)).await;
    let skew = discovery.as_ref().ok().and_then(clock_skew);
    let base = client.base().as_str().trim_end_matches('/');
    Documents {
        discovery: discovery.and_then(|answer| answer.accepted()?.json()).ok(),
        keys: keys.ok(),
        clock_skew: skew,
        // Over loopback authentik is told its public address; elsewhere it answers for the one it is asked at.
        at_public_address: base == public_url || client.is_told_its_public_address(),
    }
}

async fn who(client: &Client, slug: &str, person: Option<(String, String)>, notes: &mut Vec<String>) -> Option<Person> {
    let (pk, username) = person?;
    match client.check_access(slug, Some(&pk)).await {
        Ok(access) => Some(Person { pk, username, passes: access.passing, messages: access.messages }),
        Err(error) => {
            notes.push(unasked(&username, &error));
            None
        }
    }
}

fn unasked(username: &str, error: &ApiError) -> String {
    format!("Whether {username} may open it could not be found out: {error}")
}
