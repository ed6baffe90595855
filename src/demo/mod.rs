//! A stand-in for authentik that runs inside the process, for `--demo` and for the tests.
