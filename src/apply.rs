//! Runs a plan over the client: progress, cancel points, receipt, undo.
