//! authentik's own addresses as applications were given them.

use super::{Rule, Seen, Severity, Subject};
use crate::setup::endpoints::Endpoints;
use crate::setup::setting::Field;

/// Cause 10.
pub static WRONG: Rule = Rule {
    id: "endpoint-address",
    name: "Wrong or slashless endpoint URLs; slug, client ID and provider name mixed up",
    severity: Severity::Error,
    reason: "authentik's addresses end in a slash and have the application's slug in them. The client ID is another thing, and the \
             provider's name a third one.",
    advice: "Copy the addresses as they are: akwiz prints them, and so does the provider's page in authentik.",
    symptoms: &[
        "Method Not Allowed (GET): /application/o/token/",
        "Method Not Allowed: /application/o/token",
        "Not Found: /application/o/",
        "Client ID Error",
        "Invalid client identifier",
        "The client identifier (client_id) is missing or invalid.",
        "405 Method Not Allowed … /application/o/token",
    ],
    look,
};

/// The endpoints that all applications share, and those below an application's slug.
const SHARED: [&str; 7] = ["authorize", "token", "userinfo", "introspect", "revoke", "device", "end-session"];
const OWN: [&str; 3] = ["jwks", "end-session", "authorize"];

fn look(subject: &Subject<'_>) -> Option<Seen> {
    let asked = subject.asked?;
    if let Some(sent) = &asked.client_id
        && let Some(right) = subject.text(Field::ClientId)
        && sent != right
    {
        return Some(wrong_client_id(sent, right, subject));
    }
    let endpoints = subject.endpoints()?;
    let (used, right, text) =
        asked.addresses.iter().find_map(|used| judge(used, subject, &endpoints).map(|(right, text)| (used, right, text)))?;
    let mut seen = Seen::new(text).advice(format!("Enter {right}"));
    seen.lines = vec![format!("used   {used}"), format!("right  {right}")];
    Some(seen)
}

/// What somebody put where the client id belongs.
fn wrong_client_id(sent: &str, right: &str, subject: &Subject<'_>) -> Seen {
    let is = |text: Option<&str>| text.is_some_and(|text| text.eq_ignore_ascii_case(sent));
    let what = if is(subject.slug()) {
        "The slug stands"
    } else if is(subject.text(Field::Name)) || is(Some(subject.name())) {
        "A name stands"
    } else if is(Some(right)) {
        "The client ID in other letters stands"
    } else {
        "Another client ID stands"
    };
    let mut seen = Seen::new(format!("{what} where the client ID of {} belongs.", subject.name()))
        .advice("Copy the client ID into the application: the slug is part of addresses, the name is only a label.");
    seen.lines = vec![format!("sent   {sent}"), format!("right  {right}")];
    seen
}

/// The right address for `used`, and what is wrong with it; nothing when it is right, or not one of authentik's.
fn judge(used: &str, subject: &Subject<'_>, endpoints: &Endpoints) -> Option<(String, String)> {
    let path = used.split_once("://").map_or(used, |(_, rest)| rest.find('/').map_or("", |at| &rest[at..]));
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let rest = path.split_once("/application/o/")?.1;
    let pieces: Vec<&str> = rest.split('/').filter(|piece| !piece.is_empty()).collect();
    let slashed = rest.ends_with('/');
    let slug = subject.slug().unwrap_or_default();
    let right = |endpoint: &str| match endpoint {
        "authorize" => endpoints.authorize.clone(),
        "token" => endpoints.token.clone(),
        "userinfo" => endpoints.userinfo.clone(),
        "introspect" => endpoints.introspect.clone(),
        "revoke" => endpoints.revoke.clone(),
        "device" => endpoints.device.clone(),
        "jwks" => endpoints.jwks.clone(),
        _ => endpoints.end_session.clone(),
    };
    match &pieces[..] {
        [] => Some((endpoints.issuer.clone(), "The slug is missing in the address.".to_owned())),
        [endpoint] if SHARED.contains(endpoint) => match *endpoint {
            "end-session" => Some((right(endpoint), "Signing out has the application's slug in its address.".to_owned())),
            _ if slashed => None,
            _ => Some((right(endpoint), "The final slash is missing: authentik refuses the address without it.".to_owned())),
        },
        [first] => (*first != slug).then(|| (endpoints.issuer.clone(), mistaken(first, subject, slug))),
        [first, "authorize" | "token" | "userinfo" | "introspect" | "revoke" | "device"] => {
            Some((right(pieces[1]), format!("This address is the same for all applications and has no “{first}” in it.")))
        }
        [first, endpoint, ..] => {
            if *first != slug {
                let right = if *endpoint == ".well-known" { endpoints.discovery.clone() } else { right(endpoint) };
                return Some((right, mistaken(first, subject, slug)));
            }
            if OWN.contains(endpoint) && !slashed {
                return Some((
                    right(endpoint),
                    "The final slash is missing: authentik refuses the address without it.".to_owned(),
                ));
            }
            (*endpoint == ".well-known" && !path.ends_with("openid-configuration"))
                .then(|| (endpoints.discovery.clone(), "The discovery document has another name, and no final slash.".to_owned()))
        }
    }
}

/// What somebody put where the slug belongs.
fn mistaken(found: &str, subject: &Subject<'_>, slug: &str) -> String {
    let is = |text: Option<&str>| text.is_some_and(|text| text.eq_ignore_ascii_case(found));
    let provider = subject.provider;
    if is(subject.text(Field::ClientId)) {
        format!("The client ID stands where the slug belongs. The slug is {slug}.")
    } else if provider.is_some_and(|provider| is(Some(&provider.pk))) {
        format!("The provider's number stands where the slug belongs. The slug is {slug}.")
    } else if found.eq_ignore_ascii_case(slug) {
        format!("The slug is {slug}, and capital letters count.")
    } else {
        format!("“{found}” is not the slug of this application. The slug is {slug}.")
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{World, asked};
    use super::*;

    fn seen(address: &str) -> Option<Seen> {
        let mut world = World::new();
        world.asked = Some(asked(&WRONG));
        world.asked.as_mut().unwrap().addresses = vec![address.to_owned()];
        world.look(&WRONG)
    }

    #[test]
    fn what_is_wrong_with_an_address_is_said() {
        let base = "https://auth.example.com/application/o";
        for (used, right, word) in [
            (format!("{base}/token"), format!("{base}/token/"), "slash"),
            (format!("{base}/wiki/jwks"), format!("{base}/wiki/jwks/"), "slash"),
            (format!("{base}/wiki/token/"), format!("{base}/token/"), "same for all"),
            (format!("{base}/wiki-client/"), format!("{base}/wiki/"), "client ID"),
            (
                format!("{base}/Wiki/.well-known/openid-configuration"),
                format!("{base}/wiki/.well-known/openid-configuration"),
                "capital",
            ),
            (format!("{base}/other/jwks/"), format!("{base}/wiki/jwks/"), "not the slug"),
            (format!("{base}/end-session/"), format!("{base}/wiki/end-session/"), "slug"),
            (
                format!("{base}/wiki/.well-known/openid-configuration/"),
                format!("{base}/wiki/.well-known/openid-configuration"),
                "no final slash",
            ),
        ] {
            let seen = seen(&used).unwrap_or_else(|| panic!("{used}"));
            assert_eq!(seen.lines[1], format!("right  {right}"));
            assert!(seen.text.contains(word), "{used}: {}", seen.text);
        }
    }

    #[test]
    fn what_stands_where_the_client_id_belongs_is_said() {
        for (sent, word) in
            [("wiki", "slug"), ("Provider for Wiki", "name"), ("WIKI-client", "other letters"), ("abc", "Another")]
        {
            let mut world = World::new();
            world.asked = Some(asked(&WRONG));
            world.asked.as_mut().unwrap().client_id = Some(sent.to_owned());
            let seen = world.look(&WRONG).unwrap();
            assert!(seen.text.contains(word) && seen.lines[1].ends_with("wiki-client"), "{seen:?}");
        }
        let mut world = World::new();
        world.asked = Some(asked(&WRONG));
        world.asked.as_mut().unwrap().client_id = Some("wiki-client".to_owned());
        assert_eq!(world.look(&WRONG), None);
    }

    #[test]
    fn right_addresses_are_no_finding() {
        for used in [
            "https://auth.example.com/application/o/authorize/?client_id=x",
            "https://auth.example.com/application/o/wiki/",
            "https://auth.example.com/application/o/wiki",
            "https://auth.example.com/application/o/wiki/.well-known/openid-configuration",
            "https://auth.example.com/application/o/wiki/jwks/",
            "https://auth.example.com/if/flow/x/",
        ] {
            assert_eq!(seen(used), None, "{used}");
        }
    }
}
