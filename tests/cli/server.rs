//! A server at an address, a token, receipts on disk, and undo.

use secrecy::ExposeSecret as _;

use crate::bench::Bench;

const CREATE: [&str; 4] = ["create", "portainer", "--set=app=https://portainer.example.com", "--yes"];

#[test]
fn create_list_and_undo() {
    let bench = Bench::new();
    let before = bench.server.state();
    let said = bench.run(&CREATE);
    assert_eq!(said.code, 0, "{}", said.page());
    assert!(said.out.contains("https://auth.example.com/application/o/authorize/"), "{}", said.out);
    let receipts = bench.receipts();
    assert_eq!(receipts.len(), 1);

    let again: Vec<&str> = CREATE.into_iter().chain(["--update"]).collect();
    let said = bench.run(&again);
    assert_eq!(said.code, 0, "{}", said.page());
    assert!(said.out.starts_with("Nothing to do"), "{}", said.out);
    assert_eq!(bench.receipts().len(), 1, "nothing was changed, so there is no second receipt");

    let said = bench.run(&["receipts"]);
    assert!(said.out.contains("-portainer-") && said.out.contains("finished"), "{}", said.out);
    let id = said.out.split_whitespace().next().unwrap().to_owned();
    let said = bench.run(&["undo", &id]);
    assert_eq!(said.code, 2, "{}", said.page());
    let said = bench.run(&["undo", &id, "--yes"]);
    assert_eq!(said.code, 0, "{}", said.page());
    for table in ["applications", "providers", "certificates", "bindings"] {
        assert_eq!(bench.server.state()[table], before[table], "{table}");
    }
    let said = bench.run(&["undo", &id, "--yes"]);
    assert_eq!((said.code, said.out.as_str()), (0, "There is nothing left to take back.\n"));
}

#[test]
fn undo_at_a_server_that_has_gone_keeps_the_receipt() {
    let mut bench = Bench::new();
    bench.done(&CREATE);
    let receipts = bench.receipts();
    let id = bench.run(&["receipts"]).out.split_whitespace().next().unwrap().to_owned();
    bench.stop();
    let said = bench.run(&["undo", &id, "--yes", "--json"]);
    assert_eq!(said.code, 4, "{}", said.page());
    assert_eq!(said.document("error")["kind"], "unreachable");
    assert_eq!(bench.receipts(), receipts);
}

#[test]
fn no_file_and_no_message_holds_a_secret() {
    let bench = Bench::new();
    let token = bench.server.token().expose_secret().to_owned();
    let mut said = bench.run(&CREATE);
    let more = bench.run(&["plan", "portainer", "-v", "--set=app=https://portainer.example.com", "--update"]);
    said.err += &more.err;
    said.out += &more.out;
    let provider = bench.server.state()["providers"]
        .as_array()
        .unwrap()
        .iter()
        .find(|provider| provider["name"] == "Portainer")
        .cloned()
        .unwrap();
    let secret = provider["client_secret"].as_str().unwrap();
    assert_eq!(secret.len(), 128);
    for (name, text) in bench.home.files().into_iter().chain([("out".to_owned(), said.out), ("err".to_owned(), said.err)]) {
        assert!(!text.contains(secret) && !text.contains(&token), "{name}");
    }
}

#[test]
fn a_refused_token_and_a_silent_server_have_their_exit_codes() {
    let bench = Bench::new();
    let env = [("AUTHENTIK_TOKEN", "wrong"), ("AUTHENTIK_URL", bench.server.base_url())];
    let public: Vec<&str> = CREATE.into_iter().chain(["--public-url=https://auth.example.com"]).collect();
    let said = bench.home.run_with(&public, "", &env);
    assert_eq!(said.code, 3, "{}", said.page());
    let said = bench.home.run_with(&public, "", &[("AUTHENTIK_TOKEN", "x"), ("AUTHENTIK_URL", "http://127.0.0.1:1")]);
    assert_eq!(said.code, 4, "{}", said.page());
    let said = bench.home.run_with(&CREATE[..3], "", &[("AUTHENTIK_URL", bench.server.base_url())]);
    assert_eq!(said.code, 2, "{}", said.page());
    assert!(said.err.contains("--public-url"), "{}", said.err);
    assert!(bench.server.log().iter().all(|entry| !entry.is_write()), "nothing was written");
}

/// Read on loopback with nothing but a token, and no word about what browsers use.
#[test]
fn the_public_address_is_asked_for_only_where_an_address_is_shown_or_written() {
    let bench = Bench::new();
    bench.done(&CREATE);
    let token = bench.server.token().expose_secret().to_owned();
    let env = [("AUTHENTIK_TOKEN", token.as_str()), ("AUTHENTIK_URL", bench.server.base_url())];
    let run = |arguments: &[&str]| bench.home.run_with(arguments, "", &env);

    for arguments in [
        &["list"][..],
        &["status"],
        &["receipts"],
        &["audit", "--least=error"],
        &["export", "portainer", "--format=terraform"],
        &["export", "portainer", "--format=blueprint"],
        &["show", "portainer"],
    ] {
        let said = run(arguments);
        // An audit of the homelab finds mistakes, and ends so.
        assert!(matches!(said.code, 0 | 10), "{arguments:?}: {}", said.page());
    }
    let shown = run(&["show", "portainer", "--json"]).document("show");
    assert_eq!(shown["endpoints"], serde_json::Value::Null);
    let said = run(&["show", "portainer"]);
    assert!(!said.out.contains("/application/o/") && said.err.contains("--public-url"), "{}", said.page());

    for arguments in [
        &["settings", "portainer"][..],
        &["plan", "portainer", "--set=app=https://portainer.example.com"],
        &["update", "portainer"],
        &["check", "portainer"],
        &["audit", "--fix"],
        &["export", "portainer", "--format=markdown"],
    ] {
        let said = run(arguments);
        assert!(said.code == 2 && said.err.contains("--public-url=ADDRESS"), "{arguments:?}: {}", said.page());
    }

    assert_eq!(run(&["remove", "portainer", "--yes"]).code, 0);
    bench.done(&CREATE);
    let said = run(&["undo", "--yes"]);
    assert_eq!(said.code, 0, "{}", said.page());
}
