//! The places where things are kept: ProgramData for the system's daemon, AppData for a user's own.

use std::io;
use std::path::{Path, PathBuf};

use super::token::Identity;
use super::{ADMINISTRATORS_SID, rights};
use crate::os::{Environment, NoHome, Paths, RightsError, RightsReason, SocketPath, UserId};

/// The path of ProgramData on every machine that nobody rearranged.
const PROGRAM_DATA: &str = r"C:\ProgramData";
/// The pipe of the system's daemon.
const PIPE: &str = r"\\.\pipe\convened";

/// A service has the machine's variables already.
pub(crate) const SYSTEM_ENVIRONMENT: Option<&str> = None;

/// The places of the system's daemon. Variables are asked for as Windows spells them.
pub(crate) fn system(environment: Environment<'_>) -> Paths {
    let data = absolute(environment, "ProgramData").unwrap_or_else(|_| PROGRAM_DATA.into()).join("Convene");
    Paths { config: data.join("convened.toml"), state: data.join("State"), socket: SocketPath::new(PIPE) }
}

/// The places of a user's own daemon. The pipe has the user's name behind a hyphen, because pipes
/// have no directories.
///
/// # Errors
/// When the variables that every session has are missing.
pub(crate) fn user(environment: Environment<'_>) -> Result<Paths, NoHome> {
    let config = absolute(environment, "APPDATA")?.join("Convene").join("convened.toml");
    let state = absolute(environment, "LOCALAPPDATA")?.join("Convene").join("State");
    let mut pipe = std::ffi::OsString::from(PIPE);
    pipe.push("-");
    pipe.push(environment("USERNAME").ok_or(NoHome { variable: "USERNAME" })?);
    Ok(Paths { config, state, socket: SocketPath::new(pipe) })
}

/// The folder in which the system's daemon writes its log.
pub(crate) fn log(system: &Paths) -> PathBuf {
    system.config.with_file_name("log")
}

fn absolute(environment: Environment<'_>, variable: &'static str) -> Result<PathBuf, NoHome> {
    let path = environment(variable).map(PathBuf::from).filter(|path| path.is_absolute());
    path.ok_or(NoHome { variable })
}

/// Creates the directory, and what is missing above it, for this user, the system and
/// administrators alone. One that exists and belongs to one of them is closed to others; then it is
/// verified.
///
/// # Errors
/// When it cannot be created or is not private; nothing may be kept in it then.
pub(crate) fn create_private_dir(path: &Path) -> Result<(), RightsError> {
    let own_sid = own_sid(path)?;
    let private = rights::directory(&own_sid, &[&own_sid], &[]);
    create(path, &private)?;
    match verify(path, &own_sid, rights::ANY) {
        Err(RightsError { reason: RightsReason::Open { .. }, .. }) if path.is_dir() => {
            rights::set(path, &private, false).map_err(|error| RightsReason::Io(error).of(path))?;
            verify(path, &own_sid, rights::ANY)
        }
        verified => verified,
    }
}

/// Verifies that nobody but this user, the service, the system and administrators has any right to
/// a file or directory.
///
/// # Errors
/// The error says what is wrong, and how to put it right.
pub(crate) fn verify_private(path: &Path) -> Result<(), RightsError> {
    verify(path, &own_sid(path)?, rights::ANY)
}

/// Verifies that nobody but this user, the service, the system and administrators can change a file
/// that the daemon obeys, put one into a folder of such files, or put another thing in their place:
/// anyone who could do so could name a proxy or an issuer of certificates to everybody on this
/// machine. Others may read it. The content of the folder is not looked at.
///
/// # Errors
/// The error says what is wrong, and how to put it right.
pub(crate) fn verify_configuration(path: &Path) -> Result<(), RightsError> {
    let own_sid = own_sid(path)?;
    verify(path, &own_sid, rights::CHANGE)?;
    match path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        Some(parent) => verify_strangers(parent, &read(parent, &own_sid, rights::REPLACE)?, "empty"),
        None => Ok(()),
    }
}

/// Verifies that a file of a state directory belongs to this user, the service, the system or
/// administrators, and that nobody else can change it. It also holds for an administrator who looks
/// at the directory of the service.
///
/// # Errors
/// The error says what is wrong, and how to put it right.
pub(crate) fn verify_kept(path: &Path) -> Result<(), RightsError> {
    verify(path, &own_sid(path)?, rights::CHANGE)
}

/// Creates the directory with these rights, and what is missing above it.
pub(super) fn create(path: &Path, rights: &str) -> Result<(), RightsError> {
    if path.is_dir() {
        return Ok(());
    }
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        create(parent, rights)?;
    }
    match rights::create(path, rights) {
        // Somebody else was quicker; whether that will do is verified afterwards.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        created => created.map_err(|error| RightsReason::Io(error).of(path)),
    }
}

fn verify(path: &Path, own_sid: &str, counts: u32) -> Result<(), RightsError> {
    // A link or a junction leads where its owner likes.
    let link = path.symlink_metadata().map_err(|error| RightsReason::Io(error).of(path))?;
    if link.file_type().is_symlink() {
        return Err(RightsReason::Kind { expected: "a plain file or directory, but a link" }.of(path));
    }
    let found = read(path, own_sid, counts)?;
    if !rights::is_ours(&found.owner, own_sid) {
        let remedy = format!("icacls \"{}\" /setowner *{ADMINISTRATORS_SID}", path.display());
        return Err(RightsReason::Owner { owner: UserId::of_sid(&found.owner), remedy }.of(path));
    }
    verify_strangers(path, &found, if counts == rights::ANY { "open" } else { "change" })
}

fn read(path: &Path, own_sid: &str, counts: u32) -> Result<rights::Rights, RightsError> {
    rights::read(path, own_sid, counts).map_err(|error| RightsReason::Io(error).of(path))
}

fn verify_strangers(path: &Path, found: &rights::Rights, right: &'static str) -> Result<(), RightsError> {
    let shown = path.display();
    let (who, remedy) = match &found.strangers {
        None => ("everybody".to_owned(), format!("icacls \"{shown}\" /reset")),
        Some(strangers) if strangers.is_empty() => return Ok(()),
        Some(strangers) => {
            // Inherited rights have to become the thing's own before they can be taken away.
            let each = strangers.iter().map(|sid| format!(" *{sid}")).collect::<String>();
            (strangers.join(", "), format!("icacls \"{shown}\" /inheritance:d /remove:g{each}"))
        }
    };
    Err(RightsReason::Open { who, right, remedy }.of(path))
}

fn own_sid(path: &Path) -> Result<String, RightsError> {
    let identity = Identity::of_this_process().map_err(|error| RightsReason::Io(error).of(path))?;
    Ok(identity.user)
}

/// Whether everyone on this machine can read the file. Folders decide that here, not files.
pub(crate) fn is_open_to_all(_: &Path) -> bool {
    false
}
