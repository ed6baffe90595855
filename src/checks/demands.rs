//! What an application demands, by its template: found through a receipt of akwiz, else through slug and redirect path.

use super::needs::Needs;
use crate::authentik::survey::{Survey, Surveyed};
use crate::authentik::text::same;
use crate::catalog::load::Catalog;
use crate::catalog::render::Engine;
use crate::catalog::template::{MatchingMode, Part, Provider, SubjectMode, Template};
use crate::catalog::text::Switch;
use crate::setup::answers::{RedirectUri, Taken};
use crate::setup::facts::{Existing, Facts};
use crate::setup::fix::Following;
use crate::setup::mint::Minted;
use crate::setup::plan::{Action, Confirmation, Plan};
use crate::setup::planner::{plan, redirects, slugify};
use crate::setup::question;
use crate::setup::recall::recalled;
use crate::setup::receipt::Receipt;
use crate::setup::setting::{Change, Field, Ref, SettingValue};

/// A redirect path of fewer letters than this says nothing about the application.
const TELLING: usize = 8;

/// What an application demands of its provider.
#[derive(Debug, Clone, Default)]
pub struct Demands {
    /// The template's id.
    pub template: String,
    /// The application's name, as its makers write it.
    pub name: String,
    /// A receipt says so. Otherwise it is a guess by slug or redirect path.
    pub certain: bool,
    /// What it needs whatever was answered.
    pub needs: Needs,
    /// Scopes that it asks for without need.
    pub harmless: Vec<String>,
    /// What `sub` must hold; none where it does not matter.
    pub subject: Option<SubjectMode>,
    /// It reads the claim `groups`.
    pub groups: bool,
    /// Where it sends people back to, where the answers are known.
    pub redirects: Vec<RedirectUri>,
    /// It needs redirect URIs that are regular expressions.
    pub patterns: bool,
    /// What the template would change of the provider today, where the answers are known; what has a rule of its own is left out.
    pub following: Following,
}

/// Finds out what applications demand.
pub struct Library<'a> {
    catalog: &'a Catalog,
    engine: Engine,
    receipts: &'a [Receipt],
}

impl<'a> Library<'a> {
    /// `receipts` are those of this machine, of any server.
    pub fn new(catalog: &'a Catalog, receipts: &'a [Receipt]) -> Self {
        Self { catalog, engine: Engine::new(), receipts }
    }

    /// What the application of a provider demands, if that can be known.
    pub fn known(&self, survey: &Survey, surveyed: &Surveyed) -> Option<Demands> {
        self.by_receipt(&survey.facts, surveyed).or_else(|| self.by_looks(surveyed))
    }

    /// By the receipt that holds the client id: only the run that made or took over the provider has it.
    fn by_receipt(&self, facts: &Facts, surveyed: &Surveyed) -> Option<Demands> {
        let client_id = Some(surveyed.client_id()).filter(|client_id| !client_id.is_empty())?;
        self.receipts.iter().find_map(|receipt| {
            let (part, _) = receipt.client_ids.iter().find(|(_, known)| known.as_str() == client_id)?;
            let template = self.catalog.get(&receipt.template)?;
            let part = template.parts().iter().find(|known| known.id == *part)?;
            let mut known = of(template, &part.provider, true);
            self.add_plan(&mut known, facts, surveyed, (template, &part.provider), receipt);
            Some(known)
        })
    }

    /// By the slug that the template would give, or a redirect path that only this template has.
    fn by_looks(&self, surveyed: &Surveyed) -> Option<Demands> {
        let slug = surveyed.slug().unwrap_or_default();
        let redirects: Vec<&str> = match surveyed.provider.settings.get(&Field::RedirectUris) {
            Some(SettingValue::Redirects(entries)) => entries.iter().map(|entry| entry.redirect.uri.as_str()).collect(),
            _ => Vec::new(),
        };
        let returns = |part: &Part| {
            let mut tails = part.provider.redirects.iter().filter_map(|redirect| tail(redirect.uri.as_str()));
            tails.any(|tail| redirects.iter().any(|uri| uri.ends_with(tail)))
        };
        let named = |template: &Template| same(&template.id, slug) || same(&slugify(&template.name), slug);
        let candidates: Vec<(&Template, &Part)> = self
            .catalog
            .iter()
            .filter(|template| template.source.is_none())
            .filter_map(|template| {
                let parts = template.parts();
                let one = parts.first().filter(|_| parts.len() == 1);
                let back = parts.iter().find(|part| returns(part));
                Some((template, back.or_else(|| one.filter(|_| named(template)))?))
            })
            .collect();
        let (template, part) = match candidates.iter().find(|(template, _)| named(template)) {
            Some(found) => found,
            None => match &candidates[..] {
                [only] => only,
                // Several applications share a framework's path.
                _ => return None,
            },
        };
        Some(of(template, &part.provider, false))
    }

    /// What the plan of an update would change, made with the answers that the receipt keeps. Answers that it does not keep, such as
    /// secrets, leave nothing to compare.
    fn add_plan(
        &self,
        known: &mut Demands,
        facts: &Facts,
        surveyed: &Surveyed,
        (template, provider): (&Template, &Provider),
        receipt: &Receipt,
    ) {
        let Some(application) = &surveyed.application else { return };
        let mut answers = recalled(receipt);
        known.needs.client_type = answers.options.client_type.unwrap_or(known.needs.client_type);
        answers.options.slug = application.text(Field::Slug).map(str::to_owned);
        answers.options.name = application.text(Field::Name).map(str::to_owned);
        answers.taken = Some(Taken::Update);
        let facts = Facts {
            existing: vec![Existing {
                application: application.clone(),
                provider: Some(surveyed.provider.clone()),
                untouchable: None,
                bindings: surveyed.bindings.clone(),
            }],
            ..facts.clone()
        };
        let minted = Minted::default();
        if question::resolve(&self.engine, template, &answers, &minted).first_problem().is_some() {
            return;
        }
        let plan = plan(&self.engine, template, &answers, &facts, &minted);
        if !plan.is_ready() {
            return;
        }
        known.redirects = redirects(&self.engine, provider, &plan.scope).unwrap_or_default();
        known.following = following(&plan, &surveyed.provider.pk);
    }
}

/// What has a rule of its own is not said twice.
fn has_its_own_rule(field: Field) -> bool {
    matches!(
        field,
        Field::SigningKey
            | Field::EncryptionKey
            | Field::SubjectMode
            | Field::ClientType
            | Field::IssuerMode
            | Field::GrantTypes
            | Field::InvalidationFlow
    )
}

/// What a plan changes of the provider `pk`, with what it makes for that.
fn following(plan: &Plan, pk: &str) -> Following {
    let changes = plan.actions.iter().find_map(|action| match action {
        Action::UpdateProvider { pk: changed, changes, .. } if changed == pk => Some(changes),
        _ => None,
    });
    let changes: Vec<Change> = changes.into_iter().flatten().filter(|change| !has_its_own_rule(change.field)).cloned().collect();
    let is_used = |handle: &String| changes.iter().any(|change| refers_to(&change.to, handle));
    let is_made_for_it = |action: &&Action| match action {
        Action::MakeKey { handle, .. } | Action::MakeMapping { handle, .. } => is_used(handle),
        _ => false,
    };
    let makes: Vec<Action> = plan.actions.iter().filter(is_made_for_it).cloned().collect();
    let is_confirmed = |confirmation: &&Confirmation| matches!(confirmation, Confirmation::Yes { .. }) && !makes.is_empty();
    let confirmations = plan.confirmations.iter().filter(is_confirmed).cloned().collect();
    Following { makes, changes, confirmations }
}

fn refers_to(value: &SettingValue, handle: &str) -> bool {
    let is = |reference: &Ref| matches!(reference, Ref::New { handle: made, .. } if made == handle);
    match value {
        SettingValue::Ref(reference) => is(reference),
        SettingValue::Refs(references) => references.iter().any(is),
        _ => false,
    }
}

fn of(template: &Template, provider: &Provider, certain: bool) -> Demands {
    Demands {
        template: template.id.clone(),
        name: template.name.clone(),
        certain,
        needs: Needs::of(template, provider),
        harmless: provider.harmless.clone(),
        subject: (provider.sub_mode.inert == Switch::Fixed(false)).then_some(provider.sub_mode.value),
        groups: template.needs.groups == Switch::Fixed(true),
        redirects: Vec::new(),
        patterns: provider.redirects.iter().any(|redirect| redirect.mode == MatchingMode::Regex),
        following: Following::default(),
    }
}

/// What stands after the last value of a text, if it is long enough to know an application by.
fn tail(text: &str) -> Option<&str> {
    let tail = text.rsplit("}}").next().unwrap_or(text);
    (tail.len() >= TELLING && tail.starts_with('/')).then_some(tail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_known_an_application_by_only_when_it_says_something() {
        assert_eq!(tail("{{ app.base }}/login/generic_oauth"), Some("/login/generic_oauth"));
        assert_eq!(tail("{{ app.base }}/"), None);
        assert_eq!(tail("{{ app.base }}/cb"), None);
        assert_eq!(tail("app.immich:///oauth-callback"), None);
    }
}
