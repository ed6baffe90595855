//! A stand-in, a client signed in to it, a template, answers, and what came of them.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use akwiz::apply::undo::{Report, Taken, undo};
use akwiz::apply::{Context, Failure, Step, apply};
use akwiz::authentik::facts::Wanted;
use akwiz::authentik::{Client, Timeouts, Trust};
use akwiz::catalog::load::parse;
use akwiz::catalog::render::Engine;
use akwiz::catalog::template::Template;
use akwiz::demo::{Options, Seed, StandIn, Version};
use akwiz::receipts::{MemoryReceipts, ReceiptStore as _};
use akwiz::setup::answers::{Answers, Input};
use akwiz::setup::facts::Facts;
use akwiz::setup::mint::{Minted, mint};
use akwiz::setup::outcome::Outcome;
use akwiz::setup::plan::Plan;
use akwiz::setup::planner::{plan, slugs};
use akwiz::setup::question::resolve;
use akwiz::setup::receipt::{EntryState, Receipt};
use secrecy::SecretString;
use serde_json::Value;
use url::Url;

/// A part of every secret that akwiz makes in these tests: it must never come out anywhere.
pub const CANARY: &str = "canarycanary";

pub const TIMEOUTS: Timeouts = Timeouts {
    connect: Duration::from_secs(5),
    read: Duration::from_secs(20),
    write: Duration::from_secs(20),
    retry_pause: Duration::ZERO,
    longest_pause: Duration::ZERO,
};

/// An application with a group that carries a role and a mapping of its own.
pub const APPLICATION: &str = r#"
schema = 1
id = "notes"
name = "Notes"
category = "documents"
homepage = "https://notes.example/"
summary = "Keeps notes"

[[question]]
id = "app"
kind = "address"
label = "Address of Notes"

[[question]]
id = "mapped"
kind = "toggle"
label = "A mapping of its own"
default = false

[application]
launch_url = "{{ app.base }}/"

[provider]
scopes = ["openid", "email", "profile"]
redirects = [{ uri = "{{ app.base }}/oidc/callback" }]
sub_mode = { value = "user_username", why = "Notes names people so" }
signing = "rsa"
mappings = [{ id = "role", scope = "role", expression = "return {'role': 'reader'}", when = "mapped" }]
"#;

/// Plex, with the fields that every version has.
pub const SOURCE: &str = r#"
schema = 1
id = "tv"
kind = "source"
name = "Plex"
category = "media"
homepage = "https://www.plex.tv/"
summary = "Lets people sign in with Plex"

[source]
api = "plex"
slug = "plex"
acquire = ["plex-pin", "plex-servers"]
login_page = true
set = { allow_friends = false, user_matching_mode = "identifier" }
"#;

pub struct Bench {
    pub server: StandIn,
    pub client: Client,
    pub engine: Engine,
    pub template: Template,
    pub answers: Answers,
    pub minted: Minted,
    pub receipts: MemoryReceipts,
    pub steps: Mutex<Vec<Step>>,
    pub stop: AtomicBool,
    run: Mutex<u32>,
}

impl Bench {
    /// Notes at `https://notes.example.com` on a homelab of this version, which has no RSA key.
    pub async fn demo(version: Version) -> Self {
        Self::start(Options { version, ..Options::default() }, APPLICATION).await
    }

    /// Notes at `https://notes.example.com` on a new server of this version, which has an RSA key.
    pub async fn fresh(version: Version) -> Self {
        Self::start(Options { version, seed: Seed::Fresh, ..Options::default() }, APPLICATION).await
    }

    /// The same on a server that takes its time, so that requests sent at once are seen to overlap.
    pub async fn slow(seed: Seed) -> Self {
        let delay = Duration::from_millis(100);
        Self::start(Options { version: Version::V2025_12, seed, delay, ..Options::default() }, APPLICATION).await
    }

    pub async fn start(options: Options, source: &str) -> Self {
        let id = source.split("id = \"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
        Self::of(options, parse(&format!("{id}.toml"), source).unwrap()).await
    }

    pub async fn of(options: Options, template: Template) -> Self {
        let server = StandIn::start(options).await.expect("a port on loopback");
        let url = Url::parse(server.base_url()).unwrap();
        let client = Client::new(&url, &Trust::default(), TIMEOUTS).unwrap().signed_in(server.token()).unwrap();
        let mut answers = Answers::new(template.id.clone());
        if template.question.iter().any(|question| question.id == "app") {
            answers.give("app", Input::Text("https://notes.example.com".into()));
        }
        let minted = minted(&template, 1);
        Self {
            server,
            client,
            engine: Engine::new(),
            template,
            answers,
            minted,
            receipts: MemoryReceipts::default(),
            steps: Mutex::default(),
            stop: AtomicBool::new(false),
            run: Mutex::new(0),
        }
    }

    /// Signs in with a token that has just these rights.
    pub fn with_rights(&mut self, rights: &[&str]) {
        self.client = self.client.signed_in(self.server.token_with(rights)).unwrap();
    }

    /// Makes other credentials, as another run of akwiz would.
    pub fn mint_anew(&mut self, start: u8) {
        self.minted = minted(&self.template, start);
    }

    pub async fn facts(&self) -> Facts {
        let public = Url::parse(self.server.base_url()).unwrap();
        let source = self.template.source.as_ref().map(|source| source.api);
        let resolved = resolve(&self.engine, &self.template, &self.answers, &self.minted);
        let slugs = slugs(&self.engine, &self.template, &self.answers, &resolved);
        let slugs: Vec<&str> = slugs.iter().map(String::as_str).collect();
        self.client.facts(&Wanted { slugs: &slugs, source, public: &public, version: None }).await.unwrap()
    }

    pub fn plan(&self, facts: &Facts) -> Plan {
        plan(&self.engine, &self.template, &self.answers, facts, &self.minted)
    }

    /// Looks, plans and applies, as the wizard does after Enter.
    pub async fn run(&self) -> Result<Outcome, Failure> {
        let facts = self.facts().await;
        let plan = self.plan(&facts);
        assert!(plan.is_ready(), "{:#?}", plan.decisions);
        self.apply(&facts, &plan).await
    }

    pub async fn apply(&self, facts: &Facts, plan: &Plan) -> Result<Outcome, Failure> {
        let run = {
            let mut run = self.run.lock().unwrap();
            *run += 1;
            format!("{run:04}")
        };
        let mut context = Context::new(facts, &self.answers, &self.receipts, 1_795_356_903, &run, &self.stop);
        context.look_again = Duration::ZERO;
        apply(&self.client, plan, &context, |progress| *self.steps.lock().unwrap() = progress.steps.to_vec()).await
    }

    pub async fn undo(&self, receipt: &str) -> Report {
        undo(&self.client, &self.receipts, receipt).await.unwrap()
    }

    pub fn receipt(&self, id: &str) -> Receipt {
        self.receipts.load(id).unwrap()
    }

    /// The objects of one of the stand-in's tables.
    pub fn table(&self, table: &str) -> Vec<Value> {
        self.server.state()[table].as_array().cloned().unwrap_or_default()
    }

    /// The object of a table with this value in a field.
    pub fn object(&self, table: &str, field: &str, value: &str) -> Option<Value> {
        self.table(table).into_iter().find(|object| object[field] == value)
    }

    /// What a person can have changed, one line an object: for "as it was before".
    pub fn world(&self) -> BTreeSet<String> {
        let tables = [
            "applications",
            "providers",
            "bindings",
            "certificates",
            "sources",
            "groups",
            "scope_mappings",
            "identification_stages",
            "policies",
            "flows",
            "source_mappings",
            "stage_bindings",
            "users",
            "tokens",
        ];
        let line = |table: &str, mut object: Value| {
            // The server completes entries that it seeded without a type as soon as the list is sent.
            for entry in object.get_mut("redirect_uris").and_then(Value::as_array_mut).into_iter().flatten() {
                entry.as_object_mut().unwrap().remove("redirect_uri_type");
            }
            format!("{table} {object}")
        };
        tables.iter().flat_map(|table| self.table(table).into_iter().map(|object| line(table, object))).collect()
    }

    /// Nothing is otherwise than it was.
    #[track_caller]
    pub fn assert_unchanged(&self, before: &BTreeSet<String>) {
        let now = self.world();
        let differences: Vec<&String> = now.symmetric_difference(before).collect();
        assert!(differences.is_empty(), "{differences:#?}");
    }

    /// Each line of the report as text.
    pub fn lines(report: &Report) -> Vec<String> {
        let word = |taken: &Taken| match taken {
            Taken::Back => "taken back".to_owned(),
            Taken::Nothing(why) => format!("nothing: {why}"),
            Taken::Left(why) => format!("left: {why}"),
            Taken::Failed(why) => format!("failed: {why}"),
        };
        report.lines.iter().map(|line| format!("{}: {}", line.label, word(&line.result))).collect()
    }

    /// The states of the receipt's entries.
    pub fn states(&self, receipt: &str) -> Vec<EntryState> {
        self.receipt(receipt).entries.into_iter().map(|entry| entry.state).collect()
    }
}

/// Credentials that differ by `start`, with [`CANARY`] in each secret.
fn minted(template: &Template, start: u8) -> Minted {
    let mut next = start.wrapping_mul(7);
    let mut minted = mint(template, &mut |buffer: &mut [u8]| {
        for byte in buffer {
            next = next.wrapping_add(1);
            *byte = next;
        }
    });
    for credentials in minted.credentials.values_mut() {
        credentials.client_secret = SecretString::from(format!("{CANARY}{}", credentials.client_id));
    }
    minted
}
