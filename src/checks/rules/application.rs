//! What the application itself has to have, seen by what it says and what it sends.

use super::{Rule, Seen, Severity, Subject};

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

/// A wrong secret, which shows only when the application redeems its code.
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
    look: |_| None,
};

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
    use super::super::fixture::{World, asked};
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
}
