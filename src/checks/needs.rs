//! What a template says that its application needs, whatever was answered.

use crate::catalog::template::{BuiltinScope, ClientType, Grant, IssuerMode, Provider, Signing, SlashRule, Template};

/// What an application needs of its provider.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needs {
    /// How the issuer that it is given ends.
    pub slash: SlashRule,
    /// Whose issuer it expects.
    pub issuer_mode: IssuerMode,
    /// The key that signs.
    pub signing: Signing,
    /// Whether it has a secret.
    pub client_type: ClientType,
    /// The built-in scopes that it is given.
    pub scopes: Vec<BuiltinScope>,
    /// The grant types that it uses.
    pub grants: Vec<Grant>,
    /// It turns away people whose e-mail address is not verified.
    pub email_verified: bool,
}

impl Needs {
    /// What a part of a template says. What depends on answers is left out.
    pub fn of(template: &Template, provider: &Provider) -> Self {
        Self {
            slash: template.needs.issuer_slash,
            issuer_mode: provider.issuer_mode,
            signing: provider.signing,
            client_type: provider.client_type,
            scopes: provider.scopes.clone(),
            grants: provider.grants.clone(),
            email_verified: template.needs.email_verified.as_ref().is_some_and(|need| need.when.is_none()),
        }
    }
}
