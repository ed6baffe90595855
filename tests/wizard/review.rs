//! Review: what will be done, decisions, and when Enter applies.

use akwiz::error::{Error, Kind};
use akwiz::setup::answers::{Access, Input, LoginPage, Taken};
use akwiz::setup::facts::Facts;
use akwiz::ui::Wizard;
use akwiz::ui::effect::Write;
use akwiz::ui::msg::{Answer, Written};
use akwiz::ui::steps::Step;
use secrecy::ExposeSecret as _;

use crate::script::Script;
use crate::world::{self, SIZES};

fn review(size: (u16, u16), wizard: Wizard, facts: Facts) -> Script {
    Script::at(size, Step::Review, wizard).reader(world::reader(facts)).begin()
}

fn applied(script: &Script) -> bool {
    script.effects().iter().any(|effect| effect.starts_with("Write(Apply"))
}

#[test]
fn it_shows_what_will_be_created() {
    for size in SIZES {
        let script = review(size, world::wizard("portainer"), world::facts());
        insta::assert_snapshot!(format!("review_{}x{}", size.0, size.1), script.screen());
    }
}

#[test]
fn it_scrolls_and_explains() {
    let script = review((80, 24), world::wizard("portainer"), world::facts()).keys("<pgdn>");
    insta::assert_snapshot!("review_scrolled", script.screen());
    let script = script.keys("<home>e");
    insta::assert_snapshot!("review_explained", script.screen());
}

#[test]
fn who_may_open_it_is_named() {
    let mut wizard = world::wizard("portainer");
    wizard.answers.access = Access::Person { pk: "5".into(), username: "akadmin".into() };
    let script = review((80, 24), wizard, world::facts());
    assert!(script.shows("Only \"akadmin\" may open Portainer"), "{}", script.screen());
}

#[test]
fn it_waits_for_facts_and_says_what_went_wrong() {
    let script = Script::at((80, 24), Step::Review, world::wizard("portainer")).begin();
    assert_eq!(script.open(), 2);
    let script = script.wait(400);
    insta::assert_snapshot!("review_waiting", script.screen());
    let error =
        Error::new(Kind::Unreachable, "auth.example.com did not answer within 10 seconds.").hint("See whether authentik runs.");
    let script = script.answer_to("Facts", Answer::Facts(Err(error)));
    insta::assert_snapshot!("review_failed", script.screen());
    let script = script.keys("r");
    assert_eq!(script.effects().iter().filter(|effect| effect.contains("Facts {")).count(), 2, "asked again");
}

#[test]
fn enter_applies_only_once_the_page_has_stood() {
    let script = review((80, 24), world::wizard("portainer"), world::facts());
    let script = script.keys("<enter><enter>");
    assert!(!applied(&script), "typed ahead");
    let script = script.wait(300).keys("<enter>");
    assert!(applied(&script));
    assert_eq!(script.step(), Step::Apply);
    assert!(script.wizard().applying);
}

#[test]
fn a_taken_slug_is_decided_first() {
    for size in SIZES {
        let script = review(size, world::wizard("portainer"), world::facts_with_portainer());
        insta::assert_snapshot!(format!("review_taken_{}x{}", size.0, size.1), script.screen());
    }
    let script = review((80, 24), world::wizard("portainer"), world::facts_with_portainer()).wait(400).keys("<enter>");
    assert!(!applied(&script));
    assert_eq!(script.wizard().answers.taken, Some(Taken::Update));
    insta::assert_snapshot!("review_update", script.screen());
}

#[test]
fn renaming_asks_the_server_again() {
    let script = review((80, 24), world::wizard("portainer"), world::facts_with_portainer()).keys("<down>");
    let script = script.reader(world::reader(world::facts())).keys("<enter>");
    assert!(
        script.effects().iter().any(|effect| effect.contains("Facts {") && effect.contains("portainer-2")),
        "{}",
        script.screen()
    );
    assert!(script.shows("Application \"Portainer 2\""), "{}", script.screen());
}

#[test]
fn the_choice_for_a_taken_slug_is_asked_again_after_going_back() {
    let script = review((80, 24), world::wizard("portainer"), world::facts_with_portainer()).keys("<down><enter><esc>");
    assert_eq!(script.step(), Step::Questions);
    assert_eq!(script.wizard().answers.taken, None);
}

#[test]
fn digits_lead_to_pages() {
    let script = review((80, 24), world::wizard("portainer"), world::facts()).keys("5");
    assert_eq!(script.step(), Step::Options);
}

#[test]
fn what_is_missing_leads_to_its_page() {
    let mut wizard = world::wizard("portainer");
    wizard.answers.given.clear();
    let script = review((80, 24), wizard, world::facts());
    insta::assert_snapshot!("review_blocked", script.screen());
    assert_eq!(script.keys("<enter>").step(), Step::Questions);
}

#[test]
fn a_source_says_what_it_opens() {
    let mut wizard = world::with_plex(world::wizard("plex"));
    wizard.answers.source.login_page = LoginPage::Default;
    let script = review((80, 24), wizard, world::facts());
    insta::assert_snapshot!("review_plex", script.screen());
    assert!(!script.screen().contains("plextoken"));
}

#[test]
fn a_change_of_something_in_use_is_typed_out() {
    let script =
        review((80, 24), world::wizard("portainer"), world::facts_with_portainer()).keys("<enter>").wait(400).keys("<enter>");
    insta::assert_snapshot!("review_typed", script.screen());
    assert!(!applied(&script));
    let script = script.keys("portain<enter>");
    assert!(!applied(&script), "not the whole word");
    assert!(applied(&script.keys("er<enter>")));
}

#[test]
fn an_outdated_choice_is_dropped() {
    let script = review((80, 24), world::wizard("portainer"), world::facts_with_portainer()).keys("<enter>");
    assert_eq!(script.wizard().answers.taken, Some(Taken::Update));
    let script = script.keys("5<tab><c-u>docker<enter>");
    assert_eq!((script.step(), script.wizard().answers.options.slug.as_deref()), (Step::Review, Some("docker")));
    assert_eq!(script.wizard().answers.taken, None);
}

#[test]
fn the_command_line_has_pasted_addresses_as_they_were_understood() {
    for (id, question, pasted, wanted) in [
        ("portainer", "app", "  <HTTPS://Portainer.Example.com/#!/home> ", "--set=app=https://portainer.example.com"),
        (
            "proxmox-ve",
            "nodes",
            "pve.example.com, https://PVE2.example.com:8006/",
            "--set=nodes=https://pve.example.com:8006 --set=nodes=https://pve2.example.com:8006",
        ),
    ] {
        let mut wizard = world::wizard(id);
        let input = if question == "nodes" {
            Input::List(pasted.split(", ").map(str::to_owned).collect())
        } else {
            Input::Text(pasted.to_owned())
        };
        wizard.answers.give(question, input);
        let line = format!("akwiz create {id} --url=https://auth.example.com {wanted}");
        let script = review((80, 24), wizard, world::facts()).writer(move |write| match write {
            Write::Copy { what, text, .. } => {
                assert_eq!(text.expose_secret(), line);
                vec![Written::Copied { what: what.clone(), result: Ok(format!("{what} was copied.")) }]
            }
            _ => Vec::new(),
        });
        let script = script.keys("c");
        assert!(script.shows("The command was copied."), "{}", script.screen());
    }
}

#[test]
fn the_command_line_that_does_the_same_shows_and_is_copied() {
    let script = review((80, 24), world::wizard("portainer"), world::facts()).keys("<end>");
    insta::assert_snapshot!("review_command", script.screen());
    let script = script.writer(|write| match write {
        Write::Copy { what, text, .. } => {
            let line = "akwiz create portainer --url=https://auth.example.com --set=app=https://portainer.example.com";
            assert_eq!(text.expose_secret(), line);
            vec![Written::Copied { what: what.clone(), result: Ok(format!("{what} was copied.")) }]
        }
        _ => Vec::new(),
    });
    let script = script.keys("c");
    assert!(script.shows("The command was copied."), "{}", script.screen());
}
