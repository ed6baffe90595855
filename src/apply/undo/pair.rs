//! A provider and its application.

use super::Taken;
use crate::authentik::{ApiError, Client};

/// Removes the bindings that were recorded, the application if it still uses our provider, and the provider if it still has our client ID.
pub(super) async fn take_back(
    client: &Client,
    client_id: &str,
    slug: &str,
    provider: &mut Option<String>,
    application: &mut Option<String>,
    bindings: &[String],
) -> Result<Taken, ApiError> {
    if provider.is_none() {
        *provider = client.provider_by_client_id(client_id).await?.map(|found| found.fields.pk);
    }
    let known = match provider.as_deref() {
        Some(pk) => client.provider(pk).await?,
        None => None,
    };
    let changed = known.as_ref().is_some_and(|found| found.fields.client_id != client_id);
    let own = known.filter(|_| !changed);
    let found = client.application(slug).await?;
    if application.is_none()
        && let (Some(found), Some(own)) = (&found, &own)
        && found.fields.provider.as_ref() == Some(&own.fields.pk)
    {
        *application = Some(found.fields.pk.clone());
    }
    let ours = found.filter(|found| application.as_ref() == Some(&found.fields.pk));
    if ours.is_none() && own.is_none() && !changed {
        let text = if provider.is_some() || application.is_some() { "It is gone already." } else { "It was never made." };
        return Ok(Taken::Nothing(text.to_owned()));
    }
    let mut left = Vec::new();
    if let Some(ours) = &ours {
        let others = ours.fields.provider.as_ref().filter(|used| provider.as_ref() != Some(*used));
        if others.is_some() {
            left.push(format!("The application “{slug}” stays: it uses another provider by now."));
        } else {
            for binding in bindings {
                client.delete_binding(binding).await?;
            }
            client.delete_application(slug, &ours.fields.pk).await?;
        }
    }
    if let Some(own) = &own {
        let elsewhere = own.fields.assigned_application_slug.as_deref().filter(|used| *used != slug);
        if let Some(elsewhere) = elsewhere {
            left.push(format!("The provider stays: the application “{elsewhere}” uses it by now."));
        } else {
            client.delete_provider(&own.fields.pk, client_id).await?;
        }
    } else if changed {
        left.push("The provider stays: its client ID was changed since.".to_owned());
    }
    Ok(if left.is_empty() { Taken::Back } else { Taken::Left(left.join(" ")) })
}
