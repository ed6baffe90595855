//! `akwiz login`.

use clap::Args;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;

use super::document::VERSION;
use super::global::GlobalOptions;
use super::output::Output;
use super::reach::Reached;
use super::secret_input;
use super::status::{self, RightDocument};
use crate::authentik::Client;
use crate::config::Profile;
use crate::error::{Error, Kind, Result};
use crate::secrets::{self, Kept, TokenStore as _, read_token_file};

/// What `login` is told.
#[derive(Debug, Clone, Default, Args)]
#[command(after_help = "Examples:
  akwiz login --url=https://auth.example.com
  pass show authentik | akwiz login --url=https://auth.example.com --token-stdin
  akwiz login --url=https://auth.example.com --profile=home
  akwiz list --profile=home")]
pub struct LoginOptions {
    /// Read the token from standard input instead of asking; --token-file reads it from a file
    #[arg(long, conflicts_with = "token_file")]
    pub token_stdin: bool,
}

/// A token that is kept.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "login"))]
pub(super) struct LoginDocument {
    /// The address of the API.
    server: String,
    /// Whose token it is.
    user: String,
    /// Where it is kept.
    kept_in: &'static str,
    /// The profile that names the server (`--profile`), if one was given.
    profile: Option<String>,
    /// The rights that the token lacks for connecting applications.
    missing_rights: Vec<RightDocument>,
}

/// Tries a token and keeps it.
///
/// # Errors
/// When the server or the token is not usable, or no keyring keeps it.
pub(super) async fn run(global: &GlobalOptions, options: &LoginOptions, output: &Output) -> Result<()> {
    status::not_in_demo(global)?;
    let Reached { files, found, public, trust } = Reached::new(global).await?;
    let token = token(global, options, output)?;
    let base = public.as_ref().unwrap_or(&found.base);
    let client = Client::with_public_address(&found.base, base, &trust, global.timeouts())?.signed_in(token.clone())?;
    let me = client.me().await?;
    let missing_rights = status::missing_rights(&client, &me).await?;
    let api = found.base.as_str().trim_end_matches('/').to_owned();
    let place = match secrets::Keyring::new().save(&secrets::origin(&found.base), &token) {
        Kept::In(place) => place,
        Kept::Nowhere(reason) => {
            return Err(Error::new(
                Kind::Internal,
                format!("The token of “{}” works, but it is not kept: {reason}.", me.username),
            )
            .hint(format!("Set {} or use --token-file with each command.", secrets::VARIABLE)));
        }
    };
    let public = public.filter(|public| *public != found.base).map(|public| public.as_str().trim_end_matches('/').to_owned());
    files.update_state(|state| {
        state.last_api = Some(api.clone());
        state.last_public.clone_from(&public);
    })?;
    if let Some(name) = &global.profile {
        files.update_config(|config| {
            let profile =
                config.profiles.entry(name.clone()).or_insert_with(|| Profile { api: api.clone(), ..Profile::default() });
            profile.public = public.or_else(|| profile.public.take());
            profile.ca_file = global.ca_file.clone().or_else(|| profile.ca_file.take());
            let pinned = global.fingerprint.first().map(ToString::to_string);
            profile.fingerprint = pinned.or_else(|| profile.fingerprint.take());
        })?;
    }
    let document =
        LoginDocument { server: api, user: me.username, kept_in: place.name(), profile: global.profile.clone(), missing_rights };
    if output.is_json() {
        return output.document("login", VERSION, &document);
    }
    output.result(&format!("Signed in to {} as “{}”. {}", document.server, document.user, Kept::In(place).sentence()))?;
    status::tell_rights(&document.missing_rights, output);
    output.note("Which applications are there: akwiz list. Which can be connected: akwiz apps");
    Ok(())
}

/// The token: from a file, from standard input, or typed unseen. Never from an argument.
fn token(global: &GlobalOptions, options: &LoginOptions, output: &Output) -> Result<SecretString> {
    if let Some(path) = &global.token_file {
        return read_token_file(path);
    }
    let token = if options.token_stdin {
        secret_input::from_stdin("token")
            .map_err(|error| Error { hints: Vec::new(), ..error }.hint("Leave --token-stdin out to type it unseen."))?
    } else {
        output.ask_secret("API token").map_err(|error| match error.kind {
            Kind::Usage => error.hint("Pipe it in with --token-stdin, or use --token-file=FILE."),
            _ => error,
        })?
    };
    if token.expose_secret().is_empty() {
        return Err(Error::new(Kind::Usage, "There is no token: nothing was typed.").hint(
            "In authentik, make one under Directory > Tokens and App passwords, with the intent API Token and without expiry.",
        ));
    }
    Ok(token)
}
