//! What only the person can know; everything that follows from it is shown as one types.

use crossterm::event::KeyEvent;
use ratatui::layout::Rect;
use secrecy::ExposeSecret as _;

use super::{Cx, Flow, Page, Tone, View, order};
use crate::catalog::render::Engine;
use crate::catalog::template::{Question, QuestionKind, Template};
use crate::setup::answers::{Answers, Input};
use crate::setup::mint::Minted;
use crate::setup::planner::{Preview, preview, registration, remarks};
use crate::setup::question::{Problem, QuestionState, Resolved, mark_stale, resolve};
use crate::ui::form::{Choice, Control, Entered, Form, Item, Moved};
use crate::ui::keymap::{Action, Context};
use crate::ui::msg::Millis;
use crate::ui::theme::Role;
use crate::ui::widgets::choice::ChoiceState;
use crate::ui::widgets::field::Field;
use crate::ui::widgets::multiselect::MultiState;
use crate::ui::widgets::text;
use crate::ui::wizard::Wizard;

/// Where the values of what follows begin.
const PREVIEW_LABEL: u16 = 18;

/// How long the typing rests before remarks follow, in milliseconds.
const REST: Millis = 400;

/// The page.
#[derive(Debug, Default)]
pub struct Questions {
    engine: Engine,
    /// For which template the form was made.
    template: String,
    form: Form,
    preview: Preview,
    warnings: Vec<String>,
    /// What deserves a second look in an address. It follows once the typing rests: in between it would be of half an address, and cost
    /// bytes with each letter.
    remarks: Vec<String>,
    /// When the remarks follow what was typed.
    remark_at: Option<Millis>,
    intro: String,
    /// A login source: it has no redirect URI.
    source: bool,
    /// The address that a source's service sends people back to.
    callback: String,
    /// Enter was pressed: missing answers are pointed out from then on.
    strict: bool,
}

impl Questions {
    /// Brings form, preview and warnings in step with the answers.
    fn refresh(&mut self, wizard: &Wizard) {
        let Some(template) = wizard.template.clone() else { return };
        let resolved = resolve(&self.engine, &template, &wizard.answers, &Minted::default());
        let wanted = resolved
            .asked()
            .filter_map(|state| {
                template.question.iter().find(|question| question.id == state.id).map(|question| (question, state))
            })
            .map(|(question, state)| self.item(question, state, &wizard.answers))
            .collect();
        self.form.arrange(wanted);
        for state in resolved.asked() {
            let focused = self.form.focused().is_some_and(|item| item.id == state.id);
            if let Some(item) = self.form.get_mut(&state.id) {
                if let Some(default) = &state.default {
                    item.follow(&entered(default));
                } else if !state.given && !matches!(item.control, Control::Choice { .. } | Control::Toggle(_)) {
                    item.follow(&Entered::Text(String::new()));
                }
                item.error = error(state, self.strict, focused);
            }
        }
        self.preview = preview(&self.engine, &template, &wizard.answers, &resolved);
        self.warnings = warnings(&self.engine, &template, &resolved);
        self.source = template.source.is_some();
        if let Some(server) = wizard.server.as_ref().filter(|_| self.source) {
            let scope = registration(&self.engine, &template, &wizard.answers, &resolved, &server.public_url);
            let callback = scope.get("callback").and_then(|callback| callback.as_text()).unwrap_or_default();
            callback.clone_into(&mut self.callback);
        }
        self.intro = intro(&self.engine, &template, &resolved);
    }

    /// An input for a question, with what was given before.
    fn item(&self, question: &Question, state: &QuestionState, answers: &Answers) -> Item {
        let choices = || {
            state
                .choices
                .iter()
                .map(|choice| Choice::new(&choice.value, &choice.label, choice.why.clone().unwrap_or_default()))
                .collect()
        };
        let control = match question.kind {
            QuestionKind::Toggle => Control::Toggle(false),
            QuestionKind::Choice => Control::Choice { options: choices(), state: ChoiceState::default() },
            QuestionKind::List if !state.choices.is_empty() => {
                let options: Vec<Choice> = choices();
                let state = MultiState::new(options.len());
                Control::Several { options, state }
            }
            QuestionKind::Secret => Control::Text(Field::hidden()),
            _ => Control::Text(Field::new()),
        };
        let mut item = Item::new(&question.id, &question.label, control).help(help(question, state));
        item.placeholder = match (&question.example, state.optional) {
            (Some(example), _) => format!("for example {example}"),
            (None, true) => "may stay empty".into(),
            (None, false) => String::new(),
        };
        if self.form.get(&question.id).is_none()
            && let Some(given) = answers.given.get(&question.id)
        {
            item.set(&entered(&given.input));
            item.touched = true;
        }
        item
    }

    /// Brings the remarks in step with the answers.
    fn remark(&mut self, wizard: &Wizard) {
        self.remark_at = None;
        let Some(template) = &wizard.template else { return };
        let resolved = resolve(&self.engine, template, &wizard.answers, &Minted::default());
        self.remarks = remarks(&self.engine, template, &wizard.answers, &resolved, &self.preview);
    }

    /// Takes in what was typed.
    fn typed(&mut self, cx: &mut Cx<'_>) {
        self.take(cx.wizard);
        self.remark_at = Some(cx.now + REST);
    }

    /// Takes the value of the input with the keyboard into the answers.
    fn take(&mut self, wizard: &mut Wizard) {
        let Some(template) = wizard.template.clone() else { return };
        let Some(item) = self.form.focused() else { return };
        let id = item.id.clone();
        if item.touched {
            wizard.answers.give(&id, input(item.value()));
        } else {
            wizard.answers.given.shift_remove(&id);
        }
        mark_stale(&self.engine, &template, &mut wizard.answers, &id);
        self.refresh(wizard);
    }

    /// Seen again: an answer that was marked for another look loses the mark.
    fn seen(&mut self, wizard: &mut Wizard) {
        if let Some(given) = self.form.focused().and_then(|item| wizard.answers.given.get_mut(&item.id)) {
            given.stale = false;
        }
    }

    /// What is derived, each line with its label; the redirect URIs last, for there may be many.
    fn derived(&self) -> Vec<(&'static str, &str)> {
        let or_unknown = |value| if str::is_empty(value) { "not known yet" } else { value };
        let redirects = &self.preview.redirects;
        let mut lines = vec![("Slug", or_unknown(&self.preview.slug))];
        if self.preview.hidden {
            lines.push(("Tile", "none: people do not open it from authentik"));
        } else if !self.preview.launch_url.is_empty() || !redirects.is_empty() {
            lines.push(("Launch URL", or_unknown(&self.preview.launch_url)));
        }
        if !self.callback.is_empty() {
            lines.push(("Callback URL", &self.callback));
        }
        if redirects.is_empty() && !self.source {
            lines.push(("Redirect URI", or_unknown("")));
        }
        let label = if redirects.len() == 1 { "Redirect URI" } else { "Redirect URIs" };
        let labels = std::iter::once(label).chain(std::iter::repeat(""));
        lines.extend(labels.zip(redirects.iter().map(|redirect| redirect.uri.as_str())));
        lines
    }

    fn draw_preview(&self, view: &mut View<'_>, area: Rect) {
        let style = |role| view.theme.style(role);
        let (heading, label, value) = (style(Role::Heading), style(Role::Label), style(Role::Text));
        text::put(view.buf, area, area.x + 2, area.y, area.width, "What follows from it", heading);
        let lines = self.derived();
        let mut rest = text::below(area, 1);
        for (index, (name, derived)) in lines.iter().enumerate() {
            let hidden = lines.len() - index - 1;
            let cut = rest.height == 1 && hidden > 0;
            let derived = if cut { format!("{derived} and {hidden} more") } else { (*derived).to_owned() };
            text::put(view.buf, text::line(rest, 0), rest.x + 2, rest.y, PREVIEW_LABEL - 2, name, label);
            let rows = text::put_wrapped(view.buf, text::indent(rest, PREVIEW_LABEL), &derived, value, view.theme);
            rest = text::below(rest, rows);
        }
    }

    /// The rows for what follows: all of them, unless the questions need the room.
    fn preview_height(&self, width: u16, room: u16) -> u16 {
        let width = usize::from(width.saturating_sub(PREVIEW_LABEL));
        let rows: usize = self.derived().iter().map(|(_, value)| text::wrap(value, width).len().max(1)).sum();
        text::cells(rows + 1).max(4).min(room / 2).max(3)
    }
}

impl Page for Questions {
    fn enter(&mut self, cx: &mut Cx<'_>) {
        let id = cx.wizard.template.as_ref().map(|template| template.id.clone()).unwrap_or_default();
        if id != self.template {
            *self = Self { template: id, ..Self::default() };
        }
        self.refresh(cx.wizard);
        self.remark(cx.wizard);
        let stale = cx.wizard.answers.given.iter().find(|(_, given)| given.stale).map(|(id, _)| id.clone());
        if let Some(id) = stale {
            self.form.focus(&id);
            cx.say(Tone::Warning, "An answer changed on which this one depends. Please look at it again.");
        }
    }

    fn context(&self, _wizard: &Wizard) -> Context {
        self.form.context()
    }

    fn action(&mut self, action: Action, cx: &mut Cx<'_>) -> Flow {
        match action {
            Action::Back => return Flow::Back,
            Action::Accept => {
                self.strict = true;
                self.refresh(cx.wizard);
                if self.form.focus_error() {
                    self.refresh(cx.wizard);
                    return Flow::Stay;
                }
                return Flow::Next;
            }
            _ => {}
        }
        self.seen(cx.wizard);
        match self.form.action(action) {
            Moved::PastEnd => match order::aside(super::Step::Questions, cx.wizard.template.as_deref()) {
                Some(step) => Flow::Goto(step),
                None => Flow::Stay,
            },
            Moved::Value => {
                self.typed(cx);
                Flow::Stay
            }
            Moved::Focus => {
                self.seen(cx.wizard);
                self.refresh(cx.wizard);
                Flow::Stay
            }
            Moved::No => Flow::Stay,
        }
    }

    fn text(&mut self, key: KeyEvent, cx: &mut Cx<'_>) -> Flow {
        if self.form.text(key) {
            self.typed(cx);
        }
        Flow::Stay
    }

    fn paste(&mut self, pasted: &str, cx: &mut Cx<'_>) -> Flow {
        if self.form.paste(pasted) {
            self.typed(cx);
        }
        Flow::Stay
    }

    fn tick(&mut self, cx: &mut Cx<'_>) -> Flow {
        self.remark(cx.wizard);
        Flow::Stay
    }

    fn wake_at(&self) -> Option<Millis> {
        self.remark_at
    }

    fn draw(&self, view: &mut View<'_>, area: Rect, _wizard: &Wizard) {
        let mut row = text::put_wrapped(view.buf, area, &self.intro, view.theme.style(Role::Muted), view.theme) + 1;
        let preview_height = self.preview_height(area.width, area.height.saturating_sub(row));
        let form_area = text::below(area, row);
        let form_area = Rect { height: form_area.height.saturating_sub(preview_height + 1), ..form_area };
        let used = self.form.draw(view, form_area);
        row += used;
        // Warnings that concern these answers, where there is room for them.
        let mut spare = form_area.height.saturating_sub(used);
        for warning in self.remarks.iter().chain(&self.warnings) {
            let line = format!("! {warning}");
            let width = usize::from(area.width.saturating_sub(4));
            let needed = text::cells(text::wrap(&line, width).len()) + 1;
            if needed > spare {
                break;
            }
            let at = text::indent(text::below(area, row + 1), 2);
            text::put_wrapped(view.buf, at, &line, view.theme.style(Role::Warning), view.theme);
            row += needed;
            spare -= needed;
        }
        self.draw_preview(view, text::below(area, area.height.saturating_sub(preview_height)));
    }

    fn help(&self, _wizard: &Wizard) -> &'static str {
        "Answer what only you can know; everything else follows from it and is shown below. Paste addresses as the browser shows them. \
         Enter goes on to the review with what is filled in. Tab after the last question opens the options, which are all filled in already. \
         Nothing is written to authentik before you confirm the review."
    }
}

fn intro(engine: &Engine, template: &Template, resolved: &Resolved) -> String {
    let variant = template.label.as_ref().map(|label| format!(" ({label})")).unwrap_or_default();
    let requires: Vec<String> = template
        .require
        .iter()
        .filter(|requirement| engine.wanted(requirement.when.as_ref(), &resolved.scope).unwrap_or(false))
        .filter_map(|requirement| engine.plain(&requirement.text, &resolved.scope).ok())
        .collect();
    let requires = if requires.is_empty() { String::new() } else { format!(" Needs: {}", requires.join(" ")) };
    format!("{}{variant}: {}.{requires}", template.name, template.summary.trim_end_matches('.'))
}

fn help(question: &Question, state: &QuestionState) -> String {
    let mut sentences = Vec::new();
    sentences.extend(question.help.clone());
    sentences.extend(question.read_at.as_ref().map(|place| format!("Where it is: {place}.")));
    // Some templates say it in their own words.
    if question.permanent && !sentences.iter().any(|sentence| sentence.contains("changed")) {
        sentences.push("This cannot be changed later.".into());
    }
    if question.kind == QuestionKind::List && state.choices.is_empty() {
        sentences.push("Separate several with commas.".into());
    }
    sentences.join(" ")
}

fn error(state: &QuestionState, strict: bool, focused: bool) -> String {
    match &state.problem {
        Some(Problem::Missing) if strict => state.problem.as_ref().map(Problem::sentence).unwrap_or_default().to_owned(),
        // While one types, an unfinished answer is no error yet.
        Some(Problem::Wrong(sentence)) if strict || !focused => sentence.clone(),
        _ if state.stale => "Please look at this again: an answer that it depends on has changed.".into(),
        _ => String::new(),
    }
}

fn warnings(engine: &Engine, template: &Template, resolved: &Resolved) -> Vec<String> {
    template
        .warning
        .iter()
        .filter(|warning| warning.question.is_some())
        .filter(|warning| warning.when.as_ref().is_none_or(|when| engine.holds(when, &resolved.scope).unwrap_or(false)))
        .filter_map(|warning| engine.plain(&warning.text, &resolved.scope).ok())
        .collect()
}

fn entered(input: &Input) -> Entered {
    match input {
        Input::Text(text) => Entered::Text(text.clone()),
        Input::Secret(secret) => Entered::Secret(secret.expose_secret().into()),
        Input::Toggle(on) => Entered::Toggle(*on),
        Input::List(items) => Entered::Several(items.clone()),
    }
}

fn input(value: Entered) -> Input {
    match value {
        Entered::Text(text) => Input::Text(text),
        Entered::Secret(secret) => Input::Secret(secret),
        Entered::Toggle(on) => Input::Toggle(on),
        Entered::Several(items) => Input::List(items),
    }
}
