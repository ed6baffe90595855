//! Who else uses a key, a mapping or a group by now. Deleting it would take it from them, and a binding to a deleted group lets everyone in.

use indexmap::IndexMap;
use serde_json::Value;

use crate::apply::entry::endpoint;
use crate::authentik::text::clean;
use crate::authentik::{ApiError, Client};

/// What authentik says uses an object, one line for each kind of thing, and what becomes of it when the object goes; nothing where it does
/// not answer that. `kind` is the endpoint below `/api/v3/`, `key` the primary key there, or the slug of an application. What has the
/// primary key `except` is left out.
///
/// # Errors
/// See [`ApiError`].
pub async fn users(client: &Client, kind: &str, key: &str, except: &str) -> Result<Vec<String>, ApiError> {
    let path: Vec<&str> = kind.split('/').chain([key, "used_by"]).collect();
    let uses = match client.get::<Vec<Value>>(&path, &[]).await {
        Ok(uses) => uses,
        Err(error) if error.is_not_found() => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut kinds: IndexMap<(String, &str), Vec<String>> = IndexMap::new();
    for user in uses.iter().filter(|user| user["pk"] != except) {
        // `core/api/used_by.py`; of `cascade_many` only the link goes, which is nobody's loss.
        let fate = match user["action"].as_str() {
            Some("cascade") => "goes with it",
            Some("set_null" | "set_default") => "stays, without it",
            Some("left_dangling") => "stays, and points to nothing",
            _ => continue,
        };
        kinds.entry((kind_of(user), fate)).or_default().push(named(user));
    }
    let line = |((kind, fate), names): ((String, &str), Vec<String>)| match names.as_slice() {
        [one] => format!("{kind} {one}: {fate}"),
        several => format!("{kind}, {} of them: {fate}", several.len()),
    };
    Ok(kinds.into_iter().map(line).collect())
}

/// What kind of thing a user is. authentik gives its model's name, in one word.
fn kind_of(user: &Value) -> String {
    match user["model_name"].as_str().unwrap_or("object") {
        "accesstoken" => "access token".to_owned(),
        "authorizationcode" => "authorization code".to_owned(),
        "devicetoken" => "device token".to_owned(),
        "refreshtoken" => "refresh token".to_owned(),
        "policybinding" => "binding".to_owned(),
        other => clean(other),
    }
}

/// Whether something uses the object, which is a key, a mapping or a group. What is gone is not used.
pub(in crate::apply) async fn used(client: &Client, kind: &str, pk: &str) -> Result<bool, ApiError> {
    first(client, kind, pk).await.map(|user| user.is_some())
}

/// The first thing that uses the object, in words; nothing when nothing does.
pub(super) async fn first(client: &Client, kind: &str, pk: &str) -> Result<Option<String>, ApiError> {
    if kind == endpoint::GROUPS
        && let Some(members) = members(client, pk).await?
    {
        return Ok(Some(members));
    }
    let path: Vec<&str> = kind.split('/').chain([pk, "used_by"]).collect();
    match client.get::<Vec<Value>>(&path, &[]).await {
        Ok(uses) => return Ok(uses.first().map(named)),
        // Not every server answers this for every kind; then the lists tell.
        Err(error) if error.is_not_found() => {}
        Err(error) => return Err(error),
    }
    if kind == endpoint::GROUPS {
        let bound = client.is_bound(pk).await?;
        return Ok(bound.then(|| "a binding".to_owned()));
    }
    let user = client.providers().await?.into_iter().map(|provider| provider.fields).find(|provider| {
        provider.property_mappings.iter().any(|mapping| mapping == pk)
            || [&provider.signing_key, &provider.encryption_key].into_iter().flatten().any(|key| key == pk)
    });
    Ok(user.map(|provider| format!("the provider “{}”", clean(&provider.name))))
}

fn named(user: &Value) -> String {
    match user["name"].as_str() {
        Some(name) => format!("“{}”", clean(name)),
        None => "something".to_owned(),
    }
}

async fn members(client: &Client, pk: &str) -> Result<Option<String>, ApiError> {
    let group: Option<Value> = client.find(&["core", "groups", pk]).await?;
    let count = group.and_then(|group| group["users"].as_array().map(Vec::len)).unwrap_or(0);
    Ok((count > 0).then(|| if count == 1 { "a member".to_owned() } else { format!("each of its {count} members") }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn kinds_are_said_in_words() {
        assert_eq!(kind_of(&json!({ "model_name": "accesstoken" })), "access token");
        assert_eq!(kind_of(&json!({ "model_name": "application" })), "application");
        assert_eq!(kind_of(&json!({})), "object");
    }
}
