//! The fixes that doctor and audit offer: as one plan, shown, confirmed, done, and recorded in a receipt.

use clap::Args;
use clap_complete::ArgValueCompleter;

use super::completions;
use super::output::Output;
use super::plan;
use super::session::Session;
use super::work::{self, ConfirmOptions};
use crate::apply::{check_rights, differs};
use crate::checks::repair;
use crate::checks::rules::{self, Finding};
use crate::error::{Error, Kind, Result};
use crate::setup::answers::Answers;
use crate::setup::facts::Facts;
use crate::setup::fix::{TEMPLATE, Target};
use crate::setup::plan::Plan;

/// The word for every fix that is offered.
const ALL: &str = "all";

/// What is done about what was found.
#[derive(Debug, Clone, Default, Args)]
pub struct RepairOptions {
    /// Mend what was found, after asking: all of it that is wrong, or what one rule offers
    #[arg(long, value_name = "RULE", num_args = 0..=1, require_equals = true, default_missing_value = ALL,
        add = ArgValueCompleter::new(completions::rules))]
    pub fix: Option<String>,
    /// Do it without asking
    #[arg(short, long, requires = "fix")]
    pub yes: bool,
    /// Type a confirmation that is asked for besides, such as the slug of something in use; once for each
    #[arg(long, value_name = "TEXT", requires = "fix")]
    pub confirm: Vec<String>,
}

impl RepairOptions {
    /// Refuses a rule that there is not.
    ///
    /// # Errors
    /// Then.
    pub(super) fn check(&self) -> Result<()> {
        let Some(wanted) = self.fix.as_deref().filter(|wanted| *wanted != ALL) else { return Ok(()) };
        if rules::ALL.iter().chain(&rules::APART).any(|rule| rule.id == wanted) {
            return Ok(());
        }
        Err(Error::new(Kind::Usage, format!("There is no rule “{wanted}”."))
            .hint("The rules that found something stand in brackets beside what they found."))
    }

    /// The plan that mends what was found about one object: what one rule found, else all that is wrong. What cannot be done is left out,
    /// with a sentence in `notes`.
    pub(super) fn plan(&self, findings: &[Finding], target: Target<'_>, notes: &mut Vec<String>) -> Plan {
        let wanted = |finding: &&Finding| match self.fix.as_deref() {
            Some(rule) if rule != ALL => finding.rule.id == rule,
            _ => finding.is_wrong(),
        };
        let wanted: Vec<&Finding> = findings.iter().filter(wanted).collect();
        let (plan, left_out) = repair::plan(&wanted, target);
        notes.extend(left_out);
        plan
    }
}

/// Shows what the fixes would change.
///
/// # Errors
/// When the output cannot be written.
pub(super) fn show(plan: &Plan, output: &Output) -> Result<()> {
    for notice in &plan.notices {
        output.notice(notice);
    }
    output.result(&format!("What --fix does:\n{}", plan::text(plan)))
}

/// Has the plan confirmed and does it. `again` looks at the server anew and plans the same. Gives the receipt's id.
///
/// # Errors
/// When it was not confirmed, the server has changed since, or it refuses.
pub(super) async fn carry_out(
    session: &Session,
    options: &RepairOptions,
    planned: (Facts, Plan),
    again: impl AsyncFnOnce() -> Result<(Facts, Plan)>,
    output: &Output,
) -> Result<Option<String>> {
    let (facts, plan) = planned;
    check_rights(&session.client, &plan, &facts).await?;
    let confirm = ConfirmOptions { yes: options.yes, confirm: options.confirm.clone() };
    let (facts, plan) = if work::confirm(&plan, &confirm, output)? {
        let (now, fresh) = again().await?;
        if let Some(sentence) = differs(&plan, &fresh) {
            return Err(Error::new(Kind::Conflict, sentence).hint("Nothing was changed. Run the same command again."));
        }
        (now, fresh)
    } else {
        (facts, plan)
    };
    let outcome = work::apply(session, output, &Answers::new(TEMPLATE), &facts, &plan).await?;
    for notice in &outcome.notices {
        output.notice(notice);
    }
    let receipt = outcome.receipt.filter(|_| session.keeps_receipts());
    if let Some(receipt) = &receipt {
        output.note(&format!("Receipt {receipt}. Take it back: akwiz undo {receipt}"));
    }
    Ok(receipt)
}
