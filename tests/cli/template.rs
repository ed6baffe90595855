//! For people who write templates.

use std::fmt::Write as _;

use insta::assert_snapshot;

use crate::run::Home;

#[test]
fn a_new_template_is_printed_and_passes() {
    let home = Home::new();
    let said = home.run(&["template", "new", "my-app"]);
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    std::fs::write(home.path().join("my-app.toml"), &said.out).unwrap();
    let said = home.run(&["template", "lint", "my-app.toml"]);
    assert_eq!((said.code, said.out.as_str()), (0, "No errors in 1 template and 4 rendered texts.\n"), "{}", said.err);
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let home = Home::new();
    let sound = home.run(&["template", "new", "x"]).out;
    let mut page = String::new();
    let long = "a".repeat(300_000);
    for (name, source) in [
        ("x.toml", sound.replace("{{ client_id }}", "{{ cliend_id }}").replace("checked =", "#")),
        ("y.toml", sound.clone()),
        ("broken.toml", "schema = 1\nid = \"broken\nname = 1\n".to_owned()),
        ("typo.toml", sound.replace("\"x\"", "\"typo\"").replace("[provider]\n", "[provider]\nredirect = []\n")),
        ("long.toml", format!("# {long}\n")),
    ] {
        std::fs::write(home.path().join(name), source).unwrap();
        let _ = writeln!(page, "$ akwiz template lint {name}\n{}", home.run(&["template", "lint", name]).page());
    }
    let said = home.run(&["template", "lint", "typo.toml", "--json"]);
    let document: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!((said.code, &document["format"]), (1, &"akwiz.template-lint".into()));
    assert_eq!((&document["findings"][0]["line"], &document["findings"][0]["column"]), (&34.into(), &1.into()));
    for arguments in [&["template", "lint", "missing.toml"][..], &["template", "lint"], &["template", "new", "My App"]] {
        let _ = writeln!(page, "$ akwiz {}\n{}", arguments.join(" "), home.run(arguments).page());
    }
    assert_snapshot!(page);
}

#[test]
fn own_templates_add_and_replace_and_a_broken_one_leaves_the_rest() {
    let home = Home::new();
    let folder = home.path().join("config/akwiz/templates");
    std::fs::create_dir_all(&folder).unwrap();
    let own = home.run(&["template", "new", "own-app"]).out;
    std::fs::write(folder.join("own-app.toml"), &own).unwrap();
    std::fs::write(folder.join("portainer.toml"), own.replace("own-app", "portainer").replace("Own App", "Mine")).unwrap();
    std::fs::write(folder.join("broken.toml"), "schema = 1\nid = \"broken\"\nname = \"B\n").unwrap();
    let config = home.path().join("config").display().to_string();
    let env = [("XDG_CONFIG_HOME", config.as_str())];
    let said = home.run_with(&["apps"], "", &env);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.err.contains("broken.toml:3:10: "), "{}", said.err);
    let line = |id: &str| said.out.lines().find(|line| line.starts_with(&format!("{id} "))).unwrap_or_default().to_owned();
    assert!(line("own-app").contains("Own App") && line("portainer").contains("Mine"), "{}", said.out);
    assert!(!line("grafana").is_empty());
}
