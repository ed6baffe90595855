//! The command line: one command a file; `output.rs` is the only place that prints.
