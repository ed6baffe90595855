//! `akwiz man`: the manual pages, from the same definitions as the help.

use std::path::{Path, PathBuf};

use clap::{Args, Command, CommandFactory as _};
use clap_complete::ArgValueCompleter;
use clap_mangen::Man;
use serde::Serialize;

use super::document::VERSION;
use super::output::Output;
use super::{Cli, completions, similar};
use crate::error::{Error, Kind, Result};

/// What `man` is told.
#[derive(Debug, Clone, Default, Args)]
#[command(after_help = "Examples:
  akwiz man create | man -l -
  akwiz man --folder ~/.local/share/man/man1")]
pub struct ManOptions {
    /// The command whose page to print; akwiz itself when there is none
    #[arg(add = ArgValueCompleter::new(completions::commands))]
    pub command: Option<String>,
    /// Write all pages into this folder instead
    #[arg(long, value_name = "FOLDER", conflicts_with = "command")]
    pub folder: Option<PathBuf>,
}

/// The pages.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "man"))]
pub(super) struct ManDocument {
    /// The folder that they were written to; null where they were not.
    folder: Option<String>,
    /// One, or with `--folder` all.
    pages: Vec<PageDocument>,
}

/// A manual page.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "page"))]
struct PageDocument {
    /// Its file's name.
    name: String,
    /// It, as `man -l` reads it.
    text: String,
}

/// Prints a page in the format of `man`, or writes them all.
///
/// # Errors
/// When there is no such command, or the folder cannot be written.
pub(super) fn run(options: &ManOptions, output: &Output) -> Result<()> {
    let mut akwiz = Cli::command().disable_help_subcommand(true);
    akwiz.build();
    let pages = if options.folder.is_some() {
        std::iter::once(&akwiz).chain(akwiz.get_subcommands()).map(page).collect::<Result<_>>()?
    } else {
        vec![page(wanted(&akwiz, options.command.as_deref())?)?]
    };
    if let Some(folder) = &options.folder {
        write(&pages, folder, output)?;
    }
    if output.is_json() {
        let folder = options.folder.as_ref().map(|folder| folder.display().to_string());
        return output.document("man", VERSION, &ManDocument { folder, pages });
    }
    match (&options.folder, pages.as_slice()) {
        (None, [page]) => output.result(&page.text),
        _ => Ok(()),
    }
}

/// The command by this name, or akwiz itself.
fn wanted<'c>(akwiz: &'c Command, name: Option<&str>) -> Result<&'c Command> {
    let Some(name) = name else { return Ok(akwiz) };
    akwiz.get_subcommands().find(|command| command.get_name() == name).ok_or_else(|| {
        let error = Error::new(Kind::Usage, format!("akwiz has no command “{name}”."));
        similar::suggest(error, name, akwiz.get_subcommands().map(Command::get_name), "It has").hint("List them: akwiz --help")
    })
}

fn write(pages: &[PageDocument], folder: &Path, output: &Output) -> Result<()> {
    for page in pages {
        let file = folder.join(&page.name);
        std::fs::write(&file, &page.text).map_err(|error| {
            Error::new(Kind::Usage, format!("{} cannot be written: {error}.", file.display())).caused_by(error)
        })?;
    }
    let (count, folder) = (pages.len(), folder.display());
    output.note(&format!("{count} pages are in {folder}. Read one: man -l {folder}/akwiz.1"));
    Ok(())
}

fn page(command: &Command) -> Result<PageDocument> {
    let mut page = Vec::new();
    let man = Man::new(command.clone()).manual("akwiz");
    man.render(&mut page).map_err(|error| Error::new(Kind::Internal, "The manual page could not be made.").caused_by(error))?;
    Ok(PageDocument { name: man.get_filename(), text: String::from_utf8_lossy(&page).into_owned() })
}
