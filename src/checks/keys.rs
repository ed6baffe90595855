//! How tokens are signed, with what, and that they are not encrypted.

use super::target::Target;
use super::tick::{Id, Mend, State, Tick};
use crate::authentik::ApiError;
use crate::authentik::discovery::{Discovery, KeySet};
use crate::authentik::text::clean;
use crate::catalog::template::Signing;
use crate::error::Error;
use crate::setup::fix::Fix;

/// Signed with the client secret.
const SECRET: &str = "HS256";

/// The ticks about the discovery document.
pub(super) fn judge(target: &Target, document: Option<&Discovery>) -> Vec<Tick> {
    let Some(document) = document else {
        return [Id::Algorithm, Id::Encryption]
            .map(|id| Tick::skipped(id, "the discovery document", "There is no discovery document to look at."))
            .into();
    };
    vec![algorithm(target, document), encryption(document)]
}

fn algorithm(target: &Target, document: &Discovery) -> Tick {
    const AT: &str = "id_token_signing_alg_values_supported";
    let algorithms: Vec<String> = document.id_token_signing_alg_values_supported.iter().map(|name| clean(name)).collect();
    let shown = algorithms.join(", ");
    let name = &target.expectation.name;
    let symmetric = algorithms.iter().any(|algorithm| algorithm == SECRET);
    let signing = target.expectation.known.as_ref().map(|known| known.needs.signing);
    match signing {
        _ if algorithms.is_empty() => Tick::skipped(Id::Algorithm, AT, "authentik does not say how it signs."),
        Some(Signing::None) if symmetric => Tick::green(Id::Algorithm, AT, format!("{SECRET}, as {name} wants it.")),
        Some(Signing::None) => Tick::red(
            Id::Algorithm,
            AT,
            format!("Tokens are signed with {shown}, and {name} verifies them with the client secret ({SECRET})."),
            "Take the signing key out of the provider.",
        ),
        _ if symmetric => {
            let found = format!("Tokens are signed with the client secret ({SECRET}), because the provider has no signing key.");
            let state = if signing.is_some() { State::Red } else { State::Warning };
            Tick { state, ..Tick::red(Id::Algorithm, AT, found, Fix::SignWithRsa) }
        }
        Some(Signing::Rsa) if !algorithms.iter().any(|algorithm| algorithm.starts_with("RS")) => {
            let found = format!("Tokens are signed with {shown}, and {name} accepts RS256 only.");
            Tick::red(Id::Algorithm, AT, found, Fix::SignWithRsa)
        }
        _ => Tick::green(Id::Algorithm, AT, format!("{shown}.")),
    }
}

fn encryption(document: &Discovery) -> Tick {
    const AT: &str = "id_token_encryption_alg_values_supported";
    if document.id_token_encryption_alg_values_supported.is_empty() {
        return Tick::green(Id::Encryption, AT, "Tokens are not encrypted.");
    }
    let found = "Tokens are encrypted, and hardly an application can read them then.";
    Tick::red(Id::Encryption, AT, found, Fix::RemoveEncryption)
}

/// The tick about the key set.
pub(super) fn key_set(target: &Target, keys: &Result<KeySet, ApiError>) -> Tick {
    let at = format!("{}/application/o/{}/jwks/", target.public_url(), target.slug);
    let keys = match keys {
        Ok(keys) => &keys.keys,
        Err(error) => {
            let error = Error::from(error.clone());
            return Tick::red(Id::Keys, at, error.message, Mend::from(error.hints.join(" ")));
        }
    };
    if !keys.is_empty() {
        let text = |name: &str| keys[0].get(name).and_then(serde_json::Value::as_str).map(clean).unwrap_or_default();
        let more = if keys.len() > 1 { format!(", and {} more", keys.len() - 1) } else { String::new() };
        return Tick::green(Id::Keys, at, format!("{} {}{more}.", text("kty"), text("alg")));
    }
    match target.expectation.known.as_ref().map(|known| known.needs.signing) {
        Some(Signing::None) => Tick::green(Id::Keys, at, "There is none, as it should be."),
        None => Tick::warning(Id::Keys, at, "There is no key that an application could verify tokens with.", Fix::SignWithRsa),
        Some(_) => Tick::red(Id::Keys, at, "There is no key that the application could verify tokens with.", Fix::SignWithRsa),
    }
}
