//! What is on a server: list, show, settings, update, rotate, remove, adopt.

use insta::assert_snapshot;

use crate::bench::Bench;
use crate::run::Home;

const CREATE: [&str; 4] = ["create", "portainer", "--set=app=https://portainer.example.com", "--yes"];

#[test]
fn the_seeded_applications_are_listed() {
    let said = Home::new().run(&["list", "--demo"]);
    assert_snapshot!(said.page());
    let document = Home::new().run(&["list", "graf", "--demo", "--json"]).document("list");
    assert_eq!(document["applications"].as_array().unwrap().len(), 1);
    assert_eq!(document["applications"][0]["known"], "recognized");
    assert_eq!(document["applications"][0]["open_to"]["groups"], serde_json::json!(["staff"]));
}

#[test]
fn one_application_is_shown() {
    let said = Home::new().run(&["show", "grafana", "--demo"]);
    assert_snapshot!(said.page());
    let document = Home::new().run(&["show", "wiki", "--demo", "--json"]).document("show");
    assert!(document["provider"].is_null() && !document["untouchable"].is_null(), "{document}");
}

#[test]
fn what_is_not_there_gets_similar_slugs() {
    for command in ["show", "settings", "update", "rotate", "remove", "adopt"] {
        let said = Home::new().run(&[command, "grafna", "--demo"]);
        assert_eq!(said.code, 2, "{}", said.page());
        assert!(
            said.err.contains("There is no application or login source “grafna”") && said.err.contains("Did you mean “grafana”?"),
            "{}",
            said.err
        );
    }
}

#[test]
fn settings_are_shown_again_and_secrets_when_asked_for() {
    let bench = Bench::new();
    bench.done(&CREATE);
    let secret = bench.object("providers", "name", "Portainer").unwrap()["client_secret"].as_str().unwrap().to_owned();
    let said = bench.done(&["settings", "portainer"]);
    assert!(said.out.contains("(hidden)") && !said.out.contains(&secret) && !said.err.contains(&secret), "{}", said.page());
    let said = bench.done(&["settings", "Portainer", "--reveal"]);
    assert!(said.out.contains(&secret), "the slug is found without case: {}", said.page());
    let document = bench.done(&["settings", "portainer", "--json", "--reveal"]).document("settings");
    assert_eq!((&document["known"], &document["settings"]["hidden"]), (&"receipt".into(), &false.into()));
    let document = bench.done(&["settings", "portainer", "--json", "--format=command"]).document("settings");
    let items = document["settings"]["items"].as_array().unwrap();
    assert!(items.iter().all(|item| item["kind"] == "api") && !items.is_empty(), "{document}");
    let said = bench.run(&["settings", "portainer", "--format=env"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("It has: "), "{}", said.err);
}

#[test]
fn a_command_that_asks_for_the_secret_says_where_it_is() {
    let bench = Bench::new();
    bench.done(&["create", "proxmox-ve", "--set=nodes=pve1.example.com", "--yes"]);
    let said = bench.done(&["settings", "proxmox-ve", "--format=command", "--reveal"]);
    assert!(said.err.contains("akwiz settings proxmox-ve --reveal"), "{}", said.page());
    let said = bench.done(&["settings", "proxmox-ve", "--format=json", "--reveal"]);
    assert!(!said.err.contains("not in this form"), "{}", said.page());
}

#[test]
fn settings_of_what_is_recognized_need_no_receipt() {
    let said = Home::new().run(&["settings", "grafana", "--demo", "--format=env", "--reveal", "--quiet"]);
    assert!(said.code == 0 && said.err.is_empty(), "{}", said.page());
    assert!(said.out.starts_with("GF_SERVER_ROOT_URL=https://grafana.home.example\n"), "{}", said.out);
    let said = Home::new().run(&["settings", "wiki", "--demo", "--template=portainer"]);
    assert_eq!(said.code, 3, "{}", said.page());
    let said = Home::new().run(&["settings", "router", "--demo", "--template=portainer"]);
    assert!(said.code == 2 && said.err.contains("has no provider"), "{}", said.page());
}

#[test]
fn what_was_decided_is_remembered_for_update() {
    let bench = Bench::new();
    let decided = ["--subject-mode=user_email", "--slug=containers", "--group=Servers"];
    let create: Vec<&str> = CREATE.into_iter().chain(decided).collect();
    bench.done(&create);
    let said = bench.run(&["update", "containers", "--detailed-exitcode"]);
    assert_eq!(said.code, 10, "nothing of it is undone: {}", said.page());

    let said = bench.done(&["update", "containers", "--set=app=https://docker.example.com", "--dry-run"]);
    assert_snapshot!(said.page());
    assert_eq!(bench.receipts().len(), 1, "a dry run does nothing");
    let document =
        bench.done(&["update", "containers", "--set=app=https://docker.example.com", "--yes", "--json"]).document("update");
    assert_eq!((&document["applied"], &document["plan"]["changed"]), (&true.into(), &2.into()));
    let tile = |wanted: &str| {
        let there = bench.object("applications", "slug", "containers").unwrap()["meta_launch_url"].clone();
        assert_eq!(there, wanted);
    };
    tile("https://docker.example.com/");
    let uris = bench.object("providers", "name", "Portainer").unwrap()["redirect_uris"].clone();
    assert_eq!(uris.as_array().unwrap().len(), 2, "nothing is removed: {uris}");

    // A tile that somebody led elsewhere stays there.
    bench.done(&["update", "containers", "--launch-url=https://start.example.com", "--yes"]);
    bench.done(&["update", "containers", "--set=app=https://boxes.example.com", "--yes"]);
    tile("https://start.example.com");

    // The newer answer holds from now on.
    let said = bench.run(&["update", "containers", "--detailed-exitcode"]);
    assert_eq!(said.code, 10, "{}", said.page());
    let said = bench.run(&["update", "containers", "--subject-mode=user_id", "--yes"]);
    assert!(said.code == 2 && said.err.contains("--confirm=containers"), "{}", said.page());
}

#[test]
fn an_answer_about_the_application_alone_is_kept() {
    let bench = Bench::new();
    bench.done(&CREATE);
    let identifier = || bench.done(&["settings", "portainer", "--format=form"]).out.contains("User identifier: email");
    let update = ["update", "portainer", "--set=identifier=email"];
    let said = bench.done(&[&update[..], &["--dry-run", "--detailed-exitcode"]].concat());
    assert!(said.err.contains("change what to enter in the application") && !identifier(), "{}", said.page());
    let said = bench.done(&update);
    assert!(said.err.contains("akwiz settings portainer") && identifier() && bench.receipts().len() == 2, "{}", said.page());
    assert_eq!(bench.run(&[&update[..], &["--detailed-exitcode"]].concat()).code, 10);
    assert_eq!(bench.receipts().len(), 2);
    // It still is what akwiz made.
    bench.done(&["remove", "portainer", "--yes"]);
}

#[test]
fn update_without_a_terminal_changes_nothing() {
    let said = Home::new().run(&["update", "grafana", "--demo"]);
    assert_eq!(said.code, 2, "{}", said.page());
    assert!(said.err.contains("Do it without asking: --yes"), "{}", said.err);
    let document = Home::new().run(&["update", "grafana", "--demo", "--json", "--no-input"]).document("error");
    assert!(document["message"].as_str().unwrap().contains("--no-input"), "{document}");
}

#[test]
fn a_secret_is_rotated_only_when_the_slug_is_typed() {
    let bench = Bench::new();
    bench.done(&CREATE);
    let secret = || bench.object("providers", "name", "Portainer").unwrap()["client_secret"].as_str().unwrap().to_owned();
    let old = secret();
    let said = bench.run(&["rotate", "portainer", "--yes"]);
    assert!(said.code == 2 && said.err.contains("--confirm=portainer") && secret() == old, "{}", said.page());
    let said = bench.done(&["rotate", "portainer", "--yes", "--confirm=portainer"]);
    let new = secret();
    assert!(new != old && new.len() == 128, "{}", said.page());
    assert!(!said.out.contains(&new) && said.err.contains("The old secret does not work any more"), "{}", said.page());
    let document = bench.done(&["rotate", "portainer", "--yes", "--confirm=portainer", "--reveal", "--json"]).document("rotate");
    assert_eq!(document["client_secret"], secret());
    assert_ne!(secret(), new);
    for (name, text) in bench.receipts() {
        assert!(!text.contains(&old) && !text.contains(&new), "{name}");
    }
}

#[test]
fn a_public_client_has_no_secret_to_rotate() {
    let bench = Bench::new();
    let create: Vec<&str> = CREATE.into_iter().chain(["--client-type=public"]).collect();
    let said = bench.run(&create);
    assert!(said.code == 2 && said.err.contains("Nothing was changed"), "Portainer needs a secret: {}", said.page());
    bench.done(&[
        "create",
        "netbird",
        "--set=app=https://netbird.example.com",
        "--set-env=service_password=AUTHENTIK_TOKEN",
        "--yes",
    ]);
    let said = bench.run(&["rotate", "netbird", "--yes"]);
    assert!(said.code == 2 && said.err.contains("is a public client"), "{}", said.page());
    let said = bench.run(&["rotate", "wiki", "--yes"]);
    assert!(said.code == 2 && said.err.contains("of another kind"), "{}", said.page());
}

#[test]
fn what_akwiz_made_is_removed_by_its_receipt() {
    let bench = Bench::new();
    let before = bench.server.state();
    bench.done(&CREATE);
    let said = bench.run(&["remove", "portainer"]);
    assert!(said.code == 2 && said.err.contains("--yes"), "{}", said.page());
    let document = bench.done(&["remove", "portainer", "--yes", "--json"]).document("remove");
    assert!(document["complete"] == true && !document["receipt"].is_null(), "{document}");
    for table in ["applications", "providers", "certificates", "bindings"] {
        assert_eq!(bench.server.state()[table], before[table], "{table}");
    }
    let receipts = bench.done(&["receipts", "--json"]).document("receipts");
    assert_eq!(receipts["receipts"][0]["state"], "taken_back");
}

#[test]
fn what_another_run_made_is_named_when_the_application_is_removed() {
    let bench = Bench::new();
    bench.done(&["create", "meshcentral", "--set=app=https://mesh.example.com", "--yes"]);
    bench.done(&["update", "meshcentral", "--set=admins=yes", "--yes"]);
    let said = bench.done(&["remove", "meshcentral", "--yes"]);
    assert!(
        said.err.contains("which stays: Create the group “MeshCentral Admins”. Take it back too: akwiz undo "),
        "{}",
        said.page()
    );
    let receipts = bench.done(&["receipts", "--json"]).document("receipts");
    bench.done(&["undo", receipts["receipts"][0]["id"].as_str().unwrap(), "--yes"]);
    assert!(bench.object("groups", "name", "MeshCentral Admins").is_none());
    bench.done(&CREATE);
    assert!(!bench.done(&["remove", "portainer", "--yes"]).err.contains("which stays"), "one run made all of it");
}

#[test]
fn what_akwiz_did_not_make_is_removed_only_when_the_slug_is_typed() {
    let bench = Bench::new();
    let said = bench.run(&["remove", "grafana", "--yes"]);
    assert_eq!(said.code, 2);
    assert_snapshot!(said.page());
    let said = bench.run(&["remove", "grafana", "--yes", "--confirm=paperless"]);
    assert!(said.code == 2 && bench.wrote_nothing(), "{}", said.page());
    let said = bench.run(&["remove", "wiki", "--yes", "--confirm=wiki"]);
    assert!(said.code == 3 && bench.wrote_nothing(), "a proxy provider is not ours: {}", said.page());
    bench.done(&["remove", "grafana", "--yes", "--confirm=grafana"]);
    assert!(bench.object("applications", "slug", "grafana").is_none());
    assert!(bench.object("providers", "name", "Provider for Grafana").is_none());
}

#[test]
fn a_part_of_a_receipt_leaves_the_rest() {
    let bench = Bench::new();
    bench.done(&CREATE);
    // Somebody else made another application by that slug: the receipt is not about it.
    bench.done(&["remove", "portainer", "--yes"]);
    bench.done(&CREATE);
    let receipts = bench.done(&["receipts", "--json"]).document("receipts");
    let states: Vec<&str> =
        receipts["receipts"].as_array().unwrap().iter().map(|receipt| receipt["state"].as_str().unwrap()).collect();
    assert_eq!(states.iter().filter(|state| **state == "finished").count(), 1, "{states:?}");
}

#[test]
fn an_application_is_adopted_without_a_change() {
    let bench = Bench::new();
    let said = bench.done(&["adopt", "grafana"]);
    assert_snapshot!(said.page());
    assert!(bench.wrote_nothing());
    let shown = bench.done(&["show", "grafana", "--json"]).document("show");
    assert_eq!((&shown["known"], &shown["template"]), (&"receipt".into(), &"grafana".into()));
    let said = bench.done(&["receipts"]);
    assert!(said.out.contains("adopted"), "{}", said.out);
    // It is known now, and nothing is recorded twice.
    let document = bench.done(&["adopt", "grafana", "--json"]).document("adopt");
    assert_eq!((&document["known"], bench.receipts().len()), (&"receipt".into(), 1));
    // An adopted application is still somebody else's.
    let said = bench.run(&["remove", "grafana", "--yes"]);
    assert!(said.code == 2 && said.err.contains("--confirm=grafana"), "{}", said.page());
    let said = bench.run(&["undo", "--yes"]);
    assert!(said.code == 2 && said.err.contains("no receipt that could be taken back"), "{}", said.page());
}

#[test]
fn what_cannot_be_recognized_has_to_be_named() {
    let bench = Bench::new();
    let create: Vec<&str> = CREATE.into_iter().chain(["--slug=boxes", "--name=Boxes"]).collect();
    bench.done(&create);
    for (name, _) in bench.receipts() {
        std::fs::remove_file(bench.home.path().join(name)).unwrap();
    }
    let said = bench.run(&["adopt", "boxes"]);
    assert!(said.code == 2 && said.err.contains("--template=ID"), "{}", said.page());
    let document = bench.done(&["adopt", "boxes", "--template=portainer", "--json"]).document("adopt");
    assert_eq!(document["answers"]["app"], "https://portainer.example.com");
    assert_eq!(document["differs"]["changed"], 0, "{document}");
    let said = bench.run(&["adopt", "boxes", "--template=portaner"]);
    assert!(said.code == 2 && said.err.contains("Did you mean “portainer”?"), "{}", said.page());
}
