//! Login sources by their slug: list, show, settings, update, remove, and what the other commands say of them.

use crate::bench::Bench;

const CREATE: [&str; 5] = ["create", "github", "--set=client_id=Ov23liABCDEFGHIJKLMN", "--secret-stdin=client_secret", "--yes"];

const CALLBACK: &str = "https://auth.example.com/source/oauth/callback/github/";

fn with_github() -> Bench {
    let bench = Bench::new();
    let said = bench.run_with(&CREATE, "canary-secret");
    assert_eq!(said.code, 0, "{}", said.page());
    bench
}

/// As if somebody else had made it.
fn forget(bench: &Bench) {
    let folder = bench.home.path().join(".local/state/akwiz/receipts");
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn they_are_listed_below_the_applications() {
    let bench = with_github();
    let said = bench.done(&["list", "git"]);
    assert!(said.out.contains("LOGIN SOURCE") && said.out.contains("github"), "{}", said.page());
    let row = |bench: &Bench| bench.done(&["list", "--json"]).document("list")["sources"][0].clone();
    let known = row(&bench);
    assert_eq!((&known["slug"], &known["kind"], &known["template"]), (&"github".into(), &"oauth".into(), &"github".into()));
    assert_eq!(known["known"], "receipt");
    forget(&bench);
    assert_eq!((&row(&bench)["template"], &row(&bench)["known"]), (&"github".into(), &"recognized".into()));
}

#[test]
fn show_and_settings_know_the_callback_and_no_secret() {
    let bench = with_github();
    for without_receipt in [false, true] {
        if without_receipt {
            forget(&bench);
        }
        let said = bench.done(&["show", "github"]);
        assert!(said.out.contains(CALLBACK) && said.out.contains("Ov23liABCDEFGHIJKLMN"), "{}", said.page());
        let document = bench.done(&["show", "source/github", "--json"]).document("show-source");
        assert_eq!((&document["callback"], &document["template"]), (&CALLBACK.into(), &"github".into()));
        assert_eq!(document["shown_on"].as_array().unwrap().len(), 1, "{document}");
        let settings = bench.done(&["settings", "github", "--reveal"]);
        assert!(settings.out.contains(CALLBACK), "{}", settings.page());
        for said in [said, settings] {
            assert!(!said.out.contains("canary") && !said.err.contains("canary"), "{}", said.page());
        }
    }
}

#[test]
fn an_update_changes_what_is_said_and_leaves_the_secret() {
    let bench = with_github();
    forget(&bench);
    let said = bench.done(&["update", "github", "--yes"]);
    assert!(said.out.starts_with("Nothing to do"), "{}", said.page());
    bench.done(&["update", "github", "--set=matching=email_deny", "--yes"]);
    let source = bench.object("sources", "slug", "github").unwrap();
    assert_eq!(source["user_matching_mode"], "email_deny");
    assert_eq!(source["consumer_secret"], "canary-secret", "it was not asked for, so it stays");
    let said = bench.run(&["update", "github", "--renew-secrets", "--yes"]);
    assert_eq!(said.code, 2, "a new secret has to be given: {}", said.page());
}

#[test]
fn remove_takes_back_what_akwiz_made_and_asks_for_the_slug_of_the_rest() {
    let bench = with_github();
    let said = bench.done(&["remove", "github", "--yes"]);
    assert!(bench.object("sources", "slug", "github").is_none(), "{}", said.page());
    let said = bench.run_with(&CREATE, "canary-secret");
    assert_eq!(said.code, 0, "{}", said.page());
    forget(&bench);
    let said = bench.run(&["remove", "github", "--yes"]);
    assert!(said.code == 2 && said.err.contains("--confirm=github"), "{}", said.page());
    bench.done(&["remove", "github", "--yes", "--confirm=github"]);
    assert!(bench.object("sources", "slug", "github").is_none());
}

#[test]
fn a_source_made_by_hand_is_adopted_and_what_differs_is_shown() {
    let bench = with_github();
    forget(&bench);
    bench.server.clear_log();
    let said = bench.done(&["adopt", "github"]);
    assert!(said.out.contains("is of the template github: by its kind and addresses"), "{}", said.page());
    assert!(said.out.contains("client_id = Ov23liABCDEFGHIJKLMN") && !said.out.contains("secret"), "{}", said.page());
    assert!(bench.wrote_nothing());
    assert!(bench.done(&["receipts"]).out.contains("adopted"));
    let document = bench.done(&["adopt", "github", "--set=matching=email_deny", "--json"]).document("adopt");
    assert_eq!((&document["known"], &document["source"]), (&"receipt".into(), &true.into()));
    assert_eq!(document["differs"]["changed"], 1, "{document}");
    // It is known now, and still somebody else's.
    assert_eq!(bench.done(&["show", "github", "--json"]).document("show-source")["known"], "receipt");
    assert_eq!(bench.run(&["remove", "github", "--yes"]).code, 2);
}

#[test]
fn the_certificate_that_an_adopted_source_holds_stays() {
    let bench = Bench::new();
    let create = ["create", "saml", "--set=sso_url=https://idp.example.com/saml", "--set-file=certificate=idp.pem", "--yes"];
    std::fs::write(bench.home.path().join("idp.pem"), "MAMCAQE=").unwrap();
    bench.done(&create);
    forget(&bench);
    let slug = bench.done(&["list", "--json"]).document("list")["sources"][0]["slug"].as_str().unwrap().to_owned();
    let said = bench.done(&["adopt", &slug]);
    assert!(said.out.contains("It is set up as the template would do it."), "{}", said.page());
    assert!(!said.out.contains("certificate ="), "{}", said.page());
    bench.done(&["update", &slug, "--set=matching=email_deny", "--yes"]);
    let source = bench.object("sources", "slug", &slug).unwrap();
    assert!(source["verification_kp"].is_string() && source["user_matching_mode"] == "email_deny", "{source}");
}

#[test]
fn rotate_writes_the_secret_that_was_given_and_nothing_else() {
    let bench = with_github();
    let held = |bench: &Bench| bench.object("sources", "slug", "github").unwrap()["consumer_secret"].clone();
    for (arguments, hint) in [
        (&["rotate", "github", "--yes", "--confirm=github"][..], "--secret-stdin=client_secret"),
        (&["rotate", "github", "--set=client_secret=canary"], "arguments are seen by others"),
        (&["rotate", "github", "--secret-stdin=client_secret", "--yes"], "--confirm=github"),
    ] {
        let said = bench.run_with(arguments, "canary-new");
        assert!(said.code == 2 && said.err.contains(hint), "{}", said.page());
    }
    assert_eq!(held(&bench), "canary-secret");
    bench.server.clear_log();
    let rotate = ["rotate", "github", "--secret-stdin=client_secret", "--yes", "--confirm=github"];
    let said = bench.run_with(&rotate, "canary-new");
    assert_eq!(said.code, 0, "{}", said.page());
    assert!(!format!("{}{}", said.out, said.err).contains("canary"), "{}", said.page());
    let writes = bench.server.log().iter().filter(|entry| entry.is_write() && entry.status < 300).count();
    assert_eq!((held(&bench), writes), ("canary-new".into(), 1));
    let said = bench.run_with(&[&rotate[..], &["--json"]].concat(), "canary-third");
    let document = said.document("rotate");
    assert_eq!((&document["client_id"], &document["client_secret"]), (&"Ov23liABCDEFGHIJKLMN".into(), &serde_json::Value::Null));
    assert!(bench.home.files().iter().all(|(_, text)| !text.contains("canary")));
}

#[test]
fn what_belongs_to_the_secret_can_be_given_with_it() {
    let bench = with_github();
    let rotate = ["rotate", "github", "--set=client_id=Ov23liNEW", "--secret-stdin=client_secret", "--yes", "--confirm=github"];
    let said = bench.run_with(&rotate, "canary-new");
    assert_eq!(said.code, 0, "{}", said.page());
    let source = bench.object("sources", "slug", "github").unwrap();
    assert_eq!((&source["consumer_key"], &source["consumer_secret"]), (&"Ov23liNEW".into(), &"canary-new".into()));
}

#[test]
fn a_source_without_a_secret_of_its_own_says_what_to_do_instead() {
    let bench = Bench::new();
    std::fs::write(bench.home.path().join("plex.token"), "canary").unwrap();
    bench.done(&["create", "plex", "--plex-client-id=c", "--plex-token-file=plex.token", "--plex-server=m-1", "--yes"]);
    let said = bench.run(&["rotate", "plex", "--yes", "--confirm=plex"]);
    assert!(said.code == 2 && said.err.contains("--plex-token-file"), "{}", said.page());
    bench.done(&["create", "entra-id-scim", "--yes"]);
    let said = bench.run(&["rotate", "entra-scim", "--yes"]);
    assert!(said.code == 2 && said.err.contains("made by authentik"), "{}", said.page());
}

#[test]
fn the_closing_line_of_an_update_is_about_the_service() {
    let bench = with_github();
    let said = bench.done(&["update", "github", "--set=matching=email_deny", "--yes"]);
    assert!(said.err.contains("What to enter at the service: akwiz settings github"), "{}", said.page());
}
