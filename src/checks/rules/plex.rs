//! Plex as a login source.

use super::{Rule, Seen, Severity, Subject};
use crate::setup::fix::Fix;
use crate::setup::setting::{Field, SettingValue};

/// Cause 17.
pub static FRIENDS: Rule = Rule {
    id: "plex-friends",
    name: "Plex source with friends allowed",
    severity: Severity::Error,
    reason: "With “Allow friends” on, authentik fails to ask Plex who the friends are, and nobody gets in (authentik #24774).",
    advice: "Switch friends off and list the servers. When the source has lost its token, sign in to Plex again: akwiz create plex --update.",
    symptoms: &["Response returned an error code."],
    look: friends,
};

/// A Plex source that is closed to all.
pub static NOBODY: Rule = Rule {
    id: "plex-nobody",
    name: "Plex source that lets nobody in",
    severity: Severity::Error,
    reason: "Without friends and without a listed server there is nobody whom the source would let in.",
    advice: "Choose the servers whose users may sign in: akwiz create plex --update.",
    symptoms: &[],
    look: nobody,
};

fn allows_friends(subject: &Subject<'_>) -> Option<bool> {
    match subject.source?.settings.get(&Field::AllowFriends)? {
        SettingValue::Bool(on) => Some(*on),
        _ => None,
    }
}

fn servers(subject: &Subject<'_>) -> Option<usize> {
    match subject.source?.settings.get(&Field::AllowedServers)? {
        SettingValue::Words(words) => Some(words.len()),
        _ => None,
    }
}

fn friends(subject: &Subject<'_>) -> Option<Seen> {
    if !allows_friends(subject)? {
        return None;
    }
    let text = format!("The source {} allows friends.", subject.name());
    Some(match servers(subject) {
        Some(0) | None => Seen::new(format!("{text} It lists no server.")),
        Some(_) => Seen::new(text).fix(Fix::PlexServersOnly),
    })
}

fn nobody(subject: &Subject<'_>) -> Option<Seen> {
    (!allows_friends(subject)? && servers(subject)? == 0)
        .then(|| Seen::new(format!("The source {} lists no server and does not allow friends.", subject.name())))
}

#[cfg(test)]
mod tests {
    use super::super::fixture::World;
    use super::*;

    #[test]
    fn friends_and_an_empty_list_are_found() {
        let mut world = World::new();
        assert_eq!((world.look(&FRIENDS), world.look(&NOBODY)), (None, None), "no source");
        world.plex(false, &["one"]);
        assert_eq!((world.look(&FRIENDS), world.look(&NOBODY)), (None, None));
        world.plex(true, &["one"]);
        assert_eq!(world.look(&FRIENDS).unwrap().fixes, [Fix::PlexServersOnly]);
        world.plex(true, &[]);
        assert!(world.look(&FRIENDS).unwrap().fixes.is_empty(), "without friends nobody would be left");
        world.plex(false, &[]);
        assert!(world.look(&NOBODY).is_some());
    }
}
