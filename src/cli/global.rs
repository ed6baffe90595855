//! Options that every command has.

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Args};
use clap_complete::ArgValueCompleter;

use super::completions;
use crate::authentik::{Fingerprint, Timeouts};
use crate::clipboard::Choice;

/// Options that every command has.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Global options")]
pub struct GlobalOptions {
    /// Use a stand-in for authentik inside this process instead of a server; nothing is written outside of it
    #[arg(long, global = true, conflicts_with_all = ["public_url", "token_file", "ca_file"])]
    pub demo: bool,
    /// authentik's address, as this machine reaches it
    #[arg(long, global = true, value_name = "ADDRESS", env = "AUTHENTIK_URL")]
    pub url: Option<String>,
    /// authentik's address, as browsers and applications reach it, where it differs
    #[arg(long, global = true, value_name = "ADDRESS")]
    pub public_url: Option<String>,
    /// A file with the API token; otherwise `AUTHENTIK_TOKEN` or the keyring is used
    #[arg(long, global = true, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// A file with the certificates (PEM) of an authority to trust besides the system's
    #[arg(long, global = true, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
    /// Trust the certificate with this SHA-256 fingerprint, whatever its name and issuer
    #[arg(long, global = true, value_name = "SHA256")]
    pub fingerprint: Vec<Fingerprint>,
    /// A server by its name in `config.toml`, where `akwiz login --profile=NAME` puts it; wins over --url
    #[arg(long, global = true, value_name = "NAME", conflicts_with = "demo", add = ArgValueCompleter::new(completions::profiles))]
    pub profile: Option<String>,
    /// How long to wait for an answer, in seconds; a change is given 30 at least, so that its answer is not lost
    #[arg(long, global = true, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub timeout: Option<u64>,
    /// Print one JSON document instead of text; everything else goes to standard error
    #[arg(long, global = true)]
    pub json: bool,
    /// Say nothing but the result, warnings and errors
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Never ask: what would be asked is an error that says which option answers it
    #[arg(long, global = true)]
    pub no_input: bool,
    /// How the wizard copies, where it guesses wrong: auto, osc52, tmux, desktop or off
    #[arg(long, global = true, value_name = "WAY", help_heading = "Wizard options")]
    pub clipboard: Option<Choice>,
    /// Draw the wizard with ASCII only
    #[arg(long, global = true, help_heading = "Wizard options")]
    pub ascii: bool,
    /// Ask line by line in place of drawing pages: for screen readers and terminals that cannot draw (the default with TERM=dumb)
    #[arg(long, global = true)]
    pub plain: bool,
    /// No color
    #[arg(long, global = true)]
    pub no_color: bool,
    /// Let the wizard take the mouse
    #[arg(long, global = true, help_heading = "Wizard options")]
    pub mouse: bool,
    /// Say more: the causes of errors
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub verbose: u8,
}

impl GlobalOptions {
    /// How long to wait for the server. A write is never given up early: it may have happened all the same.
    pub fn timeouts(&self) -> Timeouts {
        let usual = Timeouts::default();
        let Some(seconds) = self.timeout.map(Duration::from_secs) else { return usual };
        Timeouts { connect: seconds, read: seconds, write: seconds.max(usual.write), ..usual }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_is_never_given_up_early() {
        let timeouts = |seconds| GlobalOptions { timeout: Some(seconds), ..GlobalOptions::default() }.timeouts();
        assert_eq!((timeouts(2).read.as_secs(), timeouts(2).write.as_secs()), (2, 30));
        assert_eq!(timeouts(90).write.as_secs(), 90);
    }
}
