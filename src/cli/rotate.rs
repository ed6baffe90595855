//! `akwiz rotate`.

use clap::Args;
use clap_complete::ArgValueCompleter;
use secrecy::ExposeSecret as _;
use serde::Serialize;

use super::completions;
use super::document::{NoticeDocument, VERSION};
use super::global::GlobalOptions;
use super::output::Output;
use super::plan;
use super::rotate_source;
use super::session::{self, Session};
use super::settings_document::SettingsDocument;
use super::sheet::{self, MASK, Sheet};
use super::target::{self, Looked, Target, TargetOptions};
use super::work::{self, ConfirmOptions};
use crate::apply::check_rights;
use crate::catalog::render::Engine;
use crate::error::{Error, Kind, Result};
use crate::setup::answers::Answers;
use crate::setup::outcome::Outcome;
use crate::setup::planner::rotation;
use crate::setup::recall::observe;

/// What `rotate` is told.
#[derive(Debug, Clone, Default, Args)]
#[command(after_help = "Examples:
  akwiz rotate portainer --reveal
  akwiz rotate portainer --confirm=portainer --yes --reveal --json
  akwiz rotate github --set-file=client_secret=github.secret")]
pub struct RotateOptions {
    /// The application or login source.
    #[command(flatten)]
    pub target: TargetOptions,
    /// How it is confirmed. The slug has to be typed, or said: --confirm=SLUG.
    #[command(flatten)]
    pub confirm: ConfirmOptions,
    /// How the application is set up, where there are several ways
    #[arg(long, value_name = "WAY", add = ArgValueCompleter::new(completions::ways))]
    pub way: Option<String>,
    /// Print the new secret
    #[arg(long)]
    pub reveal: bool,
}

/// An application, or a login source, with a new secret.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "rotate"))]
pub(super) struct RotateDocument {
    /// Its slug.
    pub(super) slug: String,
    /// Its client ID, which stays.
    pub(super) client_id: String,
    /// The new client secret, with `--reveal`; null for a login source, whose secret was given.
    pub(super) client_secret: Option<String>,
    /// The receipt; null with `--demo`. It cannot put the old secret back.
    pub(super) receipt: Option<String>,
    /// What to enter in the application; null where its template is not known, and for a login source.
    pub(super) settings: Option<SettingsDocument>,
    /// What differs from the plan.
    pub(super) notices: Vec<NoticeDocument>,
}

/// Gives an application another client secret, and shows the settings with it; or a login source the one that its service made.
///
/// # Errors
/// When there is no such application, it has no secret, or it was not confirmed.
pub(super) async fn run(global: &GlobalOptions, options: &RotateOptions, output: &Output) -> Result<()> {
    let catalog = session::catalog(global)?;
    let (session, engine) = (Session::open(global).await?, Engine::new());
    let facts = match target::look_at(&session, &options.target.slug).await? {
        Looked::Application(facts) => *facts,
        Looked::Source(here) => {
            return rotate_source::run(&session, &catalog, &engine, *here, options, (global, output)).await;
        }
    };
    let existing = facts.existing[0].clone();
    // Without a template the secret can be changed all the same; only the settings cannot be written out.
    let mut known = match target::find(&session, &catalog, &engine, &options.target, output).await {
        Ok(target) => Some(target).filter(|target| is_answered(target, &engine)),
        Err(error) if options.target.template.is_some() => return Err(error),
        Err(_) => None,
    };
    let id = known.as_ref().map(|target| target.template.id.clone()).unwrap_or_default();
    let plan = rotation(&existing, &facts, &id, session::client_secret()).map_err(|sentence| {
        Error::new(Kind::Usage, sentence).hint(format!("See it: akwiz show {}", target::slug_of(&existing)))
    })?;
    plan::show(&plan, &facts, output)?;
    check_rights(&session.client, &plan, &facts).await?;
    work::confirm(&plan, &options.confirm, output)?;
    let answers = known.as_ref().map_or_else(|| Answers::new(id), |target| target.answers.clone());
    let outcome = work::apply(&session, output, &answers, &facts, &plan).await?;
    for notice in &outcome.notices {
        output.notice(notice);
    }
    let scope = match &mut known {
        None => None,
        Some(target) => {
            observe(&existing, &mut target.answers.options);
            // The new secret is read from the server.
            let (_, plan) = session.look(&engine, &target.template, &target.answers, &target.minted).await?;
            Some(plan.scope)
        }
    };
    let sheet = known.as_ref().zip(scope.as_ref()).map(|(target, scope)| Sheet {
        engine: &engine,
        template: &target.template,
        scope,
        reveal: options.reveal,
    });
    let receipt = outcome.receipt.clone().filter(|_| session.keeps_receipts());
    tell(sheet.as_ref(), &outcome, receipt, options, output)
}

fn tell(
    sheet: Option<&Sheet<'_>>,
    outcome: &Outcome,
    receipt: Option<String>,
    options: &RotateOptions,
    output: &Output,
) -> Result<()> {
    let part = outcome.parts.first().expect("a rotation has one part");
    let secret = part.client_secret.as_ref().filter(|_| options.reveal).map(|secret| secret.expose_secret().to_owned());
    let way = options.way.as_deref();
    if output.is_json() {
        let document = RotateDocument {
            slug: part.slug.clone(),
            client_id: part.client_id.clone(),
            client_secret: secret,
            receipt,
            settings: sheet.map(|sheet| sheet.document(way)).transpose()?,
            notices: NoticeDocument::all(&outcome.notices),
        };
        return output.document("rotate", VERSION, &document);
    }
    if let Some(sheet) = sheet {
        sheet.print(way, output)?;
    } else {
        let secret = secret.unwrap_or_else(|| MASK.to_owned());
        output.revealed(&format!("Client ID: {}\nClient secret: {secret}", part.client_id).into())?;
    }
    if !options.reveal {
        output.note(&sheet::to_show(&part.slug, way));
    }
    output.note("The old secret does not work any more. Enter the new one in the application.");
    Ok(())
}

/// Whether all of its questions have an answer: a text without one cannot be written out.
fn is_answered(target: &Target, engine: &Engine) -> bool {
    session::check_questions(engine, &target.template, &target.answers, &target.minted).is_ok()
}
