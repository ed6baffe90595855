//! `akwiz completions`: the words that a shell offers. The shell asks akwiz itself, so what it offers is never out of date.

use std::ffi::OsStr;

use clap::{Args, CommandFactory as _};
use clap_complete::CompletionCandidate;
use clap_complete::env::{CompleteEnv, Shells};

use super::Cli;
use super::output::Output;
use crate::catalog::head::Head;
use crate::catalog::load::Catalog;
use crate::catalog::template::{Question, QuestionKind};
use crate::config::{Files, Paths};
use crate::error::{Error, Kind, Result};
use crate::receipts::{FileReceipts, ReceiptStore as _};
use crate::setup::receipt::ReceiptObject;

/// The variable by which a shell asks for words. Its value is the shell's name.
const VARIABLE: &str = "AKWIZ_COMPLETE";

/// What `completions` is told.
#[derive(Debug, Clone, Args)]
pub struct CompletionsOptions {
    /// The shell: bash, elvish, fish, powershell or zsh
    #[arg(value_parser = ["bash", "elvish", "fish", "powershell", "zsh"])]
    pub shell: String,
}

/// Prints what the shell has to run at its start.
///
/// # Errors
/// When it cannot be written.
pub(super) fn run(options: &CompletionsOptions, output: &Output) -> Result<()> {
    let failed =
        |error: std::io::Error| Error::new(Kind::Internal, "The lines for the shell could not be made.").caused_by(error);
    let shells = Shells::builtins();
    let Some(shell) = shells.completer(&options.shell) else {
        return Err(Error::new(Kind::Usage, format!("akwiz has no completions for “{}”.", options.shell)));
    };
    let mut script = Vec::new();
    shell.write_registration(VARIABLE, "akwiz", "akwiz", "akwiz", &mut script).map_err(failed)?;
    output.result(String::from_utf8_lossy(&script).trim())
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
    let catalog = catalog();
    let words: Vec<String> = std::env::args().collect();
    let Some(template) = words.iter().find_map(|word| catalog.get(word)) else { return Vec::new() };
    // A secret never comes as an argument, and a constant is not asked.
    let asked =
        |question: &&Question| !matches!(question.kind, QuestionKind::Secret | QuestionKind::Constant) && question.make.is_none();
    let Some((id, _)) = typed.to_str().unwrap_or_default().split_once('=') else {
        let questions = template.question.iter().filter(asked);
        return questions
            .filter(|question| starts(&question.id, typed))
            .map(|question| word(&format!("{}=", question.id), &question.label))
            .collect();
    };
    let Some(question) = template.question.iter().filter(asked).find(|question| question.id == id) else { return Vec::new() };
    let values: Vec<(&str, &str)> = match question.kind {
        QuestionKind::Toggle => vec![("true", ""), ("false", "")],
        _ => question.options.iter().map(|choice| (choice.value(), choice.label())).collect(),
    };
    let values = values.into_iter().map(|(value, label)| (format!("{id}={value}"), label));
    values.filter(|(value, _)| starts(value, typed)).map(|(value, label)| word(&value, label)).collect()
}

/// The slugs of what was made or changed from here. The server is not asked: a key press must not wait for a network.
pub(super) fn slugs(typed: &OsStr) -> Vec<CompletionCandidate> {
    let mut slugs: Vec<String> = Vec::new();
    for receipt in receipts() {
        for entry in &receipt.entries {
            if let ReceiptObject::Pair { slug, .. } = &entry.object
                && !slugs.contains(slug)
            {
                slugs.push(slug.clone());
            }
        }
    }
    slugs.iter().filter(|slug| starts(slug, typed)).map(|slug| word(slug, "")).collect()
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

fn receipts() -> Vec<crate::setup::receipt::Receipt> {
    let listing = Paths::of_this_machine().and_then(|paths| FileReceipts::new(paths.receipts()).list());
    listing.map(|listing| listing.receipts).unwrap_or_default()
}

fn starts(word: &str, typed: &OsStr) -> bool {
    typed.to_str().is_some_and(|typed| word.starts_with(typed))
}

fn word(word: &str, help: &str) -> CompletionCandidate {
    CompletionCandidate::new(word).help((!help.is_empty()).then(|| help.to_owned().into()))
}
