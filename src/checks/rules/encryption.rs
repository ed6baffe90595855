//! Encrypted tokens.

use super::{Rule, Seen, Severity, Subject};
use crate::setup::fix::Fix;
use crate::setup::setting::Field;

/// Cause 14.
pub static SET: Rule = Rule {
    id: "encryption-key",
    name: "Encryption key set",
    severity: Severity::Error,
    reason: "With an encryption key authentik sends tokens of five parts. No known application can read them.",
    advice: "Leave Encryption Key empty at the provider.",
    symptoms: &[
        "malformed jwt: … must have three parts",
        "malformed jwt, expected 3 parts got 5",
        "expected 3 parts got 5",
        "Not enough or too many segments",
        "JWE",
    ],
    look,
};

fn look(subject: &Subject<'_>) -> Option<Seen> {
    let seen = |text: String| Seen::new(text).fix(Fix::RemoveEncryption);
    if let Some((_, key)) = subject.reference(Field::EncryptionKey) {
        return Some(seen(format!("The provider of {} encrypts tokens with “{key}”.", subject.name())));
    }
    let discovery = subject.documents?.discovery.as_ref()?;
    if subject.provider.is_none() && !discovery.id_token_encryption_alg_values_supported.is_empty() {
        return Some(seen(format!("authentik's discovery document says that tokens for {} are encrypted.", subject.name())));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::fixture::World;
    use super::*;
    use crate::setup::setting::{Ref, SettingValue};

    #[test]
    fn an_encryption_key_is_found() {
        let mut world = World::new();
        assert_eq!(world.look(&SET), None);
        world.set(Field::EncryptionKey, SettingValue::Ref(Ref::existing("k", "a key")));
        assert_eq!(world.look(&SET).unwrap().fixes, [Fix::RemoveEncryption]);
    }
}
