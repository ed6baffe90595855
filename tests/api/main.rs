//! The API client against recorded answers of real servers (`tests/recordings`), and against a server that
//! misbehaves on purpose.

mod areas;
mod faults;
mod gathered;
mod plex_pin;
mod probe;
mod properties;
mod recorded;
mod refusals;
mod rights;
mod server;
#[cfg(feature = "demo")]
mod standin;
mod tls;
