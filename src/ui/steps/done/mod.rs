//! What to enter in the application: values to copy, texts to write, steps to do, in the application's own words and order.

mod actions;
mod check;
pub(super) mod item;
mod late;
pub(super) mod tabs;

use ratatui::layout::Rect;

use self::actions::Pending;
use self::check::Checking;
use self::item::{Body, Items, shown};
use self::tabs::Tab;
use super::{Ask, AskKind, Cx, Flow, Page, Replied, Tone, View};
use crate::ui::keymap::{self, Action, Context};
use crate::ui::msg::{Answer, FileWritten, Millis, Written};
use crate::ui::theme::{Role, Theme};
use crate::ui::widgets::list::ListState;
use crate::ui::widgets::tabs::{TabsView, turn};
use crate::ui::widgets::text;
use crate::ui::widgets::textview::{Paragraph, Scroll, TextView};
use crate::ui::wizard::Wizard;

/// From this height on, a row is free below the tabs.
const ROOMY: u16 = 18;

/// How long the marker must rest before the whole value below the list follows it: a move costs the marker alone.
const REST: Millis = 150;

/// The page.
#[derive(Debug, Default)]
pub struct Done {
    tabs: Vec<Tab>,
    active: usize,
    /// Where the marker is in each tab.
    marks: Vec<ListState>,
    /// The item that shows whole below the list.
    detail: usize,
    /// When that follows the marker.
    follow_at: Option<Millis>,
    secrets: bool,
    /// Something was copied or written: it is safe to leave.
    taken: bool,
    /// The person knows through what a copied secret passes.
    warned: bool,
    pending: Option<Pending>,
    /// The checks, and what happens in the log.
    checking: Checking,
    /// Since when something is being repaired.
    fixing: Option<Millis>,
    /// Since when what was done is being taken back.
    undoing: Option<Millis>,
    /// What was taken back, one line each.
    undone: Option<Vec<String>>,
}

impl Done {
    fn tab(&self) -> Option<&Tab> {
        self.tabs.get(self.active)
    }

    fn selected(&self) -> usize {
        self.marks.get(self.active).map_or(0, |mark| mark.selected)
    }

    fn items<'a>(&self, tab: &'a Tab) -> Items<'a> {
        Items { all: &tab.items, selected: self.selected(), secrets: self.secrets }
    }

    fn show_tab(&mut self, active: usize) {
        self.active = active.min(self.tabs.len().saturating_sub(1));
        self.detail = self.selected();
        self.follow_at = None;
    }

    fn go(&mut self, action: Action, cx: &Cx<'_>) {
        let Some(tab) = self.tabs.get(self.active) else { return };
        let Some(mut mark) = self.marks.get(self.active).copied() else { return };
        // Sizes do not depend on the theme: symbols are one cell wide in both sets.
        let theme = Theme::default();
        let list = list_area(self.room(cx.area));
        match action {
            Action::PageUp | Action::PageDown => mark.selected = self.items(tab).turned(action == Action::PageDown, list, &theme),
            action => {
                mark.handle(action, tab.items.len());
            }
        }
        if self.marks[self.active] != mark {
            self.marks[self.active] = mark;
            self.follow_at = Some(cx.now + REST);
        }
    }

    /// The whole of what is marked: a value that may be cut in the list, why it is so, and what the keys do with it.
    fn detail(&self, tab: &Tab, list: Rect, theme: &Theme) -> Vec<Paragraph> {
        let Some(item) = tab.items.get(self.detail) else { return Vec::new() };
        let items = self.items(tab);
        let sentences = !items.is_whole(list, theme);
        let mut paragraphs = Vec::new();
        match &item.body {
            Body::Field(field) => paragraphs = items.field_detail(field, list, theme),
            Body::Say { role, lead, text, command, asks } => {
                if sentences {
                    paragraphs.push(Paragraph::led(lead.as_str(), *role, text.as_str()));
                }
                if let Some(command) = command {
                    paragraphs.push(Paragraph::led("$ ", Role::Chosen, shown(command, self.secrets, theme)));
                }
                if asks.is_some() {
                    let key = keymap::key_for(Context::Done, Action::Answer);
                    let text = format!("{key} enters it here: akwiz then shows what changes in authentik.");
                    paragraphs.push(Paragraph::new(Role::Chosen, text));
                }
            }
            Body::Finding(finding) => {
                paragraphs.push(Paragraph::new(Role::Text, finding.found.as_str()));
                if let Some(mend) = &finding.mend {
                    let does = if mend.fix.is_some() {
                        format!(" ({} does it.)", keymap::key_for(Context::Check, Action::Fix))
                    } else {
                        String::new()
                    };
                    paragraphs.push(Paragraph::led("To mend it: ", Role::Chosen, format!("{}{does}", mend.text)));
                }
                if !finding.looked_at.is_empty() {
                    paragraphs.push(Paragraph::led("Looked at: ", Role::Muted, finding.looked_at.as_str()));
                }
            }
            Body::Whole(_) => paragraphs.push(Paragraph::new(Role::Muted, "c or C copies it, w writes it to a file.")),
        }
        paragraphs
    }

    /// The room for tabs, list and what is marked: all, but for a row at the bottom where the line has no other place.
    fn room(&self, area: Rect) -> Rect {
        let tells = self.checks() || self.checking.has_news();
        let taken = area.height < ROOMY && tells && self.checking.line(self.checks()).is_some();
        Rect { height: area.height - u16::from(taken), ..area }
    }

    /// Draws the line that tells what the checks found and what happens in the log: in the free row below the tabs, and where there is
    /// none, in the last one, once there is something to tell.
    fn draw_line(&self, view: &mut View<'_>, area: Rect) {
        let Some((role, line)) = self.checking.line(self.checks()) else { return };
        let row = match (area.height >= ROOMY, self.room(area).height < area.height) {
            (true, _) => 1,
            (false, true) => area.height - 1,
            (false, false) => return,
        };
        let place = text::indent(text::line(area, row), 1);
        text::put_cut(view.buf, place, (place.x, place.y), place.width, &line, view.theme.style(role), view.theme);
    }

    fn draw_undone(lines: &[String], view: &mut View<'_>, area: Rect) {
        let mut paragraphs = vec![Paragraph::new(Role::Ok, "What was created and changed has been taken back.")];
        paragraphs.extend(lines.iter().map(|line| Paragraph::led("- ", Role::Text, line.as_str())));
        paragraphs.push(Paragraph::blank());
        paragraphs.push(Paragraph::new(Role::Text, "n sets up another application, Enter leaves."));
        TextView { paragraphs: &paragraphs, scroll: Scroll::default() }.draw(area, view.buf, view.theme);
    }
}

/// The room for the list. Below it there are always some rows for the whole of what is marked, and those that a page leaves free.
fn list_area(area: Rect) -> Rect {
    let below = (area.height / 6).clamp(3, 6);
    let body = text::below(area, if area.height < ROOMY { 1 } else { 2 });
    Rect { height: body.height.saturating_sub(below + 1), ..body }
}

impl Page for Done {
    fn enter(&mut self, cx: &mut Cx<'_>) {
        let tabs = match (cx.wizard.template.as_deref(), &cx.wizard.outcome) {
            (Some(template), Some(outcome)) => tabs::tabs(template, outcome),
            _ => Vec::new(),
        };
        let list = list_area(cx.area);
        let first = |tab: &Tab| Items { all: &tab.items, selected: 0, secrets: false }.first_pasted(list, &Theme::default());
        let marks = tabs.iter().map(|tab| ListState { selected: first(tab) }).collect();
        // A source whose values were entered at the service before leaves nothing to take away.
        let taken = tabs.first().is_some_and(|tab| tab.items.iter().all(|item| !item.body.is_pasted()));
        let checking = Checking::enter(cx.wizard);
        *self = Self { tabs, marks, taken, warned: self.warned, checking, ..Self::default() };
        self.refresh_checks(cx.wizard);
        self.show_tab(0);
    }

    fn context(&self, _wizard: &Wizard) -> Context {
        match (self.undoing.or(self.fixing), &self.undone) {
            (Some(_), _) => Context::Applying,
            (None, Some(_)) => Context::Undone,
            (None, None) if self.checks() => Context::Check,
            (None, None) => Context::Done,
        }
    }

    fn action(&mut self, action: Action, cx: &mut Cx<'_>) -> Flow {
        if let Some(active) = turn(action, self.active, self.tabs.len()) {
            self.show_tab(active);
            self.begin_checks(cx);
            return Flow::Stay;
        }
        match action {
            Action::Accept => return self.finish(),
            Action::Another => return self.another(cx),
            Action::Undo => return Self::ask_undo(cx),
            Action::Copy => return self.copy_item(cx),
            Action::CopyAll => return self.copy_whole(cx),
            Action::Answer => return self.ask_late(cx),
            Action::Write => return self.ask_path(cx),
            Action::Secrets => self.secrets = !self.secrets,
            Action::Check => {
                if let Some(check) = self.check_tab() {
                    if self.checking.tells_trouble() {
                        self.marks[check].selected = 0;
                    }
                    self.show_tab(check);
                    self.begin_checks(cx);
                }
            }
            Action::Watch => self.watch(cx),
            Action::Fix => return self.plan_fix(cx),
            Action::Explain => return self.explain(),
            Action::Retry => self.check_again(cx),
            Action::Person => return self.ask_person(cx.wizard),
            action => self.go(action, cx),
        }
        Flow::Stay
    }

    fn replied(&mut self, id: &'static str, reply: Replied, cx: &mut Cx<'_>) -> Flow {
        if let Some(flow) = self.act_on_check(id, &reply, cx) {
            return flow;
        }
        self.act_on(id, reply, cx)
    }

    fn answer(&mut self, answer: Answer, cx: &mut Cx<'_>) -> Flow {
        match answer {
            Answer::Ticked { run, part, tick } if self.checking.take(run, part, &tick) => self.refresh_checks(cx.wizard),
            Answer::Checked { run } => self.end_run(run, cx),
            Answer::News(news) => self.hear(*news, cx),
            Answer::WatchEnded(ended) => self.stop_watching(&ended, cx),
            Answer::FixPlanned(planned) => return self.ask_fix(planned, cx),
            _ => {}
        }
        Flow::Stay
    }

    fn written(&mut self, news: &Written, cx: &mut Cx<'_>) -> Flow {
        match news {
            Written::Copied { result: Ok(sentence), .. } => {
                self.taken = true;
                cx.say(Tone::Ok, sentence.as_str());
            }
            Written::Copied { result: Err(error), .. } | Written::File(Err(error)) => cx.say(Tone::Error, error.to_string()),
            Written::File(Ok(FileWritten::Written { path, private })) => {
                self.taken = true;
                self.pending = None;
                let who = if *private { ". Only you can read it." } else { "." };
                cx.say(Tone::Ok, format!("Written to {path}{who}"));
            }
            Written::File(Ok(FileWritten::Exists { path })) => return Self::ask_replace(path),
            Written::Fixed(result) => self.fixed(result, cx),
            Written::Undone(result) => {
                self.undoing = None;
                match result {
                    Ok(lines) => {
                        self.undone = Some(lines.clone());
                        self.taken = true;
                        cx.wizard.outcome = None;
                    }
                    // What stays, and why, is more than the line below the page holds.
                    Err(error) => {
                        let text = error.hints.join("\n");
                        return Flow::Ask(Ask {
                            id: "left",
                            title: error.message.clone(),
                            text,
                            kind: AskKind::Choices(vec!["Close".into()]),
                        });
                    }
                }
            }
            _ => {}
        }
        Flow::Stay
    }

    fn tick(&mut self, cx: &mut Cx<'_>) -> Flow {
        if self.follow_at.is_some_and(|at| at <= cx.now) {
            self.follow_at = None;
            self.detail = self.selected();
        }
        Flow::Stay
    }

    fn wake_at(&self) -> Option<Millis> {
        self.follow_at
    }

    fn busy(&self, _wizard: &Wizard) -> Option<Millis> {
        self.undoing.or(self.fixing)
    }

    fn draw(&self, view: &mut View<'_>, area: Rect, _wizard: &Wizard) {
        if self.undoing.is_some() {
            view.waiting(area, "Taking back what was created and changed");
            return;
        }
        if self.fixing.is_some() {
            view.waiting(area, "Changing it in authentik");
            return;
        }
        if let Some(lines) = &self.undone {
            Self::draw_undone(lines, view, area);
            return;
        }
        let titles: Vec<&str> = self.tabs.iter().map(|tab| tab.title.as_str()).collect();
        TabsView { titles: &titles, active: self.active }.draw(text::line(area, 0), view.buf, view.theme);
        self.draw_line(view, area);
        let area = self.room(area);
        let Some(tab) = self.tab() else {
            text::put_wrapped(view.buf, area, "There is nothing to show.", view.theme.style(Role::Muted), view.theme);
            return;
        };
        let list = list_area(area);
        let items = self.items(tab);
        let detail = self.detail(tab, list, view.theme);
        items.draw_with(&detail, list, area, view.buf, view.theme);
    }

    fn help(&self, _wizard: &Wizard) -> &'static str {
        if self.checks() {
            return "What can be tried without signing in, again and again until all is right. Below the list stands what was found, what \
                    mends it, and where it was looked at. f shows what a repair changes and asks first; e shows all of a finding; p asks \
                    whose sign-in to look at, and whether that person gets in, and as what. l watches authentik's log for the first \
                    sign-in, and ends by itself. Somebody who is kept out may leave no trace there: p tells.";
        }
        "What to do and to enter in the application, in its own words and order. Up and Down move, Left and Right change the tab: the \
         ways of doing it, other forms of the same values, how to see that it works, and what was made in authentik. c copies the \
         selected value, C the whole form, file or command, w writes it to a file. Secrets stay hidden until s. authentik shows the \
         client secret again on the provider's page. x checks that it works; l watches authentik's log for the first sign-in, and ends \
         by itself. Enter leaves, and asks first where nothing was copied yet."
    }
}
