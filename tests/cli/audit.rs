//! `audit`: everything at once, for people and for monitoring.

use insta::assert_snapshot;
use serde_json::json;

use crate::bench::Bench;
use crate::run::Home;

#[test]
fn the_homelab_is_looked_at() {
    let home = Home::new();
    let said = home.run(&["audit", "--demo"]);
    assert_snapshot!(said.page());
    let said = home.run(&["audit", "--demo", "--least=warning"]);
    assert_eq!((said.code, said.out.as_str()), (0, "3 looked at: 0 errors, 0 warnings, 0 notes.\n"), "{}", said.page());
}

#[test]
fn monitoring_gets_an_exit_code_and_a_document() {
    let bench = Bench::new();
    bench
        .spoil("Provider for Grafana", &json!({"signing_key": null, "redirect_uris": [{"matching_mode": "regex", "url": ".*"}]}));
    let said = bench.run(&["audit", "--json"]);
    let document = said.document("audit");
    assert_eq!((said.code, &document["errors"], &document["warnings"]), (1, &json!(1), &json!(1)), "{}", said.page());
    let grafana = document["objects"].as_array().unwrap().iter().find(|object| object["slug"] == "grafana").unwrap();
    let rules: Vec<&str> =
        grafana["findings"].as_array().unwrap().iter().map(|finding| finding["rule"].as_str().unwrap()).collect();
    assert_eq!(rules[..2], ["no-signing-key", "redirect-wide"]);
    assert!(bench.server.log().iter().skip_while(|entry| entry.method == "PATCH").all(|entry| !entry.is_write()));
}

#[test]
fn everything_that_is_wrong_is_mended_in_one_go_and_taken_back() {
    let bench = Bench::new();
    for name in ["Provider for Grafana", "Provider for Paperless"] {
        bench.spoil(name, &json!({"signing_key": null, "issuer_mode": "per_provider"}));
    }
    let before = bench.server.state();
    let arguments = ["audit", "--fix", "--yes"];
    let said = bench.run(&arguments);
    assert_eq!(said.code, 0, "{}", said.page());
    let key = bench.provider("Provider for Grafana")["signing_key"].clone();
    assert!(key.is_string() && bench.provider("Provider for Paperless")["signing_key"] == key, "one key is made for both");
    let receipts = bench.run(&["receipts"]);
    let id = receipts.out.split_whitespace().next().unwrap().to_owned();
    let said = bench.run(&["undo", &id, "--yes"]);
    assert_eq!(said.code, 0, "{}", said.page());
    for table in ["providers", "certificates"] {
        assert_eq!(bench.server.state()[table], before[table], "{table}");
    }
}
