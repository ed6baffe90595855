//! `akwiz completions`: the words that a shell offers. The shell asks akwiz itself, so what it offers is never out of date.

use std::ffi::OsStr;

use clap::{Args, Command, CommandFactory as _};
use clap_complete::CompletionCandidate;
use clap_complete::engine::{PathCompleter, ValueCompleter as _};
use clap_complete::env::{CompleteEnv, Shells};
use serde::Serialize;

use super::Cli;
use super::document::VERSION;
use super::output::Output;
use crate::catalog::head::Head;
use crate::catalog::load::Catalog;
use crate::catalog::render::Engine;
use crate::catalog::template::{Question, QuestionKind, Template};
use crate::checks::rules;
use crate::config::{Files, Paths};
use crate::error::{Error, Kind, Result};
use crate::receipts::{FileReceipts, ReceiptStore as _};
use crate::setup::mint::Minted;
use crate::setup::planner;
use crate::setup::question::resolve;
use crate::setup::recall::recalled;
use crate::setup::receipt::{EntryState, Receipt, ReceiptObject};

/// bash breaks words where akwiz' words do not end.
const BASH: &str = include_str!("../../assets/completions/akwiz.bash");
/// zsh puts a space behind each word unless told otherwise.
const ZSH: &str = include_str!("../../assets/completions/akwiz.zsh");

/// The variable by which a shell asks for words. Its value is the shell's name.
const VARIABLE: &str = "AKWIZ_COMPLETE";

/// What `completions` is told.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  echo 'source <(akwiz completions bash)' >> ~/.bashrc
  echo 'source <(akwiz completions zsh)' >> ~/.zshrc    after compinit
  akwiz completions fish > ~/.config/fish/completions/akwiz.fish")]
pub struct CompletionsOptions {
    /// The shell: bash, elvish, fish, powershell or zsh
    #[arg(value_parser = ["bash", "elvish", "fish", "powershell", "zsh"])]
    pub shell: String,
}

/// What the shell has to run.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "completions"))]
pub(super) struct CompletionsDocument {
    /// The shell.
    shell: String,
    /// Its lines.
    text: String,
}

/// Prints what the shell has to run at its start.
///
/// # Errors
/// When it cannot be written.
pub(super) fn run(options: &CompletionsOptions, output: &Output) -> Result<()> {
    let text = match options.shell.as_str() {
        "bash" => BASH.trim_end().to_owned(),
        "zsh" => ZSH.trim_end().to_owned(),
        other => registration(other)?,
    };
    if output.is_json() {
        return output.document("completions", VERSION, &CompletionsDocument { shell: options.shell.clone(), text });
    }
    output.result(&text)
}

/// The lines for a shell that needs nothing of its own.
fn registration(shell: &str) -> Result<String> {
    let failed =
        |error: std::io::Error| Error::new(Kind::Internal, "The lines for the shell could not be made.").caused_by(error);
    let shells = Shells::builtins();
    let Some(completer) = shells.completer(shell) else {
        return Err(Error::new(Kind::Usage, format!("akwiz has no completions for “{shell}”.")));
    };
    let mut script = Vec::new();
    completer.write_registration(VARIABLE, "akwiz", "akwiz", "akwiz", &mut script).map_err(failed)?;
    Ok(String::from_utf8_lossy(&script).trim().to_owned())
}

/// Answers the shell and ends the process, if it is a shell that asks. Must come before anything is printed.
pub fn answer_shell() {
    CompleteEnv::with_factory(Cli::command).var(VARIABLE).bin("akwiz").complete();
}

/// The applications that akwiz knows.
pub(super) fn templates(typed: &OsStr) -> Vec<CompletionCandidate> {
    let catalog = catalog();
    let fits = |head: &&Head| starts(&head.id, typed);
    catalog.heads().filter(fits).map(|head| word(&head.id, &head.summary)).collect()
}

/// The questions of the application that the line names, and what can be chosen once the question is typed.
pub(super) fn answers(typed: &OsStr) -> Vec<CompletionCandidate> {
    let Some(template) = template() else { return Vec::new() };
    let Some((id, _)) = typed.to_str().unwrap_or_default().split_once('=') else {
        // A secret never comes as an argument.
        return with_equals(asked(&template).filter(|question| question.kind != QuestionKind::Secret), typed);
    };
    let Some(question) = asked(&template).find(|question| question.id == id) else { return Vec::new() };
    let values: Vec<(&str, &str)> = match question.kind {
        QuestionKind::Toggle => vec![("true", ""), ("false", "")],
        _ => question.options.iter().map(|choice| (choice.value(), choice.label())).collect(),
    };
    let values = values.into_iter().map(|(value, label)| (format!("{id}={value}"), label));
    values.filter(|(value, _)| starts(value, typed)).map(|(value, label)| word(&value, label)).collect()
}

/// The questions of the application that the line names, each before its equals sign.
pub(super) fn questions(typed: &OsStr) -> Vec<CompletionCandidate> {
    template().map_or_else(Vec::new, |template| with_equals(asked(&template), typed))
}

/// Likewise, and files behind it.
pub(super) fn question_files(typed: &OsStr) -> Vec<CompletionCandidate> {
    let Some((id, path)) = typed.to_str().unwrap_or_default().split_once('=') else { return questions(typed) };
    let files = PathCompleter::any().complete(OsStr::new(path));
    files.into_iter().map(|file| file.add_prefix(format!("{id}="))).collect()
}

/// The secret questions of the application that the line names, then the others.
pub(super) fn question_ids(typed: &OsStr) -> Vec<CompletionCandidate> {
    let Some(template) = template() else { return Vec::new() };
    let (secret, other): (Vec<_>, Vec<_>) = asked(&template).partition(|question| question.kind == QuestionKind::Secret);
    let all = secret.into_iter().chain(other).filter(|question| starts(&question.id, typed));
    all.map(|question| word(&question.id, &question.label)).collect()
}

/// The ways to set up the application that the line names.
pub(super) fn ways(typed: &OsStr) -> Vec<CompletionCandidate> {
    let Some(template) = template() else { return Vec::new() };
    template.way.iter().filter(|way| starts(&way.id, typed)).map(|way| word(&way.id, &way.label)).collect()
}

/// The rules of the doctor and the audit.
pub(super) fn rules(typed: &OsStr) -> Vec<CompletionCandidate> {
    let rules = rules::ALL.iter().chain(&rules::APART);
    rules.filter(|rule| starts(rule.id, typed)).map(|rule| word(rule.id, "")).collect()
}

/// The commands.
pub(super) fn commands(typed: &OsStr) -> Vec<CompletionCandidate> {
    let akwiz = Cli::command();
    akwiz.get_subcommands().map(Command::get_name).filter(|name| starts(name, typed)).map(|name| word(name, "")).collect()
}

fn with_equals<'q>(questions: impl Iterator<Item = &'q Question>, typed: &OsStr) -> Vec<CompletionCandidate> {
    let fits = questions.filter(|question| starts(&question.id, typed));
    fits.map(|question| word(&format!("{}=", question.id), &question.label)).collect()
}

/// What a template asks: a constant is not asked, nor what is made.
fn asked(template: &Template) -> impl Iterator<Item = &Question> {
    template.question.iter().filter(|question| question.kind != QuestionKind::Constant && question.make.is_none())
}

/// The template that the line names by its id, or by the slug of an application that is known from here.
fn template() -> Option<Template> {
    let (catalog, receipts) = (catalog(), receipts());
    let of_slug =
        |slug: &str| receipts.iter().find(|receipt| receipt.part(slug).is_some()).map(|receipt| receipt.template.as_str());
    let mut words: Vec<String> = std::env::args().collect();
    words.extend(words.clone().iter().filter_map(|word| word.strip_prefix("--template=").map(str::to_owned)));
    let by_id = words.iter().find_map(|word| catalog.get(word));
    by_id.or_else(|| words.iter().find_map(|word| catalog.get(of_slug(word)?))).cloned()
}

/// The slugs of what was made, changed or adopted from here and is still there. The server is not asked: a key press must not wait for a
/// network.
pub(super) fn slugs(typed: &OsStr) -> Vec<CompletionCandidate> {
    // The newest receipt about one says what has become of it.
    let mut known: Vec<(String, bool)> = Vec::new();
    for receipt in receipts() {
        let mut add = |slug: &str, is_there: bool| {
            if known.iter().all(|(known, _)| known != slug) {
                known.push((slug.to_owned(), is_there));
            }
        };
        for entry in &receipt.entries {
            let is_there = !matches!(entry.state, EntryState::Undone | EntryState::Refused { .. });
            match &entry.object {
                ReceiptObject::Pair { slug, .. } => add(slug, is_there),
                ReceiptObject::Made { endpoint, .. } if endpoint.starts_with("sources/") => {
                    for slug in source_slugs(&receipt) {
                        add(&slug, is_there);
                    }
                }
                _ => {}
            }
        }
        if receipt.is_adopted() {
            for slug in receipt.slugs() {
                add(slug, true);
            }
        }
    }
    let there = known.iter().filter(|(slug, is_there)| *is_there && starts(slug, typed));
    there.map(|(slug, _)| word(slug, "")).collect()
}

/// The slug of the login source that a receipt is about. It is not recorded by itself: template and answers say it.
fn source_slugs(receipt: &Receipt) -> Vec<String> {
    let (catalog, engine, answers) = (catalog(), Engine::new(), recalled(receipt));
    let Some(template) = catalog.get(&receipt.template) else { return Vec::new() };
    planner::slugs(&engine, template, &answers, &resolve(&engine, template, &answers, &Minted::default()))
}

/// The receipts, newest first.
pub(super) fn receipt_ids(typed: &OsStr) -> Vec<CompletionCandidate> {
    let receipts = receipts();
    receipts.iter().filter(|receipt| starts(&receipt.id, typed)).map(|receipt| word(&receipt.id, &receipt.server)).collect()
}

/// The profiles of the configuration.
pub(super) fn profiles(typed: &OsStr) -> Vec<CompletionCandidate> {
    let config = Paths::of_this_machine().and_then(|paths| Files::on_disk(paths).config()).unwrap_or_default();
    config.profiles.keys().filter(|name| starts(name, typed)).map(|name| word(name, "")).collect()
}

fn catalog() -> Catalog {
    // A home without a folder for them is no reason to offer nothing.
    Paths::of_this_machine().map_or_else(|_| Catalog::built_in(), |paths| Catalog::load(&paths.templates()))
}

fn receipts() -> Vec<Receipt> {
    let listing = Paths::of_this_machine().and_then(|paths| FileReceipts::new(paths.receipts()).list());
    listing.map(|listing| listing.receipts).unwrap_or_default()
}

fn starts(word: &str, typed: &OsStr) -> bool {
    typed.to_str().is_some_and(|typed| word.starts_with(typed))
}

fn word(word: &str, help: &str) -> CompletionCandidate {
    CompletionCandidate::new(word).help((!help.is_empty()).then(|| help.to_owned().into()))
}
