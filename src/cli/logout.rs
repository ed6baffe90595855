//! `akwiz logout`.

use serde::Serialize;

use super::document::VERSION;
use super::global::GlobalOptions;
use super::output::Output;
use super::{reach, status};
use crate::error::Result;
use crate::secrets::{self, TokenStore as _};

/// What became of the token that was kept.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "logout"))]
pub(super) struct LogoutDocument {
    /// The origin that it was kept for.
    server: String,
    /// There was one, and it is gone. Its validity in authentik is not changed.
    removed: bool,
}

/// Removes the token from every keyring.
///
/// # Errors
/// When it is not known for which server.
pub(super) fn run(global: &GlobalOptions, output: &Output) -> Result<()> {
    status::not_in_demo(global)?;
    let store = secrets::Keyring::new();
    let mut document = LogoutDocument { server: String::new(), removed: false };
    for origin in reach::origins(global)? {
        if document.server.is_empty() {
            document.server.clone_from(&origin);
        }
        if store.forget(&origin) {
            document = LogoutDocument { server: origin, removed: true };
        }
    }
    if output.is_json() {
        return output.document("logout", VERSION, &document);
    }
    let server = &document.server;
    output.result(&if document.removed {
        format!("The token for {server} is not kept any more. In authentik it stays valid until it is removed there.")
    } else {
        format!("No token is kept for {server}.")
    })?;
    if std::env::var_os(secrets::VARIABLE).is_some() {
        output.warning(&format!("{} is set, and commands go on using it.", secrets::VARIABLE));
    }
    Ok(())
}
