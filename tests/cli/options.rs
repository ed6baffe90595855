//! Options that every command has: which server, whom to trust, how long to wait.

use std::net::TcpListener;

use secrecy::ExposeSecret as _;

use crate::bench::Bench;
use crate::run::Home;

const PUBLIC: &str = "--public-url=https://auth.example.com";

#[test]
fn a_server_is_named_by_option_environment_or_profile() {
    let bench = Bench::new();
    let folder = bench.home.path().join(".config/akwiz");
    std::fs::create_dir_all(&folder).unwrap();
    let base = bench.server.base_url();
    let config = format!("[profiles.home]\napi = \"{base}\"\npublic = \"https://sso.example.com\"\n");
    std::fs::write(folder.join("config.toml"), config).unwrap();
    let token = bench.server.token();
    let run = |words: &[&str], url: &str| {
        bench.home.run_with(words, "", &[("AUTHENTIK_TOKEN", token.expose_secret()), ("AUTHENTIK_URL", url)])
    };
    let option = format!("--url={base}");
    assert_eq!(run(&["list", PUBLIC], base).code, 0);
    assert_eq!(run(&["list", PUBLIC, &option], "http://127.0.0.1:1").code, 0, "the option wins over the environment");
    let said = run(&["list", "--profile=home", "--json", "--url=http://127.0.0.1:1"], "http://127.0.0.1:1");
    assert_eq!((said.code, &said.document("list")["server"]), (0, &"https://sso.example.com".into()), "{}", said.page());
    let said = run(&["list", "--profile=home", "--demo"], base);
    assert!(said.code == 2 && said.err.contains("cannot be used with"), "{}", said.page());
    let said = run(&["list", "--url=ftp://auth.example.com"], base);
    assert!(said.code == 2 && said.err.contains("http or https"), "{}", said.page());
}

#[test]
fn a_server_that_says_nothing_is_waited_for_as_long_as_is_said() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("--url=http://{}", silent.local_addr().unwrap());
    let home = Home::new();
    let said = home.run_with(&["list", &url, PUBLIC, "--timeout=1"], "", &[("AUTHENTIK_TOKEN", "x")]);
    assert!(said.code == 4 && said.err.contains("did not answer in time"), "{}", said.page());
    for seconds in ["0", "3601", "soon"] {
        let said = home.run(&["list", &url, &format!("--timeout={seconds}")]);
        assert!(said.code == 2 && said.err.contains("--timeout <SECONDS>"), "{}", said.page());
    }
}

#[test]
fn a_file_that_cannot_be_used_is_named_with_its_fault() {
    let home = Home::new();
    let file = |name: &str, content: &[u8]| std::fs::write(home.path().join(name), content).unwrap();
    std::fs::create_dir(home.path().join("folder")).unwrap();
    file("empty", b"");
    file("latin1", b"caf\xe9\n");
    file("large", "a".repeat(70_000).as_bytes());
    let netbird = ["plan", "netbird", "--demo", "--set=app=https://netbird.example.com"];
    for (words, name, why) in [
        (
            &["list", "--url=http://127.0.0.1:1", "--ca-file"][..],
            "missing",
            "The certificate file missing cannot be read: there is none.",
        ),
        (
            &["list", "--url=http://127.0.0.1:1", "--ca-file"],
            "folder",
            "The certificate file folder cannot be read: it is a folder.",
        ),
        (&["list", "--url=http://127.0.0.1:1", "--ca-file"], "empty", "holds no certificate in PEM form"),
    ] {
        let said = home.run(&[words, &[name]].concat());
        assert!(said.code == 2 && said.err.contains(why), "{}", said.page());
    }
    let bench = Bench::new();
    let url = format!("--url={}", bench.server.base_url());
    let said = bench.home.run(&["list", &url, PUBLIC, "--token-file=missing"]);
    assert!(said.code == 2 && said.err.contains("The token file missing cannot be read: there is none."), "{}", said.page());
    for (name, why) in [
        ("missing", "The file missing cannot be read: there is none."),
        ("folder", "The file folder cannot be read: it is a folder."),
        ("latin1", "The file latin1 cannot be read: it is not text (UTF-8)."),
        ("empty", "The file empty is empty."),
        ("large", "The file large holds more than 64 KiB"),
    ] {
        let said = home.run(&[&netbird[..], &[&format!("--set-file=service_password={name}")]].concat());
        assert!(said.code == 2 && said.err.contains(why), "{}", said.page());
    }
    for (option, env, why) in [
        ("--set-env=service_password=NETBIRD", ("OTHER", "x"), "The environment variable NETBIRD is not set."),
        ("--set-env=service_password=NETBIRD", ("NETBIRD", ""), "The environment variable NETBIRD is empty."),
        ("--secret-stdin=service_password", ("OTHER", "x"), "Standard input is empty."),
    ] {
        let said = home.run_with(&[&netbird[..], &[option]].concat(), "", &[env]);
        assert!(said.code == 2 && said.err.contains(why), "{}", said.page());
    }
    // What editors on Windows put around a text is no part of the secret.
    file("windows", "\u{feff}canary\r\n".as_bytes());
    assert_eq!(home.run(&[&netbird[..], &["--set-file=service_password=windows"]].concat()).code, 0);
}

#[test]
fn only_a_terminal_opens_the_wizard() {
    for words in [&[][..], &["--demo"], &["--no-input"]] {
        let said = Home::new().run(words);
        assert!(said.code == 2 && said.err.contains("needs a terminal") && said.err.contains("akwiz help"), "{}", said.page());
    }
    let said = Home::new().run(&["--json"]);
    assert_eq!((said.code, said.document("error")["kind"].as_str()), (2, Some("usage")), "{}", said.page());
    for words in [&["--plain", "--demo"][..], &["--plain", "--demo", "--no-input"]] {
        let said = Home::new().run(words);
        assert!(said.code == 2 && said.err.contains("Nothing was changed"), "{}", said.page());
    }
}
