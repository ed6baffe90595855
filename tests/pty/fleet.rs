//! `apply` on a terminal: a bar while it runs, and Ctrl-C in the middle.

use std::fmt::Write as _;
use std::time::Duration;

use akwiz::demo::{Options, Seed, StandIn};
use secrecy::ExposeSecret as _;
use tokio::sync::oneshot::channel;

use crate::terminal::{CTRL_C, Session};

/// So many that a slow machine still presses Ctrl-C before the last.
const COUNT: usize = 400;

fn file() -> String {
    let mut file = String::from("name = \"fleet\"\n");
    for number in 0..COUNT {
        let _ = write!(
            file,
            "\n[[application]]\ntemplate = \"portainer\"\nanswers = {{ app = \"https://p{number}.example.com\" }}\n\
             options = {{ slug = \"p{number}\", name = \"P {number}\" }}\n"
        );
    }
    file
}

#[test]
fn a_bar_moves_and_ctrl_c_ends_it_between_two_applications() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let options = Options { seed: Seed::Fresh, delay: Duration::from_millis(20), ..Options::default() };
    let server = runtime.block_on(StandIn::start(options)).unwrap();
    let (_stop, stopped) = channel::<()>();
    std::thread::spawn(move || runtime.block_on(stopped));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("apps.toml");
    std::fs::write(&path, file()).unwrap();
    let token = server.token().expose_secret().to_owned();
    let start = |concurrency: &str| {
        let file = path.to_str().unwrap();
        let args = ["apply", "-f", file, "--yes", "--public-url=https://auth.example.com", concurrency];
        Session::start((80, 24), &args, &[("AUTHENTIK_URL", server.base_url()), ("AUTHENTIK_TOKEN", &token)])
    };
    let made = || server.state()["applications"].as_array().unwrap().len();
    let last_line = |screen: &vt100::Screen| screen.contents().lines().last().unwrap_or_default().to_owned();

    let mut session = start("--concurrency=1");
    session.until("a bar that has moved", |screen| {
        let line = last_line(screen);
        line.starts_with('[') && line.ends_with(" of 400") && !line.ends_with(" 0 of 400")
    });
    session.keys(CTRL_C).wait_for("Stopped: ");
    let shown = session.contents();
    assert!(shown.contains("Stopping when what is under way has ended."), "{shown}");
    assert!(
        shown.contains(" not begun.") && shown.contains("Run the same command again: it does what is missing and nothing twice."),
        "{shown}"
    );
    assert!(!shown.contains('[') && !shown.contains("done  p"), "the bar has gone, and said what there was to say:\n{shown}");
    assert_eq!(session.ended_with_files().0, 130);
    let done = made();
    assert!((1..COUNT).contains(&done), "{done}");

    let mut session = start("--concurrency=16");
    let rest = COUNT - done;
    session.wait_for(&format!("{rest} of {rest} done."));
    assert_eq!((session.ended_with_files().0, made()), (0, COUNT));
}
