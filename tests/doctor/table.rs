//! `docs/doctor.md` is made of the rules.

use std::fmt::Write as _;
use std::path::Path;

use akwiz::checks::rules::{ALL, APART};

const HEAD: &str = "\
# What the doctor knows

`akwiz doctor` finds out why a login fails, `akwiz audit` looks at every OAuth2/OpenID provider of a server. Both run the same rules. A rule's
id never changes: `--fix=ID` mends what that rule offers, and JSON documents name it.

- **error**: logins fail.
- **warning**: it works, or seems to, and it is wrong or unsafe.
- **note**: often it is meant so. The exit code does not count it, and `--fix` leaves it alone unless its rule is named.

What stands here is as bad as it gets; a rule can judge a case more mildly, such as plain HTTP within a private network. Proxy providers
are not looked at. Nothing is written unless a fix is confirmed; a fix goes through the same plan and receipt as `akwiz create`, and
`akwiz undo` takes it back.

This page is generated: `UPDATE_GENERATED=1 cargo test --test doctor`.

| id | cause | | why | texts that speak of it |
| --- | --- | --- | --- | --- |
";

#[test]
fn the_page_is_current() {
    let mut page = HEAD.to_owned();
    for rule in ALL.iter().chain(&APART) {
        let texts: Vec<String> = rule.symptoms.iter().map(|text| format!("`{}`", text.replace('|', "\\|"))).collect();
        let cells = [format!("`{}`", rule.id), rule.name.to_owned(), rule.severity.word().to_owned(), rule.reason.to_owned()];
        let _ = writeln!(page, "| {} | {} |", cells.join(" | "), texts.join(", "));
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/doctor.md");
    if std::env::var_os("UPDATE_GENERATED").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == page, "docs/doctor.md is stale. Run: UPDATE_GENERATED=1 cargo test --test doctor");
}
