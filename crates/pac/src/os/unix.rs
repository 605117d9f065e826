//! Limits of the process, no new privileges, and nobody's user.

use std::io;

use nix::sys::resource::{Resource, setrlimit};
use nix::unistd::{Gid, Uid, setgid, setgroups, setuid};

/// Bytes of address space: the program, its libraries, and a script's heap several times over.
const ADDRESS_BYTES_MAX: u64 = 512 * 1024 * 1024;
/// Seconds of computing, beyond what the interrupt allows: the last line behind it.
const CPU_SECONDS_MAX: u64 = 2;
/// The user and the group that own nothing.
const NOBODY: u32 = 65_534;

/// Gives up everything that a script does not need. After an error nothing may be run.
pub(crate) fn give_up_rights() -> io::Result<()> {
    for (resource, limit) in [
        (Resource::RLIMIT_AS, ADDRESS_BYTES_MAX),
        (Resource::RLIMIT_CPU, CPU_SECONDS_MAX),
        (Resource::RLIMIT_CORE, 0),
        (Resource::RLIMIT_FSIZE, 0),
        // No descriptor beyond those that are open: no file and no socket.
        (Resource::RLIMIT_NOFILE, 3),
        (Resource::RLIMIT_NPROC, 0),
    ] {
        setrlimit(resource, limit, limit)?;
    }
    if Uid::effective().is_root() {
        setgroups(&[])?;
        setgid(Gid::from_raw(NOBODY))?;
        setuid(Uid::from_raw(NOBODY))?;
    }
    // Elsewhere there is no such promise to be had; the user and the limits hold.
    #[cfg(target_os = "linux")]
    no_new_privileges()?;
    Ok(())
}

#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "a call of the system")]
fn no_new_privileges() -> io::Result<()> {
    // SAFETY: this option of prctl(2) takes numbers only.
    match unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}
