//! What the pages of this repository say about the code: held to it, or made from it.
//!
//! With `UPDATE_GENERATED=1` in the environment, what is generated is written anew instead of compared.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use akwiz::authentik::rights::Right;
use akwiz::cli::Cli;
use akwiz::config::Paths;
use akwiz::ui::keymap;
use clap::CommandFactory as _;

fn file(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn read(path: &str) -> String {
    fs::read_to_string(file(path)).unwrap_or_else(|error| panic!("{path} cannot be read: {error}"))
}

#[test]
fn the_tables_of_the_readme_are_current() {
    let readme = read("README.md");
    let mut fresh = readme.clone();
    let tables =
        [("rights", rights()), ("commands", commands()), ("keys", keymap::markdown_table()), ("exit codes", exit_codes())];
    for (name, content) in tables {
        fresh = replace(&fresh, name, &content);
    }
    if env::var_os("UPDATE_GENERATED").is_some() {
        fs::write(file("README.md"), fresh).expect("the README can be written");
    } else {
        assert!(readme == fresh, "README.md is not current: run UPDATE_GENERATED=1 cargo test --test project");
    }
}

/// Puts `content` between the marks of `name`.
fn replace(text: &str, name: &str, content: &str) -> String {
    let begin = format!("<!-- generated: {name} -->\n");
    let (before, rest) = text.split_once(&begin).unwrap_or_else(|| panic!("the README has no mark for {name}"));
    let (_, after) = rest.split_once("<!-- end -->").unwrap_or_else(|| panic!("the mark for {name} has no end"));
    format!("{before}{begin}{}\n<!-- end -->{after}", content.trim_end())
}

fn commands() -> String {
    let mut table = String::from("| Command | What it does |\n| --- | --- |\n");
    for command in Cli::command().get_subcommands().filter(|command| command.get_name() != "help") {
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        writeln!(table, "| `akwiz {}` | {} |", command.get_name(), about.trim_end_matches('.'))
            .expect("a string takes everything");
    }
    table
}

fn exit_codes() -> String {
    let mut table = String::from("| Code | Meaning |\n| --- | --- |\n");
    for (code, meaning) in akwiz::error::exit_codes() {
        writeln!(table, "| {code} | {meaning} |").expect("a string takes everything");
    }
    table
}

fn rights() -> String {
    let mut table = String::from("| Right | Its name in authentik | For |\n| --- | --- | --- |\n");
    let (applications, plex) = (Right::FOR_APPLICATIONS, Right::FOR_PLEX);
    let only_plex = plex.iter().filter(|right| !applications.contains(right));
    for right in applications.iter().chain(only_plex) {
        let needed = match (applications.contains(right), plex.contains(right)) {
            (true, true) => "applications, Plex",
            (true, false) => "applications",
            _ => "Plex",
        };
        writeln!(table, "| {} | `{}` | {needed} |", right.title(), right.codename()).expect("a string takes everything");
    }
    table
}

#[test]
fn the_readme_names_the_real_files() {
    let readme = read("README.md");
    let paths = Paths { config: "~/.config/akwiz".into(), state: "~/.local/state/akwiz".into() };
    for path in [paths.config_file(), paths.state_file(), paths.log()] {
        let path = path.to_str().expect("it is UTF-8").replace('\\', "/");
        assert!(readme.contains(&format!("`{path}`")), "the README does not name {path}");
    }
    for folder in [paths.templates(), paths.receipts()] {
        let folder = folder.to_str().expect("it is UTF-8").replace('\\', "/");
        assert!(readme.contains(&format!("`{folder}/`")), "the README does not name {folder}");
    }
}

#[test]
fn every_dependency_has_its_reason() {
    let manifest: toml::Table = toml::from_str(&read("Cargo.toml")).expect("Cargo.toml is TOML");
    let mut used = BTreeSet::new();
    crates(&manifest, &mut used);
    for target in manifest["target"].as_table().into_iter().flat_map(toml::Table::values) {
        crates(target.as_table().expect("a target is a table"), &mut used);
    }
    let page = read("docs/dependencies.md");
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` | "));
    let mut reasons = BTreeSet::new();
    for (name, reason) in rows {
        assert!(reason.split(" | ").count() == 2 && reason.len() > 20, "{name}: two columns say what for and why this one");
        assert!(reasons.insert(name.to_string()), "{name} stands twice on the page");
    }
    let missing: Vec<_> = used.difference(&reasons).collect();
    let unused: Vec<_> = reasons.difference(&used).collect();
    assert!(missing.is_empty() && unused.is_empty(), "without a reason: {missing:?}; no longer used: {unused:?}");
}

/// The names under `dependencies` and its like.
fn crates(manifest: &toml::Table, names: &mut BTreeSet<String>) {
    for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
        if let Some(table) = manifest.get(kind).and_then(toml::Value::as_table) {
            names.extend(table.keys().cloned());
        }
    }
}

#[test]
fn ci_runs_the_test_command_of_the_readme() {
    let blocks: Vec<String> = read("README.md")
        .split("```sh\n")
        .skip(1)
        .filter_map(|block| Some(block.split_once("```")?.0.trim().to_string()))
        .filter(|block| block.starts_with("cargo test"))
        .collect();
    assert_eq!(blocks, ["cargo test"], "one block of the README is the test command; .ci/run takes it from there");
}

#[test]
fn pages_link_to_files_that_exist() {
    for page in ["README.md", "docs/dependencies.md", "docs/templates.md", "CHANGELOG.md"] {
        let folder = file(page).parent().expect("a page is in a folder").to_path_buf();
        let text = read(page);
        for link in text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(link, _)| link) {
            if !link.starts_with("http") && !link.starts_with('#') {
                assert!(folder.join(link).exists(), "{page} links to {link}");
            }
        }
    }
}
