//! The log file. Nothing is logged to the terminal, and no secret is logged at all.
//!
//! `AKWIZ_LOG` takes a level: `off`, `error`, `warn`, `info` (the default), `debug`, or `trace` in a development build. It is akwiz's own level; of the libraries
//! only warnings are kept, whatever it says, because at lower levels some of them log headers and bodies.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::Path;
use std::sync::Mutex;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;

use crate::config::Paths;
use crate::error::{Error, Kind, Result};

/// The environment variable that holds the level.
pub const VARIABLE: &str = "AKWIZ_LOG";
/// The size in bytes from which a log is put aside at the next start, as `akwiz.log.1`. One is kept.
const LARGEST: u64 = 1024 * 1024;

/// The level that `AKWIZ_LOG` asks for. `demo` is off unless the variable is set.
///
/// # Errors
///
/// When the variable holds no level.
pub fn level(variable: Option<&str>, demo: bool) -> Result<LevelFilter> {
    match variable.map(str::trim).filter(|value| !value.is_empty()) {
        None if demo => Ok(LevelFilter::OFF),
        None => Ok(LevelFilter::INFO),
        Some(value) => value.parse().map_err(|_| {
            Error::new(Kind::Usage, format!("{VARIABLE} holds no level of logging."))
                .hint("Use off, error, warn, info, debug or trace.")
        }),
    }
}

/// Starts logging to [`Paths::log`], for the whole process. Returns whether there is a log, so that
/// the message after a panic can name it.
///
/// # Errors
///
/// When the file cannot be opened. A second call does nothing.
pub fn start(paths: &Paths, level: LevelFilter) -> Result<bool> {
    if level == LevelFilter::OFF {
        return Ok(false);
    }
    let path = paths.log();
    let file = open(&path).map_err(|error| {
        Error::new(Kind::Internal, format!("The log {} cannot be written: {error}.", path.display())).caused_by(error)
    })?;
    // A second subscriber is refused; the first goes on, and that is what is wanted.
    let _ = tracing::subscriber::set_global_default(subscriber(Mutex::new(file), level));
    Ok(true)
}

fn subscriber<W>(writer: W, level: LevelFilter) -> impl tracing::Subscriber + Send + Sync
where
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    let targets = Targets::new().with_target(env!("CARGO_CRATE_NAME"), level).with_default(level.min(LevelFilter::WARN));
    let lines = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(writer);
    tracing_subscriber::registry().with(targets).with(lines)
}

/// Opens the log for its owner alone, after putting a large one aside.
fn open(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        crate::config::create_folder(folder)?;
    }
    if fs::metadata(path).is_ok_and(|metadata| metadata.len() > LARGEST) {
        fs::rename(path, path.with_extension("log.1"))?;
    }
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clipboard::{self, Route};
    use crate::config::Config;
    use crate::secrets::{Found, Memory, Source, TokenStore};
    use secrecy::SecretString;
    use std::io::Write;
    use std::sync::Arc;

    /// A log in memory.
    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl Write for Log {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What is logged while `run` runs.
    fn logged(level: LevelFilter, run: impl FnOnce()) -> String {
        let log = Log::default();
        let writer = log.clone();
        tracing::subscriber::with_default(subscriber(move || writer.clone(), level), run);
        let bytes = log.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_secret_in_what_we_log_does_not_appear() {
        const CANARY: &str = "canary-7f3a";
        let secret = SecretString::from(CANARY);
        let text = logged(LevelFilter::TRACE, || {
            let found = Found { token: secret.clone(), source: Source::Environment };
            let store = Memory::default();
            store.save("https://auth.example.com", &secret);
            let sent = clipboard::open(Route::Terminal).copy(CANARY, true);
            let refused = crate::secrets::find("", None, |_| Some(format!("{CANARY} x")), &store).unwrap_err();
            tracing::info!(?found, ?store, ?secret, ?sent, ?refused, config = ?Config::default(), "everything at once");
        });
        assert!(text.contains("everything at once") && text.contains("Environment"), "{text}");
        for form in [CANARY, "Y2FuYXJ5LTdmM2", "63616e617279"] {
            assert!(!text.contains(form), "{text}");
        }
    }

    #[test]
    fn libraries_are_kept_to_warnings() {
        let text = logged(LevelFilter::TRACE, || {
            tracing::trace!("ours");
            tracing::debug!(target: "h2::codec", "theirs with a header");
            tracing::warn!(target: "rustls", "their warning");
        });
        assert!(text.contains("ours") && text.contains("their warning") && !text.contains("header"), "{text}");
    }

    #[test]
    fn control_characters_do_not_reach_the_log() {
        let text = logged(LevelFilter::INFO, || tracing::info!("name: {}", "a\x1b[2Jb"));
        assert!(!text.contains('\x1b'), "{text:?}");
    }

    #[test]
    fn the_demo_is_silent_unless_asked() {
        assert_eq!(level(None, true).unwrap(), LevelFilter::OFF);
        assert_eq!(level(Some(""), false).unwrap(), LevelFilter::INFO);
        assert_eq!(level(Some("debug"), true).unwrap(), LevelFilter::DEBUG);
        assert_eq!(level(Some("loud"), false).unwrap_err().kind, Kind::Usage);
    }

    #[cfg(unix)]
    #[test]
    fn the_file_is_private_and_does_not_grow_forever() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state/akwiz.log");
        let file = open(&path).unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        file.set_len(LARGEST + 1).unwrap();
        drop(file);
        assert_eq!(open(&path).unwrap().metadata().unwrap().len(), 0);
        assert!(dir.path().join("state/akwiz.log.1").exists());
    }
}
