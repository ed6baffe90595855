//! Which application.

use std::sync::Arc;

use akwiz::catalog::load::{Catalog, parse};
use akwiz::error::{Error, Kind};
use akwiz::ui::msg::{Answer, Written};
use akwiz::ui::steps::Step;
use akwiz::ui::theme::Theme;
use akwiz::ui::{Load, Start, Wizard};
use insta::assert_snapshot;

use crate::known::connected;
use crate::script::Script;
use crate::world;

const TEMPLATES: [(&str, &str); 5] = [
    ("gitea", "name = \"Gitea\"\ncategory = \"development\"\nsummary = \"Hosts Git repositories\""),
    ("grafana", "name = \"Grafana\"\ncategory = \"monitoring\"\nsummary = \"Dashboards for metrics, logs and traces\""),
    (
        "plex",
        "name = \"Plex\"\nkind = \"source\"\ncategory = \"media\"\nsummary = \"Lets people sign in to authentik with their Plex account\"",
    ),
    (
        "portainer",
        "name = \"Portainer\"\ncategory = \"hypervisors-orchestrators\"\naliases = [\"docker\"]\nsummary = \"Manages containers on Docker, Swarm and Kubernetes in the browser\"\nchecked = [{ against = \"guide\", version = \"2026-04\" }]\nrequire = [{ kind = \"access\", text = \"An administrator's account in Portainer\" }]\n[[question]]\nid = \"app\"\nkind = \"address\"\nlabel = \"Portainer's address\"\n[[question]]\nid = \"sso\"\nkind = \"toggle\"\nlabel = \"Sign in without asking again\"\n",
    ),
    (
        "proxmox-ve",
        "name = \"Proxmox VE\"\ncategory = \"hypervisors-orchestrators\"\naliases = [\"pve\"]\nsummary = \"Runs virtual machines and containers, alone or as a cluster\"",
    ),
];

/// Templates that do not change when the built-in ones do.
fn catalog() -> Arc<Catalog> {
    let templates = TEMPLATES.iter().map(|(id, rest)| {
        let source = format!("schema = 1\nid = \"{id}\"\nhomepage = \"https://example.com/{id}\"\n{rest}");
        parse(&format!("{id}.toml"), &source).expect("the templates of this test are right")
    });
    Arc::new(templates.collect())
}

fn wizard() -> Wizard {
    Wizard { catalog: Load::Ready(catalog()), ..connected() }
}

fn page(size: (u16, u16)) -> Script {
    Script::at(size, Step::Pick, wizard()).begin()
}

#[test]
fn all_templates() {
    assert_snapshot!(page((80, 24)).screen());
}

#[test]
fn a_preview_stands_beside_the_list_where_there_is_room() {
    assert_snapshot!(page((120, 40)).keys("<down><down><down>").wait(200).screen());
}

#[test]
fn a_small_screen_without_colors() {
    assert_snapshot!(Script::at((60, 20), Step::Pick, wizard()).theme(Theme::PLAIN).begin().screen());
}

#[test]
fn the_preview_follows_once_the_selection_rests() {
    let script = page((120, 40)).keys("<down>").wait(100);
    assert!(script.shows("https://example.com/gitea"), "{}", script.screen());
    let script = script.keys("<down>").wait(149);
    assert!(script.shows("https://example.com/gitea"));
    let script = script.wait(1);
    assert!(script.shows("https://example.com/plex"), "{}", script.screen());
    assert_eq!(script.wake_at(), None, "nothing wakes the wizard afterwards");
}

#[test]
fn a_name_a_second_name_and_a_purpose_are_found() {
    for (query, name) in
        [("port", "Portainer"), ("pve", "Proxmox VE"), ("git", "Gitea"), ("metrics", "Grafana"), ("docker", "Portainer")]
    {
        let script = page((80, 24)).keys(query).keys("<enter>");
        assert_eq!(script.wizard().template.as_ref().expect("a template").name, name, "{query}");
        assert_ne!(script.step(), Step::Pick);
    }
}

#[test]
fn nothing_matches() {
    let script = page((80, 24)).keys("zzz");
    assert_snapshot!(script.screen());
    let script = script.keys("<enter>");
    assert_eq!(script.step(), Step::Pick);
    assert!(script.keys("<c-u>").shows("Portainer"));
}

#[test]
fn what_was_used_lately_comes_first() {
    let start = Start { recent: vec!["proxmox-ve".into()], ..Start::default() };
    let script = Script::at((120, 40), Step::Pick, Wizard { start, ..wizard() }).begin();
    assert_snapshot!(script.screen());
}

#[test]
fn loading_says_so_only_when_it_takes_long() {
    let script = Script::at((80, 24), Step::Pick, connected()).begin().wait(100);
    assert!(!script.shows("Loading"), "{}", script.screen());
    let script = script.wait(100);
    assert!(script.shows("Loading the templates"), "{}", script.screen());
    let script = script.answer_to("Catalog", Answer::Catalog(Ok(catalog())));
    assert!(script.shows("Portainer") && script.wake_at().is_none(), "{}", script.screen());
}

#[test]
fn templates_that_cannot_be_loaded_are_an_error_in_words() {
    let error = Error::new(Kind::Internal, "The templates cannot be read.");
    let script = Script::at((80, 24), Step::Pick, connected()).begin().answer_to("Catalog", Answer::Catalog(Err(error)));
    assert!(script.shows("The templates cannot be read."), "{}", script.screen());
}

#[test]
fn coming_back_keeps_search_and_answers_and_another_template_begins_anew() {
    let script = page((80, 24)).keys("porta<enter>").keys("<esc>");
    assert_eq!(script.step(), Step::Pick);
    assert!(script.shows("Search porta"), "{}", script.screen());
    let picked = Arc::clone(script.wizard().template.as_ref().expect("a template"));
    let script = script.keys("<enter><esc>");
    assert!(Arc::ptr_eq(&picked, script.wizard().template.as_ref().expect("a template")));
    let script = script.keys("<c-u>gitea<enter>");
    assert_eq!(script.wizard().answers.template, "gitea");
}

#[test]
fn another_application_is_not_looked_for_among_what_was_typed_for_the_last_one() {
    let wizard = Wizard { catalog: Load::Ready(catalog()), ..world::wizard("portainer") };
    let script = Script::at((80, 24), Step::Pick, wizard).reader(world::reader(world::facts())).begin();
    let script = script.keys("porta<enter>portainer.example.com<enter>").wait(400).keys("<enter>");
    let outcome = world::outcome(script.wizard().plan.as_ref().expect("a plan"));
    let script = script.written(Written::Applied(Ok(Box::new(outcome)))).keys("ny");
    assert_eq!(script.step(), Step::Pick);
    assert!(script.shows("Gitea"), "{}", script.screen());
    let [used, other] = ["Portainer", "Gitea"].map(|name| script.screen().find(name).expect("it is in the list"));
    assert!(used < other, "what was used last comes first: {}", script.screen());
}

#[test]
fn a_click_marks_and_a_second_one_takes() {
    use akwiz::ui::msg::Msg;
    let script = page((80, 24)).msg(Msg::Click { x: 5, y: 6 });
    assert_eq!(script.step(), Step::Pick);
    let script = script.msg(Msg::Click { x: 5, y: 6 });
    assert_eq!(script.wizard().template.as_ref().expect("a template").name, "Plex");
}
