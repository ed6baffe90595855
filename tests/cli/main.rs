//! The real binary.

mod create;
mod json;
mod run;
mod schema;
mod server;
mod usage;
mod words;
