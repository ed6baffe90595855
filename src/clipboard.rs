//! Copying text to the clipboard of the person at the keyboard, wherever they sit.
//!
//! [`route`] decides once, from the environment, which way text goes: into tmux, through screen, as OSC 52 to the terminal, or to the
//! desktop. No terminal is asked whether it takes part: a question costs a round trip, and most terminals give no true answer. So the
//! message says where the text was sent, and never that it arrived, unless that is known.
//!
//! Escape sequences are not written here. The wizard hands [`Sent::bytes`] to its terminal (`Tui::send`), so that they leave with the
//! next frame, in the same write, and never in the middle of one.

mod desktop;
mod osc52;
mod tmux;

use std::fmt;
use std::str::FromStr;

pub use desktop::Desktop;
pub use osc52::{LIMIT, Osc52};
pub use tmux::Tmux;

/// What `--clipboard` says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Choice {
    /// Decide from the environment.
    #[default]
    Auto,
    /// OSC 52, the escape sequence with which a program gives text to the terminal's clipboard.
    Osc52,
    /// tmux's buffer.
    Tmux,
    /// The desktop's clipboard.
    Desktop,
    /// Copy nothing.
    Off,
}

impl Choice {
    /// Every choice with its name on the command line.
    pub const ALL: [(&'static str, Self); 5] =
        [("auto", Self::Auto), ("osc52", Self::Osc52), ("tmux", Self::Tmux), ("desktop", Self::Desktop), ("off", Self::Off)];
}

impl FromStr for Choice {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|(known, _)| *known == name)
            .map(|(_, choice)| choice)
            .ok_or_else(|| format!("`{name}` is no clipboard; use auto, osc52, tmux, desktop or off"))
    }
}

/// The way that text takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// `tmux load-buffer`.
    Tmux,
    /// OSC 52 in the chunks that GNU screen passes on.
    Screen,
    /// OSC 52.
    Terminal,
    /// OSC 52, inside a multiplexer that may keep it: its variable is gone, as after `sudo`.
    HiddenMultiplexer,
    /// The desktop's clipboard.
    Desktop,
    /// None.
    Off,
}

/// Which way text goes from here. Empty variables count as unset.
///
/// tmux comes first, because by default it drops OSC 52 from programs inside it; a session over SSH goes to the terminal even where a
/// display is set, because the person's clipboard is at the other end.
pub fn route(choice: Choice, env: impl Fn(&str) -> Option<String>) -> Route {
    let set = |name: &str| env(name).is_some_and(|value| !value.is_empty());
    let multiplexer = env("TERM").is_some_and(|term| term.starts_with("tmux") || term.starts_with("screen"));
    let terminal = if set("STY") {
        Route::Screen
    } else if multiplexer && !set("TMUX") {
        Route::HiddenMultiplexer
    } else {
        Route::Terminal
    };
    let remote = set("SSH_TTY") || set("SSH_CONNECTION");
    let display = cfg!(any(windows, target_os = "macos")) || set("WAYLAND_DISPLAY") || set("DISPLAY");
    match choice {
        Choice::Off => Route::Off,
        Choice::Tmux => Route::Tmux,
        Choice::Osc52 => terminal,
        Choice::Auto if set("TMUX") => Route::Tmux,
        Choice::Auto if terminal == Route::Screen || remote || !display => terminal,
        Choice::Desktop | Choice::Auto => Route::Desktop,
    }
}

/// What became of a copy.
#[derive(Clone, PartialEq, Eq)]
pub struct Sent {
    /// What is still to be written to the terminal; often nothing. Holds the text, so its `Debug` is only a length.
    pub bytes: Vec<u8>,
    /// A sentence that says where the text went, or why it went nowhere.
    pub message: String,
    /// How sure that is.
    pub certainty: Certainty,
}

/// How sure it is that pasting gives the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certainty {
    /// The text is there.
    Copied,
    /// The text was sent on and nothing answers: offer another way beside it.
    Sent,
    /// The text went nowhere.
    Failed,
}

/// What to add to the message where it is not sure that pasting works, on pages where these keys do that.
pub const OTHER_WAYS: &str = "If pasting gives something else, press s to show it or w to write a file.";

impl Sent {
    /// The message, with [`OTHER_WAYS`] where the copy is not certain.
    pub fn with_other_ways(&self) -> String {
        match self.certainty {
            Certainty::Copied => self.message.clone(),
            Certainty::Sent => format!("{} {OTHER_WAYS}", self.message),
            Certainty::Failed => format!("{} Press s to show it or w to write a file.", self.message),
        }
    }

    fn new(certainty: Certainty, message: impl Into<String>) -> Self {
        Self { bytes: Vec::new(), message: message.into(), certainty }
    }
}

impl fmt::Debug for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sent")
            .field("bytes", &self.bytes.len())
            .field("message", &self.message)
            .field("certainty", &self.certainty)
            .finish()
    }
}

/// A place to copy to. Copying may run a program or talk to the desktop for up to two seconds: call it off the drawing thread.
pub trait Clipboard: Send {
    /// Copies `text`. A `secret` is kept out of histories and buffers as far as the place allows.
    fn copy(&mut self, text: &str, secret: bool) -> Sent;
}

/// The clipboard of a route, to be kept for the whole run: on X11 and Wayland the text lives in this process.
pub fn open(route: Route) -> Box<dyn Clipboard> {
    match route {
        Route::Tmux => Box::new(Tmux::new("tmux")),
        Route::Screen | Route::Terminal | Route::HiddenMultiplexer => Box::new(Osc52 { route }),
        Route::Desktop => Box::new(Desktop::default()),
        Route::Off => Box::new(Off),
    }
}

/// Copies nothing and says so.
struct Off;

impl Clipboard for Off {
    fn copy(&mut self, _: &str, _: bool) -> Sent {
        Sent::new(Certainty::Failed, "Copying is switched off (--clipboard off).")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn auto(env: &[(&str, &str)]) -> Route {
        route(Choice::Auto, |name| env.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn the_environment_decides() {
        assert_eq!(auto(&[("TMUX", "/tmp/tmux-0/default,1,0"), ("SSH_TTY", "/dev/pts/0"), ("DISPLAY", ":0")]), Route::Tmux);
        assert_eq!(auto(&[("STY", "12.pts-0.host"), ("TERM", "screen"), ("DISPLAY", ":0")]), Route::Screen);
        assert_eq!(auto(&[("SSH_CONNECTION", "a b c d"), ("DISPLAY", "localhost:10.0")]), Route::Terminal);
        assert_eq!(auto(&[("WAYLAND_DISPLAY", "wayland-0")]), Route::Desktop);
        assert_eq!(auto(&[("TERM", "tmux-256color"), ("SSH_TTY", "/dev/pts/0")]), Route::HiddenMultiplexer);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn without_a_display_the_terminal_is_all_there_is() {
        assert_eq!(auto(&[("TERM", "xterm"), ("DISPLAY", "")]), Route::Terminal);
    }

    #[test]
    fn the_command_line_wins() {
        let tmux = |name: &str| (name == "TMUX").then(|| "x".to_owned());
        assert_eq!(route(Choice::Osc52, tmux), Route::Terminal);
        assert_eq!(route(Choice::Off, tmux), Route::Off);
        assert_eq!(route("desktop".parse().unwrap(), tmux), Route::Desktop);
        assert!("wayland".parse::<Choice>().is_err());
    }

    #[test]
    fn a_copy_that_is_off_offers_the_other_ways() {
        let sent = open(Route::Off).copy("x", false);
        assert_eq!(sent.with_other_ways(), "Copying is switched off (--clipboard off). Press s to show it or w to write a file.");
    }

    #[test]
    fn what_was_sent_is_not_in_its_debug_text() {
        let sent = open(Route::Terminal).copy("canary", true);
        assert!(!sent.bytes.is_empty());
        let shown = format!("{sent:?}");
        assert!(!shown.contains("canary") && !shown.contains("Y2FuYXJ5") && !shown.contains("99, 97"), "{shown}");
    }
}
