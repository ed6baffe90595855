//! `apply`: many applications from one file.

use akwiz::authentik::{Client, Timeouts, Trust};
use akwiz::demo::{Options, Seed, StandIn};
use insta::assert_snapshot;
use secrecy::ExposeSecret as _;
use tokio::sync::oneshot::{Sender, channel};
use url::Url;

use crate::run::{Home, Said};

const FILE: &str = r#"
name = "homelab"

[defaults]
access = "group:family"
options = { group = "Homelab" }

[[application]]
template = "portainer"
answers = { app = "https://portainer.example.com" }

[[application]]
template = "portainer"
answers = { app = "https://portainer.attic.example.com" }
options = { slug = "portainer-attic", name = "Portainer in the attic" }

[[application]]
template = "gitea"
access = ["group:family", "new-group:developers"]
answers = { app = "https://git.example.com" }
"#;

/// A stand-in on a thread of its own, and a binary that knows its address and token.
struct Bench {
    server: StandIn,
    home: Home,
    /// Dropping it ends the thread.
    _stop: Sender<()>,
}

impl Bench {
    fn new(file: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let server = runtime.block_on(StandIn::start(Options { seed: Seed::Demo, ..Options::default() })).unwrap();
        let (stop, stopped) = channel();
        std::thread::spawn(move || runtime.block_on(stopped));
        let bench = Self { server, home: Home::new(), _stop: stop };
        bench.write(file);
        bench
    }

    fn write(&self, file: &str) {
        std::fs::write(self.home.path().join("apps.toml"), file).unwrap();
    }

    fn run(&self, arguments: &[&str]) -> Said {
        let all: Vec<&str> =
            ["apply", "-f", "apps.toml", "--public-url=https://auth.example.com"].iter().chain(arguments).copied().collect();
        let token = self.server.token();
        let env = [("AUTHENTIK_TOKEN", token.expose_secret()), ("AUTHENTIK_URL", self.server.base_url())];
        self.home.run_with(&all, "", &env)
    }

    fn settings(&self, slug: &str) -> Said {
        let token = self.server.token();
        let env = [("AUTHENTIK_TOKEN", token.expose_secret()), ("AUTHENTIK_URL", self.server.base_url())];
        self.home.run_with(&["settings", slug, "--public-url=https://auth.example.com"], "", &env)
    }

    fn count(&self, table: &str) -> usize {
        self.server.state()[table].as_array().unwrap().len()
    }

    /// As somebody else would.
    fn delete_group(&self, name: &str) {
        let groups = self.server.state()["groups"].clone();
        let group = groups.as_array().unwrap().iter().find(|group| group["name"] == name).unwrap();
        let base = Url::parse(self.server.base_url()).unwrap();
        let client = Client::new(&base, &Trust::default(), Timeouts::default()).unwrap();
        let client = client.signed_in(self.server.token()).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(client.delete_group(group["pk"].as_str().unwrap())).unwrap();
    }
}

fn demo(file: &str, arguments: &[&str]) -> Said {
    let home = Home::new();
    std::fs::write(home.path().join("apps.toml"), file).unwrap();
    let all: Vec<&str> = ["apply", "-f", "apps.toml", "--demo"].iter().chain(arguments).copied().collect();
    home.run(&all)
}

#[test]
fn help() {
    assert_snapshot!(Home::new().run(&["apply", "--help"]).page());
}

#[test]
fn one_plan_for_all_is_shown() {
    assert_snapshot!(demo(FILE, &["--dry-run"]).page());
}

#[test]
fn a_file_is_applied_and_a_second_run_changes_nothing() {
    let bench = Bench::new(FILE);
    let before = bench.count("applications");
    let said = bench.run(&[]);
    assert!(said.code == 2 && said.err.contains("--yes"), "{}", said.page());
    assert_eq!(bench.count("applications"), before);

    let said = bench.run(&["--yes"]);
    assert_eq!(said.code, 0, "{}", said.page());
    assert!(said.out.contains("3 of 3 done.") && said.err.contains("done  portainer-attic"), "{}", said.page());
    assert_eq!(bench.count("applications"), before + 3);

    let said = bench.run(&["--yes", "--detailed-exitcode"]);
    assert_eq!((said.code, said.out.as_str()), (10, "Nothing to do: everything is as it should be.\n"), "{}", said.page());
}

#[test]
fn what_changed_in_the_file_is_changed_and_what_left_it_is_pruned() {
    let bench = Bench::new(FILE);
    assert_eq!(bench.run(&["--yes"]).code, 0);
    let made = bench.count("applications");
    let changed =
        FILE.replace("portainer.example.com\" }", "portainer.example.com\" }\noptions = { description = \"Containers\" }");
    let (kept, _) = changed.split_once("[[application]]\ntemplate = \"gitea\"").unwrap();
    bench.write(kept);
    let said = bench.run(&["--yes", "--dry-run", "--prune"]);
    assert!(said.out.contains("- remove gitea") && said.out.contains("~ change portainer (portainer)"), "{}", said.page());
    let said = bench.run(&["--yes"]);
    assert!(said.code == 0 && !said.out.contains("remove gitea"), "{}", said.page());
    assert_eq!(bench.count("applications"), made, "nothing is removed unasked");
    let said = bench.run(&["--yes", "--prune"]);
    assert!(said.code == 0 && said.err.contains("removed  gitea"), "{}", said.page());
    assert_eq!(bench.count("applications"), made - 1);
    assert_eq!(bench.run(&["--yes", "--prune", "--detailed-exitcode"]).code, 10);
}

#[test]
fn a_group_that_is_used_by_its_name_alone_outlives_the_rest() {
    let teams = "answers = { app = \"https://portainer.example.com\", teams = true }";
    let file = FILE.replacen("answers = { app = \"https://portainer.example.com\" }", teams, 1);
    let bench = Bench::new(&file);
    assert_eq!(bench.run(&["--yes"]).code, 0);
    let groups = bench.count("groups");
    let (kept, _) = file.split_once("[[application]]\ntemplate = \"gitea\"").unwrap();
    bench.write(kept);
    let said = bench.run(&["--yes", "--prune"]);
    assert!(said.code == 0 && said.out.contains("- remove “developers” too"), "{}", said.page());
    assert!(!said.out.contains("Portainer Admins"), "Portainer is told its name: {}", said.page());
    assert_eq!(bench.count("groups"), groups - 1);
    assert_eq!(bench.run(&["--yes", "--prune", "--detailed-exitcode"]).code, 10);

    // Somebody removes it: no application changes, and there is something to do all the same.
    bench.delete_group("Portainer Admins");
    let said = bench.run(&["--dry-run", "--detailed-exitcode"]);
    assert!(said.code == 0 && said.out.contains("+ create Group “Portainer Admins”"), "{}", said.page());
    let said = bench.run(&["--yes"]);
    assert!(said.code == 0 && said.err.contains("done  “Portainer Admins”"), "{}", said.page());
    assert_eq!((bench.run(&["--yes", "--detailed-exitcode"]).code, bench.count("groups")), (10, groups - 1));
}

/// authentik knows nothing of them, but the settings come out otherwise.
#[test]
fn answers_that_concern_only_the_application_are_kept() {
    let file = |auto: bool| {
        format!(
            "name = \"lab\"\n[[application]]\ntemplate = \"grafana\"\noptions = {{ slug = \"boards\" }}\n\
             answers = {{ app = \"https://boards.example.com\", auto_login = {auto} }}\n"
        )
    };
    let bench = Bench::new(&file(false));
    assert_eq!(bench.run(&["--yes"]).code, 0);
    bench.write(&file(true));
    let said = bench.run(&["--dry-run", "--detailed-exitcode"]);
    assert!(said.code == 0 && said.out.contains("~ keep the new answers of boards"), "{}", said.page());
    assert!(!bench.settings("boards").out.contains("AUTO_LOGIN"), "a dry run keeps nothing");
    let said = bench.run(&["--yes", "--detailed-exitcode"]);
    assert!(said.code == 0 && said.out.contains("Nothing to do in authentik."), "{}", said.page());
    let settings = bench.settings("boards");
    assert!(settings.out.contains("AUTO_LOGIN"), "{}", settings.page());
    assert_eq!(bench.run(&["--yes", "--detailed-exitcode"]).code, 10);
}

#[test]
fn what_others_made_is_left_alone() {
    let file = "[[application]]\ntemplate = \"grafana\"\nanswers = { app = \"https://grafana.example.com\" }\n\
        [[application]]\ntemplate = \"portainer\"\nanswers = { app = \"https://portainer.example.com\" }\n";
    let said = demo(file, &["--yes"]);
    assert!(said.out.contains("! leave grafana:") && said.out.contains("update = true"), "{}", said.page());
    assert!(said.code == 5 && said.out.contains("1 of 1 done."), "{}", said.page());
    assert!(!said.out.contains("Grafana Admins") && !said.out.contains("~ change"), "nothing is made or changed for it");
    let said = demo(&file.replacen("answers", "update = true\nanswers", 1), &["--dry-run"]);
    assert!(said.code == 0 && said.out.contains("~ change grafana"), "{}", said.page());
}

#[test]
fn what_is_wrong_with_a_file_is_said_with_its_place() {
    let file = "[[application]]\ntemplate = \"portainr\"\n[[application]]\ntemplate = \"portainer\"\nanswers = { typo = 1 }\n\
        [[application]]\ntemplate = \"gitea\"\naccess = \"nobody\"\n";
    assert_snapshot!(demo(file, &["--dry-run"]).page());
    let twice = FILE.replace("slug = \"portainer-attic\", ", "");
    let said = demo(&twice, &[]);
    assert!(said.code == 2 && said.err.contains("apps.toml:12:1: The slug “portainer” is wanted in line 8"), "{}", said.page());
    let said = demo(&FILE.replace("group:family", "group:nobody"), &[]);
    assert!(said.code == 2 && said.err.contains("apps.toml:5:10: There is no group “nobody”"), "{}", said.page());
    let said = Home::new().run(&["apply", "-f", "missing.toml", "--demo"]);
    assert!(said.code == 2 && said.err.contains("missing.toml cannot be read"), "{}", said.page());
}

#[test]
fn secrets_come_from_the_environment_and_from_files() {
    let file = "[[application]]\ntemplate = \"notes\"\nanswers = { app = \"https://notes.example.com\", key = KEY }\n";
    let home = Home::new();
    let templates = home.path().join(".config/akwiz/templates");
    std::fs::create_dir_all(&templates).unwrap();
    std::fs::write(templates.join("notes.toml"), NOTES).unwrap();
    let apply = |key: &str, env: &[(&str, &str)]| {
        std::fs::write(home.path().join("apps.toml"), file.replace("KEY", key)).unwrap();
        let all = [&[("AUTHENTIK_TOKEN", "x"), ("AUTHENTIK_URL", "http://127.0.0.1:1")][..], env].concat();
        home.run_with(&["apply", "-f", "apps.toml", "--dry-run"], "", &all)
    };
    let said = apply("\"canary\"", &[]);
    assert!(said.code == 2 && said.err.contains("“key” is a secret") && !said.err.contains("canary"), "{}", said.page());
    let said = apply("{ env = \"NOTES_KEY\" }", &[]);
    assert!(said.code == 2 && said.err.contains("The environment variable NOTES_KEY is not set."), "{}", said.page());
    let said = apply("{ file = \"key.secret\" }", &[]);
    assert!(said.code == 2 && said.err.contains("key.secret cannot be read"), "{}", said.page());
    std::fs::write(home.path().join("key.secret"), "canary\n").unwrap();
    // The file is right now, and the server is not there.
    assert_eq!(apply("{ file = \"key.secret\" }", &[]).code, 4);
    assert_eq!(apply("{ env = \"NOTES_KEY\" }", &[("NOTES_KEY", "canary")]).code, 4);
}

const NOTES: &str = r#"
schema = 1
id = "notes"
name = "Notes"
category = "documents"
homepage = "https://notes.example/"
summary = "Keeps notes"
question = [
    { id = "app", kind = "address", label = "Address of Notes" },
    { id = "key", kind = "secret", label = "Key" },
]
[application]
[provider]
scopes = ["openid"]
redirects = [{ uri = "{{ app.base }}/cb" }]
sub_mode = { value = "user_username", why = "Notes names people so" }
signing = "rsa"
"#;

#[test]
fn the_result_is_one_document() {
    let said = demo(FILE, &["--json", "--dry-run"]);
    let document = said.document("apply");
    assert_eq!((said.code, document["applied"].as_bool()), (0, Some(false)));
    assert_eq!(document["applications"][1]["state"], "create");
    let said = demo(FILE, &["--json", "--yes"]);
    let document = said.document("apply");
    let states: Vec<&str> =
        document["applications"].as_array().unwrap().iter().filter_map(|application| application["state"].as_str()).collect();
    assert_eq!((said.code, states), (0, vec!["created"; 3]), "{}", said.page());
    let said = demo(FILE, &["--json"]);
    assert_eq!((said.code, said.document("error")["kind"].as_str()), (2, Some("usage")));
}

#[test]
fn a_folder_that_cannot_be_written_to_is_told_before_anything_is_made() {
    let bench = Bench::new(FILE);
    std::fs::write(bench.home.path().join("taken"), "").unwrap();
    let before = bench.count("applications");
    let said = bench.run(&["--yes", "--settings-dir=taken"]);
    assert!(said.code == 2 && said.err.contains("Settings cannot be written to taken."), "{}", said.page());
    assert_eq!(bench.count("applications"), before);
}

#[test]
fn lifetimes_are_checked_with_their_place() {
    let file = "[[application]]\ntemplate = \"portainer\"\nanswers = { app = \"https://p.example.com\" }\n\
        options = { access_lifetime = \"10 minutes\" }\n";
    let said = demo(file, &["--dry-run"]);
    assert!(said.code == 2 && said.err.contains("apps.toml:4:31: “10 minutes” is no lifetime."), "{}", said.page());
}

#[test]
fn settings_are_written_for_their_owner_alone() {
    let bench = Bench::new(FILE);
    let said = bench.run(&["--yes", "--settings-dir=settings"]);
    assert_eq!(said.code, 0, "{}", said.page());
    let text = std::fs::read_to_string(bench.home.path().join("settings/portainer-attic.txt")).unwrap();
    assert!(regex::Regex::new(r"\b[A-Za-z0-9]{128}\b").unwrap().is_match(&text), "{text}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(bench.home.path().join("settings/gitea.txt")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    assert!(!regex::Regex::new(r"\b[A-Za-z0-9]{128}\b").unwrap().is_match(&format!("{}{}", said.out, said.err)));
}
