//! Client settings: values, tabs, copying, writing, taking back.

use akwiz::catalog::template::Level;
use akwiz::error::{Error, Kind};
use akwiz::setup::plan::Notice;
use akwiz::ui::Wizard;
use akwiz::ui::effect::Write;
use akwiz::ui::msg::{FileWritten, Written};
use akwiz::ui::steps::Step;
use secrecy::ExposeSecret as _;

use crate::script::Script;
use crate::world::{self, SIZES};

fn done(size: (u16, u16), wizard: Wizard) -> Script {
    Script::at(size, Step::Done, wizard).writer(writer).begin()
}

fn portainer() -> Wizard {
    world::done(world::wizard("portainer"))
}

fn writer(write: &Write) -> Vec<Written> {
    match write {
        Write::Copy { what, .. } => vec![Written::Copied { what: what.clone(), result: Ok(format!("{what} was copied.")) }],
        Write::File { path, secret, overwrite, .. } => {
            let path = path.display().to_string();
            vec![Written::File(Ok(match (path.as_str(), overwrite) {
                ("taken.txt", false) => FileWritten::Exists { path },
                _ => FileWritten::Written { path, private: *secret },
            }))]
        }
        _ => Vec::new(),
    }
}

#[test]
fn the_settings_in_the_applications_words() {
    for size in SIZES {
        let script = done(size, portainer());
        insta::assert_snapshot!(format!("done_{}x{}", size.0, size.1), script.screen());
    }
}

#[test]
fn every_tab() {
    let mut script = done((80, 24), portainer());
    for name in ["api", "json", "check", "authentik"] {
        script = script.keys("<right>");
        insta::assert_snapshot!(format!("done_tab_{name}"), script.screen());
    }
}

#[test]
fn secrets_stay_hidden_until_asked_for() {
    let wizard = portainer();
    let secret = wizard.outcome.as_ref().unwrap().parts[0].client_secret.clone().unwrap();
    let secret = &secret.expose_secret()[..20];
    let script = done((120, 40), wizard).keys("<down><down><down><down><down><down><down><down>").wait(200);
    assert!(!script.screen().contains(secret), "{}", script.screen());
    insta::assert_snapshot!("done_secret_hidden", script.screen());
    let script = script.keys("s");
    assert!(script.screen().contains(secret), "{}", script.screen());
    assert!(script.effects().iter().all(|effect| !effect.contains(secret)));
}

#[test]
fn a_move_costs_the_marker_alone() {
    let mut script = done((100, 30), portainer());
    for _ in 0..4 {
        script = script.keys("<down>");
        assert!(script.bytes() <= 120, "{} bytes", script.bytes());
    }
    assert!(script.wake_at().is_some());
    let script = script.wait(200);
    assert!(script.bytes() <= 1_500, "{} bytes", script.bytes());
    assert_eq!(script.wake_at(), None, "idle");
}

#[test]
fn copying_says_what_the_clipboard_says() {
    let script = done((80, 24), portainer()).keys("<down><down>c");
    insta::assert_snapshot!("done_copied", script.screen());
    let script = script.keys("<down>c");
    assert!(script.shows("Nothing to copy: switch \"Use SSO\" on."), "{}", script.screen());
}

#[test]
fn a_secret_that_passes_through_something_is_asked_about_once() {
    let mut wizard = portainer();
    wizard.start.clipboard_through = Some("the terminal (OSC 52)".into());
    let script = done((80, 24), wizard).keys("<right>C");
    insta::assert_snapshot!("done_copy_asks", script.screen());
    let script = script.keys("n");
    assert!(!script.effects().iter().any(|effect| effect.starts_with("Write(Copy")));
    let script = script.keys("CyC");
    assert_eq!(script.effects().iter().filter(|effect| effect.starts_with("Write(Copy")).count(), 2);
}

#[test]
fn writing_asks_where_and_never_replaces_unasked() {
    let script = done((80, 24), portainer()).keys("<right>w");
    insta::assert_snapshot!("done_write_asks", script.screen());
    let script = script.keys("<enter>");
    assert!(script.shows("Written to portainer-oauth.json. Only you can read it."), "{}", script.screen());
    let script = script.keys("w<c-u>taken.txt<enter>");
    insta::assert_snapshot!("done_write_exists", script.screen());
    let script = script.keys("<enter>w<c-u>taken.txt<enter>n");
    assert!(script.shows("Written to taken.txt."), "{}", script.screen());
}

#[test]
fn leaving_without_a_copy_asks() {
    let script = done((80, 24), portainer()).keys("<enter>");
    insta::assert_snapshot!("done_leave_asks", script.screen());
    assert_eq!(script.quit(), None);
    assert_eq!(script.keys("<enter>").quit(), Some(0));
    assert_eq!(done((80, 24), portainer()).keys("<down><down>c<enter>").quit(), Some(0));
}

#[test]
fn another_application_begins_at_the_list() {
    let script = done((80, 24), portainer()).keys("<down><down>cn");
    assert_eq!(script.step(), Step::Pick);
    assert!(script.wizard().template.is_none() && script.wizard().outcome.is_none());
}

#[test]
fn taking_back_says_what_it_will_do_and_what_it_did() {
    let script = done((80, 24), portainer()).keys("u");
    insta::assert_snapshot!("done_undo_asks", script.screen());
    let script = script.keys("undo<enter>").wait(400);
    assert!(script.shows("Taking back"), "{}", script.screen());
    assert!(script.wizard().applying);
    let script = script.written(Written::Undone(Ok(vec!["Application \"Portainer\" deleted.".into()])));
    insta::assert_snapshot!("done_undone", script.screen());
    assert_eq!(script.keys("<enter>").quit(), Some(0));
}

#[test]
fn a_failed_undo_leaves_the_settings() {
    let error = Error::new(Kind::Refused, "Nothing could be taken back.").hint("Create “Portainer”: The token lacks a right.");
    let script = done((80, 24), portainer()).keys("uundo<enter>").written(Written::Undone(Err(error)));
    assert!(script.shows("Nothing could be taken back."), "{}", script.screen());
    assert!(script.shows("The token lacks a right."), "the reason is shown: {}", script.screen());
    let script = script.keys("<enter>");
    assert!(script.shows("Client ID") || script.shows("Sign-in"), "{}", script.screen());
}

#[test]
fn what_the_look_afterwards_found_stands_on_top() {
    let mut wizard = portainer();
    let text = "The issuer that authentik names is http://auth.example.com/application/o/portainer/, not https.".into();
    wizard.outcome.as_mut().unwrap().notices = vec![Notice { level: Level::Danger, text }];
    let script = done((60, 20), wizard);
    insta::assert_snapshot!("done_notice", script.screen());
}

#[test]
fn commands_and_sources() {
    let script = done((80, 24), world::done(world::wizard("proxmox-ve")));
    insta::assert_snapshot!("done_command", script.screen());
    let script = done((80, 24), world::done(world::with_plex(world::wizard("plex"))));
    insta::assert_snapshot!("done_source", script.screen());
}

#[test]
fn a_value_that_comes_late_is_entered_and_reviewed() {
    let mut script = done((80, 24), world::done(world::wizard("chatgpt"))).reader(world::reader(world::facts_with_chatgpt()));
    script = script.keys("a");
    insta::assert_snapshot!("done_late_asks", script.screen());
    let script = script.keys("nowhere<enter>");
    assert!(script.shows("An address that begins with https://"), "{}", script.screen());
    let script = script.keys("<c-u>https://external.auth.openai.com/sso/oidc/abc/callback<enter>");
    assert_eq!(script.step(), Step::Review);
    insta::assert_snapshot!("done_late_review", script.screen());
    let script = script.wait(400).keys("<enter>");
    assert_eq!(script.step(), Step::Apply, "{}", script.screen());
}
