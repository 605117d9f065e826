//! Looks at the file that may stand at the place of the socket already.

use std::fs;
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::FileTypeExt;
use std::path::Path;

use nix::errno::Errno;
use nix::sys::socket::{AddressFamily, SockFlag, SockType, UnixAddr, connect, getsockopt, socket, sockopt};

use crate::os::{BindError, SocketPath};

/// Removes a socket at which nobody listens any more. To be called under the lock only: two daemons
/// that both find a dead socket would otherwise remove each other's new one.
pub(super) fn make_room(path: &SocketPath, socket: &Path) -> Result<(), BindError> {
    let failed = |source| BindError::Io { path: path.clone(), source };
    let found = match fs::symlink_metadata(socket) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed(error)),
    };
    if !found.file_type().is_socket() {
        return Err(BindError::NotASocket { path: path.clone() });
    }
    // The lock alone is not enough: systemd holds a socket without it.
    match listens(socket).map_err(failed)? {
        Listening::Yes { pid } => Err(BindError::AlreadyRunning { path: path.clone(), pid }),
        Listening::No => fs::remove_file(socket).map_err(failed),
    }
}

enum Listening {
    Yes { pid: Option<u32> },
    No,
}

/// Knocks without waiting.
fn listens(path: &Path) -> io::Result<Listening> {
    let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
    let knock = socket(AddressFamily::Unix, SockType::Stream, flags, None)?;
    match connect(knock.as_raw_fd(), &UnixAddr::new(path)?) {
        Ok(()) => {
            let listener = getsockopt(&knock, sockopt::PeerCredentials)?;
            Ok(Listening::Yes { pid: u32::try_from(listener.pid()).ok() })
        }
        // Its queue is full, or it is a socket of another kind: somebody lives there.
        Err(Errno::EAGAIN | Errno::EPROTOTYPE) => Ok(Listening::Yes { pid: None }),
        Err(Errno::ECONNREFUSED | Errno::ENOENT) => Ok(Listening::No),
        Err(error) => Err(error.into()),
    }
}
