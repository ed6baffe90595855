//! The loop: one message at a time, and a frame when nothing is left to handle. An idle wizard writes nothing and wakes for nothing.

use std::future::poll_fn;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use crossterm::event::{Event, EventStream, KeyEventKind, MouseButton, MouseEventKind};
use futures_util::StreamExt as _;
use secrecy::SecretString;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::{Instant, sleep_until};
use url::Url;

use super::App;
use super::effect::Effect;
use super::executor::{Back, Executor, Services};
use super::msg::{Millis, Msg};
use super::terminal::{Options, Signal, Signals, Tty, Tui, install_panic_hook, suspend_group};
use super::theme::Theme;
use super::wizard::Start;
use crate::authentik::plex_tv::PLEX_TV;
use crate::clipboard::{self, Choice, Route};
use crate::config::{Files, Paths};
use crate::error::{Error, Kind, Result};
use crate::receipts::{FileReceipts, MemoryReceipts, ReceiptStore};
use crate::secrets::{Keyring, Memory, TokenStore};

/// How the wizard is started: what the command line and the environment say.
#[derive(Debug, Default)]
pub struct Launch {
    /// authentik's address; without it the last one used.
    pub url: Option<String>,
    /// The address that browsers and applications use, where it differs.
    pub public_url: Option<String>,
    /// A file with certificates of authorities, in PEM.
    pub ca_file: Option<PathBuf>,
    /// A file that holds the token.
    pub token_file: Option<PathBuf>,
    /// The template to start with, by id.
    pub template: Option<String>,
    /// How things look.
    pub theme: Theme,
    /// Let the terminal report the mouse.
    pub mouse: bool,
    /// How to copy.
    pub clipboard: Choice,
    /// The stand-in to talk to, with nothing written outside of the process.
    pub demo: Option<Demo>,
}

/// A stand-in that runs already.
#[derive(Debug)]
pub struct Demo {
    /// Its address.
    pub url: String,
    /// The address that it is shown to be reached at.
    pub public_url: String,
    /// Where its Plex answers.
    pub plex: Url,
    /// A token for it.
    pub token: SecretString,
}

/// Runs the wizard on the terminal behind standard output until it ends. Returns the exit code.
///
/// # Errors
/// When there is no terminal, the configuration is broken, or the terminal goes away.
pub fn run(launch: Launch) -> Result<u8> {
    let theme = launch.theme;
    let options = Options { mouse: launch.mouse, ascii: launch.theme.is_ascii() };
    let (start, services, log) = prepare(launch)?;
    install_panic_hook(log);
    let mut tui = Tui::enter(options).map_err(|error| {
        Error::new(Kind::Usage, format!("The wizard needs a terminal: {error}."))
            .hint("In scripts, use the commands instead: akwiz help.")
            .caused_by(error)
    })?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::new(Kind::Internal, "The program could not be started.").caused_by(error))?;
    let ended = runtime.block_on(drive(&mut tui, App::new(start), &theme, services));
    tui.leave();
    // A keyring that hangs, or a look at a server, must not hold the end.
    runtime.shutdown_background();
    ended.map_err(|error| Error::new(Kind::Internal, format!("The terminal is gone: {error}.")).caused_by(error))
}

/// What the first page begins with, the services, and where the log is. Reads two small files and nothing else.
fn prepare(launch: Launch) -> Result<(Start, Services, Option<PathBuf>)> {
    let files = if launch.demo.is_some() { Files::in_memory() } else { Files::on_disk(Paths::of_this_machine()?) };
    let config = files.config()?;
    // What is only handy to remember is no reason to stop.
    let state = files.state().unwrap_or_else(|error| {
        tracing::warn!(%error, "the state is not read");
        crate::config::State::default()
    });
    let paths = files.paths().cloned();
    let receipts: Arc<dyn ReceiptStore> = match &paths {
        Some(paths) => Arc::new(FileReceipts::new(paths.receipts())),
        None => Arc::new(MemoryReceipts::default()),
    };
    let tokens: Arc<dyn TokenStore> = if paths.is_some() { Arc::new(Keyring::new()) } else { Arc::new(Memory::default()) };
    let route = clipboard::route(launch.clipboard, |name| std::env::var(name).ok());
    let demo = launch.demo.is_some();
    let chosen = launch.url.is_some();
    let url = launch.url.or(state.last_api);
    let profile = url
        .as_deref()
        .and_then(|url| url.parse().ok())
        .and_then(|url| config.profile_of(&crate::secrets::origin(&url)).map(|(_, profile)| profile.clone()))
        .unwrap_or_default();
    // A public address that was used with another server says nothing about this one.
    let last_public = state.last_public.filter(|_| !chosen);
    let mut start = Start {
        url,
        public_url: launch.public_url.or(profile.public).or(last_public),
        ca_file: launch.ca_file.or(profile.ca_file),
        accepted: config.profiles.into_values().filter_map(|profile| Some((profile.api, profile.fingerprint?))).collect(),
        recent: state.recent,
        template: launch.template,
        clipboard_through: through(route).map(str::to_owned),
        demo,
    };
    let mut services = Services {
        files: Arc::new(files),
        receipts,
        tokens,
        clipboard: Arc::new(Mutex::new(clipboard::open(route))),
        token_file: launch.token_file,
        token: None,
        env: |name| std::env::var(name).ok(),
        plex: PLEX_TV.parse().expect("Plex's address is an address"),
    };
    if let Some(demo) = launch.demo {
        start.url = Some(demo.url);
        start.public_url = Some(demo.public_url);
        services.token = Some((demo.token, "the stand-in".to_owned()));
        services.plex = demo.plex;
        services.env = |_| None;
    }
    Ok((start, services, paths.map(|paths| paths.log())))
}

/// What copied text passes through on its way, where others may see it there.
fn through(route: Route) -> Option<&'static str> {
    match route {
        Route::Tmux => Some("tmux's buffer"),
        Route::Screen | Route::Terminal | Route::HiddenMultiplexer => Some("the terminal (OSC 52)"),
        Route::Desktop | Route::Off => None,
    }
}

async fn drive(tui: &mut Tui<Tty>, mut app: App, theme: &Theme, services: Services) -> io::Result<u8> {
    let clock = Clock(Instant::now());
    let mut signals = Signals::new()?;
    let mut effects = app.begin(0);
    // The first frame comes before anything that could take time.
    tui.draw(|frame| app.draw(frame, theme))?;
    let (sender, mut back) = unbounded_channel();
    let mut executor = Executor::new(services, sender);
    let mut events = EventStream::new();
    let mut leaving = None;
    loop {
        for effect in effects {
            match executor.begin(effect) {
                Some(Effect::Suspend) => suspend_group(),
                Some(Effect::Redraw) => tui.redraw()?,
                // A second wish to leave does not wait for the write under way: its receipt is there already.
                Some(Effect::Quit(code)) if leaving.is_some() || !app.wizard().applying => return Ok(code),
                Some(Effect::Quit(code)) => leaving = Some(code),
                _ => {}
            }
        }
        if let Some(code) = leaving.filter(|_| !app.wizard().applying) {
            return Ok(code);
        }
        let happened = if let Some(happened) = waiting(&mut back, &mut events).await {
            happened
        } else {
            tui.draw(|frame| app.draw(frame, theme))?;
            next(&mut back, &mut events, &mut signals, app.wake_at().map(|at| clock.instant(at))).await
        };
        effects = match happened {
            Happened::Back(Back::Bytes(bytes)) => {
                tui.send(&bytes);
                Vec::new()
            }
            Happened::Back(Back::Msg(msg)) => app.update(clock.now(), msg),
            Happened::Event(event) => message(event).map_or_else(Vec::new, |msg| app.update(clock.now(), msg)),
            Happened::Signal(signal) => {
                match signal {
                    Signal::Suspend => tui.suspend(),
                    Signal::Continue => tui.resume()?,
                    Signal::Interrupt | Signal::Terminate | Signal::Hangup => {}
                }
                app.update(clock.now(), Msg::Signal(signal))
            }
            Happened::Time => app.update(clock.now(), Msg::Tick),
        };
    }
}

/// The time since the start.
struct Clock(Instant);

impl Clock {
    fn now(&self) -> Millis {
        Millis::try_from(self.0.elapsed().as_millis()).unwrap_or(Millis::MAX)
    }

    fn instant(&self, at: Millis) -> Instant {
        // One more, because `now` rounds down: a tick must not come before its time.
        self.0 + Duration::from_millis(at + 1)
    }
}

/// One thing that happened outside.
enum Happened {
    Back(Back),
    Event(Event),
    Signal(Signal),
    Time,
}

/// What has happened already and is to be handled before a frame is drawn.
async fn waiting(back: &mut UnboundedReceiver<Back>, events: &mut EventStream) -> Option<Happened> {
    if let Ok(back) = back.try_recv() {
        return Some(Happened::Back(back));
    }
    // With this task's own waker: the stream keeps the first one that it is polled with until a key comes.
    let ready = poll_fn(|context| Poll::Ready(events.poll_next_unpin(context))).await;
    match ready {
        Poll::Ready(next) => Some(event(next)),
        Poll::Pending => None,
    }
}

/// Waits for the next thing. Answers come before keys, so that a key meets the page as it is.
async fn next(
    back: &mut UnboundedReceiver<Back>,
    events: &mut EventStream,
    signals: &mut Signals,
    wake_at: Option<Instant>,
) -> Happened {
    let time = async {
        match wake_at {
            Some(at) => sleep_until(at).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        biased;
        Some(back) = back.recv() => Happened::Back(back),
        next = events.next() => event(next),
        signal = signals.next() => Happened::Signal(signal),
        () = time => Happened::Time,
    }
}

/// Without input there is nobody left: as if the line had dropped.
fn event(next: Option<io::Result<Event>>) -> Happened {
    match next {
        Some(Ok(event)) => Happened::Event(event),
        Some(Err(_)) | None => Happened::Signal(Signal::Hangup),
    }
}

fn message(event: Event) -> Option<Msg> {
    match event {
        Event::Key(key) if key.kind != KeyEventKind::Release => Some(Msg::Key(key)),
        Event::Paste(text) => Some(Msg::Paste(text)),
        Event::Resize(..) => Some(Msg::Resize),
        Event::Mouse(mouse) => match mouse.kind {
            MouseEventKind::ScrollUp => Some(Msg::Scroll(-1)),
            MouseEventKind::ScrollDown => Some(Msg::Scroll(1)),
            MouseEventKind::Down(MouseButton::Left) => Some(Msg::Click { x: mouse.column, y: mouse.row }),
            _ => None,
        },
        Event::Key(_) | Event::FocusGained | Event::FocusLost => None,
    }
}
