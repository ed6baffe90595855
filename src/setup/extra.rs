//! Further objects that a plan makes around a login source: policies, flows of its own, bindings, certificates, property mappings.
//!
//! Their fields go by authentik's own names (`/api/v3/`), for nothing in them differs between server versions.

use indexmap::IndexMap;

use super::setting::SettingValue;
use crate::catalog::template::SourceApi;

/// What a further object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExtraKind {
    /// A certificate of somebody else, without a private key.
    Certificate,
    /// An expression policy.
    Policy,
    /// A property mapping of a source.
    SourceMapping(SourceApi),
    /// A flow.
    Flow,
    /// A stage in a flow.
    StageBinding,
    /// A policy on a flow.
    Binding,
}

impl ExtraKind {
    /// What authentik calls it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Certificate => "Certificate",
            Self::Policy => "Expression policy",
            Self::SourceMapping(_) => "Source property mapping",
            Self::Flow => "Flow",
            Self::StageBinding => "Stage binding",
            Self::Binding => "Policy binding",
        }
    }

    /// It holds Python that runs inside authentik.
    pub const fn runs_code(self) -> bool {
        matches!(self, Self::Policy | Self::SourceMapping(_))
    }
}

/// A further object that is to be made.
#[derive(Debug, Clone, PartialEq)]
pub struct Extra {
    /// How later actions refer to it.
    pub handle: String,
    /// What it is.
    pub kind: ExtraKind,
    /// Its name, for people. A flow's is its slug.
    pub name: String,
    /// Its fields, in the order in which people read them.
    pub fields: IndexMap<&'static str, SettingValue>,
    /// Why it is made: one line.
    pub why: String,
}

/// A further object whose Python changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rewrite {
    /// What it is: a policy or a mapping.
    pub kind: ExtraKind,
    /// Primary key.
    pub pk: String,
    /// Its name.
    pub name: String,
    /// What it says now.
    pub from: String,
    /// What it is to say.
    pub to: String,
    /// Why: one line.
    pub why: String,
}

/// The label of a field on the review page.
pub fn label(field: &str) -> &'static str {
    match field {
        "certificate_data" => "Certificate",
        "expression" => "Python, runs in authentik",
        "slug" => "Slug",
        "title" => "Title",
        "designation" => "Designation",
        "authentication" => "Who may pass",
        "policy_engine_mode" => "Policy engine mode",
        "target" => "Flow",
        "stage" => "Stage",
        "policy" => "Policy",
        "order" => "Order",
        _ => "Name",
    }
}
