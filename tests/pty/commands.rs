//! Commands that ask: on a terminal, once each, and secrets unseen.

use akwiz::demo::{Options, StandIn};
use secrecy::ExposeSecret as _;
use tokio::sync::oneshot::channel;

use crate::terminal::{CTRL_C, ENTER, Session};

const SIZE: (u16, u16) = (100, 40);
const CREATE: [&str; 4] = ["create", "portainer", "--demo", "--set=app=https://portainer.example.com"];

#[test]
fn a_plan_is_done_after_a_yes() {
    let mut session = Session::start(SIZE, &CREATE, &[]);
    session.wait_for("Do it? [y/N]").keys("y").keys(ENTER);
    session.wait_for("To see that it works");
    assert_eq!(session.ended(), 0);
}

#[test]
fn anything_but_a_yes_changes_nothing() {
    let mut session = Session::start(SIZE, &CREATE, &[]);
    session.wait_for("Do it? [y/N]").keys(ENTER);
    session.wait_for("Nothing was changed.");
    assert_eq!(session.ended(), 130);
}

#[test]
fn every_command_that_asks_can_be_declined() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("apps.toml");
    let application = "[[application]]\ntemplate = \"portainer\"\nanswers = { app = \"https://portainer.example.com\" }\n";
    std::fs::write(&file, application).unwrap();
    for command in [
        &["apply", "-f", file.to_str().unwrap()][..],
        &["update", "grafana"],
        &["rotate", "grafana", "--confirm=grafana"],
        &["remove", "grafana", "--confirm=grafana"],
    ] {
        for answer in ["n\r", "\u{4}"] {
            let mut session = Session::start(SIZE, &[command, &["--demo"]].concat(), &[]);
            session.wait_for("Do it? [y/N]").keys(answer);
            session.wait_for("error: Nothing was changed.");
            assert_eq!(session.ended(), 130, "{command:?}");
        }
    }
}

/// Somebody else applies the same file while the question waits.
#[test]
fn what_changed_since_the_plan_was_shown_is_a_conflict() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let server = runtime.block_on(StandIn::start(Options::default())).unwrap();
    let (_stop, stopped) = channel::<()>();
    std::thread::spawn(move || runtime.block_on(stopped));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("apps.toml");
    std::fs::write(&file, "[[application]]\ntemplate = \"gitea\"\nanswers = { app = \"https://git.example.com\" }\n").unwrap();
    let token = server.token();
    let env = [("AUTHENTIK_TOKEN", token.expose_secret()), ("AUTHENTIK_URL", server.base_url())];
    let apply = ["apply", "-f", file.to_str().unwrap(), "--public-url=https://auth.example.com"];
    let mut waiting = Session::start(SIZE, &apply, &env);
    waiting.wait_for("Do it? [y/N]");
    let mut other = Session::start(SIZE, &[&apply[..], &["--yes"]].concat(), &env);
    other.wait_for("1 of 1 done.");
    assert_eq!(other.ended_with_files().0, 0);
    let writes = server.log().iter().filter(|entry| entry.is_write()).count();
    waiting.keys("y").keys(ENTER).wait_for("authentik has changed since the plan was shown.");
    assert_eq!(waiting.ended_with_files().0, 6);
    assert_eq!(server.log().iter().filter(|entry| entry.is_write()).count(), writes, "nothing was sent");
}

#[test]
fn what_cannot_be_put_back_wants_its_slug() {
    let mut session = Session::start(SIZE, &["remove", "grafana", "--demo", "--yes"], &[]);
    session.wait_for("Type grafana to go on:").keys("paperless").keys(ENTER);
    session.wait_for("Nothing was changed.");
    assert_eq!(session.ended(), 130);
    let mut session = Session::start(SIZE, &["rotate", "grafana", "--demo"], &[]);
    session.wait_for("Type grafana to go on:").keys("grafana").keys(ENTER);
    session.wait_for("Do it? [y/N]").keys("y").keys(ENTER);
    session.wait_for("The old secret does not work any more");
    assert_eq!(session.ended(), 0);
}

#[test]
fn a_token_is_typed_unseen() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let server = runtime.block_on(StandIn::start(Options::default())).unwrap();
    let (_stop, stopped) = channel::<()>();
    std::thread::spawn(move || runtime.block_on(stopped));
    let url = format!("--url={}", server.base_url());
    let token = server.token().expose_secret().to_owned();
    let mut session = Session::start(SIZE, &["login", &url], &[]);
    session.wait_for("API token:").keys(&token).keys(ENTER);
    // Where no keyring works, it says so.
    session.until("an outcome", |screen| {
        let shown = screen.contents();
        shown.contains("The token is kept in") || shown.contains("works, but it is not kept")
    });
    assert!(!String::from_utf8_lossy(&session.sent).contains(&token));
    assert!([0, 70].contains(&session.ended_with_files().0));
    let mut session = Session::start(SIZE, &["logout", &url], &[]);
    session.wait_for("kept");
    assert_eq!(session.ended_with_files().0, 0);

    let mut session = Session::start(SIZE, &["login", &url], &[]);
    session.wait_for("API token:").keys("half").keys(CTRL_C);
    session.wait_for("Nothing was changed.");
    assert_eq!(session.ended_with_files().0, 130);
}
