//! Completions and manual pages.

use crate::bench::Bench;
use crate::run::Home;

/// What bash is offered after these words, the last of which is being typed.
fn offered(home: &Home, words: &[&str]) -> Vec<String> {
    let place = (words.len() - 1).to_string();
    let arguments: Vec<&str> = ["--"].into_iter().chain(words.iter().copied()).collect();
    let env = [("AKWIZ_COMPLETE", "bash"), ("_CLAP_COMPLETE_INDEX", &place), ("_CLAP_IFS", "\n")];
    let said = home.run_with(&arguments, "", &env);
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    said.out.lines().map(str::to_owned).collect()
}

#[test]
fn templates_are_offered_by_id() {
    let home = Home::new();
    assert_eq!(offered(&home, &["akwiz", "create", "portai"]), ["portainer"]);
    assert!(offered(&home, &["akwiz", "plan", "p"]).contains(&"plesk".to_owned()));
}

#[test]
fn questions_are_offered_with_their_values_but_no_secret_ones() {
    let home = Home::new();
    let questions = offered(&home, &["akwiz", "create", "portainer", "--set", ""]);
    assert!(questions.contains(&"app=".to_owned()), "{questions:?}");
    let values = offered(&home, &["akwiz", "create", "portainer", "--set", "identifier="]);
    assert!(values.iter().any(|value| value.ends_with("preferred_username")), "{values:?}");
    let questions = offered(&home, &["akwiz", "create", "netbird", "--set", ""]);
    assert!(!questions.is_empty() && !questions.iter().any(|question| question.contains("password")), "{questions:?}");
}

#[test]
fn each_option_that_answers_a_question_offers_the_questions() {
    let home = Home::new();
    std::fs::write(home.path().join("key.secret"), "x").unwrap();
    let netbird = |words: &[&str]| offered(&home, &[&["akwiz", "create", "netbird"], words].concat());
    assert!(netbird(&["--set-env", ""]).contains(&"service_password=".to_owned()));
    assert!(netbird(&["--set-file", "serv"]).contains(&"service_password=".to_owned()));
    assert_eq!(netbird(&["--set-file", "service_password=ke"]), ["service_password=key.secret"]);
    assert_eq!(netbird(&["--secret-stdin", "service_p"]), ["service_password"]);
    assert_eq!(offered(&home, &["akwiz", "create", "grafana", "--way", "i"]), ["ini"]);
    assert_eq!(
        offered(&home, &["akwiz", "update", "x", "--template=osticket", "--set", "inst"]),
        ["install_path=", "instance_name="]
    );
    assert!(offered(&home, &["akwiz", "create", "x", "--subject-mode", "user_u"]).contains(&"user_uuid".to_owned()));
    assert_eq!(offered(&home, &["akwiz", "export", "x", "--format", "t"]), ["terraform"]);
    assert_eq!(offered(&home, &["akwiz", "man", "rec"]), ["receipts"]);
}

#[test]
fn slugs_are_those_that_are_still_there() {
    let bench = Bench::new();
    bench.done(&["create", "portainer", "--slug=boxes", "--set=app=https://portainer.example.com", "--yes"]);
    bench.done(&["create", "gitea", "--set=app=https://git.example.com", "--yes"]);
    bench.done(&["adopt", "grafana"]);
    bench.done(&["rotate", "boxes", "--yes", "--confirm=boxes"]);
    let source = ["create", "github", "--set=client_id=Ov23liABCDEFGHIJKLMN", "--secret-stdin=client_secret", "--yes"];
    assert_eq!(bench.run_with(&source, "canary").code, 0);
    let slugs = |command: &str| {
        let mut words = offered(&bench.home, &["akwiz", command, ""]);
        words.retain(|word| !word.starts_with('-'));
        words.sort();
        words
    };
    assert_eq!(slugs("settings"), ["boxes", "gitea", "github", "grafana"]);
    bench.done(&["remove", "gitea", "--yes"]);
    for command in ["show", "update", "rotate", "remove", "adopt", "check", "watch", "doctor", "export"] {
        assert_eq!(slugs(command), ["boxes", "github", "grafana"], "{command}");
    }
    // Its questions are known by its slug.
    assert_eq!(offered(&bench.home, &["akwiz", "update", "boxes", "--set", "ide"]), ["identifier="]);
}

#[test]
fn profiles_are_offered() {
    let home = Home::new();
    let folder = home.path().join(".config/akwiz");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("config.toml"), "[profiles.home]\napi = \"http://127.0.0.1:1\"\n").unwrap();
    assert_eq!(offered(&home, &["akwiz", "list", "--profile", "h"]), ["home"]);
}

/// bash breaks words at = and :, so it is asked itself, where there is one.
#[test]
fn bash_completes_behind_an_equals_sign() {
    let home = Home::new();
    let lines = home.run(&["completions", "bash"]).out;
    let binary = std::path::Path::new(env!("CARGO_BIN_EXE_akwiz"));
    for (line, words, wanted) in [
        ("akwiz create portai", "akwiz create portai", "portainer\n"),
        ("akwiz create portainer --set=ide", "akwiz create portainer --set = ide", "identifier=\n"),
        ("akwiz create portainer --set identifier=", "akwiz create portainer --set identifier =", "preferred_username\nemail\n"),
        (
            "akwiz create proxmox-ve --set=nodes=https://a:8006 --set=claim=us",
            "akwiz create proxmox-ve --set = nodes = https : //a : 8006 --set = claim = us",
            "username\n",
        ),
    ] {
        let script = format!(
            "{lines}\nCOMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); COMP_LINE='{line}'; COMP_POINT=${{#COMP_LINE}}\n\
             COMP_TYPE=9; COMP_WORDBREAKS=$' \\t\\n=:'; _akwiz; printf '%s\\n' \"${{COMPREPLY[@]}}\""
        );
        let bash = std::process::Command::new("bash")
            .args(["--norc", "-c", &script])
            .env("PATH", std::env::join_paths([binary.parent().unwrap(), "/bin".as_ref(), "/usr/bin".as_ref()]).unwrap())
            .env("HOME", home.path())
            .output();
        let Ok(output) = bash else { return };
        assert_eq!(String::from_utf8_lossy(&output.stdout), wanted, "{line}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn a_template_of_ones_own_is_offered_too() {
    let home = Home::new();
    let folder = home.path().join(".config/akwiz/templates");
    std::fs::create_dir_all(&folder).unwrap();
    let text = include_str!("../../assets/templates/miniflux.toml").replace("id = \"miniflux\"", "id = \"my-reader\"");
    std::fs::write(folder.join("my-reader.toml"), text).unwrap();
    assert_eq!(offered(&home, &["akwiz", "create", "my-"]), ["my-reader"]);
}

#[test]
fn commands_and_options_are_offered() {
    let home = Home::new();
    assert!(offered(&home, &["akwiz", "comp"]).contains(&"completions".to_owned()));
    assert!(offered(&home, &["akwiz", "create", "--subj"]).contains(&"--subject-mode".to_owned()));
}

#[test]
fn each_shell_gets_its_lines() {
    let home = Home::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let said = home.run(&["completions", shell]);
        assert_eq!((said.code, said.err.as_str()), (0, ""), "{shell}");
        assert!(said.out.contains("AKWIZ_COMPLETE"), "{shell}: {}", said.out);
    }
    let said = home.run(&["completions", "csh"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("fish"), "{}", said.err);
}

#[test]
fn manual_pages_come_one_by_one_or_all() {
    let home = Home::new();
    let said = home.run(&["man"]);
    assert!(said.out.contains(".TH akwiz 1"), "{}", said.out);
    assert!(said.out.contains("Exit codes:"), "{}", said.out);
    assert!(home.run(&["man", "create"]).out.contains("subject\\-mode"));
    assert_eq!(home.run(&["man", "nothing"]).code, 2);

    std::fs::create_dir(home.path().join("pages")).unwrap();
    assert_eq!(home.run(&["man", "--folder", "pages"]).code, 0);
    let pages: Vec<String> = home.files().into_iter().map(|(name, _)| name).collect();
    for page in ["pages/akwiz.1", "pages/akwiz-create.1", "pages/akwiz-undo.1"] {
        assert!(pages.iter().any(|name| name.ends_with(page)), "{page} is not among {pages:?}");
    }
}
