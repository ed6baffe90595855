//! What is read and written is not always a good file on a healthy disk: each fault has its sentence, its place and its code.

use std::process::{Command, Stdio};

use crate::run::{Home, Said};

const APPLICATION: &str = "[[application]]\ntemplate = \"portainer\"\nanswers = { app = \"https://portainer.example.com\" }\n";

fn apply(file: &[u8], more: &[&str]) -> Said {
    let home = Home::new();
    std::fs::write(home.path().join("apps.toml"), file).unwrap();
    home.run(&[&["apply", "-f", "apps.toml", "--demo", "--dry-run"][..], more].concat())
}

#[test]
fn a_file_from_any_editor_is_read() {
    let windows = format!("\u{feff}{}", APPLICATION.replace('\n', "\r\n"));
    let long = format!("# {}\n{APPLICATION}", "a".repeat(1 << 20));
    for file in [APPLICATION, &windows, &long, APPLICATION.trim_end()] {
        let said = apply(file.as_bytes(), &[]);
        assert!(said.code == 0 && said.out.contains("Plan: 1 to create"), "{}", said.page());
    }
}

#[test]
fn what_is_wrong_with_a_file_has_its_place() {
    let long = format!("{APPLICATION}name = \"{}\n", "a".repeat(1 << 20));
    let typo = APPLICATION.replace("answers", "answer");
    let option = format!("{APPLICATION}options = {{ slugg = \"x\" }}\n");
    let twice = format!("{APPLICATION}\n{APPLICATION}");
    for (file, place, words) in [
        (&b""[..], "1:1", "There is no application in it."),
        (b"[[application]]\n# caf\xe9\n", "2:6", "This is not text in UTF-8."),
        (long.as_bytes(), "4:1048585", "Invalid basic string"),
        (typo.as_bytes(), "3:1", "“answer” is not known here."),
        (typo.as_bytes(), "3:1", "Did you mean “answers”?"),
        (option.as_bytes(), "4:13", "Did you mean “slug”?"),
        (b"[[aplication]]\n", "1:3", "Did you mean “application”?"),
        (b"[[application]]\nanswers = { app = \"x\" }\n", "1:1", "“template” is missing here."),
        (b"[[application]]\ntemplate = \"portainer\"\n", "1:1", "Portainer's address"),
        (twice.as_bytes(), "5:1", "The slug “portainer” is wanted in line 1 already."),
    ] {
        let said = apply(file, &[]);
        assert!(said.code == 2 && said.out.is_empty(), "{place}: {}", said.page());
        assert!(said.err.starts_with(&format!("error: apps.toml:{place}: ")) && said.err.contains(words), "{}", said.page());
        let document = apply(file, &["--json"]).document("error");
        assert!(document["message"].as_str().unwrap().starts_with(&format!("apps.toml:{place}: ")), "{document}");
    }
}

#[test]
fn a_file_that_cannot_be_read_says_why() {
    let home = Home::new();
    std::fs::create_dir(home.path().join("folder")).unwrap();
    for (file, why) in [
        ("missing.toml", "The file missing.toml cannot be read: there is none."),
        ("folder", "The file folder cannot be read: it is a folder."),
    ] {
        let said = home.run(&["apply", "-f", file, "--demo", "--yes"]);
        assert!(said.code == 2 && said.err.contains(why), "{}", said.page());
    }
}

#[test]
fn a_file_can_come_by_standard_input() {
    let home = Home::new();
    let run = |more: &[&str], input: &str| home.run_with(&[&["apply", "-f", "-", "--demo"][..], more].concat(), input, &[]);
    let said = run(&["--yes"], APPLICATION);
    assert!(said.code == 0 && said.out.contains("1 of 1 done."), "{}", said.page());
    let said = run(&[], APPLICATION);
    assert!(said.code == 2 && said.err.contains("--yes"), "{}", said.page());
    let said = run(&["--yes"], "");
    assert!(said.code == 2 && said.err.contains("-:1:1: There is no application in it."), "{}", said.page());
    // Nothing tells which former runs were of the same file.
    let said = run(&["--prune", "--dry-run"], APPLICATION);
    assert!(said.code == 2 && said.err.contains("name = \"homelab\""), "{}", said.page());
    assert_eq!(run(&["--prune", "--dry-run"], &format!("name = \"homelab\"\n{APPLICATION}")).code, 0);
}

#[test]
fn a_reader_that_has_gone_is_no_error() {
    for words in [&["apps"][..], &["apps", "--json"], &["app", "portainer"], &["man"], &["completions", "bash"]] {
        let home = Home::new();
        let mut child = Command::new(env!("CARGO_BIN_EXE_akwiz"))
            .args(words)
            .env_clear()
            .env("HOME", home.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success() && !err.contains("error"), "{words:?}: {err}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_said() {
    let home = Home::new();
    for words in [&["apps"][..], &["apps", "--json"], &["man"]] {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_akwiz"))
            .args(words)
            .env_clear()
            .env("HOME", home.path())
            .stdin(Stdio::null())
            .stdout(full)
            .output()
            .unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(70), "{words:?}: {err}");
        assert!(err.starts_with("error: The output cannot be written: "), "{words:?}: {err}");
    }
}
