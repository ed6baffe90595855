//! Applying plans to the stand-in of every version, and taking them back.

mod bench;
mod create;
mod faults;
mod many;
mod secrets;
mod source;
mod sources;
mod undo;
mod update;
