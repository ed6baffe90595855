//! `akwiz watch`.

use clap::Args;
use clap_complete::ArgValueCompleter;
use serde::Serialize;

use super::completions;
use super::document::VERSION;
use super::global::GlobalOptions;
use super::output::Output;
use super::session::Session;
use super::subject;
use crate::checks::watch::{End, NO_TRACE, News, QUIET, SystemClock, Watched, follow};
use crate::error::{Ended, Error, Result};

/// What `watch` is told.
#[derive(Debug, Clone, Default, Args)]
#[command(after_help = "Examples:
  akwiz watch portainer      then sign in to Portainer in a private window")]
pub struct WatchOptions {
    /// The application's slug, as its address in authentik has it
    #[arg(add = ArgValueCompleter::new(completions::slugs))]
    pub slug: String,
    /// Go on after the first sign-in
    #[arg(long)]
    pub all: bool,
}

/// What happened while it was watched.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "watch"))]
pub(super) struct WatchDocument {
    /// The application's slug.
    slug: String,
    /// Its name.
    name: String,
    /// Somebody signed in.
    signed_in: bool,
    /// What happened, in order.
    news: Vec<NewsDocument>,
}

/// One thing that happened.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "news"))]
struct NewsDocument {
    /// `signed_in`, `let_through`, `no_token`, `refused`, `wrong_redirect`, `login_failed` or `failed`.
    what: &'static str,
    /// Who it was about; empty where authentik does not say.
    who: String,
    /// What happened.
    text: String,
    /// What mends it.
    fix: Option<String>,
}

impl NewsDocument {
    fn new(news: &News) -> Self {
        let fix = news.mend.as_ref().map(|mend| mend.text.clone());
        Self { what: news.what.as_str(), who: news.who.clone(), text: news.text.clone(), fix }
    }
}

/// Follows authentik's log until somebody has signed in, or nothing happens for long.
///
/// # Errors
/// When the application cannot be found, or the log cannot be read.
pub(super) async fn run(global: &GlobalOptions, options: &WatchOptions, output: &Output) -> Result<Ended> {
    let session = Session::open_for_api(global).await?;
    let subject = subject::find(&session, global, &options.slug).await?;
    let watched = Watched::new(&subject.application, &subject.provider);
    output.note(&format!(
        "Watching sign-ins to {}. Sign in now; it ends after {} minutes without news, or with Ctrl-C.",
        watched.name,
        QUIET.as_secs() / 60
    ));
    output.note(&format!("{NO_TRACE} Ask: akwiz check {} --user=NAME", watched.slug));
    let mut heard = Vec::new();
    let mut signed_in = false;
    let mut printed = Ok(());
    let end = follow(&session.client, &watched, &SystemClock, |news| {
        signed_in |= news.done;
        printed = tell(output, &news);
        heard.push(NewsDocument::new(&news));
        printed.is_ok() && (options.all || !news.done)
    });
    let end = end.await.map_err(|error| {
        let missing = error.is_missing_right();
        let error = Error::from(error);
        if missing { error.hint("Reading the log needs the right authentik_events.view_event.") } else { error }
    })?;
    printed?;
    if end == End::TimeUp {
        output.note("Nothing has happened for long, so watching has ended.");
    }
    if output.is_json() {
        let document = WatchDocument { slug: watched.slug, name: watched.name, signed_in, news: heard };
        output.document("watch", VERSION, &document)?;
    }
    Ok(if signed_in { Ended::Done } else { Ended::Findings })
}

fn tell(output: &Output, news: &News) -> Result<()> {
    output.result(&news.text)?;
    match &news.mend {
        Some(mend) => output.result(&format!("  fix: {}", mend.text)),
        None => Ok(()),
    }
}
