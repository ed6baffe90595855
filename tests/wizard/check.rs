//! The tab that checks what was made, and the line that tells of the first sign-in.

use akwiz::checks::watch::{End, News, What};
use akwiz::checks::{Detail, Id, Mark, Mend, State, Tick};
use akwiz::error::{Error, Kind};
use akwiz::setup::fix::{self, Fix};
use akwiz::ui::Wizard;
use akwiz::ui::effect::Write;
use akwiz::ui::msg::{Answer, Repair, Written};
use akwiz::ui::steps::Step;
use akwiz::ui::theme::Theme;

use crate::script::Script;
use crate::world::{self, SIZES};

fn portainer() -> Wizard {
    world::done(world::wizard("portainer"))
}

fn done(size: (u16, u16)) -> Script {
    Script::at(size, Step::Done, portainer()).begin()
}

fn tick(id: Id, state: State, found: &str) -> Tick {
    let mend = matches!(state, State::Red | State::Warning).then(|| Mend::from("Do something about it."));
    Tick { id, state, looked_at: "the server".into(), found: found.into(), details: Vec::new(), mend }
}

/// What a run finds: all is right but for the signing key, a certificate that is old, and an application that is not set up yet.
fn found(id: Id) -> Tick {
    match id {
        Id::Algorithm => Tick {
            mend: Some(Mend { text: "Sign tokens with an RSA key.".into(), fix: Some(Fix::SignWithRsa) }),
            ..tick(id, State::Red, "Tokens are signed with the client secret (HS256), because the provider has no signing key.")
        },
        Id::Certificate => {
            tick(id, State::Warning, "It runs out in 5 days. It is for auth.example.com; signed by CN=R11; 5 days left.")
        }
        Id::LoginButton => tick(id, State::Waiting, "It is not there yet. It appears once the settings are entered and saved."),
        Id::Grants => tick(id, State::Skipped, "This version of authentik does not limit them."),
        Id::Claims => Tick {
            details: vec![
                Detail { name: "email".into(), value: "alice@example.com".into(), mark: Mark::Present },
                Detail { name: "policy".into(), value: "missing".into(), mark: Mark::Missing },
                Detail { name: "groups".into(), value: "family, staff".into(), mark: Mark::Plain },
            ],
            ..tick(
                id,
                State::Green,
                "Alice comes as user name alice, e-mail alice@example.com, not verified, groups: family, staff.",
            )
        },
        id => tick(id, State::Green, "As it should be."),
    }
}

/// Gives the answers of the open run, and ends it.
fn answered(mut script: Script, run: u32, found: impl Fn(Id) -> Tick) -> Script {
    let ticket = script.ticket("Check {");
    for id in Id::ALL {
        script = script.late(ticket, Answer::Ticked { run, part: 0, tick: Box::new(found(id)) });
    }
    script.answer_to("Check {", Answer::Checked { run })
}

#[test]
fn the_checks_as_they_are_shown() {
    for size in SIZES {
        let script = answered(done(size).keys("x"), 1, found);
        insta::assert_snapshot!(format!("check_{}x{}", size.0, size.1), script.screen());
    }
}

#[test]
fn without_color_and_unicode_all_is_said_in_words_and_signs() {
    let script = Script::at((80, 24), Step::Done, portainer()).theme(Theme::PLAIN).begin();
    let script = answered(script.keys("x"), 1, found);
    assert!(script.screen().is_ascii(), "{}", script.screen());
    insta::assert_snapshot!("check_plain", script.screen());
}

#[test]
fn what_is_marked_stands_whole_below_and_can_be_explained() {
    // What is wrong is marked at first.
    let script = answered(done((80, 24)).keys("x"), 1, found);
    insta::assert_snapshot!("check_marked", script.screen());
    let script = script.keys("<down><down><down><down><down><down><down><down><down>").wait(300).keys("e");
    insta::assert_snapshot!("check_explained", script.screen());
}

#[test]
fn nothing_is_asked_before_somebody_looks_and_nothing_after_they_left() {
    let script = done((80, 24));
    let checks = |script: &Script| script.effects().iter().filter(|effect| effect.contains("Check {")).count();
    assert_eq!(checks(&script), 0);
    let script = answered(script.keys("x"), 1, found);
    assert_eq!(checks(&script), 2, "the login button is waited for");
    // On another tab nothing follows.
    let script = script.keys("<left>").answer_to("Check {", Answer::Checked { run: 2 });
    assert_eq!(checks(&script), 2);
    assert!(script.keys("x").shows("; r: again."));
}

#[test]
fn it_checks_again_until_all_is_right_and_then_rests() {
    let script = answered(done((80, 24)).keys("x"), 1, found);
    assert!(script.shows("; it goes on."), "{}", script.screen());
    let script = answered(script, 2, |id| tick(id, State::Green, "As it should be."));
    assert!(script.shows("20 right."), "{}", script.screen());
    assert!(!script.effects().iter().any(|effect| effect.contains("run: 3")));
    assert_eq!(script.wake_at(), None, "idle");
    // By hand, at any time.
    assert!(script.keys("r").effects().iter().any(|effect| effect.contains("run: 3")));
}

#[test]
fn what_never_becomes_right_is_not_asked_for_for_ever() {
    let mut script = done((80, 24)).keys("x");
    let mut run = 1;
    while script.effects().iter().any(|effect| effect.contains(&format!("run: {run}, wait"))) {
        script = answered(script, run, found);
        run += 1;
        assert!(run < 100, "it never ends");
    }
    assert!(script.shows("; r: again."), "{}", script.screen());
}

#[test]
fn answers_of_an_earlier_run_are_not_mixed_in() {
    let script = done((80, 24)).keys("x");
    let ticket = script.ticket("Check {");
    let script = script.keys("r").late(ticket, Answer::Ticked { run: 1, part: 0, tick: Box::new(found(Id::Algorithm)) });
    assert!(!script.shows("HS256"), "{}", script.screen());
}

fn planned() -> Answer {
    let facts = world::facts_with_portainer();
    let existing = &facts.existing[0];
    let target = fix::Target {
        facts: &facts,
        provider: existing.provider.as_ref(),
        application: Some(&existing.application),
        bindings: &existing.bindings,
        source: None,
    };
    let facts = akwiz::setup::facts::Facts {
        providers: [akwiz::setup::facts::ProviderFact {
            pk: "9".into(),
            name: "Portainer".into(),
            component: akwiz::setup::facts::OAUTH2_COMPONENT.into(),
            application: Some("portainer".into()),
        }]
        .into_iter()
        .collect(),
        ..facts.clone()
    };
    let plan = fix::plan(&[Fix::SignWithRsa], fix::Target { facts: &facts, ..target });
    assert!(plan.is_ready() && !plan.is_empty(), "{plan:?}");
    Answer::FixPlanned(Ok(Box::new(Repair { plan, facts })))
}

#[test]
fn a_fix_is_shown_and_asked_about_before_it_is_done() {
    let script = answered(done((80, 24)).keys("x"), 1, found);
    let script = script.keys("f").answer_to("PlanFix", planned());
    insta::assert_snapshot!("check_fix_asks", script.screen());
    assert!(!script.effects().iter().any(|effect| effect.starts_with("Write(Fix")));
    // No is no.
    let script = script.keys("n");
    assert!(!script.effects().iter().any(|effect| effect.starts_with("Write(Fix")));
    let script = script.keys("f").answer_to("PlanFix", planned()).writer(|write| match write {
        Write::Fix(_) => vec![Written::Fixed(Ok(Some("20261122T141503Z-doctor-a1b2".into())))],
        _ => Vec::new(),
    });
    let script = script.keys("y");
    assert!(script.shows("akwiz undo 20261122T141503Z-doctor-a1b2"), "{}", script.screen());
    assert!(script.effects().iter().any(|effect| effect.contains("run: 3")), "what was mended is looked at again");
    assert!(!script.wizard().applying && script.wizard().outcome.as_ref().unwrap().template == "portainer");
}

#[test]
fn what_akwiz_cannot_do_itself_is_said() {
    let script = answered(done((80, 24)).keys("x"), 1, found).keys("<home><down><down>f");
    assert!(script.shows("Do something about it."), "{}", script.screen());
    assert!(script.keys("<down>f").shows("There is nothing to mend here."));
}

#[test]
fn a_person_is_chosen_by_name() {
    let script = answered(done((80, 24)).keys("x"), 1, found).keys("p");
    insta::assert_snapshot!("check_person", script.screen());
    let script = script.keys("<c-u>alice<enter>");
    assert!(script.effects().iter().any(|effect| effect.contains("run: 3") && effect.contains("Named(\"alice\")")));
}

fn news(what: What, text: &str) -> Answer {
    let mend =
        what.is_trouble().then(|| Mend { text: "Allow this one too.".into(), fix: Some(Fix::AddRedirect("http://x/".into())) });
    Answer::News(Box::new(News { what, who: "Alice".into(), text: text.into(), done: what == What::SignedIn, mend }))
}

#[test]
fn nothing_is_watched_before_somebody_asks() {
    let script = done((80, 24));
    assert!(script.shows("l watches authentik's log for the first sign-in."), "{}", script.screen());
    assert!(!script.effects().iter().any(|effect| effect.contains("Watch")));
    assert_eq!((script.open(), script.wake_at()), (0, None), "idle");
    // All that the log has of a new application counts, once.
    let script = script.keys("l");
    assert!(script.shows("Watching the log. Somebody who is kept out may leave no trace: x, then p."), "{}", script.screen());
    assert!(script.effects().iter().any(|effect| effect.contains("Watch(") && effect.contains("is_new: true")));
    let watches = |script: &Script| script.effects().iter().filter(|effect| effect.contains("Watch(")).count();
    let script = script.keys("l");
    assert_eq!(watches(&script), 1);
    let script = script.answer_to("Watch", Answer::WatchEnded(Ok(End::TimeUp)));
    assert!(script.shows("watching has ended"), "{}", script.screen());
    assert_eq!((script.open(), script.wake_at()), (0, None), "idle again");
    let script = script.keys("l");
    assert!(script.effects().last().is_some_and(|effect| effect.contains("is_new: false")), "{:?}", script.effects());
    let error = Error::new(Kind::Refused, "This token may not read the log.");
    assert!(script.answer_to("Watch", Answer::WatchEnded(Err(error))).shows("This token may not read the log."));
}

#[test]
fn the_first_sign_in_is_told_while_settings_are_entered() {
    let script = done((80, 24)).keys("l");
    let ticket = script.ticket("Watch");
    let script = script.late(ticket, news(What::WrongRedirect, "Portainer sent another redirect URI."));
    assert!(script.shows("Portainer sent another redirect URI. x says what to do."), "{}", script.screen());
    let script = script.keys("x").wait(300);
    insta::assert_snapshot!("check_news", script.screen());
    assert!(script.keys("f").effects().iter().any(|effect| effect.contains("PlanFix") && effect.contains("http://x/")));

    let script = done((80, 24)).keys("l");
    let ticket = script.ticket("Watch");
    let script = script.late(ticket, news(What::SignedIn, "Alice signed in to Portainer 3 s ago."));
    assert!(script.shows("Alice signed in to Portainer 3 s ago."));
    assert!(script.bytes() <= 200, "{} bytes", script.bytes());
    // Nothing more is heard.
    let script = script.answer_to("Watch", Answer::WatchEnded(Ok(End::Enough)));
    assert_eq!((script.open(), script.wake_at()), (0, None));
}

#[test]
fn a_small_screen_tells_news_in_its_last_row() {
    let script = done((60, 20)).keys("l");
    assert!(script.shows("Watching the log"), "{}", script.screen());
    let ticket = script.ticket("Watch");
    let script = script.late(ticket, news(What::SignedIn, "Alice signed in to Portainer 3 s ago."));
    insta::assert_snapshot!("check_news_60x20", script.screen());
}

#[test]
fn a_secret_does_not_show_in_what_is_asked() {
    let wizard = portainer();
    let secret = secrecy::ExposeSecret::expose_secret(wizard.outcome.as_ref().unwrap().parts[0].client_secret.as_ref().unwrap())
        .to_owned();
    let script = Script::at((80, 24), Step::Done, wizard).begin().keys("x");
    assert!(script.effects().iter().all(|effect| !effect.contains(&secret)));
}
