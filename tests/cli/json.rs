//! `--json`: one document on standard output, everything else on standard error.

use insta::assert_snapshot;

use crate::run::Home;

const PORTAINER: &str = "--set=app=https://portainer.example.com";

#[test]
fn a_plan_is_one_document() {
    let said = Home::new().run(&["plan", "portainer", "--demo", "--json", PORTAINER]);
    let document = said.document("plan");
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    assert_eq!((&document["created"], &document["changed"]), (&3.into(), &0.into()));
    assert_snapshot!(said.page());
}

#[test]
fn what_was_created_is_one_document_and_progress_stands_beside_it() {
    let arguments = ["create", "portainer", "--demo", "--json", PORTAINER, "--yes"];
    let said = Home::new().run(&arguments);
    let document = said.document("create");
    assert!(said.code == 0 && said.err.contains("done  Create provider and application"), "{}", said.page());
    let application = &document["applications"][0];
    assert!(application["client_secret"].is_null() && document["settings"]["hidden"] == true, "{}", said.page());
    assert!(!said.out.contains("\\\"client_secret\\\": \\\""));

    let revealed: Vec<&str> = arguments.into_iter().chain(["--reveal", "--quiet"]).collect();
    let said = Home::new().run(&revealed);
    let document = said.document("create");
    let secret = document["applications"][0]["client_secret"].as_str().unwrap();
    assert_eq!((secret.len(), document["settings"]["hidden"].as_bool(), said.err.as_str()), (128, Some(false), ""));
    let entered = document["settings"]["items"].as_array().unwrap().iter().filter_map(|item| item["fields"].as_array()).flatten();
    assert!(entered.into_iter().any(|field| field["value"] == secret), "{}", said.page());
}

#[test]
fn a_failure_is_a_document_too() {
    for (arguments, kind, code) in [
        (&["plan", "portainer", "--demo", "--json"][..], "usage", 2),
        (&["plan", "grafana", "--demo", "--json", "--set=app=https://grafana.example.com"], "conflict", 6),
        (&["plan", "portainer", "--json", PORTAINER, "--url=http://127.0.0.1:1"], "unreachable", 4),
        (&["plan", "--json", "--typo"], "usage", 2),
        (&["app", "--json"], "usage", 2),
    ] {
        let said = Home::new().run_with(arguments, "", &[("AUTHENTIK_TOKEN", "x")]);
        let document = said.document("error");
        assert_eq!((said.code, document["kind"].as_str(), document["code"].as_i64()), (code, Some(kind), Some(code.into())));
        assert!(said.err.contains("error: ") && !document["hints"].as_array().unwrap().is_empty(), "{}", said.page());
    }
}

#[test]
fn lists_are_documents() {
    let home = Home::new();
    let apps = home.run(&["apps", "pve", "--json"]).document("apps");
    assert_eq!(apps["apps"][0]["id"], "proxmox-ve");
    let receipts = home.run(&["receipts", "--json"]).document("receipts");
    assert_eq!(receipts["receipts"], serde_json::json!([]));
}

#[test]
fn quiet_leaves_only_warnings() {
    let said = Home::new().run(&["create", "portainer", "--demo", "--quiet", PORTAINER, "--yes"]);
    assert!(said.code == 0 && said.err.lines().all(|line| line.starts_with("warning: ")), "{}", said.page());
}

#[test]
fn nothing_to_change_has_a_code_of_its_own() {
    let said = Home::new().run(&["plan", "portainer", "--demo", PORTAINER, "--detailed-exitcode"]);
    assert_eq!(said.code, 0, "{}", said.page());
}

#[test]
fn every_document_stands_on_the_page_about_them() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("docs/json.md")).unwrap();
    for entry in std::fs::read_dir(root.join("docs/json")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let format = name.strip_suffix(".schema.json").unwrap();
        assert!(page.contains(&format!("| `akwiz.{format}` |")) && page.contains(&format!("(json/{name})")), "{format}");
    }
}

#[test]
fn what_is_found_is_a_document() {
    let home = Home::new();
    let audit = home.run(&["audit", "--demo", "--json"]).document("audit");
    assert!(audit["looked_at"].as_u64().unwrap() >= 2, "{audit}");
    home.run(&["doctor", "grafana", "--demo", "--json"]).document("doctor");
    std::fs::write(home.path().join("bad.toml"), "schema = 1\nid = \"bad\"\n").unwrap();
    let said = home.run(&["template", "lint", "bad.toml", "--json"]);
    let lint = said.document("template-lint");
    assert_eq!((said.code, &lint["findings"][0]["severity"]), (1, &"error".into()));
}
