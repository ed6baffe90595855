//! The command line: one command a file; `output.rs` is the only place that prints.

mod access;
mod answers;
mod apps;
#[cfg(feature = "demo")]
pub mod background;
pub mod completions;
mod create;
mod global;
mod list;
mod man;
pub mod output;
mod plan;
mod secret_input;
mod session;
mod settings;
mod undo;

use clap::{Parser, Subcommand};

pub use answers::AnswerOptions;
pub use create::CreateOptions;
pub use global::GlobalOptions;

use crate::config::Paths;
use crate::error::{Error, Kind, Result};
use crate::logging;
use output::Output;

/// Connects applications to authentik: makes provider and application, and shows the settings to enter.
///
/// Without a command it opens the wizard.
#[derive(Debug, Parser)]
#[command(name = "akwiz", version, max_term_width = 100, after_help = output::EXIT_CODES.as_str())]
pub struct Cli {
    /// Options that every command has.
    #[command(flatten)]
    pub global: GlobalOptions,
    /// What to do; the wizard when there is none.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Connect an application: show the plan, ask, do it, and print the settings.
    Create(Box<CreateOptions>),
    /// Show what create would do, and change nothing.
    Plan(Box<AnswerOptions>),
    /// List the applications that akwiz knows.
    Apps(apps::AppsOptions),
    /// List what was done on servers.
    Receipts,
    /// Take back what a receipt records.
    Undo(undo::UndoOptions),
    /// Print what a shell runs to complete akwiz' words
    Completions(completions::CompletionsOptions),
    /// Print a manual page
    Man(man::ManOptions),
}

/// Does what the command line says.
///
/// # Errors
/// What the command could not do, in words, with its exit code.
pub fn run(global: &GlobalOptions, command: Command, output: &Output) -> Result<()> {
    without_demo(global)?;
    if matches!(command, Command::Create(_) | Command::Plan(_) | Command::Undo(_)) {
        start_log(global)?;
    }
    match command {
        Command::Apps(options) => apps::run(global, &options, output),
        Command::Receipts => list::run(global, output),
        Command::Completions(options) => completions::run(&options, output),
        Command::Man(options) => man::run(&options, output),
        Command::Create(options) => block_on(Box::pin(create::run(global, *options, output))),
        Command::Plan(options) => block_on(Box::pin(plan::run(global, *options, output))),
        Command::Undo(options) => block_on(Box::pin(undo::run(global, &options, output))),
    }
}

/// Starts the log, at the level that the environment asks for. The stand-in writes none by itself, and a folder that cannot be written is
/// no reason to stop.
///
/// # Errors
/// When the variable holds no level.
pub fn start_log(global: &GlobalOptions) -> Result<()> {
    let level = logging::level(std::env::var(logging::VARIABLE).ok().as_deref(), global.demo)?;
    let started = Paths::of_this_machine().and_then(|paths| logging::start(&paths, level));
    if let Err(error) = started {
        Output::new(global).note(&format!("warning: {}", error.message));
    }
    Ok(())
}

/// Refuses `--demo` in a build that has no stand-in.
///
/// # Errors
/// In such a build.
pub fn without_demo(global: &GlobalOptions) -> Result<()> {
    if global.demo && cfg!(not(feature = "demo")) {
        return Err(
            Error::new(Kind::Usage, "This akwiz was built without the stand-in.").hint("Build it with the feature `demo`.")
        );
    }
    Ok(())
}

fn block_on(work: impl Future<Output = Result<()>>) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::new(Kind::Internal, "The program could not be started.").caused_by(error))?;
    let result = runtime.block_on(work);
    // A call that hangs in a keyring must not hold the exit.
    runtime.shutdown_background();
    result
}
