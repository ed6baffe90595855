//! Plex: signing in, servers, the login page.

use akwiz::error::{Error, Kind};
use akwiz::setup::answers::{Input, LoginPage, PlexServer};
use akwiz::ui::effect::Read;
use akwiz::ui::msg::{Answer, PlexPin, PlexPolled, Written};
use akwiz::ui::steps::Step;

use crate::script::Script;
use crate::world::{self, SIZES};

fn pin() -> PlexPin {
    PlexPin {
        id: 7,
        code: "AB2C".into(),
        url: "https://app.plex.tv/auth#!?clientID=k3jf8sd7f6g5h4j3k2l1&code=x8f7g6h5j4k3l2m1n0p9&context%5Bdevice%5D%5Bproduct%5D=akwiz"
            .into(),
        client_identifier: "k3jf8sd7f6g5h4j3k2l1k3jf8sd7f6g5h4j3k2l1".into(),
        valid_for: 900_000,
    }
}

fn with_code(size: (u16, u16)) -> Script {
    Script::at(size, Step::PlexSignIn, world::wizard("plex"))
        .reader(|read| matches!(read, Read::PlexStart).then(|| Answer::PlexPin(Ok(pin()))))
        .begin()
}

fn servers() -> Vec<PlexServer> {
    vec![PlexServer { id: "m1".into(), name: "Attic".into() }, PlexServer { id: "m2".into(), name: "Living room".into() }]
}

#[test]
fn the_code_and_what_it_means() {
    for size in SIZES {
        let script = with_code(size);
        insta::assert_snapshot!(format!("plex_code_{}x{}", size.0, size.1), script.screen());
    }
}

#[test]
fn waiting_is_cheap_and_goes_on_by_itself() {
    let script = with_code((80, 24));
    assert_eq!((script.open(), script.wake_at()), (1, None), "one question is open and nothing ticks");
    let script = script.answer_to("PlexPoll", Answer::PlexPolled(Ok(PlexPolled::Waiting)));
    assert_eq!((script.open(), script.bytes()), (1, 0), "asked again, nothing drawn");
    let error = Error::new(Kind::Unreachable, "plex.tv did not answer.");
    let script = script.answer_to("PlexPoll", Answer::PlexPolled(Err(error)));
    assert!(script.shows("plex.tv did not answer. akwiz goes on asking."), "{}", script.screen());
    let script = script.answer_to("PlexPoll", Answer::PlexPolled(Ok(PlexPolled::SignedIn("plextoken".to_owned().into()))));
    assert!(script.wait(300).shows("Looking for the account's servers"));
}

#[test]
fn signing_in_leads_to_the_servers() {
    let script = with_code((80, 24))
        .answer_to("PlexPoll", Answer::PlexPolled(Ok(PlexPolled::SignedIn("plextoken".to_owned().into()))))
        .answer_to("PlexServers", Answer::PlexServers(Ok(servers())));
    assert_eq!(script.step(), Step::PlexServers);
    assert!(script.effects().iter().all(|effect| !effect.contains("plextoken")));
    insta::assert_snapshot!("plex_servers", script.screen());
    let script = script.keys("<enter>");
    assert!(script.shows("Choose at least one server with Space"), "{}", script.screen());
    let script = script.keys("<down><space><enter>");
    assert_eq!(script.step(), Step::LoginPage);
    assert_eq!(script.wizard().answers.source.plex.as_ref().unwrap().allowed, ["m2"]);
}

#[test]
fn coming_back_keeps_the_account() {
    let script = Script::at((80, 24), Step::PlexServers, world::with_plex(world::wizard("plex"))).begin().keys("<esc>");
    assert_eq!(script.step(), Step::PlexSignIn);
    insta::assert_snapshot!("plex_signed_in", script.screen());
    let script = script.keys("<enter>");
    assert_eq!(script.step(), Step::PlexServers);
    assert!(script.shows("[x] Attic"), "{}", script.screen());
}

#[test]
fn a_code_that_expired_and_one_that_never_came() {
    let script = with_code((80, 24)).answer_to("PlexPoll", Answer::PlexPolled(Ok(PlexPolled::Expired)));
    insta::assert_snapshot!("plex_expired", script.screen());
    assert!(script.keys("r").shows("A B 2 C"));
    let script = Script::at((80, 24), Step::PlexSignIn, world::wizard("plex")).begin().wait(300);
    assert!(script.shows("Asking plex.tv for a code"), "{}", script.screen());
    let error =
        Error::new(Kind::Unreachable, "plex.tv cannot be reached.").hint("See whether this machine reaches the internet.");
    let script = script.answer_to("PlexStart", Answer::PlexPin(Err(error)));
    insta::assert_snapshot!("plex_failed", script.screen());
    assert_eq!(script.keys("<esc>").step(), Step::Questions);
}

#[test]
fn the_address_can_be_copied() {
    let script = with_code((80, 24)).writer(|_| Vec::new()).keys("c");
    assert!(script.effects().iter().any(|effect| effect.contains("Copy")));
    let script = script.written(Written::Copied { what: "Address".into(), result: Ok("Sent to the terminal.".into()) });
    assert!(script.shows("Sent to the terminal."), "{}", script.screen());
}

#[test]
fn friends_need_no_server_and_bring_a_bug() {
    let mut wizard = world::with_plex(world::wizard("plex"));
    wizard.answers.give("access", Input::Text("friends".into()));
    wizard.answers.source.plex.as_mut().unwrap().allowed.clear();
    let script = Script::at((60, 20), Step::PlexServers, wizard).begin();
    insta::assert_snapshot!("plex_friends", script.screen());
    assert_eq!(script.keys("<enter>").step(), Step::LoginPage);
}

#[test]
fn an_account_without_servers() {
    let mut wizard = world::with_plex(world::wizard("plex"));
    wizard.answers.source.plex.as_mut().unwrap().servers.clear();
    let script = Script::at((80, 24), Step::PlexServers, wizard).begin().keys("<enter>");
    insta::assert_snapshot!("plex_no_servers", script.screen());
    let script = Script::at((80, 24), Step::PlexServers, world::wizard("plex")).begin();
    assert!(script.shows("Nobody has signed in to Plex yet."), "{}", script.screen());
    assert_eq!(script.keys("<enter>").step(), Step::PlexSignIn);
}

#[test]
fn the_stage_of_the_login_flow_is_marked() {
    for size in SIZES {
        let wizard = world::with_plex(world::wizard("plex"));
        let script = Script::at(size, Step::LoginPage, wizard).reader(world::reader(world::facts())).begin();
        insta::assert_snapshot!(format!("login_page_{}x{}", size.0, size.1), script.screen());
        let script = script.keys("<enter>");
        assert_eq!(script.wizard().answers.source.login_page, LoginPage::Stage("s1".into()));
        assert_eq!(script.step(), Step::Review);
    }
}

#[test]
fn the_source_can_stay_hidden_and_the_choice_is_kept() {
    let wizard = world::with_plex(world::wizard("plex"));
    let script = Script::at((80, 24), Step::LoginPage, wizard).reader(world::reader(world::facts())).begin().keys("<end><enter>");
    assert_eq!(script.wizard().answers.source.login_page, LoginPage::Hidden);
    let script = script.keys("8");
    assert!(script.shows("> Nowhere yet"), "{}", script.screen());
}

#[test]
fn a_login_page_that_cannot_be_seen() {
    let script = Script::at((80, 24), Step::LoginPage, world::wizard("plex")).begin().wait(300);
    assert!(script.shows("Looking at the login page's stages"), "{}", script.screen());
    let script = script.answer_to("Facts", Answer::Facts(Err(Error::new(Kind::Refused, "The token may not see flows."))));
    assert!(script.shows("The token may not see flows."), "{}", script.screen());
    let mut facts = world::facts();
    facts.identification_stages.clear();
    let script = Script::at((80, 24), Step::LoginPage, world::wizard("plex")).reader(world::reader(facts)).begin();
    insta::assert_snapshot!("login_page_empty", script.screen());
}
