//! The Unix socket that frontends connect to.

use std::ffi::OsString;
use std::fs::{self, Permissions};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use convene_service_log::number;
use interprocess::local_socket::traits::tokio::Listener as _;
use interprocess::local_socket::{GenericFilePath, ListenerOptions, ToFsName};
use interprocess::os::unix::local_socket::ListenerOptionsExt;
use interprocess::os::unix::uds_local_socket::tokio::{Listener, Stream};
use tokio::time::{Interval, MissedTickBehavior};

use super::lock::{Lock, LockError};
use super::{activation, directory, occupant, peer};
use crate::os::{AcceptError, Access, BindError, Peer, RightsError, RightsReason, SocketPath};

/// A frontend's connection.
pub(crate) type LocalStream = Stream;

/// Nobody but the owner: the socket's mode until everything about it is verified, and for good
/// where only this user may connect.
const CLOSED: u32 = 0o600;
/// Everybody may connect: who they are is asked of the kernel, connection by connection.
const OPEN: u32 = 0o666;

/// Between two looks at whether the socket's name still leads here. A person or a script cleans up
/// a directory: frontends can wait a minute after that, and an idle daemon does nothing else.
pub(super) const LOOK_EVERY: Duration = Duration::from_mins(1);

/// The socket that frontends connect to. Dropping it takes the socket away and lets another daemon
/// have the name.
#[derive(Debug)]
pub(crate) struct LocalListener {
    listener: Listener,
    path: SocketPath,
    access: Access,
    /// The file that leads here, wherever its name went.
    identity: Identity,
    looks: Interval,
    /// Why the name could not be had again, as it was told last.
    told: Option<String>,
    /// Dropped after the listener, so that a new daemon never finds a name that is free and a
    /// socket that still listens. `None` where the socket is systemd's.
    name: Option<HeldName>,
}

impl LocalListener {
    /// Listens at this path, or takes the socket that systemd opened there. A socket that a dead
    /// daemon left is removed; a live one is never displaced. The socket is closed to others until
    /// its directory and its rights are verified. Must be called inside a runtime.
    ///
    /// # Errors
    /// When another daemon has the name, when others could tamper with the socket, or when the
    /// system refuses.
    pub(crate) fn bind(path: &SocketPath, access: Access) -> Result<Self, BindError> {
        let failed = |source| BindError::Io { path: path.clone(), source };
        let location = SocketLocation::of(path, &access)?;
        match activation::passed_socket(&location.socket).map_err(failed)? {
            Some(passed) => Self::adopt(passed, path, &location, access),
            None => Self::open(path, &location, access, None),
        }
    }

    /// Takes over a socket that listens at this place already.
    pub(super) fn adopt(
        passed: OwnedFd,
        path: &SocketPath,
        location: &SocketLocation,
        access: Access,
    ) -> Result<Self, BindError> {
        verify_rights(&location.socket, &access)?;
        let listener =
            Listener::try_from(passed).map_err(|source| BindError::Io { path: path.clone(), source })?;
        let identity =
            identity(&location.socket).map_err(|source| BindError::Io { path: path.clone(), source })?;
        Ok(Self { listener, path: path.clone(), access, identity, looks: looks(), told: None, name: None })
    }

    /// Listens under the lock: the one that is `held`, as long as its file is in its place, or one
    /// that is taken.
    fn open(
        path: &SocketPath,
        location: &SocketLocation,
        access: Access,
        held: Option<Arc<Lock>>,
    ) -> Result<Self, BindError> {
        let failed = |source| BindError::Io { path: path.clone(), source };
        let lock = match held.filter(|held| held.is_at(&location.lock)) {
            Some(held) => held,
            None => Arc::new(Lock::take(&location.lock).map_err(|error| match error {
                LockError::Held { pid } => BindError::AlreadyRunning { path: path.clone(), pid },
                LockError::Io(source) => failed(source),
            })?),
        };
        occupant::make_room(path, &location.socket)?;

        let name = location.socket.as_path().to_fs_name::<GenericFilePath>().map_err(failed)?;
        let options = ListenerOptions::new().name(name).mode(CLOSED).reclaim_name(false);
        let listener = options.create_tokio_as::<Listener>().map_err(failed)?;
        let identity = identity(&location.socket).map_err(failed)?;
        let name = HeldName { socket: location.socket.clone(), identity, lock };
        if let Access::System { .. } = access {
            let opened = fs::set_permissions(&location.socket, Permissions::from_mode(OPEN));
            opened.map_err(|error| RightsReason::Io(error).of(&location.socket))?;
        }
        verify_rights(&location.socket, &access)?;
        let (path, name) = (path.clone(), Some(name));
        Ok(Self { listener, path, access, identity, looks: looks(), told: None, name })
    }

    /// Waits for the next frontend and says who it is. Meanwhile a socket file that was deleted is
    /// made again. Nothing is lost when the future is dropped.
    ///
    /// # Errors
    /// See [`AcceptError`]; the listener goes on.
    pub(crate) async fn accept(&mut self) -> Result<(LocalStream, Peer), AcceptError> {
        let stream = loop {
            tokio::select! {
                accepted = self.listener.accept() => break accepted.map_err(AcceptError::Exhausted)?,
                _ = self.looks.tick() => self.keep_name(),
            }
        };
        let peer = peer::identify(stream.inner(), &self.access).map_err(AcceptError::Unidentified)?;
        Ok((stream, peer))
    }

    /// Listens anew where the name does not lead here any more. Frontends that are attached stay
    /// attached.
    fn keep_name(&mut self) {
        let Self { path, access, .. } = &*self;
        if identity(path.as_path()).is_ok_and(|found| found == self.identity) {
            self.told = None;
            return;
        }
        let number = number::SOCKET_LOST;
        let held = self.name.as_ref().map(|name| Arc::clone(&name.lock));
        let opened = SocketLocation::of(path, access)
            .and_then(|location| Self::open(path, &location, access.clone(), held));
        match opened {
            Ok(opened) => {
                tracing::warn!(number, socket = %path, "the socket was gone, and is made again");
                *self = opened;
            }
            Err(error) => {
                let error = Some(error.to_string());
                if self.told != error {
                    tracing::error!(number, error, "the socket is gone: no frontend finds this daemon");
                    self.told = error;
                }
            }
        }
    }
}

/// The place where the socket is to be, in a directory that is verified.
#[derive(Debug)]
pub(super) struct SocketLocation {
    socket: PathBuf,
    lock: PathBuf,
}

impl SocketLocation {
    /// Makes and verifies the directory. From here on its real path is used, so that no link can be
    /// bent any more.
    pub(super) fn of(path: &SocketPath, access: &Access) -> Result<Self, BindError> {
        let failed = |source| BindError::Io { path: path.clone(), source };
        let whole = std::path::absolute(path.as_path()).map_err(failed)?;
        let (Some(parent), Some(file)) = (whole.parent(), whole.file_name()) else {
            return Err(BindError::NotASocket { path: path.clone() });
        };
        let mode = match access {
            Access::System { .. } => 0o755,
            Access::ThisUser => 0o700,
        };
        directory::create(parent, mode)?;
        let real = directory::verify_guarded(parent)?;
        let mut lock = OsString::from(file);
        lock.push(".lock");
        Ok(Self { socket: real.join(file), lock: real.join(lock) })
    }
}

/// Verifies that the socket is ours or root's and no wider open than it is meant to be.
fn verify_rights(socket: &Path, access: &Access) -> Result<(), RightsError> {
    let found = fs::symlink_metadata(socket).map_err(|error| RightsReason::Io(error).of(socket))?;
    if !found.file_type().is_socket() {
        return Err(RightsReason::Kind { expected: "a socket" }.of(socket));
    }
    directory::verify_owner(socket, &found)?;
    let widest = match access {
        Access::System { .. } => OPEN,
        Access::ThisUser => CLOSED,
    };
    if found.mode() & 0o777 & !widest != 0 {
        let remedy = format!("chmod {widest:o} {}", socket.display());
        let who = "users other than the owner".to_owned();
        return Err(RightsReason::Open { who, right: "use", remedy }.of(socket));
    }
    Ok(())
}

fn looks() -> Interval {
    let mut looks = tokio::time::interval_at(tokio::time::Instant::now() + LOOK_EVERY, LOOK_EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    looks
}

/// Device and number of a file.
type Identity = (u64, u64);

/// The socket's name in the file system, which is removed with the listener.
#[derive(Debug)]
struct HeldName {
    socket: PathBuf,
    /// Only this file is removed, not what may have taken its place.
    identity: Identity,
    lock: Arc<Lock>,
}

impl Drop for HeldName {
    fn drop(&mut self) {
        if identity(&self.socket).is_ok_and(|found| found == self.identity)
            && let Err(error) = fs::remove_file(&self.socket)
        {
            tracing::debug!(%error, "the socket stays behind; the next daemon removes it");
        }
    }
}

fn identity(path: &Path) -> io::Result<Identity> {
    let found = fs::symlink_metadata(path)?;
    Ok((found.dev(), found.ino()))
}
