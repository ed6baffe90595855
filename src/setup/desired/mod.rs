//! Files that say which applications there should be, as `akwiz apply` reads them. Reading one touches nothing outside of its text.
//!
//! ```toml
//! name = "homelab"                 # what the file is called in receipts; its path otherwise
//!
//! [defaults]                       # for every application that does not say otherwise
//! access = "group:family"
//! options = { group = "Homelab" }
//!
//! [[application]]
//! template = "portainer"
//! answers = { app = "https://portainer.example.com" }
//!
//! [[application]]
//! template = "pulse"
//! access = ["group:admins", "user:ann"]
//! answers = { app = "https://pulse.example.com", password = { env = "PULSE_PASSWORD" } }
//! options = { slug = "pulse-attic", subject_mode = "user_username" }
//!
//! [[application]]                  # a login source stands there too
//! template = "github"
//! answers = { client_id = "Ov23li…", client_secret = { env = "GITHUB_SECRET" } }
//! login_page = "default"           # hidden, or the name of an identification stage
//! ```
//!
//! Secrets are never in it: `{ env = "NAME" }` or `{ file = "PATH" }` says where they are.

mod check;
mod file;
mod login_source;
mod place;

use secrecy::{ExposeSecret as _, SecretString};

use super::answers::{Answers, Input, LoginPage, Options, PlexAccount, PlexServer, SourceAnswers, Taken};
use crate::catalog::template::{QuestionKind, Template};

pub use check::parse;
pub use place::{Place, Problem};

/// What a file wants.
#[derive(Debug, Clone, Default)]
pub struct Desired {
    /// What the file calls itself.
    pub name: Option<String>,
    /// The applications, in its order.
    pub applications: Vec<Wanted>,
}

/// One application that a file wants.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The template's id, which is known.
    pub template: String,
    /// Where it begins.
    pub place: Place,
    /// The answers, by question. Each fits its question's kind.
    pub answers: Vec<(String, Answer)>,
    /// What differs from the template. A signing key is by name or primary key.
    pub options: Options,
    /// Who may open it, in the words of `--access`; empty means everyone.
    pub access: Vec<String>,
    /// Where that is said.
    pub access_place: Place,
    /// What exists may be changed although akwiz did not make it.
    pub update: bool,
    /// Where a login source is shown.
    pub login_page: LoginPage,
    /// The Plex account of a login source, where it stands in the file.
    pub plex: Option<Box<WantedPlex>>,
}

/// The Plex account of an earlier sign-in.
#[derive(Debug, Clone)]
pub struct WantedPlex {
    /// The identifier that the token was made for.
    pub client_id: String,
    /// Where the token is.
    pub token: Reference,
    /// Where that is said.
    pub place: Place,
    /// The servers whose users may sign in.
    pub servers: Vec<PlexServer>,
}

/// An answer in a file.
#[derive(Debug, Clone)]
pub enum Answer {
    /// It stands there.
    Given(Input),
    /// It stands elsewhere.
    From(Reference, Place),
}

/// Where an answer stands that is not in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference {
    /// In an environment variable.
    Env(String),
    /// In a file. A path that is relative starts at the folder of the file that names it.
    File(String),
}

impl Wanted {
    /// The answers, but for who may open it. `read` gives what stands elsewhere, or a sentence that says why not.
    ///
    /// # Errors
    /// The place and the sentence of the first that cannot be read.
    pub fn answers(
        &self,
        template: &Template,
        read: &mut dyn FnMut(&Reference) -> Result<SecretString, String>,
    ) -> Result<Answers, Problem> {
        let mut answers = Answers::new(self.template.clone());
        for (question, answer) in &self.answers {
            let input = match answer {
                Answer::Given(input) => input.clone(),
                Answer::From(reference, place) => {
                    let text = read(reference).map_err(|sentence| Problem::new(*place, sentence))?;
                    let kind = template.question.iter().find(|known| known.id == *question).map(|question| question.kind);
                    match kind {
                        Some(QuestionKind::Secret) => Input::Secret(text),
                        _ => Input::Text(text.expose_secret().to_owned()),
                    }
                }
            };
            answers.give(question, input);
        }
        answers.options = self.options.clone();
        let plex = self.plex.as_ref().map(|plex| {
            let token = read(&plex.token).map_err(|sentence| Problem::new(plex.place, sentence))?;
            let allowed = plex.servers.iter().map(|server| server.id.clone()).collect();
            Ok(PlexAccount { client_identifier: plex.client_id.clone(), token, servers: plex.servers.clone(), allowed })
        });
        answers.source = SourceAnswers { plex: plex.transpose()?, login_page: self.login_page.clone(), renew_secrets: false };
        // Whether what exists may be changed is decided once it is known whose it is.
        answers.taken = Some(Taken::Update);
        Ok(answers)
    }
}
