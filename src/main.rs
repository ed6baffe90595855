//! The binary: parse, dispatch, error to standard error and exit code.

fn main() {}
