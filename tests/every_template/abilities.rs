//! What the format can say beyond names and texts, each ability by a template that needs it.

use akwiz::catalog::load::Catalog;
use akwiz::catalog::render::{Engine, Item, in_order};
use akwiz::catalog::template::{Sample, Template};
use akwiz::catalog::text::{Scalar, Text};
use akwiz::checks::expectations;
use akwiz::setup::facts::{Facts, GroupFact, Version};
use akwiz::setup::plan::{Action, Plan};
use akwiz::setup::sample::{new_server, plan_on};

fn template(id: &str) -> Template {
    Catalog::built_in().get(id).unwrap().clone()
}

fn server() -> Facts {
    new_server(Version::new(2026, 5, 0))
}

fn text(text: &str) -> Scalar {
    Scalar::Text(Text::from(text))
}

/// The plan for the answers of the template's first sample and these.
fn planned(template: &Template, facts: &Facts, more: &[(&str, Scalar)]) -> Plan {
    let mut answers = template.sample[0].answers.clone();
    answers.extend(more.iter().map(|(id, answer)| ((*id).to_owned(), answer.clone())));
    let sample = Sample { answers, ..template.sample[0].clone() };
    plan_on(&Engine::new(), template, &sample, facts).unwrap()
}

fn said(plan: &Plan) -> String {
    plan.notices.iter().map(|notice| notice.text.as_str()).collect::<Vec<_>>().join("\n")
}

/// What one way of deploying it shows as warnings.
fn warnings(template: &Template, plan: &Plan, way: &str) -> String {
    let items = in_order(&Engine::new(), template, &plan.scope, Some(way)).unwrap();
    let warnings = items.into_iter().filter_map(|item| match item {
        Item::Warning(warning) => Some(warning.text),
        _ => None,
    });
    warnings.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_demand_can_depend_on_an_answer() {
    let makes = |plan: &Plan| plan.actions.iter().any(|action| matches!(action, Action::MakeMapping { .. }));
    let arcane = template("arcane");
    let [off, on] = [false, true].map(|merge| planned(&arcane, &server(), &[("merge", Scalar::Bool(merge))]));
    assert!(!makes(&off) && !said(&off).contains("verified"), "{}", said(&off));
    assert!(
        makes(&on) && said(&on).contains("Arcane links accounts only by addresses that authentik calls verified. The mapping")
    );
    let old = planned(&arcane, &new_server(Version::new(2024, 12, 5)), &[("merge", Scalar::Bool(true))]);
    assert!(!makes(&old), "there the built-in mapping says verified by itself");

    let reads_groups = |roles: bool| {
        let grafana = template("grafana");
        let plan = planned(&grafana, &server(), &[("roles", Scalar::Bool(roles))]);
        let expected = expectations(&Engine::new(), &grafana, "main", &plan.scope);
        expected.known.unwrap().claims.iter().any(|claim| claim.name == "groups")
    };
    assert!(reads_groups(true) && !reads_groups(false));
}

#[test]
fn each_member_of_a_list_can_be_a_group() {
    let headscale = template("headscale");
    let mut facts = server();
    facts.groups = vec![GroupFact { pk: "g".into(), name: "vpn".into(), ..GroupFact::default() }];
    let groups = Scalar::List(vec![text("vpn"), text("home lab")]);
    let plan = planned(&headscale, &facts, &[("allowed_groups", groups)]);
    assert_eq!(plan.actions.iter().filter(|action| matches!(action, Action::MakeGroup { .. })).count(), 0);
    let expected = "There is no group \"home lab\" in authentik, and Headscale expects it: its members may join devices.";
    assert!(said(&plan).contains(expected) && !said(&plan).contains("\"vpn\""), "{}", said(&plan));
    let engine = Engine::new();
    assert_eq!(engine.plain(&Text::from("{{ groups.allowed | join(',') }}"), &plan.scope).unwrap(), "vpn,home lab");
}

#[test]
fn a_warning_can_belong_to_one_way() {
    let portainer = template("portainer");
    let plan = planned(&portainer, &server(), &[]);
    let spaces = "Separate the scopes by spaces";
    assert!(warnings(&portainer, &plan, "form").contains(spaces), "{}", warnings(&portainer, &plan, "form"));
    assert!(!warnings(&portainer, &plan, "api").contains(spaces), "the call has them right");
}

#[test]
fn a_service_in_the_internet_has_to_reach_authentik() {
    let tailscale = template("tailscale");
    let mut facts = server();
    assert!(!said(&planned(&tailscale, &facts, &[])).contains("from the internet"));
    for private in ["https://auth.lan", "http://192.168.1.5:9000", "http://localhost:9000"] {
        facts.public_url = private.into();
        let said = said(&planned(&tailscale, &facts, &[]));
        assert!(said.contains(&format!("Tailscale calls authentik from the internet, but {private} is")), "{said}");
    }
}
