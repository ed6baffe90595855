//! What all pages share: plain data, in the order in which it comes together.

use std::path::PathBuf;
use std::sync::Arc;

use super::effect::{Effects, Read};
use super::msg::{Millis, ServerFound, SignedIn};
use crate::catalog::load::Catalog;
use crate::catalog::render::Engine;
use crate::catalog::template::{Kind, SourceApi, Template};
use crate::error::Error;
use crate::setup::answers::Answers;
use crate::setup::facts::Facts;
use crate::setup::mint::Minted;
use crate::setup::outcome::Outcome;
use crate::setup::plan::Plan;
use crate::setup::planner::{preview, second_pass, slugs};
use crate::setup::question::resolve;

/// Everything that is known and decided so far.
#[derive(Debug, Default)]
pub struct Wizard {
    /// How it was started.
    pub start: Start,
    /// The templates.
    pub catalog: Load<Arc<Catalog>>,
    /// The server, once it was found.
    pub server: Option<Server>,
    /// Whose token it is, once somebody signed in.
    pub signed_in: Option<SignedIn>,
    /// What the server has. Asked for after signing in, and again when the wanted slug changes.
    pub facts: Load<Arc<Facts>>,
    /// What the facts were asked for with, where a page asked through [`Wizard::want_facts`].
    pub facts_for: Option<FactsFor>,
    /// The template that was picked.
    pub template: Option<Arc<Template>>,
    /// The answers for it.
    pub answers: Answers,
    /// Identifiers and secrets for the template, made once, so that what was shown is what is sent.
    pub minted: Option<Minted>,
    /// What review showed last.
    pub plan: Option<Plan>,
    /// What came of it.
    pub outcome: Option<Outcome>,
    /// Why review is shown once more: a sentence.
    pub review_again: Option<String>,
    /// A write runs.
    pub applying: bool,
}

/// How the wizard was started: what options, environment and the last run say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Start {
    /// The address to begin with: an option, or the last one used.
    pub url: Option<String>,
    /// The public address to begin with.
    pub public_url: Option<String>,
    /// A file with certificates of authorities.
    pub ca_file: Option<PathBuf>,
    /// Fingerprints that were accepted for good, with the address for which they were.
    pub accepted: Vec<(String, String)>,
    /// Templates used lately, by id, the last one first.
    pub recent: Vec<String>,
    /// The template to start with, by id.
    pub template: Option<String>,
    /// Through what copied text goes on its way, if a secret should not pass there unasked: `the terminal (OSC 52)`, `tmux's buffer`.
    pub clipboard_through: Option<String>,
    /// Talks to the stand-in inside the process: nothing is written outside of it.
    pub demo: bool,
}

/// What facts are asked for with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactsFor {
    /// The slugs that are wanted.
    pub slugs: Vec<String>,
    /// A login source is to be made, and not an application.
    pub source: Option<SourceApi>,
    /// A second pass is left open, so that the rights for it matter.
    pub second_pass: bool,
}

/// The server that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// What was found.
    pub found: ServerFound,
    /// The address that browsers and applications use, without a final slash.
    pub public_url: String,
}

/// Something that has to be loaded first.
#[derive(Debug, Default)]
pub enum Load<T> {
    /// Not asked for.
    #[default]
    Not,
    /// On its way since then.
    Loading(Millis),
    /// Here.
    Ready(T),
    /// It did not come.
    Failed(Error),
}

impl<T> Load<T> {
    /// The thing, if it is here.
    pub fn ready(&self) -> Option<&T> {
        match self {
            Self::Ready(thing) => Some(thing),
            _ => None,
        }
    }

    /// Why it did not come.
    pub fn error(&self) -> Option<&Error> {
        match self {
            Self::Failed(error) => Some(error),
            _ => None,
        }
    }

    /// Since when it is on its way.
    pub fn since(&self) -> Option<Millis> {
        match self {
            Self::Loading(since) => Some(*since),
            _ => None,
        }
    }
}

impl<T> From<Result<T, Error>> for Load<T> {
    fn from(result: Result<T, Error>) -> Self {
        match result {
            Ok(thing) => Self::Ready(thing),
            Err(error) => Self::Failed(error),
        }
    }
}

impl Wizard {
    /// The kind of the picked template.
    pub fn kind(&self) -> Kind {
        self.template.as_ref().map_or(Kind::Application, |template| template.kind)
    }

    /// Picks a template. Answers of another one are put away; picking the same again keeps them. True if it is another one.
    pub fn pick(&mut self, template: Arc<Template>) -> bool {
        if self.template.as_ref().is_some_and(|picked| picked.id == template.id) {
            return false;
        }
        self.answers = Answers::new(template.id.clone());
        self.template = Some(template);
        self.begin_anew();
        true
    }

    /// The server changed: whose token it was, and what the server had, no longer hold. Answers stay.
    pub fn forget_server(&mut self) {
        self.server = None;
        self.forget_person();
    }

    /// The person changed: what the server has may look different. Answers stay.
    pub fn forget_person(&mut self) {
        self.signed_in = None;
        self.forget_facts();
    }

    /// The server may have changed: what it has is asked for again when it is needed.
    pub fn forget_facts(&mut self) {
        self.facts = Load::Not;
        self.facts_for = None;
        self.plan = None;
    }

    /// What the picked template wants to know of the server; none where no template is picked.
    pub fn wanted_facts(&self) -> Option<FactsFor> {
        let template = self.template.as_deref()?;
        let engine = Engine::new();
        let resolved = resolve(&engine, template, &self.answers, &Minted::default());
        Some(FactsFor {
            slugs: slugs(&engine, template, &self.answers, &resolved),
            source: template.source.as_ref().map(|source| source.api),
            second_pass: second_pass(&engine, template, &resolved.scope).is_some(),
        })
    }

    /// The slug before anybody decided what to do where it is taken.
    pub fn default_slug(&self) -> Option<String> {
        let template = self.template.as_deref()?;
        let engine = Engine::new();
        let minted = Minted::default();
        let resolved = resolve(&engine, template, &self.answers, &minted);
        Some(preview(&engine, template, &self.answers, &resolved).slug)
    }

    /// Asks for what the server has, unless the right thing is here or on its way. What failed is asked for again.
    pub fn want_facts(&mut self, effects: &mut Effects, now: Millis) {
        let Some(wanted) = self.wanted_facts() else { return };
        let settled = matches!(self.facts, Load::Ready(_) | Load::Loading(_));
        if settled && self.facts_for.as_ref() == Some(&wanted) {
            return;
        }
        // An answer to another question must not be taken for this one's.
        effects.abort_server();
        effects.read_server(Read::Facts { slugs: wanted.slugs.clone(), source: wanted.source, second_pass: wanted.second_pass });
        self.facts = Load::Loading(now);
        self.facts_for = Some(wanted);
        self.plan = None;
    }

    /// Nothing of an earlier run holds for the picked template.
    fn begin_anew(&mut self) {
        self.minted = None;
        self.plan = None;
        self.outcome = None;
        self.review_again = None;
    }

    /// Begins with another application; the server and the person stay.
    pub fn another(&mut self) {
        self.template = None;
        self.answers = Answers::default();
        self.begin_anew();
        // What was just made is not in them yet.
        self.forget_facts();
    }

    /// What would be lost by leaving now: a sentence, if it is worth asking about.
    pub fn at_stake(&self) -> Option<&'static str> {
        if self.applying {
            Some("Changes are being made. The one under way will be finished and recorded first.")
        } else if self.outcome.is_some() {
            Some("The client settings are shown here only. authentik and the receipt keep what was created.")
        } else if !self.answers.given.is_empty() || self.answers.options != crate::setup::answers::Options::default() {
            Some("Your answers will be lost. Nothing has been written to authentik.")
        } else {
            None
        }
    }
}
