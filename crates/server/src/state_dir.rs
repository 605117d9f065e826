//! The directory where the server keeps everything: its owner's alone, and one server's at a time.

use std::fs::{DirBuilder, File, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// The event log's name in it.
pub(crate) const EVENT_LOG: &str = "events.db";

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
    /// The operating system refuses.
    #[error("the state directory {} cannot be used: {source}", .path.display())]
    Io {
        /// The directory.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
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
        let failed = |source| StateDirError::Io { path: path.to_owned(), source };
        DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(failed)?;
        let mode = path.metadata().map_err(failed)?.mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(StateDirError::Open { path: path.to_owned(), mode });
        }
        let file = path.join("server.lock");
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
}
