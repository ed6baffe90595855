//! Reads back what was made, and says what differs from the plan.

use futures_util::future::{join_all, join3};
use serde::Deserialize;
use serde_json::Value;

use super::look::holds;
use super::run::Run;
use crate::authentik::bodies::{self, Made, Object};
use crate::authentik::providers::Provider;
use crate::authentik::text::clean;
use crate::authentik::{ApiError, address};
use crate::catalog::template::{Level, SourceApi};
use crate::catalog::value::{Scope, Value as ScopeValue};
use crate::setup::outcome::{PartOutcome, SourceOutcome};
use crate::setup::plan::{Action, Notice, PlannedPart};
use crate::setup::setting::{Field, Ref, SettingValue, Settings};

/// In the plan's scope, says that the source is one of SCIM, whose token is to be read.
const SCIM_MARK: &str = "scim_url";

/// What was found.
pub(super) struct Found {
    pub parts: Vec<PartOutcome>,
    pub notices: Vec<Notice>,
    /// What texts see besides, now that it exists.
    pub added: Scope,
    /// Everything could be read.
    pub complete: bool,
}

/// The part of a discovery document that matters here.
#[derive(Default, Deserialize)]
struct Discovery {
    #[serde(default)]
    issuer: String,
}

/// What is known without reading.
pub(super) fn later(run: &Run<'_>) -> Found {
    let parts = run.plan.parts.iter().map(|part| outcome(part, String::new(), String::new())).collect();
    Found { parts, notices: Vec::new(), added: Scope::default(), complete: true }
}

fn outcome(part: &PlannedPart, application: String, provider: String) -> PartOutcome {
    PartOutcome {
        id: part.id.clone(),
        name: part.name.clone(),
        slug: part.slug.clone(),
        application,
        provider,
        client_id: part.client_id.clone(),
        client_secret: part.client_secret.clone(),
        endpoints: part.endpoints.clone(),
    }
}

/// Reads application, provider and discovery document of every part, all at once.
pub(super) async fn read_back(run: &Run<'_>) -> Found {
    let client = run.client();
    let read = |part| async move {
        let PlannedPart { slug, client_id, .. }: &PlannedPart = part;
        let path = format!("application/o/{slug}/.well-known/openid-configuration");
        join3(client.application(slug), client.provider_by_client_id(client_id), async move {
            client.page(&path, &[]).await?.accepted()?.json::<Discovery>()
        })
        .await
    };
    let answers = join_all(run.plan.parts.iter().map(read)).await;
    let mut found = Found { parts: Vec::new(), notices: Vec::new(), added: Scope::default(), complete: true };
    for (part, (application, provider, discovery)) in run.plan.parts.iter().zip(answers) {
        let application = found.seen(application, part, "The application");
        let provider = found.seen(provider, part, "The provider");
        if let (Some(application), Some(provider)) = (&application, &provider)
            && application.fields.provider.as_ref() != Some(&provider.fields.pk)
        {
            found.warn(format!("The application “{}” does not use the provider that was made for it.", part.name));
        }
        if let Some(provider) = &provider {
            found.compare(run, part, provider);
        }
        match discovery {
            Ok(discovery) => found.compare_issuer(run, part, &discovery.issuer),
            Err(error) => found.unread(&error, &format!("The discovery document of “{}”", part.name)),
        }
        let application = application.map(|application| application.fields.pk).unwrap_or_default();
        let provider = provider.map(|provider| provider.fields.pk).unwrap_or_default();
        found.parts.push(outcome(part, application, provider));
    }
    // Rare, and it would make every run's future larger.
    Box::pin(found.read_token(run)).await;
    found
}

impl Found {
    /// The token of a SCIM source, which authentik makes together with it.
    async fn read_token(&mut self, run: &Run<'_>) {
        let made = run.made();
        let existing = run.context.facts.existing_source.as_ref().map(|source| source.pk.clone());
        let is_new = run.plan.actions.iter().find_map(|action| match action {
            Action::CreateSource { handle, api: SourceApi::Scim, .. } => made.get(handle).cloned(),
            _ => None,
        });
        let is_scim = run.plan.scope.contains_key(SCIM_MARK);
        let Some(pk) = is_new.or(existing.filter(|_| is_scim)) else { return };
        match run.client().scim_token(&pk).await {
            Ok(token) => {
                self.added.insert("scim_token".to_owned(), ScopeValue::Secret(token));
            }
            Err(error) => {
                // Whoever may not see others' tokens is told that there is none.
                let hidden = error.is_missing_right() || error.is_not_found();
                let why =
                    if hidden { ": it takes the rights authentik_core.view_token and authentik_core.view_token_key" } else { "" };
                self.added.insert("scim_token".to_owned(), ScopeValue::from(""));
                self.warn(format!(
                    "The token of the source could not be read{why}. Copy it in authentik, under Directory > Tokens and App passwords, from \"ak-source-scim-{pk}\"."
                ));
            }
        }
    }

    fn warn(&mut self, text: String) {
        self.notices.push(Notice { level: Level::Warning, text });
    }

    fn unread(&mut self, error: &ApiError, what: &str) {
        tracing::debug!(%error, what, "not read back");
        self.complete = false;
        self.warn(if error.is_missing_right() {
            format!("{what} could not be read back: this token may not see it.")
        } else {
            format!("{what} could not be read back. Look in authentik whether it is as planned.")
        });
    }

    fn seen<T>(&mut self, answer: Result<Option<T>, ApiError>, part: &PlannedPart, what: &str) -> Option<T> {
        match answer {
            Ok(Some(object)) => Some(object),
            Ok(None) => {
                self.complete = false;
                self.warn(format!("{what} “{}” is not there, or this token may not see it.", part.name));
                None
            }
            Err(error) => {
                self.unread(&error, &format!("{what} “{}”", part.name));
                None
            }
        }
    }

    /// What the provider holds against what was sent.
    fn compare(&mut self, run: &Run<'_>, part: &PlannedPart, provider: &Provider) {
        let name = &part.name;
        if provider.fields.grant_types.as_ref().is_some_and(Vec::is_empty) {
            self.warn(format!(
                "The provider of “{name}” has no grant types, and authentik refuses every sign-in then. Set them in authentik, under Advanced protocol settings."
            ));
        }
        for action in &run.plan.actions {
            match action {
                Action::Create { part: id, provider: sent, .. } | Action::CreateProvider { part: id, provider: sent, .. }
                    if *id == part.id =>
                {
                    self.compare_fields(run, name, sent, provider);
                }
                _ => {}
            }
        }
    }

    fn compare_fields(&mut self, run: &Run<'_>, name: &str, sent: &Settings, provider: &Provider) {
        let made = run.made();
        let capabilities = &run.context.facts.capabilities;
        let Ok(body) = bodies::create(Object::Provider, sent, capabilities, &made) else { return };
        let (body, _) = bodies::without_secrets(Object::Provider, body);
        for field in sent.keys() {
            let Some(key) = Object::Provider.key(*field, capabilities) else { continue };
            let Some(sent) = body.get(key) else { continue };
            // A server without the field ignores it.
            if let Some(now) = provider.raw.get(key)
                && !holds(now, sent)
            {
                self.warn(format!("{} of “{name}” is not what was sent: authentik has {}.", field.label(), plain(now)));
            }
        }
    }

    fn compare_issuer(&mut self, run: &Run<'_>, part: &PlannedPart, issuer: &str) {
        let printed = &part.endpoints.issuer;
        if issuer == printed {
            return;
        }
        let api = run.client().base();
        let from_api_address =
            url::Url::parse(issuer).is_ok_and(|issuer| address::host_and_port(&issuer) == address::host_and_port(api));
        let issuer = clean(issuer);
        self.warn(if from_api_address {
            format!(
                "Asked at {api}, authentik names itself {issuer}. The settings carry the public address, {printed}: open {} and see that it says the same.",
                part.endpoints.discovery
            )
        } else {
            format!(
                "authentik names the issuer {issuer}, and the settings carry {printed}. Applications compare them byte by byte: correct the public address, or the headers that a proxy in front of authentik passes on."
            )
        });
    }
}

/// A value for a sentence.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::String(text) => format!("“{}”", clean(text)),
        other => clean(&other.to_string()),
    }
}

/// What came of the login source, for source templates.
pub(super) fn source(run: &Run<'_>, made: &Made) -> Option<SourceOutcome> {
    let facts = run.context.facts;
    let text = |name: &str| match run.plan.scope.get(name) {
        Some(ScopeValue::Text(text)) => text.clone(),
        _ => String::new(),
    };
    let mut outcome = facts.existing_source.as_ref().map(|source| SourceOutcome {
        pk: source.pk.clone(),
        slug: source.text(Field::Slug).unwrap_or_default().to_owned(),
        name: source.text(Field::Name).unwrap_or_default().to_owned(),
        shown_on: None,
    });
    for action in &run.plan.actions {
        if let Action::CreateSource { handle, settings, .. } = action {
            let field = |field| match settings.get(&field).map(|setting| &setting.value) {
                Some(SettingValue::Text(text)) => text.clone(),
                _ => String::new(),
            };
            let pk = made.get(handle).cloned().unwrap_or_default();
            outcome = Some(SourceOutcome { pk, slug: field(Field::Slug), name: text("app_name"), shown_on: None });
        }
    }
    let mut outcome = outcome.filter(|_| run.plan.parts.is_empty())?;
    let shown_now = run.plan.actions.iter().find_map(|action| match action {
        Action::ShowSource { stage_name, source, .. } if names(source, &outcome.pk, made) => Some(stage_name.clone()),
        _ => None,
    });
    outcome.shown_on = shown_now.or_else(|| {
        let shows = facts.identification_stages.iter().find(|stage| stage.sources.contains(&outcome.pk));
        shows.map(|stage| stage.name.clone())
    });
    Some(outcome)
}

fn names(reference: &Ref, pk: &str, made: &Made) -> bool {
    bodies::key_of(reference, made).is_ok_and(|key| key == pk)
}
