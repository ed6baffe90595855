//! `PUT /core/transactional/applications/`: an application, its provider and its bindings at once, or nothing.

use serde_json::{Value, json};

use super::check::check;
use super::http::{Object, Reply, Request};
use super::options::DuplicateName;
use super::resource::{RESOURCES, invalid};
use super::rights::Caller;
use super::state::{Kind, State, list, text};
use super::{events, objects};

const OAUTH2: &str = "authentik_providers_oauth2.oauth2provider";

/// Handles the request.
pub(super) fn put(state: &mut State, caller: &Caller, request: &Request) -> Reply {
    match run(state, caller, request) {
        Ok(()) => Reply::json(200, &json!({ "applied": true, "logs": [] })),
        Err(reply) => reply,
    }
}

fn run(state: &mut State, caller: &Caller, request: &Request) -> Result<(), Reply> {
    let body = request.json()?;
    let clean = check(state, "TransactionApplicationRequest", &body, false).map_err(invalid)?;
    let part = |name: &str| clean.get(name).and_then(Value::as_object).cloned().unwrap_or_default();
    let (application, provider) = (part("app"), part("provider"));
    let bindings: Vec<Object> = list(&clean, "policy_bindings").iter().filter_map(Value::as_object).cloned().collect();
    check_application(state, &application)?;
    check_bindings(&bindings)?;
    // The server reads the name before it validates the provider, and fails on its own.
    if !provider.contains_key("name") {
        return Err(Reply::empty_405());
    }
    let model = text(&clean, "provider_model");
    permit(caller, "provider", model)?;
    permit(caller, "app", "authentik_core.application")?;
    if !bindings.is_empty() {
        permit(caller, "null", "authentik_policies.policybinding")?;
    }
    if model != OAUTH2 {
        // Providers of other types are beyond the stand-in; akwiz never makes one.
        return Err(Reply::empty_405());
    }
    check_name(state, &provider)?;
    let wrap = |errors: Object| Reply::json(400, &json!({ "provider": errors }));
    let provider = check(state, "OAuth2ProviderRequest", &provider, false).map_err(wrap)?;
    // Validation runs the whole transaction once and rolls it back, which uses up a primary key.
    state.next_provider();
    let provider = objects::create(state, Kind::Provider, provider, caller).map_err(wrap)?;
    let mut application = application;
    application.insert("provider".to_owned(), provider["pk"].clone());
    let application = objects::create(state, Kind::Application, application, caller).map_err(invalid)?;
    for mut binding in bindings {
        binding.insert("target".to_owned(), application["pk"].clone());
        let binding = objects::create(state, Kind::Binding, binding, caller).map_err(invalid)?;
        state.insert(Kind::Binding, binding);
    }
    for (kind, object) in [(Kind::Provider, provider), (Kind::Application, application)] {
        state.insert(kind, object.clone());
        if let Some(resource) = RESOURCES.iter().find(|resource| resource.kind == kind && !resource.request.is_empty()) {
            events::changed(state, request, caller.user, "model_created", resource, &object);
        }
    }
    Ok(())
}

fn permit(caller: &Caller, entry: &str, model: &str) -> Result<(), Reply> {
    let (label, name) = model.split_once('.').unwrap_or_default();
    if caller.may(&format!("{label}.add_{name}")) {
        return Ok(());
    }
    Err(Reply::json(403, &json!({ entry: format!("User lacks permission to create {model}") })))
}

fn check_application(state: &State, application: &Object) -> Result<(), Reply> {
    let errors = objects::conflicts(state, Kind::Application, application);
    if errors.is_empty() { Ok(()) } else { Err(Reply::json(400, &json!({ "app": errors }))) }
}

fn check_bindings(bindings: &[Object]) -> Result<(), Reply> {
    let target = |binding: &Object| {
        ["group", "policy", "user"].iter().any(|field| binding.get(*field).is_some_and(|value| !value.is_null()))
    };
    if bindings.iter().all(target) {
        return Ok(());
    }
    let error = |binding: &Object| {
        if target(binding) { json!({}) } else { json!({ "non_field_errors": ["One of 'group', 'policy', 'user' must be set."] }) }
    };
    Err(Reply::json(400, &json!({ "policy_bindings": bindings.iter().map(error).collect::<Vec<_>>() })))
}

fn check_name(state: &State, provider: &Object) -> Result<(), Reply> {
    if state.find(Kind::Provider, "name", &provider["name"]).is_none() {
        return Ok(());
    }
    let message = json!(["State is set to must_created and object exists already"]);
    Err(Reply::json(
        400,
        &match state.options.duplicate_name {
            DuplicateName::Provider => json!({ "provider": { "name": message } }),
            DuplicateName::Application => json!({ "app": { "provider": message } }),
        },
    ))
}
