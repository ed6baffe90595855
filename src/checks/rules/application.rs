//! What the application itself has to have, seen by what it says and what it sends.

use super::{Refusal, Rule, Seen, Severity, Subject};
use crate::catalog::template::ClientType;
use crate::setup::fix::Fix;
use crate::setup::setting::Field;

/// Cause 15.
pub static PREREQUISITES: Rule = Rule {
    id: "application-setting",
    name: "Settings of the application forgotten",
    severity: Severity::Error,
    reason: "The application has settings of its own that authentik cannot see: how it asks, and what it does with somebody new.",
    advice: "Go through the steps that akwiz prints for the application: accounts made by themselves, plugin switched on, roles for newcomers.",
    symptoms: &[
        "Account not created beforehand",
        "automatic user provisioning not enabled",
        "user provisioning is disabled",
        "signup is disabled",
        "sign up is disabled",
        "auto registration is disabled",
        "no account was found for",
        "Unsupported response_type",
        "unsupported_response_type",
    ],
    look,
};

/// A wrong secret, which shows only when the application redeems its code: authentik keeps no event of it, and writes a line to its log.
///
/// What the application has cannot be read, and a secret that is pasted is forgotten before anything looks at it. What can be seen: that
/// authentik's own log says so of this provider, and that an application without a secret has a provider that demands one. That the
/// secret which akwiz showed is the provider's is for `akwiz check` to try.
pub static CLIENT_SECRET: Rule = Rule {
    id: "client-secret",
    name: "Client secret or PKCE wrong",
    severity: Severity::Error,
    reason: "The person came through, and authentik refuses the application's own request. It answers invalid_client for a wrong secret and for a \
             wrong redirect URI alike.",
    advice: "Copy client ID and secret into the application again, whole and without blanks. See that both requests name the same redirect URI.",
    symptoms: &[
        "Invalid client secret",
        "invalid_client",
        "Client authentication failed (e.g., unknown client",
        "Code challenge not matching",
        "grant_type_not_configured",
    ],
    look: client_secret,
};

fn client_secret(subject: &Subject<'_>) -> Option<Seen> {
    let name = subject.name();
    let confidential = subject.text(Field::ClientType)? == ClientType::Confidential.as_str();
    let is_public = subject.known.is_some_and(|known| known.certain && known.needs.client_type == ClientType::Public);
    if confidential && is_public {
        let text = format!("{name} has no client secret, and its provider is confidential: authentik demands one.");
        return Some(Seen::new(text).fix(Fix::SetClientType(ClientType::Public)).advice(format!(
            "Make the provider public, as {name} needs it, or enter the client secret where {name} can keep one."
        )));
    }
    let asked = subject.asked?;
    match asked.refusal? {
        // Of public clients authentik asks no secret, so the line is another one's, or old.
        Refusal::Secret => (confidential && asked.client_id.as_deref() == subject.text(Field::ClientId))
            .then(|| Seen::new(format!("authentik's own log says that {name} sent another client secret than its provider has."))),
        Refusal::Verifier => Some(
            Seen::new(format!(
                "authentik's own log says that {name} redeemed its code with another PKCE verifier than the one it began with."
            ))
            .advice(format!(
                "Sign in again from the start, in one window. If it fails each time, {name} loses its session on the way: look at its \
                 cookies, and that all of its instances share their sessions."
            )),
        ),
    }
}

fn look(subject: &Subject<'_>) -> Option<Seen> {
    let asked = subject.asked?;
    let name = subject.name();
    if let Some(scope) = asked.scope.as_deref().filter(|scope| scope.contains(',')) {
        let spaced = scope.split([',', ' ']).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
        return Some(
            Seen::new(format!(
                "{name} sends its scopes with commas: “{scope}”. authentik takes that for one scope that it does not know."
            ))
            .advice(format!("Separate the scopes by spaces in the application: {spaced}")),
        );
    }
    if !asked.is_request {
        return None;
    }
    match asked.response_type.as_deref() {
        None | Some("") => {
            return Some(
                Seen::new(format!("The request of {name} has no response_type.")).advice("Set it to code in the application."),
            );
        }
        Some(kind) if !known_response_type(kind) => {
            return Some(
                Seen::new(format!("{name} asks for the response type “{kind}”, which authentik does not know."))
                    .advice("Set it to code in the application."),
            );
        }
        Some(_) => {}
    }
    if asked.pkce.as_deref() == Some("plain") {
        return Some(
            Seen::new(format!("{name} uses PKCE with the method plain, which protects nothing."))
                .severity(Severity::Info)
                .advice("Set the PKCE method to S256 in the application."),
        );
    }
    None
}

/// What authentik takes (RFC 6749, OpenID Connect Core 1.0 and its hybrid flow).
fn known_response_type(kind: &str) -> bool {
    let mut words: Vec<&str> = kind.split_whitespace().collect();
    words.sort_unstable();
    ["code", "id_token", "id_token token", "code token", "code id_token", "code id_token token"]
        .contains(&words.join(" ").as_str())
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{World, asked, known};
    use super::*;

    fn look(change: impl FnOnce(&mut super::super::Asked)) -> Option<Seen> {
        let mut world = World::new();
        let mut request = asked(&crate::checks::rules::scopes::NONE);
        request.is_request = true;
        request.response_type = Some("code".into());
        change(&mut request);
        world.asked = Some(request);
        world.look(&PREREQUISITES)
    }

    #[test]
    fn a_usual_request_is_no_finding() {
        assert_eq!(look(|asked| asked.scope = Some("openid email profile".into())), None);
        assert_eq!(look(|asked| asked.pkce = Some("S256".into())), None);
        assert_eq!(look(|asked| asked.response_type = Some("id_token code".into())), None);
    }

    #[test]
    fn what_the_application_sends_wrongly_is_found() {
        assert!(look(|asked| asked.scope = Some("openid,email".into())).unwrap().advice.unwrap().ends_with("openid email"));
        assert!(look(|asked| asked.response_type = None).is_some());
        assert!(look(|asked| asked.response_type = Some("token".into())).is_some());
        assert_eq!(look(|asked| asked.pkce = Some("plain".into())).unwrap().severity, Some(Severity::Info));
    }

    #[test]
    fn authentiks_own_log_tells_of_a_wrong_secret() {
        let mut world = World::new();
        world.asked = Some(asked(&CLIENT_SECRET));
        assert_eq!(world.look(&CLIENT_SECRET), None, "the application's own words are no proof");
        let refused = world.asked.as_mut().unwrap();
        (refused.refusal, refused.client_id) = (Some(Refusal::Secret), Some("another".into()));
        assert_eq!(world.look(&CLIENT_SECRET), None, "it is about another provider");
        world.asked.as_mut().unwrap().client_id = Some("wiki-client".into());
        assert!(world.look(&CLIENT_SECRET).unwrap().text.contains("another client secret"));
        world.text(Field::ClientType, "public");
        assert_eq!(world.look(&CLIENT_SECRET), None, "it is asked for none");
        world.asked.as_mut().unwrap().refusal = Some(Refusal::Verifier);
        assert!(world.look(&CLIENT_SECRET).unwrap().text.contains("PKCE"));
    }

    #[test]
    fn an_application_without_a_secret_needs_a_public_provider() {
        let mut world = World::new();
        world.known = Some(known());
        assert_eq!(world.look(&CLIENT_SECRET), None);
        world.known.as_mut().unwrap().needs.client_type = ClientType::Public;
        assert_eq!(world.look(&CLIENT_SECRET).unwrap().fixes, [Fix::SetClientType(ClientType::Public)]);
        world.text(Field::ClientType, "public");
        assert_eq!(world.look(&CLIENT_SECRET), None);
    }
}
