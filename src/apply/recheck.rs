//! Whether the plan that a person confirmed is still the plan.

use crate::setup::diff::diff;
use crate::setup::plan::Plan;

/// What a fresh plan, made of the same answers and of facts read just now, does otherwise than the one that was `reviewed`: a sentence,
/// or nothing. With a difference nothing may be applied; the fresh plan has to be reviewed.
pub fn differs(reviewed: &Plan, fresh: &Plan) -> Option<String> {
    if let Some(decision) = fresh.decisions.iter().find(|decision| !reviewed.decisions.contains(decision)) {
        tracing::debug!(?decision, "a decision is open that was not");
        return Some("authentik has changed since the review, and something has to be decided anew.".to_owned());
    }
    if fresh.actions == reviewed.actions {
        let asked = |plan: &Plan| plan.confirmations.clone();
        return (asked(fresh) != asked(reviewed))
            .then(|| "authentik has changed since the review, and it needs another confirmation.".to_owned());
    }
    let (was, is) = (diff(reviewed), diff(fresh));
    let named = is.iter().find(|item| !was.contains(item)).or_else(|| was.iter().find(|item| !is.contains(item)));
    Some(match named {
        Some(item) => format!("authentik has changed since the review: {} “{}” is different now.", item.kind, item.name),
        None => "authentik has changed since the review.".to_owned(),
    })
}
