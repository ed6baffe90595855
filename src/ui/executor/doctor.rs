//! The doctor's look at authentik.

use std::sync::Arc;

use super::off_thread;
use super::read::Task;
use crate::checks::demands::Library;
use crate::checks::doctor::{Paste, diagnose};
use crate::checks::repair;
use crate::checks::rules::Finding;
use crate::error::Result;
use crate::ui::msg::{Diagnosed, Repair};

/// What is wrong with the application that was pasted something about, and what would mend it.
pub(super) async fn look(task: &Task, pasted: &str) -> Result<Diagnosed> {
    let (client, public, version) = task.signed_in()?;
    let catalog = task.catalog().await;
    let kept = Arc::clone(&task.services.receipts);
    let receipts = off_thread(move || kept.list()).await?.receipts;
    let survey = client.survey(&public, version).await?;
    let library = Library::new(&catalog, &receipts);
    let mut diagnosis = diagnose(&client, &survey, &library, &Paste::read(pasted), None).await;
    let wrong: Vec<&Finding> = diagnosis.findings.iter().filter(|finding| finding.is_wrong()).collect();
    let target = diagnosis.about.as_ref().and_then(|about| about.target(&survey));
    let planned = target.map(|target| repair::plan(&wrong, target));
    let repair = planned.and_then(|(plan, notes)| {
        diagnosis.notes.extend(notes);
        (!plan.is_empty()).then_some(plan)
    });
    let repair = repair.map(|plan| Repair { plan, facts: survey.facts });
    Ok(Diagnosed { diagnosis, repair })
}
