//! The question before a repair: what it changes, and what has to be typed for it.

use std::fmt::Write as _;

use super::{Ask, AskKind};
use crate::setup::diff;
use crate::setup::plan::Plan;

/// The pages' name for the question.
pub(super) const FIX: &str = "fix";

/// Asks whether to do it.
///
/// # Errors
/// A sentence, where more has to be typed than one question takes.
pub(super) fn ask(plan: &Plan) -> Result<Ask, &'static str> {
    let mut text = in_words(plan);
    let kind = match plan.confirmations.as_slice() {
        [] => AskKind::Choices(vec!["Change it".into(), "Leave it".into()]),
        [one] => {
            let _ = write!(text, "\n\n{}\nTo go on, type {} and press Enter.", one.why(), one.wanted());
            AskKind::Typed(one.wanted().to_owned())
        }
        _ => return Err("This needs several confirmations. Do it with: akwiz doctor SLUG --fix"),
    };
    Ok(Ask { id: FIX, title: "Change it in authentik?".into(), text, kind })
}

/// What a plan changes, a line each.
fn in_words(plan: &Plan) -> String {
    let mut lines = Vec::new();
    for item in diff::diff(plan) {
        lines.push(format!("{} {} \"{}\"", item.verb.sign(), item.kind, item.name));
        for row in item.rows.iter().filter(|row| row.from.is_some()) {
            let from = row.from.as_deref().unwrap_or_default().join(", ");
            lines.push(format!("    {}: {from} > {}", row.label, row.to.join(", ")));
        }
    }
    lines.extend(plan.notices.iter().map(|notice| notice.text.clone()));
    lines.push("A receipt is kept, and it can be taken back.".to_owned());
    lines.join("\n")
}
