//! The first page.

use akwiz::error::{Error, Kind};
use akwiz::ui::Start;
use akwiz::ui::effect::Read;
use akwiz::ui::msg::{Answer, Certificate, ProbeFailure};
use akwiz::ui::steps::Step;
use akwiz::ui::theme::Theme;
use insta::assert_snapshot;

use crate::known::found;
use crate::script::Script;

fn probed(url: &str) -> Answer {
    Answer::Probed(Ok(found(url)))
}

fn refused() -> Answer {
    let error = Error::new(Kind::Unreachable, "Nothing is listening at auth.example.com:443: the connection was refused.")
        .hint("Check the port. authentik itself listens on 9443 for HTTPS and on 9000 for HTTP.");
    Answer::Probed(Err(ProbeFailure { error, certificate: None, instead: None }))
}

fn not_trusted() -> Answer {
    let error = Error::new(Kind::Unreachable, "The certificate of 192.168.1.5:9443 is not trusted by this machine.");
    let certificate = Certificate {
        fingerprint: "9F:86:D0:81:88:4C:7D:65:9A:2F:EA:A0:C5:5A:D0:15:A3:BF:4F:1B:2B:0B:82:2C:D1:5D:6C:15:B0:F0:0A:08".to_owned(),
        subject: "CN=authentik default certificate".to_owned(),
        issuer: "CN=authentik default certificate".to_owned(),
        not_after: "2027-03-01".to_owned(),
    };
    Answer::Probed(Err(ProbeFailure { error, certificate: Some(certificate), instead: None }))
}

fn connect() -> Script {
    Script::new((80, 24), Start::default()).begin()
}

#[test]
fn empty() {
    assert_snapshot!(connect().screen());
}

#[test]
fn empty_enter_says_what_to_type() {
    let script = connect().keys("<enter>");
    assert!(
        script.shows("x Type authentik's address, such as auth.example.com.") || script.shows("✗ Type authentik's address"),
        "{}",
        script.screen()
    );
    assert_eq!(script.open(), 1, "only the catalog is being loaded");
}

#[test]
fn what_is_typed_is_understood_as_it_is_typed() {
    assert_snapshot!(connect().keys("HTTPS://Auth.Example.com/if/admin/").screen());
}

#[test]
fn looking_shows_a_spinner_only_when_it_takes_long() {
    let script = connect().keys("auth.example.com<enter>").wait(100);
    assert!(!script.shows("Looking for"), "{}", script.screen());
    let script = script.wait(100);
    assert_snapshot!(script.screen());
    let script = script.keys("<esc>");
    assert!(script.shows("Stopped looking.") && script.wake_at().is_none());
}

#[test]
fn a_found_server_leads_on() {
    let script = connect().reader(|_| Some(probed("https://auth.example.com"))).keys("auth.example.com<enter>");
    assert_eq!(script.step(), Step::SignIn);
    assert!(script.shows("Found authentik 2026.5.0 at https://auth.example.com."), "{}", script.screen());
    let server = script.wizard().server.as_ref().expect("a server");
    assert_eq!(server.public_url, "https://auth.example.com");
}

#[test]
fn coming_back_shows_what_was_found_and_enter_goes_on_without_asking_again() {
    let script = connect().reader(|read| matches!(read, Read::Probe(_)).then(|| probed("https://auth.example.com")));
    let script = script.keys("auth.example.com<enter><esc><esc>");
    assert_eq!(script.step(), Step::Connect);
    assert_snapshot!(script.screen());
    let asked = |script: &Script| script.effects().iter().filter(|effect| effect.contains("Probe(")).count();
    assert_eq!(asked(&script), 1);
    let script = script.keys("<enter>");
    assert_eq!((script.step(), asked(&script)), (Step::SignIn, 1));
}

#[test]
fn a_refused_connection_says_what_to_check() {
    assert_snapshot!(connect().reader(|_| Some(refused())).keys("auth.example.com<enter>").screen());
}

#[test]
fn a_loopback_address_asks_for_the_public_one() {
    let script = connect().reader(|_| Some(probed("http://localhost:9000"))).keys("localhost:9000<enter>");
    assert_eq!(script.step(), Step::Connect);
    assert_snapshot!(script.screen());
    let script = script.keys("<enter>");
    assert!(script.shows("Type the address that browsers use for authentik."), "{}", script.screen());
    let script = script.keys("127.0.0.1<enter>");
    assert!(script.shows("Other machines cannot reach this address."), "{}", script.screen());
    let script = script.keys("<c-u>auth.example.com<enter>");
    assert_eq!(script.step(), Step::SignIn);
    assert_eq!(script.wizard().server.as_ref().expect("a server").public_url, "https://auth.example.com");
}

#[test]
fn a_private_address_may_be_the_public_one() {
    let script = connect().reader(|_| Some(probed("https://192.168.1.5:9443"))).keys("192.168.1.5:9443<enter><enter>");
    assert_eq!(script.wizard().server.as_ref().expect("a server").public_url, "https://192.168.1.5:9443");
}

#[test]
fn the_stand_in_needs_one_enter() {
    let start = Start {
        url: Some("http://127.0.0.1:40123".to_owned()),
        public_url: Some("https://auth.example.com".to_owned()),
        demo: true,
        ..Start::default()
    };
    let script = Script::new((80, 24), start).begin().reader(|_| Some(probed("http://127.0.0.1:40123")));
    assert_snapshot!(script.screen());
    assert_eq!(script.keys("<enter>").step(), Step::SignIn);
}

#[test]
fn an_untrusted_certificate_is_shown_with_what_can_be_done() {
    let script = connect().reader(|_| Some(not_trusted())).keys("192.168.1.5:9443<enter>");
    assert_snapshot!(script.screen());
    // Enter looks again: it never accepts by itself.
    let script = script.keys("<enter>");
    assert!(!script.effects().iter().any(|effect| effect.contains("accepted: [\"9F")));
}

#[test]
fn an_untrusted_certificate_fits_a_small_screen() {
    let script = Script::new((60, 20), Start::default()).theme(Theme::PLAIN).begin();
    assert_snapshot!(script.reader(|_| Some(not_trusted())).keys("192.168.1.5:9443<enter>").screen());
}

#[test]
fn a_certificate_is_accepted_on_purpose_and_remembered_on_purpose() {
    let reader = |read: &Read| match read {
        Read::Probe(probe) if probe.accepted.is_empty() => Some(not_trusted()),
        Read::Probe(_) => Some(probed("https://192.168.1.5:9443")),
        _ => None,
    };
    let once = connect().reader(reader).keys("192.168.1.5:9443<enter><tab><down><enter><enter>");
    assert_eq!(once.step(), Step::SignIn, "{}", once.screen());
    assert!(once.effects().iter().any(|effect| effect.contains("fingerprint: None")));
    let for_good = connect().reader(reader).keys("192.168.1.5:9443<enter><tab><down><down><enter><enter>");
    assert!(for_good.effects().iter().any(|effect| effect.contains("fingerprint: Some(\"9F:86")));
}

#[test]
fn a_file_of_an_authority_is_given() {
    let reader = |read: &Read| match read {
        Read::Probe(probe) if probe.ca_file.is_none() => Some(not_trusted()),
        Read::Probe(_) => Some(probed("https://auth.example.com")),
        _ => None,
    };
    let script = connect().reader(reader).keys("auth.example.com<enter><tab><enter>");
    let script = script.keys("<enter>");
    assert!(script.shows("Type the path of a file"), "{}", script.screen());
    assert_eq!(script.keys("/etc/ssl/home.pem<enter>").step(), Step::SignIn);
}

#[test]
fn a_late_answer_for_another_address_is_dropped() {
    let script = connect().keys("auth.example.com<enter>");
    let late = script.ticket("Probe");
    let script = script.keys("<esc>x").late(late, probed("https://auth.example.com"));
    assert_eq!(script.step(), Step::Connect);
    assert!(script.wizard().server.is_none());
}

#[test]
fn there_is_nothing_before_the_first_page() {
    let script = connect().keys("<esc>");
    assert!(script.shows("This is the first page. Ctrl-C leaves akwiz."), "{}", script.screen());
}
