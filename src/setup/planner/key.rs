//! The key that signs tokens: an RSA key with its private key that does not expire soon; made where the server has none.

use std::net::IpAddr;

use url::Url;

use super::Builder;
use super::names::numbered;
use crate::catalog::template::{Level, Signing};
use crate::setup::answers::KeyChoice;
use crate::setup::facts::{Facts, Key, KeyKind};
use crate::setup::plan::Action;
use crate::setup::setting::{Ref, Setting, SettingValue};

/// A key with fewer days left is passed over for one that lasts.
const SOON: i64 = 30;

/// How long a made certificate lasts. Applications do not look at it, and a short one breaks logins years later.
const DAYS: u32 = 3650;

/// The handle of the key that a plan makes.
const HANDLE: &str = "signing-key";

impl Key {
    /// Tokens signed with it are RS256, now and in a month.
    pub fn signs_rs256(&self) -> bool {
        self.kind == KeyKind::Rsa && self.has_private_key && self.days_left.is_none_or(|days| days > SOON)
    }
}

impl Builder<'_> {
    /// The signing key. "Any" means RSA too: every application understands it, and the next one may need it.
    pub(super) fn signing_key(&mut self, demand: Signing) -> Setting {
        match (&self.answers.options.signing_key, demand) {
            (Some(KeyChoice::Existing(pk)), _) => self.chosen_key(pk, demand),
            (Some(KeyChoice::New), _) => self.new_key("you asked for a new one"),
            (None, Signing::None) => {
                Setting::because(SettingValue::Null, "the application verifies tokens with the client secret")
            }
            (None, Signing::Any | Signing::Rsa) => match best(&self.facts.keys) {
                Some(key) => Setting::plain(SettingValue::Ref(Ref::existing(&key.pk, &key.name))),
                None if self.facts.keys.is_empty() => self.new_key("the server has no key yet"),
                None => self.new_key("the server has no RSA key that can sign, and applications expect RS256"),
            },
        }
    }

    fn chosen_key(&mut self, pk: &str, demand: Signing) -> Setting {
        let Some(key) = self.facts.keys.iter().find(|key| key.pk == pk) else {
            self.block("The chosen signing key is not on the server any more. Choose another one on the options page.");
            return Setting::plain(SettingValue::Null);
        };
        if !key.has_private_key {
            self.block(format!(
                "\"{}\" has no private key, so it cannot sign. Choose another signing key on the options page.",
                key.name
            ));
        } else if demand == Signing::Rsa && key.kind != KeyKind::Rsa {
            self.block(format!(
                "{} accepts RSA keys only, and \"{}\" is none. Choose another signing key on the options page.",
                self.template.name, key.name
            ));
        } else if key.kind != KeyKind::Rsa {
            self.notice(Level::Warning, format!("\"{}\" is no RSA key. Some applications accept RS256 only.", key.name));
        } else if key.days_left.is_some_and(|days| days <= SOON) {
            self.notice(Level::Warning, format!("The certificate \"{}\" expires soon or has expired.", key.name));
        }
        Setting::plain(SettingValue::Ref(Ref::existing(&key.pk, &key.name)))
    }

    fn new_key(&mut self, why: &str) -> Setting {
        let (action, reference) = make(self.facts, why);
        self.make(action);
        Setting::because(SettingValue::Ref(reference), why)
    }
}

/// The best key that signs RS256: authentik's own first, then the one that lasts longest, then by name.
pub(in crate::setup) fn best(keys: &[Key]) -> Option<&Key> {
    keys.iter()
        .filter(|key| key.signs_rs256())
        .min_by_key(|key| (!key.managed, std::cmp::Reverse(key.days_left.unwrap_or(i64::MAX)), key.name.clone()))
}

/// The action that makes an RSA key, and how others refer to it.
pub(in crate::setup) fn make(facts: &Facts, why: &str) -> (Action, Ref) {
    let host = public_host(facts);
    // The common name is the certificate's unique name in authentik.
    let taken = |name: &str| facts.keys.iter().any(|key| super::same_name(&key.name, name));
    let common_name = if taken(&host) {
        let signing = format!("{host} (signing)");
        if taken(&signing) { numbered(|number| format!("{host} (signing {number})"), taken) } else { signing }
    } else {
        host.clone()
    };
    let is_address = host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok();
    let action = Action::MakeKey {
        handle: HANDLE.to_owned(),
        common_name: common_name.clone(),
        subject_alt_names: if is_address { Vec::new() } else { vec![host] },
        days: DAYS,
        why: format!("An RSA key to sign tokens: {why}."),
    };
    (action, Ref::New { handle: HANDLE.to_owned(), name: common_name })
}

/// The host of the public address.
fn public_host(facts: &Facts) -> String {
    Url::parse(&facts.public_url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_else(|| "authentik".to_owned())
}
