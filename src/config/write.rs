//! Writing a file so that it is there whole or not at all, and for its owner alone.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Replaces the file at `path` with `bytes`, mode 0600 in a folder of mode 0700 (Unix). Whoever reads at any moment, or after a power
/// cut, finds the old content or the new one. A symbolic link stays, and what it points to is replaced.
///
/// # Errors
///
/// When the folder or the file cannot be written; then what was there is unchanged.
pub fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write_private_all(&[(path, bytes)]).pop().unwrap_or(Ok(()))
}

/// Does the same with several files, which takes a disk far less time than one by one: all are written before the first is waited for.
/// The results are in their order.
pub fn write_private_all(files: &[(&Path, &[u8])]) -> Vec<io::Result<()>> {
    let begun: Vec<io::Result<Begun>> = files.iter().map(|(path, bytes)| Begun::write(path, bytes)).collect();
    let ended: Vec<io::Result<PathBuf>> = begun.into_iter().map(|begun| begun.and_then(Begun::keep)).collect();
    let mut folders: Vec<&Path> = ended.iter().flatten().map(PathBuf::as_path).collect();
    folders.sort_unstable();
    folders.dedup();
    let unsynced: Vec<(PathBuf, io::Error)> =
        folders.into_iter().filter_map(|folder| Some((folder.to_path_buf(), sync_folder(folder).err()?))).collect();
    ended
        .into_iter()
        .map(|folder| {
            let folder = folder?;
            match unsynced.iter().find(|(other, _)| *other == folder) {
                Some((_, error)) => Err(io::Error::new(error.kind(), error.to_string())),
                None => Ok(()),
            }
        })
        .collect()
}

/// A file that is written under another name, and not yet waited for.
struct Begun {
    file: File,
    temporary: PathBuf,
    path: PathBuf,
    folder: PathBuf,
}

impl Begun {
    fn write(path: &Path, bytes: &[u8]) -> io::Result<Self> {
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_path_buf();
        create_folder(&folder)?;
        let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
        let mut temporary = std::ffi::OsString::from(".");
        temporary.push(name);
        // Two processes never share one; what a crash left under this number is in the way and goes.
        temporary.push(format!(".{}.tmp", std::process::id()));
        let temporary = folder.join(temporary);
        let _ = fs::remove_file(&temporary);
        let mut file = create_new(&temporary)?;
        match file.write_all(bytes) {
            Ok(()) => Ok(Self { file, temporary, path, folder }),
            Err(error) => {
                let _ = fs::remove_file(&temporary);
                Err(error)
            }
        }
    }

    /// Waits until it is on the disk, and gives it its name. What is left is to make the renaming last: the folder is given back.
    fn keep(self) -> io::Result<PathBuf> {
        let kept = self.file.sync_all().and_then(|()| fs::rename(&self.temporary, &self.path));
        if kept.is_err() {
            let _ = fs::remove_file(&self.temporary);
        }
        kept.map(|()| self.folder)
    }
}

fn create_new(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Creates a folder with its parents. Folders that are there keep their modes.
pub(crate) fn create_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Makes the renaming itself last.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Windows has no such call for folders.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn only_the_owner_gets_in_and_nothing_is_left_over() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a/b/file");
        write_private(&path, b"one").unwrap();
        write_private(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!((mode(&path), mode(&dir.path().join("a/b")), mode(&dir.path().join("a"))), (0o600, 0o700, 0o700));
        assert_eq!(fs::read_dir(dir.path().join("a/b")).unwrap().count(), 1);
    }

    #[test]
    fn a_link_stays_a_link() {
        let dir = tempfile::tempdir().unwrap();
        let (target, link) = (dir.path().join("target"), dir.path().join("link"));
        fs::write(&target, "old").unwrap();
        std::os::unix::fs::symlink(&target, &link).unwrap();
        write_private(&link, b"new").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read(&target).unwrap(), b"new");
    }

    #[test]
    fn a_failure_leaves_what_was_there() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("folder");
        fs::create_dir(&path).unwrap();
        assert!(write_private(&path, b"new").is_err());
        assert!(path.is_dir());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
