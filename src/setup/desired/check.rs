//! From a file's text to what it wants, or to everything that is wrong with it.

use indexmap::IndexMap;
use toml::{Spanned, Value};

use super::file::{Defaults, Entry, File, FileOptions};
use super::login_source::login_page;
use super::place::{Place, Places, Problem};
use super::{Answer, Desired, Reference, Wanted};
use crate::catalog::template::{
    BuiltinScope, ClientType, IssuerMode, MatchingMode, Question, QuestionKind, SubjectMode, Template,
};
use crate::setup::answers::{Input, KeyChoice, Options, RedirectUri};
use crate::setup::command::REGEX_PREFIX;
use crate::setup::{lifetime, similar};

/// How to say where a secret is.
pub(super) const ELSEWHERE: &str = "Say where it is: { env = \"NAME\" } or { file = \"PATH\" }.";

/// Reads a file. `template` finds templates by id, and `ids` are those that there are.
///
/// # Errors
/// Everything that is wrong, in the file's order. Text that is no TOML is one problem.
pub fn parse<'t>(
    source: &str,
    template: &dyn Fn(&str) -> Option<&'t Template>,
    ids: &dyn Fn() -> Vec<&'t str>,
) -> Result<Desired, Vec<Problem>> {
    let places = Places::new(source);
    let file: File = toml::from_str(source).map_err(|error| {
        let place = error.span().map(|span| places.of(span.start)).unwrap_or_default();
        vec![unread(place, error.message())]
    })?;
    let mut check = Check { places, template, ids, problems: Vec::new() };
    let name = file.name.map(|name| check.name(&name));
    let defaults = check.defaults(file.defaults);
    let applications: Vec<Wanted> = file.applications.into_iter().filter_map(|entry| check.entry(entry, &defaults)).collect();
    if applications.is_empty() && check.problems.is_empty() {
        let place = Place { line: 1, column: 1 };
        let problem = Problem::new(place, "There is no application in it.");
        check.problems.push(problem.hint("An application begins with [[application]] and names its template."));
    }
    if check.problems.is_empty() {
        return Ok(Desired { name, applications });
    }
    check.problems.sort_by_key(|problem| problem.place);
    Err(check.problems)
}

/// What the TOML reader says. A name that is not known here gets those that are.
fn unread(place: Place, message: &str) -> Problem {
    let words: Vec<&str> = message.split('`').collect();
    match words.as_slice() {
        ["unknown field ", typed, rest @ ..] => {
            let known: Vec<&str> = rest.iter().skip(1).step_by(2).copied().collect();
            let hint = similar::hint(typed, known.iter().copied(), "What can stand here is");
            Problem::new(place, format!("“{typed}” is not known here."))
                .hint(hint.unwrap_or_else(|| format!("What can stand here is: {}.", known.join(", "))))
        }
        ["missing field ", field, ..] => Problem::new(place, format!("“{field}” is missing here.")),
        _ => Problem::new(place, sentence(message)),
    }
}

/// What the TOML reader says, as a sentence.
fn sentence(message: &str) -> String {
    let mut letters = message.trim().chars();
    let first: String = letters.next().map(|letter| letter.to_uppercase().collect()).unwrap_or_default();
    let rest = letters.as_str().lines().map(str::trim).collect::<Vec<_>>().join(", ");
    format!("{first}{}.", rest.trim_end_matches('.'))
}

pub(super) struct Check<'a, 't> {
    places: Places<'a>,
    template: &'a dyn Fn(&str) -> Option<&'t Template>,
    ids: &'a dyn Fn() -> Vec<&'t str>,
    pub(super) problems: Vec<Problem>,
}

/// `[defaults]`, checked as far as it can be without a template.
struct Checked {
    access: Option<(Vec<String>, Place)>,
    answers: IndexMap<String, Spanned<Value>>,
    options: Options,
}

impl Check<'_, '_> {
    pub(super) fn place<T>(&self, spanned: &Spanned<T>) -> Place {
        self.places.of(spanned.span().start)
    }

    pub(super) fn problem<T>(&mut self, at: &Spanned<T>, message: impl Into<String>, hint: &str) {
        let problem = Problem::new(self.place(at), message);
        self.problems.push(if hint.is_empty() { problem } else { problem.hint(hint) });
    }

    fn name(&mut self, name: &Spanned<String>) -> String {
        if name.get_ref().trim().is_empty() {
            self.problem(name, "The file's name is empty.", "Leave it out to call the file by its path.");
        }
        name.get_ref().clone()
    }

    fn defaults(&mut self, defaults: Defaults) -> Checked {
        let access = defaults.access.as_ref().map(|access| (self.access(access), self.place(access)));
        Checked { access, answers: defaults.answers, options: self.options(defaults.options) }
    }

    fn entry(&mut self, entry: Spanned<Entry>, defaults: &Checked) -> Option<Wanted> {
        let place = self.place(&entry);
        let entry = entry.into_inner();
        let own_access = entry.access.as_ref().map(|access| (self.access(access), self.place(access)));
        let own_options = self.options(entry.options);
        let id = entry.template.get_ref();
        let Some(template) = (self.template)(id) else {
            let message = format!("akwiz does not know an application “{id}”.");
            let like = similar::hint(id, (self.ids)(), "It knows").map(|hint| hint + " ").unwrap_or_default();
            self.problem(&entry.template, message, &format!("{like}List them, or search: akwiz apps WORD"));
            return None;
        };
        let is_source = template.source.is_some();
        self.words_of_others(
            template,
            place,
            &own_options,
            entry.access.as_ref(),
            entry.login_page.as_ref(),
            entry.plex.as_ref(),
        );
        let login_page = entry.login_page.map(|word| login_page(word.get_ref())).unwrap_or_default();
        let plex = entry.plex.and_then(|plex| self.plex(plex.into_inner())).map(Box::new);
        let (access, access_place) = own_access.or_else(|| defaults.access.clone()).filter(|_| !is_source).unwrap_or_default();
        let options = merged(own_options, &defaults.options);
        let mut answers = Vec::new();
        for (id, value) in &entry.answers {
            if let Some(question) = template.question.iter().find(|question| question.id == *id) {
                answers.extend(self.answer(question, value).map(|answer| (id.clone(), answer)));
            } else {
                let ids: Vec<&str> = template.question.iter().map(|question| question.id.as_str()).collect();
                let hint = similar::hint(id, ids.iter().copied(), "Its questions are");
                let hint = hint.unwrap_or_else(|| format!("Its questions are: {}.", ids.join(", ")));
                self.problem(value, format!("{} has no question “{id}”.", template.name), &hint);
            }
        }
        for question in &template.question {
            if !entry.answers.contains_key(&question.id)
                && let Some(value) = defaults.answers.get(&question.id)
            {
                answers.extend(self.answer(question, value).map(|answer| (question.id.clone(), answer)));
            }
        }
        let template = template.id.clone();
        Some(Wanted { template, place, answers, options, access, access_place, update: entry.update, login_page, plex })
    }

    fn access(&mut self, value: &Spanned<Value>) -> Vec<String> {
        let words: Option<Vec<String>> = match value.get_ref() {
            Value::String(word) => Some(vec![word.clone()]),
            Value::Array(words) => words.iter().map(|word| word.as_str().map(str::to_owned)).collect(),
            _ => None,
        };
        words.filter(|words| !words.is_empty()).unwrap_or_else(|| {
            let hint = "Use everyone, me, user:NAME, group:NAME, new-group:NAME, or a list of groups.";
            self.problem(value, "This does not say who may open the application.", hint);
            Vec::new()
        })
    }

    fn answer(&mut self, question: &Question, value: &Spanned<Value>) -> Option<Answer> {
        let secret = question.kind == QuestionKind::Secret;
        if let Value::Table(table) = value.get_ref() {
            return self.reference(question, table, value);
        }
        if secret {
            // The value is not repeated: whoever wrote it there may be looking at a shared screen.
            let message =
                format!("“{}” is a secret, and files like this one are shared and kept in version control.", question.id);
            self.problem(value, message, ELSEWHERE);
            return None;
        }
        let input = match (question.kind, value.get_ref()) {
            (QuestionKind::Toggle, Value::Boolean(on)) => Some(Input::Toggle(*on)),
            (QuestionKind::List, Value::Array(items)) => items.iter().map(text).collect::<Option<Vec<String>>>().map(Input::List),
            (QuestionKind::List | QuestionKind::Toggle, _) => None,
            (_, value) => text(value).map(Input::Text),
        };
        if input.is_none() {
            let kind = match question.kind {
                QuestionKind::Toggle => "a switch: true or false",
                QuestionKind::List => "a list: [\"one\", \"two\"]",
                _ => "text: \"…\"",
            };
            self.problem(value, format!("“{}” is {kind}.", question.id), "");
        }
        input.map(Answer::Given)
    }

    fn reference(&mut self, question: &Question, table: &toml::Table, value: &Spanned<Value>) -> Option<Answer> {
        if matches!(question.kind, QuestionKind::Toggle | QuestionKind::List) {
            self.problem(value, format!("“{}” has to stand here: it is a switch or a list.", question.id), "");
            return None;
        }
        let reference = elsewhere(table);
        if reference.is_none() {
            self.problem(value, format!("This does not say where “{}” is.", question.id), ELSEWHERE);
        }
        reference.map(|reference| Answer::From(reference, self.place(value)))
    }

    fn options(&mut self, options: FileOptions) -> Options {
        let redirect = |text: String| match text.strip_prefix(REGEX_PREFIX) {
            Some(pattern) => RedirectUri { uri: pattern.to_owned(), mode: MatchingMode::Regex },
            None => RedirectUri { uri: text, mode: MatchingMode::Strict },
        };
        if let Some(key) = options.signing_key.as_ref().filter(|key| key.get_ref() == "new") {
            let hint = "Name a key that authentik has. Without a word about it, one is made where none fits.";
            self.problem(key, "A new key for each run would never come to rest.", hint);
        }
        let issuer_modes = [IssuerMode::PerProvider, IssuerMode::Global];
        let client_types = [ClientType::Confidential, ClientType::Public];
        Options {
            name: options.name,
            slug: options.slug,
            provider_name: options.provider_name,
            group: options.group,
            launch_url: options.launch_url,
            icon: options.icon,
            description: options.description,
            sub_mode: options.subject_mode.and_then(|word| self.one_of(&word, &SubjectMode::ALL, SubjectMode::as_str)),
            issuer_mode: options.issuer_mode.and_then(|word| self.one_of(&word, &issuer_modes, IssuerMode::as_str)),
            client_type: options.client_type.and_then(|word| self.one_of(&word, &client_types, ClientType::as_str)),
            signing_key: options.signing_key.map(|key| KeyChoice::Existing(key.into_inner())),
            scopes: options.scopes.map(|scopes| {
                scopes.iter().filter_map(|word| self.one_of(word, &BuiltinScope::ALL, BuiltinScope::scope)).collect()
            }),
            redirects: options.redirect_uris.map(|uris| uris.into_iter().map(redirect).collect()),
            authorization_flow: options.authorization_flow,
            invalidation_flow: options.invalidation_flow,
            enrollment_flow: options.enrollment_flow,
            authentication_flow: options.authentication_flow,
            code_lifetime: options.code_lifetime.and_then(|text| self.lifetime(text)),
            access_lifetime: options.access_lifetime.and_then(|text| self.lifetime(text)),
            refresh_lifetime: options.refresh_lifetime.and_then(|text| self.lifetime(text)),
        }
    }

    fn lifetime(&mut self, text: Spanned<String>) -> Option<String> {
        match lifetime::check(text.get_ref()) {
            Ok(()) => Some(text.into_inner()),
            Err(hint) => {
                self.problem(&text, format!("“{}” is no lifetime.", text.get_ref()), &hint);
                None
            }
        }
    }

    fn one_of<T: Copy>(&mut self, word: &Spanned<String>, all: &[T], name: fn(T) -> &'static str) -> Option<T> {
        let found = all.iter().copied().find(|one| name(*one) == word.get_ref());
        if found.is_none() {
            let names: Vec<&str> = all.iter().map(|one| name(*one)).collect();
            let message = format!("“{}” is none of its values.", word.get_ref());
            self.problem(word, message, &format!("Use one of {}.", names.join(", ")));
        }
        found
    }
}

/// Where something is that does not stand in the file.
pub(super) fn elsewhere(table: &toml::Table) -> Option<Reference> {
    let mut entries = table.iter();
    match (entries.next(), entries.next()) {
        (Some((key, Value::String(name))), None) if !name.is_empty() => match key.as_str() {
            "env" => Some(Reference::Env(name.clone())),
            "file" => Some(Reference::File(name.clone())),
            _ => None,
        },
        _ => None,
    }
}

/// A scalar as it would be typed.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Boolean(on) => Some(on.to_string()),
        _ => None,
    }
}

/// An application's own options, and the defaults for what it does not say. Name and slug have no default: they would be everybody's.
fn merged(own: Options, defaults: &Options) -> Options {
    let defaults = defaults.clone();
    Options {
        name: own.name,
        slug: own.slug,
        provider_name: own.provider_name,
        group: own.group.or(defaults.group),
        launch_url: own.launch_url,
        icon: own.icon.or(defaults.icon),
        description: own.description.or(defaults.description),
        sub_mode: own.sub_mode.or(defaults.sub_mode),
        signing_key: own.signing_key.or(defaults.signing_key),
        authorization_flow: own.authorization_flow.or(defaults.authorization_flow),
        invalidation_flow: own.invalidation_flow.or(defaults.invalidation_flow),
        enrollment_flow: own.enrollment_flow.or(defaults.enrollment_flow),
        authentication_flow: own.authentication_flow.or(defaults.authentication_flow),
        scopes: own.scopes.or(defaults.scopes),
        issuer_mode: own.issuer_mode.or(defaults.issuer_mode),
        client_type: own.client_type.or(defaults.client_type),
        code_lifetime: own.code_lifetime.or(defaults.code_lifetime),
        access_lifetime: own.access_lifetime.or(defaults.access_lifetime),
        refresh_lifetime: own.refresh_lifetime.or(defaults.refresh_lifetime),
        redirects: own.redirects,
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;
    use crate::catalog::load;

    const ASKED: &str = r#"
question = [
    { id = "app", kind = "address", label = "Address" },
    { id = "on", kind = "toggle", label = "Switch" },
    { id = "nodes", kind = "list", label = "Nodes" },
    { id = "key", kind = "secret", label = "Key" },
    { id = "port", kind = "number", label = "Port" },
]
"#;

    fn read(source: &str) -> Result<Desired, Vec<String>> {
        let template = load::small(ASKED);
        let find = |id: &str| (id == "x").then_some(&template);
        parse(source, &find, &|| vec!["xylo"]).map_err(|problems| problems.iter().map(ToString::to_string).collect())
    }

    fn problems(source: &str) -> Vec<String> {
        read(source).unwrap_err()
    }

    #[test]
    fn a_file_gives_answers_options_and_access() {
        let desired = read(
            "name = \"lab\"\n[defaults]\naccess = \"group:family\"\nanswers = { on = true, other = 1 }\noptions = { group = \"Home\", scopes = [\"openid\"] }\n\
             [[application]]\ntemplate = \"x\"\nanswers = { app = \"https://x.example\", nodes = [\"a\", 2], port = 80, key = { env = \"KEY\" } }\n\
             [[application]]\ntemplate = \"x\"\naccess = [\"group:a\", \"new-group:b\"]\nupdate = true\n[application.answers]\non = false\n\
             [application.options]\nslug = \"y\"\ngroup = \"\"\nsubject_mode = \"user_email\"\nredirect_uris = [\"https://y/cb\", \"regex:^z$\"]\nsigning_key = \"own\"\n",
        )
        .unwrap();
        assert_eq!(desired.name.as_deref(), Some("lab"));
        let [first, second] = desired.applications.as_slice() else { panic!() };
        assert_eq!((first.place.line, second.place.line), (6, 9));
        assert_eq!((first.access.as_slice(), first.options.group.as_deref()), (&["group:family".to_owned()][..], Some("Home")));
        let template = load::small(ASKED);
        let mut asked = Vec::new();
        let answers = first
            .answers(&template, &mut |reference| {
                asked.push(reference.clone());
                Ok(SecretString::from("canary"))
            })
            .unwrap();
        assert_eq!(asked, [Reference::Env("KEY".into())]);
        assert!(matches!(&answers.given["key"].input, Input::Secret(secret) if secret.expose_secret() == "canary"));
        assert!(matches!(&answers.given["nodes"].input, Input::List(items) if *items == ["a", "2"]));
        assert!(matches!(&answers.given["on"].input, Input::Toggle(true)));
        assert!(matches!(&answers.given["port"].input, Input::Text(text) if text == "80"));
        assert!(second.update && second.options.group.as_deref() == Some(""));
        assert_eq!(second.options.scopes.as_deref(), Some(&[BuiltinScope::Openid][..]));
        assert_eq!(second.options.redirects.as_ref().unwrap()[1].mode, MatchingMode::Regex);
        let unread = first.answers(&template, &mut |_| Err("No.".into())).unwrap_err();
        assert_eq!(unread.place.line, 8);
    }

    use secrecy::SecretString;

    #[test]
    fn a_secret_in_the_file_is_refused_and_not_repeated() {
        let said = problems("[[application]]\ntemplate = \"x\"\nanswers = { app = \"x\", key = \"canary\" }\n");
        assert_eq!(said.len(), 1);
        assert!(said[0].starts_with("3:30: “key” is a secret") && !said[0].contains("canary"), "{said:?}");
    }

    #[test]
    fn all_that_is_wrong_is_said_with_its_place() {
        let said = problems(
            "[defaults]\naccess = 3\noptions = { subject_mode = \"sub\" }\n\
             [[application]]\ntemplate = \"y\"\n\
             [[application]]\ntemplate = \"x\"\nanswers = { typo = 1, on = \"yes\", nodes = \"a\", key = { url = \"x\" }, app = 1.5 }\n\
             options = { signing_key = \"new\", scopes = [\"openid\", \"nothing\"] }\n",
        );
        let places: Vec<&str> = said.iter().map(|problem| problem.split(": ").next().unwrap()).collect();
        assert_eq!(places, ["2:10", "3:28", "5:12", "8:20", "8:28", "8:43", "8:54", "8:75", "9:27", "9:54"], "{said:#?}");
    }

    #[test]
    fn broken_toml_and_unknown_keys_have_a_place() {
        assert!(problems("[[application]]\ntemplate = \"x\n")[0].starts_with("2:"), "{:?}", problems("a = \"x\n"));
        assert!(problems("[[application]]\ntemplate = \"x\"\ntypo = 1\n")[0].starts_with("3:1: “typo” is not known here."));
        assert!(problems("")[0].starts_with("1:1: There is no application"));
    }
}
