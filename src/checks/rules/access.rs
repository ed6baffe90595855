//! Who is let in.

use super::{Rule, Seen, Severity, Subject};
use crate::setup::fix::Fix;
use crate::setup::plan::Bind;
use crate::setup::setting::{Field, Ref};

/// Cause 12.
pub static DENIED: Rule = Rule {
    id: "access-denied",
    name: "Access denied in authentik",
    severity: Severity::Error,
    reason: "An application that is bound to groups or people is closed to all others, administrators included.",
    advice: "Bind a group that the person is in, or the person. As a superuser one sees on the page which policy said no.",
    symptoms: &[
        "Permission denied",
        "Request has been denied",
        "Failed to resolve application",
        "access_denied",
        "Policy binding … returned result",
    ],
    look: denied,
};

/// The other face of cause 12.
pub static SOURCE_FLOW: Rule = Rule {
    id: "source-flow",
    name: "A login source's flow as authentication flow",
    severity: Severity::Error,
    reason: "The flow of a login source lets in only those who come through that source; to all others it does not apply.",
    advice: "Leave the authentication flow of the provider empty: then the brand's is used (authentik #8127).",
    symptoms: &["Flow does not apply to current user"],
    look: source_flow,
};

fn denied(subject: &Subject<'_>) -> Option<Seen> {
    let person = subject.person.filter(|person| !person.passes)?;
    let mut seen = Seen::new(format!("authentik does not let {} open {}.", person.username, subject.name()));
    seen.lines.clone_from(&person.messages);
    // A policy can say no to those who are bound as well.
    let bound = subject.bindings.iter().any(|binding| binding.user.as_ref() == Some(&person.pk));
    if subject.application.is_none() || bound || subject.bindings.iter().any(|binding| binding.policy.is_some()) {
        return Some(seen);
    }
    Some(seen.fix(Fix::LetIn(vec![Bind::Person(Ref::existing(&person.pk, &person.username))])))
}

fn source_flow(subject: &Subject<'_>) -> Option<Seen> {
    let (_, slug) = subject.reference(Field::AuthenticationFlow)?;
    slug.starts_with("default-source-").then(|| {
        Seen::new(format!("People who are not signed in go through the flow “{slug}”, which is for login sources."))
            .fix(Fix::ClearAuthenticationFlow)
    })
}

#[cfg(test)]
mod tests {
    use super::super::Person;
    use super::super::fixture::World;
    use super::*;
    use crate::setup::facts::Binding;
    use crate::setup::setting::SettingValue;

    #[test]
    fn a_person_who_is_turned_away_can_be_bound() {
        let mut world = World::new();
        world.person = Some(Person { pk: "9".into(), username: "bob".into(), passes: true, messages: Vec::new() });
        assert_eq!(world.look(&DENIED), None);
        world.person.as_mut().unwrap().passes = false;
        assert_eq!(world.look(&DENIED).unwrap().fixes, [Fix::LetIn(vec![Bind::Person(Ref::existing("9", "bob"))])]);
        world.bindings = vec![Binding { policy: Some("p".into()), ..Binding::default() }];
        assert!(world.look(&DENIED).unwrap().fixes.is_empty(), "a policy may say no for a reason");
    }

    #[test]
    fn the_flow_of_a_source_is_found() {
        let mut world = World::new();
        for (slug, found) in [("default-source-authentication", true), ("default-authentication-flow", false), ("mine", false)] {
            world.set(Field::AuthenticationFlow, SettingValue::Ref(Ref::existing("f", slug)));
            assert_eq!(world.look(&SOURCE_FLOW).is_some(), found, "{slug}");
        }
    }
}
