//! Who else uses a key, a mapping or a group by now. Deleting it would take it from them, and a binding to a deleted group lets everyone in.

use serde_json::Value;

use crate::apply::entry::endpoint;
use crate::authentik::text::clean;
use crate::authentik::{ApiError, Client};

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
        // The same list as for one application, without the filter by target.
        let bindings: Value = client.get(&["policies", "bindings"], &[("page_size", "100")]).await?;
        let bound = bindings["results"].as_array().into_iter().flatten().any(|binding| binding["group"] == pk);
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
