//! Which grants are allowed, how long codes and tokens live, and whether the application can stay signed in.

use super::redirects::wanted_grants;
use super::target::Target;
use super::tick::{Detail, Id, Mark, Mend, State, Tick};
use crate::authentik::discovery::Discovery;
use crate::authentik::providers::ProviderFields;
use crate::authentik::text::clean;
use crate::catalog::template::{BuiltinScope, Grant, Lifetime};
use crate::setup::fix::Fix;

/// The ticks that the provider's fields tell.
pub(super) fn judge(target: &Target, provider: &ProviderFields) -> Vec<Tick> {
    vec![grants(target, provider), lifetimes(target, provider)]
}

fn grants(target: &Target, provider: &ProviderFields) -> Tick {
    let at = "the provider's grant types";
    let Some(allowed) = &provider.grant_types else {
        return Tick::skipped(Id::Grants, at, "This version of authentik does not limit them.");
    };
    let wanted = wanted_grants(target);
    if allowed.is_empty() {
        let found = "None is allowed, and authentik refuses every sign-in then.";
        return Tick::red(Id::Grants, at, found, Fix::AddGrants(wanted));
    }
    let missing: Vec<Grant> = wanted.into_iter().filter(|grant| allowed.iter().all(|name| name != grant.as_str())).collect();
    let shown = allowed.iter().map(|name| clean(name)).collect::<Vec<_>>().join(", ");
    if missing.is_empty() {
        return Tick::green(Id::Grants, at, format!("{shown}."));
    }
    let names = missing.iter().map(|grant| grant.as_str()).collect::<Vec<_>>().join(", ");
    // Without a refresh token people sign in again; without the others nobody does.
    let state = match (&target.expectation.known, missing.as_slice()) {
        (None, [Grant::RefreshToken]) => return Tick::green(Id::Grants, at, format!("{shown}.")),
        (None, _) | (_, [Grant::RefreshToken]) => State::Warning,
        _ => State::Red,
    };
    let found = format!("{} uses {names}, and only these are allowed: {shown}.", target.expectation.name);
    Tick { state, ..Tick::red(Id::Grants, at, found, Fix::AddGrants(missing)) }
}

fn lifetimes(target: &Target, provider: &ProviderFields) -> Tick {
    let at = "the provider's token lifetimes";
    let demanded = target.expectation.known.as_ref().map(|known| &known.lifetimes);
    let rows = [
        ("authorization code", &provider.access_code_validity, demanded.and_then(|demanded| demanded.code.as_ref())),
        ("access token", &provider.access_token_validity, demanded.and_then(|demanded| demanded.access.as_ref())),
        ("refresh token", &provider.refresh_token_validity, demanded.and_then(|demanded| demanded.refresh.as_ref())),
    ];
    let mut details = Vec::new();
    let mut wrong = None;
    for (name, validity, bounds) in rows {
        let problem = seconds(validity).and_then(|lives| bounds.and_then(|bounds| out_of(lives, bounds)));
        let mark = if problem.is_some() { Mark::Missing } else { Mark::Plain };
        details.push(Detail { name: name.to_owned(), value: plain(validity), mark });
        if let (Some(problem), Some(bounds)) = (problem, bounds) {
            let why = bounds.why.as_deref().map(|why| format!(" {}.", why.trim_end_matches('.'))).unwrap_or_default();
            wrong = wrong.or(Some((format!("The {name} lives {}, and {problem}.{why}", plain(validity)), name)));
        }
    }
    let tick = if let Some((found, name)) = wrong {
        let mend = Mend::from(format!("Set the validity of the {name} in the provider's advanced settings."));
        Tick::warning(Id::Lifetimes, at, found, mend)
    } else {
        let shown: Vec<String> = details.iter().map(|detail| format!("{} {}", detail.name, detail.value)).collect();
        Tick::green(Id::Lifetimes, at, format!("{}.", shown.join(", ")))
    };
    tick.with(details)
}

/// What is wrong with a lifetime, as the second half of a sentence.
fn out_of(lives: u64, bounds: &Lifetime) -> Option<String> {
    let bound = |text: &Option<String>| text.as_deref().and_then(|text| Some((seconds(text)?, plain(text))));
    if let Some((_, shown)) = bound(&bounds.min).filter(|(least, _)| lives < *least) {
        return Some(format!("it must live at least {shown}"));
    }
    bound(&bounds.max).filter(|(most, _)| lives > *most).map(|(_, shown)| format!("it may live at most {shown}"))
}

/// The application stays signed in where it asks for the scope, the provider maps it, and the grant is allowed.
pub(super) fn refresh(target: &Target, provider: &ProviderFields, document: Option<&Discovery>) -> Tick {
    let at = "the scope offline_access";
    let Some(known) = &target.expectation.known else {
        return Tick::skipped(Id::Refresh, at, "It is not known whether the application wants refresh tokens.");
    };
    let scope = BuiltinScope::OfflineAccess;
    if !known.needs.scopes.contains(&scope) && known.requested.iter().all(|name| name != scope.scope()) {
        return Tick::skipped(Id::Refresh, at, format!("{} asks for no refresh token.", target.expectation.name));
    }
    let Some(document) = document else {
        return Tick::skipped(Id::Refresh, at, "There is no discovery document to look at.");
    };
    if document.scopes_supported.iter().all(|name| name != scope.scope()) {
        let found = format!("{} wants to stay signed in, and the provider does not give the scope.", target.expectation.name);
        return Tick::warning(Id::Refresh, at, found, Fix::AddScope(scope));
    }
    if provider.grant_types.as_ref().is_some_and(|allowed| allowed.iter().all(|name| name != Grant::RefreshToken.as_str())) {
        let found = "The scope is there, but the grant refresh_token is not allowed.";
        return Tick::warning(Id::Refresh, at, found, Fix::AddGrants(vec![Grant::RefreshToken]));
    }
    Tick::green(Id::Refresh, at, "The application gets a refresh token when it asks for it.")
}

/// Seconds of a lifetime in authentik's notation: `hours=3;minutes=1` (`lib/utils/time.py`).
fn seconds(validity: &str) -> Option<u64> {
    validity.split(';').filter(|part| !part.trim().is_empty()).try_fold(0_u64, |sum, part| {
        let (unit, amount) = part.split_once('=')?;
        let unit = match unit.trim() {
            "seconds" => 1,
            "minutes" => 60,
            "hours" => 3600,
            "days" => 86_400,
            "weeks" => 604_800,
            _ => return None,
        };
        sum.checked_add(amount.trim().parse::<u64>().ok()?.checked_mul(unit)?)
    })
}

/// A lifetime as people say it: `10 minutes`.
fn plain(validity: &str) -> String {
    let parts = validity.split(';').filter_map(|part| part.split_once('=')).map(|(unit, amount)| {
        let unit = if amount == "1" { unit.trim_end_matches('s') } else { unit };
        format!("{amount} {unit}")
    });
    let text = parts.collect::<Vec<_>>().join(" ");
    if text.is_empty() { clean(validity) } else { clean(&text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lifetimes_are_read_and_said() {
        assert_eq!(seconds("hours=1;minutes=5"), Some(3_900));
        assert_eq!((seconds("soon"), seconds("minutes=x")), (None, None));
        assert_eq!((plain("minutes=1").as_str(), plain("days=30").as_str()), ("1 minute", "30 days"));
        let bounds = Lifetime { set: "hours=1".into(), min: Some("minutes=6".into()), max: Some("hours=5".into()), why: None };
        assert_eq!(out_of(3_600, &bounds), None);
        assert_eq!(out_of(300, &bounds).unwrap(), "it must live at least 6 minutes");
        assert_eq!(out_of(86_400, &bounds).unwrap(), "it may live at most 5 hours");
    }
}
