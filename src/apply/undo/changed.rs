//! Fields of objects that existed before.

use serde_json::{Map, Value, json};

use super::Taken;
use crate::apply::entry::endpoint;
use crate::apply::look::holds;
use crate::authentik::{ApiError, Client, extras};

/// Puts fields back that still hold what was set. A source is taken from its stage; the others there stay.
pub(super) async fn take_back(
    client: &Client,
    kind: &str,
    pk: &str,
    before: &Map<String, Value>,
    after: &Map<String, Value>,
    hidden: &[String],
) -> Result<Taken, ApiError> {
    if kind == endpoint::STAGES {
        return take_from_stage(client, pk, before, after).await;
    }
    let object = match kind {
        endpoint::PROVIDERS => client.provider(pk).await?.map(|provider| provider.raw.0),
        endpoint::APPLICATIONS => client.application(pk).await?.map(|application| application.raw.0),
        kind => match endpoint::source_api(kind) {
            Some(api) => client.source(api, pk).await?.map(|source| source.raw.0),
            None if extras::ENDPOINTS.contains(&kind) => client.extra(kind, pk).await?,
            None => return Ok(Taken::Left("This version of akwiz does not know how to put it back.".to_owned())),
        },
    };
    let Some(object) = object else { return Ok(Taken::Nothing("It is gone already.".to_owned())) };
    let mut put_back = Map::new();
    let mut left = Vec::new();
    for (key, set) in after {
        let Some(was) = before.get(key) else { continue };
        match object.get(key) {
            // The API refuses an empty list, which a provider only has when it was made without any (2026.5).
            Some(now) if key == "grant_types" && was == &json!([]) && !holds(now, was) => {
                left.push("grant_types stays: authentik does not take an empty list.".to_owned());
            }
            Some(now) if holds(now, set) => {
                put_back.insert(key.clone(), was.clone());
            }
            // Somebody put it back already.
            Some(now) if holds(now, was) => {}
            _ => left.push(format!("{key} was changed since and stays.")),
        }
    }
    left.extend(hidden.iter().map(|key| format!("{key} stays: what it was before is not recorded.")));
    if !put_back.is_empty() {
        match kind {
            endpoint::PROVIDERS => {
                let Some(provider) = client.provider(pk).await? else {
                    return Ok(Taken::Nothing("It is gone already.".to_owned()));
                };
                // Asks what kind of provider it is first: a proxy provider must not be changed this way.
                client.change_provider(&provider.fields, &put_back).await.map(drop)?;
            }
            endpoint::APPLICATIONS => client.change_application(pk, &put_back).await.map(drop)?,
            kind => match endpoint::source_api(kind) {
                Some(api) => client.change_source(api, pk, &put_back).await.map(drop)?,
                None => client.rewrite(kind, pk, &put_back).await?,
            },
        }
    }
    Ok(if left.is_empty() { Taken::Back } else { Taken::Left(left.join(" ")) })
}

async fn take_from_stage(
    client: &Client,
    stage: &str,
    before: &Map<String, Value>,
    after: &Map<String, Value>,
) -> Result<Taken, ApiError> {
    let sources = |list: &Map<String, Value>| -> Vec<String> {
        let list = list.get("sources").and_then(Value::as_array);
        list.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let (before, after) = (sources(before), sources(after));
    for added in after.iter().filter(|source| !before.contains(source)) {
        match client.remove_source_from_stage(stage, added).await {
            Ok(_) => {}
            Err(error) if error.is_not_found() => return Ok(Taken::Nothing("The login page is gone.".to_owned())),
            Err(error) => return Err(error),
        }
    }
    Ok(Taken::Back)
}
