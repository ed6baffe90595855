//! `apply`: login sources in the file of applications.

use insta::assert_snapshot;

use crate::bench::Bench;

const FILE: &str = r#"
name = "homelab"

[defaults]
access = "group:family"

[[application]]
template = "portainer"
answers = { app = "https://portainer.example.com" }

[[application]]
template = "github"
answers = { client_id = "Ov23liABCDEFGHIJKLMN", client_secret = { file = "github.secret" } }

[[application]]
template = "keycloak-login"
answers = { app = "https://keycloak.example.com", realm = "company", certificate = "MAMCAQE=" }

[[application]]
template = "plex"
plex = { client_id = "akwiz0", token = { file = "plex.token" }, servers = ["m-1=Attic"] }
"#;

fn with(file: &str) -> Bench {
    let bench = Bench::new();
    write(&bench, file);
    std::fs::write(bench.home.path().join("github.secret"), "canary-github\n").unwrap();
    std::fs::write(bench.home.path().join("plex.token"), "canary-plex\n").unwrap();
    bench
}

fn write(bench: &Bench, file: &str) {
    std::fs::write(bench.home.path().join("apps.toml"), file).unwrap();
}

fn shown(bench: &Bench) -> usize {
    let stages = bench.server.state()["identification_stages"].as_array().unwrap().clone();
    stages.iter().filter_map(|stage| stage["sources"].as_array()).map(Vec::len).sum()
}

#[test]
fn they_stand_in_the_one_plan() {
    let said = with(FILE).run(&["apply", "-f", "apps.toml", "--dry-run"]);
    assert!(!said.out.contains("canary"), "{}", said.page());
    assert_snapshot!(said.page());
}

#[test]
fn they_are_made_once_and_shown_on_the_login_page() {
    let bench = with(FILE);
    let before = shown(&bench);
    let said = bench.done(&["apply", "-f", "apps.toml", "--yes", "--settings-dir=settings"]);
    assert!(said.out.contains("4 of 4 done."), "{}", said.page());
    assert_eq!(bench.object("sources", "slug", "github").unwrap()["consumer_secret"], "canary-github");
    assert_eq!(bench.object("sources", "slug", "plex").unwrap()["plex_token"], "canary-plex");
    assert!(bench.object("sources", "slug", "keycloak").is_some());
    assert_eq!(shown(&bench), before + 3, "each stands beside the others");
    let settings = std::fs::read_to_string(bench.home.path().join("settings/source-github.txt")).unwrap();
    assert!(settings.contains("Settings for GitHub"), "{settings}");

    bench.server.clear_log();
    let said = bench.run(&["apply", "-f", "apps.toml", "--yes", "--prune", "--detailed-exitcode"]);
    assert_eq!((said.code, said.out.as_str()), (10, "Nothing to do: everything is as it should be.\n"), "{}", said.page());
    assert!(bench.wrote_nothing());

    // The account of a Plex source that exists need not stand in the file.
    let (without, _) = FILE.split_once("plex = {").unwrap();
    write(&bench, without);
    assert_eq!(bench.run(&["apply", "-f", "apps.toml", "--yes", "--detailed-exitcode"]).code, 10);
}

#[test]
fn what_changed_in_the_file_is_changed_and_what_left_it_is_pruned() {
    let bench = with(FILE);
    let before = shown(&bench);
    bench.done(&["apply", "-f", "apps.toml", "--yes"]);
    let changed = FILE.replace("realm = \"company\"", "realm = \"company\", matching = \"email_deny\"");
    let (head, rest) = changed.split_once("[[application]]\ntemplate = \"github\"").unwrap();
    let (_, tail) = rest.split_once("[[application]]").unwrap();
    write(&bench, &format!("{head}[[application]]{tail}"));
    let said = bench.done(&["apply", "-f", "apps.toml", "--prune", "--dry-run"]);
    assert!(said.out.contains("- remove source/github") && said.out.contains("~ change keycloak"), "{}", said.page());
    let said = bench.done(&["apply", "-f", "apps.toml", "--prune", "--yes"]);
    assert!(said.err.contains("removed  source/github"), "{}", said.page());
    assert!(bench.object("sources", "slug", "github").is_none());
    assert_eq!(bench.object("sources", "slug", "keycloak").unwrap()["user_matching_mode"], "email_deny");
    assert_eq!(shown(&bench), before + 2);
    assert_eq!(bench.run(&["apply", "-f", "apps.toml", "--prune", "--yes", "--detailed-exitcode"]).code, 10);
}

#[test]
fn what_others_made_is_left_alone_unless_it_is_said() {
    let bench = with(
        "[[application]]\ntemplate = \"github\"\nanswers = { client_id = \"Ov23liABCDEFGHIJKLMN\", client_secret = { file = \"github.secret\" }, matching = \"email_deny\" }\n",
    );
    let create = ["create", "github", "--set=client_id=Ov23liABCDEFGHIJKLMN", "--secret-stdin=client_secret", "--yes"];
    assert_eq!(bench.run_with(&create, "canary").code, 0);
    std::fs::remove_dir_all(bench.home.path().join(".local/state/akwiz/receipts")).unwrap();
    let said = bench.run(&["apply", "-f", "apps.toml", "--yes"]);
    assert!(said.code == 5 && said.out.contains("! leave github: The login source “github” exists"), "{}", said.page());
    write(
        &bench,
        &std::fs::read_to_string(bench.home.path().join("apps.toml")).unwrap().replace("answers", "update = true\nanswers"),
    );
    bench.done(&["apply", "-f", "apps.toml", "--yes"]);
    let source = bench.object("sources", "slug", "github").unwrap();
    assert_eq!((&source["user_matching_mode"], &source["consumer_secret"]), (&"email_deny".into(), &"canary".into()));
}

#[test]
fn each_failure_has_its_place_and_its_word() {
    let bench = with("[[application]]\ntemplate = \"plex\"\n");
    let said = bench.run(&["apply", "-f", "apps.toml", "--yes"]);
    assert!(said.code == 5 && said.out.contains("! leave plex: Nobody has signed in to Plex yet."), "{}", said.page());
    write(
        &bench,
        "[[application]]\ntemplate = \"github\"\naccess = \"me\"\nanswers = { client_id = \"x\", client_secret = \"canary\" }\n",
    );
    let said = bench.run(&["apply", "-f", "apps.toml", "--yes"]);
    assert!(said.code == 2 && said.err.contains("apps.toml:3:10: Access is to applications"), "{}", said.page());
    assert!(said.err.contains("apps.toml:4:46: “client_secret” is a secret") && !said.err.contains("canary"), "{}", said.page());
    let twice =
        "[[application]]\ntemplate = \"github\"\nanswers = { client_id = \"x\", client_secret = { file = \"github.secret\" } }\n";
    write(&bench, &format!("{twice}{twice}"));
    let said = bench.run(&["apply", "-f", "apps.toml", "--yes"]);
    assert!(said.code == 2 && said.err.contains("The slug “github” is wanted in line 1"), "{}", said.page());
    assert!(bench.wrote_nothing());
}

#[test]
fn the_document_says_which_is_a_source() {
    let bench = with(FILE);
    let document = bench.done(&["apply", "-f", "apps.toml", "--yes", "--json"]).document("apply");
    let rows = document["applications"].as_array().unwrap();
    let row = |index: usize| {
        (rows[index]["kind"].as_str().unwrap(), rows[index]["slug"].as_str().unwrap(), rows[index]["state"].as_str().unwrap())
    };
    assert_eq!(row(0), ("application", "portainer", "created"));
    assert_eq!(row(1), ("source", "github", "created"));
}
