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
fn what_works_with_applications_alone_says_what_to_do() {
    let bench = with_github();
    for (arguments, hint) in [
        (&["adopt", "github"][..], "akwiz update github --dry-run"),
        (&["rotate", "github", "--yes"], "akwiz show github"),
        (&["export", "github", "--format=blueprint"], "akwiz show github"),
    ] {
        let said = bench.run(arguments);
        assert_eq!(said.code, 2, "{}", said.page());
        assert!(said.err.contains("is a login source") && said.err.contains(hint), "{}", said.page());
    }
}
