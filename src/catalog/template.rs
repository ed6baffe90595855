//! What a template file can say. One file describes one application, or one login source.
//!
//! The order in the file is the order in which a person sees things. Unknown keys are errors. `docs/templates.md` explains the format with
//! an example; `assets/template.schema.json` is generated from these types.

use std::sync::OnceLock;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

pub use super::template_entry::*;
pub use super::template_provider::*;
use super::text::{Expr, Scalar, Switch, Text};

/// The version of the format that this build reads.
pub const FORMAT: u32 = 1;

/// One application or login source.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// The format's version, [`FORMAT`].
    pub schema: u32,
    /// The file's name without `.toml`: lower-case letters, digits, `-` and `.`.
    pub id: String,
    /// An application that signs in with authentik, or a service that authentik lets people sign in with.
    #[serde(default)]
    pub kind: Kind,
    /// The name as its makers write it.
    pub name: String,
    /// What else people search for: `pve`, `k8s`.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// One of authentik's own categories, such as `infrastructure`.
    pub category: String,
    /// The project's page.
    pub homepage: String,
    /// One line: what it is.
    pub summary: String,
    /// Which variant this is, where there are several: `OAuth2 plugin`.
    #[serde(default)]
    pub label: Option<String>,
    /// What the template was confirmed against.
    #[serde(default)]
    pub checked: Vec<Checked>,
    /// For the template's maintainers: each contradiction in the sources, and what was decided.
    #[serde(default)]
    pub notes: Vec<String>,
    /// What to ask, in order.
    #[serde(default)]
    pub question: Vec<Question>,
    /// Values computed from the answers, in order; each sees the ones before it.
    #[serde(default)]
    pub derive: IndexMap<String, Text>,
    /// The application object. With [`Template::provider`] the short form of a single [`Part`].
    #[serde(default)]
    pub application: Option<Application>,
    /// The provider object.
    #[serde(default)]
    pub provider: Option<Provider>,
    /// Several pairs of provider and application for one product.
    #[serde(default)]
    pub part: Vec<Part>,
    /// What the application demands of the server; drives plan and checks.
    #[serde(default)]
    pub needs: Needs,
    /// Groups that carry a role in the application.
    #[serde(default)]
    pub group: Vec<Group>,
    /// Further objects in authentik, in order.
    #[serde(default)]
    pub object: Vec<Object>,
    /// A login source instead of an application.
    #[serde(default)]
    pub source: Option<Source>,
    /// How the application is deployed, where the settings differ by it. Shown as a choice on the settings page.
    #[serde(default)]
    pub way: Vec<Way>,
    /// What to enter on the application's side, in order.
    #[serde(default)]
    pub entry: Vec<Entry>,
    /// What to do besides, each with its place in the order.
    #[serde(default)]
    pub step: Vec<Step>,
    /// What goes wrong when it is not known.
    #[serde(default)]
    pub warning: Vec<Warning>,
    /// What must be there beforehand.
    #[serde(default)]
    pub require: Vec<Requirement>,
    /// How to see that it works.
    #[serde(default)]
    pub verify: Option<Verify>,
    /// Sample answers, for the lint and the snapshots.
    #[serde(default)]
    pub sample: Vec<Sample>,
    /// It comes from the user's own folder. Set by the loader.
    #[serde(skip)]
    pub own: bool,
    #[serde(skip)]
    short: Short,
}

/// The id of the only part of a template in the short form.
pub const MAIN_PART: &str = "main";

/// The part that the short form stands for, made when it is first asked for.
#[derive(Debug, Default)]
struct Short(OnceLock<Vec<Part>>);

/// A copy may be changed, so it has its own.
impl Clone for Short {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Template {
    /// Its pairs of provider and application: the short form counts as one part, [`MAIN_PART`].
    pub fn parts(&self) -> &[Part] {
        let Some(provider) = &self.provider else { return &self.part };
        self.short.0.get_or_init(|| {
            vec![Part {
                id: MAIN_PART.to_owned(),
                when: None,
                title: self.name.clone(),
                application: self.application.clone().unwrap_or_default(),
                provider: provider.clone(),
            }]
        })
    }
}

/// What a template describes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// An application whose users sign in with authentik.
    #[default]
    Application,
    /// A service whose accounts people use to sign in to authentik.
    Source,
}

/// One confirmation of a template.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Checked {
    /// What it was compared with.
    pub against: Evidence,
    /// The version or date of what it was compared with.
    pub version: String,
    /// Where: a file, a page, a recording.
    #[serde(rename = "where", default)]
    pub place: Option<String>,
}

/// What a template was compared with, from weak to strong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// authentik's integration guide.
    Guide,
    /// The application's own manual.
    Manual,
    /// The application's source.
    Source,
    /// A running installation.
    Server,
}

/// Something to ask.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// The name under which texts use the answer.
    pub id: String,
    /// How it is asked and checked.
    pub kind: QuestionKind,
    /// The field's label.
    pub label: String,
    /// One line below the field.
    #[serde(default)]
    pub help: Option<String>,
    /// Shown while the field is empty.
    #[serde(default)]
    pub example: Option<String>,
    /// What holds when nothing is typed; may use other answers.
    #[serde(default)]
    pub default: Option<Scalar>,
    /// May it stay empty. An empty answer is `none` in texts.
    #[serde(default)]
    pub optional: Switch,
    /// Asked only while this holds.
    #[serde(default)]
    pub when: Option<Expr>,
    /// For `address`: what to do with the path of a pasted address.
    #[serde(default)]
    pub path: PathRule,
    /// For `address`: the port of a bare host name, where it is not the scheme's own.
    #[serde(default)]
    pub port: Option<u16>,
    /// For `choice`, and for `list` with fixed members.
    #[serde(default)]
    pub options: Vec<Choice>,
    /// For `list`: the kind of each member.
    #[serde(default)]
    pub item: Option<ItemKind>,
    /// For `text`: an anchored regular expression that the answer must match.
    #[serde(default)]
    pub pattern: Option<String>,
    /// What the pattern demands, as a sentence.
    #[serde(default)]
    pub pattern_help: Option<String>,
    /// For a secret that akwiz makes for the application.
    #[serde(default)]
    pub make: Option<Make>,
    /// When it is asked.
    #[serde(default)]
    pub phase: Phase,
    /// Where the application shows the value, for `before` and `late`.
    #[serde(default)]
    pub read_at: Option<String>,
    /// Cannot be changed once the application uses it: the wizard says so.
    #[serde(default)]
    pub permanent: bool,
}

/// How a question is asked and checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum QuestionKind {
    /// The address of an application. Texts see `.origin .scheme .host .hostport .port .path .base`.
    Address,
    /// A host name.
    Host,
    /// One line of text.
    Text,
    /// One line or block that is never shown unasked.
    Secret,
    /// One of `options`.
    Choice,
    /// On or off.
    Toggle,
    /// Any number of members of kind `item`, or of `options`.
    List,
    /// The name of a group in authentik, new or existing.
    Group,
    /// An e-mail address.
    Email,
    /// A color as `#rrggbb`.
    Color,
    /// A whole number.
    Number,
    /// A certificate in PEM form, pasted or read from a file; also its bare base64 text.
    Certificate,
    /// Not asked: a value that is fixed for everybody.
    Constant,
}

/// The kind of a list's members.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ItemKind {
    /// Addresses.
    Address,
    /// Text.
    Text,
    /// E-mail addresses.
    Email,
    /// Host names.
    Host,
}

/// What to do with the path of a pasted address.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PathRule {
    /// Leave it out: people paste the address of a login page.
    #[default]
    Drop,
    /// It belongs to the address: the application may live below a path.
    Keep,
}

/// One of several answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Choice {
    /// Value and label in one.
    Plain(String),
    /// With a label, a reason, a condition.
    Full(FullChoice),
}

/// One of several answers, explained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FullChoice {
    /// What texts see.
    pub value: String,
    /// What the person sees; the value where it is absent.
    #[serde(default)]
    pub label: Option<String>,
    /// One line: when to choose it.
    #[serde(default)]
    pub why: Option<String>,
    /// Offered only while this holds.
    #[serde(default)]
    pub when: Option<Expr>,
}

impl Choice {
    /// What texts see.
    pub fn value(&self) -> &str {
        match self {
            Self::Plain(value) => value,
            Self::Full(full) => &full.value,
        }
    }

    /// What the person sees.
    pub fn label(&self) -> &str {
        match self {
            Self::Plain(value) => value,
            Self::Full(full) => full.label.as_deref().unwrap_or(&full.value),
        }
    }

    /// When to choose it.
    pub fn why(&self) -> Option<&str> {
        match self {
            Self::Plain(_) => None,
            Self::Full(full) => full.why.as_deref(),
        }
    }

    /// Offered only while this holds.
    pub fn when(&self) -> Option<&Expr> {
        match self {
            Self::Plain(_) => None,
            Self::Full(full) => full.when.as_ref(),
        }
    }
}

/// A secret that akwiz makes.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Make {
    /// Characters, at most 255.
    pub len: u16,
    /// Which characters; letters and digits where it is absent.
    #[serde(default)]
    pub alphabet: Option<String>,
}

/// When a question is asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// With the others.
    #[default]
    First,
    /// With the others, but the value has to be read in the application first.
    Before,
    /// After the settings were entered; the template says what it changes.
    Late,
}

/// A provider with its application, where a product needs several.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// The name under which texts use it: `parts.<id>.client_id`.
    pub id: String,
    /// Made only while this holds.
    #[serde(default)]
    pub when: Option<Expr>,
    /// What it is for.
    pub title: String,
    /// The application object.
    pub application: Application,
    /// The provider object.
    pub provider: Provider,
}

/// The application object in authentik.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Application {
    /// Its name; the template's where it is absent.
    #[serde(default)]
    pub name: Option<Text>,
    /// Its slug, a default only; made from the name where it is absent.
    #[serde(default)]
    pub slug: Option<Text>,
    /// Where its tile leads; the application's address where it is absent.
    #[serde(default)]
    pub launch_url: Option<Text>,
    /// The heading under which its tile stands.
    #[serde(default)]
    pub group: Option<Text>,
    /// No tile for it.
    #[serde(default)]
    pub hidden: bool,
}

/// What the application demands of the server.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Needs {
    /// Whether the issuer must end in a slash.
    #[serde(default)]
    pub issuer_slash: SlashRule,
    /// It wants `email_verified` to be true. authentik has said false of everybody since 2025.10: there, one mapping that says true stands in
    /// for the built-in one, the same for all applications.
    #[serde(default)]
    pub email_verified: Option<VerifiedEmail>,
    /// It reads the claim `groups`: always, or while this holds.
    #[serde(default)]
    pub groups: Switch,
    /// It must be reached by HTTPS.
    #[serde(default)]
    pub https: bool,
    /// It calls authentik from the internet.
    #[serde(default)]
    pub reach: bool,
}

/// A demand for verified e-mail addresses.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct VerifiedEmail {
    /// Wanted only while this holds.
    #[serde(default)]
    pub when: Option<Expr>,
    /// What it does with people whose address is not verified: one sentence without its end, for the review page.
    pub why: String,
}

/// How an application treats the slash at the end of the issuer. authentik's own always has it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SlashRule {
    /// It must be there.
    #[default]
    Required,
    /// It must not be there: the application adds it.
    Forbidden,
    /// The application takes both.
    Either,
    /// The application is given endpoints, not an issuer.
    Unused,
}

/// A group that means something to the application.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// The name under which texts use it: `groups.<id>`.
    pub id: String,
    /// Its name in authentik.
    pub name: Text,
    /// A list question: one group for each member, which the name calls `item`. Texts then see the list of names.
    #[serde(default)]
    pub each: Option<String>,
    /// Make it where it is missing, or only say so.
    #[serde(default)]
    pub mode: GroupMode,
    /// What members become.
    #[serde(rename = "for")]
    pub purpose: String,
    /// Its parent's `id`.
    #[serde(default)]
    pub within: Option<String>,
    /// Whether to bind the application to it.
    #[serde(default)]
    pub bind: bool,
    /// Wanted only while this holds.
    #[serde(default)]
    pub when: Option<Expr>,
}

/// How a group comes to be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum GroupMode {
    /// Made where it does not exist.
    #[default]
    Create,
    /// One that is there already: where it is missing, the plan says so.
    Existing,
}

/// A further object in authentik.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Object {
    /// The name under which others refer to it.
    #[serde(default)]
    pub id: Option<String>,
    /// What it is.
    pub kind: ObjectKind,
    /// Whether akwiz makes it or tells how.
    #[serde(default)]
    pub level: ObjectLevel,
    /// Its fields.
    #[serde(default)]
    pub set: IndexMap<String, Scalar>,
    /// Made after these.
    #[serde(default)]
    pub after: Vec<String>,
    /// Wanted only while this holds.
    #[serde(default)]
    pub when: Option<Expr>,
}

/// What a further object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "authentik's own names of its objects")]
pub enum ObjectKind {
    ServiceAccount,
    Membership,
    Flow,
    Brand,
    SsfProvider,
    ScimProvider,
    Certificate,
    Policy,
    Binding,
    StageBinding,
    SourceMapping,
}

/// Who makes a further object.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ObjectLevel {
    /// akwiz does.
    Do,
    /// The person does, guided by a step.
    #[default]
    Guide,
}

/// A login source: a service whose accounts people use to sign in to authentik.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The kind of source in authentik's API.
    pub api: SourceApi,
    /// The provider type within it, which may differ by server version; oldest first. For kinds without types, only since when they are.
    #[serde(default, rename = "type")]
    pub types: Vec<SourceType>,
    /// The slug, a default only.
    pub slug: Text,
    /// The address to register at the service.
    #[serde(default)]
    pub callback: Option<Text>,
    /// Further fields of the object.
    #[serde(default)]
    pub set: IndexMap<String, Scalar>,
    /// Interactive parts, in order.
    #[serde(default)]
    pub acquire: Vec<Acquire>,
    /// Whether to offer it on the login page.
    #[serde(default)]
    pub login_page: bool,
}

/// The kinds of source in authentik's API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Hash)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "authentik's own names of its source kinds")]
pub enum SourceApi {
    Oauth,
    Plex,
    Saml,
    Scim,
    Telegram,
}

impl SourceApi {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Oauth, Self::Plex, Self::Saml, Self::Scim, Self::Telegram];

    /// Its name in authentik's addresses: `sources/<name>/`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Oauth => "oauth",
            Self::Plex => "plex",
            Self::Saml => "saml",
            Self::Scim => "scim",
            Self::Telegram => "telegram",
        }
    }

    /// What authentik calls such a source.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Oauth => "OAuth source",
            Self::Plex => "Plex source",
            Self::Saml => "SAML source",
            Self::Scim => "SCIM source",
            Self::Telegram => "Telegram source",
        }
    }
}

/// A provider type, by the server version that brought it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SourceType {
    /// From this authentik version on, such as `2025.12`; always where absent. Servers before the first entry lack the source.
    #[serde(default)]
    pub since: Option<String>,
    /// authentik's name for it.
    pub value: String,
}

/// An interactive part of setting up a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Acquire {
    /// Sign in to Plex by PIN.
    PlexPin,
    /// Choose among the account's Plex servers.
    PlexServers,
}

/// Sample answers.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Sample {
    /// What is shown for it.
    #[serde(default)]
    pub title: Option<String>,
    /// Answers by question.
    pub answers: IndexMap<String, Scalar>,
    /// Values that must come out, by name of a derived value or path such as `redirects.0`.
    #[serde(default)]
    pub expect: IndexMap<String, String>,
}
