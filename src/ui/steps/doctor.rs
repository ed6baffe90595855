//! Why a login fails: something is pasted, the doctor says what is wrong, and mends it once that is confirmed.

use crossterm::event::KeyEvent;
use ratatui::layout::Rect;

use super::repair::{self, FIX};
use super::review::text::{failure, level, tree};
use super::{Cx, Flow, Page, Replied, Tone, View};
use crate::checks::doctor::{Diagnosis, Paste, secrets};
use crate::checks::rules::{Finding, Severity};
use crate::error::Error;
use crate::ui::effect::{Read, Write};
use crate::ui::keymap::{self, Action, Context};
use crate::ui::msg::{Answer, Diagnosed, Millis, Repair, Written};
use crate::ui::theme::Role;
use crate::ui::widgets::field::{Field, draw_input};
use crate::ui::widgets::text;
use crate::ui::widgets::textview::{Paragraph, Scroll, TextView};
use crate::ui::wizard::Wizard;

/// What stands before the field.
const LABEL: &str = "Pasted ";

/// The page.
#[derive(Debug, Default)]
pub struct Doctor {
    pasted: Field,
    /// Since when the answer is waited for.
    since: Option<Millis>,
    /// Since when a repair is under way.
    fixing: Option<Millis>,
    said: Vec<Paragraph>,
    scroll: Scroll,
    repair: Option<Box<Repair>>,
}

impl Doctor {
    /// Asks the doctor. From here on no secret is left of what was pasted.
    fn examine(&mut self, cx: &mut Cx<'_>) {
        let paste = Paste::read(self.pasted.value());
        if paste.text().trim().is_empty() {
            cx.say(Tone::Note, "Paste something, or type an application's slug.");
            return;
        }
        for note in paste.notes() {
            cx.say(Tone::Warning, note);
        }
        let text = paste.text().to_owned();
        self.pasted.set(&text);
        self.repair = None;
        self.since = Some(cx.now);
        cx.effects.read(Read::Diagnose(text));
    }

    fn told(&mut self, result: Result<Box<Diagnosed>, Error>) {
        self.since = None;
        self.scroll = Scroll::default();
        match result {
            Ok(told) => {
                self.said = report(&told);
                self.repair = told.repair.map(Box::new);
            }
            Err(error) => self.said = failure(&error),
        }
    }

    fn ask(&self, cx: &mut Cx<'_>) -> Flow {
        let Some(repair) = &self.repair else {
            cx.say(Tone::Note, "There is nothing that akwiz could mend here.");
            return Flow::Stay;
        };
        match repair::ask(&repair.plan) {
            Ok(ask) => Flow::Ask(ask),
            Err(sentence) => {
                cx.say(Tone::Note, sentence);
                Flow::Stay
            }
        }
    }

    fn fix(&mut self, cx: &mut Cx<'_>) {
        if let Some(repair) = self.repair.take() {
            cx.effects.write(Write::Fix(repair));
            cx.wizard.applying = true;
            self.fixing = Some(cx.now);
        }
    }
}

impl Page for Doctor {
    fn enter(&mut self, _cx: &mut Cx<'_>) {}

    fn context(&self, _wizard: &Wizard) -> Context {
        Context::Doctor
    }

    fn action(&mut self, action: Action, cx: &mut Cx<'_>) -> Flow {
        match action {
            Action::Back if self.fixing.is_none() => return Flow::Back,
            Action::Accept if self.since.is_none() && self.fixing.is_none() => self.examine(cx),
            Action::Fix if self.since.is_none() && self.fixing.is_none() => return self.ask(cx),
            Action::Clear => self.pasted.clear(),
            action => {
                let area = report_area(cx.area);
                let rows = TextView { paragraphs: &self.said, scroll: self.scroll }.rows(area.width);
                self.scroll.handle(action, rows, usize::from(area.height));
            }
        }
        Flow::Stay
    }

    fn text(&mut self, key: KeyEvent, _cx: &mut Cx<'_>) -> Flow {
        self.pasted.handle(key);
        Flow::Stay
    }

    fn paste(&mut self, text: &str, cx: &mut Cx<'_>) -> Flow {
        // A secret is gone before it is drawn.
        let hidden = secrets::hidden(text);
        self.pasted.set(&hidden.text.split_whitespace().collect::<Vec<_>>().join(" "));
        if self.since.is_none() && self.fixing.is_none() {
            self.examine(cx);
        }
        if let Some(note) = secrets::note(&hidden.found) {
            cx.say(Tone::Warning, note);
        }
        Flow::Stay
    }

    fn answer(&mut self, answer: Answer, _cx: &mut Cx<'_>) -> Flow {
        if let Answer::Diagnosed(result) = answer {
            self.told(result);
        }
        Flow::Stay
    }

    fn written(&mut self, news: &Written, cx: &mut Cx<'_>) -> Flow {
        if let Written::Fixed(result) = news {
            self.fixing = None;
            self.examine(cx);
            match result {
                Ok(Some(receipt)) => cx.say(Tone::Ok, format!("It is changed. Take it back with: akwiz undo {receipt}")),
                Ok(None) => cx.say(Tone::Ok, "It is changed."),
                Err(error) => cx.say(Tone::Error, error.to_string()),
            }
        }
        Flow::Stay
    }

    fn replied(&mut self, id: &'static str, reply: Replied, cx: &mut Cx<'_>) -> Flow {
        if id == FIX && matches!(reply, Replied::Choice(0) | Replied::Confirmed) {
            self.fix(cx);
        }
        Flow::Stay
    }

    fn busy(&self, _wizard: &Wizard) -> Option<Millis> {
        self.since.or(self.fixing)
    }

    fn draw(&self, view: &mut View<'_>, area: Rect, _wizard: &Wizard) {
        let line = text::line(area, 0);
        text::put(view.buf, line, line.x + 2, line.y, line.width, LABEL, view.theme.style(Role::Focused));
        let input = text::indent(line, 2 + text::cells(LABEL.len()));
        view.cursor = draw_input(&self.pasted, "address, log line or slug", true, input, view.buf, view.theme);
        let below = report_area(area);
        if self.since.is_some() || self.fixing.is_some() {
            let what = if self.fixing.is_some() { "Changing it in authentik" } else { "Looking at authentik" };
            view.waiting(text::indent(below, 2), what);
        } else if self.said.is_empty() {
            TextView { paragraphs: &invitation(), scroll: Scroll::default() }.draw(below, view.buf, view.theme);
        } else {
            TextView { paragraphs: &self.said, scroll: self.scroll }.draw(below, view.buf, view.theme);
        }
    }

    fn help(&self, _wizard: &Wizard) -> &'static str {
        "Paste what failed: the address from the browser's error page, a line from the application's log, or from authentik's. The doctor \
         finds the application that it is about and says what is wrong. Secrets in it are left out and kept nowhere. Nothing is changed \
         before you confirm it."
    }
}

/// Where the report stands in the page.
fn report_area(area: Rect) -> Rect {
    text::below(area, 2)
}

fn invitation() -> Vec<Paragraph> {
    vec![
        Paragraph::new(Role::Text, "Paste what failed, and Enter finds out why:"),
        Paragraph::led("- ", Role::Text, "the address from the browser, also that of an error page"),
        Paragraph::led("- ", Role::Text, "a line from the application's log, or from authentik's"),
        Paragraph::led("- ", Role::Text, "an application's slug, to see all that is wrong with it"),
        Paragraph::new(Role::Muted, "Secrets in it are left out and kept nowhere."),
    ]
}

/// What the doctor says, in words.
fn report(told: &Diagnosed) -> Vec<Paragraph> {
    let Diagnosis { about, findings, notes } = &told.diagnosis;
    let mut said = Vec::new();
    if let Some(about) = about {
        let slug = about.slug.as_ref().map(|slug| format!(" ({slug})")).unwrap_or_default();
        said.push(Paragraph::new(Role::Heading, format!("{}{slug}", about.name)));
    }
    said.extend(notes.iter().map(|note| Paragraph::led("Note: ", Role::Text, note.as_str())));
    said.extend(told.diagnosis.verdict().map(|verdict| Paragraph::new(Role::Ok, verdict)));
    for finding in findings {
        said.push(Paragraph::blank());
        said.extend(finding_text(finding));
    }
    if let Some(repair) = &told.repair {
        let key = keymap::key_for(Context::Doctor, Action::Fix);
        said.push(Paragraph::blank());
        said.push(Paragraph::new(Role::Heading, format!("What {key} changes, once you confirm it")));
        for notice in &repair.plan.notices {
            let (word, role) = level(notice.level);
            said.push(Paragraph::led(format!("{word}: "), role, notice.text.as_str()));
        }
        said.extend(tree(&repair.plan, false));
    }
    said
}

fn finding_text(finding: &Finding) -> Vec<Paragraph> {
    let (word, role) = match finding.severity {
        _ if !finding.confirmed => ("Perhaps", Role::Warning),
        Severity::Error => ("Error", Role::Error),
        Severity::Warning => ("Warning", Role::Warning),
        Severity::Info => ("Note", Role::Text),
    };
    let mut said = vec![
        Paragraph::led(format!("{word}: "), role, finding.rule.name),
        Paragraph::led("  ", Role::Text, finding.text.as_str()),
    ];
    said.extend(finding.lines.iter().map(|line| Paragraph::verbatim("  ", Role::Text, line.as_str())));
    said.push(Paragraph::led("  Why: ", Role::Muted, finding.rule.reason));
    said.push(Paragraph::led("  To do: ", Role::Text, finding.advice.as_str()));
    said
}
