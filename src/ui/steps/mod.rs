//! The pages. Each is a struct that owns its state and nothing else; what pages share is in [`Wizard`].
//!
//! A page is plain: it gets keys that the keymap has already turned into actions, may ask for effects, and says where to go. It never
//! waits, reads no clock and does no I/O.

pub mod access;
pub mod apply;
pub mod column;
pub mod connect;
pub mod doctor;
pub mod done;
pub mod login_page;
pub mod options;
pub mod order;
pub mod pick;
mod pick_preview;
pub mod plex_servers;
pub mod plex_sign_in;
pub mod questions;
pub mod register;
mod repair;
pub mod review;
pub mod sign_in;

use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::effect::Effects;
use super::keymap::{Action, Context};
use super::msg::{Answer, Millis, Written};
use super::theme::Theme;
use super::widgets::spinner::Spinner;
use super::wizard::Wizard;

/// A page, in the order in which they come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// authentik's address.
    Connect,
    /// The token.
    SignIn,
    /// Which application.
    Pick,
    /// Why a login fails; reached from there on purpose.
    Doctor,
    /// What to fill in at a login source's service first.
    Register,
    /// What only the person can know.
    Questions,
    /// What can be different.
    Options,
    /// Who may open it.
    Access,
    /// The Plex account.
    PlexSignIn,
    /// Which Plex servers.
    PlexServers,
    /// Where the source is shown.
    LoginPage,
    /// What will be done.
    Review,
    /// It is being done.
    Apply,
    /// What to enter in the application.
    Done,
}

impl Step {
    /// Every page, in order.
    pub const ALL: [Self; 14] = [
        Self::Connect,
        Self::SignIn,
        Self::Pick,
        Self::Doctor,
        Self::Register,
        Self::Questions,
        Self::Options,
        Self::Access,
        Self::PlexSignIn,
        Self::PlexServers,
        Self::LoginPage,
        Self::Review,
        Self::Apply,
        Self::Done,
    ];

    /// One or two words, for the header and the list on review.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Connect => "Server",
            Self::SignIn => "Sign in",
            Self::Pick => "Application",
            Self::Doctor => "Doctor",
            Self::Register => "Registration",
            Self::Questions => "Questions",
            Self::Options => "Options",
            Self::Access => "Access",
            Self::PlexSignIn => "Plex account",
            Self::PlexServers => "Plex servers",
            Self::LoginPage => "Login page",
            Self::Review => "Review",
            Self::Apply => "Apply",
            Self::Done => "Client settings",
        }
    }
}

/// Where to go after a key or an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flow {
    /// Nowhere.
    Stay,
    /// On: to review if the page was opened from there, else to the next page. Only when the page is valid.
    Next,
    /// On in order, even if the page was opened from review: what follows depends on this page and has to be looked at again.
    Onward,
    /// To the page before. Never validates, never discards.
    Back,
    /// To this page; back leads here.
    Goto(Step),
    /// Put a question in front of the page; the reply comes to [`Page::replied`].
    Ask(Ask),
    /// Leave with this exit code, without asking.
    Quit(u8),
}

/// A question in front of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// The page's name for it.
    pub id: &'static str,
    /// The heading, as a question: `Replace the file?`
    pub title: String,
    /// A few sentences.
    pub text: String,
    /// What can be answered.
    pub kind: AskKind,
}

/// What can be answered to an [`Ask`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AskKind {
    /// One of these, the first one marked. With two of them, `y` is the first and `n` the second.
    Choices(Vec<String>),
    /// Confirmed by typing this word.
    Typed(String),
    /// A line of text, such as a path, beginning with this.
    Line(String),
}

/// The reply to an [`Ask`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Replied {
    /// The choice with this index.
    Choice(usize),
    /// The word was typed.
    Confirmed,
    /// The line.
    Line(String),
    /// Closed without a reply.
    Cancelled,
}

/// How a line above the footer is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// By the way.
    Note,
    /// It worked.
    Ok,
    /// The person should look.
    Warning,
    /// It did not work.
    Error,
}

/// What a page works with.
#[derive(Debug)]
pub struct Cx<'a> {
    /// What the pages share.
    pub wizard: &'a mut Wizard,
    /// What is to be done outside.
    pub effects: &'a mut Effects,
    /// The time of the message.
    pub now: Millis,
    /// The line above the footer; the next key takes it away.
    pub status: &'a mut Option<(Tone, String)>,
    /// The size of the page's area as it was drawn last, for pages that scroll.
    pub area: Rect,
}

impl Cx<'_> {
    /// Says something in the line above the footer.
    pub fn say(&mut self, tone: Tone, text: impl Into<String>) {
        *self.status = Some((tone, text.into()));
    }
}

/// What a page draws into.
#[derive(Debug)]
pub struct View<'a> {
    /// The cells.
    pub buf: &'a mut Buffer,
    /// How roles look.
    pub theme: &'a Theme,
    /// Turns while [`Page::busy`] says that something is waited for.
    pub spinner: Spinner,
    /// Where the cursor belongs, if a field has the keyboard.
    pub cursor: Option<Position>,
}

impl View<'_> {
    /// Says what is being waited for, in one line, once it takes long enough to speak of.
    pub fn waiting(&mut self, area: Rect, what: &str) {
        self.spinner.draw(area, self.buf, self.theme, what);
    }
}

/// A page.
pub trait Page {
    /// The page is shown: from now on it has the keyboard. Called each time, also when coming back.
    fn enter(&mut self, cx: &mut Cx<'_>);

    /// What has the keyboard.
    fn context(&self, wizard: &Wizard) -> Context;

    /// A key that the keymap knows. Help, Redraw, Suspend and Quit never get here.
    fn action(&mut self, action: Action, cx: &mut Cx<'_>) -> Flow;

    /// A key that is text. Only in contexts that take text.
    fn text(&mut self, _key: KeyEvent, _cx: &mut Cx<'_>) -> Flow {
        Flow::Stay
    }

    /// Pasted text.
    fn paste(&mut self, _text: &str, _cx: &mut Cx<'_>) -> Flow {
        Flow::Stay
    }

    /// A click, in cells of the screen.
    fn click(&mut self, _at: Position, _cx: &mut Cx<'_>) -> Flow {
        Flow::Stay
    }

    /// The answer to a read of this page, in time.
    fn answer(&mut self, _answer: Answer, _cx: &mut Cx<'_>) -> Flow {
        Flow::Stay
    }

    /// Something that the wizard as a whole waits for has come or failed; look at [`Wizard`].
    fn loaded(&mut self, _cx: &mut Cx<'_>) -> Flow {
        Flow::Stay
    }

    /// News of a write. Comes to the page that it concerns, shown or not; where to go counts only if it is shown.
    fn written(&mut self, news: &Written, cx: &mut Cx<'_>) -> Flow {
        match news {
            Written::Copied { result: Ok(sentence), .. } => cx.say(Tone::Ok, sentence.as_str()),
            Written::Copied { result: Err(error), .. } => cx.say(Tone::Error, error.to_string()),
            _ => {}
        }
        Flow::Stay
    }

    /// The reply to [`Flow::Ask`].
    fn replied(&mut self, _id: &'static str, _reply: Replied, _cx: &mut Cx<'_>) -> Flow {
        Flow::Stay
    }

    /// The time that [`Page::wake_at`] named has come.
    fn tick(&mut self, _cx: &mut Cx<'_>) -> Flow {
        Flow::Stay
    }

    /// Since when the page waits for something, if it does: a spinner is drawn then.
    fn busy(&self, _wizard: &Wizard) -> Option<Millis> {
        None
    }

    /// When the page wants [`Page::tick`].
    fn wake_at(&self) -> Option<Millis> {
        None
    }

    /// Draws the page.
    fn draw(&self, view: &mut View<'_>, area: Rect, wizard: &Wizard);

    /// What the page is for and what Enter does, a few sentences for the help page.
    fn help(&self, wizard: &Wizard) -> &'static str;
}
