//! The system's keyrings.
//!
//! Every call runs on a thread of its own that is left behind when it does not answer in time: a locked collection waits for a prompt
//! that nobody may see, and on a server there is no desktop at all. Errors of the `keyring` crate are never printed: some of them carry
//! the bytes of the secret.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use super::{Kept, Place, TokenStore};

/// The name of the program in the keyring.
const SERVICE: &str = "akwiz";
/// The entry with which a keyring proves that it keeps what it is given.
const PROBE: &str = "akwiz-probe";
/// How long a keyring may take to answer.
const PATIENCE: Duration = Duration::from_millis(2500);

/// Why a keyring did not do what it was asked, as part of a sentence.
type Reason = &'static str;

/// One keyring, called on threads that may hang.
trait Backend: Send + Sync + 'static {
    fn place(&self) -> Place;
    /// The secret of an entry; none if there is no such entry.
    fn get(&self, account: &str) -> Result<Option<SecretString>, Reason>;
    fn set(&self, account: &str, secret: &SecretString) -> Result<(), Reason>;
    /// Removes an entry. True if it was there.
    fn delete(&self, account: &str) -> Result<bool, Reason>;
}

/// The keyrings of this system, best first: what survives a restart before what does not.
pub struct Keyring {
    backends: Vec<Guarded>,
    patience: Duration,
}

/// A keyring, and whether it has been given up.
struct Guarded {
    backend: Arc<dyn Backend>,
    hung: AtomicBool,
}

impl Default for Keyring {
    fn default() -> Self {
        Self::new()
    }
}

impl Keyring {
    /// The system's keyrings. Nothing is opened yet.
    pub fn new() -> Self {
        Self::of(system::backends(), PATIENCE)
    }

    fn of(backends: Vec<Arc<dyn Backend>>, patience: Duration) -> Self {
        let backends = backends.into_iter().map(|backend| Guarded { backend, hung: AtomicBool::new(false) }).collect();
        Self { backends, patience }
    }

    /// Asks a keyring on a thread of its own. One that did not answer once is not asked again in this run.
    fn ask<T: Send + 'static>(
        &self,
        guarded: &Guarded,
        call: impl FnOnce(&dyn Backend) -> Result<T, Reason> + Send + 'static,
    ) -> Result<T, Reason> {
        const HUNG: Reason = "the keyring did not answer; it may be locked";
        if guarded.hung.load(Ordering::Relaxed) {
            return Err(HUNG);
        }
        let (sender, receiver) = mpsc::sync_channel(1);
        let backend = Arc::clone(&guarded.backend);
        let spawned = thread::Builder::new().name("keyring".into()).spawn(move || {
            // Nobody listens any more if this took too long.
            let _ = sender.send(call(&*backend));
        });
        if spawned.is_err() {
            return Err("the keyring could not be asked");
        }
        receiver.recv_timeout(self.patience).unwrap_or_else(|error| {
            guarded.hung.store(true, Ordering::Relaxed);
            Err(match error {
                mpsc::RecvTimeoutError::Timeout => HUNG,
                mpsc::RecvTimeoutError::Disconnected => "the keyring's library failed",
            })
        })
    }
}

impl TokenStore for Keyring {
    fn load(&self, origin: &str) -> Option<(SecretString, Place)> {
        self.backends.iter().find_map(|guarded| {
            let account = origin.to_owned();
            let place = guarded.backend.place();
            match self.ask(guarded, move |backend| backend.get(&account)) {
                Ok(token) => token.map(|token| (token, place)),
                Err(reason) => {
                    tracing::info!("no token from {}: {reason}", place.name());
                    None
                }
            }
        })
    }

    fn save(&self, origin: &str, token: &SecretString) -> Kept {
        let mut first_reason = None;
        for guarded in &self.backends {
            let (account, token) = (origin.to_owned(), token.clone());
            match self.ask(guarded, move |backend| prove(backend).and_then(|()| backend.set(&account, &token))) {
                Ok(()) => return Kept::In(guarded.backend.place()),
                Err(reason) => {
                    tracing::info!("{} is not used: {reason}", guarded.backend.place().name());
                    first_reason.get_or_insert(reason);
                }
            }
        }
        Kept::Nowhere(first_reason.unwrap_or("this system has no keyring that akwiz knows").to_owned())
    }

    fn forget(&self, origin: &str) -> bool {
        let mut removed = false;
        for guarded in &self.backends {
            let account = origin.to_owned();
            removed |= self.ask(guarded, move |backend| backend.delete(&account)).unwrap_or(false);
        }
        removed
    }
}

/// Writes, reads and deletes an entry: some keyrings open and then keep nothing, as the kernel's does in containers that forbid it.
fn prove(backend: &dyn Backend) -> Result<(), Reason> {
    let probe = SecretString::from("probe");
    backend.set(PROBE, &probe)?;
    let read = backend.get(PROBE)?;
    backend.delete(PROBE)?;
    match read {
        Some(read) if read.expose_secret() == probe.expose_secret() => Ok(()),
        _ => Err("the keyring does not give back what it is given"),
    }
}

/// The keyrings through the `keyring` crate.
#[cfg(any(target_os = "linux", target_os = "macos", windows))]
mod system {
    use super::{Arc, Backend, ExposeSecret, Place, Reason, SERVICE, SecretString};
    use keyring::Error;

    pub(super) fn backends() -> Vec<Arc<dyn Backend>> {
        vec![
            Arc::new(Native),
            #[cfg(target_os = "linux")]
            Arc::new(Kernel),
        ]
    }

    /// An error as part of a sentence. By variant alone: `Display` and `Debug` of some variants print the secret's bytes.
    fn reason(error: &Error) -> Reason {
        match error {
            Error::NoStorageAccess(_) => "the keyring is locked or access to it is denied",
            Error::NoDefaultStore | Error::PlatformFailure(_) => "no keyring is reachable here",
            Error::TooLong(..) => "the token is too long for the keyring",
            Error::BadEncoding(_) | Error::BadDataFormat(..) | Error::BadStoreFormat(_) => {
                "what is in the keyring cannot be read"
            }
            Error::Ambiguous(_) => "the keyring holds more than one entry for this authentik",
            _ => "the keyring refused",
        }
    }

    fn secret(read: Result<String, Error>) -> Result<Option<SecretString>, Reason> {
        match read {
            Ok(secret) => Ok(Some(SecretString::from(secret))),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(reason(&error)),
        }
    }

    fn deleted(result: Result<(), Error>) -> Result<bool, Reason> {
        match result {
            Ok(()) => Ok(true),
            Err(Error::NoEntry) => Ok(false),
            Err(error) => Err(reason(&error)),
        }
    }

    /// The system's own: Secret Service, keychain, Credential Manager.
    struct Native;

    impl Native {
        fn entry(account: &str) -> Result<keyring::Entry, Reason> {
            keyring::Entry::new(SERVICE, account).map_err(|error| reason(&error))
        }
    }

    impl Backend for Native {
        fn place(&self) -> Place {
            if cfg!(target_os = "macos") {
                Place::Keychain
            } else if cfg!(windows) {
                Place::CredentialManager
            } else {
                Place::SecretService
            }
        }

        fn get(&self, account: &str) -> Result<Option<SecretString>, Reason> {
            secret(Self::entry(account)?.get_password())
        }

        fn set(&self, account: &str, secret: &SecretString) -> Result<(), Reason> {
            Self::entry(account)?.set_password(secret.expose_secret()).map_err(|error| reason(&error))
        }

        fn delete(&self, account: &str) -> Result<bool, Reason> {
            deleted(Self::entry(account)?.delete_credential())
        }
    }

    /// The kernel's persistent keyring (persistent-keyring(7)).
    #[cfg(target_os = "linux")]
    struct Kernel;

    #[cfg(target_os = "linux")]
    impl Kernel {
        fn entry(account: &str) -> Result<keyring_core::Entry, Reason> {
            use keyring_core::api::CredentialStoreApi;
            linux_keyutils_keyring_store::Store::new()
                .and_then(|store| store.build(SERVICE, account, None))
                .map_err(|error| reason(&error))
        }
    }

    #[cfg(target_os = "linux")]
    impl Backend for Kernel {
        fn place(&self) -> Place {
            Place::Kernel
        }

        fn get(&self, account: &str) -> Result<Option<SecretString>, Reason> {
            secret(Self::entry(account)?.get_password())
        }

        fn set(&self, account: &str, secret: &SecretString) -> Result<(), Reason> {
            Self::entry(account)?.set_password(secret.expose_secret()).map_err(|error| reason(&error))
        }

        fn delete(&self, account: &str) -> Result<bool, Reason> {
            deleted(Self::entry(account)?.delete_credential())
        }
    }
}

/// Elsewhere there is none that we know.
#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
mod system {
    use super::{Arc, Backend};

    pub(super) fn backends() -> Vec<Arc<dyn Backend>> {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;
    use std::sync::Mutex;

    const ORIGIN: &str = "https://auth.example.com";

    /// How a keyring of the tests behaves.
    enum Fake {
        Works(Mutex<HashMap<String, SecretString>>),
        Forgets,
        Denies,
        /// Waits until the test ends.
        Hangs(Mutex<mpsc::Receiver<()>>),
    }

    impl Fake {
        fn works() -> Arc<Self> {
            Arc::new(Self::Works(Mutex::default()))
        }
    }

    impl Backend for Fake {
        fn place(&self) -> Place {
            if matches!(self, Self::Works(_)) { Place::Kernel } else { Place::SecretService }
        }

        fn get(&self, account: &str) -> Result<Option<SecretString>, Reason> {
            match self {
                Self::Works(entries) => Ok(entries.lock().unwrap().get(account).cloned()),
                Self::Forgets => Ok(None),
                Self::Denies => Err("access is denied"),
                Self::Hangs(until) => until.lock().unwrap().recv().map(|()| None).map_err(|_| "over"),
            }
        }

        fn set(&self, account: &str, secret: &SecretString) -> Result<(), Reason> {
            match self {
                Self::Works(entries) => {
                    entries.lock().unwrap().insert(account.to_owned(), secret.clone());
                    Ok(())
                }
                _ => self.get(account).map(|_| ()),
            }
        }

        fn delete(&self, account: &str) -> Result<bool, Reason> {
            match self {
                Self::Works(entries) => Ok(entries.lock().unwrap().remove(account).is_some()),
                _ => self.get(account).map(|_| false),
            }
        }
    }

    fn keyring(backends: Vec<Arc<dyn Backend>>) -> Keyring {
        Keyring::of(backends, Duration::from_secs(60))
    }

    #[test]
    fn a_token_is_kept_loaded_and_forgotten() {
        let keyring = keyring(vec![Fake::works()]);
        assert_eq!(keyring.save(ORIGIN, &SecretString::from("token")), Kept::In(Place::Kernel));
        let (token, place) = keyring.load(ORIGIN).unwrap();
        assert_eq!((token.expose_secret(), place), ("token", Place::Kernel));
        assert!(keyring.load(PROBE).is_none());
        assert!(keyring.forget(ORIGIN));
        assert!(!keyring.forget(ORIGIN));
    }

    #[test]
    fn a_keyring_that_does_not_prove_itself_is_passed_over() {
        for unfit in [Fake::Forgets, Fake::Denies] {
            let keyring = keyring(vec![Arc::new(unfit), Fake::works()]);
            assert_eq!(keyring.save(ORIGIN, &SecretString::from("token")), Kept::In(Place::Kernel));
        }
    }

    #[test]
    fn nowhere_says_why() {
        assert_eq!(
            keyring(vec![Arc::new(Fake::Denies)]).save(ORIGIN, &SecretString::from("token")),
            Kept::Nowhere("access is denied".into())
        );
        assert!(matches!(keyring(Vec::new()).save(ORIGIN, &SecretString::from("token")), Kept::Nowhere(_)));
    }

    #[test]
    fn a_keyring_that_hangs_is_left_behind_once() {
        let (hold, until) = mpsc::channel();
        let hanging: Arc<dyn Backend> = Arc::new(Fake::Hangs(Mutex::new(until)));
        // No patience at all: the answer can only be the time limit, however slow the machine is.
        let keyring = Keyring::of(vec![hanging], Duration::ZERO);
        assert!(keyring.load(ORIGIN).is_none());
        assert!(keyring.backends[0].hung.load(Ordering::Relaxed));
        let kept = keyring.save(ORIGIN, &SecretString::from("token"));
        assert!(kept.sentence().contains("did not answer"), "{}", kept.sentence());
        drop(hold);
    }
}
