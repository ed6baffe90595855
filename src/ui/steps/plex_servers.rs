//! Which Plex servers: whoever shares one of them may sign in.

use ratatui::layout::Rect;

use super::{Cx, Flow, Page, Step, Tone, View};
use crate::catalog::render::Engine;
use crate::catalog::value::Value;
use crate::setup::mint::Minted;
use crate::setup::question::resolve;
use crate::ui::keymap::{Action, Context};
use crate::ui::theme::Role;
use crate::ui::widgets::list::Row;
use crate::ui::widgets::multiselect::{MultiState, MultiView};
use crate::ui::widgets::text;
use crate::ui::widgets::textview::{Paragraph, Scroll, TextView};
use crate::ui::wizard::Wizard;

/// The page.
#[derive(Debug, Default)]
pub struct PlexServers {
    /// Which ones are taken, in the account's order.
    state: MultiState,
    /// Friends who share no server may sign in too.
    friends: bool,
}

impl PlexServers {
    /// Keeps what is taken in the answers.
    fn store(&self, wizard: &mut Wizard) {
        if let Some(account) = &mut wizard.answers.source.plex {
            account.allowed = self
                .state
                .chosen()
                .into_iter()
                .filter_map(|index| account.servers.get(index))
                .map(|server| server.id.clone())
                .collect();
        }
    }

    fn paragraphs(&self, wizard: &Wizard) -> Vec<Paragraph> {
        let name = wizard.template.as_ref().map_or("Plex", |template| &template.name);
        let mut paragraphs = vec![Paragraph::new(
            Role::Text,
            format!("Whoever shares one of the chosen servers may sign in to authentik with {name}."),
        )];
        if self.friends {
            paragraphs.push(Paragraph::new(Role::Text, "So may friends of the account who share none of them."));
            paragraphs.push(Paragraph::led(
                "Warning: ",
                Role::Warning,
                "Known bug (authentik issue 24774): while friends may sign in, nobody gets in when Plex does not answer the question \
                 for friends. Change it on the questions page.",
            ));
        } else {
            paragraphs
                .push(Paragraph::new(Role::Muted, "Friends who share none of them stay out. At least one server is needed."));
        }
        paragraphs
    }
}

/// Whether the template's answers let friends in.
fn friends(wizard: &Wizard) -> bool {
    let Some(template) = wizard.template.as_deref() else { return false };
    let setting = template.source.as_ref().and_then(|source| source.set.get("allow_friends"));
    let engine = Engine::new();
    let minted = Minted::default();
    let resolved = resolve(&engine, template, &wizard.answers, wizard.minted.as_ref().unwrap_or(&minted));
    setting.is_some_and(|setting| matches!(engine.value(setting, &resolved.scope), Ok(Value::Bool(true))))
}

impl Page for PlexServers {
    fn enter(&mut self, cx: &mut Cx<'_>) {
        self.friends = friends(cx.wizard);
        let Some(account) = &cx.wizard.answers.source.plex else { return };
        let taken = account.servers.iter().map(|server| account.allowed.contains(&server.id)).collect();
        let list = if account.servers.len() == self.state.taken.len() { self.state.list } else { MultiState::default().list };
        self.state = MultiState { list, taken };
        // A single server is what everybody means.
        if account.servers.len() == 1 && !self.friends {
            self.state.taken = vec![true];
            self.store(cx.wizard);
        }
    }

    fn context(&self, wizard: &Wizard) -> Context {
        if wizard.answers.source.plex.is_some() { Context::MultiSelect } else { Context::List }
    }

    fn action(&mut self, action: Action, cx: &mut Cx<'_>) -> Flow {
        let Some(account) = &cx.wizard.answers.source.plex else {
            return match action {
                Action::Accept => Flow::Goto(Step::PlexSignIn),
                Action::Back => Flow::Back,
                _ => Flow::Stay,
            };
        };
        match action {
            Action::Back => Flow::Back,
            Action::Accept | Action::NextField if account.servers.is_empty() && !self.friends => {
                cx.say(Tone::Error, "There is no server to choose. Sign in with the account that owns one.");
                Flow::Stay
            }
            Action::Accept | Action::NextField if account.allowed.is_empty() && !self.friends => {
                cx.say(Tone::Error, "Choose at least one server with Space: without one nobody could sign in.");
                Flow::Stay
            }
            Action::Accept | Action::NextField => Flow::Next,
            action => {
                let shown: Vec<usize> = (0..account.servers.len()).collect();
                if self.state.handle(action, &shown) {
                    self.store(cx.wizard);
                }
                Flow::Stay
            }
        }
    }

    fn draw(&self, view: &mut View<'_>, area: Rect, wizard: &Wizard) {
        let Some(account) = &wizard.answers.source.plex else {
            let sentence = "Nobody has signed in to Plex yet. Enter leads to the page for that.";
            text::put_wrapped(view.buf, area, sentence, view.theme.style(Role::Warning), view.theme);
            return;
        };
        let paragraphs = self.paragraphs(wizard);
        let reading = TextView { paragraphs: &paragraphs, scroll: Scroll::default() };
        let above = text::cells(reading.rows(area.width)).min(area.height.saturating_sub(4));
        reading.draw(Rect { height: above, ..area }, view.buf, view.theme);
        let options: Vec<Row<'_>> = account.servers.iter().map(|server| Row::new(server.name.as_str(), "")).collect();
        let shown: Vec<usize> = (0..options.len()).collect();
        let empty = "This Plex account owns no server. Go back and sign in with the account that owns one.";
        let list = MultiView { options: &options, shown: &shown, state: &self.state, focused: true, empty };
        list.draw(text::below(area, above + 1), view.buf, view.theme);
    }

    fn help(&self, _wizard: &Wizard) -> &'static str {
        "The servers that the Plex account owns. Space takes one, a takes all. Whoever shares one of them in Plex may sign in to \
         authentik; to put somebody out, stop sharing and deactivate their account in authentik. Without any server nobody could sign \
         in, unless friends may."
    }
}
