//! `akwiz status`.

use std::fmt::Write as _;

use serde::Serialize;

use super::document::VERSION;
use super::global::GlobalOptions;
use super::output::Output;
use super::reach::Reached;
use super::session::find_token;
use crate::authentik::Client;
use crate::authentik::rights::Right;
use crate::authentik::users::User;
use crate::error::{Error, Kind, Result};
use crate::secrets;

/// Which server, whose token, and which rights it lacks.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "status"))]
pub(super) struct StatusDocument {
    /// The address of the API.
    server: String,
    /// The address that browsers and applications use; null where it has to be said (`--public-url`).
    public_url: Option<String>,
    /// authentik's version, where it says it.
    version: Option<String>,
    /// Whose token it is.
    user: String,
    /// Whether that account has every right.
    superuser: bool,
    /// Where the token comes from.
    token_from: String,
    /// The rights that the token lacks for connecting applications.
    missing_rights: Vec<RightDocument>,
}

/// A right.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "right"))]
pub(super) struct RightDocument {
    /// Its name in authentik's admin interface.
    title: &'static str,
    /// Its code name.
    codename: &'static str,
}

/// Asks the server who the token belongs to.
///
/// # Errors
/// When the server cannot be reached, or there is no token that it accepts.
pub(super) async fn run(global: &GlobalOptions, output: &Output) -> Result<()> {
    not_in_demo(global)?;
    let Reached { found, public, trust, .. } = Reached::new(global).await?;
    let secrets::Found { token, source } = find_token(global, &found.base, &secrets::Keyring::new())?;
    let base = public.as_ref().unwrap_or(&found.base);
    let client = Client::with_public_address(&found.base, base, &trust, global.timeouts())?.signed_in(token)?;
    let me = client.me().await?;
    let version = match found.version {
        Some(version) => Some(version),
        None => client.version().await.ok().flatten(),
    };
    let document = StatusDocument {
        server: found.base.as_str().trim_end_matches('/').to_owned(),
        public_url: public.map(|public| public.as_str().trim_end_matches('/').to_owned()),
        version: version.map(|version| version.to_string()),
        missing_rights: missing_rights(&client, &me).await?,
        user: me.username,
        superuser: me.is_superuser,
        token_from: source.to_string(),
    };
    if output.is_json() {
        return output.document("status", VERSION, &document);
    }
    output.result(document.text().trim_end())?;
    tell_rights(&document.missing_rights, output);
    Ok(())
}

impl StatusDocument {
    fn text(&self) -> String {
        let mut text = format!("authentik {} at {}\n", self.version.as_deref().unwrap_or("of unknown version"), self.server);
        let public = self.public_url.as_deref().unwrap_or("not known; say it with --public-url");
        let _ = writeln!(text, "Public address: {public}");
        let who = if self.superuser { "a superuser" } else { "no superuser" };
        let _ = writeln!(text, "Token: of “{}”, {who}; from {}", self.user, self.token_from);
        text
    }
}

/// The rights that the token lacks for connecting applications.
///
/// # Errors
/// When the server cannot be asked.
pub(super) async fn missing_rights(client: &Client, me: &User) -> Result<Vec<RightDocument>> {
    let rights = client.rights(me, &Right::FOR_APPLICATIONS).await?;
    let document = |right: &Right| RightDocument { title: right.title(), codename: right.codename() };
    Ok(rights.missing.iter().map(document).collect())
}

/// Says which rights are missing.
pub(super) fn tell_rights(missing: &[RightDocument], output: &Output) {
    for right in missing {
        output.warning(&format!("The token lacks the right “{}” ({}).", right.title, right.codename));
    }
}

/// Refuses `--demo`, where there is nothing to sign in to.
///
/// # Errors
/// With `--demo`.
pub(super) fn not_in_demo(global: &GlobalOptions) -> Result<()> {
    if global.demo {
        return Err(Error::new(Kind::Usage, "The stand-in has its own token, and keeps none.")
            .hint("Leave --demo out, and say where authentik is: --url=ADDRESS"));
    }
    Ok(())
}
