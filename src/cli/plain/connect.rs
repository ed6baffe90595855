//! Where authentik is, and the token.

use secrecy::SecretString;

use crate::authentik::address::Address;
use crate::authentik::connect::{Found, NotFound, probe};
use crate::authentik::failure::ConnectFailure;
use crate::authentik::tls::Presented;
use crate::cli::ask;
use crate::cli::dialog::Dialog;
use crate::cli::global::GlobalOptions;
use crate::cli::{reach, session};
use crate::config::{Config, Files, Paths};
use crate::error::{Error, Kind, Result};
use crate::secrets::Keyring;

/// Asks until authentik is found and there is a token. Gives the options that say so, and the token if it was typed.
///
/// # Errors
/// When the person leaves.
pub(super) async fn connect(global: &GlobalOptions, dialog: &mut dyn Dialog) -> Result<(GlobalOptions, Option<SecretString>)> {
    let mut global = global.clone();
    if global.demo {
        return Ok((global, None));
    }
    let files = Files::on_disk(Paths::of_this_machine()?);
    let config = files.config()?;
    let known = reach::known_address(&global, &files, &config)?;
    // What was said on the command line is not asked again, unless it turns out wrong.
    let mut given = known.clone().filter(|_| global.url.is_some() || global.profile.is_some());
    loop {
        let typed = match (given.take(), &known) {
            (Some(given), _) => given,
            (None, Some(known)) => Some(dialog.ask(&format!("\nauthentik's address [{known}]:"))?)
                .filter(|typed| !typed.trim().is_empty())
                .unwrap_or_else(|| known.clone()),
            (None, None) => dialog.ask("\nauthentik's address, such as https://auth.example.com:")?,
        };
        match look(&mut global, &config, dialog, &typed).await {
            Ok((found, public)) => {
                if global.profile.is_none() {
                    global.url = Some(typed);
                }
                if found.reach.needs_public_address() && public.is_none() {
                    dialog.say("Only this machine or network can reach that address.");
                    global.public_url = Some(dialog.ask("The address that browsers and applications use:")?);
                }
                match session::find_token(&global, &found.base, &Keyring::new()) {
                    Ok(_) => return Ok((global, None)),
                    Err(error) => tell(dialog, &error),
                }
                let token = ask::secret(dialog, "The token, typed unseen")?;
                return Ok((global, Some(token)));
            }
            Err(error) if error.kind == Kind::Cancelled => return Err(error),
            Err(error) => tell(dialog, &error),
        }
    }
}

/// Looks for authentik; a certificate that is not trusted is shown, and accepted only by a typed yes.
async fn look(
    global: &mut GlobalOptions,
    config: &Config,
    dialog: &mut dyn Dialog,
    typed: &str,
) -> Result<(Found, Option<String>)> {
    let address = Address::parse(typed).map_err(|error| Error::new(Kind::Usage, error.to_string()))?;
    let (trust, public) = reach::known_server(global, config, &address)?;
    let failure = match probe(&address, &trust, global.timeouts()).await {
        Ok(found) => return Ok((found, public)),
        Err(failure) => failure,
    };
    let Some(shown) = shown(&failure) else { return Err(failure.into()) };
    let fingerprint = shown.fingerprint;
    tell(dialog, &Error::from(failure));
    let answer = dialog.ask("If the fingerprint is your server's, type yes to trust it this time:")?;
    if !answer.eq_ignore_ascii_case("yes") {
        return Err(Error::new(Kind::Cancelled, "The certificate was not accepted."));
    }
    global.fingerprint.push(fingerprint);
    let (trust, public) = reach::known_server(global, config, &address)?;
    Ok((probe(&address, &trust, global.timeouts()).await?, public))
}

fn tell(dialog: &mut dyn Dialog, error: &Error) {
    dialog.say(&error.message);
    for hint in &error.hints {
        dialog.say(&format!("  {hint}"));
    }
}

fn shown(failure: &NotFound) -> Option<&Presented> {
    match failure {
        NotFound::Connection {
            failure: ConnectFailure::NotTrusted(shown) | ConnectFailure::WrongName(shown) | ConnectFailure::OutOfDate(shown),
            ..
        } => shown.as_deref(),
        _ => None,
    }
}
