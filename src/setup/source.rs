//! Which template a login source that exists is of, and what its questions would have been answered. Pure.
//!
//! The kind of a source, and its provider type, are chosen when it is made and say which service it leads to. The answers stand in its
//! fields; only what authentik does not show, its secret, cannot be read back.

use secrecy::SecretString;

use super::answers::{Answers, Input, LoginPage, PlexAccount, PlexServer, Taken};
use super::facts::{Found, IdentificationStage};
use super::mint::Minted;
use super::pem;
use super::planner::{field_named, registration};
use super::question::resolve;
use super::reverse::{addresses, captured, shared_host, words};
use super::setting::{Field, SettingValue};
use crate::catalog::render::Engine;
use crate::catalog::template::{Choice, Question, QuestionKind, SourceApi, Template};
use crate::catalog::text::Scalar;
use crate::catalog::value::Value;

/// Stands for a secret that authentik holds and does not show. It is never sent: such fields are written only when they are renewed.
const HELD: &str = "held-by-authentik";

/// The template of a source of this kind, where its kind, its provider type, its slug or its addresses leave no doubt.
pub fn template_of<'t>(templates: impl IntoIterator<Item = &'t Template>, api: SourceApi, found: &Found) -> Option<&'t Template> {
    let kind = found.text(Field::ProviderType);
    let fits = |template: &&Template| {
        template.source.as_ref().is_some_and(|source| {
            source.api == api && kind.is_none_or(|kind| source.types.iter().any(|known| known.value == kind))
        })
    };
    let fitting: Vec<&Template> = templates.into_iter().filter(fits).collect();
    let slug = found.text(Field::Slug).unwrap_or_default();
    let named = |template: &&&Template| {
        template.id == slug || template.source.as_ref().is_some_and(|source| source.slug.as_str() == slug)
    };
    if let [one] = fitting.as_slice() {
        return Some(one);
    }
    let by_name: Vec<&&Template> = fitting.iter().filter(named).collect();
    if let [one] = by_name.as_slice() {
        return Some(one);
    }
    let told: Vec<(usize, &Template)> = fitting.iter().map(|template| (telling(template, found), *template)).collect();
    let most = told.iter().map(|(letters, _)| *letters).max().filter(|most| *most > 0);
    let mut best = told.iter().filter(|(letters, _)| Some(*letters) == most);
    match (best.next(), best.next()) {
        (Some((_, one)), None) => Some(one),
        (Some(_), Some(_)) => None,
        // Nothing speaks for a service: then it is the template for any.
        (None, _) => {
            let mut general = fitting.iter().filter(|template| is_general(template));
            general.next().filter(|_| general.next().is_none()).copied()
        }
    }
}

/// Whether a template is for any service of its kind: it asks for the slug.
fn is_general(template: &Template) -> bool {
    template.source.as_ref().is_some_and(|source| alone(template, source.slug.as_str()).is_some())
}

/// How many letters of a source's addresses are the template's own.
fn telling(template: &Template, found: &Found) -> usize {
    let Some(source) = &template.source else { return 0 };
    let told = source.set.iter().filter_map(|(key, scalar)| {
        let field = field_named(key).filter(|field| is_address(*field))?;
        let Scalar::Text(text) = scalar else { return None };
        let captured = captured(template, text.as_str(), &[], found.text(field)?)?;
        let hosts = captured.values.iter().filter_map(|(name, value)| {
            let question = template.question.iter().find(|question| question.id == *name)?;
            Some(shared_host(question, value))
        });
        Some(captured.literal + hosts.sum::<usize>())
    });
    told.sum()
}

/// The fields that hold an address of the service.
const fn is_address(field: Field) -> bool {
    matches!(
        field,
        Field::AuthorizationUrl
            | Field::AccessTokenUrl
            | Field::ProfileUrl
            | Field::WellKnownUrl
            | Field::JwksUrl
            | Field::SsoUrl
            | Field::SloUrl
    )
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
    let slug = text(Field::Slug).unwrap_or_default();
    let known = [("authentik_url", public_url), ("slug", slug.as_str())];
    for (key, scalar) in &source.set {
        let (Scalar::Text(text), Some(field)) = (scalar, field_named(key)) else { continue };
        match found.settings.get(&field) {
            Some(SettingValue::Text(held)) => {
                let captured = captured(template, text.as_str(), &known, held);
                for (name, value) in captured.into_iter().flat_map(|captured| captured.values) {
                    take(template, &mut answers, &name, value);
                }
            }
            Some(SettingValue::Bool(on)) => {
                if let Some(question) = alone(template, text.as_str()) {
                    answers.give(&question.id, Input::Toggle(*on));
                }
            }
            _ => {}
        }
    }
    if let Some(SettingValue::Ref(_)) = found.settings.get(&Field::VerificationKey) {
        for question in template.question.iter().filter(|question| question.kind == QuestionKind::Certificate) {
            answers.give(&question.id, Input::Text(pem::HELD.to_owned()));
        }
    }
    let fitting = Fitting { engine, template, found, public_url };
    fitting.fit_all(&mut answers);
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

/// Takes a text as the answer to a question that takes texts.
fn take(template: &Template, answers: &mut Answers, name: &str, value: String) {
    let Some(question) = template.question.iter().find(|question| question.id == name) else { return };
    let takes = match question.kind {
        QuestionKind::Text | QuestionKind::Number | QuestionKind::Address | QuestionKind::Host => true,
        QuestionKind::Choice => question.options.iter().any(|choice| choice.value() == value),
        _ => false,
    };
    if takes && !answers.given.contains_key(name) {
        answers.give(name, Input::Text(value));
    }
}

/// Whether a question is answered with words rather than chosen.
const fn is_typed(question: &Question) -> bool {
    matches!(question.kind, QuestionKind::Text | QuestionKind::Number | QuestionKind::Address | QuestionKind::Host)
}

/// Tries answers, and takes what gives more of the fields that are there than no answer does.
struct Fitting<'a> {
    engine: &'a Engine,
    template: &'a Template,
    found: &'a Found,
    public_url: &'a str,
}

impl Fitting<'_> {
    fn texts(&self) -> impl Iterator<Item = &str> {
        self.found.settings.values().filter_map(|value| match value {
            SettingValue::Text(text) => Some(text.as_str()),
            _ => None,
        })
    }

    /// What a question could have been answered.
    fn candidates(&self, question: &Question) -> Vec<Input> {
        match question.kind {
            QuestionKind::Toggle => [true, false].map(Input::Toggle).into(),
            QuestionKind::Choice => {
                let values = question.options.iter().map(Choice::value);
                values.map(|value| Input::Text(value.to_owned())).collect()
            }
            QuestionKind::Address | QuestionKind::Host => addresses(self.texts()).into_iter().map(Input::Text).collect(),
            QuestionKind::Text | QuestionKind::Number => words(self.texts()).into_iter().map(Input::Text).collect(),
            _ => Vec::new(),
        }
    }

    /// How many fields the answers give: for what was typed, of those alone that have it in them.
    fn score(&self, answers: &Answers, question: &Question, input: &Input) -> usize {
        let chosen = matches!(question.kind, QuestionKind::Toggle | QuestionKind::Choice);
        let all = given_by(self.engine, self.template, answers, self.found, self.public_url);
        let has = |held: &SettingValue| match (input, held) {
            (Input::Text(word), SettingValue::Text(held)) => held.contains(word.as_str()),
            _ => false,
        };
        all.into_iter().filter(|held| chosen || has(held)).count()
    }

    fn fit_all(&self, answers: &mut Answers) {
        let open = |answers: &Answers, question: &Question| !answers.given.contains_key(&question.id);
        let typed = |question: &&Question| is_typed(question);
        // What decides whether others are asked is fitted together with them.
        for question in self.template.question.iter().filter(|question| self.decides(question)) {
            if !open(answers, question) {
                continue;
            }
            let (start, mut most) = (answers.clone(), self.all(answers));
            for input in self.candidates(question) {
                let mut tried = start.clone();
                tried.give(&question.id, input);
                for other in self.template.question.iter().filter(typed) {
                    if open(&tried, other) {
                        self.fit(other, &mut tried);
                    }
                }
                let all = self.all(&tried);
                if all > most {
                    (most, *answers) = (all, tried);
                }
            }
        }
        for question in &self.template.question {
            if open(answers, question) {
                self.fit(question, answers);
            }
        }
        self.fit_two(answers);
    }

    /// Whether a question that is typed is asked only after some answers to this one.
    fn decides(&self, question: &Question) -> bool {
        let mut typed = self.template.question.iter().filter(|other| is_typed(other)).filter_map(|other| other.when.as_ref());
        !is_typed(question) && typed.any(|when| self.engine.names_in(when).is_ok_and(|names| names.contains(&question.id)))
    }

    fn all(&self, answers: &Answers) -> usize {
        given_by(self.engine, self.template, answers, self.found, self.public_url).len()
    }

    fn fit(&self, question: &Question, answers: &mut Answers) {
        let (start, mut best) = (answers.clone(), 0);
        for input in self.candidates(question) {
            let mut tried = start.clone();
            tried.give(&question.id, input.clone());
            let gained = self.score(&tried, question, &input).saturating_sub(self.score(&start, question, &input));
            if gained > best {
                (best, *answers) = (gained, tried);
            }
        }
    }

    /// An address that gives nothing without a second answer, such as the name of an authorization server.
    fn fit_two(&self, answers: &mut Answers) {
        let open = |answers: &Answers, question: &&Question| !answers.given.contains_key(&question.id);
        let is_address = |question: &&Question| matches!(question.kind, QuestionKind::Address | QuestionKind::Host);
        let Some(address) = self.template.question.iter().find(|question| is_address(question) && open(answers, question)) else {
            return;
        };
        let start = answers.clone();
        let others =
            self.template.question.iter().filter(|question| question.kind == QuestionKind::Text && open(&start, question));
        let mut best = 0;
        for other in others {
            for first in self.candidates(address) {
                for second in self.candidates(other) {
                    let mut tried = start.clone();
                    tried.give(&address.id, first.clone());
                    tried.give(&other.id, second.clone());
                    let gained = self.score(&tried, other, &second).saturating_sub(self.score(&start, other, &second));
                    if gained > best {
                        (best, *answers) = (gained, tried);
                    }
                }
            }
        }
    }
}

/// Those of the source's fields that the answers give.
fn given_by<'f>(
    engine: &Engine,
    template: &Template,
    answers: &Answers,
    found: &'f Found,
    public_url: &str,
) -> Vec<&'f SettingValue> {
    let Some(source) = &template.source else { return Vec::new() };
    let resolved = resolve(engine, template, answers, &Minted::default());
    let scope = registration(engine, template, answers, &resolved, public_url);
    let agreed = |(key, scalar): (&String, &Scalar)| {
        let held = field_named(key).and_then(|field| found.settings.get(&field)).unwrap_or(&SettingValue::Null);
        let agrees = engine.value(scalar, &scope).is_ok_and(|value| match (&value, held) {
            (Value::None, SettingValue::Null) => true,
            // Some fields are null on one version and empty on another.
            (Value::Text(text), SettingValue::Null) => text.is_empty(),
            (Value::Bool(on), SettingValue::Bool(held)) => on == held,
            (Value::Text(text), SettingValue::Text(held)) => text == held,
            // A flow: which one is a matter of its own.
            (Value::Text(text), SettingValue::Ref(_)) => !text.is_empty(),
            _ => false,
        });
        agrees.then_some(held)
    };
    source.set.iter().filter_map(agreed).collect()
}

/// The account that a Plex source holds: authentik shows the token to whoever may see the source.
pub fn plex_account(found: &Found) -> Option<PlexAccount> {
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
    use crate::setup::facts::{Facts, Version};
    use crate::setup::plan::Action;
    use crate::setup::planner::plan;
    use crate::setup::sample;
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
        assert_eq!(of(SourceApi::Saml, &[(Field::Slug, text("work"))]), Some("saml"), "nothing speaks for a service");
        let saml = |sso: &str| of(SourceApi::Saml, &[(Field::Slug, text("work")), (Field::SsoUrl, text(sso))]);
        assert_eq!(saml("https://sso.example.com/realms/work/protocol/saml"), Some("keycloak-login"));
        assert_eq!(saml("https://accounts.google.com/o/saml2/idp?idpid=C0"), Some("google-workspace"));
        assert_eq!(saml("https://idp.example.org/saml"), Some("saml"));
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

    /// As if somebody had made by hand what each sample makes, under a slug of their own.
    #[test]
    fn every_template_is_recognized_with_answers_that_give_the_same() {
        let engine = Engine::new();
        let catalog = Catalog::built_in();
        for template in catalog.iter().filter(|template| template.source.is_some()) {
            for sample in &template.sample {
                let mut answers = sample::answers(template, sample).unwrap();
                answers.options.slug = Some("by-hand".into());
                let facts = sample::new_server(Version::new(2025, 12, 4));
                let made = plan(&engine, template, &answers, &facts, &Minted::default());
                let create = made.actions.iter().find_map(|action| match action {
                    Action::CreateSource { api, settings, .. } => Some((*api, settings)),
                    _ => None,
                });
                let (api, settings) = create.unwrap_or_else(|| panic!("{}: {:?}", template.id, made.decisions));
                let shown = settings.iter().filter(|(field, _)| !field.is_write_only());
                let held = shown.map(|(field, setting)| {
                    (
                        *field,
                        match &setting.value {
                            SettingValue::Ref(one) => SettingValue::Ref(Ref::existing(one.name(), one.name())),
                            SettingValue::Refs(all) => {
                                SettingValue::Refs(all.iter().map(|one| Ref::existing(one.name(), one.name())).collect())
                            }
                            SettingValue::Text(text) if text.is_empty() => SettingValue::Null,
                            value => value.clone(),
                        },
                    )
                });
                let found = Found { pk: "s".into(), settings: held.collect() };
                let context = format!("{} {:?}", template.id, sample.title);
                assert_eq!(template_of(catalog.iter(), api, &found).map(|found| &found.id), Some(&template.id), "{context}");
                let mut again = recovered(&engine, template, &found, &facts.identification_stages, PUBLIC);
                hold_secrets(template, &mut again);
                let facts = Facts { existing_source: Some(found), ..facts };
                let update = plan(&engine, template, &again, &facts, &Minted::default());
                assert_eq!(update.decisions, [], "{context}");
                for action in &update.actions {
                    let Action::UpdateSource { changes, .. } = action else { continue };
                    for change in changes {
                        // What GitHub and Discord ask of people stands in a policy of their own.
                        let other = matches!(change.to, SettingValue::Ref(_) | SettingValue::Refs(_))
                            && change.field != Field::VerificationKey
                            || change.field == Field::AdditionalScopes;
                        assert!(other, "{context}: {} {:?} -> {:?}", change.field.label(), change.from, change.to);
                    }
                }
            }
        }
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
