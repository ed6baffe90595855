//! Looks whether a write happened whose answer was lost.

use serde_json::{Map, Value};

use super::entry::binding_mark;
use super::job::{Job, Task, text};
use super::send::Written;
use crate::authentik::bodies::{self, Made, Object};
use crate::authentik::extras;
use crate::authentik::identification::IdentificationStage;
use crate::authentik::{ApiError, Client};
use crate::catalog::template::SourceApi;
use crate::setup::extra::{Extra, ExtraKind};
use crate::setup::facts::Capabilities;
use crate::setup::plan::{Action, Bind};
use crate::setup::setting::{Change, Field};

/// What the write of `job` made, if it is there now.
///
/// Providers, pairs and sources are told by the client ID that only akwiz knows; keys, mappings and groups by their name, which the plan
/// chose because nothing had it.
pub(super) async fn look(
    client: &Client,
    job: &Job<'_>,
    capabilities: &Capabilities,
    made: &Made,
) -> Result<Option<Written>, ApiError> {
    let action = match job.task {
        Task::Action(action) => action,
        Task::Bind { application, bind, .. } => return look_for_binding(client, application, bind, made).await,
        Task::Icon { slug, url } => {
            let application = client.application(slug).await?;
            return Ok(application.filter(|found| found.fields.meta_icon == url).map(|_| Written::default()));
        }
    };
    match action {
        Action::MakeKey { common_name, .. } => {
            let keys = client.signing_keys().await?;
            Ok(keys.into_iter().find(|key| key.name == *common_name).map(|key| by_name(key.pk)))
        }
        Action::MakeMapping { name, scope, expression, .. } => {
            let mappings = client.scope_mappings().await?;
            let same = mappings.into_iter().find(|mapping| {
                mapping.name == *name && mapping.scope_name == *scope && mapping.expression.trim() == expression.trim()
            });
            Ok(same.map(|mapping| by_name(mapping.pk)))
        }
        Action::MakeGroup { name, .. } => {
            // Before 2025.12 several groups can have one name.
            let mut same = client.groups().await?.into_iter().filter(|group| group.name == *name);
            Ok(match (same.next(), same.next()) {
                (Some(group), None) => Some(by_name(group.pk)),
                _ => None,
            })
        }
        Action::Create { provider, application, .. } => {
            let Some(provider) = client.provider_by_client_id(text(provider, Field::ClientId).unwrap_or_default()).await? else {
                return Ok(None);
            };
            let application = client.application(text(application, Field::Slug).unwrap_or_default()).await?;
            Ok(application
                .filter(|found| found.fields.provider.as_ref() == Some(&provider.fields.pk))
                .map(|found| Written { application: Some(found.fields.pk), ..Written::with(provider.fields.pk) }))
        }
        Action::CreateProvider { provider, .. } => {
            let found = client.provider_by_client_id(text(provider, Field::ClientId).unwrap_or_default()).await?;
            Ok(found.map(|provider| Written::with(provider.fields.pk)))
        }
        Action::MakeExtra(extra) => look_for_extra(client, extra, made).await,
        Action::Rewrite(rewrite) => {
            let now = client.extra(extras::endpoint(rewrite.kind), &rewrite.pk).await?;
            let same = now.is_some_and(|now| now.get("expression").and_then(Value::as_str) == Some(rewrite.to.as_str()));
            Ok(same.then(Written::default))
        }
        Action::CreateSource { api, settings, .. } => {
            let Some(source) = client.source(*api, text(settings, Field::Slug).unwrap_or_default()).await? else {
                return Ok(None);
            };
            // The slug was free when this was planned; what was sent tells whether it is ours.
            let body = bodies::create(Object::Source(*api), settings, capabilities, made)?;
            let (body, _) = bodies::without_secrets(Object::Source(*api), body);
            let own = body.iter().all(|(key, sent)| source.raw.get(key).is_none_or(|now| holds(now, sent)));
            // Nothing but its name tells one SCIM source from another.
            Ok(own.then(|| Written { by_name_only: *api == SourceApi::Scim, ..Written::with(source.pk) }))
        }
        Action::UpdateProvider { pk, changes, .. } => {
            let now = client.provider(pk).await?.map(|provider| provider.raw.0);
            Ok(changed(Object::Provider, now, changes, capabilities, made))
        }
        Action::UpdateApplication { slug, changes, .. } => {
            let now = client.application(slug).await?.map(|application| application.raw.0);
            Ok(changed(Object::Application, now, changes, capabilities, made))
        }
        Action::UpdateSource { api, slug, changes, .. } => {
            let now = client.source(*api, slug).await?.map(|source| source.raw.0);
            Ok(changed(Object::Source(*api), now, changes, capabilities, made))
        }
        Action::ShowSource { stage, source, .. } => {
            let stage: IdentificationStage = client.get(&["stages", "identification", stage], &[]).await?;
            let source = bodies::key_of(source, made)?;
            Ok(stage.sources.iter().any(|known| known == source).then(Written::default))
        }
        Action::AddBindings { .. } => Ok(None),
    }
}

fn by_name(pk: String) -> Written {
    Written { by_name_only: true, ..Written::with(pk) }
}

/// A further object: bindings by what they bind, a flow by its slug, the others by their name.
async fn look_for_extra(client: &Client, extra: &Extra, made: &Made) -> Result<Option<Written>, ApiError> {
    let endpoint = extras::endpoint(extra.kind);
    let sent = extras::body(extra, made)?;
    let text = |key: &str| sent[key].as_str().unwrap_or_default().to_owned();
    Ok(match extra.kind {
        ExtraKind::StageBinding => {
            let all = client.stage_bindings().await?;
            let own = all.into_iter().find(|one| one.target == text("target") && one.stage == text("stage"));
            own.map(|one| Written::with(one.pk))
        }
        ExtraKind::Binding => {
            // The filter by target knows a flow by another key than the one that it shows.
            let all = client.all_bindings().await?;
            let (target, policy) = (text("target"), text("policy"));
            let own = all.into_iter().find(|one| one.target == target && one.policy.as_ref() == Some(&policy));
            own.map(|one| Written::with(one.pk))
        }
        ExtraKind::Flow => {
            let found = client.extra(endpoint, &text("slug")).await?;
            found.and_then(|found| found.get("pk").and_then(Value::as_str).map(|pk| by_name(pk.to_owned())))
        }
        ExtraKind::Certificate | ExtraKind::Policy | ExtraKind::SourceMapping(_) => {
            let all = client.listed(endpoint, &[]).await?;
            all.into_iter().find(|one| one.name == extra.name).map(|one| by_name(one.pk))
        }
    })
}

async fn look_for_binding(client: &Client, application: &str, bind: &Bind, made: &Made) -> Result<Option<Written>, ApiError> {
    let (_, mark) = binding_mark(application, bind, made)?;
    let bindings = client.bindings(application).await?;
    let same = bindings.into_iter().find(|binding| {
        [&binding.group, &binding.user].into_iter().flatten().any(|subject| format!("{application}/{subject}") == mark)
    });
    Ok(same.map(|binding| Written::with(binding.pk)))
}

/// Whether every change that can be seen is there.
fn changed(
    object: Object,
    now: Option<Map<String, Value>>,
    changes: &[Change],
    capabilities: &Capabilities,
    made: &Made,
) -> Option<Written> {
    let body = bodies::change(object, changes, capabilities, made).ok()?;
    let (body, _) = bodies::without_secrets(object, body);
    let now = now?;
    body.iter().all(|(key, value)| now.get(key).is_some_and(|now| holds(now, value))).then(Written::default)
}

/// Whether the server's value `now` is the one that was sent. Lists have no order, and the server adds keys to the entries of some.
pub(super) fn holds(now: &Value, sent: &Value) -> bool {
    match (now, sent) {
        (Value::Array(now), Value::Array(sent)) => {
            now.len() == sent.len() && sent.iter().all(|sent| now.iter().any(|now| holds(now, sent)))
        }
        (Value::Object(now), Value::Object(sent)) => {
            sent.iter().all(|(key, value)| now.get(key).is_some_and(|now| holds(now, value)))
        }
        // Some fields are null on one version and empty on another.
        (Value::Null, Value::String(text)) | (Value::String(text), Value::Null) => text.is_empty(),
        (now, sent) => now == sent,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn order_and_added_keys_do_not_count() {
        assert!(holds(&json!(["b", "a"]), &json!(["a", "b"])));
        assert!(holds(
            &json!([{"url": "x", "matching_mode": "strict", "redirect_uri_type": "authorization"}]),
            &json!([{"matching_mode": "strict", "url": "x"}])
        ));
        assert!(holds(&json!(null), &json!("")));
    }

    #[test]
    fn anything_else_counts() {
        assert!(!holds(&json!(["a", "b"]), &json!(["a"])));
        assert!(!holds(&json!("user_email"), &json!("user_id")));
        assert!(!holds(&json!([{"url": "x"}]), &json!([{"url": "x", "matching_mode": "strict"}])));
        assert!(!holds(&json!(7), &json!("7")));
    }
}
