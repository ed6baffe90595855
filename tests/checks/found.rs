//! Each thing that can be wrong is found, named, and comes with what mends it.

use akwiz::authentik::{Client, Trust};
use akwiz::catalog::template::{BuiltinScope, Grant};
use akwiz::checks::{Id, Mark, Person, State, Tick};
use akwiz::demo::{Fault, Matcher, Options, Seed, Version};
use akwiz::setup::answers::Answers;
use akwiz::setup::fix::Fix;
use serde_json::json;
use url::Url;

use crate::bench::{Bench, PUBLIC, TIMEOUTS, alarms, answers, template};

fn fix(tick: &Tick) -> Option<&Fix> {
    tick.mend.as_ref().and_then(|mend| mend.fix.as_ref())
}

#[tokio::test]
async fn tokens_signed_with_the_secret() {
    let bench = Bench::fresh(Version::V2025_12).await;
    let (outcome, target) = bench.portainer().await;
    bench.change(&outcome.parts[0].provider, json!({"signing_key": null})).await;
    let tick = bench.tick(&target, Id::Algorithm).await;
    assert_eq!((tick.state, fix(&tick)), (State::Red, Some(&Fix::SignWithRsa)), "{tick:?}");
    let tick = bench.tick(&target, Id::Keys).await;
    assert_eq!((tick.state, fix(&tick)), (State::Red, Some(&Fix::SignWithRsa)), "{tick:?}");
}

#[tokio::test]
async fn a_key_that_the_application_does_not_accept() {
    // The homelab's own key is EC; Proxmox accepts RSA only.
    let bench = Bench::demo(Version::V2026_5).await;
    let template = template("proxmox-ve");
    let outcome = bench.create(&template, &answers(&template, &template.sample[0]), 1).await;
    let ec = bench.table("certificates").into_iter().find(|key| key["key_type"] == "ec").unwrap()["pk"].clone();
    bench.change(&outcome.parts[0].provider, json!({"signing_key": ec})).await;
    let tick = bench.tick(&bench.target(&template, &outcome, 0), Id::Algorithm).await;
    assert_eq!((tick.state, fix(&tick)), (State::Red, Some(&Fix::SignWithRsa)), "{tick:?}");
    assert!(tick.found.contains("ES256"), "{tick:?}");
}

#[tokio::test]
async fn encrypted_tokens() {
    let bench = Bench::fresh(Version::V2025_12).await;
    let (outcome, target) = bench.portainer().await;
    let key = bench.table("certificates")[0]["pk"].clone();
    bench.change(&outcome.parts[0].provider, json!({"encryption_key": key})).await;
    let tick = bench.tick(&target, Id::Encryption).await;
    assert_eq!((tick.state, fix(&tick)), (State::Red, Some(&Fix::RemoveEncryption)), "{tick:?}");
}

#[tokio::test]
async fn grants_that_do_not_let_anybody_in() {
    let bench = Bench::fresh(Version::V2026_5).await;
    let (outcome, target) = bench.portainer().await;
    bench.change(&outcome.parts[0].provider, json!({"grant_types": ["client_credentials"]})).await;
    let wanted = Fix::AddGrants(vec![Grant::AuthorizationCode, Grant::RefreshToken]);
    let ticks = bench.check(&target).await;
    for id in [Id::Grants, Id::Redirects] {
        let tick = ticks.iter().find(|tick| tick.id == id).unwrap();
        assert_eq!((tick.state, fix(tick)), (State::Red, Some(&wanted)), "{tick:?}");
    }
}

#[tokio::test]
async fn a_client_secret_that_is_not_the_one_that_was_shown() {
    let bench = Bench::fresh(Version::V2024_12).await;
    let (_, mut target) = bench.portainer().await;
    assert_eq!(bench.tick(&target, Id::Client).await.state, State::Green);
    target.secret = Some(Bench::secret("another"));
    assert_eq!(bench.tick(&target, Id::Client).await.state, State::Red);
    target.secret = None;
    assert_eq!(bench.tick(&target, Id::Client).await.state, State::Green, "the one that authentik has is tried");
}

#[tokio::test]
async fn an_issuer_that_lost_its_scheme_on_the_way() {
    let bench = Bench::fresh(Version::V2026_8).await;
    let (_, target) = bench.portainer().await;
    let document = json!({"issuer": "http://auth.example.com/application/o/portainer/",
        "token_endpoint": "http://auth.example.com/application/o/token/", "id_token_signing_alg_values_supported": ["RS256"]});
    let lost = || {
        bench.server.fail_next(Matcher::new("GET", "openid-configuration"), Fault::Reply { status: 200, body: document.clone() });
    };
    // Asked at the public address itself, it is wrong; asked at another one, it is something to look at.
    lost();
    let tick = bench.tick(&target, Id::Issuer).await;
    assert_eq!(tick.state, State::Warning, "{tick:?}");
    let mend = tick.mend.unwrap().text;
    assert!(mend.contains("X-Forwarded-Proto") && mend.contains("TRUSTED_PROXY_CIDRS"), "{mend}");
    lost();
    let tick = bench.tick(&target, Id::Endpoints).await;
    assert!(tick.found.contains("http://auth.example.com/application/o/token/"), "{tick:?}");
    assert!(tick.details.iter().any(|detail| detail.mark == Mark::Missing));
}

#[tokio::test]
async fn an_issuer_under_another_name() {
    let bench = Bench::fresh(Version::V2025_12).await;
    let (_, mut target) = bench.portainer().await;
    let base = Url::parse(bench.server.base_url()).unwrap();
    let client = Client::new(&base, &Trust::default(), TIMEOUTS).unwrap().signed_in(bench.server.token()).unwrap();
    let ticks = akwiz::checks::run(&client, &target, |_| ()).await;
    let tick = ticks.iter().find(|tick| tick.id == Id::Issuer).unwrap();
    assert_eq!(tick.state, State::Warning, "{tick:?}");
    assert!(tick.mend.as_ref().unwrap().text.contains("Host header"), "{tick:?}");
    // The same address on both sides is right.
    target.public = base;
    let ticks = akwiz::checks::run(&client, &target, |_| ()).await;
    assert_eq!(ticks.iter().find(|tick| tick.id == Id::Issuer).unwrap().state, State::Green);
}

#[tokio::test]
async fn another_issuer_mode_than_the_application_expects() {
    let bench = Bench::fresh(Version::V2025_12).await;
    let (outcome, target) = bench.portainer().await;
    bench.change(&outcome.parts[0].provider, json!({"issuer_mode": "global"})).await;
    let tick = bench.tick(&target, Id::Issuer).await;
    assert!(matches!((tick.state, fix(&tick)), (State::Warning, Some(Fix::SetIssuerMode(_)))), "{tick:?}");
}

#[tokio::test]
async fn an_application_without_a_provider() {
    let bench = Bench::demo(Version::V2026_5).await;
    let ticks = bench.check(&Bench::unknown("router")).await;
    let alarms = alarms(&ticks);
    assert_eq!(alarms.iter().filter(|alarm| alarm.starts_with("discovery Red")).count(), 1, "{alarms:?}");
    assert_eq!(ticks.iter().find(|tick| tick.id == Id::Redirects).unwrap().state, State::Skipped);
}

#[tokio::test]
async fn addresses_that_authentik_says_are_not_verified() {
    let bench = Bench::fresh(Version::V2026_5).await;
    let template = template("vaultwarden");
    let outcome = bench.create(&template, &answers(&template, &template.sample[0]), 1).await;
    let target = bench.target(&template, &outcome, 0);
    assert_eq!(bench.tick(&target, Id::Claims).await.state, State::Green);
    // Somebody puts authentik's own mappings back.
    let own: Vec<_> = bench
        .table("scope_mappings")
        .into_iter()
        .filter(|mapping| {
            ["openid", "email", "profile"].iter().any(|scope| mapping["scope_name"] == *scope && mapping["managed"].is_string())
        })
        .map(|mapping| mapping["pk"].clone())
        .collect();
    bench.change(&outcome.parts[0].provider, json!({"property_mappings": own})).await;
    let tick = bench.tick(&target, Id::Claims).await;
    assert_eq!((tick.state, fix(&tick)), (State::Red, Some(&Fix::VerifyEmail)), "{tick:?}");
    let detail = tick.details.iter().find(|detail| detail.name == "email_verified").unwrap();
    assert_eq!((detail.value.as_str(), detail.mark), ("not verified", Mark::Missing));
}

#[tokio::test]
async fn a_scope_that_is_not_given() {
    let bench = Bench::fresh(Version::V2025_12).await;
    let (outcome, target) = bench.portainer().await;
    let profile: Vec<_> = bench
        .table("scope_mappings")
        .into_iter()
        .filter(|mapping| mapping["scope_name"] == "openid" || mapping["scope_name"] == "profile")
        .map(|mapping| mapping["pk"].clone())
        .collect();
    bench.change(&outcome.parts[0].provider, json!({"property_mappings": profile})).await;
    let tick = bench.tick(&target, Id::Claims).await;
    assert_eq!((tick.state, fix(&tick)), (State::Red, Some(&Fix::AddScope(BuiltinScope::Email))), "{tick:?}");
}

#[tokio::test]
async fn whether_alice_gets_in_and_as_what() {
    let bench = Bench::demo(Version::V2025_12).await;
    let mut target = Bench::unknown("grafana");
    let ticks = bench.check(&target).await;
    assert_eq!(alarms(&ticks), Vec::<String>::new(), "nothing that is right is an alarm without a template either");
    let access = |ticks: &[Tick]| ticks.iter().find(|tick| tick.id == Id::Access).cloned().unwrap();
    assert_eq!(access(&ticks).state, State::Skipped, "nobody said that the administrator should get in");

    target.person = Person::Named("alice".into());
    let ticks = bench.check(&target).await;
    assert_eq!(access(&ticks).found, "Alice Archer may open it.");
    let claims = ticks.iter().find(|tick| tick.id == Id::Claims).unwrap();
    let said = "Alice Archer comes as user name alice, e-mail alice@home.example, not verified, groups: family, staff.";
    assert_eq!(claims.found, said);

    target.person = Person::Named("bob".into());
    let tick = access(&bench.check(&target).await);
    assert!(matches!((tick.state, fix(&tick)), (State::Red, Some(Fix::LetIn(_)))), "{tick:?}");
    target.person = Person::Named("nobody".into());
    let tick = access(&bench.check(&target).await);
    assert!(tick.state == State::Warning && tick.found.contains("no user “nobody”"), "{tick:?}");
}

#[tokio::test]
async fn a_claim_that_only_some_people_have_is_no_alarm_until_somebody_asks_for_one() {
    let bench = Bench::fresh(Version::V2026_5).await;
    let template = template("gitea");
    let sample = template.sample.iter().find(|sample| sample.answers.contains_key("permissions")).unwrap();
    let outcome = bench.create(&template, &answers(&template, sample), 1).await;
    let mut target = bench.target(&template, &outcome, 0);
    let tick = bench.tick(&target, Id::Claims).await;
    assert_eq!(tick.state, State::Green, "{tick:?}");
    target.person = Person::Named("akadmin".into());
    let tick = bench.tick(&target, Id::Claims).await;
    assert_eq!(tick.state, State::Warning, "{tick:?}");
}

#[tokio::test]
async fn lifetimes_that_the_application_cannot_live_with() {
    let bench = Bench::fresh(Version::V2025_12).await;
    let template = template("vaultwarden");
    let outcome = bench.create(&template, &answers(&template, &template.sample[0]), 1).await;
    bench.change(&outcome.parts[0].provider, json!({"access_token_validity": "minutes=5"})).await;
    let tick = bench.tick(&bench.target(&template, &outcome, 0), Id::Lifetimes).await;
    assert_eq!(tick.state, State::Warning, "{tick:?}");
    assert!(tick.found.contains("at least 6 minutes"), "{tick:?}");
}

#[tokio::test]
async fn a_refresh_token_that_cannot_be_had() {
    let bench = Bench::fresh(Version::V2026_5).await;
    let template = template("vaultwarden");
    let outcome = bench.create(&template, &answers(&template, &template.sample[0]), 1).await;
    let target = bench.target(&template, &outcome, 0);
    assert_eq!(bench.tick(&target, Id::Refresh).await.state, State::Green);
    bench.change(&outcome.parts[0].provider, json!({"grant_types": ["authorization_code"]})).await;
    let tick = bench.tick(&target, Id::Refresh).await;
    assert_eq!((tick.state, fix(&tick)), (State::Warning, Some(&Fix::AddGrants(vec![Grant::RefreshToken]))), "{tick:?}");
}

#[tokio::test]
async fn a_token_with_few_rights_sees_less_and_raises_no_alarm() {
    let mut bench = Bench::fresh(Version::V2025_12).await;
    let (_, target) = bench.portainer().await;
    bench.client = bench.client.signed_in(bench.server.token_with(&[])).unwrap();
    let ticks = bench.check(&target).await;
    assert_eq!(alarms(&ticks), Vec::<String>::new());
    assert_eq!(ticks.iter().find(|tick| tick.id == Id::Issuer).unwrap().state, State::Green);
}

#[tokio::test]
async fn what_fails_once_is_right_at_the_next_run() {
    let bench = Bench::start(Options { seed: Seed::Fresh, ..Options::default() }).await;
    let (_, target) = bench.portainer().await;
    bench.server.fail_next(Matcher::new("GET", "openid-configuration"), Fault::Reply { status: 404, body: json!("") });
    assert_eq!(bench.tick(&target, Id::Discovery).await.state, State::Red);
    assert_eq!(bench.tick(&target, Id::Discovery).await.state, State::Green, "the next run sees it");
}

#[tokio::test]
async fn what_stands_in_for_a_late_answer_is_said() {
    let bench = Bench::fresh(Version::V2025_12).await;
    let template = template("chatgpt");
    let outcome = bench.create(&template, &Answers::new("chatgpt"), 1).await;
    let tick = bench.tick(&bench.target(&template, &outcome, 0), Id::Redirects).await;
    assert!(tick.state == State::Skipped && tick.found.contains("stands in"), "{tick:?}");
    assert!(PUBLIC.starts_with("https"));
}
