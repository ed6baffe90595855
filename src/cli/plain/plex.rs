//! Signing in to Plex by a code.

use std::time::Duration;

use url::Url;

use crate::authentik::plex_tv::{Code, LINK_PAGE, PlexTv, client_identifier};
use crate::cli::dialog::Dialog;
use crate::error::Result;
use crate::setup::answers::PlexAccount;

/// Between two looks whether the code was used.
const PAUSE: Duration = Duration::from_secs(2);

/// Shows a code, waits until somebody has signed in with it, and asks which servers count.
///
/// # Errors
/// When nobody signs in, or plex.tv cannot be reached.
pub(super) async fn sign_in(base: &Url, dialog: &mut dyn Dialog) -> Result<PlexAccount> {
    dialog.say("\nSign in to Plex. The token that comes of it reaches the whole account; authentik keeps it.");
    let plex = PlexTv::new(base, client_identifier())?;
    let token = loop {
        let pin = plex.create_pin(Code::Short).await?;
        dialog.say(&format!("Open {LINK_PAGE} and type this code: {}\nWaiting until that is done.", pin.code));
        match plex.wait(&pin, PAUSE).await {
            Ok(token) => break token,
            Err(error) => {
                dialog.say(&error.to_string());
                dialog.ask("Enter for a new code:")?;
            }
        }
    };
    let servers = plex.servers(&token).await?;
    let mut allowed = Vec::new();
    if !servers.is_empty() {
        dialog.say("Whoever these servers are shared with may sign in:");
        for (number, server) in servers.iter().enumerate() {
            dialog.say(&format!("  {}. {}", number + 1, server.name));
        }
        while allowed.is_empty() {
            let typed = dialog.ask("Numbers, separated by commas [all]:")?;
            allowed = match typed.trim() {
                "" | "all" => servers.iter().map(|server| server.id.clone()).collect(),
                typed => typed
                    .split([',', ' '])
                    .filter_map(|number| servers.get(number.trim().parse::<usize>().ok()?.checked_sub(1)?))
                    .map(|server| server.id.clone())
                    .collect(),
            };
        }
    }
    Ok(PlexAccount { client_identifier: plex.client_identifier().to_owned(), token, servers, allowed })
}
