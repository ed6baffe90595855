//! What a receipt says of a write, before it is sent.

use serde_json::{Map, Value, json};

use super::job::{Job, Task, text};
use crate::authentik::bodies::{self, Made, NotMade, Object};
use crate::authentik::extras;
use crate::authentik::identification::IdentificationStage;
use crate::catalog::template::SourceApi;
use crate::setup::extra::ExtraKind;
use crate::setup::facts::Capabilities;
use crate::setup::plan::{Action, Bind};
use crate::setup::receipt::ReceiptObject;
use crate::setup::setting::{Change, Field, Settings};

/// The endpoints that receipts name, below `/api/v3/`.
pub(super) mod endpoint {
    use crate::catalog::template::SourceApi;

    pub const KEYS: &str = "crypto/certificatekeypairs";
    pub const MAPPINGS: &str = "propertymappings/provider/scope";
    pub const GROUPS: &str = "core/groups";
    pub const PROVIDERS: &str = "providers/oauth2";
    pub const APPLICATIONS: &str = "core/applications";
    pub const BINDINGS: &str = "policies/bindings";
    pub const STAGES: &str = "stages/identification";

    /// The endpoint of a kind of login source.
    pub const fn source(api: SourceApi) -> &'static str {
        match api {
            SourceApi::Oauth => "sources/oauth",
            SourceApi::Plex => "sources/plex",
            SourceApi::Saml => "sources/saml",
            SourceApi::Scim => "sources/scim",
            SourceApi::Telegram => "sources/telegram",
        }
    }

    /// The kind of login source at an endpoint.
    pub fn source_api(endpoint: &str) -> Option<SourceApi> {
        SourceApi::ALL.into_iter().find(|api| source(*api) == endpoint)
    }
}

/// The field of a source by which it is told from one that somebody made since under the same slug.
const fn mark_of(api: SourceApi) -> (&'static str, Field) {
    match api {
        SourceApi::Oauth => ("consumer_key", Field::ConsumerKey),
        SourceApi::Plex => ("client_id", Field::ClientId),
        SourceApi::Saml => ("sso_url", Field::SsoUrl),
        SourceApi::Scim => ("slug", Field::Slug),
        SourceApi::Telegram => ("bot_username", Field::BotUsername),
    }
}

/// The receipt's record of `job`. `stage` is the identification stage as it was read just now, for a source that is shown on it.
pub(super) fn object(
    job: &Job<'_>,
    capabilities: &Capabilities,
    made: &Made,
    stage: Option<&IdentificationStage>,
) -> Result<ReceiptObject, NotMade> {
    let action = match job.task {
        Task::Action(action) => action,
        Task::Bind { application, bind, .. } => return binding(application, bind, made),
        Task::Icon { slug, .. } => {
            // An uploaded icon cannot be told from the answer, so it cannot be put back.
            return Ok(changed(endpoint::APPLICATIONS, slug, Map::new(), Map::new(), vec!["meta_icon".to_owned()]));
        }
    };
    Ok(match action {
        Action::MakeKey { common_name, .. } => new(endpoint::KEYS, "name", common_name),
        Action::MakeMapping { name, .. } => new(endpoint::MAPPINGS, "name", name),
        Action::MakeGroup { name, .. } => new(endpoint::GROUPS, "name", name),
        Action::Create { part, provider, application, .. } => ReceiptObject::Pair {
            part: part.clone(),
            client_id: field(provider, Field::ClientId),
            slug: field(application, Field::Slug),
            provider: None,
            application: None,
            bindings: Vec::new(),
        },
        Action::CreateProvider { provider, .. } => new(endpoint::PROVIDERS, "client_id", &field(provider, Field::ClientId)),
        Action::MakeExtra(extra) => {
            let mark = if extra.kind == ExtraKind::Flow { "slug" } else { "name" };
            new(extras::endpoint(extra.kind), mark, &extra.name)
        }
        Action::Rewrite(rewrite) => {
            changed(extras::endpoint(rewrite.kind), &rewrite.pk, expression(&rewrite.from), expression(&rewrite.to), Vec::new())
        }
        Action::CreateSource { api, settings, .. } => {
            let (mark, of) = mark_of(*api);
            new(endpoint::source(*api), mark, &field(settings, of))
        }
        Action::UpdateProvider { pk, changes, .. } => {
            changes_of(endpoint::PROVIDERS, pk, Object::Provider, changes, capabilities, made)?
        }
        Action::UpdateApplication { slug, changes, .. } => {
            changes_of(endpoint::APPLICATIONS, slug, Object::Application, changes, capabilities, made)?
        }
        Action::UpdateSource { api, slug, changes, .. } => {
            changes_of(endpoint::source(*api), slug, Object::Source(*api), changes, capabilities, made)?
        }
        Action::ShowSource { stage: pk, source, .. } => {
            let source = bodies::key_of(source, made)?;
            let before = stage.map(|stage| stage.sources.clone()).unwrap_or_default();
            let after = with_source(&before, source);
            changed(endpoint::STAGES, pk, sources(&before), sources(&after), Vec::new())
        }
        Action::AddBindings { application, .. } => new(endpoint::BINDINGS, "target", application),
    })
}

/// The sources of a stage with one more at the end, unless it is there.
pub(super) fn with_source(before: &[String], source: &str) -> Vec<String> {
    let mut after = before.to_vec();
    if !after.iter().any(|known| known == source) {
        after.push(source.to_owned());
    }
    after
}

/// The field and value by which one binding of an application is told from its others.
pub(super) fn binding_mark(application: &str, bind: &Bind, made: &Made) -> Result<(String, String), NotMade> {
    let (kind, reference) = match bind {
        Bind::Group(group) => ("group", group),
        Bind::Person(person) => ("user", person),
    };
    Ok((format!("target/{kind}"), format!("{application}/{}", bodies::key_of(reference, made)?)))
}

fn binding(application: &str, bind: &Bind, made: &Made) -> Result<ReceiptObject, NotMade> {
    let mark = binding_mark(application, bind, made)?;
    Ok(ReceiptObject::Made { endpoint: endpoint::BINDINGS.to_owned(), mark, pk: None })
}

fn new(endpoint: &str, field: &str, value: &str) -> ReceiptObject {
    ReceiptObject::Made { endpoint: endpoint.to_owned(), mark: (field.to_owned(), value.to_owned()), pk: None }
}

fn changes_of(
    endpoint: &str,
    pk: &str,
    object: Object,
    changes: &[Change],
    capabilities: &Capabilities,
    made: &Made,
) -> Result<ReceiptObject, NotMade> {
    let (before, _) = bodies::before(object, changes, capabilities)?;
    let (after, hidden) = bodies::without_secrets(object, bodies::change(object, changes, capabilities, made)?);
    Ok(changed(endpoint, pk, before, after, hidden))
}

fn changed(
    endpoint: &str,
    pk: &str,
    before: Map<String, Value>,
    after: Map<String, Value>,
    hidden: Vec<String>,
) -> ReceiptObject {
    ReceiptObject::Changed { endpoint: endpoint.to_owned(), pk: pk.to_owned(), before, after, hidden }
}

fn expression(text: &str) -> Map<String, Value> {
    Map::from_iter([("expression".to_owned(), text.into())])
}

fn sources(list: &[String]) -> Map<String, Value> {
    Map::from_iter([("sources".to_owned(), json!(list))])
}

fn field(settings: &Settings, field: Field) -> String {
    text(settings, field).unwrap_or_default().to_owned()
}
