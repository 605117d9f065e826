//! Sockets that systemd opened for the daemon (sd_listen_fds(3)).

use std::fs;
use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use nix::sys::socket::{SockType, getsockopt, sockopt};

/// The socket that systemd passed, if it passed one.
///
/// # Errors
/// When what was passed is not a stream socket that listens at this path: frontends would wait for
/// an answer at the wrong one.
pub(super) fn passed_socket(path: &Path) -> io::Result<Option<OwnedFd>> {
    let mut passed = sd_notify::listen_fds()?;
    let Some(descriptor) = passed.next() else { return Ok(None) };
    if passed.next().is_some() {
        return Err(io::Error::other("systemd passes more than one socket; the daemon takes one"));
    }
    #[expect(unsafe_code, reason = "systemd names the descriptor by its number")]
    // SAFETY: sd_listen_fds has just set a flag on the descriptor, so it is open, and nothing in
    // this program closes it.
    let borrowed = unsafe { BorrowedFd::borrow_raw(descriptor) };
    let owned = borrowed.try_clone_to_owned()?;
    verify(&owned, path)?;
    Ok(Some(owned))
}

/// Verifies that this is a listening stream socket with this path.
pub(super) fn verify(descriptor: &OwnedFd, path: &Path) -> io::Result<()> {
    let stream = getsockopt(descriptor, sockopt::SockType)? == SockType::Stream;
    if !stream || !getsockopt(descriptor, sockopt::AcceptConn)? {
        return Err(io::Error::other("systemd passes something that is not a listening stream socket"));
    }
    let address = UnixListener::from(descriptor.try_clone()?).local_addr()?;
    let at = address.as_pathname().map(real);
    if at.as_deref() == Some(path) {
        return Ok(());
    }
    let at = at.map_or_else(|| "no path".to_owned(), |at| at.display().to_string());
    Err(io::Error::other(format!("systemd passes a socket with {at}; let ListenStream= and --socket agree")))
}

/// The path with its directory's links resolved, as the daemon's own path is.
fn real(path: &Path) -> PathBuf {
    let directory = path.parent().and_then(|parent| fs::canonicalize(parent).ok());
    match (directory, path.file_name()) {
        (Some(directory), Some(file)) => directory.join(file),
        (None, _) | (_, None) => path.to_owned(),
    }
}
