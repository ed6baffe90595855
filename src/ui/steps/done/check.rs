//! The tab that checks, and the watching beside it: what was found, what mends it, and when to look again.

use std::fmt::Write as _;
use std::sync::Arc;

use url::Url;

use super::Done;
use super::item::{Body, Heading, Item};
use crate::catalog::render::{Engine, Rendered};
use crate::catalog::template::IssuerMode;
use crate::checks::watch::{End, News, Watched, What};
use crate::checks::{
    Detail, Id, LEGEND, Mend, Pace, Person, State, Summary, Surroundings, Target, Tick, expectations, from_inside, waiting,
};
use crate::error::Error;
use crate::setup::answers::{Access, Taken};
use crate::setup::outcome::PartOutcome;
use crate::setup::plan::Decision;
use crate::ui::effect::{Read, Write};
use crate::ui::keymap::{self, Action, Context};
use crate::ui::msg::{Millis, Repair};
use crate::ui::steps::repair::{self, FIX};
use crate::ui::steps::{Ask, AskKind, Cx, Flow, Replied, Tone};
use crate::ui::theme::Role;
use crate::ui::wizard::Wizard;

/// The page's names for its questions.
pub(super) const PERSON: &str = "person";
pub(super) const FINDING: &str = "finding";

/// Of the log, the newest that is to be mended stands on top; more would push the checks away.
const MOST_NEWS: usize = 2;

/// Said while the log is read. What it cannot show is told by [`crate::checks::watch::NO_TRACE`].
const WATCHING: &str = "Watching the log. Somebody who is kept out may leave no trace: x, then p.";

/// Something that was found: by a check, or in the log.
#[derive(Debug, Clone)]
pub(in crate::ui::steps) struct Finding {
    pub(super) state: State,
    pub(super) title: String,
    pub(super) found: String,
    pub(super) looked_at: String,
    pub(super) details: Vec<Detail>,
    pub(super) mend: Option<Mend>,
    /// The application that it is about.
    slug: String,
}

/// What is known of the checks and of the log.
#[derive(Debug, Default)]
pub(super) struct Checking {
    /// The checks, by part.
    ticks: Vec<Vec<Tick>>,
    /// Which run the answers must be of.
    run: u32,
    /// A run is under way, or waits for its time.
    running: bool,
    pace: Pace,
    /// Who was chosen.
    person: Option<String>,
    /// The application has something to sign in to.
    watched: Vec<Watched>,
    /// The log is read.
    watching: bool,
    news: Vec<News>,
    /// What is about to be repaired.
    repair: Option<Box<Repair>>,
}

impl Checking {
    /// The page is shown. Nothing is asked before somebody wants it: an idle wizard does not wake up.
    pub(super) fn enter(wizard: &Wizard) -> Self {
        let Some(outcome) = &wizard.outcome else { return Self::default() };
        let is_new = wizard.answers.taken != Some(Taken::Update);
        let watched: Vec<Watched> = outcome
            .parts
            .iter()
            .filter(|part| !part.application.is_empty() && !part.provider.is_empty())
            .map(|part| Watched {
                slug: part.slug.clone(),
                name: part.name.clone(),
                application: part.application.clone(),
                provider: part.provider.clone(),
                client_id: part.client_id.clone(),
                is_new,
            })
            .collect();
        let ticks = outcome.parts.iter().map(|_| waiting()).collect();
        Self { ticks, watched, ..Self::default() }
    }

    /// Watches for the first sign-in.
    fn watch(&mut self, cx: &mut Cx<'_>) {
        if self.watched.is_empty() {
            cx.say(Tone::Note, "There is no application here to sign in to.");
        } else if self.watching {
            cx.say(Tone::Note, WATCHING);
        } else {
            cx.effects.read(Read::Watch(self.watched.clone()));
            self.watching = true;
            // What is told once is not told again.
            self.watched.iter_mut().for_each(|watched| watched.is_new = false);
        }
    }

    /// Nothing was checked yet.
    pub(super) fn is_new(&self) -> bool {
        self.run == 0 && !self.ticks.is_empty()
    }

    /// Begins a run after `wait`.
    pub(super) fn begin(&mut self, wait: Millis, cx: &mut Cx<'_>) {
        self.run += 1;
        self.running = true;
        let targets = targets(cx.wizard, self.person.as_deref());
        cx.effects.read(Read::Check { targets: Arc::new(targets), run: self.run, wait });
    }

    /// Takes a check in.
    pub(super) fn take(&mut self, run: u32, part: usize, tick: &Tick) -> bool {
        let place = self.ticks.get_mut(part).and_then(|ticks| ticks.iter_mut().find(|known| known.id == tick.id));
        match place.filter(|_| run == self.run) {
            Some(place) if place != tick => {
                place.clone_from(tick);
                true
            }
            _ => false,
        }
    }

    /// A run is over. While somebody looks, another one follows until everything is right.
    fn ended(&mut self, run: u32, looked_at: bool, cx: &mut Cx<'_>) {
        if run != self.run {
            return;
        }
        self.running = false;
        if looked_at
            && !self.summary().is_settled()
            && let Some(pause) = self.pace.pause()
        {
            self.begin(Millis::try_from(pause.as_millis()).unwrap_or(Millis::MAX), cx);
        }
    }

    fn summary(&self) -> Summary {
        let all: Vec<Tick> = self.ticks.iter().flatten().cloned().collect();
        Summary::of(&all)
    }

    /// The line below the tabs.
    pub(super) fn line(&self, checks: bool) -> Option<(Role, String)> {
        let news = self.news.last();
        if checks && self.run > 0 {
            let summary = self.summary();
            let role = match summary {
                summary if summary.red > 0 => Role::Error,
                summary if summary.warning > 0 => Role::Warning,
                summary if summary.is_settled() => Role::Ok,
                _ => Role::Muted,
            };
            let then = match (self.running, summary.is_settled()) {
                (true, _) if self.run == 1 => ", checking",
                (true, false) => "; it goes on",
                (false, false) => "; r: again",
                (_, true) => "",
            };
            return Some((role, format!("{}{then}.", summary.sentence())));
        }
        match news {
            Some(news) if news.what.is_trouble() => Some((Role::Warning, format!("{} x says what to do.", news.text))),
            Some(news) => Some((Role::Ok, news.text.clone())),
            None if self.watching => Some((Role::Muted, WATCHING.to_owned())),
            None if self.watched.is_empty() => None,
            None => {
                let key = keymap::key_for(Context::Done, Action::Watch);
                Some((Role::Muted, format!("{key} watches authentik's log for the first sign-in.")))
            }
        }
    }

    /// Whether something happens that is worth a row where there is none to spare.
    pub(super) fn has_news(&self) -> bool {
        self.watching || !self.news.is_empty()
    }

    /// Whether the last thing that happened is to be mended: it stands on top.
    pub(super) fn tells_trouble(&self) -> bool {
        self.news.last().is_some_and(|news| news.what.is_trouble())
    }

    /// What the tab shows on top: what happened, the checks, what to run elsewhere.
    pub(super) fn items(&self, wizard: &Wizard) -> Vec<Item> {
        let parts = wizard.outcome.as_ref().map(|outcome| outcome.parts.as_slice()).unwrap_or_default();
        let mut items: Vec<Item> = self.news_items().collect();
        for (part, ticks) in parts.iter().zip(&self.ticks) {
            for (index, tick) in ticks.iter().enumerate() {
                let heading = Heading { title: part.name.clone(), place: String::new(), notes: Vec::new() };
                items.push(Item { heading: (index == 0 && parts.len() > 1).then_some(heading), ..finding(part, tick) });
            }
        }
        let lines = targets(wizard, None).first().map(from_inside).unwrap_or_default();
        for (index, line) in lines.into_iter().enumerate() {
            let heading =
                Heading { title: "From inside the application's own network".into(), place: String::new(), notes: Vec::new() };
            let mut item = Item::say("", Role::Text, format!("{}:", line.title));
            if let Body::Say { command, .. } = &mut item.body {
                *command = Some(Rendered::from_text(line.command));
            }
            items.push(Item { heading: (index == 0).then_some(heading), ..item });
        }
        items
    }

    /// How many items of the log stand on top.
    fn news_items(&self) -> impl Iterator<Item = Item> {
        let trouble = self.news.iter().rev().filter(|news| news.what.is_trouble() || news.what == What::SignedIn).take(MOST_NEWS);
        trouble.map(|news| {
            let state = if news.what.is_trouble() { State::Red } else { State::Green };
            Item::finding(Finding {
                state,
                title: "Sign-in".into(),
                found: news.text.clone(),
                looked_at: "authentik's log".into(),
                details: Vec::new(),
                mend: news.mend.clone(),
                slug: String::new(),
            })
        })
    }
}

fn finding(part: &PartOutcome, tick: &Tick) -> Item {
    Item::finding(Finding {
        state: tick.state,
        title: tick.id.title().to_owned(),
        found: tick.found.clone(),
        looked_at: tick.looked_at.clone(),
        details: tick.details.clone(),
        mend: tick.mend.clone(),
        slug: part.slug.clone(),
    })
}

/// What to check, from what was made.
fn targets(wizard: &Wizard, person: Option<&str>) -> Vec<Target> {
    let (Some(template), Some(outcome)) = (wizard.template.as_deref(), &wizard.outcome) else { return Vec::new() };
    let bound = match &wizard.answers.access {
        Access::Person { username, .. } => Some(username.as_str()),
        _ => None,
    };
    let person = person.or(bound).map_or(Person::Me, |name| Person::Named(name.to_owned()));
    let engine = Engine::new();
    let target = |part: &PartOutcome| {
        let mut expectation = expectations(&engine, template, &part.id, &outcome.scope);
        expectation.name.clone_from(&part.name);
        if let Some(known) = &mut expectation.known {
            // The person may have chosen another one.
            let global = part.endpoints.issuer == format!("{}/", part.endpoints.base);
            known.needs.issuer_mode = if global { IssuerMode::Global } else { IssuerMode::PerProvider };
        }
        Some(Target {
            slug: part.slug.clone(),
            public: Url::parse(&part.endpoints.base).ok()?,
            client_id: Some(part.client_id.clone()),
            secret: part.client_secret.clone(),
            expectation,
            person: person.clone(),
            surroundings: if wizard.start.demo { Surroundings::StandIn } else { Surroundings::Network },
        })
    };
    outcome.parts.iter().filter_map(target).collect()
}

impl Done {
    /// Puts the tab's items in place, the marker staying on what it is on.
    pub(super) fn refresh_checks(&mut self, wizard: &Wizard) {
        let Some(place) = self.check_tab() else { return };
        let items = self.checking.items(wizard);
        let tab = &mut self.tabs[place];
        let grown = items.len().saturating_sub(tab.live);
        let first = tab.live == 0;
        tab.items.splice(..tab.live, items);
        tab.live = tab.items.len() - tab.rest;
        if !first && grown > 0 {
            self.marks[place].selected += grown;
            if place == self.active {
                self.detail += grown;
            }
        }
    }

    /// Where the tab is.
    pub(super) fn check_tab(&self) -> Option<usize> {
        self.tabs.iter().position(|tab| tab.title == super::tabs::CHECK)
    }

    /// Whether it is the one that is shown.
    pub(super) fn checks(&self) -> bool {
        self.check_tab() == Some(self.active)
    }

    /// Puts the marker on the first finding that is meant.
    fn mark_first(&mut self, is_meant: impl Fn(&Finding) -> bool) {
        let Some(place) = self.check_tab() else { return };
        let meant = |item: &Item| matches!(&item.body, Body::Finding(finding) if is_meant(finding));
        if let Some(found) = self.tabs[place].items.iter().position(meant) {
            self.marks[place].selected = found;
            if place == self.active {
                self.detail = found;
            }
        }
    }

    /// Ends a run. After the first one the marker goes to what is wrong, where nobody has moved it.
    pub(super) fn end_run(&mut self, run: u32, cx: &mut Cx<'_>) {
        let is_first = run == 1 && self.check_tab().is_some_and(|place| self.marks[place].selected == 0);
        self.checking.ended(run, self.checks(), cx);
        if is_first {
            let worst = if self.checking.summary().red > 0 { State::Red } else { State::Warning };
            self.mark_first(|finding| finding.state == worst);
        }
    }

    /// Begins the first run, once the tab is shown.
    pub(super) fn begin_checks(&mut self, cx: &mut Cx<'_>) {
        if self.checks() && self.checking.is_new() {
            self.checking.begin(0, cx);
        }
    }

    /// Checks again, at once and then for as long as at first.
    pub(super) fn check_again(&mut self, cx: &mut Cx<'_>) {
        if !self.checking.ticks.is_empty() {
            self.checking.pace = Pace::default();
            self.checking.begin(0, cx);
        }
    }

    /// Something happened in the log.
    pub(super) fn hear(&mut self, news: News, cx: &mut Cx<'_>) {
        // A later success makes the trouble before it old.
        if news.done {
            self.checking.news.retain(|other| !other.what.is_trouble());
        }
        self.checking.news.push(news);
        self.refresh_checks(cx.wizard);
    }

    /// Watches for the first sign-in, until somebody is in or the time is up.
    pub(super) fn watch(&mut self, cx: &mut Cx<'_>) {
        self.checking.watch(cx);
    }

    /// Nothing more will be heard.
    pub(super) fn stop_watching(&mut self, ended: &Result<End, Error>, cx: &mut Cx<'_>) {
        self.checking.watching = false;
        match ended {
            Ok(End::Enough) => {}
            Ok(End::TimeUp) => cx.say(Tone::Note, "Nothing more happened for long, so watching has ended."),
            Err(error) => cx.say(Tone::Warning, format!("The log is not watched: {error}")),
        }
    }

    fn marked(&self) -> Option<&Finding> {
        match &self.tab()?.items.get(self.selected())?.body {
            Body::Finding(finding) => Some(finding),
            _ => None,
        }
    }

    /// Shows all of the marked finding.
    pub(super) fn explain(&self) -> Flow {
        let Some(finding) = self.marked() else { return Flow::Stay };
        let mut text = finding.found.clone();
        if !finding.looked_at.is_empty() {
            let _ = write!(text, "\nLooked at: {}", finding.looked_at);
        }
        for detail in &finding.details {
            let _ = write!(text, "\n{}", detail.line());
        }
        if finding.title == Id::Claims.title() && !finding.details.is_empty() {
            let _ = write!(text, "\n({LEGEND})");
        }
        if let Some(mend) = &finding.mend {
            let _ = write!(text, "\n\nTo mend it: {}", mend.text);
        }
        Flow::Ask(Ask { id: FINDING, title: finding.title.clone(), text, kind: AskKind::Choices(vec!["Close".into()]) })
    }

    /// Plans what mends the marked finding, or says it where akwiz cannot do it.
    pub(super) fn plan_fix(&mut self, cx: &mut Cx<'_>) -> Flow {
        let Some(finding) = self.marked() else { return Flow::Stay };
        let Some(mend) = &finding.mend else {
            cx.say(Tone::Note, "There is nothing to mend here.");
            return Flow::Stay;
        };
        let Some(fix) = mend.fix.clone() else {
            cx.say(Tone::Note, mend.text.as_str());
            return Flow::Stay;
        };
        let only = cx.wizard.outcome.as_ref().and_then(|outcome| outcome.parts.first()).map(|part| part.slug.clone());
        let slug = if finding.slug.is_empty() { only.unwrap_or_default() } else { finding.slug.clone() };
        cx.effects.read(Read::PlanFix { slug, fix });
        Flow::Stay
    }

    /// Shows what a repair changes, and asks.
    pub(super) fn ask_fix(&mut self, planned: Result<Box<Repair>, Error>, cx: &mut Cx<'_>) -> Flow {
        let repair = match planned {
            Ok(repair) => repair,
            Err(error) => {
                cx.say(Tone::Error, error.to_string());
                return Flow::Stay;
            }
        };
        if let Some(Decision::Blocked { text }) = repair.plan.decisions.first() {
            cx.say(Tone::Warning, text.as_str());
            return Flow::Stay;
        }
        if !repair.plan.is_ready() || repair.plan.is_empty() {
            cx.say(Tone::Note, "authentik has it already. r checks again.");
            return Flow::Stay;
        }
        match repair::ask(&repair.plan) {
            Ok(ask) => {
                self.checking.repair = Some(repair);
                Flow::Ask(ask)
            }
            Err(sentence) => {
                cx.say(Tone::Note, sentence);
                Flow::Stay
            }
        }
    }

    /// Carries the repair out.
    pub(super) fn fix(&mut self, cx: &mut Cx<'_>) {
        if let Some(repair) = self.checking.repair.take() {
            cx.effects.write(Write::Fix(repair));
            cx.wizard.applying = true;
            self.fixing = Some(cx.now);
        }
    }

    /// A repair is over.
    pub(super) fn fixed(&mut self, result: &Result<Option<String>, Error>, cx: &mut Cx<'_>) {
        self.fixing = None;
        match result {
            Ok(Some(receipt)) => cx.say(Tone::Ok, format!("It is changed. Take it back with: akwiz undo {receipt}")),
            Ok(None) => cx.say(Tone::Ok, "It is changed."),
            Err(error) => cx.say(Tone::Error, error.to_string()),
        }
        self.check_again(cx);
    }

    /// Asks whose sign-in to look at.
    pub(super) fn ask_person(&self, wizard: &Wizard) -> Flow {
        let me = || wizard.signed_in.as_ref().map(|signed_in| signed_in.person.username.clone());
        let before = self.checking.person.clone().or_else(me).unwrap_or_default();
        let text = "The user name in authentik. The checks then show whether that person gets in, and as what.".into();
        Flow::Ask(Ask { id: PERSON, title: "Whose sign-in?".into(), text, kind: AskKind::Line(before) })
    }

    /// Acts on the replies to the tab's questions; none where the question is another one's.
    pub(super) fn act_on_check(&mut self, id: &'static str, reply: &Replied, cx: &mut Cx<'_>) -> Option<Flow> {
        match (id, reply) {
            (FIX, Replied::Choice(0) | Replied::Confirmed) => self.fix(cx),
            (PERSON, Replied::Line(name)) if !name.trim().is_empty() => {
                self.checking.person = Some(name.trim().to_owned());
                self.check_again(cx);
                self.mark_first(|finding| finding.title == Id::Access.title());
            }
            (FIX | PERSON | FINDING, _) => self.checking.repair = None,
            _ => return None,
        }
        Some(Flow::Stay)
    }
}
