//! The stand-in on a thread of its own, for the wizard: its loop has a runtime that ends before the program does.

use std::net::TcpListener;

use secrecy::SecretString;
use tokio::sync::oneshot::{Sender, channel};
use url::Url;

use crate::demo::{Options, StandIn, admin_token};
use crate::error::{Error, Kind, Result};

/// The address that the stand-in is said to have, so that settings look like real ones.
pub const PUBLIC: &str = "https://auth.home.example";

/// A stand-in that runs until this is dropped.
pub struct Background {
    url: String,
    _stop: Sender<()>,
}

impl Background {
    /// Starts it. Its port is bound when this returns; what it holds is made on its own thread, so that the first frame need not wait.
    ///
    /// # Errors
    /// When there is no port or no thread for it.
    pub fn start() -> Result<Self> {
        let failed = |error| Error::new(Kind::Internal, "The stand-in cannot be started.").caused_by(error);
        let listener = TcpListener::bind(("127.0.0.1", 0)).map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        let url = format!("http://{}", listener.local_addr().map_err(failed)?);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
        let (stop, stopped) = channel();
        let run = async move {
            let server = tokio::net::TcpListener::from_std(listener).and_then(|port| StandIn::serve(port, Options::default()));
            match server {
                Ok(_server) => drop(stopped.await),
                Err(error) => tracing::error!(%error, "the stand-in cannot serve"),
            }
        };
        std::thread::Builder::new().name("stand-in".to_owned()).spawn(move || runtime.block_on(run)).map_err(failed)?;
        Ok(Self { url, _stop: stop })
    }

    /// Its address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where its Plex answers.
    ///
    /// # Errors
    /// Never while the stand-in gives a web address.
    pub fn plex_url(&self) -> Result<Url> {
        Url::parse(&self.url).map_err(|error| Error::new(Kind::Internal, "The stand-in has no web address.").caused_by(error))
    }

    /// A token for it.
    pub fn token(&self) -> SecretString {
        admin_token()
    }
}
