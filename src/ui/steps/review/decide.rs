//! What has to be decided before anything can be done, as a list of choices.

use crate::catalog::template::Acquire;
use crate::setup::answers::{Access, Options, Taken};
use crate::setup::mint::Minted;
use crate::setup::plan::{Decision, Plan};
use crate::setup::planner::lacking;
use crate::setup::question::resolve;
use crate::setup::setting::Field;
use crate::ui::steps::{Step, order};
use crate::ui::widgets::list::Row;
use crate::ui::wizard::Wizard;

/// What can be chosen, for the first thing that is open.
#[derive(Debug)]
pub(super) struct Choices {
    pub(super) rows: Vec<ChoiceRow>,
    /// The one that is marked first.
    pub(super) preferred: usize,
}

/// One of them, in words.
#[derive(Debug)]
pub(super) struct ChoiceRow {
    text: String,
    note: String,
    pub(super) choice: Choice,
}

/// What a choice does.
#[derive(Debug, Clone)]
pub(super) enum Choice {
    /// Decides what to do about a slug that is taken.
    Taken(Taken),
    /// Takes the flow with this slug for the field.
    Flow(Field, String),
    /// Goes to the page where it can be put right.
    Page(Step),
}

impl ChoiceRow {
    fn new(text: impl Into<String>, note: impl Into<String>, choice: Choice) -> Self {
        Self { text: text.into(), note: note.into(), choice }
    }

    fn page(step: Step) -> Self {
        Self::new(format!("Go to the page \"{}\"", step.title()), "", Choice::Page(step))
    }
}

impl Choices {
    /// The rows as the list shows them.
    pub(super) fn list_rows(&self) -> Vec<Row<'_>> {
        self.rows.iter().map(|row| Row::new(row.text.as_str(), row.note.as_str())).collect()
    }
}

/// The choices for the first open decision of the plan; none where nothing is open. `before` is what was chosen last for a taken slug.
pub(super) fn choices(plan: &Plan, wizard: &Wizard, before: Option<&Taken>) -> Option<Choices> {
    // What keeps the rest from being decided comes first.
    let blocked = plan.decisions.iter().find(|decision| matches!(decision, Decision::Blocked { .. }));
    let mut preferred = 0;
    let rows = match blocked.or(plan.decisions.first())? {
        Decision::Blocked { .. } => {
            let pages = order::from_review(wizard.template.as_deref());
            let likely = likely_page(wizard);
            preferred = pages.iter().position(|page| *page == likely).unwrap_or(0);
            pages.into_iter().map(ChoiceRow::page).collect()
        }
        Decision::Person { .. } => vec![ChoiceRow::page(Step::Access)],
        Decision::Flow { purpose, candidates } => {
            candidates.iter().map(|(slug, name)| ChoiceRow::new(name, slug, Choice::Flow(*purpose, slug.clone()))).collect()
        }
        Decision::Taken { update_refused, free_slug, free_name, .. } => {
            let rename = Taken::Rename { slug: free_slug.clone(), name: free_name.clone() };
            let mut rows = Vec::new();
            if update_refused.is_none() {
                rows.push(ChoiceRow::new("Change the one that exists", "adds, never removes", Choice::Taken(Taken::Update)));
            }
            preferred = usize::from(update_refused.is_none() && matches!(before, Some(Taken::Rename { .. })));
            rows.push(ChoiceRow::new(
                format!("Create \"{free_name}\" beside it"),
                format!("slug {free_slug}"),
                Choice::Taken(rename),
            ));
            rows.push(ChoiceRow::new("Choose another name and slug", "on the options page", Choice::Page(Step::Options)));
            rows
        }
    };
    Some(Choices { rows, preferred })
}

/// The page on which what blocks the plan can most likely be put right.
fn likely_page(wizard: &Wizard) -> Step {
    let Some(template) = wizard.template.as_deref() else { return Step::Pick };
    let minted = Minted::default();
    let minted = wizard.minted.as_ref().unwrap_or(&minted);
    let resolved = resolve(&crate::catalog::render::Engine::new(), template, &wizard.answers, minted);
    if resolved.first_problem().is_some() {
        return Step::Questions;
    }
    if wizard.facts.ready().is_some_and(|facts| lacking(template, facts.capabilities.version).is_some()) {
        return Step::Pick;
    }
    if let Some(source) = &template.source {
        let plex = source.acquire.contains(&Acquire::PlexPin);
        return match &wizard.answers.source.plex {
            None if plex => Step::PlexSignIn,
            Some(account) if plex && account.allowed.is_empty() => Step::PlexServers,
            _ if plex => Step::LoginPage,
            _ => Step::Options,
        };
    }
    match &wizard.answers.access {
        Access::Groups(groups) if groups.is_empty() => Step::Access,
        _ => Step::Options,
    }
}

/// Takes the flow `slug` for `field`.
pub(super) fn choose_flow(options: &mut Options, field: Field, slug: String) {
    let place = match field {
        Field::AuthorizationFlow => &mut options.authorization_flow,
        Field::InvalidationFlow => &mut options.invalidation_flow,
        Field::AuthenticationFlow => &mut options.authentication_flow,
        Field::EnrollmentFlow => &mut options.enrollment_flow,
        _ => return,
    };
    *place = Some(slug);
}
