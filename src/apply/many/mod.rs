//! Many applications from one file, and the login sources among them: looked at together, planned one by one, done at once as far as the
//! server takes it.
//!
//! [`survey`] looks what the server has, and plans each wish. [`run`] makes what is shared, then each application with a receipt
//! of its own, and reads the first one of each template back; another survey is the look at all of them. Some hundred plans are kept until
//! their turn comes, the others made again, so that memory does not grow with their number.

mod keeper;
mod prune;
mod run;
mod shared;
mod sources;
mod survey;

use std::sync::{Arc, Mutex, PoisonError};

pub use keeper::Keeper;
pub use prune::{Leftover, Leftovers, SharedLeftover, leave_what_is_used, leave_what_is_wanted, leftovers, prune, was_made_here};
pub use run::{Event, Report, Work, run};
pub use survey::{KEPT, Kept, Planning, State, Survey, survey, wanted};

use crate::catalog::render::Engine;
use crate::catalog::template::{SourceApi, Template};
use crate::catalog::value::Scope;
use crate::setup::answers::Answers;
use crate::setup::facts::Facts;
use crate::setup::mint::Minted;
use crate::setup::plan::Plan;
use crate::setup::planner::{plan, plan_checked};
use crate::setup::receipt::SOURCE_PREFIX;

/// An application, or a login source, that a file wants.
#[derive(Debug)]
pub struct Wish {
    /// Its template.
    pub template: Arc<Template>,
    /// What the file decides. [`crate::setup::answers::Taken::Update`] where the slug may exist.
    pub answers: Answers,
    /// The slugs that it takes, its own first.
    pub slugs: Vec<String>,
    /// What exists may be changed although akwiz did not make it.
    pub update: bool,
    /// For an application: what [`resolve`](crate::setup::question::resolve) made of the answers, if it found them right. The first plan
    /// takes it and fills it further; another one resolves anew.
    pub scope: Mutex<Option<Scope>>,
}

impl Wish {
    /// Its plan, as if it were the only one.
    fn plan(&self, engine: &Engine, facts: &Facts, minted: &Minted) -> Plan {
        let scope = self.scope.lock().unwrap_or_else(PoisonError::into_inner).take();
        match scope {
            Some(scope) => plan_checked(engine, &self.template, &self.answers, facts, minted, scope),
            None => plan(engine, &self.template, &sources::answers(self, facts), facts, minted),
        }
    }

    /// The slug by which it is called.
    pub fn slug(&self) -> &str {
        self.slugs.first().map_or("", String::as_str)
    }

    /// The kind of login source that it is, if it is one.
    pub fn source(&self) -> Option<SourceApi> {
        self.template.source.as_ref().map(|source| source.api)
    }

    /// What receipts call it, and the places that it takes: an application and a login source can have the same slug.
    pub fn marks(&self) -> impl Iterator<Item = String> {
        let prefix = if self.source().is_some() { SOURCE_PREFIX } else { "" };
        self.slugs.iter().map(move |slug| format!("{prefix}{slug}"))
    }
}

impl Survey {
    /// The names of what is made once for several.
    pub fn shared_names(&self) -> impl Iterator<Item = &str> {
        self.shared.iter().map(shared::name)
    }

    /// Nothing is to be made or changed. What is shared can be missing although each application is as it should be: a group that somebody
    /// removed. Where all are set aside, it is not needed.
    pub fn is_settled(&self) -> bool {
        let [create, change, same, _] = self.counts();
        create + change == 0 && (self.shared.is_empty() || same == 0)
    }

    /// Whether another survey came to the same.
    pub fn is_like(&self, other: &Self) -> bool {
        self.shared == other.shared
            && self.states.len() == other.states.len()
            && self.states.iter().zip(&other.states).all(|(mine, other)| mine.is_like(other))
    }

    /// How many are to be made, to be changed, as they should be, and blocked.
    pub fn counts(&self) -> [usize; 4] {
        let mut counts = [0; 4];
        for state in &self.states {
            counts[match state {
                State::Create { .. } => 0,
                State::Change { .. } => 1,
                State::Same => 2,
                State::Blocked { .. } => 3,
            }] += 1;
        }
        counts
    }
}
