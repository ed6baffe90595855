//! Flows are looked up by slug and referred to by primary key. A server without the usual ones is asked about, never guessed.

use super::Builder;
use crate::setup::plan::Decision;
use crate::setup::setting::{Field, Ref, SettingValue};

/// The usual flow for each purpose, and what such flows are designated for.
const USUAL: [(Field, &str, &str); 5] = [
    (Field::AuthorizationFlow, "default-provider-authorization-implicit-consent", "authorization"),
    (Field::InvalidationFlow, "default-provider-invalidation-flow", "invalidation"),
    (Field::AuthenticationFlow, "default-source-authentication", "authentication"),
    (Field::EnrollmentFlow, "default-source-enrollment", "enrollment"),
    (Field::PreAuthenticationFlow, "default-source-pre-authentication", "stage_configuration"),
];

/// The designation of flows for a purpose; none for fields that are no flow.
pub fn designation(field: Field) -> Option<&'static str> {
    USUAL.iter().find(|(purpose, _, _)| *purpose == field).map(|(_, _, designation)| *designation)
}

/// The slug of the usual flow for a purpose.
pub(in crate::setup) fn usual(field: Field) -> Option<&'static str> {
    USUAL.iter().find(|(purpose, _, _)| *purpose == field).map(|(_, usual, _)| *usual)
}

impl Builder<'_> {
    /// The flow for a purpose: the chosen one, else the usual one; otherwise a decision with the candidates.
    pub(super) fn flow(&mut self, field: Field) -> SettingValue {
        match usual(field) {
            Some(usual) => self.flow_named(field, usual),
            None => SettingValue::Null,
        }
    }

    /// As [`Builder::flow`], with another usual one.
    pub(super) fn flow_named(&mut self, field: Field, usual: &str) -> SettingValue {
        let options = &self.answers.options;
        let chosen = match field {
            Field::AuthorizationFlow => &options.authorization_flow,
            Field::InvalidationFlow => &options.invalidation_flow,
            Field::AuthenticationFlow => &options.authentication_flow,
            Field::EnrollmentFlow => &options.enrollment_flow,
            _ => &None,
        };
        let wanted = chosen.as_deref().unwrap_or(usual);
        if let Some(flow) = self.facts.flows.iter().find(|flow| flow.slug == wanted) {
            return SettingValue::Ref(Ref::existing(&flow.pk, &flow.slug));
        }
        if chosen.is_some() {
            self.block(format!("The flow \"{wanted}\" is not on the server. Choose another one on the options page."));
            return SettingValue::Null;
        }
        let designation = designation(field).unwrap_or_default();
        let candidates: Vec<(String, String)> = self
            .facts
            .flows
            .iter()
            .filter(|flow| flow.designation == designation)
            .map(|flow| (flow.slug.clone(), flow.name.clone()))
            .collect();
        // Flows that configure stages do anything, so none of them can be offered in place of another.
        if candidates.is_empty() || field == Field::PreAuthenticationFlow {
            self.block(format!(
                "The server has no flow for {designation}: \"{usual}\" is missing, or this token may not see flows. \
                 Restore authentik's default blueprints, or use a token with the right authentik_flows.view_flow."
            ));
        } else {
            self.decisions.push(Decision::Flow { purpose: field, candidates });
        }
        SettingValue::Null
    }
}
