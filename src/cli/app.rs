//! `akwiz app`.

use std::fmt::Write as _;

use clap::Args;
use clap_complete::ArgValueCompleter;
use serde::Serialize;

use super::completions;
use super::document::{NoticeDocument, VERSION, word};
use super::example::Examples;
use super::global::GlobalOptions;
use super::output::Output;
use super::session;
use crate::catalog::render::Engine;
use crate::catalog::template::{
    Entry, EntryKind, Evidence, Kind, Part, Phase, Question, QuestionKind, RequirementKind, Template,
};
use crate::catalog::text::{Scalar, Switch};
use crate::error::Result;
use crate::setup::answers::Answers;
use crate::setup::mint::Minted;
use crate::setup::question::{Resolved, resolve};

/// What `app` is told.
#[derive(Debug, Clone, Default, Args)]
#[command(after_help = "Examples:
  akwiz app portainer
  akwiz plan portainer --set=app=https://portainer.example.com")]
pub struct AppOptions {
    /// The application, as `akwiz apps` lists it
    #[arg(add = ArgValueCompleter::new(completions::templates))]
    pub id: String,
}

/// A template: what it asks, creates and shows, and how it was checked.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "app"))]
pub(super) struct AppDocument {
    /// The template's id.
    id: String,
    /// The application's name.
    name: String,
    /// `application`, or `source` for a login source.
    kind: Kind,
    /// What sort of application it is.
    category: String,
    /// Its home page.
    homepage: String,
    /// What it is: one line.
    summary: String,
    /// Other names of it.
    aliases: Vec<String>,
    /// What the template was checked against.
    checked: Vec<CheckedDocument>,
    /// What must be there beforehand.
    requires: Vec<RequirementDocument>,
    /// What it asks, in order.
    asks: Vec<QuestionDocument>,
    /// What it creates: one for each provider and application. None for a login source.
    creates: Vec<PartDocument>,
    /// The groups that mean something to it.
    groups: Vec<GroupDocument>,
    /// The ways of setting it up (`--way`), where there are several.
    ways: Vec<WayDocument>,
    /// What it shows afterwards.
    shows: Vec<EntryDocument>,
    /// What to know.
    warnings: Vec<NoticeDocument>,
}

/// What a template was checked against.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "checked"))]
struct CheckedDocument {
    /// The guide, the application's manual or source, or a running server.
    against: Evidence,
    /// The version.
    version: String,
    /// Where in it.
    place: Option<String>,
}

/// What must be there beforehand. Texts hold names in braces where answers go.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "requirement"))]
struct RequirementDocument {
    /// What sort of thing.
    kind: RequirementKind,
    /// A sentence.
    text: String,
    /// The lowest version, where it is about one.
    min: Option<String>,
    /// Wanted only while this holds.
    when: Option<String>,
}

/// One question.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "question"))]
struct QuestionDocument {
    /// Its id.
    id: String,
    /// What is asked.
    label: String,
    /// What sort of answer it takes.
    kind: QuestionKind,
    /// The option that answers it.
    option: String,
    /// What it means.
    help: Option<String>,
    /// What an answer looks like.
    example: Option<String>,
    /// What holds when nothing is said; it can have names in braces where other answers go.
    default: Option<String>,
    /// It needs an answer: there is no default, and it may not stay empty.
    needed: bool,
    /// The answer is known only after the application was set up; run `akwiz update` with it then.
    late: bool,
    /// It cannot be changed later.
    permanent: bool,
    /// Asked only while this holds.
    when: Option<String>,
    /// What can be chosen.
    choices: Vec<ChoiceDocument>,
}

/// One choice.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "choice"))]
struct ChoiceDocument {
    /// What is said in the option.
    value: String,
    /// What people see.
    label: String,
    /// When to choose it.
    why: Option<String>,
}

/// One provider with its application.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "part"))]
struct PartDocument {
    /// What it is for.
    title: String,
    /// Made only while this holds.
    when: Option<String>,
    /// `confidential` or `public`.
    client_type: &'static str,
    /// The built-in scopes.
    scopes: Vec<&'static str>,
    /// The redirect URIs, with names in braces where answers go.
    redirect_uris: Vec<String>,
    /// What `sub` is.
    subject_mode: &'static str,
    /// The scope mappings that are made for it.
    mappings: Vec<String>,
}

/// A group.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "group"))]
struct GroupDocument {
    /// Its name.
    name: String,
    /// What its members become.
    purpose: String,
}

/// A way of setting it up.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "way"))]
struct WayDocument {
    /// Its id, for `--way`.
    id: String,
    /// What it is.
    label: String,
}

/// What is shown afterwards.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "entry"))]
struct EntryDocument {
    /// What it is.
    kind: EntryKind,
    /// Where it goes.
    place: String,
    /// The ways that it belongs to; none means all.
    ways: Vec<String>,
    /// Shown only while this holds.
    when: Option<String>,
}

impl AppDocument {
    fn new(template: &Template) -> Self {
        let engine = Engine::new();
        let resolved = resolve(&engine, template, &Answers::new(template.id.clone()), &Minted::default());
        let asked = |question: &&Question| question.kind != QuestionKind::Constant && question.make.is_none();
        Self {
            id: template.id.clone(),
            name: template.name.clone(),
            kind: template.kind,
            category: template.category.clone(),
            homepage: template.homepage.clone(),
            summary: template.summary.clone(),
            aliases: template.aliases.clone(),
            checked: template
                .checked
                .iter()
                .map(|checked| CheckedDocument {
                    against: checked.against,
                    version: checked.version.clone(),
                    place: checked.place.clone(),
                })
                .collect(),
            requires: template
                .require
                .iter()
                .map(|require| RequirementDocument {
                    kind: require.kind,
                    text: require.text.as_str().to_owned(),
                    min: require.min.clone(),
                    when: require.when.as_ref().map(|when| when.as_str().to_owned()),
                })
                .collect(),
            asks: template.question.iter().filter(asked).map(|question| QuestionDocument::new(question, &resolved)).collect(),
            creates: template.parts().iter().map(PartDocument::new).collect(),
            groups: template
                .group
                .iter()
                .map(|group| GroupDocument { name: group.name.as_str().to_owned(), purpose: group.purpose.clone() })
                .collect(),
            ways: template.way.iter().map(|way| WayDocument { id: way.id.clone(), label: way.label.clone() }).collect(),
            shows: template.entry.iter().map(EntryDocument::new).collect(),
            warnings: template.warning.iter().map(|warning| NoticeDocument::new(warning.level, warning.text.as_str())).collect(),
        }
    }
}

impl QuestionDocument {
    fn new(question: &Question, resolved: &Resolved) -> Self {
        let default = match &question.default {
            None | Some(Scalar::Table(_)) => None,
            Some(Scalar::Bool(on)) => Some(if *on { "yes" } else { "no" }.to_owned()),
            Some(Scalar::Int(number)) => Some(number.to_string()),
            Some(Scalar::Text(text)) => Some(text.as_str().to_owned()),
            Some(Scalar::List(items)) => {
                let texts = items.iter().filter_map(|item| match item {
                    Scalar::Text(text) => Some(text.as_str()),
                    _ => None,
                });
                Some(texts.collect::<Vec<_>>().join(", "))
            }
        };
        let late = question.phase == Phase::Late;
        let empty = matches!(question.optional, Switch::Fixed(false)) && question.kind != QuestionKind::Toggle;
        let state = resolved.get(&question.id);
        Self {
            id: question.id.clone(),
            label: question.label.clone(),
            kind: question.kind,
            option: state.map(|state| super::questions::how_to_answer(question, state)).unwrap_or_default(),
            help: question.help.clone(),
            example: question.example.clone(),
            needed: empty && !late && default.is_none(),
            default,
            late,
            permanent: question.permanent,
            when: question.when.as_ref().map(|when| when.as_str().to_owned()),
            choices: question
                .options
                .iter()
                .map(|choice| ChoiceDocument {
                    value: choice.value().to_owned(),
                    label: choice.label().to_owned(),
                    why: choice.why().map(str::to_owned),
                })
                .collect(),
        }
    }
}

impl PartDocument {
    fn new(part: &Part) -> Self {
        let provider = &part.provider;
        let mapping = |mapping: &crate::catalog::template::Mapping| match &mapping.name {
            Some(name) => name.as_str().to_owned(),
            None => mapping.scope.clone(),
        };
        Self {
            title: part.title.clone(),
            when: part.when.as_ref().map(|when| when.as_str().to_owned()),
            client_type: provider.client_type.as_str(),
            scopes: provider.scopes.iter().map(|scope| scope.scope()).collect(),
            redirect_uris: provider.redirects.iter().map(|redirect| redirect.uri.as_str().to_owned()).collect(),
            subject_mode: provider.sub_mode.value.as_str(),
            mappings: provider.mappings.iter().map(mapping).collect(),
        }
    }
}

impl EntryDocument {
    fn new(entry: &Entry) -> Self {
        Self {
            kind: entry.kind,
            place: entry.place.as_str().to_owned(),
            ways: entry.ways.clone(),
            when: entry.when.as_ref().map(|when| when.as_str().to_owned()),
        }
    }
}

/// Shows a template.
///
/// # Errors
/// When there is none with this id.
pub(super) fn run(global: &GlobalOptions, options: &AppOptions, output: &Output) -> Result<()> {
    let template = session::template(global, &options.id)?;
    let document = AppDocument::new(&template);
    if output.is_json() {
        return output.document("app", VERSION, &document);
    }
    output.result(document.text(&template).trim_end())?;
    output.note(&format!("See what it would do: akwiz plan {}", document.command()));
    Ok(())
}

impl AppDocument {
    /// The least that `plan` and `create` have to be told.
    fn command(&self) -> String {
        let needed = self.asks.iter().filter(|question| question.needed && question.when.is_none());
        let options: Vec<&str> = needed.map(|question| question.option.split(", ").next().unwrap_or_default()).collect();
        format!("{} {}", self.id, options.join(" ")).trim_end().to_owned()
    }

    fn text(&self, template: &Template) -> String {
        let examples = Examples::new(template);
        let shown = |text: &str, when: Option<&String>| with_when(&examples.show(text, when.map(String::as_str), None), when);
        let mut text = format!("{} ({})\n{}\n{}\n", self.name, self.id, self.summary, self.homepage);
        if !self.aliases.is_empty() {
            let _ = writeln!(text, "Also known as: {}", self.aliases.join(", "));
        }
        section(&mut text, "Checked against", self.checked.iter().map(CheckedDocument::line));
        section(&mut text, "Needs", self.requires.iter().map(|require| shown(&require.text, require.when.as_ref())));
        section(&mut text, "Asks", self.asks.iter().flat_map(|question| question.lines(&examples)));
        let parts = template.parts();
        let parts = self.creates.iter().zip(parts);
        section(&mut text, "Creates in authentik, for example", parts.flat_map(|(part, of)| part.lines(of, &examples)));
        if template.source.is_some() {
            section(&mut text, "Creates in authentik", ["A login source".to_owned()]);
        }
        let groups = template.group.iter().map(|group| {
            let when = group.when.as_ref().map(|when| when.as_str().to_owned());
            let name = examples.show(group.name.as_str(), when.as_deref(), group.each.as_deref());
            with_when(&format!("{name}: {}", group.purpose), when.as_ref())
        });
        section(&mut text, "Groups", groups);
        section(&mut text, "Ways", self.ways.iter().map(|way| format!("--way={}: {}", way.id, way.label)));
        section(&mut text, "Shows afterwards", self.shows.iter().map(|entry| entry.line(&examples)));
        section(
            &mut text,
            "To know",
            template.warning.iter().map(|warning| {
                let line = format!("{}: {}", word(warning.level), warning.text.as_str());
                shown(&line, warning.when.as_ref().map(|when| when.as_str().to_owned()).as_ref())
            }),
        );
        text
    }
}

impl CheckedDocument {
    fn line(&self) -> String {
        let against = match self.against {
            Evidence::Guide => "authentik's guide",
            Evidence::Manual => "the application's manual",
            Evidence::Source => "the application's source",
            Evidence::Server => "a running installation",
        };
        let place = self.place.as_ref().map(|place| format!(" ({place})")).unwrap_or_default();
        format!("{against}, {}{place}", self.version)
    }
}

impl QuestionDocument {
    fn lines(&self, examples: &Examples<'_>) -> Vec<String> {
        let mut remarks = Vec::new();
        remarks.extend(self.needed.then(|| "needed".to_owned()));
        remarks.extend(self.default.as_deref().filter(|default| !default.is_empty()).map(|default| {
            let shown = examples.show(default, self.when.as_deref(), None);
            match (shown == default, self.kind) {
                (true, _) => format!("default {default}"),
                (false, QuestionKind::Toggle | QuestionKind::Choice) => "default depends on other answers".to_owned(),
                (false, _) => format!("default from other answers, such as {shown}"),
            }
        }));
        remarks.extend(self.late.then(|| "known only afterwards".to_owned()));
        remarks.extend(self.permanent.then(|| "cannot be changed later".to_owned()));
        let remarks = if remarks.is_empty() { String::new() } else { format!(" ({})", remarks.join("; ")) };
        let mut lines = vec![with_when(&format!("{}{remarks}", self.label), self.when.as_ref()), format!("    {}", self.option)];
        lines.extend(self.help.as_ref().map(|help| format!("    {help}")));
        lines.extend(self.choices.iter().map(|choice| {
            let why = choice.why.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
            let label = if choice.label == choice.value { String::new() } else { format!(" ({})", choice.label) };
            format!("      {}{label}{why}", choice.value)
        }));
        lines
    }
}

impl PartDocument {
    fn lines(&self, part: &Part, examples: &Examples<'_>) -> Vec<String> {
        let mut lines =
            vec![with_when(&format!("{}: application and provider ({})", self.title, self.client_type), self.when.as_ref())];
        lines.extend(self.redirect_uris.iter().zip(&part.provider.redirects).map(|(uri, redirect)| {
            let when = redirect.when.as_ref().map(|when| when.as_str().to_owned());
            let uri = examples.show(uri, when.as_deref(), redirect.each.as_deref());
            let each = redirect.each.as_ref().map_or("", |_| ", and so on");
            with_when(&format!("    redirect URI {uri}{each}"), when.as_ref())
        }));
        lines.push(format!("    scopes {}", self.scopes.join(" ")));
        lines.push(format!("    subject mode {}", self.subject_mode));
        lines.extend(self.mappings.iter().map(|mapping| format!("    scope mapping {mapping}")));
        lines
    }
}

impl EntryDocument {
    fn line(&self, examples: &Examples<'_>) -> String {
        let kind = match self.kind {
            EntryKind::Form => "form",
            EntryKind::Env => "environment variables",
            EntryKind::File => "file",
            EntryKind::Command => "command",
            EntryKind::Api => "API call",
        };
        let ways = if self.ways.is_empty() { String::new() } else { format!(" (--way={})", self.ways.join("|")) };
        let place = examples.show(&self.place, self.when.as_deref(), None);
        with_when(&format!("{kind}: {place}{ways}"), self.when.as_ref())
    }
}

fn with_when(text: &str, when: Option<&String>) -> String {
    when.map_or_else(|| text.to_owned(), |when| format!("{text} [if {when}]"))
}

fn section(text: &mut String, title: &str, lines: impl IntoIterator<Item = String>) {
    let mut lines = lines.into_iter().peekable();
    if lines.peek().is_some() {
        let _ = writeln!(text, "\n{title}:");
    }
    for line in lines {
        let _ = writeln!(text, "  {line}");
    }
}
