//! Objects that lack what belongs to them, or that are open wider than somebody may think.

use super::{Rule, Seen, Severity, Subject};
use crate::setup::fix::Fix;
use crate::setup::setting::{Change, Field};

/// A provider without a way to end sessions.
pub static NO_INVALIDATION_FLOW: Rule = Rule {
    id: "no-invalidation-flow",
    name: "No invalidation flow",
    severity: Severity::Warning,
    reason: "Without an invalidation flow people cannot sign out of the application through authentik. Servers since 2024.12 demand one.",
    advice: "Choose one at the provider.",
    symptoms: &[],
    look: |subject| {
        subject.is_null(Field::InvalidationFlow).then(|| {
            Seen::new(format!("The provider of {} has no invalidation flow.", subject.name())).fix(Fix::SetInvalidationFlow)
        })
    },
};

/// A provider that no application uses.
pub static NO_APPLICATION: Rule = Rule {
    id: "provider-without-application",
    name: "Provider without application",
    severity: Severity::Warning,
    reason: "authentik refuses logins of a provider that no application uses: it “failed to resolve application”.",
    advice: "Choose the provider at its application in authentik, or delete it there.",
    symptoms: &["Failed to resolve application"],
    look: no_application,
};

/// An application that nothing signs in to.
pub static NO_PROVIDER: Rule = Rule {
    id: "application-without-provider",
    name: "Application without provider",
    severity: Severity::Info,
    reason: "An application without a provider is a bookmark: nobody signs in to it with authentik.",
    advice: "Connect it, if it should be more than a tile: akwiz create TEMPLATE --slug=SLUG --update.",
    symptoms: &[],
    look: |subject| {
        (subject.application.is_some() && subject.provider.is_none())
            .then(|| Seen::new(format!("{} has no provider.", subject.name())))
    },
};

/// An application that nothing limits.
pub static OPEN_TO_EVERYONE: Rule = Rule {
    id: "open-to-everyone",
    name: "Application open to everyone",
    severity: Severity::Info,
    reason: "Without a binding everyone who can sign in to authentik can open the application, also those who came through a login source.",
    advice: "Bind a group to it in authentik, if it is not meant for all.",
    symptoms: &[],
    look: open_to_everyone,
};

/// A provider that is not as its template would make it today. Only what a receipt tells of is compared, with the answers that it keeps. A
/// scope or a redirect URI that the template has gained is more than worth knowing: the application asks for it.
pub static TEMPLATE_DIFFERS: Rule = Rule {
    id: "template-differs",
    name: "Not as its template has it today",
    severity: Severity::Info,
    reason: "The template has changed since, or somebody decided otherwise: what its application asks for today may be missing.",
    advice: "Take over what the template has today, if nobody meant it otherwise: akwiz update SLUG does the same, with other answers if you \
             like.",
    symptoms: &[],
    look: template_differs,
};

fn no_application(subject: &Subject<'_>) -> Option<Seen> {
    // Others than superusers do not see every application.
    if subject.provider.is_none() || subject.application.is_some() || !subject.facts.me.superuser {
        return None;
    }
    let pk = &subject.provider?.pk;
    let used = subject.facts.providers.iter().any(|provider| provider.pk == *pk && provider.application.is_some());
    (!used).then(|| Seen::new(format!("No application uses the provider {}.", subject.name())))
}

fn open_to_everyone(subject: &Subject<'_>) -> Option<Seen> {
    let pk = &subject.application?.pk;
    subject.provider?;
    let fact = subject.facts.applications.iter().find(|application| application.pk == *pk)?;
    (fact.bound == Some(false)).then(|| Seen::new(format!("Everyone who can sign in to authentik can open {}.", subject.name())))
}

fn template_differs(subject: &Subject<'_>) -> Option<Seen> {
    let known = subject.known.filter(|known| !known.following.changes.is_empty())?;
    let slug = subject.slug()?;
    let gains = |change: &Change| matches!(change.field, Field::ScopeMappings | Field::RedirectUris);
    let severity = if known.following.changes.iter().any(gains) { Severity::Warning } else { Severity::Info };
    let name = subject.name();
    Some(
        Seen::new(format!("{name} is not as the template {} has it today: {}.", known.name, known.following.fields()))
            .severity(severity)
            .advice(format!(
                "Take over what the template has today, if nobody meant it otherwise. akwiz update {slug} does the same, with other \
                 answers if you like."
            ))
            .fix(Fix::FollowTemplate(known.following.clone())),
    )
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{World, known};
    use super::*;
    use crate::setup::facts::ApplicationFact;
    use crate::setup::fix::Following;
    use crate::setup::setting::SettingValue;

    #[test]
    fn a_missing_flow_is_found() {
        let mut world = World::new();
        assert_eq!(world.look(&NO_INVALIDATION_FLOW), None);
        world.set(Field::InvalidationFlow, SettingValue::Null);
        assert_eq!(world.look(&NO_INVALIDATION_FLOW).unwrap().fixes, [Fix::SetInvalidationFlow]);
    }

    #[test]
    fn a_provider_needs_an_application() {
        let mut world = World::new();
        assert_eq!(world.look(&NO_APPLICATION), None);
        world.application = None;
        assert!(world.look(&NO_APPLICATION).is_some());
        world.facts.me.superuser = false;
        assert_eq!(world.look(&NO_APPLICATION), None, "there may be one that this token cannot see");
    }

    #[test]
    fn an_application_without_provider_is_a_bookmark() {
        let mut world = World::new();
        assert_eq!(world.look(&NO_PROVIDER), None);
        world.provider = None;
        assert!(world.look(&NO_PROVIDER).is_some());
    }

    #[test]
    fn only_what_is_known_to_be_open_is_called_so() {
        let mut world = World::new();
        assert_eq!(world.look(&OPEN_TO_EVERYONE), None);
        for (bound, found) in [(None, false), (Some(true), false), (Some(false), true)] {
            world.facts.applications = vec![ApplicationFact { pk: "app".into(), bound, ..ApplicationFact::default() }];
            assert_eq!(world.look(&OPEN_TO_EVERYONE).is_some(), found, "{bound:?}");
        }
    }

    #[test]
    fn differences_from_the_template_are_named() {
        let mut world = World::new();
        world.known = Some(known());
        assert_eq!(world.look(&TEMPLATE_DIFFERS), None);
        let following = |field, to: &str| Following {
            changes: vec![Change { field, from: SettingValue::Null, to: SettingValue::Text(to.into()), why: None }],
            ..Following::default()
        };
        for (field, severity) in [(Field::AccessLifetime, Severity::Info), (Field::RedirectUris, Severity::Warning)] {
            world.known.as_mut().unwrap().following = following(field, "hours=2");
            let seen = world.look(&TEMPLATE_DIFFERS).unwrap();
            assert_eq!(seen.severity, Some(severity));
            assert!(seen.text.contains(field.label()), "{}", seen.text);
            assert_eq!(seen.fixes, [Fix::FollowTemplate(following(field, "hours=2"))]);
        }
    }
}
