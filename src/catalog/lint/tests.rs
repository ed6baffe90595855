use super::*;
use crate::catalog::load::parse;

const SOUND: &str = r#"
schema = 1
id = "x"
name = "X"
category = "test"
homepage = "https://x.example"
summary = "A test"
checked = [{ against = "guide", version = "1" }]
verify = { text = "Sign in." }

[[question]]
id = "app"
kind = "address"
label = "Address"

[[question]]
id = "fast"
kind = "toggle"
label = "Fast"

[derive]
callback_url = "{{ app.base }}/callback"

[provider]
redirects = [{ uri = "{{ callback_url }}" }]

[[entry]]
id = "form"
kind = "form"
where = "Settings"
fields = [
  { label = "Client ID", value = "{{ client_id }}" },
  { label = "Secret", type = "secret", value = "{{ client_secret }}" },
  { label = "Fast", type = "switch", value = "{{ fast }}" },
]

[[step]]
at = "after:form"
text = "Save."

[[sample]]
answers = { app = "https://x.example.com" }
"#;

fn findings(source: &str) -> Vec<String> {
    let template = parse("x.toml", source).unwrap();
    lint(&Engine::new(), &template).iter().map(ToString::to_string).collect()
}

#[test]
fn a_sound_template_has_no_findings() {
    assert_eq!(findings(SOUND), [""; 0]);
}

/// Replaces a piece of the sound template and names the finding that must come of it.
#[track_caller]
fn breaks(from: &str, to: &str, finding: &str) {
    assert!(SOUND.contains(from), "{from}");
    let found = findings(&SOUND.replacen(from, to, 1));
    assert!(found.iter().any(|found| found.contains(finding)), "{found:?}");
}

#[test]
fn names() {
    breaks("{{ client_id }}", "{{ cliend_id }}", "`cliend_id`, which nothing defines");
    breaks("label = \"Fast\"\n", "label = \"Fast\"\nwhen = \"typo\"\n", "question \"fast\", when: It uses `typo`");
    breaks("{{ app.base }}/callback", "{{ issuer }}", "which has no value yet at that point");
    breaks("value = \"{{ fast }}\"", "value = true", "question \"fast\": Nothing uses the answer");
    breaks("\"{{ callback_url }}\"", "\"{{ app.base }}\"", "derive callback_url: Nothing uses the value");
    let in_key = "value = { a = { \"{{ fsat }}\" = 1 } }";
    breaks("value = \"{{ fast }}\"", in_key, "field \"Fast\", key \"{{ fsat }}\": It uses `fsat`, which nothing defines.");
    breaks("value = \"{{ fast }}\"", &in_key.replace("fsat", "fast"), "key \"{{ fast }}\": A table's key is taken as it is");
    breaks("id = \"fast\"", "id = \"slug\"", "The name is taken");
    breaks("label = \"Fast\"", "label = \"Fast {{ app.base }}\"", "shown as it is");
    breaks("text = \"Save.\"", "text = \"Save {# all.\"", "opens a comment");
}

#[test]
fn references() {
    breaks("after:form", "after:from", "There is no entry \"from\"");
    breaks("at = \"after:form\"", "asks = \"app\"", "There is no late question");
    breaks("where = \"Settings\"", "where = \"Settings\"\nways = [\"docker\"]", "There is no way \"docker\"");
    breaks("answers = { app", "answers = { ap", "There is no question \"ap\"");
}

#[test]
fn fields() {
    breaks("value = \"{{ client_id }}\"", "value = \"a\", keep = true", "Exactly one of");
    breaks("type = \"secret\", ", "", "has the type secret");
    breaks("value = \"{{ fast }}\"", "value = \"{{ fast }} \"", "A switch is true");
    breaks("label = \"Secret\"", "label = \"Client ID\"", "is there twice");
    let quoted =
        "kind = \"command\"\nformat = \"shell\"\nrun = { on = \"host\" }\ntext = \"x '{{ client_id }}' {{ client_secret }}\"\n";
    breaks("kind = \"form\"", quoted, "Leave yours out");
    breaks("kind = \"form\"", quoted, "shell's history");
    breaks("kind = \"form\"", "kind = \"env\"", "need the format");
}

/// Replaces a piece of the sound template by one that is sound too.
#[track_caller]
fn keeps(from: &str, to: &str) {
    assert!(SOUND.contains(from), "{from}");
    assert_eq!(findings(&SOUND.replacen(from, to, 1)), [""; 0]);
}

#[test]
fn what_only_looks_wrong_is_left_alone() {
    let add = |entry: &str| format!("[[entry]]\nid = \"more\"\nwhere = \"Host\"\n{entry}\n[[step]]\n");
    let command = "kind = \"command\"\nformat = \"shell\"\nrun = { on = \"host\" }\n";
    // The words are not the value.
    keeps(
        "[[step]]\n",
        &add(&format!("{command}text = \"x --client_secret \\\"$S\\\" {{{{ 'client_secret' }}}} {{{{ client_id }}}}\"")),
    );
    keeps(
        "label = \"Client ID\", value = \"{{ client_id }}\"",
        "label = \"Auth\", value = \"{{ 'client_secret_post' if fast else client_id }}\"",
    );
    let file = |rest: &str| add(&format!("kind = \"file\"\nfile = {{ path = \"/x\" }}\n{rest}"));
    keeps("[[step]]\n", &file("text = \"one line\\n{{ client_id }}\\n\""));
    keeps("[[step]]\n", &file("text = \"no values at all\""));
    breaks("[[step]]\n", &file("text = \"id: {{ client_id }}\""), "A file needs a format");
    keeps("[[step]]\n", &file("format = \"html\"\ntext = '<a href=\"{{ issuer }}\">x</a>'"));
    keeps("[[step]]\n", &file("format = \"yaml\"\ntext = 'a: {% raw %}\"{{ user.name }}\" {# b #}{% endraw %} '"));
    keeps("[[step]]\n", &add(&format!("{command}text = 'x --name=\"a b\"{{{{ client_id }}}}'")));
}

#[test]
fn secrets_are_known_by_their_names() {
    let secret = |value: &str| format!("label = \"Client ID\", value = \"{{{{ {value} }}}}\"");
    let from = "label = \"Client ID\", value = \"{{ client_id }}\"";
    breaks(from, &secret("parts.main.client_secret"), "has the type secret");
    breaks(from, &secret("client_id ~ client_secret"), "has the type secret");
    let asked = SOUND.replacen("kind = \"toggle\"", "kind = \"secret\"", 1).replacen("type = \"switch\", ", "", 1);
    assert!(
        findings(&asked).iter().any(|found| found.contains("\"Fast\": A field that takes the secret")),
        "{:?}",
        findings(&asked)
    );
}

#[test]
fn redirects() {
    let with = |redirect: &str| format!("redirects = [{{ {redirect} }}, {{ uri = \"{{{{ callback_url }}}}\" }}]");
    let from = "redirects = [{ uri = \"{{ callback_url }}\" }]";
    breaks(from, &with("mode = 'regex', uri = '^https://x\\.example$'"), "needs a `why`");
    breaks(from, &with("mode = 'regex', why = 'x', uri = 'https://x\\.example'"), "begins with ^");
    breaks(from, &with("mode = 'regex', why = 'x', uri = '^https://x.example$'"), "A dot");
    breaks(from, &with("mode = 'regex', why = 'x', uri = '^{{ app.base }}$'"), "regex_escape");
    breaks(from, &with("each = 'nodes', uri = '{{ item.origin }}'"), "There is no list question");
    breaks(from, "", "no redirect URI");
}

#[test]
fn reasons_and_mappings() {
    let add = |what: &str| format!("[provider]\n{what}\n");
    breaks("[provider]\n", &add("sub_mode = { value = \"user_email\" }"), "needs a `why`");
    breaks("[provider]\n", &add("lifetimes = { code = { set = \"10 minutes\" } }"), "is no duration");
    let mapping = |rest: &str| add(&format!("mappings = [{{ id = 'm', {rest} }}]"));
    let expression = "why = 'x', scope = 'roles', claims = ['roles'], expression = 'return {\"roles\": []}'";
    assert_eq!(findings(&SOUND.replacen("[provider]\n", &mapping(expression), 1)), [""; 0]);
    breaks(
        "[provider]\n",
        &mapping(&expression.replace("roles", "groups")),
        "own mapping for profile gives the claim \"groups\" too",
    );
    breaks("[provider]\n", &mapping(&expression.replace("['roles']", "['role']")), "does not give the claim");
    breaks("[provider]\n", &mapping(&expression.replace("[]", "request.user.ak_groups")), "uses `.ak_groups`");
    breaks("[provider]\n", &mapping(&expression.replace("[]", "__import__")), "uses `");
    breaks("[provider]\n", &mapping(&expression.replace("[]", "\"{{ client_id }}\"")), "Leave yours out");
    breaks("[provider]\n", &mapping(&expression.replace("why = 'x', ", "")), "needs a `why`");
}

#[test]
fn redirect_uris_parse_and_keep_custom_schemes() {
    use crate::catalog::template::MatchingMode::Strict;
    for uri in [
        "https://x.example",
        "app.immich:///oauth-callback",
        "kitchenowl:/signin/redirect",
        "com.engomo.engomo://callback/",
        "onepassword://sso/oidc/redirect",
        "http://localhost:8250/oidc/callback",
        "https://x.example/index.php?_task=settings&_action=plugin.oauth_redirect",
    ] {
        assert_eq!(sample::redirect_problem(uri, Strict), None, "{uri}");
    }
    for uri in
        ["x.example/callback", "https://x.example/#a", "https://*.example", "javascript:alert(1)", "https://x.example//callback"]
    {
        assert!(sample::redirect_problem(uri, Strict).is_some(), "{uri}");
    }
}

#[test]
fn broken_texts_are_noticed() {
    use crate::catalog::template::Format;
    for (format, text) in [
        (Format::Json, "{\"a\": }"),
        (Format::Toml, "a = b"),
        (Format::Yaml, "a:\n\tb: c"),
        (Format::EnvCompose, "A B"),
        (Format::Ini, "[a]\nsecret"),
        (Format::Shell, "echo 'a"),
    ] {
        assert!(syntax_problem(format, text).is_some_and(|sentence| sentence.ends_with('.')), "{format:?}");
    }
    assert_eq!(syntax_problem(Format::EnvShell, "# comment\nexport A=1\n\nB='x'\n"), None);
}
