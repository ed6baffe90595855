//! The settings to enter in the application, as text.

use std::fmt::Write as _;

use secrecy::{ExposeSecret as _, SecretString};

use super::document::word;
use super::output::Output;
use super::settings_document::SettingsDocument;
use crate::catalog::render::{self, Engine, Item, RenderError, Rendered, RenderedEntry, in_order, ways};
use crate::catalog::template::Template;
use crate::catalog::value::Scope;
use crate::error::{Error, Kind, Result};
use crate::setup::answers::Answers;
use crate::setup::mint::Minted;
use crate::setup::planner::registration;
use crate::setup::question::resolve;

/// What stands in place of a secret.
pub(super) const MASK: &str = "(hidden)";

/// Whether the template has this way.
///
/// # Errors
/// When it has not, with those that it has.
pub(super) fn check_way(template: &Template, way: Option<&str>) -> Result<()> {
    let Some(way) = way.filter(|way| template.way.iter().all(|known| known.id != **way)) else { return Ok(()) };
    let known: Vec<String> = template.way.iter().map(|way| format!("{} ({})", way.id, way.label)).collect();
    let error = Error::new(Kind::Usage, format!("{} has no way “{way}”.", template.name));
    Err(if known.is_empty() {
        error.hint("It has only one.")
    } else {
        error.hint(format!("Its ways are: {}.", known.join(", ")))
    })
}

/// What to fill in at a login source's service before its values can be given; empty for everything else.
///
/// # Errors
/// When a text of the template cannot be rendered.
pub(super) fn to_register(engine: &Engine, template: &Template, answers: &Answers, public_url: &str) -> Result<String> {
    let resolved = resolve(engine, template, answers, &Minted::default());
    let scope = registration(engine, template, answers, &resolved, public_url);
    let sheet = Sheet { engine, template, scope: &scope, reveal: false };
    let items = render::to_register(engine, template, &scope).map_err(|error| sheet.unrendered(&error))?;
    let mut text = String::new();
    for item in items {
        sheet.item(&mut text, item, &str::to_owned);
    }
    Ok(text.trim_end().to_owned())
}

/// How to see the secrets of the application `slug`, in the way that was chosen.
pub(super) fn to_show(slug: &str, way: Option<&str>) -> String {
    let way = way.map(|way| format!(" --way={way}")).unwrap_or_default();
    format!("Secrets are hidden. Show them: akwiz settings {slug}{way} --reveal")
}

/// The settings that a scope gives, as text, as a document, or entry by entry.
pub(super) struct Sheet<'a> {
    pub engine: &'a Engine,
    pub template: &'a Template,
    pub scope: &'a Scope,
    /// Secrets too.
    pub reveal: bool,
}

impl Sheet<'_> {
    /// Prints them. True if something is hidden.
    ///
    /// # Errors
    /// When a text of the template cannot be rendered, or the output cannot be written.
    pub(super) fn print(&self, way: Option<&str>, output: &Output) -> Result<bool> {
        let (text, hidden) = self.write(way, &|text| output.prose(text)).map_err(|error| self.unrendered(&error))?;
        output.revealed(&text)?;
        Ok(hidden)
    }

    /// The whole text, for a file.
    ///
    /// # Errors
    /// When a text of the template cannot be rendered.
    pub(super) fn text(&self) -> Result<SecretString> {
        self.write(None, &str::to_owned).map(|(text, _)| text).map_err(|error| self.unrendered(&error))
    }

    /// The same as a document.
    ///
    /// # Errors
    /// When a text of the template cannot be rendered.
    pub(super) fn document(&self, way: Option<&str>) -> Result<SettingsDocument> {
        SettingsDocument::new(self.engine, self.template, self.scope, way, self.reveal).map_err(|error| self.unrendered(&error))
    }

    /// What there is to enter, in order.
    ///
    /// # Errors
    /// As [`Sheet::document`].
    pub(super) fn entries(&self, way: Option<&str>) -> Result<Vec<RenderedEntry>> {
        let items = self.items(way).map_err(|error| self.unrendered(&error))?;
        let entry = |item| match item {
            Item::Entry(entry) => Some(*entry),
            _ => None,
        };
        Ok(items.into_iter().filter_map(entry).collect())
    }

    /// The text, with its secrets if they are wanted.
    pub(super) fn shown(&self, text: &Rendered) -> SecretString {
        if self.reveal { text.reveal() } else { SecretString::from(text.masked_with(MASK)) }
    }

    fn unrendered(&self, error: &RenderError) -> Error {
        Error::new(Kind::Internal, format!("The settings of {} could not be rendered: {error}", self.template.name))
            .hint("What was done on the server is done. Please report this template.")
    }

    fn items(&self, way: Option<&str>) -> Result<Vec<Item>, RenderError> {
        let way = match way {
            Some(way) => Some(way),
            None => ways(self.engine, self.template, self.scope)?.first().map(|way| way.id.as_str()),
        };
        in_order(self.engine, self.template, self.scope, way)
    }

    /// The whole text, and whether something in it is hidden. `prose` lays out what is only read, and is never copied.
    fn write(&self, way: Option<&str>, prose: &dyn Fn(&str) -> String) -> Result<(SecretString, bool), RenderError> {
        let mut text = format!("Settings for {}\n", self.template.name);
        let mut hidden = false;
        for item in self.items(way)? {
            text.push('\n');
            hidden |= self.item(&mut text, item, prose);
        }
        if let Some(verify) = &self.template.verify {
            let verify = self.engine.plain(&verify.text, self.scope)?;
            let _ = write!(text, "\n{}", prose(&format!("To see that it works: {verify}")));
        }
        Ok((SecretString::from(text.trim_end()), hidden))
    }

    /// One thing to know, do or enter. True if something in it is hidden.
    fn item(&self, text: &mut String, item: Item, prose: &dyn Fn(&str) -> String) -> bool {
        match item {
            Item::Warning(warning) => {
                let word = word(warning.level);
                let line = format!("{}{}: {}", word[..1].to_uppercase(), &word[1..], warning.text);
                let _ = writeln!(text, "{}", prose(&line));
                false
            }
            Item::Step(step) => {
                let _ = writeln!(text, "{}", prose(&format!("* {}", step.text)));
                step.command.is_some_and(|command| self.block(text, &command))
            }
            Item::Entry(entry) => self.entry(text, &entry),
        }
    }

    fn entry(&self, text: &mut String, entry: &RenderedEntry) -> bool {
        let title = entry.title.as_ref().map(|title| format!("{title}: ")).unwrap_or_default();
        let _ = writeln!(text, "{title}{}", entry.place);
        if let Some(optional) = &entry.optional {
            let _ = writeln!(text, "  ({optional})");
        }
        if let Some(file) = &entry.file {
            let _ = writeln!(text, "  File {}", file.path);
        }
        entry.text().is_some_and(|own| self.block(text, own))
    }

    /// Adds a text with an indent. True if something in it is hidden.
    fn block(&self, text: &mut String, own: &Rendered) -> bool {
        for line in self.shown(own).expose_secret().lines() {
            let _ = writeln!(text, "  {line}");
        }
        own.has_secret() && !self.reveal
    }
}
