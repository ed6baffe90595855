//! What a template is about, beside the list.

use ratatui::layout::Rect;

use super::View;
use super::column::Column;
use crate::catalog::template::{Checked, Evidence, Kind, Phase, QuestionKind, Template};
use crate::setup::facts::Version;
use crate::setup::planner::lacking;
use crate::ui::theme::Role;
use crate::ui::widgets::textview::Paragraph;

/// How many questions, and how many requirements, are named. The rest stands on the pages that follow.
const NAMED: usize = 6;

/// Draws what `template` is, asks and needs.
pub(super) fn draw(view: &mut View<'_>, area: Rect, template: &Template, version: Option<Version>) {
    let mut column = Column::new(view, area);
    let bullet = column.symbols().bullet;
    column.paragraphs(&paragraphs(template, bullet, version));
}

fn paragraphs(template: &Template, bullet: &str, version: Option<Version>) -> Vec<Paragraph> {
    let label = template.label.as_deref().map_or_else(String::new, |label| format!(" ({label})"));
    let mut lines = vec![
        Paragraph::new(Role::Heading, format!("{}{label}", template.name)),
        Paragraph::new(Role::Text, format!("{}.", template.summary.trim_end_matches('.'))),
    ];
    if template.kind == Kind::Source {
        lines.push(Paragraph::new(Role::Text, "A login source: its accounts sign in to authentik."));
        lines.extend(version.and_then(|version| lacking(template, version)).map(|text| Paragraph::new(Role::Warning, text)));
    }
    let item = |text: &str| Paragraph::led(format!("{bullet} "), Role::Text, text.to_owned());
    let section = |lines: &mut Vec<Paragraph>, title: &str, items: Vec<Paragraph>| {
        if !items.is_empty() {
            lines.extend([Paragraph::blank(), Paragraph::new(Role::Heading, title)]);
            lines.extend(items);
        }
    };
    let first = |texts: Vec<&str>| -> Vec<Paragraph> {
        let more = texts.len().saturating_sub(NAMED);
        let more = (more > 0).then(|| item(&format!("and {more} more")));
        texts.into_iter().take(NAMED).map(item).chain(more).collect()
    };
    let asked = template
        .question
        .iter()
        .filter(|question| question.kind != QuestionKind::Constant && question.phase != Phase::Late)
        .map(|question| question.label.as_str());
    section(&mut lines, "Asks for", first(asked.collect()));
    // What holds only with some answers, or names them, cannot be said yet.
    let needs = template.require.iter().filter(|need| need.when.is_none() && !need.text.as_str().contains('{'));
    section(&mut lines, "Must be there", first(needs.map(|need| need.text.as_str()).collect()));
    // One of each kind: the list beside it moves, and every line costs bytes.
    let mut kinds: Vec<&Checked> = Vec::new();
    for checked in &template.checked {
        if kinds.iter().all(|known| known.against != checked.against) {
            kinds.push(checked);
        }
    }
    section(&mut lines, "Checked against", kinds.into_iter().map(|checked| item(&evidence(checked))).collect());
    lines.extend([Paragraph::blank(), Paragraph::new(Role::Muted, template.homepage.clone())]);
    lines
}

fn evidence(checked: &Checked) -> String {
    let what = match checked.against {
        Evidence::Guide => "authentik's guide",
        Evidence::Manual => "its manual",
        Evidence::Source => "its source",
        Evidence::Server => "a running installation",
    };
    format!("{what}, {}", checked.version)
}
