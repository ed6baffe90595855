//! Signals as a stream for the event loop, as far as Windows has them.

use std::io;

use tokio::signal::windows;

/// What a signal asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// Ctrl-Break; a Ctrl-C that is typed arrives as a key.
    Interrupt,
    /// The console closes.
    Terminate,
    /// Never sent on Windows.
    Hangup,
    /// Never sent on Windows.
    Suspend,
    /// Never sent on Windows.
    Continue,
}

/// The signals that the wizard answers.
pub struct Signals {
    ctrl_break: windows::CtrlBreak,
    ctrl_close: windows::CtrlClose,
}

impl Signals {
    /// Starts listening. Needs a tokio runtime.
    ///
    /// # Errors
    ///
    /// When the system refuses a handler.
    pub fn new() -> io::Result<Self> {
        Ok(Self { ctrl_break: windows::ctrl_break()?, ctrl_close: windows::ctrl_close()? })
    }

    /// The next signal. Dropping the future loses none.
    pub async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.ctrl_break.recv() => Signal::Interrupt,
            _ = self.ctrl_close.recv() => Signal::Terminate,
        }
    }
}

/// Windows has no job control; Ctrl-Z does nothing.
pub fn suspend_group() {}

pub(super) fn can_stop() -> bool {
    false
}

pub(super) fn stop() {}
