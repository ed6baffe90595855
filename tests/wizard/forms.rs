//! The pages that are forms: questions, options, access.

use std::sync::Arc;

use akwiz::catalog::load::Catalog;
use akwiz::error::{Error, Kind};
use akwiz::setup::answers::{Access, GroupChoice, Options};
use akwiz::setup::facts::{Capabilities, Facts, Flow, GroupFact, Key, KeyKind, Person, Version};
use akwiz::ui::effect::Read;
use akwiz::ui::msg::Answer;
use akwiz::ui::steps::Step;
use akwiz::ui::theme::Theme;
use akwiz::ui::{Load, Wizard};
use insta::assert_snapshot;

use crate::known::{connected, signed_in};
use crate::script::Script;

fn facts() -> Facts {
    let flow = |slug: &str, designation: &str| Flow {
        pk: slug.into(),
        slug: slug.into(),
        name: format!("Flow {slug}"),
        designation: designation.into(),
    };
    let key = |name: &str, kind| Key {
        pk: name.into(),
        name: name.into(),
        kind,
        has_private_key: true,
        days_left: Some(300),
        managed: true,
    };
    let group = |pk: &str, name: &str, members| GroupFact { pk: pk.into(), name: name.into(), members: Some(members) };
    Facts {
        capabilities: Capabilities::expected(Version::new(2025, 12, 4)),
        api_url: "https://auth.example.com".into(),
        public_url: "https://auth.example.com".into(),
        me: signed_in().person,
        flows: vec![
            flow("default-provider-authorization-implicit-consent", "authorization"),
            flow("default-provider-authorization-explicit-consent", "authorization"),
            flow("default-provider-invalidation-flow", "invalidation"),
        ],
        mappings: Vec::new(),
        keys: vec![key("authentik Self-signed Certificate", KeyKind::Rsa), key("edge", KeyKind::Ec)],
        groups: vec![group("g1", "authentik Admins", 1), group("g2", "family", 4), group("g3", "staff", 12)],
        applications: Vec::new(),
        providers: akwiz::setup::providers::Providers::default(),
        existing: Vec::new(),
        existing_source: None,
        identification_stages: Vec::new(),
        around_source: akwiz::setup::facts::AroundSource::default(),
        refused_changes: Vec::new(),
        gaps: Vec::new(),
    }
}

/// A wizard that has picked a built-in template.
fn wizard(id: &str) -> Wizard {
    let catalog = Catalog::built_in();
    let template = Arc::new(catalog.get(id).expect("it is built in").clone());
    let mut wizard = Wizard {
        catalog: Load::Ready(Arc::new(catalog)),
        facts: Load::Ready(Arc::new(facts())),
        signed_in: Some(signed_in()),
        ..connected()
    };
    wizard.pick(template);
    wizard
}

fn page(size: (u16, u16), step: Step, id: &str) -> Script {
    Script::at(size, step, wizard(id)).begin()
}

const ADDRESS: &str = "https://portainer.example.com:9443";

#[test]
fn questions_empty() {
    assert_snapshot!(page((80, 24), Step::Questions, "portainer").screen());
}

#[test]
fn questions_show_what_follows_while_one_types() {
    assert_snapshot!(page((80, 24), Step::Questions, "portainer").keys(ADDRESS).screen());
    assert_snapshot!(page((60, 20), Step::Questions, "portainer").theme(Theme::PLAIN).keys(ADDRESS).screen());
    assert_snapshot!(page((120, 40), Step::Questions, "portainer").keys(ADDRESS).screen());
}

#[test]
fn questions_for_several_nodes() {
    let script = page((80, 24), Step::Questions, "proxmox-ve").keys("pve1.example.com, pve2.example.com,pve3.example.com");
    assert_snapshot!(script.screen());
    assert_snapshot!(script.keys("<tab><tab>").screen());
}

#[test]
fn a_missing_answer_is_pointed_out_only_when_one_goes_on() {
    let script = page((80, 24), Step::Questions, "portainer");
    assert!(!script.shows("needed"), "{}", script.screen());
    let script = script.keys("<tab><enter>");
    assert_eq!(script.step(), Step::Questions);
    assert_snapshot!(script.screen());
    let script = script.keys("portainer.example.com<enter>");
    assert_eq!(script.step(), Step::Review);
}

#[test]
fn an_answer_that_does_not_fit_says_why_and_stays() {
    let script = page((80, 24), Step::Questions, "portainer").keys("https://user:pw@portainer.example.com<enter>");
    assert_eq!(script.step(), Step::Questions);
    assert_snapshot!(script.screen());
}

#[test]
fn pasted_addresses_are_understood() {
    for pasted in ["  'HTTPS://Portainer.Example.com/'  ", "portainer.example.com", "<https://portainer.example.com/#!/home>"] {
        let script = page((80, 24), Step::Questions, "portainer").paste(pasted);
        assert!(script.shows("https://portainer.example.com/"), "{pasted}: {}", script.screen());
        assert_eq!(script.keys("<enter>").step(), Step::Review, "{pasted}");
    }
}

#[test]
fn what_deserves_a_second_look_is_said_once_the_typing_rests() {
    let remark = "https:// was put in front";
    let script = page((80, 24), Step::Questions, "portainer").keys("portainer.example.com:9443");
    assert!(!script.shows(remark), "{}", script.screen());
    let script = script.wait(1_000);
    assert!(script.shows(remark), "{}", script.screen());
    assert_eq!(script.wake_at(), None, "nothing wakes up for it any more");
    let script = script.keys("<c-u>http://portainer.example.com:9443").wait(1_000);
    assert!(!script.shows(remark), "{}", script.screen());
}

#[test]
fn going_back_keeps_everything_and_checks_nothing() {
    let script = page((80, 24), Step::Questions, "portainer").keys("not an address<tab><down><esc>");
    assert_ne!(script.step(), Step::Review);
    let given = &script.wizard().answers.given;
    assert_eq!(given.keys().collect::<Vec<_>>(), ["app", "identifier"]);
}

#[test]
fn a_switch_brings_its_own_questions_and_takes_them_away() {
    let script = page((120, 40), Step::Questions, "portainer").keys("portainer.example.com<tab><tab><tab><tab><space>");
    assert!(script.shows("Group of the administrators"), "{}", script.screen());
    let script = script.keys("<space>");
    assert!(!script.shows("Group of the administrators"), "{}", script.screen());
}

#[test]
fn options_are_all_filled_in() {
    let script = page((80, 24), Step::Questions, "portainer").keys("portainer.example.com").keys("<tab><tab><tab><tab><tab>");
    assert_eq!(script.step(), Step::Options, "{}", script.screen());
    assert_snapshot!(script.screen());
    assert_snapshot!(script.keys("<tab><tab><tab><tab><tab><tab><tab><tab>").screen());
}

#[test]
fn options_on_a_small_screen() {
    assert_snapshot!(
        page((60, 20), Step::Options, "nextcloud").theme(Theme::PLAIN).keys("<tab><tab><tab><tab><tab><tab><tab>").screen()
    );
}

#[test]
fn only_what_differs_becomes_a_decision() {
    let script = page((80, 24), Step::Options, "portainer").keys("<tab><tab>");
    assert_eq!(script.wizard().answers.options, Options::default());
    let script = script.keys("Infra<s-tab><c-u>ports");
    let options = &script.wizard().answers.options;
    assert_eq!(
        (options.group.as_deref(), options.slug.as_deref(), options.name.as_deref()),
        (Some("Infra"), Some("ports"), None)
    );
    let script = script.keys("<c-r>");
    assert_eq!(script.wizard().answers.options.slug, None);
    assert!(script.shows("portainer"));
}

#[test]
fn redirect_uris_can_be_added_and_left_out() {
    let script = page((80, 24), Step::Questions, "portainer")
        .keys("portainer.example.com<tab><tab><tab><tab><tab>")
        .keys("<tab><tab><tab><tab><tab><tab><tab>http://localhost:9000/");
    let redirects = script.wizard().answers.options.redirects.clone().expect("one was added");
    assert_eq!(
        redirects.iter().map(|redirect| redirect.uri.as_str()).collect::<Vec<_>>(),
        ["https://portainer.example.com/", "http://localhost:9000/"]
    );
    assert_snapshot!(script.screen());
}

#[test]
fn access_for_everyone_groups_and_one_person() {
    let script = page((80, 24), Step::Access, "portainer");
    assert_snapshot!(script.screen());
    let script = script.keys("<down>");
    assert_snapshot!(script.screen());
    let script = script.keys("<enter>");
    assert_eq!(script.step(), Step::Access, "no group is chosen");
    assert!(script.shows("Choose a group"), "{}", script.screen());
    let script = script.keys("<up><space><tab>");
    assert!(
        matches!(&script.wizard().answers.access, Access::Groups(groups) if groups.len() == 1),
        "{:?}",
        script.wizard().answers.access
    );
    let script = script.keys("friends<enter>");
    assert_eq!(script.step(), Step::Review);
    let Access::Groups(groups) = &script.wizard().answers.access else { panic!() };
    assert_eq!(groups.last(), Some(&GroupChoice::New { name: "friends".into() }));
}

#[test]
fn only_me_is_one_key_away_and_others_can_be_found() {
    let people = |read: &Read| match read {
        Read::People => Some(Answer::People(Ok(vec![Person {
            pk: "9".into(),
            username: "bob".into(),
            name: "Bob Example".into(),
            superuser: false,
            machine: false,
        }]))),
        _ => None,
    };
    let script = page((80, 24), Step::Access, "portainer").reader(people).keys("<down><down>");
    assert_eq!(script.wizard().answers.access, Access::Person { pk: "5".into(), username: "ann".into() });
    assert_snapshot!(script.screen());
    let script = script.keys("<tab><down>");
    assert_eq!(script.wizard().answers.access, Access::Person { pk: "9".into(), username: "bob".into() });
}

#[test]
fn a_machines_token_cannot_mean_me() {
    let mut wizard = wizard("portainer");
    wizard.signed_in.as_mut().unwrap().person.machine = true;
    let script = Script::at((80, 24), Step::Access, wizard)
        .begin()
        .reader(|_| Some(Answer::People(Err(Error::new(Kind::Refused, "The token may not see users.")))))
        .keys("<down><down><enter>");
    assert_eq!(script.step(), Step::Access);
    assert_snapshot!(script.screen());
}

#[test]
fn typing_costs_few_bytes() {
    let mut script = page((100, 30), Step::Questions, "plesk").keys("https://plesk.exam");
    let mut costs = Vec::new();
    for letter in ["p", "l", "e", ".", "c", "o", "m"] {
        script = script.keys(letter);
        costs.push(script.bytes());
    }
    assert!(costs.iter().all(|cost| *cost <= 180), "{costs:?}");
    let mut script = page((100, 30), Step::Options, "plesk");
    script = script.keys("x");
    let costs: Vec<usize> = (0..5)
        .map(|_| {
            script = std::mem::replace(&mut script, page((100, 30), Step::Options, "plesk")).keys("y");
            script.bytes()
        })
        .collect();
    assert!(costs.iter().all(|cost| *cost <= 60), "{costs:?}");
}
