//! The directory where the server keeps everything: its owner's alone, and one server's at a time.

mod fresh;
mod owners;

use std::ffi::OsString;
use std::fs::{DirBuilder, File, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use convene_sqlite_file::private_file;

pub(crate) use fresh::Fresh;
use owners::Owners;

/// The event log's name in it.
pub(crate) const EVENT_LOG: &str = "events.db";
/// The lock file. The process that uses the directory holds its lock.
const LOCK: &str = "server.lock";
/// A directory that is there while a backup is being restored.
const RESTORING: &str = "restoring";
/// Bytes of a lock file that are read: more than any process number.
const PID_BYTES_MAX: u64 = 32;

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
    /// Somebody else can put anything in its place.
    #[error(
        "the state directory {} cannot be used: {} {why}, so others can put anything there; run this as the user \
         whose it is, or choose another --state-dir",
        .path.display(), .exposed.display()
    )]
    Exposed {
        /// The directory.
        path: PathBuf,
        /// This directory itself, or one that leads to it.
        exposed: PathBuf,
        /// The fault of that one.
        why: String,
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
        let state = Self::lock(path, &Owners::of_user())?;
        if path.join(RESTORING).exists() {
            return Err(StateDirError::HalfRestored { path: path.to_owned() });
        }
        Ok(state)
    }

    /// Nothing is made or changed before it is known whose all of it is.
    fn lock(path: &Path, owners: &Owners) -> Result<Self, StateDirError> {
        let failed = |source| StateDirError::of(path, source);
        owners.verify_way_to(path)?;
        DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(failed)?;
        owners.verify_link(path)?;
        let real = path.canonicalize().map_err(failed)?;
        owners.verify_way_to(&real)?;
        let mut options = File::options();
        options.read(true).custom_flags(libc::O_DIRECTORY | libc::O_NOFOLLOW);
        let found = options.open(&real).and_then(|opened| opened.metadata()).map_err(failed)?;
        owners.verify(path, &real, &found)?;
        let mode = found.mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(StateDirError::Open { path: path.to_owned(), mode });
        }
        let mut lock = private_file(&real.join(LOCK)).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut pid = String::new();
                let read = lock.take(PID_BYTES_MAX).read_to_string(&mut pid);
                let pid = read.map_or_else(|_| String::new(), |_| pid.trim().to_owned());
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

    #[test]
    fn a_directory_of_somebody_else_is_refused_and_no_link_in_it_is_followed() {
        let dir = tempfile::tempdir().unwrap();
        let (own, victim) = (dir.path().join("own"), dir.path().join("victim"));
        DirBuilder::new().mode(0o700).create(&own).unwrap();
        std::fs::write(&victim, "precious").unwrap();
        std::os::unix::fs::symlink(&victim, own.join(LOCK)).unwrap();
        assert!(matches!(StateDir::open(&own), Err(StateDirError::Io { .. })));
        if nix::unistd::geteuid().is_root() {
            std::fs::remove_file(own.join(LOCK)).unwrap();
            let theirs = dir.path().join("theirs");
            DirBuilder::new().mode(0o700).create(&theirs).unwrap();
            DirBuilder::new().mode(0o700).create(theirs.join("below")).unwrap();
            std::os::unix::fs::chown(&theirs, Some(54_321), None).unwrap();
            let link = dir.path().join("link");
            std::os::unix::fs::symlink(&own, &link).unwrap();
            std::os::unix::fs::lchown(&link, Some(54_321), None).unwrap();
            for path in [&theirs, &theirs.join("below"), &theirs.join("new"), &link] {
                let refused = StateDir::open(path).unwrap_err();
                assert!(matches!(refused, StateDirError::Exposed { .. }), "{refused}");
            }
            assert_eq!(held(&theirs), Some(vec!["below".to_owned()]), "nothing was made");
            assert_eq!(held(&own), Some(Vec::new()));
            let fresh = Fresh::take(&dir.path().join("theirs")).map(drop);
            assert!(matches!(fresh, Err(StateDirError::NotEmpty { .. })), "root restores for others");
        }
        assert_eq!(std::fs::read_to_string(&victim).unwrap(), "precious");
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
