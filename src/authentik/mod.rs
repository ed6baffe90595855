//! The API client: thin and tolerant, for authentik 2024.12 and later.
//!
//! [`address`] understands what people type, [`connect`] finds authentik there without a token, [`http`] carries every request, and one
//! file an area knows its endpoints. Answers are read into types that hold only the fields needed ([`wire`]); what a server lacks or
//! adds is no error. What differs between versions is decided in [`capabilities`] alone.

pub mod address;
pub mod applications;
pub mod bindings;
pub mod bodies;
pub mod body;
pub mod brands;
pub mod capabilities;
pub mod certificates;
pub mod connect;
mod der;
pub mod discovery;
pub mod error;
pub mod error_body;
pub mod events;
pub mod extras;
pub mod facts;
pub mod failure;
pub mod flows;
mod found;
pub mod groups;
pub mod http;
pub mod identification;
pub mod inventory;
pub mod mappings;
mod needed;
pub mod pace;
mod paging;
pub mod plex_tv;
pub mod problem;
pub mod providers;
mod retry;
pub mod rights;
pub mod sources;
pub mod surroundings;
pub mod survey;
pub mod text;
pub mod tls;
pub mod tokens;
pub mod transaction;
pub mod users;
pub mod version;
pub mod wire;

pub use error::ApiError;
pub use http::{Client, Timeouts};
pub use tls::{Fingerprint, Trust};
pub use version::Version;
