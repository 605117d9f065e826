//! The owners that a state directory may have, and all that leads to it.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, absolute};

use nix::unistd::geteuid;

use super::StateDirError;

/// Write for everybody who is not in the group.
const WRITE_OF_EVERYBODY: u32 = 0o002;
/// In such a directory only the owner of an entry may rename or remove it.
const STICKY: u32 = 0o1000;
/// The number of root.
const ROOT: u32 = 0;

/// The users who may have a hand in a state directory.
#[derive(Debug)]
pub(super) struct Owners {
    /// Beside root and the user who runs this.
    of_directory: Option<u32>,
}

impl Owners {
    /// Root, and the user who runs this.
    pub(super) fn of_user() -> Self {
        Self { of_directory: None }
    }

    /// Those, and where root fills a directory for a service, the owner of that.
    pub(super) fn of_filled(path: &Path) -> Self {
        let owner = path.metadata().ok().filter(|_| geteuid().is_root()).map(|found| found.uid());
        Self { of_directory: owner }
    }

    /// Verifies the directories above this path, as far as they are there.
    pub(super) fn verify_way_to(&self, path: &Path) -> Result<(), StateDirError> {
        let failed = |source| StateDirError::of(path, source);
        let whole = absolute(path).map_err(failed)?;
        let Some(there) = whole.ancestors().skip(1).find(|above| above.exists()) else { return Ok(()) };
        for above in there.canonicalize().map_err(failed)?.ancestors() {
            let found = above.symlink_metadata().map_err(failed)?;
            self.verify(path, above, &found)?;
            if found.mode() & WRITE_OF_EVERYBODY != 0 && found.mode() & STICKY == 0 {
                return Err(exposed(path, above, "can be written by everybody".to_owned()));
            }
        }
        Ok(())
    }

    /// Verifies who put the path there, which may be a link.
    pub(super) fn verify_link(&self, path: &Path) -> Result<(), StateDirError> {
        let found = path.symlink_metadata().map_err(|source| StateDirError::of(path, source))?;
        self.verify(path, path, &found)
    }

    /// Verifies whose `at` is, which was `found` there, for the directory `path`.
    pub(super) fn verify(&self, path: &Path, at: &Path, found: &Metadata) -> Result<(), StateDirError> {
        let owner = found.uid();
        if owner == ROOT || owner == geteuid().as_raw() || Some(owner) == self.of_directory {
            return Ok(());
        }
        Err(exposed(path, at, format!("belongs to the user with the number {owner}")))
    }
}

fn exposed(path: &Path, at: &Path, why: String) -> StateDirError {
    StateDirError::Exposed { path: path.to_owned(), exposed: at.to_owned(), why }
}
