//! Scopes without mappings.

use super::{Rule, Seen, Severity, Subject};
use crate::catalog::template::BuiltinScope;
use crate::setup::fix::Fix;

/// A provider that gives out nothing.
pub static NONE: Rule = Rule {
    id: "no-scopes",
    name: "No scopes",
    severity: Severity::Error,
    reason: "A provider that was made by API without scope mappings has none, and applications learn nothing about people. The discovery \
             document names openid all the same.",
    advice: "Choose the scopes at the provider, under Advanced protocol settings.",
    symptoms: &["email claim is missing", "missing required claim", "preferred_username claim not found", "no email found in"],
    look: none,
};

/// Scopes that an application asks for in vain.
pub static UNMAPPED: Rule = Rule {
    id: "scope-unmapped",
    name: "Scopes requested but not mapped",
    severity: Severity::Warning,
    reason: "authentik leaves out scopes without a mapping and says nothing.",
    advice: "Add a mapping for each at the provider, or have the application no longer ask for them.",
    symptoms: &["Application requested scopes not configured, setting to overlap", "scope_openid_missing", "invalid_scope"],
    look: unmapped,
};

const USUAL: [BuiltinScope; 3] = [BuiltinScope::Openid, BuiltinScope::Email, BuiltinScope::Profile];

fn none(subject: &Subject<'_>) -> Option<Seen> {
    if !subject.mappings()?.is_empty() {
        return None;
    }
    let wanted = subject.known.map_or(&USUAL[..], |known| &known.needs.scopes);
    let mut seen = Seen::new(format!("The provider of {} has no scope mapping.", subject.name()));
    for scope in wanted {
        seen = seen.fix(Fix::AddScope(*scope));
    }
    Some(seen)
}

fn unmapped(subject: &Subject<'_>) -> Option<Seen> {
    let mapped = subject.mappings().filter(|mapped| !mapped.is_empty())?;
    let has = |scope: &str| mapped.iter().any(|mapping| mapping.scope == scope);
    let sent = subject.asked.and_then(|asked| asked.scope.as_deref()).unwrap_or_default();
    let known = subject.known;
    let harmless = |scope: &str| known.is_some_and(|known| known.harmless.iter().any(|word| word == scope));
    // What refresh tokens and groups need is said by rules of their own.
    let apart = |scope: &str| ["offline_access", "groups"].contains(&scope);
    let mut lacks: Vec<&str> = sent
        .split_whitespace()
        .filter(|scope| !scope.contains(',') && !has(scope) && !harmless(scope) && !apart(scope))
        .collect();
    let demanded = known.iter().filter(|known| known.certain).flat_map(|known| &known.needs.scopes).map(|scope| scope.scope());
    lacks.extend(demanded.filter(|scope| !has(scope) && !apart(scope)));
    lacks.sort_unstable();
    lacks.dedup();
    if lacks.is_empty() {
        return None;
    }
    let mut seen =
        Seen::new(format!("{} asks for {}, and the provider has no mapping for it.", subject.name(), lacks.join(", ")));
    for scope in BuiltinScope::ALL.into_iter().filter(|scope| lacks.contains(&scope.scope())) {
        seen = seen.fix(Fix::AddScope(scope));
    }
    Some(seen)
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{World, asked, known};
    use super::*;
    use crate::setup::setting::{Field, SettingValue};

    #[test]
    fn a_provider_that_gives_out_nothing_is_found() {
        let mut world = World::new();
        assert_eq!(world.look(&NONE), None);
        world.set(Field::ScopeMappings, SettingValue::Refs(Vec::new()));
        assert_eq!(world.look(&NONE).unwrap().fixes.len(), 3);
        assert_eq!(world.look(&UNMAPPED), None, "it is said once");
    }

    #[test]
    fn mappings_that_cannot_be_seen_are_not_missing() {
        let mut world = World::new();
        world.facts.mappings.clear();
        assert_eq!((world.look(&NONE), world.look(&UNMAPPED)), (None, None));
    }

    #[test]
    fn a_scope_that_is_asked_for_in_vain_is_found() {
        let mut world = World::new();
        world.asked = Some(asked(&UNMAPPED));
        world.asked.as_mut().unwrap().scope = Some("openid email profile".into());
        assert_eq!(world.look(&UNMAPPED), None);
        world.asked.as_mut().unwrap().scope = Some("openid email roles entitlements".into());
        let seen = world.look(&UNMAPPED).unwrap();
        assert!(seen.text.contains("entitlements, roles"), "{seen:?}");
        assert_eq!(seen.fixes, [Fix::AddScope(BuiltinScope::Entitlements)]);
        world.asked = None;
        world.known = Some(known());
        assert_eq!(world.look(&UNMAPPED), None);
        world.unmap("email");
        assert_eq!(world.look(&UNMAPPED).unwrap().fixes, [Fix::AddScope(BuiltinScope::Email)]);
    }
}
