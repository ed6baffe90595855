//! Answers from options.

use std::path::{Path, PathBuf};

use clap::Args;
use clap_complete::ArgValueCompleter;
use secrecy::SecretString;

use super::access::AccessOption;
use super::{completions, secret_input, similar};
use crate::catalog::template::{
    BuiltinScope, ClientType, IssuerMode, MatchingMode, Question, QuestionKind, SubjectMode, Template,
};
use crate::error::{Error, Kind, Result};
use crate::setup::answers::{
    Answers, Input, KeyChoice, LoginPage, Options, PlexAccount, PlexServer, RedirectUri, SourceAnswers, Taken,
};
use crate::setup::command::REGEX_PREFIX;

/// What `create` and `plan` are told.
#[derive(Debug, Clone, Default, Args)]
pub struct AnswerOptions {
    /// The application, as `akwiz apps` lists it
    #[arg(value_name = "ID", add = ArgValueCompleter::new(completions::templates))]
    pub template: String,
    /// Answer a question; more than once for lists. `akwiz apps -v ID` lists the questions
    #[arg(long, value_name = "QUESTION=VALUE", value_parser = pair, add = ArgValueCompleter::new(completions::answers))]
    pub set: Vec<(String, String)>,
    /// Answer a question with the content of a file
    #[arg(long, value_name = "QUESTION=FILE", value_parser = pair)]
    pub set_file: Vec<(String, String)>,
    /// Answer a question with standard input
    #[arg(long, value_name = "QUESTION")]
    pub secret_stdin: Option<String>,
    /// The application's name
    #[arg(long)]
    pub name: Option<String>,
    /// The application's slug
    #[arg(long)]
    pub slug: Option<String>,
    /// The provider's name
    #[arg(long, value_name = "NAME")]
    pub provider_name: Option<String>,
    /// The heading under which the application stands
    #[arg(long, value_name = "HEADING")]
    pub group: Option<String>,
    /// Where the application's tile leads
    #[arg(long, value_name = "URL")]
    pub launch_url: Option<String>,
    /// The icon's address
    #[arg(long, value_name = "URL")]
    pub icon: Option<String>,
    /// The description on the tile
    #[arg(long, value_name = "TEXT")]
    pub description: Option<String>,
    /// Who may open the application: everyone, me, user:NAME, group:NAME or new-group:NAME; more than once for groups
    #[arg(long, value_name = "WHO")]
    pub access: Vec<AccessOption>,
    /// Change the application that has the slug already: add, never remove
    #[arg(long, conflicts_with = "rename")]
    pub update: bool,
    /// Make a second application under another slug and name
    #[arg(long, value_name = "SLUG=NAME", value_parser = pair)]
    pub rename: Option<(String, String)>,
    /// What `sub` is
    #[arg(long, value_name = "MODE", value_parser = subject_mode)]
    pub subject_mode: Option<SubjectMode>,
    /// The issuer mode: `per_provider` or global
    #[arg(long, value_name = "MODE", value_parser = issuer_mode)]
    pub issuer_mode: Option<IssuerMode>,
    /// The client type: confidential or public
    #[arg(long, value_name = "TYPE", value_parser = client_type)]
    pub client_type: Option<ClientType>,
    /// The key that signs tokens, by name or primary key; `new` makes one
    #[arg(long, value_name = "KEY")]
    pub signing_key: Option<String>,
    /// The built-in scopes, separated by commas
    #[arg(long, value_name = "SCOPES", value_delimiter = ',', value_parser = scope)]
    pub scopes: Option<Vec<BuiltinScope>>,
    /// A redirect URI in place of the template's, once for each; `regex:` before it for a regular expression
    #[arg(long, value_name = "URI")]
    pub redirect_uri: Vec<String>,
    /// The authorization flow, by slug
    #[arg(long, value_name = "SLUG")]
    pub authorization_flow: Option<String>,
    /// The invalidation flow, by slug
    #[arg(long, value_name = "SLUG")]
    pub invalidation_flow: Option<String>,
    /// The enrollment flow of a login source, by slug
    #[arg(long, value_name = "SLUG")]
    pub enrollment_flow: Option<String>,
    /// The authentication flow of a login source, by slug
    #[arg(long, value_name = "SLUG")]
    pub authentication_flow: Option<String>,
    /// How long a code lives, such as minutes=1
    #[arg(long, value_name = "TIME")]
    pub code_lifetime: Option<String>,
    /// How long an access token lives
    #[arg(long, value_name = "TIME")]
    pub access_lifetime: Option<String>,
    /// How long a refresh token lives
    #[arg(long, value_name = "TIME")]
    pub refresh_lifetime: Option<String>,
    /// The identifier that the Plex token was made for
    #[arg(long, value_name = "ID", requires = "plex_token_file")]
    pub plex_client_id: Option<String>,
    /// A file with the token of the Plex account
    #[arg(long, value_name = "FILE", requires = "plex_client_id")]
    pub plex_token_file: Option<PathBuf>,
    /// A Plex server whose users may sign in, once for each
    #[arg(long, value_name = "ID[=NAME]", requires = "plex_client_id")]
    pub plex_server: Vec<String>,
    /// Where a login source is shown: default, hidden, or an identification stage's primary key
    #[arg(long, value_name = "WHERE")]
    pub login_page: Option<String>,
}

/// What answers a question in place of an option.
pub(super) struct Inputs<'a> {
    /// Reads a file.
    pub file: &'a dyn Fn(&Path) -> Result<SecretString>,
    /// Reads standard input, for the question that is named.
    pub stdin: &'a dyn Fn(&str) -> Result<SecretString>,
}

impl Inputs<'static> {
    /// Those of this process.
    pub(super) const REAL: Self = Self { file: &secret_input::from_file, stdin: &secret_input::from_stdin };
}

impl AnswerOptions {
    /// The answers for `template`, but for who may open the application: that takes a look at the server.
    ///
    /// # Errors
    /// When a question does not exist, a secret is in an argument, or a file cannot be read.
    pub(super) fn answers(&self, template: &Template, inputs: &Inputs<'_>) -> Result<Answers> {
        let mut answers = Answers::new(template.id.clone());
        for (id, value) in &self.set {
            let question = question(template, id)?;
            if question.kind == QuestionKind::Secret {
                return Err(Error::new(
                    Kind::Usage,
                    format!("“{id}” is a secret: arguments are seen by others and stay in the shell's history."),
                )
                .hint(format!("Use --secret-stdin={id} or --set-file={id}=FILE.")));
            }
            let input = match (question.kind, answers.given.get(id).map(|given| given.input.clone())) {
                (QuestionKind::List, Some(Input::List(mut items))) => {
                    items.push(value.clone());
                    Input::List(items)
                }
                (QuestionKind::List, _) if value.is_empty() => Input::List(Vec::new()),
                (QuestionKind::List, _) => Input::List(vec![value.clone()]),
                (QuestionKind::Toggle, _) => Input::Toggle(switch(id, value)?),
                (_, Some(_)) => return Err(Error::new(Kind::Usage, format!("“{id}” is set twice, and it is no list."))),
                (_, None) => Input::Text(value.clone()),
            };
            answers.give(id, input);
        }
        for (id, path) in &self.set_file {
            answers.give(id, input(question(template, id)?, (inputs.file)(Path::new(path))?)?);
        }
        if let Some(id) = &self.secret_stdin {
            answers.give(id, input(question(template, id)?, (inputs.stdin)(id)?)?);
        }
        answers.options = self.options();
        answers.taken = match (&self.rename, self.update) {
            (Some((slug, name)), _) => Some(Taken::Rename { slug: slug.clone(), name: name.clone() }),
            (None, true) => Some(Taken::Update),
            (None, false) => None,
        };
        answers.source = self.source(inputs)?;
        Ok(answers)
    }

    /// How to see the secrets of what these options made, which then exists.
    pub(super) fn to_reveal(&self) -> String {
        let (options, without) = match &self.rename {
            Some((slug, _)) => (format!("--slug={slug} --update --reveal"), " in place of --rename"),
            None => ("--update --reveal".to_owned(), ""),
        };
        format!("Secrets are hidden. Run the same command with {options}{without} to see them.")
    }

    fn options(&self) -> Options {
        let key = |text: &String| if text == "new" { KeyChoice::New } else { KeyChoice::Existing(text.clone()) };
        Options {
            name: self.name.clone(),
            slug: self.slug.clone(),
            provider_name: self.provider_name.clone(),
            group: self.group.clone(),
            launch_url: self.launch_url.clone(),
            icon: self.icon.clone(),
            description: self.description.clone(),
            sub_mode: self.subject_mode,
            signing_key: self.signing_key.as_ref().map(key),
            authorization_flow: self.authorization_flow.clone(),
            invalidation_flow: self.invalidation_flow.clone(),
            enrollment_flow: self.enrollment_flow.clone(),
            authentication_flow: self.authentication_flow.clone(),
            scopes: self.scopes.clone(),
            issuer_mode: self.issuer_mode,
            client_type: self.client_type,
            code_lifetime: self.code_lifetime.clone(),
            access_lifetime: self.access_lifetime.clone(),
            refresh_lifetime: self.refresh_lifetime.clone(),
            redirects: (!self.redirect_uri.is_empty()).then(|| self.redirect_uri.iter().map(|uri| redirect(uri)).collect()),
        }
    }

    fn source(&self, inputs: &Inputs<'_>) -> Result<SourceAnswers> {
        let plex = match (&self.plex_client_id, &self.plex_token_file) {
            (Some(client_identifier), Some(path)) => {
                let servers: Vec<PlexServer> = self
                    .plex_server
                    .iter()
                    .map(|text| {
                        let (id, name) = text.split_once('=').unwrap_or((text, text));
                        PlexServer { id: id.to_owned(), name: name.to_owned() }
                    })
                    .collect();
                Some(PlexAccount {
                    client_identifier: client_identifier.clone(),
                    token: (inputs.file)(path)?,
                    allowed: servers.iter().map(|server| server.id.clone()).collect(),
                    servers,
                })
            }
            _ => None,
        };
        let login_page = match self.login_page.as_deref() {
            None | Some("default") => LoginPage::Default,
            Some("hidden") => LoginPage::Hidden,
            Some(stage) => LoginPage::Stage(stage.to_owned()),
        };
        Ok(SourceAnswers { plex, login_page })
    }
}

fn question<'t>(template: &'t Template, id: &str) -> Result<&'t Question> {
    template.question.iter().find(|question| question.id == id).ok_or_else(|| {
        let ids = template.question.iter().map(|question| question.id.as_str());
        let error = Error::new(Kind::Usage, format!("{} has no question “{id}”.", template.name));
        similar::suggest(error, id, ids, "Its questions are")
    })
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

fn redirect(text: &str) -> RedirectUri {
    match text.strip_prefix(REGEX_PREFIX) {
        Some(pattern) => RedirectUri { uri: pattern.to_owned(), mode: MatchingMode::Regex },
        None => RedirectUri { uri: text.to_owned(), mode: MatchingMode::Strict },
    }
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("an equals sign stands between the two".to_owned()),
    }
}

fn subject_mode(text: &str) -> Result<SubjectMode, String> {
    SubjectMode::from_wire(text).ok_or_else(|| one_of(SubjectMode::ALL.map(SubjectMode::as_str)))
}

fn issuer_mode(text: &str) -> Result<IssuerMode, String> {
    let all = [IssuerMode::PerProvider, IssuerMode::Global];
    all.into_iter().find(|mode| mode.as_str() == text).ok_or_else(|| one_of(all.map(IssuerMode::as_str)))
}

fn client_type(text: &str) -> Result<ClientType, String> {
    let all = [ClientType::Confidential, ClientType::Public];
    all.into_iter().find(|kind| kind.as_str() == text).ok_or_else(|| one_of(all.map(ClientType::as_str)))
}

fn scope(text: &str) -> Result<BuiltinScope, String> {
    let found = BuiltinScope::ALL.into_iter().find(|scope| scope.scope() == text);
    found.ok_or_else(|| one_of(BuiltinScope::ALL.map(BuiltinScope::scope)))
}

fn one_of<const N: usize>(words: [&str; N]) -> String {
    format!("use one of {}", words.join(", "))
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use secrecy::ExposeSecret as _;

    use super::*;
    use crate::catalog::load::parse;
    use crate::cli::{Cli, Command};
    use crate::setup::answers::{Access, GroupChoice};
    use crate::setup::command::{Connection, PLEX_TOKEN_FILE, arguments, quoted, secret_file};

    const TEMPLATE: &str = r#"
schema = 1
id = "x"
name = "X"
category = "test"
homepage = "https://x.example"
summary = "A test"
question = [
    { id = "app", kind = "address", label = "Address" },
    { id = "on", kind = "toggle", label = "Switch" },
    { id = "note", kind = "text", label = "Note" },
    { id = "nodes", kind = "list", label = "Nodes" },
    { id = "none", kind = "list", label = "None" },
    { id = "key", kind = "secret", label = "Key" },
    { id = "second", kind = "secret", label = "Second key" },
]
"#;

    fn template() -> Template {
        parse("x.toml", TEMPLATE).unwrap()
    }

    /// What the command line of `answers` is parsed to, through a shell, clap and the files that it names.
    fn back(answers: &Answers, connection: &Connection) -> (AnswerOptions, Answers) {
        let line = quoted(&arguments(answers, connection));
        assert!(!line.contains("canary"), "{line}");
        let cli = Cli::try_parse_from(shlex::split(&line).unwrap()).unwrap_or_else(|error| panic!("{line}\n{error}"));
        assert_eq!((cli.global.demo, cli.global.url.is_some()), (connection.demo, !connection.url.is_empty()));
        let Some(Command::Create(options)) = cli.command else { panic!("{line}") };
        let file = |path: &Path| {
            let name = path.to_str().unwrap();
            assert!(name == secret_file("second") || name == PLEX_TOKEN_FILE, "{name}");
            Ok(SecretString::from(format!("canary {name}")))
        };
        let inputs = Inputs { file: &file, stdin: &|question| Ok(SecretString::from(format!("canary {question}"))) };
        let parsed = options.answers.answers(&template(), &inputs).unwrap();
        (options.answers, parsed)
    }

    /// `Debug` without what it hides, and the secrets apart.
    fn shape(answers: &Answers) -> (String, Vec<String>) {
        let secrets = answers.given.values().filter_map(|given| match &given.input {
            Input::Secret(secret) => Some(secret.expose_secret().to_owned()),
            _ => None,
        });
        let plex = answers.source.plex.iter().map(|plex| plex.token.expose_secret().to_owned());
        let mut sorted = answers.clone();
        sorted.given.sort_keys();
        sorted.access = Access::Everyone;
        let mut secrets: Vec<String> = secrets.chain(plex).collect();
        secrets.sort();
        (format!("{sorted:#?}"), secrets)
    }

    #[test]
    fn the_shown_command_line_gives_the_same_answers() {
        let mut answers = Answers::new("x");
        answers.give("app", Input::Text("https://x.example.com/it's here".into()));
        answers.give("on", Input::Toggle(false));
        answers.give("note", Input::Text("-- $HOME `id` \"a=b\" \\".into()));
        answers.give("nodes", Input::List(vec!["a, b".into(), "--yes".into()]));
        answers.give("none", Input::List(Vec::new()));
        answers.give("key", Input::Secret(SecretString::from("canary key")));
        answers.give("second", Input::Secret(SecretString::from("canary second.secret")));
        answers.options = Options {
            name: Some("My X".into()),
            slug: Some("my-x".into()),
            provider_name: Some("-dash".into()),
            group: Some(String::new()),
            launch_url: Some("blank://blank".into()),
            icon: Some("fa://fa-cube".into()),
            description: Some("two\nlines".into()),
            sub_mode: Some(SubjectMode::UserEmail),
            signing_key: Some(KeyChoice::Existing("0f-1".into())),
            authorization_flow: Some("explicit".into()),
            invalidation_flow: Some("bye".into()),
            enrollment_flow: Some("enroll".into()),
            authentication_flow: Some("in".into()),
            scopes: Some(vec![BuiltinScope::Openid, BuiltinScope::OfflineAccess, BuiltinScope::Api]),
            issuer_mode: Some(IssuerMode::Global),
            client_type: Some(ClientType::Public),
            code_lifetime: Some("minutes=2".into()),
            access_lifetime: Some("hours=1;minutes=5".into()),
            refresh_lifetime: Some("days=3".into()),
            redirects: Some(vec![
                RedirectUri { uri: "app.x:///oauth".into(), mode: MatchingMode::Strict },
                RedirectUri { uri: r"https://.*\.x\.example/cb".into(), mode: MatchingMode::Regex },
            ]),
        };
        answers.taken = Some(Taken::Rename { slug: "x-2".into(), name: "X = 2".into() });
        answers.source.login_page = LoginPage::Stage("0f-2".into());
        answers.source.plex = Some(PlexAccount {
            client_identifier: "p".repeat(40),
            token: SecretString::from(format!("canary {PLEX_TOKEN_FILE}")),
            servers: vec![PlexServer { id: "s1".into(), name: "The attic = mine".into() }],
            allowed: vec!["s1".into()],
        });
        let connection = Connection {
            url: "https://auth.example.com".into(),
            public_url: Some("https://sso.example.com".into()),
            ca_file: Some("/my files/ca.pem".into()),
            fingerprints: vec!["AB".repeat(32)],
            demo: false,
        };
        let (_, parsed) = back(&answers, &connection);
        assert_eq!(shape(&parsed), shape(&answers));
    }

    #[test]
    fn the_defaults_give_the_defaults() {
        let answers = Answers::new("x");
        let (options, parsed) = back(&answers, &Connection { demo: true, ..Connection::default() });
        assert_eq!((shape(&parsed), options.access), (shape(&answers), Vec::new()));
        let renamed = Answers { taken: Some(Taken::Update), ..Answers::new("x") };
        let (_, parsed) = back(&renamed, &Connection { demo: true, ..Connection::default() });
        assert_eq!(parsed.taken, Some(Taken::Update));
    }

    #[test]
    fn access_is_said_by_name() {
        let mut answers = Answers::new("x");
        answers.access = Access::Groups(vec![
            GroupChoice::Existing { pk: "0f".into(), name: "the family".into() },
            GroupChoice::New { name: "a:b".into() },
        ]);
        let (options, _) = back(&answers, &Connection { demo: true, ..Connection::default() });
        assert_eq!(options.access, [AccessOption::Group("the family".into()), AccessOption::NewGroup("a:b".into())]);
        answers.access = Access::Person { pk: "7".into(), username: "joe".into() };
        let (options, _) = back(&answers, &Connection { demo: true, ..Connection::default() });
        assert_eq!(options.access, [AccessOption::User("joe".into())]);
    }

    #[test]
    fn a_secret_in_an_argument_is_refused() {
        let options = AnswerOptions { set: vec![("key".into(), "canary".into())], ..AnswerOptions::default() };
        let error = options.answers(&template(), &Inputs::REAL).unwrap_err();
        assert_eq!(error.kind, Kind::Usage);
        assert!(!format!("{error:?}").contains("canary"));
    }
}
