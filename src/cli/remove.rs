//! `akwiz remove`.

use clap::Args;
use clap_complete::ArgValueCompleter;
use serde::Serialize;

use super::completions;
use super::document::VERSION;
use super::global::GlobalOptions;
use super::login_source;
use super::output::Output;
use super::session::Session;
use super::target::{self, Looked, slug_of};
use super::undo::TakenDocument;
use super::work::ConfirmOptions;
use crate::apply::undo::{Line, Report, Taken, undo_some, users};
use crate::authentik::{ApiError, Client};
use crate::error::{Error, Kind, Result};
use crate::receipts::Listing;
use crate::setup::facts::{Existing, Facts};
use crate::setup::receipt::{EntryState, Receipt, ReceiptEntry, ReceiptObject};
use crate::setup::setting::Field;

/// What `remove` is told.
#[derive(Debug, Clone, Default, Args)]
#[command(after_help = "Examples:
  akwiz remove portainer
  akwiz remove portainer --yes                       akwiz made it
  akwiz remove portainer --yes --confirm=portainer   somebody else did")]
pub struct RemoveOptions {
    /// The slug of the application or login source, as `akwiz list` shows it
    #[arg(add = ArgValueCompleter::new(completions::slugs))]
    pub slug: String,
    /// How it is confirmed. What akwiz did not make needs the slug typed, or said: --confirm=SLUG.
    #[command(flatten)]
    pub confirm: ConfirmOptions,
}

/// What was removed.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "remove"))]
pub(super) struct RemoveDocument {
    /// The application's slug.
    slug: String,
    /// The receipt by which it was removed; null where akwiz did not make it.
    receipt: Option<String>,
    /// Nothing of it is left on the server.
    complete: bool,
    /// What became of each object.
    entries: Vec<TakenDocument>,
}

/// Removes an application with its provider, or a login source, and what akwiz made for it.
///
/// # Errors
/// When there is no such application, it was not confirmed, or something could not be removed.
pub(super) async fn run(global: &GlobalOptions, options: &RemoveOptions, output: &Output) -> Result<()> {
    let session = Session::open_for_api(global).await?;
    let facts = match target::look_at(&session, &options.slug).await? {
        Looked::Application(facts) => *facts,
        Looked::Source(here) => return login_source::remove(&session, &here, options, output).await,
    };
    let existing = &facts.existing[0];
    let slug = slug_of(existing);
    if let Some(why) = &existing.untouchable {
        return Err(Error::new(Kind::Refused, format!("“{slug}” was left as it is. {why}"))
            .hint("Remove it in authentik, under Applications."));
    }
    let listing = session.receipts.list()?;
    let receipt = made_by(&listing, existing, &facts);
    let wanted = |entry: &ReceiptEntry| receipt.is_some_and(|receipt| belongs(receipt, entry, slug));
    let what = if receipt.is_some() { "this is taken back" } else { "these are removed" };
    output.before_question(&format!("On {}, {what}:", facts.public_url));
    for line in receipt.map_or_else(|| objects(existing), |receipt| labels(receipt, wanted)) {
        output.before_question(&format!("  {line}"));
    }
    for line in uses(&session.client, existing).await? {
        output.before_question(&format!("  used by {line}"));
    }
    if receipt.is_none() {
        let why = format!("akwiz did not make “{slug}”, so it cannot be put back, and --yes is not enough.");
        output.confirm_typed(slug, &why, &options.confirm.confirm)?;
    }
    output.confirm(options.confirm.yes)?;
    let report = match receipt {
        Some(receipt) => undo_some(&session.client, session.receipts.as_ref(), &receipt.id, wanted).await?,
        None => delete(&session.client, existing).await,
    };
    let told = tell(slug, receipt, &report, output);
    for (id, made) in made_otherwise(&listing, receipt, slug, &facts) {
        output.note(&format!("Another run for “{slug}” did more, which stays: {made}. Take it back too: akwiz undo {id}"));
    }
    told
}

/// What other runs for the application made besides, such as a group that an update wanted: by receipt.
fn made_otherwise<'r>(
    listing: &'r Listing,
    receipt: Option<&'r Receipt>,
    slug: &'r str,
    facts: &'r Facts,
) -> impl Iterator<Item = (&'r str, String)> {
    let others = listing.receipts.iter().filter(move |other| {
        other.server == facts.api_url && receipt.is_none_or(|own| own.id != other.id) && other.slugs().any(|about| about == slug)
    });
    others.filter_map(|other| {
        let is_made = |entry: &ReceiptEntry| matches!(entry.object, ReceiptObject::Made { .. });
        let made = labels(other, is_made);
        (!made.is_empty()).then(|| (other.id.as_str(), made.join(", ")))
    })
}

/// Tells what became of each object.
///
/// # Errors
/// When something stays.
pub(super) fn tell(slug: &str, receipt: Option<&Receipt>, report: &Report, output: &Output) -> Result<()> {
    if output.is_json() {
        let document = RemoveDocument {
            slug: slug.to_owned(),
            receipt: receipt.map(|receipt| receipt.id.clone()),
            complete: report.is_complete(),
            entries: report.lines.iter().map(|line| TakenDocument::new(line, "removed")).collect(),
        };
        output.document("remove", VERSION, &document)?;
    } else {
        for line in &report.lines {
            output.result(&super::undo::line(line, "removed"))?;
        }
    }
    super::undo::ended(report, "removed", &format!("akwiz remove {slug}"))
}

/// The receipt of the run that made the application, if it is still that one: the client ID tells.
fn made_by<'r>(listing: &'r Listing, existing: &Existing, facts: &Facts) -> Option<&'r Receipt> {
    let wanted = existing.provider.as_ref()?.text(Field::ClientId)?;
    let is_it = |entry: &ReceiptEntry| match &entry.object {
        ReceiptObject::Pair { slug, client_id, .. } => {
            slug == slug_of(existing)
                && client_id == wanted
                && !matches!(entry.state, EntryState::Undone | EntryState::Refused { .. })
        }
        _ => false,
    };
    listing.receipts.iter().find(|receipt| receipt.server == facts.api_url && receipt.entries.iter().any(is_it))
}

/// Whether an entry goes with the application: what was made for several stays while another of them is there.
fn belongs(receipt: &Receipt, entry: &ReceiptEntry, wanted: &str) -> bool {
    let is_other = |entry: &&ReceiptEntry| match &entry.object {
        ReceiptObject::Pair { slug, .. } => {
            slug != wanted && !matches!(entry.state, EntryState::Undone | EntryState::Refused { .. })
        }
        _ => false,
    };
    match &entry.object {
        ReceiptObject::Pair { slug, .. } => slug == wanted,
        _ => !receipt.entries.iter().any(|entry| is_other(&entry)),
    }
}

fn labels(receipt: &Receipt, wanted: impl Fn(&ReceiptEntry) -> bool) -> Vec<String> {
    let open = |entry: &&ReceiptEntry| !matches!(entry.state, EntryState::Undone | EntryState::Refused { .. });
    receipt.entries.iter().rev().filter(open).filter(|entry| wanted(entry)).map(|entry| entry.label.clone()).collect()
}

fn objects(existing: &Existing) -> Vec<String> {
    let name = |found: &crate::setup::facts::Found| found.text(Field::Name).unwrap_or_default().to_owned();
    let mut objects = vec![format!("Application “{}”", name(&existing.application))];
    objects.extend(existing.provider.as_ref().map(|provider| format!("OAuth2/OpenID provider “{}”", name(provider))));
    objects.extend(match existing.bindings.len() {
        0 => None,
        1 => Some("1 binding".to_owned()),
        count => Some(format!("{count} bindings")),
    });
    objects
}

/// What else uses the application or its provider.
async fn uses(client: &Client, existing: &Existing) -> Result<Vec<String>> {
    let readable = |answer: Result<Vec<String>, ApiError>| match answer {
        Err(error) if error.is_missing_right() => Ok(vec!["something, perhaps: this token may not see what".to_owned()]),
        other => other,
    };
    let application = users(client, "core/applications", slug_of(existing), "").await;
    let mut uses = readable(application)?;
    // Bindings were named already.
    uses.retain(|line| !line.starts_with("policybinding"));
    if let Some(provider) = &existing.provider {
        uses.extend(readable(users(client, "providers/oauth2", &provider.pk, &existing.application.pk).await)?);
    }
    Ok(uses)
}

/// Deletes by primary key, and only what still is what was shown.
async fn delete(client: &Client, existing: &Existing) -> Report {
    let mut report = Report { lines: Vec::new() };
    let mut add = |what: &str, result: Result<(), ApiError>| {
        let failed = |error: ApiError| {
            let error = Error::from(error);
            Taken::Failed([error.message].into_iter().chain(error.hints.into_iter().take(1)).collect::<Vec<_>>().join(" "))
        };
        report.lines.push(Line { label: what.to_owned(), result: result.map_or_else(failed, |()| Taken::Back) });
        matches!(report.lines.last(), Some(Line { result: Taken::Back, .. }))
    };
    let gone = add("Application", client.delete_application(slug_of(existing), &existing.application.pk).await);
    // While the application is there, its provider is in use.
    if let (true, Some(provider)) = (gone, &existing.provider) {
        let client_id = provider.text(Field::ClientId).unwrap_or_default();
        let name = provider.text(Field::Name).unwrap_or_default();
        add(&format!("OAuth2/OpenID provider “{name}”"), client.delete_provider(&provider.pk, client_id).await);
    }
    report
}
