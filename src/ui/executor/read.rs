//! Questions to the world.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use ring::rand::{SecureRandom as _, SystemRandom};
use secrecy::SecretString;
use url::Url;

use super::rights::missing;
use super::{Services, Session, lock, not_connected, off_thread};
use crate::authentik::address::{Address, host_and_port};
use crate::authentik::connect::{NotFound, probe};
use crate::authentik::facts::Wanted;
use crate::authentik::failure::ConnectFailure;
use crate::authentik::plex_tv::{Code, PlexError, PlexTv, client_identifier};
use crate::authentik::rights::Right;
use crate::authentik::tls::{Presented, TrustedBy};
use crate::authentik::users::{User, UserKind};
use crate::authentik::{Client, Timeouts, Trust};
use crate::catalog::load::Catalog;
use crate::catalog::template::SourceApi;
use crate::checks::watch::End;
use crate::error::{Error, Kind, Result};
use crate::secrets;
use crate::setup::facts::{Facts, Person, Version};
use crate::setup::mint::mint;
use crate::ui::effect::{Probe, Read};
use crate::ui::msg::{Answer, Certificate, FoundToken, PlexPin, PlexPolled, ProbeFailure, ServerFound, SignedIn, Tls};

/// One question.
pub(super) struct Task {
    pub(super) services: Arc<Services>,
    pub(super) session: Arc<Mutex<Session>>,
}

impl Task {
    /// Asks, and returns the answer.
    pub(super) async fn answer(self, read: Read) -> Answer {
        match read {
            Read::Catalog => Answer::Catalog(Ok(self.catalog().await)),
            Read::Mint(template) => {
                let random = SystemRandom::new();
                let mut fill = |bytes: &mut [u8]| random.fill(bytes).expect("the system gives random bytes");
                Answer::Minted(Box::new(mint(&template, &mut fill)))
            }
            Read::Probe(probe) => Answer::Probed(self.probe(probe).await),
            Read::FindToken => Answer::Token(self.find_token().await),
            Read::SignIn { token, public_url } => Answer::SignedIn(self.sign_in(token, &public_url).await),
            Read::Facts { slugs, source, second_pass } => {
                Answer::Facts(self.facts_for_plan(&slugs, source, second_pass).await.map(Box::new))
            }
            Read::People => Answer::People(self.people().await),
            Read::Diagnose(pasted) => Answer::Diagnosed(super::doctor::look(&self, &pasted).await.map(Box::new)),
            Read::PlanFix { slug, fix } => Answer::FixPlanned(super::check::plan_fix(&self, &slug, fix).await.map(Box::new)),
            // These answer again and again: `check` does it.
            Read::Check { run, .. } => Answer::Checked { run },
            Read::Watch(_) => Answer::WatchEnded(Ok(End::TimeUp)),
            Read::PlexStart => Answer::PlexPin(self.plex_start().await),
            Read::PlexPoll { wait, .. } => Answer::PlexPolled(self.plex_poll(wait).await),
            Read::PlexServers { token, client_identifier } => {
                let servers = async { PlexTv::new(&self.services.plex, client_identifier)?.servers(&token).await };
                Answer::PlexServers(servers.await.map_err(Error::from))
            }
        }
    }

    pub(super) async fn catalog(&self) -> Arc<Catalog> {
        let folder = self.services.files.paths().map(crate::config::Paths::templates);
        off_thread(move || {
            let catalog = folder.map_or_else(Catalog::built_in, |folder| Catalog::load(&folder));
            // The list wants them at once; here nobody waits for a key.
            let _ = catalog.heads();
            Arc::new(catalog)
        })
        .await
    }

    async fn probe(&self, wanted: Probe) -> Result<ServerFound, ProbeFailure> {
        let trust = trust(&wanted).await.map_err(plain)?;
        let address = Address::parse(&wanted.address).map_err(|why| plain(Error::new(Kind::Usage, why.to_string())))?;
        let found = probe(&address, &trust, Timeouts::default()).await.map_err(failure)?;
        let tls = match &found.certificate {
            None => Tls::Plain,
            Some(Presented { trusted_by: Some(TrustedBy::Fingerprint), .. }) => Tls::Fingerprint,
            Some(_) => Tls::Authority,
        };
        let answer = ServerFound {
            api_url: without_slash(&found.base),
            version: found.version,
            tls,
            needs_public: found.reach.needs_public_address(),
            redirected_from: found.redirected_from.as_ref().map(without_slash),
            clock_skew: found.clock_skew,
        };
        *lock(&self.session) = Session { found: Some(found.client), trust, version: found.version, ..Session::default() };
        Ok(answer)
    }

    async fn find_token(&self) -> Result<Option<FoundToken>> {
        if let Some((token, place)) = &self.services.token {
            return Ok(Some(FoundToken { token: token.clone(), place: place.clone() }));
        }
        let base = lock(&self.session).found.as_ref().map(|client| client.base().clone()).ok_or_else(not_connected)?;
        let services = Arc::clone(&self.services);
        let found = off_thread(move || {
            secrets::find(&secrets::origin(&base), services.token_file.as_deref(), services.env, &*services.tokens)
        });
        Ok(found.await?.map(|found| FoundToken { place: found.source.to_string(), token: found.token }))
    }

    async fn sign_in(&self, token: SecretString, public_url: &str) -> Result<SignedIn> {
        let (found, trust, version) = {
            let session = lock(&self.session);
            (session.found.clone().ok_or_else(not_connected)?, session.trust.clone(), session.version)
        };
        let public = url(public_url)?;
        let client = if public_url == without_slash(found.base()) {
            found
        } else {
            // authentik makes addresses from the name that it is asked by: it has to be the public one.
            Client::with_public_address(found.base(), &public, &trust, Timeouts::default())?
        };
        let client = client.signed_in(token.clone())?;
        let me = client.me().await?;
        let (rights, asked) = futures_util::join!(client.rights(&me, &Right::FOR_APPLICATIONS), async {
            if version.is_some() { Ok(version) } else { client.version().await }
        });
        let version = asked?.unwrap_or(Version::OLDEST);
        let missing = rights?.missing.into_iter().map(missing).collect();
        {
            let mut session = lock(&self.session);
            session.version = Some(version);
            session.token = Some(token);
            session.signed_in = Some((client, public));
        }
        Ok(SignedIn { person: person(me), version, missing })
    }

    pub(super) fn signed_in(&self) -> Result<(Client, Url, Option<Version>)> {
        let session = lock(&self.session);
        let (client, public) = session.signed_in.clone().ok_or_else(not_connected)?;
        Ok((client, public, session.version))
    }

    async fn facts_for_plan(&self, slugs: &[String], source: Option<SourceApi>, second_pass: bool) -> Result<Facts> {
        let mut facts = self.facts(slugs, source).await?;
        if second_pass {
            facts.refused_changes = self.signed_in()?.0.refused_changes(facts.me.superuser).await?;
        }
        Ok(facts)
    }

    pub(super) async fn facts(&self, slugs: &[String], source: Option<SourceApi>) -> Result<Facts> {
        let (client, public, version) = self.signed_in()?;
        let slugs: Vec<&str> = slugs.iter().map(String::as_str).collect();
        Ok(client.facts(&Wanted { slugs: &slugs, source, public: &public, version }).await?)
    }

    async fn people(&self) -> Result<Vec<Person>> {
        let (client, ..) = self.signed_in()?;
        let users = client.users("").await?;
        Ok(users.into_iter().filter(|user| matches!(user.kind, UserKind::Internal | UserKind::External)).map(person).collect())
    }

    async fn plex_start(&self) -> Result<PlexPin> {
        let plex = PlexTv::new(&self.services.plex, client_identifier())?;
        let pin = plex.create_pin(Code::Short).await?;
        let answer = PlexPin {
            id: 0,
            code: pin.code.clone(),
            url: pin.sign_in.clone(),
            client_identifier: plex.client_identifier().to_owned(),
            valid_for: u64::try_from(pin.life.as_millis()).unwrap_or(u64::MAX),
        };
        lock(&self.session).plex = Some((plex, pin));
        Ok(answer)
    }

    async fn plex_poll(&self, wait: u64) -> Result<PlexPolled> {
        tokio::time::sleep(Duration::from_millis(wait)).await;
        let Some((plex, pin)) = lock(&self.session).plex.clone() else { return Ok(PlexPolled::Expired) };
        match plex.poll(&pin).await {
            Ok(Some(token)) => Ok(PlexPolled::SignedIn(token)),
            Ok(None) => Ok(PlexPolled::Waiting),
            Err(PlexError::Expired) => Ok(PlexPolled::Expired),
            Err(error) => Err(error.into()),
        }
    }
}

/// Whom to trust: the file of an authority is read again each time, so that it can be put right meanwhile.
async fn trust(wanted: &Probe) -> Result<Trust> {
    let ca_pem = match &wanted.ca_file {
        None => None,
        Some(path) => Some(tokio::fs::read(path).await.map_err(|error| {
            Error::new(Kind::Usage, format!("The CA file {} cannot be read: {error}.", path.display())).caused_by(error)
        })?),
    };
    let pinned = wanted.accepted.iter().filter_map(|fingerprint| fingerprint.parse().ok()).collect();
    Ok(Trust { ca_pem, pinned })
}

fn plain(error: Error) -> ProbeFailure {
    ProbeFailure { error, certificate: None, instead: None }
}

fn failure(found: NotFound) -> ProbeFailure {
    let certificate = match &found {
        NotFound::Connection {
            failure: ConnectFailure::NotTrusted(seen) | ConnectFailure::WrongName(seen) | ConnectFailure::OutOfDate(seen),
            ..
        } => seen.clone(),
        _ => None,
    };
    let instead = match &found {
        NotFound::Elsewhere { to, is_authentik: true, .. } => Some(without_slash(to)),
        NotFound::Connection { url, failure: ConnectFailure::NotTls } => Some(format!("http://{}", host_and_port(url))),
        NotFound::Connection { url, failure: ConnectFailure::WantsTls } => Some(format!("https://{}", host_and_port(url))),
        _ => None,
    };
    let mut error = Error::from(found);
    if certificate.is_some() || instead.is_some() {
        // The page offers what these say.
        error.hints.clear();
    }
    let certificate = certificate.map(|seen| Certificate {
        fingerprint: seen.fingerprint.to_string(),
        subject: seen.subject,
        issuer: seen.issuer,
        not_after: seen.not_after,
    });
    ProbeFailure { error, certificate, instead }
}

fn person(user: User) -> Person {
    Person { machine: !user.is_a_person(), superuser: user.is_superuser, pk: user.pk, username: user.username, name: user.name }
}

fn url(text: &str) -> Result<Url> {
    let slash = if text.ends_with('/') { "" } else { "/" };
    Url::parse(&format!("{text}{slash}"))
        .map_err(|error| Error::new(Kind::Internal, format!("{text} is no address.")).caused_by(error))
}

fn without_slash(url: &Url) -> String {
    url.as_str().trim_end_matches('/').to_owned()
}
