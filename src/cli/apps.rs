//! `akwiz apps`.

use std::fmt::Write as _;

use clap::Args;

use super::global::GlobalOptions;
use super::output::Output;
use super::session;
use crate::catalog::search::Search;
use crate::catalog::template::{QuestionKind, Template};
use crate::error::{Error, Kind, Result};

/// What `apps` is told.
#[derive(Debug, Clone, Default, Args)]
pub struct AppsOptions {
    /// Words to look for in name, aliases, category and summary
    pub query: Vec<String>,
}

/// Lists the templates that match, best first; with `-v` their questions too.
///
/// # Errors
/// When none matches.
pub(super) fn run(global: &GlobalOptions, options: &AppsOptions, output: &Output) -> Result<()> {
    let catalog = session::catalog(global)?;
    for broken in catalog.broken() {
        output.note(&format!("warning: {broken}"));
    }
    let query = options.query.join(" ");
    let found = Search::new(catalog.iter()).find(&query, &[]);
    let templates: Vec<&Template> = found.into_iter().filter_map(|position| catalog.at(position)).collect();
    if templates.is_empty() {
        return Err(
            Error::new(Kind::Usage, format!("akwiz knows no application like “{query}”.")).hint("List them all: akwiz apps")
        );
    }
    let width = templates.iter().map(|template| template.id.chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    for template in templates {
        let _ = writeln!(text, "{:width$}  {}: {}", template.id, template.name, template.summary);
        if global.verbose > 0 {
            add_questions(&mut text, template);
        }
    }
    output.result(text.trim_end())
}

fn add_questions(text: &mut String, template: &Template) {
    for question in template.question.iter().filter(|question| question.kind != QuestionKind::Constant) {
        let option = if question.kind == QuestionKind::Secret { "--secret-stdin=" } else { "--set=" };
        let _ = writeln!(text, "    {option}{}  {}", question.id, question.label);
    }
}
