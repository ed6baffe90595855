//! The login sources of a file. They are few and share the login page, so they are done one after the other, and each is looked at and
//! planned anew when its turn comes: the one before may have made what it needs, and stands on the login page now.

use std::borrow::Cow;
use std::collections::HashMap;
use std::slice::from_ref;

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};

use super::Wish;
use super::run::{One, Work, complete};
use super::survey::{Kept, State, name_of};
use crate::apply::Failure;
use crate::authentik::surroundings::Surroundings;
use crate::authentik::{ApiError, Client};
use crate::catalog::template::Acquire;
use crate::error::{Error, Kind};
use crate::setup::answers::Answers;
use crate::setup::diff;
use crate::setup::facts::{AroundSource, Facts};
use crate::setup::outcome::Outcome;
use crate::setup::plan::{Action, Plan};
use crate::setup::source::plex_account;

/// How many are looked at at once.
const AT_ONCE: usize = 4;

/// What the server has of and around each login source among the wishes.
pub(super) async fn look(client: &Client, wishes: &[Wish], facts: &Facts) -> Result<Vec<(usize, Surroundings)>, ApiError> {
    let each = wishes.iter().enumerate().filter_map(|(index, wish)| Some((index, wish.source()?, wish.slug())));
    stream::iter(each)
        .map(async |(index, api, slug)| Ok((index, client.surroundings(api, slug, facts).await?)))
        .buffered(AT_ONCE)
        .try_collect()
        .await
}

/// Takes out of the facts what is one source's own.
pub(super) fn leave(facts: &mut Facts) {
    facts.existing_source = None;
    facts.identification_stages.clear();
    facts.around_source = AroundSource::default();
}

/// A Plex account is needed, and the file has none.
fn lacks_account(wish: &Wish) -> bool {
    let signs_in = wish.template.source.as_ref().is_some_and(|source| source.acquire.contains(&Acquire::PlexPin));
    signs_in && wish.answers.source.plex.is_none()
}

/// The answers of a wish, with the Plex account of the source that is there where the file has none.
pub(super) fn answers<'w>(wish: &'w Wish, facts: &Facts) -> Cow<'w, Answers> {
    let account = facts.existing_source.as_ref().filter(|_| lacks_account(wish)).and_then(plex_account);
    match account {
        None => Cow::Borrowed(&wish.answers),
        account => {
            let mut answers = wish.answers.clone();
            answers.source.plex = account;
            Cow::Owned(answers)
        }
    }
}

/// What stands in the way of a login source where a file has to say more than the wizard.
pub(super) fn blocked(wish: &Wish, facts: &Facts) -> Option<State> {
    (facts.existing_source.is_none() && lacks_account(wish)).then(|| State::Blocked {
        why: "Nobody has signed in to Plex yet.".to_owned(),
        hint: Some(
            "Sign in once with akwiz, or name the account of an earlier sign-in: \
             plex = { client_id = \"…\", token = { file = \"PATH\" }, servers = [\"ID\"] }"
                .to_owned(),
        ),
    })
}

/// The name of the login source that a plan makes.
pub(super) fn made(plan: &Plan) -> Option<String> {
    plan.actions.iter().find_map(|action| match action {
        Action::CreateSource { settings, .. } => Some(name_of(settings).to_owned()),
        _ => None,
    })
}

/// The plan that was shown for a login source that something is to be done for.
pub(super) fn plan_of<'s>(wish: &Wish, state: &'s State) -> Option<&'s Plan> {
    wish.source()?;
    match state {
        State::Create { plan: Kept::Whole(plan), .. } | State::Change { plan, .. } => Some(plan),
        State::Create { plan: Kept::Digest(_), .. } | State::Same | State::Blocked { .. } => None,
    }
}

/// Looks, plans anew, and does it if that is what was `shown`. `seen` are the facts without the lists.
pub(super) async fn run(
    work: &Work<'_>,
    facts: &mut Facts,
    seen: &Facts,
    made: &HashMap<String, String>,
    index: usize,
    shown: &Plan,
) -> Result<Outcome, Failure> {
    let wish = &work.wishes[index];
    let Some(api) = wish.source() else {
        return Err(Failure::before_anything(Error::new(Kind::Internal, "It is no login source.")));
    };
    let looked = work.client.surroundings(api, wish.slug(), facts).await;
    looked.map_err(|error| Failure::before_anything(error.into()))?.put_into(facts);
    let mut own = seen.clone();
    own.existing_source.clone_from(&facts.existing_source);
    own.identification_stages.clone_from(&facts.identification_stages);
    let minted = (work.mint)(&wish.template);
    let mut ready = wish.plan(work.engine, facts, &minted);
    leave(facts);
    if !is_within(&ready, shown) {
        let message = format!("authentik has changed since the plan for “{}” was shown. Nothing was sent for it.", wish.slug());
        return Err(Failure::before_anything(Error::new(Kind::Conflict, message).hint("Run the same command again.")));
    }
    complete(&mut ready, wish, made).map_err(Failure::before_anything)?;
    One { work, facts: &own, index, read_back: true }.carry_out(&mut ready).await
}

/// Whether `fresh` does nothing that was not `shown`. It may do less: two sources can need the same certificate.
fn is_within(fresh: &Plan, shown: &Plan) -> bool {
    let same = |mine: &Action, other: &Action| match (mine, other) {
        // Others may stand there by now, and they stay.
        (Action::ShowSource { stage: mine, .. }, Action::ShowSource { stage: other, .. }) => mine == other,
        _ => diff::of(from_ref(mine)) == diff::of(from_ref(other)),
    };
    fresh.is_ready() && fresh.actions.iter().all(|action| shown.actions.iter().any(|other| same(action, other)))
}
