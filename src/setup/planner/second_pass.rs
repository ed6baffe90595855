//! What is left for a second pass, when the application has shown what only it knows, and whether the token can do it.

use std::collections::BTreeSet;

use super::Builder;
use crate::catalog::render::Engine;
use crate::catalog::template::{Level, Phase, Template};
use crate::catalog::text::{Expr, Text};
use crate::catalog::value::{Scope, Value};

/// What a second pass changes in authentik.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SecondPass {
    /// The provider: a redirect URI.
    pub provider: bool,
    /// The application: its launch URL.
    pub application: bool,
    /// Nobody can sign in before; otherwise it is needed only where the application shows something unexpected.
    pub surely: bool,
}

/// The second pass that is left open by the answers in `scope`; nothing where none is.
pub fn second_pass(engine: &Engine, template: &Template, scope: &Scope) -> Option<SecondPass> {
    let open = template.question.iter().filter(|question| {
        question.phase == Phase::Late
            && matches!(scope.get(&question.id), None | Some(Value::None))
            && engine.wanted(question.when.as_ref(), scope).unwrap_or(false)
    });
    let mut open: BTreeSet<&str> = open.map(|question| question.id.as_str()).collect();
    if open.is_empty() {
        return None;
    }
    let names = |text: &Text| engine.names(text).unwrap_or_default();
    // A derived value sees the answers and what was derived before it.
    for (name, text) in &template.derive {
        if names(text).iter().any(|name| open.contains(name.as_str())) {
            open.insert(name);
        }
    }
    let is_open = |names: BTreeSet<String>| names.iter().any(|name| open.contains(name.as_str()));
    let when_is_open = |when: &Expr| is_open(engine.names_in(when).unwrap_or_default());
    let mut pass = SecondPass::default();
    for part in template.parts() {
        for redirect in &part.provider.redirects {
            if is_open(names(&redirect.uri)) || redirect.when.as_ref().is_some_and(when_is_open) {
                pass.provider = true;
                pass.surely |= redirect.until.is_some() && engine.wanted(redirect.when.as_ref(), scope).unwrap_or(false);
            }
        }
        pass.application |= part.application.launch_url.as_ref().is_some_and(|text| is_open(names(text)));
    }
    (pass.provider || pass.application).then_some(pass)
}

impl Builder<'_> {
    /// The token may make what the plan makes, and yet not be able to finish it.
    pub(super) fn note_second_pass(&mut self) {
        if self.facts.refused_changes.is_empty() {
            return;
        }
        let Some(pass) = second_pass(self.engine, self.template, &self.scope) else { return };
        let needed = [(pass.provider, "_oauth2provider"), (pass.application, "_application")];
        let is_needed = |codename: &str| needed.iter().any(|(needed, model)| *needed && codename.ends_with(model));
        let lacks = self.facts.refused_changes.iter().filter(|(codename, _)| is_needed(codename));
        let lacks: Vec<String> = lacks.map(|(codename, title)| format!("“{title}” ({codename})")).collect();
        if lacks.is_empty() {
            return;
        }
        let lacks = lacks.join(" and ");
        let text = if pass.surely {
            format!("This token can make it but not finish it: the second pass needs {lacks}.")
        } else {
            format!("What {} shows only afterwards cannot be entered with this token: that needs {lacks}.", self.template.name)
        };
        self.notice(Level::Warning, text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::load::Catalog;
    use crate::setup::answers::{Answers, Input};
    use crate::setup::facts::{Facts, Version};
    use crate::setup::mint::Minted;
    use crate::setup::planner::plan;
    use crate::setup::question::resolve;
    use crate::setup::sample::new_server;

    const PROVIDER: (&str, &str) = ("authentik_providers_oauth2.change_oauth2provider", "Can change OAuth2/OpenID Provider");
    const APPLICATION: (&str, &str) = ("authentik_core.change_application", "Can change Application");

    fn warned(id: &str, given: &[(&str, &str)], refused: &[(&'static str, &'static str)]) -> Vec<String> {
        let (engine, catalog) = (Engine::new(), Catalog::built_in());
        let mut answers = Answers::new(id);
        for (question, answer) in given {
            answers.give(question, Input::Text((*answer).into()));
        }
        let facts = Facts { refused_changes: refused.to_vec(), ..new_server(Version::new(2026, 5, 0)) };
        let plan = plan(&engine, catalog.get(id).unwrap(), &answers, &facts, &Minted::default());
        let texts = plan.notices.into_iter().map(|notice| notice.text);
        texts.filter(|text| text.contains("this token") || text.contains("This token")).collect()
    }

    #[test]
    fn it_is_said_before_that_the_token_cannot_finish() {
        let app = ("app", "https://pangolin.example.com");
        assert_eq!(
            warned("pangolin", &[app], &[PROVIDER, APPLICATION]),
            ["This token can make it but not finish it: the second pass needs “Can change OAuth2/OpenID Provider” \
              (authentik_providers_oauth2.change_oauth2provider)."]
        );
        assert_eq!(warned("pangolin", &[app, ("idp_number", "1")], &[PROVIDER]), [""; 0], "there is nothing left to do");
        assert_eq!(warned("pangolin", &[app], &[APPLICATION]), [""; 0], "the application stays as it is");
        assert_eq!(warned("pangolin", &[app], &[]), [""; 0]);
        assert_eq!(warned("portainer", &[("app", "https://p.example.com")], &[PROVIDER, APPLICATION]), [""; 0]);
    }

    #[test]
    fn a_second_pass_that_need_not_come_is_told_from_one_that_must() {
        let pass = |id: &str, ways: &[(&str, &str)]| {
            let (engine, catalog) = (Engine::new(), Catalog::built_in());
            let mut answers = Answers::new(id);
            for (question, answer) in ways {
                answers.give(question, Input::Text((*answer).into()));
            }
            let template = catalog.get(id).unwrap();
            second_pass(&engine, template, &resolve(&engine, template, &answers, &Minted::default()).scope)
        };
        let some = |provider, application, surely| Some(SecondPass { provider, application, surely });
        assert_eq!(pass("pangolin", &[]), some(true, false, true));
        assert_eq!(pass("1password", &[]), some(true, false, false));
        assert_eq!(pass("digitalocean", &[]), some(false, true, false));
        assert_eq!(pass("portainer", &[]), None);
    }
}
