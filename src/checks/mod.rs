//! Checks that what was created works, without anybody signing in.
//!
//! `target` says what is checked and what the application needs; each file after it holds the judges of one group, which are plain
//! functions over what was read. [`run`] reads everything at once and tells each [`Tick`] as soon as it is known. [`watch`] follows the
//! first sign-ins in authentik's log. Nothing here writes: the one request that is no read revokes a token that nobody has.
//!
//! When it does not work, [`rules`] has one rule for each known cause: its name, the texts that users see, and a small pure function that
//! looks at what was read. The [`doctor`] reads what somebody pastes and runs the rules on the application that it is about; the
//! [`audit`] runs them on everything. [`demands`] finds out what an application's template demands. What a rule offers is a
//! [`crate::setup::fix::Fix`], which becomes a plan like any other.

pub mod about;
mod app;
pub mod audit;
mod claims;
mod client;
mod connection;
pub mod demands;
mod discovery;
pub mod doctor;
mod expectation;
mod grants;
mod inside;
mod keys;
mod needs;
mod redirects;
pub mod repair;
pub mod rules;
mod run;
mod sample;
mod target;
mod tick;
pub mod watch;

pub use expectation::{Claim, Expectation, Known, expectations};
pub use inside::{Line, from_inside};
pub use needs::Needs;
pub use run::{Pace, run};
pub use target::{Person, Surroundings, Target};
pub use tick::{Detail, Group, Id, LEGEND, Mark, Mend, State, Summary, Tick, waiting};
