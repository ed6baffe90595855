//! The server, the token and the stores that a command works with.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use ring::rand::{SecureRandom as _, SystemRandom};
use secrecy::SecretString;
use url::Url;

use super::global::GlobalOptions;
use super::similar;
use crate::authentik::address::Address;
use crate::authentik::connect::probe;
use crate::authentik::facts::Wanted;
use crate::authentik::plex_tv::PLEX_TV;
use crate::authentik::{Client, Fingerprint, Trust, Version};
use crate::catalog::load::{Catalog, Origin};
use crate::catalog::render::Engine;
use crate::catalog::template::{QuestionKind, Template};
use crate::config::{Config, Files, Paths, Profile};
#[cfg(feature = "demo")]
use crate::demo::{self, StandIn};
use crate::error::{Error, Kind, Result};
use crate::receipts::{FileReceipts, MemoryReceipts, ReceiptStore};
use crate::secrets;
use crate::setup::answers::{Answers, KeyChoice};
use crate::setup::facts::Facts;
use crate::setup::mint::{Minted, mint};
use crate::setup::plan::Plan;
use crate::setup::planner::{plan, slugs};
use crate::setup::question::resolve;

/// How to get a token.
pub(super) const TOKEN_HINT: &str =
    "In authentik, make one under Directory > Tokens and App passwords, with the intent API Token and without expiry.";

/// The server, the token and the stores that a command works with.
pub(super) struct Session {
    pub client: Client,
    pub public: Url,
    pub receipts: Arc<dyn ReceiptStore>,
    version: Option<Version>,
    files: Files,
    /// It stops when the session ends.
    #[cfg(feature = "demo")]
    stand_in: Option<StandIn>,
}

impl Session {
    /// Connects and signs in. Nothing is written.
    ///
    /// # Errors
    /// When the server cannot be found, or there is no token for it.
    pub(super) async fn open(global: &GlobalOptions) -> Result<Self> {
        Self::open_with(global, None).await
    }

    /// As [`Session::open`], with a token that was typed.
    ///
    /// # Errors
    /// When the server cannot be found, or there is no token for it.
    pub(super) async fn open_with(global: &GlobalOptions, typed_token: Option<SecretString>) -> Result<Self> {
        #[cfg(feature = "demo")]
        if global.demo {
            return Self::demo(global).await;
        }
        let files = Files::on_disk(Paths::of_this_machine()?);
        let config = files.config()?;
        let address = address(&address_of(global, &files, &config)?)?;
        let profile = profile_of(global, &config, &address);
        let trust = trusted(global, &profile)?;
        let found = probe(&address, &trust, global.timeouts()).await?;
        let public = match global.public_url.as_ref().or(profile.public.as_ref()) {
            Some(typed) => public_address(typed)?,
            None if found.reach.needs_public_address() => {
                return Err(Error::new(
                    Kind::Usage,
                    format!("{} is an address that only this machine or network can reach.", found.base),
                )
                .hint("Say the address that browsers and applications use: --public-url=ADDRESS."));
            }
            None => found.base.clone(),
        };
        let token = match typed_token {
            Some(token) => token,
            None => known_token(global, &found.base)?.ok_or_else(|| {
                Error::new(Kind::Usage, "There is no API token for this authentik.")
                    .hint(format!("Set {}, or use --token-file=FILE.", secrets::VARIABLE))
                    .hint(TOKEN_HINT)
            })?,
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
            version: found.version,
            files,
            #[cfg(feature = "demo")]
            stand_in: None,
        })
    }

    #[cfg(feature = "demo")]
    async fn demo(global: &GlobalOptions) -> Result<Self> {
        let stand_in = StandIn::start(demo::Options::default())
            .await
            .map_err(|error| Error::new(Kind::Internal, "The stand-in cannot be started.").caused_by(error))?;
        let base = public_address(stand_in.base_url())?;
        let public = public_address(super::background::PUBLIC)?;
        let client =
            Client::with_public_address(&base, &public, &Trust::default(), global.timeouts())?.signed_in(stand_in.token())?;
        Ok(Self {
            client,
            public,
            receipts: Arc::new(MemoryReceipts::default()),
            version: None,
            files: Files::in_memory(),
            stand_in: Some(stand_in),
        })
    }

    /// Where Plex is asked for a code.
    pub(super) fn plex(&self) -> Result<Url> {
        #[cfg(feature = "demo")]
        if let Some(stand_in) = &self.stand_in {
            return public_address(stand_in.plex_url());
        }
        public_address(PLEX_TV)
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
        let source = template.source.is_some();
        let wanted = Wanted { slugs: &slugs, source, public: &self.public, version: self.version };
        Ok(self.client.facts(&wanted).await?)
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

/// The template with this id.
///
/// # Errors
/// When there is none.
pub(super) fn template(global: &GlobalOptions, id: &str) -> Result<Template> {
    let catalog = catalog(global)?;
    let Some(template) = catalog.get(id) else {
        let error = Error::new(Kind::Usage, format!("akwiz does not know an application “{id}”."));
        let ids = catalog.iter().map(|template| template.id.as_str());
        return Err(similar::suggest(error, id, ids, "It knows").hint("List them, or search: akwiz apps WORD"));
    };
    let mut template = template.clone();
    template.own = matches!(catalog.origin(id), Some(Origin::User(_)));
    Ok(template)
}

/// Whether every question has a usable answer.
///
/// # Errors
/// When one has not: the first of them, with the option that answers it.
pub(super) fn check_questions(engine: &Engine, template: &Template, answers: &Answers, minted: &Minted) -> Result<()> {
    let resolved = resolve(engine, template, answers, minted);
    let Some(state) = resolved.first_problem() else { return Ok(()) };
    let question = template.question.iter().find(|question| question.id == state.id);
    let label = question.map_or("", |question| question.label.as_str());
    let sentence = state.problem.as_ref().map_or("", |problem| problem.sentence());
    let option =
        if question.is_some_and(|question| question.kind == QuestionKind::Secret) { "--secret-stdin=" } else { "--set=" };
    let value = if option == "--set=" { "=VALUE" } else { "" };
    Err(Error::new(Kind::Usage, format!("{label}: {sentence}")).hint(format!("Answer it: {option}{}{value}", state.id)))
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

/// Four random letters and digits.
pub(super) fn run_id() -> String {
    let mut bytes = [0; 2];
    random(&mut bytes);
    format!("{:02x}{:02x}", bytes[0], bytes[1])
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
    let names: Vec<&str> = facts.keys.iter().map(|key| key.name.as_str()).collect();
    Err(Error::new(Kind::Usage, format!("There is no key “{text}” with a private key in authentik."))
        .hint(format!("There are: {}. Or make one: --signing-key=new", names.join(", "))))
}

/// Where authentik is: `--profile`, else `--url`, else what was used last.
fn address_of(global: &GlobalOptions, files: &Files, config: &Config) -> Result<String> {
    if let Some(name) = &global.profile {
        return config.profiles.get(name).map(|profile| profile.api.clone()).ok_or_else(|| {
            let error = Error::new(Kind::Usage, format!("There is no profile “{name}” in config.toml."));
            similar::suggest(error, name, config.profiles.keys().map(String::as_str), "Its profiles are")
        });
    }
    let known = match &global.url {
        Some(url) => Some(url.clone()),
        None => files.state()?.last_api,
    };
    known.ok_or_else(|| {
        Error::new(Kind::Usage, "It is not known where authentik is.").hint("Use --url=ADDRESS, or --demo to try it out.")
    })
}

/// What is known of the server from before, unless it is said otherwise now.
fn profile_of(global: &GlobalOptions, config: &Config, address: &Address) -> Profile {
    let origin = address.candidates().first().map(secrets::origin).unwrap_or_default();
    let named = global.profile.as_ref().and_then(|name| config.profiles.get(name));
    named.or(config.profile_of(&origin).map(|(_, profile)| profile)).cloned().unwrap_or_default()
}

fn trusted(global: &GlobalOptions, profile: &Profile) -> Result<Trust> {
    let mut trust = Trust { ca_pem: None, pinned: global.fingerprint.clone() };
    if let Some(path) = global.ca_file.as_ref().or(profile.ca_file.as_ref()) {
        trust.ca_pem = Some(read_ca(path)?);
    }
    trust.pinned.extend(profile.fingerprint.as_deref().and_then(|text| text.parse::<Fingerprint>().ok()));
    Ok(trust)
}

/// What is known of the server at this address: which certificate to trust, and whether its public address is known.
///
/// # Errors
/// When the configuration or the certificate file cannot be read.
pub(super) fn known_server(global: &GlobalOptions, address: &Address) -> Result<(Trust, bool)> {
    let profile = profile_of(global, &Files::on_disk(Paths::of_this_machine()?).config()?, address);
    Ok((trusted(global, &profile)?, global.public_url.is_some() || profile.public.is_some()))
}

/// The address that the options, the profile or the last run name.
///
/// # Errors
/// When the configuration cannot be read, or there is no such profile.
pub(super) fn known_address(global: &GlobalOptions) -> Result<Option<String>> {
    let files = Files::on_disk(Paths::of_this_machine()?);
    if global.url.is_none() && global.profile.is_none() {
        return Ok(files.state()?.last_api);
    }
    address_of(global, &files, &files.config()?).map(Some)
}

/// The token for this server: from a file, the environment or the keyring.
///
/// # Errors
/// When the file cannot be read.
pub(super) fn known_token(global: &GlobalOptions, base: &Url) -> Result<Option<SecretString>> {
    let store = secrets::Keyring::new();
    let env = |name: &str| std::env::var(name).ok();
    let found = secrets::find(&secrets::origin(base), global.token_file.as_deref(), env, &store)?;
    Ok(found.map(|found| found.token))
}

fn address(typed: &str) -> Result<Address> {
    Address::parse(typed).map_err(|error| Error::new(Kind::Usage, error.to_string()))
}

/// The likeliest reading of an address.
fn public_address(typed: &str) -> Result<Url> {
    let address = address(typed)?;
    let url = address.candidates().first().cloned();
    url.ok_or_else(|| Error::new(Kind::Usage, format!("“{typed}” is not a web address.")))
}

fn read_ca(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|error| {
        Error::new(Kind::Usage, format!("The certificate file {} cannot be read.", path.display())).caused_by(error)
    })
}
