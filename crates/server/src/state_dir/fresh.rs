//! A state directory that is being filled.

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, fchown};
use std::path::{Path, PathBuf};

use super::{LOCK, Owners, RESTORING, StateDir, StateDirError};

/// A state directory that was empty, or not there. It gets all its files, or stays as it was.
///
/// The files are written in a directory inside, and moved out when all of them are whole. As long
/// as that directory is there, no server starts, so that one can never go on with a part of them:
/// the end of the last move is its removal.
#[derive(Debug)]
pub(crate) struct Fresh {
    path: PathBuf,
    was_there: bool,
    /// Until dropped no server takes the directory.
    _state: StateDir,
}

impl Fresh {
    /// Takes the directory. A restore that was cut off is undone first.
    pub(crate) fn take(path: &Path) -> Result<Self, StateDirError> {
        let failed = |source| StateDirError::of(path, source);
        let was_there = path.exists();
        need_empty(path)?;
        let state = StateDir::lock(path, &Owners::of_filled(path))?;
        // Another server may have come and gone meanwhile.
        need_empty(path)?;
        clear(path).map_err(failed)?;
        let fresh = Self { path: path.to_owned(), was_there, _state: state };
        DirBuilder::new().mode(0o700).create(path.join(RESTORING)).map_err(failed)?;
        Ok(fresh)
    }

    /// The path of a file before it is kept.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.path.join(RESTORING).join(name)
    }

    /// Makes a file. It belongs to the owner of the directory, as root restores for the server's
    /// user too.
    pub(crate) fn create(&self, name: &str) -> io::Result<File> {
        let path = self.path(name);
        let file = File::options().write(true).create_new(true).mode(0o600).open(&path)?;
        if nix::unistd::geteuid().is_root() {
            let owner = self.path.metadata()?;
            fchown(&file, Some(owner.uid()), Some(owner.gid()))?;
        }
        Ok(file)
    }

    /// Keeps these files.
    pub(crate) fn keep(self, names: &[&str]) -> io::Result<()> {
        let sync = || File::open(&self.path)?.sync_all();
        for name in names {
            fs::rename(self.path(name), self.path.join(name))?;
        }
        sync()?;
        fs::remove_dir(self.path.join(RESTORING))?;
        // If a loss of power undoes the removal, the restore has to be repeated, and nothing else.
        drop(sync());
        Ok(())
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        // If all files were kept, this directory does not exist any more, and there is nothing to
        // undo.
        let is_undone = self.path.join(RESTORING).exists();
        let cleared = if is_undone { clear(&self.path) } else { Ok(()) };
        // The owner of the lock file may be another user than the server's, who makes it anew.
        let removed = cleared.and_then(|()| fs::remove_file(self.path.join(LOCK)));
        let removed = if is_undone && !self.was_there {
            removed.and_then(|()| fs::remove_dir(&self.path))
        } else {
            removed
        };
        if let Err(error) = removed {
            tracing::warn!(%error, "a state directory that was not filled could not be cleared");
        }
    }
}

/// Refuses a directory that is not empty. The lock file and the remains of a restore that was cut
/// off do not count.
fn need_empty(path: &Path) -> Result<(), StateDirError> {
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries.map(|entry| entry.map(|entry| entry.file_name())).collect(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => Err(error),
    };
    let entries: Vec<OsString> = entries.map_err(|source| StateDirError::of(path, source))?;
    if entries.iter().any(|name| name == RESTORING) {
        return Ok(());
    }
    match entries.into_iter().find(|name| name != LOCK) {
        None => Ok(()),
        Some(found) => Err(StateDirError::NotEmpty { path: path.to_owned(), found }),
    }
}

/// Removes what was being filled. Everything is of that restore where its directory is there: no
/// server has run since.
fn clear(path: &Path) -> io::Result<()> {
    if !path.join(RESTORING).exists() {
        return Ok(());
    }
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        if entry.file_name() != LOCK && entry.file_name() != RESTORING {
            fs::remove_file(entry.path())?;
        }
    }
    fs::remove_dir_all(path.join(RESTORING))
}
