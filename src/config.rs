//! Where akwiz keeps its files, and what a person has set there.
//!
//! Two small TOML files: `config.toml` holds what was decided about each authentik (its addresses, what certificate to trust),
//! `state.toml` what is handy to remember. Neither holds a secret. Both are read again before each change, keys that akwiz does not
//! know survive it, and a file that cannot be read as TOML is reported by line and column and never overwritten.

mod store;
mod write;

use std::collections::BTreeMap;
use std::path::PathBuf;

use etcetera::BaseStrategy;
use serde::{Deserialize, Serialize};

pub use store::Files;
pub(crate) use write::create_folder;
pub use write::write_private;

use crate::error::{Error, Kind, Result};

/// The name of our folders.
const FOLDER: &str = "akwiz";
/// How many templates are remembered as recently used.
const RECENT: usize = 8;

/// The folders on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    /// For `config.toml` and a person's own templates.
    pub config: PathBuf,
    /// For `state.toml`, receipts and the log.
    pub state: PathBuf,
}

impl Paths {
    /// The folders that the XDG Base Directory Specification gives, on macOS too (`~/.config/akwiz`, `~/.local/state/akwiz`), and those
    /// of Windows there.
    ///
    /// # Errors
    ///
    /// When there is no home directory.
    pub fn of_this_machine() -> Result<Self> {
        let strategy = etcetera::choose_base_strategy().map_err(|error| {
            Error::new(Kind::Internal, "akwiz does not know where to keep its files: there is no home directory.")
                .caused_by(error)
                .hint("Set HOME, or XDG_CONFIG_HOME and XDG_STATE_HOME.")
        })?;
        let state = strategy.state_dir().unwrap_or_else(|| strategy.data_dir());
        Ok(Self { config: strategy.config_dir().join(FOLDER), state: state.join(FOLDER) })
    }

    /// The file of [`Config`].
    pub fn config_file(&self) -> PathBuf {
        self.config.join("config.toml")
    }

    /// The folder of a person's own templates.
    pub fn templates(&self) -> PathBuf {
        self.config.join("templates")
    }

    /// The file of [`State`].
    pub fn state_file(&self) -> PathBuf {
        self.state.join("state.toml")
    }

    /// The folder of the receipts.
    pub fn receipts(&self) -> PathBuf {
        self.state.join("receipts")
    }

    /// The log.
    pub fn log(&self) -> PathBuf {
        self.state.join("akwiz.log")
    }
}

/// What was decided about each authentik.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Config {
    /// Profiles by name; the name is the host unless a person chose another.
    pub profiles: BTreeMap<String, Profile>,
}

impl Config {
    /// The profile whose API is at `origin` (see [`crate::secrets::origin`]), with its name.
    pub fn profile_of(&self, origin: &str) -> Option<(&str, &Profile)> {
        let same = |profile: &Profile| profile.api.parse().is_ok_and(|api| crate::secrets::origin(&api) == origin);
        self.profiles.iter().find(|(_, profile)| same(profile)).map(|(name, profile)| (name.as_str(), profile))
    }
}

/// One authentik.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Profile {
    /// The address under which akwiz reaches the API.
    pub api: String,
    /// The address that browsers and applications use, where it differs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public: Option<String>,
    /// A file with the certificate authority to trust, in PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
    /// The SHA-256 fingerprint of the one certificate that a person has accepted, in lower-case hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
}

/// What is handy to remember.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// Ids of the templates used last, latest first.
    pub recent: Vec<String>,
    /// The address of the API that was used last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_api: Option<String>,
    /// The public address that was used last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_public: Option<String>,
}

impl State {
    /// Notes that a template was used.
    pub fn used(&mut self, template: &str) {
        put_first(&mut self.recent, template);
    }
}

/// Puts a template first among those used last, and lets go of the oldest.
pub fn put_first(recent: &mut Vec<String>, template: &str) {
    recent.retain(|known| known != template);
    recent.insert(0, template.to_owned());
    recent.truncate(RECENT);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_template_comes_first_and_once() {
        let mut state = State::default();
        for id in ["a", "b", "a", "c", "d", "e", "f", "g", "h", "i"] {
            state.used(id);
        }
        assert_eq!(state.recent, ["i", "h", "g", "f", "e", "d", "c", "a"]);
    }

    #[test]
    fn a_profile_is_found_by_origin() {
        let mut config = Config::default();
        config.profiles.insert("home".into(), Profile { api: "https://Auth.example.com:443/".into(), ..Profile::default() });
        assert_eq!(config.profile_of("https://auth.example.com").map(|(name, _)| name), Some("home"));
        assert!(config.profile_of("http://auth.example.com").is_none());
    }
}
