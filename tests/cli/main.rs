//! The real binary.

mod create;
mod json;
mod run;
mod schema;
mod server;
mod template;
mod usage;
mod words;
