//! A plan's actions as single writes, in the rounds in which they can be sent.

use crate::authentik::extras;
use crate::catalog::template::SourceApi;
use crate::setup::facts::Capabilities;
use crate::setup::plan::{Action, Bind, Plan};
use crate::setup::setting::{Change, Field, Ref, SettingValue, Settings};

/// One write.
#[derive(Debug)]
pub(super) struct Job<'p> {
    pub task: Task<'p>,
    /// For people: what it does.
    pub label: String,
    /// The round in which it can be sent: all that it refers to was made in earlier ones.
    pub round: usize,
}

/// What a write does.
#[derive(Debug, Clone, Copy)]
pub(super) enum Task<'p> {
    /// An action that is one write.
    Action(&'p Action),
    /// One of the bindings that are added to an application that exists.
    Bind { application: &'p str, bind: &'p Bind, order: i64 },
    /// The icon, on servers that do not take it in the application's body.
    Icon { slug: &'p str, url: &'p str },
}

/// The plan's writes, in its order.
pub(super) fn jobs<'p>(plan: &'p Plan, capabilities: &Capabilities) -> Vec<Job<'p>> {
    let mut jobs: Vec<Job<'p>> = Vec::new();
    for action in &plan.actions {
        let round = round_of(action, &jobs);
        if let Action::AddBindings { application, name, bindings, first_order } = action {
            for (bind, order) in bindings.iter().zip(*first_order..) {
                let round = refs_of_bind(bind).map_or(0, |handle| after(handle, &jobs));
                let label = format!("Let {} open “{name}”", subject(bind));
                jobs.push(Job { task: Task::Bind { application, bind, order }, label, round });
            }
            continue;
        }
        if !changes_icon_only(action, capabilities) {
            jobs.push(Job { task: Task::Action(action), label: label(action), round });
        }
        if let Some((slug, url)) = icon_apart(action, capabilities) {
            let round = round + usize::from(matches!(action, Action::Create { .. }));
            jobs.push(Job { task: Task::Icon { slug, url }, label: format!("Set the icon of “{slug}”"), round });
        }
    }
    jobs
}

/// The round after everything that `action` refers to.
fn round_of(action: &Action, jobs: &[Job<'_>]) -> usize {
    let mut handles = Vec::new();
    match action {
        Action::MakeKey { .. }
        | Action::MakeMapping { .. }
        | Action::MakeGroup { .. }
        | Action::AddBindings { .. }
        | Action::Rewrite(_) => {}
        Action::MakeExtra(extra) => handles.extend(extra.fields.values().flat_map(refs_of_value)),
        Action::Create { provider, application, bindings, .. } => {
            handles.extend(refs_of_settings(provider));
            handles.extend(refs_of_settings(application));
            handles.extend(bindings.iter().filter_map(refs_of_bind));
        }
        Action::CreateProvider { provider: settings, .. } | Action::CreateSource { settings, .. } => {
            handles.extend(refs_of_settings(settings));
        }
        Action::UpdateProvider { changes, .. }
        | Action::UpdateApplication { changes, .. }
        | Action::UpdateSource { changes, .. } => {
            handles.extend(changes.iter().flat_map(|change| refs_of_value(&change.to)));
        }
        Action::ShowSource { source, .. } => handles.extend(handle_of(source)),
    }
    handles.into_iter().map(|handle| after(handle, jobs)).max().unwrap_or(0)
}

/// The round after the one that makes `handle`.
fn after(handle: &str, jobs: &[Job<'_>]) -> usize {
    jobs.iter().find(|job| job.makes() == Some(handle)).map_or(0, |job| job.round + 1)
}

fn handle_of(reference: &Ref) -> Option<&str> {
    match reference {
        Ref::New { handle, .. } => Some(handle),
        Ref::Existing { .. } => None,
    }
}

fn refs_of_bind(bind: &Bind) -> Option<&str> {
    match bind {
        Bind::Group(reference) | Bind::Person(reference) => handle_of(reference),
    }
}

fn refs_of_settings(settings: &Settings) -> impl Iterator<Item = &str> {
    settings.values().flat_map(|setting| refs_of_value(&setting.value))
}

fn refs_of_value(value: &SettingValue) -> Vec<&str> {
    match value {
        SettingValue::Ref(reference) => handle_of(reference).into_iter().collect(),
        SettingValue::Refs(references) => references.iter().filter_map(handle_of).collect(),
        _ => Vec::new(),
    }
}

impl<'p> Job<'p> {
    /// The handle under which others refer to what it makes.
    pub(super) fn makes(&self) -> Option<&'p str> {
        match self.task {
            Task::Action(
                Action::MakeKey { handle, .. }
                | Action::MakeMapping { handle, .. }
                | Action::MakeGroup { handle, .. }
                | Action::CreateProvider { handle, .. }
                | Action::CreateSource { handle, .. },
            ) => Some(handle),
            Task::Action(Action::MakeExtra(extra)) => Some(&extra.handle),
            _ => None,
        }
    }

    /// The identification stage that has to be read before the write.
    pub(super) fn stage(&self) -> Option<&'p str> {
        match self.task {
            Task::Action(Action::ShowSource { stage, .. }) => Some(stage),
            _ => None,
        }
    }

    /// The rights that the write needs.
    pub(super) fn rights(&self) -> &'static [&'static str] {
        match self.task {
            Task::Bind { .. } => &["authentik_policies.add_policybinding"],
            Task::Icon { .. } => &["authentik_core.change_application"],
            Task::Action(action) => match action {
                Action::MakeKey { .. } => &["authentik_crypto.add_certificatekeypair"],
                Action::MakeMapping { .. } => &["authentik_providers_oauth2.add_scopemapping"],
                Action::MakeGroup { .. } => &["authentik_core.add_group"],
                Action::Create { bindings, .. } if bindings.is_empty() => {
                    &["authentik_providers_oauth2.add_oauth2provider", "authentik_core.add_application"]
                }
                Action::Create { .. } => &[
                    "authentik_providers_oauth2.add_oauth2provider",
                    "authentik_core.add_application",
                    "authentik_policies.add_policybinding",
                ],
                Action::CreateProvider { .. } => &["authentik_providers_oauth2.add_oauth2provider"],
                Action::UpdateProvider { .. } => {
                    &["authentik_providers_oauth2.view_oauth2provider", "authentik_providers_oauth2.change_oauth2provider"]
                }
                Action::UpdateApplication { .. } => &["authentik_core.view_application", "authentik_core.change_application"],
                Action::AddBindings { .. } => &["authentik_policies.add_policybinding"],
                Action::MakeExtra(extra) => extras::right(extra.kind),
                Action::Rewrite(rewrite) => extras::change_right(rewrite.kind),
                Action::CreateSource { api, .. } => add_source(*api),
                Action::UpdateSource { api, .. } => change_source(*api),
                Action::ShowSource { .. } => &[
                    "authentik_stages_identification.view_identificationstage",
                    "authentik_stages_identification.change_identificationstage",
                ],
            },
        }
    }
}

const fn add_source(api: SourceApi) -> &'static [&'static str] {
    match api {
        SourceApi::Oauth => &["authentik_sources_oauth.add_oauthsource"],
        SourceApi::Plex => &["authentik_sources_plex.add_plexsource"],
        SourceApi::Saml => &["authentik_sources_saml.add_samlsource"],
        SourceApi::Scim => &["authentik_sources_scim.add_scimsource"],
        SourceApi::Telegram => &["authentik_sources_telegram.add_telegramsource"],
    }
}

const fn change_source(api: SourceApi) -> &'static [&'static str] {
    match api {
        SourceApi::Oauth => &["authentik_sources_oauth.view_oauthsource", "authentik_sources_oauth.change_oauthsource"],
        SourceApi::Plex => &["authentik_sources_plex.view_plexsource", "authentik_sources_plex.change_plexsource"],
        SourceApi::Saml => &["authentik_sources_saml.view_samlsource", "authentik_sources_saml.change_samlsource"],
        SourceApi::Scim => &["authentik_sources_scim.view_scimsource", "authentik_sources_scim.change_scimsource"],
        SourceApi::Telegram => {
            &["authentik_sources_telegram.view_telegramsource", "authentik_sources_telegram.change_telegramsource"]
        }
    }
}

/// Who is let in, for labels.
fn subject(bind: &Bind) -> String {
    match bind {
        Bind::Group(group) => format!("the group “{}”", group.name()),
        Bind::Person(person) => format!("“{}”", person.name()),
    }
}

fn label(action: &Action) -> String {
    match action {
        Action::MakeKey { common_name, .. } => format!("Create the RSA key “{common_name}”"),
        Action::MakeMapping { name, .. } => format!("Create the scope mapping “{name}”"),
        Action::MakeGroup { name, .. } => format!("Create the group “{name}”"),
        Action::Create { application, .. } => format!("Create provider and application “{}”", name_of(application)),
        Action::CreateProvider { provider, .. } => format!("Create the provider “{}”", name_of(provider)),
        Action::UpdateProvider { name, .. } => format!("Change the provider “{name}”"),
        Action::UpdateApplication { name, .. } => format!("Change the application “{name}”"),
        Action::AddBindings { name, .. } => format!("Bind the application “{name}”"),
        Action::MakeExtra(extra) => format!("Create the {} “{}”", lower(extra.kind.title()), extra.name),
        Action::Rewrite(rewrite) => format!("Change the {} “{}”", lower(rewrite.kind.title()), rewrite.name),
        Action::CreateSource { settings, .. } => format!("Create the login source “{}”", name_of(settings)),
        Action::UpdateSource { name, .. } => format!("Change the login source “{name}”"),
        Action::ShowSource { stage_name, source, .. } => format!("Show “{}” on the login page “{stage_name}”", source.name()),
    }
}

/// The first letter small: for the middle of a sentence.
fn lower(title: &str) -> String {
    let mut letters = title.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

fn name_of(settings: &Settings) -> &str {
    text(settings, Field::Name).unwrap_or_default()
}

/// The text of a field, where it is one.
pub(super) fn text(settings: &Settings, field: Field) -> Option<&str> {
    match settings.get(&field).map(|setting| &setting.value) {
        Some(SettingValue::Text(text)) => Some(text),
        _ => None,
    }
}

/// The slug and the icon's address, where the icon is a call of its own.
fn icon_apart<'p>(action: &'p Action, capabilities: &Capabilities) -> Option<(&'p str, &'p str)> {
    if capabilities.icon_in_body {
        return None;
    }
    let (slug, url) = match action {
        Action::Create { application, .. } => (text(application, Field::Slug)?, text(application, Field::Icon)?),
        Action::UpdateApplication { slug, changes, .. } => (slug.as_str(), icon_change(changes)?),
        _ => return None,
    };
    (!url.is_empty()).then_some((slug, url))
}

fn icon_change(changes: &[Change]) -> Option<&str> {
    changes.iter().find(|change| change.field == Field::Icon).and_then(|change| match &change.to {
        SettingValue::Text(url) => Some(url.as_str()),
        _ => None,
    })
}

/// Nothing is left for the body when the icon is a call of its own.
fn changes_icon_only(action: &Action, capabilities: &Capabilities) -> bool {
    !capabilities.icon_in_body
        && matches!(action, Action::UpdateApplication { changes, .. } if changes.iter().all(|change| change.field == Field::Icon))
}
