//! What every built-in template does, from its sample answers to objects on a server and settings for the application.

mod abilities;
mod apply;
mod bench;
mod snapshots;
