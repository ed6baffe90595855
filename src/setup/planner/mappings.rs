//! Scope mappings: authentik's own by `managed` id, the template's own by name and text.

use std::sync::LazyLock;

use regex::Regex;

use super::Builder;
use super::names::numbered;
use crate::catalog::template::{BuiltinScope, Format, Level, Mapping, Provider};
use crate::setup::facts::{Facts, ScopeMapping};
use crate::setup::plan::Action;
use crate::setup::setting::{Ref, Setting, SettingValue};

/// The built-in `email` mapping has said so since 2025.10. Read from its text, for administrators can change it.
static SAYS_UNVERIFIED: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"email_verified["']\s*:\s*False"#).expect("the expression is tested"));

/// One mapping for all applications that need verified addresses; made only where the built-in one says otherwise.
const VERIFIED_NAME: &str = "akwiz: email, marked as verified";
const VERIFIED_EXPRESSION: &str = "return {\n    \"email\": request.user.email,\n    \"email_verified\": True,\n}";

impl Builder<'_> {
    /// What the application requests, in its order, without what is switched off.
    pub(super) fn requested(&mut self, provider: &Provider) -> Vec<String> {
        let off: Vec<&str> =
            provider.mappings.iter().filter(|mapping| !self.holds(mapping)).map(|mapping| mapping.scope.as_str()).collect();
        let builtin = |scope: &str| self.scopes(provider).iter().any(|builtin| builtin.scope() == scope);
        if let Some(requested) = &provider.requested {
            requested
                .iter()
                .filter_map(|text| self.engine.plain(text, &self.scope).ok())
                .filter(|scope| !scope.is_empty() && (builtin(scope) || !off.contains(&scope.as_str())))
                .collect()
        } else {
            let builtin = self.scopes(provider).into_iter().map(|scope| scope.scope().to_owned());
            let own = provider.mappings.iter().filter(|mapping| self.holds(mapping)).map(|mapping| mapping.scope.clone());
            let mut all: Vec<String> = builtin.collect();
            for scope in own {
                if !all.contains(&scope) {
                    all.push(scope);
                }
            }
            all
        }
    }

    pub(super) fn scopes(&self, provider: &Provider) -> Vec<BuiltinScope> {
        self.answers.options.scopes.clone().unwrap_or_else(|| provider.scopes.clone())
    }

    fn holds(&self, mapping: &Mapping) -> bool {
        mapping.when.as_ref().is_none_or(|when| self.engine.holds(when, &self.scope).unwrap_or(false))
    }

    /// The provider's mappings.
    pub(super) fn scope_mappings(&mut self, provider: &Provider) -> Setting {
        let own: Vec<&Mapping> = provider.mappings.iter().filter(|mapping| self.holds(mapping)).collect();
        let replaced: Vec<BuiltinScope> = own.iter().flat_map(|mapping| mapping.replaces.iter().copied()).collect();
        let mut refs = Vec::new();
        let mut reasons = Vec::new();
        for scope in self.scopes(provider).into_iter().filter(|scope| !replaced.contains(scope)) {
            refs.extend(self.builtin(scope, &mut reasons));
        }
        for mapping in own {
            refs.extend(self.own_mapping(mapping));
            reasons.extend(mapping.why.clone());
        }
        let why = (!reasons.is_empty()).then(|| reasons.join("; "));
        Setting { value: SettingValue::Refs(refs), why }
    }

    fn builtin(&mut self, scope: BuiltinScope, reasons: &mut Vec<String>) -> Option<Ref> {
        let managed = scope.managed();
        let Some(found) = self.facts.mappings.iter().find(|mapping| mapping.managed.as_deref() == Some(managed)) else {
            self.block(format!(
                "authentik's own mapping for the scope \"{}\" is missing, or this token may not see it. \
                 Restore authentik's default blueprints, or use a token with the right authentik_providers_oauth2.view_scopemapping.",
                scope.scope()
            ));
            return None;
        };
        if scope == BuiltinScope::Email
            && let Some(why) = self.wants_verified()
            && found.says_unverified()
        {
            self.notice(
                Level::Warning,
                format!("authentik marks e-mail addresses as not verified. {why}. {}", verified_notice()),
            );
            reasons.push(why);
            let (action, reference) = verified(self.facts);
            if let Some(action) = action {
                self.make(action);
            }
            return Some(reference);
        }
        Some(Ref::existing(&found.pk, scope.scope()))
    }

    /// Why the application wants verified addresses, if it does.
    fn wants_verified(&self) -> Option<String> {
        let demand = self.template.needs.email_verified.as_ref()?;
        self.engine.wanted(demand.when.as_ref(), &self.scope).unwrap_or(false).then(|| demand.why.clone())
    }

    fn own_mapping(&mut self, mapping: &Mapping) -> Option<Ref> {
        let rendered = self.engine.text(&mapping.expression, &self.scope, Format::Python);
        let expression = match rendered.map(|rendered| rendered.plain().map(str::to_owned)) {
            Ok(Some(expression)) => expression,
            Ok(None) => {
                self.block(format!(
                    "The mapping for the scope \"{}\" would hold a secret, in a place that others can read.",
                    mapping.scope
                ));
                return None;
            }
            Err(error) => {
                self.block(format!(
                    "The mapping for the scope \"{}\" could not be made from the answers: {error}",
                    mapping.scope
                ));
                return None;
            }
        };
        let name = match &mapping.name {
            Some(name) => self.text("The name of a scope mapping", name)?,
            None => format!("{}: {}", self.template.name, mapping.scope),
        };
        let why = mapping.why.clone().unwrap_or_else(|| format!("{} needs its claims.", self.template.name));
        Some(self.mapping(&name, &mapping.scope, &expression, &why))
    }

    fn mapping(&mut self, name: &str, scope: &str, expression: &str, why: &str) -> Ref {
        let (action, reference) = reuse_or_make(self.facts, name, scope, expression, why);
        if let Some(action) = action {
            self.make(action);
        }
        reference
    }
}

impl ScopeMapping {
    /// Its text says that nobody's e-mail address is verified, as the built-in one does since 2025.10.
    pub fn says_unverified(&self) -> bool {
        SAYS_UNVERIFIED.is_match(&self.expression)
    }
}

/// What a person should know before e-mail addresses count as verified.
pub(in crate::setup) fn verified_notice() -> String {
    format!(
        "The mapping \"{VERIFIED_NAME}\" says that they are verified. That is safe as long as people cannot change their own address \
         in authentik."
    )
}

/// The mapping that says that e-mail addresses are verified.
pub(in crate::setup) fn verified(facts: &Facts) -> (Option<Action>, Ref) {
    reuse_or_make(
        facts,
        VERIFIED_NAME,
        "email",
        VERIFIED_EXPRESSION,
        "One mapping for all applications that need verified addresses.",
    )
}

/// Reuses a mapping with the same scope and text; makes one otherwise, under a free name.
pub(in crate::setup) fn reuse_or_make(
    facts: &Facts,
    name: &str,
    scope: &str,
    expression: &str,
    why: &str,
) -> (Option<Action>, Ref) {
    let same = |mapping: &&ScopeMapping| {
        mapping.managed.is_none() && mapping.scope == scope && mapping.expression.trim() == expression.trim()
    };
    if let Some(found) = facts.mappings.iter().find(same) {
        return (None, Ref::existing(&found.pk, &found.name));
    }
    let taken = |name: &str| facts.mappings.iter().any(|mapping| super::same_name(&mapping.name, name));
    let name = if taken(name) { numbered(|number| format!("{name} {number}"), taken) } else { name.to_owned() };
    let handle = format!("mapping:{name}");
    let action = Action::MakeMapping {
        handle: handle.clone(),
        name: name.clone(),
        scope: scope.to_owned(),
        expression: expression.to_owned(),
        why: why.to_owned(),
    };
    (Some(action), Ref::New { handle, name })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_builtin_text_of_2025_10_is_recognised() {
        let text = "return {\n    \"email\": request.user.email,\n    \"email_verified\": False\n}";
        assert!(SAYS_UNVERIFIED.is_match(text));
        assert!(!SAYS_UNVERIFIED.is_match(&text.replace("False", "True")));
        assert!(!SAYS_UNVERIFIED.is_match(VERIFIED_EXPRESSION));
    }
}
