//! `email_verified`.

use super::{Rule, Seen, Severity, Subject};
use crate::setup::fix::Fix;

/// Cause 4.
pub static UNVERIFIED: Rule = Rule {
    id: "email-unverified",
    name: "email_verified: false since 2025.10",
    severity: Severity::Error,
    reason: "Since 2025.10 authentik marks every e-mail address as not verified, and some applications turn such people away.",
    advice: "Use a scope mapping that says that addresses are verified, in the place of authentik's own. That is safe as long as people \
             cannot change their own address in authentik.",
    symptoms: &[
        "Email is not verified with the Identity Provider",
        "OIDC account email is not verified",
        "Found email for user, but email is not verified with the IdP",
        "Your email address has not been verified by your login server",
        "email is not verified",
        "email_verified is false",
        "email address is not verified",
    ],
    look,
};

fn look(subject: &Subject<'_>) -> Option<Seen> {
    let minds = subject.known.is_some_and(|known| known.needs.email_verified);
    if !minds && !subject.heard(&UNVERIFIED) {
        return None;
    }
    let mapping = subject.mappings()?.into_iter().find(|mapping| mapping.says_unverified())?;
    let name = if minds { subject.demanded_by() } else { subject.name().to_owned() };
    Some(
        Seen::new(format!("The mapping “{}” says that no address is verified, and {name} turns such people away.", mapping.name))
            .fix(Fix::VerifyEmail),
    )
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{World, asked, known};
    use super::*;

    #[test]
    fn only_applications_that_mind_are_told() {
        let mut world = World::new();
        assert_eq!(world.look(&UNVERIFIED), None);
        world.known = Some(known());
        assert_eq!(world.look(&UNVERIFIED), None);
        world.known.as_mut().unwrap().needs.email_verified = true;
        assert_eq!(world.look(&UNVERIFIED).unwrap().fixes, [Fix::VerifyEmail]);
        world.known = None;
        world.asked = Some(asked(&UNVERIFIED));
        assert_eq!(world.look(&UNVERIFIED).unwrap().fixes, [Fix::VerifyEmail]);
    }

    #[test]
    fn servers_before_2025_10_say_that_they_are_verified() {
        let mut world = World::new();
        world.asked = Some(asked(&UNVERIFIED));
        let email = world.facts.mappings.iter_mut().find(|mapping| mapping.scope == "email").unwrap();
        email.expression = email.expression.replace("False", "True");
        assert_eq!(world.look(&UNVERIFIED), None);
    }
}
