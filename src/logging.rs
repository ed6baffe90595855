//! The log file. Nothing is logged to the terminal, and no secret is logged at all.
