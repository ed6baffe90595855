//! The application that a command looks at: what authentik has, and what akwiz knows of it.

use super::global::GlobalOptions;
use super::session::{self, Session};
use super::similar;
use crate::authentik::applications::Application;
use crate::authentik::providers::Provider;
use crate::authentik::text::clean;
use crate::catalog::render::Engine;
use crate::checks::Expectation;
use crate::error::{Error, Kind, Result};
use crate::setup::facts::OAUTH2_COMPONENT;

/// An application, its provider, and what its template says of it.
pub(super) struct Subject {
    pub application: Application,
    pub provider: Provider,
    /// The template's id, where a receipt tells it.
    pub template: Option<String>,
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
    let known = expectation(session, global, &provider)?;
    let (template, mut expectation) = known.unwrap_or((None, Expectation::unknown(name)));
    let tile = Some(fields.launch_url.clone()).filter(|address| address.starts_with("http"));
    expectation.address = expectation.address.or(tile);
    Ok(Subject { application, provider, template, expectation })
}

/// What the newest receipt about the provider's client ID tells: template and answers.
fn expectation(session: &Session, global: &GlobalOptions, provider: &Provider) -> Result<Option<(Option<String>, Expectation)>> {
    let client_id = &provider.fields.client_id;
    let listing = session.receipts.list()?;
    let of = |receipt: &crate::setup::receipt::Receipt| {
        receipt.client_ids.iter().find(|(_, known)| *known == client_id).map(|(part, _)| part.clone())
    };
    let Some((receipt, part)) = listing.receipts.iter().find_map(|receipt| Some((receipt, of(receipt)?))) else {
        return Ok(None);
    };
    let catalog = session::catalog(global)?;
    Ok(catalog.get(&receipt.template).map(|template| {
        let expectation = Expectation::from_receipt(&Engine::new(), template, receipt, &part);
        (Some(template.id.clone()), expectation)
    }))
}
