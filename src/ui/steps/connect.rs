//! authentik's address: typed, understood, looked at.

use std::path::PathBuf;

use crossterm::event::KeyEvent;
use ratatui::layout::Rect;
use url::Url;

use super::column::Column;
use super::{Cx, Flow, Page, Tone, View};
use crate::authentik::address::{Address, Reach, reach};
use crate::ui::effect::{Probe, Read, Remembered, Write};
use crate::ui::keymap::{Action, Context};
use crate::ui::msg::{Answer, Certificate, Millis, ProbeFailure, ServerFound, Tls};
use crate::ui::theme::Role;
use crate::ui::widgets::choice::{ChoiceState, ChoiceView};
use crate::ui::widgets::field::{Field, FieldView, Slot};
use crate::ui::widgets::list::Row;
use crate::ui::widgets::textview::Paragraph;
use crate::ui::wizard::{Server, Wizard};

/// The column in which values begin.
const LABELS: u16 = 18;

/// The page.
#[derive(Debug, Default)]
pub struct Connect {
    started: bool,
    address: Field,
    public: Field,
    /// The public address is asked for: only this machine or this network can reach the other one.
    asks_public: bool,
    ca_file: Field,
    focus: Focus,
    /// What is wrong with what was typed, for the field that has the keyboard.
    error: String,
    probing: Option<Millis>,
    /// The address that was looked at last, as typed, and what came of it.
    seen: Option<(String, Result<ServerFound, ProbeFailure>)>,
    offer: ChoiceState,
    /// Fingerprints that were accepted, with the address as typed; `true` for good.
    accepted: Vec<(String, String, bool)>,
}

/// What has the keyboard.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Focus {
    #[default]
    Address,
    Public,
    Offer,
    CaFile,
}

/// A way out of a failure.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Offer {
    /// Take this address instead.
    Instead(String),
    /// Trust the authorities in a file.
    CaFile,
    /// Accept the certificate until akwiz ends.
    AcceptOnce(String),
    /// Accept the certificate for this server from now on.
    AcceptForGood(String),
}

impl Offer {
    fn row(&self) -> Row<'static> {
        match self {
            Self::Instead(url) => Row::new(format!("Use {url}"), ""),
            Self::CaFile => Row::new("Trust the authority in a CA file", ""),
            Self::AcceptOnce(_) => Row::new("Accept this certificate until akwiz ends", ""),
            Self::AcceptForGood(_) => Row::new("Accept it for this server from now on", ""),
        }
    }
}

impl Connect {
    fn failure(&self) -> Option<&ProbeFailure> {
        self.seen.as_ref().and_then(|(_, result)| result.as_ref().err())
    }

    fn offers(&self, demo: bool) -> Vec<Offer> {
        let Some(failure) = self.failure() else { return Vec::new() };
        let mut offers: Vec<Offer> = failure.instead.iter().cloned().map(Offer::Instead).collect();
        if let Some(certificate) = &failure.certificate {
            offers.extend([Offer::CaFile, Offer::AcceptOnce(certificate.fingerprint.clone())]);
            if !demo {
                offers.push(Offer::AcceptForGood(certificate.fingerprint.clone()));
            }
        }
        offers
    }

    fn chosen_offer(&self, wizard: &Wizard) -> Option<Offer> {
        self.offers(wizard.start.demo).into_iter().nth(self.offer.chosen)
    }

    /// What can have the keyboard, from top to bottom.
    fn order(&self, wizard: &Wizard) -> Vec<Focus> {
        let mut order = vec![Focus::Address];
        if self.asks_public {
            order.push(Focus::Public);
        }
        if !self.offers(wizard.start.demo).is_empty() {
            order.push(Focus::Offer);
            if self.chosen_offer(wizard) == Some(Offer::CaFile) {
                order.push(Focus::CaFile);
            }
        }
        order
    }

    fn step_focus(&mut self, wizard: &Wizard, down: bool) {
        let order = self.order(wizard);
        let place = order.iter().position(|focus| *focus == self.focus).unwrap_or(0);
        let place = if down { (place + 1).min(order.len() - 1) } else { place.saturating_sub(1) };
        self.focus_on(order[place]);
    }

    fn focus_on(&mut self, focus: Focus) {
        if self.focus != focus {
            self.focus = focus;
            self.error.clear();
        }
    }

    fn field(&mut self) -> Option<&mut Field> {
        match self.focus {
            Focus::Address => Some(&mut self.address),
            Focus::Public => Some(&mut self.public),
            Focus::CaFile => Some(&mut self.ca_file),
            Focus::Offer => None,
        }
    }

    /// The text of a field changed.
    fn edited(&mut self) {
        self.error.clear();
        if self.focus == Focus::Address {
            self.seen = None;
            self.offer = ChoiceState::default();
        }
    }

    /// Enter: looks at the address, or goes on when that was done already and everything is there.
    fn go(&mut self, cx: &mut Cx<'_>) -> Flow {
        if self.focus == Focus::Offer {
            return self.take_offer(cx);
        }
        if let Err(why) = Address::parse(self.address.value()) {
            self.focus = Focus::Address;
            self.error = why.to_string();
            return Flow::Stay;
        }
        if self.focus == Focus::CaFile && self.ca_file.value().trim().is_empty() {
            "Type the path of a file with certificates in PEM form.".clone_into(&mut self.error);
            return Flow::Stay;
        }
        match &self.seen {
            Some((typed, Ok(found))) if typed == self.address.value() => {
                let found = found.clone();
                self.arrive(found, cx)
            }
            _ => {
                self.look(cx);
                Flow::Stay
            }
        }
    }

    fn take_offer(&mut self, cx: &mut Cx<'_>) -> Flow {
        let typed = self.address.value().to_owned();
        match self.chosen_offer(cx.wizard) {
            Some(Offer::CaFile) => {
                self.focus_on(Focus::CaFile);
                return Flow::Stay;
            }
            Some(Offer::Instead(url)) => self.address.set(&url),
            Some(Offer::AcceptOnce(fingerprint)) => self.accepted.push((typed, fingerprint, false)),
            Some(Offer::AcceptForGood(fingerprint)) => self.accepted.push((typed, fingerprint, true)),
            None => return Flow::Stay,
        }
        self.focus_on(Focus::Address);
        self.look(cx);
        Flow::Stay
    }

    fn look(&mut self, cx: &mut Cx<'_>) {
        let address = self.address.value().to_owned();
        let kept = cx.wizard.start.accepted.iter().filter(|(url, _)| is_at(url, &address)).map(|(_, fingerprint)| fingerprint);
        let now = self.accepted.iter().filter(|(typed, _, _)| *typed == address).map(|(_, fingerprint, _)| fingerprint);
        let accepted = kept.chain(now).cloned().collect();
        self.seen = None;
        self.error.clear();
        self.probing = Some(cx.now);
        let ca_file = self.ca_file.value().trim();
        let ca_file = (!ca_file.is_empty()).then(|| PathBuf::from(ca_file));
        cx.effects.read(Read::Probe(Probe { address, ca_file, accepted }));
    }

    /// authentik was found: asks for the public address where it is needed, else goes on.
    fn arrive(&mut self, found: ServerFound, cx: &mut Cx<'_>) -> Flow {
        let public_url = if found.needs_public {
            if !self.asks_public {
                self.asks_public = true;
                if self.public.is_empty() {
                    self.public.set(&default_public(&found, cx.wizard));
                }
                self.focus_on(Focus::Public);
                return Flow::Stay;
            }
            match parse_public(self.public.value()) {
                Ok(url) => url,
                Err(why) => {
                    self.focus = Focus::Public;
                    self.error = why;
                    return Flow::Stay;
                }
            }
        } else {
            self.asks_public = false;
            found.api_url.clone()
        };
        let server = Server { found, public_url };
        if cx.wizard.server.as_ref() != Some(&server) {
            cx.effects.abort_server();
            cx.wizard.forget_server();
            self.remember(&server, cx);
            cx.wizard.server = Some(server.clone());
        }
        let version = server.found.version.map_or_else(String::new, |version| format!(" {version}"));
        cx.say(Tone::Ok, format!("Found authentik{version} at {}.", server.found.api_url));
        Flow::Next
    }

    fn remember(&self, server: &Server, cx: &mut Cx<'_>) {
        let typed = self.address.value();
        let fingerprint = self.accepted.iter().rfind(|(address, _, for_good)| *for_good && address == typed);
        let ca_file = self.ca_file.value().trim();
        cx.effects.write(Write::Remember(Remembered::Server {
            url: server.found.api_url.clone(),
            public_url: server.public_url.clone(),
            ca_file: (!ca_file.is_empty()).then(|| PathBuf::from(ca_file)),
            fingerprint: fingerprint.map(|(_, fingerprint, _)| fingerprint.clone()),
        }));
    }

    /// What the line below the address says: where akwiz will look, if that is not what was typed.
    fn understood(&self) -> String {
        let typed = self.address.value();
        match Address::parse(typed).ok().and_then(|address| address.candidates().first().map(without_slash)) {
            Some(url) if url != typed => url,
            _ => String::new(),
        }
    }
}

impl Page for Connect {
    fn enter(&mut self, cx: &mut Cx<'_>) {
        if std::mem::replace(&mut self.started, true) {
            return;
        }
        let start = &cx.wizard.start;
        if let Some(url) = &start.url {
            self.address.set(url);
        }
        if let Some(public_url) = &start.public_url {
            self.public.set(public_url);
            self.asks_public = start.url.as_deref().is_some_and(|url| reach_of(url).is_some_and(Reach::needs_public_address));
        }
        if let Some(ca_file) = &start.ca_file {
            self.ca_file.set(&ca_file.to_string_lossy());
        }
    }

    fn context(&self, _wizard: &Wizard) -> Context {
        match self.focus {
            _ if self.probing.is_some() => Context::Waiting,
            Focus::Offer => Context::Choice,
            Focus::Address | Focus::Public | Focus::CaFile => Context::Field,
        }
    }

    fn action(&mut self, action: Action, cx: &mut Cx<'_>) -> Flow {
        if self.probing.is_some() {
            match action {
                Action::Back => {
                    cx.effects.abort();
                    self.probing = None;
                    cx.say(Tone::Note, "Stopped looking.");
                }
                Action::Retry => {
                    cx.effects.abort();
                    self.look(cx);
                }
                _ => {}
            }
            return Flow::Stay;
        }
        match action {
            Action::Accept => return self.go(cx),
            Action::Back => return Flow::Back,
            Action::Up | Action::Down | Action::Toggle if self.focus == Focus::Offer => {
                let count = self.offers(cx.wizard.start.demo).len();
                if !self.offer.handle(action, count) && action != Action::Toggle {
                    self.step_focus(cx.wizard, action == Action::Down);
                }
            }
            Action::Up | Action::PreviousField => self.step_focus(cx.wizard, false),
            Action::Down | Action::NextField => self.step_focus(cx.wizard, true),
            Action::Clear => {
                if let Some(field) = self.field() {
                    field.clear();
                    self.edited();
                }
            }
            Action::Default => {
                let default = match self.focus {
                    Focus::Address => cx.wizard.start.url.clone(),
                    Focus::Public => cx.wizard.start.public_url.clone(),
                    Focus::CaFile | Focus::Offer => None,
                };
                if let Some(field) = self.field() {
                    field.set(&default.unwrap_or_default());
                    self.edited();
                }
            }
            _ => {}
        }
        Flow::Stay
    }

    fn text(&mut self, key: KeyEvent, _cx: &mut Cx<'_>) -> Flow {
        if self.field().is_some_and(|field| field.handle(key)) {
            self.edited();
        }
        Flow::Stay
    }

    fn paste(&mut self, text: &str, _cx: &mut Cx<'_>) -> Flow {
        if self.field().is_some_and(|field| field.paste(text)) {
            self.edited();
        }
        Flow::Stay
    }

    fn answer(&mut self, answer: Answer, cx: &mut Cx<'_>) -> Flow {
        let Answer::Probed(result) = answer else { return Flow::Stay };
        self.probing = None;
        let typed = self.address.value().to_owned();
        match result {
            Ok(found) => {
                self.seen = Some((typed, Ok(found.clone())));
                self.arrive(found, cx)
            }
            Err(failure) => {
                self.offer = ChoiceState::default();
                self.seen = Some((typed, Err(failure)));
                Flow::Stay
            }
        }
    }

    fn busy(&self, _wizard: &Wizard) -> Option<Millis> {
        self.probing
    }

    fn draw(&self, view: &mut View<'_>, area: Rect, wizard: &Wizard) {
        let failure = self.failure();
        let mut column = Column::new(view, area);
        // What is known by then gives way to what has to be read.
        if failure.is_none_or(|failure| failure.certificate.is_none()) || area.height > 16 {
            column.text(Role::Text, "Where is authentik? Type its address as you would in a browser.");
            column.take(1);
        }
        let slot = |label, focus, help| {
            let focused = self.focus == focus && self.probing.is_none();
            let error = if focused { self.error.as_str() } else { "" };
            Slot { label, label_width: LABELS, help, error, focused }
        };
        let understood = self.understood();
        let address = slot("Address", Focus::Address, understood.as_str());
        column.field(&FieldView { slot: address, field: &self.address, placeholder: "for example auth.example.com" });
        if self.asks_public {
            if understood.is_empty() {
                column.take(1);
            }
            let help = "What browsers and applications use; all settings carry it.";
            let public = slot("Public address", Focus::Public, help);
            column.field(&FieldView { slot: public, field: &self.public, placeholder: "for example https://auth.example.com" });
        }
        column.take(1);
        if self.probing.is_some() {
            let url = if understood.is_empty() { self.address.value() } else { &understood };
            column.waiting(&format!("Looking for authentik at {url}"));
        } else if let Some(failure) = failure {
            draw_failure(&mut column, failure);
            let offers = self.offers(wizard.start.demo);
            if !offers.is_empty() {
                column.take(1);
                let rows: Vec<Row<'_>> = offers.iter().map(Offer::row).collect();
                column.choice(&ChoiceView {
                    slot: slot("What to do", Focus::Offer, ""),
                    options: &rows,
                    state: self.offer,
                    expanded: true,
                });
                if self.chosen_offer(wizard) == Some(Offer::CaFile) {
                    let ca_file = slot("CA file", Focus::CaFile, "");
                    column.field(&FieldView {
                        slot: ca_file,
                        field: &self.ca_file,
                        placeholder: "for example /etc/ssl/home-ca.pem",
                    });
                }
            }
        } else if let Some((_, Ok(found))) = &self.seen {
            let check = column.symbols().check;
            column.paragraphs(&found_paragraphs(found, check));
        }
    }

    fn help(&self, _wizard: &Wizard) -> &'static str {
        "akwiz looks at the address without a token and sends nothing but a question for a page. Enter looks, and goes on when authentik \
         is there. A host name gets https; type http:// for a server without it. The public address is the one that browsers and \
         applications use; it is asked for when the address works on this machine or this network only."
    }
}

fn draw_failure(column: &mut Column<'_, '_>, failure: &ProbeFailure) {
    column.error(&failure.error);
    if let Some(certificate) = &failure.certificate {
        column.paragraphs(&certificate_paragraphs(certificate));
    }
}

/// What the certificate says of itself, for comparing.
fn certificate_paragraphs(certificate: &Certificate) -> Vec<Paragraph> {
    let by = if certificate.issuer == certificate.subject { "itself" } else { certificate.issuer.as_str() };
    let facts: Vec<String> =
        [("for", certificate.subject.as_str()), ("signed by", by), ("valid until", certificate.not_after.as_str())]
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(label, value)| format!("{label} {value}"))
            .collect();
    vec![
        Paragraph::led("SHA-256  ", Role::Text, certificate.fingerprint.clone()),
        Paragraph::led("         ", Role::Muted, facts.join(", ")),
    ]
}

/// What was found, line by line.
fn found_paragraphs(found: &ServerFound, check: &str) -> Vec<Paragraph> {
    let version = found.version.map_or_else(String::new, |version| format!(" {version}"));
    let tls = match found.tls {
        Tls::Plain => ", not encrypted",
        Tls::Authority => ", certificate trusted",
        Tls::Fingerprint => ", certificate accepted by its fingerprint",
    };
    vec![Paragraph::led(format!("{check} "), Role::Ok, format!("authentik{version} at {}{tls}.", found.api_url))]
}

/// What to begin the public address with: the last one used, or the API's own where a whole network can reach that.
fn default_public(found: &ServerFound, wizard: &Wizard) -> String {
    if let Some(url) = &wizard.start.public_url {
        return url.clone();
    }
    match reach_of(&found.api_url) {
        Some(Reach::Private) => found.api_url.clone(),
        _ => String::new(),
    }
}

/// The public address without a final slash, or what is wrong with it.
fn parse_public(typed: &str) -> Result<String, String> {
    let address = match Address::parse(typed) {
        Ok(address) => address,
        Err(crate::authentik::address::NotAnAddress::Empty) => {
            return Err("Type the address that browsers use for authentik.".to_owned());
        }
        Err(why) => return Err(why.to_string()),
    };
    let url = address.candidates().first().ok_or("This is not an address.")?;
    if reach(url) == Reach::Loopback {
        return Err("Other machines cannot reach this address. Type the one that browsers use.".to_owned());
    }
    Ok(without_slash(url))
}

fn reach_of(typed: &str) -> Option<Reach> {
    Address::parse(typed).ok()?.candidates().first().map(reach)
}

/// Whether the address as typed means this server.
fn is_at(url: &str, typed: &str) -> bool {
    let url = url.trim_end_matches('/');
    Address::parse(typed).is_ok_and(|address| address.candidates().iter().any(|candidate| without_slash(candidate) == url))
}

fn without_slash(url: &Url) -> String {
    url.as_str().trim_end_matches('/').to_owned()
}
