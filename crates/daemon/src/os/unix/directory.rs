//! Directories that others must not be able to tamper with.

use std::fs::{self, DirBuilder, Metadata, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use nix::unistd::{getegid, geteuid};

use crate::os::{RightsError, RightsReason, UserId};

/// Write for the group and for others.
const WRITE_OF_OTHERS: u32 = 0o022;
/// Anything for the group and for others.
const ANY_OF_OTHERS: u32 = 0o077;
/// Write for everybody who is not in the group.
const WRITE_OF_EVERYBODY: u32 = 0o002;
/// In such a directory only the owner of an entry may rename or remove it.
const STICKY: u32 = 0o1000;

/// Creates the directory and what is missing above it, all with this mode whatever the umask. One
/// that exists is left as it is. Nothing is made below a directory of somebody else.
pub(super) fn create(path: &Path, mode: u32) -> Result<(), RightsError> {
    if path.is_dir() {
        return Ok(());
    }
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        create(parent, mode)?;
        let real = fs::canonicalize(parent).map_err(|error| RightsReason::Io(error).of(parent))?;
        verify_way(&real)?;
    }
    let created = match DirBuilder::new().mode(mode).create(path) {
        Ok(()) => fs::set_permissions(path, Permissions::from_mode(mode)),
        // Somebody else was quicker; whether that will do is for the caller to verify.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    };
    created.map_err(|error| RightsReason::Io(error).of(path))
}

/// Verifies that nobody but root and this user can put anything into the directory or another
/// directory in its place. Gives its real path.
pub(super) fn verify_guarded(path: &Path) -> Result<PathBuf, RightsError> {
    let real = fs::canonicalize(path).map_err(|error| RightsReason::Io(error).of(path))?;
    let found = stat(&real)?;
    if !found.is_dir() {
        return Err(RightsReason::Kind { expected: "a directory" }.of(&real));
    }
    verify_owner(&real, &found)?;
    if found.mode() & STICKY != 0 && found.mode() & WRITE_OF_EVERYBODY != 0 {
        return Err(
            RightsReason::Kind { expected: "a directory of the daemon's own; choose another one" }.of(&real)
        );
    }
    if found.mode() & WRITE_OF_OTHERS != 0 {
        return Err(open(&real, "write to", "chmod go-w"));
    }
    verify_ancestors(&real)?;
    Ok(real)
}

/// Takes away what others may do to a directory of this user's. Whose it is, and all that leads to
/// it, is looked at before, and what is changed is what was looked at. One of root's is left as it
/// is.
pub(super) fn close(path: &Path, mode: u32) -> Result<(), RightsError> {
    let failed = |error| RightsReason::Io(error).of(path);
    // A link is as good as the one who made it.
    verify_owner(path, &stat(path)?)?;
    let real = fs::canonicalize(path).map_err(failed)?;
    if !stat(&real)?.is_dir() {
        return Err(RightsReason::Kind { expected: "a directory" }.of(path));
    }
    let mut options = fs::OpenOptions::new();
    options.read(true).custom_flags(libc::O_DIRECTORY | libc::O_NOFOLLOW);
    let opened = options.open(&real).map_err(failed)?;
    let found = opened.metadata().map_err(failed)?;
    verify_owner(&real, &found)?;
    verify_ancestors(&real)?;
    if found.uid() == geteuid().as_raw() && found.mode() & 0o777 != mode {
        opened.set_permissions(Permissions::from_mode(mode)).map_err(failed)?;
    }
    Ok(())
}

/// Verifies that only this user can read or write a file or directory, and that nobody could have
/// put it in its place.
pub(super) fn verify_private(path: &Path) -> Result<(), RightsError> {
    let link = fs::symlink_metadata(path).map_err(|error| RightsReason::Io(error).of(path))?;
    verify_owner(path, &link)?;
    let real = fs::canonicalize(path).map_err(|error| RightsReason::Io(error).of(path))?;
    let found = stat(&real)?;
    verify_owner(&real, &found)?;
    if found.mode() & ANY_OF_OTHERS != 0 {
        return Err(open(&real, "read or write", "chmod go="));
    }
    verify_ancestors(&real)
}

/// Verifies that nobody but root, this user and the groups of both can change a file that the
/// daemon obeys, or put another in its place. Others may read it.
pub(super) fn verify_configuration(path: &Path) -> Result<(), RightsError> {
    let link = fs::symlink_metadata(path).map_err(|error| RightsReason::Io(error).of(path))?;
    verify_owner(path, &link)?;
    let real = fs::canonicalize(path).map_err(|error| RightsReason::Io(error).of(path))?;
    let found = stat(&real)?;
    verify_owner(&real, &found)?;
    let is_known_group = found.gid() == 0 || found.gid() == getegid().as_raw();
    let is_open =
        found.mode() & WRITE_OF_EVERYBODY != 0 || found.mode() & WRITE_OF_OTHERS != 0 && !is_known_group;
    if is_open {
        return Err(open(&real, "write to", "chmod go-w"));
    }
    verify_ancestors(&real)
}

/// Verifies that the owner of its directory, or root, put a file there, and that nobody else can
/// change it.
pub(super) fn verify_kept(path: &Path) -> Result<(), RightsError> {
    let found = stat(path)?;
    if !found.is_file() {
        return Err(RightsReason::Kind { expected: "a plain file" }.of(path));
    }
    let folder =
        path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    let owner = fs::metadata(folder).map_err(|error| RightsReason::Io(error).of(folder))?.uid();
    if found.uid() != 0 && found.uid() != owner {
        let remedy = format!("chown {owner} {}", path.display());
        return Err(RightsReason::Owner { owner: UserId::of_uid(found.uid()), remedy }.of(path));
    }
    if found.mode() & WRITE_OF_OTHERS != 0 {
        return Err(open(path, "write to", "chmod go-w"));
    }
    Ok(())
}

/// Verifies that this belongs to root or to this user.
pub(super) fn verify_owner(path: &Path, found: &Metadata) -> Result<(), RightsError> {
    if found.uid() == 0 || found.uid() == geteuid().as_raw() {
        return Ok(());
    }
    let remedy = format!("chown {} {}", geteuid(), path.display());
    Err(RightsReason::Owner { owner: UserId::of_uid(found.uid()), remedy }.of(path))
}

/// Verifies all directories above this real path.
fn verify_ancestors(real: &Path) -> Result<(), RightsError> {
    real.parent().map_or(Ok(()), verify_way)
}

/// Verifies this real directory and all above it. Anyone who can write to a directory can rename
/// what is in it, unless it is sticky, and the owner of one can always.
fn verify_way(real: &Path) -> Result<(), RightsError> {
    for ancestor in real.ancestors() {
        let found = stat(ancestor)?;
        verify_owner(ancestor, &found)?;
        if found.mode() & WRITE_OF_EVERYBODY != 0 && found.mode() & STICKY == 0 {
            return Err(open(ancestor, "write to", "chmod o-w"));
        }
    }
    Ok(())
}

fn stat(path: &Path) -> Result<Metadata, RightsError> {
    fs::symlink_metadata(path).map_err(|error| RightsReason::Io(error).of(path))
}

fn open(path: &Path, right: &'static str, command: &str) -> RightsError {
    let who = "users other than the owner".to_owned();
    RightsReason::Open { who, right, remedy: format!("{command} {}", path.display()) }.of(path)
}
