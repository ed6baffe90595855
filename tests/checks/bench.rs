//! A stand-in, a client signed in to it, and applications created from the built-in templates.

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use akwiz::apply::{Context, apply};
use akwiz::authentik::facts::Wanted;
use akwiz::authentik::{Client, Timeouts, Trust};
use akwiz::catalog::load::Catalog;
use akwiz::catalog::render::Engine;
use akwiz::catalog::template::{Sample, Template};
use akwiz::checks::{Expectation, Id, Person, Surroundings, Target, Tick, expectations, run};
use akwiz::demo::{Options, Seed, StandIn, Version};
use akwiz::receipts::MemoryReceipts;
use akwiz::setup::answers::{Answers, Input};
use akwiz::setup::mint::mint;
use akwiz::setup::outcome::Outcome;
use akwiz::setup::planner::{plan, slugs};
use akwiz::setup::question::resolve;
use secrecy::SecretString;
use serde_json::{Map, Value};
use url::Url;

pub const TIMEOUTS: Timeouts = Timeouts {
    connect: Duration::from_secs(5),
    read: Duration::from_secs(20),
    write: Duration::from_secs(20),
    retry_pause: Duration::ZERO,
    longest_pause: Duration::ZERO,
};

/// The address that the stand-in is told to have.
pub const PUBLIC: &str = "https://auth.example.com";

pub struct Bench {
    pub server: StandIn,
    pub client: Client,
    pub engine: Engine,
}

impl Bench {
    /// A new server, which has an RSA key.
    pub async fn fresh(version: Version) -> Self {
        Self::start(Options { version, seed: Seed::Fresh, ..Options::default() }).await
    }

    /// A homelab with people and groups.
    pub async fn demo(version: Version) -> Self {
        Self::start(Options { version, ..Options::default() }).await
    }

    pub async fn start(options: Options) -> Self {
        let server = StandIn::start(options).await.unwrap();
        let base = Url::parse(server.base_url()).unwrap();
        let public = Url::parse(PUBLIC).unwrap();
        let client = Client::with_public_address(&base, &public, &Trust::default(), TIMEOUTS).unwrap();
        Self { client: client.signed_in(server.token()).unwrap(), server, engine: Engine::new() }
    }

    /// Creates the application of a template; `start` keeps credentials of several apart.
    pub async fn create(&self, template: &Template, answers: &Answers, start: u8) -> Outcome {
        Box::pin(self.create_at_once(template, answers, start)).await
    }

    async fn create_at_once(&self, template: &Template, answers: &Answers, start: u8) -> Outcome {
        let mut next = u32::from(start) + 1;
        let minted = mint(template, &mut |buffer: &mut [u8]| {
            for byte in buffer {
                next = next.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                *byte = next.to_be_bytes()[0];
            }
        });
        let resolved = resolve(&self.engine, template, answers, &minted);
        let slugs = slugs(&self.engine, template, answers, &resolved);
        let slugs: Vec<&str> = slugs.iter().map(String::as_str).collect();
        let public = Url::parse(PUBLIC).unwrap();
        let wanted = Wanted { slugs: &slugs, source: None, public: &public, version: None };
        let facts = self.client.facts(&wanted).await.unwrap();
        let plan = plan(&self.engine, template, answers, &facts, &minted);
        assert!(plan.is_ready(), "{}: {:#?}", template.id, plan.decisions);
        let (receipts, stop) = (MemoryReceipts::default(), AtomicBool::new(false));
        let run = format!("{start:04}");
        let mut context = Context::new(&facts, answers, &receipts, 1_795_356_903, &run, &stop);
        context.look_again = Duration::ZERO;
        apply(&self.client, &plan, &context, |_| ()).await.unwrap()
    }

    /// Portainer at its usual address.
    pub async fn portainer(&self) -> (Outcome, Target) {
        let template = template("portainer");
        let mut answers = Answers::new("portainer");
        answers.give("app", Input::Text("https://portainer.example.com".into()));
        let outcome = self.create(&template, &answers, 1).await;
        let target = self.target(&template, &outcome, 0);
        (outcome, target)
    }

    /// What to check of a part of what was created.
    pub fn target(&self, template: &Template, outcome: &Outcome, part: usize) -> Target {
        let part = &outcome.parts[part];
        Target {
            slug: part.slug.clone(),
            public: Url::parse(PUBLIC).unwrap(),
            client_id: Some(part.client_id.clone()),
            secret: part.client_secret.clone(),
            expectation: expectations(&self.engine, template, &part.id, &outcome.scope),
            person: Person::Me,
            surroundings: Surroundings::StandIn,
        }
    }

    /// An application of which nothing but the slug is known.
    pub fn unknown(slug: &str) -> Target {
        Target {
            slug: slug.into(),
            public: Url::parse(PUBLIC).unwrap(),
            client_id: None,
            secret: None,
            expectation: Expectation::unknown(slug),
            person: Person::Me,
            surroundings: Surroundings::StandIn,
        }
    }

    pub async fn check(&self, target: &Target) -> Vec<Tick> {
        Box::pin(run(&self.client, target, |_| ())).await
    }

    /// One tick.
    pub async fn tick(&self, target: &Target, id: Id) -> Tick {
        self.check(target).await.into_iter().find(|tick| tick.id == id).unwrap()
    }

    /// Changes the provider behind akwiz's back.
    pub async fn change(&self, provider: &str, changes: Value) {
        let Value::Object(changes) = changes else { panic!("changes are an object") };
        let provider = self.client.provider(provider).await.unwrap().unwrap();
        self.client.change_provider(&provider.fields, &changes).await.unwrap();
    }

    pub fn secret(text: &str) -> SecretString {
        SecretString::from(text.to_owned())
    }

    /// Everything that the server holds, its log of events aside.
    pub fn world(&self) -> Map<String, Value> {
        let Value::Object(mut world) = self.server.state() else { panic!("the state is an object") };
        world.shift_remove("events");
        world
    }

    /// Objects of a table.
    pub fn table(&self, table: &str) -> Vec<Value> {
        self.server.state()[table].as_array().cloned().unwrap_or_default()
    }
}

pub fn template(id: &str) -> Template {
    Catalog::built_in().get(id).unwrap_or_else(|| panic!("no template {id}")).clone()
}

/// The answers of a template's sample.
pub fn answers(template: &Template, sample: &Sample) -> Answers {
    akwiz::setup::sample::answers(template, sample).unwrap()
}

/// The alarms, one line each.
pub fn alarms(ticks: &[Tick]) -> Vec<String> {
    let alarm = |tick: &&Tick| tick.is_alarm();
    ticks.iter().filter(alarm).map(|tick| format!("{} {:?}: {}", tick.id.as_str(), tick.state, tick.found)).collect()
}
