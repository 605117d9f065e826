//! The places where things are kept: the Filesystem Hierarchy Standard for the system's daemon, the
//! XDG Base Directory Specification for a user's own.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::directory;
use crate::os::{Environment, NoHome, Paths, RightsError, SocketPath};

/// Only the owner.
const PRIVATE: u32 = 0o700;

/// Read for everybody who is not in the group.
const READ_OF_EVERYBODY: u32 = 0o004;

/// The variables of every login.
pub(crate) const SYSTEM_ENVIRONMENT: Option<&str> = Some("/etc/environment");

/// The places of the system's daemon. systemd says where the state is (`STATE_DIRECTORY`), if it
/// starts the daemon.
pub(crate) fn system(environment: Environment<'_>) -> Paths {
    // Several directories are separated by colons; ours is the first (systemd.exec(5)).
    let given = environment("STATE_DIRECTORY").and_then(|list| {
        let first = list.as_bytes().split(|byte| *byte == b':').next()?;
        Some(PathBuf::from(std::ffi::OsStr::from_bytes(first))).filter(|path| path.is_absolute())
    });
    Paths {
        config: "/etc/convene/convened.toml".into(),
        state: given.unwrap_or_else(|| "/var/lib/convene".into()),
        socket: SocketPath::new("/run/convene/convened.sock"),
    }
}

/// The places of a user's own daemon. Where there is no `XDG_RUNTIME_DIR` (no login session) the
/// socket is in the state directory.
///
/// # Errors
/// When neither the XDG variables nor `HOME` say where.
pub(crate) fn user(environment: Environment<'_>) -> Result<Paths, NoHome> {
    // The specification: a path that is not absolute is to be ignored.
    let absolute = |name| environment(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let home = |below: &str| absolute("HOME").map(|home| home.join(below)).ok_or(NoHome { variable: "HOME" });
    let config =
        absolute("XDG_CONFIG_HOME").map_or_else(|| home(".config"), Ok)?.join("convene/convened.toml");
    let state = absolute("XDG_STATE_HOME").map_or_else(|| home(".local/state"), Ok)?.join("convene");
    let runtime =
        absolute("XDG_RUNTIME_DIR").map_or_else(|| state.clone(), |runtime| runtime.join("convene"));
    Ok(Paths { config, state, socket: SocketPath::new(runtime.join("convened.sock")) })
}

/// Creates the directory, and what is missing above it, for this user alone (0700). One that exists
/// and belongs to this user is closed to others, once it is known that nobody else could have put
/// it there; then it is verified.
///
/// # Errors
/// When it cannot be created or is not private; nothing may be kept in it then.
pub(crate) fn create_private_dir(path: &Path) -> Result<(), RightsError> {
    directory::create(path, PRIVATE)?;
    directory::close(path, PRIVATE)?;
    verify_private(path)
}

/// Verifies that nobody but this user can read or write a file or directory, and that nobody else
/// could have put it there.
///
/// # Errors
/// The error says what is wrong, and how to put it right.
pub(crate) fn verify_private(path: &Path) -> Result<(), RightsError> {
    directory::verify_private(path)
}

/// Verifies that nobody but the system and this user can change a file that the daemon obeys:
/// anyone who could do so could name a proxy or an issuer of certificates to everybody on this
/// machine. The daemon's own group may change it, as its members may change settings.
///
/// # Errors
/// The error says what is wrong, and how to put it right.
pub(crate) fn verify_configuration(path: &Path) -> Result<(), RightsError> {
    directory::verify_configuration(path)
}

/// Verifies that a file of a state directory was put there by whose directory it is, or by the
/// system, and that nobody else can change it. It also holds for an administrator who looks at the
/// directory of a service.
///
/// # Errors
/// The error says what is wrong, and how to put it right.
pub(crate) fn verify_kept(path: &Path) -> Result<(), RightsError> {
    directory::verify_kept(path)
}

/// Whether everyone on this machine can read the file.
pub(crate) fn is_open_to_all(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| found.mode() & READ_OF_EVERYBODY != 0)
}
