//! Whether the discovery document is there and says what was printed: applications compare the issuer byte by byte.

use url::Url;

use super::target::{Surroundings, Target};
use super::tick::{Detail, Id, Mark, State, Tick};
use crate::authentik::ApiError;
use crate::authentik::discovery::Discovery;
use crate::authentik::http::Answer;
use crate::authentik::text::clean;
use crate::catalog::template::{IssuerMode, SlashRule};
use crate::error::Error;
use crate::setup::endpoints::Endpoints;
use crate::setup::fix::Fix;

/// What a proxy loses, by what differs.
const SCHEME: &str = "The proxy in front of authentik has to pass X-Forwarded-Proto on. From authentik 2026.8 on its address must also be \
                      listed in AUTHENTIK_LISTEN__TRUSTED_PROXY_CIDRS.";
const HOST: &str =
    "The proxy in front of authentik has to pass the Host header on, or authentik has to be asked at its public address.";

/// The ticks of the group.
pub(super) fn judge(target: &Target, answer: &Result<Answer, ApiError>, direct: bool) -> Vec<Tick> {
    let at = endpoints(target, IssuerMode::PerProvider).discovery;
    match read(answer) {
        Ok(document) => {
            let plain = direct || target.surroundings == Surroundings::StandIn;
            let found = if plain { "It can be read." } else { "It can be read, by another way than the public address." };
            vec![
                Tick::green(Id::Discovery, at, found),
                issuer(target, &document, direct),
                endpoints_tick(target, &document, direct),
            ]
        }
        Err((found, mend)) => {
            let skipped = |id| Tick::skipped(id, at.as_str(), "There is no discovery document to look at.");
            vec![Tick::red(Id::Discovery, at.as_str(), found, mend), skipped(Id::Issuer), skipped(Id::Endpoints)]
        }
    }
}

/// The document, or what came instead and what to do.
pub(super) fn read(answer: &Result<Answer, ApiError>) -> Result<Discovery, (String, String)> {
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => {
            let error = Error::from(error.clone());
            return Err((error.message, error.hints.join(" ")));
        }
    };
    match answer.status {
        200 => match answer.json::<Discovery>() {
            Ok(document) if !document.issuer.is_empty() => Ok(document),
            _ => Err((
                "Something else than a discovery document came.".into(),
                "See what stands in front of authentik and answers in its place.".into(),
            )),
        },
        404 => Err((
            "authentik has no discovery document there (404).".into(),
            "The application has no provider, or its slug is another one. Look at the application in authentik.".into(),
        )),
        300..=399 => Err((
            "The request was sent on elsewhere.".into(),
            "Take whatever stands in front of authentik out of the way for /application/o/.".into(),
        )),
        status => Err((format!("The server answered with status {status}."), "Look in authentik's log.".into())),
    }
}

fn endpoints(target: &Target, mode: IssuerMode) -> Endpoints {
    Endpoints::new(target.public_url(), &target.slug, mode)
}

fn issuer(target: &Target, document: &Discovery, direct: bool) -> Tick {
    let named = clean(&document.issuer);
    let wanted = target.expectation.known.as_ref().map(|known| known.needs.issuer_mode);
    let modes = [IssuerMode::PerProvider, IssuerMode::Global];
    let Some(mode) = modes.into_iter().find(|mode| endpoints(target, *mode).issuer == document.issuer) else {
        let printed = endpoints(target, wanted.unwrap_or_default()).issuer;
        let found = format!("authentik names itself {named}, and the settings carry {printed}.");
        let mend = why_other(&printed, &document.issuer);
        return unless_reached_otherwise(Tick::red(Id::Issuer, printed, found, mend), direct);
    };
    if let Some(wanted) = wanted.filter(|wanted| *wanted != mode) {
        let found = format!(
            "It is {named}: the issuer mode is {}, and {} expects {}.",
            mode.as_str(),
            target.expectation.name,
            wanted.as_str()
        );
        return Tick::warning(Id::Issuer, named, found, Fix::SetIssuerMode(wanted));
    }
    let name = &target.expectation.name;
    let form = match target.expectation.known.as_ref().map(|known| known.needs.slash) {
        None => "Applications compare it byte by byte, with the slash at the end.".to_owned(),
        Some(SlashRule::Required) => format!("{name} needs it like this, with the slash at the end."),
        Some(SlashRule::Forbidden) => format!("{name} adds the last slash itself: enter it without."),
        Some(SlashRule::Either) => format!("{name} takes it with the slash and without."),
        Some(SlashRule::Unused) => format!("{name} is given the endpoints instead."),
    };
    Tick::green(Id::Issuer, named, format!("It is exactly what was printed. {form}"))
}

/// A difference that comes from the way akwiz took says nothing about the application's way.
fn unless_reached_otherwise(tick: Tick, direct: bool) -> Tick {
    if direct { tick } else { Tick { state: State::Warning, ..tick } }
}

/// What makes the server name another issuer, and what mends it.
fn why_other(printed: &str, named: &str) -> String {
    if printed.trim_end_matches('/') == named.trim_end_matches('/') {
        return "Only the slash at the end differs. Enter it exactly as authentik names it.".to_owned();
    }
    let (Ok(printed), Ok(named)) = (Url::parse(printed), Url::parse(named)) else {
        return "Enter it exactly as authentik names it.".to_owned();
    };
    if printed.host() != named.host() || printed.port_or_known_default() != named.port_or_known_default() {
        // The default port follows the scheme.
        if printed.host() == named.host() && printed.scheme() != named.scheme() { SCHEME.to_owned() } else { HOST.to_owned() }
    } else if printed.scheme() != named.scheme() {
        SCHEME.to_owned()
    } else {
        "Enter it exactly as authentik names it, or set the issuer mode in the provider's advanced settings.".to_owned()
    }
}

fn endpoints_tick(target: &Target, document: &Discovery, direct: bool) -> Tick {
    let public = format!("{}/", target.public_url());
    let named = [
        ("authorize", &document.authorization_endpoint),
        ("token", &document.token_endpoint),
        ("userinfo", &document.userinfo_endpoint),
        ("end session", &document.end_session_endpoint),
        ("keys", &document.jwks_uri),
    ];
    let details: Vec<Detail> = named
        .iter()
        .filter(|(_, address)| !address.is_empty())
        .map(|(name, address)| Detail {
            name: (*name).to_owned(),
            value: clean(address),
            mark: if address.starts_with(&public) { Mark::Present } else { Mark::Missing },
        })
        .collect();
    let other = details.iter().find(|detail| detail.mark == Mark::Missing).map(|detail| detail.value.clone());
    let tick = match other {
        None => {
            Tick::green(Id::Endpoints, target.public_url(), "Scheme and host of every endpoint are those of the public address.")
        }
        Some(other) => {
            let found = format!("authentik gives out {other}, which is not below {public}.");
            let mend = why_other(&public, &other.replace("/application/o/", "/"));
            unless_reached_otherwise(Tick::red(Id::Endpoints, target.public_url(), found, mend), direct)
        }
    };
    tick.with(details)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_says_what_to_do() {
        let why = |named| why_other("https://auth.example.com/application/o/x/", named);
        assert!(why("https://auth.example.com/application/o/x").starts_with("Only the slash"));
        assert_eq!(why("http://auth.example.com/application/o/x/"), SCHEME);
        assert_eq!(why("https://authentik:9443/application/o/x/"), HOST);
        assert_eq!(why("http://auth.example.com:9000/application/o/x/"), SCHEME);
        assert!(why("https://auth.example.com/").contains("issuer mode"));
    }
}
