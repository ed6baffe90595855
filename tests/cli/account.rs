//! The server and its token: login, status, logout, and what happens without rights.

use insta::assert_snapshot;

use crate::bench::Bench;
use crate::run::Home;

const CREATE: [&str; 4] = ["create", "portainer", "--set=app=https://portainer.example.com", "--yes"];
/// What is needed to look, and nothing to write.
const LOOK: [&str; 8] = [
    "authentik_core.view_application",
    "authentik_core.view_provider",
    "authentik_core.view_group",
    "authentik_providers_oauth2.view_oauth2provider",
    "authentik_providers_oauth2.view_scopemapping",
    "authentik_flows.view_flow",
    "authentik_crypto.view_certificatekeypair",
    "authentik_policies.view_policybinding",
];

#[test]
fn the_status_says_whose_token_it_is_and_what_it_lacks() {
    let mut bench = Bench::new();
    let said = bench.done(&["status"]);
    assert!(said.out.contains("Token: of “akadmin”, a superuser; from AUTHENTIK_TOKEN"), "{}", said.out);
    bench.with_rights(&LOOK);
    let said = bench.done(&["status", "--json"]);
    let document = said.document("status");
    let missing: Vec<&str> =
        document["missing_rights"].as_array().unwrap().iter().map(|right| right["codename"].as_str().unwrap()).collect();
    assert_eq!(
        missing,
        [
            "authentik_core.add_application",
            "authentik_providers_oauth2.add_oauth2provider",
            "authentik_policies.add_policybinding"
        ]
    );
    assert!(bench.wrote_nothing());
}

#[test]
fn without_a_token_the_status_says_how_to_get_one() {
    let bench = Bench::new();
    let said = bench.home.run_with(&["status"], "", &[("AUTHENTIK_URL", bench.server.base_url())]);
    assert_eq!(said.code, 2, "{}", said.page());
    assert!(said.err.contains("akwiz login") && said.err.contains("Directory > Tokens"), "{}", said.err);
}

#[test]
fn a_token_is_kept_or_it_is_said_that_it_is_not() {
    let bench = Bench::new();
    let url = format!("--url={}", bench.server.base_url());
    let token = "--token-stdin";
    let secret = secrecy::ExposeSecret::expose_secret(&bench.server.token()).to_owned();
    let said = bench.home.run_with(&["login", &url, token, "--profile=lab", "--json"], &secret, &[]);
    if said.code == 0 {
        let document = said.document("login");
        assert_eq!((&document["user"], &document["profile"]), (&"akadmin".into(), &"lab".into()));
        let status = bench.home.run(&["status", "--profile=lab", "--json"]).document("status");
        assert_eq!(status["user"], "akadmin");
        let gone = bench.home.run(&["logout", "--profile=lab", "--json"]).document("logout");
        assert_eq!(gone["removed"], true);
    } else {
        assert!(said.code == 70 && said.err.contains("works, but it is not kept"), "{}", said.page());
    }
    let said = bench.home.run(&["logout", &url]);
    assert!(said.code == 0 && said.out.contains("No token is kept"), "{}", said.page());
    for (name, text) in bench.home.files() {
        assert!(!text.contains(&secret), "{name}");
    }
}

#[test]
fn a_wrong_token_is_not_kept() {
    let bench = Bench::new();
    let url = format!("--url={}", bench.server.base_url());
    let said = bench.home.run_with(&["login", &url, "--token-stdin"], "wrong\n", &[]);
    assert_eq!(said.code, 3, "{}", said.page());
    let said = bench.home.run_with(&["login", &url, "--token-stdin"], "", &[]);
    assert!(said.code == 2 && said.err.contains("Standard input is empty"), "{}", said.page());
    let said = bench.home.run(&["login", &url]);
    assert!(said.code == 2 && said.err.contains("--token-stdin"), "{}", said.page());
    let said = bench.home.run(&["login", "--demo"]);
    assert_eq!(said.code, 2, "{}", said.page());
    assert_eq!(bench.home.run(&["login", "--token=x"]).code, 2, "a token is never an argument");
}

#[test]
fn a_profile_that_is_not_there_gets_similar_names() {
    let home = Home::new();
    let folder = home.path().join(".config/akwiz");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("config.toml"), "[profiles.home]\napi = \"http://127.0.0.1:1\"\n").unwrap();
    let said = home.run(&["list", "--profile=hoem"]);
    assert!(said.code == 2 && said.err.contains("Did you mean “home”?"), "{}", said.page());
    let said = home.run(&["list", "--profile=home", "--timeout=1"]);
    assert_eq!(said.code, 4, "{}", said.page());
}

#[test]
fn missing_rights_are_named_before_anything_is_written() {
    let mut bench = Bench::new();
    bench.done(&CREATE);
    bench.with_rights(&LOOK);
    bench.server.clear_log();
    let said = bench.run(&["create", "gitea", "--set=app=https://git.example.com", "--access=group:family", "--yes"]);
    assert_eq!(said.code, 3, "{}", said.page());
    assert!(said.err.contains("“Can add Application” (authentik_core.add_application)"), "{}", said.err);
    assert!(said.err.contains("authentik_policies.add_policybinding"), "{}", said.err);
    let said = bench.run(&["update", "portainer", "--set=app=https://docker.example.com", "--yes"]);
    assert_eq!(said.code, 3, "{}", said.page());
    assert!(said.err.contains("authentik_providers_oauth2.change_oauth2provider"), "{}", said.err);
    let said = bench.run(&["rotate", "portainer", "--yes", "--confirm=portainer"]);
    assert_eq!(said.code, 3, "{}", said.page());
    assert!(bench.wrote_nothing());
    assert_eq!(bench.receipts().len(), 1, "nothing was begun");
}

#[test]
fn a_token_that_can_make_it_but_not_finish_it_is_said_before() {
    const NEEDED: &str =
        "the second pass needs “Can change OAuth2/OpenID Provider” (authentik_providers_oauth2.change_oauth2provider)";
    let mut bench = Bench::new();
    bench.done(&CREATE);
    let add = [
        "authentik_core.add_application",
        "authentik_providers_oauth2.add_oauth2provider",
        "authentik_crypto.add_certificatekeypair",
    ];
    bench.with_rights(&LOOK.into_iter().chain(add).collect::<Vec<_>>());
    let app = "--set=app=https://pangolin.example.com";
    bench.server.clear_log();
    let said = bench.done(&["plan", "pangolin", app]);
    assert!(said.err.contains(NEEDED), "{}", said.page());
    assert!(bench.wrote_nothing());
    let said = bench.done(&["plan", "pangolin", app, "--json"]);
    assert!(said.document("plan")["notices"].to_string().contains(NEEDED), "{}", said.page());
    let said = bench.done(&["create", "pangolin", app, "--yes"]);
    assert!(said.err.contains(NEEDED), "{}", said.page());
    let said = bench.run(&["update", "pangolin", "--set=idp_number=1", "--yes"]);
    assert!(said.code == 3 && said.err.contains("authentik_providers_oauth2.change_oauth2provider"), "{}", said.page());
}

#[test]
fn undo_without_the_right_to_delete_names_it() {
    let mut bench = Bench::new();
    bench.done(&CREATE);
    bench.with_rights(&LOOK);
    for command in [&["undo", "--yes"][..], &["remove", "portainer", "--yes"]] {
        let said = bench.run(command);
        assert_eq!(said.code, 3, "{}", said.page());
        assert!(said.out.contains("“Can delete Application” (authentik_core.delete_application)"), "{}", said.page());
    }
    let said = bench.run(&["undo", "--yes", "--json"]);
    let document = said.document("undo");
    assert!(said.code == 3 && document["complete"] == false, "{}", said.page());
}

#[test]
fn what_may_not_be_seen_is_said() {
    let mut bench = Bench::new();
    bench.with_rights(&["authentik_core.view_application"]);
    let said = bench.run(&["list"]);
    assert_snapshot!(said.page());
}

#[test]
fn what_was_taken_back_in_part_has_its_own_code() {
    let mut bench = Bench::new();
    bench.done(&CREATE);
    let delete = ["authentik_core.delete_application", "authentik_providers_oauth2.delete_oauth2provider"];
    bench.with_rights(&LOOK.into_iter().chain(delete).collect::<Vec<_>>());
    let said = bench.run(&["undo", "--yes", "--json"]);
    let document = said.document("undo");
    let results: Vec<&str> =
        document["entries"].as_array().unwrap().iter().map(|entry| entry["result"].as_str().unwrap()).collect();
    assert_eq!((said.code, results), (5, vec!["taken_back", "failed"]), "{}", said.page());
    assert!(said.out.contains("authentik_crypto.delete_certificatekeypair"), "{}", said.page());
    assert!(bench.object("applications", "slug", "portainer").is_none());
}

#[test]
fn a_fault_of_this_machine_has_its_own_code() {
    let home = Home::new();
    let folder = home.path().join(".local/state/akwiz");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("receipts"), "no folder").unwrap();
    let said = home.run(&["receipts", "--json", "-v"]);
    let document = said.document("error");
    assert_eq!((said.code, &document["kind"]), (70, &"internal".into()), "{}", said.page());
    assert!(!document["causes"].as_array().unwrap().is_empty() && said.err.contains("cause: "), "{}", said.page());
}
