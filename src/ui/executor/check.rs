//! What answers again and again: checks and the watching of authentik's log; and the planning of repairs.

use std::time::Duration;

use futures_util::future::join_all;

use super::read::Task;
use crate::checks::watch::{SystemClock, Watched, follow};
use crate::checks::{Target, run as run_checks};
use crate::error::{Error, Kind, Result};
use crate::setup::fix::{self, Fix};
use crate::ui::msg::{Answer, Millis, Repair};

/// Runs the checks after `wait`.
pub(super) async fn check(task: &Task, targets: &[Target], run: u32, wait: Millis, send: &(impl Fn(Answer) + Send + Sync)) {
    tokio::time::sleep(Duration::from_millis(wait)).await;
    if let Ok((client, ..)) = task.signed_in() {
        let client = &client;
        let one =
            |(part, target)| run_checks(client, target, move |tick| send(Answer::Ticked { run, part, tick: Box::new(tick) }));
        join_all(targets.iter().enumerate().map(one)).await;
    }
    send(Answer::Checked { run });
}

/// Follows the log until the time is up, or it cannot be read.
pub(super) async fn watch(task: &Task, watched: &[Watched], send: &(impl Fn(Answer) + Send + Sync)) {
    if let Ok((client, ..)) = task.signed_in() {
        let client = &client;
        let one = |watched| {
            follow(client, watched, &SystemClock, |news| {
                send(Answer::News(Box::new(news)));
                true
            })
        };
        for ended in join_all(watched.iter().map(one)).await {
            if let Err(error) = ended {
                tracing::debug!(%error, "the log is not watched");
            }
        }
    }
    send(Answer::WatchEnded);
}

/// What a repair would change.
pub(super) async fn plan_fix(task: &Task, slug: &str, fix: Fix) -> Result<Repair> {
    let facts = task.facts(&[slug.to_owned()], None).await?;
    let Some(existing) = facts.existing.first() else {
        return Err(Error::new(Kind::Conflict, format!("The application “{slug}” is not there any more.")));
    };
    let target = fix::Target {
        facts: &facts,
        provider: existing.provider.as_ref(),
        application: Some(&existing.application),
        bindings: &existing.bindings,
        source: None,
    };
    let plan = fix::plan(&[fix], target);
    Ok(Repair { plan, facts })
}
