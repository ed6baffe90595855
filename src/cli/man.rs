//! `akwiz man`: the manual pages, from the same definitions as the help.

use std::path::{Path, PathBuf};

use clap::{Args, Command, CommandFactory as _};
use clap_mangen::Man;

use super::Cli;
use super::output::Output;
use crate::error::{Error, Kind, Result};

/// What `man` is told.
#[derive(Debug, Clone, Default, Args)]
pub struct ManOptions {
    /// The command whose page to print; akwiz itself when there is none
    pub command: Option<String>,
    /// Write all pages into this folder instead
    #[arg(long, value_name = "FOLDER", conflicts_with = "command")]
    pub folder: Option<PathBuf>,
}

/// Prints a page in the format of `man`, or writes them all.
///
/// # Errors
/// When there is no such command, or the folder cannot be written.
pub(super) fn run(options: &ManOptions, output: &Output) -> Result<()> {
    let mut akwiz = Cli::command().disable_help_subcommand(true);
    akwiz.build();
    if let Some(folder) = &options.folder {
        return write(&akwiz, folder, output);
    }
    let Some(name) = &options.command else { return output.result(&page(&akwiz)?) };
    match akwiz.get_subcommands().find(|command| command.get_name() == name) {
        Some(command) => output.result(&page(command)?),
        None => Err(Error::new(Kind::Usage, format!("akwiz has no command “{name}”.")).hint("List the commands: akwiz --help")),
    }
}

fn write(akwiz: &Command, folder: &Path, output: &Output) -> Result<()> {
    let pages = std::iter::once(akwiz).chain(akwiz.get_subcommands());
    let mut count = 0;
    for command in pages {
        let file = folder.join(Man::new(command.clone()).get_filename());
        std::fs::write(&file, page(command)?)
            .map_err(|error| Error::new(Kind::Usage, format!("{} cannot be written.", file.display())).caused_by(error))?;
        count += 1;
    }
    output.note(&format!("{count} pages are in {}. Read one: man -l {}", folder.display(), folder.join("akwiz.1").display()));
    Ok(())
}

fn page(command: &Command) -> Result<String> {
    let mut page = Vec::new();
    Man::new(command.clone())
        .manual("akwiz")
        .render(&mut page)
        .map_err(|error| Error::new(Kind::Internal, "The manual page could not be made.").caused_by(error))?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}
