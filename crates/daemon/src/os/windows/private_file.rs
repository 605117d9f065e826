//! Files of the state directory that are replaced whole.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

/// Writes a file that has the rights of its directory, in place of the one that is there. At each
/// moment the old or the new one is there, and whole. Blocks.
///
/// # Errors
/// When it was not written. The old one is there then.
pub(crate) fn replace_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let fresh = path.with_extension("new");
    let written = write(&fresh, bytes).and_then(|()| fs::rename(&fresh, path));
    if written.is_err() {
        // It is of no use, and the next one replaces it.
        drop(fs::remove_file(&fresh));
    }
    written
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
