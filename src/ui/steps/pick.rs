//! Which application: a search line, the list, and what the selected template is about.

use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;

use crossterm::event::KeyEvent;
use ratatui::layout::{Position, Rect};

use super::pick_preview;
use super::{Cx, Flow, Page, Step, View};
use crate::catalog::head::Head;
use crate::catalog::load::{Catalog, LoadError};
use crate::catalog::search::Search;
use crate::catalog::template::Kind;
use crate::setup::facts::Version;
use crate::setup::planner::comes_later;
use crate::ui::keymap::{self, Action, Context};
use crate::ui::msg::Millis;
use crate::ui::theme::Role;
use crate::ui::widgets::field::{Field, draw_input};
use crate::ui::widgets::list::{ListState, ListView, Row, first_visible};
use crate::ui::widgets::text;
use crate::ui::wizard::{Load, Wizard};

/// How long the selection rests before the preview follows it, in milliseconds.
const REST: Millis = 150;
/// From this width of the page on, the preview stands beside the list.
const WIDE: u16 = 98;
/// The width of the list beside a preview.
const LIST: u16 = 44;
/// The column of the notes, counted from the names.
const NOTES: u16 = 22;

/// The page.
#[derive(Debug, Default)]
pub struct Pick {
    query: Field,
    search: Option<Search>,
    /// Positions in the catalog, best first.
    found: Vec<usize>,
    list: ListState,
    /// The id of the template that the preview shows.
    previewed: Option<String>,
    /// When the preview follows the selection.
    preview_at: Option<Millis>,
    /// The template to start with was looked up.
    started: bool,
    /// The search has led to a template.
    served: bool,
}

impl Pick {
    fn selected<'c>(&self, catalog: &'c Catalog) -> Option<&'c Head> {
        catalog.at(*self.found.get(self.list.selected)?)
    }

    /// Takes in the templates, once they are here.
    fn open(&mut self, wizard: &Wizard) {
        let Some(catalog) = wizard.catalog.ready() else { return };
        if self.search.is_none() {
            self.search = Some(Search::new(catalog.heads()));
            self.find(wizard);
        }
        if !std::mem::replace(&mut self.started, true) {
            let wanted = wizard.start.template.as_deref().and_then(|id| catalog.get(id));
            if let Some(template) = wanted {
                self.query.set(&template.name);
                self.find(wizard);
            }
        }
        self.previewed = self.selected(catalog).map(|head| head.id.clone());
        self.preview_at = None;
    }

    fn find(&mut self, wizard: &Wizard) {
        if let Some(search) = &mut self.search {
            self.found = search.find(self.query.value(), &wizard.start.recent);
            self.list = ListState::default();
        }
    }

    fn edited(&mut self, cx: &Cx<'_>) {
        self.find(cx.wizard);
        self.moved(cx.now);
    }

    fn moved(&mut self, now: Millis) {
        self.preview_at = Some(now + REST);
    }

    fn take(&mut self, cx: &mut Cx<'_>) -> Flow {
        let picked = cx.wizard.catalog.ready().and_then(|catalog| catalog.get(&self.selected(catalog)?.id)).cloned();
        let Some(template) = picked else { return Flow::Stay };
        self.served = true;
        // Answers of another template say nothing about this one: what follows has to be looked at.
        if cx.wizard.pick(Arc::new(template)) { Flow::Onward } else { Flow::Next }
    }
}

impl Page for Pick {
    fn enter(&mut self, cx: &mut Cx<'_>) {
        // Another application is wanted: what was typed for the last one would only be in the way.
        if self.served && cx.wizard.template.is_none() {
            self.served = false;
            self.query.clear();
            self.find(cx.wizard);
        }
        self.open(cx.wizard);
    }

    fn context(&self, _wizard: &Wizard) -> Context {
        Context::Search
    }

    fn action(&mut self, action: Action, cx: &mut Cx<'_>) -> Flow {
        match action {
            Action::Accept => return self.take(cx),
            Action::Back => return Flow::Back,
            Action::Doctor => return Flow::Goto(Step::Doctor),
            Action::Clear => {
                self.query.clear();
                self.edited(cx);
            }
            action => {
                if self.list.handle(action, self.found.len()) {
                    self.moved(cx.now);
                }
            }
        }
        Flow::Stay
    }

    fn text(&mut self, key: KeyEvent, cx: &mut Cx<'_>) -> Flow {
        if self.query.handle(key) {
            self.edited(cx);
        }
        Flow::Stay
    }

    fn paste(&mut self, text: &str, cx: &mut Cx<'_>) -> Flow {
        if self.query.paste(text) {
            self.edited(cx);
        }
        Flow::Stay
    }

    fn click(&mut self, at: Position, cx: &mut Cx<'_>) -> Flow {
        let list = list_area(cx.area);
        if !list.contains(at) {
            return Flow::Stay;
        }
        let first = first_visible(self.list.selected, self.found.len(), usize::from(list.height));
        let row = first + usize::from(at.y - list.y);
        if row >= self.found.len() {
            return Flow::Stay;
        }
        if self.list.selected == row {
            return self.take(cx);
        }
        self.list.selected = row;
        self.moved(cx.now);
        Flow::Stay
    }

    fn loaded(&mut self, cx: &mut Cx<'_>) -> Flow {
        if self.search.is_none() {
            self.open(cx.wizard);
        }
        Flow::Stay
    }

    fn tick(&mut self, cx: &mut Cx<'_>) -> Flow {
        self.preview_at = None;
        if let Some(catalog) = cx.wizard.catalog.ready() {
            self.previewed = self.selected(catalog).map(|head| head.id.clone());
        }
        Flow::Stay
    }

    fn busy(&self, wizard: &Wizard) -> Option<Millis> {
        wizard.catalog.since()
    }

    fn wake_at(&self) -> Option<Millis> {
        self.preview_at
    }

    fn draw(&self, view: &mut View<'_>, area: Rect, wizard: &Wizard) {
        self.draw_search(view, text::line(area, 0));
        let list = list_area(area);
        let catalog = match &wizard.catalog {
            Load::Ready(catalog) => catalog,
            Load::Failed(error) => {
                text::put_wrapped(view.buf, list, &error.message, view.theme.style(Role::Error), view.theme);
                return;
            }
            Load::Not | Load::Loading(_) => {
                view.waiting(text::indent(list, 2), "Loading the templates");
                return;
            }
        };
        let wide = area.width >= WIDE;
        let known = wizard.server.as_ref().and_then(|server| server.found.version);
        let version = wizard.signed_in.as_ref().map(|signed_in| signed_in.version).or(known);
        let recent = if self.query.is_empty() { wizard.start.recent.as_slice() } else { &[] };
        let found: Vec<&Head> = self.found.iter().filter_map(|at| catalog.at(*at)).collect();
        let rows: Vec<Row<'_>> = found.iter().map(|head| row(head, is_namesake(head, &found), recent, wide, version)).collect();
        let clear = keymap::key_for(Context::Search, Action::Clear);
        let empty = format!(
            "Nothing matches \"{}\". {clear} empties the search. An application that akwiz does not know can be added as a template file.",
            self.query.value()
        );
        let list_view = ListView { rows: &rows, state: self.list, focused: true, note_column: NOTES, empty: &empty };
        list_view.draw(list, view.buf, view.theme);
        if !catalog.broken().is_empty() {
            draw_broken(view, area, catalog);
        }
        if wide && let Some(template) = self.previewed.as_deref().and_then(|id| catalog.get(id)) {
            pick_preview::draw(view, text::indent(area, LIST + 2), template, version);
        }
    }

    fn help(&self, _wizard: &Wizard) -> &'static str {
        "Type part of a name, of another name for it, or of what it does; Enter takes the marked one and goes on to its questions. A login source is the other way \
         around: a service whose accounts people use to sign in to authentik. Templates of your own stand in the folder templates \
         beside akwiz's configuration."
    }
}

impl Pick {
    fn draw_search(&self, view: &mut View<'_>, line: Rect) {
        let label = "Search ";
        text::put(view.buf, line, line.x + 2, line.y, line.width, label, view.theme.style(Role::Focused));
        let input = text::indent(line, 2 + text::cells(label.len()));
        view.cursor = draw_input(&self.query, "name or what it does", true, input, view.buf, view.theme);
    }
}

/// Where the list stands in the page.
fn list_area(area: Rect) -> Rect {
    let below = text::below(area, 2);
    if area.width >= WIDE { Rect { width: LIST, ..below } } else { below }
}

/// Whether another template that was found has the same name.
fn is_namesake(head: &Head, found: &[&Head]) -> bool {
    found.iter().any(|other| other.id != head.id && other.name == head.name)
}

/// A template as a row. Beside a preview its category is enough; without one it says what it is. Of two with one name, it says which.
fn row<'t>(head: &'t Head, namesake: bool, recent: &[String], wide: bool, version: Option<Version>) -> Row<'t> {
    let source = head.kind == Kind::Source;
    let label = head.label.as_deref().filter(|_| namesake);
    let missing = version.is_some_and(|version| comes_later(head, version));
    let note: Cow<'t, str> = if missing {
        "newer authentik".into()
    } else if let Some(label) = label {
        label.into()
    } else if source && wide {
        "login source".into()
    } else if recent.contains(&head.id) && wide {
        "used lately".into()
    } else if wide {
        head.category.split('-').next().unwrap_or_default().into()
    } else if source {
        format!("login source: {}", head.summary).into()
    } else {
        head.summary.as_str().into()
    };
    Row::new(head.name.as_str(), note)
}

/// The user's own files that cannot be read, in the last line of the page.
fn draw_broken(view: &mut View<'_>, area: Rect, catalog: &Catalog) {
    let Some(first) = catalog.broken().first() else { return };
    let more = catalog.broken().len() - 1;
    let others = if more > 0 { format!(" (and {more} more)") } else { String::new() };
    let line = text::line(area, area.height.saturating_sub(1));
    // The folder is that of the person's own templates: the place in the file matters more than the way to it.
    let name = Path::new(&first.file).file_name().unwrap_or_default().to_string_lossy().into_owned();
    let first = LoadError { file: name, ..first.clone() };
    let message = format!("A template cannot be read{others}: {first}");
    for x in line.left()..line.right() {
        view.buf[(x, line.y)].reset();
    }
    text::put_cut(view.buf, line, (line.x, line.y), line.width, &message, view.theme.style(Role::Warning), view.theme);
}
