//! `akwiz rotate` for a login source: the service made the secret, so it is given in the ways of `akwiz create`.

use secrecy::SecretString;

use super::ask;
use super::document::{NoticeDocument, VERSION};
use super::global::GlobalOptions;
use super::login_source::Here;
use super::output::Output;
use super::plan;
use super::questions::{Inputs, QuestionOptions};
use super::rotate::{RotateDocument, RotateOptions};
use super::session::{self, Session};
use super::target;
use super::work;
use crate::apply::check_rights;
use crate::catalog::load::Catalog;
use crate::catalog::render::Engine;
use crate::catalog::template::SourceApi;
use crate::error::{Error, Kind, Result};
use crate::setup::answers::Answers;
use crate::setup::plan::Plan;
use crate::setup::planner::{secret_field, secret_questions, source_rotation, source_rotation_by_hand};
use crate::setup::setting::Field;
use crate::setup::source::hold_secrets;

/// How a secret is named for which no template has a question: as authentik names the field.
const fn plain_name(field: Field) -> &'static str {
    match field {
        Field::BotToken => "bot_token",
        _ => "consumer_secret",
    }
}

/// Gives a login source the secret that its service made.
///
/// # Errors
/// When it has none, none was given, or it was not confirmed.
pub(super) async fn run(
    session: &Session,
    catalog: &Catalog,
    engine: &Engine,
    here: Here,
    options: &RotateOptions,
    (global, output): (&GlobalOptions, &Output),
) -> Result<()> {
    let field = secret_field(here.api).map_err(|why| refused(&here, why))?;
    let recognized = options.target.template.is_some() || here.template(catalog, &session.receipts.list()?).is_some();
    let client_id = client_id(&here)?;
    let slug = here.listed.slug.clone();
    let (answers, facts, plan) = if recognized {
        let mut target = target::find_source(session, catalog, engine, &options.target, here)?;
        let secrets: Vec<String> =
            secret_questions(engine, &target.template, field).iter().map(|question| question.id.clone()).collect();
        // The others are not sent.
        let given = target.answers.given.clone();
        hold_secrets(&target.template, &mut target.answers);
        target.answers.given.retain(|id, _| !secrets.contains(id) || given.contains_key(id));
        ask::missing(output, engine, &target.template, &mut target.answers, &target.minted)?;
        session::check_questions(engine, &target.template, &target.answers, &target.minted)?;
        let facts = session.facts(engine, &target.template, &target.answers, &target.minted).await?;
        let anew: Vec<&str> = options.target.questions.named().collect();
        let plan = source_rotation(engine, &target.template, &target.answers, &facts, &target.minted, &anew);
        (target.answers, facts, plan)
    } else {
        let secret = given(&options.target.questions, plain_name(field), &slug)?;
        let plan = source_rotation_by_hand(here.found()?, here.api, secret);
        (Answers::new(""), here.facts, plan)
    };
    let plan: Plan = plan.map_err(|sentence| Error::new(Kind::Usage, sentence))?;
    if let Some(error) = plan::undecided(&plan) {
        return Err(error);
    }
    plan::show(&plan, &facts, output)?;
    check_rights(&session.client, &plan, &facts).await?;
    work::confirm(&plan, &options.confirm, output)?;
    let outcome = work::apply(session, output, &answers, &facts, &plan).await?;
    for notice in &outcome.notices {
        output.notice(notice);
    }
    let receipt = outcome.receipt.filter(|_| session.keeps_receipts());
    if output.is_json() {
        let notices = NoticeDocument::all(&outcome.notices);
        let document = RotateDocument { slug, client_id, client_secret: None, receipt, settings: None, notices };
        return output.document("rotate", VERSION, &document);
    }
    output.result(&format!("“{slug}” has the secret that was given."))?;
    if !global.demo {
        output.note(&format!("Try it: sign in with it in a private window. Its values: akwiz show {slug}"));
    }
    Ok(())
}

/// The client ID that the secret belongs to, which stays.
fn client_id(here: &Here) -> Result<String> {
    let found = here.found()?;
    let known = found.text(Field::ConsumerKey).or_else(|| found.text(Field::BotUsername));
    Ok(known.unwrap_or_default().to_owned())
}

/// The secret for a source that no template is for.
fn given(options: &QuestionOptions, name: &str, slug: &str) -> Result<SecretString> {
    let file = options.set_file.iter().find(|(id, _)| id == name).map(|(_, path)| path);
    let variable = options.set_env.iter().find(|(id, _)| id == name).map(|(_, variable)| variable);
    if let Some(other) = options.named().find(|id| *id != name) {
        return Err(Error::new(Kind::Usage, format!("“{slug}” is of no template, so it has no question “{other}”."))
            .hint(format!("Its secret is called {name}: {}", ways(name))));
    }
    if !options.set.is_empty() {
        return Err(Error::new(
            Kind::Usage,
            format!("“{name}” is a secret: arguments are seen by others and stay in the shell's history."),
        )
        .hint(format!("Use {}.", ways(name))));
    }
    let inputs = Inputs::REAL;
    match (&options.secret_stdin, file, variable) {
        (Some(id), ..) => (inputs.stdin)(id),
        (_, Some(path), _) => (inputs.file)(path.as_ref()),
        (.., Some(variable)) => (inputs.env)(variable),
        _ => Err(Error::new(Kind::Usage, "The new secret is missing.").hint(format!("Secret: {}", ways(name)))),
    }
}

fn ways(name: &str) -> String {
    format!("--secret-stdin={name}, --set-file={name}=FILE or --set-env={name}=VARIABLE")
}

/// Why it has no secret that could be given, and what to do instead.
fn refused(here: &Here, why: &str) -> Error {
    let slug = &here.listed.slug;
    let error = Error::new(Kind::Usage, format!("“{slug}” has no secret that could be given. {why}"));
    match here.api {
        SourceApi::Plex => error.hint("Sign in again in the wizard (akwiz), which brings the new token to the source.").hint(
            format!("Or give one that you have: akwiz create plex --set=slug={slug} --plex-client-id=ID --plex-token-file=FILE --plex-server=ID"),
        ),
        SourceApi::Saml => error.hint(format!("For another certificate of the service: akwiz update {slug} --set-file=certificate=FILE")),
        SourceApi::Scim => error.hint("Give it another key in authentik, under Directory > Tokens and App passwords, and enter that at the service."),
        SourceApi::Oauth | SourceApi::Telegram => error,
    }
}
