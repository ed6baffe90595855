//! Looks what the server has and plans each application of a file, keeping of every plan no more than has to be shown or done.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use indexmap::IndexMap;

use super::{Wish, shared, sources};
use crate::authentik::inventory::Inventory;
use crate::authentik::{ApiError, Client};
use crate::catalog::render::Engine;
use crate::catalog::template::{Level, Template};
use crate::catalog::value::Scope;
use crate::setup::diff;
use crate::setup::facts::{Existing, Facts, ProviderFact};
use crate::setup::mint::Minted;
use crate::setup::plan::{Action, Bind, Confirmation, Decision, Notice, Plan};
use crate::setup::setting::{Field, SettingValue, Settings};

/// Of so many applications what was worked out is kept until their turn comes: some kilobytes each. For those behind them it is worked
/// out again, so that memory does not grow with their number.
pub const KEPT: usize = 512;

/// What planning needs beside the wishes.
pub struct Planning<'a> {
    /// Renders the texts of templates.
    pub engine: &'a Engine,
    /// So many plans of what is made are kept until their turn comes, without their scopes; see [`KEPT`]. None where texts are wanted of
    /// what is made.
    pub keep: usize,
    /// Whether akwiz made what has this client ID, or for a login source this primary key. What others made is only changed where its wish
    /// allows it.
    pub ours: &'a dyn Fn(&str) -> bool,
    /// Makes credentials.
    pub mint: &'a dyn Fn(&Template) -> Minted,
    /// Sees each plan that does something, before it is forgotten.
    pub see: &'a mut dyn FnMut(usize, &Plan),
}

/// What the server has, and what each wish needs.
#[derive(Debug)]
pub struct Survey {
    /// What the server has, completed by what will be made for several applications.
    pub facts: Facts,
    /// By wish.
    pub states: Vec<State>,
    /// Keys, mappings and groups that are made first, each once.
    pub shared: Vec<Action>,
    /// Warnings, each with the slug of the first application that it is about and how many there are.
    pub notices: Vec<(Notice, String, usize)>,
    /// How many providers the server has; what follows in the facts is planned.
    pub(super) providers: usize,
}

/// What a wish needs.
#[derive(Debug)]
pub enum State {
    /// It is as it should be.
    Same,
    /// It is made.
    Create {
        /// The application's name.
        name: String,
        /// Who may open it, by name; empty means everyone.
        access: Vec<String>,
        /// What has to be typed besides.
        confirmations: Vec<Confirmation>,
        /// The plan, or what tells it apart.
        plan: Kept,
    },
    /// What exists is changed.
    Change {
        /// The plan, without what only texts need.
        plan: Box<Plan>,
        /// What has to be typed besides.
        confirmations: Vec<Confirmation>,
    },
    /// Something stands in the way: a sentence, and what to do.
    Blocked {
        /// What stands in the way.
        why: String,
        /// What to do about it.
        hint: Option<String>,
    },
}

/// The plan of an application that is made. Only the first ones are kept whole, see [`KEPT`].
#[derive(Debug)]
pub enum Kept {
    /// The plan, without what only texts of the review need.
    Whole(Box<Plan>),
    /// Tells plans apart. The plan is made again when its turn comes.
    Digest(u64),
}

impl Kept {
    fn digest(&self) -> u64 {
        match self {
            Self::Whole(plan) => digest(plan),
            Self::Digest(digest) => *digest,
        }
    }
}

impl State {
    /// What has to be typed besides.
    pub fn confirmations(&self) -> &[Confirmation] {
        match self {
            Self::Create { confirmations, .. } | Self::Change { confirmations, .. } => confirmations,
            Self::Same | Self::Blocked { .. } => &[],
        }
    }

    /// Whether two surveys came to the same.
    pub fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Same, Self::Same) | (Self::Blocked { .. }, Self::Blocked { .. }) => true,
            (Self::Create { plan: mine, .. }, Self::Create { plan: other, .. }) => mine.digest() == other.digest(),
            (Self::Change { plan: mine, .. }, Self::Change { plan: other, .. }) => digest(mine) == digest(other),
            _ => false,
        }
    }
}

/// The slugs of the applications that are wanted, in lower case.
pub fn wanted(wishes: &[Wish]) -> HashSet<String> {
    wishes.iter().filter(|wish| wish.source().is_none()).flat_map(|wish| &wish.slugs).map(|slug| slug.to_lowercase()).collect()
}

/// Plans each wish. `facts` are those of [`Client::shared_facts`], and `inventory` is that of what is [`wanted`].
///
/// # Errors
/// When the server cannot be reached, or an answer cannot be read.
pub async fn survey(
    client: &Client,
    wishes: &[Wish],
    mut facts: Facts,
    mut inventory: Inventory,
    planning: &mut Planning<'_>,
) -> Result<Survey, ApiError> {
    if !facts.me.superuser {
        client.look_for_hidden(&mut inventory, &wanted(wishes)).await?;
    }
    let mut by_slug: HashMap<String, usize> = HashMap::new();
    for (index, wish) in wishes.iter().enumerate().filter(|(_, wish)| wish.source().is_none()) {
        for slug in &wish.slugs {
            by_slug.entry(slug.to_lowercase()).or_insert(index);
        }
    }
    let mut planner = Planner {
        wishes,
        planning,
        states: wishes.iter().map(|_| None).collect(),
        shared: Vec::new(),
        notices: IndexMap::new(),
        planned_providers: 0,
        kept: 0,
    };
    // An application is planned when all that exists of it has been read: usually at once.
    let mut missing: HashMap<usize, usize> = HashMap::new();
    for slug in inventory.slugs() {
        if let Some(index) = by_slug.get(&slug.to_lowercase()) {
            *missing.entry(*index).or_default() += 1;
        }
    }
    let mut partial: HashMap<usize, Vec<Existing>> = HashMap::new();
    client
        .each_existing(inventory, &mut facts, |facts, existing| {
            let slug = existing.application.text(Field::Slug).unwrap_or_default();
            let Some(index) = by_slug.get(&slug.to_lowercase()).copied() else { return };
            let exact = wishes[index].slugs.iter().any(|wanted| wanted == slug);
            let found = partial.entry(index).or_default();
            // Where two slugs differ only in case, the one that is spelled so comes first.
            found.insert(if exact { 0 } else { found.len() }, existing);
            if missing.get(&index) == Some(&found.len()) {
                let found = partial.remove(&index).unwrap_or_default();
                planner.settle(facts, index, found);
            }
        })
        .await?;
    let providers = facts.providers.len() - planner.planned_providers;
    for (index, surroundings) in sources::look(client, wishes, &facts).await? {
        surroundings.put_into(&mut facts);
        planner.settle(&mut facts, index, Vec::new());
        sources::leave(&mut facts);
    }
    for index in 0..wishes.len() {
        if planner.states[index].is_none() {
            planner.settle(&mut facts, index, Vec::new());
        }
    }
    let notices = planner.notices.into_iter().map(|(text, (level, slug, count))| (Notice { level, text }, slug, count));
    Ok(Survey {
        notices: notices.collect(),
        states: planner.states.into_iter().flatten().collect(),
        shared: planner.shared,
        facts,
        providers,
    })
}

struct Planner<'a, 'b> {
    wishes: &'a [Wish],
    planning: &'a mut Planning<'b>,
    states: Vec<Option<State>>,
    shared: Vec<Action>,
    /// By text: level, slug of the first, how many.
    notices: IndexMap<String, (Level, String, usize)>,
    /// How many providers were added to the facts because they are planned.
    planned_providers: usize,
    /// How many applications are to be made so far.
    kept: usize,
}

impl Planner<'_, '_> {
    fn settle(&mut self, facts: &mut Facts, index: usize, existing: Vec<Existing>) {
        let wish = &self.wishes[index];
        let minted = (self.planning.mint)(&wish.template);
        facts.existing = existing;
        let mut made = wish.plan(self.planning.engine, facts, &minted);
        if let Some(blocked) = self.protected(wish, &made, facts) {
            facts.existing.clear();
            self.states[index] = Some(blocked);
            return;
        }
        // Asked for by the plan that shows what is made, which the next one does not.
        let confirmations = std::mem::take(&mut made.confirmations);
        if made.is_ready() && self.share(&made, facts) {
            let notices = std::mem::take(&mut made.notices);
            made = wish.plan(self.planning.engine, facts, &minted);
            made.notices = notices;
        }
        facts.existing.clear();
        self.note(wish, &made);
        self.states[index] = Some(self.state(index, made, confirmations, facts));
    }

    /// Sets aside what would change something that akwiz did not make, before anything is made or shown for it.
    fn protected(&self, wish: &Wish, plan: &Plan, facts: &Facts) -> Option<State> {
        let changes = plan.is_ready() && plan.actions.iter().any(|action| shared::stand_in(action).is_none());
        if wish.update || !changes {
            return None;
        }
        let client_id = |existing: &'_ Existing| existing.provider.as_ref()?.text(Field::ClientId).map(str::to_owned);
        let (what, ours) = match &facts.existing_source {
            Some(source) => ("login source", (self.planning.ours)(&source.pk)),
            None if facts.existing.is_empty() => return None,
            None => ("application", facts.existing.iter().all(|one| client_id(one).is_some_and(|id| (self.planning.ours)(&id)))),
        };
        (!ours).then(|| State::Blocked {
            why: format!("The {what} “{}” exists, and akwiz did not make it from here.", wish.slug()),
            hint: Some("To change what exists, adding and never removing, say update = true there.".to_owned()),
        })
    }

    /// Moves what the plan would make for others too to where it is made once. True if there was anything.
    fn share(&mut self, plan: &Plan, facts: &mut Facts) -> bool {
        let mut any = false;
        for action in plan.actions.iter().filter(|action| shared::stand_in(action).is_some()) {
            shared::add(action, facts);
            self.shared.push(action.clone());
            any = true;
        }
        any
    }

    fn note(&mut self, wish: &Wish, plan: &Plan) {
        // Whom a source lets in is said when it begins to.
        if wish.source().is_some() && plan.is_empty() && plan.is_ready() {
            return;
        }
        for notice in plan.notices.iter().filter(|notice| notice.level > Level::Info) {
            let known = self.notices.entry(notice.text.clone());
            known.or_insert_with(|| (notice.level, wish.slug().to_owned(), 0)).2 += 1;
        }
    }

    fn state(&mut self, index: usize, mut plan: Plan, confirmations: Vec<Confirmation>, facts: &mut Facts) -> State {
        if let Some(decision) = plan.decisions.first() {
            return sources::blocked(&self.wishes[index], facts).unwrap_or_else(|| blocked(decision));
        }
        if plan.is_empty() {
            return State::Same;
        }
        (self.planning.see)(index, &plan);
        self.planned_providers += take_names(&plan, facts);
        plan.notices = Vec::new();
        if plan.actions.iter().all(|action| matches!(action, Action::Create { .. })) {
            let name = plan.parts.first().map(|part| part.name.clone()).unwrap_or_default();
            let access = access(&plan);
            self.kept += 1;
            plan.scope = Scope::default();
            let plan = if self.kept > self.planning.keep { Kept::Digest(digest(&plan)) } else { Kept::Whole(Box::new(plan)) };
            return State::Create { name, access, confirmations, plan };
        }
        let name = sources::made(&plan);
        plan.scope = Scope::default();
        let plan = Box::new(plan);
        if let Some(name) = name {
            return State::Create { name, access: Vec::new(), confirmations, plan: Kept::Whole(plan) };
        }
        State::Change { plan, confirmations }
    }
}

/// The names of the providers that a plan makes are taken for the plans that follow. Gives how many they are.
pub(super) fn take_names(plan: &Plan, facts: &mut Facts) -> usize {
    let before = facts.providers.len();
    for action in &plan.actions {
        if let Action::Create { provider, .. } | Action::CreateProvider { provider, .. } = action {
            facts.providers.push(ProviderFact { name: name_of(provider).to_owned(), ..ProviderFact::default() });
        }
    }
    facts.providers.len() - before
}

pub(super) fn name_of(settings: &Settings) -> &str {
    match settings.get(&Field::Name).map(|setting| &setting.value) {
        Some(SettingValue::Text(name)) => name,
        _ => "",
    }
}

/// The groups and people that a plan lets in where it makes an application.
fn access(plan: &Plan) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for action in &plan.actions {
        let Action::Create { bindings, .. } = action else { continue };
        for Bind::Group(who) | Bind::Person(who) in bindings {
            if names.iter().all(|name| name != who.name()) {
                names.push(who.name().to_owned());
            }
        }
    }
    names
}

/// Tells plans apart, but for what is made anew each time.
pub(super) fn digest(plan: &Plan) -> u64 {
    let mut hasher = DefaultHasher::new();
    for action in &plan.actions {
        match action {
            // What nearly all are, for which the words of a difference are not worth their time.
            Action::Create { part, provider, application, bindings } => {
                part.hash(&mut hasher);
                provider.iter().chain(application).for_each(|(field, setting)| add(*field, &setting.value, &mut hasher));
                for Bind::Group(who) | Bind::Person(who) in bindings {
                    who.name().hash(&mut hasher);
                }
            }
            other => {
                for item in diff::of(std::slice::from_ref(other)) {
                    (item.verb.sign(), item.kind, &item.name).hash(&mut hasher);
                    for row in item.rows.iter().filter(|row| row.label != Field::ClientId.label()) {
                        (&row.label, &row.from, &row.to).hash(&mut hasher);
                    }
                }
            }
        }
    }
    hasher.finish()
}

/// Adds a field that is made. Objects count by name: their keys are stand-ins until they are made.
fn add(field: Field, value: &SettingValue, hasher: &mut DefaultHasher) {
    field.hash(hasher);
    match value {
        SettingValue::Text(_) if field == Field::ClientId => {}
        SettingValue::Null | SettingValue::Secret(_) => {}
        SettingValue::Bool(on) => on.hash(hasher),
        SettingValue::Text(text) => text.hash(hasher),
        SettingValue::Words(words) => words.hash(hasher),
        SettingValue::Ref(one) => one.name().hash(hasher),
        SettingValue::Refs(several) => several.iter().for_each(|one| one.name().hash(hasher)),
        SettingValue::Redirects(uris) => {
            for uri in uris {
                (&uri.redirect.uri, uri.redirect.mode.as_str()).hash(hasher);
            }
        }
    }
}

fn blocked(decision: &Decision) -> State {
    let (why, hint) = match decision {
        Decision::Taken { text, update_refused: Some(refused), .. } => {
            (format!("{text} {refused}"), "Give it another slug: options = { slug = \"…\" }".to_owned())
        }
        Decision::Taken { text, .. } => (text.clone(), "Give it another slug: options = { slug = \"…\" }".to_owned()),
        Decision::Flow { purpose, candidates } => {
            let slugs: Vec<&str> = candidates.iter().map(|(slug, _)| slug.as_str()).collect();
            let option = if *purpose == Field::InvalidationFlow { "invalidation_flow" } else { "authorization_flow" };
            (
                format!("The server's usual flow is missing ({}).", purpose.label().to_lowercase()),
                format!("Name one under options or defaults.options: {option} = one of {}", slugs.join(", ")),
            )
        }
        Decision::Person { text } => (text.clone(), "Name the person: access = \"user:NAME\"".to_owned()),
        Decision::Blocked { text } => return State::Blocked { why: text.clone(), hint: None },
    };
    State::Blocked { why, hint: Some(hint) }
}
