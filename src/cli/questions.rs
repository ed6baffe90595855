//! Answers to a template's questions from options.

use std::path::Path;

use clap::Args;
use clap_complete::ArgValueCompleter;
use secrecy::SecretString;

use super::{completions, secret_input, similar};
use crate::catalog::template::{ItemKind, Question, QuestionKind, Template};
use crate::error::{Error, Kind, Result};
use crate::setup::answers::{Answers, Input};
use crate::setup::command::quoted;
use crate::setup::question::QuestionState;

/// The answers to the questions of a template.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Answers")]
pub struct QuestionOptions {
    /// Answer a question; more than once for lists. `akwiz app ID` lists the questions
    #[arg(long, value_name = "QUESTION=VALUE", value_parser = pair, add = ArgValueCompleter::new(completions::answers))]
    pub set: Vec<(String, String)>,
    /// Answer a question with the content of a file
    #[arg(long, value_name = "QUESTION=FILE", value_parser = pair, add = ArgValueCompleter::new(completions::question_files))]
    pub set_file: Vec<(String, String)>,
    /// Answer a question with the content of an environment variable
    #[arg(long, value_name = "QUESTION=VARIABLE", value_parser = pair, add = ArgValueCompleter::new(completions::questions))]
    pub set_env: Vec<(String, String)>,
    /// Answer a question with standard input
    #[arg(long, value_name = "QUESTION", add = ArgValueCompleter::new(completions::question_ids))]
    pub secret_stdin: Option<String>,
}

/// What answers a question in place of an option.
pub(super) struct Inputs<'a> {
    /// Reads a file.
    pub file: &'a dyn Fn(&Path) -> Result<SecretString>,
    /// Reads standard input, for the question that is named.
    pub stdin: &'a dyn Fn(&str) -> Result<SecretString>,
    /// Reads an environment variable.
    pub env: &'a dyn Fn(&str) -> Result<SecretString>,
}

impl Inputs<'static> {
    /// Those of this process.
    pub(super) const REAL: Self =
        Self { file: &secret_input::from_file, stdin: &secret_input::from_stdin, env: &secret_input::from_env };
}

impl QuestionOptions {
    /// The questions that are answered.
    pub(super) fn named(&self) -> impl Iterator<Item = &str> {
        let with_value = self.set.iter().chain(&self.set_file).chain(&self.set_env).map(|(id, _)| id.as_str());
        with_value.chain(self.secret_stdin.as_deref())
    }

    /// No question is answered.
    pub(super) fn is_empty(&self) -> bool {
        self.set.is_empty() && self.set_file.is_empty() && self.set_env.is_empty() && self.secret_stdin.is_none()
    }

    /// Adds the answers to `answers`, in place of those that are there.
    ///
    /// # Errors
    /// When a question does not exist, a secret is in an argument, or a file cannot be read.
    pub(super) fn answer(&self, template: &Template, answers: &mut Answers, inputs: &Inputs<'_>) -> Result<()> {
        let given = self.given(template, inputs)?;
        let with_text = self.set.iter().chain(&self.set_file).chain(&self.set_env).map(|(id, _)| id);
        for id in with_text.chain(&self.secret_stdin) {
            answers.given.shift_remove(id);
        }
        answers.given.extend(given.given);
        Ok(())
    }

    fn given(&self, template: &Template, inputs: &Inputs<'_>) -> Result<Answers> {
        let mut answers = Answers::default();
        for (id, value) in &self.set {
            let question = question(template, id)?;
            if question.kind == QuestionKind::Secret {
                return Err(Error::new(
                    Kind::Usage,
                    format!("“{id}” is a secret: arguments are seen by others and stay in the shell's history."),
                )
                .hint(format!("Use --secret-stdin={id}, --set-file={id}=FILE or --set-env={id}=VARIABLE.")));
            }
            let input = match (question.kind, answers.given.get(id).map(|given| given.input.clone())) {
                (QuestionKind::List, Some(Input::List(mut items))) => {
                    items.extend(members(question, value));
                    Input::List(items)
                }
                (QuestionKind::List, _) => Input::List(members(question, value)),
                (QuestionKind::Toggle, _) => Input::Toggle(switch(id, value)?),
                (_, Some(_)) => return Err(Error::new(Kind::Usage, format!("“{id}” is set twice, and it is no list."))),
                (_, None) => Input::Text(value.clone()),
            };
            answers.give(id, input);
        }
        for (id, path) in &self.set_file {
            answers.give(id, input(question(template, id)?, (inputs.file)(Path::new(path))?)?);
        }
        for (id, variable) in &self.set_env {
            answers.give(id, input(question(template, id)?, (inputs.env)(variable)?)?);
        }
        if let Some(id) = &self.secret_stdin {
            answers.give(id, input(question(template, id)?, (inputs.stdin)(id)?)?);
        }
        Ok(answers)
    }
}

fn question<'t>(template: &'t Template, id: &str) -> Result<&'t Question> {
    template.question.iter().find(|question| question.id == id).ok_or_else(|| {
        let ids = template.question.iter().map(|question| question.id.as_str());
        let error = Error::new(Kind::Usage, format!("{} has no question “{id}”.", template.name));
        similar::suggest(error, id, ids, "Its questions are")
    })
}

/// The members of a list that one option names. No address holds a comma or a space, so several may come at once, as people write them.
fn members(question: &Question, value: &str) -> Vec<String> {
    let several = matches!(question.item, Some(ItemKind::Address));
    let parts = value.split(|letter: char| several && (letter == ',' || letter.is_whitespace()));
    parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// The option that answers a question, with what can be said in it.
pub(super) fn how_to_answer(question: &Question, state: &QuestionState) -> String {
    let id = &question.id;
    let values: Vec<&str> = state.choices.iter().map(|choice| choice.value.as_str()).collect();
    let value = match (question.kind, values.as_slice()) {
        (QuestionKind::Secret, _) => return format!("--secret-stdin={id}, --set-file={id}=FILE or --set-env={id}=VARIABLE"),
        (QuestionKind::Toggle, _) => "yes|no".to_owned(),
        (kind, []) => {
            let example = question.example.as_deref().unwrap_or("VALUE");
            // An example of a list shows how several are typed on the page; an option takes one.
            if kind == QuestionKind::List { example.split(',').next().unwrap_or(example) } else { example }.to_owned()
        }
        (_, values) => values.join("|"),
    };
    let each = if question.kind == QuestionKind::List { ", once for each" } else { "" };
    if values.is_empty() && question.kind != QuestionKind::Toggle {
        format!("{}{each}", quoted(&[format!("--set={id}={value}")]))
    } else if value.contains([' ', '\'']) {
        // One of them is to be typed, and each that holds a space has to be quoted.
        let quoted = values.iter().map(|value| quoted(&[format!("--set={id}={value}")])).collect::<Vec<_>>().join(" | ");
        format!("{quoted}{each}")
    } else {
        format!("--set={id}={value}{each}")
    }
}

/// An answer from a file or from standard input.
fn input(question: &Question, text: SecretString) -> Result<Input> {
    use secrecy::ExposeSecret as _;
    Ok(match question.kind {
        QuestionKind::Secret => Input::Secret(text),
        QuestionKind::Toggle => Input::Toggle(switch(&question.id, text.expose_secret())?),
        QuestionKind::List => Input::List(text.expose_secret().lines().map(str::to_owned).collect()),
        _ => Input::Text(text.expose_secret().to_owned()),
    })
}

fn switch(id: &str, text: &str) -> Result<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "yes" | "true" | "on" | "1" => Ok(true),
        "no" | "false" | "off" | "0" => Ok(false),
        _ => Err(Error::new(Kind::Usage, format!("“{id}” is a switch.")).hint(format!("Use --set={id}=yes or --set={id}=no."))),
    }
}

/// Reads `KEY=VALUE`.
pub(super) fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("an equals sign stands between the two".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::load;
    use crate::catalog::render::Engine;
    use crate::setup::mint::Minted;
    use crate::setup::question::resolve;

    const ASKED: &str = r#"
question = [{ id = "nodes", kind = "list", item = "address", label = "Nodes", example = "a.example, b.example" }]
"#;

    #[test]
    fn several_addresses_fit_into_one_option_and_the_hint_shows_one() {
        let template = load::small(ASKED);
        let set = ["a.example, b.example", "c.example"].map(|value| ("nodes".to_owned(), value.to_owned()));
        let options = QuestionOptions { set: set.to_vec(), ..QuestionOptions::default() };
        let mut answers = Answers::new("x");
        options.answer(&template, &mut answers, &Inputs::REAL).unwrap();
        let given = &answers.given["nodes"].input;
        assert!(matches!(given, Input::List(items) if *items == ["a.example", "b.example", "c.example"]), "{given:?}");
        let resolved = resolve(&Engine::new(), &template, &Answers::new("x"), &Minted::default());
        let hint = how_to_answer(&template.question[0], &resolved.questions[0]);
        assert_eq!(hint, "--set=nodes=a.example, once for each");
    }
}
