//! Groups and roles.

use super::{Rule, Seen, Severity, Subject};
use crate::catalog::template::BuiltinScope;
use crate::setup::fix::Fix;

/// The scope that authentik does not have.
const SCOPE: &str = "groups";

/// Cause 9.
pub static MISSING: Rule = Rule {
    id: "groups-missing",
    name: "Groups or roles not applied",
    severity: Severity::Warning,
    reason: "authentik has the claim groups in its profile mapping and no scope groups: a scope without a mapping is left out without a word.",
    advice: "Have the application ask for profile and read the claim groups. In Grafana, the last administrator cannot be taken away: \
             make another one first.",
    symptoms: &[
        "role mapping does not work",
        "User sync failed",
        "cannot remove last grafana admin",
        "no groups found in",
        "missing groups claim",
        "groups claim not found",
    ],
    look,
};

fn look(subject: &Subject<'_>) -> Option<Seen> {
    let sent = subject.asked.and_then(|asked| asked.scope.as_deref()).unwrap_or_default();
    let asks = sent.split_whitespace().any(|word| word == SCOPE);
    let harmless = subject.known.is_some_and(|known| known.harmless.iter().any(|scope| scope == SCOPE));
    let has = subject.has_scope(SCOPE)?;
    let name = subject.name();
    let reads = subject.known.is_some_and(|known| known.groups);
    if (reads || subject.heard(&MISSING)) && subject.has_scope("profile") == Some(false) && !has {
        return Some(
            Seen::new(format!("The provider of {name} has no mapping for profile, which holds the groups."))
                .fix(Fix::AddScope(BuiltinScope::Profile)),
        );
    }
    if asks && !has && !harmless {
        return Some(
            Seen::new(format!("{name} asks for the scope groups, and the provider has no mapping for it."))
                .fix(Fix::AddGroupsScope),
        );
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{World, asked, known};
    use super::*;

    #[test]
    fn a_scope_that_is_left_out_without_a_word_is_found() {
        let mut world = World::new();
        assert_eq!(world.look(&MISSING), None);
        world.asked = Some(asked(&crate::checks::rules::scopes::NONE));
        world.asked.as_mut().unwrap().scope = Some("openid groups".into());
        assert_eq!(world.look(&MISSING).unwrap().fixes, [Fix::AddGroupsScope]);
        world.known = Some(known());
        world.known.as_mut().unwrap().harmless = vec!["groups".into()];
        assert_eq!(world.look(&MISSING), None, "its template says that it does no harm");
        world.known = None;
        world.map("groups");
        assert_eq!(world.look(&MISSING), None);
    }

    #[test]
    fn groups_are_in_profile() {
        let mut world = World::new();
        world.known = Some(known());
        world.known.as_mut().unwrap().groups = true;
        assert_eq!(world.look(&MISSING), None);
        world.unmap("profile");
        assert_eq!(world.look(&MISSING).unwrap().fixes, [Fix::AddScope(BuiltinScope::Profile)]);
    }
}
