//! `akwiz apps`.

use std::fmt::Write as _;

use clap::Args;
use serde::Serialize;

use super::document::VERSION;
use super::global::GlobalOptions;
use super::output::Output;
use super::{session, sheet};
use crate::catalog::head::Head;
use crate::catalog::render::Engine;
use crate::catalog::search::Search;
use crate::catalog::template::{Evidence, Kind as TemplateKind, QuestionKind, Template};
use crate::error::{Error, Kind, Result};
use crate::setup::answers::Answers;

/// What `apps` is told.
#[derive(Debug, Clone, Default, Args)]
#[command(after_help = "Examples:
  akwiz apps                 all of them
  akwiz apps pve             by another name
  akwiz app proxmox-ve       what one asks and creates")]
pub struct AppsOptions {
    /// Words to look for in name, aliases, category and summary
    pub query: Vec<String>,
}

/// The templates that match.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "apps"))]
pub(super) struct AppsDocument {
    /// The templates, best match first.
    apps: Vec<AppDocument>,
    /// One sentence for each template of one's own that could not be read.
    broken: Vec<String>,
}

/// One template.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "app"))]
struct AppDocument {
    /// Its id, for `akwiz app` and `akwiz create`.
    id: String,
    /// The application's name.
    name: String,
    /// Other names of it.
    aliases: Vec<String>,
    /// What sort of application it is.
    category: String,
    /// What it is: one line.
    summary: String,
    /// `application`, or `source` for a login source.
    kind: TemplateKind,
    /// What it was checked against, from weak to strong.
    checked: Vec<Evidence>,
}

impl AppDocument {
    fn new(head: &Head) -> Self {
        Self {
            id: head.id.clone(),
            name: head.name.clone(),
            aliases: head.aliases.clone(),
            category: head.category.clone(),
            summary: head.summary.clone(),
            kind: head.kind,
            checked: head.checked.clone(),
        }
    }
}

/// Lists the templates that match, best first; with `-v` their questions too.
///
/// # Errors
/// When none matches.
pub(super) fn run(global: &GlobalOptions, options: &AppsOptions, output: &Output) -> Result<()> {
    let catalog = session::catalog(global)?;
    let query = options.query.join(" ");
    let found = Search::new(catalog.heads()).find(&query, &[]);
    let heads: Vec<&Head> = found.into_iter().filter_map(|position| catalog.at(position)).collect();
    if heads.is_empty() {
        return Err(
            Error::new(Kind::Usage, format!("akwiz knows no application like “{query}”.")).hint("List them all: akwiz apps")
        );
    }
    if output.is_json() {
        let apps = heads.into_iter().map(AppDocument::new).collect();
        let broken = catalog.broken().iter().map(ToString::to_string).collect();
        return output.document("apps", VERSION, &AppsDocument { apps, broken });
    }
    for broken in catalog.broken() {
        output.warning(&broken.to_string());
    }
    let width = heads.iter().map(|head| head.id.chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    for head in &heads {
        let namesake = heads.iter().any(|other| other.name == head.name && other.id != head.id);
        let label = head.label.as_ref().filter(|_| namesake).map(|label| format!(" ({label})")).unwrap_or_default();
        let _ = writeln!(text, "{:width$}  {}{label}: {}", head.id, head.name, head.summary);
        if global.verbose > 0
            && let Some(template) = catalog.get(&head.id)
        {
            add_questions(&mut text, template);
            add_registration(&mut text, global, template)?;
        }
    }
    output.result(text.trim_end())?;
    if query.is_empty() {
        output.note(&counts(&heads));
    }
    Ok(())
}

/// How many there are, and how many of them were checked against what.
fn counts(heads: &[&Head]) -> String {
    let sources = heads.iter().filter(|head| head.kind == TemplateKind::Source).count();
    let mut text = format!("{} applications and {sources} login sources. Checked against", heads.len() - sources);
    for (evidence, name) in [
        (Evidence::Guide, "authentik's guide"),
        (Evidence::Manual, "the manual"),
        (Evidence::Source, "the source"),
        (Evidence::Server, "a running installation"),
    ] {
        let count = heads.iter().filter(|head| head.checked.contains(&evidence)).count();
        if count > 0 {
            let _ = write!(text, " {name}: {count},");
        }
    }
    format!("{}. One of them in full: akwiz app ID", text.trim_end_matches(','))
}

/// What a login source wants at its service first.
fn add_registration(text: &mut String, global: &GlobalOptions, template: &Template) -> Result<()> {
    let address = global.public_url.as_deref().unwrap_or("https://AUTHENTIK").trim_end_matches('/');
    let register = sheet::to_register(&Engine::new(), template, &Answers::new(&template.id), address)?;
    if !register.is_empty() {
        let _ = writeln!(text, "    Register it there first:");
        for line in register.lines() {
            let _ = writeln!(text, "      {line}");
        }
    }
    Ok(())
}

fn add_questions(text: &mut String, template: &Template) {
    for question in template.question.iter().filter(|question| question.kind != QuestionKind::Constant) {
        let option = if question.kind == QuestionKind::Secret { "--secret-stdin=" } else { "--set=" };
        let _ = writeln!(text, "    {option}{}  {}", question.id, question.label);
    }
}
