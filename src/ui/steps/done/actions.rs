//! What the keys of the page do: copy, write, take back, go on.

use std::path::PathBuf;

use super::item::Body;
use super::tabs::Whole;
use super::{Done, late};
use crate::catalog::render::{Content, Rendered};
use crate::catalog::template::Kind;
use crate::setup::diff::{self, Verb};
use crate::ui::effect::Write;
use crate::ui::steps::{Ask, AskKind, Cx, Flow, Replied, Step, Tone};
use crate::ui::wizard::Wizard;

/// What waits for the answer to a question.
#[derive(Debug)]
pub(super) enum Pending {
    /// Copying this, under this name.
    Copy(Rendered, String),
    /// Writing this.
    Write(Whole),
    /// Writing this in place of the file that is there.
    Replace(Whole, PathBuf),
    /// Entering the answer to this late question.
    Answer(String),
}

impl Done {
    /// Copies what is marked, or says what to do with it instead.
    pub(super) fn copy_item(&mut self, cx: &mut Cx<'_>) -> Flow {
        let Some(item) = self.tab().and_then(|tab| tab.items.get(self.selected())) else { return Flow::Stay };
        let (text, what) = match &item.body {
            Body::Field(field) => match &field.content {
                Content::Text(value) if !value.is_empty() => (value.clone(), field.label.clone()),
                other => {
                    let what = instead(other, &field.label);
                    cx.say(Tone::Note, what);
                    return Flow::Stay;
                }
            },
            Body::Say { command: Some(command), .. } => (command.clone(), "Command".to_owned()),
            Body::Say { .. } => {
                cx.say(Tone::Note, "This is a step to do, with nothing to copy.");
                return Flow::Stay;
            }
            Body::Whole(text) => (text.clone(), "Text".to_owned()),
            Body::Finding(_) => {
                cx.say(Tone::Note, "There is nothing to copy here; e shows all of it.");
                return Flow::Stay;
            }
        };
        self.copy(text, what, cx)
    }

    /// Copies the form, file or command that the marker is in.
    pub(super) fn copy_whole(&mut self, cx: &mut Cx<'_>) -> Flow {
        if let Some(whole) = self.tab().and_then(|tab| tab.whole(self.selected())).cloned() {
            return self.copy(whole.text, whole.title, cx);
        }
        cx.say(Tone::Note, "There is no form or file on this tab; c copies one value.");
        Flow::Stay
    }

    /// Copies; asks once before a secret goes where it may stay.
    fn copy(&mut self, text: Rendered, what: String, cx: &mut Cx<'_>) -> Flow {
        let through = cx.wizard.start.clipboard_through.as_deref().filter(|_| text.has_secret() && !self.warned);
        if let Some(through) = through {
            let ask = Ask {
                id: "copy",
                title: "Copy a secret?".into(),
                text: format!(
                    "It goes through {through} and may be kept there. With w it goes into a file that only you can read."
                ),
                kind: choices(["Copy", "Do not copy"]),
            };
            self.pending = Some(Pending::Copy(text, what));
            return Flow::Ask(ask);
        }
        cx.effects.write(Write::Copy { secret: text.has_secret(), text: text.reveal(), what });
        Flow::Stay
    }

    /// Asks where to write the form, file or command that the marker is in.
    pub(super) fn ask_path(&mut self, cx: &mut Cx<'_>) -> Flow {
        let Some(whole) = self.tab().and_then(|tab| tab.whole(self.selected())).cloned() else {
            cx.say(Tone::Note, "There is no form or file on this tab to write.");
            return Flow::Stay;
        };
        let secret = if whole.text.has_secret() { " It holds a secret: only you will be able to read the file." } else { "" };
        let ask = Ask {
            id: "write",
            title: "Write to which file?".into(),
            text: format!("{}.{secret}", whole.title),
            kind: AskKind::Line(whole.file.clone()),
        };
        self.pending = Some(Pending::Write(whole));
        Flow::Ask(ask)
    }

    fn write(&mut self, whole: Whole, path: PathBuf, overwrite: bool, cx: &mut Cx<'_>) {
        let (text, secret) = (whole.text.reveal(), whole.text.has_secret());
        cx.effects.write(Write::File { path: path.clone(), text, secret, overwrite });
        // The file may be there already: then this is asked about.
        self.pending = Some(Pending::Replace(whole, path));
    }

    /// A file of that name is there.
    pub(super) fn ask_replace(path: &str) -> Flow {
        Flow::Ask(Ask {
            id: "replace",
            title: "Keep the file that is there?".into(),
            text: format!("{path} exists already. Nothing has been written."),
            kind: choices(["Keep it", "Replace it"]),
        })
    }

    pub(super) fn ask_undo(cx: &mut Cx<'_>) -> Flow {
        let Some(outcome) = &cx.wizard.outcome else { return Flow::Stay };
        if outcome.receipt.is_none() {
            cx.say(Tone::Note, "Nothing was changed in authentik, so there is nothing to take back.");
            return Flow::Stay;
        }
        let what = taken_back(cx.wizard);
        let text = format!("{what}\n\nTo go on, type undo and press Enter.");
        Flow::Ask(Ask { id: "undo", title: "Take it back?".into(), text, kind: AskKind::Typed("undo".into()) })
    }

    fn undo(&mut self, cx: &mut Cx<'_>) {
        let receipt = cx.wizard.outcome.as_ref().and_then(|outcome| outcome.receipt.clone());
        if let Some(receipt) = receipt {
            cx.effects.write(Write::Undo { receipt });
            cx.wizard.applying = true;
            self.undoing = Some(cx.now);
        }
    }

    /// Leaves; asks where nothing was copied or written.
    pub(super) fn finish(&self) -> Flow {
        if self.taken || self.tabs.is_empty() {
            return Flow::Quit(0);
        }
        Flow::Ask(leave("finish", "Leave"))
    }

    pub(super) fn another(&mut self, cx: &mut Cx<'_>) -> Flow {
        if !self.taken && !self.tabs.is_empty() {
            return Flow::Ask(leave("another", "Go on"));
        }
        cx.wizard.another();
        Flow::Goto(Step::Pick)
    }

    /// Acts on the reply to one of the page's questions.
    pub(super) fn act_on(&mut self, id: &'static str, reply: Replied, cx: &mut Cx<'_>) -> Flow {
        match (id, reply, self.pending.take()) {
            ("copy", Replied::Choice(0), Some(Pending::Copy(text, what))) => {
                self.warned = true;
                return self.copy(text, what, cx);
            }
            ("write", Replied::Line(line), Some(Pending::Write(whole))) => {
                let line = line.trim();
                if line.is_empty() {
                    cx.say(Tone::Warning, "Nothing was written: no file was named.");
                } else {
                    self.write(whole, PathBuf::from(line), false, cx);
                }
            }
            ("replace", Replied::Choice(1), Some(Pending::Replace(whole, path))) => self.write(whole, path, true, cx),
            (late::ASK, Replied::Line(line), Some(Pending::Answer(question))) => return self.take_late(&question, &line, cx),
            ("undo", Replied::Confirmed, _) => self.undo(cx),
            ("finish", Replied::Choice(0), _) => return Flow::Quit(0),
            ("another", Replied::Choice(0), _) => {
                cx.wizard.another();
                return Flow::Goto(Step::Pick);
            }
            _ => {}
        }
        Flow::Stay
    }
}

/// What to do with a field that has nothing to copy.
fn instead(content: &Content, label: &str) -> String {
    match content {
        Content::Switch(true) => format!("Nothing to copy: switch \"{label}\" on."),
        Content::Switch(false) => format!("Nothing to copy: switch \"{label}\" off."),
        Content::Text(_) | Content::Blank => format!("Nothing to copy: leave \"{label}\" empty."),
        Content::Keep => format!("Nothing to copy: leave \"{label}\" as it is."),
        Content::Yours(what) => format!("Your own choice: {what}"),
    }
}

fn leave(id: &'static str, go: &str) -> Ask {
    Ask {
        id,
        title: "Leave without a copy?".into(),
        text: "Nothing was copied or written yet. authentik shows the client ID and secret again on the provider's page.".into(),
        kind: choices([go, "Stay"]),
    }
}

/// What taking back does, from what was reviewed.
fn taken_back(wizard: &Wizard) -> String {
    let Some(plan) = &wizard.plan else { return "Everything that was created and changed is taken back.".to_owned() };
    let mut lines: Vec<String> = diff::diff(plan)
        .iter()
        .map(|item| match item.verb {
            Verb::Create => format!("Deletes: {} \"{}\"", item.kind, item.name),
            Verb::Change => format!("Sets back: {} \"{}\"", item.kind, item.name),
        })
        .collect();
    lines.push(match wizard.kind() {
        Kind::Application => "Nobody can sign in to the application with authentik after that.".to_owned(),
        Kind::Source => "Nobody can sign in to authentik through it after that.".to_owned(),
    });
    lines.join("\n")
}

fn choices<const N: usize>(choices: [&str; N]) -> AskKind {
    AskKind::Choices(choices.map(str::to_owned).into())
}
