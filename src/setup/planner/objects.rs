//! Further objects of a login source: certificates, policies, flows of its own, property mappings. Those that exist are used again.

use indexmap::IndexMap;

use super::{Builder, same_name};
use crate::catalog::template::{Format, Object, ObjectKind, ObjectLevel, SourceApi};
use crate::catalog::text::Scalar;
use crate::catalog::value::Value;
use crate::setup::extra::{Extra, ExtraKind, Rewrite};
use crate::setup::facts::{Pair, Scripted};
use crate::setup::pem;
use crate::setup::plan::Action;
use crate::setup::setting::{Field, Ref, SettingValue};

type Fields = IndexMap<&'static str, SettingValue>;

impl Builder<'_> {
    /// Plans the objects that akwiz makes itself, in the template's order. Nothing that others use is changed: a flow of its own stands
    /// beside the usual one, so whatever fails half way concerns this source alone.
    pub(super) fn plan_objects(&mut self, api: SourceApi) {
        let template = self.template;
        for (index, object) in template.object.iter().enumerate() {
            let wanted = object.when.as_ref().is_none_or(|when| self.engine.holds(when, &self.scope).unwrap_or(false));
            if object.level != ObjectLevel::Do || !wanted {
                continue;
            }
            let handle = format!("object:{}", object.id.clone().unwrap_or_else(|| index.to_string()));
            let planned = match object.kind {
                ObjectKind::Certificate => self.certificate(object, handle),
                ObjectKind::Policy => self.scripted(object, ExtraKind::Policy, handle),
                ObjectKind::SourceMapping => self.scripted(object, ExtraKind::SourceMapping(api), handle),
                ObjectKind::Flow => self.own_flow(object, handle),
                ObjectKind::StageBinding => self.stage_binding(object, handle),
                ObjectKind::Binding => self.policy_binding(object, handle),
                _ => {
                    self.block(format!("The template of {} wants an object that akwiz cannot make.", template.name));
                    None
                }
            };
            if let (Some(id), Some(reference)) = (&object.id, planned) {
                self.objects.insert(id.clone(), reference);
            }
        }
    }

    /// A further object by its id in the template.
    pub(super) fn object(&mut self, id: &str) -> Option<Ref> {
        let found = self.objects.get(id).cloned();
        if found.is_none() {
            self.block(format!("The template of {} refers to \"{id}\", which it does not make.", self.template.name));
        }
        found
    }

    fn field(&mut self, object: &Object, key: &str) -> Option<String> {
        let text = match object.set.get(key) {
            Some(Scalar::Text(text)) => self.engine.value(&Scalar::Text(text.clone()), &self.scope).ok(),
            _ => None,
        };
        if let Some(Value::Text(text)) = text {
            return Some(text);
        }
        self.block(format!("\"{key}\" of an object of {} could not be made from the answers.", self.template.name));
        None
    }

    fn make_extra(&mut self, handle: String, kind: ExtraKind, name: &str, fields: Fields, why: &str) -> Ref {
        let reference = Self::new_ref(&handle, name);
        self.make(Action::MakeExtra(Extra { handle, kind, name: name.to_owned(), fields, why: why.to_owned() }));
        reference
    }

    /// Somebody else's certificate. Its name carries a mark of its bytes: another certificate is another object.
    fn certificate(&mut self, object: &Object, handle: String) -> Option<Ref> {
        let name = self.field(object, "name")?;
        let certificate = self.field(object, "certificate")?;
        if pem::is_held(&certificate) {
            return self.held_certificate();
        }
        let name = format!("{name} {}", pem::mark(&certificate));
        if let Some(found) = self.facts.around_source.certificates.iter().find(|found| same_name(&found.name, &name)) {
            return Some(Ref::existing(&found.pk, &found.name));
        }
        let fields =
            Fields::from([("name", SettingValue::Text(name.clone())), ("certificate_data", SettingValue::Text(certificate))]);
        let why = format!("authentik checks with it what {} signs", self.template.name);
        Some(self.make_extra(handle, ExtraKind::Certificate, &name, fields, &why))
    }

    /// The certificate that the source checks with now.
    fn held_certificate(&mut self) -> Option<Ref> {
        let held = self.facts.existing_source.as_ref().and_then(|found| found.settings.get(&Field::VerificationKey));
        if let Some(SettingValue::Ref(held)) = held {
            return Some(held.clone());
        }
        self.block("The source has no certificate any more. Give it one.");
        None
    }

    /// A policy or a mapping: the one of that name, with its Python brought up to date; else a new one.
    fn scripted(&mut self, object: &Object, kind: ExtraKind, handle: String) -> Option<Ref> {
        let name = self.field(object, "name")?;
        let why = self.field(object, "why")?;
        let Some(Scalar::Text(expression)) = object.set.get("expression") else {
            self.block(format!("An object of {} has no expression.", self.template.name));
            return None;
        };
        let rendered = self.engine.text(expression, &self.scope, Format::Python);
        let Some(expression) = rendered.ok().and_then(|rendered| rendered.plain().map(|text| text.trim_end().to_owned())) else {
            self.block(format!("The expression of \"{name}\" could not be made from the answers."));
            return None;
        };
        let around = &self.facts.around_source;
        let known: &[Scripted] = if kind == ExtraKind::Policy { &around.policies } else { &around.mappings };
        let Some(found) = known.iter().find(|found| same_name(&found.name, &name)) else {
            let fields =
                Fields::from([("name", SettingValue::Text(name.clone())), ("expression", SettingValue::Text(expression))]);
            return Some(self.make_extra(handle, kind, &name, fields, &why));
        };
        let found = found.clone();
        if found.expression.trim() != expression.trim() {
            self.make(Action::Rewrite(Rewrite {
                kind,
                pk: found.pk.clone(),
                name: found.name.clone(),
                from: found.expression,
                to: expression,
                why,
            }));
        }
        Some(Ref::existing(found.pk, found.name))
    }

    /// A flow of this source's own, to which every policy on it must agree. References to it go by its slug.
    fn own_flow(&mut self, object: &Object, handle: String) -> Option<Ref> {
        let slug = self.field(object, "slug")?;
        let why = self.field(object, "why")?;
        if let Some(found) = self.facts.flows.iter().find(|flow| same_name(&flow.slug, &slug)) {
            return Some(Ref::existing(&found.pk, &found.slug));
        }
        let mut fields = Fields::new();
        for key in ["name", "slug", "title", "designation", "authentication"] {
            let value = self.field(object, key)?;
            fields.insert(key, SettingValue::Text(value));
        }
        fields.insert("policy_engine_mode", SettingValue::Text("all".into()));
        Some(self.make_extra(handle, ExtraKind::Flow, &slug, fields, &why))
    }

    fn stage_binding(&mut self, object: &Object, handle: String) -> Option<Ref> {
        let target = self.field(object, "target")?;
        let target = self.object(&target)?;
        let stage = self.field(object, "stage")?;
        let Some(found) = self.facts.around_source.stages.iter().find(|found| found.name == stage).cloned() else {
            self.block(format!(
                "The stage \"{stage}\" is not on the server, or this token may not see it. Restore authentik's default blueprints, or use \
                 a token with the right authentik_flows.view_stage."
            ));
            return None;
        };
        let order = match object.set.get("order") {
            Some(Scalar::Int(order)) => *order,
            _ => 0,
        };
        if let Some(bound) = pair(&self.facts.around_source.stage_bindings, &target, &found.pk) {
            return Some(Ref::existing(&bound.pk, stage));
        }
        let name = format!("{stage} in {}", target.name());
        let fields = Fields::from([
            ("target", SettingValue::Ref(target)),
            ("stage", SettingValue::Ref(Ref::existing(found.pk, found.name))),
            ("order", SettingValue::Text(order.to_string())),
        ]);
        Some(self.make_extra(handle, ExtraKind::StageBinding, &name, fields, "the flow does with it what the usual one does"))
    }

    fn policy_binding(&mut self, object: &Object, handle: String) -> Option<Ref> {
        let target = self.field(object, "target")?;
        let target = self.object(&target)?;
        let policy = self.field(object, "policy")?;
        let policy = self.object(&policy)?;
        if let Ref::Existing { pk, .. } = &policy
            && let Some(bound) = pair(&self.facts.around_source.policy_bindings, &target, pk)
        {
            return Some(Ref::existing(&bound.pk, policy.name()));
        }
        let name = format!("{} on {}", policy.name(), target.name());
        let fields = Fields::from([("target", SettingValue::Ref(target)), ("policy", SettingValue::Ref(policy))]);
        Some(self.make_extra(handle, ExtraKind::Binding, &name, fields, "whom the policy refuses does not pass the flow"))
    }
}

fn pair<'p>(pairs: &'p [Pair], target: &Ref, bound: &str) -> Option<&'p Pair> {
    let Ref::Existing { pk, .. } = target else { return None };
    pairs.iter().find(|pair| pair.target == *pk && pair.bound == bound)
}
