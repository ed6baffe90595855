//! Asks the questions of a template one line at a time: for terminals that cannot draw, and for people who have a screen read to them.
//!
//! Nothing moves, nothing is overwritten, nothing is said by color: what was said before stays as it was.

use std::fmt::Write as _;

use secrecy::{ExposeSecret as _, SecretString};

use super::dialog::Dialog;
use super::output::Output;
use super::terminal::Interaction;
use crate::catalog::render::Engine;
use crate::catalog::template::{ItemKind, Question, QuestionKind, Template};
use crate::error::Result;
use crate::setup::answers::{Answers, Input};
use crate::setup::mint::Minted;
use crate::setup::question::{Problem, QuestionState, resolve};

/// Typed in place of an answer, it shows the help again.
const HELP: &str = "?";
/// Typed in place of an answer, it leaves an optional question empty although it has a default.
const NOTHING: &str = "-";

/// Which questions are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    /// All that the template asks; those with a default take it at Enter.
    All,
    /// Those that have no usable answer yet.
    Open,
}

/// Asks until every question has a usable answer.
///
/// # Errors
/// When the person leaves, or nothing can be asked.
pub(super) fn questions(
    dialog: &mut dyn Dialog,
    engine: &Engine,
    template: &Template,
    answers: &mut Answers,
    minted: &Minted,
    which: Which,
) -> Result<()> {
    for question in &template.question {
        // What was answered before decides whether this one is asked, and what its default is.
        let mut state = state(engine, template, answers, minted, question);
        let wanted = match which {
            Which::All => state.asked && !state.given,
            Which::Open => state.problem.is_some(),
        };
        if !wanted {
            continue;
        }
        introduce(dialog, question, &state);
        loop {
            let Some(input) = answer(dialog, question, &state)? else {
                introduce(dialog, question, &state);
                continue;
            };
            answers.give(&question.id, input);
            state = self::state(engine, template, answers, minted, question);
            let Some(problem) = &state.problem else { break };
            dialog.say(problem.sentence());
            answers.given.shift_remove(&question.id);
        }
    }
    Ok(())
}

/// Asks for what has no usable answer yet, if there is somebody to ask.
///
/// # Errors
/// When the person leaves.
pub(super) fn missing(
    output: &Output,
    engine: &Engine,
    template: &Template,
    answers: &mut Answers,
    minted: &Minted,
) -> Result<()> {
    if output.interaction() != Interaction::Ask {
        return Ok(());
    }
    questions(&mut { output }, engine, template, answers, minted, Which::Open)
}

fn state(engine: &Engine, template: &Template, answers: &Answers, minted: &Minted, question: &Question) -> QuestionState {
    let resolved = resolve(engine, template, answers, minted);
    let found = resolved.questions.into_iter().find(|state| state.id == question.id);
    found.expect("every question of a template has a state")
}

/// Says what is asked: the label, what it means, an example, and what can be chosen.
fn introduce(dialog: &mut dyn Dialog, question: &Question, state: &QuestionState) {
    let mut text = format!("\n{}", question.label);
    if state.optional {
        text.push_str(" (may stay empty)");
    }
    if let Some(help) = &question.help {
        let _ = write!(text, "\n{help}");
    }
    if let Some(place) = &question.read_at {
        let _ = write!(text, "\nWhere to read it: {place}");
    }
    if let Some(example) = &question.example {
        let _ = write!(text, "\nFor example: {example}");
    }
    for (number, choice) in state.choices.iter().enumerate() {
        let _ = write!(text, "\n  {}. {}", number + 1, choice.label);
        if let Some(why) = &choice.why {
            let _ = write!(text, ": {why}");
        }
    }
    if let Some(Problem::Wrong(sentence)) = state.problem.as_ref().filter(|_| state.given) {
        let _ = write!(text, "\n{sentence}");
    }
    dialog.say(&text);
}

/// One answer; nothing if the help was asked for.
fn answer(dialog: &mut dyn Dialog, question: &Question, state: &QuestionState) -> Result<Option<Input>> {
    match question.kind {
        QuestionKind::Secret => {
            let secret = dialog.ask_hidden("Typed unseen")?;
            if !begins_block(secret.expose_secret()) {
                return Ok(Some(Input::Secret(secret)));
            }
            let mut block = secret.expose_secret().to_owned();
            while !ends_block(&block) {
                block.push('\n');
                block.push_str(dialog.ask_hidden("The rest of it")?.expose_secret());
            }
            Ok(Some(Input::Secret(block.into())))
        }
        QuestionKind::List => list(dialog, question, state),
        QuestionKind::Toggle => {
            let default = matches!(state.default, Some(Input::Toggle(true)));
            let typed = dialog.ask(if default { "Yes or no [yes]:" } else { "Yes or no [no]:" })?;
            Ok(match typed.trim().to_lowercase().as_str() {
                HELP => None,
                "" => Some(Input::Toggle(default)),
                "y" | "yes" => Some(Input::Toggle(true)),
                "n" | "no" => Some(Input::Toggle(false)),
                // The check says what is wrong with it.
                other => Some(Input::Text(other.to_owned())),
            })
        }
        _ => {
            let prompt = if state.choices.is_empty() { "Answer" } else { "Number" };
            let mut typed = dialog.ask(&prompted(prompt, state))?;
            while question.kind == QuestionKind::Certificate && begins_block(&typed) && !ends_block(&typed) {
                typed.push('\n');
                typed.push_str(&dialog.ask("The rest of it:")?);
            }
            Ok(match typed.trim() {
                HELP => None,
                "" => Some(state.default.clone().unwrap_or_else(|| Input::Text(String::new()))),
                NOTHING if state.optional => Some(Input::Text(String::new())),
                typed => Some(Input::Text(chosen(typed, state))),
            })
        }
    }
}

/// A pasted certificate or key comes line by line.
fn begins_block(text: &str) -> bool {
    text.contains("-----BEGIN ")
}

fn ends_block(text: &str) -> bool {
    text.contains("-----END ")
}

/// Members come one a line; an empty line ends the list.
fn list(dialog: &mut dyn Dialog, question: &Question, state: &QuestionState) -> Result<Option<Input>> {
    let what = match question.item {
        _ if !state.choices.is_empty() => "Number",
        Some(ItemKind::Address) => "Address",
        Some(ItemKind::Host) => "Host name",
        Some(ItemKind::Email) => "E-mail address",
        Some(ItemKind::Text) | None => "Entry",
    };
    let mut items = Vec::new();
    loop {
        let prompt = match items.len() {
            0 => prompted(what, state),
            count => format!("{what} {}, or Enter when these are all:", count + 1),
        };
        let typed = dialog.ask(&prompt)?;
        match (typed.trim(), items.is_empty()) {
            (HELP, true) => return Ok(None),
            (NOTHING, true) if state.optional => return Ok(Some(Input::List(Vec::new()))),
            ("", true) => return Ok(Some(state.default.clone().unwrap_or(Input::List(Vec::new())))),
            ("", false) => return Ok(Some(Input::List(items))),
            (typed, _) => items.push(chosen(typed, state)),
        }
    }
}

/// The prompt with what Enter takes in brackets.
fn prompted(what: &str, state: &QuestionState) -> String {
    let shown = match &state.default {
        Some(Input::Text(text)) => {
            let choice = state.choices.iter().position(|choice| choice.value == *text);
            choice.map_or_else(|| text.clone(), |place| (place + 1).to_string())
        }
        Some(Input::List(items)) => items.join(", "),
        Some(Input::Toggle(_) | Input::Secret(_)) | None => String::new(),
    };
    if shown.is_empty() { format!("{what}:") } else { format!("{what} [{shown}]:") }
}

/// What the number stands for; choices may also be typed by their value or label.
fn chosen(typed: &str, state: &QuestionState) -> String {
    let by_number = typed.parse::<usize>().ok().and_then(|number| state.choices.get(number.checked_sub(1)?));
    let by_label = || state.choices.iter().find(|choice| choice.label.eq_ignore_ascii_case(typed));
    by_number.or_else(by_label).map_or_else(|| typed.to_owned(), |choice| choice.value.clone())
}

/// Asks for a secret that must not be empty.
///
/// # Errors
/// When the person leaves, or nothing can be asked.
pub(super) fn secret(dialog: &mut dyn Dialog, prompt: &str) -> Result<SecretString> {
    loop {
        let secret = dialog.ask_hidden(prompt)?;
        if !secret.expose_secret().trim().is_empty() {
            return Ok(SecretString::from(secret.expose_secret().trim()));
        }
        dialog.say("Nothing was typed. Ctrl-C leaves.");
    }
}

/// Asks which of some lines is meant. Gives the position.
///
/// # Errors
/// When the person leaves, or nothing can be asked.
pub(super) fn one_of(dialog: &mut dyn Dialog, lines: &[String], default: usize) -> Result<usize> {
    for (number, line) in lines.iter().enumerate() {
        dialog.say(&format!("  {}. {line}", number + 1));
    }
    loop {
        let typed = dialog.ask(&format!("Number [{}]:", default + 1))?;
        match typed.trim() {
            "" => return Ok(default),
            typed => match typed.parse::<usize>() {
                Ok(number @ 1..) if number <= lines.len() => return Ok(number - 1),
                _ => dialog.say(&format!("Type a number from 1 to {}.", lines.len())),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::load::{Catalog, parse};
    use crate::cli::dialog::Script;

    fn asked(template: &Template, which: Which, lines: &[&str]) -> (Answers, Script, Result<()>) {
        let mut script = Script::new(lines);
        let mut answers = Answers::new(&template.id);
        let result = questions(&mut script, &Engine::new(), template, &mut answers, &Minted::default(), which);
        (answers, script, result)
    }

    fn text<'a>(answers: &'a Answers, id: &str) -> Option<&'a str> {
        match &answers.given.get(id)?.input {
            Input::Text(text) => Some(text),
            _ => None,
        }
    }

    #[test]
    fn enter_takes_what_stands_in_brackets() {
        let catalog = Catalog::built_in();
        let (answers, script, result) =
            asked(catalog.get("osticket").unwrap(), Which::All, &["help.example.com", "", "", "", "", "", "", ""]);
        result.unwrap();
        assert_eq!(text(&answers, "app"), Some("help.example.com"));
        assert!(script.said.contains("For example:"), "{}", script.said);
    }

    #[test]
    fn a_wrong_answer_is_explained_and_asked_again() {
        let catalog = Catalog::built_in();
        let (answers, script, _) =
            asked(catalog.get("miniflux").unwrap(), Which::Open, &["", "not a host", "?", "rss.example.com"]);
        assert_eq!(text(&answers, "app"), Some("rss.example.com"));
        assert!(script.said.contains("This one is needed."), "{}", script.said);
        assert_eq!(script.said.matches("Miniflux's address").count(), 2, "{}", script.said);
    }

    const TEMPLATE: &str = r#"
schema = 1
id = "x"
name = "X"
category = "other"
homepage = "https://x.example"
summary = "x"
[[question]]
id = "way"
kind = "choice"
label = "Way"
options = [{ value = "a", label = "First" }, { value = "b", label = "Second", why = "rarely" }]
default = "a"
[[question]]
id = "more"
kind = "toggle"
label = "More"
[[question]]
id = "hosts"
kind = "list"
item = "host"
label = "Hosts"
when = "more"
[[question]]
id = "key"
kind = "secret"
label = "Key"
"#;

    #[test]
    fn choices_go_by_number_lists_by_line_and_secrets_unseen() {
        let template = parse("x.toml", TEMPLATE).unwrap();
        let (answers, script, result) =
            asked(&template, Which::All, &["2", "maybe", "yes", "a.example", "b.example", "", "hush"]);
        result.unwrap();
        assert_eq!(text(&answers, "way"), Some("b"));
        assert!(matches!(&answers.given["hosts"].input, Input::List(items) if *items == ["a.example", "b.example"]));
        assert!(matches!(answers.given["key"].input, Input::Secret(_)));
        assert!(script.said.contains("2. Second: rarely") && script.said.contains("Say yes or no."), "{}", script.said);
        assert!(!script.said.contains("hush"));
    }

    #[test]
    fn what_does_not_apply_is_not_asked() {
        let template = parse("x.toml", TEMPLATE).unwrap();
        let (answers, script, result) = asked(&template, Which::All, &["", "", "hush"]);
        result.unwrap();
        assert!(!script.said.contains("Hosts") && !answers.given.contains_key("hosts"), "{}", script.said);
    }

    #[test]
    fn the_end_of_input_is_a_way_out() {
        let template = parse("x.toml", TEMPLATE).unwrap();
        let (_, _, result) = asked(&template, Which::All, &[""]);
        assert_eq!(result.unwrap_err().kind, crate::error::Kind::Cancelled);
    }
}
