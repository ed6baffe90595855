//! The templates against facts that were read from authentik's guides, where these lie beside the repository.
//!
//! What a template does is taken from its plan, the same that the wizard makes. It may differ from the guide: then `deviations.toml`
//! says why, and where that was read. A difference that is not listed fails, and so does an entry that differs no longer.
//!
//! `MISSING_DEVIATIONS=FILE cargo test --test facts` writes entries for new differences into FILE, ready to fill in.

mod deviations;
mod fact;
mod here;
mod sources;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use akwiz::catalog::load::Catalog;
use akwiz::catalog::render::Engine;

use deviations::{Difference, Listed};
use fact::Fact;

/// `shared/facts`, beside the repository or one folder further up. Where it is absent, as for everyone who only has the repository, the test
/// that needs it says so and passes.
fn folder() -> Option<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    ["../shared/facts", "../../shared/facts"].map(|path| here.join(path)).into_iter().find(|folder| folder.is_dir())
}

#[test]
fn what_differs_from_the_facts_is_listed() {
    let Some(folder) = folder() else {
        println!("skipped: there are no facts beside the repository");
        return;
    };
    let engine = Engine::new();
    let catalog = Catalog::built_in();
    let mut found: Vec<Difference> = Vec::new();
    let mut missing = BTreeSet::new();
    for fact in Fact::all(&folder.join("integrations")) {
        let Some(template) = catalog.get(&fact.id) else {
            missing.insert(fact.id);
            continue;
        };
        found.extend(here::differences(&engine, template, &fact));
    }
    found.extend(sources::differences(&folder.join("sources")));
    assert!(missing.is_empty(), "without a template: {missing:?}");
    let listed = deviations::listed();
    let has = |listed: &Listed, difference: &Difference| {
        (&listed.template, &listed.field, &listed.fact, &listed.here)
            == (&difference.template, &difference.field, &difference.fact, &difference.here)
    };
    let unlisted: Vec<&Difference> =
        found.iter().filter(|difference| !listed.iter().any(|listed| has(listed, difference))).collect();
    if let Some(file) = std::env::var_os("MISSING_DEVIATIONS") {
        std::fs::write(file, unlisted.iter().map(|difference| difference.entry()).collect::<String>()).unwrap();
    }
    let entries: String = unlisted.iter().map(|difference| difference.entry()).collect();
    assert!(unlisted.is_empty(), "{} differences are not listed:\n{entries}", unlisted.len());
    let known = |listed: &&Listed| catalog.get(&listed.template).is_some();
    let stale: Vec<&Listed> =
        listed.iter().filter(known).filter(|listed| !found.iter().any(|difference| has(listed, difference))).collect();
    assert!(stale.is_empty(), "{} entries differ no longer: {stale:#?}", stale.len());
}

#[test]
fn every_deviation_has_a_reason_and_a_source() {
    let catalog = Catalog::built_in();
    let mut seen = BTreeSet::new();
    for listed in deviations::listed() {
        let place = format!("{}, {}: {} / {}", listed.template, listed.field, listed.fact, listed.here);
        assert!(seen.insert(place.clone()), "twice: {place}");
        assert!(listed.reason.len() > 20 && listed.reason.ends_with('.'), "no sentence: {place}");
        assert!(!listed.reason.to_lowercase().contains("not modelled"), "no reason: {place}");
        assert!(listed.cites.len() > 8, "no source: {place}");
        assert!(catalog.get(&listed.template).is_some(), "no such template: {place}");
    }
}
