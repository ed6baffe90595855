//! Login sources other than Plex: registering at the service, bringing values back, review, and what is left to do.

use std::sync::Arc;

use akwiz::setup::answers::LoginPage;
use akwiz::setup::facts::{Named, Version};
use akwiz::ui::effect::Write;
use akwiz::ui::msg::Written;
use akwiz::ui::steps::Step;
use akwiz::ui::{Load, Wizard};

use crate::script::Script;
use crate::world::{self, SIZES};

/// A secret that must not show.
const SECRET: &str = "0123456789abcdef0123456789abcdef01234567";

fn facts() -> akwiz::setup::facts::Facts {
    let mut facts = world::facts();
    let stages = ["default-source-authentication-login", "default-source-enrollment-login", "default-source-enrollment-write"];
    facts.around_source.stages = stages.map(|name| Named { pk: name.into(), name: name.into() }).into();
    facts.flows.push(akwiz::setup::facts::Flow {
        pk: "f5".into(),
        slug: "default-source-pre-authentication".into(),
        name: "Pre-Authentication".into(),
        designation: "stage_configuration".into(),
    });
    facts
}

fn at(size: (u16, u16), step: Step, id: &str) -> Script {
    Script::at(size, step, world::wizard(id))
        .reader(world::reader(facts()))
        .writer(|write| match write {
            Write::Copy { what, .. } => vec![Written::Copied { what: what.clone(), result: Ok(format!("{what} was copied.")) }],
            _ => Vec::new(),
        })
        .begin()
}

#[test]
fn the_callback_can_be_copied_before_anything_is_asked() {
    for size in SIZES {
        let script = at(size, Step::Register, "github");
        insta::assert_snapshot!(format!("source_register_{}x{}", size.0, size.1), script.screen());
    }
    let script = at((80, 24), Step::Register, "github").keys("c");
    assert!(script.shows("Authorization callback URL was copied."), "{}", script.screen());
    assert!(script.effects().iter().any(|effect| effect.starts_with("Write(Copy")), "{:?}", script.effects());
    let script = script.keys("<home>c");
    assert!(script.shows("nothing to copy"), "{}", script.screen());
    assert_eq!(script.keys("<enter>").step(), Step::Questions);
}

#[test]
fn another_slug_makes_another_callback() {
    let script = at((80, 24), Step::Register, "github").keys("<enter><tab><tab><tab><tab><tab>");
    assert_eq!(script.step(), Step::Options);
    let script = script.keys("<tab><c-u>code<esc><esc>");
    assert_eq!(script.step(), Step::Register);
    assert!(script.shows("/source/oauth/callback/code/"), "{}", script.screen());
}

#[test]
fn the_values_are_brought_back_and_the_secret_is_hidden() {
    let script = at((80, 24), Step::Questions, "github").keys("Ov23liABCDEFGHIJKLMN<tab>").paste(SECRET);
    insta::assert_snapshot!("source_questions", script.screen());
    assert!(!script.screen().contains(SECRET) && script.effects().iter().all(|effect| !effect.contains(SECRET)));
    let script = script.keys("<tab>acme<tab><tab>");
    insta::assert_snapshot!("source_questions_organization", script.screen());
    let script = script.keys("<enter>");
    assert_eq!(script.step(), Step::LoginPage);
    let script = script.keys("<enter>");
    assert_eq!((script.step(), script.wizard().answers.source.login_page.clone()), (Step::Review, LoginPage::Stage("s1".into())));
    insta::assert_snapshot!("source_review", script.screen());
    let script = script.keys("<end>");
    insta::assert_snapshot!("source_review_end", script.screen());
    assert!(!script.screen().contains(SECRET));
}

#[test]
fn saml_brings_a_certificate_whose_lines_a_paste_has_lost() {
    let script = at((80, 24), Step::Register, "saml");
    insta::assert_snapshot!("source_register_saml", script.screen());
    let script = script
        .keys("<enter><tab><tab>https://idp.example.com/saml/login<tab><tab><tab><tab>")
        .paste("-----BEGIN CERTIFICATE-----\nMAMC\nAQE=\n-----END CERTIFICATE-----\n");
    insta::assert_snapshot!("source_questions_saml", script.screen());
    let script = script.keys("<enter><enter>");
    assert_eq!(script.step(), Step::Review);
    insta::assert_snapshot!("source_review_saml", script.screen());
    let script =
        at((80, 24), Step::Questions, "saml").keys("<tab><tab>https://idp.example.com/<tab><tab><tab><tab>nonsense<enter>");
    assert!(script.shows("This is no whole certificate."), "{}", script.screen());
}

fn answered(id: &str, given: &[(&str, &str)]) -> Wizard {
    let mut wizard = world::wizard(id);
    for (question, answer) in given {
        let input = if *question == "client_secret" {
            akwiz::setup::answers::Input::Secret((*answer).into())
        } else {
            akwiz::setup::answers::Input::Text((*answer).into())
        };
        wizard.answers.give(question, input);
    }
    wizard
}

fn done(id: &str, given: &[(&str, &str)]) -> Wizard {
    world::done_with(answered(id, given), &facts())
}

#[test]
fn an_own_one_that_adds_python_wants_a_typed_yes() {
    let mut wizard = answered("github", &[("client_id", "Ov23liABCDEFGHIJKLMN"), ("client_secret", SECRET), ("org", "acme")]);
    let mut own = wizard.template.as_deref().unwrap().clone();
    own.own = true;
    wizard.template = Some(Arc::new(own));
    let applied = |script: &Script| script.effects().iter().any(|effect| effect.starts_with("Write(Apply"));
    let script = Script::at((120, 60), Step::Review, wizard).reader(world::reader(facts())).begin().wait(400);
    assert!(script.shows("Expression policy"), "{}", script.screen());
    let script = script.keys("<enter>");
    assert!(!applied(&script) && script.shows("Let it run in authentik?"), "{}", script.screen());
    let script = script.keys("y<enter>");
    assert!(!applied(&script));
    assert!(applied(&script.keys("<c-u>yes<enter>")));
}

#[test]
fn afterwards_there_is_only_the_first_sign_in() {
    let wizard = done("github", &[("client_id", "Ov23liABCDEFGHIJKLMN"), ("client_secret", SECRET), ("org", "acme")]);
    let script = Script::at((80, 24), Step::Done, wizard).begin();
    insta::assert_snapshot!("source_done", script.screen());
    let script = script.keys("<right>");
    insta::assert_snapshot!("source_done_registration", script.screen());
    assert_eq!(script.keys("<enter>").quit(), Some(0), "there was nothing to copy");
}

#[test]
fn scim_begins_in_authentik_and_hides_its_token() {
    let script = at((80, 24), Step::Pick, "entra-id-scim").keys("<enter>");
    assert_eq!(script.step(), Step::Review, "{}", script.screen());
    let mut wizard = done("entra-id-scim", &[]);
    let outcome = wizard.outcome.as_mut().unwrap();
    outcome.scope.insert("scim_token".into(), akwiz::catalog::value::Value::Secret(SECRET.into()));
    let script = Script::at((80, 24), Step::Done, wizard).begin();
    insta::assert_snapshot!("source_done_scim", script.screen());
    assert!(!script.screen().contains(SECRET));
    assert!(script.keys("s").screen().contains(&SECRET[..20]));
}

#[test]
fn a_server_that_lacks_a_source_is_said_so_on_pick_and_review() {
    let old = || {
        let mut wizard = world::wizard("wechat");
        wizard.signed_in.as_mut().unwrap().version = Version::new(2024, 12, 5);
        wizard
    };
    let mut facts = facts();
    facts.capabilities = akwiz::setup::facts::Capabilities::expected(Version::new(2024, 12, 5));
    let script = Script::at((120, 40), Step::Pick, old()).reader(world::reader(facts.clone())).begin().wait(200);
    insta::assert_snapshot!("source_lacking_pick", script.screen());
    let mut wizard = old();
    wizard.answers.give("client_id", akwiz::setup::answers::Input::Text("wx1".into()));
    wizard.answers.give("client_secret", akwiz::setup::answers::Input::Secret(SECRET.into()));
    let script = Script::at((80, 24), Step::Review, wizard).reader(world::reader(facts)).begin();
    insta::assert_snapshot!("source_lacking_review", script.screen());
    assert!(matches!(script.wizard().facts, Load::Ready(_)));
}
