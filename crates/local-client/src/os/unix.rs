//! Unix sockets, and the kernel's word on who listens.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

pub(crate) use interprocess::local_socket::tokio::Stream;
use interprocess::local_socket::traits::StreamCommon as _;
use interprocess::local_socket::traits::tokio::Stream as _;
use interprocess::local_socket::{GenericFilePath, ToFsName};
#[cfg(any(test, feature = "fake"))]
use interprocess::local_socket::{ListenerOptions, tokio::Listener};

use crate::errors::ConnectError;

/// The user that the packages make for the daemon.
const SERVICE_USER: &str = "convene";

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

/// A socket as a daemon's is.
#[cfg(any(test, feature = "fake"))]
pub(crate) fn listen(path: &Path) -> io::Result<Listener> {
    ListenerOptions::new().name(path.to_fs_name::<GenericFilePath>()?).create_tokio()
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
