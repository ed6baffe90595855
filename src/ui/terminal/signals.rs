//! Signals as a stream for the event loop.

use std::future::poll_fn;
use std::io;
use std::task::Poll;

use rustix::process;
use tokio::signal::unix::{self, SignalKind};

/// What a signal asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// SIGINT sent from outside; a Ctrl-C that is typed arrives as a key.
    Interrupt,
    /// SIGTERM.
    Terminate,
    /// SIGHUP: the line is gone, as when an SSH connection drops.
    Hangup,
    /// SIGTSTP: answer with [`super::Tui::suspend`].
    Suspend,
    /// SIGCONT: answer with [`super::Tui::resume`].
    Continue,
}

/// The signals that the wizard answers. While this exists they no longer have their default effect.
pub struct Signals {
    streams: [(Signal, unix::Signal); 5],
}

impl Signals {
    /// Starts listening. Needs a tokio runtime.
    ///
    /// # Errors
    ///
    /// When the system refuses a handler.
    pub fn new() -> io::Result<Self> {
        let listen = |signal, kind| unix::signal(kind).map(|stream| (signal, stream));
        Ok(Self {
            streams: [
                listen(Signal::Interrupt, SignalKind::interrupt())?,
                listen(Signal::Terminate, SignalKind::terminate())?,
                listen(Signal::Hangup, SignalKind::hangup())?,
                listen(Signal::Suspend, SignalKind::from_raw(process::Signal::TSTP.as_raw()))?,
                listen(Signal::Continue, SignalKind::from_raw(process::Signal::CONT.as_raw()))?,
            ],
        })
    }

    /// The next signal. Dropping the future loses none.
    pub async fn next(&mut self) -> Signal {
        poll_fn(|context| {
            for (signal, stream) in &mut self.streams {
                if stream.poll_recv(context).is_ready() {
                    return Poll::Ready(*signal);
                }
            }
            Poll::Pending
        })
        .await
    }
}

/// Asks the whole job to stop, for a Ctrl-Z that was typed: raw mode keeps the terminal from doing it. [`Signal::Suspend`] follows.
/// The group and not the process, because a parent such as `cargo run` must stop too for the shell to come back.
pub fn suspend_group() {
    if can_stop() {
        let _ = process::kill_current_process_group(process::Signal::TSTP);
    }
}

/// Whether a shell with job control is there to continue us. A session leader, or its direct job (`ssh -t host akwiz`, `docker exec`),
/// would stand still for good.
pub(super) fn can_stop() -> bool {
    process::getsid(None).is_ok_and(|session| session != process::getpgrp())
}

/// Stops the process until it is continued. SIGSTOP, because SIGTSTP is the one that we listen for.
pub(super) fn stop() {
    let _ = process::kill_process(process::getpid(), process::Signal::STOP);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_arrives_as_a_value() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut signals = Signals::new().unwrap();
            // SIGCONT does nothing to a running process, so the test harness is safe.
            process::kill_process(process::getpid(), process::Signal::CONT).unwrap();
            assert_eq!(signals.next().await, Signal::Continue);
        });
    }
}
