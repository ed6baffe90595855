//! A false alarm is a defect: every built-in template, freshly created on every version, has nothing to complain about.

use akwiz::catalog::load::Catalog;
use akwiz::catalog::template::{Sample, Template};
use akwiz::checks::{Id, State};
use akwiz::demo::Version;

use crate::bench::{Bench, alarms, answers};

/// What is wrong with the checks of a template's sample on a new server.
async fn complaints(version: Version, template: &Template, sample: &Sample) -> Vec<String> {
    let bench = Bench::fresh(version).await;
    let outcome = bench.create(template, &answers(template, sample), 1).await;
    let mut wrong = Vec::new();
    for (index, part) in outcome.parts.iter().enumerate() {
        let ticks = bench.check(&bench.target(template, &outcome, index)).await;
        let mut lines = alarms(&ticks);
        lines.extend(ticks.iter().filter(|tick| tick.state == State::Waiting).map(|tick| format!("{} waits", tick.id.as_str())));
        // What can be told must have been told.
        let told = [Id::Discovery, Id::Issuer, Id::Endpoints, Id::Algorithm, Id::Encryption, Id::Claims, Id::Lifetimes];
        let untold = ticks.iter().filter(|tick| told.contains(&tick.id) && tick.state != State::Green);
        lines.extend(untold.map(|tick| format!("{} {:?}: {}", tick.id.as_str(), tick.state, tick.found)));
        wrong.extend(lines.into_iter().map(|line| format!("{} {}: {line}", template.id, part.id)));
    }
    wrong
}

#[tokio::test]
async fn no_false_alarms_on_what_was_just_created() {
    let catalog = Catalog::built_in();
    for version in Version::ALL {
        let mut wrong = Vec::new();
        for template in catalog.iter().filter(|template| template.source.is_none()) {
            // The newest version sees every sample, the others the first one.
            let samples = if version == Version::V2026_8 { template.sample.len() } else { 1 };
            for sample in template.sample.iter().take(samples) {
                wrong.extend(complaints(version, template, sample).await);
            }
        }
        assert!(wrong.is_empty(), "{} {}:\n{}", version.number(), wrong.len(), wrong.join("\n"));
    }
}
