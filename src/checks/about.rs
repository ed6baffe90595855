//! What the audit and the doctor speak of: a provider with its application, an application without one, or a login source.

use super::demands::Demands;
use super::rules::Subject;
use crate::authentik::survey::{Survey, Surveyed};
use crate::setup::facts::Found;
use crate::setup::fix::Target;
use crate::setup::setting::Field;

/// One of the things that a survey found.
#[derive(Debug, Clone)]
pub struct About {
    /// What sort of object it is.
    pub kind: Kind,
    /// Its place in the survey's list of that kind.
    pub place: usize,
    /// The application's name, else the provider's or the source's.
    pub name: String,
    /// The application's or the source's slug.
    pub slug: Option<String>,
    /// The provider's primary key.
    pub provider: Option<String>,
    /// What its template demands, where one is known.
    pub known: Option<Demands>,
}

/// What sort of object it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A provider, with its application if it has one.
    Provider,
    /// An application without a provider.
    Application,
    /// A login source.
    Source,
}

impl Kind {
    /// The word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Provider => "provider",
            Self::Application => "application",
            Self::Source => "source",
        }
    }
}

impl About {
    /// The provider that stands at `place` of the survey.
    pub fn of_provider(place: usize, surveyed: &Surveyed, known: Option<Demands>) -> Self {
        let named = surveyed.application.as_ref().unwrap_or(&surveyed.provider);
        let slug = surveyed.slug().map(str::to_owned);
        Self { slug, provider: Some(surveyed.provider.pk.clone()), known, ..Self::of(Kind::Provider, place, named) }
    }

    /// The application or the source that stands at `place` of the survey.
    pub fn of(kind: Kind, place: usize, found: &Found) -> Self {
        let text = |field| found.text(field).map(str::to_owned);
        Self { kind, place, name: text(Field::Name).unwrap_or_default(), slug: text(Field::Slug), provider: None, known: None }
    }

    /// The id of its template, where one is known.
    pub fn template(&self) -> Option<&str> {
        self.known.as_ref().map(|known| known.template.as_str())
    }

    /// What rules look at: all that the survey has of it.
    pub fn subject<'s>(&'s self, survey: &'s Survey) -> Subject<'s> {
        let empty = Subject { known: self.known.as_ref(), ..Subject::new(&survey.facts) };
        match self.kind {
            Kind::Provider => match survey.providers.get(self.place) {
                Some(surveyed) => Subject {
                    provider: Some(&surveyed.provider),
                    application: surveyed.application.as_ref(),
                    bindings: &surveyed.bindings,
                    ..empty
                },
                None => empty,
            },
            Kind::Application => Subject { application: survey.bare.get(self.place), ..empty },
            Kind::Source => Subject { source: survey.sources.get(self.place), ..empty },
        }
    }

    /// What fixes are made for; an application without a provider has none.
    pub fn target<'s>(&'s self, survey: &'s Survey) -> Option<Target<'s>> {
        let Subject { facts, provider, application, bindings, source, .. } = self.subject(survey);
        (provider.is_some() || source.is_some()).then_some(Target { facts, provider, application, bindings, source })
    }
}
