//! `akwiz settings`.

use clap::{Args, ValueEnum};
use clap_complete::ArgValueCompleter;
use serde::Serialize;

use super::ask;
use super::completions;
use super::document::VERSION;
use super::global::GlobalOptions;
use super::output::Output;
use super::plan;
use super::session::{self, Session};
use super::settings_document::SettingsDocument;
use super::sheet::{self, Sheet};
use super::target::{self, TargetOptions};
use crate::catalog::render::{Engine, Rendered, RenderedEntry, ViewKind};
use crate::catalog::template::{EntryKind, Format, Template};
use crate::catalog::value::Scope;
use crate::error::{Error, Kind, Result};
use crate::setup::facts::Existing;
use crate::setup::recall::observe;
use crate::setup::source::hold_secrets;

/// What `settings` is told.
#[derive(Debug, Clone, Default, Args)]
#[command(after_help = "Examples:
  akwiz settings portainer --reveal
  akwiz settings grafana --format=env --reveal > grafana.env
  akwiz settings tickets --template=osticket")]
pub struct SettingsOptions {
    /// The application.
    #[command(flatten)]
    pub target: TargetOptions,
    /// Print only the settings of this form, and nothing around them
    #[arg(long, help_heading = Option::<&'static str>::None)]
    pub format: Option<Shape>,
    /// How the application is set up, where there are several ways
    #[arg(long, value_name = "WAY", help_heading = Option::<&'static str>::None, add = ArgValueCompleter::new(completions::ways))]
    pub way: Option<String>,
    /// Print secrets too
    #[arg(long, help_heading = Option::<&'static str>::None)]
    pub reveal: bool,
}

/// A form in which settings can be printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Shape {
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

impl Shape {
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
    match target.existing().cloned() {
        Some(existing) => {
            has_provider(&existing)?;
            observe(&existing, &mut target.answers.options);
        }
        None => hold_secrets(&target.template, &mut target.answers),
    }
    ask::missing(output, &engine, &target.template, &mut target.answers, &target.minted)?;
    session::check_questions(&engine, &target.template, &target.answers, &target.minted)?;
    let (_, plan) = session.look(&engine, &target.template, &target.answers, &target.minted).await?;
    if let (true, Some(error)) = (plan.parts.is_empty(), plan::undecided(&plan)) {
        return Err(error);
    }
    for question in target.template.question.iter().filter(|question| question.make.is_some()) {
        output.warning(&format!("{} was made at random and is not recorded: a new one is shown.", question.label));
    }
    let (way, slug) = (options.way.as_deref(), target.slug.as_str());
    let hidden = print(&engine, &target, &plan.scope, options, output)?;
    if hidden {
        output.note(&sheet::to_show(slug, way));
    }
    if !plan.is_empty() {
        output.note(&format!("The template would set it up otherwise by now. See how: akwiz update {slug} --dry-run"));
    }
    Ok(())
}

/// True if something is hidden.
fn print(engine: &Engine, target: &target::Target, scope: &Scope, options: &SettingsOptions, output: &Output) -> Result<bool> {
    let template = &target.template;
    let sheet = Sheet { engine, template, scope, reveal: options.reveal };
    let (way, entries) = match options.format {
        None => (options.way.clone(), Vec::new()),
        Some(form) => of_form(&sheet, form, options.way.as_deref())?,
    };
    if output.is_json() {
        let mut settings = sheet.document(way.as_deref())?;
        if options.format.is_some() {
            settings.keep_entries(&entries.iter().map(|(entry, _)| entry.id.clone()).collect::<Vec<_>>());
        }
        let hidden = settings.hidden;
        let document =
            SettingsOfDocument { slug: target.slug.clone(), template: template.id.clone(), known: target.known.word(), settings };
        output.document("settings", VERSION, &document)?;
        return Ok(hidden);
    }
    if options.format.is_none() {
        let register = sheet::to_register(engine, template, &target.answers, &target.facts.public_url)?;
        if !register.is_empty() {
            output.result(&format!("What is registered at {}:\n{register}\n", template.name))?;
        }
        return sheet.print(way.as_deref(), output);
    }
    let mut hidden = false;
    for (index, text) in entries.iter().filter_map(|(entry, view)| entry.view(*view)).enumerate() {
        if index > 0 {
            output.result("")?;
        }
        output.revealed(&sheet.shown(text))?;
        hidden |= text.has_secret() && !options.reveal;
    }
    // A command that asks for the secret has it in another form, beside it.
    let shown = |id: &str| entries.iter().any(|(entry, _)| entry.id == id);
    let is_elsewhere = |entry: &RenderedEntry| !shown(&entry.id) && entry.text().is_some_and(Rendered::has_secret);
    if !entries.iter().any(|(entry, view)| entry.view(*view).is_some_and(Rendered::has_secret))
        && sheet.entries(way.as_deref())?.iter().any(is_elsewhere)
    {
        let slug = &target.slug;
        output.note(&format!("The secret is not in this form. See it: akwiz settings {slug} --reveal"));
    }
    Ok(hidden)
}

/// A way, and the entries on it that have a text of a form.
type OfForm = (Option<String>, Vec<(RenderedEntry, ViewKind)>);

/// The entries that have a text of this form, and the way that they belong to: the first that has any, unless one is named.
fn of_form(sheet: &Sheet<'_>, form: Shape, way: Option<&str>) -> Result<OfForm> {
    let ways: Vec<Option<&str>> = match way {
        None if !sheet.template.way.is_empty() => sheet.template.way.iter().map(|way| Some(way.id.as_str())).collect(),
        way => vec![way],
    };
    let mut all = Vec::new();
    for way in ways {
        let entries = sheet.entries(way)?;
        if entries.iter().any(|entry| form.view(entry).is_some()) {
            let found = entries.into_iter().filter_map(|entry| form.view(&entry).map(|view| (entry, view)));
            return Ok((way.map(str::to_owned), found.collect()));
        }
        all.extend(entries);
    }
    Err(no_such_form(sheet.template, &all))
}

fn no_such_form(template: &Template, entries: &[RenderedEntry]) -> Error {
    let has = |form: &Shape| entries.iter().any(|entry| form.view(entry).is_some());
    let there: Vec<&str> = Shape::ALL.iter().filter(|(form, _)| has(form)).map(|(_, name)| *name).collect();
    let error = Error::new(Kind::Usage, format!("{} has no settings of this form.", template.name));
    if there.is_empty() { error } else { error.hint(format!("It has: {}.", there.join(", "))) }
}

/// Whether the application has a provider.
///
/// # Errors
/// When it has none.
pub(super) fn has_provider(existing: &Existing) -> Result<()> {
    if existing.provider.is_some() {
        return Ok(());
    }
    let slug = target::slug_of(existing);
    Err(Error::new(Kind::Usage, format!("“{slug}” has no provider, so there is nothing to enter."))
        .hint(format!("Give it one: akwiz update {slug} --template=ID")))
}
