//! A pseudo-terminal with the program in it, read as a terminal reads it.

use std::fs;
use std::io::{Read as _, Write as _};
use std::num::NonZeroU16;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, SlavePty, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// How long to wait for something that must come.
const LIMIT: Duration = Duration::from_secs(60);

pub const DOWN: &str = "\x1b[B";
pub const ENTER: &str = "\r";
pub const ESC: &str = "\x1b";
pub const CTRL_C: &str = "\x03";

/// The program in a terminal of its own, with a home folder of its own.
pub struct Session {
    screen: vt100::Parser,
    output: Receiver<Vec<u8>>,
    /// Everything that the program has sent.
    pub sent: Vec<u8>,
    input: Box<dyn std::io::Write + Send>,
    master: Box<dyn MasterPty + Send>,
    // Held open so that the terminal's modes can be read after the program has ended.
    _slave: Box<dyn SlavePty + Send>,
    /// None once it was waited for: its id may belong to another process then.
    child: Option<Box<dyn Child + Send + Sync>>,
    home: TempDir,
    /// The modes of the terminal before the program.
    before: String,
}

impl Session {
    /// `akwiz` with these arguments in a terminal of `width` × `height` cells, with these variables besides the usual ones.
    pub fn start(size: (u16, u16), args: &[&str], variables: &[(&str, &str)]) -> Self {
        let pair = native_pty_system().openpty(pty_size(size)).expect("a pseudo-terminal can be opened");
        let home = TempDir::new().expect("a folder can be made");
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_akwiz"));
        command.env_clear();
        command.cwd(home.path());
        command.args(args);
        for (name, value) in [("TERM", "xterm-256color"), ("LANG", "C.UTF-8"), ("PATH", "/usr/bin:/bin")].iter().chain(variables)
        {
            command.env(name, value);
        }
        command.env("HOME", home.path());
        let before = modes(pair.master.as_ref());
        let child = pair.slave.spawn_command(command).expect("the program starts");
        let mut reader = pair.master.try_clone_reader().expect("the terminal can be read");
        let (sender, output) = channel();
        thread::spawn(move || {
            let mut buffer = vec![0; 65536];
            while let Ok(length @ 1..) = reader.read(&mut buffer) {
                if sender.send(buffer[..length].to_vec()).is_err() {
                    break;
                }
            }
        });
        let (width, height) = cells(size);
        Self {
            screen: vt100::Parser::new(height, width, 0),
            output,
            sent: Vec::new(),
            input: pair.master.take_writer().expect("the terminal can be written to"),
            master: pair.master,
            _slave: pair.slave,
            child: Some(child),
            home,
            before,
        }
    }

    /// Types.
    pub fn keys(&mut self, keys: &str) -> &mut Self {
        self.input.write_all(keys.as_bytes()).expect("the terminal takes keys");
        self
    }

    /// Waits until the screen shows `text`.
    pub fn wait_for(&mut self, text: &str) -> &mut Self {
        self.until(text, |screen| screen.contents().contains(text))
    }

    /// Waits until this holds for the screen.
    pub fn until(&mut self, what: &str, holds: impl Fn(&vt100::Screen) -> bool) -> &mut Self {
        let end = Instant::now() + LIMIT;
        while !holds(self.screen.screen()) {
            let left = end.saturating_duration_since(Instant::now());
            assert!(self.take(left), "waited for: {what}. The screen shows:\n{}", self.contents());
        }
        self
    }

    /// Presses a key again and again until the screen no longer shows `text`: for keys that a page takes only after it has stood.
    pub fn press_while(&mut self, key: &str, text: &str) -> &mut Self {
        let end = Instant::now() + LIMIT;
        while self.contents().contains(text) {
            assert!(Instant::now() < end, "pressed to leave: {text}. The screen shows:\n{}", self.contents());
            self.keys(key);
            let pause = Instant::now() + Duration::from_millis(400);
            while self.contents().contains(text) && self.take(pause.saturating_duration_since(Instant::now())) {}
        }
        self
    }

    /// Takes in the next output; false if none came in time.
    fn take(&mut self, time: Duration) -> bool {
        match self.output.recv_timeout(time) {
            Ok(bytes) => {
                self.screen.process(&bytes);
                self.sent.extend_from_slice(&bytes);
                true
            }
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => false,
        }
    }

    /// The screen.
    pub fn screen(&self) -> &vt100::Screen {
        self.screen.screen()
    }

    /// The screen as text.
    pub fn contents(&self) -> String {
        self.screen().contents()
    }

    /// Makes the window larger or smaller.
    pub fn resize(&mut self, size: (u16, u16)) -> &mut Self {
        let (width, height) = cells(size);
        self.screen.screen_mut().set_size(height, width);
        self.master.resize(pty_size(size)).expect("the terminal can be resized");
        self
    }

    /// Sends a signal.
    pub fn signal(&mut self, signal: Signal) -> &mut Self {
        kill_process(self.pid(), signal).expect("the program can be signalled");
        self
    }

    /// Waits until the program sleeps: over a while, it neither writes nor wakes up.
    pub fn wait_for_rest(&mut self) -> &mut Self {
        let end = Instant::now() + LIMIT;
        loop {
            let (bytes, woken) = (self.sent.len(), self.wake_ups());
            while self.take(Duration::from_millis(300)) {}
            if (bytes, woken) == (self.sent.len(), self.wake_ups()) {
                return self;
            }
            assert!(Instant::now() < end, "the program does not come to rest. The screen shows:\n{}", self.contents());
        }
    }

    /// How often a thread of the program was put on a processor, and the processor time that it took.
    pub fn wake_ups(&self) -> (u64, u64) {
        let process = format!("/proc/{}", self.pid().as_raw_nonzero());
        let mut switches = 0;
        for task in fs::read_dir(format!("{process}/task")).expect("the program runs").flatten() {
            let status = fs::read_to_string(task.path().join("status")).unwrap_or_default();
            let counts = status.lines().filter_map(|line| line.split_once("ctxt_switches:\t"));
            switches += counts.filter_map(|(_, count)| count.trim().parse::<u64>().ok()).sum::<u64>();
        }
        let stat = fs::read_to_string(format!("{process}/stat")).expect("the program runs");
        let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
        let time = [11, 12].iter().filter_map(|field| fields.get(*field)?.parse::<u64>().ok()).sum();
        (switches, time)
    }

    /// Waits for the end; the terminal must be as it was, and nothing written. Returns the exit code.
    pub fn ended(self) -> u32 {
        let (code, files) = self.ended_with_files();
        assert!(files.is_empty(), "something was written: {files:?}");
        code
    }

    /// Waits for the end; the terminal must be as it was. Returns the exit code, and what stands in the home folder.
    pub fn ended_with_files(mut self) -> (u32, Vec<PathBuf>) {
        self.until("the screen from before", |screen| !screen.alternate_screen());
        let mut child = self.child.take().expect("it is waited for once");
        let status = child.wait().expect("the program can be waited for");
        while self.take(Duration::ZERO) {}
        let screen = self.screen.screen();
        assert!(!screen.alternate_screen(), "the other screen is still shown");
        assert!(!screen.hide_cursor(), "the cursor is hidden");
        assert!(!screen.bracketed_paste(), "pastes are still bracketed");
        assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
        assert_eq!(modes(self.master.as_ref()), self.before, "the terminal's modes");
        let files = fs::read_dir(self.home.path()).expect("the folder is there").flatten();
        (status.exit_code(), files.map(|file| file.path()).collect())
    }

    fn pid(&self) -> Pid {
        let id = self.child.as_ref().and_then(|child| child.process_id());
        id.and_then(|id| Pid::from_raw(i32::try_from(id).ok()?)).expect("the program runs and has an id")
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // A test that failed must not leave the program behind.
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn pty_size((cols, rows): (u16, u16)) -> PtySize {
    PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }
}

fn cells((width, height): (u16, u16)) -> (NonZeroU16, NonZeroU16) {
    (width.try_into().expect("not 0"), height.try_into().expect("not 0"))
}

/// Echo, line mode and the rest, as text.
fn modes(master: &dyn MasterPty) -> String {
    format!("{:?}", master.get_termios())
}
