//! Help: each command says what it is for, and leads to the next.

use std::fmt::Write as _;

use akwiz::cli::Cli;
use clap::CommandFactory as _;
use insta::assert_snapshot;

use crate::run::Home;

/// Those that have a recorded help of their own are left out there.
const COMMANDS: [&[&str]; 26] = [
    &["apps"],
    &["app"],
    &["plan"],
    &["create"],
    &["login"],
    &["logout"],
    &["status"],
    &["list"],
    &["show"],
    &["settings"],
    &["update"],
    &["rotate"],
    &["remove"],
    &["adopt"],
    &["receipts"],
    &["undo"],
    &["check"],
    &["watch"],
    &["doctor"],
    &["audit"],
    &["export"],
    &["template"],
    &["template", "lint"],
    &["template", "new"],
    &["completions"],
    &["man"],
];

#[test]
fn every_command_has_help_with_examples() {
    let home = Home::new();
    let mut page = String::new();
    for command in COMMANDS {
        let said = home.run(&[command, &["-h"]].concat());
        assert_eq!((said.code, said.err.as_str()), (0, ""));
        // The global options are the same everywhere.
        let (own, _) = said.out.split_once("Global options:").unwrap();
        let (_, examples) = said.out.split_once("Examples:").unwrap_or_else(|| panic!("{command:?} has no example"));
        let _ = writeln!(page, "$ akwiz {} -h\n{own}Examples:{examples}", command.join(" "));
    }
    assert_snapshot!(page);
}

/// A file to copy or a command that is broken over two lines is no longer one.
#[test]
fn examples_fit_a_small_terminal() {
    let mut akwiz = Cli::command();
    akwiz.build();
    let templates = akwiz.find_subcommand("template").unwrap();
    for command in std::iter::once(&akwiz).chain(akwiz.get_subcommands()).chain(templates.get_subcommands()) {
        let text = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        for line in text.lines() {
            assert!(line.chars().count() <= 80, "{}: {line}", command.get_name());
        }
    }
}

#[test]
fn what_a_template_asks_is_told() {
    let home = Home::new();
    assert_snapshot!(home.run(&["app", "portainer"]).page());
    let document = home.run(&["app", "osticket", "--json"]).document("app");
    assert!(document["asks"].as_array().unwrap().iter().any(|question| question["needed"] == true), "{document}");
    for id in ["plex", "gitea", "netbird", "proxmox-ve", "plesk"] {
        home.run(&["app", id, "--json"]).document("app");
    }
    let said = home.run(&["app", "portainr"]);
    assert!(said.code == 2 && said.err.contains("Did you mean “portainer”?"), "{}", said.page());
}

#[test]
fn all_missing_answers_are_listed_with_the_options_that_give_them() {
    let home = Home::new();
    let mut page = String::new();
    for arguments in [&["plan", "osticket", "--demo"][..], &["create", "netbird", "--demo", "--no-input"]] {
        let _ = writeln!(page, "$ akwiz {}\n{}", arguments.join(" "), home.run(arguments).page());
    }
    assert_snapshot!(page);
}

#[test]
fn a_secret_comes_from_a_file_standard_input_or_the_environment() {
    let home = Home::new();
    let base = ["plan", "netbird", "--demo", "--set=app=https://netbird.example.com"];
    let run = |more: &[&str], input: &str, env: &[(&str, &str)]| {
        let arguments: Vec<&str> = base.iter().chain(more).copied().collect();
        home.run_with(&arguments, input, env)
    };
    let said = run(&["--set=service_password=canary"], "", &[]);
    assert!(said.code == 2 && said.err.contains("--set-env=service_password=VARIABLE"), "{}", said.page());
    assert!(!said.err.contains("canary") && !said.out.contains("canary"));
    std::fs::write(home.path().join("secret"), "canary\n").unwrap();
    for (more, input, env) in [
        ("--set-file=service_password=secret", "", ("A", "")),
        ("--secret-stdin=service_password", "canary\n", ("A", "")),
        ("--set-env=service_password=NETBIRD", "", ("NETBIRD", "canary")),
    ] {
        let said = run(&[more], input, &[env]);
        assert_eq!(said.code, 0, "{more}: {}", said.page());
        assert!(!said.err.contains("canary") && !said.out.contains("canary"), "{more}");
    }
}
