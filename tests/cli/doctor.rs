//! `doctor`: finds, shows, mends, and says nothing of secrets.

use insta::assert_snapshot;
use secrecy::ExposeSecret as _;

use crate::bench::Bench;
use crate::run::Home;

#[test]
fn what_is_wrong_is_named_and_a_fix_is_shown() {
    let said = Home::new().run(&[
        "doctor",
        "--demo",
        "http://auth.home.example/application/o/authorize/?response_type=code&client_id=none&redirect_uri=http%3A%2F%2Fgrafana.home.example%2Flogin%2Fgeneric_oauth&scope=openid,email",
    ]);
    assert_snapshot!(said.page());
}

#[test]
fn nothing_is_changed_before_it_is_confirmed() {
    let bench = Bench::new();
    bench.spoil("Provider for Paperless", &serde_json::json!({"signing_key": null}));
    let before = bench.server.state();
    bench.server.clear_log();
    for arguments in [&["doctor", "paperless"][..], &["doctor", "paperless", "--fix"]] {
        let said = bench.run(&[arguments, &[]].concat());
        assert!(said.out.contains("no-signing-key") && said.out.contains("What --fix does"), "{}", said.page());
        assert_eq!(said.code, if arguments.contains(&"--fix") { 2 } else { 1 }, "{}", said.page());
    }
    assert!(bench.server.log().iter().all(|entry| !entry.is_write()));
    assert_eq!(bench.server.state(), before);
    assert!(bench.receipts().is_empty());
}

#[test]
fn a_fix_is_recorded_and_can_be_taken_back() {
    let bench = Bench::new();
    bench.spoil("Provider for Paperless", &serde_json::json!({"signing_key": null}));
    let before = bench.server.state()["certificates"].clone();
    let said = bench.run(&["doctor", "paperless", "--fix", "--yes"]);
    assert_eq!(said.code, 0, "{}", said.page());
    assert!(said.err.contains("Take it back: akwiz undo"), "{}", said.page());
    assert!(bench.provider("Provider for Paperless")["signing_key"].is_string());
    assert_eq!(bench.receipts().len(), 1);
    let said = bench.run(&["receipts"]);
    let id = said.out.split_whitespace().next().unwrap().to_owned();
    let said = bench.run(&["undo", &id, "--yes"]);
    assert_eq!(said.code, 0, "{}", said.page());
    assert!(bench.provider("Provider for Paperless")["signing_key"].is_null());
    assert_eq!(bench.server.state()["certificates"], before);
}

#[test]
fn what_can_fork_accounts_needs_the_slug_typed() {
    let bench = Bench::new();
    let created = bench.run(&["create", "nextcloud", "--set=app=https://cloud.example.com", "--yes"]);
    assert_eq!(created.code, 0, "{}", created.page());
    bench.spoil("Nextcloud", &serde_json::json!({"sub_mode": "user_email"}));
    let arguments = ["doctor", "nextcloud", "--fix", "--yes"];
    let said = bench.run(&arguments);
    assert_eq!(said.code, 2, "{}", said.page());
    assert!(said.err.contains("--confirm=nextcloud"), "{}", said.page());
    let said = bench.run(&arguments.into_iter().chain(["--confirm=nextcloud"]).collect::<Vec<_>>());
    assert_eq!(said.code, 0, "{}", said.page());
    assert_eq!(bench.provider("Nextcloud")["sub_mode"], "user_uuid");
}

#[test]
fn a_pasted_secret_is_neither_shown_nor_kept() {
    let bench = Bench::new();
    let token = bench.server.token().expose_secret().to_owned();
    let pasted = format!(
        "paperless: token request failed: client_secret=s3cr3tS3cr3t Bearer {token} https://paper.home.example/cb?code=c0deC0de99&state=x unexpected signature algorithm \"HS256\"; expected"
    );
    let env = [("AUTHENTIK_TOKEN", token.as_str()), ("AUTHENTIK_URL", bench.server.base_url()), ("AKWIZ_LOG", "trace")];
    let mut everything = Vec::new();
    for arguments in [&["doctor", "-"][..], &["doctor", "-", "--json", "-v"]] {
        let said = bench.home.run_with(&[arguments, &["--public-url=https://auth.example.com"]].concat(), &pasted, &env);
        assert!(said.err.contains("holds a client secret") && said.code <= 1, "{}", said.page());
        everything.extend([said.out, said.err]);
    }
    everything.extend(bench.home.files().into_iter().map(|(_, text)| text));
    for text in &everything {
        assert!(!text.contains("s3cr3tS3cr3t") && !text.contains("c0deC0de99") && !text.contains(&token), "{text}");
    }
}

#[test]
fn the_document_fits_its_schema() {
    let home = Home::new();
    let document = home.run(&["doctor", "grafana", "--demo", "--json"]).document("doctor");
    assert_eq!(document["about"]["slug"], "grafana");
    let said = home.run(&["doctor", "nothing-like-it", "--demo", "--json"]);
    let document = said.document("doctor");
    assert!(
        said.code == 1 && document["about"].is_null() && document["notes"][0].as_str().unwrap().contains("grafana"),
        "{}",
        said.page()
    );
}

#[test]
fn what_is_not_usable_is_said() {
    let home = Home::new();
    for (arguments, word) in [
        (&["doctor", "--demo"][..], "required"),
        (&["doctor", "--demo", "grafana", "--fix=typo"], "no rule"),
        (&["doctor", "--demo", "grafana", "--yes"], "--fix"),
        (&["doctor", "--demo", "grafana", "--user=nobody"], "no user"),
        (&["doctor", "--demo", "-"], "Nothing was pasted"),
    ] {
        let said = home.run(arguments);
        assert!(said.code == 2 && said.err.contains(word), "{arguments:?} {}", said.page());
    }
}
