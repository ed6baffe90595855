//! A new server of one version, and a client signed in to it.

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use akwiz::apply::{Context, apply};
use akwiz::authentik::facts::Wanted;
use akwiz::authentik::{Client, Timeouts, Trust};
use akwiz::catalog::render::Engine;
use akwiz::catalog::template::Template;
use akwiz::demo::{Options, Seed, StandIn, Version};
use akwiz::receipts::MemoryReceipts;
use akwiz::setup::answers::Answers;
use akwiz::setup::facts::{self, Facts};
use akwiz::setup::mint::Minted;
use akwiz::setup::outcome::Outcome;
use akwiz::setup::plan::Plan;
use akwiz::setup::planner::{plan, slugs};
use akwiz::setup::question::resolve;
use akwiz::setup::sample::PUBLIC_URL;
use url::Url;

const TIMEOUTS: Timeouts = Timeouts {
    connect: Duration::from_secs(10),
    read: Duration::from_secs(60),
    write: Duration::from_secs(60),
    retry_pause: Duration::ZERO,
    longest_pause: Duration::ZERO,
};

/// A new server of one version, and a client signed in to it.
pub struct Bench {
    pub version: Version,
    pub server: StandIn,
    pub engine: Engine,
    client: Client,
    public: Url,
    receipts: MemoryReceipts,
}

impl Bench {
    pub async fn start(version: Version) -> Self {
        let server = StandIn::start(Options { version, seed: Seed::Fresh, ..Options::default() }).await.unwrap();
        let base = Url::parse(server.base_url()).unwrap();
        let public = Url::parse(PUBLIC_URL).unwrap();
        let client = Client::with_public_address(&base, &public, &Trust::default(), TIMEOUTS).unwrap();
        let client = client.signed_in(server.token()).unwrap();
        Self { version, server, engine: Engine::new(), client, public, receipts: MemoryReceipts::default() }
    }

    /// Looks at the server and plans, as the wizard does.
    pub async fn look(&self, template: &Template, answers: &Answers, minted: &Minted) -> (Facts, Plan) {
        let resolved = resolve(&self.engine, template, answers, minted);
        let slugs = slugs(&self.engine, template, answers, &resolved);
        let slugs: Vec<&str> = slugs.iter().map(String::as_str).collect();
        let wanted = Wanted {
            slugs: &slugs,
            source: template.source.as_ref().map(|source| source.api),
            public: &self.public,
            version: None,
        };
        let facts = self.client.facts(&wanted).await.unwrap();
        let plan = plan(&self.engine, template, answers, &facts, minted);
        (facts, plan)
    }

    /// Carries a plan out.
    pub async fn apply(&self, facts: &Facts, answers: &Answers, plan: &Plan) -> Result<Outcome, String> {
        let stop = AtomicBool::new(false);
        let mut context = Context::new(facts, answers, &self.receipts, 1_795_356_903, "0001", &stop);
        context.look_again = Duration::ZERO;
        let outcome = apply(&self.client, plan, &context, |_| {}).await.map_err(|failure| format!("{failure:?}"))?;
        if outcome.notices.is_empty() { Ok(outcome) } else { Err(format!("read back: {:?}", outcome.notices)) }
    }

    /// Whether the server's version lacks the kind of login source.
    pub fn lacks(&self, template: &Template) -> bool {
        let version = facts::Version::parse(self.version.number()).unwrap();
        let first = template.source.as_ref().and_then(|source| source.types.first()).and_then(|first| first.since.as_deref());
        first.and_then(facts::Version::parse).is_some_and(|since| since > version)
    }
}
