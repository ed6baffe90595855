//! What the page shows, made once from the outcome and the template: tabs of items.

use std::collections::BTreeMap;

use super::item::{Body, Heading, Item};
use crate::catalog::render::{self, Engine, Rendered, RenderedEntry, ViewKind};
use crate::catalog::template::{EntryKind, Format, Level, Merge, Template};
use crate::catalog::value::Scope;
use crate::setup::outcome::Outcome;
use crate::ui::steps::review::text::level;
use crate::ui::theme::Role;

/// The title of the tab that checks.
pub(super) const CHECK: &str = "Check";

/// One tab.
#[derive(Debug)]
pub(in crate::ui::steps) struct Tab {
    pub(in crate::ui::steps) title: String,
    pub(in crate::ui::steps) items: Vec<Item>,
    /// What `C` copies and `w` writes: one form, file or command each.
    pub(in crate::ui::steps) wholes: Vec<Whole>,
    /// How many items at the beginning change while they are shown: the checks.
    pub(super) live: usize,
    /// How many items follow those.
    pub(super) rest: usize,
}

/// A form, file or command as one text.
#[derive(Debug, Clone)]
pub(in crate::ui::steps) struct Whole {
    /// What it is, for messages.
    pub(in crate::ui::steps) title: String,
    pub(in crate::ui::steps) text: Rendered,
    /// Where it is written unless somebody says otherwise.
    pub(in crate::ui::steps) file: String,
}

impl Tab {
    fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), items: Vec::new(), wholes: Vec::new(), live: 0, rest: 0 }
    }

    /// The text that the item belongs to; for what stands between two, the one that follows, else the last.
    pub(in crate::ui::steps) fn whole(&self, item: usize) -> Option<&Whole> {
        let following = self.items.iter().skip(item).find_map(|item| item.whole);
        following.and_then(|index| self.wholes.get(index)).or(self.wholes.last())
    }
}

/// All tabs, in order.
pub(in crate::ui::steps) fn tabs(template: &Template, outcome: &Outcome) -> Vec<Tab> {
    let engine = Engine::new();
    let ways = render::ways(&engine, template, &outcome.scope).unwrap_or_default();
    let mut ways: Vec<(Option<&str>, &str)> = ways.into_iter().map(|way| (Some(way.id.as_str()), way.label.as_str())).collect();
    if ways.is_empty() {
        let title = if outcome.source.is_some() { "What to do" } else { "Settings" };
        ways.push((None, title));
    }
    let mut tabs = Vec::new();
    let mut alternatives = BTreeMap::new();
    for (way, title) in ways {
        let mut tab = Tab::new(title);
        tab.items.extend(outcome.notices.iter().map(|notice| warning(notice.level, &notice.text)));
        match render::in_order(&engine, template, &outcome.scope, way) {
            Ok(items) => fill(&mut tab, items, outcome, &mut alternatives),
            Err(error) => tab.items.push(Item::say("", Role::Error, format!("The settings could not be written out. {error}"))),
        }
        tabs.push(tab);
    }
    if template.entry.iter().any(|entry| entry.register) {
        tabs.push(registration(template, &outcome.scope));
    }
    tabs.extend(alternatives.into_values());
    tabs.push(check(&engine, template, outcome));
    tabs.push(in_authentik(outcome));
    tabs
}

/// What is filled in at a login source's service before anything is made.
pub(in crate::ui::steps) fn registration(template: &Template, scope: &Scope) -> Tab {
    let mut tab = Tab::new("Registration");
    let outcome = Outcome {
        template: template.id.clone(),
        receipt: None,
        parts: Vec::new(),
        source: None,
        scope: scope.clone(),
        notices: Vec::new(),
    };
    match render::to_register(&Engine::new(), template, scope) {
        // The values as JSON are of no use in a form of somebody else's.
        Ok(items) => fill(&mut tab, items, &outcome, &mut BTreeMap::new()),
        Err(error) => tab.items.push(Item::say("", Role::Error, format!("The steps could not be written out. {error}"))),
    }
    tab
}

/// Puts one way's list in place: what may lock people out first, then what to do and enter, then what is good to know.
fn fill(tab: &mut Tab, items: Vec<render::Item>, outcome: &Outcome, alternatives: &mut BTreeMap<usize, Tab>) {
    let mut good_to_know = Vec::new();
    let mut number = 0;
    for item in items {
        match item {
            render::Item::Warning(said) if said.level == Level::Danger => tab.items.push(warning(said.level, &said.text)),
            render::Item::Warning(said) => good_to_know.push(warning(said.level, &said.text)),
            render::Item::Step(step) => {
                number += 1;
                let mut item = Item::say(format!("{number}. "), Role::Text, step.text);
                if let Body::Say { command, asks, .. } = &mut item.body {
                    *command = step.command;
                    *asks = step.asks;
                }
                tab.items.push(item);
            }
            render::Item::Entry(entry) => {
                number += 1;
                add_alternatives(alternatives, &entry, outcome);
                add_entry(tab, *entry, number, outcome);
            }
        }
    }
    if let Some(shown_on) = outcome.source.as_ref().and_then(|source| source.shown_on.as_deref()) {
        tab.items.insert(0, Item::say("", Role::Ok, format!("The login page shows it now (stage \"{shown_on}\").")));
    }
    tab.items.append(&mut good_to_know);
}

fn warning(of: Level, text: &str) -> Item {
    let (word, role) = level(of);
    Item::say(format!("{word}: "), role, text)
}

fn add_entry(tab: &mut Tab, entry: RenderedEntry, number: usize, outcome: &Outcome) {
    let title = entry.title.clone().unwrap_or_else(|| kind_name(entry.kind).to_owned());
    let heading = Heading { title: format!("{number}. {title}"), place: entry.place.clone(), notes: notes(&entry) };
    let own = entry.text().cloned();
    let whole = own.as_ref().map(|text| {
        tab.wholes.push(Whole { title: title.clone(), text: text.clone(), file: file_name(&entry, outcome) });
        tab.wholes.len() - 1
    });
    let mut bodies: Vec<Body> = match (entry.kind, own) {
        (EntryKind::Form | EntryKind::Env, _) if !entry.fields.is_empty() => entry.fields.into_iter().map(Body::Field).collect(),
        (_, Some(text)) => vec![Body::Whole(text)],
        (_, None) => Vec::new(),
    };
    if let Some(again) = entry.again {
        bodies.push(Body::Say {
            lead: String::new(),
            role: Role::Text,
            text: "If it exists already:".into(),
            command: None,
            asks: None,
        });
        bodies.push(Body::Whole(again));
    }
    for (index, body) in bodies.into_iter().enumerate() {
        tab.items.push(Item { heading: (index == 0).then(|| heading.clone()), body, whole });
    }
}

/// The other forms of the same values, one tab for each form.
fn add_alternatives(alternatives: &mut BTreeMap<usize, Tab>, entry: &RenderedEntry, outcome: &Outcome) {
    let kinds =
        [(ViewKind::Compose, "Compose", "yaml"), (ViewKind::DockerRun, "docker run", "sh"), (ViewKind::Json, "JSON", "json")];
    for (place, (kind, title, extension)) in kinds.into_iter().enumerate() {
        let Some(text) = entry.view(kind) else { continue };
        let tab = alternatives.entry(place).or_insert_with(|| Tab::new(title));
        let file = format!("{}-{}.{extension}", slug(outcome), entry.id);
        let heading = entry.title.clone().unwrap_or_else(|| entry.place.clone());
        // The same entry in two ways is one text.
        if tab.wholes.iter().any(|whole| whole.file == file) {
            continue;
        }
        tab.wholes.push(Whole { title: format!("{heading} as {title}"), text: text.clone(), file });
        tab.items.push(Item {
            heading: Some(Heading { title: heading, place: String::new(), notes: Vec::new() }),
            body: Body::Whole(text.clone()),
            whole: Some(tab.wholes.len() - 1),
        });
    }
}

const fn kind_name(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Form => "Form",
        EntryKind::Env => "Environment",
        EntryKind::File => "File",
        EntryKind::Command => "Command",
        EntryKind::Api => "API call",
    }
}

/// For whom, in which file, where to run it.
fn notes(entry: &RenderedEntry) -> Vec<String> {
    let mut notes: Vec<String> = entry.optional.iter().map(|optional| format!("Optional: {optional}")).collect();
    if let Some(file) = &entry.file {
        let how = match (file.new, entry.merge) {
            (true, _) => "a new file",
            (false, Merge::Whole) => "the whole file",
            (false, Merge::Deep) => "joins what is there",
            (false, Merge::Append) => "at the end of the file",
            (false, Merge::Inside) => "inside the named block",
        };
        let mode = file.mode.as_deref().map_or_else(String::new, |mode| format!(", mode {mode}"));
        notes.push(format!("File {}, {how}{mode}", file.path));
    }
    if let Some(run) = &entry.run {
        let user = run.user.as_deref().map_or_else(String::new, |user| format!(", as {user}"));
        let container = run.container.as_deref().map_or_else(String::new, |container| format!(", in the container {container}"));
        let again = if run.repeatable { "; can be run again" } else { "" };
        notes.push(format!("Run it on {}{user}{container}{again}", run.on));
    }
    notes
}

fn slug(outcome: &Outcome) -> &str {
    match (outcome.parts.first(), &outcome.source) {
        (Some(part), _) => &part.slug,
        (None, Some(source)) => &source.slug,
        (None, None) => &outcome.template,
    }
}

/// A name in the folder that akwiz was started in, never the application's own path.
fn file_name(entry: &RenderedEntry, outcome: &Outcome) -> String {
    let own = entry.file.as_ref().and_then(|file| file.path.rsplit(['/', '\\']).next()).filter(|name| !name.is_empty());
    if let Some(own) = own {
        return own.to_owned();
    }
    let extension = match entry.format {
        Format::EnvCompose | Format::EnvDocker | Format::EnvShell | Format::EnvSystemd => "env",
        Format::Shell => "sh",
        Format::Powershell => "ps1",
        Format::Json => "json",
        Format::Yaml => "yaml",
        Format::Toml => "toml",
        Format::Ini => "ini",
        Format::Xml => "xml",
        Format::Html => "html",
        Format::Sql => "sql",
        Format::Php => "php",
        Format::Python => "py",
        Format::Ruby => "rb",
        Format::Javascript => "js",
        Format::Elixir => "exs",
        Format::Properties => "properties",
        Format::Apache | Format::Nginx | Format::Dovecot => "conf",
        Format::Plain => "txt",
    };
    format!("{}-{}.{extension}", slug(outcome), entry.id)
}

/// How to see that it works, and what people see when it does not. What the checks find comes before.
fn check(engine: &Engine, template: &Template, outcome: &Outcome) -> Tab {
    let plain = |text| engine.plain(text, &outcome.scope).unwrap_or_default();
    let mut tab = Tab::new(CHECK);
    if let Some(verify) = &template.verify {
        let heading = Heading { title: "To see it for yourself".into(), place: String::new(), notes: Vec::new() };
        tab.items.push(Item { heading: Some(heading), ..Item::say("", Role::Text, plain(&verify.text)) });
        for (index, symptom) in verify.symptoms.iter().enumerate() {
            let heading = Heading { title: "If it does not work".into(), place: String::new(), notes: Vec::new() };
            let text = format!("\"{}\"\n{}. {}", symptom.says, symptom.means.trim_end_matches('.'), plain(&symptom.fix));
            let item = Item::say("- ", Role::Text, text);
            tab.items.push(Item { heading: (index == 0).then_some(heading), ..item });
        }
    }
    let needed = template.require.iter().filter(|need| engine.wanted(need.when.as_ref(), &outcome.scope).unwrap_or(false));
    for (index, need) in needed.enumerate() {
        let heading = Heading { title: "What it needs".into(), place: String::new(), notes: Vec::new() };
        let item = Item::say("- ", Role::Text, plain(&need.text));
        tab.items.push(Item { heading: (index == 0).then_some(heading), ..item });
    }
    tab.rest = tab.items.len();
    tab
}

/// What was made, where it is, every address, and where the record is kept.
fn in_authentik(outcome: &Outcome) -> Tab {
    let mut tab = Tab::new("In authentik");
    for part in &outcome.parts {
        let base = &part.endpoints.base;
        let rows = [
            ("Application", format!("{base}/if/admin/#/core/applications/{}", part.slug)),
            ("Provider", format!("{base}/if/admin/#/core/providers/{}", part.provider)),
            ("Client ID", part.client_id.clone()),
            ("Issuer", part.endpoints.issuer.clone()),
            ("Discovery", part.endpoints.discovery.clone()),
            ("Authorize", part.endpoints.authorize.clone()),
            ("Token", part.endpoints.token.clone()),
            ("Userinfo", part.endpoints.userinfo.clone()),
            ("JWKS", part.endpoints.jwks.clone()),
            ("End session", part.endpoints.end_session.clone()),
            ("Revoke", part.endpoints.revoke.clone()),
            ("Introspect", part.endpoints.introspect.clone()),
            ("Device", part.endpoints.device.clone()),
        ];
        let first = tab.items.len();
        tab.items.extend(rows.into_iter().map(|(label, value)| Item::value(label, Rendered::from_text(value))));
        if let Some(secret) = &part.client_secret {
            let mut rendered = Rendered::default();
            rendered.push_secret(secret.clone());
            tab.items.insert(first + 3, Item::value("Client secret", rendered));
        }
        tab.items[first].heading = Some(Heading { title: part.name.clone(), place: String::new(), notes: Vec::new() });
    }
    if let Some(source) = &outcome.source {
        let base = outcome.scope.get("authentik_url").and_then(|url| url.as_text()).unwrap_or_default();
        let url = format!("{base}/if/admin/#/core/sources/{}", source.slug);
        tab.items.push(Item::value("Login source", Rendered::from_text(url)));
    }
    if !outcome.parts.is_empty() {
        // Many templates advise it, and the page for it is not easy to find.
        let bindings = "To let in some people only: open the application, its tab Policy / Group / User Bindings, and bind a group. \
                        Without any binding everybody who can sign in to authentik may open it.";
        tab.items.push(Item::say("", Role::Muted, bindings));
    }
    let record = match &outcome.receipt {
        Some(receipt) => format!(
            "What was done is recorded in the receipt {receipt}. Take it back with u, or later with: akwiz undo {receipt}"
        ),
        None => "Nothing had to be changed, so there is no receipt.".to_owned(),
    };
    tab.items.push(Item::say("", Role::Muted, record));
    tab
}
