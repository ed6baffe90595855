//! The text of a file of applications.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::cli::terminal::Terminal;
use crate::error::{Error, Kind, Result};
use crate::setup::desired::Place;

/// Larger files are a mistake: it would hold more than fifty thousand applications.
const LARGEST: u64 = 16 << 20;

/// Whether `path` stands for standard input.
pub(super) fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// The text of the file at `path`, or of standard input for `-`.
///
/// # Errors
/// When it cannot be read, is too large, or is no text: then where.
pub(super) fn read(path: &Path) -> Result<String> {
    if is_stdin(path) && Terminal::of_this_process().input {
        return Err(Error::new(Kind::Usage, "Nothing is piped in: standard input is the terminal.")
            .hint("Name the file, or pipe it in: akwiz apply -f - --yes < FILE"));
    }
    let what = if is_stdin(path) { "Standard input".to_owned() } else { format!("The file {}", path.display()) };
    let bytes = bytes(path).map_err(|error| Error::unreadable(&what, error))?;
    if bytes.len() as u64 > LARGEST {
        return Err(Error::new(Kind::Usage, format!("{what} is larger than 16 MiB.")).hint("Split it into several."));
    }
    String::from_utf8(bytes).map_err(|error| {
        let sound = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
        let at = Place::after(&String::from_utf8_lossy(sound));
        let message = format!("{}:{}:{}: This is not text in UTF-8.", path.display(), at.line, at.column);
        Error::new(Kind::Usage, message).hint("Save the file in the encoding UTF-8.").caused_by(error.utf8_error())
    })
}

fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if is_stdin(path) {
        io::stdin().lock().take(LARGEST + 1).read_to_end(&mut bytes)?;
    } else {
        File::open(path)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}
