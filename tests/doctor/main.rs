//! The doctor and the audit against the stand-in: each cause produced, found by its name, mended as offered, and gone after.

mod bench;
mod causes;
mod causes_app;
mod healthy;
mod table;
mod writes;
