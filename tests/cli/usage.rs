//! Help, lists, and what is not usable.

use std::fmt::Write as _;

use insta::assert_snapshot;

use crate::run::Home;

#[test]
fn help_names_commands_options_and_exit_codes() {
    let said = Home::new().run(&["--help"]);
    assert_snapshot!(said.page());
}

#[test]
fn the_version_is_one_line() {
    let said = Home::new().run(&["--version"]);
    assert_eq!((said.code, said.out), (0, format!("akwiz {}\n", env!("CARGO_PKG_VERSION"))));
}

#[test]
fn a_wrong_option_is_a_usage_error() {
    assert_eq!(Home::new().run(&["create", "portainer", "--typo"]).code, 2);
    assert_eq!(Home::new().run(&["apps", "--demo", "--token-file=x"]).code, 2);
}

#[test]
fn applications_are_found_by_other_names() {
    let said = Home::new().run(&["apps", "pve", "--demo"]);
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    assert!(said.out.starts_with("proxmox-ve"), "{}", said.out);
    let said = Home::new().run(&["apps", "-v", "plesk", "--demo"]);
    assert!(said.out.contains("--set="), "{}", said.out);
}

#[test]
fn another_name_of_an_application_leads_to_it() {
    for (name, id) in [("pve", "proxmox-ve"), ("Proxmox VE", "proxmox-ve"), ("docker", "portainer"), ("Grafana", "grafana")] {
        let said = Home::new().run(&["app", name]);
        assert!(said.code == 2 && said.err.contains(id) && !said.err.contains("Did you mean"), "{}", said.page());
    }
}

#[test]
fn what_is_not_known_is_said() {
    let home = Home::new();
    let mut page = String::new();
    for arguments in [
        &["apps", "nothing-like-it", "--demo"][..],
        &["plan", "nothing", "--demo"],
        &["plan", "portainer", "--demo", "--set=typo=1"],
        &["plan", "portainer", "--demo", "--set=sso=perhaps"],
        &["plan", "portainer", "--demo"],
        &["plan", "portainer", "--demo", "--set=app=portainer.example.com", "--access=group:nobody"],
        &["plan", "portainer", "--set=app=portainer.example.com"],
        &["create", "portainer", "--demo", "--set=app=portainer.example.com", "--way=typo"],
        &["receipts"],
        &["undo", "20260101T000000Z-x-0000"],
        &["undo", "../x"],
    ] {
        let _ = writeln!(page, "$ akwiz {}\n{}", arguments.join(" "), home.run(arguments).page());
    }
    assert_snapshot!(page);
    let beside_the_log: Vec<_> = home.files().into_iter().filter(|(name, _)| !name.ends_with("akwiz.log")).collect();
    assert!(beside_the_log.is_empty(), "{beside_the_log:?}");
}
