//! The issuer: applications compare it byte by byte.

use super::{Rule, Seen, Severity, Subject};
use crate::catalog::template::{IssuerMode, SlashRule};
use crate::setup::fix::Fix;

/// Cause 1 of the field's list.
pub static MISMATCH: Rule = Rule {
    id: "issuer-mismatch",
    name: "Issuer string mismatch",
    severity: Severity::Error,
    reason: "Applications compare the issuer that they were given with the one in authentik's discovery document, byte by byte.",
    advice: "Copy the issuer from authentik's discovery document, slash included; where the application adds or strips a slash itself, \
             give it the form that leads there.",
    symptoms: &[
        "issuer did not match the issuer returned by provider",
        "unexpected issuer URI",
        "Issuer mismatch",
        "Issuer mismatch: OpenIDConnect::Discovery::DiscoveryFailed",
        "provider_unreachable: Provider issuer mismatch",
        "Invalid issuer",
        "jsonwebtoken: InvalidIssuer",
    ],
    look,
};

fn look(subject: &Subject<'_>) -> Option<Seen> {
    let mode = subject.issuer_mode();
    if let Some(known) = subject.known.filter(|known| known.needs.issuer_mode != mode && known.needs.slash != SlashRule::Unused)
        && subject.provider.is_some()
    {
        let expects = match known.needs.issuer_mode {
            IssuerMode::PerProvider => "one issuer for each provider",
            IssuerMode::Global => "one issuer for all providers",
        };
        let name = subject.demanded_by();
        return Some(
            Seen::new(format!("{name} expects {expects}, and the issuer mode is {}.", mode.as_str()))
                .fix(Fix::SetIssuerMode(known.needs.issuer_mode)),
        );
    }
    let asked = subject.asked?;
    let real = real(subject)?;
    let given = asked.issuers.iter().find(|given| **given != real)?;
    // An issuer of another server is not this one's mistake, unless the application named both.
    if !subject.heard(&MISMATCH) {
        return None;
    }
    let slash = subject.known.map_or(SlashRule::Required, |known| known.needs.slash);
    let advice = match difference(given, &real) {
        Difference::Slash if slash == SlashRule::Forbidden => {
            format!("The application adds the final slash itself: enter {}", real.trim_end_matches('/'))
        }
        Difference::Slash => {
            format!("Enter {real} with its final slash; with two of them where the application strips one.")
        }
        Difference::Scheme => format!(
            "One side sees http and the other https. Enter {real} and have the proxy in front of authentik send X-Forwarded-Proto."
        ),
        Difference::Host => format!(
            "The application knows authentik by another name than browsers. Enter {real} and make that name lead to authentik from the \
             application's network, too."
        ),
        Difference::Path => format!("Enter {real} The path holds the application's slug, not its name or client ID."),
    };
    let mut seen = Seen::new("The application was given another issuer than the one that authentik names.").advice(advice);
    seen.lines = vec![format!("given      {given}"), format!("authentik  {real}")];
    Some(seen)
}

/// What authentik says itself, else what it says by its settings.
fn real(subject: &Subject<'_>) -> Option<String> {
    let read = subject.documents.and_then(|documents| documents.discovery.as_ref()).map(|discovery| discovery.issuer.clone());
    read.filter(|issuer| !issuer.is_empty()).or_else(|| subject.endpoints().map(|endpoints| endpoints.issuer))
}

enum Difference {
    Slash,
    Scheme,
    Host,
    Path,
}

fn difference(given: &str, real: &str) -> Difference {
    if given.trim_end_matches('/') == real.trim_end_matches('/') {
        return Difference::Slash;
    }
    let split = |text: &str| {
        let (scheme, rest) = text.split_once("://").unwrap_or(("", text));
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        (scheme.to_owned(), host.to_owned(), path.to_owned())
    };
    let ((given_scheme, given_host, _), (scheme, host, _)) = (split(given), split(real));
    if given_host != host {
        Difference::Host
    } else if given_scheme != scheme {
        Difference::Scheme
    } else {
        Difference::Path
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{World, asked, known};
    use super::*;

    #[test]
    fn a_global_issuer_is_not_what_most_applications_expect() {
        let mut world = World::new();
        world.text(crate::setup::setting::Field::IssuerMode, "global");
        world.known = Some(known());
        assert_eq!(world.look(&MISMATCH).unwrap().fixes, [Fix::SetIssuerMode(IssuerMode::PerProvider)]);
        world.known = None;
        assert_eq!(world.look(&MISMATCH), None, "without a template nothing is known of what is expected");
    }

    #[test]
    fn the_given_issuer_is_held_against_the_real_one() {
        let real = "https://auth.example.com/application/o/wiki/";
        for (given, word) in [
            ("https://auth.example.com/application/o/wiki", "final slash"),
            ("http://auth.example.com/application/o/wiki/", "X-Forwarded-Proto"),
            ("https://authentik:9443/application/o/wiki/", "another name"),
            ("https://auth.example.com/application/o/Wiki/", "slug"),
        ] {
            let mut world = World::new();
            world.asked = Some(asked(&MISMATCH));
            world.asked.as_mut().unwrap().issuers = vec![given.to_owned(), real.to_owned()];
            let seen = world.look(&MISMATCH).unwrap();
            assert!(seen.advice.as_ref().unwrap().contains(word), "{given}: {seen:?}");
        }
    }

    #[test]
    fn the_right_issuer_is_no_finding() {
        let mut world = World::new();
        world.known = Some(known());
        world.asked = Some(asked(&MISMATCH));
        world.asked.as_mut().unwrap().issuers = vec!["https://auth.example.com/application/o/wiki/".into()];
        assert_eq!(world.look(&MISMATCH), None);
    }
}
