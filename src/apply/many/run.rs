//! Does what a survey found to do.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::join_all;
use futures_util::stream::{FuturesUnordered, StreamExt as _};

use super::keeper::Keeper;
use super::survey::{Kept, State, Survey, digest, take_names};
use super::{Wish, shared, sources};
use crate::apply::context::OneOfMany;
use crate::apply::{Context, Failure, run};
use crate::authentik::Client;
use crate::authentik::bodies::Made;
use crate::catalog::render::Engine;
use crate::catalog::template::{Level, Template};
use crate::catalog::value::Scope;
use crate::error::{Error, Kind};
use crate::receipts::ReceiptStore;
use crate::setup::answers::Answers;
use crate::setup::facts::Facts;
use crate::setup::mint::Minted;
use crate::setup::outcome::Outcome;
use crate::setup::plan::{Action, Notice, Plan};
use crate::setup::receipt::FileMark;

/// Runs under way for each request that may be: the others wait for a receipt or for their turn.
const RUNS_A_REQUEST: usize = 8;

/// So many are planned before the requests get a turn.
const A_FEW: usize = 8;

/// After so many failures in a row to reach the server the rest is not tried.
const UNREACHABLE: usize = 3;

/// What the receipts of shared things name in place of a template.
const SHARED: &str = "shared";

/// What doing needs beside the survey.
pub struct Work<'a> {
    /// A client whose pace is bounded.
    pub client: &'a Client,
    /// How many requests may be under way at most.
    pub most: usize,
    /// Renders the texts of templates.
    pub engine: &'a Engine,
    /// The applications of the file.
    pub wishes: &'a [Wish],
    /// Makes credentials.
    pub mint: &'a dyn Fn(&Template) -> Minted,
    /// Where receipts are kept.
    pub receipts: &'a dyn ReceiptStore,
    /// Keeps them there.
    pub keeper: &'a Keeper,
    /// What the file is called in receipts.
    pub file: &'a str,
    /// The time, in seconds since 1970 (UTC).
    pub now: u64,
    /// A few random letters and digits that keep two runs of one second apart.
    pub run: &'a str,
    /// Set from outside to stop: what is under way is finished and recorded, and nothing more is begun.
    pub stop: &'a AtomicBool,
}

/// News of a run.
#[derive(Debug)]
pub enum Event<'a> {
    /// Something that several share was made, or could not be.
    Shared(&'a str, Result<(), &'a Error>),
    /// The application of this wish was made or changed.
    Done(usize, &'a Outcome),
    /// It could not be.
    Failed(usize, &'a Failure),
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Report {
    /// How many applications were made or changed.
    pub done: usize,
    /// What failed, by wish.
    pub failed: Vec<(usize, Failure)>,
    /// What was not begun, by wish.
    pub untried: Vec<usize>,
    /// What the first application of each template showed when it was read back.
    pub notices: Vec<Notice>,
    /// It was stopped from outside.
    pub stopped: bool,
}

/// Makes what is shared, then login sources one after the other, then the applications, in the file's order and several at a time. A
/// failure of one does not stop the others.
///
/// Requests: one for each shared thing, one for each application that is made, and three more for the first of each template.
pub async fn run(work: &Work<'_>, survey: Survey, tell: &mut dyn FnMut(Event<'_>)) -> Report {
    let keeper = work.keeper;
    let Survey { mut facts, states, shared, providers, .. } = survey;
    // What a run looks at; the lists are for planning.
    let seen = Facts {
        flows: Vec::new(),
        mappings: Vec::new(),
        keys: Vec::new(),
        groups: Vec::new(),
        applications: Vec::new(),
        existing: Vec::new(),
        ..facts.clone()
    };
    let made = make_shared(work, &seen, &shared, tell).await;
    shared::settle(&mut facts, &made);
    facts.providers.truncate(providers);
    let mut tally = Tally::default();
    for (index, state) in states.iter().enumerate() {
        let Some(shown) = sources::plan_of(&work.wishes[index], state) else { continue };
        if !tally.goes_on(work) {
            tally.report.untried.push(index);
            continue;
        }
        let result = sources::run(work, &mut facts, &seen, &made, index, shown).await;
        tally.ended(index, result, tell);
    }
    let mut under_way = FuturesUnordered::new();
    // What is wrong with one application of a template is wrong with all.
    let mut read_back: HashSet<&str> = HashSet::new();
    let mut waiting = states
        .into_iter()
        .enumerate()
        .filter(|(index, state)| work.wishes[*index].source().is_none() && !matches!(state, State::Same | State::Blocked { .. }));
    let (room, mut fills, mut begun) = (work.most * RUNS_A_REQUEST, true, 0);
    loop {
        // Half of them come in together, for their receipts are written together.
        fills = under_way.len() < room && (fills || under_way.len() <= room / 2);
        let (index, result) = if fills
            && tally.goes_on(work)
            && let Some((index, state)) = waiting.next()
        {
            keeper.hold();
            let planned = planned(work, index, state, &mut facts, &made);
            let read_back = read_back.insert(&work.wishes[index].template.id);
            let one = One { work, facts: &seen, index, read_back };
            under_way.push(one.run(planned));
            begun += 1;
            if !under_way.len().is_multiple_of(A_FEW) {
                continue;
            }
            // Small groups first, so that the server has something to do as soon as can be.
            if usize::is_power_of_two(begun) {
                keeper.release();
            }
            tokio::select! {
                biased;
                Some(ended) = under_way.next() => ended,
                () = tokio::task::yield_now() => continue,
            }
        } else {
            keeper.release();
            match under_way.next().await {
                Some(ended) => ended,
                None => break,
            }
        };
        tally.ended(index, result, tell);
    }
    let mut report = tally.report;
    report.untried.extend(waiting.map(|(index, _)| index));
    report.untried.sort_unstable();
    if let Err(error) = keeper.finish().await {
        let text = format!("{} What was done there is known to be intended only.", error.message);
        report.notices.push(Notice { level: Level::Warning, text });
    }
    report.stopped = work.stop.load(Ordering::Relaxed);
    report.failed.sort_by_key(|(index, _)| *index);
    report
}

/// What came of those that have ended.
#[derive(Default)]
struct Tally {
    report: Report,
    /// Failures in a row to reach the server.
    unreachable: usize,
}

impl Tally {
    /// Whether another one may begin.
    fn goes_on(&self, work: &Work<'_>) -> bool {
        !work.stop.load(Ordering::Relaxed) && self.unreachable < UNREACHABLE
    }

    fn ended(&mut self, index: usize, result: Result<Outcome, Failure>, tell: &mut dyn FnMut(Event<'_>)) {
        match result {
            Ok(outcome) => {
                self.unreachable = 0;
                self.report.done += 1;
                tell(Event::Done(index, &outcome));
                self.report.notices.extend(outcome.notices);
            }
            // Its turn came after the stop: nothing was sent for it.
            Err(failure) if failure.error.kind == Kind::Cancelled && failure.made.is_empty() => {
                self.report.untried.push(index);
            }
            Err(failure) => {
                self.unreachable = if failure.error.kind == Kind::Unreachable { self.unreachable + 1 } else { 0 };
                tell(Event::Failed(index, &failure));
                self.report.failed.push((index, failure));
            }
        }
    }
}

/// Makes each shared thing. Gives their keys, by stand-in.
async fn make_shared(
    work: &Work<'_>,
    facts: &Facts,
    shared: &[Action],
    tell: &mut dyn FnMut(Event<'_>),
) -> HashMap<String, String> {
    let one = |(number, action): (usize, &Action)| {
        let plan = Plan {
            template: SHARED.to_owned(),
            actions: vec![action.clone()],
            notices: Vec::new(),
            decisions: Vec::new(),
            confirmations: Vec::new(),
            parts: Vec::new(),
            scope: Scope::default(),
        };
        async move {
            let answers = Answers::new(SHARED);
            let run = format!("{}s{number:03x}", work.run);
            let mark = FileMark { file: work.file.to_owned(), slug: None };
            let many = OneOfMany { keeper: work.keeper, mark, read_back: false };
            let mut context = Context::new(facts, &answers, work.receipts, work.now, &run, work.stop);
            context.many = Some(many);
            run::Run::new(work.client, &plan, &context, &mut |_| {}).finish().await
        }
    };
    let results = join_all(shared.iter().enumerate().map(one)).await;
    let mut all = HashMap::new();
    for (action, result) in shared.iter().zip(results) {
        match result {
            Ok((_, made)) => {
                tell(Event::Shared(shared::name(action), Ok(())));
                all.extend(shared::stand_in(action).zip(made.get(shared::handle(action)).cloned()));
            }
            Err(failure) => tell(Event::Shared(shared::name(action), Err(&failure.error))),
        }
    }
    all
}

/// The plan of a wish whose turn has come.
fn planned(
    work: &Work<'_>,
    index: usize,
    state: State,
    facts: &mut Facts,
    made: &HashMap<String, String>,
) -> Result<Box<Plan>, Error> {
    let wish = &work.wishes[index];
    let mut ready = match state {
        State::Change { plan, .. } | State::Create { plan: Kept::Whole(plan), .. } => plan,
        State::Create { plan: Kept::Digest(seen), .. } => {
            let plan = wish.plan(work.engine, facts, &(work.mint)(&wish.template));
            // The same answers and facts give the same plan; if not, that is a fault of akwiz, and nothing may be sent.
            if !plan.is_ready() || digest(&plan) != seen {
                return Err(Error::new(
                    Kind::Internal,
                    format!("The plan for “{}” came out otherwise than it was shown.", wish.slug()),
                )
                .hint("Nothing was sent for it. Please report this."));
            }
            Box::new(plan)
        }
        State::Same | State::Blocked { .. } => return Err(Error::new(Kind::Internal, "There is nothing to do for it.")),
    };
    take_names(&ready, facts);
    complete(&mut ready, wish, made)?;
    Ok(ready)
}

/// Puts the real keys of what is shared into the plan of `wish`.
pub(super) fn complete(plan: &mut Plan, wish: &Wish, made: &HashMap<String, String>) -> Result<(), Error> {
    shared::complete(plan, made).map_err(|name| {
        Error::new(Kind::Partial, format!("“{}” needs “{name}”, which could not be made. Nothing was sent for it.", wish.slug()))
            .hint("When the cause is gone, run the same command again.")
    })
}

/// One application, or one login source.
pub(super) struct One<'a> {
    pub work: &'a Work<'a>,
    pub facts: &'a Facts,
    pub index: usize,
    pub read_back: bool,
}

impl One<'_> {
    async fn run(self, planned: Result<Box<Plan>, Error>) -> (usize, Result<Outcome, Failure>) {
        let index = self.index;
        let mut plan = match planned {
            Ok(plan) => plan,
            Err(error) => return (index, Err(Failure::before_anything(error))),
        };
        (index, self.carry_out(&mut plan).await)
    }

    /// Does what `plan` says. Its scope goes over to the outcome.
    pub(super) async fn carry_out(&self, plan: &mut Plan) -> Result<Outcome, Failure> {
        let (work, wish) = (self.work, &self.work.wishes[self.index]);
        // Thousands can begin in one second.
        let run = format!("{}{:04x}", work.run, self.index);
        let mark = FileMark { file: work.file.to_owned(), slug: wish.marks().next() };
        let many = OneOfMany { keeper: work.keeper, mark, read_back: self.read_back };
        let mut context = Context::new(self.facts, &wish.answers, work.receipts, work.now, &run, work.stop);
        context.many = Some(many);
        let mut silent = |_: crate::apply::Progress<'_>| {};
        let run = run::Run::new(work.client, plan, &context, &mut silent);
        let result: Result<(Outcome, Made), Failure> = Box::pin(run.finish()).await;
        result.map(|(mut outcome, _)| {
            let added = std::mem::replace(&mut outcome.scope, std::mem::take(&mut plan.scope));
            outcome.scope.extend(added);
            outcome
        })
    }
}
