//! A stand-in with an application that works, a way to spoil it, and a doctor.

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use akwiz::apply::undo::undo;
use akwiz::apply::{Context, apply};
use akwiz::authentik::facts::Wanted;
use akwiz::authentik::survey::Survey;
use akwiz::authentik::{Client, Timeouts, Trust};
use akwiz::catalog::load::Catalog;
use akwiz::catalog::render::Engine;
use akwiz::catalog::template::Template;
use akwiz::checks::audit::{Entry, audit};
use akwiz::checks::demands::Library;
use akwiz::checks::doctor::{Diagnosis, Paste, diagnose};
use akwiz::checks::repair;
use akwiz::checks::rules::{Finding, Severity};
use akwiz::demo::{Options, Seed, StandIn, Version};
use akwiz::receipts::{MemoryReceipts, ReceiptStore as _};
use akwiz::setup::answers::{Answers, Input};
use akwiz::setup::facts::Facts;
use akwiz::setup::fix::{self, TEMPLATE};
use akwiz::setup::mint::{Minted, mint};
use akwiz::setup::plan::Plan;
use akwiz::setup::planner::{plan, slugs};
use akwiz::setup::question::resolve;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use url::Url;

pub const PUBLIC: &str = "https://auth.home.example";

const TIMEOUTS: Timeouts = Timeouts {
    connect: Duration::from_secs(10),
    read: Duration::from_secs(60),
    write: Duration::from_secs(60),
    retry_pause: Duration::ZERO,
    longest_pause: Duration::ZERO,
};

pub struct Bench {
    pub server: StandIn,
    pub client: Client,
    pub catalog: Catalog,
    pub receipts: MemoryReceipts,
    engine: Engine,
    runs: u32,
}

impl Bench {
    /// A new server, which has an RSA key and no application.
    pub async fn new(version: Version) -> Self {
        Self::start(Options { version, seed: Seed::Fresh, ..Options::default() }).await
    }

    /// The homelab, with a proxy provider and an EC key.
    pub async fn homelab(version: Version) -> Self {
        Self::start(Options { version, ..Options::default() }).await
    }

    async fn start(options: Options) -> Self {
        let server = StandIn::start(options).await.expect("a port on loopback");
        let base = Url::parse(server.base_url()).unwrap();
        let public = Url::parse(PUBLIC).unwrap();
        let client = Client::with_public_address(&base, &public, &Trust::default(), TIMEOUTS).unwrap();
        let client = client.signed_in(server.token()).unwrap();
        Self { server, client, catalog: Catalog::built_in(), receipts: MemoryReceipts::default(), engine: Engine::new(), runs: 0 }
    }

    pub fn template(&self, id: &str) -> Template {
        self.catalog.get(id).unwrap_or_else(|| panic!("the template {id} is built in")).clone()
    }

    /// Makes an application as akwiz does. Gives its plan.
    pub async fn create(&mut self, answers: &Answers) -> Plan {
        let (facts, plan) = self.planned(answers).await;
        assert!(plan.is_ready(), "{}: {:#?}", answers.template, plan.decisions);
        self.apply(&facts, &plan, answers).await;
        plan
    }

    /// Makes what this version of authentik has. Gives whether it has it.
    pub async fn create_if_it_can_be(&mut self, answers: &Answers) -> bool {
        let (facts, plan) = self.planned(answers).await;
        if plan.is_ready() {
            self.apply(&facts, &plan, answers).await;
        }
        plan.is_ready()
    }

    async fn planned(&self, answers: &Answers) -> (Facts, Plan) {
        let template = self.template(&answers.template);
        let mut next = u8::try_from(self.runs).unwrap();
        let minted = mint(&template, &mut |buffer: &mut [u8]| {
            for byte in buffer {
                next = next.wrapping_mul(31).wrapping_add(17);
                *byte = next;
            }
        });
        self.plan(&template, answers, &minted).await
    }

    async fn plan(&self, template: &Template, answers: &Answers, minted: &Minted) -> (Facts, Plan) {
        let resolved = resolve(&self.engine, template, answers, minted);
        let slugs = slugs(&self.engine, template, answers, &resolved);
        let slugs: Vec<&str> = slugs.iter().map(String::as_str).collect();
        let public = Url::parse(PUBLIC).unwrap();
        let wanted =
            Wanted { slugs: &slugs, source: template.source.as_ref().map(|source| source.api), public: &public, version: None };
        let facts = Box::pin(self.client.facts(&wanted)).await.unwrap();
        let plan = plan(&self.engine, template, answers, &facts, minted);
        (facts, plan)
    }

    /// Does a plan. Gives the receipt's id.
    async fn apply(&mut self, facts: &Facts, plan: &Plan, answers: &Answers) -> Option<String> {
        self.runs += 1;
        let (run, stop) = (format!("{:04}", self.runs), AtomicBool::new(false));
        let mut context = Context::new(facts, answers, &self.receipts, 1_795_356_903, &run, &stop);
        context.look_again = Duration::ZERO;
        // Boxed, because a future holds all that it waits for.
        Box::pin(apply(&self.client, plan, &context, |_| {})).await.unwrap().receipt
    }

    pub async fn survey(&self) -> Survey {
        Box::pin(self.client.survey(&Url::parse(PUBLIC).unwrap(), None)).await.unwrap()
    }

    /// What the doctor says of what was pasted.
    pub async fn doctor(&self, pasted: &str) -> Diagnosis {
        self.doctor_for(pasted, None).await
    }

    pub async fn doctor_for(&self, pasted: &str, username: Option<&str>) -> Diagnosis {
        let person = match username {
            Some(name) => {
                let user = self.client.user_named(name).await.unwrap().expect("the user is there");
                Some((user.pk, user.username))
            }
            None => None,
        };
        let receipts = self.receipts.list().unwrap().receipts;
        let library = Library::new(&self.catalog, &receipts);
        let survey = self.survey().await;
        Box::pin(diagnose(&self.client, &survey, &library, &Paste::read(pasted), person)).await
    }

    pub async fn audit(&self) -> Vec<Entry> {
        let receipts = self.receipts.list().unwrap().receipts;
        audit(&self.survey().await, &Library::new(&self.catalog, &receipts))
    }

    /// The audit without what akwiz remembers of its own work.
    pub async fn audit_by_looks(&self) -> Vec<Entry> {
        audit(&self.survey().await, &Library::new(&self.catalog, &[]))
    }

    /// Finds the cause `rule` in what was pasted, does what is offered, and gives the receipt's id.
    pub async fn mend(&mut self, pasted: &str, rule: &str) -> String {
        self.mend_for(pasted, rule, None).await
    }

    pub async fn mend_for(&mut self, pasted: &str, rule: &str, username: Option<&str>) -> String {
        let diagnosis = self.doctor_for(pasted, username).await;
        let finding = only(&diagnosis, rule);
        assert!(!finding.fixes.is_empty(), "{rule} offers nothing: {finding:#?}");
        let survey = self.survey().await;
        let target = diagnosis.about.as_ref().expect("the doctor knows whom").target(&survey).unwrap();
        let plan = fix::plan(&finding.fixes, target);
        assert!(plan.is_ready() && !plan.is_empty(), "{rule}: {plan:#?}");
        let receipt = self.apply(&survey.facts, &plan, &Answers::new(TEMPLATE)).await.expect("something was changed");
        let after = self.doctor_for(pasted, username).await;
        let left: Vec<&Finding> = after.findings.iter().filter(|finding| finding.confirmed && finding.rule.id == rule).collect();
        assert!(left.is_empty(), "{rule} is still there: {left:#?}");
        receipt
    }

    /// Does all that is offered for what is wrong, as one plan.
    pub async fn mend_all(&mut self, pasted: &str) {
        let diagnosis = self.doctor(pasted).await;
        let survey = self.survey().await;
        let target = diagnosis.about.as_ref().expect("the doctor knows whom").target(&survey).unwrap();
        let wrong: Vec<&Finding> = diagnosis.findings.iter().filter(|finding| finding.is_wrong()).collect();
        let (plan, notes) = repair::plan(&wrong, target);
        assert_eq!(notes, Vec::<String>::new());
        self.apply(&survey.facts, &plan, &Answers::new(TEMPLATE)).await.expect("something was changed");
    }

    pub async fn undo(&self, receipt: &str) {
        let report = undo(&self.client, &self.receipts, receipt).await.unwrap();
        assert!(report.is_complete(), "{report:?}");
    }

    /// The object of a table with this value in a field.
    pub fn object(&self, table: &str, field: &str, value: &str) -> Value {
        let found = self.server.state()[table].as_array().into_iter().flatten().find(|object| object[field] == value).cloned();
        found.unwrap_or_else(|| panic!("{table}: no {field} {value}"))
    }

    /// Changes something as somebody else would: with the superuser's token, past akwiz.
    pub async fn spoil(&self, path: &[&str], changes: Value) {
        let _: Value = self.client.write(reqwest::Method::PATCH, path, &changes).await.unwrap();
    }

    /// Changes the provider of an application.
    pub async fn spoil_provider(&self, name: &str, changes: Value) {
        let pk = self.object("providers", "name", name)["pk"].to_string();
        self.spoil(&["providers", "oauth2", &pk], changes).await;
    }

    /// The address that a browser shows when the application starts a sign-in.
    pub fn authorize(&self, name: &str, change: impl FnOnce(&mut Vec<(String, String)>)) -> String {
        let provider = self.object("providers", "name", name);
        let redirect = provider["redirect_uris"][0]["url"].as_str().unwrap_or("https://app.example/cb");
        let mut query: Vec<(String, String)> = [
            ("client_id", provider["client_id"].as_str().unwrap()),
            ("redirect_uri", redirect),
            ("response_type", "code"),
            ("scope", "openid email profile"),
            ("state", "xyz"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        change(&mut query);
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
        format!("{PUBLIC}/application/o/authorize/?{query}")
    }

    /// Whether authentik would let a sign-in begin with this address: it asks for somebody to sign in, and refuses nothing.
    pub async fn begins(&self, address: &str) -> bool {
        let url = Url::parse(address).unwrap();
        let mut query: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        query.push(("prompt".into(), "none".into()));
        let pairs: Vec<(&str, &str)> = query.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let answer = self.client.page("application/o/authorize/", &pairs).await.unwrap();
        answer.header("location").is_some_and(|location| location.contains("error=login_required"))
    }

    pub fn token(&self) -> String {
        self.server.token().expose_secret().to_owned()
    }
}

/// The finding of a rule, confirmed, that stands first.
#[track_caller]
pub fn only<'d>(diagnosis: &'d Diagnosis, rule: &str) -> &'d Finding {
    let first = diagnosis.findings.first();
    let ids: Vec<&str> = diagnosis.findings.iter().map(|finding| finding.rule.id).collect();
    let first = first.unwrap_or_else(|| panic!("nothing was found: {:?}", diagnosis.notes));
    assert_eq!((first.rule.id, first.confirmed), (rule, true), "{ids:?} {first:#?}");
    first
}

/// What is more than worth knowing.
pub fn wrong(findings: &[Finding]) -> Vec<(&'static str, String)> {
    let wrong = findings.iter().filter(|finding| finding.severity > Severity::Info);
    wrong.map(|finding| (finding.rule.id, finding.text.clone())).collect()
}

pub fn answers(id: &str, given: &[(&str, &str)]) -> Answers {
    let mut answers = Answers::new(id);
    for (question, text) in given {
        answers.give(question, Input::Text((*text).into()));
    }
    answers
}

pub fn redirects(entries: &[(&str, &str)]) -> Value {
    let entries: Vec<Value> = entries.iter().map(|(mode, url)| json!({"matching_mode": mode, "url": url})).collect();
    json!({ "redirect_uris": entries })
}
