//! A template's sample answers on a newly installed server: the same plan that the wizard makes, and what is wrong with it.

use std::collections::BTreeSet;

use secrecy::SecretString;

use super::answers::{Answers, Input, PlexAccount, PlexServer};
use super::facts::{
    AroundSource, Capabilities, Facts, Flow, IdentificationStage, Key, KeyKind, Named, Person, ScopeMapping, Version,
};
use super::mint::mint;
use super::plan::{Action, Decision, Plan};
use super::planner::plan;
use super::providers::Providers;
use super::setting::{Field, SettingValue};
use crate::catalog::lint::{self, Finding, Severity};
use crate::catalog::render::Engine;
use crate::catalog::template::{Acquire, BuiltinScope, QuestionKind, Sample, Template};
use crate::catalog::text::Scalar;
use crate::catalog::value::{Scope, Value};

/// The public address of the made-up server.
pub const PUBLIC_URL: &str = "https://auth.example.com";

/// The stages of authentik's default flows for sources.
const SOURCE_STAGES: [&str; 4] = [
    "default-source-authentication-login",
    "default-source-enrollment-login",
    "default-source-enrollment-prompt",
    "default-source-enrollment-write",
];

/// The answers of a sample, as a person would have given them.
///
/// # Errors
/// When an answer has a type that nobody can give: a sentence.
pub fn answers(template: &Template, sample: &Sample) -> Result<Answers, String> {
    let mut answers = Answers::new(&template.id);
    for (id, answer) in &sample.answers {
        let question = template.question.iter().find(|question| question.id == *id);
        let secret = question.is_some_and(|question| question.kind == QuestionKind::Secret);
        let input = match answer {
            Scalar::Text(text) if secret => Input::Secret(SecretString::from(text.as_str())),
            other => {
                input(other).ok_or_else(|| format!("The answer to \"{id}\" is neither text, a number, a switch nor a list."))?
            }
        };
        answers.give(id, input);
    }
    if template.source.as_ref().is_some_and(|source| source.acquire.contains(&Acquire::PlexPin)) {
        let server = PlexServer { id: "sample-server".into(), name: "Home".into() };
        answers.source.plex = Some(PlexAccount {
            client_identifier: "sample".into(),
            token: SecretString::from("sample-token"),
            allowed: vec![server.id.clone()],
            servers: vec![server],
        });
    }
    Ok(answers)
}

fn input(scalar: &Scalar) -> Option<Input> {
    let text = |scalar: &Scalar| match scalar {
        Scalar::Int(number) => Some(number.to_string()),
        Scalar::Text(text) => Some(text.as_str().to_owned()),
        _ => None,
    };
    match scalar {
        Scalar::Bool(on) => Some(Input::Toggle(*on)),
        Scalar::List(items) => items.iter().map(text).collect::<Option<_>>().map(Input::List),
        other => text(other).map(Input::Text),
    }
}

/// A server of this version as it is after its installation: authentik's own flows, mappings and key, and nothing else.
pub fn new_server(version: Version) -> Facts {
    let flow = |slug: &str, designation: &str| Flow {
        pk: slug.into(),
        slug: slug.into(),
        name: slug.into(),
        designation: designation.into(),
    };
    let verified = if version >= Version::new(2025, 10, 0) { "False" } else { "True" };
    let mapping = |scope: BuiltinScope| ScopeMapping {
        pk: scope.managed().into(),
        managed: Some(scope.managed().into()),
        name: scope.scope().into(),
        scope: scope.scope().into(),
        expression: match scope {
            BuiltinScope::Email => format!("return {{\"email\": request.user.email, \"email_verified\": {verified}}}"),
            _ => "return {}".into(),
        },
    };
    let key = "authentik Self-signed Certificate";
    Facts {
        capabilities: Capabilities::expected(version),
        api_url: PUBLIC_URL.into(),
        public_url: PUBLIC_URL.into(),
        me: Person { pk: "1".into(), username: "akadmin".into(), name: "akadmin".into(), superuser: true, machine: false },
        flows: vec![
            flow("default-provider-authorization-implicit-consent", "authorization"),
            flow("default-provider-authorization-explicit-consent", "authorization"),
            flow("default-provider-invalidation-flow", "invalidation"),
            flow("default-source-authentication", "authentication"),
            flow("default-source-enrollment", "enrollment"),
            flow("default-source-pre-authentication", "stage_configuration"),
        ],
        mappings: BuiltinScope::ALL.into_iter().map(mapping).collect(),
        keys: vec![Key {
            pk: key.into(),
            name: key.into(),
            kind: KeyKind::Rsa,
            has_private_key: true,
            days_left: Some(365),
            managed: true,
        }],
        groups: Vec::new(),
        applications: Vec::new(),
        providers: Providers::default(),
        existing: Vec::new(),
        existing_source: None,
        identification_stages: vec![IdentificationStage {
            pk: "stage".into(),
            name: "default-authentication-identification".into(),
            sources: Vec::new(),
            user_fields: serde_json::json!(["email", "username"]),
            in_login_flow: true,
        }],
        around_source: AroundSource {
            stages: SOURCE_STAGES.map(|name| Named { pk: name.into(), name: name.into() }).into(),
            ..AroundSource::default()
        },
        refused_changes: Vec::new(),
        gaps: Vec::new(),
    }
}

/// The plan for a sample on a server, with credentials that are the same each time.
///
/// # Errors
/// When the answers cannot be given, or something is left to decide: a sentence.
pub fn plan_on(engine: &Engine, template: &Template, sample: &Sample, facts: &Facts) -> Result<Plan, String> {
    let answers = answers(template, sample)?;
    let mut next = 0_u8;
    let minted = mint(template, &mut |buffer| {
        for byte in buffer {
            next = next.wrapping_add(1);
            *byte = next;
        }
    });
    let plan = plan(engine, template, &answers, facts, &minted);
    let missing = template.derive.keys().find(|name| !plan.scope.contains_key(*name));
    match (plan.decisions.first(), missing) {
        (Some(Decision::Blocked { text } | Decision::Person { text } | Decision::Taken { text, .. }), _) => Err(text.clone()),
        (Some(Decision::Flow { purpose, .. }), _) => Err(format!("{} has to be chosen.", purpose.label())),
        (None, Some(name)) => Err(format!("The derived value \"{name}\" could not be computed from the answers.")),
        (None, None) => Ok(plan),
    }
}

/// What the texts of the settings see once the plan is carried out.
pub fn scope(plan: &Plan) -> Scope {
    let mut scope = plan.scope.clone();
    if scope.contains_key("scim_url") {
        scope.insert("scim_token".into(), Value::Secret(SecretString::from("sample-token")));
    }
    scope.entry("objects".into()).or_insert_with(|| Value::Table(Scope::default()));
    scope
}

/// Everything that can be found out about a template without leaving the process: [`lint::lint`], and for each sample its plan on the
/// newest server that akwiz knows, [`lint::sample`], and what it expects.
pub fn check(engine: &Engine, template: &Template) -> Vec<Finding> {
    let mut findings = lint::lint(engine, template);
    let known: Vec<String> = findings.iter().map(|finding| finding.place.clone()).collect();
    let mut samples = BTreeSet::new();
    let facts = new_server(Version::new(2026, 5, 0));
    for (number, sample) in template.sample.iter().enumerate() {
        let place = format!("sample {}", number + 1);
        let mut add = |severity, inner: &str, sentence: String| {
            let place = if inner.is_empty() { place.clone() } else { format!("{place}, {inner}") };
            findings.push(Finding { severity, place, sentence });
        };
        let plan = match plan_on(engine, template, sample, &facts) {
            Ok(plan) => plan,
            Err(sentence) => {
                add(Severity::Error, "", sentence);
                continue;
            }
        };
        let scope = scope(&plan);
        for finding in lint::sample(engine, template, &scope) {
            let inner = finding.place.strip_prefix(&format!("{}, ", template.id)).unwrap_or(&finding.place);
            // What is wrong for every sample is said once, and what lint said of the template is not said again.
            let said = known.iter().any(|known| known == inner || known.starts_with(&format!("{inner}, ")));
            if !said && samples.insert((inner.to_owned(), finding.sentence.clone())) {
                add(finding.severity, inner, finding.sentence);
            }
        }
        for (name, wanted) in &sample.expect {
            let found = expected(engine, &plan, &scope, name);
            if found.as_ref() != Ok(wanted) {
                let sentence = match found {
                    Ok(found) => format!("It is \"{found}\", and \"{wanted}\" was expected."),
                    Err(sentence) => sentence,
                };
                add(Severity::Error, &format!("expect \"{name}\""), sentence);
            }
        }
    }
    findings
}

/// The value of a name in `expect`: `redirects.0`, or anything that texts see.
fn expected(engine: &Engine, plan: &Plan, scope: &Scope, name: &str) -> Result<String, String> {
    if let Some(number) = name.strip_prefix("redirects.") {
        let uri = number.parse().ok().and_then(|number: usize| redirects(plan).into_iter().nth(number));
        return uri.ok_or_else(|| "There is no redirect URI with this number.".to_owned());
    }
    engine.plain(&format!("{{{{ {name} }}}}").as_str().into(), scope).map_err(|error| error.message().to_owned())
}

/// The redirect URIs of all providers that a plan makes, in order.
pub fn redirects(plan: &Plan) -> Vec<String> {
    let mut uris = Vec::new();
    for action in &plan.actions {
        if let Action::Create { provider, .. } = action
            && let Some(SettingValue::Redirects(entries)) = provider.get(&Field::RedirectUris).map(|setting| &setting.value)
        {
            uris.extend(entries.iter().map(|entry| entry.redirect.uri.clone()));
        }
    }
    uris
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::load::{Catalog, parse};
    use crate::catalog::render::in_order;
    use crate::catalog::text::Text;

    const SOUND: &str = r#"
schema = 1
id = "x"
name = "X"
category = "test"
homepage = "https://x.example"
summary = "A test"
checked = [{ against = "guide", version = "1" }]
verify = { text = "Sign in." }
question = [
  { id = "app", kind = "address", label = "Address" },
  { id = "more", kind = "list", item = "address", label = "Other addresses", optional = true },
]
provider = { redirects = [{ uri = "{{ app.base }}/cb" }, { uri = "{{ item.base }}/cb", each = "more" }] }

[[entry]]
id = "env"
kind = "env"
format = "env-compose"
where = "Host"
fields = [{ label = "ID", value = "{{ client_id }}" }, { label = "SECRET", value = "{{ client_secret }}" }]

[[sample]]
answers = { app = "https://x.example.com" }
expect = { "redirects.0" = "https://x.example.com/cb", issuer = "https://auth.example.com/application/o/x/" }
"#;

    fn findings(source: &str) -> Vec<String> {
        check(&Engine::new(), &parse("x.toml", source).unwrap()).iter().map(ToString::to_string).collect()
    }

    /// A text that was rendered before gives what it would have given the first time.
    #[test]
    fn what_an_engine_remembers_changes_nothing() {
        let all = |engine: &Engine, template: &Template, sample: &Sample| {
            let plan = plan_on(engine, template, sample, &new_server(Version::new(2026, 5, 0)));
            let shown = plan.as_ref().map(|plan| in_order(engine, template, &scope(plan), None));
            format!("{plan:?} {shown:?}")
        };
        let used = Engine::new();
        let mut elsewhere = 0;
        for template in Catalog::built_in().iter() {
            for sample in &template.sample {
                let mut other = sample.clone();
                for answer in other.answers.values_mut() {
                    if let Scalar::Text(Text(text)) = answer {
                        *text = text.replace("example.com", "example.org");
                    }
                }
                elsewhere += usize::from(other.answers != sample.answers);
                for sample in [sample, &other, sample] {
                    assert_eq!(all(&used, template, sample), all(&Engine::new(), template, sample), "{}", template.id);
                }
            }
        }
        assert!(elsewhere > 100);
    }

    #[test]
    fn a_list_that_nobody_answered_gives_no_addresses() {
        assert_eq!(findings(SOUND), [""; 0]);
    }

    #[test]
    fn samples_are_planned_and_compared() {
        let one = |from: &str, to: &str| {
            assert!(SOUND.contains(from), "{from}");
            findings(&SOUND.replace(from, to)).join("\n")
        };
        assert_eq!(one("app = \"https://x.example.com\"", "more = []"), "sample 1: \"Address\" has no answer yet.");
        assert_eq!(
            one("answers = { app = \"https://x.example.com\"", "answers = { app = { a = 1 }"),
            "sample 1: The answer to \"app\" is neither text, a number, a switch nor a list."
        );
        assert_eq!(
            one("/cb\", issuer", "/x\", issuer"),
            "sample 1, expect \"redirects.0\": It is \"https://x.example.com/cb\", and \"https://x.example.com/x\" was expected."
        );
        assert_eq!(
            one("\"redirects.0\"", "\"redirects.7\""),
            "sample 1, expect \"redirects.7\": There is no redirect URI with this number."
        );
    }
}
