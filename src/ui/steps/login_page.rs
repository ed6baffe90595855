//! Where the source is shown: an identification stage of the login flow, or nowhere.

use ratatui::layout::Rect;

use super::review::text::failure;
use super::{Cx, Flow, Page, View};
use crate::setup::answers::LoginPage as Chosen;
use crate::setup::facts::IdentificationStage;
use crate::ui::keymap::{Action, Context};
use crate::ui::msg::Millis;
use crate::ui::theme::Role;
use crate::ui::widgets::list::{ListState, ListView, Row};
use crate::ui::widgets::text;
use crate::ui::widgets::textview::{Paragraph, Scroll, TextView};
use crate::ui::wizard::{Load, Wizard};

/// The page.
#[derive(Debug, Default)]
pub struct LoginPage {
    mark: ListState,
    /// The marker stands where the answer is.
    placed: bool,
}

impl LoginPage {
    /// Puts the marker beside the answer, or beside the stage that most likely is meant.
    fn place(&mut self, wizard: &Wizard) {
        let stages = stages(wizard);
        if self.placed || wizard.facts.ready().is_none() {
            return;
        }
        self.mark.selected = match &wizard.answers.source.login_page {
            Chosen::Stage(pk) => stages.iter().position(|stage| stage.pk == *pk),
            Chosen::Hidden => Some(stages.len()),
            Chosen::Default => stages.iter().position(|stage| stage.in_login_flow),
        }
        .unwrap_or(0);
        self.placed = true;
    }
}

fn stages(wizard: &Wizard) -> &[IdentificationStage] {
    wizard.facts.ready().map_or(&[], |facts| &facts.identification_stages)
}

fn note(stage: &IdentificationStage) -> String {
    let there = match stage.sources.len() {
        0 => "shows no source yet".to_owned(),
        1 => "1 source stays".to_owned(),
        count => format!("{count} sources stay"),
    };
    if stage.in_login_flow { format!("login flow, {there}") } else { there }
}

impl Page for LoginPage {
    fn enter(&mut self, cx: &mut Cx<'_>) {
        self.placed = false;
        cx.wizard.want_facts(cx.effects, cx.now);
        self.place(cx.wizard);
    }

    fn context(&self, wizard: &Wizard) -> Context {
        if wizard.facts.ready().is_some() { Context::List } else { Context::Waiting }
    }

    fn action(&mut self, action: Action, cx: &mut Cx<'_>) -> Flow {
        match action {
            Action::Back => Flow::Back,
            Action::Retry => {
                cx.wizard.forget_facts();
                cx.wizard.want_facts(cx.effects, cx.now);
                Flow::Stay
            }
            Action::Accept if cx.wizard.facts.ready().is_some() => {
                let chosen = match stages(cx.wizard).get(self.mark.selected) {
                    Some(stage) => Chosen::Stage(stage.pk.clone()),
                    None => Chosen::Hidden,
                };
                cx.wizard.answers.source.login_page = chosen;
                Flow::Next
            }
            action => {
                let rows = stages(cx.wizard).len() + 1;
                self.mark.handle(action, rows);
                Flow::Stay
            }
        }
    }

    fn loaded(&mut self, cx: &mut Cx<'_>) -> Flow {
        self.place(cx.wizard);
        Flow::Stay
    }

    fn busy(&self, wizard: &Wizard) -> Option<Millis> {
        wizard.facts.since()
    }

    fn draw(&self, view: &mut View<'_>, area: Rect, wizard: &Wizard) {
        match &wizard.facts {
            Load::Ready(_) => {}
            Load::Failed(error) => {
                TextView { paragraphs: &failure(error), scroll: Scroll::default() }.draw(area, view.buf, view.theme);
                return;
            }
            Load::Not | Load::Loading(_) => {
                view.waiting(area, "Looking at the login page's stages");
                return;
            }
        }
        let stages = stages(wizard);
        let mut paragraphs = vec![
            Paragraph::new(Role::Text, "On which identification stage should the login page show it?"),
            Paragraph::new(Role::Muted, "It is added at the end. Fields and sources that are there stay as they are."),
        ];
        if stages.is_empty() {
            let text = "This token sees no identification stage. Show the source later, under Flows and Stages > Stages.";
            paragraphs.push(Paragraph::new(Role::Warning, text));
        } else if stages.iter().filter(|stage| stage.in_login_flow).count() != 1 {
            let text = "Which of them belongs to the login page is not clear here; the brand's authentication flow says it.";
            paragraphs.push(Paragraph::new(Role::Warning, text));
        }
        let reading = TextView { paragraphs: &paragraphs, scroll: Scroll::default() };
        let above = text::cells(reading.rows(area.width)).min(area.height.saturating_sub(3));
        reading.draw(Rect { height: above, ..area }, view.buf, view.theme);
        let mut rows: Vec<Row<'_>> = stages.iter().map(|stage| Row::new(stage.name.as_str(), note(stage))).collect();
        rows.push(Row::new("Nowhere yet", "people cannot use it until a stage shows it"));
        let list = ListView { rows: &rows, state: self.mark, focused: true, note_column: 0, empty: "" };
        list.draw(text::below(area, above + 1), view.buf, view.theme);
    }

    fn help(&self, _wizard: &Wizard) -> &'static str {
        "The identification stage is where people type their name on the login page; it also shows the sources that they can sign in \
         with. The one of the login flow that this server's brand names is marked. What the stage shows already stays."
    }
}
