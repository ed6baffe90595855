//! From a file to what is wanted: templates, answers, secrets from elsewhere, slugs.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use secrecy::SecretString;

use super::source;
use crate::apply::many::{KEPT, Wish};
use crate::authentik::Client;
use crate::catalog::load::Catalog;
use crate::catalog::render::Engine;
use crate::catalog::template::Template;
use crate::cli::access::{self, AccessOption};
use crate::cli::{secret_input, session};
use crate::error::{Error, Kind, Result};
use crate::setup::answers::Access;
use crate::setup::desired::{Desired, Place, Problem, Reference, Wanted, parse};
use crate::setup::facts::Facts;
use crate::setup::mint::Minted;
use crate::setup::planner::slugs;
use crate::setup::question::resolve_scope;

/// So many applications are checked before others get a turn.
const A_FEW: usize = 32;

/// A file of applications, checked without a server.
pub(super) struct Wanting {
    /// As it was named, for messages.
    path: PathBuf,
    /// A later run of it is known by its name or its path. Standard input has no path.
    pub is_named: bool,
    /// What it is called in receipts.
    pub name: String,
    /// What it wants. Who may open each is not known yet.
    pub wishes: Vec<Wish>,
    /// By wish: where it stands, and who may open it.
    pub places: Vec<Place>,
    access: Vec<(Vec<AccessOption>, Place)>,
}

impl Wanting {
    /// Reads the file at `path`, or standard input for `-`. Thousands of applications take a while, and others get a turn meanwhile.
    ///
    /// # Errors
    /// When it cannot be read, or something in it is wrong: all of that.
    pub async fn read(path: &Path, catalog: &Catalog, engine: &Engine) -> Result<Self> {
        let source = source::read(path)?;
        let known = || catalog.heads().map(|head| head.id.as_str()).collect();
        let Desired { name, applications } =
            parse(&source, &|id| catalog.get(id), &known).map_err(|problems| wrong(path, problems))?;
        let identity = || std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf()).display().to_string();
        let mut reading = Reading {
            catalog,
            engine,
            folder: path.parent().map(Path::to_path_buf).unwrap_or_default(),
            templates: HashMap::new(),
            taken: HashMap::new(),
            kept: 0,
            problems: Vec::new(),
        };
        let mut wanting = Self {
            path: path.to_path_buf(),
            is_named: name.is_some() || !source::is_stdin(path),
            name: name.unwrap_or_else(identity),
            wishes: Vec::with_capacity(applications.len()),
            places: Vec::with_capacity(applications.len()),
            access: Vec::with_capacity(applications.len()),
        };
        for (number, wanted) in applications.into_iter().enumerate() {
            if number.is_multiple_of(A_FEW) {
                tokio::task::yield_now().await;
            }
            let (place, access) = (wanted.place, reading.access(&wanted));
            if let Some(wish) = reading.wish(&wanted) {
                wanting.wishes.push(wish);
                wanting.places.push(place);
                wanting.access.push(access);
            }
        }
        if reading.problems.is_empty() { Ok(wanting) } else { Err(wrong(path, reading.problems)) }
    }

    /// Finds out what the names of groups, people and keys stand for on the server. Each is looked up once.
    ///
    /// # Errors
    /// When one does not exist: where it is named.
    pub async fn resolve(&mut self, facts: &Facts, client: &Client) -> Result<()> {
        let mut known: HashMap<String, Access> = HashMap::new();
        for (wish, ((options, place), start)) in self.wishes.iter_mut().zip(self.access.iter().zip(&self.places)) {
            let key = format!("{options:?}");
            let access = match known.get(&key) {
                Some(access) => access.clone(),
                None => access::resolve(options, facts, client).await.map_err(|error| at(&self.path, *place, error))?,
            };
            known.entry(key).or_insert_with(|| access.clone());
            wish.answers.access = access;
            session::find_key(&mut wish.answers, facts).map_err(|error| at(&self.path, *start, error))?;
        }
        Ok(())
    }
}

struct Reading<'a> {
    catalog: &'a Catalog,
    engine: &'a Engine,
    /// Where relative paths in the file start.
    folder: PathBuf,
    /// Shared by the wishes of one template.
    templates: HashMap<String, (Arc<Template>, Arc<Minted>)>,
    /// What is taken, as [`Wish::marks`] in lower case, and where it is wanted.
    taken: HashMap<String, Place>,
    /// How many scopes were kept.
    kept: usize,
    problems: Vec<Problem>,
}

impl Reading<'_> {
    fn access(&mut self, wanted: &Wanted) -> (Vec<AccessOption>, Place) {
        let mut options = Vec::new();
        for word in &wanted.access {
            match word.parse() {
                Ok(option) => options.push(option),
                Err(hint) => {
                    let problem = Problem::new(wanted.access_place, format!("“{word}” does not say who."));
                    let hint: String = hint;
                    // Defaults are used many times and are wrong once.
                    let problem = problem.hint(format!("For access, {hint}."));
                    if !self.problems.contains(&problem) {
                        self.problems.push(problem);
                    }
                }
            }
        }
        (options, wanted.access_place)
    }

    fn wish(&mut self, wanted: &Wanted) -> Option<Wish> {
        let (template, minted) = self.template(&wanted.template)?;
        let folder = &self.folder;
        let answers = match wanted.answers(&template, &mut |reference| elsewhere(reference, folder)) {
            Ok(answers) => answers,
            Err(problem) => {
                self.problems.push(problem);
                return None;
            }
        };
        let resolved = resolve_scope(self.engine, &template, &answers, &minted);
        let (mut complete, mut free) = (true, true);
        for state in resolved.questions.iter().filter(|state| state.problem.is_some()) {
            let label = template.question.iter().find(|question| question.id == state.id).map_or("", |question| &question.label);
            let sentence = state.problem.as_ref().map_or("", |problem| problem.sentence());
            let problem = Problem::new(wanted.place, format!("{label}: {sentence}"));
            self.problems.push(problem.hint(format!("Answer it under answers: {} = …", state.id)));
            complete = false;
        }
        let mut slugs = slugs(self.engine, &template, &answers, &resolved);
        // It took over the room of the template's parts.
        slugs.shrink_to_fit();
        let mut wish = Wish { template, answers, slugs, update: wanted.update, scope: Mutex::default() };
        for (slug, mark) in wish.slugs.iter().zip(wish.marks()).filter(|_| complete) {
            if let Some(other) = self.taken.insert(mark.to_lowercase(), wanted.place) {
                let problem = Problem::new(wanted.place, format!("The slug “{slug}” is wanted in line {} already.", other.line));
                self.problems.push(problem.hint("Give it another one: options = { slug = \"…\" }"));
                free = false;
            }
        }
        // A made secret is each application's own, and made when it is planned.
        if complete && free && wish.source().is_none() && minted.secrets.is_empty() && self.kept < KEPT {
            wish.scope = Mutex::new(Some(resolved.scope));
            self.kept += 1;
        }
        (complete && free).then_some(wish)
    }

    fn template(&mut self, id: &str) -> Option<(Arc<Template>, Arc<Minted>)> {
        if let Some(known) = self.templates.get(id) {
            return Some(known.clone());
        }
        let template = self.catalog.get(id)?.clone();
        let minted = session::credentials(&template);
        let both = (Arc::new(template), Arc::new(minted));
        self.templates.insert(id.to_owned(), both.clone());
        Some(both)
    }
}

/// What stands elsewhere.
fn elsewhere(reference: &Reference, folder: &Path) -> Result<SecretString, String> {
    match reference {
        Reference::Env(name) => match std::env::var(name) {
            Ok(text) if !text.is_empty() => Ok(text.into()),
            _ => Err(format!("The environment variable {name} is not set.")),
        },
        Reference::File(path) => secret_input::from_file(&folder.join(path)).map_err(|error| error.message),
    }
}

/// Everything that is wrong with the file, as one error: a line for each.
fn wrong(path: &Path, mut problems: Vec<Problem>) -> Error {
    problems.sort_by_key(|problem| problem.place);
    let said = |problem: &Problem| format!("{}:{problem}", path.display());
    if let [only] = problems.as_mut_slice() {
        let hint = only.hint.take();
        let error = Error::new(Kind::Usage, said(only));
        return hint.into_iter().fold(error, Error::hint);
    }
    let lines: Vec<String> = problems
        .iter()
        .map(|problem| problem.hint.as_ref().map_or_else(|| said(problem), |hint| format!("{} {hint}", said(problem))))
        .collect();
    Error::new(Kind::Usage, lines.join("\n"))
}

/// An error with the place in the file that it is about.
fn at(path: &Path, place: Place, error: Error) -> Error {
    if error.kind != Kind::Usage {
        return error;
    }
    let message = format!("{}:{}:{}: {}", path.display(), place.line, place.column, error.message);
    Error { message, ..error }
}
