//! `export`: login sources.

use insta::assert_snapshot;

use crate::bench::Bench;

fn with_sources() -> Bench {
    let bench = Bench::new();
    std::fs::write(bench.home.path().join("canary"), "canary-secret").unwrap();
    std::fs::write(bench.home.path().join("idp.pem"), "MAMCAQE=").unwrap();
    for create in [
        &["create", "google", "--set=client_id=1234.apps.googleusercontent.com", "--set-file=client_secret=canary", "--yes"][..],
        &[
            "create",
            "keycloak-login",
            "--set=app=https://keycloak.example.com",
            "--set=realm=company",
            "--set-file=certificate=idp.pem",
            "--yes",
        ],
        &["create", "plex", "--plex-client-id=c", "--plex-token-file=canary", "--plex-server=m-1", "--yes"],
    ] {
        bench.done(create);
    }
    bench
}

/// Without the keys, which are new each time.
fn steady(page: &str) -> String {
    let key = regex::Regex::new("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}").unwrap();
    key.replace_all(page, "KEY").into_owned()
}

#[test]
fn terraform() {
    let said = with_sources().done(&["export", "google", "keycloak", "plex", "--format", "terraform"]);
    assert_snapshot!(steady(&said.page()));
}

#[test]
fn blueprint() {
    let said = with_sources().done(&["export", "google", "keycloak", "plex", "grafana", "--format", "blueprint"]);
    assert_snapshot!(steady(&said.page()));
}

#[test]
fn markdown() {
    let said = with_sources().done(&["export", "source/google", "keycloak", "--format", "markdown"]);
    assert_snapshot!(steady(&said.page()));
}

#[test]
fn no_secret_is_in_any_of_them_and_the_document_names_the_slugs() {
    let bench = with_sources();
    for format in ["terraform", "blueprint", "markdown"] {
        let document = bench.done(&["export", "google", "plex", "--format", format, "--json"]).document("export");
        assert_eq!(document["slugs"], serde_json::json!(["google", "plex"]));
        assert!(!document["text"].as_str().unwrap().contains("canary"), "{document}");
    }
    let said = bench.run(&["export", "source/grafana", "--format", "terraform"]);
    assert!(said.code == 2 && said.err.contains("There is no"), "{}", said.page());
}
