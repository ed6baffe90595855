//! Where API tokens come from, and where they are kept between runs.
//!
//! A token is looked for in this order: `--token-file`, the environment variable `AUTHENTIK_TOKEN`, the keyring entry of the authentik's
//! origin ([`find`]). What is typed is kept only when the person says so, in a [`TokenStore`], and every outcome is a sentence that says
//! where and for how long. There is no file of our own: a keyring that is missing means that nothing is kept.

mod file;
mod keyring;
mod memory;

use std::fmt;
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};
use url::Url;

pub use file::read as read_token_file;
pub use keyring::Keyring;
pub use memory::Memory;

use crate::error::{Error, Kind, Result};

/// The environment variable that holds a token.
pub const VARIABLE: &str = "AUTHENTIK_TOKEN";

/// A place that keeps tokens between runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// The desktop's keyring, over the Secret Service interface.
    SecretService,
    /// The keyring of the Linux kernel: in memory only.
    Kernel,
    /// The macOS keychain.
    Keychain,
    /// The Windows Credential Manager.
    CredentialManager,
    /// This process.
    Process,
}

impl Place {
    /// The place in words, for "from …" and "in …".
    pub const fn name(self) -> &'static str {
        match self {
            Self::SecretService => "the keyring of your desktop",
            Self::Kernel => "the keyring of the Linux kernel",
            Self::Keychain => "the macOS keychain",
            Self::CredentialManager => "the Windows Credential Manager",
            Self::Process => "the memory of this program",
        }
    }

    /// How long it stays there. The kernel's persistent keyring lasts three days from its last use (`persistent_keyring_expiry`).
    pub const fn lifetime(self) -> &'static str {
        match self {
            Self::SecretService | Self::Keychain | Self::CredentialManager => "until you remove it",
            Self::Kernel => "until this machine restarts, or three days without use",
            Self::Process => "until akwiz ends",
        }
    }
}

/// Where a token came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// `--token-file`.
    File(PathBuf),
    /// [`VARIABLE`].
    Environment,
    /// A keyring.
    Kept(Place),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "the file {}", path.display()),
            Self::Environment => f.write_str(VARIABLE),
            Self::Kept(place) => f.write_str(place.name()),
        }
    }
}

/// A token and where it came from.
#[derive(Debug, Clone)]
pub struct Found {
    /// The token.
    pub token: SecretString,
    /// Where it came from.
    pub source: Source,
}

impl Found {
    /// `The token comes from AUTHENTIK_TOKEN.`
    pub fn sentence(&self) -> String {
        format!("The token comes from {}.", self.source)
    }
}

/// What became of a wish to keep a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// It is kept.
    In(Place),
    /// It is not kept, because of this (part of a sentence, such as "no keyring is reachable").
    Nowhere(String),
}

impl Kept {
    /// Where the token is kept and for how long, or that it is not and what to do instead.
    pub fn sentence(&self) -> String {
        match self {
            Self::In(place) => format!("The token is kept in {}, {}.", place.name(), place.lifetime()),
            Self::Nowhere(reason) => {
                format!("The token is not kept: {reason}. Set {VARIABLE} or use --token-file to skip typing it next time.")
            }
        }
    }
}

/// Keeps one token per authentik, named by its origin ([`origin`]).
///
/// The calls block, for up to a few seconds where a keyring hangs: make them off the drawing thread.
pub trait TokenStore: Send + Sync {
    /// The token that is kept for `origin`, and where. None also when no keyring is reachable: that is no failure, it only means typing.
    fn load(&self, origin: &str) -> Option<(SecretString, Place)>;

    /// Keeps `token` for `origin`, in the best place that proves to work.
    fn save(&self, origin: &str, token: &SecretString) -> Kept;

    /// Removes what is kept for `origin`, in every place. True if something was there.
    fn forget(&self, origin: &str) -> bool;
}

/// The name under which the token for an address is kept: scheme, host and port.
pub fn origin(api: &Url) -> String {
    api.origin().ascii_serialization()
}

/// Looks for a token, in the order that the module describes. None means that it must be typed.
///
/// # Errors
///
/// When the file cannot be used, or the variable holds something that is no token. A file or variable that was set on purpose is never
/// passed over in silence.
pub fn find(
    origin: &str,
    file: Option<&Path>,
    env: impl Fn(&str) -> Option<String>,
    store: &dyn TokenStore,
) -> Result<Option<Found>> {
    if let Some(path) = file {
        return Ok(Some(Found { token: read_token_file(path)?, source: Source::File(path.to_path_buf()) }));
    }
    if let Some(value) = env(VARIABLE).filter(|value| !value.trim().is_empty()) {
        let token = checked(&SecretString::from(value), VARIABLE)?;
        return Ok(Some(Found { token, source: Source::Environment }));
    }
    Ok(store.load(origin).map(|(token, place)| Found { token, source: Source::Kept(place) }))
}

/// The token without a line break at its end, if it can be one: authentik's are printable ASCII, and what is not cannot go into a header.
fn checked(raw: &SecretString, place: &str) -> Result<SecretString> {
    let token = raw.expose_secret().trim_end_matches(['\r', '\n']);
    if token.is_empty() {
        return Err(Error::new(Kind::Usage, format!("There is no token in {place}: it is empty.")));
    }
    if !token.chars().all(|c| c.is_ascii_graphic()) {
        return Err(Error::new(
            Kind::Usage,
            format!("What is in {place} is no API token: it holds spaces, line breaks or letters that tokens do not have."),
        )
        .hint("It must hold the key of the token alone, as authentik shows it under Directory > Tokens and App passwords."));
    }
    Ok(SecretString::from(token))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORIGIN: &str = "https://auth.example.com";

    fn variable(value: &'static str) -> impl Fn(&str) -> Option<String> {
        move |name| (name == VARIABLE).then(|| value.to_owned())
    }

    fn kept() -> Memory {
        let store = Memory::default();
        store.save(ORIGIN, &SecretString::from("kept"));
        store
    }

    #[test]
    fn the_environment_comes_before_the_keyring() {
        let found = find(ORIGIN, None, variable("typed\n"), &kept()).unwrap().unwrap();
        assert_eq!((found.token.expose_secret(), found.source), ("typed", Source::Environment));
        let found = find(ORIGIN, None, variable(""), &kept()).unwrap().unwrap();
        assert_eq!(
            (found.token.expose_secret(), found.sentence().as_str()),
            ("kept", "The token comes from the memory of this program.")
        );
        assert!(find("https://other.example.com", None, |_| None, &kept()).unwrap().is_none());
    }

    #[test]
    fn a_file_that_was_named_is_never_passed_over() {
        let error = find(ORIGIN, Some(Path::new("/nonexistent/token")), variable("typed"), &kept()).unwrap_err();
        assert_eq!(error.kind, Kind::Usage);
    }

    #[test]
    fn a_wrong_token_is_not_in_the_error() {
        let error = find(ORIGIN, None, variable("canary token"), &kept()).unwrap_err();
        assert!(!format!("{error:?}").contains("canary"), "{error:?}");
    }

    #[test]
    fn one_origin_has_one_name() {
        for address in ["https://Auth.Example.com", "https://auth.example.com:443/if/admin/#/x"] {
            assert_eq!(origin(&address.parse().unwrap()), ORIGIN);
        }
        assert_eq!(origin(&"http://localhost:9000/".parse().unwrap()), "http://localhost:9000");
    }

    #[test]
    fn every_outcome_says_where_and_how_long() {
        assert_eq!(
            Kept::In(Place::Kernel).sentence(),
            "The token is kept in the keyring of the Linux kernel, until this machine restarts, or three days without use."
        );
        assert_eq!(
            Kept::Nowhere("no keyring is reachable here".into()).sentence(),
            "The token is not kept: no keyring is reachable here. Set AUTHENTIK_TOKEN or use --token-file to skip typing it next time."
        );
    }
}
