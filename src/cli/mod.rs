//! The command line: one command a file; `output.rs` is the only place that prints.

mod access;
mod adopt;
mod answers;
mod app;
mod apply;
mod apps;
mod ask;
mod audit;
#[cfg(feature = "demo")]
pub mod background;
mod check;
pub mod completions;
mod create;
mod dialog;
mod doctor;
mod document;
mod example;
mod export;
mod export_source;
mod findings;
mod global;
mod hidden;
mod list;
mod login;
mod login_source;
mod logout;
mod man;
mod objects;
mod open_to;
pub mod output;
pub mod plain;
mod plan;
mod questions;
mod reach;
mod receipts;
mod remove;
mod repair;
mod rotate;
mod rotate_source;
#[cfg(test)]
mod schemas;
mod secret_input;
mod session;
mod settings;
mod settings_document;
mod sheet;
mod show;
mod siblings;
mod similar;
mod status;
mod subject;
mod target;
pub mod template;
mod terminal;
mod undo;
mod update;
mod watch;
mod work;

use std::ffi::OsString;

use clap::{Args as _, ColorChoice, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

pub use answers::AnswerOptions;
pub use apply::ApplyOptions;
pub use create::CreateOptions;
pub use export::ExportOptions;
pub use global::GlobalOptions;
pub use objects::ObjectOptions;
pub use plan::PlanOptions;
pub use questions::QuestionOptions;
pub use target::TargetOptions;
pub use terminal::{Interaction, Terminal};
pub use work::ConfirmOptions;

use crate::config::Paths;
use crate::error::{Ended, Error, Kind, Result};
use crate::logging;
use output::Output;

/// Connects applications to authentik: makes provider and application, and shows the settings to enter.
///
/// Without a command it opens the wizard.
#[derive(Debug, Parser)]
#[command(name = "akwiz", version, max_term_width = 100, after_help = output::AFTER_HELP.as_str())]
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
    /// List the applications that akwiz knows, or search among them
    Apps(apps::AppsOptions),
    /// Show what a template asks, creates and shows
    App(app::AppOptions),
    /// Show what create would do, and change nothing
    Plan(Box<PlanOptions>),
    /// Connect an application: show the plan, ask, do it, and print the settings
    Create(Box<CreateOptions>),
    /// Make it so that the applications and login sources of a file exist: show one plan, ask once, do what is missing
    #[command(after_help = apply::FILE_HELP)]
    Apply(Box<ApplyOptions>),
    /// Keep an API token in the system's keyring
    Login(login::LoginOptions),
    /// Remove the token that is kept
    #[command(after_help = "Examples:
  akwiz logout
  akwiz logout --profile=home")]
    Logout,
    /// Show which server, whose token, and which rights it lacks
    #[command(after_help = "Examples:
  akwiz status
  akwiz status --profile=home --json")]
    Status,
    /// List the applications on the server
    List(list::ListOptions),
    /// Show one application on the server
    Show(show::ShowOptions),
    /// Print again what to enter in an application
    Settings(Box<settings::SettingsOptions>),
    /// Bring an application up to its template, or change what was decided
    Update(Box<update::UpdateOptions>),
    /// Give an application a new client secret, or a login source the one that its service made
    Rotate(Box<rotate::RotateOptions>),
    /// Remove an application with its provider
    Remove(remove::RemoveOptions),
    /// Recognize the template of an application or login source that akwiz did not make, and keep that; changes nothing on the server
    Adopt(Box<adopt::AdoptOptions>),
    /// List what was done on servers
    #[command(after_help = "Examples:
  akwiz receipts
  akwiz undo RECEIPT         take one back")]
    Receipts,
    /// Take back what a receipt records
    Undo(undo::UndoOptions),
    /// Check that an application's sign-in works, without signing in
    Check(check::CheckOptions),
    /// Follow authentik's log while somebody signs in to an application for the first time
    Watch(watch::WatchOptions),
    /// Check templates, or begin a new one
    Template(template::TemplateOptions),
    /// Find out why a login fails, from what was pasted, and offer to mend it
    Doctor(doctor::DoctorOptions),
    /// Look at every provider of the server for what is wrong or unsafe
    Audit(audit::AuditOptions),
    /// Write applications and login sources as Terraform, as a blueprint for authentik, or as a page for people
    Export(ExportOptions),
    /// Print what a shell runs to complete akwiz' words
    Completions(completions::CompletionsOptions),
    /// Print a manual page
    Man(man::ManOptions),
}

/// Reads the command line. Help and version are printed, and what cannot be understood is said; then the process ends.
pub fn parse() -> Cli {
    if let Some(global) = for_the_wizard(std::env::args_os()) {
        return Cli { global, command: None };
    }
    // There is nothing but the words to see what was wanted while they are not understood.
    let has = |wanted: &str| std::env::args_os().any(|word| word == wanted);
    let color = if has("--no-color") || has("--plain") { ColorChoice::Never } else { ColorChoice::Auto };
    let mut akwiz = Cli::command().color(color);
    let read = akwiz.try_get_matches_from_mut(std::env::args_os()).and_then(|words| Cli::from_arg_matches(&words));
    read.map_err(|error| error.format(&mut akwiz)).unwrap_or_else(|error| {
        if error.use_stderr() && has("--json") {
            let output = Output::new(&GlobalOptions { json: true, ..GlobalOptions::default() });
            let error = usage(&error.to_string());
            output.error(&error);
            std::process::exit(error.kind.exit_code().into());
        }
        error.exit()
    })
}

/// The options of a line that has nothing but options: what opens the wizard is read without describing all commands first, which the first
/// frame would wait for. Nothing for any other line, and for one that is not understood.
fn for_the_wizard(line: impl Iterator<Item = OsString>) -> Option<GlobalOptions> {
    let words: Vec<OsString> = line.collect();
    if !words.iter().skip(1).all(|word| word.as_encoded_bytes().starts_with(b"-")) {
        return None;
    }
    let akwiz = GlobalOptions::augment_args(clap::Command::new("akwiz").disable_help_flag(true));
    GlobalOptions::from_arg_matches(&akwiz.try_get_matches_from(words).ok()?).ok()
}

/// What clap says, in our words' form: it names the error first, and how to find help last.
fn usage(said: &str) -> Error {
    let mut lines = said.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or_default();
    lines.fold(Error::new(Kind::Usage, first.strip_prefix("error: ").unwrap_or(first)), Error::hint)
}

/// Does what the command line says.
///
/// # Errors
/// What the command could not do, in words, with its exit code.
pub fn run(global: &GlobalOptions, command: Command, output: &Output) -> Result<Ended> {
    without_demo(global)?;
    if !matches!(
        command,
        Command::Apps(_) | Command::App(_) | Command::Receipts | Command::Template(_) | Command::Completions(_) | Command::Man(_)
    ) {
        start_log(global, output)?;
    }
    match command {
        Command::Apps(options) => apps::run(global, &options, output).map(Ended::from),
        Command::App(options) => app::run(global, &options, output).map(Ended::from),
        Command::Plan(options) => block_on(Box::pin(plan::run(global, *options, output))),
        Command::Create(options) => block_on(Box::pin(create::run(global, *options, output))),
        Command::Login(options) => block_on(Box::pin(login::run(global, &options, output))),
        Command::Logout => logout::run(global, output).map(Ended::from),
        Command::Status => block_on(Box::pin(status::run(global, output))),
        Command::List(options) => block_on(Box::pin(list::run(global, &options, output))),
        Command::Show(options) => block_on(Box::pin(show::run(global, &options, output))),
        Command::Settings(options) => block_on(Box::pin(settings::run(global, &options, output))),
        Command::Update(options) => block_on(Box::pin(update::run(global, *options, output))),
        Command::Rotate(options) => block_on(Box::pin(rotate::run(global, &options, output))),
        Command::Remove(options) => block_on(Box::pin(remove::run(global, &options, output))),
        Command::Adopt(options) => block_on(Box::pin(adopt::run(global, &options, output))),
        Command::Template(options) => template::run(&options, output),
        Command::Completions(options) => completions::run(&options, output).map(Ended::from),
        Command::Man(options) => man::run(&options, output).map(Ended::from),
        Command::Receipts => receipts::run(global, output).map(Ended::from),
        Command::Check(options) => block_on(Box::pin(check::run(global, &options, output))),
        Command::Watch(options) => block_on(Box::pin(watch::run(global, &options, output))),
        Command::Export(options) => block_on(Box::pin(export::run(global, &options, output))),
        Command::Apply(options) => block_on(Box::pin(apply::run(global, &options, output))),
        Command::Undo(options) => block_on(Box::pin(undo::run(global, &options, output))),
        Command::Doctor(options) => block_on(Box::pin(doctor::run(global, &options, output))),
        Command::Audit(options) => block_on(Box::pin(audit::run(global, &options, output))),
    }
}

/// The wizard line by line ([`plain::is_wanted`]).
///
/// # Errors
/// What could not be done, in words, with its exit code.
pub fn run_plain(global: &GlobalOptions, output: &Output) -> Result<Ended> {
    without_demo(global)?;
    start_log(global, output)?;
    block_on(Box::pin(plain::run(global, output)))
}

/// Starts the log, at the level that the environment asks for. The stand-in writes none by itself, and a folder that cannot be written is
/// no reason to stop.
///
/// # Errors
/// When the variable holds no level.
pub fn start_log(global: &GlobalOptions, output: &Output) -> Result<()> {
    let level = logging::level(std::env::var(logging::VARIABLE).ok().as_deref(), global.demo)?;
    let started = Paths::of_this_machine().and_then(|paths| logging::start(&paths, level));
    if let Err(error) = started {
        output.warning(&error.message);
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

fn block_on<T: Into<Ended>>(work: impl Future<Output = Result<T>>) -> Result<Ended> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::new(Kind::Internal, "The program could not be started.").caused_by(error))?;
    let result = runtime.block_on(work);
    // A call that hangs in a keyring must not hold the exit.
    runtime.shutdown_background();
    result.map(Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn short(words: &[&str]) -> Option<GlobalOptions> {
        for_the_wizard(["akwiz"].iter().chain(words).map(OsString::from))
    }

    #[test]
    fn options_alone_mean_the_same_without_the_commands() {
        for words in [&[][..], &["--demo"], &["--url=https://auth.example.com", "--ascii", "-vq"], &["--json", "--timeout=5"]] {
            let whole = Cli::try_parse_from(["akwiz"].iter().chain(words)).unwrap();
            assert!(whole.command.is_none());
            assert_eq!(format!("{:?}", short(words).unwrap()), format!("{:?}", whole.global), "{words:?}");
        }
    }

    #[test]
    fn what_is_not_understood_is_left_to_the_whole() {
        for words in
            [&["list"][..], &["--demo", "list"], &["--help"], &["-h"], &["--version"], &["--typo"], &["--demo", "--ca-file=x"]]
        {
            assert!(short(words).is_none(), "{words:?}");
        }
    }
}
