//! Which template a login source that exists is of, and what its questions would have been answered. Pure.
//!
//! The kind of a source, and its provider type, are chosen when it is made and say which service it leads to. The answers stand in its
//! fields; only what authentik does not show, its secret, cannot be read back.

use secrecy::SecretString;

use super::answers::{Answers, Input, LoginPage, PlexAccount, PlexServer, Taken};
use super::facts::{Found, IdentificationStage};
use super::mint::Minted;
use super::planner::{field_named, registration};
use super::question::resolve;
use super::setting::{Field, SettingValue};
use crate::catalog::render::Engine;
use crate::catalog::template::{Choice, Question, QuestionKind, SourceApi, Template};
use crate::catalog::text::Scalar;
use crate::catalog::value::Value;

/// Stands for a secret that authentik holds and does not show. It is never sent: such fields are written only when they are renewed.
const HELD: &str = "held-by-authentik";

/// The template of a source of this kind, where its kind, its provider type or its slug leave no doubt.
pub fn template_of<'t>(templates: impl IntoIterator<Item = &'t Template>, api: SourceApi, found: &Found) -> Option<&'t Template> {
    let kind = found.text(Field::ProviderType);
    let fits = |template: &&Template| {
        template.source.as_ref().is_some_and(|source| {
            source.api == api && kind.is_none_or(|kind| source.types.iter().any(|known| known.value == kind))
        })
    };
    let mut fitting: Vec<&Template> = templates.into_iter().filter(fits).collect();
    if fitting.len() > 1 {
        let slug = found.text(Field::Slug).unwrap_or_default();
        fitting.retain(|template| {
            template.id == slug || template.source.as_ref().is_some_and(|source| source.slug.as_str() == slug)
        });
    }
    match fitting.as_slice() {
        [one] => Some(one),
        _ => None,
    }
}

/// The answers that make the template give the source that is there, as far as they can be read from it.
pub fn recovered(
    engine: &Engine,
    template: &Template,
    found: &Found,
    stages: &[IdentificationStage],
    public_url: &str,
) -> Answers {
    let mut answers = Answers::new(template.id.clone());
    let Some(source) = &template.source else { return answers };
    let text = |field| found.text(field).map(str::to_owned);
    (answers.options.name, answers.options.slug) = (text(Field::Name), text(Field::Slug));
    answers.taken = Some(Taken::Update);
    answers.source.login_page = match stages.iter().find(|stage| stage.sources.contains(&found.pk)) {
        Some(stage) => LoginPage::Stage(stage.pk.clone()),
        None => LoginPage::Hidden,
    };
    answers.source.plex = plex_account(found);
    if let Some(question) = alone(template, source.slug.as_str())
        && let Some(slug) = text(Field::Slug)
    {
        answers.give(&question.id, Input::Text(slug));
    }
    for (key, scalar) in &source.set {
        let (Scalar::Text(text), Some(field)) = (scalar, field_named(key)) else { continue };
        let Some(question) = alone(template, text.as_str()) else { continue };
        match found.settings.get(&field) {
            Some(SettingValue::Text(text)) => answers.give(&question.id, Input::Text(text.clone())),
            Some(SettingValue::Bool(on)) => answers.give(&question.id, Input::Toggle(*on)),
            _ => {}
        }
    }
    for question in &template.question {
        if !answers.given.contains_key(&question.id) {
            fit(engine, template, question, found, public_url, &mut answers);
        }
    }
    answers
}

/// Answers the secrets that are still open with a stand-in, so that what does not concern them can be asked of the template.
pub fn hold_secrets(template: &Template, answers: &mut Answers) {
    let open = |question: &&Question| question.kind == QuestionKind::Secret && question.make.is_none();
    for question in template.question.iter().filter(open) {
        if !answers.given.contains_key(&question.id) {
            answers.give(&question.id, Input::Secret(SecretString::from(HELD)));
        }
    }
}

/// The question whose answer is the whole text: `{{ client_id }}`.
fn alone<'t>(template: &'t Template, text: &str) -> Option<&'t Question> {
    let name = text.trim().strip_prefix("{{")?.strip_suffix("}}")?.trim();
    template.question.iter().find(|question| question.id == name && question.kind != QuestionKind::Secret)
}

/// Tries what a choice or a switch can be, and takes what gives more of the fields that are there than the default does.
fn fit(engine: &Engine, template: &Template, question: &Question, found: &Found, public_url: &str, answers: &mut Answers) {
    let candidates: Vec<Input> = match question.kind {
        QuestionKind::Toggle => [true, false].map(Input::Toggle).into(),
        QuestionKind::Choice => {
            let values = question.options.iter().map(Choice::value);
            values.map(|value| Input::Text(value.to_owned())).collect()
        }
        _ => return,
    };
    let mut best = given_by(engine, template, answers, found, public_url);
    for input in candidates {
        let mut tried = answers.clone();
        tried.give(&question.id, input);
        let matched = given_by(engine, template, &tried, found, public_url);
        if matched > best {
            (best, *answers) = (matched, tried);
        }
    }
}

/// How many of the source's fields the answers give.
fn given_by(engine: &Engine, template: &Template, answers: &Answers, found: &Found, public_url: &str) -> usize {
    let Some(source) = &template.source else { return 0 };
    let resolved = resolve(engine, template, answers, &Minted::default());
    let scope = registration(engine, template, answers, &resolved, public_url);
    let agrees = |(key, scalar): &(&String, &Scalar)| {
        let held = field_named(key).and_then(|field| found.settings.get(&field));
        engine.value(scalar, &scope).is_ok_and(|value| match (&value, held) {
            (Value::None, held) => matches!(held, None | Some(SettingValue::Null)),
            (Value::Bool(on), Some(SettingValue::Bool(held))) => on == held,
            (Value::Text(text), Some(SettingValue::Text(held))) => text == held,
            // A flow: which one is a matter of its own.
            (Value::Text(text), Some(SettingValue::Ref(_))) => !text.is_empty(),
            _ => false,
        })
    };
    source.set.iter().filter(agrees).count()
}

/// The account that a Plex source holds: authentik shows the token to whoever may see the source.
fn plex_account(found: &Found) -> Option<PlexAccount> {
    let Some(SettingValue::Secret(token)) = found.settings.get(&Field::PlexToken) else { return None };
    let allowed = match found.settings.get(&Field::AllowedServers) {
        Some(SettingValue::Words(allowed)) => allowed.clone(),
        _ => Vec::new(),
    };
    Some(PlexAccount {
        client_identifier: found.text(Field::ClientId)?.to_owned(),
        token: token.clone(),
        servers: allowed.iter().map(|id| PlexServer { id: id.clone(), name: id.clone() }).collect(),
        allowed,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::load::Catalog;
    use crate::setup::setting::Ref;

    const PUBLIC: &str = "https://auth.example.com";

    fn found(settings: &[(Field, SettingValue)]) -> Found {
        Found { pk: "s-1".into(), settings: settings.iter().cloned().collect() }
    }

    fn text(text: &str) -> SettingValue {
        SettingValue::Text(text.into())
    }

    #[test]
    fn kind_and_provider_type_tell_the_template() {
        let catalog = Catalog::built_in();
        let of = |api, settings: &[(Field, SettingValue)]| {
            template_of(catalog.iter(), api, &found(settings)).map(|template| template.id.as_str())
        };
        assert_eq!(of(SourceApi::Plex, &[]), Some("plex"));
        assert_eq!(of(SourceApi::Oauth, &[(Field::ProviderType, text("github"))]), Some("github"));
        assert_eq!(of(SourceApi::Oauth, &[(Field::ProviderType, text("reddit"))]), None);
        assert_eq!(of(SourceApi::Saml, &[(Field::Slug, text("keycloak"))]), Some("keycloak-login"));
        assert_eq!(of(SourceApi::Saml, &[(Field::Slug, text("work"))]), None, "several fit");
    }

    #[test]
    fn answers_stand_in_the_fields() {
        let catalog = Catalog::built_in();
        let github = catalog.get("github").unwrap();
        let flow = SettingValue::Ref(Ref::existing("f-1", "default-source-enrollment"));
        let source = found(&[
            (Field::Name, text("Octocat")),
            (Field::Slug, text("gh")),
            (Field::ConsumerKey, text("Ov23")),
            (Field::UserMatching, text("email_deny")),
            (Field::EnrollmentFlow, flow),
        ]);
        let answers = recovered(&Engine::new(), github, &source, &[], PUBLIC);
        let given = |id: &str| answers.given.get(id).map(|given| given.input.clone());
        assert!(matches!(given("client_id"), Some(Input::Text(id)) if id == "Ov23"));
        assert!(matches!(given("matching"), Some(Input::Text(mode)) if mode == "email_deny"));
        assert!(matches!(given("enroll"), Some(Input::Toggle(true))), "new people get accounts by that flow");
        assert_eq!((answers.options.name.as_deref(), answers.options.slug.as_deref()), (Some("Octocat"), Some("gh")));
        assert_eq!(answers.source.login_page, LoginPage::Hidden);
    }

    #[test]
    fn a_plex_source_brings_its_account() {
        let catalog = Catalog::built_in();
        let source = found(&[
            (Field::Slug, text("plex")),
            (Field::ClientId, text("c")),
            (Field::PlexToken, SettingValue::Secret("canary".into())),
            (Field::AllowedServers, SettingValue::Words(vec!["m-1".into()])),
            (Field::AllowFriends, SettingValue::Bool(true)),
        ]);
        let answers = recovered(&Engine::new(), catalog.get("plex").unwrap(), &source, &[], PUBLIC);
        let account = answers.source.plex.as_ref().unwrap();
        assert_eq!((account.client_identifier.as_str(), account.allowed.as_slice()), ("c", ["m-1".to_owned()].as_slice()));
        assert!(matches!(&answers.given["access"].input, Input::Text(access) if access == "friends"));
    }

    /// The stand-in for a held secret must reach nothing that is sent or shown.
    #[test]
    fn secrets_of_source_templates_reach_only_fields_that_are_written_when_renewed() {
        for template in Catalog::built_in().iter() {
            let Some(source) = &template.source else { continue };
            for question in template.question.iter().filter(|question| question.kind == QuestionKind::Secret) {
                for (key, scalar) in &source.set {
                    let Scalar::Text(text) = scalar else { continue };
                    let names = text.as_str().split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
                    if names.into_iter().any(|name| name == question.id) {
                        let field = field_named(key).unwrap();
                        assert!(field.is_write_only(), "{}: {key} shows {}", template.id, question.id);
                    }
                }
            }
        }
    }
}
