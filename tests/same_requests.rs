//! The wizard and the command send the same: the command line that the wizard shows for a set of answers makes the requests that Enter on
//! review makes, byte for byte.
//!
//! The command is the real binary. The credentials that it made are read from what it sent and given to the wizard; nothing else of the
//! two differs from run to run, for the clock is only in receipts.

#![cfg(feature = "demo")]

#[path = "cli/run.rs"]
#[expect(dead_code, reason = "the tests of the command line use the rest")]
mod run;
#[path = "cli/schema.rs"]
mod schema;
#[path = "wizard/script.rs"]
#[expect(dead_code, reason = "the tests of the wizard use the rest")]
mod script;
#[path = "wizard/world.rs"]
#[expect(dead_code, reason = "the tests of the wizard use the rest")]
mod world;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use akwiz::apply::{Context, apply};
use akwiz::authentik::facts::Wanted;
use akwiz::authentik::{Client, Timeouts, Trust};
use akwiz::catalog::load::Catalog;
use akwiz::catalog::template::{SubjectMode, Template};
use akwiz::demo::{Logged, Options, StandIn, Version};
use akwiz::receipts::MemoryReceipts;
use akwiz::setup::answers::{Access, Answers, GroupChoice, Input, RedirectUri, Taken};
use akwiz::setup::command::{Connection, PLEX_TOKEN_FILE, arguments};
use akwiz::setup::mint::{Credentials, Minted, mint};
use akwiz::ui::effect::{Read, Write};
use akwiz::ui::msg::{Answer, Written};
use akwiz::ui::steps::Step;
use akwiz::ui::{Load, Wizard};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use tokio::runtime::Handle;
use tokio::sync::oneshot::{Sender, channel};
use url::Url;

use run::Home;
use script::Script;

const PUBLIC: &str = "https://auth.home.example";
const APP: &str = "https://app.example.com";

/// A stand-in on a thread of its own.
struct Server {
    stand_in: StandIn,
    handle: Handle,
    _stop: Sender<()>,
}

impl Server {
    fn start(version: Version) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let handle = runtime.handle().clone();
        let stand_in = runtime.block_on(StandIn::start(Options { version, ..Options::default() })).unwrap();
        let (stop, stopped) = channel();
        std::thread::spawn(move || runtime.block_on(stopped));
        Self { stand_in, handle, _stop: stop }
    }

    fn client(&self) -> Client {
        let (base, public) = (Url::parse(self.stand_in.base_url()).unwrap(), Url::parse(PUBLIC).unwrap());
        Client::with_public_address(&base, &public, &Trust::default(), Timeouts::default())
            .and_then(|client| client.signed_in(self.stand_in.token()))
            .unwrap()
    }
}

/// One request as it went over the wire, but for where the server listens.
fn wire(entry: &Logged) -> String {
    format!("{} {}?{} {}", entry.method, entry.path, entry.query, serde_json::to_string(&entry.body).unwrap())
}

/// Every write, and how it is read back after the last one. What is sent at once has no order, and so the keys that the server gives to
/// two things made at once have none: names stand in their place.
fn sent(server: &Server, log: &[Logged]) -> Vec<String> {
    let last = log.iter().rposition(Logged::is_write).expect("something was written");
    let counts = |(index, entry): &(usize, &Logged)| entry.is_write() || *index > last;
    let mut lines: Vec<String> = log.iter().enumerate().filter(counts).map(|(_, entry)| wire(entry)).collect();
    let state = server.stand_in.state();
    for table in ["certificates", "groups", "scope_mappings"] {
        for object in state[table].as_array().unwrap() {
            let (pk, name) = (object["pk"].as_str().unwrap(), object["name"].as_str().unwrap());
            for line in &mut lines {
                *line = line.replace(pk, name);
            }
        }
    }
    lines.sort();
    lines
}

/// What the command made, from what it sent.
fn minted(template: &Template, log: &[Logged]) -> Minted {
    let mut minted = mint(template, &mut |buffer| buffer.fill(1));
    let mut made = log.iter().filter(|entry| entry.path.ends_with("/core/transactional/applications/")).map(|entry| {
        let text = |field: &str| entry.body["provider"][field].as_str().unwrap_or_default().to_owned();
        Credentials { client_id: text("client_id"), client_secret: text("client_secret").into() }
    });
    for credentials in minted.credentials.values_mut() {
        if let Some(made) = made.next() {
            *credentials = made;
        }
    }
    minted
}

/// Runs the command line that the wizard shows for `answers`.
fn by_command(server: &Server, answers: &Answers) -> Vec<Logged> {
    let connection =
        Connection { url: server.stand_in.base_url().to_owned(), public_url: Some(PUBLIC.to_owned()), ..Connection::default() };
    let home = Home::new();
    if let Some(plex) = &answers.source.plex {
        std::fs::write(home.path().join(PLEX_TOKEN_FILE), plex.token.expose_secret()).unwrap();
    }
    let mut line = arguments(answers, &connection);
    line.push("--yes".to_owned());
    let words: Vec<&str> = line.iter().skip(1).map(String::as_str).collect();
    let token = server.stand_in.token();
    let said = home.run_with(&words, "", &[("AUTHENTIK_TOKEN", token.expose_secret())]);
    assert_eq!(said.code, 0, "{}", said.page());
    server.stand_in.log()
}

/// Has the wizard do it: from review, with Enter.
fn by_wizard(server: &Server, template: &Arc<Template>, answers: &Answers, minted: &Minted) -> Vec<Logged> {
    let mut wizard: Wizard = world::wizard("portainer");
    wizard.catalog = Load::Ready(Arc::new([(**template).clone()].into_iter().collect::<Catalog>()));
    wizard.template = Some(Arc::clone(template));
    wizard.answers = answers.clone();
    if let Some(server) = &mut wizard.server {
        PUBLIC.clone_into(&mut server.public_url);
    }
    let (client, handle, minted) = (server.client(), server.handle.clone(), minted.clone());
    let reader = move |read: &Read| match read {
        Read::Facts { slugs, source, .. } => {
            let slugs: Vec<&str> = slugs.iter().map(String::as_str).collect();
            let public = Url::parse(PUBLIC).unwrap();
            let wanted = Wanted { slugs: &slugs, source: *source, public: &public, version: None };
            Some(Answer::Facts(handle.block_on(client.facts(&wanted)).map(Box::new).map_err(Into::into)))
        }
        Read::Mint(_) => Some(Answer::Minted(Box::new(minted.clone()))),
        _ => None,
    };
    let (client, handle) = (server.client(), server.handle.clone());
    let writer = move |write: &Write| match write {
        Write::Apply { plan, facts, answers } => {
            let (receipts, stop) = (MemoryReceipts::default(), AtomicBool::new(false));
            let context = Context::new(facts, answers, &receipts, 1_795_356_903, "0001", &stop);
            let applied = handle.block_on(apply(&client, plan, &context, |_| {}));
            vec![Written::Applied(Ok(Box::new(applied.expect("it is applied"))))]
        }
        _ => Vec::new(),
    };
    let script = Script::at((100, 40), Step::Review, wizard).reader(reader).writer(writer).begin().wait(400).keys("<enter>");
    assert_eq!(script.step(), Step::Done, "{}", script.screen());
    server.stand_in.log()
}

#[track_caller]
fn assert_same(version: Version, id: &str, answers: &Answers) {
    let catalog = Catalog::built_in();
    let template = Arc::new(catalog.get(id).unwrap().clone());
    let (mine, theirs) = (Server::start(version), Server::start(version));
    let command = by_command(&mine, answers);
    let wizard = by_wizard(&theirs, &template, answers, &minted(&template, &command));
    assert_eq!(sent(&theirs, &wizard), sent(&mine, &command), "{version:?} {id}");
}

fn answers(id: &str) -> Answers {
    let mut answers = Answers::new(id);
    answers.give("app", Input::Text(APP.into()));
    answers
}

#[test]
fn the_defaults() {
    for version in Version::ALL {
        assert_same(version, "portainer", &answers("portainer"));
    }
}

#[test]
fn every_kind_of_option() {
    let mut answers = answers("portainer");
    answers.give("sso", Input::Toggle(false));
    answers.options.name = Some("Côntainers \"two\" ${x}".into());
    answers.options.slug = Some("containers".into());
    answers.options.provider_name = Some("-containers".into());
    answers.options.group = Some("Tools".into());
    answers.options.description = Some("two\nlines".into());
    answers.options.launch_url = Some("https://app.example.com/start?a=b&c".into());
    answers.options.icon = Some("fa://fa-cube".into());
    answers.options.sub_mode = Some(SubjectMode::UserUuid);
    answers.options.access_lifetime = Some("hours=1;minutes=5".into());
    answers.options.redirects = Some(vec![RedirectUri {
        uri: r"https://.*\.example\.com/cb".into(),
        mode: akwiz::catalog::template::MatchingMode::Regex,
    }]);
    answers.access = Access::Groups(vec![GroupChoice::New { name: "new ones".into() }]);
    for version in [Version::V2024_12, Version::V2026_5] {
        assert_same(version, "portainer", &answers);
    }
}

#[test]
fn mappings_and_groups_of_the_template() {
    assert_same(Version::V2026_5, "gitea", &answers("gitea"));
}

#[test]
fn a_second_one_under_another_name() {
    let mut answers = answers("grafana");
    answers.taken = Some(Taken::Rename { slug: "grafana-2".into(), name: "Grafana = 2".into() });
    assert_same(Version::V2025_12, "grafana", &answers);
}

#[test]
fn a_login_source() {
    let mut answers = Answers::new("plex");
    answers.source.plex = world::with_plex(Wizard::default()).answers.source.plex;
    if let Some(plex) = &mut answers.source.plex {
        plex.token = SecretString::from("a-plex-token");
    }
    assert_same(Version::V2026_5, "plex", &answers);
}

#[test]
fn the_comparison_can_fail() {
    let (mine, theirs) = (Server::start(Version::V2026_5), Server::start(Version::V2026_5));
    let template = Arc::new(Catalog::built_in().get("portainer").unwrap().clone());
    let command = by_command(&mine, &answers("portainer"));
    let other = mint(&template, &mut |buffer| buffer.fill(2));
    let wizard = by_wizard(&theirs, &template, &answers("portainer"), &other);
    assert_ne!(sent(&theirs, &wizard), sent(&mine, &command));
    let body = |log: &[Logged]| -> Value { log.iter().find(|entry| entry.method == "PUT").unwrap().body.clone() };
    assert_eq!(body(&wizard)["app"], body(&command)["app"]);
}
