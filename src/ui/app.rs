//! The wizard's update function: messages in, effects out. Synchronous, no I/O, no clock.

use std::sync::Arc;
use std::time::Duration;

use crossterm::event::{KeyEvent, KeyEventKind};
use ratatui::layout::{Position, Rect};

use super::effect::{Effect, Effects, Read, Remembered, Tickets, Write};
use super::front::{Close, Front};
use super::keymap::{self, Action, Context};
use super::msg::{Answer, Millis, Msg, Ticket, Written};
use super::pages::Pages;
use super::steps::{Cx, Flow, Page, Step, Tone, order};
use super::terminal::Signal;
use super::widgets::spinner::{FIRST_TICK, Spinner, TICK};
use super::wizard::{Load, Start, Wizard};
use crate::config::put_first;
use crate::error::Kind;

/// The whole state of the wizard.
#[derive(Debug)]
pub struct App {
    /// What the pages share.
    pub(super) wizard: Wizard,
    pub(super) pages: Pages,
    /// The page that is shown.
    pub(super) step: Step,
    /// The pages that Back leads through. Review in it means: opened from there.
    trail: Vec<Step>,
    /// What stands in front of the page.
    pub(super) front: Option<Front>,
    /// The line above the footer.
    pub(super) status: Option<(Tone, String)>,
    pub(super) spinner: Spinner,
    /// When the spinner turns next.
    spin_at: Option<Millis>,
    tickets: Tickets,
    /// Where pages are drawn; known from the last frame.
    pub(super) area: Rect,
    /// The write under way is being finished, and then the wizard ends.
    leaving: bool,
}

impl App {
    /// A wizard on its first page. The first frame can be drawn before [`App::begin`].
    pub fn new(start: Start) -> Self {
        Self::at(Step::Connect, Wizard { start, ..Wizard::default() })
    }

    /// A wizard that begins on another page, with what led there already known.
    pub fn at(step: Step, wizard: Wizard) -> Self {
        let trail = order::line(wizard.template.as_deref()).into_iter().take_while(|passed| *passed < step).collect();
        Self {
            wizard,
            pages: Pages::default(),
            step,
            trail,
            front: None,
            status: None,
            spinner: Spinner::default(),
            spin_at: None,
            tickets: Tickets::new(step),
            area: Rect::default(),
            leaving: false,
        }
    }

    /// What to do first. Draw a frame before carrying it out: nothing in it is needed for the first one.
    pub fn begin(&mut self, now: Millis) -> Vec<Effect> {
        let effects = self.visit(now, |page, cx| {
            if cx.wizard.catalog.ready().is_none() {
                cx.wizard.catalog = Load::Loading(now);
                cx.effects.read_always(Read::Catalog);
            }
            page.enter(cx);
            Flow::Stay
        });
        self.schedule(now);
        effects
    }

    /// The page that is shown.
    pub fn step(&self) -> Step {
        self.step
    }

    /// What the pages share.
    pub fn wizard(&self) -> &Wizard {
        &self.wizard
    }

    /// What has the keyboard.
    pub fn context(&self) -> Context {
        match &self.front {
            Some(front) => front.context(),
            None => self.pages.get(self.step).context(&self.wizard),
        }
    }

    /// When a [`Msg::Tick`] is wanted; none while there is nothing to wait for.
    pub fn wake_at(&self) -> Option<Millis> {
        let page = self.pages.get(self.step).wake_at();
        [self.spin_at, page].into_iter().flatten().min()
    }

    /// Lets one thing happen.
    pub fn update(&mut self, now: Millis, msg: Msg) -> Vec<Effect> {
        let effects = match msg {
            Msg::Key(key) => self.key(now, key),
            Msg::Paste(text) => self.paste(now, &text),
            Msg::Scroll(rows) => self.scroll(now, rows),
            Msg::Click { x, y } => self.click(now, Position { x, y }),
            Msg::Resize => Vec::new(),
            Msg::Signal(signal) => self.signal(signal),
            Msg::Tick => self.tick(now),
            Msg::Answer(ticket, answer) => self.answer(now, ticket, answer),
            Msg::Written(news) => self.written(now, &news),
        };
        self.schedule(now);
        effects
    }

    fn key(&mut self, now: Millis, key: KeyEvent) -> Vec<Effect> {
        if key.kind == KeyEventKind::Release {
            return Vec::new();
        }
        self.status = None;
        let context = self.context();
        match keymap::lookup(context, key) {
            Some(action) => self.action(now, action),
            None if !context.takes_text() => Vec::new(),
            None => match &mut self.front {
                Some(front) => {
                    front.text(key);
                    Vec::new()
                }
                None => self.visit(now, |page, cx| page.text(key, cx)),
            },
        }
    }

    fn action(&mut self, now: Millis, action: Action) -> Vec<Effect> {
        match action {
            Action::Quit => return self.quit(),
            Action::Redraw => return vec![Effect::Redraw],
            Action::Suspend => return vec![Effect::Suspend],
            Action::Help if self.front.is_none() => {
                let page = self.pages.get(self.step);
                self.front = Some(Front::help(self.step.title(), page.help(&self.wizard), page.context(&self.wizard)));
                return Vec::new();
            }
            _ => {}
        }
        let Some(mut front) = self.front.take() else {
            return self.visit(now, |page, cx| page.action(action, cx));
        };
        match front.action(action, self.area) {
            Close::Open => {
                self.front = Some(front);
                Vec::new()
            }
            Close::Closed => Vec::new(),
            Close::Leave => self.leave(),
            Close::Replied(id, reply) => self.visit(now, |page, cx| page.replied(id, reply, cx)),
        }
    }

    /// Ctrl-C: asks once where something would be lost. Asked again, or with nothing to lose, it leaves.
    fn quit(&mut self) -> Vec<Effect> {
        let asked = matches!(self.front, Some(Front::Leave(_)));
        match self.wizard.at_stake() {
            Some(stake) if !asked && !self.leaving => {
                self.front = Some(Front::leave(stake, self.wizard.applying));
                Vec::new()
            }
            _ => self.leave(),
        }
    }

    fn leave(&mut self) -> Vec<Effect> {
        // While writes run, the executor finishes the one under way and records it; then it leaves.
        let code = if self.wizard.outcome.is_some() { 0 } else { Kind::Cancelled.exit_code() };
        let stop = self.wizard.applying.then_some(Effect::StopApply);
        self.front = None;
        self.leaving = true;
        if stop.is_some() {
            self.status = Some((Tone::Note, "Finishing and recording the change under way; akwiz ends then.".to_owned()));
        }
        stop.into_iter().chain([Effect::Quit(code)]).collect()
    }

    fn paste(&mut self, now: Millis, text: &str) -> Vec<Effect> {
        self.status = None;
        if let Some(front) = &mut self.front {
            front.paste(text);
            return Vec::new();
        }
        if !self.context().takes_text() {
            return Vec::new();
        }
        self.visit(now, |page, cx| page.paste(text, cx))
    }

    fn scroll(&mut self, now: Millis, rows: i8) -> Vec<Effect> {
        let action = if rows < 0 { Action::Up } else { Action::Down };
        let bound = keymap::bindings(self.context()).any(|binding| binding.action == action);
        if bound { self.action(now, action) } else { Vec::new() }
    }

    fn click(&mut self, now: Millis, at: Position) -> Vec<Effect> {
        if self.front.is_some() {
            return Vec::new();
        }
        self.visit(now, |page, cx| page.click(at, cx))
    }

    fn signal(&mut self, signal: Signal) -> Vec<Effect> {
        match signal {
            Signal::Interrupt => self.quit(),
            Signal::Terminate | Signal::Hangup => self.leave(),
            // The loop itself puts the terminal away and takes it again.
            Signal::Suspend | Signal::Continue => Vec::new(),
        }
    }

    fn tick(&mut self, now: Millis) -> Vec<Effect> {
        if self.spin_at.is_some_and(|at| at <= now) {
            self.spinner.tick();
            self.spin_at = Some(now + millis(TICK));
        }
        if self.pages.get(self.step).wake_at().is_some_and(|at| at <= now) {
            return self.visit(now, |page, cx| page.tick(cx));
        }
        Vec::new()
    }

    fn answer(&mut self, now: Millis, ticket: Ticket, answer: Answer) -> Vec<Effect> {
        if ticket == self.tickets.page {
            return self.visit(now, |page, cx| page.answer(answer, cx));
        }
        if ticket != self.tickets.server && ticket != Ticket::ALWAYS {
            return Vec::new();
        }
        match answer {
            Answer::Catalog(result) => self.wizard.catalog = result.into(),
            Answer::Facts(result) => self.wizard.facts = result.map(|facts| Arc::new(*facts)).into(),
            _ => return Vec::new(),
        }
        self.visit(now, |page, cx| page.loaded(cx))
    }

    /// News of writes reach the page that they concern whatever is shown: what was written must be known.
    fn written(&mut self, now: Millis, news: &Written) -> Vec<Effect> {
        let mut effects = Effects::new(self.tickets);
        if let Written::Applied(result) = news {
            self.wizard.applying = false;
            if let Ok(outcome) = result {
                effects.write(Write::Remember(Remembered::Template(outcome.template.clone())));
                put_first(&mut self.wizard.start.recent, &outcome.template);
                self.wizard.outcome = Some(outcome.as_ref().clone());
            }
        }
        if let Written::Undone(_) | Written::Fixed(_) = news {
            self.wizard.applying = false;
        }
        let step = match news {
            Written::Step { .. } | Written::Applied(_) => Step::Apply,
            Written::TokenKept { .. } => Step::SignIn,
            Written::Undone(_) | Written::Fixed(_) | Written::Copied { .. } | Written::File(_) => self.step,
        };
        let flow = self.call(now, step, &mut effects, |page, cx| page.written(news, cx));
        if step == self.step {
            self.follow(now, flow, &mut effects);
        }
        self.finish(effects)
    }

    /// Lets the page that is shown do something, and goes where it says.
    fn visit(&mut self, now: Millis, visit: impl FnOnce(&mut dyn Page, &mut Cx<'_>) -> Flow) -> Vec<Effect> {
        let mut effects = Effects::new(self.tickets);
        let flow = self.call(now, self.step, &mut effects, visit);
        self.follow(now, flow, &mut effects);
        self.finish(effects)
    }

    fn call<T>(
        &mut self,
        now: Millis,
        step: Step,
        effects: &mut Effects,
        call: impl FnOnce(&mut dyn Page, &mut Cx<'_>) -> T,
    ) -> T {
        let mut cx = Cx { wizard: &mut self.wizard, effects, now, status: &mut self.status, area: self.area };
        call(self.pages.get_mut(step), &mut cx)
    }

    fn finish(&mut self, effects: Effects) -> Vec<Effect> {
        let (tickets, list) = effects.finish();
        self.tickets = tickets;
        list
    }

    fn follow(&mut self, now: Millis, flow: Flow, effects: &mut Effects) {
        let template = self.wizard.template.as_deref();
        match flow {
            Flow::Stay => {}
            Flow::Next if self.trail.contains(&Step::Review) => self.show(now, Step::Review, effects),
            Flow::Next | Flow::Onward => self.show(now, order::next(self.step, template), effects),
            Flow::Goto(step) => self.show(now, step, effects),
            Flow::Back => {
                if let Some(step) = self.trail.last().copied() {
                    self.show(now, step, effects);
                } else {
                    let quit = keymap::key_for(self.context(), Action::Quit);
                    self.status = Some((Tone::Note, format!("This is the first page. {quit} leaves akwiz.")));
                }
            }
            Flow::Ask(ask) => self.front = Some(Front::ask(ask)),
            Flow::Quit(code) => effects.push(Effect::Quit(code)),
        }
    }

    /// Turns to a page. One that was passed on the way here is gone back to.
    fn show(&mut self, now: Millis, step: Step, effects: &mut Effects) {
        if step == self.step {
            return;
        }
        match self.trail.iter().position(|passed| *passed == step) {
            Some(place) => self.trail.truncate(place),
            None => self.trail.push(self.step),
        }
        self.step = step;
        self.front = None;
        effects.turn_to(step);
        self.call(now, step, effects, |page, cx| page.enter(cx));
    }

    /// Puts the next turn of the spinner on the clock, or takes it off.
    fn schedule(&mut self, now: Millis) {
        match self.pages.get(self.step).busy(&self.wizard) {
            None => {
                self.spinner = Spinner::default();
                self.spin_at = None;
            }
            Some(since) if self.spin_at.is_none() => self.spin_at = Some((since + millis(FIRST_TICK)).max(now)),
            Some(_) => {}
        }
    }
}

fn millis(duration: Duration) -> Millis {
    Millis::try_from(duration.as_millis()).unwrap_or(Millis::MAX)
}
