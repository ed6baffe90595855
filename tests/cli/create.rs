//! `plan` and `create` against the stand-in inside the process.

use insta::assert_snapshot;

use crate::run::Home;

const PORTAINER: &str = "--set=app=https://portainer.example.com";

#[test]
fn a_plan_is_shown_and_nothing_is_done() {
    let home = Home::new();
    let said = home.run(&["plan", "portainer", "--demo", PORTAINER, "--access=group:family"]);
    assert_snapshot!(said.page());
    assert!(home.files().is_empty());
}

#[test]
fn portainer_is_created_and_its_settings_are_printed() {
    let home = Home::new();
    let said = home.run(&["create", "portainer", "--demo", PORTAINER, "--yes"]);
    assert_snapshot!(said.page());
    assert!(home.files().is_empty(), "the demo writes nothing");
}

#[test]
fn a_token_that_the_server_makes_is_among_the_settings() {
    let said = Home::new().run(&["create", "entra-id-scim", "--demo", "--yes"]);
    assert_eq!(said.code, 0, "{}", said.page());
    assert!(said.out.contains("Secret Token: (hidden)"), "{}", said.out);
}

#[test]
fn the_secret_is_shown_only_when_asked_for() {
    let arguments = ["create", "portainer", "--demo", PORTAINER, "--yes", "--reveal"];
    let said = Home::new().run(&arguments);
    let secret = regex::Regex::new(r"\b[A-Za-z0-9]{128}\b").unwrap();
    assert!(said.code == 0 && secret.is_match(&said.out), "{}", said.page());
    assert!(!secret.is_match(&said.err));
    let said = Home::new().run(&arguments[..5]);
    assert!(said.code == 0 && !secret.is_match(&said.out) && !secret.is_match(&said.err));
}

#[test]
fn without_a_terminal_and_without_yes_nothing_is_done() {
    let said = Home::new().run_with(&["create", "portainer", "--demo", PORTAINER], "y\n", &[]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("there is no terminal to ask on") && said.err.contains("--yes"), "{}", said.err);
}

#[test]
fn a_taken_slug_is_a_conflict_with_both_ways_out() {
    let said = Home::new().run(&["plan", "grafana", "--demo", "--set=app=https://grafana.example.com"]);
    assert_eq!(said.code, 6, "{}", said.page());
    assert!(said.err.contains("--update") && said.err.contains("--rename="), "{}", said.err);
}

#[test]
fn something_in_use_needs_its_slug_typed() {
    let arguments =
        ["create", "portainer", "--demo", PORTAINER, "--slug=grafana", "--update", "--subject-mode=user_email", "--yes"];
    let said = Home::new().run(&arguments);
    assert_eq!(said.code, 2, "{}", said.page());
    assert!(said.err.contains("--confirm=grafana"), "{}", said.err);
    let confirmed: Vec<&str> = arguments.into_iter().chain(["--confirm=grafana"]).collect();
    let said = Home::new().run(&confirmed);
    assert_eq!(said.code, 0, "{}", said.page());
}

#[test]
fn a_proxy_provider_cannot_be_updated() {
    let said = Home::new().run(&["plan", "portainer", "--demo", PORTAINER, "--slug=wiki", "--update"]);
    assert_eq!(said.code, 6, "{}", said.page());
    assert!(said.err.contains("It cannot be changed.") && said.err.contains("--rename="), "{}", said.err);
}
