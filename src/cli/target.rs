//! Which template an application on the server is of, and what its questions were answered.

use clap::Args;
use clap_complete::ArgValueCompleter;

use super::completions;
use super::login_source::{self, Here};
use super::output::Output;
use super::questions::{Inputs, QuestionOptions};
use super::session::{self, Session};
use crate::catalog::load::Catalog;
use crate::catalog::render::Engine;
use crate::catalog::template::Template;
use crate::error::{Error, Kind, Result};
use crate::receipts::Listing;
use crate::setup::answers::{Answers, Taken};
use crate::setup::facts::{Existing, Facts};
use crate::setup::mint::Minted;
use crate::setup::recall::recalled;
use crate::setup::receipt::Receipt;
use crate::setup::recognize::{Recognizer, Seen, recover};
use crate::setup::setting::Field;
use crate::setup::source::recovered;

/// What `settings`, `update` and `adopt` are told.
#[derive(Debug, Clone, Default, Args)]
pub struct TargetOptions {
    /// The slug of the application or login source, as `akwiz list` shows it
    #[arg(add = ArgValueCompleter::new(completions::slugs))]
    pub slug: String,
    /// The template that it is of, where akwiz does not know
    #[arg(long, value_name = "ID", add = ArgValueCompleter::new(completions::templates))]
    pub template: Option<String>,
    /// The questions, where their answers are not known or change.
    #[command(flatten)]
    pub questions: QuestionOptions,
}

/// How it is known which template an application is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Known {
    /// A receipt says so.
    Receipt(String),
    /// Its name and its redirect URI say so.
    Recognized,
    /// The person says so.
    Told,
}

impl Known {
    /// The word for it in documents.
    pub(super) const fn word(&self) -> &'static str {
        match self {
            Self::Receipt(_) => "receipt",
            Self::Recognized => "recognized",
            Self::Told => "told",
        }
    }
}

/// An application on the server, and what is known of it.
#[derive(Debug)]
pub(super) struct Target {
    pub template: Template,
    pub answers: Answers,
    /// The answers without those that were given just now.
    pub before: Answers,
    pub minted: Minted,
    pub known: Known,
    pub facts: Facts,
    /// Its slug, as the server writes it.
    pub slug: String,
}

impl Target {
    /// The application; none for a login source.
    pub(super) fn existing(&self) -> Option<&Existing> {
        self.facts.existing.first()
    }
}

/// What has a slug.
#[derive(Debug)]
pub(super) enum Looked {
    /// An application, first among those that exist.
    Application(Box<Facts>),
    /// A login source.
    Source(Box<Here>),
}

/// Its slug, as the server writes it.
pub(super) fn slug_of(existing: &Existing) -> &str {
    existing.application.text(Field::Slug).unwrap_or_default()
}

/// The application with this slug, else the login source.
///
/// # Errors
/// When there is none, with those whose slug is similar.
pub(super) async fn look_at(session: &Session, slug: &str) -> Result<Looked> {
    let (slug, only_source) = login_source::meant(slug);
    let facts = session.facts_of(&[slug]).await?;
    if !facts.existing.is_empty() && !only_source {
        return Ok(Looked::Application(Box::new(facts)));
    }
    if let Some(here) = login_source::look(session, slug).await? {
        return Ok(Looked::Source(Box::new(here)));
    }
    let slugs: Vec<&str> = facts.applications.iter().map(|application| application.slug.as_str()).collect();
    let place = format!("at {}", facts.public_url);
    Err(login_source::missing(&session.client, slug, only_source, &slugs, &place).await.hint("List them: akwiz list"))
}

/// Finds the application, its template and its answers. What is not known has to be answered with options.
///
/// # Errors
/// When there is no such application, or it is not known which template it is of.
pub(super) async fn find(
    session: &Session,
    catalog: &Catalog,
    engine: &Engine,
    options: &TargetOptions,
    output: &Output,
) -> Result<Target> {
    let facts = match look_at(session, &options.slug).await? {
        Looked::Application(facts) => *facts,
        Looked::Source(here) => return find_source(session, catalog, engine, options, *here),
    };
    let existing = &facts.existing[0];
    let slug = slug_of(existing).to_owned();
    if let Some(why) = &existing.untouchable {
        return Err(Error::new(Kind::Refused, format!("akwiz does not work with “{slug}”. {why}")));
    }
    let listing = session.receipts.list()?;
    for sentence in &listing.broken {
        output.warning(sentence);
    }
    let receipt = receipt_of(&listing, existing, &facts.api_url)
        .filter(|receipt| options.template.as_ref().is_none_or(|told| *told == receipt.template))
        .filter(|receipt| catalog.get(&receipt.template).is_some());
    let (template, mut answers, known) = match (receipt, &options.template) {
        (Some(receipt), _) => {
            let template = session::template_in(catalog, &receipt.template)?;
            (template, recalled(receipt), Known::Receipt(receipt.id.clone()))
        }
        (None, Some(told)) => {
            let template = session::template_in(catalog, told)?;
            let recovered = recover(engine, &template, &Seen::of(existing));
            let answers = recovered.map_or_else(|| Answers::new(template.id.clone()), |(_, answers)| answers);
            (template, answers, Known::Told)
        }
        (None, None) => {
            let (template, answers) = recognized(catalog, engine, existing)?;
            (template, answers, Known::Recognized)
        }
    };
    if template.source.is_some() {
        return Err(Error::new(Kind::Usage, format!("{} is a login source, and “{slug}” is an application.", template.name)));
    }
    let before = answers.clone();
    options.questions.answer(&template, &mut answers, &Inputs::REAL)?;
    // What exists has its slug and its name, wherever they came from; those of the first part are options.
    let first = template.parts().first().map(|part| part.id.clone());
    let part = receipt.and_then(|receipt| receipt.part(&slug)).map(str::to_owned);
    if part.is_none() || part == first {
        let name = existing.application.text(Field::Name).map(str::to_owned);
        answers.options.name = name.or(answers.options.name);
        answers.options.slug = Some(slug.clone());
    }
    answers.taken = Some(Taken::Update);
    let minted = session::credentials(&template);
    Ok(Target { template, answers, before, minted, known, facts, slug })
}

/// Likewise for a login source. What authentik shows of it comes before what a receipt says: somebody may have changed it since.
///
/// # Errors
/// When it is not known which template it is of, or an answer cannot be used.
pub(super) fn find_source(
    session: &Session,
    catalog: &Catalog,
    engine: &Engine,
    options: &TargetOptions,
    here: Here,
) -> Result<Target> {
    let slug = here.listed.slug.clone();
    let listing = session.receipts.list()?;
    let (template, known) = match &options.template {
        Some(told) => (session::template_in(catalog, told)?, Known::Told),
        None => {
            if let Some((template, known)) = here.template(catalog, &listing) {
                (template.clone(), known)
            } else {
                let kind = &here.listed.verbose_name;
                return Err(Error::new(Kind::Usage, format!("akwiz cannot tell which template the {kind} “{slug}” is of."))
                    .hint("Name it: --template=ID. List them: akwiz apps"));
            }
        }
    };
    if template.source.as_ref().is_none_or(|source| source.api != here.api) {
        let kind = &here.listed.verbose_name;
        return Err(Error::new(
            Kind::Usage,
            format!("“{slug}” is a login source ({kind}), and {} makes another kind.", template.name),
        ));
    }
    let (stages, public) = (&here.facts.identification_stages, &here.facts.public_url);
    let mut answers = recovered(engine, &template, here.found()?, stages, public);
    if let Some(receipt) = here.receipt(&listing).filter(|receipt| receipt.template == template.id) {
        for (question, given) in recalled(receipt).given {
            answers.given.entry(question).or_insert(given);
        }
    }
    let before = answers.clone();
    options.questions.answer(&template, &mut answers, &Inputs::REAL)?;
    let minted = session::credentials(&template);
    Ok(Target { template, answers, before, minted, known, facts: here.facts, slug })
}

/// The newest receipt about the application, if it is still the one that the receipt is about: the client ID tells.
pub(super) fn receipt_of<'r>(listing: &'r Listing, existing: &Existing, server: &str) -> Option<&'r Receipt> {
    let slug = slug_of(existing);
    let client_id = existing.provider.as_ref().and_then(|provider| provider.text(Field::ClientId));
    listing.receipts.iter().find(|receipt| is_about(receipt, slug, client_id, server))
}

/// Whether a receipt is about the application with this slug and client ID.
pub(super) fn is_about(receipt: &Receipt, slug: &str, client_id: Option<&str>, server: &str) -> bool {
    // A run without a template, such as a new secret for an application that nothing is known of, says nothing about it.
    let is_candidate = receipt.server == server && !receipt.template.is_empty() && !receipt.is_void();
    let part = receipt.part(slug).filter(|_| is_candidate);
    part.is_some_and(|part| {
        let recorded = receipt.client_ids.get(part).map(String::as_str);
        recorded.is_none() || client_id.is_none() || recorded == client_id
    })
}

fn recognized(catalog: &Catalog, engine: &Engine, existing: &Existing) -> Result<(Template, Answers)> {
    let recognizer = Recognizer::new(engine, catalog.iter());
    let seen = Seen::of(existing);
    if let Some(candidate) = recognizer.surely(&seen)
        && let Some(answers) = candidate.answers
    {
        return Ok((session::template_in(catalog, &candidate.template.id)?, answers));
    }
    let error = Error::new(Kind::Usage, format!("akwiz did not make “{}”, and cannot tell which template it is of.", seen.slug));
    let candidates = recognizer.find(&seen);
    let error = candidates.iter().take(3).fold(error, |error, candidate| {
        error.hint(format!("It could be {}: --template={}", candidate.template.name, candidate.template.id))
    });
    Err(if candidates.is_empty() { error.hint("Name it: --template=ID. List them: akwiz apps") } else { error })
}
