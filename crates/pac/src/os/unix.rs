//! Limits of the process, no new privileges, no file and no network, and nobody's user.

#[cfg(target_os = "linux")]
use std::ffi::c_void;
use std::io;
use std::path::PathBuf;

#[cfg(target_os = "linux")]
use landlock::{
    ABI, Access as _, AccessFs, AccessNet, RestrictionStatus, Ruleset, RulesetAttr as _, RulesetError, Scope,
};
#[cfg(target_os = "linux")]
use nix::errno::Errno;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::unistd::{Gid, Uid, setgid, setgroups, setuid};
#[cfg(target_os = "linux")]
use rustix::thread::{CapabilitySet, CapabilitySets, capabilities, set_capabilities};

/// Bytes of address space: the program, its libraries, and a script's heap several times over.
const ADDRESS_BYTES_MAX: u64 = 512 * 1024 * 1024;
/// Seconds of computing, beyond what the interrupt allows: the last line behind it.
const CPU_SECONDS_MAX: u64 = 2;
/// Computing beyond the second that the interrupt allows, start and end of the child included: a
/// loop inside one call of the interpreter's own is never interrupted.
#[cfg(target_os = "linux")]
const COMPUTING_MAX: libc::timeval = libc::timeval { tv_sec: 1, tv_usec: 300_000 };
/// A root without them is a user like others, who owns many files, which Landlock keeps shut.
#[cfg(target_os = "linux")]
const NO_CAPABILITIES: CapabilitySets = CapabilitySets {
    effective: CapabilitySet::empty(),
    permitted: CapabilitySet::empty(),
    inheritable: CapabilitySet::empty(),
};
/// The user and the group that own nothing.
const NOBODY: u32 = 65_534;

/// Gives up everything that a script does not need. After an error nothing may be run.
pub(crate) fn give_up_rights() -> io::Result<()> {
    // First, for it takes a descriptor. Elsewhere there is nothing of the kind; the user and the
    // limits hold.
    #[cfg(target_os = "linux")]
    if is_hidden(landlock_version(), &modules()) {
        return Err(io::ErrorKind::Unsupported.into());
    }
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
    #[cfg(target_os = "linux")]
    limit_computing()?;
    if Uid::effective().is_root() {
        let became = become_nobody();
        // Elsewhere the user is all that keeps a script from its files.
        if !cfg!(target_os = "linux") {
            became?;
        }
    }
    // Of a service that has none, some filters of system calls kill whoever sets them.
    #[cfg(target_os = "linux")]
    if capabilities(None)? != NO_CAPABILITIES {
        set_capabilities(None, NO_CAPABILITIES)?;
    }
    Ok(())
}

/// Has the system end this process once it has computed for so long; waiting does not count.
#[cfg(target_os = "linux")]
fn limit_computing() -> io::Result<()> {
    let never = libc::timeval { tv_sec: 0, tv_usec: 0 };
    let timer = libc::itimerval { it_interval: never, it_value: COMPUTING_MAX };
    #[expect(unsafe_code, reason = "no library of ours sets this timer")]
    // SAFETY: the timer is read during the call, and nothing is written.
    let set = unsafe { libc::setitimer(libc::ITIMER_PROF, &raw const timer, std::ptr::null_mut()) };
    if set == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Becomes nobody, as far as this process may: a service may have been started without the right to
/// become somebody else, and a container may have no other user. Then the child stays whom the
/// daemon is, without what else the daemon may do. Gives the first error.
fn become_nobody() -> io::Result<()> {
    let (groups, group) = (setgroups(&[]), setgid(Gid::from_raw(NOBODY)));
    let user = setuid(Uid::from_raw(NOBODY));
    groups.and(group).and(user).map_err(Into::into)
}

/// Lets the main thread's stack grow so far, where the system permits that; gives how far it may
/// grow. Linux leaves 128 MiB below each, and looks at the limit when it grows.
pub(crate) fn stack_room(wanted: u64) -> u64 {
    let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_STACK) else { return 0 };
    let grown = wanted.min(hard);
    let grows = cfg!(target_os = "linux") && soft < grown;
    if grows && setrlimit(Resource::RLIMIT_STACK, grown, hard).is_ok() { grown } else { soft.min(wanted) }
}

/// This program as it was started, whatever lies at its path now: an upgrade puts another one
/// there, which may speak otherwise, or nothing.
pub(crate) fn own_program() -> PathBuf {
    let running = PathBuf::from("/proc/self/exe");
    if running.exists() { running } else { std::env::current_exe().unwrap_or_default() }
}

/// The kernel's answer to the question which Landlock it has.
#[cfg(target_os = "linux")]
fn landlock_version() -> Result<i64, Errno> {
    /// `LANDLOCK_CREATE_RULESET_VERSION` (landlock_create_ruleset(2)).
    const VERSION: u32 = 1;
    let nothing = std::ptr::null::<c_void>();
    #[expect(unsafe_code, reason = "no library asks it apart from a ruleset")]
    // SAFETY: with this flag the call reads nothing and makes nothing.
    Errno::result(unsafe { libc::syscall(libc::SYS_landlock_create_ruleset, nothing, 0_usize, VERSION) })
}

/// The kernel's security modules, or nothing where they are not shown.
#[cfg(target_os = "linux")]
fn modules() -> String {
    std::fs::read_to_string("/sys/kernel/security/lsm").unwrap_or_default()
}

/// Whether the kernel has Landlock and a filter of system calls hides it, as one does that is older
/// than Landlock. The kernel itself says that it has none (`ENOSYS`) or that it is switched off
/// (`EOPNOTSUPP`); some filters say the former too.
#[cfg(target_os = "linux")]
fn is_hidden(answer: Result<i64, Errno>, modules: &str) -> bool {
    match answer {
        Ok(_) | Err(Errno::EOPNOTSUPP) => false,
        Err(Errno::ENOSYS) => modules.split(',').any(|module| module.trim() == "landlock"),
        Err(_) => true,
    }
}

/// From now on this thread, which is the child's only one, takes no new privileges, opens, runs and
/// changes no file, reaches nobody by TCP, and sends other processes no signal (Landlock), whoever
/// its user is. Older kernels know a part of it, or privileges alone.
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

    /// A filter for this thread that answers these calls so.
    fn filter(call: i64, errno: Errno) {
        let call = u32::try_from(call).expect("a call has a small number");
        let step = |code: u32, jt, jf, k| libc::sock_filter {
            code: u16::try_from(code).expect("16 bits"),
            jt,
            jf,
            k,
        };
        let mut steps = [
            step(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0, 0),
            step(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, 0, 1, call),
            step(libc::BPF_RET | libc::BPF_K, 0, 0, libc::SECCOMP_RET_ERRNO | errno as u32),
            step(libc::BPF_RET | libc::BPF_K, 0, 0, libc::SECCOMP_RET_ALLOW),
        ];
        let program = libc::sock_fprog { len: 4, filter: steps.as_mut_ptr() };
        #[expect(unsafe_code, reason = "no library of ours makes filters")]
        // SAFETY: the program and its steps outlive the call.
        let done = unsafe {
            libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
                | libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &raw const program)
        };
        assert_eq!(done, 0);
    }

    #[test]
    fn a_filter_that_hides_landlock_is_noticed_before_a_script_runs() {
        let tried = thread::spawn(|| {
            filter(libc::SYS_landlock_create_ruleset, Errno::EPERM);
            give_up_rights().map_err(|error| error.kind())
        });
        assert_eq!(tried.join().unwrap(), Err(ErrorKind::Unsupported));
    }

    #[test]
    fn a_kernel_without_landlock_is_told_from_a_filter() {
        let modules = "lockdown,capability,landlock,yama\n";
        assert!(!is_hidden(Ok(4), modules));
        assert!(is_hidden(Err(Errno::EPERM), modules) && is_hidden(Err(Errno::EPERM), ""));
        assert!(is_hidden(Err(Errno::ENOSYS), modules), "the kernel has it");
        assert!(!is_hidden(Err(Errno::ENOSYS), "capability,yama"), "the kernel has none");
        assert!(!is_hidden(Err(Errno::EOPNOTSUPP), modules), "it is switched off");
    }

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
