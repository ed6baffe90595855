//! From what was typed to checked values: which questions are asked, what holds by default, what is wrong.

use secrecy::{ExposeSecret as _, SecretString};
use url::Host;

use super::answers::{Answers, Input};
use super::mint::Minted;
use super::pem;
use crate::catalog::address::Address;
use crate::catalog::render::Engine;
use crate::catalog::template::{ItemKind, Phase, Question, QuestionKind, Template};
use crate::catalog::text::{Scalar, Switch};
use crate::catalog::value::{Scope, Value};

/// Every question of a template with its state, and the names that texts can use.
#[derive(Debug, Clone)]
pub struct Resolved {
    /// The questions, in the template's order.
    pub questions: Vec<QuestionState>,
    /// Answers and derived values. A name whose value could not be computed is missing.
    pub scope: Scope,
}

/// A question as it stands now.
#[derive(Debug, Clone)]
pub struct QuestionState {
    /// The question's id.
    pub id: String,
    /// It is shown. Constants, made secrets, late questions and those whose condition fails are not.
    pub asked: bool,
    /// It may stay empty.
    pub optional: bool,
    /// What holds when nothing is typed.
    pub default: Option<Input>,
    /// What can be chosen, for choices and lists with fixed members.
    pub choices: Vec<ChoiceState>,
    /// The checked answer or default.
    pub value: Option<Value>,
    /// What is wrong with it.
    pub problem: Option<Problem>,
    /// Something was typed or chosen.
    pub given: bool,
    /// An answer that it depends on has changed since it was given.
    pub stale: bool,
}

/// Something that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChoiceState {
    /// What texts see.
    pub value: String,
    /// What the person sees.
    pub label: String,
    /// When to choose it.
    pub why: Option<String>,
}

/// What is wrong with an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// Nothing was typed yet, and there is no default.
    Missing,
    /// What was typed does not fit: a sentence.
    Wrong(String),
}

impl Problem {
    /// The problem as a sentence.
    pub fn sentence(&self) -> &str {
        match self {
            Self::Missing => "This one is needed.",
            Self::Wrong(sentence) => sentence,
        }
    }
}

impl Resolved {
    /// The questions that are shown.
    pub fn asked(&self) -> impl Iterator<Item = &QuestionState> {
        self.questions.iter().filter(|question| question.asked)
    }

    /// The state of the question `id`.
    pub fn get(&self, id: &str) -> Option<&QuestionState> {
        self.questions.iter().find(|question| question.id == id)
    }

    /// The first question with a problem.
    pub fn first_problem(&self) -> Option<&QuestionState> {
        self.questions.iter().find(|question| question.problem.is_some())
    }
}

/// Checks every answer and computes every derived value.
pub fn resolve(engine: &Engine, template: &Template, answers: &Answers, minted: &Minted) -> Resolved {
    resolve_as(engine, template, answers, minted, |value| value.clone())
}

/// As [`resolve`], for whom the scope and the problems are enough: the states of the questions come without their values.
pub fn resolve_scope(engine: &Engine, template: &Template, answers: &Answers, minted: &Minted) -> Resolved {
    resolve_as(engine, template, answers, minted, Option::take)
}

/// `give` gives the value of a state to the scope.
fn resolve_as(
    engine: &Engine,
    template: &Template,
    answers: &Answers,
    minted: &Minted,
    give: impl Fn(&mut Option<Value>) -> Option<Value>,
) -> Resolved {
    let mut scope = Scope::default();
    let mut questions = Vec::with_capacity(template.question.len());
    for question in &template.question {
        let mut state = resolve_one(engine, question, answers, minted, &scope);
        scope.insert(question.id.clone(), give(&mut state.value).unwrap_or(Value::None));
        questions.push(state);
    }
    for (name, text) in &template.derive {
        if let Ok(value) = engine.value(&Scalar::Text(text.clone()), &scope) {
            scope.insert(name.clone(), value);
        }
    }
    Resolved { questions, scope }
}

/// The answers in the form in which texts see them: pasted addresses whole and tidy. What is wrong stays as it was typed.
pub fn understood(answers: &Answers, resolved: &Resolved) -> Answers {
    let mut answers = answers.clone();
    for (id, given) in &mut answers.given {
        if matches!(given.input, Input::Text(_) | Input::List(_))
            && let Some(input) = resolved.get(id).and_then(|state| to_input(state.value.as_ref()?))
        {
            given.input = input;
        }
    }
    answers
}

/// Marks the answers that depend on the question `changed` for another look. None is erased.
pub fn mark_stale(engine: &Engine, template: &Template, answers: &mut Answers, changed: &str) {
    for question in &template.question {
        if question.id != changed
            && depends_on(engine, question, changed)
            && let Some(given) = answers.given.get_mut(&question.id)
        {
            given.stale = true;
        }
    }
}

fn depends_on(engine: &Engine, question: &Question, other: &str) -> bool {
    let mut names = Vec::new();
    if let Some(Scalar::Text(text)) = &question.default {
        names.extend(engine.names(text).unwrap_or_default());
    }
    if let Some(when) = &question.when {
        names.extend(engine.names_in(when).unwrap_or_default());
    }
    for when in question.options.iter().filter_map(|choice| choice.when()) {
        names.extend(engine.names_in(when).unwrap_or_default());
    }
    names.iter().any(|name| name == other)
}

fn resolve_one(engine: &Engine, question: &Question, answers: &Answers, minted: &Minted, scope: &Scope) -> QuestionState {
    let applies = question.when.as_ref().is_none_or(|when| engine.holds(when, scope).unwrap_or(false));
    let optional = match &question.optional {
        Switch::Fixed(on) => *on,
        Switch::When(when) => engine.holds(when, scope).unwrap_or(false),
    } || question.phase == Phase::Late;
    let choices: Vec<ChoiceState> = question
        .options
        .iter()
        .filter(|choice| choice.when().is_none_or(|when| engine.holds(when, scope).unwrap_or(false)))
        .map(|choice| ChoiceState {
            value: choice.value().to_owned(),
            label: choice.label().to_owned(),
            why: choice.why().map(str::to_owned),
        })
        .collect();
    let default = question
        .default
        .as_ref()
        .and_then(|default| engine.value(default, scope).ok())
        .and_then(|value| to_input(&value))
        .or_else(|| (question.kind == QuestionKind::Toggle).then_some(Input::Toggle(false)));
    let made = minted.secrets.get(&question.id);
    let given = answers.given.get(&question.id);
    let mut state = QuestionState {
        id: question.id.clone(),
        asked: applies && question.kind != QuestionKind::Constant && question.make.is_none() && question.phase != Phase::Late,
        optional,
        default,
        choices,
        value: None,
        problem: None,
        given: given.is_some(),
        stale: given.is_some_and(|given| given.stale),
    };
    if !applies {
        return state;
    }
    if question.make.is_some() {
        state.value = made.map(|secret| Value::Secret(secret.clone()));
        return state;
    }
    match given.map(|given| &given.input).or(state.default.as_ref()) {
        Some(input) if !input.is_empty() || matches!(input, Input::List(_)) => match check(question, &state.choices, input) {
            Ok(Value::List(items)) if items.is_empty() && !optional => state.problem = Some(Problem::Missing),
            Ok(value) => state.value = Some(value),
            Err(sentence) => state.problem = Some(Problem::Wrong(sentence)),
        },
        _ if optional => {}
        _ => state.problem = Some(Problem::Missing),
    }
    state
}

/// The value as somebody would have given it; none for values that nobody types.
pub fn to_input(value: &Value) -> Option<Input> {
    match value {
        Value::None => None,
        Value::Bool(on) => Some(Input::Toggle(*on)),
        Value::Int(number) => Some(Input::Text(number.to_string())),
        Value::Text(text) => Some(Input::Text(text.clone())),
        Value::Secret(secret) => Some(Input::Secret(secret.clone())),
        Value::List(items) => Some(Input::List(items.iter().filter_map(to_text).map(str::to_owned).collect())),
        Value::Table(_) => to_text(value).map(|base| Input::Text(base.to_owned())),
    }
}

/// A text, or an address as one.
fn to_text(value: &Value) -> Option<&str> {
    match value {
        Value::Table(table) => table.get("base").and_then(Value::as_text),
        other => other.as_text(),
    }
}

/// Checks one input and gives the value that texts see, or a sentence.
fn check(question: &Question, choices: &[ChoiceState], input: &Input) -> Result<Value, String> {
    match (question.kind, input) {
        (QuestionKind::Toggle | QuestionKind::Constant, Input::Toggle(on)) => Ok(Value::Bool(*on)),
        (QuestionKind::Toggle, Input::Text(text)) => match text.trim().to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" => Ok(Value::Bool(true)),
            "false" | "no" | "off" | "0" => Ok(Value::Bool(false)),
            _ => Err("Say yes or no.".into()),
        },
        // A paste into one line loses the line breaks of a key.
        (QuestionKind::Secret, Input::Secret(secret)) => Ok(Value::Secret(
            pem::block(secret.expose_secret()).map_or_else(|| secret.clone(), SecretString::from),
        )),
        (QuestionKind::Constant, Input::Secret(secret)) => Ok(Value::Secret(secret.clone())),
        (QuestionKind::Certificate, Input::Text(text)) => pem::certificate(text).map(Value::Text).ok_or_else(|| {
            "This is no whole certificate. It begins with -----BEGIN CERTIFICATE----- and ends with -----END CERTIFICATE-----.".into()
        }),
        (QuestionKind::List, Input::List(items)) => {
            let items = items.iter().map(|item| item.trim()).filter(|item| !item.is_empty());
            items.map(|item| check_member(question, choices, item)).collect::<Result<_, _>>().map(Value::List)
        }
        (QuestionKind::List, Input::Text(text)) => {
            let items: Vec<String> = text.split([',', ' ', '\n']).map(str::to_owned).collect();
            check(question, choices, &Input::List(items))
        }
        (_, Input::Text(text)) => check_text(question, choices, text.trim()),
        _ => Err("This kind of answer does not fit the question.".into()),
    }
}

fn check_text(question: &Question, choices: &[ChoiceState], text: &str) -> Result<Value, String> {
    if text.chars().any(char::is_control) {
        return Err("There is a control character in it. Type it anew, or paste it without line breaks.".into());
    }
    match question.kind {
        QuestionKind::Address => Address::parse(text, question.path, question.port).map(|address| address.to_value()),
        QuestionKind::Host => check_host(text),
        QuestionKind::Email => check_email(text),
        QuestionKind::Choice => check_choice(choices, text),
        QuestionKind::Number => text.parse().map(Value::Int).map_err(|_| format!("\"{text}\" is not a whole number.")),
        QuestionKind::Color => {
            let digits = text.strip_prefix('#').unwrap_or_default();
            if digits.len() == 6 && digits.chars().all(|digit| digit.is_ascii_hexdigit()) {
                Ok(Value::from(text))
            } else {
                Err("A color looks like #fd4b2d: a hash and six hexadecimal digits.".into())
            }
        }
        QuestionKind::Text => check_pattern(question, text),
        QuestionKind::Group | QuestionKind::Constant => Ok(Value::from(text)),
        QuestionKind::Secret | QuestionKind::Toggle | QuestionKind::List | QuestionKind::Certificate => {
            Err("This kind of answer does not fit the question.".into())
        }
    }
}

fn check_member(question: &Question, choices: &[ChoiceState], item: &str) -> Result<Value, String> {
    if !choices.is_empty() {
        return check_choice(choices, item);
    }
    match question.item.unwrap_or(ItemKind::Text) {
        ItemKind::Address => Address::parse(item, question.path, question.port).map(|address| address.to_value()),
        ItemKind::Host => check_host(item),
        ItemKind::Email => check_email(item),
        ItemKind::Text => check_pattern(question, item),
    }
}

fn check_choice(choices: &[ChoiceState], text: &str) -> Result<Value, String> {
    if let Some(choice) = choices.iter().find(|choice| choice.value == text) {
        return Ok(Value::from(choice.value.as_str()));
    }
    let values: Vec<&str> = choices.iter().map(|choice| choice.value.as_str()).collect();
    Err(format!("\"{text}\" is not among the choices: {}.", values.join(", ")))
}

fn check_host(text: &str) -> Result<Value, String> {
    match Host::parse(text) {
        Ok(host) => Ok(Value::from(host.to_string())),
        Err(_) => Err(format!("\"{text}\" is not a host name. A host name looks like app.example.com, without https://.")),
    }
}

fn check_email(text: &str) -> Result<Value, String> {
    match text.split_once('@') {
        Some((local, domain)) if !local.is_empty() && !text.contains(' ') && Host::parse(domain).is_ok() => Ok(Value::from(text)),
        _ => Err(format!("\"{text}\" is not an e-mail address.")),
    }
}

fn check_pattern(question: &Question, text: &str) -> Result<Value, String> {
    let Some(pattern) = &question.pattern else { return Ok(Value::from(text)) };
    match regex::Regex::new(pattern) {
        Ok(regex) if regex.is_match(text) => Ok(Value::from(text)),
        Ok(_) => Err(question.pattern_help.clone().unwrap_or_else(|| format!("It has to match {pattern}."))),
        Err(_) => Err("The template's own pattern for this answer is broken. Please report it.".into()),
    }
}
