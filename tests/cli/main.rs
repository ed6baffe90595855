//! The real binary.

mod apply;
mod check;
mod create;
mod export;
mod json;
mod run;
mod schema;
mod server;
mod template;
mod usage;
mod words;
