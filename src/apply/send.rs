//! Sends one write.

use reqwest::Method;
use serde_json::{Map, Value, json};

use super::entry::with_source;
use super::job::{Job, Task};
use crate::authentik::bindings::Subject;
use crate::authentik::bodies::{self, Made, NotMade, Object};
use crate::authentik::extras;
use crate::authentik::identification::IdentificationStage;
use crate::authentik::providers::Provider;
use crate::authentik::{ApiError, Client};
use crate::setup::facts::Capabilities;
use crate::setup::plan::{Action, Bind};

/// What the server answered to a write, as far as it is needed.
#[derive(Debug, Default)]
pub(super) struct Written {
    /// The primary key of what was made, where the answer holds it.
    pub pk: Option<String>,
    /// For a pair that was found after its answer was lost: the application's key.
    pub application: Option<String>,
    /// It was found by a name only. Good enough to go on, not good enough to delete it later.
    pub by_name_only: bool,
}

impl Written {
    pub(super) fn with(pk: impl Into<String>) -> Self {
        Self { pk: Some(pk.into()), ..Self::default() }
    }
}

impl From<NotMade> for ApiError {
    fn from(error: NotMade) -> Self {
        Self::Unusable(error.to_string())
    }
}

/// Sends the write of `job`.
pub(super) async fn send(
    client: &Client,
    job: &Job<'_>,
    capabilities: &Capabilities,
    made: &Made,
    stage: Option<&IdentificationStage>,
) -> Result<Written, ApiError> {
    let action = match job.task {
        Task::Action(action) => action,
        Task::Bind { application, bind, order } => {
            let subject = match bind {
                Bind::Group(group) => Subject::Group(bodies::key_of(group, made)?.to_owned()),
                Bind::Person(person) => Subject::User(bodies::key_of(person, made)?.to_owned()),
            };
            return client.bind(application, &subject, order).await.map(|binding| Written::with(binding.pk));
        }
        Task::Icon { slug, url } => return client.set_icon_url(slug, url).await.map(|()| Written::default()),
    };
    match action {
        Action::MakeKey { common_name, subject_alt_names, days, .. } => {
            let key = client.generate_rsa_key(common_name, subject_alt_names, *days).await?;
            Ok(Written::with(key.pk))
        }
        Action::MakeMapping { name, scope, expression, .. } => {
            let mapping = client.create_scope_mapping(name, scope, "", expression).await?;
            Ok(Written::with(mapping.pk))
        }
        Action::MakeGroup { name, .. } => client.create_group(name).await.map(|group| Written::with(group.pk)),
        Action::Create { provider, application, bindings, .. } => {
            let transaction = bodies::transaction(provider, application, bindings, capabilities, made)?;
            client.create(transaction).await.map(|()| Written::default())
        }
        Action::CreateProvider { provider, .. } => {
            let body = bodies::create(Object::Provider, provider, capabilities, made)?;
            let made: Provider = client.write(Method::POST, &["providers", "oauth2"], &Value::Object(body)).await?;
            Ok(Written::with(made.fields.pk))
        }
        Action::UpdateProvider { pk, changes, .. } => {
            let body = bodies::change(Object::Provider, changes, capabilities, made)?;
            let _: Provider = client.write(Method::PATCH, &["providers", "oauth2", pk], &Value::Object(body)).await?;
            Ok(Written::default())
        }
        Action::UpdateApplication { slug, changes, .. } => {
            let body = bodies::change(Object::Application, changes, capabilities, made)?;
            client.change_application(slug, &body).await.map(|_| Written::default())
        }
        Action::AddBindings { .. } => Err(ApiError::Unusable("Bindings are sent one by one.".to_owned())),
        Action::MakeExtra(extra) => {
            let body = extras::body(extra, made)?;
            client.create_extra(extra.kind, &body).await.map(Written::with)
        }
        Action::Rewrite(rewrite) => {
            let changes = Map::from_iter([("expression".to_owned(), rewrite.to.as_str().into())]);
            client.rewrite(extras::endpoint(rewrite.kind), &rewrite.pk, &changes).await.map(|()| Written::default())
        }
        Action::CreateSource { api, settings, .. } => {
            let body = bodies::create(Object::Source(*api), settings, capabilities, made)?;
            client.create_source(*api, &body).await.map(|source| Written::with(source.pk))
        }
        Action::UpdateSource { api, slug, changes, .. } => {
            let body = bodies::change(Object::Source(*api), changes, capabilities, made)?;
            client.change_source(*api, slug, &body).await.map(|_| Written::default())
        }
        Action::ShowSource { stage: pk, source, .. } => {
            let source = bodies::key_of(source, made)?;
            let before = stage.map(|stage| stage.sources.as_slice()).unwrap_or_default();
            // The other fields stay: only an empty list of sources would need the user fields beside it.
            let body = json!({"sources": with_source(before, source)});
            let _: IdentificationStage = client.write(Method::PATCH, &["stages", "identification", pk], &body).await?;
            Ok(Written::default())
        }
    }
}
