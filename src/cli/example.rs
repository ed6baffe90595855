//! A template's texts with example values in place of the names of answers.

use std::borrow::Cow;

use crate::catalog::render::Engine;
use crate::catalog::template::{QuestionKind, Sample, Template};
use crate::catalog::text::{Expr, Scalar, Text};
use crate::catalog::value::{Scope, Value};
use crate::setup::facts::Version;
use crate::setup::sample::{new_server, plan_on, scope};

/// What stands for the client ID, which is new each time.
const CLIENT_ID: &str = "CLIENT-ID";

/// What a template's texts see for its sample answers.
pub(super) struct Examples<'t> {
    engine: Engine,
    template: &'t Template,
    scopes: Vec<Scope>,
}

impl<'t> Examples<'t> {
    pub(super) fn new(template: &'t Template) -> Self {
        let (engine, server) = (Engine::new(), new_server(Version::new(2026, 5, 0)));
        let plan = |sample: &Sample| plan_on(&engine, template, sample, &server).ok();
        // Those that the questions show, where the sample allows for them.
        let plans = template.sample.iter().filter_map(|sample| plan(&as_asked(template, sample)).or_else(|| plan(sample)));
        let scopes = plans.map(|plan| {
            let mut scope = scope(&plan);
            // It is whichever server the reader has.
            scope.insert("authentik_url".into(), Value::from("authentik"));
            scope.insert("client_id".into(), Value::from(CLIENT_ID));
            scope
        });
        let scopes = scopes.collect();
        Self { engine, template, scopes }
    }

    /// A text as it reads for an example in which it is shown (`when`). `each` is the list question whose members it is about.
    pub(super) fn show<'a>(&self, text: &'a str, when: Option<&str>, each: Option<&str>) -> Cow<'a, str> {
        if !text.contains("{{") && !text.contains("{%") {
            return text.into();
        }
        let when = when.map(Expr::from);
        let holds = |scope: &&Scope| self.engine.wanted(when.as_ref(), scope).unwrap_or(false);
        let shown = self.scopes.iter().filter(holds);
        let rendered = shown.chain(&self.scopes).find_map(|scope| self.render(text, scope, each));
        rendered.unwrap_or_else(|| self.name(text, each)).into()
    }

    fn render(&self, text: &str, scope: &Scope, each: Option<&str>) -> Option<String> {
        let text = Text::from(text);
        let Some(each) = each else { return self.engine.plain(&text, scope).ok().filter(|text| !text.is_empty()) };
        let Some(Value::List(items)) = scope.get(each) else { return None };
        let mut scope = scope.clone();
        scope.insert("item".into(), items.first()?.clone());
        self.engine.plain(&text, &scope).ok()
    }

    /// The text where no example has all of its values: what is asked stands for the answer.
    fn name(&self, text: &str, each: Option<&str>) -> String {
        let mut named = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            let Some((inner, after)) = after.split_once("}}") else { break };
            named.push_str(before);
            named.push_str(&self.label(inner.trim(), each));
            rest = after;
        }
        named + rest
    }

    fn label(&self, expression: &str, each: Option<&str>) -> String {
        let names = self.engine.names_in(&expression.into()).unwrap_or_default();
        let is_meant = |id: &str| names.contains(id) || (names.contains("item") && each == Some(id));
        let asked = self.template.question.iter().find(|question| is_meant(&question.id));
        let label = asked.map_or_else(|| names.first().map_or(expression, String::as_str), |question| &question.label);
        format!("<{label}>")
    }
}

/// The sample with the defaults and examples that stand beside the questions.
fn as_asked(template: &Template, sample: &Sample) -> Sample {
    let mut sample = sample.clone();
    let asked = template
        .question
        .iter()
        .filter(|question| matches!(question.kind, QuestionKind::Address | QuestionKind::Text | QuestionKind::Group));
    for question in asked {
        if question.default.is_some() {
            sample.answers.shift_remove(&question.id);
        } else if let (Some(example), Some(answer)) = (&question.example, sample.answers.get_mut(&question.id)) {
            *answer = Scalar::Text(example.as_str().into());
        }
    }
    sample
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::load::Catalog;

    #[test]
    fn texts_of_all_templates_read_without_braces() {
        let catalog = Catalog::built_in();
        for template in catalog.iter() {
            let examples = Examples::new(template);
            assert_eq!(examples.scopes.len(), template.sample.len(), "{}", template.id);
            let entries = template.entry.iter().map(|entry| (&entry.place, entry.when.as_ref()));
            let warnings = template.warning.iter().map(|warning| (&warning.text, warning.when.as_ref()));
            for (text, when) in entries.chain(warnings) {
                let shown = examples.show(text.as_str(), when.map(Expr::as_str), None);
                assert!(!shown.contains("{{") && !shown.contains("{%"), "{}: {shown}", template.id);
            }
        }
    }

    #[test]
    fn what_no_example_has_is_named_by_its_question() {
        let catalog = Catalog::built_in();
        let mut template = catalog.get("home-assistant").unwrap().clone();
        template.sample.truncate(1);
        template.sample[0].answers.retain(|question, _| question == "app");
        let redirects = template.provider.as_ref().unwrap().redirects.clone();
        let examples = Examples::new(&template);
        let shown =
            |number: usize| examples.show(redirects[number].uri.as_str(), None, redirects[number].each.as_deref()).into_owned();
        assert_eq!(shown(0), "http://homeassistant.local:8123/auth/openid/callback");
        assert_eq!(shown(1), "<Further addresses>/auth/openid/callback");
    }
}
