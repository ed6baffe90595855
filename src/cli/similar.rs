//! Names that resemble one that is not known, as hints of an error.

use crate::error::Error;
use crate::setup::similar::hint;

/// Adds the names that resemble `typed` to `error`, or all of them after `all` where none does and they are few.
pub(super) fn suggest<'n>(error: Error, typed: &str, names: impl IntoIterator<Item = &'n str>, all: &str) -> Error {
    match hint(typed, names, all) {
        Some(hint) => error.hint(hint),
        None => error,
    }
}
