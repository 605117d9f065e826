//! Files that are deleted for their process, and that a power cut brings back: their directory has
//! not been synced since.

use std::collections::BTreeSet;
use std::ffi::{CString, OsStr};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

static DELETED: Mutex<BTreeSet<CString>> = Mutex::new(BTreeSet::new());

fn deleted() -> MutexGuard<'static, BTreeSet<CString>> {
    DELETED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The file is there no more, as far as this process can see.
pub(crate) fn delete(path: CString) {
    deleted().insert(path);
}

/// Whether this process has deleted it.
pub(crate) fn is_deleted(path: &CString) -> bool {
    deleted().contains(path)
}

/// A file of this name is made; says whether one of that name was deleted before.
pub(crate) fn make(path: &CString) -> bool {
    deleted().remove(path)
}

/// The directory of this file is synced: what was deleted in it stays so.
pub(crate) fn sync_directory(path: &CString) {
    let directory = Path::new(OsStr::from_bytes(path.as_bytes())).parent();
    deleted().retain(|deleted| {
        let deleted = Path::new(OsStr::from_bytes(deleted.as_bytes()));
        // Only a file that somebody else has removed cannot be removed.
        deleted.parent() != directory || std::fs::remove_file(deleted).is_err()
    });
}
