//! The document of `akwiz apply --json`.

use serde::Serialize;

use super::prune::Pruned;
use super::renewed::slug;
use super::wishes::Wanting;
use crate::apply::many::{Leftovers, Report, State, Survey};
use crate::catalog::template::Level;
use crate::cli::document::NoticeDocument;
use crate::setup::receipt::Receipt;

/// What a file of applications and login sources came to.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "apply"))]
pub(in crate::cli) struct ApplyDocument {
    /// What the file is called in receipts.
    file: String,
    /// Whether anything was sent; with `--dry-run` nothing is.
    applied: bool,
    /// The applications and login sources, in the file's order.
    applications: Vec<WishDocument>,
    /// Keys, scope mappings and groups that are made once for several of them.
    shared: Vec<String>,
    /// The slugs of what a former run of the file made and the file no longer has, those of login sources after `source/`: removed, or
    /// with `--dry-run` to be removed.
    pruned: Vec<String>,
    /// The names of keys, scope mappings and groups that it made for several: removed, or with `--dry-run` to be removed unless something
    /// uses them.
    pruned_shared: Vec<String>,
    /// What to know.
    notices: Vec<NoticeDocument>,
}

/// One application, or one login source, of the file.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "wish"))]
struct WishDocument {
    /// The line of the file where it begins.
    line: usize,
    /// The template's id.
    template: String,
    /// `application` or `source`.
    kind: &'static str,
    /// Its slug.
    slug: String,
    /// `create`, `change`, `same` or `blocked` before; `created`, `changed`, `failed` or `untried` after it was applied.
    state: &'static str,
    /// Why it is blocked or failed.
    reason: Option<String>,
}

/// What each wish needs, in one word, before it is done.
fn word(state: &State) -> &'static str {
    match state {
        State::Same => "same",
        State::Create { .. } => "create",
        State::Change { .. } => "change",
        State::Blocked { .. } => "blocked",
    }
}

impl ApplyDocument {
    /// What was found, before anything is done.
    pub(super) fn new(wanting: &Wanting, survey: &Survey, leftovers: &Leftovers, renewed: &[Receipt]) -> Self {
        let applications = wanting.wishes.iter().zip(&wanting.places).zip(&survey.states).map(|((wish, place), state)| {
            let reason = match state {
                State::Blocked { why, .. } => Some(why.clone()),
                _ => None,
            };
            let (template, slug) = (wish.template.id.clone(), wish.slug().to_owned());
            let kind = if wish.source().is_some() { "source" } else { "application" };
            WishDocument { line: place.line, template, kind, slug, state: word(state), reason }
        });
        let notices = survey.notices.iter().map(|(notice, ..)| NoticeDocument::new(notice.level, notice.text.as_str()));
        let notices = notices.chain(renewed.iter().map(|receipt| {
            let slug = slug(receipt);
            NoticeDocument::new(
                Level::Info,
                format!("The new answers of {slug} change what to enter there: akwiz settings {slug}"),
            )
        }));
        Self {
            file: wanting.name.clone(),
            applied: false,
            applications: applications.collect(),
            shared: survey.shared_names().map(str::to_owned).collect(),
            pruned: leftovers.applications.iter().map(|leftover| leftover.slug.clone()).collect(),
            pruned_shared: leftovers.shared.iter().map(|leftover| leftover.name.clone()).collect(),
            notices: notices.collect(),
        }
    }

    /// Adds what was done.
    pub(super) fn done(&mut self, report: &Report, pruned: &Pruned) {
        self.applied = true;
        self.pruned.clone_from(&pruned.applications);
        self.pruned_shared.clone_from(&pruned.shared);
        for application in &mut self.applications {
            application.state = match application.state {
                "create" => "created",
                "change" => "changed",
                other => other,
            };
        }
        for (index, failure) in &report.failed {
            self.applications[*index].state = "failed";
            self.applications[*index].reason = Some(failure.error.message.clone());
        }
        for index in &report.untried {
            self.applications[*index].state = "untried";
        }
        self.notices.extend(NoticeDocument::all(&report.notices));
    }
}
