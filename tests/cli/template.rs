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
    for arguments in [&["template", "lint", "missing.toml"][..], &["template", "lint"], &["template", "new", "My App"]] {
        let _ = writeln!(page, "$ akwiz {}\n{}", arguments.join(" "), home.run(arguments).page());
    }
    assert_snapshot!(page);
}
