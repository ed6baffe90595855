//! Causes that lie between application and authentik: named by their words, with what to do.

use akwiz::demo::{Surroundings, Version};

use crate::bench::{Bench, PUBLIC, answers, only};

async fn portainer() -> Bench {
    let mut bench = Bench::new(Version::V2026_5).await;
    bench.create(&answers("portainer", &[("app", "https://portainer.home.example")])).await;
    bench
}

#[tokio::test]
async fn causes_5_6_and_15_by_what_users_paste() {
    let bench = portainer().await;
    for (line, rule) in [
        ("getaddrinfo ENOTFOUND auth.home.example", "unreachable"),
        ("Name does not resolve", "unreachable"),
        ("dial tcp 172.18.0.4:9443: connect: connection refused", "unreachable"),
        ("Get \"https://auth.home.example\": x509: certificate signed by unknown authority", "tls-untrusted"),
        ("unable to get local issuer certificate", "tls-untrusted"),
        ("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed", "tls-untrusted"),
    ] {
        let diagnosis = bench.doctor(&format!("portainer | {line}")).await;
        let finding = only(&diagnosis, rule);
        assert!(finding.heard && finding.lines.iter().any(|line| line.contains("/application/o/portainer/")), "{finding:#?}");
    }
    let line = "portainer: Account not created beforehand in Portainer and automatic user provisioning not enabled";
    let diagnosis = bench.doctor(line).await;
    assert_eq!(diagnosis.findings[0].rule.id, "application-setting");
    let address = bench.authorize("Portainer", |query| query[3].1 = "email,openid,profile".into());
    let diagnosis = bench.doctor(&address).await;
    assert!(only(&diagnosis, "application-setting").advice.ends_with("email openid profile"));
}

#[tokio::test]
async fn cause_8_a_proxy_that_loses_the_scheme() {
    let bench = portainer().await;
    bench.server.surround(Surroundings { loses_scheme: true, ..Surroundings::default() });
    let diagnosis = bench.doctor("portainer").await;
    let finding = only(&diagnosis, "proxy-headers");
    assert!(
        finding.lines[1].contains("http://auth.home.example/") && finding.advice.contains("TRUSTED_PROXY_CIDRS"),
        "{finding:#?}"
    );
    bench.server.surround(Surroundings::default());
    assert!(bench.doctor("portainer").await.findings.iter().all(|finding| finding.rule.id != "proxy-headers"));
}

#[tokio::test]
async fn cause_10_addresses_that_are_almost_right() {
    let bench = portainer().await;
    for (used, right) in [
        (format!("{PUBLIC}/application/o/token"), format!("{PUBLIC}/application/o/token/")),
        (
            format!("{PUBLIC}/application/o/Portainer/.well-known/openid-configuration"),
            format!("{PUBLIC}/application/o/portainer/.well-known/openid-configuration"),
        ),
    ] {
        let diagnosis = bench.doctor(&format!("portainer: 404 Not Found: {used}")).await;
        let finding = only(&diagnosis, "endpoint-address");
        assert_eq!(finding.lines[1], format!("right  {right}"));
        let path = right.strip_prefix(&format!("{PUBLIC}/")).unwrap();
        let answer = bench.client.page(path, &[]).await.unwrap();
        assert_ne!(answer.status, 404, "what it says is right is there");
    }
    let client_id = bench.object("providers", "name", "Portainer")["client_id"].as_str().unwrap().to_owned();
    let diagnosis = bench.doctor(&format!("{PUBLIC}/application/o/{client_id}/.well-known/openid-configuration")).await;
    assert!(only(&diagnosis, "endpoint-address").text.contains("client ID stands where the slug belongs"));
}

#[tokio::test]
async fn cause_10_a_slug_where_the_client_id_belongs() {
    let bench = portainer().await;
    let address = bench.authorize("Portainer", |query| query[0].1 = "portainer".into());
    let diagnosis = bench.doctor(&address).await;
    let client_id = bench.object("providers", "name", "Portainer")["client_id"].as_str().unwrap().to_owned();
    let finding = only(&diagnosis, "endpoint-address");
    assert!(finding.text.starts_with("The slug stands") && finding.lines[1].ends_with(&client_id), "{finding:#?}");
    let diagnosis = bench.doctor(&address.replace("portainer", "unheard-of")).await;
    assert!(diagnosis.about.is_none() && diagnosis.notes[0].contains("unheard-of"), "{:?}", diagnosis.notes);
}

#[tokio::test]
async fn cause_18_clocks_apart() {
    let bench = portainer().await;
    bench.server.surround(Surroundings { clock_ahead: 600, ..Surroundings::default() });
    let diagnosis = bench.doctor("portainer | oidc: token is not yet valid (nbf)").await;
    assert!(only(&diagnosis, "clock-skew").advice.contains("NTP"));
    bench.server.surround(Surroundings::default());
    let diagnosis = bench.doctor("portainer").await;
    assert!(diagnosis.findings.iter().all(|finding| finding.rule.id != "clock-skew"), "{diagnosis:#?}");
}

#[tokio::test]
async fn what_was_pasted_is_answered_for_even_without_an_application() {
    let bench = Bench::new(Version::V2026_5).await;
    let diagnosis = bench.doctor("x509: certificate signed by unknown authority").await;
    assert!(diagnosis.about.is_none());
    assert_eq!(diagnosis.findings[0].rule.id, "tls-untrusted");
}
