//! Renders an entry: its fields, its whole text in its format, and other forms of the same values.

use std::sync::Arc;

use minijinja::value::Value as EngineValue;

use super::literal::write;
use super::quote::{Refused, quote};
use super::structured::{Step, Tree, wrap};
use super::vault::Vault;
use super::{Engine, RenderError, Rendered};
use crate::catalog::template::{Entry, EntryKind, Field, FieldKind, Format, Inner, Key, Merge};
use crate::catalog::text::Text;
use crate::catalog::value::Scope;

/// An entry, ready to be shown and copied.
#[derive(Debug, Clone)]
pub struct RenderedEntry {
    /// Its id in the template.
    pub id: String,
    /// What it is.
    pub kind: EntryKind,
    /// How its text is written.
    pub format: Format,
    /// The heading, where the place alone does not say it.
    pub title: Option<String>,
    /// Where it goes.
    pub place: String,
    /// Not needed by everybody; says for whom.
    pub optional: Option<String>,
    /// The file that it goes into.
    pub file: Option<RenderedFile>,
    /// Where the command runs.
    pub run: Option<RenderedRun>,
    /// How a fragment joins what is there.
    pub merge: Merge,
    /// The values, in the application's order.
    pub fields: Vec<RenderedField>,
    /// The same as texts to copy or save. The first is the entry's own format.
    pub views: Vec<View>,
    /// A command to use instead when the thing exists already.
    pub again: Option<Rendered>,
}

/// A file to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderedFile {
    /// Its path on the application's host.
    pub path: String,
    /// Its permissions in octal, where they matter.
    pub mode: Option<String>,
    /// A new file, not a fragment of an existing one.
    pub new: bool,
}

/// Where a command runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderedRun {
    /// On which host.
    pub on: String,
    /// As which user.
    pub user: Option<String>,
    /// In which container.
    pub container: Option<String>,
    /// May be run again without harm.
    pub repeatable: bool,
}

/// One value, ready to be shown and copied.
#[derive(Debug, Clone)]
pub struct RenderedField {
    /// The application's own label.
    pub label: String,
    /// How it looks on the application's page.
    pub kind: FieldKind,
    /// What goes in.
    pub content: Content,
    /// One line: why this value.
    pub why: Option<String>,
    /// May be left out; says when.
    pub optional: Option<String>,
}

/// What goes into a field.
#[derive(Debug, Clone)]
pub enum Content {
    /// This text.
    Text(Rendered),
    /// This position of a switch.
    Switch(bool),
    /// Nothing, on purpose.
    Blank,
    /// What is there already.
    Keep,
    /// Something that the person chooses; says what.
    Yours(String),
}

/// A text to copy or save.
#[derive(Debug, Clone)]
pub struct View {
    /// What it is.
    pub kind: ViewKind,
    /// The text.
    pub text: Rendered,
}

/// What a text to copy is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ViewKind {
    /// The entry's own format: `Label: value` lines for a form, else the file, fragment or command.
    Own,
    /// An `environment:` block for Docker Compose.
    Compose,
    /// Arguments of `docker run`.
    DockerRun,
    /// JSON, label to value.
    Json,
}

impl RenderedField {
    /// What copying the field puts on the clipboard: what has to be typed, and nothing for a switch or an empty field.
    pub fn copy(&self) -> Option<&Rendered> {
        match &self.content {
            Content::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl RenderedEntry {
    /// The entry's own text.
    pub fn text(&self) -> Option<&Rendered> {
        self.view(ViewKind::Own)
    }

    /// The text of that kind, if the entry has it.
    pub fn view(&self, kind: ViewKind) -> Option<&Rendered> {
        self.views.iter().find(|view| view.kind == kind).map(|view| &view.text)
    }

    /// Whether anything in it is hidden.
    pub fn has_secret(&self) -> bool {
        let again = self.again.iter();
        self.views.iter().map(|view| &view.text).chain(again).any(Rendered::has_secret)
            || self.fields.iter().filter_map(RenderedField::copy).any(Rendered::has_secret)
    }
}

/// A field with its value as the engine sees it.
struct Draft<'t> {
    field: &'t Field,
    label: String,
    path: Vec<Step>,
    value: Option<EngineValue>,
}

/// Renders `entry`, or gives none while its condition does not hold.
///
/// # Errors
/// When a text in it is broken, uses an unknown name, or its format cannot hold a value. The error names the field.
pub fn render_entry(engine: &Engine, entry: &Entry, scope: &Scope) -> Result<Option<RenderedEntry>, RenderError> {
    if !engine.wanted(entry.when.as_ref(), scope)? {
        return Ok(None);
    }
    let plain = |text: &Text| engine.plain(text, scope);
    let vault = Arc::new(Vault::new(Format::Plain));
    let mut drafts = Vec::new();
    for field in &entry.fields {
        let draft =
            draft(engine, field, scope, &vault).map_err(|error| error.at(format!("field \"{}\"", field.label.as_str())))?;
        drafts.extend(draft);
    }
    let mut fields = Vec::new();
    for draft in &drafts {
        fields.push(shown(draft, entry.format, &vault).map_err(|error| error.at(format!("field \"{}\"", draft.label)))?);
    }
    let under = steps(engine, &entry.under, scope)?;
    let own = match &entry.text {
        Some(text) => {
            let text = engine.text(text, scope, entry.format).map_err(|error| error.at("text"))?;
            Some(wrap(entry.format, &under, text)?)
        }
        None if drafts.is_empty() => None,
        None if entry.kind == EntryKind::Form => Some(lines(&fields)),
        None => Some(structured(entry.format, &under, &drafts, &vault)?),
    };
    let mut views: Vec<View> = own.map(|text| View { kind: ViewKind::Own, text }).into_iter().collect();
    if entry.text.is_none() {
        if entry.kind == EntryKind::Env {
            views.push(View { kind: ViewKind::Compose, text: compose(&drafts, &vault)? });
            views.push(View { kind: ViewKind::DockerRun, text: docker_run(&drafts, &vault)? });
        }
        if !drafts.is_empty() && entry.format != Format::Json {
            views.push(View { kind: ViewKind::Json, text: json(&drafts, &vault)? });
        }
    }
    Ok(Some(RenderedEntry {
        id: entry.id.clone(),
        kind: entry.kind,
        format: entry.format,
        title: entry.title.as_ref().map(plain).transpose()?,
        place: plain(&entry.place)?,
        optional: entry.optional.clone(),
        file: match &entry.file {
            Some(file) => Some(RenderedFile { path: plain(&file.path)?, mode: file.mode.clone(), new: file.new }),
            None => None,
        },
        run: match &entry.run {
            Some(run) => Some(RenderedRun {
                on: run.on.clone(),
                user: run.user.clone(),
                container: run.container.as_ref().map(plain).transpose()?,
                repeatable: run.repeatable,
            }),
            None => None,
        },
        merge: entry.merge,
        fields,
        views,
        again: match &entry.again {
            Some(text) => Some(engine.text(text, scope, entry.format).map_err(|error| error.at("again"))?),
            None => None,
        },
    }))
}

fn steps(engine: &Engine, keys: &[Key], scope: &Scope) -> Result<Vec<Step>, RenderError> {
    keys.iter()
        .map(|key| {
            Ok(match key {
                Key::Index(at) => Step::Index(*at),
                Key::Name(text) => Step::Name(engine.plain(text, scope)?),
            })
        })
        .collect()
}

fn draft<'t>(engine: &Engine, field: &'t Field, scope: &Scope, vault: &Arc<Vault>) -> Result<Option<Draft<'t>>, RenderError> {
    let wanted = engine.wanted(field.when.as_ref(), scope)?;
    let scalar = if wanted { field.value.as_ref() } else { field.otherwise.as_ref() };
    let value = match (scalar, &field.literal) {
        (Some(scalar), _) => {
            let value = engine.lend(scalar, scope, vault)?;
            Some(match field.inner {
                Some(inner) => EngineValue::from(nested(inner, &value, vault)?),
                None => value,
            })
        }
        (None, _) if !wanted => return Ok(None),
        (None, Some(literal)) => Some(EngineValue::from(literal.as_str())),
        (None, None) => None,
    };
    let label = engine.plain(&field.label, scope)?;
    let path = if field.path.is_empty() { vec![Step::Name(label.clone())] } else { steps(engine, &field.path, scope)? };
    Ok(Some(Draft { field, label, path, value }))
}

/// A value as a text of another format.
fn nested(inner: Inner, value: &EngineValue, vault: &Vault) -> Result<String, Refused> {
    match inner {
        Inner::Json => write(Format::Json, value, vault),
        Inner::Python => write(Format::Python, value, vault),
        Inner::Yaml => write(Format::Yaml, value, vault),
        Inner::Oneline => {
            let text = write(Format::Plain, value, vault)?;
            vault.apply(&text, |text| Ok(text.split_whitespace().collect::<Vec<_>>().join(" ")))
        }
    }
}

/// A value as the person types it into a form.
fn typed(value: &EngineValue, format: Format, vault: &Vault) -> Result<String, Refused> {
    use minijinja::value::ValueKind;
    match value.kind() {
        // A file can hold what a form's line cannot.
        ValueKind::Seq | ValueKind::Iterable | ValueKind::Map if format != Format::Plain => write(Format::Json, value, vault),
        _ => write(Format::Plain, value, vault),
    }
}

fn shown(draft: &Draft<'_>, format: Format, vault: &Vault) -> Result<RenderedField, RenderError> {
    let field = draft.field;
    let content = match &draft.value {
        Some(value) if field.kind == FieldKind::Switch => Content::Switch(value.is_true()),
        Some(value) => {
            let text = vault.split(&typed(value, format, vault)?)?;
            if text.is_empty() { Content::Blank } else { Content::Text(text) }
        }
        None if field.keep => Content::Keep,
        None => match &field.yours {
            Some(what) => Content::Yours(what.clone()),
            None => Content::Blank,
        },
    };
    Ok(RenderedField {
        label: draft.label.clone(),
        kind: field.kind,
        content,
        why: field.why.clone(),
        optional: field.optional.clone(),
    })
}

/// `Label: value` lines, for people who type it into a form.
fn lines(fields: &[RenderedField]) -> Rendered {
    let mut out = Rendered::default();
    for field in fields {
        out.push_text(&format!("{}: ", field.label));
        match &field.content {
            Content::Text(text) => out.append(text),
            Content::Switch(on) => out.push_text(if *on { "on" } else { "off" }),
            Content::Blank => out.push_text("(empty)"),
            Content::Keep => out.push_text("(as it is)"),
            Content::Yours(what) => out.push_text(&format!("({what})")),
        }
        out.push_text("\n");
    }
    out
}

/// What a draft's value is in a text: nothing for what is kept, and a stand-in for what the person chooses.
fn written(draft: &Draft<'_>) -> Option<EngineValue> {
    match &draft.value {
        Some(value) => Some(value.clone()),
        None if draft.field.keep => None,
        None => Some(EngineValue::from(draft.field.yours.as_ref().map(|what| format!("<{what}>")).unwrap_or_default())),
    }
}

fn structured(format: Format, under: &[Step], drafts: &[Draft<'_>], vault: &Vault) -> Result<Rendered, RenderError> {
    let mut tree = Tree::default();
    for draft in drafts {
        if let Some(value) = written(draft) {
            let place = |error: RenderError| error.at(format!("field \"{}\"", draft.label));
            let literal = write(format, &value, vault).map_err(|refused| place(refused.into()))?;
            let path: Vec<Step> = under.iter().chain(&draft.path).cloned().collect();
            tree.insert(&path, literal).map_err(|refused| place(refused.into()))?;
        }
    }
    Ok(vault.split(&tree.write(format)?)?)
}

/// Variables with their values as plain text.
fn variables(drafts: &[Draft<'_>], vault: &Vault) -> Result<Vec<(String, String)>, Refused> {
    let mut variables = Vec::new();
    for draft in drafts {
        if let Some(value) = written(draft) {
            variables.push((draft.label.clone(), typed(&value, Format::EnvCompose, vault)?));
        }
    }
    Ok(variables)
}

/// An `environment:` block. Compose replaces `$` in it, and doubling keeps it.
fn compose(drafts: &[Draft<'_>], vault: &Vault) -> Result<Rendered, RenderError> {
    let mut tree = Tree::default();
    for (name, value) in variables(drafts, vault)? {
        let literal = vault.apply(&value, |value| quote(Format::Yaml, &value.replace('$', "$$")))?;
        tree.insert(&[Step::Name("environment".into()), Step::Name(name)], literal)?;
    }
    Ok(vault.split(&tree.write(Format::Yaml)?)?)
}

fn docker_run(drafts: &[Draft<'_>], vault: &Vault) -> Result<Rendered, RenderError> {
    let mut arguments = Vec::new();
    for (name, value) in variables(drafts, vault)? {
        let value =
            vault.apply(&value, |value| if value.is_empty() { Ok(String::new()) } else { quote(Format::Shell, value) })?;
        arguments.push(format!("-e {name}={value}"));
    }
    Ok(vault.split(&(arguments.join(" \\\n") + "\n"))?)
}

fn json(drafts: &[Draft<'_>], vault: &Vault) -> Result<Rendered, RenderError> {
    let mut tree = Tree::default();
    for draft in drafts {
        if let Some(value) = written(draft) {
            let value = if draft.field.kind == FieldKind::Switch { EngineValue::from(value.is_true()) } else { value };
            tree.insert(&[Step::Name(draft.label.clone())], write(Format::Json, &value, vault)?)?;
        }
    }
    Ok(vault.split(&tree.write(Format::Json)?)?)
}

#[cfg(test)]
#[path = "entry_tests.rs"]
mod tests;
