//! Grant types and refresh tokens.

use super::{Rule, Seen, Severity, Subject};
use crate::catalog::template::{BuiltinScope, Grant};
use crate::setup::fix::Fix;

/// Cause 7.
pub static MISSING: Rule = Rule {
    id: "grant-types",
    name: "Grant types empty (2026.5 and later)",
    severity: Severity::Error,
    reason: "Since 2026.5 a provider that was made by API, blueprint or Terraform without grant types has none, and authentik refuses every login.",
    advice: "Set the grant types at the provider, under Advanced protocol settings: Authorization Code, and Refresh Token.",
    symptoms: &["Invalid grant_type for provider"],
    look: missing,
};

/// Cause 16.
pub static NO_REFRESH: Rule = Rule {
    id: "no-refresh-token",
    name: "No refresh token, short sessions",
    severity: Severity::Warning,
    reason: "Since 2024.2 authentik gives out refresh tokens only for the scope offline_access, and since 2026.5 only with the grant type refresh_token.",
    advice: "The application has to ask for the scope offline_access, too.",
    symptoms: &["no refresh token", "refresh_token not found", "missing refresh token", "did not return a refresh token"],
    look: no_refresh,
};

fn missing(subject: &Subject<'_>) -> Option<Seen> {
    let grants = subject.grants()?;
    let has = |grant: Grant| grants.iter().any(|word| word == grant.as_str());
    let name = subject.name();
    let refused = subject.asked.filter(|_| subject.heard(&MISSING)).and_then(|asked| asked.grant_type.as_deref());
    if let Some(grant) = refused.and_then(named).filter(|grant| !has(*grant)) {
        let text = format!("The provider of {name} does not allow {}.", grant.as_str());
        let more = if grants.is_empty() { vec![Grant::AuthorizationCode, Grant::RefreshToken] } else { Vec::new() };
        let mut wanted = vec![grant];
        wanted.extend(more.into_iter().filter(|other| *other != grant));
        return Some(Seen::new(text).fix(Fix::AddGrants(wanted)));
    }
    if let Some(known) = subject.known {
        // What refresh tokens need has a rule of its own.
        let lacks: Vec<Grant> =
            known.needs.grants.iter().copied().filter(|grant| !has(*grant) && *grant != Grant::RefreshToken).collect();
        if lacks.is_empty() {
            return None;
        }
        let words: Vec<&str> = lacks.iter().map(|grant| grant.as_str()).collect();
        let text = format!("The provider of {name} does not allow {}, which {} uses.", words.join(", "), subject.demanded_by());
        return Some(Seen::new(text).fix(Fix::AddGrants(known.needs.grants.clone())));
    }
    let usual = || Fix::AddGrants(vec![Grant::AuthorizationCode, Grant::RefreshToken]);
    if grants.is_empty() {
        return Some(Seen::new(format!("The provider of {name} allows no grant type at all.")).fix(usual()));
    }
    // Machines and devices sign in without a code.
    let asked = subject.heard(&MISSING) || subject.asked.is_some_and(|asked| asked.response_type.as_deref() == Some("code"));
    (asked && !has(Grant::AuthorizationCode))
        .then(|| Seen::new(format!("The provider of {name} does not allow authorization_code.")).fix(usual()))
}

/// The grant type with this name on the wire.
fn named(word: &str) -> Option<Grant> {
    let all = [
        Grant::AuthorizationCode,
        Grant::RefreshToken,
        Grant::Implicit,
        Grant::Hybrid,
        Grant::ClientCredentials,
        Grant::Password,
        Grant::DeviceCode,
    ];
    all.into_iter().find(|grant| grant.as_str() == word)
}

fn no_refresh(subject: &Subject<'_>) -> Option<Seen> {
    let scope = BuiltinScope::OfflineAccess;
    let wants = subject.known.is_some_and(|known| known.needs.scopes.contains(&scope));
    let asks = subject
        .asked
        .and_then(|asked| asked.scope.as_deref())
        .is_some_and(|sent| sent.split_whitespace().any(|word| word == scope.scope()));
    if !wants && !asks && !subject.heard(&NO_REFRESH) {
        return None;
    }
    let mapped = subject.has_scope(scope.scope())?;
    let granted = subject.grants().is_none_or(|grants| grants.iter().any(|word| word == Grant::RefreshToken.as_str()));
    let lacks = match (mapped, granted) {
        (true, true) => return None,
        (false, true) => "has no mapping for offline_access",
        (true, false) => "does not allow the grant type refresh_token",
        (false, false) => "has no mapping for offline_access and does not allow the grant type refresh_token",
    };
    let mut seen = Seen::new(format!("The provider of {} {lacks}.", subject.name()));
    if !mapped {
        seen = seen.fix(Fix::AddScope(scope));
    }
    if !granted {
        seen = seen.fix(Fix::AddGrants(vec![Grant::RefreshToken]));
    }
    Some(seen)
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{World, asked, known};
    use super::*;
    use crate::setup::setting::{Field, SettingValue};

    fn words(words: &[&str]) -> SettingValue {
        SettingValue::Words(words.iter().map(|word| (*word).to_owned()).collect())
    }

    #[test]
    fn an_empty_list_refuses_every_login() {
        let mut world = World::new();
        assert_eq!(world.look(&MISSING), None);
        world.set(Field::GrantTypes, words(&[]));
        assert_eq!(world.look(&MISSING).unwrap().fixes, [Fix::AddGrants(vec![Grant::AuthorizationCode, Grant::RefreshToken])]);
        world.known = Some(known());
        assert!(world.look(&MISSING).unwrap().text.contains("authorization_code"));
    }

    #[test]
    fn machines_need_no_code_and_old_servers_no_list() {
        let mut world = World::new();
        world.set(Field::GrantTypes, words(&["client_credentials"]));
        assert_eq!(world.look(&MISSING), None);
        world.asked = Some(asked(&MISSING));
        assert!(world.look(&MISSING).is_some());
        world.provider.as_mut().unwrap().settings.shift_remove(&Field::GrantTypes);
        assert_eq!(world.look(&MISSING), None);
    }

    #[test]
    fn the_log_names_what_was_refused() {
        let mut world = World::new();
        world.set(Field::GrantTypes, words(&["authorization_code"]));
        world.asked = Some(asked(&MISSING));
        assert_eq!(world.look(&MISSING), None);
        world.asked.as_mut().unwrap().grant_type = Some("refresh_token".into());
        assert_eq!(world.look(&MISSING).unwrap().fixes, [Fix::AddGrants(vec![Grant::RefreshToken])]);
    }

    #[test]
    fn refresh_tokens_need_scope_and_grant() {
        let mut world = World::new();
        assert_eq!(world.look(&NO_REFRESH), None, "nobody asked for them");
        world.asked = Some(asked(&MISSING));
        world.asked.as_mut().unwrap().scope = Some("openid offline_access".into());
        assert_eq!(world.look(&NO_REFRESH).unwrap().fixes, [Fix::AddScope(BuiltinScope::OfflineAccess)]);
        world.set(Field::GrantTypes, words(&["authorization_code"]));
        assert_eq!(world.look(&NO_REFRESH).unwrap().fixes.len(), 2);
        world.map("offline_access");
        world.set(Field::GrantTypes, words(&["authorization_code", "refresh_token"]));
        assert_eq!(world.look(&NO_REFRESH), None);
    }
}
