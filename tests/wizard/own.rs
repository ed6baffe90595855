//! Templates of the person's own: found, reported when broken, and watched when they run something in authentik.

use std::sync::Arc;

use akwiz::catalog::load::Catalog;
use akwiz::ui::effect::Read;
use akwiz::ui::msg::Answer;
use akwiz::ui::steps::Step;
use akwiz::ui::{Load, Wizard};

use crate::script::Script;
use crate::world;

const OWN: &str = r#"
schema = 1
id = "zz-notes"
name = "My notes"
category = "documents"
homepage = "https://notes.example/"
summary = "Keeps notes"

[[question]]
id = "app"
kind = "address"
label = "Address of the notes"

[provider]
redirects = [{ uri = "{{ app.base }}/callback" }]

[[provider.mappings]]
id = "role"
scope = "role"
claims = ["role"]
why = "The notes want a role"
expression = """
first = "one line"
return {"role": request.user.username + first}
"""
"#;

/// A folder with a template, one that replaces a built-in one, and a broken one.
fn catalog() -> Catalog {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, source: &str| std::fs::write(folder.path().join(name), source).unwrap();
    write("zz-notes.toml", OWN);
    write("portainer.toml", &OWN.replace("zz-notes", "portainer").replace("My notes", "My Portainer"));
    write("broken.toml", "schema = 1\nid = \"broken\"\nnome = 1\n");
    Catalog::load(folder.path())
}

#[test]
fn they_are_found_and_a_broken_one_is_named_with_its_place() {
    let catalog = Arc::new(catalog());
    let script = Script::at((120, 40), Step::Pick, Wizard { catalog: Load::Ready(catalog), ..world::wizard("portainer") });
    let script = script.begin();
    assert!(script.shows("broken.toml:3:1: unknown field `nome`"), "{}", script.screen());
    let script = script.keys("my no");
    assert!(script.shows("My notes") && !script.shows("Grafana"), "{}", script.screen());
    let script = script.keys("<c-u>portainer");
    assert!(script.shows("My Portainer"), "it takes the place of the built-in one: {}", script.screen());
}

#[test]
fn what_an_own_one_runs_in_authentik_is_shown_whole_and_wants_a_typed_yes() {
    let catalog = Arc::new(catalog());
    let mut wizard = Wizard { catalog: Load::Ready(Arc::clone(&catalog)), ..world::wizard("portainer") };
    wizard.template = Some(Arc::new(catalog.get("zz-notes").unwrap().clone()));
    wizard.answers.template = "zz-notes".into();
    let applied = |script: &Script| script.effects().iter().any(|effect| effect.starts_with("Write(Apply"));
    let script = Script::at((120, 40), Step::Review, wizard).reader(world::reader(world::facts())).begin().wait(400);
    for line in ["first = \"one line\"", "return {\"role\": request.user.username + first}"] {
        assert!(script.shows(line), "{}", script.screen());
    }
    let script = script.keys("<enter>");
    assert!(!applied(&script) && script.shows("Let it run in authentik?"), "{}", script.screen());
    let script = script.keys("<enter>no<enter>");
    assert!(!applied(&script));
    let script = script.keys("<c-u>yes<enter>");
    assert!(applied(&script), "{}", script.screen());
}

#[test]
fn picking_an_own_one_keeps_it_marked_as_such() {
    let catalog = Arc::new(catalog());
    let wizard = Wizard { catalog: Load::Ready(catalog), template: None, ..world::wizard("portainer") };
    let facts = world::facts();
    let script = Script::at((120, 40), Step::Pick, wizard)
        .reader(move |read| match read {
            Read::Mint(template) => Some(Answer::Minted(Box::new(world::minted(template)))),
            Read::Facts { .. } => Some(Answer::Facts(Ok(Box::new(facts.clone())))),
            _ => None,
        })
        .begin()
        .keys("my notes<enter>notes.example.com<enter>")
        .wait(400);
    assert_eq!(script.step(), Step::Review, "{}", script.screen());
    assert!(script.keys("<enter>").shows("Let it run in authentik?"));
}
