//! The application that a command looks at: what authentik has, and what akwiz knows of it.

use super::global::GlobalOptions;
use super::session::{self, Session};
use super::similar;
use crate::authentik::applications::Application;
use crate::authentik::providers::Provider;
use crate::authentik::text::clean;
use crate::catalog::render::Engine;
use crate::catalog::template::MatchingMode;
use crate::checks::Expectation;
use crate::error::{Error, Kind, Result};
use crate::setup::answers::RedirectUri;
use crate::setup::facts::OAUTH2_COMPONENT;
use crate::setup::recognize::{Recognizer, Seen};

/// An application, its provider, and what its template says of it.
pub(super) struct Subject {
    pub application: Application,
    pub provider: Provider,
    /// The template's id, where it is known, and how.
    pub template: Option<(String, KnownBy)>,
    pub expectation: Expectation,
}

/// Finds the application with this slug.
///
/// # Errors
/// When there is none, or it has no provider that can be looked at.
pub(super) async fn find(session: &Session, global: &GlobalOptions, slug: &str) -> Result<Subject> {
    let client = &session.client;
    let Some(application) = client.application(slug).await? else {
        let error =
            Error::new(Kind::Usage, format!("There is no application with the slug “{slug}”, or this token may not see it."));
        let all = client.applications().await.unwrap_or_default();
        let slugs = all.iter().map(|application| application.fields.slug.as_str());
        return Err(similar::suggest(error, slug, slugs, "There are"));
    };
    let name = clean(&application.fields.name);
    let fields = &application.fields;
    let other = Some(&fields.provider_obj.component).filter(|component| !component.is_empty() && *component != OAUTH2_COMPONENT);
    if other.is_some() {
        return Err(Error::new(
            Kind::Usage,
            format!("“{name}” is not signed in to with OAuth2 or OpenID Connect: its provider is of another kind."),
        ));
    }
    let provider = match &fields.provider {
        Some(pk) => client.provider(pk).await?,
        None => {
            return Err(Error::new(
                Kind::Usage,
                format!("“{name}” has no provider, so nobody can sign in to it with authentik."),
            ));
        }
    };
    let Some(provider) = provider else {
        return Err(Error::new(Kind::Refused, format!("This token may not see the provider of “{name}”."))
            .hint("Give it the right authentik_providers_oauth2.view_oauth2provider."));
    };
    let (template, mut expectation) = match expectation(session, global, (&application, &provider))? {
        Some((template, by, expectation)) => (Some((template, by)), expectation),
        None => (None, Expectation::unknown(name)),
    };
    let tile = Some(fields.launch_url.clone()).filter(|address| address.starts_with("http"));
    expectation.address = expectation.address.or(tile);
    Ok(Subject { application, provider, template, expectation })
}

/// Where it is from that akwiz knows the template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KnownBy {
    /// A receipt has the client ID.
    Receipt,
    /// Slug, name and redirect URIs fit no other template.
    Looks,
}

/// The template, by the newest receipt with the provider's client ID, else by what the application looks like.
fn expectation(
    session: &Session,
    global: &GlobalOptions,
    (application, provider): (&Application, &Provider),
) -> Result<Option<(String, KnownBy, Expectation)>> {
    let client_id = &provider.fields.client_id;
    let listing = session.receipts.list()?;
    let catalog = session::catalog(global)?;
    let engine = Engine::new();
    let recorded = listing.receipts.iter().filter(|receipt| !receipt.is_void()).find_map(|receipt| {
        let (part, _) = receipt.client_ids.iter().find(|(_, known)| *known == client_id)?;
        Some((catalog.get(&receipt.template)?, receipt, part))
    });
    if let Some((template, receipt, part)) = recorded {
        let expectation = Expectation::from_receipt(&engine, template, receipt, part);
        return Ok(Some((template.id.clone(), KnownBy::Receipt, expectation)));
    }
    let seen = Seen {
        slug: application.fields.slug.clone(),
        name: application.fields.name.clone(),
        redirects: provider.fields.redirect_uris.iter().filter_map(redirect).collect(),
    };
    let recognizer = Recognizer::new(&engine, catalog.iter());
    let Some(candidate) = recognizer.surely(&seen) else { return Ok(None) };
    let (Some(answers), Some(part)) = (candidate.answers, candidate.template.parts().first()) else { return Ok(None) };
    let expectation = Expectation::from_answers(&engine, candidate.template, &answers, &part.id);
    Ok(Some((candidate.template.id.clone(), KnownBy::Looks, expectation)))
}

fn redirect(entry: &serde_json::Value) -> Option<RedirectUri> {
    let mode = if entry["matching_mode"] == "regex" { MatchingMode::Regex } else { MatchingMode::Strict };
    Some(RedirectUri { uri: entry["url"].as_str()?.to_owned(), mode })
}
