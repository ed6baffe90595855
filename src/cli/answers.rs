//! Answers from options.

use std::path::PathBuf;

use clap::Args;
use clap_complete::ArgValueCompleter;

use super::completions;
use super::objects::{self, ObjectOptions};
use super::questions::{Inputs, QuestionOptions, pair};
use crate::catalog::template::{Acquire, Template};
use crate::error::{Error, Kind, Result};
use crate::setup::answers::{Answers, LoginPage, PlexAccount, PlexServer, SourceAnswers, Taken};

/// What stands above the options of login sources in the help.
const SOURCES: &str = "Login sources";

/// What `create` and `plan` are told.
#[derive(Debug, Clone, Default, Args)]
pub struct AnswerOptions {
    /// The application, as `akwiz apps` lists it
    #[arg(value_name = "ID", add = ArgValueCompleter::new(completions::templates))]
    pub template: String,
    /// The questions.
    #[command(flatten)]
    pub questions: QuestionOptions,
    /// The application's slug
    #[arg(long, help_heading = objects::HEADING)]
    pub slug: Option<String>,
    /// Change the application that has the slug already: add, never remove
    #[arg(long, help_heading = objects::HEADING, conflicts_with = "rename")]
    pub update: bool,
    /// Make a second application under another slug and name
    #[arg(long, help_heading = objects::HEADING, value_name = "SLUG=NAME", value_parser = pair)]
    pub rename: Option<(String, String)>,
    /// What the objects are to be like.
    #[command(flatten)]
    pub objects: ObjectOptions,
    /// The identifier that the Plex token was made for
    #[arg(long, help_heading = SOURCES, value_name = "ID", requires = "plex_token_file")]
    pub plex_client_id: Option<String>,
    /// A file with the token of the Plex account
    #[arg(long, help_heading = SOURCES, value_name = "FILE", requires = "plex_client_id")]
    pub plex_token_file: Option<PathBuf>,
    /// A Plex server whose users may sign in, once for each
    #[arg(long, help_heading = SOURCES, value_name = "ID[=NAME]", requires = "plex_client_id")]
    pub plex_server: Vec<String>,
    /// Where a login source is shown: default, hidden, or an identification stage by name or primary key
    #[arg(long, help_heading = SOURCES, value_name = "WHERE")]
    pub login_page: Option<String>,
}

impl AnswerOptions {
    /// The answers for `template`, but for who may open the application: that takes a look at the server.
    ///
    /// # Errors
    /// When a question does not exist, a secret is in an argument, or a file cannot be read.
    pub(super) fn answers(&self, template: &Template, inputs: &Inputs<'_>) -> Result<Answers> {
        let mut answers = Answers::new(template.id.clone());
        self.questions.answer(template, &mut answers, inputs)?;
        answers.options = self.objects.options();
        answers.options.slug.clone_from(&self.slug);
        answers.taken = match (&self.rename, self.update) {
            (Some((slug, name)), _) => Some(Taken::Rename { slug: slug.clone(), name: name.clone() }),
            (None, true) => Some(Taken::Update),
            (None, false) => None,
        };
        answers.source = self.source(inputs)?;
        let signs_in = template.source.as_ref().is_some_and(|source| source.acquire.contains(&Acquire::PlexPin));
        if signs_in && answers.source.plex.is_none() {
            return Err(Error::new(Kind::Usage, "Nobody has signed in to Plex yet.")
                .hint("Sign in by a code: in the wizard (akwiz), or line by line (akwiz --plain).")
                .hint("Or give the token of an earlier sign-in: --plex-client-id=ID --plex-token-file=FILE --plex-server=ID"));
        }
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
        Ok(SourceAnswers { plex, login_page, renew_secrets: self.objects.renew_secrets })
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use secrecy::ExposeSecret as _;

    use super::*;
    use crate::catalog::load::{self, Catalog};
    use crate::cli::{Cli, Command};
    use std::path::Path;

    use secrecy::SecretString;

    use crate::catalog::template::{BuiltinScope, ClientType, IssuerMode, MatchingMode, SubjectMode};
    use crate::cli::access::AccessOption;
    use crate::setup::answers::{Access, GroupChoice, Input, KeyChoice, Options, RedirectUri};
    use crate::setup::command::{Connection, PLEX_TOKEN_FILE, arguments, quoted, secret_file};

    const ASKED: &str = r#"
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
        load::small(ASKED)
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
        let inputs = Inputs {
            file: &file,
            stdin: &|question| Ok(SecretString::from(format!("canary {question}"))),
            env: &|_| panic!("no variable is named"),
        };
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
        assert_eq!((shape(&parsed), options.objects.access), (shape(&answers), Vec::new()));
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
        assert_eq!(options.objects.access, [AccessOption::Group("the family".into()), AccessOption::NewGroup("a:b".into())]);
        answers.access = Access::Person { pk: "7".into(), username: "joe".into() };
        let (options, _) = back(&answers, &Connection { demo: true, ..Connection::default() });
        assert_eq!(options.objects.access, [AccessOption::User("joe".into())]);
    }

    #[test]
    fn a_secret_in_an_argument_is_refused() {
        let options = QuestionOptions { set: vec![("key".into(), "canary".into())], ..QuestionOptions::default() };
        let error =
            AnswerOptions { questions: options, ..AnswerOptions::default() }.answers(&template(), &Inputs::REAL).unwrap_err();
        assert_eq!(error.kind, Kind::Usage);
        assert!(!format!("{error:?}").contains("canary"));
    }

    #[test]
    fn plex_without_an_account_says_how_to_sign_in() {
        let plex = Catalog::built_in().get("plex").unwrap().clone();
        let error = AnswerOptions::default().answers(&plex, &Inputs::REAL).unwrap_err();
        assert_eq!(error.kind, Kind::Usage);
        assert!(error.hints.iter().any(|hint| hint.contains("--plex-token-file")), "{:?}", error.hints);
    }
}
