//! The lock file beside the socket: the process that holds it is the daemon.

use std::fs::{File, Metadata, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

/// Bytes of a lock file that are read: more than any process number.
const PID_BYTES_MAX: u64 = 32;

/// A held lock. It is given back when this is dropped or the process ends, however it ends; the
/// file stays, because removing it would let two processes hold a lock of the same name.
#[derive(Debug)]
pub(super) struct Lock {
    file: File,
}

/// Why the lock was not taken.
#[derive(Debug)]
pub(super) enum LockError {
    /// Somebody holds it.
    Held {
        /// The process number of the holder, as the holder wrote it down.
        pid: Option<u32>,
    },
    /// The file cannot be opened or locked.
    Io(io::Error),
}

impl Lock {
    /// Takes the lock without waiting, and writes down who has it.
    pub(super) fn take(path: &Path) -> Result<Self, LockError> {
        let mut options = OpenOptions::new();
        options
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .custom_flags(libc::O_NOFOLLOW);
        let mut file = options.open(path).map_err(LockError::Io)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(LockError::Held { pid: read_pid(&mut file) }),
            Err(TryLockError::Error(error)) => return Err(LockError::Io(error)),
        }
        write_pid(&mut file).map_err(LockError::Io)?;
        Ok(Self { file })
    }

    /// Whether this path still leads to the locked file: otherwise others take another lock of the
    /// same name.
    pub(super) fn is_at(&self, path: &Path) -> bool {
        let identity = |found: Metadata| (found.dev(), found.ino());
        let (held, found) = (self.file.metadata(), std::fs::symlink_metadata(path));
        held.is_ok_and(|held| found.is_ok_and(|found| identity(found) == identity(held)))
    }
}

fn read_pid(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.take(PID_BYTES_MAX).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

fn write_pid(file: &mut File) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{}", std::process::id())
}
