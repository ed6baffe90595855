//! What mends findings, as one plan.

use super::rules::Finding;
use crate::setup::fix::{self, Fix, Target};
use crate::setup::plan::{Decision, Plan};

/// The plan that mends `findings` about one object, and a sentence for each that cannot be mended as things are.
pub fn plan(findings: &[&Finding], target: Target<'_>) -> (Plan, Vec<String>) {
    let mut fixes: Vec<Fix> = Vec::new();
    let mut notes = Vec::new();
    for finding in findings {
        let alone = fix::plan(&finding.fixes, target);
        for decision in &alone.decisions {
            if let Decision::Blocked { text } = decision {
                notes.push(format!("{}: {text}", finding.rule.name));
            }
        }
        if alone.is_ready() {
            for fix in &finding.fixes {
                if !fixes.contains(fix) {
                    fixes.push(fix.clone());
                }
            }
        }
    }
    (fix::plan(&fixes, target), notes)
}
