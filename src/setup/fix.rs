//! Repairs of what exists, as plans: shown, confirmed, recorded, applied and undone like everything else.
//!
//! A fix changes what it is about and nothing besides. Lists grow, but for the one entry that a fix replaces, which the diff shows.

mod apply;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use indexmap::IndexMap;

use super::answers::RedirectUri;
use super::endpoints::Endpoints;
use super::facts::{Binding, Facts, Found, OAUTH2_COMPONENT};
use super::plan::{Action, Bind, Confirmation, Decision, Notice, Plan, PlannedPart};
use super::setting::{Change, Field, SettingValue};
use crate::catalog::template::{BuiltinScope, ClientType, Grant, IssuerMode, Level, SourceApi, SubjectMode};
use crate::catalog::value::Scope;

/// What the receipts of fixes name in place of a template.
pub const TEMPLATE: &str = "doctor";

/// One repair.
#[derive(Debug, Clone, PartialEq)]
pub enum Fix {
    /// Sign tokens with an RSA key, so that they are RS256. One is made where the server has none.
    SignWithRsa,
    /// Do not encrypt tokens.
    RemoveEncryption,
    /// Allow these grant types too.
    AddGrants(Vec<Grant>),
    /// Allow this redirect URI too, byte by byte.
    AddRedirect(String),
    /// Put another redirect entry in the place of this one: a regular expression that matches less, for instance.
    ReplaceRedirect {
        /// The entry as it is.
        from: RedirectUri,
        /// The entry as it becomes.
        to: RedirectUri,
    },
    /// Give out what this built-in scope stands for.
    AddScope(BuiltinScope),
    /// Answer the scope `groups` with the names of the person's groups. authentik has them in `profile` alone.
    AddGroupsScope,
    /// Say that e-mail addresses are verified: one mapping takes the place of authentik's own.
    VerifyEmail,
    /// End sessions with authentik's usual flow for providers.
    SetInvalidationFlow,
    /// Have people sign in with the brand's flow, as everywhere else.
    ClearAuthenticationFlow,
    /// Have `sub` hold this.
    SetSubjectMode(SubjectMode),
    /// Have the issuer be this.
    SetIssuerMode(IssuerMode),
    /// Have the application prove with a secret who it is, or not.
    SetClientType(ClientType),
    /// Make the provider what its template makes of it today, as an update of the application would.
    FollowTemplate(Following),
    /// Let these open the application too.
    LetIn(Vec<Bind>),
    /// Of Plex, let in those who share a listed server, and friends no more.
    PlexServersOnly,
}

/// What a template would change of a provider today.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Following {
    /// What is made first, such as a scope mapping.
    pub makes: Vec<Action>,
    /// What changes then. Of lists only the difference counts.
    pub changes: Vec<Change>,
    /// What has to be typed for it.
    pub confirmations: Vec<Confirmation>,
}

impl Following {
    /// The names of the fields that change.
    pub fn fields(&self) -> String {
        self.changes.iter().map(|change| change.field.label()).collect::<Vec<_>>().join(", ")
    }
}

/// What is repaired: the objects as they were read.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// What the server has besides.
    pub facts: &'a Facts,
    /// The provider; never one of another kind than OAuth2/OpenID.
    pub provider: Option<&'a Found>,
    /// The application.
    pub application: Option<&'a Found>,
    /// The application's bindings.
    pub bindings: &'a [Binding],
    /// A Plex source.
    pub source: Option<&'a Found>,
}

impl Fix {
    /// What it does, in few words: the start of a sentence without its end.
    pub fn title(&self) -> String {
        match self {
            Self::SignWithRsa => "sign tokens with an RSA key".to_owned(),
            Self::RemoveEncryption => "remove the encryption key".to_owned(),
            Self::AddGrants(grants) => {
                format!("allow the grant types {}", grants.iter().map(|grant| grant.as_str()).collect::<Vec<_>>().join(", "))
            }
            Self::AddRedirect(uri) => format!("allow the redirect URI {uri} (strict)"),
            Self::ReplaceRedirect { from, to } => format!("replace the redirect URI {} by {}", from.uri, to.uri),
            Self::AddScope(scope) => format!("add the scope {}", scope.scope()),
            Self::AddGroupsScope => "add a mapping for the scope groups".to_owned(),
            Self::VerifyEmail => "say that e-mail addresses are verified".to_owned(),
            Self::SetInvalidationFlow => "set the usual invalidation flow".to_owned(),
            Self::ClearAuthenticationFlow => "sign in with the brand's own flow".to_owned(),
            Self::SetSubjectMode(mode) => format!("set the subject mode to {}", mode.as_str()),
            Self::SetIssuerMode(mode) => format!("set the issuer mode to {}", mode.as_str()),
            Self::SetClientType(kind) => format!("set the client type to {}", kind.as_str()),
            Self::FollowTemplate(following) => format!("set as the template has it today: {}", following.fields()),
            Self::LetIn(who) => {
                let names: Vec<&str> = who
                    .iter()
                    .map(|bind| match bind {
                        Bind::Group(reference) | Bind::Person(reference) => reference.name(),
                    })
                    .collect();
                format!("let {} open it", names.join(" and "))
            }
            Self::PlexServersOnly => "switch off friends of the Plex account".to_owned(),
        }
    }
}

/// Makes the plan that carries out `fixes`. What holds already is left out; what stands in the way becomes a [`Decision`].
pub fn plan(fixes: &[Fix], target: Target<'_>) -> Plan {
    let mut builder = Builder::new(target);
    if let Some(provider) = target.provider
        && !builder.is_oauth2(&provider.pk)
    {
        let name = provider.text(Field::Name).unwrap_or(&provider.pk);
        builder.block(format!(
            "\"{name}\" is not an OAuth2/OpenID provider, or the token may not see what it is. It is left as it is."
        ));
        return builder.finish();
    }
    for fix in fixes {
        builder.add(fix);
    }
    builder.finish()
}

/// One plan of several, each about another object. What more than one makes, such as a key, is made once.
pub fn join(plans: impl IntoIterator<Item = Plan>) -> Plan {
    let mut all = Plan {
        template: TEMPLATE.to_owned(),
        actions: Vec::new(),
        notices: Vec::new(),
        decisions: Vec::new(),
        confirmations: Vec::new(),
        parts: Vec::new(),
        scope: Scope::default(),
    };
    let (mut makes, mut changes) = (Vec::new(), Vec::new());
    for plan in plans {
        for action in plan.actions {
            let is_made = matches!(action, Action::MakeKey { .. } | Action::MakeMapping { .. });
            if !is_made {
                changes.push(action);
            } else if !makes.contains(&action) {
                makes.push(action);
            }
        }
        for notice in plan.notices {
            if !all.notices.contains(&notice) {
                all.notices.push(notice);
            }
        }
        for confirmation in plan.confirmations {
            if !all.confirmations.contains(&confirmation) {
                all.confirmations.push(confirmation);
            }
        }
        all.decisions.extend(plan.decisions);
        all.parts.extend(plan.parts);
    }
    makes.append(&mut changes);
    all.actions = makes;
    all
}

/// What a plan is made of, while it is made.
struct Builder<'a> {
    target: Target<'a>,
    makes: Vec<Action>,
    bindings: Vec<Bind>,
    /// What the provider's fields become, with the reason.
    provider: IndexMap<Field, (SettingValue, String)>,
    /// Likewise the source's.
    source: IndexMap<Field, (SettingValue, String)>,
    notices: Vec<Notice>,
    decisions: Vec<Decision>,
    confirmations: Vec<Confirmation>,
}

impl<'a> Builder<'a> {
    fn new(target: Target<'a>) -> Self {
        Self {
            target,
            makes: Vec::new(),
            bindings: Vec::new(),
            provider: IndexMap::new(),
            source: IndexMap::new(),
            notices: Vec::new(),
            decisions: Vec::new(),
            confirmations: Vec::new(),
        }
    }

    fn is_oauth2(&self, pk: &str) -> bool {
        self.target.facts.providers.iter().any(|provider| provider.pk == pk && provider.component == OAUTH2_COMPONENT)
    }

    fn block(&mut self, text: impl Into<String>) {
        self.decisions.push(Decision::Blocked { text: text.into() });
    }

    fn notice(&mut self, level: Level, text: impl Into<String>) {
        self.notices.push(Notice { level, text: text.into() });
    }

    fn make(&mut self, action: Option<Action>) {
        self.makes.extend(action.filter(|action| !self.makes.contains(action)));
    }

    fn finish(self) -> Plan {
        let Target { facts, provider, application, bindings, source } = self.target;
        let mut actions = self.makes;
        let mut confirmations = self.confirmations;
        let name = application.or(provider).or(source).and_then(|found| found.text(Field::Name)).unwrap_or_default();
        let slug = application.or(source).and_then(|found| found.text(Field::Slug));
        if let Some(found) = provider {
            let changes = changes(found, self.provider);
            let sensitive: Vec<&str> =
                changes.iter().filter(|change| change.field.is_sensitive()).map(|change| change.field.label()).collect();
            if !sensitive.is_empty() {
                confirmations.push(Confirmation::Slug {
                    slug: slug.unwrap_or(name).to_owned(),
                    why: format!(
                        "\"{name}\" exists and may be in use. A change of {} can lock people out or give them second accounts.",
                        sensitive.join(" and ")
                    ),
                });
            }
            if !changes.is_empty() {
                let name = found.text(Field::Name).unwrap_or(name).to_owned();
                actions.push(Action::UpdateProvider { pk: found.pk.clone(), name, changes });
            }
        }
        if let Some(found) = source {
            let changes = changes(found, self.source);
            if !changes.is_empty() {
                actions.push(Action::UpdateSource {
                    api: SourceApi::Plex,
                    slug: slug.unwrap_or_default().to_owned(),
                    name: name.to_owned(),
                    changes,
                });
            }
        }
        if let Some(application) = application.filter(|_| !self.bindings.is_empty()) {
            actions.push(Action::AddBindings {
                application: application.pk.clone(),
                name: name.to_owned(),
                bindings: self.bindings,
                first_order: bindings.iter().map(|binding| binding.order + 1).max().unwrap_or(0),
            });
        }
        Plan {
            template: TEMPLATE.to_owned(),
            actions: if self.decisions.is_empty() { actions } else { Vec::new() },
            notices: self.notices,
            decisions: self.decisions,
            confirmations,
            parts: provider
                .zip(application)
                .map(|(provider, application)| part(facts, provider, application))
                .into_iter()
                .collect(),
            scope: Scope::default(),
        }
    }
}

/// Those of `wanted` that differ from what is there.
fn changes(found: &Found, wanted: IndexMap<Field, (SettingValue, String)>) -> Vec<Change> {
    let change = |(field, (to, why))| {
        let from = found.settings.get(&field)?.clone();
        (from != to).then_some(Change { field, from, to, why: Some(why) })
    };
    wanted.into_iter().filter_map(change).collect()
}

/// What is read back when everything is done.
fn part(facts: &Facts, provider: &Found, application: &Found) -> PlannedPart {
    let slug = application.text(Field::Slug).unwrap_or_default();
    let global = provider.text(Field::IssuerMode) == Some(IssuerMode::Global.as_str());
    let mode = if global { IssuerMode::Global } else { IssuerMode::PerProvider };
    PlannedPart {
        // Several fixes can be in one plan, each about another application.
        id: slug.to_owned(),
        name: application.text(Field::Name).unwrap_or_default().to_owned(),
        slug: slug.to_owned(),
        client_id: provider.text(Field::ClientId).unwrap_or_default().to_owned(),
        client_secret: None,
        endpoints: Arc::new(Endpoints::new(&facts.public_url, slug, mode)),
    }
}
