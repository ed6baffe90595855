//! `akwiz template`: for people who write templates.

pub mod interpreters;
pub(super) mod lint;
mod place;
pub(super) mod skeleton;

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::output::Output;
use crate::error::{Ended, Result};

/// What `template` is told.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  akwiz template new my-app > my-app.toml
  akwiz template lint my-app.toml")]
pub struct TemplateOptions {
    /// What to do with templates.
    #[command(subcommand)]
    pub command: TemplateCommand,
}

/// What to do with templates.
#[derive(Debug, Clone, Subcommand)]
pub enum TemplateCommand {
    #[command(after_help = "Examples:
  akwiz template lint my-app.toml
  akwiz template lint ~/.config/akwiz/templates/*.toml --json")]
    /// Check templates: the format, names, sample answers, and every text that they render
    Lint {
        /// The templates' files
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    #[command(after_help = "Examples:
  akwiz template new my-app > ~/.config/akwiz/templates/my-app.toml")]
    /// Print a new template with comments, to fill in
    New {
        /// Its id: lower-case letters, digits, hyphens and dots; the file's name without .toml
        id: String,
    },
}

/// Does it.
///
/// # Errors
/// When the id is not usable, or the result cannot be printed.
pub(super) fn run(options: &TemplateOptions, output: &Output) -> Result<Ended> {
    match &options.command {
        TemplateCommand::Lint { files } => lint::run(files, output),
        TemplateCommand::New { id } => skeleton::run(id, output).map(Ended::from),
    }
}

#[cfg(test)]
mod hostile_tests;
