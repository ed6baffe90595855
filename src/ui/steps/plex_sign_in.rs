//! The Plex account: a code to enter at plex.tv, and the wait for it.

use ratatui::layout::Rect;

use super::review::text::failure;
use super::{Cx, Flow, Page, Tone, View};
use crate::error::Error;
use crate::setup::answers::{PlexAccount, PlexServer};
use crate::ui::effect::{Read, Write};
use crate::ui::keymap::{Action, Context};
use crate::ui::msg::{Answer, Millis, PlexPin, PlexPolled};
use crate::ui::theme::Role;
use crate::ui::widgets::textview::{Paragraph, Scroll, TextView};
use crate::ui::wizard::Wizard;

/// Between two questions whether the code was used.
const POLL: Millis = 2_000;
/// The same after plex.tv did not answer.
const POLL_SLOWLY: Millis = 5_000;
/// What the time that is left is rounded up to.
const MINUTE: Millis = 60_000;

/// The page.
#[derive(Debug, Default)]
pub struct PlexSignIn {
    state: State,
}

/// How far it is.
#[derive(Debug, Default)]
enum State {
    /// Nothing was asked for.
    #[default]
    Fresh,
    /// A code is on its way since then.
    Asking(Millis),
    /// The code shows.
    Code(Code),
    /// The code is too old.
    Expired,
    /// The account's servers are on their way since then.
    Loading(Millis),
    /// It did not work.
    Failed(Error),
    /// An account is there.
    SignedIn,
}

/// A code that shows.
#[derive(Debug)]
struct Code {
    pin: PlexPin,
    until: Millis,
    /// The minutes that are left, rounded up.
    minutes: Millis,
    /// plex.tv did not answer the last time.
    trouble: Option<String>,
}

impl Code {
    fn poll(&self, wait: Millis, cx: &mut Cx<'_>) {
        let client_identifier = self.pin.client_identifier.clone();
        cx.effects.read(Read::PlexPoll { id: self.pin.id, client_identifier, wait });
    }
}

impl PlexSignIn {
    fn start(&mut self, cx: &mut Cx<'_>) {
        cx.effects.abort();
        cx.effects.read(Read::PlexStart);
        self.state = State::Asking(cx.now);
    }

    fn show(&mut self, pin: PlexPin, cx: &mut Cx<'_>) {
        let code = Code { until: cx.now + pin.valid_for, minutes: pin.valid_for.div_ceil(MINUTE), pin, trouble: None };
        code.poll(POLL, cx);
        self.state = State::Code(code);
    }

    fn polled(&mut self, polled: Result<PlexPolled, Error>, cx: &mut Cx<'_>) {
        let State::Code(code) = &mut self.state else { return };
        let expired = cx.now >= code.until;
        match polled {
            Ok(PlexPolled::SignedIn(token)) => {
                let client_identifier = code.pin.client_identifier.clone();
                // The servers that were chosen before stay chosen, if the account still owns them.
                let allowed = cx.wizard.answers.source.plex.take().map(|account| account.allowed).unwrap_or_default();
                cx.effects.read(Read::PlexServers { token: token.clone(), client_identifier: client_identifier.clone() });
                cx.wizard.answers.source.plex = Some(PlexAccount { client_identifier, token, servers: Vec::new(), allowed });
                self.state = State::Loading(cx.now);
            }
            Ok(PlexPolled::Expired) => self.state = State::Expired,
            Ok(PlexPolled::Waiting) | Err(_) if expired => self.state = State::Expired,
            Ok(PlexPolled::Waiting) => {
                code.trouble = None;
                code.minutes = (code.until - cx.now).div_ceil(MINUTE);
                code.poll(POLL, cx);
            }
            Err(error) => {
                code.trouble = Some(error.message);
                code.poll(POLL_SLOWLY, cx);
            }
        }
    }

    fn loaded(&mut self, servers: Result<Vec<PlexServer>, Error>, cx: &mut Cx<'_>) -> Flow {
        match (servers, &mut cx.wizard.answers.source.plex) {
            (Ok(servers), Some(account)) => {
                account.allowed.retain(|id| servers.iter().any(|server| server.id == *id));
                account.servers = servers;
                self.state = State::SignedIn;
                Flow::Onward
            }
            (Ok(_), None) => Flow::Stay,
            (Err(error), _) => {
                // Without its servers the account is of no use.
                cx.wizard.answers.source.plex = None;
                self.state = State::Failed(error);
                Flow::Stay
            }
        }
    }

    fn paragraphs(&self, wizard: &Wizard) -> Vec<Paragraph> {
        let warning = Paragraph::led(
            "Warning: ",
            Role::Warning,
            "Signing in gives authentik a token for the whole Plex account. authentik keeps it and shows it to everybody who may view \
             the source. Use the account that owns the servers.",
        );
        match &self.state {
            State::Code(code) => {
                let mut paragraphs = vec![
                    warning,
                    Paragraph::blank(),
                    Paragraph::new(Role::Text, "On any device, open plex.tv/link, sign in, and enter this code:"),
                    Paragraph::blank(),
                    Paragraph::led("    ", Role::Heading, spaced(&code.pin.code)),
                    Paragraph::blank(),
                    Paragraph::new(Role::Text, "Or open this address (c copies it):"),
                    Paragraph::new(Role::Chosen, code.pin.url.as_str()),
                    Paragraph::blank(),
                ];
                paragraphs.push(match &code.trouble {
                    Some(trouble) => Paragraph::new(Role::Warning, format!("{trouble} akwiz goes on asking.")),
                    None => Paragraph::new(Role::Muted, waiting(code.minutes)),
                });
                paragraphs
            }
            State::Expired => vec![
                Paragraph::new(Role::Heading, "The code was not used in time."),
                Paragraph::new(Role::Text, "r asks for a new one, Esc goes back."),
            ],
            State::Failed(error) => failure(error),
            State::SignedIn => {
                let count = wizard.answers.source.plex.as_ref().map_or(0, |account| account.servers.len());
                let servers = if count == 1 { "It owns 1 server.".to_owned() } else { format!("It owns {count} servers.") };
                vec![
                    Paragraph::new(Role::Ok, format!("Signed in to Plex. {servers}")),
                    Paragraph::new(Role::Text, "Enter goes on. r signs in with another account."),
                    Paragraph::blank(),
                    warning,
                ]
            }
            State::Fresh | State::Asking(_) | State::Loading(_) => Vec::new(),
        }
    }
}

/// A code with spaces between its letters, as it is read out.
fn spaced(code: &str) -> String {
    code.chars().map(String::from).collect::<Vec<_>>().join(" ")
}

fn waiting(minutes: Millis) -> String {
    match minutes {
        0 | 1 => "Waiting for Plex. The code holds for less than a minute.".to_owned(),
        minutes => format!("Waiting for Plex. The code holds for about {minutes} minutes."),
    }
}

impl Page for PlexSignIn {
    fn enter(&mut self, cx: &mut Cx<'_>) {
        let loaded = cx.wizard.answers.source.plex.as_ref().is_some_and(|account| !account.servers.is_empty());
        match &self.state {
            _ if loaded => self.state = State::SignedIn,
            // What the page asked was dropped when it was left.
            State::Code(code) if cx.now < code.until => code.poll(0, cx),
            _ => self.start(cx),
        }
    }

    fn context(&self, _wizard: &Wizard) -> Context {
        match self.state {
            State::Code(_) | State::SignedIn => Context::Code,
            _ => Context::Waiting,
        }
    }

    fn action(&mut self, action: Action, cx: &mut Cx<'_>) -> Flow {
        match (action, &self.state) {
            (Action::Back, _) => return Flow::Back,
            (Action::Retry, _) => self.start(cx),
            (Action::Accept, State::SignedIn) => return Flow::Next,
            (Action::Accept, State::Code(_)) => cx.say(Tone::Note, "Plex has not seen the code yet. It goes on by itself."),
            (Action::Copy, State::Code(code)) => {
                // The address is of use only until it expires, and only to whoever signs in with it.
                let text = code.pin.url.clone().into();
                cx.effects.write(Write::Copy { text, secret: false, what: "Address".into() });
            }
            _ => {}
        }
        Flow::Stay
    }

    fn answer(&mut self, answer: Answer, cx: &mut Cx<'_>) -> Flow {
        match answer {
            Answer::PlexPin(Ok(pin)) => self.show(pin, cx),
            Answer::PlexPin(Err(error)) => self.state = State::Failed(error),
            Answer::PlexPolled(polled) => self.polled(polled, cx),
            Answer::PlexServers(servers) => return self.loaded(servers, cx),
            _ => {}
        }
        Flow::Stay
    }

    fn busy(&self, _wizard: &Wizard) -> Option<Millis> {
        match self.state {
            State::Asking(since) | State::Loading(since) => Some(since),
            _ => None,
        }
    }

    fn draw(&self, view: &mut View<'_>, area: Rect, wizard: &Wizard) {
        match self.state {
            State::Asking(_) => view.waiting(area, "Asking plex.tv for a code"),
            State::Loading(_) => view.waiting(area, "Signed in. Looking for the account's servers"),
            _ => {
                let paragraphs = self.paragraphs(wizard);
                TextView { paragraphs: &paragraphs, scroll: Scroll::default() }.draw(area, view.buf, view.theme);
            }
        }
    }

    fn help(&self, _wizard: &Wizard) -> &'static str {
        "authentik needs a token of the Plex account that owns the servers, to see who shares them. Enter the code at plex.tv/link on \
         any device, or open the address; the page goes on by itself. The password stays with Plex. The code can be used only for a \
         while; r asks for another one."
    }
}
