//! Plans for login sources: what stands in the way, what is kept, what is asked for besides.

use super::{comes_later, lacking, plan, registration};
use crate::catalog::head::Head;
use crate::catalog::load::Catalog;
use crate::catalog::render::Engine;
use crate::catalog::template::{Kind, Template};
use crate::setup::answers::{Answers, Input};
use crate::setup::facts::{Facts, Found, Scripted, Version};
use crate::setup::mint::Minted;
use crate::setup::plan::{Action, Decision, Plan};
use crate::setup::question::resolve;
use crate::setup::sample;
use crate::setup::setting::{Field, Ref, SettingValue};

const NOW: Version = Version::new(2025, 12, 4);

fn template(id: &str) -> Template {
    Catalog::built_in().get(id).expect("the template is built in").clone()
}

fn make(template: &Template, answers: &Answers, facts: &Facts) -> Plan {
    plan(&Engine::new(), template, answers, facts, &Minted::default())
}

fn sampled(id: &str, number: usize) -> (Template, Answers) {
    let template = template(id);
    let answers = sample::answers(&template, &template.sample[number]).unwrap();
    (template, answers)
}

fn blocked(plan: &Plan) -> &str {
    match &plan.decisions[..] {
        [Decision::Blocked { text }] => text,
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_source_sets_fields_that_its_kind_has() {
    for template in Catalog::built_in().iter().filter(|template| template.kind == Kind::Source) {
        let answers = sample::answers(template, &template.sample[0]).unwrap();
        let plan = make(template, &answers, &sample::new_server(NOW));
        assert!(plan.is_ready(), "{}: {:?}", template.id, plan.decisions);
        let matching = plan.actions.iter().find_map(|action| match action {
            Action::CreateSource { settings, .. } => Some(settings.get(&Field::UserMatching).map(|one| one.value.lines())),
            _ => None,
        });
        let expected = (template.id != "entra-id-scim").then(|| vec!["identifier".to_owned()]);
        assert_eq!(matching, Some(expected), "{}: matching by identifier is the default", template.id);
    }
}

#[test]
fn a_server_that_lacks_a_source_is_told_since_when_there_is_one() {
    let wechat = template("wechat");
    assert_eq!(lacking(&wechat, NOW), None);
    let sentence = lacking(&wechat, Version::new(2024, 12, 5)).unwrap();
    assert_eq!(
        sentence,
        "authentik 2024.12.5 has no login source for WeChat: it came with 2025.12. Update authentik, then do this again."
    );
    assert_eq!(lacking(&template("github"), Version::OLDEST), None);
}

#[test]
fn a_list_marks_the_sources_that_a_server_lacks() {
    let versions = [Version::OLDEST, Version::new(2025, 4, 0), Version::new(2025, 10, 0), NOW, Version::new(2026, 8, 0)];
    for template in Catalog::built_in().iter() {
        for version in versions {
            let told = lacking(template, version).is_some();
            assert_eq!(comes_later(&Head::of(template), version), told, "{} on {version}", template.id);
        }
    }
}

#[test]
fn the_callback_is_known_before_anything_is_answered() {
    let github = template("github");
    let (engine, mut answers) = (Engine::new(), Answers::new("github"));
    let callback = |answers: &Answers| {
        let resolved = resolve(&engine, &github, answers, &Minted::default());
        let scope = registration(&engine, &github, answers, &resolved, "https://auth.example.com:8443");
        (scope["callback"].as_text().unwrap().to_owned(), scope["authentik_host"].as_text().unwrap().to_owned())
    };
    let (first, host) = callback(&answers);
    assert_eq!(
        (first.as_str(), host.as_str()),
        ("https://auth.example.com:8443/source/oauth/callback/github/", "auth.example.com")
    );
    answers.options.slug = Some("code".into());
    assert_eq!(callback(&answers).0, "https://auth.example.com:8443/source/oauth/callback/code/");
}

#[test]
fn the_consumer_key_of_apple_is_made_of_three_answers_and_the_key_gets_its_lines_back() {
    let (template, answers) = sampled("apple-login", 0);
    let plan = make(&template, &answers, &sample::new_server(NOW));
    let [Action::CreateSource { settings, .. }, ..] = &plan.actions[..] else { panic!("{:?}", plan.actions) };
    assert_eq!(settings[&Field::ConsumerKey].value.lines(), ["com.example.auth.signin;JQNH45HN7V;XFBNJ82BV6"]);
    let SettingValue::Secret(secret) = &settings[&Field::ConsumerSecret].value else { panic!() };
    let text = secrecy::ExposeSecret::expose_secret(secret);
    assert!(
        text.starts_with("-----BEGIN PRIVATE KEY-----\n") && text.ends_with("\n-----END PRIVATE KEY-----\n"),
        "{}",
        text.len()
    );
    assert!(!format!("{plan:?}").contains("MIGTAgEA"));
}

#[test]
fn a_missing_stage_and_a_missing_flow_are_said() {
    let (template, answers) = sampled("github", 1);
    let mut facts = sample::new_server(NOW);
    facts.around_source.stages.clear();
    let plan = make(&template, &answers, &facts);
    assert!(
        plan.decisions.iter().any(
            |decision| matches!(decision, Decision::Blocked { text } if text.contains("default-source-authentication-login"))
        )
    );
    let (template, answers) = sampled("saml", 0);
    let mut facts = sample::new_server(NOW);
    facts.flows.retain(|flow| flow.slug != "default-source-pre-authentication");
    assert!(blocked(&make(&template, &answers, &facts)).contains("default-source-pre-authentication"));
}

#[test]
fn signatures_on_2024_12_are_those_of_assertions() {
    let (template, answers) = sampled("saml", 1);
    let plan = make(&template, &answers, &sample::new_server(Version::new(2024, 12, 5)));
    assert!(plan.notices.iter().any(|notice| notice.text.contains("the assertion alone")), "{:?}", plan.notices);
    let (template, answers) = sampled("google-workspace", 1);
    let plan = make(&template, &answers, &sample::new_server(Version::new(2024, 12, 5)));
    assert!(blocked(&plan).contains("always asks for a signed assertion"), "{:?}", plan.decisions);
}

/// The server after the plan, as far as the source goes.
fn after(plan: &Plan, mut facts: Facts) -> Facts {
    for action in &plan.actions {
        match action {
            Action::CreateSource { settings, .. } => {
                let settings =
                    settings.iter().filter(|(field, _)| !field.is_write_only()).map(|(field, one)| (*field, one.value.clone()));
                facts.existing_source = Some(Found { pk: "source".into(), settings: settings.collect() });
            }
            Action::MakeExtra(extra) => {
                if let Some(SettingValue::Text(expression)) = extra.fields.get("expression") {
                    let made = Scripted { pk: "made".into(), name: extra.name.clone(), expression: expression.clone() };
                    facts.around_source.mappings.push(made);
                }
            }
            _ => {}
        }
    }
    facts
}

#[test]
fn a_write_only_secret_is_kept_unless_somebody_wants_it_replaced() {
    let (template, mut answers) = sampled("twitch", 0);
    let facts = after(&make(&template, &answers, &sample::new_server(NOW)), sample::new_server(NOW));
    let plan = make(&template, &answers, &facts);
    assert!(plan.actions.iter().all(|action| matches!(action, Action::ShowSource { .. })), "{:?}", plan.actions);
    assert!(plan.notices.iter().any(|notice| notice.text.contains("does not show the consumer secret")), "{:?}", plan.notices);
    answers.source.renew_secrets = true;
    let plan = make(&template, &answers, &facts);
    let Some(Action::UpdateSource { changes, .. }) = plan.actions.first() else { panic!("{:?}", plan.actions) };
    assert_eq!(changes.iter().map(|change| change.field).collect::<Vec<_>>(), [Field::ConsumerSecret]);
}

#[test]
fn mappings_and_flows_that_are_there_besides_stay() {
    let (template, mut answers) = sampled("google", 1);
    let mut facts = after(&make(&template, &answers, &sample::new_server(NOW)), sample::new_server(NOW));
    let source = facts.existing_source.as_mut().unwrap();
    let own = Ref::existing("made", "google: e-mail address as user name");
    source.settings.insert(Field::UserMappings, SettingValue::Refs(vec![Ref::existing("theirs", "theirs"), own]));
    source.settings.insert(Field::AuthenticationFlow, SettingValue::Ref(Ref::existing("their-flow", "their-flow")));
    let updates = |answers: &Answers| {
        let plan = make(&template, answers, &facts);
        plan.actions.into_iter().find_map(|action| match action {
            Action::UpdateSource { changes, .. } => Some(changes.into_iter().map(|change| change.field).collect::<Vec<_>>()),
            _ => None,
        })
    };
    assert_eq!(updates(&answers), None);
    answers.give("enroll", Input::Toggle(false));
    assert_eq!(updates(&answers), Some(vec![Field::EnrollmentFlow]), "what was asked for is done");
}
