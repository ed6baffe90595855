//! Which rights a plan needs that the token does not have, found out before anything is written.

use futures_util::future::join_all;

use crate::authentik::rights::{Right, Target};
use crate::authentik::{ApiError, Client};
use crate::error::{Error, Kind};
use crate::setup::facts::Facts;
use crate::setup::plan::{Action, Plan};

/// Refuses a plan for which the token lacks rights, and names them all. Nothing is written: see [`crate::authentik::rights`]. One round of
/// parallel requests; none for superusers, who have every right.
///
/// # Errors
/// When rights are missing, the token is refused, or the server cannot be reached. What cannot be found out is no error.
pub async fn check_rights(client: &Client, plan: &Plan, facts: &Facts) -> Result<(), Error> {
    if facts.me.superuser {
        return Ok(());
    }
    let missing = missing(client, plan).await?;
    if missing.is_empty() {
        return Ok(());
    }
    let mut error = Error::new(
        Kind::Refused,
        format!("The token of “{}” lacks rights that this needs. Nothing was changed.", facts.me.username),
    );
    for (codename, title) in missing {
        error = error.hint(format!("It needs “{title}” ({codename})."));
    }
    Err(error.hint("An administrator gives rights to a role of that user, under Directory > Roles; or use another token."))
}

/// The rights that are surely missing, by code name and by title.
async fn missing(client: &Client, plan: &Plan) -> Result<Vec<(&'static str, &'static str)>, ApiError> {
    let (mut wanted, mut targets) = (Vec::new(), Vec::new());
    for action in &plan.actions {
        match action {
            Action::MakeKey { .. } => wanted.push(Right::AddCertificate),
            Action::MakeMapping { .. } => wanted.push(Right::AddScopeMapping),
            Action::MakeGroup { .. } => wanted.push(Right::AddGroup),
            Action::Create { bindings, .. } => {
                wanted.extend([Right::AddProvider, Right::AddApplication]);
                wanted.extend((!bindings.is_empty()).then_some(Right::AddBinding));
            }
            Action::CreateProvider { .. } => wanted.push(Right::AddProvider),
            Action::AddBindings { .. } => wanted.push(Right::AddBinding),
            Action::CreateSource { api, .. } => wanted.push(Right::AddSource(*api)),
            // Their rights are named when one is refused; they come before the source that they are for.
            Action::MakeExtra(_) | Action::Rewrite(_) => {}
            Action::UpdateProvider { pk, .. } => targets.push(Target::Provider(pk)),
            Action::UpdateApplication { slug, .. } => targets.push(Target::Application(slug)),
            Action::UpdateSource { api, slug, .. } => targets.push(Target::Source(*api, slug)),
            Action::ShowSource { stage, .. } => targets.push(Target::IdentificationStage(stage)),
        }
    }
    wanted.dedup();
    let changes = join_all(targets.iter().map(|target| client.may_change(*target)));
    let (rights, changes) = futures_util::join!(client.missing_rights(&wanted), changes);
    let mut missing: Vec<_> = rights?.into_iter().map(|right| (right.codename(), right.title())).collect();
    for (target, may) in targets.iter().zip(changes) {
        if may? == Some(false) && !missing.contains(&target.right()) {
            missing.push(target.right());
        }
    }
    Ok(missing)
}
