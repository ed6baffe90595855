//! The desktop's clipboard: X11, Wayland, macOS, Windows.

use arboard::Set;

use super::{Certainty, Clipboard, Osc52, Route, Sent};

/// Copies to the desktop, and where none can be reached by OSC 52. The connection is made at the first copy and kept: on X11 and
/// Wayland the text is gone when it ends.
#[derive(Default)]
pub struct Desktop {
    handle: Option<arboard::Clipboard>,
}

impl Desktop {
    fn set(&mut self, text: &str, secret: bool) -> Result<(), arboard::Error> {
        let handle = match self.handle.take() {
            Some(handle) => handle,
            None => arboard::Clipboard::new()?,
        };
        let set = self.handle.insert(handle).set();
        let set = if secret { out_of_history(set) } else { set };
        set.text(text)
    }
}

impl Clipboard for Desktop {
    fn copy(&mut self, text: &str, secret: bool) -> Sent {
        match self.set(text, secret) {
            Ok(()) if cfg!(any(windows, target_os = "macos")) => Sent::new(Certainty::Copied, "Copied to the clipboard."),
            Ok(()) => Sent::new(Certainty::Copied, "Copied to the desktop's clipboard; it may be gone when akwiz ends."),
            Err(error) => {
                // arboard's texts carry no clipboard content, but they are about X11 internals: for the log, not for a person.
                tracing::debug!("desktop clipboard: {error}");
                self.handle = None;
                let sent = Osc52 { route: Route::Terminal }.copy(text, secret);
                Sent { message: format!("The desktop's clipboard cannot be reached from here. {}", sent.message), ..sent }
            }
        }
    }
}

/// Asks clipboard managers and clouds to leave the text alone.
#[cfg(target_os = "macos")]
fn out_of_history(set: Set<'_>) -> Set<'_> {
    use arboard::SetExtApple;
    set.exclude_from_history()
}

/// Asks clipboard managers and clouds to leave the text alone.
#[cfg(windows)]
fn out_of_history(set: Set<'_>) -> Set<'_> {
    use arboard::SetExtWindows;
    set.exclude_from_history().exclude_from_cloud().exclude_from_monitoring()
}

/// Asks clipboard managers to leave the text alone.
#[cfg(all(unix, not(target_os = "macos")))]
fn out_of_history(set: Set<'_>) -> Set<'_> {
    use arboard::SetExtLinux;
    set.exclude_from_history()
}
