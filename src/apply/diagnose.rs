//! Why a transaction was rolled back: authentik answers `applied: false` with status 200 and says no more.

use futures_util::join;

use super::job::text;
use crate::authentik::error_body::Shape;
use crate::authentik::text::{clean, same};
use crate::authentik::{ApiError, Client};
use crate::error::{Error, Kind};
use crate::setup::setting::{Field, Ref, SettingValue, Settings};

/// Whether a transaction was handled and rolled back, rather than refused with a reason.
pub(super) fn was_rolled_back(error: &ApiError) -> bool {
    matches!(error, ApiError::Status { status: 400, body, .. } if body.shape == Shape::Empty && body.fields.is_empty())
}

/// Looks for the reason: what is taken by now, and what is gone. Reads only.
pub(super) async fn rolled_back(client: &Client, provider: &Settings, application: &Settings) -> Error {
    let error = Error::new(Kind::Refused, "authentik rolled the whole change back and does not say why. Nothing was made.");
    let reasons = match reasons(client, provider, application).await {
        Ok(reasons) => reasons,
        Err(read) => return error.hint("The cause could not be looked for either.").caused_by(read),
    };
    if reasons.is_empty() {
        return error.hint(
            "Nothing that it refers to is taken or missing. Try again; if it stays, look in authentik's log for the cause.",
        );
    }
    let message = format!("authentik rolled the whole change back. Nothing was made. {}", reasons.join(" "));
    Error::new(Kind::Conflict, message).hint("Review the plan again: it is made anew from what the server has now.")
}

async fn reasons(client: &Client, provider: &Settings, application: &Settings) -> Result<Vec<String>, ApiError> {
    let slug = text(application, Field::Slug).unwrap_or_default();
    let name = text(provider, Field::Name).unwrap_or_default();
    let client_id = text(provider, Field::ClientId).unwrap_or_default();
    let (taken, kinds, own, flows, mappings, keys) = join!(
        client.application(slug),
        client.provider_kinds(),
        client.provider_by_client_id(client_id),
        client.flows(),
        client.scope_mappings(),
        client.signing_keys(),
    );
    let mut reasons = Vec::new();
    if let Some(taken) = taken? {
        reasons.push(format!("The slug “{slug}” belongs to the application “{}” by now.", clean(&taken.fields.name)));
    }
    if kinds?.iter().any(|kind| same(&kind.name, name)) {
        reasons.push(format!("A provider named “{name}” exists by now."));
    }
    if own?.is_some() {
        reasons.push("A provider with the same client ID exists by now.".to_owned());
    }
    let flows: Vec<String> = flows?.into_iter().map(|flow| flow.pk).collect();
    let mappings: Vec<String> = mappings?.into_iter().map(|mapping| mapping.pk).collect();
    let keys: Vec<String> = keys?.into_iter().map(|key| key.pk).collect();
    for (field, setting) in provider {
        let there = match field {
            Field::AuthorizationFlow | Field::AuthenticationFlow | Field::InvalidationFlow => &flows,
            Field::ScopeMappings => &mappings,
            Field::SigningKey | Field::EncryptionKey => &keys,
            _ => continue,
        };
        let referred: &[Ref] = match &setting.value {
            SettingValue::Ref(reference) => std::slice::from_ref(reference),
            SettingValue::Refs(references) => references,
            _ => continue,
        };
        for reference in referred {
            if let Ref::Existing { pk, name } = reference
                && !there.contains(pk)
            {
                reasons.push(format!("{}: “{}” is not there any more.", field.label(), clean(name)));
            }
        }
    }
    Ok(reasons)
}
