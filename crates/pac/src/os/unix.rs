//! Limits of the process, no new privileges, no file and no network, and nobody's user.

use std::io;

#[cfg(target_os = "linux")]
use landlock::{
    ABI, Access as _, AccessFs, AccessNet, RestrictionStatus, Ruleset, RulesetAttr as _, RulesetError, Scope,
};
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
    // First, for it takes a descriptor. Elsewhere there is nothing of the kind; the user and the limits hold.
    #[cfg(target_os = "linux")]
    if !shut_in().map_err(io::Error::other)?.no_new_privs {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
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
    Ok(())
}

/// From now on this thread, which is the child's only one, takes no new privileges, opens, runs and changes no file, reaches nobody by
/// TCP, and sends other processes no signal (Landlock), whoever its user is. Older kernels know a part of it, or privileges alone.
#[cfg(target_os = "linux")]
fn shut_in() -> Result<RestrictionStatus, RulesetError> {
    let newest = ABI::V6;
    let rules = Ruleset::default()
        .handle_access(AccessFs::from_all(newest))?
        .handle_access(AccessNet::from_all(newest))?
        .scope(Scope::from_all(newest))?;
    rules.create()?.restrict_self()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::fs::File;
    use std::io::ErrorKind;
    use std::net::{Ipv4Addr, TcpListener, TcpStream};
    use std::thread;

    use landlock::RulesetStatus;

    use super::*;

    #[test]
    fn who_is_shut_in_opens_no_file_and_reaches_nobody() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        assert!(File::open("/etc/passwd").is_ok() && TcpStream::connect(address).is_ok());
        // It counts for one thread.
        let tried = thread::spawn(move || {
            let status = shut_in().unwrap().ruleset;
            let file = File::open("/etc/passwd").map(drop).map_err(|error| error.kind());
            let stream = TcpStream::connect(address).map(drop).map_err(|error| error.kind());
            (status, file, stream)
        });
        let (status, file, stream) = tried.join().unwrap();
        let denied = Err(ErrorKind::PermissionDenied);
        match status {
            RulesetStatus::FullyEnforced => assert_eq!((file, stream), (denied, denied)),
            RulesetStatus::PartiallyEnforced => assert_eq!(file, denied),
            RulesetStatus::NotEnforced => assert!(file.is_ok(), "this kernel knows nothing of it"),
        }
    }
}
