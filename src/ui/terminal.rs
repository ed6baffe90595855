//! The terminal: entering and leaving it, and one write per frame.
//!
//! [`Tui`] owns the screen. It takes the alternate screen, raw mode and bracketed paste, never asks the terminal anything (a query
//! costs a round trip over SSH, and a terminal that does not answer would hold the start), and gives everything back when it is
//! dropped, suspended or when the program panics. Bytes that are no cells, such as an OSC 52 copy, go through [`Tui::send`] and leave
//! with the next frame, so that nothing ever lands in the middle of one.
//!
//! There is no synchronized update around a frame: a frame is one `write`, which terminals read in one go, and the two sequences
//! would cost 16 bytes a key.

mod mirror;
mod recorder;
mod screen;
#[cfg_attr(windows, path = "terminal/signals_windows.rs")]
mod signals;
mod writer;

use std::io::{self, IsTerminal, Write};
use std::panic;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread::{self, ThreadId};

use ratatui::layout::Size;
use ratatui::{Frame, Terminal};

pub use recorder::{Burst, Recorder};
pub use screen::{Screen, SizeSource};
pub use signals::{Signal, Signals, suspend_group};
pub use writer::{FrameWriter, Tty};

/// Alternate screen, cleared for terminals that have only one; bracketed paste; cursor hidden.
const ENTER: &[u8] = b"\x1b[?1049h\x1b[2J\x1b[?2004h\x1b[?25l";
/// Everything that [`ENTER`] and [`MOUSE_ON`] changed, put back. Safe to send twice.
const LEAVE: &[u8] = b"\x1b[m\x1b[?2004l\x1b[?25h\x1b[?1049l";
/// Button presses and the wheel, in the encoding without a column limit.
const MOUSE_ON: &[u8] = b"\x1b[?1000h\x1b[?1006h";
/// The reverse of [`MOUSE_ON`].
const MOUSE_OFF: &[u8] = b"\x1b[?1006l\x1b[?1000l";

/// Whether the real terminal is in our hands. Read by the panic hook, which knows no [`Tui`].
static HELD: AtomicBool = AtomicBool::new(false);
/// Set by the panic hook: the screen is gone, and the loop must end instead of drawing on.
static PANICKED: AtomicBool = AtomicBool::new(false);
/// The thread that draws. A panic of another thread is no reason to tear the screen down.
static OWNER: Mutex<Option<ThreadId>> = Mutex::new(None);

/// How to take the terminal.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Whether the terminal reports the mouse. Off by default: reporting takes away the terminal's own selecting and copying.
    pub mouse: bool,
    /// Whether typographic signs are sent as ASCII.
    pub ascii: bool,
}

/// The terminal while the wizard has it. Dropping it gives the terminal back.
pub struct Tui<W: Write> {
    terminal: Terminal<Screen<W>>,
    options: Options,
    active: bool,
    /// Whether raw mode and the process's terminal belong to this value; false when it records.
    real: bool,
}

impl Tui<Tty> {
    /// Takes the terminal behind standard output. What this sends leaves with the first frame, so the screen never flashes empty.
    ///
    /// # Errors
    ///
    /// When standard output is no terminal, or raw mode is refused.
    pub fn enter(options: Options) -> io::Result<Self> {
        if !io::stdout().is_terminal() {
            return Err(io::Error::new(io::ErrorKind::NotConnected, "standard output is not a terminal"));
        }
        let screen = Screen::new(Tty::stdout()?, SizeSource::Terminal);
        let screen = if options.ascii { screen.in_ascii() } else { screen };
        let mut tui = Self { terminal: Terminal::new(screen)?, options, active: false, real: true };
        *OWNER.lock().unwrap_or_else(PoisonError::into_inner) = Some(thread::current().id());
        tui.take()?;
        Ok(tui)
    }
}

impl Tui<Recorder> {
    /// A terminal of `width` × `height` cells that keeps what is sent to it, for tests. The [`Recorder`] returned reads it.
    pub fn recording(width: u16, height: u16) -> (Self, Recorder) {
        let recorder = Recorder::default();
        let screen = Screen::new(recorder.clone(), SizeSource::Fixed(Size::new(width, height)));
        let terminal = Terminal::new(screen).expect("a fixed size cannot fail");
        (Self { terminal, options: Options::default(), active: true, real: false }, recorder)
    }

    /// Pretends that the window was resized.
    pub fn set_size(&mut self, width: u16, height: u16) {
        self.terminal.backend_mut().set_size(SizeSource::Fixed(Size::new(width, height)));
    }
}

impl<W: Write> Tui<W> {
    /// Draws one frame: what changed goes out in one write, and nothing is written when nothing changed. Does nothing while suspended.
    ///
    /// # Errors
    ///
    /// When the terminal is gone, or a panic has already put it back.
    pub fn draw(&mut self, render: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        if self.real && PANICKED.load(Ordering::Acquire) {
            return Err(io::Error::other("the terminal was put back after a panic"));
        }
        if self.active {
            self.terminal.draw(render)?;
        }
        Ok(())
    }

    /// Sends bytes that are not cells, such as [`crate::clipboard::Sent::bytes`], with the next frame. They must not move the cursor
    /// or change a style.
    pub fn send(&mut self, bytes: &[u8]) {
        self.terminal.backend_mut().queue(bytes);
    }

    /// The size of the terminal in cells.
    ///
    /// # Errors
    ///
    /// When the terminal is gone.
    pub fn size(&self) -> io::Result<Size> {
        self.terminal.size()
    }

    /// Makes the next frame draw every cell, for Ctrl-L and after something else has written to the screen.
    ///
    /// # Errors
    ///
    /// When the terminal is gone.
    pub fn redraw(&mut self) -> io::Result<()> {
        self.terminal.clear()
    }

    /// Gives the terminal back. Called again it does nothing; [`Tui::resume`] takes it again.
    pub fn leave(&mut self) {
        if !std::mem::take(&mut self.active) {
            return;
        }
        if self.real {
            give_back(self.terminal.backend_mut());
        } else {
            put_back(self.terminal.backend_mut());
        }
    }

    /// Gives the terminal back and stops the process, as Ctrl-Z does elsewhere; returns when the shell continues it. The caller goes on
    /// when [`Signal::Continue`] arrives, with [`Tui::resume`]. Does nothing where no shell is there to continue it.
    pub fn suspend(&mut self) {
        if self.real && signals::can_stop() {
            self.leave();
            signals::stop();
        }
    }

    /// Takes the terminal after a stop and draws everything at the next frame. Harmless when it was never left.
    ///
    /// # Errors
    ///
    /// When the terminal is gone or raw mode is refused.
    pub fn resume(&mut self) -> io::Result<()> {
        // A shell that stopped us set its own modes; raw mode must be set anew even if we never left it.
        self.leave();
        self.take()?;
        self.redraw()
    }

    fn take(&mut self) -> io::Result<()> {
        if self.real {
            crossterm::terminal::enable_raw_mode()?;
            #[cfg(windows)]
            {
                // Asking switches the console to escape sequences; the mouse is no escape sequence there.
                let _ = crossterm::ansi_support::supports_ansi();
                if self.options.mouse {
                    crossterm::execute!(io::stdout(), crossterm::event::EnableMouseCapture)?;
                }
            }
            HELD.store(true, Ordering::Release);
        }
        self.active = true;
        let screen = self.terminal.backend_mut();
        screen.forget_cursor();
        screen.queue(ENTER);
        if self.options.mouse && cfg!(not(windows)) {
            screen.queue(MOUSE_ON);
        }
        Ok(())
    }
}

impl<W: Write> Drop for Tui<W> {
    fn drop(&mut self) {
        self.leave();
    }
}

/// Puts the real terminal back once, whoever comes first: the owner or the panic hook.
fn give_back(out: &mut impl Write) {
    if HELD.swap(false, Ordering::AcqRel) {
        put_back(out);
        #[cfg(windows)]
        let _ = crossterm::execute!(io::stdout(), crossterm::event::DisableMouseCapture);
        let _ = crossterm::terminal::disable_raw_mode();
    }
}

/// Sends what puts the screen back. The terminal may be gone (an SSH line that dropped): there is nobody to tell, so errors end here.
fn put_back(out: &mut impl Write) {
    let _ = out.write_all(MOUSE_OFF);
    let _ = out.write_all(LEAVE);
    let _ = out.flush();
}

/// Makes a panic of the drawing thread put the terminal back first, and then say in words what happened and where the log is.
///
/// A panic of any other thread only reaches the log and the screen stays, where panics unwind. In releases they end the program, whatever
/// the thread.
pub fn install_panic_hook(log: Option<PathBuf>) {
    panic::set_hook(Box::new(move |info| {
        let place = info.location().map_or_else(String::new, |place| format!(" ({}:{})", place.file(), place.line()));
        let payload = info.payload();
        let what = payload.downcast_ref::<&str>().copied().or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        let what = what.unwrap_or("no message");
        tracing::error!("panic: {what}{place}");
        let owner = *OWNER.lock().unwrap_or_else(PoisonError::into_inner);
        let elsewhere = owner.is_some_and(|owner| owner != thread::current().id());
        if elsewhere && cfg!(panic = "unwind") {
            return;
        }
        PANICKED.store(true, Ordering::Release);
        give_back(&mut io::stdout());
        eprintln!("akwiz stopped because of a fault of its own: {what}{place}.");
        match &log {
            Some(log) => eprintln!("The log is in {}.", log.display()),
            None => eprintln!("There is no log; run it again with AKWIZ_LOG=debug to get one."),
        }
    }));
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::widgets::Paragraph;

    #[test]
    fn a_frame_is_one_write_and_an_equal_frame_none() {
        let (mut tui, recorder) = Tui::recording(100, 30);
        tui.draw(|frame| frame.render_widget(Paragraph::new("a\n\n\nb"), frame.area())).unwrap();
        assert_eq!(recorder.take().writes, 1);
        tui.draw(|frame| frame.render_widget(Paragraph::new("a\n\n\nb"), frame.area())).unwrap();
        assert_eq!(recorder.take(), Burst::default());
    }

    #[test]
    fn a_letter_in_a_field_costs_a_move_and_the_letter() {
        let (mut tui, recorder) = Tui::recording(100, 30);
        for text in ["exampl", "example"] {
            recorder.take();
            tui.draw(|frame| {
                let area = frame.area();
                frame.render_widget(Paragraph::new(text), area);
                frame.set_cursor_position((u16::try_from(text.len()).unwrap(), 0));
            })
            .unwrap();
        }
        assert_eq!(recorder.take().text(), "\x1b[1;7He");
    }

    #[test]
    fn bytes_that_are_no_cells_leave_with_the_frame() {
        let (mut tui, recorder) = Tui::recording(20, 2);
        tui.send(b"\x1b]52;c;YQ==\x1b\\");
        assert_eq!(recorder.take().writes, 0);
        tui.draw(|frame| frame.render_widget(Paragraph::new("sent"), frame.area())).unwrap();
        let burst = recorder.take();
        assert_eq!(burst.writes, 1);
        assert!(burst.text().starts_with("\x1b]52;c;YQ==\x1b\\"));
    }

    #[test]
    fn leaving_puts_the_screen_back_once() {
        let (mut tui, recorder) = Tui::recording(20, 2);
        tui.leave();
        let burst = recorder.take();
        assert!(burst.text().ends_with("\x1b[?2004l\x1b[?25h\x1b[?1049l"), "{:?}", burst.text());
        drop(tui);
        assert_eq!(recorder.take(), Burst::default());
    }

    #[test]
    fn resuming_draws_everything_in_one_write() {
        let (mut tui, recorder) = Tui::recording(20, 2);
        let hello = |frame: &mut Frame<'_>| frame.render_widget(Paragraph::new("hello"), frame.area());
        tui.draw(hello).unwrap();
        tui.leave();
        tui.draw(hello).unwrap();
        recorder.take();
        tui.resume().unwrap();
        tui.draw(hello).unwrap();
        let burst = recorder.take();
        assert_eq!(burst.writes, 1);
        assert!(burst.text().starts_with("\x1b[?1049h") && burst.text().contains("hello"), "{:?}", burst.text());
    }

    #[test]
    fn no_sequence_asks_the_terminal_anything() {
        let (mut tui, recorder) = Tui::recording(20, 2);
        tui.resume().unwrap();
        tui.draw(|frame| frame.render_widget(Paragraph::new("hello"), frame.area())).unwrap();
        let text = recorder.take().text();
        for query in ["[6n", "[c", "[>c", "[5n", "P+q", "?u", "$p"] {
            assert!(!text.contains(query), "{query} in {text:?}");
        }
    }

    #[test]
    fn a_resize_is_drawn_at_the_new_size() {
        let (mut tui, recorder) = Tui::recording(20, 2);
        tui.draw(|_| ()).unwrap();
        tui.set_size(40, 10);
        recorder.take();
        tui.draw(|frame| {
            assert_eq!(frame.area().as_size(), Size::new(40, 10));
            frame.render_widget(Paragraph::new("wide"), frame.area());
        })
        .unwrap();
        assert_eq!(recorder.take().writes, 1);
    }
}
