//! The token: found or typed, whose it is, and what it may not do.

use crossterm::event::KeyEvent;
use ratatui::layout::Rect;
use secrecy::{ExposeSecret as _, SecretString};

use super::column::{Column, error_paragraphs};
use super::{Cx, Flow, Page, Tone, View};
use crate::authentik::address::{Address, Reach, reach};
use crate::error::Error;
use crate::ui::effect::{Read, Write};
use crate::ui::keymap::{self, Action, Context};
use crate::ui::msg::{Answer, FoundToken, Millis, MissingRight, SignedIn, Tls, Written};
use crate::ui::theme::Role;
use crate::ui::widgets::choice::{ChoiceState, ChoiceView};
use crate::ui::widgets::field::{Field, FieldView, Slot};
use crate::ui::widgets::list::Row;
use crate::ui::widgets::text;
use crate::ui::widgets::textview::Paragraph;
use crate::ui::wizard::{Load, Server, Wizard};

/// The column in which values begin.
const LABELS: u16 = 18;
/// Clocks that differ by more than this many seconds make tokens look expired or not yet valid.
const SKEW: i64 = 60;

/// Prints a token of the first administrator, made where there is none. `ak shell` has every model at hand (2024.12 to 2026.5).
const SHELL_LINE: &str = "docker compose exec server ak shell -c \"print(Token.objects.get_or_create(identifier='akwiz', intent='api', \
                          expiring=False, user=User.objects.get(username='akadmin'))[0].key)\"";

/// The page.
#[derive(Debug)]
pub struct SignIn {
    token: Field,
    /// The server for which a token was looked for: it is looked for once.
    looked_for: Option<String>,
    work: Option<(Work, Millis)>,
    /// The token that is tried or that signed in.
    used: Option<Used>,
    /// Why signing in did not work.
    failed: Option<Error>,
    /// What is wrong with what was typed.
    error: &'static str,
    focus: Focus,
    keep: ChoiceState,
    despite: ChoiceState,
}

impl Default for SignIn {
    fn default() -> Self {
        Self {
            token: Field::hidden(),
            looked_for: None,
            work: None,
            used: None,
            failed: None,
            error: "",
            focus: Focus::Token,
            keep: ChoiceState::default(),
            despite: ChoiceState::default(),
        }
    }
}

/// What is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Work {
    Looking,
    Asking,
}

/// What has the keyboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Focus {
    Token,
    Keep,
    Despite,
}

/// A token, and where it came from; nowhere means that it was typed.
#[derive(Debug, Clone)]
struct Used {
    token: SecretString,
    place: Option<String>,
}

impl SignIn {
    fn typed(&self) -> bool {
        self.used.as_ref().is_some_and(|used| used.place.is_none())
    }

    /// The question below the token, once somebody is signed in.
    fn question(&self, wizard: &Wizard) -> Option<Focus> {
        let signed_in = wizard.signed_in.as_ref()?;
        if lacks_needed(signed_in) { Some(Focus::Despite) } else { (self.typed() && !wizard.start.demo).then_some(Focus::Keep) }
    }

    fn sign_in(&mut self, used: Used, cx: &mut Cx<'_>) {
        let public_url = cx.wizard.server.as_ref().map(|server| server.public_url.clone()).unwrap_or_default();
        self.work = Some((Work::Asking, cx.now));
        self.failed = None;
        self.error = "";
        cx.effects.read(Read::SignIn { token: used.token.clone(), public_url });
        self.used = Some(used);
    }

    fn go(&mut self, cx: &mut Cx<'_>) -> Flow {
        let new = !self.token.is_empty()
            && self.used.as_ref().is_none_or(|used| used.token.expose_secret() != self.token.value() || self.failed.is_some());
        if new {
            let used = Used { token: self.token.secret(), place: None };
            self.sign_in(used, cx);
            return Flow::Stay;
        }
        let Some(signed_in) = &cx.wizard.signed_in else {
            self.focus = Focus::Token;
            self.error = "Paste or type a token.";
            return Flow::Stay;
        };
        if lacks_needed(signed_in) && self.despite.chosen == 0 {
            if let Some(used) = self.used.clone() {
                self.sign_in(used, cx);
            }
            return Flow::Stay;
        }
        if self.question(cx.wizard) == Some(Focus::Keep) && self.keep.chosen == 1 {
            cx.effects.write(Write::KeepToken);
        }
        Flow::Next
    }

    /// Somebody is signed in: what the server has is asked for at once, while the person reads and picks.
    fn arrive(&mut self, signed_in: SignedIn, cx: &mut Cx<'_>) -> Flow {
        cx.effects.abort_server();
        cx.wizard.forget_person();
        cx.wizard.facts = Load::Loading(cx.now);
        cx.effects.read_server(Read::Facts { slugs: Vec::new(), source: None, second_pass: false });
        let nothing_to_say = signed_in.missing.is_empty() && !self.typed();
        let who = name(&signed_in);
        cx.wizard.signed_in = Some(signed_in);
        if nothing_to_say {
            let place = self.used.as_ref().and_then(|used| used.place.clone()).unwrap_or_default();
            cx.say(Tone::Ok, format!("Signed in as {who}; token from {place}."));
            return Flow::Next;
        }
        self.focus = self.question(cx.wizard).unwrap_or(Focus::Token);
        Flow::Stay
    }

    fn step_focus(&mut self, wizard: &Wizard, down: bool) {
        let next = if down { self.question(wizard) } else { Some(Focus::Token) };
        self.focus = next.unwrap_or(Focus::Token);
    }

    fn choice(&mut self) -> Option<&mut ChoiceState> {
        match self.focus {
            Focus::Keep => Some(&mut self.keep),
            Focus::Despite => Some(&mut self.despite),
            Focus::Token => None,
        }
    }

    fn stop(&mut self, cx: &mut Cx<'_>) {
        cx.effects.abort();
        self.work = None;
    }
}

impl Page for SignIn {
    fn enter(&mut self, cx: &mut Cx<'_>) {
        self.work = None;
        let Some(server) = &cx.wizard.server else { return };
        if cx.wizard.signed_in.is_some() || self.looked_for.as_ref() == Some(&server.found.api_url) {
            return;
        }
        self.looked_for = Some(server.found.api_url.clone());
        self.used = None;
        self.failed = None;
        self.focus = Focus::Token;
        self.work = Some((Work::Looking, cx.now));
        cx.effects.read(Read::FindToken);
    }

    fn context(&self, _wizard: &Wizard) -> Context {
        match self.focus {
            _ if self.work.is_some() => Context::Waiting,
            Focus::Token => Context::Field,
            Focus::Keep | Focus::Despite => Context::Choice,
        }
    }

    fn action(&mut self, action: Action, cx: &mut Cx<'_>) -> Flow {
        if self.work.is_some() {
            if action == Action::Back {
                self.stop(cx);
                cx.say(Tone::Note, "Stopped waiting.");
            }
            return Flow::Stay;
        }
        match action {
            Action::Accept => return self.go(cx),
            Action::Back => return Flow::Back,
            Action::Up | Action::Down | Action::Toggle if self.focus != Focus::Token => {
                let moved = self.choice().is_some_and(|choice| choice.handle(action, 2));
                if !moved && action == Action::Up {
                    self.step_focus(cx.wizard, false);
                }
            }
            Action::Down | Action::NextField => self.step_focus(cx.wizard, true),
            Action::Up | Action::PreviousField => self.step_focus(cx.wizard, false),
            Action::Clear => self.token.clear(),
            Action::Reveal => self.token.toggle_reveal(),
            _ => {}
        }
        Flow::Stay
    }

    fn text(&mut self, key: KeyEvent, _cx: &mut Cx<'_>) -> Flow {
        if self.token.handle(key) {
            self.error = "";
        }
        Flow::Stay
    }

    fn paste(&mut self, text: &str, _cx: &mut Cx<'_>) -> Flow {
        // A line copied from a terminal comes with spaces; tokens have none.
        let token: String = text.split_whitespace().collect();
        self.token.paste(&token);
        self.error = "";
        Flow::Stay
    }

    fn answer(&mut self, answer: Answer, cx: &mut Cx<'_>) -> Flow {
        self.work = None;
        match answer {
            Answer::Token(Ok(Some(FoundToken { token, place }))) => self.sign_in(Used { token, place: Some(place) }, cx),
            Answer::Token(Err(error)) => self.failed = Some(error),
            Answer::SignedIn(Ok(signed_in)) => return self.arrive(signed_in, cx),
            Answer::SignedIn(Err(error)) => {
                cx.effects.abort_server();
                cx.wizard.forget_person();
                self.focus = Focus::Token;
                self.failed = Some(error);
            }
            _ => {}
        }
        Flow::Stay
    }

    fn written(&mut self, news: &Written, cx: &mut Cx<'_>) -> Flow {
        if let Written::TokenKept { kept, message } = news {
            cx.say(if *kept { Tone::Ok } else { Tone::Warning }, message.clone());
        }
        Flow::Stay
    }

    fn busy(&self, _wizard: &Wizard) -> Option<Millis> {
        self.work.map(|(_, since)| since)
    }

    fn draw(&self, view: &mut View<'_>, area: Rect, wizard: &Wizard) {
        let mut column = Column::new(view, area);
        if let Some(server) = &wizard.server {
            draw_server(&mut column, server);
        }
        column.take(1);
        let place = self.used.as_ref().and_then(|used| used.place.as_deref());
        let focused = self.focus == Focus::Token && self.work.is_none();
        let reveal = keymap::key_for(Context::Field, Action::Reveal);
        let help = if focused && !self.token.is_empty() { format!("{reveal} shows it.") } else { String::new() };
        column.field(&FieldView {
            slot: Slot { label: "API token", label_width: LABELS, help: &help, error: self.error, focused },
            field: &self.token,
            placeholder: if place.is_some() && wizard.signed_in.is_some() { "another token, if wanted" } else { "paste it here" },
        });
        column.take(1);
        match self.work {
            Some((Work::Looking, _)) => column.waiting("Looking for a token"),
            Some((Work::Asking, _)) => column.waiting("Asking authentik whose token it is and what it may do"),
            None => self.draw_state(&mut column, wizard),
        }
    }

    fn help(&self, _wizard: &Wizard) -> &'static str {
        "akwiz works with an API token: it sees and may do what the token's owner may. A token is taken from --token-file, from \
         AUTHENTIK_TOKEN, or from a keyring; otherwise paste it here. Enter asks authentik whose it is and which rights are missing. \
         Nothing is written, and the token is kept nowhere unless you say so."
    }
}

/// The rows of the question below the rights, with a free one above.
const QUESTION: u16 = 3;

impl SignIn {
    fn draw_state(&self, column: &mut Column<'_, '_>, wizard: &Wizard) {
        let place = self.used.as_ref().and_then(|used| used.place.as_deref());
        if let Some(error) = &self.failed {
            let symbols = column.symbols();
            column.paragraphs(&error_paragraphs(error, symbols.cross, symbols.bullet));
            if let Some(place) = place {
                column.paragraphs(&[Paragraph::new(Role::Text, format!("The token comes from {place}."))]);
            }
            column.take(1);
        }
        match &wizard.signed_in {
            Some(signed_in) => self.draw_signed_in(column, signed_in, place, wizard),
            None => draw_how_to_get_one(column, wizard.server.as_ref()),
        }
    }

    fn draw_signed_in(&self, column: &mut Column<'_, '_>, signed_in: &SignedIn, place: Option<&str>, wizard: &Wizard) {
        let from = place.map_or_else(String::new, |place| format!(" The token comes from {place}."));
        let check = column.symbols().check;
        let mut lines = vec![Paragraph::led(format!("{check} "), Role::Ok, format!("Signed in as {}.{from}", who(signed_in)))];
        if !signed_in.missing.is_empty() {
            let head = lines.clone();
            lines.push(Paragraph::blank());
            lines.push(Paragraph::new(Role::Text, "The token lacks rights. Without them:"));
            let cross = column.symbols().cross;
            let width = signed_in.missing.iter().map(|missing| text::width(&missing.right)).max().unwrap_or(0);
            lines.extend(signed_in.missing.iter().map(|missing| missing_right(missing, cross, width)));
            if !column.has_room(&lines, QUESTION) {
                // Each right and the question matter more than what does not work without each.
                lines = head;
                lines.extend([Paragraph::blank(), all_missing(signed_in, cross)]);
            }
        }
        column.paragraphs(&lines);
        column.take(1);
        match self.question(wizard) {
            Some(Focus::Despite) => {
                let options = [Row::new("Look at the rights again", ""), Row::new("Go on all the same", "")];
                column.choice(&ChoiceView {
                    slot: Slot {
                        label: "What to do",
                        label_width: LABELS,
                        focused: self.focus == Focus::Despite,
                        ..Slot::default()
                    },
                    options: &options,
                    state: self.despite,
                    expanded: true,
                });
            }
            Some(_) => {
                let options = [Row::new("No, ask again next time", ""), Row::new("Yes, in a keyring of this machine", "")];
                column.choice(&ChoiceView {
                    slot: Slot {
                        label: "Keep the token",
                        label_width: LABELS,
                        focused: self.focus == Focus::Keep,
                        ..Slot::default()
                    },
                    options: &options,
                    state: self.keep,
                    expanded: true,
                });
            }
            None => {}
        }
    }
}

fn lacks_needed(signed_in: &SignedIn) -> bool {
    signed_in.missing.iter().any(|missing| missing.needed)
}

/// `Ann Example (ann)`.
fn name(signed_in: &SignedIn) -> String {
    let person = &signed_in.person;
    if person.name.is_empty() || person.name == person.username {
        person.username.clone()
    } else {
        format!("{} ({})", person.name, person.username)
    }
}

/// `Ann Example (ann), a superuser`.
fn who(signed_in: &SignedIn) -> String {
    let name = name(signed_in);
    if signed_in.person.superuser { format!("{name}, a superuser") } else { name }
}

/// The names alone: a token without any right lacks more than a small screen can explain.
fn all_missing(signed_in: &SignedIn, cross: &str) -> Paragraph {
    let names: Vec<&str> = signed_in.missing.iter().map(|missing| missing.right.as_str()).collect();
    let role = if lacks_needed(signed_in) { Role::Error } else { Role::Warning };
    let end = if lacks_needed(signed_in) { " Nothing can be created without them." } else { "" };
    Paragraph::led(format!("{cross} "), role, format!("The token lacks the rights {}.{end}", names.join(", ")))
}

fn missing_right(missing: &MissingRight, cross: &str, width: usize) -> Paragraph {
    // On a narrow screen the sentence would be a column of single words: then it goes below.
    let role = if missing.needed { Role::Error } else { Role::Warning };
    let pad = width - text::width(&missing.right);
    Paragraph::led(format!("{cross} {}{}  ", missing.right, " ".repeat(pad)), role, missing.without.clone())
}

/// The server that the token is for, and what is to be known before typing one.
fn draw_server(column: &mut Column<'_, '_>, server: &Server) {
    let version = server.found.version.map_or_else(String::new, |version| format!(" {version}"));
    column.text(Role::Text, &format!("authentik{version} at {}.", server.found.api_url));
    let leaves = Address::parse(&server.found.api_url)
        .ok()
        .and_then(|address| address.candidates().first().map(reach))
        .is_none_or(|reach| reach != Reach::Loopback);
    if server.found.tls == Tls::Plain && leaves {
        column.text(Role::Warning, "The connection is not encrypted: the token can be read on its way.");
    }
    if let Some(skew) = server.found.clock_skew.filter(|skew| skew.abs() > SKEW) {
        let how = if skew > 0 { "ahead of" } else { "behind" };
        let minutes = (skew.abs() + 30) / 60;
        column.text(
            Role::Warning,
            &format!("Its clock is {minutes} min {how} this machine's: sign-ins may fail until both are right."),
        );
    }
}

fn draw_how_to_get_one(column: &mut Column<'_, '_>, server: Option<&Server>) {
    let admin = server.map_or_else(|| "authentik".to_owned(), |server| format!("{}/if/admin/", server.public_url));
    column.paragraphs(&[
        Paragraph::new(Role::Text, "No token yet? Make one in authentik:"),
        Paragraph::led("1. ", Role::Text, format!("Sign in at {admin}.")),
        Paragraph::led("2. ", Role::Text, "Directory > Tokens and App passwords > Create."),
        Paragraph::led("3. ", Role::Text, "Identifier: akwiz. Intent: API Token. Expiring: off."),
        Paragraph::led("4. ", Role::Text, "Copy the token with the button in its row."),
    ]);
    // Half a command line is of no use.
    column.whole(&[
        Paragraph::blank(),
        Paragraph::new(Role::Text, "Or on the server, in the folder of its compose file:"),
        Paragraph::new(Role::Muted, SHELL_LINE),
    ]);
}
