//! `akwiz export`.

use clap::Args;
use clap_complete::ArgValueCompleter;
use futures_util::future::try_join_all;
use serde::{Deserialize, Serialize};

use super::completions;
use super::document::VERSION;
use super::global::GlobalOptions;
use super::objects::one_of;
use super::output::Output;
use super::session::{self, Session};
use super::{export_source, login_source, siblings};
use crate::authentik::{Client, bindings};
use crate::error::Result;
use crate::setup::export::{Binding, Export, Format, LoginSource, Mapping, Pair, Subject, needed_flows};
use crate::setup::facts::OAUTH2_COMPONENT;

/// What `export` is told.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  akwiz export portainer grafana --format terraform > applications.tf
  akwiz export github --format terraform > login.tf
  akwiz export portainer grafana --format markdown > hand-over.md
  akwiz export portainer --format blueprint > portainer.yaml")]
pub struct ExportOptions {
    /// The applications and login sources
    #[arg(value_name = "SLUG", required = true, add = ArgValueCompleter::new(completions::slugs))]
    pub slugs: Vec<String>,
    /// What to write: a blueprint is for authentik's own worker, markdown is a page for people
    #[arg(short, long, value_name = "FORMAT", value_parser = one_of(Format::ALL, Format::as_str))]
    pub format: Format,
    /// In a blueprint: take secrets from files in this folder of authentik's worker rather than from its environment
    #[arg(long, value_name = "FOLDER")]
    pub secret_folder: Option<String>,
    /// Write what is named alone, and not what was made together with it, such as the providers of a product's apps
    #[arg(long)]
    pub only: bool,
}

/// The exported text.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "export"))]
pub(super) struct ExportDocument {
    /// `terraform`, `blueprint` or `markdown`.
    written: &'static str,
    /// The slugs of what is in it.
    slugs: Vec<String>,
    /// What belongs to them and is not in the text, or could not be seen: one sentence each.
    gaps: Vec<String>,
    /// The text. Secrets are not in it.
    text: String,
}

/// Writes applications and login sources as text for other tools. Changes nothing.
///
/// # Errors
/// When one does not exist, or the server cannot be asked.
pub(super) async fn run(global: &GlobalOptions, options: &ExportOptions, output: &Output) -> Result<()> {
    // The page for people names authentik's addresses; the others leave them to authentik.
    let for_people = options.format == Format::Markdown;
    let session = if for_people { Session::open(global).await? } else { Session::open_for_api(global).await? };
    let client = &session.client;
    let read = try_join_all(options.slugs.iter().map(|slug| Box::pin(named(client, slug))));
    let (facts, mappings, all, items) = futures_util::join!(
        client.shared_facts(&session.public, session.version()),
        client.scope_mappings(),
        client.applications(),
        read
    );
    let mut facts = facts?;
    let (mut pairs, mut sources) = (Vec::new(), Vec::new());
    for item in items? {
        match item {
            Item::Application(pair) => pairs.push(pair),
            Item::Source(source) => sources.push(source),
        }
    }
    let all: Vec<String> = all?.into_iter().map(|application| application.fields.slug).collect();
    if !options.only {
        let listing = session.receipts.list()?;
        let read = |slug: String| async move { pair(client, &slug).await };
        for sentence in siblings::add(&mut pairs, &listing, &facts.api_url, read).await? {
            output.note(&sentence);
        }
    }
    facts.gaps.extend(siblings::left_out(&pairs, &session::catalog(global)?, &all));
    let flows = needed_flows(&sources, &facts).into_iter();
    facts.gaps.extend(flows.map(|flow| format!("The flow “{flow}” is not in it, and has to be there before.")));
    let icon_in_body = pairs.iter().any(|pair| pair.application.contains_key("meta_icon_url"));
    facts.capabilities.icon_in_body |= icon_in_body;
    let mappings: Vec<Mapping> = mappings
        // What may not be seen is told in the gaps.
        .unwrap_or_default()
        .into_iter()
        .map(|mapping| Mapping {
            pk: mapping.pk,
            managed: mapping.managed,
            name: mapping.name,
            scope: mapping.scope_name,
            description: mapping.description,
            expression: mapping.expression,
        })
        .collect();
    let bindings = pairs.iter().flat_map(|pair| &pair.bindings).chain(sources.iter().flat_map(|source| &source.bindings));
    let users = users(client, bindings).await?;
    for gap in &facts.gaps {
        output.warning(gap);
    }
    let secret_folder = options.secret_folder.as_deref();
    let export = Export { pairs: &pairs, sources: &sources, facts: &facts, mappings: &mappings, users: &users, secret_folder };
    let text = export.render(options.format);
    if output.is_json() {
        let slugs = pairs.iter().map(Pair::slug).chain(sources.iter().map(LoginSource::slug)).map(str::to_owned).collect();
        let document = ExportDocument { written: options.format.as_str(), slugs, gaps: facts.gaps, text };
        return output.document("export", VERSION, &document);
    }
    output.result(text.trim_end())
}

/// What is exported.
enum Item {
    Application(Pair),
    Source(LoginSource),
}

/// An application or a login source that has to be there.
async fn named(client: &Client, slug: &str) -> Result<Item> {
    let (slug, only_source) = login_source::meant(slug);
    let pair = if only_source { None } else { pair(client, slug).await? };
    let Some(pair) = pair else {
        if let Some((listed, api)) = login_source::listed(client, slug).await? {
            return Ok(Item::Source(export_source::read(client, api, &listed.slug).await?));
        }
        let all = client.applications().await?;
        let slugs: Vec<&str> = all.iter().map(|application| application.fields.slug.as_str()).collect();
        return Err(login_source::missing(client, slug, only_source, &slugs, "in authentik").await);
    };
    Ok(Item::Application(pair))
}

/// An application with its provider and bindings, if it is there.
async fn pair(client: &Client, slug: &str) -> Result<Option<Pair>> {
    let Some(application) = client.application(slug).await? else { return Ok(None) };
    let fields = &application.fields;
    let oauth2 = fields.provider.as_deref().filter(|_| fields.provider_obj.component == OAUTH2_COMPONENT);
    let (provider, bindings) = futures_util::join!(
        async {
            match oauth2 {
                Some(pk) => client.provider(pk).await,
                None => Ok(None),
            }
        },
        client.bindings(&fields.pk)
    );
    let provider = provider?;
    Ok(Some(Pair {
        bindings: exported(bindings?),
        has_secret: provider.as_ref().is_some_and(|provider| provider.client_secret.is_some()),
        provider: provider.map(|provider| provider.raw.0),
        application: application.raw.0,
    }))
}

/// Bindings of somebody or something.
pub(super) fn exported(bindings: Vec<bindings::Binding>) -> Vec<Binding> {
    let bindings = bindings.into_iter().filter_map(|binding| {
        let subject = match (binding.group, binding.user, binding.policy) {
            (Some(group), ..) => Subject::Group(group),
            (_, Some(user), _) => Subject::User(user),
            (.., Some(policy)) => Subject::Policy(policy),
            _ => return None,
        };
        Some(Binding {
            pk: binding.pk,
            subject,
            order: binding.order,
            enabled: binding.enabled,
            negate: binding.negate,
            timeout: binding.timeout,
            failure_result: binding.failure_result,
        })
    });
    bindings.collect()
}

/// The names of the people who are bound, by primary key.
async fn users(client: &Client, bindings: impl Iterator<Item = &Binding>) -> Result<Vec<(String, String)>> {
    #[derive(Deserialize)]
    struct User {
        #[serde(default)]
        username: String,
    }
    let mut users: Vec<(String, String)> = Vec::new();
    for binding in bindings {
        let Subject::User(pk) = &binding.subject else { continue };
        if users.iter().all(|(known, _)| known != pk)
            && let Some(user) = client.find::<User>(&["core", "users", pk]).await?
        {
            users.push((pk.clone(), user.username));
        }
    }
    Ok(users)
}
