//! Every built-in login source on every version: made, found unchanged by a second run, taken back.

use akwiz::catalog::load::Catalog;
use akwiz::catalog::template::{Kind, QuestionKind, Sample, SourceApi, Template};
use akwiz::catalog::text::Scalar;
use akwiz::catalog::value::Value as ScopeValue;
use akwiz::demo::{Fault, Matcher, Options, Version};
use akwiz::setup::answers::Input;
use akwiz::setup::plan::{Action, Confirmation, Decision};
use akwiz::setup::planner::lacking;
use akwiz::setup::receipt::EntryState;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

use crate::bench::{Bench, CANARY};

/// All but Plex, which needs somebody to sign in.
fn sources() -> Vec<Template> {
    let all = Catalog::built_in();
    all.iter().filter(|template| template.kind == Kind::Source && template.id != "plex").cloned().collect()
}

fn template(id: &str) -> Template {
    Catalog::built_in().get(id).unwrap().clone()
}

fn give(bench: &mut Bench, sample: &Sample) {
    for (id, value) in &sample.answers {
        let question = bench.template.question.iter().find(|question| question.id == *id).unwrap();
        let input = match value {
            Scalar::Bool(on) => Input::Toggle(*on),
            Scalar::Text(text) if question.kind == QuestionKind::Secret && text.as_str().contains("BEGIN") => {
                Input::Secret(text.as_str().into())
            }
            Scalar::Text(text) if question.kind == QuestionKind::Secret => {
                Input::Secret(SecretString::from(format!("{CANARY}{}", text.as_str())))
            }
            Scalar::Text(text) => Input::Text(text.as_str().to_owned()),
            other => panic!("{other:?}"),
        };
        bench.answers.give(id, input);
    }
}

async fn bench(template: &Template, sample: usize, version: Version) -> Bench {
    let mut bench = Bench::of(Options { version, ..Options::default() }, template.clone()).await;
    give(&mut bench, &template.sample[sample]);
    bench
}

#[test]
fn there_are_seventeen_and_plex() {
    assert_eq!(sources().len(), 17);
}

#[tokio::test]
async fn every_source_is_made_found_again_and_taken_back() {
    for template in sources() {
        for version in Version::ALL {
            for (number, sample) in template.sample.iter().enumerate() {
                let place = format!("{} {version:?} {:?}", template.id, sample.title);
                let bench = bench(&template, number, version).await;
                let before = bench.world();
                let facts = bench.facts().await;
                let plan = bench.plan(&facts);
                if let Some(sentence) = lacking(&template, facts.capabilities.version) {
                    assert_eq!(plan.decisions, [Decision::Blocked { text: sentence }], "{place}");
                    continue;
                }
                // 2024.12 asks for a signed assertion whenever it has a certificate.
                if version == Version::V2024_12 && template.id == "google-workspace" && number == 1 {
                    assert!(
                        matches!(&plan.decisions[..], [Decision::Blocked { text }] if text.contains("signed assertion")),
                        "{place}"
                    );
                    continue;
                }
                assert!(plan.is_ready(), "{place}: {:#?}", plan.decisions);
                let outcome = bench.apply(&facts, &plan).await.unwrap_or_else(|failure| panic!("{place}: {:?}", failure.error));
                assert!(outcome.notices.is_empty(), "{place}: {:?}", outcome.notices);
                let source = outcome.source.as_ref().unwrap();
                let shown = template.source.as_ref().unwrap().login_page;
                assert_eq!(source.shown_on.is_some(), shown, "{place}");
                assert!(bench.object("sources", "slug", &source.slug).is_some(), "{place}");

                let facts = bench.facts().await;
                let again = bench.plan(&facts);
                assert!(again.is_ready() && again.is_empty(), "{place}: {:#?} {:#?}", again.decisions, again.actions);
                assert!(!format!("{:?}", bench.receipt(outcome.receipt.as_ref().unwrap())).contains(CANARY), "{place}");

                let report = bench.undo(outcome.receipt.as_ref().unwrap()).await;
                assert!(report.is_complete(), "{place}: {:?}", Bench::lines(&report));
                bench.assert_unchanged(&before);
            }
        }
    }
}

#[tokio::test]
async fn the_type_of_entra_follows_the_version_and_a_made_one_keeps_its_own() {
    for (version, wanted) in [(Version::V2024_12, "azuread"), (Version::V2025_12, "entraid"), (Version::V2026_8, "entraid")] {
        let bench = bench(&template("entra-id"), 0, version).await;
        bench.run().await.unwrap();
        assert_eq!(bench.object("sources", "slug", "entra-id").unwrap()["provider_type"], wanted, "{version:?}");
    }
    let bench = bench(&template("entra-id"), 0, Version::V2025_12).await;
    let made = bench.run().await.unwrap().source.unwrap();
    let old = json!({"provider_type": "azuread", "name": "Old"}).as_object().unwrap().clone();
    bench.client.change_source(SourceApi::Oauth, &made.slug, &old).await.unwrap();
    assert!(bench.plan(&bench.facts().await).is_empty());
}

#[tokio::test]
async fn the_issuer_has_its_name_by_version() {
    for (version, key, other) in
        [(Version::V2026_5, "issuer", "issuer_override"), (Version::V2026_8, "issuer_override", "issuer")]
    {
        let bench = bench(&template("saml"), 0, version).await;
        bench.run().await.unwrap();
        let post = bench.server.log().into_iter().find(|entry| entry.path.ends_with("/sources/saml/")).unwrap();
        assert!(post.body[key].as_str().unwrap().ends_with("/source/saml/saml/metadata/"), "{version:?}");
        assert_eq!(post.body.get(other), None, "{version:?}");
    }
}

#[tokio::test]
async fn a_change_carries_what_old_servers_demand_and_can_be_taken_back() {
    for version in Version::ALL {
        let mut bench = bench(&template("okta"), 0, version).await;
        let first = bench.run().await.unwrap();
        let before = bench.world();
        bench.answers.give("matching", Input::Text("email_deny".into()));
        bench.answers.source.renew_secrets = true;
        let facts = bench.facts().await;
        let plan = bench.plan(&facts);
        let [Action::UpdateSource { changes, .. }] = &plan.actions[..] else { panic!("{version:?} {:#?}", plan.actions) };
        assert_eq!(changes.len(), 2, "{version:?} {changes:?}");
        assert!(!format!("{changes:?}").contains(CANARY), "{version:?}");
        let second = bench.apply(&facts, &plan).await.unwrap();
        let patch = bench.server.log().into_iter().rfind(|entry| entry.method == "PATCH").unwrap();
        assert_eq!(patch.body["provider_type"], "okta", "{version:?}");
        assert_eq!(patch.body["authorization_url"], "https://company.okta.com/oauth2/v1/authorize", "{version:?}");
        let report = bench.undo(second.receipt.as_ref().unwrap()).await;
        assert_eq!(
            Bench::lines(&report),
            ["Change the login source “Okta”: left: consumer_secret stays: what it was before is not recorded."],
            "{version:?}"
        );
        bench.assert_unchanged(&before);
        assert!(bench.undo(first.receipt.as_ref().unwrap()).await.is_complete(), "{version:?}");
    }
}

#[tokio::test]
async fn another_organization_rewrites_the_policy_and_nothing_else() {
    let mut bench = bench(&template("github"), 1, Version::V2025_12).await;
    bench.run().await.unwrap();
    let before = bench.world();
    bench.answers.give("org", Input::Text("umbrella".into()));
    let outcome = bench.run().await.unwrap();
    let policy = bench.table("policies").into_iter().next().unwrap();
    assert!(policy["expression"].as_str().unwrap().contains("'umbrella'"), "{policy}");
    assert_eq!(bench.states(outcome.receipt.as_ref().unwrap()), [EntryState::Done]);
    assert!(bench.undo(outcome.receipt.as_ref().unwrap()).await.is_complete());
    bench.assert_unchanged(&before);
}

#[tokio::test]
async fn the_check_stands_on_flows_of_its_own_before_the_source_is_shown() {
    let bench = bench(&template("github"), 1, Version::V2026_5).await;
    bench.run().await.unwrap();
    let object = |table: &str, field: &str, value: &str| bench.object(table, field, value).unwrap();
    let source = object("sources", "slug", "github");
    let flow = object("flows", "slug", "github-authentication");
    assert_eq!((&source["authentication_flow"], &flow["policy_engine_mode"]), (&flow["pk"], &json!("all")));
    let policy = object("policies", "name", "github: member of the organization");
    let bound: Vec<Value> = bench.table("bindings").into_iter().filter(|one| one["policy"] == policy["pk"]).collect();
    let targets: Vec<&Value> = bound.iter().map(|one| &one["target"]).collect();
    let enrollment = object("flows", "slug", "github-enrollment");
    assert_eq!(targets, [&flow["pk"], &enrollment["pk"]]);
    assert!(bound.iter().all(|one| one["failure_result"] == false), "who cannot be checked does not pass");
    let writes: Vec<String> =
        bench.server.log().into_iter().filter(akwiz::demo::Logged::is_write).map(|entry| entry.path).collect();
    assert!(writes.last().unwrap().contains("/stages/identification/"), "{writes:#?}");
    let default = object("flows", "slug", "default-source-authentication");
    assert!(bench.table("stage_bindings").iter().all(|one| one["target"] != default["pk"]));
}

#[tokio::test]
async fn a_lost_answer_is_looked_for() {
    for (id, path) in [
        ("github", "/policies/expression/"),
        ("github", "/flows/instances/"),
        ("github", "/flows/bindings/"),
        ("github", "/policies/bindings/"),
        ("github", "/sources/oauth/"),
        ("saml", "/sources/saml/"),
        ("saml", "/crypto/certificatekeypairs/"),
        ("telegram", "/sources/telegram/"),
        ("entra-id-scim", "/sources/scim/"),
    ] {
        let bench = bench(&template(id), usize::from(id == "github"), Version::V2025_12).await;
        bench.server.fail_next(Matcher::new("POST", path), Fault::DropAfter);
        let outcome = bench.run().await.unwrap_or_else(|failure| panic!("{id} {path}: {:?}", failure.error));
        assert!(bench.states(outcome.receipt.as_ref().unwrap()).iter().all(|state| *state == EntryState::Done), "{id} {path}");
    }
}

#[tokio::test]
async fn the_token_of_scim_is_read_with_its_right_only() {
    let mut bench = bench(&template("entra-id-scim"), 0, Version::V2025_12).await;
    let outcome = bench.run().await.unwrap();
    let Some(ScopeValue::Secret(token)) = outcome.scope.get("scim_token") else { panic!("{:?}", outcome.scope) };
    let pk = outcome.source.unwrap().pk;
    let stored = bench.object("tokens", "identifier", &format!("ak-source-scim-{pk}")).unwrap();
    assert_eq!(token.expose_secret(), stored["key"].as_str().unwrap());
    bench.with_rights(&["authentik_sources_scim.view_scimsource", "authentik_core.view_source", "authentik_flows.view_flow"]);
    let facts = bench.facts().await;
    let plan = bench.plan(&facts);
    let again = bench.apply(&facts, &plan).await.unwrap();
    assert!(again.notices[0].text.contains("authentik_core.view_token_key"), "{:?}", again.notices);
}

#[tokio::test]
async fn a_slug_of_another_kind_or_type_is_refused_and_a_changed_key_confirmed() {
    let mut google = bench(&template("google-workspace"), 1, Version::V2025_12).await;
    google.answers.options.slug = Some("google".into());
    let body = json!({
        "name": "Google", "slug": "google", "provider_type": "google", "consumer_key": "k", "consumer_secret": "s",
    });
    google.client.create_source(SourceApi::Oauth, body.as_object().unwrap()).await.unwrap();
    let facts = google.facts().await;
    let [Decision::Blocked { text }] = &google.plan(&facts).decisions[..] else { panic!() };
    assert_eq!(text, "The slug \"google\" belongs to the OAuth Source \"Google\". Choose another slug on the options page.");

    let mut github = Bench::of(Options { version: Version::V2025_12, ..Options::default() }, template("github")).await;
    let sample = template("github").sample[0].clone();
    give(&mut github, &sample);
    github.answers.options.slug = Some("google".into());
    github.client.create_source(SourceApi::Oauth, body.as_object().unwrap()).await.unwrap();
    let [Decision::Blocked { text }] = &github.plan(&github.facts().await).decisions[..] else { panic!() };
    assert!(text.contains("of the type google"), "{text}");

    github.answers.options.slug = None;
    github.run().await.unwrap();
    github.answers.give("client_id", Input::Text("another".into()));
    let plan = github.plan(&github.facts().await);
    assert!(matches!(&plan.confirmations[..], [Confirmation::Slug { slug, .. }] if slug == "github"), "{:?}", plan.confirmations);
}
