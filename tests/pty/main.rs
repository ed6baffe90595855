//! The real program in a pseudo-terminal.
//!
//! A test types keys and waits until the screen shows what must follow; nothing waits for a fixed time to pass. The time limits are long,
//! for busy machines, and are reached only when a test fails.

#![cfg(all(unix, feature = "demo"))]

mod commands;
mod creation;
mod fleet;
mod life;
mod looks;
mod plain;
mod terminal;
