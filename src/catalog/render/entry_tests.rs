use secrecy::ExposeSecret as _;

use super::*;
use crate::catalog::template::Entry;
use crate::catalog::value::Value;

fn scope() -> Scope {
    Scope::from_iter([
        ("id".to_owned(), "abc".into()),
        ("secret".to_owned(), Value::Secret("s3cr3t".into())),
        ("dollar".to_owned(), Value::Secret("a$b".into())),
        ("scopes".to_owned(), Value::List(vec!["openid".into(), "email".into()])),
        ("on".to_owned(), true.into()),
    ])
}

fn render(source: &str) -> RenderedEntry {
    let entry: Entry = toml::from_str(source).unwrap();
    render_entry(&Engine::new(), &entry, &scope()).unwrap().unwrap()
}

fn own(source: &str) -> String {
    render(source).text().unwrap().masked_with("<>")
}

#[test]
fn form_env_and_yaml_come_from_the_same_fields() {
    let fields = r#"
        [[fields]]
        label = "CLIENT_ID"
        value = "{{ id }}"
        [[fields]]
        label = "CLIENT_SECRET"
        value = "{{ dollar }}"
        [[fields]]
        label = "SCOPES"
        value = "{{ scopes | join(' ') }}"
        [[fields]]
        label = "ON"
        value = "{{ on }}"
        [[fields]]
        label = "GONE"
        value = "x"
        when = "not on"
        [[fields]]
        label = "SIGNUP"
        keep = true
        [[fields]]
        label = "ADMIN"
        yours = "the administrator's name"
    "#;
    let env = render(&format!("id = 'e'\nwhere = 'x'\nkind = 'env'\nformat = 'env-compose'\n{fields}"));
    let masked = |kind| env.view(kind).unwrap().masked_with("<>");
    assert_eq!(
        masked(ViewKind::Own),
        "CLIENT_ID=abc\nCLIENT_SECRET='<>'\nSCOPES='openid email'\nON=true\nADMIN=\"<the administrator's name>\"\n"
    );
    assert_eq!(
        masked(ViewKind::Compose),
        "environment:\n  CLIENT_ID: \"abc\"\n  CLIENT_SECRET: <>\n  SCOPES: \"openid email\"\n  \"ON\": \"true\"\n  ADMIN: \"<the administrator's name>\"\n"
    );
    assert!(env.view(ViewKind::Compose).unwrap().reveal().expose_secret().contains("\"a$$b\""));
    assert!(masked(ViewKind::DockerRun).starts_with("-e CLIENT_ID=abc \\\n-e CLIENT_SECRET='<>' \\\n"));
    assert!(masked(ViewKind::Json).contains("  \"CLIENT_SECRET\": \"<>\",\n"));
    let form = render(&format!("id = 'e'\nwhere = 'x'\nkind = 'form'\n{fields}"));
    assert_eq!(
        form.text().unwrap().masked_with("<>"),
        "CLIENT_ID: abc\nCLIENT_SECRET: <>\nSCOPES: openid email\nON: true\nSIGNUP: (as it is)\nADMIN: (the administrator's name)\n"
    );
}

#[test]
fn fields_become_structured_text() {
    let fields = r#"
        under = ["grafana.ini", "auth.generic_oauth"]
        [[fields]]
        label = "client_id"
        value = "{{ id }}"
        [[fields]]
        label = "client_secret"
        value = "pre{{ secret }}#"
        [[fields]]
        label = "Scopes"
        path = ["scopes"]
        value = "{{ scopes }}"
        [[fields]]
        label = "Nested"
        path = ["providers", -1, "name"]
        value = "on"
        [[fields]]
        label = "Nested too"
        path = ["providers", -1, "deep", "yes"]
        value = { a = 1, b = ["{{ secret }}"] }
    "#;
    let head = "id = 'e'\nwhere = 'x'\nkind = 'file'\n";
    assert_eq!(
        own(&format!("{head}format = 'yaml'\n{fields}")),
        concat!(
            "grafana.ini:\n  auth.generic_oauth:\n    client_id: \"abc\"\n    client_secret: \"pre<>#\"\n",
            "    scopes: [\"openid\", \"email\"]\n    providers:\n      - name: \"on\"\n        deep:\n",
            "          \"yes\": {\"a\": 1, \"b\": [\"<>\"]}\n"
        )
    );
    let json = own(&format!("{head}format = 'json'\n{fields}"));
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["grafana.ini"]["auth.generic_oauth"]["providers"][0]["deep"]["yes"]["b"][0], "<>");
    let text = own(&format!("{head}format = 'toml'\n{fields}"));
    let toml: toml::Table = toml::from_str(&text).unwrap();
    assert_eq!(toml["grafana.ini"]["auth.generic_oauth"]["providers"][0]["name"].as_str(), Some("on"));
    let ini = own(
        "id='e'\nwhere='x'\nkind='file'\nformat='ini'\nunder=['auth.generic_oauth']\nfields=[{label='id', value='{{ id }}'}, {label='s', value='{{ secret }};'}]",
    );
    assert_eq!(ini, "[auth.generic_oauth]\nid = abc\ns = \"\"\"<>;\"\"\"\n");
    assert_eq!(
        own("id='e'\nwhere='x'\nkind='file'\nformat='properties'\nfields=[{label='a.b', value='ü {{ secret }}'}]"),
        "a.b=\\u00fc <>\n"
    );
}

#[test]
fn texts_are_quoted_and_stand_below_their_parents() {
    assert_eq!(
        own(
            "id='e'\nwhere='x'\nkind='file'\nformat='yaml'\nunder=['a', 'b']\ntext='''\nid: {{ id }}\nlist:\n  - {{ secret }}\n'''"
        ),
        "a:\n  b:\n    id: \"abc\"\n    list:\n      - \"<>\"\n"
    );
    assert_eq!(
        own("id='e'\nwhere='x'\nkind='file'\nformat='json'\nunder=['a']\ntext='{\"id\": {{ id }}}'"),
        "{\"a\": {\"id\": \"abc\"}}"
    );
}

#[test]
fn switches_and_empty_fields_copy_nothing() {
    let entry = render(
        r#"
        id = "e"
        where = "x"
        kind = "form"
        fields = [{ label = "On", type = "switch", value = "{{ on }}" }, { label = "Blank", blank = true }, { label = "Name", literal = "{{ x }}" },
          { label = "Else", value = "a", when = "not on", else = "b" }]
        "#,
    );
    let copies: Vec<_> = entry.fields.iter().map(|field| field.copy().map(Rendered::masked)).collect();
    assert_eq!(copies, [None, None, Some("{{ x }}".to_owned()), Some("b".to_owned())]);
    assert!(matches!(entry.fields[0].content, Content::Switch(true)));
}

#[test]
fn nested_texts_are_quoted_twice() {
    let entry = r#"
        id = "e"
        where = "x"
        kind = "env"
        format = "env-compose"
        [[fields]]
        label = "PROVIDERS"
        as = "json"
        value = { openid_connect = { APPS = [{ client_id = "{{ id }}", secret = "{{ secret }}" }] } }
        [[fields]]
        label = "LINE"
        as = "oneline"
        value = """
          a
          {{ id }}
        """
    "#;
    assert_eq!(
        own(entry),
        "PROVIDERS='{\"openid_connect\": {\"APPS\": [{\"client_id\": \"abc\", \"secret\": \"<>\"}]}}'\nLINE='a abc'\n"
    );
}

#[test]
fn errors_name_the_field() {
    let entry: Entry = toml::from_str("id='e'\nwhere='x'\nkind='form'\nfields=[{label='Client', value='{{ typo }}'}]").unwrap();
    let error = render_entry(&Engine::new(), &entry, &scope()).unwrap_err();
    assert_eq!(error.at("entry \"e\"").to_string(), "entry \"e\", field \"Client\": It uses `typo`, which is not known here.");
}
