//! `akwiz check`.

use std::fmt::Write as _;

use clap::Args;
use clap_complete::ArgValueCompleter;
use serde::Serialize;

use super::completions;
use super::document::VERSION;
use super::global::GlobalOptions;
use super::output::Output;
use super::session::Session;
use super::subject::{self, KnownBy};
use crate::checks::{
    Group, Id, LEGEND, Line, Pace, Person, State, Summary, Surroundings, Target, Tick, from_inside, run as run_checks,
};
use crate::error::{Ended, Result};

/// What `check` is told.
#[derive(Debug, Clone, Default, Args)]
#[command(after_help = "Examples:
  akwiz check portainer
  akwiz check portainer --user=alice   may she open it, and as whom?
  akwiz check portainer --wait         until the application has been set up")]
pub struct CheckOptions {
    /// The application's slug, as its address in authentik has it
    #[arg(add = ArgValueCompleter::new(completions::slugs))]
    pub slug: String,
    /// Whose access and claims to look at, by user name; the token's own user otherwise
    #[arg(long, value_name = "NAME")]
    pub user: Option<String>,
    /// Check again until everything is right, for ten minutes at most
    #[arg(long)]
    pub wait: bool,
}

/// What was checked.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "check"))]
pub(super) struct CheckDocument {
    /// The application's slug.
    slug: String,
    /// Its name.
    name: String,
    /// The template that it is of, where akwiz knows it: without it, less can be checked.
    template: Option<String>,
    /// How it is known: `receipt`, or `looks` for slug, name and redirect URIs.
    known_by: Option<&'static str>,
    /// authentik's public address.
    server: String,
    /// Nothing is wrong, to look at, or waited for.
    settled: bool,
    /// How many checks came to what.
    summary: SummaryDocument,
    /// The checks, in order.
    checks: Vec<TickDocument>,
    /// Commands to run from inside the application's own network.
    inside: Vec<InsideDocument>,
}

/// How many checks came to what.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "summary"))]
struct SummaryDocument {
    green: usize,
    warning: usize,
    red: usize,
    waiting: usize,
    skipped: usize,
}

/// One check.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "tick"))]
struct TickDocument {
    /// Its name for scripts.
    id: &'static str,
    /// What it belongs to, for people.
    group: &'static str,
    /// Its name for people.
    title: &'static str,
    /// `green`, `warning`, `red`, `waiting` or `skipped`.
    state: &'static str,
    /// What was looked at.
    looked_at: String,
    /// What was found.
    found: String,
    /// What belongs to it one by one, such as the claims.
    details: Vec<DetailDocument>,
    /// What mends it.
    fix: Option<String>,
    /// akwiz can do that itself.
    can_fix: bool,
}

/// One of several things that a check is about.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "detail"))]
struct DetailDocument {
    /// Its name.
    name: String,
    /// What it is.
    value: String,
    /// `present` or `missing` where the application relies on it, else `plain`.
    mark: &'static str,
}

/// A command to run elsewhere.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "inside"))]
struct InsideDocument {
    /// Where it runs.
    place: String,
    /// The command.
    command: String,
}

impl TickDocument {
    fn new(tick: &Tick) -> Self {
        Self {
            id: tick.id.as_str(),
            group: tick.id.group().title(),
            title: tick.id.title(),
            state: tick.state.as_str(),
            looked_at: tick.looked_at.clone(),
            found: tick.found.clone(),
            details: tick
                .details
                .iter()
                .map(|detail| DetailDocument {
                    name: detail.name.clone(),
                    value: detail.value.clone(),
                    mark: detail.mark.as_str(),
                })
                .collect(),
            fix: tick.mend.as_ref().map(|mend| mend.text.clone()),
            can_fix: tick.mend.as_ref().is_some_and(|mend| mend.fix.is_some()),
        }
    }
}

/// Checks, and says what it found. With `--wait` again and again.
///
/// # Errors
/// When the application cannot be found, or authentik cannot be asked.
pub(super) async fn run(global: &GlobalOptions, options: &CheckOptions, output: &Output) -> Result<Ended> {
    let session = Session::open(global).await?;
    let subject = subject::find(&session, global, &options.slug).await?;
    let target = Target {
        slug: subject.application.fields.slug.clone(),
        public: session.public.clone(),
        client_id: Some(subject.provider.fields.client_id.clone()),
        secret: None,
        expectation: subject.expectation,
        person: options.user.clone().map_or(Person::Me, Person::Named),
        surroundings: if global.demo { Surroundings::StandIn } else { Surroundings::Network },
    };
    let ticks = until_settled(&session, &target, options.wait, output).await;
    let summary = Summary::of(&ticks);
    let inside = from_inside(&target);
    if output.is_json() {
        output.document("check", VERSION, &document(&target, subject.template.as_ref(), &ticks, summary, &inside))?;
    } else {
        output.result(&text(&target, subject.template.as_ref(), &ticks, summary, &inside))?;
    }
    Ok(if summary.red > 0 { Ended::Findings } else { Ended::Done })
}

/// The checks; with `wait` as often as it takes, telling what changes.
async fn until_settled(session: &Session, target: &Target, wait: bool, output: &Output) -> Vec<Tick> {
    let mut pace = Pace::default();
    let mut ticks = run_checks(&session.client, target, |_| ()).await;
    while wait && !Summary::of(&ticks).is_settled() {
        let Some(pause) = pace.pause() else { break };
        output.note(&format!("{}. Checking again in {} s.", Summary::of(&ticks).sentence(), pause.as_secs()));
        tokio::time::sleep(pause).await;
        let before = std::mem::take(&mut ticks);
        ticks = run_checks(&session.client, target, |_| ()).await;
        for (tick, _) in ticks.iter().zip(&before).filter(|(now, before)| now.state != before.state) {
            output.note(&format!("{:>7}  {}: {}", word(tick.state), tick.id.title(), tick.found));
        }
    }
    ticks
}

fn document(
    target: &Target,
    template: Option<&(String, KnownBy)>,
    ticks: &[Tick],
    summary: Summary,
    inside: &[Line],
) -> CheckDocument {
    let Summary { green, warning, red, waiting, skipped } = summary;
    CheckDocument {
        slug: target.slug.clone(),
        name: target.expectation.name.clone(),
        template: template.map(|(id, _)| id.clone()),
        known_by: template.map(|(_, by)| match by {
            KnownBy::Receipt => "receipt",
            KnownBy::Looks => "looks",
        }),
        server: target.public_url().to_owned(),
        settled: summary.is_settled(),
        summary: SummaryDocument { green, warning, red, waiting, skipped },
        checks: ticks.iter().map(TickDocument::new).collect(),
        inside: inside.iter().map(|line| InsideDocument { place: line.title.clone(), command: line.command.clone() }).collect(),
    }
}

/// A state in one word for people.
const fn word(state: State) -> &'static str {
    match state {
        State::Waiting => "waiting",
        State::Green => "right",
        State::Warning => "look",
        State::Red => "WRONG",
        State::Skipped => "-",
    }
}

fn text(target: &Target, template: Option<&(String, KnownBy)>, ticks: &[Tick], summary: Summary, inside: &[Line]) -> String {
    let mut text = format!("{} ({}) at {}\n", target.expectation.name, target.slug, target.public_url());
    match template {
        Some((_, KnownBy::Receipt)) => {}
        Some((id, KnownBy::Looks)) => {
            let _ = writeln!(text, "There is no receipt of it. By slug, name and redirect URI it is of the template {id}.");
        }
        None => text.push_str("akwiz does not know it: what a template would say is not checked.\n"),
    }
    let mut group: Option<Group> = None;
    for tick in ticks {
        if group != Some(tick.id.group()) {
            group = Some(tick.id.group());
            let _ = write!(text, "\n{}\n", tick.id.group().title());
        }
        let _ = writeln!(text, "  {:>7}  {}: {}", word(tick.state), tick.id.title(), tick.found);
        if tick.is_alarm() || matches!(tick.id.group(), Group::Claims) {
            for detail in &tick.details {
                let _ = writeln!(text, "         {}", detail.line());
            }
            if tick.id == Id::Claims && !tick.details.is_empty() {
                let _ = writeln!(text, "         ({LEGEND})");
            }
        }
        if let Some(mend) = &tick.mend {
            let _ = writeln!(text, "           fix: {}", mend.text);
        }
    }
    text.push_str("\nFrom inside the application's own network, one of these should print a document:\n");
    for line in inside {
        let _ = writeln!(text, "  {}", line.command);
    }
    let _ = write!(text, "\n{}.", summary.sentence());
    text
}
