//! The directory where the server keeps everything: its owner's alone, and one server's at a time.

mod fresh;

use std::ffi::OsString;
use std::fs::{DirBuilder, File, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

pub(crate) use fresh::Fresh;

/// The event log's name in it.
pub(crate) const EVENT_LOG: &str = "events.db";
/// The lock file. The process that uses the directory holds its lock.
const LOCK: &str = "server.lock";
/// A directory that is there while a backup is being restored.
const RESTORING: &str = "restoring";

/// Why the directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StateDirError {
    /// Another server has it.
    #[error("another server (process {pid}) runs with the state directory {}; stop that one, or choose another --state-dir", .path.display())]
    InUse {
        /// The directory.
        path: PathBuf,
        /// The other's process.
        pid: String,
    },
    /// Others may read or change it.
    #[error("the state directory {} is open to others (mode {mode:o}); `chmod 700` it", .path.display())]
    Open {
        /// The directory.
        path: PathBuf,
        /// Its rights.
        mode: u32,
    },
    /// It is to be filled, and holds something.
    #[error(
        "the state directory {0} is not empty: it holds {1}; if no server needs it any more, move it away with \
         `mv {0} {0}.before`, or choose another --state-dir",
        .path.display(), .found.display()
    )]
    NotEmpty {
        /// The directory.
        path: PathBuf,
        /// Something in it.
        found: OsString,
    },
    /// A restore was cut off.
    #[error(
        "the state directory {0} holds a part of a backup, as restoring it was cut off; repeat \
         `convene-server restore FILE --state-dir {0}`",
        .path.display()
    )]
    HalfRestored {
        /// The directory.
        path: PathBuf,
    },
    /// It belongs to another user.
    #[error(
        "the state directory {} cannot be used: {source}; run this as root, or as the user that the server runs as",
        .path.display()
    )]
    NotAllowed {
        /// The directory.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The operating system refuses.
    #[error("the state directory {} cannot be used: {source}", .path.display())]
    Io {
        /// The directory.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl StateDirError {
    fn of(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        if source.kind() == io::ErrorKind::PermissionDenied {
            Self::NotAllowed { path, source }
        } else {
            Self::Io { path, source }
        }
    }
}

/// A state directory that is ours until dropped.
#[derive(Debug)]
pub(crate) struct StateDir {
    path: PathBuf,
    _lock: File,
}

impl StateDir {
    /// Makes the directory where it is missing, and takes it.
    pub(crate) fn open(path: &Path) -> Result<Self, StateDirError> {
        let state = Self::lock(path)?;
        if path.join(RESTORING).exists() {
            return Err(StateDirError::HalfRestored { path: path.to_owned() });
        }
        Ok(state)
    }

    fn lock(path: &Path) -> Result<Self, StateDirError> {
        let failed = |source| StateDirError::of(path, source);
        DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(failed)?;
        let mode = path.metadata().map_err(failed)?.mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(StateDirError::Open { path: path.to_owned(), mode });
        }
        let file = path.join(LOCK);
        let mut lock = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&file)
            .map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let pid = std::fs::read_to_string(&file).unwrap_or_default().trim().to_owned();
                return Err(StateDirError::InUse { path: path.to_owned(), pid });
            }
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        lock.set_len(0).and_then(|()| writeln!(lock, "{}", std::process::id())).map_err(failed)?;
        Ok(Self { path: path.to_owned(), _lock: lock })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_second_server_is_told_who_has_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state");
        let first = StateDir::open(&path).unwrap();
        let Err(StateDirError::InUse { pid, .. }) = StateDir::open(&path) else { panic!("two servers") };
        assert_eq!(pid, std::process::id().to_string());
        drop(first);
        StateDir::open(&path).unwrap();
    }

    #[test]
    fn a_directory_that_others_can_read_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        assert!(matches!(StateDir::open(dir.path()), Err(StateDirError::Open { mode: 0o755, .. })));
    }

    /// The names of the files in the directory, if the directory is there.
    fn held(path: &Path) -> Option<Vec<String>> {
        let entries = std::fs::read_dir(path).ok()?.flatten();
        let mut names: Vec<_> =
            entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        Some(names)
    }

    #[test]
    fn a_directory_is_filled_as_a_whole_or_stays_as_it_was() {
        let dir = tempfile::tempdir().unwrap();
        let (absent, empty) = (dir.path().join("absent"), dir.path().join("empty"));
        DirBuilder::new().mode(0o700).create(&empty).unwrap();
        for path in [&absent, &empty] {
            let was = held(path);
            let fresh = Fresh::take(path).unwrap();
            drop(fresh.create("a").unwrap());
            assert!(matches!(StateDir::open(path), Err(StateDirError::InUse { .. })));
            drop(fresh);
            assert_eq!(held(path), was);
            let fresh = Fresh::take(path).unwrap();
            for name in ["a", "b"] {
                fresh.create(name).unwrap().write_all(b"whole").unwrap();
            }
            fresh.keep(&["a", "b"]).unwrap();
            assert_eq!(held(path), Some(vec!["a".to_owned(), "b".to_owned()]));
            let mode = path.join("b").metadata().unwrap().mode() & 0o777;
            assert_eq!((mode, path.metadata().unwrap().mode() & 0o777), (0o600, 0o700));
            assert!(matches!(Fresh::take(path), Err(StateDirError::NotEmpty { .. })));
            assert_eq!(std::fs::read(path.join("a")).unwrap(), b"whole");
            StateDir::open(path).unwrap();
        }
    }

    #[test]
    fn no_server_starts_on_a_part_and_the_part_makes_way_for_the_next_try() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state");
        // As a kill between two moves leaves it.
        DirBuilder::new().recursive(true).mode(0o700).create(path.join(RESTORING)).unwrap();
        for name in ["a", "restoring/b"] {
            std::fs::write(path.join(name), "cut off").unwrap();
        }
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
        let refused = StateDir::open(&path).unwrap_err();
        assert!(refused.to_string().contains("convene-server restore FILE --state-dir"), "{refused}");
        let fresh = Fresh::take(&path).unwrap();
        drop(fresh.create("a").unwrap());
        fresh.keep(&["a"]).unwrap();
        assert_eq!(held(&path), Some(vec!["a".to_owned()]));
        StateDir::open(&path).unwrap();
    }
}
