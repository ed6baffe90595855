//! What holds for every command: help, a document on success, and each way in which it can end that is none.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::bench::Bench;
use crate::run::{Home, Said};

const APP: &str = "--set=app=https://portainer.example.com";

/// Commands that ask a server, with what they need besides.
const ASK: [&[&str]; 17] = [
    &["plan", "portainer", APP],
    &["create", "portainer", APP, "--yes"],
    &["apply", "--file=apps.toml", "--yes"],
    &["login", "--token-stdin"],
    &["status"],
    &["list"],
    &["show", "portainer"],
    &["settings", "portainer"],
    &["update", "portainer", "--yes"],
    &["rotate", "portainer", "--yes", "--confirm=portainer"],
    &["remove", "portainer", "--yes"],
    &["adopt", "portainer"],
    &["check", "portainer"],
    &["watch", "portainer"],
    &["doctor", "portainer"],
    &["audit"],
    &["export", "portainer", "--format=blueprint"],
];

/// Commands that ask nobody. `undo` is among them because it begins with a receipt.
const LOCAL: [&str; 8] = ["apps", "app", "logout", "receipts", "undo", "template", "completions", "man"];

const FILE: &str =
    "name = \"lab\"\n[[application]]\ntemplate = \"portainer\"\nanswers = { app = \"https://portainer.example.com\" }\n";

fn commands() -> BTreeSet<String> {
    let help = Home::new().run(&["--help"]).out;
    let (_, list) = help.split_once("Commands:\n").unwrap();
    let (list, _) = list.split_once("\n\n").unwrap();
    let names = list.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    names.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help").map(str::to_owned).collect()
}

/// Twice, for people and as a document, which has to be the error of this kind and nothing else.
fn fails(words: &[&str], code: i32, kind: &str, run: impl Fn(&[&str]) -> Said) -> Said {
    let said = run(words);
    assert_eq!((said.code, said.out.as_str()), (code, ""), "{words:?}: {}", said.page());
    assert!(said.err.contains("error: "), "{words:?}: {}", said.page());
    let document = run(&[words, &["--json"]].concat());
    assert_eq!(document.code, code, "{words:?}: {}", document.page());
    let error = document.document("error");
    assert_eq!((&error["kind"], error["code"].as_i64()), (&Value::from(kind), Some(code.into())), "{words:?}: {}", said.page());
    said
}

#[test]
fn every_command_stands_here() {
    let here: BTreeSet<String> = ASK.iter().map(|words| words[0]).chain(LOCAL).map(str::to_owned).collect();
    assert_eq!(commands(), here);
}

#[test]
fn an_option_that_there_is_not_is_a_usage_error() {
    let home = Home::new();
    for command in commands() {
        let said = fails(&[&command, "--no-such-option"], 2, "usage", |words| home.run(words));
        assert!(said.err.contains("--no-such-option"), "{command}: {}", said.page());
    }
    let said = home.run(&["portainer"]);
    assert_eq!(said.code, 2, "{}", said.page());
    assert!(home.run(&["aply", "-f", "x"]).err.contains("'apply'"), "similar commands are named");
}

#[test]
fn a_server_that_is_not_there_has_its_code() {
    let home = Home::new();
    std::fs::write(home.path().join("apps.toml"), FILE).unwrap();
    let env = [("AUTHENTIK_TOKEN", "token"), ("AUTHENTIK_URL", "http://127.0.0.1:1")];
    for words in ASK {
        let said = fails(words, 4, "unreachable", |words| {
            home.run_with(&[words, &["--public-url=https://auth.example.com"]].concat(), "token", &env)
        });
        assert!(said.err.contains("Nothing is listening at 127.0.0.1:1") && said.err.contains("hint: "), "{}", said.page());
        assert!(!said.err.contains("cause: "), "{}", said.page());
    }
    let more = home.run_with(&["list", "--public-url=https://auth.example.com", "-v"], "", &env);
    assert!(more.err.contains("cause: "), "{}", more.page());
}

#[test]
fn a_token_that_is_refused_has_its_code() {
    let bench = Bench::new();
    std::fs::write(bench.home.path().join("apps.toml"), FILE).unwrap();
    let env = [("AUTHENTIK_TOKEN", "wrong"), ("AUTHENTIK_URL", bench.server.base_url())];
    for words in ASK {
        fails(words, 3, "refused", |words| {
            bench.home.run_with(&[words, &["--public-url=https://auth.example.com"]].concat(), "wrong", &env)
        });
    }
    assert!(bench.server.log().iter().all(|entry| !entry.is_write()) && bench.receipts().is_empty());
}

#[test]
fn without_an_address_or_a_token_it_is_said_what_to_do() {
    let bench = Bench::new();
    std::fs::write(bench.home.path().join("apps.toml"), FILE).unwrap();
    for words in ASK {
        let said = fails(words, 2, "usage", |words| bench.home.run_with(words, "token", &[]));
        assert!(said.err.contains("--url=ADDRESS") && said.err.contains("--demo"), "{words:?}: {}", said.page());
        if words[0] != "login" {
            let env = [("AUTHENTIK_URL", bench.server.base_url())];
            let public = "--public-url=https://auth.example.com";
            let said = fails(words, 2, "usage", |words| bench.home.run_with(&[words, &[public]].concat(), "", &env));
            assert!(said.err.contains("akwiz login") && said.err.contains("--token-file"), "{words:?}: {}", said.page());
        }
    }
}

#[test]
fn what_a_command_did_is_a_document() {
    let bench = Bench::new();
    std::fs::write(bench.home.path().join("apps.toml"), FILE).unwrap();
    let template = bench.home.run(&["template", "new", "mine"]).out;
    std::fs::write(bench.home.path().join("mine.toml"), template).unwrap();
    // In an order in which each finds what it needs.
    for (words, format) in [
        (&["plan", "portainer", APP][..], "plan"),
        (&["create", "portainer", APP, "--yes"], "create"),
        (&["apply", "--file=apps.toml", "--yes"], "apply"),
        (&["status"], "status"),
        (&["list"], "list"),
        (&["show", "portainer"], "show"),
        (&["settings", "portainer"], "settings"),
        (&["update", "portainer", "--yes"], "update"),
        (&["rotate", "portainer", "--yes", "--confirm=portainer"], "rotate"),
        (&["adopt", "portainer"], "adopt"),
        (&["doctor", "portainer"], "doctor"),
        (&["export", "portainer", "--format=blueprint"], "export"),
        (&["audit", "--least=error"], "audit"),
        (&["receipts"], "receipts"),
        (&["remove", "portainer", "--yes"], "remove"),
        (&["create", "portainer", APP, "--yes"], "create"),
        (&["undo", "--yes"], "undo"),
        (&["logout"], "logout"),
        (&["apps", "portainer"], "apps"),
        (&["app", "portainer"], "app"),
        (&["template", "lint", "mine.toml"], "template-lint"),
        (&["template", "new", "mine"], "template-new"),
        (&["completions", "bash"], "completions"),
        (&["man", "create"], "man"),
        (&["man", "--folder=."], "man"),
    ] {
        let said = bench.done(&[words, &["--json", "--no-input"]].concat());
        said.document(format);
        let said = bench.run(&[words, &["--json", "--no-input", "--quiet"]].concat());
        assert!(said.err.lines().all(|line| !line.starts_with("note: ")), "{words:?}: {}", said.page());
    }
}

#[test]
fn nothing_to_change_has_its_code_where_it_is_asked_for() {
    let bench = Bench::new();
    std::fs::write(bench.home.path().join("apps.toml"), FILE).unwrap();
    bench.done(&["create", "portainer", APP, "--yes"]);
    for words in [
        &["plan", "portainer", APP, "--update"][..],
        &["create", "portainer", APP, "--update", "--yes"],
        &["update", "portainer", "--yes"],
        &["apply", "--file=apps.toml", "--yes"],
    ] {
        bench.done(words);
        for more in [&["--detailed-exitcode"][..], &["--detailed-exitcode", "--json"]] {
            assert_eq!(bench.run(&[words, more].concat()).code, 10, "{words:?}");
        }
    }
    assert_eq!(bench.receipts().len(), 1);
}

#[test]
fn what_exists_already_is_a_conflict() {
    let bench = Bench::new();
    for words in [
        &["plan", "grafana", "--set=app=https://grafana.example.com"][..],
        &["create", "grafana", "--set=app=https://grafana.example.com", "--yes"],
    ] {
        let said = fails(words, 6, "conflict", |words| bench.run(words));
        assert!(said.err.contains("--update") && said.err.contains("--rename="), "{}", said.page());
    }
    assert!(bench.wrote_nothing());
}

#[test]
fn what_was_done_in_part_has_its_code() {
    let bench = Bench::new();
    let create = [
        "create",
        "gitea",
        "--set=app=https://git.example.com",
        "--access=new-group:devs",
        "--launch-url=https://git.example.com:port",
    ];
    let said = bench.run(&[&create[..], &["--yes"]].concat());
    assert!(said.code == 5 && said.err.contains("left behind: Create the group “devs”"), "{}", said.page());
    assert!(said.err.contains("hint: Take back what was done: akwiz undo"), "{}", said.page());
    let document = bench.run(&[&create[..4], &["--access=new-group:ops", create[4], "--yes", "--json"]].concat());
    assert_eq!((document.code, document.document("error")["kind"].as_str()), (5, Some("partial")), "{}", document.page());

    let wrong = "[[application]]\ntemplate = \"miniflux\"\nanswers = { app = \"https://rss.example.com\" }\n\
        options = { launch_url = \"https://rss.example.com:port\" }\n";
    std::fs::write(bench.home.path().join("apps.toml"), format!("{FILE}{wrong}")).unwrap();
    let apply = ["apply", "--file=apps.toml", "--yes"];
    let said = bench.run(&apply);
    assert!(said.code == 5 && said.out.contains("1 of 2 done."), "{}", said.page());
    assert!(said.err.contains(" failed  miniflux: ") && said.err.contains("run the same command again"), "{}", said.page());
    let said = bench.run(&[&apply[..], &["--json"]].concat());
    let document = said.document("apply");
    let states: Vec<&str> =
        document["applications"].as_array().unwrap().iter().map(|application| application["state"].as_str().unwrap()).collect();
    assert_eq!((said.code, states), (5, vec!["same", "failed"]), "{}", said.page());
    // What was wrong is mended, and running again finishes.
    std::fs::write(bench.home.path().join("apps.toml"), format!("{FILE}{}", wrong.replace(":port", ""))).unwrap();
    bench.done(&apply);
    assert_eq!(bench.run(&[&apply[..], &["--detailed-exitcode"]].concat()).code, 10);
}

#[test]
fn what_would_be_asked_says_which_option_answers_it() {
    let bench = Bench::new();
    std::fs::write(bench.home.path().join("apps.toml"), FILE).unwrap();
    bench.done(&["create", "gitea", "--set=app=https://git.example.com", "--yes"]);
    let writes = bench.server.log().len();
    for (words, hint) in [
        (&["create", "portainer", APP][..], "--yes"),
        (&["create", "portainer"], "--set=app="),
        (&["apply", "--file=apps.toml"], "--yes"),
        (&["update", "gitea", "--name=Git"], "--yes"),
        (&["rotate", "gitea"], "--confirm=gitea --yes"),
        (&["remove", "gitea"], "--yes"),
        (&["remove", "grafana"], "--confirm=grafana --yes"),
        (&["undo"], "--yes"),
        (&["login"], "--token-stdin"),
    ] {
        for more in [&[][..], &["--no-input"]] {
            let said = bench.run(&[words, more].concat());
            assert!(said.code == 2 && said.err.contains(hint), "{words:?}: {}", said.page());
            assert_eq!(
                said.err.contains("--no-input forbids"),
                !more.is_empty() && hint != "--set=app=",
                "{words:?}: {}",
                said.page()
            );
        }
    }
    assert!(bench.server.log()[writes..].iter().all(|entry| !entry.is_write() || !(200..300).contains(&entry.status)));
}

#[test]
fn nothing_is_colored_and_no_cursor_moves_where_no_terminal_is() {
    let home = Home::new();
    for words in [&["create", "portainer", "--demo", APP, "--yes"][..], &["apps"], &["app", "portainer"], &["audit", "--demo"]] {
        for env in [("TERM", "xterm-256color"), ("TERM", "dumb"), ("CLICOLOR_FORCE", "1")] {
            let said = home.run_with(words, "", &[env]);
            assert!(!said.out.contains('\u{1b}') && !said.err.contains(['\u{1b}', '\r']), "{words:?} {env:?}: {}", said.page());
        }
    }
}
