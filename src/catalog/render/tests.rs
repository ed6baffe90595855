use proptest::prelude::*;
use secrecy::ExposeSecret as _;

use super::*;

fn scope() -> Scope {
    Scope::from_iter([
        (
            "app".to_owned(),
            crate::catalog::address::Address::parse("https://app.example.com/x", crate::catalog::template::PathRule::Keep, None)
                .unwrap()
                .to_value(),
        ),
        ("name".to_owned(), "O'Neil".into()),
        ("id".to_owned(), "abc".into()),
        ("secret".to_owned(), Value::Secret("s3cr3t".into())),
        ("odd".to_owned(), Value::Secret("it's $x".into())),
        ("nodes".to_owned(), Value::List(vec!["a".into(), "b".into()])),
        ("missing".to_owned(), Value::None),
        ("on".to_owned(), true.into()),
    ])
}

fn show(text: &str, format: Format) -> String {
    Engine::new()
        .text(&text.into(), &scope(), format)
        .map_or_else(|error| format!("! {error}"), |rendered| rendered.masked_with("<>"))
}

fn reveal(text: &str, format: Format) -> String {
    Engine::new().text(&text.into(), &scope(), format).unwrap().reveal().expose_secret().to_owned()
}

#[test]
fn quotes_for_the_format() {
    assert_eq!(show("x {{ name }}", Format::Plain), "x O'Neil");
    assert_eq!(show("x {{ name }}", Format::Shell), "x \"O'Neil\"");
    assert_eq!(show("{{ nodes }} {{ on }}", Format::Python), "['a', 'b'] True");
    assert_eq!(show("{{ nodes }}", Format::Plain), "! A list cannot be written here: join it first.");
    assert_eq!(show("{{ nodes | join(',') }}\n", Format::Plain), "a,b\n");
    assert_eq!(show("{% for n in nodes %}\n- {{ n }}\n{% endfor %}\n", Format::Yaml), "- \"a\"\n- \"b\"\n");
    assert_eq!(show("{{ 'x' if not on }}.", Format::Plain), ".");
}

#[test]
fn hides_secrets_in_every_form() {
    assert_eq!(show("k={{ secret }}", Format::Plain), "k=<>");
    assert_eq!(show("{{ secret }}", Format::Json), "\"<>\"");
    assert_eq!(show("https://{{ id }}:{{ secret }}@h", Format::Plain), "https://abc:<>@h");
    assert_eq!(show("{{ id ~ ':' ~ secret }}", Format::Json), "\"abc:<>\"");
    assert_eq!(show("{{ (id ~ ':' ~ secret) | base64 }}", Format::Plain), "<>");
    assert_eq!(reveal("{{ (id ~ ':' ~ secret) | base64 }}", Format::Plain), "YWJjOnMzY3IzdA==");
    assert_eq!(show("{{ odd }}", Format::Json), "\"<>\"");
    assert_eq!(show("{{ odd }}", Format::Python), "<>");
    assert_eq!(reveal("{{ odd }}", Format::Python), r"'it\'s $x'");
    assert_eq!(show("{{ odd | upper }}", Format::Plain), "<>");
    assert_eq!(reveal("{{ odd | percent }}", Format::Plain), "it%27s%20%24x");
    assert_eq!(show("{{ {'a': secret, 'b': [secret]} | json }}", Format::Plain), r#"{"a": "<>", "b": ["<>"]}"#);
    assert_eq!(show("{{ {'a': secret} | json }}", Format::Shell), r#"'{"a": "<>"}'"#);
    assert!(!format!("{:?}", Engine::new().text(&"{{ secret }}".into(), &scope(), Format::Plain)).contains("s3cr3t"));
}

#[test]
fn a_secret_is_never_taken_apart() {
    for text in [
        "{{ secret[1:] }}",
        "{{ secret[:3] }}",
        "{{ secret[1:-1] }}",
        "{% for c in secret %}{{ c }}{% endfor %}",
        "{{ secret | first }}",
    ] {
        assert!(show(text, Format::Plain).starts_with("! "), "{text}: {}", show(text, Format::Plain));
    }
}

#[test]
fn keeps_types() {
    let engine = Engine::new();
    let value = |text: &str| format!("{:?}", engine.value(&Scalar::Text(text.into()), &scope()));
    assert_eq!(value("{{ nodes }}"), "Ok(List([Text(\"a\"), Text(\"b\")]))");
    assert_eq!(value("{{ on }}"), "Ok(Bool(true))");
    assert_eq!(value("{{ missing }}"), "Ok(None)");
    assert_eq!(value("{{ id }}-{{ id }}"), "Ok(Text(\"abc-abc\"))");
    assert_eq!(value("{{ app.port }}"), "Ok(Int(443))");
    assert!(matches!(engine.value(&Scalar::Text("x{{ secret }}".into()), &scope()), Ok(Value::Secret(_))));
}

#[test]
fn unknown_names_are_errors() {
    let engine = Engine::new();
    assert_eq!(show("{{ typo }}", Format::Plain), "! It uses `typo`, which is not known here.");
    assert_eq!(show("{{ typo | default('x') }}", Format::Plain), "! It uses `typo`, which is not known here.");
    assert!(show("{{ app.typo }}", Format::Plain).starts_with("! It uses a value that does not exist"));
    for condition in ["typo", "not typo", "on or typo", "app.typo", "app.typo == 'x'"] {
        assert!(engine.holds(&condition.into(), &scope()).is_err(), "{condition}");
    }
    assert!(engine.holds(&"not missing and 'a' in nodes".into(), &scope()).unwrap());
    assert_eq!(show("{{ missing }}", Format::Plain), "! It uses an answer that was not given.");
    assert_eq!(
        engine
            .names(&"{{ a.b }}{% for x in c %}{{ x }}{{ loop.index }}{% endfor %}".into())
            .unwrap()
            .into_iter()
            .collect::<Vec<_>>(),
        ["a", "c"]
    );
}

#[test]
fn texts_cannot_run_away() {
    assert!(show("{% set x = 'a' %}", Format::Plain).contains("`set`"));
    assert!(show("{% include 'x' %}", Format::Plain).contains("`include`"));
    let loops = "{% for a in 'abcdefghij' %}".repeat(6) + "x" + &"{% endfor %}".repeat(6);
    assert_eq!(show(&loops, Format::Plain), "! It takes too many steps.");
}

#[test]
fn a_block_tag_takes_its_line_end_along_unless_it_says_plus() {
    assert_eq!(show("a{% if on %} b{% endif %}\nc\n", Format::Plain), "a bc\n");
    assert_eq!(show("a{% if on %} b{% endif +%}\nc\n", Format::Plain), "a b\nc\n");
    assert_eq!(show("a\n  {% if on %}\nb\n  {% endif %}\nc\n", Format::Plain), "a\nb\nc\n");
}

#[test]
fn filters_compute() {
    for (text, wanted) in [
        ("{{ 'Über Äpfel & Co.' | slugify }}", "uber-apfel-co"),
        ("{{ app.base | with_slash }}", "https://app.example.com/x/"),
        ("{{ 'https://a/b/' | without_slash }}", "https://a/b"),
        ("{{ 'https://a.example:8443/b/?x' | path }}", "/b/"),
        ("{{ 'https://a.example:8443/b/' | host }}", "a.example"),
        ("{{ 'https://a.example/b/' | port }}", "443"),
        ("{{ 'https://a.example/b/?c' | with_port(443) }}", "https://a.example:443/b/?c"),
        ("{{ 'me@Example.com' | email_domain }}", "example.com"),
        ("{{ 'a.b-c' | regex_escape }}", r"a\.b-c"),
        ("{{ \"a'b\" | jmespath }}", r"'a\'b'"),
        ("{{ 'a b' | quote('shell') }}", "'a b'"),
        ("{{ name | upper | replace('O', '0') }}", "0'NEIL"),
        ("{{ nodes | map('upper') | join(' ') }}", "A B"),
    ] {
        assert_eq!(show(text, Format::Plain), wanted, "{text}");
    }
}

/// Formats of all kinds of quoting.
const FORMATS: [Format; 10] = [
    Format::Plain,
    Format::Json,
    Format::Python,
    Format::Shell,
    Format::EnvCompose,
    Format::EnvSystemd,
    Format::Ini,
    Format::Properties,
    Format::Powershell,
    Format::Html,
];

proptest! {
    #[test]
    fn what_is_hidden_does_not_show_and_what_is_revealed_is_whole(secret in "[!-~]{6,20}", around in "[a-z '\"$]{0,5}") {
        let engine = Engine::new();
        let scope = Scope::from_iter([("secret".to_owned(), Value::Secret(secret.as_str().into())), ("x".to_owned(), around.as_str().into())]);
        for format in FORMATS {
            for (text, value) in [
                ("{{ secret }}", secret.clone()),
                ("{{ x ~ secret ~ x }}", format!("{around}{secret}{around}")),
                ("{{ x ~ secret ~ secret }}", format!("{around}{secret}{secret}")),
            ] {
                let Ok(literal) = quote(format, &value) else { continue };
                let rendered = engine.text(&text.into(), &scope, format).unwrap();
                prop_assert!(rendered.has_secret());
                prop_assert!(!rendered.masked_with("").contains(&secret), "{:?}: {:?}", format, rendered);
                prop_assert_eq!(rendered.reveal().expose_secret().to_owned(), literal);
            }
        }
        for filter in ["base64", "percent", "upper", "json", "python", "regex_escape", "jmespath"] {
            let text = format!("{{{{ secret | {filter} }}}}");
            let rendered = engine.text(&text.as_str().into(), &scope, Format::Plain).unwrap();
            let plain: String = rendered.masked_with("");
            prop_assert!(plain.len() <= 2, "{}: {}", filter, plain);
        }
    }
}
