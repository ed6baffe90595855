//! What to fill in at a login source's service before its values can be brought back: the callback address above all, to be copied.

use ratatui::layout::Rect;

use super::done::item::{Body, Item, Items};
use super::done::tabs::{Tab, registration};
use super::{Cx, Flow, Page, Tone, View};
use crate::catalog::render::{Content, Engine};
use crate::setup::mint::Minted;
use crate::setup::planner;
use crate::setup::question::resolve;
use crate::ui::effect::Write;
use crate::ui::keymap::{Action, Context};
use crate::ui::theme::{Role, Theme};
use crate::ui::widgets::list::ListState;
use crate::ui::widgets::text;
use crate::ui::widgets::textview::{Paragraph, Scroll, TextView};
use crate::ui::wizard::Wizard;

/// The page.
#[derive(Debug, Default)]
pub struct Register {
    /// For which template and slug it was made.
    made_for: (String, String),
    tab: Option<Tab>,
    mark: ListState,
}

impl Register {
    fn items(&self) -> Option<Items<'_>> {
        let tab = self.tab.as_ref()?;
        Some(Items { all: &tab.items, selected: self.mark.selected, secrets: false })
    }

    fn copy(&self, cx: &mut Cx<'_>) {
        let item = self.tab.as_ref().and_then(|tab| tab.items.get(self.mark.selected));
        match item.map(|item| &item.body) {
            Some(Body::Field(field)) => match &field.content {
                Content::Text(value) if !value.is_empty() => {
                    cx.effects.write(Write::Copy { secret: false, text: value.reveal(), what: field.label.clone() });
                }
                _ => cx.say(Tone::Note, format!("\"{}\" is set by hand: there is nothing to copy.", field.label)),
            },
            _ => cx.say(Tone::Note, "This is a step to do, with nothing to copy."),
        }
    }
}

/// The whole of what is marked, and why it is so.
fn detail(items: &Items<'_>, list: Rect, theme: &Theme) -> Vec<Paragraph> {
    match items.all.get(items.selected).map(|item| &item.body) {
        Some(Body::Field(field)) => items.field_detail(field, list, theme),
        Some(Body::Say { lead, role, text, .. }) => vec![Paragraph::led(lead.as_str(), *role, text.as_str())],
        _ => Vec::new(),
    }
}

/// The room for the list: above it the sentence, below it some rows for the whole of what is marked.
fn list_area(area: Rect, above: u16) -> Rect {
    let body = text::below(area, above + 1);
    Rect { height: body.height.saturating_sub(4), ..body }
}

/// What the page is for.
fn intro(wizard: &Wizard) -> Vec<Paragraph> {
    let name = wizard.template.as_ref().map_or("the service", |template| template.name.as_str());
    vec![Paragraph::new(
        Role::Text,
        format!("Register authentik at {name} first. It gives the values that the next page asks for. c copies a value."),
    )]
}

fn above(area: Rect, wizard: &Wizard) -> u16 {
    text::cells(TextView { paragraphs: &intro(wizard), scroll: Scroll::default() }.rows(area.width))
}

impl Page for Register {
    fn enter(&mut self, cx: &mut Cx<'_>) {
        let (Some(template), Some(server)) = (cx.wizard.template.clone(), &cx.wizard.server) else { return };
        let engine = Engine::new();
        let resolved = resolve(&engine, &template, &cx.wizard.answers, &Minted::default());
        let scope = planner::registration(&engine, &template, &cx.wizard.answers, &resolved, &server.public_url);
        let slug = scope.get("slug").and_then(|slug| slug.as_text()).unwrap_or_default().to_owned();
        let tab = registration(&template, &scope);
        let made_for = (template.id.clone(), slug);
        if made_for != self.made_for {
            let callback = scope.get("callback").and_then(|callback| callback.as_text()).unwrap_or_default();
            let is_callback = |item: &Item| match &item.body {
                Body::Field(field) => field.copy().is_some_and(|value| value.plain() == Some(callback)),
                _ => false,
            };
            let pasted = |item: &Item| item.body.is_pasted();
            let first = tab.items.iter().position(is_callback).or_else(|| tab.items.iter().position(pasted));
            self.mark = ListState { selected: first.unwrap_or(0) };
        }
        self.made_for = made_for;
        self.tab = Some(tab);
    }

    fn context(&self, _wizard: &Wizard) -> Context {
        Context::Register
    }

    fn action(&mut self, action: Action, cx: &mut Cx<'_>) -> Flow {
        match action {
            Action::Accept => return Flow::Next,
            Action::Back => return Flow::Back,
            Action::Copy => self.copy(cx),
            action => {
                let list = list_area(cx.area, above(cx.area, cx.wizard));
                let Some(items) = self.items() else { return Flow::Stay };
                match action {
                    Action::PageUp | Action::PageDown => {
                        self.mark.selected = items.turned(action == Action::PageDown, list, &Theme::default());
                    }
                    action => {
                        let count = items.all.len();
                        self.mark.handle(action, count);
                    }
                }
            }
        }
        Flow::Stay
    }

    fn draw(&self, view: &mut View<'_>, area: Rect, wizard: &Wizard) {
        let intro = intro(wizard);
        let head = above(area, wizard);
        TextView { paragraphs: &intro, scroll: Scroll::default() }.draw(Rect { height: head, ..area }, view.buf, view.theme);
        let Some(items) = self.items() else { return };
        let list = list_area(area, head);
        let detail = detail(&items, list, view.theme);
        items.draw_with(&detail, list, area, view.buf, view.theme);
    }

    fn help(&self, _wizard: &Wizard) -> &'static str {
        "A login source begins at the service: authentik is registered there, with the address to which people are sent back. That \
         address is known already, because its slug is akwiz's choice. Up and Down move, c copies the marked value. Enter goes on to \
         the questions, which ask for what the service gives. Nothing is written to authentik before you confirm the review."
    }
}
