//! A new client secret for a provider that exists.

use std::sync::Arc;

use secrecy::SecretString;

use crate::catalog::template::{IssuerMode, Level, MAIN_PART};
use crate::catalog::value::Scope;
use crate::setup::endpoints::Endpoints;
use crate::setup::facts::{Existing, Facts};
use crate::setup::plan::{Action, Confirmation, Notice, Plan, PlannedPart};
use crate::setup::recall::issuer_mode;
use crate::setup::setting::{Change, Field, SettingValue};

/// The plan that gives the provider of `existing` another client secret, or a sentence that says why it cannot have one. Nothing else
/// changes. The old secret stops working at once, so the slug has to be typed.
///
/// # Errors
/// When there is no OAuth2/OpenID provider, or it belongs to a public client.
pub fn rotation(existing: &Existing, facts: &Facts, template: &str, secret: SecretString) -> Result<Plan, String> {
    let slug = existing.application.text(Field::Slug).unwrap_or_default();
    let name = existing.application.text(Field::Name).unwrap_or(slug);
    let Some(provider) = &existing.provider else {
        let why = existing.untouchable.clone().unwrap_or_else(|| "It has no provider.".to_owned());
        return Err(format!("“{name}” has no client secret that akwiz can change. {why}"));
    };
    if provider.text(Field::ClientType) == Some("public") {
        return Err(format!("“{name}” is a public client: it has no secret."));
    }
    let provider_name = provider.text(Field::Name).unwrap_or(name).to_owned();
    let client_id = provider.text(Field::ClientId).unwrap_or_default().to_owned();
    let from = provider.settings.get(&Field::ClientSecret).cloned().unwrap_or(SettingValue::Null);
    let mode = provider.text(Field::IssuerMode).and_then(issuer_mode).unwrap_or(IssuerMode::PerProvider);
    let change =
        Change { field: Field::ClientSecret, from, to: SettingValue::Secret(secret.clone()), why: Some("a new one".to_owned()) };
    Ok(Plan {
        template: template.to_owned(),
        actions: vec![Action::UpdateProvider { pk: provider.pk.clone(), name: provider_name, changes: vec![change] }],
        notices: vec![Notice {
            level: Level::Warning,
            text: format!(
                "The old secret stops working at once: nobody signs in to “{name}” until the new one is entered there."
            ),
        }],
        decisions: Vec::new(),
        confirmations: vec![Confirmation::Slug {
            slug: slug.to_owned(),
            why: format!("“{name}” may be in use, and its old secret cannot be put back."),
        }],
        parts: vec![PlannedPart {
            id: MAIN_PART.to_owned(),
            name: name.to_owned(),
            slug: slug.to_owned(),
            client_id,
            client_secret: Some(secret),
            endpoints: Arc::new(Endpoints::new(&facts.public_url, slug, mode)),
        }],
        scope: Scope::default(),
    })
}
