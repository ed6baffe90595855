//! The token.

use akwiz::authentik::rights::Right;
use akwiz::ui::effect::Read;
use akwiz::ui::msg::{Answer, FoundToken, SignedIn, Tls, Written};
use akwiz::ui::steps::Step;
use akwiz::ui::theme::Theme;
use akwiz::ui::{Load, Wizard};
use insta::assert_snapshot;

use crate::known::{bad_token, connected, missing, signed_in};
use crate::script::Script;

fn page(size: (u16, u16), wizard: Wizard) -> Script {
    Script::at(size, Step::SignIn, wizard)
}

/// Nothing lies anywhere; who signs in is `person`.
fn nothing_found(person: fn() -> SignedIn) -> impl FnMut(&Read) -> Option<Answer> {
    move |read| match read {
        Read::FindToken => Some(Answer::Token(Ok(None))),
        Read::SignIn { .. } => Some(Answer::SignedIn(Ok(person()))),
        _ => None,
    }
}

fn limited() -> SignedIn {
    let mut signed_in = signed_in();
    signed_in.person.superuser = false;
    signed_in.missing = vec![
        missing("Can add Application", "Applications cannot be created.", true),
        missing("Can view Group", "Groups cannot be offered; type their names.", false),
    ];
    signed_in
}

#[test]
fn empty() {
    assert_snapshot!(page((80, 24), connected()).reader(nothing_found(signed_in)).begin().screen());
}

#[test]
fn empty_on_a_small_screen_without_colors() {
    let script = page((60, 20), connected()).theme(Theme::PLAIN).reader(nothing_found(signed_in));
    assert_snapshot!(script.begin().screen());
}

#[test]
fn the_connection_is_judged_before_a_token_is_typed() {
    let mut wizard = connected();
    if let Some(server) = &mut wizard.server {
        server.found.api_url = "http://auth.example.com".into();
        server.found.tls = Tls::Plain;
        server.found.clock_skew = Some(-310);
    }
    let script = page((80, 24), wizard).reader(nothing_found(signed_in)).begin();
    assert!(script.shows("The connection is not encrypted: the token can be read on its way."), "{}", script.screen());
    assert!(script.shows("Its clock is 5 min behind this machine's"), "{}", script.screen());
}

#[test]
fn a_token_that_lies_somewhere_signs_in_by_itself() {
    let script = page((80, 24), connected()).begin();
    let script = script.answer_to(
        "FindToken",
        Answer::Token(Ok(Some(FoundToken { token: "canary-token".into(), place: "AUTHENTIK_TOKEN".into() }))),
    );
    let script = script.answer_to("SignIn", Answer::SignedIn(Ok(signed_in())));
    assert_eq!(script.step(), Step::Pick);
    assert!(script.shows("Signed in as Ann Example (ann); token from AUTHENTIK_TOKEN."), "{}", script.screen());
    assert!(matches!(script.wizard().facts, Load::Loading(_)), "facts are asked for at once");
    assert!(!script.effects().iter().any(|effect| effect.contains("canary")));
}

#[test]
fn a_typed_token_shows_whose_it_is_and_is_kept_only_on_purpose() {
    let script = page((80, 24), connected()).reader(nothing_found(signed_in)).begin();
    let script = script.keys("canary-token");
    assert_snapshot!("typing", script.screen());
    let script = script.keys("<enter>");
    assert_eq!(script.step(), Step::SignIn);
    assert_snapshot!("signed_in", script.screen());
    let kept = |script: &Script| script.effects().iter().any(|effect| effect.contains("KeepToken"));
    let script = script.keys("<enter>");
    assert_eq!((script.step(), kept(&script)), (Step::Pick, false));
    let script = script.keys("<esc><down><enter>");
    assert_eq!((script.step(), kept(&script)), (Step::Pick, true));
    let message = "The token is kept in the keyring of your desktop, until you remove it.";
    let script = script.written(Written::TokenKept { kept: true, message: message.into() });
    assert!(script.shows(message), "{}", script.screen());
}

#[test]
fn the_token_is_shown_only_when_asked_for() {
    let script = page((80, 24), connected()).reader(nothing_found(signed_in)).begin().paste(" canary-\n token \n");
    assert!(!script.shows("canary"), "{}", script.screen());
    assert!(script.keys("<c-t>").shows("canary-token"));
}

#[test]
fn a_refused_token_says_so() {
    let reader = |read: &Read| match read {
        Read::FindToken => Some(Answer::Token(Ok(None))),
        Read::SignIn { .. } => Some(Answer::SignedIn(Err(bad_token()))),
        _ => None,
    };
    let script = page((80, 24), connected()).reader(reader).begin().keys("nonsense<enter>");
    assert_snapshot!(script.screen());
    // Enter tries again.
    let tried = |script: &Script| script.effects().iter().filter(|effect| effect.contains("SignIn {")).count();
    assert_eq!(tried(&script), 1);
    assert_eq!(tried(&script.keys("<enter>")), 2);
}

#[test]
fn missing_rights_are_named_with_what_does_not_work() {
    let script = page((80, 24), connected()).reader(nothing_found(limited)).begin().keys("token<enter>");
    assert_snapshot!(script.screen());
    // Enter looks again; going on is a choice.
    let script = script.keys("<enter>");
    assert_eq!(script.step(), Step::SignIn);
    assert_eq!(script.keys("<down><enter>").step(), Step::Pick);
}

#[test]
fn missing_rights_on_a_small_screen() {
    let script = page((60, 20), connected()).reader(nothing_found(limited)).begin().keys("token<enter>");
    assert_snapshot!(script.screen());
}

#[test]
fn a_token_without_any_right_leaves_room_for_the_question() {
    for (size, name) in [((80, 24), "no_rights"), ((60, 20), "no_rights_on_a_small_screen")] {
        let reader = nothing_found(|| {
            let all = Right::FOR_APPLICATIONS.iter().map(|right| {
                missing(right.title(), "What exists cannot be seen: a taken slug shows only when it is refused.", true)
            });
            SignedIn { missing: all.collect(), ..signed_in() }
        });
        let script = page(size, connected()).reader(reader).begin().keys("token<enter>");
        assert!(script.shows("Go on all the same"), "{}", script.screen());
        let words = script.screen().split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(Right::FOR_APPLICATIONS.iter().all(|right| words.contains(right.title())), "{words}");
        assert_snapshot!(name, script.screen());
    }
}

#[test]
fn asking_can_be_cancelled_and_a_late_answer_is_dropped() {
    let script = page((80, 24), connected()).begin().answer_to("FindToken", Answer::Token(Ok(None)));
    let script = script.keys("token<enter>").wait(300);
    assert!(script.shows("Asking authentik whose token it is"), "{}", script.screen());
    let late = script.ticket("SignIn");
    let script = script.keys("<esc>").late(late, Answer::SignedIn(Ok(signed_in())));
    assert_eq!(script.step(), Step::SignIn);
    assert!(script.wizard().signed_in.is_none());
}
