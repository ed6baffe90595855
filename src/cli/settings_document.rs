//! The settings to enter in the application, as a document.

use secrecy::ExposeSecret as _;
use serde::Serialize;

use super::document::word;
use crate::catalog::render::{Content, Engine, Item, RenderError, Rendered, RenderedEntry, RenderedField, in_order, ways};
use crate::catalog::template::{EntryKind, Format, Template};
use crate::catalog::value::Scope;

/// What to know, do and enter on the application's side, in order.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "settings"))]
pub(super) struct SettingsDocument {
    /// Which of the template's ways of setting it up this is (`--way`); null where there is only one.
    way: Option<String>,
    /// Everything, in order.
    items: Vec<ItemDocument>,
    /// How to see that it works.
    verify: Option<String>,
    /// Whether a secret was left out, because `--reveal` was not given.
    pub hidden: bool,
}

/// One thing to know, do or enter.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "item"))]
#[serde(tag = "type", rename_all = "snake_case")]
enum ItemDocument {
    /// Something to know.
    Warning {
        /// `danger`, `warning` or `note`.
        level: &'static str,
        /// One or two sentences.
        text: String,
    },
    /// Something to do.
    Step {
        /// A sentence.
        text: String,
        /// A shell command that does it.
        command: Option<TextDocument>,
    },
    /// Something to enter.
    Entry {
        /// Its id in the template.
        id: String,
        /// What it is.
        kind: EntryKind,
        /// How its text is written.
        format: Format,
        /// The heading, where the place alone does not say it.
        title: Option<String>,
        /// Where it goes.
        place: String,
        /// Not needed by everybody; says for whom.
        optional: Option<String>,
        /// The path of the file that it goes into, on the application's host.
        file: Option<String>,
        /// The values, in the application's order.
        fields: Vec<ValueDocument>,
        /// The same as one text.
        text: Option<TextDocument>,
    },
}

/// One value.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "value"))]
struct ValueDocument {
    /// The application's own label.
    label: String,
    /// `text`, `switch`, `blank` (empty on purpose), `keep` (what is there already) or `yours` (something that the person chooses).
    kind: &'static str,
    /// What goes in: null for a hidden secret, and where nothing goes in.
    value: Option<String>,
    /// Whether it holds a secret.
    secret: bool,
    /// One line: why this value.
    why: Option<String>,
}

/// A text that can hold a secret.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "text"))]
struct TextDocument {
    /// The text, with `(hidden)` in place of each hidden secret.
    text: String,
    /// Whether it holds a secret.
    secret: bool,
}

impl SettingsDocument {
    /// The settings that `scope` gives, secrets only with `reveal`.
    ///
    /// # Errors
    /// When a text of the template cannot be rendered.
    pub(super) fn new(
        engine: &Engine,
        template: &Template,
        scope: &Scope,
        way: Option<&str>,
        reveal: bool,
    ) -> Result<Self, RenderError> {
        let way = match way {
            Some(way) => Some(way),
            None => ways(engine, template, scope)?.first().map(|way| way.id.as_str()),
        };
        let items = in_order(engine, template, scope, way)?;
        let mut writer = Writer { reveal, hidden: false };
        let items = items.into_iter().map(|item| writer.item(item)).collect();
        let verify = template.verify.as_ref().map(|verify| engine.plain(&verify.text, scope)).transpose()?;
        Ok(Self { way: way.map(str::to_owned), items, verify, hidden: writer.hidden })
    }
}

impl SettingsDocument {
    /// Leaves only the entries with these ids, and nothing around them.
    pub(super) fn keep_entries(&mut self, ids: &[String]) {
        self.items.retain(|item| matches!(item, ItemDocument::Entry { id, .. } if ids.contains(id)));
        self.hidden = self.items.iter().any(|item| match item {
            ItemDocument::Entry { fields, text, .. } => {
                fields.iter().any(|field| field.secret && field.value.is_none())
                    || text.as_ref().is_some_and(|text| text.secret && text.text.contains(super::sheet::MASK))
            }
            _ => false,
        });
    }
}

struct Writer {
    reveal: bool,
    hidden: bool,
}

impl Writer {
    fn item(&mut self, item: Item) -> ItemDocument {
        match item {
            Item::Warning(warning) => ItemDocument::Warning { level: word(warning.level), text: warning.text },
            Item::Step(step) => ItemDocument::Step { text: step.text, command: step.command.map(|command| self.text(&command)) },
            Item::Entry(entry) => self.entry(*entry),
        }
    }

    fn entry(&mut self, entry: RenderedEntry) -> ItemDocument {
        let text = entry.text().map(|text| self.text(text));
        ItemDocument::Entry {
            fields: entry.fields.into_iter().map(|field| self.field(field)).collect(),
            text,
            id: entry.id,
            kind: entry.kind,
            format: entry.format,
            title: entry.title,
            place: entry.place,
            optional: entry.optional,
            file: entry.file.map(|file| file.path),
        }
    }

    fn field(&mut self, field: RenderedField) -> ValueDocument {
        let (kind, value, secret) = match field.content {
            Content::Text(text) => ("text", self.whole(&text), text.has_secret()),
            Content::Switch(on) => ("switch", Some(if on { "on" } else { "off" }.to_owned()), false),
            Content::Blank => ("blank", None, false),
            Content::Keep => ("keep", None, false),
            Content::Yours(what) => ("yours", Some(what), false),
        };
        ValueDocument { label: field.label, kind, value, secret, why: field.why }
    }

    /// The text, if it may be seen.
    fn whole(&mut self, text: &Rendered) -> Option<String> {
        if text.has_secret() && !self.reveal {
            self.hidden = true;
            return None;
        }
        Some(text.reveal().expose_secret().to_owned())
    }

    fn text(&mut self, text: &Rendered) -> TextDocument {
        let whole = self.whole(text);
        TextDocument { secret: text.has_secret(), text: whole.unwrap_or_else(|| text.masked_with(super::sheet::MASK)) }
    }
}
