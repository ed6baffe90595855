//! The server, the token and the stores that a command works with.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use ring::rand::{SecureRandom as _, SystemRandom};
use secrecy::SecretString;
use url::Url;

use super::global::GlobalOptions;
use super::reach::{self, Reached};
use super::{questions, similar};
use crate::authentik::facts::Wanted;
use crate::authentik::plex_tv::PLEX_TV;
use crate::authentik::survey::Survey;
use crate::authentik::{Client, Version};
use crate::catalog::load::Catalog;
use crate::catalog::render::Engine;
use crate::catalog::template::{SourceApi, Template};
use crate::config::{Files, Paths};
#[cfg(feature = "demo")]
use crate::demo::{self, StandIn};
use crate::error::{Error, Kind, Result};
use crate::receipts::{FileReceipts, MemoryReceipts, ReceiptStore};
use crate::secrets::{self, TokenStore};
use crate::setup::answers::{Answers, KeyChoice};
use crate::setup::facts::Facts;
use crate::setup::mint::{self, Minted, mint};
use crate::setup::plan::Plan;
use crate::setup::planner::{plan, second_pass, slugs};
use crate::setup::question::{Problem, resolve};

/// The server, the token and the stores that a command works with.
pub(super) struct Session {
    pub client: Client,
    /// The address that browsers and applications use; that of the API where it is not known (see [`Session::knows_public`]).
    pub public: Url,
    pub receipts: Arc<dyn ReceiptStore>,
    /// Where Plex is asked for a code.
    pub plex: Url,
    version: Option<Version>,
    knows_public: bool,
    files: Files,
    /// It stops when the session ends.
    #[cfg(feature = "demo")]
    _stand_in: Option<StandIn>,
}

impl Session {
    /// Connects and signs in. Nothing is written.
    ///
    /// # Errors
    /// When the server cannot be found, its public address is not known, or there is no token for it.
    pub(super) async fn open(global: &GlobalOptions) -> Result<Self> {
        Self::open_with(global, None).await
    }

    /// As [`Session::open`], with a token that was typed.
    ///
    /// # Errors
    /// As [`Session::open`].
    pub(super) async fn open_with(global: &GlobalOptions, typed_token: Option<SecretString>) -> Result<Self> {
        #[cfg(feature = "demo")]
        if global.demo {
            return Self::demo(global).await;
        }
        let reached = Reached::new(global).await?;
        if reached.public.is_none() {
            return Err(Error::new(
                Kind::Usage,
                format!("{} is an address that only this machine or network can reach.", reached.found.base),
            )
            .hint("Say the address that browsers and applications use: --public-url=ADDRESS."));
        }
        Self::sign_in(global, reached, typed_token)
    }

    /// As [`Session::open`], for commands that neither show nor write an address of authentik: the public one need not be known.
    ///
    /// # Errors
    /// When the server cannot be found, or there is no token for it.
    pub(super) async fn open_for_api(global: &GlobalOptions) -> Result<Self> {
        #[cfg(feature = "demo")]
        if global.demo {
            return Self::demo(global).await;
        }
        Self::sign_in(global, Reached::new(global).await?, None)
    }

    fn sign_in(global: &GlobalOptions, reached: Reached, typed_token: Option<SecretString>) -> Result<Self> {
        let Reached { files, found, public, trust } = reached;
        let knows_public = public.is_some();
        let public = public.unwrap_or_else(|| found.base.clone());
        let token = match typed_token {
            Some(token) => token,
            None => find_token(global, &found.base, &secrets::Keyring::new())?.token,
        };
        let client = Client::with_public_address(&found.base, &public, &trust, global.timeouts())?.signed_in(token)?;
        let receipts = files.paths().map_or_else(
            || Arc::new(MemoryReceipts::default()) as Arc<dyn ReceiptStore>,
            |paths| Arc::new(FileReceipts::new(paths.receipts())),
        );
        Ok(Self {
            client,
            public,
            receipts,
            plex: reach::public_address(PLEX_TV)?,
            version: found.version,
            knows_public,
            files,
            #[cfg(feature = "demo")]
            _stand_in: None,
        })
    }

    #[cfg(feature = "demo")]
    async fn demo(global: &GlobalOptions) -> Result<Self> {
        let stand_in = StandIn::start(demo::Options::default())
            .await
            .map_err(|error| Error::new(Kind::Internal, "The stand-in cannot be started.").caused_by(error))?;
        let base = reach::public_address(stand_in.base_url())?;
        let public = reach::public_address(super::background::PUBLIC)?;
        let client = Client::with_public_address(&base, &public, &crate::authentik::Trust::default(), global.timeouts())?
            .signed_in(stand_in.token())?;
        Ok(Self {
            client,
            public,
            receipts: Arc::new(MemoryReceipts::default()),
            plex: reach::public_address(stand_in.plex_url())?,
            version: None,
            knows_public: true,
            files: Files::in_memory(),
            _stand_in: Some(stand_in),
        })
    }

    /// The server's version, if it is known without a token.
    pub(super) fn version(&self) -> Option<Version> {
        self.version
    }

    /// Whether the public address is known, so that authentik's addresses can be shown.
    pub(super) fn knows_public(&self) -> bool {
        self.knows_public
    }

    /// Whether receipts outlive this command.
    pub(super) fn keeps_receipts(&self) -> bool {
        self.files.paths().is_some()
    }

    /// Everything that a plan of these answers needs to know.
    ///
    /// # Errors
    /// When the token is refused, or the server cannot be reached.
    pub(super) async fn facts(&self, engine: &Engine, template: &Template, answers: &Answers, minted: &Minted) -> Result<Facts> {
        let resolved = resolve(engine, template, answers, minted);
        let slugs = slugs(engine, template, answers, &resolved);
        let slugs: Vec<&str> = slugs.iter().map(String::as_str).collect();
        let source = template.source.as_ref().map(|source| source.api);
        let wanted = Wanted { slugs: &slugs, source, public: &self.public, version: self.version };
        let mut facts = self.client.facts(&wanted).await?;
        if second_pass(engine, template, &resolved.scope).is_some() {
            facts.refused_changes = self.client.refused_changes(facts.me.superuser).await?;
        }
        Ok(facts)
    }

    /// What the server has, and the applications with these slugs.
    ///
    /// # Errors
    /// As [`Session::facts`].
    pub(super) async fn facts_of(&self, slugs: &[&str]) -> Result<Facts> {
        let wanted = Wanted { slugs, source: None, public: &self.public, version: self.version };
        Ok(self.client.facts(&wanted).await?)
    }

    /// What the server has, and the login source of this kind with this slug.
    ///
    /// # Errors
    /// As [`Session::facts`].
    pub(super) async fn facts_of_source(&self, api: SourceApi, slug: &str) -> Result<Facts> {
        let wanted = Wanted { slugs: &[slug], source: Some(api), public: &self.public, version: self.version };
        Ok(self.client.facts(&wanted).await?)
    }

    /// Everything that the doctor and the audit look at.
    ///
    /// # Errors
    /// As [`Session::facts`].
    pub(super) async fn survey(&self) -> Result<Survey> {
        Ok(self.client.survey(&self.public, self.version).await?)
    }

    /// Looks and plans anew with the same answers.
    ///
    /// # Errors
    /// As [`Session::facts`].
    pub(super) async fn look(
        &self,
        engine: &Engine,
        template: &Template,
        answers: &Answers,
        minted: &Minted,
    ) -> Result<(Facts, Plan)> {
        let facts = self.facts(engine, template, answers, minted).await?;
        let plan = plan(engine, template, answers, &facts, minted);
        Ok((facts, plan))
    }

    /// Remembers the server and the template for the next time.
    pub(super) fn remember(&self, template: &str) {
        let api = self.client.base().as_str().trim_end_matches('/').to_owned();
        let public = self.public.as_str().trim_end_matches('/').to_owned();
        let remembered = self.files.update_state(|state| {
            state.used(template);
            state.last_api = Some(api);
            state.last_public = Some(public);
        });
        if let Err(error) = remembered {
            // The work is done; only the next start is a little longer.
            tracing::warn!(%error, "not remembered");
        }
    }
}

/// The token for the authentik at `base`: from `--token-file`, the environment, or a keyring.
///
/// # Errors
/// When there is none, or one that was set on purpose cannot be used.
pub(super) fn find_token(global: &GlobalOptions, base: &Url, store: &dyn TokenStore) -> Result<secrets::Found> {
    let env = |name: &str| std::env::var(name).ok();
    secrets::find(&secrets::origin(base), global.token_file.as_deref(), env, store)?.ok_or_else(|| {
        Error::new(Kind::Usage, "There is no API token for this authentik.")
            .hint(format!("Set {}, use --token-file=FILE, or keep one: akwiz login", secrets::VARIABLE))
            .hint("In authentik, make one under Directory > Tokens and App passwords, with the intent API Token and without expiry.")
    })
}

/// The template with this id.
///
/// # Errors
/// When there is none.
pub(super) fn template(global: &GlobalOptions, id: &str) -> Result<Template> {
    template_in(&catalog(global)?, id)
}

/// The template with this id, of a catalog that was loaded already.
///
/// # Errors
/// When there is none.
pub(super) fn template_in(catalog: &Catalog, id: &str) -> Result<Template> {
    let Some(template) = catalog.get(id) else {
        let error = Error::new(Kind::Usage, format!("akwiz does not know an application “{id}”."));
        let is_called = |name: &&String| name.to_lowercase() == id.to_lowercase();
        let other_names = catalog.heads().filter(|head| head.aliases.iter().chain([&head.name]).any(|name| is_called(&name)));
        let called: Vec<&str> = other_names.map(|head| head.id.as_str()).collect();
        if !called.is_empty() {
            return Err(error.hint(format!("It is another name of: {}.", called.join(", "))));
        }
        let ids = catalog.heads().map(|head| head.id.as_str());
        return Err(similar::suggest(error, id, ids, "It knows").hint("List them, or search: akwiz apps WORD"));
    };
    Ok(template.clone())
}

/// Whether every question has a usable answer.
///
/// # Errors
/// When some have not: all of them, with the options that answer them.
pub(super) fn check_questions(engine: &Engine, template: &Template, answers: &Answers, minted: &Minted) -> Result<()> {
    let resolved = resolve(engine, template, answers, minted);
    let problems = resolved.questions.iter().filter_map(|state| {
        let question = template.question.iter().find(|question| question.id == state.id)?;
        Some((question, state, state.problem.as_ref()?))
    });
    let (mut missing, mut wrong, mut hints) = (Vec::new(), Vec::new(), Vec::new());
    // A default that is made from another answer comes with that one.
    let (own, derived): (Vec<_>, Vec<_>) =
        problems.partition(|(question, _, problem)| matches!(problem, Problem::Wrong(_)) || question.default.is_none());
    for (question, state, problem) in if own.is_empty() { derived } else { own } {
        match problem {
            Problem::Missing => missing.push(question.label.as_str()),
            Problem::Wrong(sentence) => wrong.push(format!("{}: {sentence}", question.label)),
        }
        hints.push(format!("{}: {}", question.label, questions::how_to_answer(question, state)));
    }
    if hints.is_empty() {
        return Ok(());
    }
    match missing.as_slice() {
        [] => {}
        [one] => wrong.push(format!("“{one}” has no answer.")),
        several => wrong.push(format!("{} questions have no answer.", several.len())),
    }
    let error = Error::new(Kind::Usage, wrong.join(" "));
    let error = Error { hints, ..error }.hint(format!("All that it asks: akwiz app {}", template.id));
    let registers = template.entry.iter().any(|entry| entry.register);
    Err(if registers { error.hint(format!("What to register there first: akwiz apps -v {}", template.id)) } else { error })
}

/// All templates. The stand-in does without the person's own.
///
/// # Errors
/// When there is no home directory.
pub(super) fn catalog(global: &GlobalOptions) -> Result<Catalog> {
    Ok(if global.demo { Catalog::built_in() } else { Catalog::load(&Paths::of_this_machine()?.templates()) })
}

/// Where receipts are kept.
///
/// # Errors
/// When there is no home directory.
pub(super) fn receipts(global: &GlobalOptions) -> Result<Arc<dyn ReceiptStore>> {
    if global.demo {
        return Ok(Arc::new(MemoryReceipts::default()));
    }
    Ok(Arc::new(FileReceipts::new(Paths::of_this_machine()?.receipts())))
}

/// Credentials for one run.
pub(super) fn credentials(template: &Template) -> Minted {
    mint(template, &mut random)
}

/// A client secret.
pub(super) fn client_secret() -> SecretString {
    mint::client_secret(&mut random)
}

/// Four letters and digits that keep two runs of one second apart, in the order in which they started.
pub(super) fn run_id() -> String {
    let mut bytes = [0; 1];
    random(&mut bytes);
    let millis = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.subsec_millis());
    format!("{millis:03x}{:x}", bytes[0] & 0xf)
}

/// Seconds since 1970, by this machine's clock.
pub(super) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

fn random(bytes: &mut [u8]) {
    SystemRandom::new().fill(bytes).expect("the system gives random bytes");
}

/// A key that was named instead of given by its primary key.
///
/// # Errors
/// When there is none by that name.
pub(super) fn find_key(answers: &mut Answers, facts: &Facts) -> Result<()> {
    let Some(KeyChoice::Existing(text)) = &mut answers.options.signing_key else { return Ok(()) };
    if let Some(key) = facts.keys.iter().find(|key| key.pk == *text || key.name == *text) {
        text.clone_from(&key.pk);
        return Ok(());
    }
    let error = Error::new(Kind::Usage, format!("There is no key “{text}” with a private key in authentik."));
    let names = facts.keys.iter().map(|key| key.name.as_str());
    Err(similar::suggest(error, text, names, "There are").hint("Or make one: --signing-key=new"))
}
