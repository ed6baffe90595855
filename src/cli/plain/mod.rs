//! The wizard line by line: the same questions as on the pages, for terminals that cannot draw and for screen readers.

mod connect;
mod plex;

use clap::Parser;

use super::answers::AnswerOptions;
use super::ask::{self, Which};
use super::create::{self, CreateOptions};
use super::dialog::Dialog;
use super::global::GlobalOptions;
use super::output::Output;
use super::questions::Inputs;
use super::session::{self, Session};
use super::work::Work;
use super::{access, plan, sheet};
use crate::catalog::head::Head;
use crate::catalog::load::Catalog;
use crate::catalog::render::{Engine, ways};
use crate::catalog::search::Search;
use crate::catalog::template::{Acquire, Template};
use crate::error::{Ended, Error, Kind, Result};
use crate::setup::answers::{Answers, Taken};
use crate::setup::facts::Facts;
use crate::setup::plan::{Decision, Plan};
use crate::setup::planner::designation;
use crate::setup::question::resolve;
use crate::setup::setting::Field;

/// More matches than these are not read out.
const MOST_MATCHES: usize = 12;

/// Whether the terminal can only take lines: asked for, or `TERM=dumb`.
pub fn is_wanted(global: &GlobalOptions) -> bool {
    global.plain || std::env::var("TERM").is_ok_and(|term| term == "dumb")
}

/// Asks, applies and prints, until the person has had enough.
///
/// # Errors
/// When the person leaves, or a step fails.
pub(super) async fn run(global: &GlobalOptions, output: &Output) -> Result<Ended> {
    let mut dialog = output;
    dialog.say(concat!(
        "akwiz connects an application to authentik, one question at a time.\n",
        "Enter takes what stands in brackets. A question mark explains. Ctrl-C leaves: nothing is changed before you confirm it.",
    ));
    let (global, token) = connect::connect(global, &mut dialog).await?;
    let catalog = session::catalog(&global)?;
    for broken in catalog.broken() {
        dialog.say(&format!("Warning: {broken}"));
    }
    let mut session = Session::open_with(&global, token.clone()).await?;
    let me = session.client.me().await?;
    dialog.say(&format!("Signed in as {}.", me.username));
    loop {
        let template = pick(&mut dialog, &catalog)?;
        Box::pin(one(&global, session, template, output)).await?;
        if !is_yes(&mut dialog, "Connect another application?", false)? {
            return Ok(Ended::Done);
        }
        session = Session::open_with(&global, token.clone()).await?;
    }
}

/// One application from its questions to its settings.
async fn one(global: &GlobalOptions, session: Session, template: Template, output: &Output) -> Result<()> {
    let mut dialog = output;
    let (engine, minted) = (Engine::new(), session::credentials(&template));
    let mut answers = Answers::new(&template.id);
    dialog.say(&format!("{}: {}", template.name, template.summary));
    for requirement in template.require.iter().filter(|requirement| requirement.when.is_none()) {
        if let Ok(text) = engine.plain(&requirement.text, &crate::catalog::value::Scope::default()) {
            dialog.say(&format!("Needs: {text}"));
        }
    }
    let register = sheet::to_register(&engine, &template, &answers, session.public.as_str().trim_end_matches('/'))?;
    if !register.is_empty() {
        dialog.say("Register authentik there first:");
        dialog.say(&register);
    }
    ask::questions(&mut dialog, &engine, &template, &mut answers, &minted, Which::All)?;
    if template.source.as_ref().is_some_and(|source| source.acquire.contains(&Acquire::PlexPin)) {
        answers.source.plex = Some(plex::sign_in(&session.plex, &mut dialog).await?);
    }
    let way = way(&mut dialog, &engine, &template, &answers, &minted)?;
    let mut options = options(&mut dialog, &template.id)?;
    answers.options = options.answers(&template, &Inputs::REAL)?.options;

    let work = Work { session, engine, template, minted, output };
    let (facts, _) = work.look(&answers).await?;
    if work.template.source.is_none() && options.objects.access.is_empty() {
        options.objects.access = access(&mut dialog)?;
    }
    answers.access = access::resolve(&options.objects.access, &facts, &work.session.client).await?;
    session::find_key(&mut answers, &facts)?;
    let (facts, plan) = decide(&mut dialog, &work, &mut answers, facts).await?;
    plan::show(&plan, &facts, output)?;
    let create = CreateOptions {
        answers: options,
        way,
        reveal: is_yes(&mut dialog, "Show secrets in the settings?", false)?,
        ..CreateOptions::default()
    };
    Box::pin(create::carry_out(global, &work, &answers, facts, plan, &create)).await?;
    Ok(())
}

/// Which application.
fn pick(dialog: &mut dyn Dialog, catalog: &Catalog) -> Result<Template> {
    loop {
        let typed = dialog.ask("\nWhich application? Type a part of its name:")?;
        let found: Vec<&Head> =
            Search::new(catalog.heads()).find(&typed, &[]).into_iter().filter_map(|position| catalog.at(position)).collect();
        if let Some(exact) = catalog.get(typed.trim()) {
            return Ok(exact.clone());
        }
        let head = match found.as_slice() {
            _ if typed.trim() == "?" => {
                let count = catalog.heads().count();
                dialog.say(&format!(
                    "It can also be another word for it, such as pve or help desk. {count} are known; akwiz apps lists them."
                ));
                continue;
            }
            [] => {
                dialog.say("akwiz knows no application like that.");
                continue;
            }
            [only] if is_yes(dialog, &format!("{}?", only.name), true)? => *only,
            [_] => continue,
            several if several.len() > MOST_MATCHES => {
                dialog.say(&format!("{} applications match. Type more of the name.", several.len()));
                continue;
            }
            several => {
                let lines: Vec<String> = several.iter().map(|head| line(head, several)).collect();
                several[ask::one_of(dialog, &lines, 0)?]
            }
        };
        if let Some(template) = catalog.get(&head.id) {
            return Ok(template.clone());
        }
    }
}

/// A template in a list of those that match. Where two have one name, the ids tell them apart.
fn line(head: &Head, among: &[&Head]) -> String {
    let is_alone = among.iter().filter(|other| other.name == head.name).count() == 1;
    let id = if is_alone { String::new() } else { format!(" ({})", head.id) };
    format!("{}{id}: {}", head.name, head.summary)
}

/// How the application is set up, where there are several ways.
fn way(
    dialog: &mut dyn Dialog,
    engine: &Engine,
    template: &Template,
    answers: &Answers,
    minted: &crate::setup::mint::Minted,
) -> Result<Option<String>> {
    let scope = resolve(engine, template, answers, minted).scope;
    let known = ways(engine, template, &scope).unwrap_or_default();
    if known.len() < 2 {
        return Ok(None);
    }
    dialog.say("\nHow is the application set up?");
    let lines: Vec<String> = known.iter().map(|way| way.label.clone()).collect();
    let chosen = ask::one_of(dialog, &lines, 0)?;
    Ok(Some(known[chosen].id.clone()))
}

/// Words of the command line, for a person who types them.
#[derive(Debug, Parser)]
#[command(name = "options", no_binary_name = true, disable_help_flag = true, disable_version_flag = true)]
struct Words {
    #[command(flatten)]
    answers: AnswerOptions,
}

/// What can be different: all that `create` can be told, in its words.
fn options(dialog: &mut dyn Dialog, template: &str) -> Result<AnswerOptions> {
    dialog.say("\nName, slug, subject mode, signing key, lifetimes and the rest are chosen already. Anything else can be said as an option of akwiz create, such as --slug=NAME. A question mark lists them.");
    loop {
        let typed = dialog.ask("Options, or Enter for none:")?;
        if typed.trim() == "?" {
            dialog.say(&help());
            continue;
        }
        let Some(words) = shlex::split(&typed) else {
            dialog.say("A quotation mark is not closed.");
            continue;
        };
        match Words::try_parse_from(std::iter::once(template.to_owned()).chain(words)) {
            Ok(words) if words.answers.questions.is_empty() => return Ok(words.answers),
            Ok(_) => dialog.say("The questions are answered already. Start again to answer them otherwise."),
            Err(error) => {
                let said = error.to_string();
                let first = said.lines().next().unwrap_or_default();
                dialog.say(first.strip_prefix("error: ").unwrap_or(first));
            }
        }
    }
}

/// The options with their explanations, a line each.
fn help() -> String {
    use clap::CommandFactory as _;
    let command = Words::command();
    let listed =
        command.get_opts().filter(|option| !matches!(option.get_long(), Some("set" | "set-file" | "set-env" | "secret-stdin")));
    let lines: Vec<String> =
        listed.filter_map(|option| Some(format!("--{}: {}", option.get_long()?, option.get_help()?))).collect();
    lines.join("\n")
}

/// Who may open the application.
fn access(dialog: &mut dyn Dialog) -> Result<Vec<access::AccessOption>> {
    dialog.say("\nWho may open it?");
    let lines = ["Everyone who can sign in", "Only me, for a first test", "One person", "The members of groups"];
    let chosen = ask::one_of(dialog, &lines.map(str::to_owned), 0)?;
    Ok(match chosen {
        0 => vec![access::AccessOption::Everyone],
        1 => vec![access::AccessOption::Me],
        2 => vec![access::AccessOption::User(needed(dialog, "User name:")?)],
        _ => {
            let typed = needed(dialog, "Groups, separated by commas:")?;
            typed
                .split(',')
                .map(str::trim)
                .filter(|name| !name.is_empty())
                .map(|name| access::AccessOption::Group(name.into()))
                .collect()
        }
    })
}

/// Asks for what has to be decided before anything can be done, until nothing is left.
async fn decide(dialog: &mut dyn Dialog, work: &Work<'_>, answers: &mut Answers, facts: Facts) -> Result<(Facts, Plan)> {
    let mut facts = facts;
    loop {
        let plan = crate::setup::planner::plan(&work.engine, &work.template, answers, &facts, &work.minted);
        let Some(decision) = plan.decisions.first() else { return Ok((facts, plan)) };
        match decision {
            Decision::Taken { text, update_refused, free_slug, free_name } => {
                dialog.say(&format!("\n{text}"));
                let second = Taken::Rename { slug: free_slug.clone(), name: free_name.clone() };
                let make = format!("Make a second one, “{free_name}” with the slug {free_slug}");
                answers.taken = Some(if let Some(why) = update_refused {
                    dialog.say(why);
                    ask::one_of(dialog, &[make], 0)?;
                    second
                } else {
                    let lines = ["Change what exists: add, never remove".to_owned(), make];
                    if ask::one_of(dialog, &lines, 0)? == 0 { Taken::Update } else { second }
                });
            }
            Decision::Flow { purpose, candidates } => {
                dialog.say(&format!("\nWhich flow is the {} flow?", designation(*purpose).unwrap_or("usual")));
                let lines: Vec<String> = candidates.iter().map(|(slug, name)| format!("{name} ({slug})")).collect();
                let slug = candidates[ask::one_of(dialog, &lines, 0)?].0.clone();
                let chosen = match purpose {
                    Field::InvalidationFlow => &mut answers.options.invalidation_flow,
                    Field::AuthenticationFlow => &mut answers.options.authentication_flow,
                    Field::EnrollmentFlow => &mut answers.options.enrollment_flow,
                    _ => &mut answers.options.authorization_flow,
                };
                *chosen = Some(slug);
            }
            Decision::Person { text } => {
                dialog.say(text);
                let person = access::AccessOption::User(needed(dialog, "User name:")?);
                answers.access = access::resolve(&[person], &facts, &work.session.client).await?;
            }
            Decision::Blocked { text } => return Err(Error::new(Kind::Usage, text.clone()).hint(create::BLOCKED_HINT)),
        }
        facts = work.look(answers).await?.0;
    }
}

fn needed(dialog: &mut dyn Dialog, prompt: &str) -> Result<String> {
    loop {
        let typed = dialog.ask(prompt)?;
        if !typed.trim().is_empty() {
            return Ok(typed.trim().to_owned());
        }
    }
}

/// Asks until it is yes, no, or Enter for what stands in brackets.
fn is_yes(dialog: &mut dyn Dialog, question: &str, default: bool) -> Result<bool> {
    loop {
        let typed = dialog.ask(&format!("{question} [{}]:", if default { "yes" } else { "no" }))?;
        match typed.trim().to_lowercase().as_str() {
            "" => return Ok(default),
            "y" | "yes" => return Ok(true),
            "n" | "no" => return Ok(false),
            _ => dialog.say("Say yes or no."),
        }
    }
}
