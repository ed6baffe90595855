//! `akwiz settings`.

use clap::{Args, ValueEnum};
use serde::Serialize;

use super::document::VERSION;
use super::global::GlobalOptions;
use super::output::Output;
use super::plan;
use super::session::{self, Session};
use super::settings_document::SettingsDocument;
use super::sheet::{self, Sheet};
use super::target::{self, TargetOptions};
use crate::catalog::render::{Engine, RenderedEntry, ViewKind};
use crate::catalog::template::{EntryKind, Format, Template};
use crate::catalog::value::Scope;
use crate::error::{Error, Kind, Result};
use crate::setup::facts::Existing;
use crate::setup::recall::observe;

/// What `settings` is told.
#[derive(Debug, Clone, Default, Args)]
pub struct SettingsOptions {
    /// The application.
    #[command(flatten)]
    pub target: TargetOptions,
    /// Print only the settings of this form, and nothing around them
    #[arg(long)]
    pub format: Option<Form>,
    /// How the application is set up, where there are several ways
    #[arg(long, value_name = "WAY")]
    pub way: Option<String>,
    /// Print secrets too
    #[arg(long)]
    pub reveal: bool,
}

/// A form in which settings can be printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// What goes into a page of the application, as `Label: value` lines
    Form,
    /// Environment variables, in the dialect of the application's own setup
    Env,
    /// YAML: a file, or an `environment:` block for Docker Compose
    Yaml,
    /// JSON: a file, or label to value
    Json,
    /// What goes into a file
    File,
    /// Commands to run, calls of the application's API included
    Command,
}

impl Form {
    const ALL: [(Self, &'static str); 6] = [
        (Self::Form, "form"),
        (Self::Env, "env"),
        (Self::Yaml, "yaml"),
        (Self::Json, "json"),
        (Self::File, "file"),
        (Self::Command, "command"),
    ];

    /// Which text of an entry has this form, if one has.
    fn view(self, entry: &RenderedEntry) -> Option<ViewKind> {
        let (yaml, json) = (entry.format == Format::Yaml, entry.format == Format::Json);
        let (own, other) = match self {
            Self::Form => (entry.kind == EntryKind::Form, None),
            Self::Env => (entry.kind == EntryKind::Env, None),
            Self::File => (entry.kind == EntryKind::File, None),
            Self::Command => (matches!(entry.kind, EntryKind::Command | EntryKind::Api), None),
            Self::Yaml => (yaml, Some(ViewKind::Compose)),
            Self::Json => (json, Some(ViewKind::Json)),
        };
        let kind = if own { Some(ViewKind::Own) } else { other };
        kind.filter(|kind| entry.view(*kind).is_some())
    }
}

/// The settings of an application that exists.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "settings_of"))]
pub(super) struct SettingsOfDocument {
    /// Its slug.
    slug: String,
    /// The template's id.
    template: String,
    /// `receipt` where akwiz made or adopted it, `recognized` where name and redirect URI say so, `told` where `--template` does.
    known: &'static str,
    /// What to enter in the application.
    settings: SettingsDocument,
}

/// Prints the settings again.
///
/// # Errors
/// When there is no such application, or something about it is not known.
pub(super) async fn run(global: &GlobalOptions, options: &SettingsOptions, output: &Output) -> Result<()> {
    let catalog = session::catalog(global)?;
    let session = Session::open(global).await?;
    let engine = Engine::new();
    let mut target = target::find(&session, &catalog, &engine, &options.target, output).await?;
    sheet::check_way(&target.template, options.way.as_deref())?;
    has_provider(target.existing())?;
    let existing = target.existing().clone();
    observe(&existing, &mut target.answers.options);
    session::check_questions(&engine, &target.template, &target.answers, &target.minted)?;
    let (_, plan) = session.look(&engine, &target.template, &target.answers, &target.minted).await?;
    if let (true, Some(error)) = (plan.parts.is_empty(), plan::undecided(&plan)) {
        return Err(error);
    }
    for question in target.template.question.iter().filter(|question| question.make.is_some()) {
        output.warning(&format!("{} was made at random and is not recorded: a new one is shown.", question.label));
    }
    let (way, slug) = (options.way.as_deref(), target.slug());
    let hidden = print(&engine, &target, &plan.scope, options, output)?;
    if hidden {
        let way = way.map(|way| format!(" --way={way}")).unwrap_or_default();
        output.note(&format!("Secrets are hidden. Show them: akwiz settings {slug}{way} --reveal"));
    }
    if !plan.is_empty() {
        output.note(&format!("The template would set it up otherwise by now. See how: akwiz update {slug} --dry-run"));
    }
    Ok(())
}

/// True if something is hidden.
fn print(engine: &Engine, target: &target::Target, scope: &Scope, options: &SettingsOptions, output: &Output) -> Result<bool> {
    let (template, way) = (&target.template, options.way.as_deref());
    let sheet = Sheet { engine, template, scope, reveal: options.reveal };
    if output.is_json() {
        let mut settings = sheet.document(way)?;
        if let Some(form) = options.format {
            let wanted: Vec<String> =
                sheet.entries(way)?.into_iter().filter(|entry| form.view(entry).is_some()).map(|entry| entry.id).collect();
            settings.keep_entries(&wanted);
        }
        let hidden = settings.hidden;
        let document = SettingsOfDocument {
            slug: target.slug().to_owned(),
            template: template.id.clone(),
            known: target.known.word(),
            settings,
        };
        output.document("settings", VERSION, &document)?;
        return Ok(hidden);
    }
    let Some(form) = options.format else { return sheet.print(way, output) };
    let entries = sheet.entries(way)?;
    let texts: Vec<_> = entries.iter().filter_map(|entry| entry.view(form.view(entry)?)).collect();
    if texts.is_empty() {
        return Err(no_such_form(template, &entries));
    }
    let mut hidden = false;
    for (index, text) in texts.into_iter().enumerate() {
        if index > 0 {
            output.result("")?;
        }
        output.revealed(&sheet.shown(text))?;
        hidden |= text.has_secret() && !options.reveal;
    }
    Ok(hidden)
}

fn no_such_form(template: &Template, entries: &[RenderedEntry]) -> Error {
    let has = |form: &Form| entries.iter().any(|entry| form.view(entry).is_some());
    let there: Vec<&str> = Form::ALL.iter().filter(|(form, _)| has(form)).map(|(_, name)| *name).collect();
    let error = Error::new(Kind::Usage, format!("{} has no settings of this form.", template.name));
    if there.is_empty() { error } else { error.hint(format!("It has: {}.", there.join(", "))) }
}

/// Whether the application has a provider that akwiz can read.
///
/// # Errors
/// When it has none, or one of another kind.
pub(super) fn has_provider(existing: &Existing) -> Result<()> {
    let slug = target::slug_of(existing);
    match (&existing.provider, &existing.untouchable) {
        (Some(_), _) => Ok(()),
        (None, Some(why)) => Err(Error::new(Kind::Refused, format!("akwiz does not work with “{slug}”. {why}"))),
        (None, None) => Err(Error::new(Kind::Usage, format!("“{slug}” has no provider, so there is nothing to enter."))
            .hint(format!("Give it one: akwiz update {slug} --template=ID"))),
    }
}
