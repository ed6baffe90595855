//! The checks and the watching of first sign-ins, against the stand-in.

mod bench;
mod found;
mod harmless;
mod network;
mod templates;
mod watching;
