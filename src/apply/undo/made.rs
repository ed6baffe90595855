//! Single objects: keys, mappings, groups, providers, bindings, sources.

use super::{Taken, uses};
use crate::apply::entry::endpoint;
use crate::authentik::{ApiError, Client};

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
            endpoint::PLEX => *pk = source_by_client_id(client, value).await?.map(|(_, pk)| pk),
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
        endpoint::PLEX => return take_back_source(client, pk, value).await,
        _ => return Ok(Taken::Left("This version of akwiz does not know how to remove it.".to_owned())),
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

/// A source leaves the login page first: a stage that asked for nothing else would let nobody in.
async fn take_back_source(client: &Client, pk: &str, client_id: &str) -> Result<Taken, ApiError> {
    let Some((slug, found)) = source_by_client_id(client, client_id).await? else {
        // Signing in to Plex anew changes it, for one.
        let same = client.sources().await?.into_iter().any(|source| source.pk == pk);
        return Ok(if same { Taken::Left("It stays: its client ID was changed since.".to_owned()) } else { gone() });
    };
    if found != pk {
        return Ok(Taken::Left("It stays: another source has its client ID by now.".to_owned()));
    }
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
    client.delete_plex_source(&slug, pk).await?;
    Ok(Taken::Back)
}

/// The slug and the key of the Plex source with this client ID: the identifier that akwiz made for the sign-in.
async fn source_by_client_id(client: &Client, client_id: &str) -> Result<Option<(String, String)>, ApiError> {
    for source in client.sources().await? {
        if source.component == "ak-source-plex-form"
            && let Some(plex) = client.plex_source(&source.slug).await?
            && plex.fields.client_id == client_id
        {
            return Ok(Some((source.slug, plex.fields.pk)));
        }
    }
    Ok(None)
}

fn gone() -> Taken {
    Taken::Nothing("It is gone already.".to_owned())
}
