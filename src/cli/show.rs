//! `akwiz show`.

use std::fmt::Write as _;

use clap::Args;
use clap_complete::ArgValueCompleter;
use indexmap::IndexMap;
use serde::Serialize;

use super::completions;
use super::document::VERSION;
use super::global::GlobalOptions;
use super::login_source;
use super::open_to::OpenToDocument;
use super::output::Output;
use super::session::{self, Session};
use super::target::{self, Known, Looked, receipt_of, slug_of};
use crate::catalog::render::Engine;
use crate::error::Result;
use crate::setup::endpoints::Endpoints;
use crate::setup::facts::{Facts, Found};
use crate::setup::recall::issuer_mode;
use crate::setup::recognize::{Recognizer, Seen};
use crate::setup::setting::{Field, SettingValue};

/// What `show` is told.
#[derive(Debug, Clone, Default, Args)]
#[command(after_help = "Examples:
  akwiz list                 the slugs
  akwiz show portainer
  akwiz settings portainer   what to enter in it")]
pub struct ShowOptions {
    /// The slug of the application or login source, as `akwiz list` shows it
    #[arg(add = ArgValueCompleter::new(completions::slugs))]
    pub slug: String,
}

/// One application on a server.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "show"))]
pub(super) struct ShowDocument {
    /// Its slug.
    slug: String,
    /// Its name.
    name: String,
    /// The id of the template that it is of, where that is known.
    template: Option<String>,
    /// `receipt` where akwiz made or adopted it, `recognized` where name and redirect URI say so.
    known: Option<&'static str>,
    /// The newest receipt about it.
    receipt: Option<String>,
    /// Why akwiz cannot change its provider, if so.
    untouchable: Option<String>,
    /// Who may open it.
    open_to: OpenToDocument,
    /// Its fields: authentik's own terms, one member a line.
    application: IndexMap<&'static str, Vec<String>>,
    /// The fields of its provider, if that is an OAuth2/OpenID provider. Secrets are hidden.
    provider: Option<IndexMap<&'static str, Vec<String>>>,
    /// The addresses that it is given; null without such a provider, and where the public address is not known (`--public-url`).
    endpoints: Option<EndpointsDocument>,
    /// What could not be seen, and why: one sentence each.
    gaps: Vec<String>,
}

/// authentik's addresses for one application.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "endpoints"))]
pub(super) struct EndpointsDocument {
    /// The issuer.
    issuer: String,
    /// The discovery document.
    discovery: String,
    /// Where browsers go to sign in.
    authorize: String,
    /// Where codes become tokens.
    token: String,
    /// Where claims are read.
    userinfo: String,
    /// The public keys.
    jwks: String,
    /// Where sessions end.
    end_session: String,
}

impl EndpointsDocument {
    pub(super) fn new(endpoints: &Endpoints) -> Self {
        Self {
            issuer: endpoints.issuer.clone(),
            discovery: endpoints.discovery.clone(),
            authorize: endpoints.authorize.clone(),
            token: endpoints.token.clone(),
            userinfo: endpoints.userinfo.clone(),
            jwks: endpoints.jwks.clone(),
            end_session: endpoints.end_session.clone(),
        }
    }
}

/// Said where authentik's own addresses are left out.
pub(super) const NO_ADDRESSES: &str =
    "authentik's addresses for it are shown with --public-url=ADDRESS, the address that browsers use.";

/// Shows an application, or a login source.
///
/// # Errors
/// When there is none with this slug.
pub(super) async fn run(global: &GlobalOptions, options: &ShowOptions, output: &Output) -> Result<()> {
    let catalog = session::catalog(global)?;
    let session = Session::open_for_api(global).await?;
    let listing = session.receipts.list()?;
    let facts = match target::look_at(&session, &options.slug).await? {
        Looked::Application(facts) => *facts,
        Looked::Source(here) => return login_source::show(&session, &here, &catalog, &listing, output),
    };
    let existing = &facts.existing[0];
    let engine = Engine::new();
    let receipt = receipt_of(&listing, existing, &facts.api_url);
    let (template, known) = if let Some(receipt) = receipt {
        (Some(receipt.template.clone()), Some(Known::Receipt(receipt.id.clone())))
    } else {
        let sure = Recognizer::new(&engine, catalog.iter()).surely(&Seen::of(existing));
        sure.map(|candidate| (candidate.template.id.clone(), Known::Recognized)).unzip()
    };
    let document = ShowDocument {
        slug: slug_of(existing).to_owned(),
        name: existing.application.text(Field::Name).unwrap_or_default().to_owned(),
        template,
        known: known.map(|known| known.word()),
        receipt: receipt.map(|receipt| receipt.id.clone()),
        untouchable: existing.untouchable.clone(),
        open_to: OpenToDocument::new(&existing.bindings, |pk| group_name(&facts, pk)),
        application: fields(&existing.application),
        provider: existing.provider.as_ref().map(fields),
        endpoints: existing.provider.as_ref().filter(|_| session.knows_public()).map(|provider| {
            let mode = provider.text(Field::IssuerMode).and_then(issuer_mode).unwrap_or_default();
            EndpointsDocument::new(&Endpoints::new(&facts.public_url, slug_of(existing), mode))
        }),
        gaps: facts.gaps.clone(),
    };
    if output.is_json() {
        return output.document("show", VERSION, &document);
    }
    for gap in &document.gaps {
        output.note(&format!("note: {gap}"));
    }
    output.result(document.text().trim_end())?;
    if document.provider.is_some() && document.endpoints.is_none() {
        output.note(NO_ADDRESSES);
    }
    let slug = &document.slug;
    if document.provider.is_some() {
        output.note(&match &document.template {
            Some(_) => format!("What to enter in the application: akwiz settings {slug}"),
            None => format!("Say which template it is of: akwiz adopt {slug} --template=ID"),
        });
    }
    Ok(())
}

fn group_name(facts: &Facts, pk: &str) -> Option<String> {
    facts.groups.iter().find(|group| group.pk == pk).map(|group| group.name.clone())
}

fn fields(found: &Found) -> IndexMap<&'static str, Vec<String>> {
    let shown = found.settings.iter().filter(|(_, value)| !matches!(value, SettingValue::Null));
    shown.map(|(field, value)| (field.label(), value.lines())).collect()
}

impl ShowDocument {
    fn text(&self) -> String {
        let mut text = format!("{} ({})\n", self.name, self.slug);
        let known = match (&self.template, self.known) {
            (Some(template), Some("receipt")) => {
                format!("{template}, by the receipt {}", self.receipt.as_deref().unwrap_or_default())
            }
            (Some(template), _) => format!("{template}, by its name and redirect URI. Keep that: akwiz adopt {}", self.slug),
            (None, _) => "not known".to_owned(),
        };
        let _ = writeln!(text, "  Template: {known}\n  Open to: {}", self.open_to.words());
        if let Some(why) = &self.untouchable {
            let _ = writeln!(text, "  akwiz cannot change it. {why}");
        }
        add(&mut text, "Application", &self.application);
        if let Some(provider) = &self.provider {
            add(&mut text, "OAuth2/OpenID provider", provider);
        }
        if let Some(endpoints) = &self.endpoints {
            let _ = writeln!(text, "\nIssuer: {}\nDiscovery: {}", endpoints.issuer, endpoints.discovery);
        }
        text
    }
}

/// Adds fields under a title, one a line.
pub(super) fn add(text: &mut String, title: &str, fields: &IndexMap<&'static str, Vec<String>>) {
    let _ = writeln!(text, "\n{title}");
    for (label, lines) in fields {
        match lines.as_slice() {
            [one] => drop(writeln!(text, "  {label}: {one}")),
            several => {
                let _ = writeln!(text, "  {label}:");
                for line in several {
                    let _ = writeln!(text, "    {line}");
                }
            }
        }
    }
}
