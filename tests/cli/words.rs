//! Completions and manual pages.

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
