//! akwiz connects applications to authentik.
//!
//! What a person or a script decides becomes [`setup::answers`]; what the server has becomes [`setup::facts`]. A pure function makes a
//! [`setup::plan`] from a template of the [`catalog`], the answers and the facts. [`apply`] runs the plan over the client in
//! [`authentik`] and yields an outcome and a receipt. [`checks`] looks whether what was made works.
//!
//! Arrows point one way: [`ui`] and [`cli`] use [`apply`], which uses [`authentik`], which uses [`setup`] and [`catalog`].
//! `setup` and `catalog` know nothing of terminals, HTTP or command lines. `tests/layers.rs` enforces it.

pub mod apply;
mod ascii;
pub mod authentik;
pub mod catalog;
pub mod checks;
pub mod cli;
pub mod clipboard;
pub mod config;
#[cfg(feature = "demo")]
pub mod demo;
pub mod error;
pub mod logging;
pub mod receipts;
pub mod secrets;
pub mod setup;
pub mod ui;
