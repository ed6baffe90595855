//! Another secret for a login source. It comes from the service, so it is given rather than made.

use secrecy::SecretString;

use super::{field_named, plan};
use crate::catalog::render::Engine;
use crate::catalog::template::{Level, Question, QuestionKind, SourceApi, Template};
use crate::catalog::text::Scalar;
use crate::catalog::value::Scope;
use crate::setup::answers::Answers;
use crate::setup::facts::{Facts, Found};
use crate::setup::mint::Minted;
use crate::setup::plan::{Action, Confirmation, Notice, Plan};
use crate::setup::setting::{Change, Field, SettingValue};

/// The field that holds the secret which a service gave, or a sentence that says why there is none.
///
/// # Errors
/// That sentence.
pub fn secret_field(api: SourceApi) -> Result<Field, &'static str> {
    match api {
        SourceApi::Oauth => Ok(Field::ConsumerSecret),
        SourceApi::Telegram => Ok(Field::BotToken),
        SourceApi::Plex => Err("Its token comes from a sign-in to Plex, which nobody can type."),
        SourceApi::Saml => Err("A SAML source has no secret: each side signs with a key of its own."),
        SourceApi::Scim => Err("Its token was made by authentik, which keeps it among its tokens."),
    }
}

/// The questions that the source's secret is made of.
pub fn secret_questions<'t>(engine: &Engine, template: &'t Template, field: Field) -> Vec<&'t Question> {
    let secret = |question: &&Question| question.kind == QuestionKind::Secret;
    template.question.iter().filter(secret).filter(|question| uses(engine, template, field, &question.id)).collect()
}

/// Whether the field's text uses the answer to a question.
fn uses(engine: &Engine, template: &Template, field: Field, question: &str) -> bool {
    let texts = template.source.iter().flat_map(|source| &source.set).filter(|(key, _)| field_named(key) == Some(field));
    texts.into_iter().any(|(_, scalar)| match scalar {
        Scalar::Text(text) => engine.names(text).is_ok_and(|names| names.contains(question)),
        _ => false,
    })
}

/// The plan that gives the source of `facts` the secret among the answers, and what else was answered `anew`. Nothing else changes.
///
/// # Errors
/// A sentence, when it has no secret, or something stands in the way.
pub fn source_rotation(
    engine: &Engine,
    template: &Template,
    answers: &Answers,
    facts: &Facts,
    minted: &Minted,
    anew: &[&str],
) -> Result<Plan, String> {
    let (Some(source), Some(found)) = (&template.source, &facts.existing_source) else {
        return Err("There is no such login source.".to_owned());
    };
    let secret = secret_field(source.api)?;
    let mut answers = answers.clone();
    answers.source.renew_secrets = true;
    let mut whole = plan(engine, template, &answers, facts, minted);
    if !whole.decisions.is_empty() {
        return Ok(whole);
    }
    let wanted =
        |change: &Change| change.field == secret || anew.iter().any(|question| uses(engine, template, change.field, question));
    let changes = whole.actions.iter().find_map(|action| match action {
        Action::UpdateSource { changes, .. } => Some(changes.iter().filter(|change| wanted(change)).cloned().collect::<Vec<_>>()),
        _ => None,
    });
    let rotation = rotation(found, source.api, &template.id, changes.unwrap_or_default());
    let scope = std::mem::take(&mut whole.scope);
    Ok(Plan { scope, ..rotation })
}

/// Likewise, for a source of a kind that no template is for.
///
/// # Errors
/// A sentence, when it has no secret.
pub fn source_rotation_by_hand(found: &Found, api: SourceApi, secret: SecretString) -> Result<Plan, String> {
    let field = secret_field(api)?;
    let from = SettingValue::Text("not shown by authentik".into());
    let change = Change { field, from, to: SettingValue::Secret(secret), why: None };
    Ok(rotation(found, api, "", vec![change]))
}

fn rotation(found: &Found, api: SourceApi, template: &str, changes: Vec<Change>) -> Plan {
    let slug = found.text(Field::Slug).unwrap_or_default().to_owned();
    let name = found.text(Field::Name).unwrap_or(&slug).to_owned();
    Plan {
        template: template.to_owned(),
        notices: vec![Notice {
            level: Level::Warning,
            text: format!("authentik uses the new secret at once: nobody signs in with “{name}” unless the service knows it."),
        }],
        decisions: Vec::new(),
        confirmations: vec![Confirmation::Slug {
            slug: slug.clone(),
            why: format!("“{name}” may be in use, and its old secret cannot be put back."),
        }],
        actions: vec![Action::UpdateSource { api, slug, name, changes }],
        parts: Vec::new(),
        scope: Scope::default(),
    }
}
