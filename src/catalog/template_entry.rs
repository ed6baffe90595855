//! The application's side in the template format: what to enter where, what to do, what to watch for.

use serde::{Deserialize, Serialize};

use super::text::{Expr, Scalar, Text};

/// A way of deploying the application, where the settings differ by it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Way {
    /// The name under which entries refer to it.
    pub id: String,
    /// What the person sees: `Docker`, `Form in the web interface`.
    pub label: String,
    /// Offered only while this holds.
    #[serde(default)]
    pub when: Option<Expr>,
}

/// One thing to enter on the application's side: a form, a file or a fragment of one, a command.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The name under which steps refer to it.
    pub id: String,
    /// The ways it belongs to; all of them where it is absent.
    #[serde(default)]
    pub ways: Vec<String>,
    /// Shown only while this holds.
    #[serde(default)]
    pub when: Option<Expr>,
    /// Not needed by everybody; says for whom.
    #[serde(default)]
    pub optional: Option<String>,
    /// For a login source: it is filled in at the service first, and brings the answers to the questions. The steps before and after it
    /// come along.
    #[serde(default)]
    pub register: bool,
    /// The heading, where the place alone does not say it.
    #[serde(default)]
    pub title: Option<Text>,
    /// Where it goes: a path through menus, a host.
    #[serde(rename = "where")]
    pub place: Text,
    /// What it is.
    pub kind: EntryKind,
    /// How its text is written and its values are quoted.
    #[serde(default)]
    pub format: Format,
    /// For a file: which, and whether it is new.
    #[serde(default)]
    pub file: Option<File>,
    /// For a command: where it runs, and as whom.
    #[serde(default)]
    pub run: Option<Run>,
    /// For a fragment: where in the file it belongs, as a path of keys.
    #[serde(default)]
    pub under: Vec<Key>,
    /// For a fragment: how it joins what is there.
    #[serde(default)]
    pub merge: Merge,
    /// The values, in the application's order.
    #[serde(default)]
    pub fields: Vec<Field>,
    /// The text, where fields cannot say it. Each `{{ … }}` is written as a literal of the format.
    #[serde(default)]
    pub text: Option<Text>,
    /// A command to use instead when the thing exists already.
    #[serde(default)]
    pub again: Option<Text>,
}

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// Fields on a page of the application.
    Form,
    /// Environment variables.
    Env,
    /// A file or a part of one.
    File,
    /// A command to run.
    Command,
    /// A call of the application's API, as a command to run.
    Api,
}

/// How a text is written, and so how values in it are quoted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// As it is: form fields, sentences.
    #[default]
    Plain,
    /// An `.env` file as Docker Compose reads it: quotes understood, `$` escaped.
    EnvCompose,
    /// A file for `docker run --env-file`: no quoting at all.
    EnvDocker,
    /// An environment file that a POSIX shell sources.
    EnvShell,
    /// A systemd `EnvironmentFile=`.
    EnvSystemd,
    /// A POSIX shell command.
    Shell,
    /// A PowerShell command.
    Powershell,
    /// JSON.
    Json,
    /// YAML.
    Yaml,
    /// TOML.
    Toml,
    /// INI as Go's `ini` package reads it (Grafana, Gitea, Forgejo), with `#` and `;` as comments.
    Ini,
    /// Java properties.
    Properties,
    /// PHP source.
    Php,
    /// Python source.
    Python,
    /// Ruby source.
    Ruby,
    /// JavaScript source.
    Javascript,
    /// Elixir source.
    Elixir,
    /// Apache's configuration.
    Apache,
    /// nginx's configuration.
    Nginx,
    /// Dovecot's configuration.
    Dovecot,
    /// XML text and attribute values.
    Xml,
    /// HTML text and attribute values.
    Html,
    /// SQL string literals.
    Sql,
}

/// The file that an entry goes into.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Its path, as on the application's host.
    pub path: Text,
    /// Its permissions in octal, where they matter.
    #[serde(default)]
    pub mode: Option<String>,
    /// A new file, not a fragment of an existing one.
    #[serde(default)]
    pub new: bool,
}

/// Where a command runs.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// On which host: `any one node`.
    pub on: String,
    /// As which user.
    #[serde(default, rename = "as")]
    pub user: Option<String>,
    /// In which container.
    #[serde(default, rename = "in")]
    pub container: Option<Text>,
    /// May be run again without harm.
    #[serde(default)]
    pub repeatable: bool,
}

/// A step on the way to a place in a file: a key, or an item's position (`-1` appends).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Key {
    /// An item's position; `-1` appends.
    Index(i64),
    /// A key, dots and all.
    Name(Text),
}

/// How a fragment joins what is there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Merge {
    /// The text is the whole file.
    Whole,
    /// Keys join those that exist.
    #[default]
    Deep,
    /// Added at the end.
    Append,
    /// Inside the block that `where` names.
    Inside,
}

/// One value on the application's side. Exactly one of `value`, `literal`, `blank`, `keep`, `yours` says what goes in.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// The application's own label, or the variable's or option's name.
    pub label: Text,
    /// For structured formats: the place, as a path of keys; the label where it is absent.
    #[serde(default)]
    pub path: Vec<Key>,
    /// How the field looks to the person.
    #[serde(default, rename = "type")]
    pub kind: FieldKind,
    /// What goes in.
    #[serde(default)]
    pub value: Option<Scalar>,
    /// What goes in, without values: braces are text.
    #[serde(default)]
    pub literal: Option<String>,
    /// Left empty on purpose.
    #[serde(default)]
    pub blank: bool,
    /// Left as it is.
    #[serde(default)]
    pub keep: bool,
    /// For the person to choose; the text says what it is.
    #[serde(default)]
    pub yours: Option<String>,
    /// The value is a text of another format inside this one.
    #[serde(default, rename = "as")]
    pub inner: Option<Inner>,
    /// Shown only while this holds.
    #[serde(default)]
    pub when: Option<Expr>,
    /// What goes in while `when` does not hold, instead of leaving the field out.
    #[serde(default, rename = "else")]
    pub otherwise: Option<Scalar>,
    /// May be left out; says when.
    #[serde(default)]
    pub optional: Option<String>,
    /// One line: why this value.
    #[serde(default)]
    pub why: Option<String>,
}

/// How a field looks on the application's page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// A line of text.
    #[default]
    Text,
    /// A line that holds a secret.
    Secret,
    /// A switch or box; its value is a TOML boolean.
    Switch,
    /// One of the application's own choices.
    Select,
}

/// A text of another format inside a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Inner {
    /// JSON on one line.
    Json,
    /// A Python literal.
    Python,
    /// YAML.
    Yaml,
    /// Lines joined by spaces.
    Oneline,
}

/// Something to do.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// A sentence.
    pub text: Text,
    /// Its place in the order.
    #[serde(default)]
    pub at: Place,
    /// Wanted only while this holds.
    #[serde(default)]
    pub when: Option<Expr>,
    /// A shell command that does it.
    #[serde(default)]
    pub command: Option<Text>,
    /// The late question whose answer this step brings.
    #[serde(default)]
    pub asks: Option<String>,
}

/// A place in the order: `start`, `before:<entry>`, `after:<entry>`, `pass2`, `first-login`, `end`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(with = "String"))]
#[serde(try_from = "String", into = "String")]
pub enum Place {
    /// Before everything.
    Start,
    /// Before the entry of that id.
    Before(String),
    /// After the entry of that id.
    After(String),
    /// Before the second pass.
    SecondPass,
    /// When the first person signs in.
    FirstLogin,
    /// After everything.
    #[default]
    End,
}

impl TryFrom<String> for Place {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Ok(match text.as_str() {
            "start" => Self::Start,
            "pass2" => Self::SecondPass,
            "first-login" => Self::FirstLogin,
            "end" => Self::End,
            other => match other.split_once(':') {
                Some(("before", entry)) => Self::Before(entry.to_owned()),
                Some(("after", entry)) => Self::After(entry.to_owned()),
                _ => {
                    return Err(format!(
                        "unknown place \"{other}\": use start, before:<entry>, after:<entry>, pass2, first-login or end"
                    ));
                }
            },
        })
    }
}

impl From<Place> for String {
    fn from(place: Place) -> Self {
        match place {
            Place::Start => "start".into(),
            Place::Before(entry) => format!("before:{entry}"),
            Place::After(entry) => format!("after:{entry}"),
            Place::SecondPass => "pass2".into(),
            Place::FirstLogin => "first-login".into(),
            Place::End => "end".into(),
        }
    }
}

/// What goes wrong when it is not known.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Warning {
    /// One or two sentences.
    pub text: Text,
    /// How bad it is.
    #[serde(default)]
    pub level: Level,
    /// The ways it belongs to; all of them where it is absent.
    #[serde(default)]
    pub ways: Vec<String>,
    /// Shown only while this holds.
    #[serde(default)]
    pub when: Option<Expr>,
    /// Also shown on the questions page, beside this question.
    #[serde(default)]
    pub question: Option<String>,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Good to know.
    Info,
    /// A login fails, or works otherwise than expected.
    #[default]
    Warning,
    /// People are locked out, or the wrong people let in.
    Danger,
}

/// What must be there beforehand.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// What sort of thing.
    pub kind: RequirementKind,
    /// A sentence.
    pub text: Text,
    /// The lowest version, where it is about one.
    #[serde(default)]
    pub min: Option<String>,
    /// Wanted only while this holds.
    #[serde(default)]
    pub when: Option<Expr>,
}

/// What sort of thing must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RequirementKind {
    /// An edition of the application.
    Edition,
    /// A plugin or extension of the application.
    Plugin,
    /// A version of the application.
    App,
    /// A version of authentik.
    Server,
    /// A license of authentik.
    License,
    /// A network path.
    Network,
    /// HTTPS.
    Https,
    /// An account or a right in the application.
    Access,
}

/// How to see that it works.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Verify {
    /// What to do and what to see.
    pub text: Text,
    /// An address of the application that anybody may read, and that tells whether it offers signing in with authentik.
    #[serde(default)]
    pub page: Option<Text>,
    /// What stands there then, exactly; one of them is enough.
    #[serde(default)]
    pub shows: Vec<Text>,
    /// What people see when it does not.
    #[serde(default)]
    pub symptoms: Vec<Symptom>,
}

/// A message that people see, what it means, and what mends it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Symptom {
    /// What the person sees.
    pub says: String,
    /// What it means.
    pub means: String,
    /// What mends it.
    pub fix: Text,
}
