//! The second pass: what the application shows only once it has the client ID is entered here and changed in authentik.

use super::Done;
use super::actions::Pending;
use super::item::Body;
use crate::catalog::render::Engine;
use crate::catalog::template::{Question, Template};
use crate::setup::answers::{Input, Taken};
use crate::setup::mint::Minted;
use crate::setup::question::{Problem, resolve};
use crate::ui::steps::{Ask, AskKind, Cx, Flow, Step, Tone};

/// The page's name for the question.
pub(super) const ASK: &str = "late";

impl Done {
    /// Asks for the value of the marked step, else for the first one that is still missing.
    pub(super) fn ask_late(&mut self, cx: &mut Cx<'_>) -> Flow {
        let (Some(tab), Some(template)) = (self.tab(), cx.wizard.template.as_deref()) else { return Flow::Stay };
        let asks = |body: &Body| match body {
            Body::Say { asks, .. } => asks.clone(),
            _ => None,
        };
        let marked = tab.items.get(self.selected()).and_then(|item| asks(&item.body));
        let missing = || {
            let mut late = tab.items.iter().filter_map(|item| asks(&item.body)).peekable();
            let first = late.peek().cloned();
            late.find(|id| !cx.wizard.answers.given.contains_key(id)).or(first)
        };
        let Some(question) = marked.or_else(missing).and_then(|id| find(template, &id)) else {
            cx.say(Tone::Note, "No step on this tab brings a value to enter here.");
            return Flow::Stay;
        };
        let before = match cx.wizard.answers.given.get(&question.id).map(|given| &given.input) {
            Some(Input::Text(text)) => text.clone(),
            _ => String::new(),
        };
        let (id, ask) = (question.id.clone(), ask(question, before, ""));
        self.pending = Some(Pending::Answer(id));
        Flow::Ask(ask)
    }

    /// Checks the value and goes on to review, as a change of what was made.
    pub(super) fn take_late(&mut self, id: &str, line: &str, cx: &mut Cx<'_>) -> Flow {
        let Some(template) = cx.wizard.template.clone() else { return Flow::Stay };
        let Some(question) = find(&template, id) else { return Flow::Stay };
        let line = line.trim();
        if line.is_empty() {
            cx.say(Tone::Warning, "Nothing was entered, so nothing changes.");
            return Flow::Stay;
        }
        let mut answers = cx.wizard.answers.clone();
        answers.give(id, Input::Text(line.to_owned()));
        let state = resolve(&Engine::new(), &template, &answers, &Minted::default());
        if let Some(problem) = state.get(id).and_then(|state| state.problem.as_ref()) {
            self.pending = Some(Pending::Answer(id.to_owned()));
            return Flow::Ask(ask(question, line.to_owned(), Problem::sentence(problem)));
        }
        // It may have been made beside another one, under a slug that does not follow from the answers.
        if let Some(part) = cx.wizard.outcome.as_ref().and_then(|outcome| outcome.parts.first()) {
            answers.options.slug = Some(part.slug.clone());
        }
        answers.taken = Some(Taken::Update);
        cx.wizard.answers = answers;
        cx.wizard.forget_facts();
        cx.wizard.review_again = Some(format!("Second pass: \"{}\" is entered. This is what it changes.", question.label));
        Flow::Goto(Step::Review)
    }
}

fn find<'t>(template: &'t Template, id: &str) -> Option<&'t Question> {
    template.question.iter().find(|question| question.id == id)
}

fn ask(question: &Question, before: String, problem: &str) -> Ask {
    let place = question.read_at.as_ref().map(|place| format!("Where it is: {place}."));
    let sentences = [Some(problem.to_owned()), place, question.help.clone()];
    let sentences: Vec<String> = sentences.into_iter().flatten().filter(|sentence| !sentence.is_empty()).collect();
    Ask { id: ASK, title: question.label.clone(), text: sentences.join("\n"), kind: AskKind::Line(before) }
}
