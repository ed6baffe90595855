//! Findings as text and as JSON: what doctor and audit share.

use std::fmt::Write as _;

use serde::Serialize;

use crate::checks::rules::Finding;

/// One cause that was found.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "finding"))]
pub(super) struct FindingDocument {
    /// The rule's name for scripts, which never changes.
    rule: &'static str,
    /// The cause's name.
    name: &'static str,
    /// `error`: logins fail. `warning`: it is wrong or unsafe. `note`: often it is meant so.
    severity: &'static str,
    /// What was pasted speaks of it.
    heard: bool,
    /// It was seen. Otherwise it was only spoken of, and lies outside of authentik.
    confirmed: bool,
    /// What is so.
    text: String,
    /// What belongs to it line by line, such as two addresses one below the other.
    lines: Vec<String>,
    /// Why it is bad.
    reason: &'static str,
    /// What to do.
    advice: String,
    /// What `--fix` does about it; for a `note` only when it is named: `--fix=RULE`.
    fixes: Vec<String>,
}

impl FindingDocument {
    pub(super) fn new(finding: &Finding) -> Self {
        Self {
            rule: finding.rule.id,
            name: finding.rule.name,
            severity: finding.severity.word(),
            heard: finding.heard,
            confirmed: finding.confirmed,
            text: finding.text.clone(),
            lines: finding.lines.clone(),
            reason: finding.rule.reason,
            advice: finding.advice.clone(),
            fixes: finding.fixes.iter().map(crate::setup::fix::Fix::title).collect(),
        }
    }
}

/// A finding for people.
pub(super) fn text(finding: &Finding) -> String {
    // What is only spoken of is not seen to be so.
    let word = if finding.confirmed { finding.severity.word() } else { "perhaps" };
    let mut text = format!("{word}: {} [{}]\n  {}", finding.rule.name, finding.rule.id, finding.text);
    for line in &finding.lines {
        let _ = write!(text, "\n    {line}");
    }
    let _ = write!(text, "\n  Why: {}\n  What to do: {}", finding.rule.reason, finding.advice);
    for fix in &finding.fixes {
        let _ = write!(text, "\n  {}: {}", option(finding), fix.title());
    }
    text
}

/// A finding in one line.
pub(super) fn line(finding: &Finding) -> String {
    let mark = if finding.fixes.is_empty() { String::new() } else { format!(" ({})", option(finding)) };
    format!("{:<7}  {}  [{}]{mark}", finding.severity.word(), finding.text, finding.rule.id)
}

/// The option that mends it: what may be meant so has to be named.
fn option(finding: &Finding) -> String {
    if finding.is_wrong() { "--fix".to_owned() } else { format!("--fix={}", finding.rule.id) }
}
