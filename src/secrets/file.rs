//! `--token-file`.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use secrecy::SecretString;

use crate::error::{Error, Kind, Result};

/// More than any token; a file beyond that is a mistake.
const LARGEST: u64 = 16 * 1024;

/// Reads a token from a file. A line break at the end is left out.
///
/// # Errors
///
/// When the file cannot be read, others may read it (Unix), or it holds no token.
pub fn read(path: &Path) -> Result<SecretString> {
    let shown = path.display();
    let unreadable = |error: std::io::Error| Error::unreadable(format_args!("The token file {shown}"), error);
    let mut file = File::open(path).map_err(unreadable)?;
    refuse_shared(&file, path)?;
    let mut text = String::new();
    file.by_ref().take(LARGEST).read_to_string(&mut text).map_err(unreadable)?;
    super::checked(&SecretString::from(text), &format!("the token file {shown}"))
}

/// Refuses a file that others on this machine may read. Looks at the file that is open, not at the path, which may change meanwhile.
/// Pipes, as from `<(pass show …)`, belong to the process and are not asked.
#[cfg(unix)]
fn refuse_shared(file: &File, path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;

    let shown = path.display();
    let metadata = file.metadata().map_err(|error| Error::unreadable(format_args!("The token file {shown}"), error))?;
    let mode = metadata.permissions().mode() & 0o777;
    if metadata.is_file() && mode & 0o077 != 0 {
        return Err(Error::new(
            Kind::Usage,
            format!("Other users of this machine can read or change the token file {shown} (mode {mode:04o})."),
        )
        .hint(format!("Run: chmod 600 {}", shlex::try_quote(&path.to_string_lossy()).unwrap_or_default())));
    }
    Ok(())
}

/// On Windows access lists decide, and a file in one's profile is one's own.
#[cfg(not(unix))]
fn refuse_shared(_: &File, _: &Path) -> Result<()> {
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    fn file(content: &str, mode: u32) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), content).unwrap();
        fs::set_permissions(file.path(), fs::Permissions::from_mode(mode)).unwrap();
        file
    }

    #[test]
    fn the_line_break_at_the_end_is_left_out() {
        for content in ["token", "token\n", "token\r\n"] {
            assert_eq!(read(file(content, 0o600).path()).unwrap().expose_secret(), "token");
        }
    }

    #[test]
    fn a_file_that_others_can_read_is_refused_with_the_remedy() {
        for mode in [0o640, 0o604, 0o666] {
            let file = file("canary", mode);
            let error = read(file.path()).unwrap_err();
            assert!(error.message.contains(&format!("{mode:04o}")), "{error}");
            assert_eq!(error.hints, [format!("Run: chmod 600 {}", file.path().display())]);
            assert!(!format!("{error:?}").contains("canary"));
        }
        assert!(read(file("token", 0o400).path()).is_ok());
    }

    #[test]
    fn what_is_no_token_is_refused() {
        for content in ["", "\n", "two words", "line\nline", "caf\u{e9}"] {
            assert_eq!(read(file(content, 0o600).path()).unwrap_err().kind, Kind::Usage, "{content:?}");
        }
        assert!(read(Path::new("/nonexistent/token")).unwrap_err().message.contains("cannot be read"));
    }
}
