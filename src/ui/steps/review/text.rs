//! The plan in words.

use crate::catalog::template::Level;
use crate::error::Error;
use crate::setup::diff::{self, Item, Row, Verb};
use crate::setup::plan::{Decision, Plan};
use crate::setup::setting::{Field, SettingValue};
use crate::ui::steps::Step;
use crate::ui::theme::Role;
use crate::ui::widgets::text;
use crate::ui::widgets::textview::Paragraph;

/// The widest that the column of labels gets, in cells.
const LABELS: usize = 24;

/// What everybody must see before pressing Enter: the sum of it, what to know, what to decide.
pub(super) fn top(plan: &Plan, again: Option<&str>, ready: bool) -> Vec<Paragraph> {
    let mut paragraphs = Vec::new();
    if let Some(again) = again {
        paragraphs.push(Paragraph::new(Role::Warning, again));
    }
    paragraphs.push(Paragraph::new(Role::Heading, summary(plan)));
    for notice in &plan.notices {
        let (word, role) = level(notice.level);
        paragraphs.push(Paragraph::led(format!("{word}: "), role, notice.text.as_str()));
    }
    for decision in &plan.decisions {
        paragraphs.push(Paragraph::led("To decide: ", Role::Warning, sentence(decision)));
    }
    if ready && !plan.confirmations.is_empty() {
        paragraphs.push(Paragraph::new(Role::Warning, "Enter asks for a typed confirmation first."));
    }
    paragraphs
}

fn summary(plan: &Plan) -> String {
    if !plan.is_ready() {
        return "Something has to be decided first. Nothing has been written yet.".to_owned();
    }
    if plan.is_empty() {
        return "authentik has everything already. Enter changes nothing and shows the settings.".to_owned();
    }
    let (created, changed) = diff::counts(&diff::diff(plan));
    let objects = if created == 1 { "object" } else { "objects" };
    format!("Creates {created} {objects}, changes {changed}. Nothing has been written yet.")
}

/// The word for a level, and how it looks.
pub(in crate::ui::steps) const fn level(level: Level) -> (&'static str, Role) {
    match level {
        Level::Danger => ("Danger", Role::Error),
        Level::Warning => ("Warning", Role::Warning),
        Level::Info => ("Note", Role::Text),
    }
}

fn sentence(decision: &Decision) -> String {
    match decision {
        Decision::Taken { text, update_refused: Some(refused), .. } => format!("{text} {refused}"),
        Decision::Taken { text, .. } | Decision::Person { text } | Decision::Blocked { text } => text.clone(),
        Decision::Flow { purpose, .. } => {
            format!("Which flow is the {}? The usual one is not on this server.", purpose.label().to_lowercase())
        }
    }
}

/// The pages that can be changed, with their digits. A pair is never broken between two lines.
pub(super) fn pages(pages: &[Step], width: u16) -> Paragraph {
    const LEAD: &str = "Change: ";
    let room = usize::from(width).saturating_sub(LEAD.len() + 1);
    let mut lines = String::new();
    let mut used = 0;
    for (step, number) in pages.iter().zip(1..) {
        let pair = format!("{number} {}", step.title());
        let wide = text::width(&pair);
        if used > 0 && used + 3 + wide > room {
            lines.push_str(",\n");
            used = 0;
        } else if used > 0 {
            lines.push_str(", ");
            used += 2;
        }
        lines.push_str(&pair);
        used += wide;
    }
    Paragraph::led(LEAD, Role::Muted, lines)
}

/// Every object with its fields.
pub(in crate::ui::steps) fn tree(plan: &Plan, explained: bool) -> Vec<Paragraph> {
    let mut paragraphs = Vec::new();
    for item in diff::diff(plan) {
        paragraphs.push(Paragraph::blank());
        paragraphs.extend(object(&item, explained));
    }
    paragraphs
}

fn object(item: &Item, explained: bool) -> Vec<Paragraph> {
    let role = match item.verb {
        Verb::Create => Role::Added,
        Verb::Change => Role::Changed,
    };
    let mut paragraphs = vec![Paragraph::led(format!("{} ", item.verb.sign()), role, format!("{} \"{}\"", item.kind, item.name))];
    let rows: Vec<&Row> = item.rows.iter().filter(|row| explained || !is_left_empty(row)).collect();
    let column = rows.iter().map(|row| text::width(&row.label)).max().unwrap_or(0).min(LABELS);
    for row in rows {
        paragraphs.push(Paragraph::led(format!("    {:column$}  ", row.label), Role::Text, value(row)));
        let reasons = [row.why.as_deref(), row.meaning.filter(|_| explained)];
        for reason in reasons.into_iter().flatten() {
            paragraphs.push(Paragraph::led(" ".repeat(column + 6), Role::Muted, reason));
        }
    }
    paragraphs
}

/// Empty as authentik has it anyway, without any effect. What is empty and matters, such as no redirect URI or no signing key, shows.
fn is_left_empty(row: &Row) -> bool {
    const IDLE: [Field; 5] = [Field::Group, Field::Description, Field::Icon, Field::EncryptionKey, Field::AuthenticationFlow];
    row.from.is_none()
        && row.why.is_none()
        && IDLE.iter().any(|field| field.label() == row.label)
        && row.to == SettingValue::Null.lines()
}

/// The command line that does the same.
pub(super) fn command(line: &str) -> Vec<Paragraph> {
    let heading = "The same on the command line, without secrets (c copies it)";
    vec![Paragraph::blank(), Paragraph::new(Role::Heading, heading), Paragraph::led("    ", Role::Text, line)]
}

/// What a field becomes; where it was something else, that too. Lists show what is added, removed and kept.
fn value(row: &Row) -> String {
    match &row.from {
        None => row.to.join("\n"),
        Some(from) if from.len() <= 1 && row.to.len() <= 1 => format!("{} -> {}", from.join(""), row.to.join("")),
        Some(from) => {
            let kept = from.iter().filter(|line| row.to.contains(line)).map(|line| format!("  {line}"));
            let removed = from.iter().filter(|line| !row.to.contains(line)).map(|line| format!("- {line}"));
            let added = row.to.iter().filter(|line| !from.contains(line)).map(|line| format!("+ {line}"));
            kept.chain(removed).chain(added).collect::<Vec<_>>().join("\n")
        }
    }
}

/// A failure with what to do about it.
pub(in crate::ui::steps) fn failure(error: &Error) -> Vec<Paragraph> {
    let mut paragraphs = vec![Paragraph::new(Role::Error, error.message.as_str())];
    paragraphs.extend(error.hints.iter().map(|hint| Paragraph::led("- ", Role::Text, hint.as_str())));
    paragraphs.push(Paragraph::blank());
    paragraphs.push(Paragraph::new(Role::Text, "r asks again, Esc goes back."));
    paragraphs
}
