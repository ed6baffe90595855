//! Single objects: keys, mappings, groups, providers, bindings, sources.

use serde_json::Value;

use super::{Taken, uses};
use crate::apply::entry::endpoint;
use crate::authentik::{ApiError, Client, extras};
use crate::catalog::template::SourceApi;
use crate::setup::extra::ExtraKind;

/// Removes the object with the recorded key, unless something else uses it by now.
pub(super) async fn take_back(
    client: &Client,
    kind: &str,
    mark: &(String, String),
    pk: &mut Option<String>,
) -> Result<Taken, ApiError> {
    let (_, value) = mark;
    if pk.is_none() {
        // Only a client ID tells an object for sure.
        match kind {
            endpoint::PROVIDERS => *pk = client.provider_by_client_id(value).await?.map(|found| found.fields.pk),
            // Plex's client ID is akwiz's own; those of other services are not.
            kind if kind == endpoint::source(SourceApi::Plex) => {
                *pk = plex_by_client_id(client, value).await?;
            }
            _ => {
                return Ok(Taken::Left(format!(
                    "Its answer was lost, so akwiz does not know its key. If “{value}” is there and not needed, remove it in authentik."
                )));
            }
        }
    }
    let Some(pk) = pk.as_deref() else { return Ok(Taken::Nothing("It was never made.".to_owned())) };
    match kind {
        endpoint::KEYS | endpoint::MAPPINGS | endpoint::GROUPS => {
            if let Some(user) = uses::first(client, kind, pk).await? {
                return Ok(Taken::Left(format!("It stays: {user} uses it by now.")));
            }
            match kind {
                endpoint::KEYS => client.delete_certificate(pk).await?,
                endpoint::MAPPINGS => client.delete_scope_mapping(pk).await?,
                _ => client.delete_group(pk).await?,
            }
        }
        endpoint::BINDINGS => client.delete_binding(pk).await?,
        endpoint::PROVIDERS => return take_back_provider(client, pk, value).await,
        kind => match endpoint::source_api(kind) {
            Some(api) => return take_back_source(client, api, pk, mark).await,
            None => return take_back_extra(client, kind, pk, value).await,
        },
    }
    Ok(Taken::Back)
}

async fn take_back_provider(client: &Client, pk: &str, client_id: &str) -> Result<Taken, ApiError> {
    let Some(provider) = client.provider(pk).await? else { return Ok(gone()) };
    if provider.fields.client_id != client_id {
        return Ok(Taken::Left("It stays: its client ID was changed since.".to_owned()));
    }
    if let Some(slug) = &provider.fields.assigned_application_slug {
        return Ok(Taken::Left(format!("It stays: the application “{slug}” uses it.")));
    }
    client.delete_provider(pk, client_id).await?;
    Ok(Taken::Back)
}

/// A flow, a policy, a certificate, a mapping, a binding.
async fn take_back_extra(client: &Client, kind: &str, pk: &str, name: &str) -> Result<Taken, ApiError> {
    let Some(kind) = extras::ENDPOINTS.into_iter().find(|known| *known == kind) else {
        return Ok(Taken::Left("This version of akwiz does not know how to remove it.".to_owned()));
    };
    // A flow's address is its slug.
    let key = if kind == extras::endpoint(ExtraKind::Flow) { name } else { pk };
    let Some(now) = client.extra(kind, key).await? else { return Ok(gone()) };
    if now.get("pk").and_then(Value::as_str) != Some(pk) {
        return Ok(Taken::Left("It stays: another one has its name by now.".to_owned()));
    }
    if kind != extras::endpoint(ExtraKind::StageBinding)
        && let Some(user) = uses::first(client, kind, key).await?
    {
        return Ok(Taken::Left(format!("It stays: {user} uses it by now.")));
    }
    client.delete_extra(kind, key).await?;
    Ok(Taken::Back)
}

/// Removes the source, unless what told it from others was changed.
async fn take_back_source(
    client: &Client,
    api: SourceApi,
    pk: &str,
    (field, value): &(String, String),
) -> Result<Taken, ApiError> {
    let Some(listed) = client.sources().await?.into_iter().find(|source| source.pk == pk) else { return Ok(gone()) };
    let Some(source) = client.source(api, &listed.slug).await? else { return Ok(gone()) };
    if source.text(field) != value {
        let what = match api {
            SourceApi::Plex => "client ID",
            SourceApi::Oauth => "consumer key",
            SourceApi::Saml => "SSO URL",
            SourceApi::Scim => "slug",
            SourceApi::Telegram => "bot",
        };
        return Ok(Taken::Left(format!("It stays: its {what} was changed since.")));
    }
    delete_source(client, api, &source.slug, pk).await?;
    Ok(Taken::Back)
}

/// Removes the login source with this slug and key, and from the login page first: a stage that asked for nothing else would let nobody
/// in.
///
/// # Errors
/// See [`ApiError`].
pub async fn delete_source(client: &Client, api: SourceApi, slug: &str, pk: &str) -> Result<(), ApiError> {
    match client.identification_stages().await {
        Ok(stages) => {
            for stage in stages.iter().filter(|stage| stage.sources.iter().any(|source| source == pk)) {
                client.remove_source_from_stage(&stage.pk, pk).await?;
            }
        }
        // Whoever may not see stages has not put it on one.
        Err(error) if error.is_missing_right() => {}
        Err(error) => return Err(error),
    }
    client.delete_source(api, slug, pk).await
}

/// The key of the Plex source with this client ID: the identifier that akwiz made for the sign-in.
async fn plex_by_client_id(client: &Client, client_id: &str) -> Result<Option<String>, ApiError> {
    for source in client.sources().await?.into_iter().filter(|source| source.api() == Some(SourceApi::Plex)) {
        if let Some(plex) = client.source(SourceApi::Plex, &source.slug).await?
            && plex.text("client_id") == client_id
        {
            return Ok(Some(plex.pk));
        }
    }
    Ok(None)
}

fn gone() -> Taken {
    Taken::Nothing("It is gone already.".to_owned())
}
