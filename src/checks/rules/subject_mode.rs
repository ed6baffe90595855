//! What `sub` holds.

use super::{Rule, Seen, Severity, Subject};
use crate::setup::fix::Fix;
use crate::setup::setting::Field;

/// Cause 11.
pub static OTHER: Rule = Rule {
    id: "subject-mode",
    name: "Account linking, choice of sub",
    severity: Severity::Warning,
    reason: "Applications recognize people by sub. With another subject mode everybody is somebody new to them.",
    advice: "Decide before people use it: a later change gives everybody a second account. Link existing accounts in the application.",
    symptoms: &[
        "User already exists",
        "new account always created",
        "UNIQUE constraint failed: user.login",
        "account already linked",
    ],
    look,
};

fn look(subject: &Subject<'_>) -> Option<Seen> {
    let wanted = subject.known.filter(|known| known.certain || subject.heard(&OTHER))?.subject?;
    let mode = subject.text(Field::SubjectMode).filter(|mode| !mode.is_empty())?;
    (mode != wanted.as_str()).then(|| {
        Seen::new(format!("The subject mode is {mode}, and {} recognizes people by {}.", subject.demanded_by(), wanted.as_str()))
            .fix(Fix::SetSubjectMode(wanted))
    })
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{World, known};
    use super::*;
    use crate::catalog::template::SubjectMode;

    #[test]
    fn another_mode_than_the_template_s_is_found() {
        let mut world = World::new();
        world.text(Field::SubjectMode, "user_email");
        assert_eq!(world.look(&OTHER), None, "nobody knows what is wanted");
        world.known = Some(known());
        assert_eq!(world.look(&OTHER).unwrap().fixes, [Fix::SetSubjectMode(SubjectMode::HashedUserId)]);
        world.known.as_mut().unwrap().subject = None;
        assert_eq!(world.look(&OTHER), None, "it does not matter to the application");
    }
}
