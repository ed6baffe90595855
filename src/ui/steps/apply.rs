//! It is being done: every step with its state, and what to do when it stops half way.

use ratatui::layout::Rect;

use super::{Ask, AskKind, Cx, Flow, Page, Replied, Step, Tone, View};
use crate::error::Kind;
use crate::ui::effect::{Effect, Write};
use crate::ui::keymap::{Action, Context};
use crate::ui::msg::{ApplyFailure, Millis, StepState, Written};
use crate::ui::theme::Role;
use crate::ui::widgets::progress::{self, State};
use crate::ui::widgets::text;
use crate::ui::widgets::textview::{Paragraph, Scroll, TextView};
use crate::ui::wizard::Wizard;

/// What can be answered after keeping what was done.
const KEEP: [&str; 3] = ["Back to review", "Another application", "Leave akwiz"];

/// The page.
#[derive(Debug, Default)]
pub struct Apply {
    since: Millis,
    steps: Vec<progress::Step>,
    phase: Phase,
}

/// How far it is.
#[derive(Debug, Default)]
enum Phase {
    /// Writes run.
    #[default]
    Running,
    /// The write under way is the last one.
    Stopping,
    /// It stopped half way.
    Stopped(Stopped),
    /// What was done is being taken back.
    Undoing(Stopped),
    /// It was taken back: what, one line each.
    Undone(Vec<String>),
}

/// Why it stopped, in words.
#[derive(Debug)]
struct Stopped {
    kind: Kind,
    message: String,
    hints: Vec<String>,
    causes: Vec<String>,
    left: Vec<String>,
    receipt: Option<String>,
    can_retry: bool,
    /// The causes show.
    explained: bool,
}

impl Stopped {
    fn new(failure: &ApplyFailure) -> Self {
        Self {
            kind: failure.error.kind,
            message: failure.error.message.clone(),
            hints: failure.error.hints.clone(),
            causes: failure.error.causes(),
            left: failure.left.clone(),
            receipt: failure.receipt.clone(),
            can_retry: failure.can_retry,
            explained: false,
        }
    }

    /// The receipt with which something can be taken back.
    fn undoable(&self) -> Option<&str> {
        self.receipt.as_deref().filter(|_| !self.left.is_empty())
    }

    fn paragraphs(&self) -> Vec<Paragraph> {
        let role = if self.kind == Kind::Cancelled { Role::Heading } else { Role::Error };
        let mut paragraphs = vec![Paragraph::new(role, self.message.as_str())];
        let bullet = |text: &str| Paragraph::led("- ", Role::Text, text);
        paragraphs.extend(self.hints.iter().map(|hint| bullet(hint)));
        if self.explained && self.causes.is_empty() {
            paragraphs.push(Paragraph::new(Role::Muted, "There is nothing more to say about the cause."));
        } else if self.explained {
            paragraphs.extend(self.causes.iter().map(|cause| Paragraph::led("Cause: ", Role::Muted, cause.as_str())));
        }
        paragraphs.push(Paragraph::blank());
        if self.left.is_empty() {
            paragraphs.push(Paragraph::new(Role::Text, "Nothing was left behind in authentik."));
        } else {
            paragraphs.push(Paragraph::new(Role::Warning, "This is in authentik now:"));
            paragraphs.extend(self.left.iter().map(|left| bullet(left)));
        }
        if let Some(receipt) = &self.receipt {
            paragraphs.push(Paragraph::new(Role::Muted, format!("Receipt {receipt}")));
        }
        paragraphs.push(Paragraph::blank());
        if self.can_retry {
            paragraphs.push(Paragraph::led("r ", Role::Text, "looks at the server again and shows what is left to do"));
        }
        if self.undoable().is_some() {
            paragraphs.push(Paragraph::led("u ", Role::Text, "takes back what was done"));
        }
        paragraphs.push(Paragraph::led("Enter ", Role::Text, "leaves everything as it is now"));
        paragraphs
    }
}

impl Apply {
    fn step(&mut self, index: usize, label: &str, state: &StepState) {
        if self.steps.len() <= index {
            self.steps.resize_with(index + 1, progress::Step::default);
        }
        let (state, note) = match state {
            StepState::Waiting => (State::Waiting, String::new()),
            StepState::Running => (State::Running, String::new()),
            StepState::Done(note) => (State::Done, note.clone()),
            StepState::Skipped(note) => (State::Skipped, note.clone()),
            StepState::Failed(sentence) => (State::Failed, sentence.clone()),
        };
        self.steps[index] = progress::Step { text: label.to_owned(), state, note };
    }

    fn failed(&mut self, failure: &ApplyFailure, cx: &mut Cx<'_>) -> Flow {
        let nothing = failure.left.is_empty() && failure.receipt.is_none();
        if failure.error.kind == Kind::Conflict && nothing {
            // Somebody else was quicker: what was reviewed is not what would happen now.
            return Self::review_again(cx, failure.error.message.clone());
        }
        self.phase = Phase::Stopped(Stopped::new(failure));
        Flow::Stay
    }

    /// Back to review, with a fresh look at the server.
    fn review_again(cx: &mut Cx<'_>, why: String) -> Flow {
        cx.wizard.forget_facts();
        cx.wizard.review_again = Some(why);
        Flow::Goto(Step::Review)
    }

    fn ask_undo(&self, cx: &mut Cx<'_>) -> Flow {
        let Phase::Stopped(stopped) = &self.phase else { return Flow::Stay };
        if stopped.undoable().is_none() {
            cx.say(Tone::Note, "There is nothing to take back.");
            return Flow::Stay;
        }
        let text = format!("This is taken back:\n{}", stopped.left.join("\n"));
        Flow::Ask(Ask { id: "undo", title: "Take it back?".into(), text, kind: choices(&["Take it back", "Keep it"]) })
    }

    fn undo(&mut self, cx: &mut Cx<'_>) {
        self.phase = match std::mem::take(&mut self.phase) {
            Phase::Stopped(stopped) => {
                if let Some(receipt) = stopped.undoable() {
                    cx.effects.write(Write::Undo { receipt: receipt.to_owned() });
                    cx.wizard.applying = true;
                    self.since = cx.now;
                }
                Phase::Undoing(stopped)
            }
            other => other,
        };
    }

    fn undone(&mut self, result: &Result<Vec<String>, crate::error::Error>, cx: &mut Cx<'_>) {
        self.phase = match (std::mem::take(&mut self.phase), result) {
            (Phase::Undoing(_), Ok(lines)) => Phase::Undone(lines.clone()),
            (Phase::Undoing(stopped), Err(error)) => {
                cx.say(Tone::Error, error.message.clone());
                Phase::Stopped(Stopped {
                    message: error.message.clone(),
                    hints: error.hints.clone(),
                    causes: error.causes(),
                    ..stopped
                })
            }
            (other, _) => other,
        };
    }

    /// What stands below the steps.
    fn paragraphs(&self) -> Vec<Paragraph> {
        match &self.phase {
            Phase::Running => {
                vec![Paragraph::new(Role::Muted, "Esc stops after the write under way; what was done is recorded.")]
            }
            Phase::Stopping => {
                vec![Paragraph::new(Role::Warning, "Stopping: the write under way is finished and recorded first.")]
            }
            Phase::Stopped(stopped) => stopped.paragraphs(),
            Phase::Undoing(_) => vec![Paragraph::new(Role::Text, "Taking back what was done.")],
            Phase::Undone(lines) => {
                let mut paragraphs = vec![Paragraph::new(Role::Ok, "What was done has been taken back.")];
                paragraphs.extend(lines.iter().map(|line| Paragraph::led("- ", Role::Text, line.as_str())));
                paragraphs.push(Paragraph::blank());
                paragraphs.push(Paragraph::new(Role::Text, "r starts over from review. Enter goes on."));
                paragraphs
            }
        }
    }
}

fn choices(choices: &[&str]) -> AskKind {
    AskKind::Choices(choices.iter().map(|choice| (*choice).to_owned()).collect())
}

impl Page for Apply {
    fn enter(&mut self, cx: &mut Cx<'_>) {
        *self = Self { since: cx.now, ..Self::default() };
    }

    fn context(&self, _wizard: &Wizard) -> Context {
        match self.phase {
            Phase::Running | Phase::Stopping | Phase::Undoing(_) => Context::Applying,
            Phase::Stopped(_) | Phase::Undone(_) => Context::Failed,
        }
    }

    fn action(&mut self, action: Action, cx: &mut Cx<'_>) -> Flow {
        match (action, &mut self.phase) {
            (Action::Back, Phase::Running) => {
                let text = "The write under way is finished and recorded, and nothing more is done. What was done so far can be \
                            kept or taken back."
                    .to_owned();
                Flow::Ask(Ask { id: "stop", title: "Stop here?".into(), text, kind: choices(&["Stop", "Go on"]) })
            }
            (Action::Retry, Phase::Stopped(stopped)) if stopped.can_retry => {
                Self::review_again(cx, "The server was looked at again. This is what is left to do.".to_owned())
            }
            (Action::Retry, Phase::Undone(_)) => {
                Self::review_again(cx, "Everything was taken back. This is what would be done.".to_owned())
            }
            (Action::Explain, Phase::Stopped(stopped)) => {
                stopped.explained = !stopped.explained;
                Flow::Stay
            }
            (Action::Retry, Phase::Stopped(_)) => {
                cx.say(Tone::Note, "Trying again would not help.");
                Flow::Stay
            }
            (Action::Back, Phase::Undoing(_)) => {
                cx.say(Tone::Note, "Taking back comes to its end first.");
                Flow::Stay
            }
            (Action::Undo, _) => self.ask_undo(cx),
            (Action::Accept, Phase::Stopped(_) | Phase::Undone(_)) => {
                let text = "Nothing more is changed in authentik.".to_owned();
                Flow::Ask(Ask { id: "keep", title: "Where to?".into(), text, kind: choices(&KEEP) })
            }
            _ => Flow::Stay,
        }
    }

    fn replied(&mut self, id: &'static str, reply: Replied, cx: &mut Cx<'_>) -> Flow {
        match (id, reply) {
            // It may have come to its end while the question stood there.
            ("stop", Replied::Choice(0)) if cx.wizard.applying => {
                self.phase = Phase::Stopping;
                cx.effects.push(Effect::StopApply);
                Flow::Stay
            }
            ("undo", Replied::Choice(0)) => {
                self.undo(cx);
                Flow::Stay
            }
            ("keep", Replied::Choice(0)) => {
                cx.wizard.forget_facts();
                Flow::Goto(Step::Review)
            }
            ("keep", Replied::Choice(1)) => {
                cx.wizard.another();
                Flow::Goto(Step::Pick)
            }
            ("keep", Replied::Choice(2)) => match &self.phase {
                Phase::Stopped(stopped) if !stopped.left.is_empty() => Flow::Quit(Kind::Partial.exit_code()),
                Phase::Stopped(stopped) => Flow::Quit(stopped.kind.exit_code()),
                _ => Flow::Quit(Kind::Cancelled.exit_code()),
            },
            _ => Flow::Stay,
        }
    }

    fn written(&mut self, news: &Written, cx: &mut Cx<'_>) -> Flow {
        match news {
            Written::Step { index, label, state } => {
                self.step(*index, label, state);
                Flow::Stay
            }
            Written::Applied(Ok(_)) => Flow::Goto(Step::Done),
            Written::Applied(Err(failure)) => self.failed(failure, cx),
            Written::Undone(result) => {
                self.undone(result, cx);
                Flow::Stay
            }
            _ => Flow::Stay,
        }
    }

    fn busy(&self, _wizard: &Wizard) -> Option<Millis> {
        matches!(self.phase, Phase::Running | Phase::Stopping | Phase::Undoing(_)).then_some(self.since)
    }

    fn draw(&self, view: &mut View<'_>, area: Rect, _wizard: &Wizard) {
        let paragraphs = self.paragraphs();
        let below = TextView { paragraphs: &paragraphs, scroll: Scroll::default() };
        let needed = text::cells(below.rows(area.width)).saturating_add(1);
        // What went wrong and what to do shows whole; the steps give way, but for the one that it is about.
        let steps = text::cells(self.steps.len().max(1)).min(area.height.saturating_sub(needed).max(1));
        let list = Rect { height: steps, ..area };
        if self.steps.is_empty() && matches!(self.phase, Phase::Running) {
            view.waiting(list, "Starting");
        } else {
            progress::draw_steps(list, view.buf, view.theme, &self.steps, view.spinner);
        }
        below.draw(text::below(area, steps + 1), view.buf, view.theme);
    }

    fn help(&self, _wizard: &Wizard) -> &'static str {
        "What was reviewed is being done, one step after the other. Before each write a receipt is kept, so that it can be taken back. \
         Esc and Ctrl-C finish and record the write under way and stop then. When something fails, this page says what was left behind \
         and offers to try again, to take it back, or to keep it."
    }
}
