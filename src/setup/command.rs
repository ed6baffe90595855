//! The command line that does the same as a set of answers: shown on the review page, for scripts and for the next time.
//!
//! Secrets are not in it: one comes from standard input, further ones from files.

use super::answers::{Access, Answers, GroupChoice, Input, KeyChoice, LoginPage, RedirectUri, Taken};
use crate::catalog::template::{BuiltinScope, ClientType, IssuerMode, MatchingMode, SubjectMode};

/// What is said of the server besides the answers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Connection {
    /// The address of the API.
    pub url: String,
    /// The public address, where it differs.
    pub public_url: Option<String>,
    /// A file with certificates of authorities.
    pub ca_file: Option<String>,
    /// Fingerprints of certificates that were accepted.
    pub fingerprints: Vec<String>,
    /// The stand-in inside the process is used instead of a server.
    pub demo: bool,
}

/// What a redirect URI that is a regular expression starts with, so that it can be told from a strict one.
pub const REGEX_PREFIX: &str = "regex:";

/// The name of the file that a secret is expected in.
pub fn secret_file(question: &str) -> String {
    format!("{question}.secret")
}

/// The name of the file that the Plex token is expected in.
pub const PLEX_TOKEN_FILE: &str = "plex-token.secret";

/// The arguments, the program's name first.
pub fn arguments(answers: &Answers, connection: &Connection) -> Vec<String> {
    let mut line = Line(vec!["akwiz".to_owned(), "create".to_owned(), answers.template.clone()]);
    line.connection(connection);
    line.questions(answers);
    line.options(answers);
    line.access(&answers.access);
    match &answers.taken {
        None => {}
        Some(Taken::Update) => line.flag("--update"),
        Some(Taken::Rename { slug, name }) => line.add("--rename", format!("{slug}={name}")),
    }
    line.source(answers);
    line.0
}

/// The arguments as one line for a POSIX shell.
pub fn quoted(arguments: &[String]) -> String {
    let words: Vec<String> = arguments.iter().map(|word| quote(word)).collect();
    words.join(" ")
}

fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_=./:@%+,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

struct Line(Vec<String>);

impl Line {
    /// An option with its value in one argument, so that a value that starts with a dash is not taken for an option.
    fn add(&mut self, option: &str, value: impl AsRef<str>) {
        self.0.push(format!("{option}={}", value.as_ref()));
    }

    fn add_some<T: AsRef<str>>(&mut self, option: &str, value: Option<T>) {
        if let Some(value) = value {
            self.add(option, value);
        }
    }

    fn flag(&mut self, option: &str) {
        self.0.push(option.to_owned());
    }

    fn connection(&mut self, connection: &Connection) {
        if connection.demo {
            self.flag("--demo");
            return;
        }
        if !connection.url.is_empty() {
            self.add("--url", &connection.url);
        }
        self.add_some("--public-url", connection.public_url.as_ref());
        self.add_some("--ca-file", connection.ca_file.as_ref());
        for fingerprint in &connection.fingerprints {
            self.add("--fingerprint", fingerprint);
        }
    }

    fn questions(&mut self, answers: &Answers) {
        let mut stdin_is_free = true;
        for (question, given) in &answers.given {
            match &given.input {
                Input::Text(text) => self.add("--set", format!("{question}={text}")),
                Input::Toggle(on) => self.add("--set", format!("{question}={}", if *on { "yes" } else { "no" })),
                Input::List(items) if items.is_empty() => self.add("--set", format!("{question}=")),
                Input::List(items) => {
                    for item in items {
                        self.add("--set", format!("{question}={item}"));
                    }
                }
                Input::Secret(_) if std::mem::take(&mut stdin_is_free) => self.add("--secret-stdin", question),
                Input::Secret(_) => self.add("--set-file", format!("{question}={}", secret_file(question))),
            }
        }
    }

    fn options(&mut self, answers: &Answers) {
        let options = &answers.options;
        for (option, value) in [
            ("--name", &options.name),
            ("--slug", &options.slug),
            ("--provider-name", &options.provider_name),
            ("--group", &options.group),
            ("--launch-url", &options.launch_url),
            ("--icon", &options.icon),
            ("--description", &options.description),
            ("--authorization-flow", &options.authorization_flow),
            ("--invalidation-flow", &options.invalidation_flow),
            ("--enrollment-flow", &options.enrollment_flow),
            ("--authentication-flow", &options.authentication_flow),
            ("--code-lifetime", &options.code_lifetime),
            ("--access-lifetime", &options.access_lifetime),
            ("--refresh-lifetime", &options.refresh_lifetime),
        ] {
            self.add_some(option, value.as_ref());
        }
        self.add_some("--subject-mode", options.sub_mode.map(SubjectMode::as_str));
        self.add_some("--issuer-mode", options.issuer_mode.map(IssuerMode::as_str));
        self.add_some("--client-type", options.client_type.map(ClientType::as_str));
        match &options.signing_key {
            None => {}
            Some(KeyChoice::New) => self.add("--signing-key", "new"),
            Some(KeyChoice::Existing(pk)) => self.add("--signing-key", pk),
        }
        if let Some(scopes) = &options.scopes {
            let names: Vec<&str> = scopes.iter().copied().map(BuiltinScope::scope).collect();
            self.add("--scopes", names.join(","));
        }
        for uri in options.redirects.iter().flatten() {
            self.add("--redirect-uri", redirect(uri));
        }
    }

    fn access(&mut self, access: &Access) {
        match access {
            Access::Everyone => {}
            Access::Groups(groups) => {
                for group in groups {
                    self.add(
                        "--access",
                        match group {
                            GroupChoice::Existing { name, .. } => format!("group:{name}"),
                            GroupChoice::New { name } => format!("new-group:{name}"),
                        },
                    );
                }
            }
            Access::Person { username, .. } => self.add("--access", format!("user:{username}")),
        }
    }

    fn source(&mut self, answers: &Answers) {
        if let Some(plex) = &answers.source.plex {
            self.add("--plex-client-id", &plex.client_identifier);
            self.add("--plex-token-file", PLEX_TOKEN_FILE);
            for id in &plex.allowed {
                let name = plex.servers.iter().find(|server| server.id == *id).map(|server| format!("={}", server.name));
                self.add("--plex-server", format!("{id}{}", name.unwrap_or_default()));
            }
        }
        if answers.source.renew_secrets {
            self.0.push("--renew-secrets".to_owned());
        }
        match &answers.source.login_page {
            LoginPage::Default => {}
            LoginPage::Stage(pk) => self.add("--login-page", pk),
            LoginPage::Hidden => self.add("--login-page", "hidden"),
        }
    }
}

fn redirect(uri: &RedirectUri) -> String {
    match uri.mode {
        MatchingMode::Strict => uri.uri.clone(),
        MatchingMode::Regex => format!("{REGEX_PREFIX}{}", uri.uri),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_case_is_short() {
        let mut answers = Answers::new("portainer");
        answers.give("app", Input::Text("https://portainer.example.com".into()));
        answers.give("sso", Input::Toggle(false));
        let connection = Connection { url: "https://auth.example.com".into(), ..Connection::default() };
        assert_eq!(
            quoted(&arguments(&answers, &connection)),
            "akwiz create portainer --url=https://auth.example.com --set=app=https://portainer.example.com --set=sso=no"
        );
    }

    #[test]
    fn a_shell_gives_back_each_word() {
        let words =
            ["a b", "it's", "$HOME `id` \"x\" \\", "", "-x", "ä", "line\nbreak", "a;b&c|d>e", "~", "*", "x=1"].map(str::to_owned);
        assert_eq!(shlex::split(&quoted(&words)).unwrap(), words);
    }

    #[test]
    fn secrets_are_not_in_it() {
        let mut answers = Answers::new("x");
        for question in ["one", "two"] {
            answers.give(question, Input::Secret(secrecy::SecretString::from("canary")));
        }
        let line = quoted(&arguments(&answers, &Connection { demo: true, ..Connection::default() }));
        assert_eq!(line, "akwiz create x --demo --secret-stdin=one --set-file=two=two.secret");
    }
}
