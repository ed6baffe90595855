//! The key that signs tokens.

use super::{Rule, Seen, Severity, Subject};
use crate::catalog::template::Signing;
use crate::setup::facts::KeyKind;
use crate::setup::fix::Fix;
use crate::setup::setting::Field;

/// A certificate with fewer days left is worth a word.
const SOON: i64 = 30;

/// Cause 3.
pub static NO_KEY: Rule = Rule {
    id: "no-signing-key",
    name: "No signing key, so tokens are signed with HS256",
    severity: Severity::Error,
    reason: "Without a signing key authentik signs tokens with the client secret, and its key set is empty. Nearly all applications expect RS256.",
    advice: "Choose an RSA signing key at the provider. authentik's form can show one although none is saved: save it once more.",
    symptoms: &[
        "unexpected signature algorithm \"HS256\"; expected [\"RS256\"]",
        "unexpected signature algorithm \"HS256\"; expected",
        "oauth_error=2",
    ],
    look: no_key,
};

/// Cause 13.
pub static KEY_TYPE: Rule = Rule {
    id: "signing-key-type",
    name: "Key type",
    severity: Severity::Error,
    reason: "A key on an elliptic curve signs ES256 and its kin. Many applications accept RS256 only.",
    advice: "Choose an RSA signing key at the provider.",
    symptoms: &[
        "unexpected signature algorithm \"ES256\"; expected [\"RS256\"]",
        "unexpected signature algorithm \"ES256\"; expected",
        "unexpected signature algorithm \"ES384\"; expected",
        "unexpected signature algorithm \"EdDSA\"; expected",
    ],
    look: key_type,
};

/// A certificate that runs out.
pub static EXPIRING: Rule = Rule {
    id: "certificate-expiring",
    name: "The signing certificate has expired or expires soon",
    severity: Severity::Warning,
    reason: "Some applications look at the certificate in the key set and refuse tokens once it has expired.",
    advice: "Choose a certificate that lasts at the provider. Most applications fetch the new key by themselves.",
    symptoms: &["certificate has expired"],
    look: expiring,
};

fn wants_none(subject: &Subject<'_>) -> bool {
    subject.known.is_some_and(|known| known.needs.signing == Signing::None)
}

fn no_key(subject: &Subject<'_>) -> Option<Seen> {
    if wants_none(subject) {
        return None;
    }
    let algorithms = subject.documents.and_then(|documents| documents.discovery.as_ref());
    let by_document = algorithms.is_some_and(|discovery| discovery.id_token_signing_alg_values_supported == ["HS256"]);
    if subject.is_null(Field::SigningKey) || (subject.provider.is_none() && by_document) {
        return Some(Seen::new(format!("The provider of {} has no signing key.", subject.name())).fix(Fix::SignWithRsa));
    }
    None
}

fn key_type(subject: &Subject<'_>) -> Option<Seen> {
    let key = subject.key().filter(|key| key.kind != KeyKind::Rsa)?;
    let kind = match &key.kind {
        KeyKind::Rsa => "an RSA key",
        KeyKind::Ec => "a key on an elliptic curve",
        KeyKind::Other(_) => "no RSA key",
    };
    let seen = Seen::new(format!("The provider of {} signs with “{}”, which is {kind}.", subject.name(), key.name))
        .fix(Fix::SignWithRsa);
    let known = subject.known.filter(|known| known.needs.signing == Signing::Rsa);
    if subject.heard(&KEY_TYPE) || known.is_some_and(|known| known.certain) {
        return Some(seen);
    }
    // Nothing says that this application minds.
    let severity = if known.is_some() { Severity::Warning } else { Severity::Info };
    Some(seen.severity(severity))
}

fn expiring(subject: &Subject<'_>) -> Option<Seen> {
    let key = subject.key()?;
    let days = key.days_left.filter(|days| *days <= SOON)?;
    let when = match days {
        ..0 => "has expired".to_owned(),
        0 => "expires today".to_owned(),
        1 => "expires tomorrow".to_owned(),
        days => format!("expires in {days} days"),
    };
    Some(Seen::new(format!("The certificate “{}” that signs for {} {when}.", key.name, subject.name())).fix(Fix::SignWithRsa))
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{World, asked, known};
    use super::*;
    use crate::setup::setting::SettingValue;

    #[test]
    fn a_provider_without_a_key_is_found() {
        let mut world = World::new();
        assert_eq!(world.look(&NO_KEY), None);
        world.set(Field::SigningKey, SettingValue::Null);
        assert_eq!(world.look(&NO_KEY).unwrap().fixes, [Fix::SignWithRsa]);
        world.known = Some(known());
        world.known.as_mut().unwrap().needs.signing = Signing::None;
        assert_eq!(world.look(&NO_KEY), None, "the application wants it so");
    }

    #[test]
    fn a_key_of_another_kind_matters_where_the_application_minds() {
        let mut world = World::new();
        assert_eq!(world.look(&KEY_TYPE), None);
        world.facts.keys[0].kind = KeyKind::Ec;
        assert_eq!(world.look(&KEY_TYPE).unwrap().severity, Some(Severity::Info));
        world.known = Some(known());
        assert_eq!(world.look(&KEY_TYPE).unwrap().severity, Some(Severity::Info), "any key will do");
        world.known.as_mut().unwrap().needs.signing = Signing::Rsa;
        assert_eq!(world.look(&KEY_TYPE).unwrap().severity, None);
        world.known = None;
        world.asked = Some(asked(&KEY_TYPE));
        assert_eq!(world.look(&KEY_TYPE).unwrap().severity, None);
    }

    #[test]
    fn a_certificate_that_runs_out_is_found() {
        let mut world = World::new();
        assert_eq!(world.look(&EXPIRING), None);
        for (days, word) in [(-1, "has expired"), (0, "today"), (12, "in 12 days")] {
            world.facts.keys[0].days_left = Some(days);
            assert!(world.look(&EXPIRING).unwrap().text.contains(word), "{days}");
        }
        world.facts.keys[0].days_left = Some(SOON + 1);
        assert_eq!(world.look(&EXPIRING), None);
    }
}
