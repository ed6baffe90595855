//! What several applications of a file share and the server lacks: keys, scope mappings, groups. It is planned once, by name.
//!
//! When a plan wants to make such a thing, the facts are completed as if it were there, under a key that no server gives. Later plans find
//! it and refer to it like to any other; when it has been made, its real key takes the stand-in's place.

use std::collections::HashMap;

use crate::setup::facts::{Facts, GroupFact, Key, KeyKind, ScopeMapping};
use crate::setup::plan::{Action, Bind, Plan};
use crate::setup::setting::{Ref, SettingValue, Settings};

/// What the keys of things that are still to be made start with. authentik's own are UUIDs and numbers.
const TO_BE_MADE: &str = "to be made: ";

/// The stand-in for the key of what `action` makes; none for actions whose work is not shared.
pub(super) fn stand_in(action: &Action) -> Option<String> {
    let name = match action {
        Action::MakeKey { common_name, .. } => format!("key {common_name}"),
        Action::MakeMapping { name, .. } => format!("mapping {name}"),
        Action::MakeGroup { name, .. } => format!("group {name}"),
        _ => return None,
    };
    Some(format!("{TO_BE_MADE}{name}"))
}

/// What `action` makes, for people.
pub(super) fn name(action: &Action) -> &str {
    match action {
        Action::MakeKey { common_name: name, .. } | Action::MakeMapping { name, .. } | Action::MakeGroup { name, .. } => name,
        _ => "",
    }
}

/// The handle under which `action` makes something.
pub(super) fn handle(action: &Action) -> &str {
    match action {
        Action::MakeKey { handle, .. } | Action::MakeMapping { handle, .. } | Action::MakeGroup { handle, .. } => handle,
        _ => "",
    }
}

/// Adds what `action` will make to the facts.
pub(super) fn add(action: &Action, facts: &mut Facts) {
    let Some(pk) = stand_in(action) else { return };
    match action {
        Action::MakeKey { common_name, days, .. } => facts.keys.push(Key {
            pk,
            name: common_name.clone(),
            kind: KeyKind::Rsa,
            has_private_key: true,
            days_left: Some(i64::from(*days)),
            managed: false,
        }),
        Action::MakeMapping { name, scope, expression, .. } => facts.mappings.push(ScopeMapping {
            pk,
            managed: None,
            name: name.clone(),
            scope: scope.clone(),
            expression: expression.clone(),
        }),
        Action::MakeGroup { name, .. } => facts.groups.push(GroupFact { pk, name: name.clone(), members: Some(0) }),
        _ => {}
    }
}

/// Puts the real keys of what was made into the facts.
pub(super) fn settle(facts: &mut Facts, made: &HashMap<String, String>) {
    let keys = facts.keys.iter_mut().map(|key| &mut key.pk);
    let mappings = facts.mappings.iter_mut().map(|mapping| &mut mapping.pk);
    let groups = facts.groups.iter_mut().map(|group| &mut group.pk);
    for pk in keys.chain(mappings).chain(groups) {
        if let Some(real) = made.get(pk) {
            pk.clone_from(real);
        }
    }
}

/// Puts the real keys of what was made into a plan.
///
/// # Errors
/// The name of something that the plan needs and that was not made.
pub(super) fn complete(plan: &mut Plan, made: &HashMap<String, String>) -> Result<(), String> {
    for action in &mut plan.actions {
        match action {
            Action::Create { provider, application, bindings, .. } => {
                settings(provider, made)?;
                settings(application, made)?;
                for bind in bindings {
                    binding(bind, made)?;
                }
            }
            Action::CreateProvider { provider: all, .. } | Action::CreateSource { settings: all, .. } => settings(all, made)?,
            Action::UpdateProvider { changes, .. }
            | Action::UpdateApplication { changes, .. }
            | Action::UpdateSource { changes, .. } => {
                for change in changes {
                    value(&mut change.to, made)?;
                }
            }
            Action::AddBindings { bindings, .. } => {
                for bind in bindings {
                    binding(bind, made)?;
                }
            }
            Action::MakeExtra(extra) => extra.fields.values_mut().try_for_each(|field| value(field, made))?,
            Action::MakeKey { .. }
            | Action::MakeMapping { .. }
            | Action::MakeGroup { .. }
            | Action::Rewrite(_)
            | Action::ShowSource { .. } => {}
        }
    }
    Ok(())
}

fn settings(settings: &mut Settings, made: &HashMap<String, String>) -> Result<(), String> {
    settings.values_mut().try_for_each(|setting| value(&mut setting.value, made))
}

fn value(value: &mut SettingValue, made: &HashMap<String, String>) -> Result<(), String> {
    match value {
        SettingValue::Ref(one) => reference(one, made),
        SettingValue::Refs(several) => several.iter_mut().try_for_each(|one| reference(one, made)),
        _ => Ok(()),
    }
}

fn binding(bind: &mut Bind, made: &HashMap<String, String>) -> Result<(), String> {
    match bind {
        Bind::Group(one) | Bind::Person(one) => reference(one, made),
    }
}

fn reference(reference: &mut Ref, made: &HashMap<String, String>) -> Result<(), String> {
    let Ref::Existing { pk, name } = reference else { return Ok(()) };
    if let Some(real) = made.get(pk) {
        pk.clone_from(real);
        return Ok(());
    }
    if pk.starts_with(TO_BE_MADE) { Err(name.clone()) } else { Ok(()) }
}
