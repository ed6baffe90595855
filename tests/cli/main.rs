//! The real binary.

mod account;
mod applications;
mod apply;
mod apply_sources;
mod audit;
mod bench;
mod check;
mod create;
mod doctor;
mod every;
mod export;
mod export_sources;
mod help;
mod json;
mod options;
mod own;
mod run;
mod schema;
mod server;
mod sources;
mod streams;
mod template;
mod tls;
mod usage;
mod words;
