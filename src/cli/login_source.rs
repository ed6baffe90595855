//! Login sources on the server, for the commands that take a slug.

use std::fmt::Write as _;

use indexmap::IndexMap;
use serde::Serialize;

use super::document::VERSION;
use super::output::Output;
use super::remove::{self, RemoveOptions};
use super::session::Session;
use super::similar;
use super::target::Known;
use crate::apply::undo::{Line, Report, Taken, delete_source, source_api, undo_some, users};
use crate::authentik::Client;
use crate::authentik::sources::Source;
use crate::catalog::load::Catalog;
use crate::catalog::template::{SourceApi, Template};
use crate::error::{Error, Kind, Result};
use crate::receipts::Listing;
use crate::setup::facts::{Facts, Found};
use crate::setup::receipt::{EntryState, Receipt, ReceiptEntry, ReceiptObject, SOURCE_PREFIX};
use crate::setup::setting::{Field, SettingValue};
use crate::setup::source::template_of;

/// A login source on the server.
#[derive(Debug)]
pub(super) struct Here {
    /// As the list of all shows it.
    pub listed: Source,
    /// Its kind.
    pub api: SourceApi,
    /// The server, with the source as [`Facts::existing_source`].
    pub facts: Facts,
}

/// The slug that is meant, and whether only a source can have it.
pub(super) fn meant(slug: &str) -> (&str, bool) {
    slug.strip_prefix(SOURCE_PREFIX).map_or((slug, false), |slug| (slug, true))
}

/// Nothing has the slug that was given. `applications` are the slugs of the applications that there are; `only_source` says that a login
/// source was meant. `place` is where it was looked for.
pub(super) async fn missing(client: &Client, slug: &str, only_source: bool, applications: &[&str], place: &str) -> Error {
    // Where they cannot be listed, the applications are still worth a word.
    let sources = client.sources().await.unwrap_or_default();
    let sources: Vec<&str> = sources.iter().map(|source| source.slug.as_str()).collect();
    let what = if only_source { "login source" } else { "application or login source" };
    let error = Error::new(Kind::Usage, format!("There is no {what} “{slug}” {place}, or this token may not see it."));
    let applications = applications.iter().filter(|_| !only_source);
    similar::suggest(error, slug, applications.chain(&sources).copied(), "There are")
}

/// The login source with this slug as the list of all shows it, and its kind, if there is one.
///
/// # Errors
/// When it is of a kind that akwiz does not know, or the server cannot be asked.
pub(super) async fn listed(client: &Client, slug: &str) -> Result<Option<(Source, SourceApi)>> {
    let all = match client.sources().await {
        Ok(all) => all,
        // Then it is not known whether there is one.
        Err(error) if error.is_missing_right() => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let Some(listed) = all.into_iter().find(|source| source.slug.eq_ignore_ascii_case(slug)) else { return Ok(None) };
    match listed.api() {
        Some(api) => Ok(Some((listed, api))),
        None => Err(Error::new(
            Kind::Refused,
            format!("“{}” is a login source of a kind that akwiz does not know: {}.", listed.slug, listed.verbose_name),
        )
        .hint("Look at it in authentik, under Directory > Federation and Social login.")),
    }
}

/// The login source with this slug, if there is one, and the server around it.
///
/// # Errors
/// As [`listed`].
pub(super) async fn look(session: &Session, slug: &str) -> Result<Option<Here>> {
    let Some((listed, api)) = listed(&session.client, slug).await? else { return Ok(None) };
    let facts = session.facts_of_source(api, &listed.slug).await?;
    Ok(Some(Here { listed, api, facts }))
}

impl Here {
    /// The source.
    ///
    /// # Errors
    /// When this token may not see it.
    pub(super) fn found(&self) -> Result<&Found> {
        self.facts.existing_source.as_ref().ok_or_else(|| {
            let error = Error::new(Kind::Refused, format!("This token may not see the login source “{}”.", self.listed.slug));
            self.facts.gaps.iter().fold(error, |error, gap| error.hint(gap.clone()))
        })
    }

    /// The newest receipt about it.
    pub(super) fn receipt<'r>(&self, listing: &'r Listing) -> Option<&'r Receipt> {
        receipt_of(listing, &self.listed, self.api, &self.facts.api_url)
    }

    /// The template that it is of, and how that is known.
    pub(super) fn template<'c>(&self, catalog: &'c Catalog, listing: &Listing) -> Option<(&'c Template, Known)> {
        let receipt = self.receipt(listing);
        if let Some((template, receipt)) = receipt.and_then(|receipt| Some((catalog.get(&receipt.template)?, receipt))) {
            return Some((template, Known::Receipt(receipt.id.clone())));
        }
        let found = self.facts.existing_source.as_ref()?;
        template_of(catalog.iter(), self.api, found).map(|template| (template, Known::Recognized))
    }

    /// The address at which the service sends people back, or to which it writes.
    fn callback(&self) -> Option<String> {
        let (public, slug) = (&self.facts.public_url, &self.listed.slug);
        match self.api {
            SourceApi::Oauth => Some(format!("{public}/source/oauth/callback/{slug}/")),
            SourceApi::Saml => Some(format!("{public}/source/saml/{slug}/acs/")),
            SourceApi::Scim => Some(format!("{public}/source/scim/{slug}/v2")),
            // Their own scripts on the login page do it.
            SourceApi::Plex | SourceApi::Telegram => None,
        }
    }

    /// The identification stages that show it.
    fn shown_on(&self) -> Vec<String> {
        let stages = self.facts.identification_stages.iter();
        stages.filter(|stage| stage.sources.contains(&self.listed.pk)).map(|stage| stage.name.clone()).collect()
    }
}

/// The newest receipt about a source.
pub(super) fn receipt_of<'r>(listing: &'r Listing, source: &Source, api: SourceApi, server: &str) -> Option<&'r Receipt> {
    let is_about = |entry: &ReceiptEntry| {
        let open = !matches!(entry.state, EntryState::Undone | EntryState::Refused { .. });
        open && match &entry.object {
            ReceiptObject::Made { endpoint, pk, .. } => {
                source_api(endpoint) == Some(api) && pk.as_deref() == Some(source.pk.as_str())
            }
            ReceiptObject::Changed { endpoint, pk, .. } => source_api(endpoint) == Some(api) && *pk == source.slug,
            ReceiptObject::Pair { .. } => false,
        }
    };
    let adopted = |receipt: &Receipt| {
        let adopted = receipt.source.as_ref();
        adopted.is_some_and(|known| source_api(&known.endpoint) == Some(api) && known.pk == source.pk)
    };
    let candidates = listing.receipts.iter().filter(|receipt| receipt.server == server && !receipt.template.is_empty());
    candidates.into_iter().find(|receipt| adopted(receipt) || receipt.entries.iter().any(is_about))
}

/// The receipt of the run that made it.
fn made_by<'r>(listing: &'r Listing, here: &Here) -> Option<&'r Receipt> {
    let made = |entry: &ReceiptEntry| match &entry.object {
        ReceiptObject::Made { endpoint, pk, .. } => {
            source_api(endpoint) == Some(here.api)
                && pk.as_deref() == Some(here.listed.pk.as_str())
                && !matches!(entry.state, EntryState::Undone | EntryState::Refused { .. })
        }
        _ => false,
    };
    let mut receipts = listing.receipts.iter();
    receipts.find(|receipt| receipt.server == here.facts.api_url && receipt.entries.iter().any(made))
}

/// One login source on a server.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "show_source"))]
pub(super) struct ShowSourceDocument {
    /// Its slug.
    slug: String,
    /// Its name.
    name: String,
    /// What authentik calls such a source.
    kind: String,
    /// The id of the template that it is of, where that is known.
    template: Option<String>,
    /// `receipt` where akwiz made it, `recognized` where its kind says so.
    known: Option<&'static str>,
    /// The newest receipt about it.
    receipt: Option<String>,
    /// The address to register at the service; null where there is none, or the public address is not known (`--public-url`).
    callback: Option<String>,
    /// The identification stages that show it.
    shown_on: Vec<String>,
    /// Its fields: authentik's own terms, one member a line. Secrets are hidden.
    source: IndexMap<&'static str, Vec<String>>,
    /// What could not be seen, and why: one sentence each.
    gaps: Vec<String>,
}

/// Shows a login source.
///
/// # Errors
/// When this token may not see it.
pub(super) fn show(session: &Session, here: &Here, catalog: &Catalog, listing: &Listing, output: &Output) -> Result<()> {
    let found = here.found()?;
    let template = here.template(catalog, listing);
    let shown = found.settings.iter().filter(|(_, value)| !matches!(value, SettingValue::Null));
    let document = ShowSourceDocument {
        slug: here.listed.slug.clone(),
        name: found.text(Field::Name).unwrap_or(&here.listed.name).to_owned(),
        kind: here.listed.verbose_name.clone(),
        template: template.as_ref().map(|(template, _)| template.id.clone()),
        known: template.as_ref().map(|(_, known)| known.word()),
        receipt: here.receipt(listing).map(|receipt| receipt.id.clone()),
        callback: here.callback().filter(|_| session.knows_public()),
        shown_on: here.shown_on(),
        source: shown.map(|(field, value)| (field.label(), value.lines())).collect(),
        gaps: here.facts.gaps.clone(),
    };
    if output.is_json() {
        return output.document("show-source", VERSION, &document);
    }
    for gap in &document.gaps {
        output.note(&format!("note: {gap}"));
    }
    output.result(document.text().trim_end())?;
    if here.callback().is_some() && document.callback.is_none() {
        output.note(super::show::NO_ADDRESSES);
    }
    if document.template.is_some() {
        output.note(&format!("What to enter at the service: akwiz settings {}", document.slug));
    }
    Ok(())
}

impl ShowSourceDocument {
    fn text(&self) -> String {
        let mut text = format!("{} ({}), a login source\n", self.name, self.slug);
        let template = match (&self.template, &self.receipt) {
            (Some(template), Some(receipt)) => format!("{template}, by the receipt {receipt}"),
            (Some(template), None) => format!("{template}, by its kind"),
            (None, _) => "not known".to_owned(),
        };
        let shown = if self.shown_on.is_empty() { "no".to_owned() } else { self.shown_on.join(", ") };
        let _ = writeln!(text, "  Template: {template}\n  On the login page: {shown}");
        if let Some(callback) = &self.callback {
            let _ = writeln!(text, "  Callback: {callback}");
        }
        super::show::add(&mut text, &self.kind, &self.source);
        text
    }
}

/// Removes a login source: by its receipt, with all that was made for it, or, where akwiz did not make it, the source alone.
///
/// # Errors
/// When it was not confirmed, or something could not be removed.
pub(super) async fn remove(session: &Session, here: &Here, options: &RemoveOptions, output: &Output) -> Result<()> {
    let listing = session.receipts.list()?;
    let (slug, receipt) = (here.listed.slug.as_str(), made_by(&listing, here));
    let what = if receipt.is_some() { "this is taken back" } else { "these are removed" };
    output.before_question(&format!("On {}, {what}:", here.facts.public_url));
    for line in receipt.map_or_else(|| vec![format!("Login source “{}”", here.listed.name)], labels) {
        output.before_question(&format!("  {line}"));
    }
    for line in uses(&session.client, here).await? {
        output.before_question(&format!("  used by {line}"));
    }
    output.before_question("Whoever signs in through it only cannot sign in any more.");
    if receipt.is_none() {
        let why = format!("akwiz did not make “{slug}”, so it cannot be put back, and --yes is not enough.");
        output.confirm_typed(slug, &why, &options.confirm.confirm)?;
    }
    output.confirm(options.confirm.yes)?;
    let report = if let Some(receipt) = receipt {
        undo_some(&session.client, session.receipts.as_ref(), &receipt.id, |_| true).await?
    } else {
        let result = match delete_source(&session.client, here.api, slug, &here.listed.pk).await {
            Ok(()) => Taken::Back,
            Err(error) => Taken::Failed(Error::from(error).message),
        };
        Report { lines: vec![Line { label: format!("Login source “{}”", here.listed.name), result }] }
    };
    remove::tell(slug, receipt, &report, output)
}

fn labels(receipt: &Receipt) -> Vec<String> {
    let open = |entry: &&ReceiptEntry| !matches!(entry.state, EntryState::Undone | EntryState::Refused { .. });
    receipt.entries.iter().rev().filter(open).map(|entry| entry.label.clone()).collect()
}

/// What else uses it, such as the accounts that are linked through it.
async fn uses(client: &Client, here: &Here) -> Result<Vec<String>> {
    let kind = format!("sources/{}", here.api.as_str());
    match users(client, &kind, &here.listed.slug, "").await {
        Err(error) if error.is_missing_right() => Ok(vec!["something, perhaps: this token may not see what".to_owned()]),
        other => Ok(other?),
    }
}
