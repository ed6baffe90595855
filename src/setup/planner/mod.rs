//! From template, answers and facts to a plan. Pure, and it never fails: what stands in the way becomes a [`Decision`].

mod access;
mod application;
pub(super) mod flows;
pub(super) mod key;
pub(super) mod mappings;
mod names;
mod objects;
mod provider;
mod remarks;
mod rotate;
mod rotate_source;
mod second_pass;
mod source;
mod update;

#[cfg(test)]
mod source_tests;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use super::answers::Answers;
use super::endpoints::Endpoints;
use super::facts::{Existing, Facts};
use super::mint::Minted;
use super::plan::{Action, Confirmation, Decision, Notice, Plan, PlannedPart};
use super::question::{self, Problem};
use super::setting::Ref;
use crate::catalog::address::is_private;
use crate::catalog::render::Engine;
use crate::catalog::template::{Level, Part, Provider, Template};
use crate::catalog::text::Text;
use crate::catalog::value::{Scope, Value};

pub use flows::designation;
pub use names::{Preview, first_address, preview, redirects, slugify, slugs};
pub use remarks::remarks;
pub use rotate::rotation;
pub use rotate_source::{secret_field, secret_questions, source_rotation, source_rotation_by_hand};
pub use second_pass::{SecondPass, second_pass};
pub(super) use source::field_named;
pub use source::{comes_later, lacking, registration};

/// Makes the plan.
pub fn plan(engine: &Engine, template: &Template, answers: &Answers, facts: &Facts, minted: &Minted) -> Plan {
    let resolved = question::resolve(engine, template, answers, minted);
    let mut builder = Builder::new(engine, template, answers, facts, minted, resolved.scope.clone());
    for state in &resolved.questions {
        if let Some(problem) = &state.problem {
            let label = template.question.iter().find(|question| question.id == state.id).map_or("", |question| &question.label);
            builder.block(match problem {
                Problem::Missing => format!("\"{label}\" has no answer yet."),
                Problem::Wrong(sentence) => format!("\"{label}\": {sentence}"),
            });
        }
    }
    if builder.decisions.is_empty() {
        if let Some(source) = &template.source {
            builder.plan_source(source, &resolved);
        } else {
            builder.plan_application();
        }
    }
    builder.finish()
}

/// As [`plan`] for an application whose answers were found right before: `scope` is what [`question::resolve`] made of them.
pub fn plan_checked(
    engine: &Engine,
    template: &Template,
    answers: &Answers,
    facts: &Facts,
    minted: &Minted,
    scope: Scope,
) -> Plan {
    let mut builder = Builder::new(engine, template, answers, facts, minted, scope);
    builder.plan_application();
    builder.finish()
}

/// How many names a part has.
const OWN_NAMES: usize = 17;

/// What a plan is made of, while it is made.
struct Builder<'a> {
    engine: &'a Engine,
    template: &'a Template,
    answers: &'a Answers,
    facts: &'a Facts,
    minted: &'a Minted,
    scope: Scope,
    /// Keys, mappings and groups, which come first.
    makes: Vec<Action>,
    actions: Vec<Action>,
    notices: Vec<Notice>,
    decisions: Vec<Decision>,
    confirmations: Vec<Confirmation>,
    planned: Vec<PlannedPart>,
    /// The template's further objects, by id.
    objects: indexmap::IndexMap<String, Ref>,
}

impl<'a> Builder<'a> {
    fn new(
        engine: &'a Engine,
        template: &'a Template,
        answers: &'a Answers,
        facts: &'a Facts,
        minted: &'a Minted,
        scope: Scope,
    ) -> Self {
        Self {
            engine,
            template,
            answers,
            facts,
            minted,
            scope,
            makes: Vec::new(),
            actions: Vec::new(),
            notices: Vec::new(),
            decisions: Vec::new(),
            confirmations: Vec::new(),
            planned: Vec::new(),
            objects: indexmap::IndexMap::new(),
        }
    }

    fn finish(mut self) -> Plan {
        self.notices.sort_by_key(|notice| std::cmp::Reverse(notice.level));
        self.makes.append(&mut self.actions);
        Plan {
            template: self.template.id.clone(),
            actions: self.makes,
            notices: self.notices,
            decisions: self.decisions,
            confirmations: self.confirmations,
            parts: self.planned,
            scope: self.scope,
        }
    }

    fn block(&mut self, text: impl Into<String>) {
        self.decisions.push(Decision::Blocked { text: text.into() });
    }

    fn notice(&mut self, level: Level, text: impl Into<String>) {
        let notice = Notice { level, text: text.into() };
        if !self.notices.contains(&notice) {
            self.notices.push(notice);
        }
    }

    /// Adds something that others refer to, once.
    fn make(&mut self, action: Action) {
        if !self.makes.contains(&action) {
            self.makes.push(action);
        }
    }

    /// The text, or a blocked plan that says which one could not be made.
    fn text(&mut self, what: &str, text: &Text) -> Option<String> {
        match self.engine.plain(text, &self.scope) {
            Ok(text) => Some(text),
            Err(error) => {
                self.block(format!("{what} could not be made from the answers: {error}"));
                None
            }
        }
    }

    fn plan_application(&mut self) {
        self.plan_parts();
        self.note_second_pass();
    }

    fn plan_parts(&mut self) {
        let engine = self.engine;
        let wanted: Vec<&Part> = self
            .template
            .parts()
            .iter()
            .filter(|part| part.when.as_ref().is_none_or(|when| engine.holds(when, &self.scope).unwrap_or(false)))
            .collect();
        self.plan_groups();
        let named: Vec<Option<(String, String)>> =
            wanted.iter().enumerate().map(|(index, part)| self.name_and_slug(index == 0, &part.application)).collect();
        let Some(named) = named.into_iter().collect::<Option<Vec<_>>>() else { return };
        self.fill_scope(&wanted, &named);
        for (part, (name, slug)) in wanted.into_iter().zip(named) {
            self.plan_part(part, &name, &slug);
        }
        self.note_access();
        self.note_reach();
        self.note_expressions();
    }

    /// Gives texts the names that depend on slugs and credentials.
    fn fill_scope(&mut self, wanted: &[&Part], named: &[(String, String)]) {
        let mut table = Scope::default();
        // Only where there are several is one of them named.
        let several = !self.template.part.is_empty();
        self.scope.reserve(OWN_NAMES);
        for (index, (part, (name, slug))) in wanted.iter().zip(named).enumerate() {
            let (client_id, client_secret) = self.credentials(part, slug);
            let endpoints = self.endpoints(&part.provider, slug);
            let requested = self.requested(&part.provider);
            let add_to = |scope: &mut Scope| {
                endpoints.add_to(scope);
                scope.insert("slug".into(), Value::from(slug.as_str()));
                scope.insert("app_name".into(), Value::from(name.as_str()));
                scope.insert("client_id".into(), Value::from(client_id.as_str()));
                scope.insert("client_secret".into(), client_secret.clone().map_or(Value::None, Value::Secret));
                scope.insert("requested".into(), Value::List(requested.iter().map(|name| Value::from(name.as_str())).collect()));
            };
            if index == 0 {
                add_to(&mut self.scope);
            }
            if several {
                let mut own = Scope::default();
                add_to(&mut own);
                table.insert(part.id.clone(), Value::Table(own));
            }
            self.planned.push(PlannedPart {
                id: part.id.clone(),
                name: name.clone(),
                slug: slug.clone(),
                client_id,
                client_secret,
                endpoints: Arc::new(endpoints),
            });
        }
        self.scope.insert("parts".into(), Value::Table(table));
    }

    fn plan_part(&mut self, part: &Part, name: &str, slug: &str) {
        let existing = self.existing(slug).cloned();
        let provider_name = self.provider_name(name, existing.as_ref());
        let Some(provider) = self.provider_settings(&part.id, &part.provider, &provider_name) else { return };
        let Some(application) = self.application_settings(&part.application, name, slug) else { return };
        let bindings = self.bindings();
        match existing {
            None => {
                self.actions.push(Action::Create { part: part.id.clone(), provider, application, bindings });
            }
            Some(existing) => self.plan_update(part, name, &existing, provider, &application, bindings),
        }
    }

    /// The application that has the slug already, compared without case (the server would take `Portainer` beside `portainer`).
    fn existing(&self, slug: &str) -> Option<&'a Existing> {
        self.facts
            .existing
            .iter()
            .find(|existing| existing.application.text(super::setting::Field::Slug).is_some_and(|other| same_name(other, slug)))
    }

    fn endpoints(&self, provider: &Provider, slug: &str) -> Endpoints {
        let mode = self.answers.options.issuer_mode.unwrap_or(provider.issuer_mode);
        Endpoints::new(&self.facts.public_url, slug, mode)
    }

    /// A reference to an existing object, or to one that an action of this plan makes.
    fn new_ref(handle: &str, name: &str) -> Ref {
        Ref::New { handle: handle.to_owned(), name: name.to_owned() }
    }

    /// A service in the internet asks authentik itself: it cannot reach a private network.
    fn note_reach(&mut self) {
        let address = self.facts.public_url.trim_end_matches('/').to_owned();
        if self.template.needs.reach && is_private(&address) != Some(false) {
            let name = &self.template.name;
            let text = format!(
                "{name} calls authentik from the internet, but {address} is an address that only a private network reaches."
            );
            self.notice(Level::Warning, text);
        }
    }

    /// A mapping expression runs inside authentik. The template's own are reviewed; a user's own needs a typed yes.
    fn note_expressions(&mut self) {
        let runs_code = self.makes.iter().any(|action| match action {
            Action::MakeMapping { .. } | Action::Rewrite(_) => true,
            Action::MakeExtra(extra) => extra.kind.runs_code(),
            _ => false,
        });
        if runs_code && self.template.own {
            self.confirmations.push(Confirmation::Yes {
                why:
                    "This template is your own, and it adds Python that runs inside authentik. Read it above before you confirm."
                        .into(),
            });
        }
    }
}

/// Whether two names are the same to a person: authentik compares them byte by byte, people do not.
fn same_name(mine: &str, other: &str) -> bool {
    // With thousands of names, two copies for each comparison are felt.
    if mine.is_ascii() && other.is_ascii() {
        return mine.eq_ignore_ascii_case(other);
    }
    mine.to_lowercase() == other.to_lowercase()
}
