//! `akwiz apply`: many applications and login sources from one file.

mod document;
mod progress;
mod prune;
mod renewed;
mod source;
mod wishes;

use std::cell::Cell;
use std::cell::OnceCell;
use std::collections::HashSet;
use std::fmt::Write as _;
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Args;
use secrecy::ExposeSecret as _;
use tokio::sync::oneshot;

pub(super) use document::ApplyDocument;
use progress::Bar;
use prune::Pruned;
use wishes::Wanting;

use super::document::VERSION;
use super::global::GlobalOptions;
use super::output::Output;
use super::plan;
use super::session::{self, Session};
use super::sheet::Sheet;
use crate::apply::many::{self, Event, Keeper, Leftovers, Planning, Report, State, Survey, Wish, Work};
use crate::authentik::Client;
use crate::authentik::inventory::Inventory;
use crate::authentik::pace::Pacer;
use crate::catalog::render::Engine;
use crate::config::write_private;
use crate::error::{Ended, Error, Kind, Result};
use crate::setup::diff::{self, Verb, diff};
use crate::setup::facts::Facts;
use crate::setup::outcome::Outcome;
use crate::setup::plan::{Action, Plan};
use crate::setup::receipt::Receipt;

/// What a file looks like, for the help text.
pub(super) const FILE_HELP: &str = r#"The file:
  name = "homelab"              # for receipts and --prune; its path otherwise

  [defaults]                    # for what an application does not say itself
  access = "group:family"       # or everyone, me, user:NAME, new-group:NAME,
                                # ["group:NAME", "group:NAME"]
  options = { group = "Homelab" }

  [[application]]
  template = "portainer"
  answers = { app = "https://portainer.example.com" }

  [[application]]
  template = "pulse"
  answers = { app = "https://pulse.example.com" }
  options = { slug = "pulse-attic", subject_mode = "user_username" }
  update = true                 # change it although akwiz did not make it

  [[application]]               # a login source stands there too
  template = "github"
  login_page = "default"        # hidden, or an identification stage's name
  [application.answers]
  client_id = "Ov23liABC"
  client_secret = { env = "GITHUB_SECRET" }

A template is one of akwiz apps, its answers are those of akwiz app ID.
Options are those of akwiz create, with _ in place of -. A secret stands
elsewhere: { env = "NAME" } or { file = "PATH" }. So does a Plex token:
plex = { client_id = "ID", token = { file = "PATH" }, servers = ["ID"] }
is the account of an earlier sign-in; a source that exists brings its own.

Examples:
  akwiz apply -f apps.toml --dry-run
  akwiz apply -f apps.toml --yes --settings-dir settings
  akwiz apply -f apps.toml --yes --prune
  generate-apps | akwiz apply -f - --yes"#;

/// What `apply` is told.
#[derive(Debug, Clone, Args)]
pub struct ApplyOptions {
    /// The file that says which applications and login sources there should be; - is standard input
    #[arg(short, long, value_name = "FILE")]
    pub file: PathBuf,
    /// Show what would be done, and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Remove what a former run of the same file made and the file no longer has
    #[arg(long)]
    pub prune: bool,
    /// Do it without asking
    #[arg(short, long)]
    pub yes: bool,
    /// Type a confirmation that is asked for besides, such as the slug of something in use; once for each
    #[arg(long, value_name = "TEXT")]
    pub confirm: Vec<String>,
    /// Exit with 10 when there is nothing to change
    #[arg(long)]
    pub detailed_exitcode: bool,
    /// How many requests are under way at once at most; fewer when the server is busy
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u8).range(1..=64))]
    pub concurrency: u8,
    /// Write the client settings of each application that is made to DIR/SLUG.txt, for your eyes only: secrets are in them
    #[arg(long, value_name = "DIR")]
    pub settings_dir: Option<PathBuf>,
}

/// Plans all, asks once, and makes it so.
///
/// # Errors
/// When the file is wrong, it was not confirmed, or something could not be done.
pub(super) async fn run(global: &GlobalOptions, options: &ApplyOptions, output: &Output) -> Result<Ended> {
    let engine = Engine::new();
    let Started { session, client, mut wanting, facts, found } = start(global, options, &engine).await?;
    // Its thread is awake when the first receipt comes.
    let keeper = Keeper::start(Arc::clone(&session.receipts))?;
    wanting.resolve(&facts, &client).await?;
    // Freeing thousands of small things one by one takes longer than to end.
    let command = ManuallyDrop::new(Command { options, output, session: &session, client, engine, wanting, keeper });
    command.run(facts, found).await
}

/// Finds out whether settings can be written to `dir` before anything is made: the secrets in them are not shown again.
fn try_folder(dir: &Path) -> Result<()> {
    let trial = dir.join(".akwiz-trial");
    write_private(&trial, b"").and_then(|()| std::fs::remove_file(&trial)).map_err(|error| {
        Error::new(Kind::Usage, format!("Settings cannot be written to {}.", dir.display()))
            .hint("Nothing was changed. Name a folder that you may write to.")
            .caused_by(error)
    })
}

/// What planning begins with.
struct Started {
    session: Session,
    /// Its requests keep to the pace that the server takes.
    client: Client,
    wanting: Wanting,
    facts: Facts,
    found: Inventory,
}

/// Reads the file while the server is found and its lists are read. What is wrong with the file is said first, and without waiting for a
/// server.
async fn start(global: &GlobalOptions, options: &ApplyOptions, engine: &Engine) -> Result<Started> {
    let (tell, told) = oneshot::channel();
    let mut reading = std::pin::pin!(async {
        // The server works on its first answers meanwhile.
        tokio::task::yield_now().await;
        let wanting = Wanting::read(&options.file, &session::catalog(global)?, engine).await?;
        if let Some(dir) = options.settings_dir.as_deref().filter(|_| !options.dry_run) {
            try_folder(dir)?;
        }
        if options.prune && !wanting.is_named {
            return Err(Error::new(Kind::Usage, "What came in by standard input has no name, so its former runs are not known.")
                .hint("Begin it with a line such as: name = \"homelab\""));
        }
        // Whoever wanted to know may have gone.
        let _ = tell.send(many::wanted(&wanting.wishes));
        Ok(wanting)
    });
    let mut opening = std::pin::pin!(async {
        let session = Session::open(global).await?;
        let client = session.client.paced(Arc::new(Pacer::new(options.concurrency.into())));
        let wanted = async { told.await.unwrap_or_default() };
        let (facts, found) =
            futures_util::join!(client.shared_facts(&session.public, session.version()), client.inventory(wanted));
        Ok::<_, Error>((session, client, facts?, found?))
    });
    let (wanting, opened) = tokio::select! {
        biased;
        opened = &mut opening => (reading.await?, opened),
        wanting = &mut reading => (wanting?, opening.await),
    };
    let (session, client, facts, found) = opened?;
    Ok(Started { session, client, wanting, facts, found })
}

struct Command<'a> {
    options: &'a ApplyOptions,
    output: &'a Output,
    session: &'a Session,
    client: Client,
    engine: Engine,
    wanting: Wanting,
    keeper: Keeper,
}

impl Command<'_> {
    async fn run(&self, facts: Facts, found: Inventory) -> Result<Ended> {
        let (options, output) = (self.options, self.output);
        let mut changes = String::new();
        let survey = self.survey(facts, found, &mut changes).await?;
        let leftovers = self.leftovers(&survey.facts).await?;
        let renewed = renewed::renewed(&self.wanting, &survey, self.session.receipts.as_ref())?;
        self.show(&survey, &changes, &leftovers, &renewed)?;
        let blocked = survey.counts()[3];
        let nothing = survey.is_settled() && leftovers.is_empty();
        let mut document = output.is_json().then(|| ApplyDocument::new(&self.wanting, &survey, &leftovers, &renewed));
        if nothing || options.dry_run {
            if !options.dry_run {
                renewed::keep(&renewed, self.session.receipts.as_ref())?;
            }
            self.print(document.as_ref())?;
            return match blocked {
                0 if nothing && renewed.is_empty() && options.detailed_exitcode => Ok(Ended::NothingToChange),
                0 => Ok(Ended::Done),
                _ => Err(Self::not_all(blocked, 0, 0, false)),
            };
        }
        let survey = self.confirmed(survey, &leftovers).await?;
        renewed::keep(&renewed, self.session.receipts.as_ref())?;
        let (report, unmade) = self.apply(survey).await;
        let pruned = if report.stopped {
            Pruned { missing: leftovers.applications.len(), ..Pruned::default() }
        } else {
            prune::prune(&self.client, self.session.receipts.as_ref(), &leftovers, output).await
        };
        for notice in &report.notices {
            output.notice(notice);
        }
        if let Some(document) = &mut document {
            document.done(&report, &pruned);
        }
        self.print(document.as_ref())?;
        self.end(&report, unmade, blocked + pruned.missing)
    }

    fn print(&self, document: Option<&ApplyDocument>) -> Result<()> {
        document.map_or(Ok(()), |document| self.output.document("apply", VERSION, document))
    }

    /// Plans. `changes` takes what changes in what exists, or everything with `-v`.
    async fn survey(&self, facts: Facts, found: Inventory, changes: &mut String) -> Result<Survey> {
        let verbose = self.output.is_verbose();
        let mint = |template: &_| session::credentials(template);
        let mut see = |index: usize, plan: &Plan| {
            // What lets people sign in is shown whole: it can hold Python that runs inside authentik.
            let whole = verbose || self.wanting.wishes[index].source().is_some();
            if !whole && plan.actions.iter().all(|action| matches!(action, Action::Create { .. })) {
                return;
            }
            for item in diff(plan) {
                if whole || item.verb == Verb::Change {
                    plan::add_item(changes, &item);
                }
            }
        };
        // Receipts are read when something that exists would be changed, and once.
        let (server, made_here) = (facts.api_url.clone(), OnceCell::new());
        let ours = |id: &str| {
            let made_here = made_here.get_or_init(|| many::was_made_here(self.session.receipts.as_ref(), &server));
            made_here.as_ref().is_ok_and(|ids| ids.contains(id))
        };
        // Settings are texts, and those need the scope of the plan.
        let keep = if self.options.settings_dir.is_some() { 0 } else { many::KEPT };
        let mut planning = Planning { engine: &self.engine, keep, ours: &ours, mint: &mint, see: &mut see };
        let survey = many::survey(&self.client, &self.wanting.wishes, facts, found, &mut planning).await?;
        made_here.into_inner().transpose()?;
        Ok(survey)
    }

    async fn leftovers(&self, facts: &Facts) -> Result<Leftovers> {
        if !self.options.prune {
            return Ok(Leftovers::default());
        }
        let wanted: HashSet<String> = self.wanting.wishes.iter().flat_map(Wish::marks).map(|mark| mark.to_lowercase()).collect();
        let server = self.client.base().as_str().trim_end_matches('/');
        let receipts = self.session.receipts.as_ref();
        let mut leftovers = many::leftovers(receipts, server, &self.wanting.name, &|mark| wanted.contains(mark))?;
        let mint = |template: &_| session::credentials(template);
        many::leave_what_is_wanted(&mut leftovers, &self.wanting.wishes, facts, &self.engine, &mint);
        many::leave_what_is_used(&self.client, &mut leftovers).await?;
        Ok(leftovers)
    }

    /// The one plan for all.
    fn show(&self, survey: &Survey, changes: &str, leftovers: &Leftovers, renewed: &[Receipt]) -> Result<()> {
        let output = self.output;
        for gap in &survey.facts.gaps {
            output.note(&format!("note: {gap}"));
        }
        for (notice, slug, count) in &survey.notices {
            let mut notice = notice.clone();
            let others = if *count > 1 { format!(" and {} more", count - 1) } else { String::new() };
            notice.text = format!("{slug}{others}: {}", notice.text);
            output.notice(&notice);
        }
        let mut text = String::new();
        // Whole: an expression of a scope mapping is Python that runs inside authentik.
        for item in diff::of(&survey.shared) {
            plan::add_item(&mut text, &item);
        }
        for (wish, state) in self.wanting.wishes.iter().zip(&survey.states) {
            match state {
                State::Create { name, .. } if wish.source().is_some() => {
                    let _ = writeln!(text, "+ create {} “{name}” ({}), a login source", wish.slug(), wish.template.id);
                }
                State::Create { name, access, .. } => {
                    let who = if access.is_empty() { "everyone".to_owned() } else { access.join(", ") };
                    let _ = writeln!(text, "+ create {} “{name}” ({}), for {who}", wish.slug(), wish.template.id);
                }
                State::Change { .. } => {
                    let _ = writeln!(text, "~ change {} ({})", wish.slug(), wish.template.id);
                }
                State::Blocked { why, hint } => {
                    let hint = hint.as_ref().map(|hint| format!("\n    {hint}")).unwrap_or_default();
                    let _ = writeln!(text, "! leave {}: {why}{hint}", wish.slug());
                }
                State::Same => {}
            }
        }
        for leftover in &leftovers.applications {
            let _ = writeln!(text, "- remove {}, which a former run of this file made", leftover.slug);
        }
        for leftover in &leftovers.shared {
            let _ = writeln!(text, "- remove “{}” too, unless something uses it", leftover.name);
        }
        if !changes.is_empty() {
            let _ = write!(text, "\n{changes}");
        }
        let [create, change, same, blocked] = survey.counts();
        let blocked = if blocked > 0 { format!(", {blocked} left alone") } else { String::new() };
        for receipt in renewed {
            let _ = writeln!(text, "~ keep the new answers of {}: they change what to enter there", renewed::slug(receipt));
        }
        if survey.is_settled() && leftovers.is_empty() && blocked.is_empty() {
            text.push_str(if renewed.is_empty() {
                "Nothing to do: everything is as it should be."
            } else {
                "Nothing to do in authentik. What to enter in an application: akwiz settings SLUG"
            });
        } else {
            let removed = leftovers.applications.len();
            let _ = write!(
                text,
                "Plan: {create} to create, {change} to change, {removed} to remove, {same} as they should be{blocked}."
            );
        }
        output.result(&text)
    }

    /// Has the plan confirmed, and looks again if that took a person's time.
    async fn confirmed(&self, survey: Survey, leftovers: &Leftovers) -> Result<Survey> {
        let (options, output) = (self.options, self.output);
        let mut asked = false;
        let mut seen = HashSet::new();
        for confirmation in survey.states.iter().flat_map(State::confirmations) {
            let wanted = confirmation.wanted();
            if seen.insert(wanted.to_owned()) {
                asked |= !options.confirm.iter().any(|typed| typed == wanted);
                output.confirm_typed(wanted, confirmation.why(), &options.confirm)?;
            }
        }
        output.confirm(options.yes)?;
        if options.yes && !asked {
            return Ok(survey);
        }
        let shared = self.client.shared_facts(&self.session.public, self.session.version());
        let wanted = std::future::ready(many::wanted(&self.wanting.wishes));
        let (facts, found) = futures_util::join!(shared, self.client.inventory(wanted));
        let fresh = self.survey(facts?, found?, &mut String::new()).await?;
        let same = fresh.is_like(&survey) && self.leftovers(&fresh.facts).await? == *leftovers;
        if same {
            return Ok(fresh);
        }
        Err(Error::new(Kind::Conflict, "authentik has changed since the plan was shown.")
            .hint("Nothing was changed. Run the same command again."))
    }

    /// Does it. Gives also how many of the shared things could not be made.
    async fn apply(&self, survey: Survey) -> (Report, usize) {
        let output = self.output;
        let (stop, run) = (AtomicBool::new(false), session::run_id());
        let [create, change, ..] = survey.counts();
        let mut bar = Bar::new(output, create + change);
        let mint = |template: &_| session::credentials(template);
        let work = Work {
            client: &self.client,
            most: self.options.concurrency.into(),
            engine: &self.engine,
            wishes: &self.wanting.wishes,
            mint: &mint,
            receipts: self.session.receipts.as_ref(),
            keeper: &self.keeper,
            file: &self.wanting.name,
            now: session::now(),
            run: &run,
            stop: &stop,
        };
        let unmade = Cell::new(0);
        let mut tell = |event: Event<'_>| {
            unmade.set(unmade.get() + usize::from(matches!(event, Event::Shared(_, Err(_)))));
            self.tell(&event, &mut bar);
        };
        let working = many::run(&work, survey, &mut tell);
        let mut working = std::pin::pin!(working);
        let result = tokio::select! {
            result = &mut working => result,
            // What is under way is finished and recorded: leaving now could lose its answer.
            Ok(()) = tokio::signal::ctrl_c() => {
                stop.store(true, Ordering::Relaxed);
                // The terminal has put ^C behind the bar.
                output.status("");
                output.note("Stopping when what is under way has ended.");
                working.await
            }
        };
        (result, unmade.get())
    }

    fn tell(&self, event: &Event<'_>, bar: &mut Bar<'_>) {
        match event {
            Event::Shared(name, Ok(())) => bar.note(&format!("   done  “{name}”")),
            Event::Shared(name, Err(error)) => bar.note(&format!(" failed  “{name}”: {}", error.message)),
            Event::Done(index, outcome) => {
                bar.ended(&format!("   done  {}", self.wanting.wishes[*index].slug()), false);
                if let Some(error) =
                    self.options.settings_dir.as_ref().and_then(|dir| self.write_settings(dir, *index, outcome).err())
                {
                    bar.note(&format!("warning: {}", error.message));
                }
            }
            Event::Failed(index, failure) => {
                let mut line = format!(" failed  {}: {}", self.wanting.wishes[*index].slug(), failure.error.message);
                if let Some(hint) = failure.error.hints.first() {
                    let _ = write!(line, "\n         {hint}");
                }
                for left in &failure.made {
                    let _ = write!(line, "\n         left behind: {left}");
                }
                bar.ended(&line, true);
            }
        }
    }

    fn write_settings(&self, dir: &Path, index: usize, outcome: &Outcome) -> Result<()> {
        let wish = &self.wanting.wishes[index];
        let name = wish.marks().next().unwrap_or_default().replace('/', "-");
        let path = dir.join(format!("{name}.txt"));
        let sheet = Sheet { engine: &self.engine, template: &wish.template, scope: &outcome.scope, reveal: true };
        let mut text = sheet.text()?.expose_secret().to_owned();
        text.push('\n');
        write_private(&path, text.as_bytes()).map_err(|error| {
            Error::new(Kind::Internal, format!("The settings of {} cannot be written to {}.", wish.slug(), path.display()))
                .hint(format!("See them: akwiz settings {}", wish.slug()))
                .caused_by(error)
        })
    }

    fn end(&self, report: &Report, unmade: usize, not_done: usize) -> Result<Ended> {
        let (failed, untried) = (report.failed.len(), report.untried.len());
        let all = report.done + failed + untried;
        if !self.output.is_json() && all > 0 {
            self.output.result(&format!("{} of {all} done.", report.done))?;
        }
        let failed = failed + unmade;
        if report.done > 0 && self.session.keeps_receipts() {
            self.output.note("Client settings of one of them: akwiz settings SLUG. What was done is in: akwiz receipts");
        }
        if failed + untried + not_done == 0 {
            return Ok(Ended::Done);
        }
        Err(Self::not_all(not_done, failed, untried, report.stopped))
    }

    fn not_all(left: usize, failed: usize, untried: usize, stopped: bool) -> Error {
        let mut parts = Vec::new();
        for (count, what) in [(failed, "failed"), (untried, "not begun"), (left, "left as they are")] {
            if count > 0 {
                parts.push(format!("{count} {what}"));
            }
        }
        let kind = if stopped { Kind::Cancelled } else { Kind::Partial };
        let (start, hint) = if stopped {
            ("Stopped", "Run the same command again: it does what is missing and nothing twice.")
        } else {
            let again = "When the cause is gone, run the same command again: it does what is missing and nothing twice.";
            ("Not everything is as the file wants it", again)
        };
        Error::new(kind, format!("{start}: {}.", parts.join(", "))).hint(hint)
    }
}
