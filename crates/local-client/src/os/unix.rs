//! Unix sockets, and the kernel's word on who listens.

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use interprocess::local_socket::tokio::Listener;
pub use interprocess::local_socket::tokio::Stream;
use interprocess::local_socket::traits::StreamCommon as _;
use interprocess::local_socket::traits::tokio::{Listener as _, Stream as _};
use interprocess::local_socket::{GenericFilePath, ListenerOptions, ToFsName};
use interprocess::os::unix::local_socket::ListenerOptionsExt as _;

use crate::errors::ConnectError;

/// The user that the packages make for the daemon.
const SERVICE_USER: &str = "convene";
/// The rights of what is this user's alone: a folder and a file.
const OWN_FOLDER: u32 = 0o700;
const OWN_FILE: u32 = 0o600;
/// Anything for the group and for others.
const ANY_OF_OTHERS: u32 = 0o077;

/// Where a daemon of this user's listens, then where the system's does.
pub(crate) fn sockets(environment: &dyn Fn(&str) -> Option<OsString>) -> Vec<PathBuf> {
    let folder = |variable: &str| environment(variable).map(PathBuf::from).filter(|path| path.is_absolute());
    let own = folder("XDG_RUNTIME_DIR").map(|path| path.join("convene"));
    let state = folder("XDG_STATE_HOME").or_else(|| folder("HOME").map(|home| home.join(".local/state")));
    let own = own.into_iter().chain(state.map(|state| state.join("convene")));
    own.map(|path| path.join("convened.sock")).chain([PathBuf::from("/run/convene/convened.sock")]).collect()
}

pub(crate) async fn open(path: &Path) -> io::Result<Stream> {
    Stream::connect(path.to_fs_name::<GenericFilePath>()?).await
}

/// A socket that is this user's alone. It takes the place of one that is there.
pub(crate) fn listen(path: &Path) -> io::Result<Listener> {
    let name = path.to_fs_name::<GenericFilePath>()?;
    ListenerOptions::new().name(name).mode(OWN_FILE).try_overwrite(true).create_tokio()
}

/// A socket for programs of this user, in a folder that is this user's alone.
#[derive(Debug)]
pub(crate) struct OwnListener {
    listener: Listener,
    /// Locked as long as this one listens, and given back after it: two programs that both find a
    /// dead socket would otherwise take each other's new one away.
    _lock: File,
}

impl OwnListener {
    /// Listens at this path. A socket that a dead program left is replaced; a live one, which is
    /// `AddrInUse`, never is.
    pub(crate) fn bind(path: &Path) -> io::Result<Self> {
        let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
        DirBuilder::new().recursive(true).mode(OWN_FOLDER).create(folder)?;
        let found = fs::metadata(folder)?;
        if found.uid() != nix::unistd::geteuid().as_raw() || found.mode() & ANY_OF_OTHERS != 0 {
            let reason = format!("{} is not yours alone: chmod 700 it", folder.display());
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, reason));
        }
        let lock = path.with_extension("lock");
        let lock =
            File::options().read(true).write(true).create(true).truncate(false).mode(OWN_FILE).open(lock)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(io::ErrorKind::AddrInUse.into()),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        Ok(Self { listener: listen(path)?, _lock: lock })
    }

    /// The next program of this user. Cancel safe.
    pub(crate) async fn accept(&self) -> io::Result<Stream> {
        let stream = self.listener.accept().await?;
        if is_own(&stream)? { Ok(stream) } else { Err(io::ErrorKind::PermissionDenied.into()) }
    }
}

/// Whether the program at the other end is this user's.
pub(crate) fn is_own(stream: &Stream) -> io::Result<bool> {
    Ok(stream.peer_creds()?.euid() == Some(nix::unistd::geteuid().as_raw()))
}

/// The daemon runs as root, as its service user, or as this user; nobody else is told a join link.
pub(crate) fn verify(path: &Path, stream: &Stream) -> Result<(), ConnectError> {
    let broken = |source: io::Error| ConnectError::Foreign { path: path.to_owned(), source: source.into() };
    let uid = stream.peer_creds().map_err(broken)?.euid();
    let uid = uid.ok_or_else(|| broken(io::Error::other("the system does not say who listens there")))?;
    let own = nix::unistd::geteuid().as_raw();
    let service = nix::unistd::User::from_name(SERVICE_USER).ok().flatten().map(|user| user.uid.as_raw());
    if uid == 0 || uid == own || Some(uid) == service {
        Ok(())
    } else {
        Err(ConnectError::Impostor { path: path.to_owned(), user: format!("user {uid}") })
    }
}
