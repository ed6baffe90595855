//! Further objects around a login source: certificates, policies, flows, bindings, property mappings.

use reqwest::Method;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::bodies::{Made, NotMade, key_of};
use super::error::Result;
use super::http::Client;
use super::wire::{Id, id, nullable};
use crate::catalog::template::SourceApi;
use crate::setup::extra::{Extra, ExtraKind};
use crate::setup::setting::SettingValue;

/// An object with a name, and Python where it has some.
#[derive(Debug, Clone, Deserialize)]
pub struct Listed {
    /// The UUID.
    #[serde(deserialize_with = "id")]
    pub pk: Id,
    /// The name.
    #[serde(default, deserialize_with = "nullable")]
    pub name: String,
    /// The Python.
    #[serde(default, deserialize_with = "nullable")]
    pub expression: String,
    /// The id of one of authentik's own.
    #[serde(default)]
    pub managed: Option<String>,
}

/// A stage in a flow.
#[derive(Debug, Clone, Deserialize)]
pub struct StageBinding {
    /// The UUID.
    #[serde(deserialize_with = "id")]
    pub pk: Id,
    /// The flow.
    #[serde(default, deserialize_with = "id")]
    pub target: Id,
    /// The stage.
    #[serde(default, deserialize_with = "id")]
    pub stage: Id,
}

/// The endpoint of a kind, below `/api/v3/`.
pub const fn endpoint(kind: ExtraKind) -> &'static str {
    match kind {
        ExtraKind::Certificate => "crypto/certificatekeypairs",
        ExtraKind::Policy => "policies/expression",
        ExtraKind::SourceMapping(SourceApi::Oauth) => "propertymappings/source/oauth",
        ExtraKind::SourceMapping(SourceApi::Plex) => "propertymappings/source/plex",
        ExtraKind::SourceMapping(SourceApi::Saml) => "propertymappings/source/saml",
        ExtraKind::SourceMapping(SourceApi::Scim) => "propertymappings/source/scim",
        ExtraKind::SourceMapping(SourceApi::Telegram) => "propertymappings/source/telegram",
        ExtraKind::Flow => "flows/instances",
        ExtraKind::StageBinding => "flows/bindings",
        ExtraKind::Binding => "policies/bindings",
    }
}

/// Every endpoint that [`endpoint`] gives.
pub const ENDPOINTS: [&str; 10] = [
    "crypto/certificatekeypairs",
    "policies/expression",
    "propertymappings/source/oauth",
    "propertymappings/source/plex",
    "propertymappings/source/saml",
    "propertymappings/source/scim",
    "propertymappings/source/telegram",
    "flows/instances",
    "flows/bindings",
    "policies/bindings",
];

/// The right that making one needs.
pub const fn right(kind: ExtraKind) -> &'static [&'static str] {
    match kind {
        ExtraKind::Certificate => &["authentik_crypto.add_certificatekeypair"],
        ExtraKind::Policy => &["authentik_policies_expression.add_expressionpolicy"],
        ExtraKind::SourceMapping(SourceApi::Oauth) => &["authentik_sources_oauth.add_oauthsourcepropertymapping"],
        ExtraKind::SourceMapping(SourceApi::Plex) => &["authentik_sources_plex.add_plexsourcepropertymapping"],
        ExtraKind::SourceMapping(SourceApi::Saml) => &["authentik_sources_saml.add_samlsourcepropertymapping"],
        ExtraKind::SourceMapping(SourceApi::Scim) => &["authentik_sources_scim.add_scimsourcepropertymapping"],
        ExtraKind::SourceMapping(SourceApi::Telegram) => &["authentik_sources_telegram.add_telegramsourcepropertymapping"],
        ExtraKind::Flow => &["authentik_flows.add_flow"],
        ExtraKind::StageBinding => &["authentik_flows.add_flowstagebinding"],
        ExtraKind::Binding => &["authentik_policies.add_policybinding"],
    }
}

/// The rights that changing one needs, for those that hold Python.
pub const fn change_right(kind: ExtraKind) -> &'static [&'static str] {
    match kind {
        ExtraKind::Policy => {
            &["authentik_policies_expression.view_expressionpolicy", "authentik_policies_expression.change_expressionpolicy"]
        }
        ExtraKind::SourceMapping(SourceApi::Oauth) => &["authentik_sources_oauth.change_oauthsourcepropertymapping"],
        ExtraKind::SourceMapping(SourceApi::Plex) => &["authentik_sources_plex.change_plexsourcepropertymapping"],
        ExtraKind::SourceMapping(SourceApi::Saml) => &["authentik_sources_saml.change_samlsourcepropertymapping"],
        ExtraKind::SourceMapping(SourceApi::Scim) => &["authentik_sources_scim.change_scimsourcepropertymapping"],
        ExtraKind::SourceMapping(SourceApi::Telegram) => &["authentik_sources_telegram.change_telegramsourcepropertymapping"],
        ExtraKind::Certificate | ExtraKind::Flow | ExtraKind::StageBinding | ExtraKind::Binding => &[],
    }
}

/// What is sent beside the fields, because the API's defaults are not the web form's.
fn fixed(kind: ExtraKind) -> Value {
    match kind {
        ExtraKind::Certificate => json!({"key_data": ""}),
        ExtraKind::Policy => json!({"execution_logging": false}),
        ExtraKind::SourceMapping(_) => json!({}),
        ExtraKind::Flow => json!({"layout": "stacked", "denied_action": "message_continue", "compatibility_mode": false}),
        ExtraKind::StageBinding => json!({
            "evaluate_on_plan": false, "re_evaluate_policies": true, "policy_engine_mode": "any", "invalid_response_action": "retry",
        }),
        // A policy that cannot be evaluated refuses.
        ExtraKind::Binding => json!({"enabled": true, "negate": false, "order": 0, "timeout": 30, "failure_result": false}),
    }
}

/// The body that makes `extra`.
///
/// # Errors
/// [`NotMade`] when it refers to something that does not exist yet.
pub fn body(extra: &Extra, made: &Made) -> std::result::Result<Value, NotMade> {
    let mut body = Map::new();
    for (key, value) in &extra.fields {
        let value = match value {
            SettingValue::Ref(reference) => key_of(reference, made)?.into(),
            SettingValue::Text(text) if *key == "order" => text.parse::<i64>().unwrap_or_default().into(),
            SettingValue::Text(text) => text.as_str().into(),
            _ => Value::Null,
        };
        body.insert((*key).to_owned(), value);
    }
    if let Value::Object(fixed) = fixed(extra.kind) {
        for (key, value) in fixed {
            body.entry(key).or_insert(value);
        }
    }
    Ok(Value::Object(body))
}

impl Client {
    /// Makes a further object, and gives its key.
    ///
    /// # Errors
    /// See [`super::ApiError`].
    pub async fn create_extra(&self, kind: ExtraKind, body: &Value) -> Result<Id> {
        let made: Listed = self.write(Method::POST, &path(endpoint(kind), None), body).await?;
        Ok(made.pk)
    }

    /// The objects at `endpoint`, with their names and their Python.
    ///
    /// # Errors
    /// See [`super::ApiError`].
    pub async fn listed(&self, endpoint: &'static str, query: &[(&str, &str)]) -> Result<Vec<Listed>> {
        self.list(&path(endpoint, None), query).await
    }

    /// Which stages stand in which flows. Needs `authentik_flows.view_flowstagebinding`.
    ///
    /// # Errors
    /// See [`super::ApiError`].
    pub async fn stage_bindings(&self) -> Result<Vec<StageBinding>> {
        self.list(&["flows", "bindings"], &[("ordering", "order")]).await
    }

    /// The object with this key, as the server sends it. A flow's key in addresses is its slug.
    ///
    /// # Errors
    /// See [`super::ApiError`].
    pub async fn extra(&self, endpoint: &str, key: &str) -> Result<Option<Map<String, Value>>> {
        self.find(&path(endpoint, Some(key))).await
    }

    /// Changes the Python of a policy or mapping.
    ///
    /// # Errors
    /// See [`super::ApiError`].
    pub async fn rewrite(&self, endpoint: &str, key: &str, changes: &Map<String, Value>) -> Result<()> {
        let _: Map<String, Value> =
            self.write(Method::PATCH, &path(endpoint, Some(key)), &Value::Object(changes.clone())).await?;
        Ok(())
    }

    /// Removes an object that was made here. A flow's key in addresses is its slug.
    ///
    /// # Errors
    /// See [`super::ApiError`].
    pub async fn delete_extra(&self, endpoint: &str, key: &str) -> Result<()> {
        self.delete(&path(endpoint, Some(key))).await
    }
}

fn path<'p>(endpoint: &'p str, key: Option<&'p str>) -> Vec<&'p str> {
    endpoint.split('/').chain(key).collect()
}

#[cfg(test)]
mod tests {
    use indexmap::IndexMap;

    use super::*;
    use crate::setup::setting::Ref;

    #[test]
    fn what_an_object_refers_to_is_sent_by_key() {
        let extra = Extra {
            handle: "object:b".into(),
            kind: ExtraKind::StageBinding,
            name: "b".into(),
            fields: IndexMap::from([
                ("target", SettingValue::Ref(Ref::New { handle: "object:f".into(), name: "f".into() })),
                ("stage", SettingValue::Ref(Ref::existing("s-1", "login"))),
                ("order", SettingValue::Text("10".into())),
            ]),
            why: String::new(),
        };
        assert_eq!(body(&extra, &Made::new()), Err(NotMade("f".into())));
        let made = Made::from([("object:f".to_owned(), "f-1".to_owned())]);
        let sent = body(&extra, &made).unwrap();
        assert_eq!((&sent["target"], &sent["stage"], &sent["order"]), (&json!("f-1"), &json!("s-1"), &json!(10)));
        assert_eq!(sent["re_evaluate_policies"], true);
    }

    #[test]
    fn every_endpoint_is_listed() {
        let mappings = SourceApi::ALL.map(ExtraKind::SourceMapping);
        let others = [ExtraKind::Certificate, ExtraKind::Policy, ExtraKind::Flow, ExtraKind::StageBinding, ExtraKind::Binding];
        for kind in mappings.into_iter().chain(others) {
            assert!(ENDPOINTS.contains(&endpoint(kind)), "{kind:?}");
        }
    }
}
