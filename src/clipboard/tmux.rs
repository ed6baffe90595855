//! tmux: its buffer, and from there the terminal's clipboard.
//!
//! With its defaults tmux 3.x drops OSC 52 from programs inside it, but `load-buffer -w` (since 3.2) passes text on. The text goes in
//! through standard input: arguments show in the process list.

use std::ffi::OsString;
use std::io::{self, Write};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::{Certainty, Clipboard, Sent};

/// How long tmux may take. It answers in milliseconds unless its server hangs.
const PATIENCE: Duration = Duration::from_secs(2);
/// The buffer for secrets, named so that it can be deleted, and so that it pushes nothing out of the numbered ones.
const SECRET_BUFFER: &str = "akwiz-secret";

/// Copies with the `tmux` program.
#[derive(Debug)]
pub struct Tmux {
    program: OsString,
}

impl Tmux {
    /// Copies with `program`, looked up in `PATH` if it is a bare name.
    pub fn new(program: impl Into<OsString>) -> Self {
        Self { program: program.into() }
    }

    /// Runs tmux with `input` on standard input. True if it succeeded.
    fn run(&self, args: &[&str], input: &str) -> io::Result<bool> {
        let mut child =
            Command::new(&self.program).args(args).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            // A tmux that does not know an option ends before it reads: its exit code says more than the broken pipe.
            if let Err(error) = stdin.write_all(input.as_bytes())
                && error.kind() != io::ErrorKind::BrokenPipe
            {
                let _ = child.kill();
                let _ = child.wait();
                return Err(error);
            }
        }
        wait(&mut child)
    }
}

/// Waits for the end, and ends what takes longer than [`PATIENCE`].
fn wait(child: &mut Child) -> io::Result<bool> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status.success());
        }
        if Instant::now() >= deadline {
            child.kill()?;
            child.wait()?;
            return Err(io::ErrorKind::TimedOut.into());
        }
        thread::sleep(Duration::from_millis(5));
    }
}

impl Clipboard for Tmux {
    fn copy(&mut self, text: &str, secret: bool) -> Sent {
        let name: &[&str] = if secret { &["-b", SECRET_BUFFER] } else { &[] };
        let load = |passing_on: &[&str]| self.run(&[&["load-buffer"], passing_on, name, &["-"]].concat(), text);
        let sent = match load(&["-w"]) {
            Ok(true) if secret => {
                Sent::new(Certainty::Sent, "Sent through tmux to your terminal's clipboard; tmux keeps no copy.")
            }
            Ok(true) => {
                Sent::new(Certainty::Sent, "Copied into tmux's buffer and sent on to your terminal; prefix ] pastes it too.")
            }
            // Older than 3.2, or no server: only the second try can tell.
            Ok(false) if !secret => match load(&[]) {
                Ok(true) => Sent::new(
                    Certainty::Copied,
                    "Copied into tmux's buffer: prefix ] pastes it. This tmux cannot send it on to your terminal (that takes 3.2).",
                ),
                _ => Sent::new(Certainty::Failed, "tmux did not take the text."),
            },
            Ok(false) => {
                Sent::new(Certainty::Failed, "tmux did not take the secret. Sending it on to your terminal takes tmux 3.2.")
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Sent::new(Certainty::Failed, "The tmux program was not found, so nothing was copied.")
            }
            Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                Sent::new(Certainty::Failed, "tmux did not answer within two seconds, so nothing may have been copied.")
            }
            Err(_) => Sent::new(Certainty::Failed, "tmux could not be run, so nothing was copied."),
        };
        if secret
            && !matches!(self.run(&["delete-buffer", "-b", SECRET_BUFFER], ""), Ok(true))
            && sent.certainty == Certainty::Sent
        {
            return Sent::new(
                Certainty::Sent,
                format!("Sent through tmux to your terminal's clipboard. A copy may still be in tmux's buffer {SECRET_BUFFER}."),
            );
        }
        sent
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::fs;
    use tempfile::TempDir;

    /// A `tmux` that writes down its arguments and input, and behaves as `body` says.
    fn fake(body: &str) -> (TempDir, Tmux) {
        let dir = tempfile::tempdir().unwrap();
        let program = dir.path().join("tmux");
        let script = format!("#!/bin/sh\ncd '{}'\necho \"$@\" >> args\n{body}\n", dir.path().display());
        // Written by a process of its own: a file that this one has open for writing cannot be run while another test forks (ETXTBSY).
        let mut writer = Command::new("sh")
            .args(["-c", "cat > \"$0\" && chmod 700 \"$0\""])
            .arg(&program)
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        writer.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
        assert!(writer.wait().unwrap().success());
        let tmux = Tmux::new(program.into_os_string());
        (dir, tmux)
    }

    fn read(dir: &TempDir, name: &str) -> String {
        fs::read_to_string(dir.path().join(name)).unwrap_or_default()
    }

    #[test]
    fn text_goes_in_through_standard_input() {
        let (dir, mut tmux) = fake("cat >> input");
        let sent = tmux.copy("https://portainer.example.com/", false);
        assert_eq!(sent.message, "Copied into tmux's buffer and sent on to your terminal; prefix ] pastes it too.");
        assert_eq!(read(&dir, "args"), "load-buffer -w -\n");
        assert_eq!(read(&dir, "input"), "https://portainer.example.com/");
    }

    #[test]
    fn a_secret_leaves_no_buffer_behind() {
        let (dir, mut tmux) = fake("cat >> input");
        let sent = tmux.copy("canary", true);
        assert_eq!(sent.message, "Sent through tmux to your terminal's clipboard; tmux keeps no copy.");
        assert_eq!(read(&dir, "args"), "load-buffer -w -b akwiz-secret -\ndelete-buffer -b akwiz-secret\n");
        assert_eq!(read(&dir, "input"), "canary");
    }

    #[test]
    fn a_buffer_that_stays_is_named() {
        let (_dir, mut tmux) = fake("case $1 in delete-buffer) exit 1;; esac; cat > /dev/null");
        assert!(tmux.copy("canary", true).message.contains("akwiz-secret"));
    }

    #[test]
    fn an_old_tmux_keeps_plain_text_only() {
        let (dir, mut tmux) = fake("case \"$*\" in *-w*) exit 1;; esac; cat >> input");
        let sent = tmux.copy("text", false);
        assert_eq!(sent.certainty, Certainty::Copied);
        assert!(sent.message.contains("prefix ] pastes it"), "{}", sent.message);
        assert_eq!(tmux.copy("canary", true).certainty, Certainty::Failed);
        assert_eq!(read(&dir, "input"), "text");
    }

    #[test]
    fn without_tmux_it_says_so() {
        let sent = Tmux::new("/nonexistent/tmux").copy("text", false);
        assert_eq!(sent.certainty, Certainty::Failed);
        assert!(sent.message.contains("was not found"), "{}", sent.message);
    }
}
