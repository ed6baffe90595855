//! The real binary.

mod create;
mod run;
mod server;
mod usage;
mod words;
