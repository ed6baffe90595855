//! The wizard, driven by key scripts.

mod apply;
mod bytes;
mod check;
mod connect;
mod doctor;
mod done;
mod forms;
mod frame;
mod known;
mod own;
mod pick;
mod plex;
mod review;
mod script;
mod sign_in;
mod sources;
mod world;
