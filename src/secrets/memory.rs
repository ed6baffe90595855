//! A store that forgets: for `--demo`, which keeps nothing outside the process, and for tests.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use secrecy::SecretString;

use super::{Kept, Place, TokenStore};

/// Keeps tokens until the process ends.
#[derive(Debug, Default)]
pub struct Memory(Mutex<HashMap<String, SecretString>>);

impl TokenStore for Memory {
    fn load(&self, origin: &str) -> Option<(SecretString, Place)> {
        let tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.get(origin).map(|token| (token.clone(), Place::Process))
    }

    fn save(&self, origin: &str, token: &SecretString) -> Kept {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(origin.to_owned(), token.clone());
        Kept::In(Place::Process)
    }

    fn forget(&self, origin: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(origin).is_some()
    }
}
