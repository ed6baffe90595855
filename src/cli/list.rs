//! `akwiz list`.

use std::collections::HashMap;
use std::fmt::Write as _;

use clap::Args;
use futures_util::future::join_all;
use serde::Serialize;

use super::document::VERSION;
use super::global::GlobalOptions;
use super::login_source;
use super::open_to::OpenToDocument;
use super::output::Output;
use super::session::{self, Session};
use super::target::{Known, is_about};
use crate::authentik::applications::Application;
use crate::authentik::bindings::Binding as WireBinding;
use crate::authentik::bodies::{self, Object};
use crate::authentik::providers::Provider;
use crate::authentik::sources::Source;
use crate::authentik::text::clean;
use crate::authentik::{ApiError, Client};
use crate::catalog::load::Catalog;
use crate::catalog::render::Engine;
use crate::catalog::template::MatchingMode;
use crate::error::Result;
use crate::receipts::Listing;
use crate::setup::answers::RedirectUri;
use crate::setup::facts::{Binding, Found, OAUTH2_COMPONENT};
use crate::setup::recognize::{Recognizer, Seen};
use crate::setup::source::template_of;

/// What `list` is told.
#[derive(Debug, Clone, Default, Args)]
#[command(after_help = "Examples:
  akwiz list
  akwiz list --json | jq -r '.applications[].slug'
  akwiz show portainer       more about one")]
pub struct ListOptions {
    /// Only those whose name or slug contains this
    pub query: Option<String>,
}

/// The applications and login sources on a server.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "list"))]
pub(super) struct ListDocument {
    /// The address that browsers and applications use; that of the API where it is not known (`--public-url`).
    server: String,
    /// The applications, by name.
    applications: Vec<RowDocument>,
    /// The login sources, by slug. Empty where they cannot be seen.
    sources: Vec<SourceRowDocument>,
    /// What could not be seen, and why: one sentence each.
    gaps: Vec<String>,
}

/// One application.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "row"))]
struct RowDocument {
    /// Its slug.
    slug: String,
    /// Its name.
    name: String,
    /// Its provider's name; null where it has none.
    provider: Option<String>,
    /// What kind of provider that is: `oauth2`, `proxy`, `saml`, …
    provider_kind: Option<String>,
    /// The id of the template that it is of, where that is known.
    template: Option<String>,
    /// `receipt` where akwiz made or adopted it, `recognized` where name and redirect URI say so.
    known: Option<&'static str>,
    /// Who may open it; null where that cannot be seen.
    open_to: Option<OpenToDocument>,
    /// Where its tile leads.
    launch_url: String,
}

/// One login source.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "source_row"))]
struct SourceRowDocument {
    /// Its slug.
    slug: String,
    /// Its name.
    name: String,
    /// What kind it is: `oauth`, `saml`, `plex`, `ldap`, …
    kind: String,
    /// The id of the template that it is of, where that is known.
    template: Option<String>,
    /// `receipt` where akwiz made it, `recognized` where its kind says so.
    known: Option<&'static str>,
    /// Whether people can sign in through it.
    enabled: bool,
}

/// Lists the applications and the login sources.
///
/// # Errors
/// When the server cannot be asked.
pub(super) async fn run(global: &GlobalOptions, options: &ListOptions, output: &Output) -> Result<()> {
    let catalog = session::catalog(global)?;
    let session = Session::open_for_api(global).await?;
    let client = &session.client;
    let (me, applications, providers, bindings, groups, sources) = futures_util::join!(
        client.me(),
        client.applications(),
        client.providers(),
        client.all_bindings(),
        client.groups(),
        client.sources()
    );
    let mut gaps = Vec::new();
    if !me?.is_superuser {
        gaps.push(
            "authentik lists all applications to superusers only; to others those that they may open themselves.".to_owned(),
        );
    }
    let providers = seen(providers, "OAuth2 providers", &mut gaps)?.unwrap_or_default();
    let bindings = seen(bindings, "Bindings", &mut gaps)?;
    let groups = seen(groups, "Groups", &mut gaps)?.unwrap_or_default();
    let sources = seen(sources, "Login sources", &mut gaps)?.unwrap_or_default();
    let listing = session.receipts.list()?;
    let engine = Engine::new();
    let view = View {
        recognizer: Recognizer::new(&engine, catalog.iter()),
        providers: providers.iter().map(|provider| (provider.fields.pk.as_str(), provider)).collect(),
        bindings: bindings.as_deref(),
        groups: groups.iter().map(|group| (group.pk.as_str(), group.name.as_str())).collect(),
        listing: &listing,
        server: client.base().as_str().trim_end_matches('/'),
    };
    let query = options.query.as_deref().unwrap_or_default().to_lowercase();
    let fits = |texts: [&str; 2]| texts.into_iter().any(|text| text.to_lowercase().contains(&query));
    let applications = applications?;
    let mut wanted: Vec<&Application> =
        applications.iter().filter(|application| fits([&application.fields.name, &application.fields.slug])).collect();
    // The server sorts capitals first.
    wanted.sort_by_key(|application| application.fields.name.to_lowercase());
    // The one that stands for authentik's own accounts has no form.
    let sources = sources.iter().filter(|source| !source.component.is_empty() && fits([&source.name, &source.slug]));
    let sources = join_all(sources.map(|source| source_row(client, &catalog, &listing, view.server, source))).await;
    let document = ListDocument {
        server: session.public.as_str().trim_end_matches('/').to_owned(),
        applications: wanted.into_iter().map(|application| view.row(application)).collect(),
        sources: sources.into_iter().collect::<Result<_>>()?,
        gaps,
    };
    if output.is_json() {
        return output.document("list", VERSION, &document);
    }
    for gap in &document.gaps {
        output.note(&format!("note: {gap}"));
    }
    if document.applications.is_empty() && document.sources.is_empty() {
        output.note(if query.is_empty() {
            "There are no applications yet, or this token may not see them."
        } else {
            "No application fits these words, or this token may not see it."
        });
        return Ok(());
    }
    output.result(document.text().trim_end())?;
    output.note("More about one: akwiz show SLUG. Its settings again: akwiz settings SLUG");
    Ok(())
}

/// A row for a login source. What the list of all kinds does not say, its own endpoint tells; without the right to see it, nothing does.
async fn source_row(
    client: &Client,
    catalog: &Catalog,
    listing: &Listing,
    server: &str,
    source: &Source,
) -> Result<SourceRowDocument> {
    let api = source.api();
    let receipt = api.and_then(|api| login_source::receipt_of(listing, source, api, server));
    let (template, known) = match (receipt, api) {
        (Some(receipt), _) => (Some(receipt.template.clone()), Some("receipt")),
        (None, Some(api)) => {
            let object = match client.source(api, &source.slug).await {
                Err(error) if error.is_missing_right() => None,
                object => object?,
            };
            let found = object.map(|object| Found {
                pk: object.pk.clone(),
                settings: bodies::read(Object::Source(api), &object.raw, object.secret.as_ref(), |_| None),
            });
            let template = found.as_ref().and_then(|found| template_of(catalog.iter(), api, found));
            template.map(|template| (template.id.clone(), "recognized")).unzip()
        }
        (None, None) => (None, None),
    };
    Ok(SourceRowDocument {
        slug: source.slug.clone(),
        name: source.name.clone(),
        kind: kind_name(&source.component),
        template,
        known,
        enabled: source.enabled,
    })
}

/// What was read, or nothing and a sentence when the right to see it is missing.
fn seen<T>(answer: Result<T, ApiError>, what: &str, gaps: &mut Vec<String>) -> Result<Option<T>> {
    match answer {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.is_missing_right() => {
            gaps.push(format!("{what} cannot be seen with this token."));
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

/// What the rows are made from.
struct View<'a> {
    recognizer: Recognizer<'a>,
    providers: HashMap<&'a str, &'a Provider>,
    bindings: Option<&'a [WireBinding]>,
    groups: HashMap<&'a str, &'a str>,
    listing: &'a Listing,
    server: &'a str,
}

impl View<'_> {
    fn row(&self, application: &Application) -> RowDocument {
        let fields = &application.fields;
        let kind = Some(&fields.provider_obj).filter(|_| fields.provider.is_some());
        let provider = fields.provider.as_deref().and_then(|pk| self.providers.get(pk)).copied();
        // Proxy providers are in the same list, and are not ours.
        let own = provider.filter(|_| fields.provider_obj.component == OAUTH2_COMPONENT);
        let (template, known) = self.template(application, own).unzip();
        RowDocument {
            slug: fields.slug.clone(),
            name: fields.name.clone(),
            provider: kind.map(|kind| kind.name.clone()),
            provider_kind: kind.map(|kind| kind_name(&kind.component)),
            template,
            known: known.map(|known| known.word()),
            open_to: self.bindings.map(|all| self.open_to(application, all)),
            launch_url: if fields.meta_launch_url.is_empty() { &fields.launch_url } else { &fields.meta_launch_url }.clone(),
        }
    }

    fn template(&self, application: &Application, provider: Option<&Provider>) -> Option<(String, Known)> {
        let slug = &application.fields.slug;
        let client_id = provider.map(|provider| provider.fields.client_id.as_str());
        let receipt = self.listing.receipts.iter().find(|receipt| is_about(receipt, slug, client_id, self.server));
        if let Some(receipt) = receipt {
            return Some((receipt.template.clone(), Known::Receipt(receipt.id.clone())));
        }
        let redirects = provider?.fields.redirect_uris.iter().filter_map(redirect).collect();
        let seen = Seen { slug: slug.clone(), name: application.fields.name.clone(), redirects };
        let candidate = self.recognizer.surely(&seen)?;
        Some((candidate.template.id.clone(), Known::Recognized))
    }

    fn open_to(&self, application: &Application, all: &[WireBinding]) -> OpenToDocument {
        let own = all.iter().filter(|binding| binding.enabled && binding.target == application.fields.pk);
        let plain: Vec<Binding> = own
            .map(|binding| Binding {
                pk: binding.pk.clone(),
                group: binding.group.clone(),
                user: binding.user.clone(),
                policy: binding.policy.clone(),
                order: binding.order,
            })
            .collect();
        OpenToDocument::new(&plain, |pk| self.groups.get(pk).map(|name| clean(name)))
    }
}

fn redirect(entry: &serde_json::Value) -> Option<RedirectUri> {
    let mode = if entry["matching_mode"] == "regex" { MatchingMode::Regex } else { MatchingMode::Strict };
    Some(RedirectUri { uri: entry["url"].as_str()?.to_owned(), mode })
}

/// `ak-provider-oauth2-form` is `oauth2`, and `ak-source-plex-form` is `plex`.
fn kind_name(component: &str) -> String {
    component.trim_start_matches("ak-provider-").trim_start_matches("ak-source-").trim_end_matches("-form").to_owned()
}

impl ListDocument {
    fn text(&self) -> String {
        let head = ["SLUG", "NAME", "PROVIDER", "TEMPLATE", "OPEN TO"].map(str::to_owned);
        let rows = self.applications.iter().map(|row| {
            [
                row.slug.clone(),
                row.name.clone(),
                row.provider_kind.clone().unwrap_or_else(|| "none".to_owned()),
                row.template.clone().unwrap_or_else(|| "-".to_owned()),
                row.open_to.as_ref().map_or_else(|| "not known".to_owned(), OpenToDocument::words),
            ]
        });
        let applications = table(head, rows.collect());
        let head = ["SLUG", "NAME", "LOGIN SOURCE", "TEMPLATE", "STATE"].map(str::to_owned);
        let rows = self.sources.iter().map(|row| {
            [
                row.slug.clone(),
                row.name.clone(),
                row.kind.clone(),
                row.template.clone().unwrap_or_else(|| "-".to_owned()),
                if row.enabled { "enabled" } else { "disabled" }.to_owned(),
            ]
        });
        let sources = table(head, rows.collect());
        [applications, sources].into_iter().filter(|table| !table.is_empty()).collect::<Vec<_>>().join("\n")
    }
}

/// Rows below their head, in columns; empty without rows.
fn table(head: [String; 5], rows: Vec<[String; 5]>) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let rows: Vec<[String; 5]> = std::iter::once(head).chain(rows).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; 4] = std::array::from_fn(width);
    let mut text = String::new();
    for row in &rows {
        for (cell, width) in row.iter().zip(widths) {
            let _ = write!(text, "{cell:width$}  ");
        }
        let _ = writeln!(text, "{}", row[4]);
    }
    text
}
