//! What answers again and again: checks and the watching of authentik's log; and the planning of repairs.

use std::time::Duration;

use futures_util::future::join_all;

use super::read::Task;
use crate::authentik::ApiError;
use crate::checks::watch::{End, SystemClock, Watched, follow};
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

/// Follows the log until somebody is in, the time is up, or it cannot be read.
pub(super) async fn watch(task: &Task, watched: &[Watched], send: &(impl Fn(Answer) + Send + Sync)) {
    let client = &match task.signed_in() {
        Ok((client, ..)) => client,
        Err(error) => return send(Answer::WatchEnded(Err(error))),
    };
    let one = |watched| {
        follow(client, watched, &SystemClock, |news| {
            let go_on = !news.done;
            send(Answer::News(Box::new(news)));
            go_on
        })
    };
    let ends: Result<Vec<End>, ApiError> = join_all(watched.iter().map(one)).await.into_iter().collect();
    let all_in = |ends: Vec<End>| if ends.contains(&End::TimeUp) { End::TimeUp } else { End::Enough };
    send(Answer::WatchEnded(ends.map(all_in).map_err(Error::from)));
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
