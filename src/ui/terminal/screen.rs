//! The ratatui backend: cells to as few bytes as is safe.
//!
//! ratatui's own crossterm backend sends the cursor's visibility and three resets with every frame, and colors as 256-color indices.
//! Here a frame begins with an explicit move, so that nothing drifts, and after that only what differs is sent.

use std::cell::Cell as Memo;
use std::io::{self, Write};

use ratatui::backend::{Backend, ClearType, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};
use ratatui::style::{Color, Modifier};

use super::FrameWriter;
use super::mirror::Mirror;

/// Erases from the cursor to the end of the line (EL, ECMA-48, 8.3.41).
const ERASE: &[u8] = b"\x1b[K";

/// Where the size of the screen comes from.
#[derive(Debug, Clone, Copy)]
pub enum SizeSource {
    /// The process's terminal, asked each frame (an ioctl, no escape sequence).
    Terminal,
    /// A size given by a test.
    Fixed(Size),
}

/// A ratatui backend that writes escape sequences as sparingly as it can.
#[derive(Debug)]
pub struct Screen<W: Write> {
    writer: FrameWriter<W>,
    size: SizeSource,
    /// The size at the last look: ratatui looks before each frame.
    seen: Memo<Size>,
    /// Where the terminal's cursor is, when that is certain.
    at: Option<Position>,
    /// Whether the terminal shows its cursor, when that is known.
    visible: Option<bool>,
    mirror: Mirror,
    /// Whether typographic signs are sent as ASCII.
    ascii: bool,
}

impl<W: Write> Screen<W> {
    /// A screen that writes to `inner`.
    pub fn new(inner: W, size: SizeSource) -> Self {
        Self {
            writer: FrameWriter::new(inner),
            size,
            seen: Memo::default(),
            at: None,
            visible: None,
            mirror: Mirror::default(),
            ascii: false,
        }
    }

    /// The same for a terminal that shows ASCII only: texts of a template or a server have typographic signs too.
    pub fn in_ascii(self) -> Self {
        Self { ascii: true, ..self }
    }

    /// Changes where the size comes from.
    pub fn set_size(&mut self, size: SizeSource) {
        self.size = size;
    }

    /// Adds bytes to the frame that is being collected.
    pub fn queue(&mut self, bytes: &[u8]) {
        self.writer.write_all(bytes).expect("collecting in memory cannot fail");
    }

    /// Forgets where the cursor is and whether it shows, after somebody else had the terminal.
    pub fn forget_cursor(&mut self) {
        self.at = None;
        self.visible = None;
    }

    fn set_visible(&mut self, visible: bool) -> io::Result<()> {
        if self.visible != Some(visible) {
            self.writer.write_all(if visible { b"\x1b[?25h" } else { b"\x1b[?25l" })?;
            self.visible = Some(visible);
        }
        Ok(())
    }

    /// Goes to a cell, with the pen that it wants.
    fn reach(&mut self, run: &mut Run, position: Position, wanted: Pen) -> io::Result<()> {
        if run.next != Some(position) {
            self.move_to(position)?;
            *run = Run { next: Some(position), certain: true, ..*run };
        }
        run.pen.change_to(wanted, &mut self.writer)?;
        run.pen = wanted;
        Ok(())
    }

    fn print(&mut self, run: &mut Run, position: Position, cell: &Cell) -> io::Result<()> {
        self.reach(run, position, Pen::of(cell))?;
        let mut sign = [0; 4];
        let symbol = match one_char(cell.symbol()).and_then(crate::ascii::sign).filter(|_| self.ascii) {
            Some(c) => c.encode_utf8(&mut sign),
            None => cell.symbol(),
        };
        self.writer.write_all(symbol.as_bytes())?;
        run.certain &= symbol.len() == 1;
        // In the last column terminals differ (pending wrap), and some glyphs have a width that they do not agree on: move anew.
        let x = position.x + 1;
        run.next = (x < self.seen.get().width && is_narrow(symbol)).then_some(Position { x, ..position });
        Ok(())
    }

    fn move_to(&mut self, position: Position) -> io::Result<()> {
        write!(self.writer, "\x1b[{};{}H", u32::from(position.y) + 1, u32::from(position.x) + 1)
    }
}

impl<W: Write> Write for Screen<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

impl<W: Write> Backend for Screen<W> {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let size = self.seen.get();
        let content: Vec<_> = content.collect();
        for (x, y, cell) in &content {
            self.mirror.put(size, *x, *y, cell);
        }
        let mut run = Run::default();
        for row in content.chunk_by(|(_, one, _), (_, other, _)| one == other) {
            let end = self.mirror.end(row[0].1);
            let empty = row.partition_point(|(x, ..)| *x < end);
            let printed = if row.len() - empty > ERASE.len() { &row[..empty] } else { row };
            for (x, y, cell) in printed {
                self.print(&mut run, Position { x: *x, y: *y }, cell)?;
            }
            if let Some((x, y, cell)) = row.get(printed.len()) {
                self.reach(&mut run, Position { x: *x, y: *y }, Pen::of(cell))?;
                self.writer.write_all(ERASE)?;
            }
        }
        if !content.is_empty() {
            self.at = run.next.filter(|_| run.certain);
        }
        run.pen.change_to(Pen::default(), &mut self.writer)
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        self.set_visible(false)
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        self.set_visible(true)
    }

    /// What we know; never a question to the terminal.
    fn get_cursor_position(&mut self) -> io::Result<Position> {
        Ok(self.at.unwrap_or(Position::ORIGIN))
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        let position = position.into();
        if self.at != Some(position) {
            self.move_to(position)?;
            self.at = Some(position);
        }
        Ok(())
    }

    fn clear(&mut self) -> io::Result<()> {
        self.clear_region(ClearType::All)
    }

    fn clear_region(&mut self, clear_type: ClearType) -> io::Result<()> {
        // A resized terminal may have moved its cursor.
        self.at = None;
        if clear_type == ClearType::All {
            self.mirror.clear(self.seen.get());
        }
        self.writer.write_all(match clear_type {
            ClearType::All => b"\x1b[2J",
            ClearType::AfterCursor => b"\x1b[0J",
            ClearType::BeforeCursor => b"\x1b[1J",
            ClearType::CurrentLine => b"\x1b[2K",
            ClearType::UntilNewLine => b"\x1b[0K",
        })
    }

    fn size(&self) -> io::Result<Size> {
        let size = match self.size {
            SizeSource::Fixed(size) => size,
            SizeSource::Terminal => crossterm::terminal::size().map(|(width, height)| Size::new(width, height))?,
        };
        self.seen.set(size);
        Ok(size)
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        Ok(WindowSize { columns_rows: self.size()?, pixels: Size::ZERO })
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

/// One character that terminals agree is one cell wide: ASCII, Latin, Greek, Cyrillic, box drawing.
fn is_narrow(symbol: &str) -> bool {
    one_char(symbol).is_some_and(|c| {
        matches!(c, ' '..='~' | '\u{a1}'..='\u{ac}' | '\u{ae}'..='\u{2ff}' | '\u{370}'..='\u{482}' | '\u{48a}'..='\u{52f}' | '\u{2500}'..='\u{257f}')
    })
}

/// The character of a symbol that is a single one.
fn one_char(symbol: &str) -> Option<char> {
    let mut chars = symbol.chars();
    chars.next().filter(|_| chars.next().is_none())
}

/// What is known of the terminal while a frame is written.
#[derive(Debug, Clone, Copy, Default)]
struct Run {
    pen: Pen,
    /// Where the next character goes, when no terminal can have gone elsewhere.
    next: Option<Position>,
    /// Whether only ASCII was printed since the last explicit move: then no terminal can disagree about where its cursor is.
    certain: bool,
}

/// The colors and attributes that the terminal prints with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Pen {
    fg: Color,
    bg: Color,
    modifier: Modifier,
}

impl Default for Pen {
    fn default() -> Self {
        Self { fg: Color::Reset, bg: Color::Reset, modifier: Modifier::empty() }
    }
}

impl Pen {
    fn of(cell: &Cell) -> Self {
        Self { fg: cell.fg, bg: cell.bg, modifier: cell.modifier }
    }

    /// Sends one SGR sequence that makes the terminal print as `to`. Attributes are only ever taken away all together: the sequences
    /// that take away one of them are where terminals differ.
    fn change_to(self, to: Self, out: &mut impl Write) -> io::Result<()> {
        if self == to {
            return Ok(());
        }
        if to == Self::default() {
            return out.write_all(b"\x1b[m");
        }
        let mut from = self;
        let mut codes = Codes::default();
        if !(from.modifier - to.modifier).is_empty() {
            codes.push("0");
            from = Self::default();
        }
        for (modifier, code) in ATTRIBUTES {
            if (to.modifier - from.modifier).contains(modifier) {
                codes.push(code);
            }
        }
        if from.fg != to.fg {
            codes.push_color(to.fg, 30);
        }
        if from.bg != to.bg {
            codes.push_color(to.bg, 40);
        }
        write!(out, "\x1b[{}m", codes.0)
    }
}

const ATTRIBUTES: [(Modifier, &str); 8] = [
    (Modifier::BOLD, "1"),
    (Modifier::DIM, "2"),
    (Modifier::ITALIC, "3"),
    (Modifier::UNDERLINED, "4"),
    (Modifier::SLOW_BLINK, "5"),
    (Modifier::REVERSED, "7"),
    (Modifier::HIDDEN, "8"),
    (Modifier::CROSSED_OUT, "9"),
];

/// The parameters of an SGR sequence (ECMA-48, 8.3.117).
#[derive(Debug, Default)]
struct Codes(String);

impl Codes {
    fn push(&mut self, code: &str) {
        if !self.0.is_empty() {
            self.0.push(';');
        }
        self.0.push_str(code);
    }

    /// `base` is 30 for the foreground and 40 for the background; bright colors are 60 above.
    fn push_color(&mut self, color: Color, base: u8) {
        let named = |n: u8| (base + n).to_string();
        let code = match color {
            Color::Reset => named(9),
            Color::Black => named(0),
            Color::Red => named(1),
            Color::Green => named(2),
            Color::Yellow => named(3),
            Color::Blue => named(4),
            Color::Magenta => named(5),
            Color::Cyan => named(6),
            Color::Gray => named(7),
            Color::DarkGray => named(60),
            Color::LightRed => named(61),
            Color::LightGreen => named(62),
            Color::LightYellow => named(63),
            Color::LightBlue => named(64),
            Color::LightMagenta => named(65),
            Color::LightCyan => named(66),
            Color::White => named(67),
            Color::Indexed(n) => format!("{};5;{n}", base + 8),
            Color::Rgb(r, g, b) => format!("{};2;{r};{g};{b}", base + 8),
        };
        self.push(&code);
    }
}

#[cfg(test)]
mod tests {
    use ratatui::Terminal;
    use ratatui::layout::Size;
    use ratatui::style::{Style, Stylize};
    use ratatui::text::{Line, Span};

    use super::{Screen, SizeSource};
    use crate::ui::terminal::{Recorder, Tui};

    /// The bytes that turn a screen with `before` on its first line into one with `after`.
    fn bytes(before: Line<'static>, after: Line<'static>) -> String {
        let (mut tui, recorder) = Tui::recording(20, 1);
        tui.draw(|frame| frame.render_widget(before, frame.area())).unwrap();
        recorder.take();
        tui.draw(|frame| frame.render_widget(after, frame.area())).unwrap();
        recorder.take().text()
    }

    #[test]
    fn plain_text_needs_no_style() {
        assert_eq!(bytes("one".into(), "two".into()), "\x1b[1;1Htwo");
    }

    #[test]
    fn what_is_left_of_a_line_is_erased_where_that_is_shorter() {
        assert_eq!(bytes("a long line".into(), "a".into()), "\x1b[1;3H\x1b[K");
        assert_eq!(bytes("abcd".into(), "a".into()), "\x1b[1;2H   ");
        assert_eq!(bytes("".into(), "a".into()), "\x1b[1;1Ha");
        assert_eq!(bytes("a long line".into(), "b    line".into()), "\x1b[1;1Hb\x1b[1;3H   line  ");
        assert_eq!(bytes("red and long".red().into(), "x".into()), "\x1b[1;1Hx\x1b[K");
        assert_eq!(
            bytes("red and long".on_red().into(), "x     ".on_red().into()),
            "\x1b[1;1H\x1b[41mx  \x1b[1;5H  \x1b[m\x1b[K"
        );
    }

    #[test]
    fn what_the_terminal_shows_is_what_was_drawn() {
        let lines = ["a界 long…  line", "", "界", "  x", "a long line  y", "12345678901234567890", "123456789012345678界", " "];
        for before in lines {
            for after in lines {
                let size = |cells| std::num::NonZero::new(cells).unwrap();
                let mut shown = vt100::Parser::new(size(1), size(20), 0);
                let (mut tui, recorder) = Tui::recording(20, 1);
                for line in [before, after] {
                    tui.draw(|frame| frame.render_widget(line, frame.area())).unwrap();
                    shown.process(&recorder.take().bytes);
                }
                assert_eq!(shown.screen().contents().trim_end(), after.trim_end(), "{before:?} to {after:?}");
            }
        }
    }

    #[test]
    fn styles_are_one_sequence_each() {
        let after = Line::from(vec!["a".bold().red(), "b".bold().green(), "c".green(), "d".into()]);
        assert_eq!(bytes("".into(), after), "\x1b[1;1H\x1b[1;31ma\x1b[32mb\x1b[0;32mc\x1b[md");
    }

    #[test]
    fn every_style_ends_with_the_frame() {
        let after = Line::from(Span::styled("x", Style::new().reversed()));
        assert_eq!(bytes("".into(), after), "\x1b[1;1H\x1b[7mx\x1b[m");
    }

    #[test]
    fn glyphs_of_doubtful_width_are_followed_by_a_move() {
        assert_eq!(bytes("".into(), "a…b".into()), "\x1b[1;1Ha…\x1b[1;3Hb");
        assert_eq!(bytes("".into(), "a界b".into()), "\x1b[1;1Ha界\x1b[1;4Hb");
        assert_eq!(bytes("".into(), "─é".into()), "\x1b[1;1H─é");
    }

    #[test]
    fn in_ascii_signs_become_ascii_and_letters_stay() {
        let recorder = Recorder::default();
        let screen = Screen::new(recorder.clone(), SizeSource::Fixed(Size::new(20, 1))).in_ascii();
        let mut terminal = Terminal::new(screen).unwrap();
        terminal.draw(|frame| frame.render_widget("“Müller” » x…", frame.area())).unwrap();
        assert_eq!(recorder.take().text(), "\x1b[1;1H\"Müller\"\x1b[1;10H>\x1b[1;12Hx~\x1b[?25l");
    }

    #[test]
    fn the_cursor_is_sent_only_when_it_changes() {
        let (mut tui, recorder) = Tui::recording(20, 1);
        let field = |x: u16| move |frame: &mut ratatui::Frame<'_>| frame.set_cursor_position((x, 0));
        tui.draw(field(3)).unwrap();
        assert_eq!(recorder.take().text(), "\x1b[?25h\x1b[1;4H");
        tui.draw(field(3)).unwrap();
        assert_eq!(recorder.take().text(), "");
        tui.draw(field(4)).unwrap();
        assert_eq!(recorder.take().text(), "\x1b[1;5H");
        tui.draw(|_| ()).unwrap();
        assert_eq!(recorder.take().text(), "\x1b[?25l");
        tui.draw(|_| ()).unwrap();
        assert_eq!(recorder.take().text(), "");
    }

    #[test]
    fn the_last_column_is_never_trusted() {
        let (mut tui, recorder) = Tui::recording(3, 1);
        tui.draw(|frame| {
            frame.render_widget("abc", frame.area());
            frame.set_cursor_position((2, 0));
        })
        .unwrap();
        assert!(recorder.take().text().ends_with("abc\x1b[?25h\x1b[1;3H"));
    }
}
