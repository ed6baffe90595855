//! The settings to enter in the application, as text.

use std::fmt::Write as _;

use secrecy::{ExposeSecret as _, SecretString};

use super::document::word;
use super::output::Output;
use super::settings_document::SettingsDocument;
use crate::catalog::render::{Engine, Item, RenderError, Rendered, RenderedEntry, in_order, ways};
use crate::catalog::template::Template;
use crate::catalog::value::Scope;
use crate::error::{Error, Kind, Result};
use crate::setup::outcome::Outcome;

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

/// Prints the settings of an outcome, secrets only with `reveal`. True if something is hidden.
///
/// # Errors
/// When a text of the template cannot be rendered, or the output cannot be written.
pub(super) fn print(
    engine: &Engine,
    template: &Template,
    outcome: &Outcome,
    way: Option<&str>,
    reveal: bool,
    output: &Output,
) -> Result<bool> {
    let sheet = Sheet { engine, template, scope: &outcome.scope, reveal };
    let (text, hidden) = sheet.write(way).map_err(|error| unrendered(template, &error))?;
    output.revealed(&text)?;
    Ok(hidden)
}

/// The same as a document.
///
/// # Errors
/// When a text of the template cannot be rendered.
pub(super) fn document(
    engine: &Engine,
    template: &Template,
    scope: &Scope,
    way: Option<&str>,
    reveal: bool,
) -> Result<SettingsDocument> {
    SettingsDocument::new(engine, template, scope, way, reveal).map_err(|error| unrendered(template, &error))
}

fn unrendered(template: &Template, error: &RenderError) -> Error {
    Error::new(Kind::Internal, format!("The settings of {} could not be rendered: {error}", template.name))
        .hint("What was done on the server is done. Please report this template.")
}

struct Sheet<'a> {
    engine: &'a Engine,
    template: &'a Template,
    scope: &'a Scope,
    reveal: bool,
}

impl Sheet<'_> {
    /// The whole text, and whether something in it is hidden.
    fn write(&self, way: Option<&str>) -> Result<(SecretString, bool), RenderError> {
        let mut text = format!("Settings for {}\n", self.template.name);
        let mut hidden = false;
        let way = match way {
            Some(way) => Some(way),
            None => ways(self.engine, self.template, self.scope)?.first().map(|way| way.id.as_str()),
        };
        for item in in_order(self.engine, self.template, self.scope, way)? {
            text.push('\n');
            match item {
                Item::Warning(warning) => {
                    let word = word(warning.level);
                    let _ = writeln!(text, "{}{}: {}", word[..1].to_uppercase(), &word[1..], warning.text);
                }
                Item::Step(step) => {
                    let _ = writeln!(text, "* {}", step.text);
                    if let Some(command) = &step.command {
                        hidden |= self.block(&mut text, command);
                    }
                }
                Item::Entry(entry) => hidden |= self.entry(&mut text, &entry),
            }
        }
        if let Some(verify) = &self.template.verify {
            let _ = write!(text, "\nTo see that it works: {}", self.engine.plain(&verify.text, self.scope)?);
        }
        Ok((SecretString::from(text.trim_end()), hidden))
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
        let shown = if self.reveal { own.reveal() } else { SecretString::from(own.masked_with(MASK)) };
        for line in shown.expose_secret().lines() {
            let _ = writeln!(text, "  {line}");
        }
        own.has_secret() && !self.reveal
    }
}
