//! A writer that keeps a frame together, and the terminal without std's line buffer.

use std::io::{self, Write};
use std::thread;
use std::time::Duration;

/// Collects what is written and hands it on in one `write` when flushed.
#[derive(Debug)]
pub struct FrameWriter<W> {
    inner: W,
    frame: Vec<u8>,
}

impl<W: Write> FrameWriter<W> {
    /// Collects for `inner`.
    pub fn new(inner: W) -> Self {
        Self { inner, frame: Vec::with_capacity(8 * 1024) }
    }
}

impl<W: Write> Write for FrameWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.frame.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.frame.is_empty() {
            return Ok(());
        }
        let sent = write_whole(&mut self.inner, &self.frame);
        self.frame.clear();
        sent.and_then(|()| self.inner.flush())
    }
}

/// As `write_all`, but waits where that gives up: a terminal that is shared with a program that made it non-blocking (as Node does)
/// takes a large frame in parts.
fn write_whole(writer: &mut impl Write, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match writer.write(bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => bytes = &bytes[written..],
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => thread::sleep(Duration::from_millis(2)),
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Standard output without std's 1,024-byte line buffer, which would cut a frame into several writes.
#[cfg(unix)]
#[derive(Debug)]
pub struct Tty(std::fs::File);

#[cfg(unix)]
impl Tty {
    /// A duplicate of standard output.
    ///
    /// # Errors
    ///
    /// When standard output is closed.
    pub fn stdout() -> io::Result<Self> {
        use std::os::fd::AsFd;
        Ok(Self(std::fs::File::from(io::stdout().as_fd().try_clone_to_owned()?)))
    }
}

/// Standard output. std's own is kept on Windows: it turns UTF-8 into what the console takes.
#[cfg(windows)]
#[derive(Debug)]
pub struct Tty(io::Stdout);

#[cfg(windows)]
impl Tty {
    /// Standard output.
    ///
    /// # Errors
    ///
    /// Never; the signature is that of Unix.
    pub fn stdout() -> io::Result<Self> {
        Ok(Self(io::stdout()))
    }
}

impl Write for Tty {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::terminal::Recorder;

    #[test]
    fn many_small_writes_become_one() {
        let recorder = Recorder::default();
        let mut writer = FrameWriter::new(recorder.clone());
        for _ in 0..3_000 {
            writer.write_all(b"ab").unwrap();
        }
        writer.flush().unwrap();
        writer.flush().unwrap();
        let burst = recorder.take();
        assert_eq!((burst.writes, burst.bytes.len()), (1, 6_000));
    }

    #[test]
    fn a_full_terminal_is_waited_for() {
        /// Takes three bytes at a time and is full every other time.
        struct Slow(Vec<u8>, bool);

        impl Write for Slow {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.1 = !self.1;
                if self.1 {
                    return Err(io::ErrorKind::WouldBlock.into());
                }
                let taken = bytes.len().min(3);
                self.0.extend_from_slice(&bytes[..taken]);
                Ok(taken)
            }

            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }

        let mut slow = Slow(Vec::new(), false);
        write_whole(&mut slow, b"a frame").unwrap();
        assert_eq!(slow.0, b"a frame");
    }
}
