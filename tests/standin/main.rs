//! The stand-in against the recordings of real servers, and what it adds to them.
#![cfg(feature = "demo")]

mod client;
mod faults;
mod journeys;
mod oidc;
mod plex;
mod recording;
mod replay;
mod rights;
mod shape;
