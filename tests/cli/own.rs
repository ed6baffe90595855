//! A person's own templates may add Python to authentik: `--yes` alone does not let it in.

use crate::bench::Bench;

/// Portainer, with a mapping of its own.
fn application() -> String {
    let mapping = "[[provider.mappings]]\nid = \"role\"\nscope = \"role\"\nclaims = [\"role\"]\nwhy = \"A role\"\n\
        expression = 'return {\"role\": request.user.username}'\n\n[needs]\n";
    let template = include_str!("../../assets/templates/portainer.toml");
    assert_eq!(template.matches("[needs]\n").count(), 1);
    template.replace("[needs]\n", mapping)
}

/// A server, and these two in the person's folder in place of the built-in ones.
fn bench() -> Bench {
    let bench = Bench::new();
    let folder = bench.home.path().join(".config/akwiz/templates");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("portainer.toml"), application()).unwrap();
    std::fs::write(folder.join("github.toml"), include_str!("../../assets/templates/github.toml")).unwrap();
    std::fs::write(bench.home.path().join("secret"), "0123456789abcdef0123456789abcdef01234567").unwrap();
    bench
}

const APPLICATION: [&str; 4] = ["create", "portainer", "--set=app=https://portainer.example.com", "--yes"];
const SOURCE: [&str; 6] =
    ["create", "github", "--set=client_id=Ov23liABCDEFGHIJKLMN", "--set-file=client_secret=secret", "--set=org=acme", "--yes"];

#[track_caller]
fn wants_a_typed_yes(bench: &Bench, arguments: &[&str], python: &str) {
    let before = bench.server.state();
    let said = bench.run(arguments);
    assert_eq!(said.code, 2, "{}", said.page());
    assert!(said.err.contains("adds Python that runs inside authentik") && said.err.contains("--confirm=yes"), "{}", said.err);
    assert!(said.page().contains(python), "it is shown whole: {}", said.page());
    assert_eq!(bench.server.state(), before);
    let wrong: Vec<&str> = arguments.iter().copied().chain(["--confirm=y"]).collect();
    assert_eq!(bench.run(&wrong).code, 2);
    let confirmed: Vec<&str> = arguments.iter().copied().chain(["--confirm=yes"]).collect();
    bench.done(&confirmed);
    assert_ne!(bench.server.state(), before);
}

#[test]
fn an_application_with_python_wants_a_typed_yes() {
    wants_a_typed_yes(&bench(), &APPLICATION, "return {\"role\": request.user.username}");
}

#[test]
fn a_login_source_with_python_wants_a_typed_yes() {
    let bench = bench();
    let confirmations = |more: &[&str]| {
        let arguments = [&["plan"], &SOURCE[1..4], &["--json"], more].concat();
        bench.done(&arguments).document("plan")["confirmations"].clone()
    };
    assert_eq!(confirmations(&[]), serde_json::json!([]), "without the organization there is no policy");
    assert_eq!(confirmations(&["--set=org=acme"]), serde_json::json!(["yes"]));
    wants_a_typed_yes(&bench, &SOURCE, "answer.raise_for_status()");
}

#[test]
fn a_file_of_applications_wants_it_too() {
    let bench = bench();
    let file = "[[application]]\ntemplate = \"portainer\"\nanswers = { app = \"https://portainer.example.com\" }\n";
    std::fs::write(bench.home.path().join("apps.toml"), file).unwrap();
    wants_a_typed_yes(&bench, &["apply", "-f", "apps.toml", "--yes"], "return {\"role\": request.user.username}");
}

#[test]
fn a_built_in_one_is_only_shown() {
    let bench = Bench::new();
    std::fs::write(bench.home.path().join("secret"), "0123456789abcdef0123456789abcdef01234567").unwrap();
    bench.done(&SOURCE);
}
