//! `export`: Terraform, blueprints, and a page for people.

use insta::assert_snapshot;

use crate::bench::Bench;
use crate::run::Home;

#[test]
fn terraform() {
    assert_snapshot!(Home::new().run(&["export", "grafana", "--demo", "--format", "terraform"]).page());
}

#[test]
fn blueprint() {
    assert_snapshot!(Home::new().run(&["export", "grafana", "wiki", "--demo", "--format", "blueprint"]).page());
}

#[test]
fn markdown() {
    assert_snapshot!(Home::new().run(&["export", "grafana", "wiki", "--demo", "--format", "markdown"]).page());
}

#[test]
fn what_is_not_there_is_said_with_what_is_like_it() {
    let said = Home::new().run(&["export", "grafanna", "--demo", "--format", "terraform"]);
    assert!(said.code == 2 && said.err.contains("Did you mean “grafana”?"), "{}", said.page());
    let said = Home::new().run(&["export", "grafana", "--demo", "--format", "helm"]);
    assert!(said.code == 2 && said.err.contains("terraform, blueprint, markdown"), "{}", said.page());
    assert_eq!(Home::new().run(&["export", "--demo", "--format", "markdown"]).code, 2);
    let env = [("AUTHENTIK_TOKEN", "x"), ("AUTHENTIK_URL", "http://127.0.0.1:1")];
    assert_eq!(Home::new().run_with(&["export", "grafana", "--format", "markdown"], "", &env).code, 4);
}

#[test]
fn the_text_is_in_the_document() {
    let said = Home::new().run(&["export", "grafana", "--demo", "--format", "terraform", "--json"]);
    let document = said.document("export");
    assert_eq!((said.code, document["written"].as_str()), (0, Some("terraform")));
    assert!(document["text"].as_str().unwrap().contains("resource \"authentik_provider_oauth2\" \"grafana\""));
    let secret = regex::Regex::new(r"\b[A-Za-z0-9]{128}\b").unwrap();
    for format in ["terraform", "blueprint", "markdown"] {
        let said = Home::new().run(&["export", "grafana", "--demo", "--format", format]);
        assert!(said.code == 0 && !secret.is_match(&said.out), "{}", said.page());
    }
}

#[test]
fn what_was_made_together_is_exported_together() {
    let bench = Bench::new();
    bench.done(&[
        "create",
        "owncloud",
        "--yes",
        "--set=app=https://files.example.com",
        "--set=clients=desktop",
        "--set=clients=ios",
    ]);
    let slugs = |arguments: &[&str]| {
        let said = bench.done(&[&["export"], arguments, &["--format=blueprint", "--json"]].concat());
        let document = said.document("export");
        let text = document["text"].as_str().unwrap();
        let slugs: Vec<String> = serde_json::from_value(document["slugs"].clone()).unwrap();
        assert!(slugs.iter().all(|slug| text.contains(&format!("slug: \"{slug}\""))), "{text}");
        (slugs, document["gaps"].to_string(), said.err)
    };
    let (all, gaps, said) = slugs(&["owncloud"]);
    assert_eq!(all, ["owncloud", "owncloud-desktop", "owncloud-ios"]);
    assert_eq!(gaps, "[]");
    assert!(said.contains("“owncloud-ios” is in it, too: it was made together with “owncloud”."), "{said}");
    assert_eq!(slugs(&["owncloud-ios"]).0, ["owncloud-ios", "owncloud", "owncloud-desktop"]);
    let (one, gaps, _) = slugs(&["owncloud", "--only"]);
    assert_eq!(one, ["owncloud"]);
    assert!(gaps.contains("“owncloud-desktop” is not in it") && gaps.contains("“owncloud-ios”"), "{gaps}");

    // What is gone, or somebody else's by now, is not taken along.
    bench.done(&["remove", "owncloud-desktop", "--yes"]);
    bench.spoil("ownCloud iOS", &serde_json::json!({"client_id": "mine-now"}));
    assert_eq!(slugs(&["owncloud"]).0, ["owncloud"]);
}

#[test]
fn what_is_missing_in_the_text_is_said() {
    let said = Home::new().run(&["export", "wiki", "--demo", "--format=terraform"]);
    assert!(said.err.contains("The provider of “wiki” is not in it"), "{}", said.page());
    let bench = Bench::new();
    bench.done(&["create", "chatgpt", "--yes"]);
    let said = bench.done(&["export", "chatgpt", "--format=markdown"]);
    assert!(said.err.contains("“chatgpt” waits for its second pass"), "{}", said.page());
}
