//! A server at an address, for commands that follow one another.

use std::thread::JoinHandle;

use akwiz::authentik::{Client, Timeouts, Trust};
use akwiz::demo::{Options, StandIn, Version};
use reqwest::Method;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use tokio::sync::oneshot::{Sender, channel};
use url::Url;

use crate::run::{Home, Said};

/// A stand-in on a thread of its own, and a binary that knows its address and token.
pub struct Bench {
    pub server: StandIn,
    pub home: Home,
    token: SecretString,
    /// Dropping it ends the thread.
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Bench {
    pub fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let options = Options { version: Version::V2025_12, ..Options::default() };
        let server = runtime.block_on(StandIn::start(options)).unwrap();
        let (stop, stopped) = channel();
        let thread = std::thread::spawn(move || {
            let _ = runtime.block_on(stopped);
        });
        Self { token: server.token(), server, home: Home::new(), stop: Some(stop), thread: Some(thread) }
    }

    /// From now on nothing listens at its address.
    pub fn stop(&mut self) {
        self.stop = None;
        self.thread.take().unwrap().join().unwrap();
    }

    /// From now on with a token that has these rights alone.
    pub fn with_rights(&mut self, rights: &[&str]) {
        self.token = self.server.token_with(rights);
    }

    pub fn run(&self, arguments: &[&str]) -> Said {
        self.run_with(arguments, "")
    }

    pub fn run_with(&self, arguments: &[&str], input: &str) -> Said {
        let base = self.server.base_url().to_owned();
        let env = [("AUTHENTIK_TOKEN", self.token.expose_secret()), ("AUTHENTIK_URL", base.as_str())];
        let public = ["--public-url=https://auth.example.com"];
        let arguments: Vec<&str> = arguments.iter().copied().chain(public).collect();
        self.home.run_with(&arguments, input, &env)
    }

    /// Likewise, where it has to succeed.
    pub fn done(&self, arguments: &[&str]) -> Said {
        let said = self.run(arguments);
        assert_eq!(said.code, 0, "{}", said.page());
        said
    }

    pub fn receipts(&self) -> Vec<(String, String)> {
        self.home.files().into_iter().filter(|(name, _)| name.contains("receipts")).collect()
    }

    /// The object of a table of the server whose `field` is `value`.
    pub fn object(&self, table: &str, field: &str, value: &str) -> Option<Value> {
        self.server.state()[table].as_array().unwrap().iter().find(|object| object[field] == value).cloned()
    }

    /// Nothing was written since the log was cleared, but for questions about rights.
    pub fn wrote_nothing(&self) -> bool {
        self.server.log().iter().all(|entry| !entry.is_write() || !(200..300).contains(&entry.status))
    }

    /// A provider as the server has it.
    pub fn provider(&self, name: &str) -> Value {
        self.object("providers", "name", name).unwrap_or_else(|| panic!("no provider {name}"))
    }

    /// Changes a provider as somebody else would.
    pub fn spoil(&self, provider: &str, changes: &Value) {
        let pk = self.provider(provider)["pk"].to_string();
        let base = Url::parse(self.server.base_url()).unwrap();
        let client = Client::new(&base, &Trust::default(), Timeouts::default()).unwrap();
        let client = client.signed_in(self.server.token()).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let path = ["providers", "oauth2", &pk];
        let _: Value = runtime.block_on(client.write(Method::PATCH, &path, changes)).unwrap();
    }
}
