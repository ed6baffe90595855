//! A key script against the wizard, without a terminal, a network or a clock.
//!
//! Keys are written as they are typed; special ones stand in angle brackets: `<enter>`, `<esc>`, `<tab>`, `<s-tab>`, `<up>`, `<down>`,
//! `<c-c>`, `<f1>`, `<space>`, `<lt>`. Effects are answered from what the test laid ready, in the order in which they are asked; what
//! nobody laid ready stays open, as if the answer had not come yet.

use std::collections::VecDeque;

use akwiz::ui::App;
use akwiz::ui::effect::{Effect, Read, Write};
use akwiz::ui::msg::{Answer, Millis, Msg, Ticket, Written};
use akwiz::ui::steps::Step;
use akwiz::ui::terminal::{Recorder, Tui};
use akwiz::ui::theme::Theme;
use akwiz::ui::{Start, Wizard};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Terminal;
use ratatui::backend::TestBackend;

/// Between two keys: fast typing.
const KEY: Millis = 50;

/// Answers a read, or leaves it open.
type Reader = Box<dyn FnMut(&Read) -> Option<Answer>>;
/// Tells the news of a write.
type Writer = Box<dyn FnMut(&Write) -> Vec<Written>>;

/// A wizard under a key script.
pub struct Script {
    app: App,
    screen: Terminal<TestBackend>,
    wire: Tui<Recorder>,
    recorder: Recorder,
    theme: Theme,
    now: Millis,
    reader: Reader,
    writer: Writer,
    open: Vec<(Ticket, Read)>,
    effects: Vec<String>,
    quit: Option<u8>,
    burst: usize,
}

impl Script {
    /// A wizard on its first page.
    pub fn new(size: (u16, u16), start: Start) -> Self {
        Self::at(size, Step::Connect, Wizard { start, ..Wizard::default() })
    }

    /// A wizard that begins on another page. Nothing has happened yet: lay answers ready, then type.
    pub fn at(size: (u16, u16), step: Step, wizard: Wizard) -> Self {
        let (wire, recorder) = Tui::recording(size.0, size.1);
        Self {
            app: App::at(step, wizard),
            screen: Terminal::new(TestBackend::new(size.0, size.1)).expect("a test screen cannot fail"),
            wire,
            recorder,
            theme: Theme::default(),
            now: 0,
            reader: Box::new(|_| None),
            writer: Box::new(|_| Vec::new()),
            open: Vec::new(),
            effects: Vec::new(),
            quit: None,
            burst: 0,
        }
    }

    /// Draws with this theme.
    pub fn theme(mut self, theme: Theme) -> Self {
        self.theme = theme;
        self
    }

    /// Lets the wizard begin, and draws the first frame.
    pub fn begin(mut self) -> Self {
        let effects = self.app.begin(self.now);
        self.run(effects);
        self
    }

    /// Answers reads from now on.
    pub fn reader(mut self, reader: impl FnMut(&Read) -> Option<Answer> + 'static) -> Self {
        self.reader = Box::new(reader);
        self
    }

    /// Tells the news of writes from now on.
    pub fn writer(mut self, writer: impl FnMut(&Write) -> Vec<Written> + 'static) -> Self {
        self.writer = Box::new(writer);
        self
    }

    /// Types the script.
    pub fn keys(mut self, script: &str) -> Self {
        for key in parse(script) {
            self.now += KEY;
            self.send(Msg::Key(key));
        }
        self
    }

    /// Pastes.
    pub fn paste(mut self, text: &str) -> Self {
        self.send(Msg::Paste(text.to_owned()));
        self
    }

    /// Lets time pass; ticks come when they are wanted.
    pub fn wait(mut self, millis: Millis) -> Self {
        let end = self.now + millis;
        while let Some(at) = self.app.wake_at().filter(|at| *at <= end) {
            self.now = at.max(self.now);
            self.send(Msg::Tick);
        }
        self.now = end;
        self
    }

    /// Gives the answer to the open read whose name this is.
    pub fn answer_to(mut self, read: &str, answer: Answer) -> Self {
        let ticket = self.ticket(read);
        self.open.retain(|(open, asked)| *open != ticket || !is_named(asked, read));
        self.send(Msg::Answer(ticket, answer));
        self
    }

    /// The ticket of the open read whose name this is.
    pub fn ticket(&self, read: &str) -> Ticket {
        let open = self.open.iter().find(|(_, asked)| is_named(asked, read));
        open.unwrap_or_else(|| panic!("{read} is not open, only {:?}", self.open)).0
    }

    /// Gives an answer with a ticket that may not hold any more.
    pub fn late(mut self, ticket: Ticket, answer: Answer) -> Self {
        self.send(Msg::Answer(ticket, answer));
        self
    }

    /// Tells news of a write.
    pub fn written(mut self, news: Written) -> Self {
        self.send(Msg::Written(news));
        self
    }

    /// Any message.
    pub fn msg(mut self, msg: Msg) -> Self {
        self.send(msg);
        self
    }

    /// The screen as text, without trailing spaces.
    pub fn screen(&self) -> String {
        let buffer = self.screen.backend().buffer();
        let lines: Vec<String> = (0..buffer.area.height)
            .map(|y| {
                let mut line = String::new();
                let mut skip = 0;
                for x in 0..buffer.area.width {
                    if skip > 0 {
                        skip -= 1;
                        continue;
                    }
                    let symbol = buffer[(x, y)].symbol();
                    skip = unicode_width::UnicodeWidthStr::width(symbol).saturating_sub(1);
                    line.push_str(symbol);
                }
                line.trim_end().to_owned()
            })
            .collect();
        lines.join("\n")
    }

    /// Whether the screen shows `text`.
    pub fn shows(&self, text: &str) -> bool {
        self.screen().contains(text)
    }

    /// The page that is shown.
    pub fn step(&self) -> Step {
        self.app.step()
    }

    /// What the pages share.
    pub fn wizard(&self) -> &Wizard {
        self.app.wizard()
    }

    /// The exit code, if the wizard wanted to end.
    pub fn quit(&self) -> Option<u8> {
        self.quit
    }

    /// How many reads are open.
    pub fn open(&self) -> usize {
        self.open.len()
    }

    /// When the wizard wants to be woken.
    pub fn wake_at(&self) -> Option<Millis> {
        self.app.wake_at()
    }

    /// All effects so far, as text.
    pub fn effects(&self) -> &[String] {
        &self.effects
    }

    /// How many bytes the last frame took on the wire.
    pub fn bytes(&self) -> usize {
        self.burst
    }

    fn send(&mut self, msg: Msg) {
        let effects = self.app.update(self.now, msg);
        // As the loop does it: answers that are there already are taken in before anything is drawn.
        self.run(effects);
    }

    fn run(&mut self, effects: Vec<Effect>) {
        let mut queue: VecDeque<Msg> = VecDeque::new();
        let mut effects = effects;
        loop {
            for effect in effects {
                self.effects.push(format!("{effect:?}"));
                match effect {
                    Effect::Read(ticket, read) => match (self.reader)(&read) {
                        Some(answer) => queue.push_back(Msg::Answer(ticket, answer)),
                        None => self.open.push((ticket, read)),
                    },
                    Effect::Abort(ticket) => self.open.retain(|(open, _)| *open != ticket),
                    Effect::Write(write) => queue.extend((self.writer)(&write).into_iter().map(Msg::Written)),
                    Effect::Quit(code) => self.quit = Some(code),
                    Effect::StopApply | Effect::Suspend | Effect::Redraw => {}
                }
            }
            let Some(msg) = queue.pop_front() else { break };
            effects = self.app.update(self.now, msg);
        }
        self.draw();
    }

    fn draw(&mut self) {
        let (app, theme) = (&mut self.app, &self.theme);
        self.screen.draw(|frame| app.draw(frame, theme)).expect("a test screen cannot fail");
        self.recorder.take();
        self.wire.draw(|frame| app.draw(frame, theme)).expect("a recording cannot fail");
        self.burst = self.recorder.take().bytes.len();
    }
}

fn is_named(read: &Read, name: &str) -> bool {
    format!("{read:?}").starts_with(name)
}

/// The keys of a script.
fn parse(script: &str) -> Vec<KeyEvent> {
    let mut keys = Vec::new();
    let mut rest = script;
    while let Some(first) = rest.chars().next() {
        let named = rest.strip_prefix('<').and_then(|tail| tail.split_once('>'));
        if let Some((name, tail)) = named {
            keys.push(key(name));
            rest = tail;
        } else {
            keys.push(KeyEvent::new(KeyCode::Char(first), KeyModifiers::NONE));
            rest = &rest[first.len_utf8()..];
        }
    }
    keys
}

fn key(name: &str) -> KeyEvent {
    let (code, modifiers) = match name {
        "enter" => (KeyCode::Enter, KeyModifiers::NONE),
        "esc" => (KeyCode::Esc, KeyModifiers::NONE),
        "tab" => (KeyCode::Tab, KeyModifiers::NONE),
        "s-tab" => (KeyCode::BackTab, KeyModifiers::SHIFT),
        "up" => (KeyCode::Up, KeyModifiers::NONE),
        "down" => (KeyCode::Down, KeyModifiers::NONE),
        "left" => (KeyCode::Left, KeyModifiers::NONE),
        "right" => (KeyCode::Right, KeyModifiers::NONE),
        "home" => (KeyCode::Home, KeyModifiers::NONE),
        "end" => (KeyCode::End, KeyModifiers::NONE),
        "pgup" => (KeyCode::PageUp, KeyModifiers::NONE),
        "pgdn" => (KeyCode::PageDown, KeyModifiers::NONE),
        "bs" => (KeyCode::Backspace, KeyModifiers::NONE),
        "space" => (KeyCode::Char(' '), KeyModifiers::NONE),
        "lt" => (KeyCode::Char('<'), KeyModifiers::NONE),
        "f1" => (KeyCode::F(1), KeyModifiers::NONE),
        other => match other.strip_prefix("c-").and_then(|letter| letter.chars().next()) {
            Some(letter) => (KeyCode::Char(letter), KeyModifiers::CONTROL),
            None => panic!("no key is called <{other}>"),
        },
    };
    KeyEvent::new(code, modifiers)
}
