//! The doctor's page: paste, read, mend.

use akwiz::catalog::template::Level;
use akwiz::checks::about::{About, Kind as Sort};
use akwiz::checks::doctor::{Diagnosis, Paste};
use akwiz::checks::repair;
use akwiz::checks::rules::{Finding, Subject, run_all};
use akwiz::error::{Error, Kind};
use akwiz::setup::facts::Found;
use akwiz::setup::fix::Target;
use akwiz::setup::plan::{Confirmation, Notice};
use akwiz::setup::setting::{Field, SettingValue};
use akwiz::ui::msg::{Answer, Diagnosed, Repair, Written};
use akwiz::ui::steps::Step;
use indexmap::IndexMap;
use insta::assert_snapshot;

use crate::known::connected;
use crate::script::Script;
use crate::world::{SIZES, facts};

const PASTED: &str =
    "grafana: oidc: malformed jwt: unexpected signature algorithm \"HS256\"; expected [\"RS256\"] client_secret=s3cr3tS3cr3t9";

/// What the doctor says of it, where the provider has no signing key.
fn diagnosed() -> Diagnosed {
    let text = |text: &str| SettingValue::Text(text.into());
    let facts = facts();
    let provider = Found {
        pk: "7".into(),
        settings: IndexMap::from([(Field::Name, text("Grafana")), (Field::SigningKey, SettingValue::Null)]),
    };
    let application =
        Found { pk: "a1".into(), settings: IndexMap::from([(Field::Name, text("Grafana")), (Field::Slug, text("grafana"))]) };
    let asked = Paste::read(PASTED).asked();
    let subject =
        Subject { provider: Some(&provider), application: Some(&application), asked: Some(&asked), ..Subject::new(&facts) };
    let findings = run_all(&subject);
    let wrong: Vec<&Finding> = findings.iter().filter(|finding| finding.is_wrong()).collect();
    let target =
        Target { facts: &facts, provider: Some(&provider), application: Some(&application), bindings: &[], source: None };
    let (plan, notes) = repair::plan(&wrong, target);
    let about = About::of(Sort::Provider, 0, &application);
    Diagnosed { diagnosis: Diagnosis { about: Some(about), findings, notes }, repair: Some(Repair { plan, facts }) }
}

fn page(size: (u16, u16)) -> Script {
    Script::at(size, Step::Pick, connected()).begin().keys("<c-d>")
}

fn told(size: (u16, u16)) -> Script {
    page(size).paste(PASTED).answer_to("Diagnose", Answer::Diagnosed(Ok(Box::new(diagnosed()))))
}

#[test]
fn it_is_reached_from_the_list_and_back_leads_there() {
    let script = page((80, 24));
    assert_eq!(script.step(), Step::Doctor);
    assert_snapshot!(script.screen());
    assert_eq!(script.keys("<esc>").step(), Step::Pick);
}

#[test]
fn what_it_says_is_drawn_in_every_size() {
    for (columns, rows) in SIZES {
        assert_snapshot!(format!("doctor_{columns}x{rows}"), told((columns, rows)).screen());
    }
}

#[test]
fn a_pasted_secret_is_gone_before_it_is_drawn() {
    let script = page((120, 40)).paste(PASTED);
    assert!(script.shows("(hidden)") && !script.shows("s3cr3tS3cr3t9"), "{}", script.screen());
    assert!(script.effects().iter().all(|effect| !effect.contains("s3cr3tS3cr3t9")), "{:?}", script.effects());
    assert!(script.shows("a client secret"), "{}", script.screen());
    let typed = page((120, 40)).keys("grafana<space>client_secret=s3cr3tS3cr3t9<enter>");
    assert!(!typed.shows("s3cr3tS3cr3t9"), "{}", typed.screen());
}

#[test]
fn a_fix_is_asked_about_and_then_it_looks_again() {
    let script = told((80, 40)).keys("<c-f>");
    assert!(script.shows("Change it in authentik?"), "{}", script.screen());
    let script = script.keys("n");
    assert!(!script.effects().iter().any(|effect| effect.contains("Fix(")), "{:?}", script.effects());
    let script = script.keys("<c-f>y");
    assert!(script.wizard().applying);
    let script = script.written(Written::Fixed(Ok(Some("20261122T141503Z-doctor-a1b2".into()))));
    assert!(!script.wizard().applying && script.shows("akwiz undo 20261122T141503Z-doctor-a1b2"), "{}", script.screen());
    script.ticket("Diagnose");
}

#[test]
fn a_long_repair_is_read_to_its_end_before_it_is_confirmed() {
    let mut long = diagnosed();
    let plan = &mut long.repair.as_mut().unwrap().plan;
    for number in 1..=30 {
        plan.notices.push(Notice { level: Level::Warning, text: format!("What to know, number {number}.") });
    }
    plan.confirmations.push(Confirmation::Slug { slug: "grafana".into(), why: "It is in use.".into() });
    let script = page((80, 24)).paste(PASTED).answer_to("Diagnose", Answer::Diagnosed(Ok(Box::new(long))));
    let script = script.keys("<c-f>");
    assert!(script.shows("Signing key") && !script.shows("number 30."), "{}", script.screen());
    let script = script.keys("<pgdn><pgdn><pgdn>");
    for text in ["number 30.", "A receipt is kept", "It is in use.", "type grafana and press Enter"] {
        assert!(script.shows(text), "{text}: {}", script.screen());
    }
    assert_snapshot!(script.screen());
    assert!(script.keys("grafana<enter>").wizard().applying);
}

#[test]
fn what_cannot_be_asked_is_an_error_in_words() {
    let error = Error::new(Kind::Unreachable, "authentik does not answer.");
    let script = page((80, 24)).paste("grafana").answer_to("Diagnose", Answer::Diagnosed(Err(error)));
    assert!(script.shows("authentik does not answer."), "{}", script.screen());
    let script = script.keys("<c-f>");
    assert!(script.shows("nothing that akwiz could mend"), "{}", script.screen());
    assert!(page((80, 24)).keys("<enter>").shows("Paste something"));
}
