//! Options that every command has.

use std::path::PathBuf;

use clap::{ArgAction, Args};

use crate::authentik::Fingerprint;
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
    /// How the wizard copies, where it guesses wrong: auto, osc52, tmux, desktop or off
    #[arg(long, global = true, value_name = "WAY")]
    pub clipboard: Option<Choice>,
    /// Draw the wizard with ASCII only
    #[arg(long, global = true)]
    pub ascii: bool,
    /// No color
    #[arg(long, global = true)]
    pub no_color: bool,
    /// Let the wizard take the mouse
    #[arg(long, global = true)]
    pub mouse: bool,
    /// Say more: the causes of errors
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub verbose: u8,
}
