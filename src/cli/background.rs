//! The stand-in on a thread of its own, for the wizard: its loop has a runtime that ends before the program does.

use secrecy::SecretString;
use tokio::sync::oneshot::{Sender, channel};
use url::Url;

use crate::demo::{Options, StandIn};
use crate::error::{Error, Kind, Result};

/// The address that the stand-in is said to have, so that settings look like real ones.
pub const PUBLIC: &str = "https://auth.home.example";

/// A stand-in that runs until this is dropped.
pub struct Background {
    server: StandIn,
    _stop: Sender<()>,
}

impl Background {
    /// Starts it.
    ///
    /// # Errors
    /// When there is no port or no thread for it.
    pub fn start() -> Result<Self> {
        let failed = |error| Error::new(Kind::Internal, "The stand-in cannot be started.").caused_by(error);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
        let server = runtime.block_on(StandIn::start(Options::default())).map_err(failed)?;
        let (stop, stopped) = channel();
        std::thread::Builder::new().name("stand-in".to_owned()).spawn(move || runtime.block_on(stopped)).map_err(failed)?;
        Ok(Self { server, _stop: stop })
    }

    /// Its address.
    pub fn url(&self) -> &str {
        self.server.base_url()
    }

    /// Where its Plex answers.
    ///
    /// # Errors
    /// Never while the stand-in gives a web address.
    pub fn plex_url(&self) -> Result<Url> {
        Url::parse(self.server.plex_url())
            .map_err(|error| Error::new(Kind::Internal, "The stand-in has no web address.").caused_by(error))
    }

    /// A token for it.
    pub fn token(&self) -> SecretString {
        self.server.token()
    }
}
