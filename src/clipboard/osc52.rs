//! OSC 52: text to the terminal's own clipboard.
//!
//! The sequence is xterm's (ctlseqs, "Manipulate Selection Data"). Only the target `c` is sent: all terminals that know the sequence
//! know it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{Certainty, Clipboard, Route, Sent};

/// The longest text, in bytes: older terminals drop a sequence of more than 100,000 bytes, of which 8 frame the text and base64 makes
/// four of three.
pub const LIMIT: usize = 74_994;

/// How many bytes of a device control string GNU screen passes on for sure; its buffer was 256 bytes for long.
const CHUNK: usize = 76;

/// Sends OSC 52 by one of the terminal's routes.
#[derive(Debug)]
pub struct Osc52 {
    /// How the sequence is wrapped and what is said about it.
    pub route: Route,
}

impl Clipboard for Osc52 {
    fn copy(&mut self, text: &str, _: bool) -> Sent {
        if text.len() > LIMIT {
            let size = text.len();
            return Sent::new(
                Certainty::Failed,
                format!("This is too long to send through the terminal ({size} bytes, at most {LIMIT} pass)."),
            );
        }
        let message = match self.route {
            Route::Screen => "Sent through screen to your terminal's clipboard (OSC 52).",
            Route::HiddenMultiplexer => "Sent to your terminal's clipboard (OSC 52), but tmux or screen may hold it back.",
            _ => "Sent to your terminal's clipboard (OSC 52).",
        };
        let bytes = if self.route == Route::Screen { for_screen(text) } else { sequence(text) };
        Sent { bytes, ..Sent::new(Certainty::Sent, message) }
    }
}

/// The plain sequence, ended by ST.
fn sequence(text: &str) -> Vec<u8> {
    format!("\x1b]52;c;{}\x1b\\", STANDARD.encode(text)).into_bytes()
}

/// The sequence in device control strings, which screen strips and passes on. Inside it ends with BEL, because ST would end the device
/// control string around it.
fn for_screen(text: &str) -> Vec<u8> {
    let inner = format!("\x1b]52;c;{}\x07", STANDARD.encode(text));
    let mut bytes = Vec::with_capacity(inner.len() + inner.len() / CHUNK * 4 + 4);
    for chunk in inner.as_bytes().chunks(CHUNK) {
        bytes.extend_from_slice(b"\x1bP");
        bytes.extend_from_slice(chunk);
        bytes.extend_from_slice(b"\x1b\\");
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copy(route: Route, text: &str) -> Sent {
        Osc52 { route }.copy(text, false)
    }

    #[test]
    fn the_plain_sequence_to_the_byte() {
        let sent = copy(Route::Terminal, "https://auth.example.com/");
        assert_eq!(sent.bytes, b"\x1b]52;c;aHR0cHM6Ly9hdXRoLmV4YW1wbGUuY29tLw==\x1b\\");
        assert_eq!(
            sent.with_other_ways(),
            "Sent to your terminal's clipboard (OSC 52). If pasting gives something else, press s to show it or w to write a file."
        );
    }

    #[test]
    fn screen_gets_chunks_that_join_to_the_sequence() {
        let text = "s".repeat(600);
        let bytes = copy(Route::Screen, &text).bytes;
        let whole = String::from_utf8(bytes).unwrap();
        let chunks: Vec<&str> =
            whole.split("\x1b\\").filter(|chunk| !chunk.is_empty()).map(|chunk| chunk.strip_prefix("\x1bP").unwrap()).collect();
        assert!(chunks.len() > 1 && chunks.iter().all(|chunk| chunk.len() <= CHUNK));
        assert_eq!(chunks.concat(), format!("\x1b]52;c;{}\x07", STANDARD.encode(text)));
    }

    #[test]
    fn a_short_text_is_one_chunk() {
        assert_eq!(copy(Route::Screen, "abc").bytes, b"\x1bP\x1b]52;c;YWJj\x07\x1b\\");
    }

    #[test]
    fn too_long_is_refused_in_words() {
        assert_eq!(copy(Route::Terminal, &"x".repeat(LIMIT)).certainty, Certainty::Sent);
        let sent = copy(Route::Terminal, &"x".repeat(LIMIT + 1));
        assert_eq!((sent.certainty, sent.bytes.len()), (Certainty::Failed, 0));
        assert!(sent.message.contains("74995 bytes"), "{}", sent.message);
    }
}
