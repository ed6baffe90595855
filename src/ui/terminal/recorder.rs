//! A writer that remembers, so that tests can count bytes and writes.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

/// What was written since the last look.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Burst {
    /// The bytes, in order.
    pub bytes: Vec<u8>,
    /// How many `write` calls they took.
    pub writes: usize,
}

impl Burst {
    /// The bytes as text, for messages of failed tests.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

/// A writer whose clones share one memory: one goes into the [`super::Tui`], the other stays with the test.
#[derive(Debug, Clone, Default)]
pub struct Recorder(Arc<Mutex<Burst>>);

impl Recorder {
    /// What was written since the last call.
    pub fn take(&self) -> Burst {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Recorder {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut burst = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        burst.bytes.extend_from_slice(bytes);
        burst.writes += 1;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
