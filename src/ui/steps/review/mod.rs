//! What will be done, and the hub from which every answer can be changed.

mod decide;
pub(in crate::ui::steps) mod text;

use std::sync::Arc;

use ratatui::layout::Rect;

use self::decide::{Choice, Choices};
use super::{Ask, AskKind, Cx, Flow, Page, Replied, Step, View, order};
use crate::catalog::render::Engine;
use crate::setup::answers::Taken;
use crate::setup::command::{self, Connection};
use crate::setup::mint::Minted;
use crate::setup::plan::{Confirmation, Plan};
use crate::setup::planner;
use crate::setup::question::{resolve, understood};
use crate::ui::effect::{Read, Write};
use crate::ui::keymap::{Action, Context};
use crate::ui::msg::{Answer, Millis};
use crate::ui::widgets::list::{ListState, ListView};
use crate::ui::widgets::text as cells;
use crate::ui::widgets::textview::{Paragraph, Scroll, TextView};
use crate::ui::wizard::{Load, Wizard};

/// How long the page must have stood before Enter applies: what was typed ahead, or pasted with line breaks, never does.
const STAND: Millis = 300;

/// The page.
#[derive(Debug, Default)]
pub struct Review {
    /// Since when the page stands as it is.
    since: Millis,
    /// Everything is explained.
    explained: bool,
    scroll: Scroll,
    /// What is to be decided first, if anything is.
    choices: Option<Choices>,
    marked: ListState,
    /// What was chosen for a slug that is taken, and for which slug; asked about again when the page was left backwards.
    taken_for: Option<(String, Taken)>,
    /// How many of the plan's confirmations were typed.
    confirmed: usize,
}

impl Review {
    /// Gets what a plan needs, and makes the plan when everything is there.
    fn prepare(&mut self, cx: &mut Cx<'_>) {
        self.drop_outdated_choice(cx.wizard);
        cx.wizard.want_facts(cx.effects, cx.now);
        self.plan(cx.wizard, cx.now);
    }

    /// What was decided about a taken slug says nothing about another one.
    fn drop_outdated_choice(&mut self, wizard: &mut Wizard) {
        let Some(taken) = &wizard.answers.taken else { return };
        let slug = wizard.default_slug().unwrap_or_default();
        match &self.taken_for {
            Some((decided, decision)) if *decided != slug && decision == taken => {
                wizard.answers.taken = None;
                self.taken_for = None;
            }
            Some((_, decision)) if decision == taken => {}
            // Decided elsewhere, for what is wanted now.
            _ => self.taken_for = Some((slug, taken.clone())),
        }
    }

    fn plan(&mut self, wizard: &mut Wizard, now: Millis) {
        let plan = match (&wizard.template, wizard.facts.ready(), &wizard.minted) {
            (Some(template), Some(facts), Some(minted)) => {
                Some(planner::plan(&Engine::new(), template, &wizard.answers, facts, minted))
            }
            _ => None,
        };
        let before = self.taken_for.as_ref().map(|(_, taken)| taken);
        self.choices = plan.as_ref().and_then(|plan| decide::choices(plan, wizard, before));
        self.marked = ListState { selected: self.choices.as_ref().map_or(0, |choices| choices.preferred) };
        wizard.plan = plan;
        self.since = now;
        self.confirmed = 0;
    }

    fn choose(&mut self, cx: &mut Cx<'_>) -> Flow {
        let chosen = self.choices.as_ref().and_then(|choices| choices.rows.get(self.marked.selected));
        let Some(choice) = chosen.map(|row| row.choice.clone()) else { return Flow::Stay };
        match choice {
            Choice::Taken(taken) => {
                self.taken_for = Some((cx.wizard.default_slug().unwrap_or_default(), taken.clone()));
                cx.wizard.answers.taken = Some(taken);
            }
            Choice::Flow(field, slug) => decide::choose_flow(&mut cx.wizard.answers.options, field, slug),
            Choice::Page(step) => return Flow::Goto(step),
        }
        self.prepare(cx);
        Flow::Stay
    }

    /// Asks for the next confirmation, or applies.
    fn apply(&mut self, cx: &mut Cx<'_>) -> Flow {
        let (Some(plan), Some(facts)) = (&cx.wizard.plan, cx.wizard.facts.ready()) else { return Flow::Stay };
        if !plan.is_ready() {
            return Flow::Stay;
        }
        if let Some(confirmation) = plan.confirmations.get(self.confirmed) {
            return Flow::Ask(ask(confirmation));
        }
        let (plan, facts) = (Box::new(plan.clone()), Arc::clone(facts));
        cx.effects.write(Write::Apply { plan, facts, answers: Box::new(cx.wizard.answers.clone()) });
        cx.wizard.applying = true;
        cx.wizard.review_again = None;
        Flow::Goto(Step::Apply)
    }

    fn paragraphs(&self, plan: &Plan, wizard: &Wizard, width: u16) -> Vec<Paragraph> {
        let again = wizard.review_again.as_deref();
        let mut paragraphs = text::top(plan, again, self.choices.is_none());
        if self.choices.is_none() {
            paragraphs.push(text::pages(&order::from_review(wizard.template.as_deref()), width));
            paragraphs.extend(text::tree(plan, self.explained));
            paragraphs.extend(text::command(&command_line(wizard)));
        }
        paragraphs
    }
}

/// The command line that does the same.
fn command_line(wizard: &Wizard) -> String {
    let mut connection = Connection { demo: wizard.start.demo, ..Connection::default() };
    if let Some(server) = &wizard.server {
        let url = &server.found.api_url;
        connection.url.clone_from(url);
        connection.public_url = Some(server.public_url.clone()).filter(|public| public != url);
        let accepted = wizard.start.accepted.iter().filter(|(address, _)| address == url);
        connection.fingerprints = accepted.map(|(_, fingerprint)| fingerprint.clone()).collect();
    }
    connection.ca_file = wizard.start.ca_file.as_ref().map(|file| file.display().to_string());
    // As the plan takes them, so that what was pasted along with an address is gone.
    let answers = wizard.template.as_ref().map(|template| {
        let minted = Minted::default();
        let resolved = resolve(&Engine::new(), template, &wizard.answers, wizard.minted.as_ref().unwrap_or(&minted));
        understood(&wizard.answers, &resolved)
    });
    command::quoted(&command::arguments(answers.as_ref().unwrap_or(&wizard.answers), &connection))
}

fn ask(confirmation: &Confirmation) -> Ask {
    let (title, word, why) = match confirmation {
        Confirmation::Slug { slug, why } => ("Change something in use?", slug.clone(), why),
        Confirmation::Yes { why } => ("Let it run in authentik?", "yes".to_owned(), why),
    };
    let text = format!("{why}\n\nTo go on, type {word} and press Enter.");
    Ask { id: "confirm", title: title.to_owned(), text, kind: AskKind::Typed(word) }
}

impl Page for Review {
    fn enter(&mut self, cx: &mut Cx<'_>) {
        self.scroll = Scroll::default();
        if let (Some(template), None) = (&cx.wizard.template, &cx.wizard.minted) {
            cx.effects.read(Read::Mint(Arc::clone(template)));
        }
        self.prepare(cx);
    }

    fn context(&self, wizard: &Wizard) -> Context {
        match (&wizard.plan, &self.choices) {
            (None, _) => Context::Waiting,
            (Some(_), Some(_)) => Context::List,
            (Some(_), None) => Context::Review,
        }
    }

    fn action(&mut self, action: Action, cx: &mut Cx<'_>) -> Flow {
        match action {
            Action::Back => {
                // Coming forward again, the question about a taken slug is asked once more, with the last choice marked.
                cx.wizard.answers.taken = None;
                Flow::Back
            }
            Action::Retry => {
                cx.wizard.forget_facts();
                self.prepare(cx);
                Flow::Stay
            }
            Action::Accept if self.choices.is_some() => self.choose(cx),
            Action::Accept if cx.now < self.since + STAND => Flow::Stay,
            Action::Accept => self.apply(cx),
            Action::Explain => {
                self.explained = !self.explained;
                Flow::Stay
            }
            Action::Copy => {
                let what = "The command".to_owned();
                cx.effects.write(Write::Copy { text: command_line(cx.wizard).into(), secret: false, what });
                Flow::Stay
            }
            Action::Jump(number) => {
                let pages = order::from_review(cx.wizard.template.as_deref());
                match pages.get(usize::from(number).saturating_sub(1)) {
                    Some(step) => Flow::Goto(*step),
                    None => Flow::Stay,
                }
            }
            action => {
                if let Some(choices) = &self.choices {
                    self.marked.handle(action, choices.rows.len());
                } else if let Some(plan) = &cx.wizard.plan {
                    let paragraphs = self.paragraphs(plan, cx.wizard, cx.area.width);
                    let rows = TextView { paragraphs: &paragraphs, scroll: self.scroll }.rows(cx.area.width);
                    self.scroll.handle(action, rows, usize::from(cx.area.height));
                }
                Flow::Stay
            }
        }
    }

    fn answer(&mut self, answer: Answer, cx: &mut Cx<'_>) -> Flow {
        if let Answer::Minted(minted) = answer {
            cx.wizard.minted = Some(*minted);
            self.plan(cx.wizard, cx.now);
        }
        Flow::Stay
    }

    fn loaded(&mut self, cx: &mut Cx<'_>) -> Flow {
        self.plan(cx.wizard, cx.now);
        Flow::Stay
    }

    fn replied(&mut self, id: &'static str, reply: Replied, cx: &mut Cx<'_>) -> Flow {
        if id == "confirm" && reply == Replied::Confirmed {
            self.confirmed += 1;
            return self.apply(cx);
        }
        self.confirmed = 0;
        Flow::Stay
    }

    fn busy(&self, wizard: &Wizard) -> Option<Millis> {
        wizard.facts.since()
    }

    fn draw(&self, view: &mut View<'_>, area: Rect, wizard: &Wizard) {
        let Some(plan) = &wizard.plan else {
            match &wizard.facts {
                Load::Failed(error) => {
                    let paragraphs = text::failure(error);
                    TextView { paragraphs: &paragraphs, scroll: Scroll::default() }.draw(area, view.buf, view.theme);
                }
                _ => view.waiting(area, "Looking at what authentik has"),
            }
            return;
        };
        let paragraphs = self.paragraphs(plan, wizard, area.width);
        let reading = TextView { paragraphs: &paragraphs, scroll: self.scroll };
        let Some(choices) = &self.choices else {
            reading.draw(area, view.buf, view.theme);
            return;
        };
        // The choices always show; what is said above them gives way.
        let rows = choices.list_rows();
        let wanted = cells::cells(rows.len() + 1);
        let above = cells::cells(reading.rows(area.width)).min(area.height.saturating_sub(wanted));
        reading.draw(Rect { height: above, ..area }, view.buf, view.theme);
        let list = ListView { rows: &rows, state: self.marked, focused: true, note_column: 0, empty: "" };
        list.draw(cells::below(area, above + 1), view.buf, view.theme);
    }

    fn help(&self, _wizard: &Wizard) -> &'static str {
        "Everything that will be created or changed in authentik, and nothing else. Nothing has been written so far. Enter does what \
         is listed; a receipt is kept first, so that it can be undone. Lines with + are created, lines with ~ are changed. The digits \
         lead to the pages on which the answers can be changed, and Enter there leads back here. What is empty, as authentik has it \
         anyway, shows only with e."
    }
}
