//! `export`: Terraform, blueprints, and a page for people.

use insta::assert_snapshot;

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
