//! `akwiz update`.

use clap::Args;
use serde::Serialize;

use super::document::{NoticeDocument, VERSION};
use super::global::GlobalOptions;
use super::objects::ObjectOptions;
use super::output::Output;
use super::plan::{self, PlanDocument};
use super::session::{self, Session};
use super::target::{self, TargetOptions};
use super::work::{ConfirmOptions, Work};
use super::{access, adopt, ask};
use crate::catalog::render::Engine;
use crate::catalog::template::Template;
use crate::error::{Ended, Result};
use crate::setup::answers::{Answers, KeyChoice, Options};
use crate::setup::mint::Minted;
use crate::setup::planner::preview;
use crate::setup::question::resolve;
use crate::setup::recall::{overlaid, recorded_answers};
use crate::setup::setting::Field;
use crate::setup::source::hold_secrets;

/// What `update` is told.
#[derive(Debug, Clone, Default, Args)]
#[command(after_help = "Examples:
  akwiz update portainer --dry-run
  akwiz update portainer --set=app=https://portainer.example.org
  akwiz update portainer --access=group:family --yes")]
pub struct UpdateOptions {
    /// The application.
    #[command(flatten)]
    pub target: TargetOptions,
    /// What it is to be like, where that differs from what was decided before.
    #[command(flatten)]
    pub objects: ObjectOptions,
    /// How it is confirmed.
    #[command(flatten)]
    pub confirm: ConfirmOptions,
    /// Only show what would change
    #[arg(long)]
    pub dry_run: bool,
    /// Exit with 10 when there is nothing to change
    #[arg(long)]
    pub detailed_exitcode: bool,
}

/// What was changed.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "update"))]
pub(super) struct UpdateDocument {
    /// The slug of the application or login source.
    slug: String,
    /// `receipt` where akwiz made or adopted it, `recognized` where name and redirect URI say so, `told` where `--template` does.
    known: &'static str,
    /// What was changed, or with `--dry-run` would be.
    plan: PlanDocument,
    /// It was done.
    applied: bool,
    /// The receipt (`akwiz undo`); null where nothing was changed, and with `--demo`.
    receipt: Option<String>,
    /// What differs from the plan.
    notices: Vec<NoticeDocument>,
}

/// Plans the template over what exists, shows it, asks, and applies.
///
/// # Errors
/// When there is no such application, something has to be decided first, or the server refuses.
pub(super) async fn run(global: &GlobalOptions, options: UpdateOptions, output: &Output) -> Result<Ended> {
    let catalog = session::catalog(global)?;
    let (session, engine) = (Session::open(global).await?, Engine::new());
    let target = target::find(&session, &catalog, &engine, &options.target, output).await?;
    let (slug, known) = (target.slug.clone(), target.known.word());
    let launch_url = target.existing().map(|existing| existing.application.text(Field::LaunchUrl).unwrap_or_default().to_owned());
    let is_source = launch_url.is_none();
    let mut answers = target.answers;
    answers.options = overlaid(&answers.options, &options.objects.options());
    if let Some(launch_url) = launch_url {
        follow_address(&engine, &target.template, &mut answers, &target.before, &launch_url);
    } else {
        answers.source.renew_secrets = options.objects.renew_secrets;
        if !answers.source.renew_secrets {
            hold_secrets(&target.template, &mut answers);
        }
    }
    let work = Work { session, engine, template: target.template, minted: target.minted, output };
    ask::missing(output, &work.engine, &work.template, &mut answers, &work.minted)?;
    session::check_questions(&work.engine, &work.template, &answers, &work.minted)?;
    let (facts, _) = work.look(&answers).await?;
    answers.access = access::resolve(&options.objects.access, &facts, &work.session.client).await?;
    if matches!(&answers.options.signing_key, Some(KeyChoice::Existing(_))) {
        session::find_key(&mut answers, &facts)?;
    }
    let plan = crate::setup::planner::plan(&work.engine, &work.template, &answers, &facts, &work.minted);
    if let Some(error) = plan::undecided(&plan) {
        plan::tell(&plan, &facts, output);
        return Err(error);
    }
    plan::show(&plan, &facts, output)?;
    // Some answers are about the application alone: authentik stays as it is, and what to enter in the application does not.
    let is_noted = plan.is_empty() && !is_source && recorded_answers(&answers) != recorded_answers(&target.before);
    let settled = plan.is_empty() && !is_noted;
    let ended = if options.detailed_exitcode && settled { Ended::NothingToChange } else { Ended::Done };
    if is_noted && !options.dry_run {
        work.session.receipts.save(&adopt::record(&facts, &answers, &plan))?;
    }
    let document = PlanDocument::new(&plan, &facts);
    let mut document = UpdateDocument { slug, known, plan: document, applied: false, receipt: None, notices: Vec::new() };
    if !options.dry_run && !plan.is_empty() {
        let (facts, plan) = work.confirmed(&answers, facts, plan, &options.confirm).await?;
        let outcome = work.apply(&answers, &facts, &plan).await?;
        work.session.remember(&work.template.id);
        for notice in &outcome.notices {
            output.notice(notice);
        }
        document.applied = true;
        document.notices = NoticeDocument::all(&outcome.notices);
        document.receipt = outcome.receipt.filter(|_| work.session.keeps_receipts());
    }
    if output.is_json() {
        output.document("update", VERSION, &document)?;
    }
    if is_noted && options.dry_run {
        output.note("The new answers change what to enter in the application, and nothing in authentik.");
    } else if is_noted {
        let slug = &document.slug;
        output.note(&format!("The new answers are kept. They change what to enter in the application: akwiz settings {slug}"));
    }
    if let Some(receipt) = &document.receipt {
        output.note(&format!("Receipt {receipt}. Take it back: akwiz undo {receipt}"));
        let place = if is_source { "at the service" } else { "in the application" };
        output.note(&format!("What to enter {place}: akwiz settings {}", document.slug));
    }
    Ok(ended)
}

/// The tile follows a new address, where it leads to the old one: somebody else's choice stays.
fn follow_address(engine: &Engine, template: &Template, answers: &mut Answers, before: &Answers, there: &str) {
    let own = |answers: &Answers| {
        let options = Options { launch_url: None, ..answers.options.clone() };
        let answers = Answers { options, ..answers.clone() };
        preview(engine, template, &answers, &resolve(engine, template, &answers, &Minted::default())).launch_url
    };
    let (old, new) = (own(before), own(answers));
    let is_chosen = answers.options.launch_url.as_ref().is_some_and(|chosen| *chosen != old);
    if old == there && new != old && !new.is_empty() && !is_chosen {
        answers.options.launch_url = Some(new);
    }
}
