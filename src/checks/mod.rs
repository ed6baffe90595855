//! Checks that what was created works, without anybody signing in.
//!
//! [`target`] says what is checked and what the application needs; each file after it holds the judges of one group, which are plain
//! functions over what was read. [`run`] reads everything at once and tells each [`Tick`] as soon as it is known. [`watch`] follows the
//! first sign-ins in authentik's log. Nothing here writes: the one request that is no read revokes a token that nobody has.

mod app;
mod claims;
mod client;
mod connection;
mod discovery;
mod expectation;
mod grants;
mod inside;
mod keys;
mod redirects;
mod run;
mod sample;
mod target;
mod tick;
pub mod watch;

pub use expectation::{Claim, Expectation, Known, expectations};
pub use inside::{Line, from_inside};
pub use run::{Pace, run};
pub use target::{Person, Surroundings, Target};
pub use tick::{Detail, Group, Id, Mark, Mend, State, Summary, Tick, waiting};
