//! What a template does, from the plans of its samples, and how it differs from the facts.

use std::collections::BTreeSet;

use akwiz::catalog::render::Engine;
use akwiz::catalog::template::{Encryption, Phase, Provider, Sample, Signing, Template};
use akwiz::catalog::text::Scalar;
use akwiz::catalog::value::{Scope, Value};
use akwiz::setup::facts::Version;
use akwiz::setup::plan::{Action, Plan};
use akwiz::setup::sample::{new_server, plan_on};
use akwiz::setup::setting::{Field, Ref, SettingValue, Settings};
use regex::Regex;

use crate::deviations::Difference;
use crate::fact::{Fact, Method, Variables};

/// One provider with its application, as a sample makes them.
struct Made {
    variables: Variables,
    provider: Settings,
    application: Settings,
    requested: BTreeSet<String>,
    mappings: BTreeSet<String>,
}

/// Everything that differs, field by field.
pub fn differences(engine: &Engine, template: &Template, fact: &Fact) -> Vec<Difference> {
    let facts = new_server(Version::new(2026, 5, 0));
    let planned = |sample: &Sample| {
        let sample = with_late_answers(template, sample);
        plan_on(engine, template, &sample, &facts).unwrap_or_else(|error| panic!("{}: {error}", template.id))
    };
    let plans: Vec<Plan> = template.sample.iter().map(planned).collect();
    let parts = template.parts();
    assert_eq!(parts.len(), fact.methods.len(), "{}: one part for each method", template.id);
    let mut found = Vec::new();
    for (part, method) in parts.iter().zip(&fact.methods) {
        let made: Vec<Made> = plans.iter().filter_map(|plan| made(plan, &part.id, method)).collect();
        let name = if parts.len() > 1 { format!("{}: ", part.id) } else { String::new() };
        let compare = Compare { template, name, method, provider: &part.provider, made: &made, found: Vec::new() };
        found.extend(compare.all());
    }
    found
}

/// The facts show the address that is known in the end: the second pass is done too.
fn with_late_answers(template: &Template, sample: &Sample) -> Sample {
    let mut sample = sample.clone();
    let engine = Engine::new();
    let replaces_stand_in = |id: &str| {
        let redirects = template.parts().iter().flat_map(|part| &part.provider.redirects);
        redirects
            .filter(|redirect| redirect.until.is_some() && redirect.when.is_none())
            .any(|redirect| engine.names(&redirect.uri).is_ok_and(|names| names.contains(id)))
    };
    for question in template.question.iter().filter(|question| question.phase == Phase::Late && replaces_stand_in(&question.id)) {
        let fits = |answer: &str| {
            question.pattern.as_ref().is_none_or(|pattern| Regex::new(pattern).is_ok_and(|pattern| pattern.is_match(answer)))
        };
        if let Some(answer) = ["https://late.example.com/callback", "7", "late"].into_iter().find(|answer| fits(answer)) {
            sample.answers.entry(question.id.clone()).or_insert_with(|| Scalar::Text(answer.into()));
        }
    }
    sample
}

fn made(plan: &Plan, part: &str, method: &Method) -> Option<Made> {
    let (provider, application) = plan.actions.iter().find_map(|action| match action {
        Action::Create { part: id, provider, application, .. } if id == part => Some((provider.clone(), application.clone())),
        _ => None,
    })?;
    // A part has names of its own where there are several.
    let own = match plan.scope.get("parts") {
        Some(Value::Table(parts)) => match parts.get(part) {
            Some(Value::Table(own)) => own,
            _ => &plan.scope,
        },
        _ => &plan.scope,
    };
    let requested = match own.get("requested") {
        Some(Value::List(items)) => items.iter().filter_map(Value::as_text).map(str::to_owned).collect(),
        _ => BTreeSet::new(),
    };
    let mut mappings = BTreeSet::new();
    if let Some(SettingValue::Refs(refs)) = provider.get(&Field::ScopeMappings).map(|setting| &setting.value) {
        for reference in refs {
            mappings.insert(match reference {
                Ref::Existing { name, .. } => name.clone(),
                Ref::New { handle, .. } => plan.actions.iter().find_map(|action| match action {
                    Action::MakeMapping { handle: other, scope, .. } if other == handle => Some(format!("own {scope}")),
                    _ => None,
                })?,
            });
        }
    }
    Some(Made { variables: variables(plan, own, method), provider, application, requested, mappings })
}

/// What the facts' variables are in a plan: answers of the same name, the first address for the application's host.
fn variables(plan: &Plan, own: &Scope, method: &Method) -> Variables {
    let mut variables = Variables::default();
    let address = plan.scope.values().find_map(|value| match value {
        Value::List(items) => items.first().and_then(as_address),
        value => as_address(value),
    });
    if let Some(address) = address {
        let part = |name: &str| address.get(name).and_then(Value::as_text).unwrap_or_default().to_owned();
        variables.set("app_host", &[part("hostport"), part("host")]);
        variables.set("app_base", &[part("base"), part("origin"), format!("https://{}", part("host"))]);
    }
    for variable in &method.variables {
        let name = variable.name.as_str();
        let answer = plan.scope.get(name).and_then(Value::as_text).or(variable.default.as_deref());
        if let Some(answer) = answer.filter(|_| name != "app_host") {
            variables.set(name, &[answer.to_owned()]);
        }
    }
    for (name, value) in own {
        if let Some(text) = value.as_text() {
            variables.set(name, &[text.to_owned()]);
        }
    }
    variables
}

fn as_address(value: &Value) -> Option<&Scope> {
    match value {
        Value::Table(table) if table.contains_key("hostport") => Some(table),
        _ => None,
    }
}

struct Compare<'a> {
    template: &'a Template,
    /// What stands before each field, where there are several parts.
    name: String,
    method: &'a Method,
    provider: &'a Provider,
    /// By sample. The first one has the defaults.
    made: &'a [Made],
    found: Vec<Difference>,
}

impl Compare<'_> {
    fn all(mut self) -> Vec<Difference> {
        let Some(first) = self.made.first() else {
            self.add("part", "made", "in no sample");
            return self.found;
        };
        self.redirects(first);
        self.settings(first);
        self.mappings(first);
        self.requested(first);
        self.application(first);
        self.logout(first);
        self.found
    }

    fn add(&mut self, field: &str, fact: impl Into<String>, here: impl Into<String>) {
        let (fact, here) = (fact.into(), here.into());
        if fact != here {
            self.found.push(Difference {
                template: self.template.id.clone(),
                field: format!("{}{field}", self.name),
                fact,
                here,
            });
        }
    }

    /// Pairs what only one side has, so that a changed value is one difference.
    fn add_sets(&mut self, field: &str, mut fact: Vec<String>, mut here: Vec<String>) {
        let most = fact.len().max(here.len());
        fact.resize(most, String::new());
        here.resize(most, String::new());
        for (fact, here) in fact.into_iter().zip(here) {
            self.add(field, fact, here);
        }
    }

    fn redirects(&mut self, first: &Made) {
        let fits = |fact: &crate::fact::RedirectUri, made: &Made, (mode, uri): &(String, String)| {
            fact.matching_mode == *mode && made.variables.fit(&fact.url, uri)
        };
        let default = redirects(&first.provider);
        let mut missing = Vec::new();
        for fact in &self.method.redirect_uris {
            // What depends on something need not be there by default.
            let depends = fact.optional || fact.when.is_some();
            let samples = if depends { self.made } else { &self.made[..1] };
            let there = samples.iter().any(|made| redirects(&made.provider).iter().any(|uri| fits(fact, made, uri)));
            if !there {
                missing.push(format!("{} {}", fact.matching_mode, fact.url));
            }
        }
        let extra = default.iter().filter(|uri| !self.method.redirect_uris.iter().any(|fact| fits(fact, first, uri)));
        let extra = extra.map(|(mode, uri)| format!("{mode} {uri}")).collect();
        self.add_sets("redirect URI", missing, extra);
    }

    /// Where the facts are silent, the page keeps what authentik's form has.
    fn settings(&mut self, first: &Made) {
        let method = self.method;
        let client_type = method.client_type.as_deref().unwrap_or("confidential");
        self.add("client type", client_type, text(&first.provider, Field::ClientType));
        let sub_mode = method.sub_mode.as_deref().unwrap_or("hashed_user_id");
        self.add("subject mode", sub_mode, text(&first.provider, Field::SubjectMode));
        let issuer_mode = method.issuer_mode.as_deref().unwrap_or("per_provider");
        self.add("issuer mode", issuer_mode, text(&first.provider, Field::IssuerMode));
        let claims = method.include_claims_in_id_token.unwrap_or(true);
        self.add("claims in ID token", claims.to_string(), self.provider.include_claims.to_string());
        // RSA is among any, and it is what akwiz takes for any. A template may rule out the rest.
        if let Some(demand) = method.signing_key.as_deref().filter(|demand| *demand != "unstated") {
            let here = match self.provider.signing {
                Signing::Any => "any",
                Signing::Rsa if demand == "any" => "any",
                Signing::Rsa => "rsa",
                Signing::None => "none",
            };
            self.add("signing key", demand, here);
        }
        let is_key = matches!(first.provider.get(&Field::SigningKey).map(|setting| &setting.value), Some(SettingValue::Ref(_)));
        assert_eq!(is_key, self.provider.signing != Signing::None, "{}", self.template.id);
        assert_eq!(first.provider[&Field::EncryptionKey].value, SettingValue::Null, "{}", self.template.id);
        if let Some(demand) = &method.encryption_key {
            let here = if self.provider.encryption == Encryption::Forbidden { "none" } else { "" };
            self.add("encryption key", demand.clone(), here);
        }
        let lifetimes = &self.provider.lifetimes;
        if let Some(validity) = &method.token_validity
            && lifetimes.code.is_none()
            && lifetimes.access.is_none()
            && lifetimes.refresh.is_none()
        {
            self.add("token validity", validity.clone(), "");
        }
    }

    fn mappings(&mut self, first: &Made) {
        let mut fact: BTreeSet<String> = ["openid", "email", "profile"].map(str::to_owned).into();
        let mut optional = BTreeSet::new();
        for extra in &self.method.extra_scope_mappings {
            let name = if extra.managed.is_some() { extra.scope.clone() } else { format!("own {}", extra.scope) };
            if let Some(replaced) = extra.replaces.as_deref().and_then(|managed| managed.rsplit("scope-").next()) {
                fact.remove(replaced);
            }
            let set = if extra.optional && !fact.contains(&name) { &mut optional } else { &mut fact };
            set.insert(name);
        }
        let anywhere = |name: &String| self.made.iter().any(|made| made.mappings.contains(name));
        let missing = fact.difference(&first.mappings).chain(optional.iter().filter(|name| !anywhere(name)));
        let mut extra: Vec<&String> =
            first.mappings.iter().filter(|name| !fact.contains(*name) && !optional.contains(*name)).collect();
        for name in missing {
            // The same scope from another mapping is one difference.
            let scope = |name: &str| name.trim_start_matches("own ").to_owned();
            let at = extra.iter().position(|other| scope(other) == scope(name));
            let here = at.map(|at| extra.remove(at).clone()).unwrap_or_default();
            self.add("scope mapping", name, here);
        }
        for name in extra {
            self.add("scope mapping", "", name);
        }
    }

    fn requested(&mut self, first: &Made) {
        if self.method.app_scopes.is_empty() {
            return;
        }
        let optional = |scope: &str| self.method.extra_scope_mappings.iter().any(|extra| extra.optional && extra.scope == scope);
        let fact: BTreeSet<String> =
            self.method.app_scopes.iter().filter(|scope| first.requested.contains(*scope) || !optional(scope)).cloned().collect();
        let joined = |scopes: &BTreeSet<String>| scopes.iter().map(String::as_str).collect::<Vec<_>>().join(" ");
        self.add("requested scopes", joined(&fact), joined(&first.requested));
    }

    fn application(&mut self, first: &Made) {
        if let Some(slug) = &self.method.slug {
            self.add("slug", slug.clone(), text(&first.application, Field::Slug));
        }
        let launch = text(&first.application, Field::LaunchUrl);
        if let Some(fact) = &self.method.launch_url
            && !first.variables.fit(fact, &launch)
        {
            self.add("launch URL", fact.clone(), launch);
        }
    }

    fn logout(&mut self, first: &Made) {
        let here = (text(&first.provider, Field::LogoutMethod), text(&first.provider, Field::LogoutUri));
        let fact = self.method.logout.as_ref();
        let fits = fact.is_some_and(|fact| fact.method == here.0 && first.variables.fit(&fact.uri, &here.1));
        if !fits {
            let fact = fact.map(|fact| format!("{} {}", fact.method, fact.uri)).unwrap_or_default();
            self.add("logout", fact, format!("{} {}", here.0, here.1).trim());
        }
    }
}

fn text(settings: &Settings, field: Field) -> String {
    match settings.get(&field).map(|setting| &setting.value) {
        Some(SettingValue::Text(text)) => text.clone(),
        _ => String::new(),
    }
}

/// Mode and address of each redirect URI.
fn redirects(provider: &Settings) -> Vec<(String, String)> {
    match provider.get(&Field::RedirectUris).map(|setting| &setting.value) {
        Some(SettingValue::Redirects(entries)) => {
            entries.iter().map(|entry| (entry.redirect.mode.as_str().to_owned(), entry.redirect.uri.clone())).collect()
        }
        _ => Vec::new(),
    }
}
