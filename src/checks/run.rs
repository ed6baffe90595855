//! Runs all checks at once. Reads that several checks need are shared, so nothing waits for what it does not need.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{FutureExt as _, Shared};
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use futures_util::{future, join};

use super::claims::{Nobody, Who};
use super::connection::{Asked, Network};
use super::target::{Surroundings, Target};
use super::tick::{Id, Tick, waiting};
use super::{app, claims, client as credentials, connection, discovery, grants, keys, redirects};
use crate::authentik::discovery::Discovery;
use crate::authentik::http::Answer;
use crate::authentik::providers::Provider;
use crate::authentik::tls::Presented;
use crate::authentik::{ApiError, Client};
use crate::error::Error;

/// A read that several checks wait for.
type Read<'a, T> = Shared<Pin<Box<dyn Future<Output = T> + Send + 'a>>>;
type Probe<'a> = Pin<Box<dyn Future<Output = Vec<Tick>> + Send + 'a>>;

/// The discovery document as it came.
struct Document {
    answer: Result<Answer, ApiError>,
    /// From the public address itself.
    direct: bool,
    certificate: Option<Presented>,
    read: Option<Discovery>,
}

/// The reads.
struct Reads<'a> {
    client: &'a Client,
    target: &'a Target,
    document: Read<'a, Arc<Document>>,
    /// The provider, or why there is none to look at: a sentence.
    provider: Read<'a, Result<Arc<Provider>, String>>,
    who: Read<'a, Arc<Result<Who, Nobody>>>,
}

/// Runs all checks and tells each as soon as it is known. Gives back all of them, in order.
///
/// Every request that needs no other's answer is sent at once, so the whole takes as long as its slowest check.
pub async fn run(client: &Client, target: &Target, mut tell: impl FnMut(Tick) + Send) -> Vec<Tick> {
    let reads = Reads::new(client, target);
    let mut probes: FuturesUnordered<Probe<'_>> = reads.probes().into_iter().collect();
    let mut ticks = waiting();
    while let Some(told) = probes.next().await {
        for tick in told {
            if let Some(place) = ticks.iter_mut().find(|known| known.id == tick.id) {
                place.clone_from(&tick);
            }
            tell(tick);
        }
    }
    ticks
}

impl<'a> Reads<'a> {
    fn new(client: &'a Client, target: &'a Target) -> Self {
        Self {
            client,
            target,
            document: shared(async move { Arc::new(document(client, target).await) }),
            provider: shared(provider(client, target)),
            who: shared(async move { Arc::new(claims::who(client, &target.person).await) }),
        }
    }

    /// Each check with all that it waits for.
    fn probes(&self) -> Vec<Probe<'_>> {
        vec![
            Box::pin(self.connection()),
            Box::pin(async {
                let document = self.document.clone().await;
                let mut ticks = discovery::judge(self.target, &document.answer, document.direct);
                ticks.extend(keys::judge(self.target, document.read.as_ref()));
                ticks
            }),
            Box::pin(async { vec![keys::key_set(self.target, &self.client.key_set(&self.target.slug).await)] }),
            Box::pin(self.with_provider(&[Id::Redirects], move |provider| {
                one(async move { redirects::tick(self.client, self.target, &provider.fields).await })
            })),
            Box::pin(self.with_provider(&[Id::Client], move |provider| {
                one(async move { credentials::tick(self.client, self.target, &provider).await })
            })),
            Box::pin(self.with_provider(&[Id::Grants, Id::Lifetimes], move |provider| {
                Box::pin(async move { grants::judge(self.target, &provider.fields) })
            })),
            Box::pin(self.with_provider(&[Id::Refresh], move |provider| {
                one(async move {
                    let document = self.document.clone().await;
                    grants::refresh(self.target, &provider.fields, document.read.as_ref())
                })
            })),
            Box::pin(async {
                let who = self.who.clone().await;
                vec![claims::access(self.client, self.target, &who).await]
            }),
            Box::pin(self.claims()),
            Box::pin(async { vec![app::address(self.client, self.target).await] }),
            Box::pin(async { vec![app::login_button(self.client, self.target).await] }),
        ]
    }

    async fn connection(&self) -> Vec<Tick> {
        let network = async {
            match self.target.surroundings {
                Surroundings::StandIn => None,
                Surroundings::Network => Some(connection::look(&self.target.public, self.client.timeouts().connect).await),
            }
        };
        let (network, document): (Option<Network>, _) = join!(network, self.document.clone());
        let asked = Asked {
            target: self.target,
            network: network.as_ref(),
            answer: &document.answer,
            certificate: document.certificate.as_ref(),
            direct: document.direct,
            other_way: !is_public(self.client, self.target),
        };
        asked.judge()
    }

    async fn claims(&self) -> Vec<Tick> {
        let (who, provider) = join!(self.who.clone(), self.provider.clone());
        match provider {
            Ok(provider) => {
                let scopes = async { Some(self.document.clone().await.read.as_ref()?.scopes_supported.clone()) };
                vec![claims::claims(self.client, self.target, &who, &provider, scopes).await]
            }
            Err(why) => vec![Tick::skipped(Id::Claims, "the provider", why)],
        }
    }

    /// What `judge` says of the provider; where it cannot be read, the checks `ids` are left out.
    async fn with_provider<'s>(&'s self, ids: &'static [Id], judge: impl FnOnce(Arc<Provider>) -> Probe<'s>) -> Vec<Tick> {
        match self.provider.clone().await {
            Ok(provider) => judge(provider).await,
            Err(why) => ids.iter().map(|id| Tick::skipped(*id, "the provider", why.as_str())).collect(),
        }
    }
}

fn shared<'a, T: Clone>(read: impl Future<Output = T> + Send + 'a) -> Read<'a, T> {
    let read: Pin<Box<dyn Future<Output = T> + Send + 'a>> = Box::pin(read);
    read.shared()
}

fn one<'a>(tick: impl Future<Output = Tick> + Send + 'a) -> Probe<'a> {
    Box::pin(async move { vec![tick.await] })
}

/// Whether akwiz itself asks at the public address.
fn is_public(client: &Client, target: &Target) -> bool {
    client.base().origin() == target.public.origin()
}

/// The discovery document from the public address; where that cannot be reached from here, by akwiz's own way.
async fn document(client: &Client, target: &Target) -> Document {
    let made = |answer: Result<Answer, ApiError>, direct, certificate| Document {
        read: discovery::read(&answer).ok(),
        answer,
        direct,
        certificate,
    };
    if is_public(client, target) {
        let answer = client.discovery(&target.slug).await;
        return made(answer, true, client.certificate());
    }
    let other_way = client.discovery(&target.slug);
    let public = match target.surroundings {
        Surroundings::Network => client.elsewhere(&target.public).ok(),
        Surroundings::StandIn => None,
    };
    let Some(public) = public else { return made(other_way.await, false, None) };
    let (straight, other_way) = future::join(public.discovery(&target.slug), other_way).await;
    let certificate = public.certificate();
    match (straight, other_way) {
        (Ok(answer), _) => made(Ok(answer), true, certificate),
        // A certificate that is refused is what the application will meet.
        (Err(error), _) if certificate.is_some() => made(Err(error), true, certificate),
        (Err(_), other_way) => made(other_way, false, None),
    }
}

async fn provider(client: &Client, target: &Target) -> Result<Arc<Provider>, String> {
    let said = |error: ApiError| {
        if error.is_missing_right() { "This token may not see the provider.".to_owned() } else { Error::from(error).message }
    };
    let pk = if let Some(client_id) = &target.client_id {
        let (application, provider) =
            future::join(client.application(&target.slug), client.provider_by_client_id(client_id)).await;
        let application = application.map_err(said)?;
        let pk = application.and_then(|application| application.fields.provider);
        match provider.map_err(said)? {
            Some(provider) if pk.as_ref().is_none_or(|pk| *pk == provider.fields.pk) => return Ok(Arc::new(provider)),
            _ => pk,
        }
    } else {
        client.application(&target.slug).await.map_err(said)?.and_then(|application| application.fields.provider)
    };
    let Some(pk) = pk else { return Err("The application has no provider, or this token may not see it.".to_owned()) };
    let provider = client.provider(&pk).await.map_err(said)?;
    provider.map(Arc::new).ok_or_else(|| "This token may not see the provider.".to_owned())
}

/// When to run again while something is left to wait for or to mend: soon at first, then rarely, and not for ever.
#[derive(Debug, Clone, Copy, Default)]
pub struct Pace {
    round: usize,
}

impl Pace {
    /// The pauses before the second run, the third, and so on: ten minutes together.
    const PAUSES: [u64; 14] = [3, 4, 5, 7, 10, 15, 20, 30, 45, 60, 80, 100, 110, 111];

    /// How long to wait before the next run; none when it has been tried often enough.
    pub fn pause(&mut self) -> Option<Duration> {
        let pause = Self::PAUSES.get(self.round).copied().map(Duration::from_secs);
        self.round += 1;
        pause
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pace_slows_down_and_ends_after_ten_minutes() {
        let mut pace = Pace::default();
        let pauses: Vec<Duration> = std::iter::from_fn(|| pace.pause()).collect();
        assert!(pauses.is_sorted());
        assert_eq!(pauses.iter().sum::<Duration>(), Duration::from_secs(600));
    }
}
