//! Causes that a change in authentik mends.

use akwiz::apply::undo::{Taken, undo};
use akwiz::demo::Version;
use akwiz::setup::answers::Input;
use serde_json::json;

use crate::bench::{Bench, PUBLIC, answers, only, redirects};

const VERSION: Version = Version::V2026_5;

async fn portainer(version: Version) -> Bench {
    let mut bench = Bench::new(version).await;
    bench.create(&answers("portainer", &[("app", "https://portainer.home.example")])).await;
    bench
}

async fn application(id: &str, given: &[(&str, &str)]) -> Bench {
    let mut bench = Bench::new(VERSION).await;
    bench.create(&answers(id, given)).await;
    bench
}

/// A log line of a Go application, as libraries write it.
fn go_oidc(expected: &str, got: &str) -> String {
    format!("oidc: issuer did not match the issuer returned by provider, expected \"{expected}\" got \"{got}\"")
}

#[tokio::test]
async fn cause_1_an_issuer_of_the_wrong_kind() {
    let mut bench = application("gitea", &[("app", "https://git.home.example")]).await;
    bench.spoil_provider("Gitea", json!({"issuer_mode": "global"})).await;
    let line = go_oidc(&format!("{PUBLIC}/application/o/gitea/"), &format!("{PUBLIC}/"));
    bench.mend(&format!("gitea: {line}"), "issuer-mismatch").await;
    assert_eq!(bench.object("providers", "name", "Gitea")["issuer_mode"], "per_provider");
}

#[tokio::test]
async fn cause_1_a_slash_that_is_missing() {
    let bench = application("gitea", &[("app", "https://git.home.example")]).await;
    let issuer = format!("{PUBLIC}/application/o/gitea/");
    let diagnosis = bench.doctor(&go_oidc(issuer.trim_end_matches('/'), &issuer)).await;
    let finding = only(&diagnosis, "issuer-mismatch");
    assert!(finding.advice.contains(&issuer), "{finding:#?}");
}

#[tokio::test]
async fn cause_2_a_redirect_uri_on_another_port() {
    let mut bench = portainer(VERSION).await;
    let address = bench.authorize("Portainer", |query| query[1].1 = "https://portainer.home.example:9443/".into());
    assert!(!bench.begins(&address).await);
    let finding = only(&bench.doctor(&address).await, "redirect-mismatch").clone();
    assert!(finding.text.contains("the port") && finding.lines[2].contains('^'), "{finding:#?}");
    let receipt = bench.mend(&address, "redirect-mismatch").await;
    assert!(bench.begins(&address).await);
    let uris = bench.object("providers", "name", "Portainer")["redirect_uris"].clone();
    assert_eq!(uris.as_array().unwrap().len(), 2, "what was there stays");
    bench.undo(&receipt).await;
    assert!(!bench.begins(&address).await);
}

#[tokio::test]
async fn cause_3_no_signing_key() {
    for version in [Version::V2024_12, Version::V2025_12, VERSION] {
        let mut bench = portainer(version).await;
        bench.spoil_provider("Portainer", json!({"signing_key": null})).await;
        let line = r#"portainer | oidc: malformed jwt: unexpected signature algorithm "HS256"; expected ["RS256"]"#;
        bench.mend(line, "no-signing-key").await;
        assert!(bench.object("providers", "name", "Portainer")["signing_key"].is_string());
    }
}

#[tokio::test]
async fn cause_3_makes_a_key_where_there_is_only_an_ec_one() {
    let mut bench = Bench::homelab(VERSION).await;
    let before = bench.server.state()["certificates"].as_array().unwrap().len();
    bench.spoil_provider("Provider for Grafana", json!({"signing_key": null})).await;
    let receipt = bench.mend("grafana", "no-signing-key").await;
    assert_eq!(bench.server.state()["certificates"].as_array().unwrap().len(), before + 1);
    bench.undo(&receipt).await;
    assert_eq!(bench.server.state()["certificates"].as_array().unwrap().len(), before);
}

#[tokio::test]
async fn cause_4_unverified_addresses() {
    let mut bench = application("vaultwarden", &[("app", "https://vault.home.example")]).await;
    // As authentik's guide has it: the built-in mapping, which says since 2025.10 that no address is verified.
    let of = |managed: &str| bench.object("scope_mappings", "managed", managed)["pk"].clone();
    let scopes = ["openid", "email", "profile", "offline_access"]
        .map(|scope| of(&format!("goauthentik.io/providers/oauth2/scope-{scope}")));
    bench.spoil_provider("Vaultwarden", json!({"property_mappings": scopes})).await;
    let own = bench.object("scope_mappings", "name", "akwiz: email, marked as verified")["pk"].clone();
    bench.mend("vaultwarden", "email-unverified").await;
    let mapped = bench.object("providers", "name", "Vaultwarden")["property_mappings"].clone();
    let mapped = mapped.as_array().unwrap();
    assert!(mapped.contains(&own) && mapped.len() == 4 && !mapped.contains(&scopes[1]), "swapped, and the shared one reused");
}

#[tokio::test]
async fn cause_4_of_an_application_that_is_not_known() {
    let mut bench = Bench::homelab(Version::V2025_12).await;
    bench.mend("paperless: Email is not verified with the Identity Provider", "email-unverified").await;
}

#[tokio::test]
async fn cause_7_empty_grant_types() {
    // As Terraform makes it: the API refuses an empty list, and takes none for one.
    let mut bench = Bench::new(VERSION).await;
    let of = |table: &str, field: &str, value: &str| bench.object(table, field, value)["pk"].clone();
    let body = json!({
        "name": "Portainer", "authorization_flow": of("flows", "slug", "default-provider-authorization-implicit-consent"),
        "invalidation_flow": of("flows", "slug", "default-provider-invalidation-flow"),
        "signing_key": of("certificates", "key_type", "rsa"),
        "property_mappings": [of("scope_mappings", "scope_name", "openid")],
        "redirect_uris": [{"matching_mode": "strict", "url": "https://portainer.home.example/"}],
    });
    let provider: serde_json::Value = bench.client.write(reqwest::Method::POST, &["providers", "oauth2"], &body).await.unwrap();
    assert_eq!(provider["grant_types"], json!([]));
    let body = json!({"name": "Portainer", "slug": "portainer", "provider": provider["pk"]});
    let _: serde_json::Value = bench.client.write(reqwest::Method::POST, &["core", "applications"], &body).await.unwrap();
    let address = bench.authorize("Portainer", |_| {});
    assert!(!bench.begins(&address).await);
    let client_id = bench.object("providers", "name", "Portainer")["client_id"].as_str().unwrap().to_owned();
    let line = format!(r#"{{"event": "Invalid grant_type for provider", "client_id": "{client_id}", "level": "warning"}}"#);
    let receipt = bench.mend(&line, "grant-types").await;
    assert!(bench.begins(&address).await);
    let report = undo(&bench.client, &bench.receipts, &receipt).await.unwrap();
    assert!(matches!(&report.lines[0].result, Taken::Left(why) if why.contains("empty list")), "{report:?}");
}

#[tokio::test]
async fn cause_9_a_scope_groups_that_authentik_does_not_have() {
    let mut bench = Bench::homelab(VERSION).await;
    let address = bench.authorize("Provider for Grafana", |query| query[3].1 = "openid email profile groups".into());
    bench.mend(&address, "groups-missing").await;
    let mapping = bench.object("scope_mappings", "scope_name", "groups");
    assert!(mapping["expression"].as_str().unwrap().contains("all_groups()"));
}

#[tokio::test]
async fn cause_9_no_profile_no_groups() {
    let mut bench = Bench::homelab(VERSION).await;
    let openid = bench.object("scope_mappings", "scope_name", "openid")["pk"].clone();
    bench.spoil_provider("Provider for Grafana", json!({"property_mappings": [openid]})).await;
    bench.mend("grafana: User sync failed: cannot remove last grafana admin", "groups-missing").await;
}

#[tokio::test]
async fn cause_11_another_subject_mode() {
    let mut bench = application("nextcloud", &[("app", "https://cloud.home.example")]).await;
    bench.spoil_provider("Nextcloud", json!({"sub_mode": "hashed_user_id"})).await;
    let diagnosis = bench.doctor("nextcloud").await;
    let survey = bench.survey().await;
    let target = diagnosis.about.as_ref().unwrap().target(&survey).unwrap();
    let plan = akwiz::setup::fix::plan(&only(&diagnosis, "subject-mode").fixes, target);
    assert_eq!(plan.confirmations[0].wanted(), "nextcloud", "it can fork accounts");
    bench.mend("nextcloud", "subject-mode").await;
}

#[tokio::test]
async fn cause_12_nobody_is_let_in_who_is_not_bound() {
    let mut bench = Bench::homelab(VERSION).await;
    let receipt = bench.mend_for("grafana: access_denied", "access-denied", Some("bob")).await;
    let bob = bench.object("users", "username", "bob")["pk"].to_string();
    assert!(bench.client.check_access("grafana", Some(&bob)).await.unwrap().passing);
    bench.undo(&receipt).await;
    assert!(!bench.client.check_access("grafana", Some(&bob)).await.unwrap().passing);
}

#[tokio::test]
async fn cause_12_the_flow_of_a_login_source() {
    let mut bench = portainer(VERSION).await;
    let flow = bench.object("flows", "slug", "default-source-authentication")["pk"].clone();
    bench.spoil_provider("Portainer", json!({"authentication_flow": flow})).await;
    bench.mend("portainer Flow does not apply to current user", "source-flow").await;
    assert!(bench.object("providers", "name", "Portainer")["authentication_flow"].is_null());
}

#[tokio::test]
async fn cause_13_a_key_that_the_application_refuses() {
    let mut bench = Bench::new(VERSION).await;
    let mut proxmox = answers("proxmox-ve", &[]);
    proxmox.give("nodes", Input::List(vec!["https://pve.home.example:8006".into()]));
    bench.create(&proxmox).await;
    let body = json!({"common_name": "ec", "subject_alt_name": "", "validity_days": 365, "alg": "ecdsa"});
    let key: serde_json::Value =
        bench.client.write(reqwest::Method::POST, &["crypto", "certificatekeypairs", "generate"], &body).await.unwrap();
    bench.spoil_provider("Proxmox VE", json!({"signing_key": key["pk"]})).await;
    bench.mend("proxmox-ve", "signing-key-type").await;
}

#[tokio::test]
async fn cause_14_encrypted_tokens() {
    let mut bench = portainer(VERSION).await;
    let key = bench.object("providers", "name", "Portainer")["signing_key"].clone();
    bench.spoil_provider("Portainer", json!({"encryption_key": key})).await;
    let receipt = bench.mend("portainer", "encryption-key").await;
    bench.undo(&receipt).await;
    assert_eq!(bench.object("providers", "name", "Portainer")["encryption_key"], key);
}

#[tokio::test]
async fn cause_16_no_refresh_token() {
    let mut bench = portainer(VERSION).await;
    bench.spoil_provider("Portainer", json!({"grant_types": ["authorization_code"]})).await;
    let address = bench.authorize("Portainer", |query| query[3].1 = "openid offline_access".into());
    bench.mend(&address, "no-refresh-token").await;
    let provider = bench.object("providers", "name", "Portainer");
    assert_eq!(provider["grant_types"], json!(["authorization_code", "refresh_token"]));
    assert_eq!(provider["property_mappings"].as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn cause_17_friends_of_a_plex_account() {
    let mut bench = Bench::new(VERSION).await;
    let flow = bench.object("flows", "slug", "default-source-authentication")["pk"].clone();
    let body = json!({
        "name": "Plex", "slug": "plex", "enabled": true, "authentication_flow": flow, "enrollment_flow": null, "client_id": "made-by-hand",
        "allowed_servers": ["8f1c0f3b5a0d4f0f9f4f5a1f2f3e4d5c6b7a8990"], "allow_friends": true, "plex_token": "plex-secret-token",
    });
    let _: serde_json::Value = bench.client.write(reqwest::Method::POST, &["sources", "plex"], &body).await.unwrap();
    bench.mend("Plex: Response returned an error code.", "plex-friends").await;
    let source = bench.object("sources", "slug", "plex");
    assert_eq!((&source["allow_friends"], &source["plex_token"]), (&json!(false), &json!("plex-secret-token")));
}

#[tokio::test]
async fn no_scopes_and_wide_expressions_are_mended_too() {
    let mut bench = portainer(VERSION).await;
    bench.spoil_provider("Portainer", json!({"property_mappings": []})).await;
    bench.mend("portainer", "no-scopes").await;
    bench.spoil_provider("Portainer", redirects(&[("regex", ".*")])).await;
    let address = bench.authorize("Portainer", |query| query[1].1 = "https://portainer.home.example/".into());
    bench.mend(&address, "redirect-wide").await;
    assert!(bench.begins(&address).await);
    let uris = bench.object("providers", "name", "Portainer")["redirect_uris"].clone();
    assert_eq!((&uris[0]["url"], &uris[0]["matching_mode"]), (&json!("https://portainer.home.example/"), &json!("strict")));
}

#[tokio::test]
async fn what_the_template_has_gained_since_is_taken_over() {
    let mut bench = portainer(VERSION).await;
    let uris = || bench.object("providers", "name", "Portainer")["redirect_uris"].clone();
    assert_eq!(uris()[0]["url"], "https://portainer.home.example/");
    bench.spoil_provider("Portainer", redirects(&[("strict", "https://portainer.home.example/of-old")])).await;
    let receipt = bench.mend("portainer", "template-differs").await;
    let uris = bench.object("providers", "name", "Portainer")["redirect_uris"].clone();
    let uris: Vec<&str> = uris.as_array().unwrap().iter().map(|entry| entry["url"].as_str().unwrap()).collect();
    assert_eq!(uris, ["https://portainer.home.example/of-old", "https://portainer.home.example/"], "what was there stays");
    bench.undo(&receipt).await;
    assert_eq!(bench.object("providers", "name", "Portainer")["redirect_uris"].as_array().unwrap().len(), 1);
    // Without a receipt nobody knows what it was made with.
    let entries = bench.audit_by_looks().await;
    assert!(entries.iter().flat_map(|entry| &entry.findings).all(|finding| finding.rule.id != "template-differs"));
}

#[tokio::test]
async fn a_template_and_a_rule_of_its_own_are_mended_together() {
    let mut bench = application("vaultwarden", &[("app", "https://vault.home.example")]).await;
    let of = |managed: &str| bench.object("scope_mappings", "managed", managed)["pk"].clone();
    let scopes = ["openid", "email"].map(|scope| of(&format!("goauthentik.io/providers/oauth2/scope-{scope}")));
    bench.spoil_provider("Vaultwarden", json!({"property_mappings": scopes})).await;
    let before = bench.doctor("vaultwarden").await;
    let wrong: Vec<&str> = before.findings.iter().filter(|finding| finding.is_wrong()).map(|finding| finding.rule.id).collect();
    assert!(wrong.contains(&"email-unverified") && wrong.contains(&"template-differs"), "{wrong:?}");
    bench.mend_all("vaultwarden").await;
    let left = bench.doctor("vaultwarden").await;
    assert_eq!(crate::bench::wrong(&left.findings), []);
    let mapped = bench.object("providers", "name", "Vaultwarden")["property_mappings"].clone();
    assert_eq!(mapped.as_array().unwrap().len(), 4, "the verified address is there once");
}

#[tokio::test]
async fn an_application_without_a_secret_at_a_confidential_provider() {
    let mut bench = Bench::new(VERSION).await;
    bench.create(&answers("1password", &[("domain", "acme")])).await;
    bench.spoil_provider("1Password", json!({"client_type": "confidential"})).await;
    let diagnosis = bench.doctor("1password: invalid_client").await;
    let survey = bench.survey().await;
    let target = diagnosis.about.as_ref().unwrap().target(&survey).unwrap();
    let plan = akwiz::setup::fix::plan(&only(&diagnosis, "client-secret").fixes, target);
    assert_eq!(plan.confirmations[0].wanted(), "1password", "it is in use");
    bench.mend("1password: invalid_client", "client-secret").await;
    assert_eq!(bench.object("providers", "name", "1Password")["client_type"], "public");
}

#[tokio::test]
async fn a_wrong_secret_in_authentiks_own_log() {
    let bench = portainer(VERSION).await;
    let client_id = bench.object("providers", "name", "Portainer")["client_id"].as_str().unwrap().to_owned();
    let line = |client_id: &str| {
        format!(
            r#"{{"client_id": "{client_id}", "event": "Invalid client secret", "level": "warning", "logger": "authentik.providers.oauth2.views.token"}}"#
        )
    };
    let diagnosis = bench.doctor(&line(&client_id)).await;
    assert!(only(&diagnosis, "client-secret").text.contains("another client secret"));
    assert!(bench.doctor(&line("unheard-of")).await.about.is_none());
}
