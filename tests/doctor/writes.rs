//! Looking writes nothing, and what is looked at does not grow with the server.

use akwiz::checks::doctor::Paste;
use akwiz::demo::Version;
use serde_json::json;

use crate::bench::Bench;

#[tokio::test]
async fn doctor_and_audit_write_nothing() {
    for version in Version::ALL {
        let bench = Bench::homelab(version).await;
        bench.spoil_provider("Provider for Grafana", json!({"signing_key": null, "redirect_uris": []})).await;
        let before = bench.server.state();
        bench.server.clear_log();
        let address = bench.authorize("Provider for Paperless", |query| query[1].1 = "https://elsewhere.example/".into());
        for pasted in ["grafana", "paperless", "nothing-like-it", &address, "grafana: Redirect URI Error"] {
            bench.doctor_for(pasted, Some("bob")).await;
        }
        bench.audit().await;
        let writes: Vec<_> = bench.server.log().into_iter().filter(akwiz::demo::Logged::is_write).collect();
        assert!(writes.is_empty(), "{writes:?}");
        assert_eq!(bench.server.state(), before, "an empty list of redirect URIs is left empty, too");
    }
}

#[tokio::test]
async fn the_number_of_requests_does_not_grow_with_the_server() {
    let bench = Bench::homelab(Version::V2025_12).await;
    let count = async || {
        bench.server.clear_log();
        bench.audit().await;
        bench.server.log().len()
    };
    let few = count().await;
    let provider = bench.object("providers", "name", "Provider for Grafana");
    for number in 0..20 {
        let body = json!({
            "name": format!("Provider {number}"), "authorization_flow": provider["authorization_flow"],
            "invalidation_flow": provider["invalidation_flow"], "redirect_uris": [],
        });
        let _: serde_json::Value = bench.client.write(reqwest::Method::POST, &["providers", "oauth2"], &body).await.unwrap();
    }
    assert_eq!(count().await, few);
    assert!(bench.server.log().iter().all(|entry| !entry.query.contains("page_size") || entry.query.contains("page_size=100")));
}

#[tokio::test]
async fn a_pasted_secret_is_in_nothing_that_the_doctor_says() {
    let bench = Bench::homelab(Version::V2026_5).await;
    let token = bench.token();
    let secret = bench.object("providers", "name", "Provider for Grafana")["client_secret"].as_str().unwrap().to_owned();
    let pasted = format!(
        "grafana level=error client_secret={secret} Authorization: Bearer {token} at https://grafana.home.example/login/generic_oauth?code=c0deC0de9&state=x"
    );
    let diagnosis = bench.doctor(&pasted).await;
    let paste = Paste::read(&pasted);
    for said in [format!("{diagnosis:?}"), format!("{paste:?}")] {
        // What the server has is hidden by its type; what was pasted is gone.
        assert!(!said.contains(&secret) && !said.contains(&token) && !said.contains("c0deC0de9"), "{said}");
    }
    assert!(diagnosis.notes[0].contains("a client secret"), "{:?}", diagnosis.notes);
    let asked: Vec<_> = bench.server.log().into_iter().filter(|entry| entry.query.contains("c0deC0de9")).collect();
    assert!(asked.is_empty());
}
