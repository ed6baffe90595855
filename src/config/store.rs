//! The two files, on disk or in memory.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::Serialize;
use serde::de::DeserializeOwned;
use toml::{Table, Value};

use super::{Config, Paths, State, write_private};
use crate::error::{Error, Kind, Result};

/// The first line of each file that we write.
const HEADER: &str = "# Written by akwiz. Keys that it does not know stay as they are; comments do not.\n";

/// Reads and changes the configuration and the state.
#[derive(Debug)]
pub struct Files {
    paths: Paths,
    /// The contents when nothing is to be written outside of the process.
    memory: Option<Mutex<HashMap<PathBuf, String>>>,
}

impl Files {
    /// On disk. Nothing is created before the first change.
    pub fn on_disk(paths: Paths) -> Self {
        Self { paths, memory: None }
    }

    /// In memory, for `--demo` and for tests.
    pub fn in_memory() -> Self {
        Self { paths: Paths { config: PathBuf::new(), state: PathBuf::new() }, memory: Some(Mutex::default()) }
    }

    /// The folders; none in memory.
    pub fn paths(&self) -> Option<&Paths> {
        self.memory.is_none().then_some(&self.paths)
    }

    /// The configuration; the default one where there is no file.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, or is broken: then the error names line and column.
    pub fn config(&self) -> Result<Config> {
        self.load(&self.paths.config_file()).map(|(_, config)| config)
    }

    /// Changes the configuration and returns what it is now.
    ///
    /// # Errors
    ///
    /// As [`Files::config`], and when the file cannot be written.
    pub fn update_config(&self, change: impl FnOnce(&mut Config)) -> Result<Config> {
        self.update(&self.paths.config_file(), change)
    }

    /// The state; the default one where there is no file.
    ///
    /// # Errors
    ///
    /// As [`Files::config`].
    pub fn state(&self) -> Result<State> {
        self.load(&self.paths.state_file()).map(|(_, state)| state)
    }

    /// Changes the state and returns what it is now.
    ///
    /// # Errors
    ///
    /// As [`Files::update_config`].
    pub fn update_state(&self, change: impl FnOnce(&mut State)) -> Result<State> {
        self.update(&self.paths.state_file(), change)
    }

    fn load<T: DeserializeOwned>(&self, path: &Path) -> Result<(String, T)> {
        let text = self.read(path)?;
        let value = toml::from_str(&text).map_err(|error| broken(path, &text, error.message(), error.span()))?;
        Ok((text, value))
    }

    fn update<T>(&self, path: &Path, change: impl FnOnce(&mut T)) -> Result<T>
    where
        T: Clone + PartialEq + Serialize + DeserializeOwned,
    {
        let (text, before): (String, T) = self.load(path)?;
        let mut after = before.clone();
        change(&mut after);
        if after == before {
            return Ok(after);
        }
        let mut document: Table = toml::from_str(&text).map_err(|error| broken(path, &text, error.message(), error.span()))?;
        merge(&mut document, &table(path, &before)?, &table(path, &after)?);
        self.write(path, &format!("{HEADER}\n{document}"))?;
        Ok(after)
    }

    fn read(&self, path: &Path) -> Result<String> {
        if let Some(memory) = &self.memory {
            let memory = memory.lock().unwrap_or_else(PoisonError::into_inner);
            return Ok(memory.get(path).cloned().unwrap_or_default());
        }
        match fs::read_to_string(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
            read => read.map_err(|error| failed(path, "cannot be read", error)),
        }
    }

    fn write(&self, path: &Path, text: &str) -> Result<()> {
        if let Some(memory) = &self.memory {
            memory.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_path_buf(), text.to_owned());
            return Ok(());
        }
        write_private(path, text.as_bytes()).map_err(|error| failed(path, "cannot be written", error))
    }
}

fn failed(path: &Path, what: &str, error: io::Error) -> Error {
    Error::new(Kind::Internal, format!("The file {} {what}: {error}.", path.display())).caused_by(error)
}

/// The error of a file that is no TOML, or holds something of another type than it should.
fn broken(path: &Path, text: &str, message: &str, span: Option<Range<usize>>) -> Error {
    let before = span.and_then(|span| text.get(..span.start)).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    let reason = message.lines().collect::<Vec<_>>().join("; ");
    Error::new(Kind::Usage, format!("The file {} has a mistake in line {line}, column {column}: {reason}.", path.display()))
        .hint("Correct it, or move it away: akwiz then starts a new one. It was left as it is.")
}

fn table<T: Serialize>(path: &Path, value: &T) -> Result<Table> {
    Table::try_from(value)
        .map_err(|error| Error::new(Kind::Internal, format!("The file {} cannot be written.", path.display())).caused_by(error))
}

/// Carries the difference between `before` and `after` over into `document`, and leaves everything else in it alone.
fn merge(document: &mut Table, before: &Table, after: &Table) {
    for key in before.keys().filter(|key| !after.contains_key(*key)) {
        document.remove(key);
    }
    for (key, value) in after {
        let old = before.get(key);
        if let (Some(Value::Table(inner)), Value::Table(value)) = (document.get_mut(key), value) {
            let empty = Table::new();
            let old = old.and_then(Value::as_table).unwrap_or(&empty);
            merge(inner, old, value);
        } else if old != Some(value) {
            document.insert(key.clone(), value.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Profile;

    fn on_disk() -> (tempfile::TempDir, Files) {
        let dir = tempfile::tempdir().unwrap();
        let paths = Paths { config: dir.path().join("config"), state: dir.path().join("state") };
        (dir, Files::on_disk(paths))
    }

    fn put(files: &Files, text: &str) -> PathBuf {
        let path = files.paths.config_file();
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    fn profile(api: &str) -> Profile {
        Profile { api: api.into(), ..Profile::default() }
    }

    #[test]
    fn without_files_there_are_defaults_and_reading_creates_nothing() {
        let (dir, files) = on_disk();
        assert_eq!(files.config().unwrap(), Config::default());
        assert_eq!(files.state().unwrap(), State::default());
        files.update_state(|_| ()).unwrap();
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn changes_are_read_back() {
        let (_dir, files) = on_disk();
        files.update_config(|config| drop(config.profiles.insert("home".into(), profile("https://a.example.com")))).unwrap();
        files.update_state(|state| state.used("portainer")).unwrap();
        assert_eq!(files.config().unwrap().profiles["home"].api, "https://a.example.com");
        assert_eq!(files.state().unwrap().recent, ["portainer"]);
    }

    #[test]
    fn what_is_unknown_survives_a_change() {
        let (_dir, files) = on_disk();
        let path = put(
            &files,
            "future = true\n[profiles.home]\napi = \"https://a.example.com\"\nca_file = \"/old.pem\"\ncolor = \"red\"\n[other]\nx = 1\n",
        );
        files
            .update_config(|config| {
                let home = config.profiles.get_mut("home").unwrap();
                home.ca_file = None;
                home.fingerprint = Some("ab".into());
            })
            .unwrap();
        let text = fs::read_to_string(path).unwrap();
        assert_eq!(
            text,
            format!(
                "{HEADER}\nfuture = true\n\n[profiles.home]\napi = \"https://a.example.com\"\ncolor = \"red\"\nfingerprint = \"ab\"\n\n[other]\nx = 1\n"
            )
        );
    }

    #[test]
    fn a_removed_profile_goes_with_all_it_holds() {
        let (_dir, files) = on_disk();
        put(&files, "[profiles.a]\napi = \"https://a\"\ncolor = 1\n[profiles.b]\napi = \"https://b\"\n");
        files.update_config(|config| drop(config.profiles.remove("a"))).unwrap();
        assert_eq!(files.config().unwrap().profiles.keys().collect::<Vec<_>>(), ["b"]);
    }

    #[test]
    fn a_broken_file_is_named_by_line_and_column_and_left_alone() {
        let (_dir, files) = on_disk();
        for (text, place) in [("a = 1\nb = = 2\n", "line 2, column 5"), ("[profiles.home]\napi = 7\n", "line 2, column 7")] {
            let path = put(&files, text);
            let error = files.update_config(|config| config.profiles.clear()).unwrap_err();
            assert!(error.message.contains(place) && error.message.contains("config.toml"), "{error}");
            assert_eq!(fs::read_to_string(path).unwrap(), text);
        }
    }

    #[test]
    fn in_memory_nothing_touches_the_disk() {
        let files = Files::in_memory();
        files.update_state(|state| state.used("plex")).unwrap();
        assert_eq!(files.state().unwrap().recent, ["plex"]);
        assert_eq!(files.paths(), None);
    }
}
