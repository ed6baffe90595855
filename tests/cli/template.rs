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

/// What people get wrong, each in a template that is sound otherwise: a name, what stands there, and what is put in its place.
const MISTAKES: [(&str, &str, &str); 30] = [
    ("unknown-placeholder", "value = \"{{ client_id }}\"", "value = \"{{ cliend_id }}\""),
    ("unknown-filter", "value = \"{{ issuer }}\"", "value = \"{{ issuer | withoutslash }}\""),
    ("open-brace", "value = \"{{ issuer }}\"", "value = \"{{ issuer\""),
    ("unknown-name-in-condition", "when = \"not create\"", "when = \"not creates\""),
    ("unused-question", "[provider]\n", "[[question]]\nid = \"extra\"\nkind = \"toggle\"\nlabel = \"Extra\"\n\n[provider]\n"),
    ("unused-value", "[provider]\n", "[derive]\nroot = \"{{ app.base }}/x\"\n\n[provider]\n"),
    (
        "broken-pattern",
        "[provider]\n",
        "[[question]]\nid = \"extra\"\nkind = \"text\"\nlabel = \"Extra\"\npattern = '^(a$'\npattern_help = \"One a.\"\n\n[provider]\n",
    ),
    (
        "loose-pattern",
        "[provider]\n",
        "[[question]]\nid = \"extra\"\nkind = \"text\"\nlabel = \"Extra\"\npattern = 'a+'\npattern_help = \"Some a.\"\n\n[provider]\n",
    ),
    (
        "unanchored-redirect",
        "redirects = [{ uri = \"{{ app.base }}/oauth/callback\" }]",
        "redirects = [{ mode = \"regex\", why = \"Ports\", uri = 'http://localhost:\\d+' }]",
    ),
    (
        "python-only-redirect",
        "redirects = [{ uri = \"{{ app.base }}/oauth/callback\" }]",
        "redirects = [{ mode = \"regex\", why = \"Ports\", uri = '^http://localhost:(?P<port>\\d+)$' }]",
    ),
    ("relative-redirect", "{{ app.base }}/oauth/callback\" }]", "/oauth/callback\" }]"),
    ("no-redirect", "redirects = [{ uri = \"{{ app.base }}/oauth/callback\" }]", "redirects = []"),
    ("wrong-answer", "answers = { app = \"https://wrong-answer.example.com\" }", "answers = { app = \"ftp://x.example.com\" }"),
    (
        "wrong-expectation",
        "expect = { \"redirects.0\" = \"https://wrong-expectation.example.com",
        "expect = { \"redirects.0\" = \"https://y.example.com",
    ),
    (
        "unknown-answer",
        "answers = { app = \"https://unknown-answer.example.com\" }",
        "answers = { ap = \"https://x.example.com\" }",
    ),
    (
        "broken-json",
        "[verify]\n",
        "[[entry]]\nid = \"json\"\nkind = \"file\"\nformat = \"json\"\nwhere = \"Host\"\nfile = { path = \"/etc/x.json\" }\ntext = '{\"id\": {{ client_id }},}'\n\n[verify]\n",
    ),
    (
        "broken-ini",
        "[verify]\n",
        "[[entry]]\nid = \"ini\"\nkind = \"file\"\nformat = \"ini\"\nwhere = \"Host\"\nfile = { path = \"/etc/x.ini\" }\ntext = \"[auth\\nid = {{ client_id }}\"\n\n[verify]\n",
    ),
    (
        "value-in-key",
        "[verify]\n",
        "[[entry]]\nid = \"json\"\nkind = \"file\"\nformat = \"json\"\nwhere = \"Host\"\nfile = { path = \"/etc/x.json\" }\nfields = [{ label = \"Providers\", path = [\"oidc\"], as = \"json\", value = { \"{{ nickname }}\" = 1 } }]\n\n[verify]\n",
    ),
    (
        "quoted-twice",
        "[verify]\n",
        "[[entry]]\nid = \"json\"\nkind = \"file\"\nformat = \"json\"\nwhere = \"Host\"\nfile = { path = \"/etc/x.json\" }\ntext = '{\"id\": \"{{ client_id }}\"}'\n\n[verify]\n",
    ),
    (
        "claim-twice",
        "[needs]\n",
        "[[provider.mappings]]\nid = \"a\"\nscope = \"a\"\nclaims = [\"role\"]\nwhy = \"A\"\nexpression = 'return {\"role\": \"a\"}'\n\n[[provider.mappings]]\nid = \"b\"\nscope = \"b\"\nclaims = [\"role\"]\nwhy = \"B\"\nexpression = 'return {\"role\": \"b\"}'\n\n[needs]\n",
    ),
    (
        "claim-of-authentik",
        "[needs]\n",
        "[[provider.mappings]]\nid = \"a\"\nscope = \"profile\"\nclaims = [\"groups\"]\nwhy = \"A\"\nexpression = 'return {\"groups\": []}'\n\n[needs]\n",
    ),
    (
        "python-of-one-version",
        "[needs]\n",
        "[[provider.mappings]]\nid = \"a\"\nscope = \"a\"\nclaims = [\"role\"]\nwhy = \"A\"\nexpression = 'return {\"role\": [g.name for g in request.user.ak_groups.all()]}'\n\n[needs]\n",
    ),
    (
        "secret-in-launch-url",
        "[provider]\n",
        "[application]\nlaunch_url = \"{{ app.base }}/?key={{ client_secret }}\"\n\n[provider]\n",
    ),
    ("secret-in-redirect", "{{ app.base }}/oauth/callback\" }]", "{{ app.base }}/oauth/{{ client_secret }}\" }]"),
    (
        "secret-in-command",
        "[verify]\n",
        "[[entry]]\nid = \"run\"\nkind = \"command\"\nformat = \"shell\"\nwhere = \"Host\"\nrun = { on = \"the host\" }\ntext = \"x --secret {{ client_secret }}\"\n\n[verify]\n",
    ),
    ("secret-in-the-open", "type = \"secret\", ", ""),
    ("missing-why", "[needs]\n", "sub_mode = { value = \"user_email\" }\n\n[needs]\n"),
    ("unknown-scope", "[needs]\n", "scopes = [\"openid\", \"groups\"]\n\n[needs]\n"),
    ("scope-without-mapping", "[needs]\n", "requested = [\"openid\", \"profile\", \"email\", \"groups\"]\n\n[needs]\n"),
    ("step-without-entry", "at = \"after:settings\"", "at = \"after:setings\""),
];

#[test]
fn each_mistake_has_a_line_a_column_and_a_sentence() {
    let home = Home::new();
    let names = MISTAKES.map(|(name, ..)| format!("{name}.toml"));
    for ((name, from, to), file) in MISTAKES.into_iter().zip(&names) {
        let sound = home.run(&["template", "new", name]).out;
        assert_eq!(sound.matches(from).count(), 1, "{name}: {sound}");
        std::fs::write(home.path().join(file), sound.replace(from, to)).unwrap();
    }
    let arguments: Vec<&str> = ["template", "lint"].into_iter().chain(names.iter().map(String::as_str)).collect();
    let said = home.run(&arguments);
    assert_eq!(said.code, 1, "{}", said.page());
    let place = regex::Regex::new(r"^[a-z-]+\.toml:\d+:\d+: error: .*[.]$").unwrap();
    for file in &names {
        let mut lines = said.out.lines().filter(|line| line.starts_with(&format!("{file}:")));
        assert!(lines.any(|line| place.is_match(line)), "{file}: {}", said.out);
    }
    assert_snapshot!(said.out);
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
