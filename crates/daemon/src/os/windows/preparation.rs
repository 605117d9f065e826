//! The work that the installer leaves to the daemon because an installer's own tables cannot do it.
//! It sets the rights of the machine's folders, and what the system does when the service fails.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use convene_local_api::SERVICE_SID;
use windows_service::service::{
    ServiceAccess, ServiceAction, ServiceActionType, ServiceFailureActions, ServiceFailureResetPeriod,
    ServiceSidType,
};
use windows_service::service_manager::{ServiceManager, ServiceManagerAccess};
use windows_sys::Win32::Foundation::ERROR_INVALID_LEVEL;

use super::service::NAME;
use super::token::Identity;
use super::{ADMINISTRATORS_SID, paths, rights};
use crate::os::{Environment, RightsError, RightsReason};

/// How long the system waits before it starts a service again that failed: soon at first, and with
/// a pace that fills no log while what is wrong is still wrong.
const RESTARTS: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(10), Duration::from_secs(60)];
/// After so long without a failure the next one counts as the first.
const FORGIVEN_AFTER: Duration = Duration::from_secs(60 * 60);
/// Folders of strangers that may lie beside ours.
const ASIDE_MAX: u32 = 100;

/// Why a machine is not prepared. The steps that were done before stay done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PrepareError {
    /// A folder or a file in it.
    #[error(transparent)]
    Rights(#[from] RightsError),
    /// The service.
    #[error("the service {NAME}: {what}: {source}")]
    Service {
        /// The step that was to be done.
        what: &'static str,
        /// The reason why it was not done.
        source: io::Error,
    },
}

/// Gives the machine's folders to the system, administrators and the service, whatever they were
/// before, and has the system start the service again when it fails. To be called by an
/// administrator or the installer, once the service is registered; again does no harm.
///
/// # Errors
/// See [`PrepareError`].
pub(crate) fn prepare_machine(environment: Environment<'_>) -> Result<(), PrepareError> {
    prepare_folders(environment)?;
    prepare_service()
}

/// Anybody may make a folder in ProgramData, before this program comes: what a stranger made is
/// moved aside, not taken over.
pub(super) fn prepare_folders(environment: Environment<'_>) -> Result<(), RightsError> {
    let places = paths::system(environment);
    let folder = places.config.parent().unwrap_or(&places.config);
    let read = rights::directory(ADMINISTRATORS_SID, &[], &[SERVICE_SID]);
    let whole = rights::directory(ADMINISTRATORS_SID, &[SERVICE_SID], &[]);
    let folders = [(folder, &read), (&*places.state, &whole), (&*paths::log(&places), &whole)];
    for (folder, rights) in folders {
        let failed = |error: io::Error| RightsReason::Io(error).of(folder);
        if folder.symlink_metadata().is_ok() && !is_ours(folder).map_err(failed)? {
            move_aside(folder).map_err(failed)?;
        }
        paths::create(folder, rights)?;
        rights::set(folder, rights, true).map_err(failed)?;
    }
    // A file that was in there before keeps its owner, who could change it.
    let drop_ins = folder.join("convened.d");
    for folder in [folder, &drop_ins].into_iter().filter(|folder| folder.is_dir()) {
        let failed = |error: io::Error| RightsReason::Io(error).of(folder);
        for entry in folder.read_dir().map_err(failed)? {
            paths::verify_configuration(&entry.map_err(failed)?.path())?;
        }
    }
    Ok(())
}

fn is_ours(folder: &Path) -> io::Result<bool> {
    let own_sid = Identity::of_this_process()?.user;
    let link = folder.symlink_metadata()?.file_type().is_symlink();
    Ok(!link && rights::is_ours(&rights::read(folder, &own_sid, rights::ANY)?.owner, &own_sid))
}

/// Leaves what a stranger made for an administrator to look at.
fn move_aside(folder: &Path) -> io::Result<()> {
    let beside = |number: u32| {
        let mut name = folder.as_os_str().to_owned();
        name.push(format!(".foreign-{number}"));
        PathBuf::from(name)
    };
    let free = (1..=ASIDE_MAX).map(beside).find(|path| path.symlink_metadata().is_err());
    let free = free.ok_or_else(|| io::Error::other("too many folders of strangers lie beside it"))?;
    std::fs::rename(folder, free)
}

fn prepare_service() -> Result<(), PrepareError> {
    let failed = |what| move |error| PrepareError::Service { what, source: cause(error) };
    let manager = ServiceManager::local_computer(None::<&str>, ServiceManagerAccess::CONNECT)
        .map_err(failed("the service control manager does not answer"))?;
    // The right to start is asked for because an action does.
    let service = manager
        .open_service(NAME, ServiceAccess::CHANGE_CONFIG | ServiceAccess::START)
        .map_err(failed("it cannot be opened"))?;
    let restarts = RESTARTS.map(|delay| ServiceAction { action_type: ServiceActionType::Restart, delay });
    let actions = ServiceFailureActions {
        reset_period: ServiceFailureResetPeriod::After(FORGIVEN_AFTER),
        reboot_msg: None,
        command: None,
        actions: Some(restarts.to_vec()),
    };
    // The identifier in its token lets the folders' rights hold too where an administrator has it
    // run under another account.
    let steps = [
        ("what happens when it crashes was not set", service.update_failure_actions(actions)),
        ("what happens when it fails was not set", service.set_failure_actions_on_non_crash_failures(true)),
        (
            "its identifier was not put into its token",
            service.set_config_service_sid_info(ServiceSidType::Unrestricted),
        ),
    ];
    for (what, done) in steps {
        match done.map_err(failed(what)) {
            Err(PrepareError::Service { source, .. }) if is_unknown(&source) => {}
            done => done?,
        }
    }
    Ok(())
}

fn cause(error: windows_service::Error) -> io::Error {
    if let windows_service::Error::Winapi(cause) = error {
        return cause;
    }
    io::Error::other(error)
}

/// Whether this system knows no such setting of a service's (wine does not); it does without.
fn is_unknown(error: &io::Error) -> bool {
    error.raw_os_error() == Some(ERROR_INVALID_LEVEL.cast_signed())
}
