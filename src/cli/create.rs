//! `akwiz create`.

use clap::Args;
use clap_complete::ArgValueCompleter;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;

use super::answers::AnswerOptions;
use super::document::{NoticeDocument, VERSION};
use super::global::GlobalOptions;
use super::output::Output;
use super::plan::PlanDocument;
use super::questions::Inputs;
use super::session::{self, Session};
use super::settings_document::SettingsDocument;
use super::work::{ConfirmOptions, Work};
use super::{access, ask, completions, plan, sheet};
use crate::catalog::render::Engine;
use crate::error::{Ended, Error, Kind, Result};
use crate::setup::answers::Answers;
use crate::setup::facts::Facts;
use crate::setup::outcome::Outcome;
use crate::setup::plan::Plan;

/// The wizard's pages are named in the sentences of the plan; on the command line they are options.
pub(super) const BLOCKED_HINT: &str = "Each page of the wizard has its options: akwiz create --help";

/// What `create` is told.
#[derive(Debug, Clone, Default, Args)]
#[command(after_help = "Examples:
  akwiz app portainer        what it asks
  akwiz create portainer --set=app=https://portainer.example.com
  akwiz create portainer --set=app=https://p.example.com --access=me --yes
  akwiz settings portainer   what to enter in it, again")]
pub struct CreateOptions {
    /// The answers.
    #[command(flatten)]
    pub answers: AnswerOptions,
    /// How it is confirmed.
    #[command(flatten)]
    pub confirm: ConfirmOptions,
    /// Print secrets too
    #[arg(long)]
    pub reveal: bool,
    /// How the application is set up, where there are several ways
    #[arg(long, value_name = "WAY", add = ArgValueCompleter::new(completions::ways))]
    pub way: Option<String>,
    /// Exit with 10 when there is nothing to change
    #[arg(long)]
    pub detailed_exitcode: bool,
}

/// Plans, asks, applies, and prints the settings.
///
/// # Errors
/// When something has to be decided first, it was not confirmed, or the server refuses.
pub(super) async fn run(global: &GlobalOptions, options: CreateOptions, output: &Output) -> Result<Ended> {
    let template = session::template(global, &options.answers.template)?;
    sheet::check_way(&template, options.way.as_deref())?;
    let mut answers = options.answers.answers(&template, &Inputs::REAL)?;
    let (engine, minted) = (Engine::new(), session::credentials(&template));
    ask::missing(output, &engine, &template, &mut answers, &minted)?;
    session::check_questions(&engine, &template, &answers, &minted)?;
    let work = Work { session: Session::open(global).await?, engine, template, minted, output };
    let (facts, _) = work.look(&answers).await?;
    answers.access = access::resolve(&options.answers.objects.access, &facts, &work.session.client).await?;
    session::find_key(&mut answers, &facts)?;
    let plan = crate::setup::planner::plan(&work.engine, &work.template, &answers, &facts, &work.minted);
    plan::show(&plan, &facts, output)?;
    if let Some(error) = plan::undecided(&plan) {
        return Err(error);
    }
    Box::pin(carry_out(global, &work, &answers, facts, plan, &options)).await
}

/// Has the plan confirmed, does it, and prints the settings.
///
/// # Errors
/// When it was not confirmed, the server has changed since, or it refuses.
pub(super) async fn carry_out(
    global: &GlobalOptions,
    work: &Work<'_>,
    answers: &Answers,
    facts: Facts,
    plan: Plan,
    options: &CreateOptions,
) -> Result<Ended> {
    let output = work.output;
    // What cannot be written out afterwards is not begun. What is to be entered for a source can come from the server, which makes it first.
    let sheet = work.sheet(&plan.scope, false).document(options.way.as_deref());
    sheet.map(drop).or_else(|error| {
        if work.template.source.is_some() {
            return Ok(());
        }
        Err(Error { hints: Vec::new(), kind: Kind::Usage, ..error }
            .hint("Nothing was changed. Check the options that differ from the template's choice."))
    })?;
    let (facts, plan) = work.confirmed(answers, facts, plan, &options.confirm).await?;
    let outcome = work.apply(answers, &facts, &plan).await?;
    work.session.remember(&work.template.id);
    for each in &outcome.notices {
        output.notice(each);
    }
    let (way, reveal) = (options.way.as_deref(), options.reveal);
    let hidden = if output.is_json() {
        let document = CreateDocument::new(work, &outcome, PlanDocument::new(&plan, &facts), way, reveal)?;
        output.document("create", VERSION, &document)?;
        document.settings.hidden
    } else {
        work.sheet(&outcome.scope, reveal).print(way, output)?
    };
    // The stand-in ends with this command, and what it made with it.
    if hidden && global.demo {
        output.note("Secrets are hidden: --reveal shows them.");
    } else if hidden {
        output.note(&match outcome.parts.first() {
            Some(part) => sheet::to_show(&part.slug, way),
            None => options.answers.to_reveal(),
        });
    }
    if let Some(receipt) = outcome.receipt.filter(|_| !global.demo) {
        output.note(&format!("Receipt {receipt}. Take it back: akwiz undo {receipt}"));
    }
    Ok(if options.detailed_exitcode && plan.is_empty() { Ended::NothingToChange } else { Ended::Done })
}

/// What was made, and the settings for the application.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "create"))]
pub(super) struct CreateDocument {
    /// What was done; nothing where everything was as it should be.
    plan: PlanDocument,
    /// The receipt (`akwiz undo`); null where nothing was changed, and with `--demo`.
    receipt: Option<String>,
    /// One for each provider and application.
    applications: Vec<ApplicationDocument>,
    /// The login source, for templates that make one.
    source: Option<SourceDocument>,
    /// What to enter in the application.
    settings: SettingsDocument,
    /// What differs from the plan.
    notices: Vec<NoticeDocument>,
}

/// A provider with its application.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "application"))]
struct ApplicationDocument {
    /// The part's id in the template; `main` where there is only one.
    part: String,
    /// The application's name.
    name: String,
    /// The application's slug.
    slug: String,
    /// The client ID.
    client_id: String,
    /// The client secret, with `--reveal`.
    client_secret: Option<String>,
    /// The issuer.
    issuer: String,
    /// The discovery document's address.
    discovery_url: String,
}

/// A login source.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "source"))]
struct SourceDocument {
    /// Its name.
    name: String,
    /// Its slug.
    slug: String,
    /// The stage of the login page that shows it.
    shown_on: Option<String>,
}

impl CreateDocument {
    fn new(work: &Work<'_>, outcome: &Outcome, plan: PlanDocument, way: Option<&str>, reveal: bool) -> Result<Self> {
        let secret = |secret: &SecretString| secret.expose_secret().to_owned();
        Ok(Self {
            plan,
            receipt: outcome.receipt.clone().filter(|_| work.session.keeps_receipts()),
            applications: outcome
                .parts
                .iter()
                .map(|part| ApplicationDocument {
                    part: part.id.clone(),
                    name: part.name.clone(),
                    slug: part.slug.clone(),
                    client_id: part.client_id.clone(),
                    client_secret: part.client_secret.as_ref().filter(|_| reveal).map(secret),
                    issuer: part.endpoints.issuer.clone(),
                    discovery_url: part.endpoints.discovery.clone(),
                })
                .collect(),
            source: outcome.source.as_ref().map(|source| SourceDocument {
                name: source.name.clone(),
                slug: source.slug.clone(),
                shown_on: source.shown_on.clone(),
            }),
            settings: work.sheet(&outcome.scope, reveal).document(way)?,
            notices: NoticeDocument::all(&outcome.notices),
        })
    }
}
