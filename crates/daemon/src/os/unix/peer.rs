//! The identity of the peer at the other end of a Unix socket.

use std::ffi::CString;
use std::io;
use std::os::fd::AsRawFd;

use nix::unistd::{Gid, Group, Uid, User, geteuid, getgrouplist};
use tokio::net::UnixStream;

use crate::os::{Access, Peer, UserId};

/// Groups of one process: the kernel's own limit (`NGROUPS_MAX`).
const GROUPS_MAX: usize = 65_536;
/// Groups that are asked for at first: almost nobody has more, and then it is asked once more.
const GROUPS_AT_FIRST: usize = 64;

/// The group whose members may change settings and policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PrivilegedGroup(Gid);

impl PrivilegedGroup {
    /// Finds the group by its name; `None` where this machine has no such group. Asks the name
    /// service, so it may block: for the start of the daemon only.
    pub(crate) fn named(name: &str) -> io::Result<Option<Self>> {
        Ok(Group::from_name(name)?.map(|group| Self(group.gid)))
    }

    #[cfg(test)]
    pub(super) fn of(gid: u32) -> Self {
        Self(Gid::from_raw(gid))
    }
}

/// Identifies the peer of a connection by what the kernel kept when it connected.
pub(super) fn identify(stream: &UnixStream, access: &Access) -> io::Result<Peer> {
    let credentials = stream.peer_cred()?;
    let (uid, gid) = (Uid::from_raw(credentials.uid()), Gid::from_raw(credentials.gid()));
    let privileged = uid.is_root()
        || match access {
            Access::ThisUser | Access::System { group: None } => uid == geteuid(),
            Access::System { group: Some(PrivilegedGroup(group)) } => {
                gid == *group || groups(stream, uid, gid)?.contains(group)
            }
        };
    let pid = credentials.pid().and_then(|pid| u32::try_from(pid).ok());
    Ok(Peer { user: UserId::of_uid(uid.as_raw()), pid, privileged })
}

/// The supplementary groups of the peer. The kernel is asked first: it neither waits for a
/// directory server nor mistakes a process that gave its groups up for one that has them.
fn groups(stream: &UnixStream, uid: Uid, gid: Gid) -> io::Result<Vec<Gid>> {
    match peer_groups(stream) {
        // Linux before 4.13: the user's groups instead of the process's.
        Err(error) if error.raw_os_error() == Some(libc::ENOPROTOOPT) => groups_of_user(uid, gid),
        known => known,
    }
}

fn peer_groups(stream: &UnixStream) -> io::Result<Vec<Gid>> {
    let mut room = GROUPS_AT_FIRST;
    loop {
        let mut groups: Vec<libc::gid_t> = vec![0; room];
        let mut bytes =
            libc::socklen_t::try_from(size_of_val(groups.as_slice())).map_err(io::Error::other)?;
        #[expect(unsafe_code, reason = "no safe wrapper knows SO_PEERGROUPS")]
        // SAFETY: the descriptor is open, and `groups` has `bytes` bytes of plain numbers to write
        // into.
        let result = unsafe {
            let buffer = groups.as_mut_ptr().cast();
            libc::getsockopt(
                stream.as_raw_fd(),
                libc::SOL_SOCKET,
                libc::SO_PEERGROUPS,
                buffer,
                &raw mut bytes,
            )
        };
        let count = usize::try_from(bytes).map_err(io::Error::other)? / size_of::<libc::gid_t>();
        if result == 0 {
            groups.truncate(count);
            return Ok(groups.into_iter().map(Gid::from_raw).collect());
        }
        let error = io::Error::last_os_error();
        if error.raw_os_error() != Some(libc::ERANGE) || count <= room || count > GROUPS_MAX {
            return Err(error);
        }
        room = count;
    }
}

/// The groups of a user as the name service has them; none for a user whom it does not know.
pub(super) fn groups_of_user(uid: Uid, gid: Gid) -> io::Result<Vec<Gid>> {
    let Some(user) = User::from_uid(uid)? else { return Ok(Vec::new()) };
    Ok(getgrouplist(&CString::new(user.name)?, gid)?)
}
