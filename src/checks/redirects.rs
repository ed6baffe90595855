//! Whether authentik takes each redirect URI: asked to sign nobody in, it sends the browser back with `login_required`.

use futures_util::future::join_all;
use serde_json::Value;

use super::sample::sample;
use super::target::Target;
use super::tick::{Detail, Id, Mark, Mend, Tick};
use crate::authentik::http::Answer;
use crate::authentik::providers::ProviderFields;
use crate::authentik::text::clean;
use crate::authentik::{ApiError, Client};
use crate::catalog::template::Grant;
use crate::error::Error;
use crate::setup::fix::Fix;

/// More than these are not tried: they are a list that a machine keeps.
const MOST: usize = 25;

/// One entry of a provider's list.
#[derive(Debug)]
struct Entry {
    /// As it stands there.
    shown: String,
    /// What is tried; none where no address can be made that the pattern matches.
    tried: Option<String>,
}

/// What came of one entry.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Accepted,
    /// Authorize says that the redirect URI is not allowed.
    NotAllowed,
    UnknownClient,
    /// Another error, by its OAuth name.
    Refused(String),
    /// No sample can be made.
    Untried,
    /// It only stands in for one that comes later.
    Provisional,
}

/// The tick. An empty list is never tried: authentik saves the first address that anybody asks for as the only one.
pub(super) async fn tick(client: &Client, target: &Target, provider: &ProviderFields) -> Tick {
    let at = "the provider's redirect URIs, at the authorize endpoint";
    let entries = entries(&provider.redirect_uris);
    if entries.is_empty() {
        let missing = target.expectation.address.as_deref().unwrap_or_default();
        let found =
            "The list is empty: authentik would take the first address that anybody asks for, for good. It was not tried.";
        let mend = Mend::from(
            format!("Add the application's redirect URI in the provider before anybody signs in. {missing}").trim_end(),
        );
        return Tick::red(Id::Redirects, at, found, mend);
    }
    let provisional = target.expectation.known.as_ref().map(|known| known.provisional.as_slice()).unwrap_or_default();
    let response_type = response_type(target, provider);
    let tries = entries.iter().take(MOST).map(|entry| async move {
        let Some(uri) = &entry.tried else { return Ok(Verdict::Untried) };
        if provisional.contains(uri) {
            return Ok(Verdict::Provisional);
        }
        let query = [
            ("client_id", provider.client_id.as_str()),
            ("redirect_uri", uri),
            ("response_type", response_type),
            ("scope", "openid"),
            ("state", "akwiz"),
            ("nonce", "akwiz"),
            ("prompt", "none"),
        ];
        client.page("application/o/authorize/", &query).await.map(|answer| verdict(&answer, uri))
    });
    match join_all(tries).await.into_iter().collect::<Result<Vec<_>, ApiError>>() {
        Ok(verdicts) => judge(target, &entries, &verdicts),
        Err(error) => {
            let error = Error::from(error);
            Tick::red(Id::Redirects, at, error.message, error.hints.join(" "))
        }
    }
}

/// The entries that are for signing in; 2026.5 keeps those for signing out in the same list.
fn entries(list: &[Value]) -> Vec<Entry> {
    let text = |entry: &Value, key: &str| entry.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let own = list.iter().filter(|entry| matches!(text(entry, "redirect_uri_type").as_str(), "" | "authorization"));
    own.map(|entry| {
        let shown = text(entry, "url");
        let tried = if text(entry, "matching_mode") == "regex" { sample(&shown) } else { Some(shown.clone()) };
        Entry { shown, tried }
    })
    .collect()
}

/// What an application of this kind asks for.
fn response_type(target: &Target, provider: &ProviderFields) -> &'static str {
    let known = || {
        target.expectation.known.as_ref().map(|known| known.needs.grants.iter().map(|grant| grant.as_str().to_owned()).collect())
    };
    let grants: Vec<String> = provider.grant_types.clone().or_else(known).unwrap_or_default();
    let has = |grant: Grant| grants.iter().any(|name| name == grant.as_str());
    if has(Grant::AuthorizationCode) || !(has(Grant::Implicit) || has(Grant::Hybrid)) {
        "code"
    } else if has(Grant::Implicit) {
        "id_token"
    } else {
        "code id_token"
    }
}

fn verdict(answer: &Answer, uri: &str) -> Verdict {
    if (300..400).contains(&answer.status) {
        let to = answer.header("location").unwrap_or_default();
        let error = error_in(to.strip_prefix(uri).unwrap_or(to));
        return match error.as_deref() {
            Some("login_required" | "interaction_required" | "consent_required") if to.starts_with(uri) => Verdict::Accepted,
            Some(error) => Verdict::Refused(clean(error)),
            None => Verdict::Refused("an unknown redirect".to_owned()),
        };
    }
    let page = answer.text();
    if page.contains("Redirect URI Error") {
        Verdict::NotAllowed
    } else if page.contains("Client ID Error") {
        Verdict::UnknownClient
    } else {
        Verdict::Refused(format!("status {}", answer.status))
    }
}

/// The `error` in an address, or in what stands behind the redirect URI: after `?` or, for the implicit grant, after `#`. A redirect URI
/// with a query of its own gets a second `?` (2025.12).
fn error_in(to: &str) -> Option<String> {
    let pairs = to.split(['?', '#', '&']).skip(1);
    pairs
        .flat_map(|pair| url::form_urlencoded::parse(pair.as_bytes()))
        .find(|(key, _)| key == "error")
        .map(|(_, value)| value.into_owned())
}

fn judge(target: &Target, entries: &[Entry], verdicts: &[Verdict]) -> Tick {
    let at = "the provider's redirect URIs, at the authorize endpoint";
    let details: Vec<Detail> = entries
        .iter()
        .zip(verdicts)
        .map(|(entry, verdict)| Detail {
            name: clean(&entry.shown),
            value: match verdict {
                Verdict::Accepted => match entry.tried.as_ref().filter(|tried| **tried != entry.shown) {
                    Some(tried) => format!("accepted, tried with {}", clean(tried)),
                    None => "accepted".to_owned(),
                },
                Verdict::NotAllowed => "refused: not allowed".to_owned(),
                Verdict::UnknownClient => "refused: the client ID is not known".to_owned(),
                Verdict::Refused(why) => format!("refused: {why}"),
                Verdict::Untried => "a pattern, of which no sample can be made: not tried".to_owned(),
                Verdict::Provisional => "stands in until the application shows its own".to_owned(),
            },
            mark: match verdict {
                Verdict::Accepted => Mark::Present,
                Verdict::Untried | Verdict::Provisional => Mark::Plain,
                _ => Mark::Missing,
            },
        })
        .collect();
    let accepted = verdicts.iter().filter(|verdict| **verdict == Verdict::Accepted).count();
    let untried = verdicts.iter().filter(|verdict| matches!(verdict, Verdict::Untried | Verdict::Provisional)).count();
    let refused = entries
        .iter()
        .zip(verdicts)
        .find(|(_, verdict)| matches!(verdict, Verdict::NotAllowed | Verdict::UnknownClient | Verdict::Refused(_)));
    let tick = match refused {
        Some((entry, verdict)) => {
            let shown = clean(&entry.shown);
            let (found, mend) = match verdict {
                Verdict::UnknownClient => {
                    ("authentik does not know the client ID.".to_owned(), Mend::from("Look at the provider in authentik."))
                }
                Verdict::NotAllowed => (
                    format!("authentik refuses {shown}, although it is in the list."),
                    Mend::from(
                        "A pattern may be broken, or the address has a scheme that authentik forbids. Enter it anew in the provider.",
                    ),
                ),
                Verdict::Refused(why) if why == "invalid_request" || why == "unauthorized_client" => (
                    format!("authentik refuses {shown} with {why}: the grant that the application uses is not allowed."),
                    Mend::from(Fix::AddGrants(wanted_grants(target))),
                ),
                Verdict::Refused(why) => {
                    (format!("authentik refuses {shown}: {why}."), Mend::from("Look at the provider in authentik."))
                }
                _ => return Tick::skipped(Id::Redirects, at, "").with(details),
            };
            Tick::red(Id::Redirects, at, found, mend)
        }
        None if accepted == 0 => Tick::skipped(
            Id::Redirects,
            at,
            match verdicts.first() {
                Some(Verdict::Provisional) => "The redirect URI only stands in until the application shows its own.",
                _ => "They are patterns of which no sample can be made.",
            },
        ),
        None => {
            let more = if untried > 0 { format!("; {untried} not tried") } else { String::new() };
            let found = match (accepted, entries.first()) {
                (1, Some(entry)) if entries.len() == 1 => format!("{} is accepted.", clean(&entry.shown)),
                _ => format!("{accepted} of {} accepted{more}.", entries.len()),
            };
            Tick::green(Id::Redirects, at, found)
        }
    };
    tick.with(details)
}

/// The grants that the template names, else those that every sign-in needs.
pub(super) fn wanted_grants(target: &Target) -> Vec<Grant> {
    let known = target.expectation.known.as_ref().map(|known| known.needs.grants.clone());
    known.unwrap_or_else(|| vec![Grant::AuthorizationCode, Grant::RefreshToken])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_is_found_wherever_authentik_puts_it() {
        let uri = "https://www.example.com/wp-admin/admin-ajax.php?action=openid-connect-authorize";
        for to in [
            format!("{uri}?error=login_required&state=akwiz"),
            format!("{uri}&state=akwiz&error=login_required"),
            format!("{uri}#error=login_required"),
            "https://auth.example.com/if/flow/x/?error=login_required".to_owned(),
        ] {
            assert_eq!(error_in(to.strip_prefix(uri).unwrap_or(&to)).as_deref(), Some("login_required"), "{to}");
        }
        assert_eq!(error_in("https://auth.example.com/error=login_required"), None);
    }
}
