//! Named pipes, opened so that whoever has the name learns who asks and can do nothing in their name.

mod desktop;

use std::ffi::OsString;
use std::io;
use std::os::windows::io::{AsRawHandle as _, FromRawHandle as _, OwnedHandle, RawHandle};
use std::path::{Path, PathBuf};
use std::ptr;
use std::time::Duration;

use tokio::net::windows::named_pipe::ClientOptions;
pub(crate) use tokio::net::windows::named_pipe::NamedPipeClient as Stream;
use windows_sys::Win32::Foundation::LocalFree;
use windows_sys::Win32::Security::Authorization::{GetSecurityInfo, SE_KERNEL_OBJECT};
use windows_sys::Win32::Security::{
    EqualSid, GetTokenInformation, IsWellKnownSid, OWNER_SECURITY_INFORMATION, PSID, TOKEN_QUERY, TOKEN_USER,
    TokenUser, WinBuiltinAdministratorsSid, WinLocalServiceSid, WinLocalSystemSid, WinNetworkServiceSid,
};
use windows_sys::Win32::System::Threading::{GetCurrentProcess, OpenProcessToken};

pub(crate) use self::desktop::{DesktopWatch, desktop_proxies};
use crate::client::ConnectError;

/// All instances of the pipe are taken (`ERROR_PIPE_BUSY`): the next one is made when the daemon has accepted.
const BUSY: i32 = 231;
/// Words of a token's user: the structure and the longest identifier (68 bytes) behind it.
const USER_WORDS: usize = 16;
/// Between two tries while all instances are taken; the caller's limit ends them.
const BUSY_PAUSE: Duration = Duration::from_millis(50);

/// Where a daemon of this user's listens, then where the system's does.
pub(crate) fn sockets(environment: &dyn Fn(&str) -> Option<OsString>) -> Vec<PathBuf> {
    let own = environment("USERNAME").map(|user| {
        let mut name = OsString::from(r"\\.\pipe\convened-");
        name.push(user);
        PathBuf::from(name)
    });
    own.into_iter().chain([PathBuf::from(r"\\.\pipe\convened")]).collect()
}

/// `ClientOptions` lets the other end identify this user and not act as this user (`SECURITY_IDENTIFICATION`), which the pipes of
/// `interprocess` do not: whoever took the daemon's name could act as an administrator who asks.
pub(crate) async fn open(path: &Path) -> io::Result<Stream> {
    loop {
        match ClientOptions::new().open(path) {
            Err(error) if error.raw_os_error() == Some(BUSY) => tokio::time::sleep(BUSY_PAUSE).await,
            opened => return opened,
        }
    }
}

/// The pipe belongs to the system, to the accounts that services run as, to the administrators, or to this user; nobody else is
/// told a join link. A pipe's name can be taken by whoever comes first, its owner cannot be chosen.
pub(crate) fn verify(path: &Path, stream: &Stream) -> Result<(), ConnectError> {
    let foreign = |source: io::Error| ConnectError::Foreign { path: path.to_owned(), source: source.into() };
    if is_trusted(stream.as_raw_handle()).map_err(foreign)? {
        Ok(())
    } else {
        Err(ConnectError::Impostor { path: path.to_owned(), user: "somebody else".to_owned() })
    }
}

#[expect(unsafe_code, reason = "calls of the system's")]
fn is_trusted(pipe: RawHandle) -> io::Result<bool> {
    let (mut owner, mut descriptor) = (ptr::null_mut(), ptr::null_mut());
    // SAFETY: the handle is open as long as the stream is borrowed; the system writes two pointers, of which the first leads
    // into what the second is to be freed by.
    let failed = unsafe {
        GetSecurityInfo(
            pipe,
            SE_KERNEL_OBJECT,
            OWNER_SECURITY_INFORMATION,
            &raw mut owner,
            ptr::null_mut(),
            ptr::null_mut(),
            ptr::null_mut(),
            &raw mut descriptor,
        )
    };
    if failed != 0 {
        return Err(io::Error::from_raw_os_error(i32::try_from(failed).unwrap_or(i32::MAX)));
    }
    let accounts = [WinLocalSystemSid, WinLocalServiceSid, WinNetworkServiceSid, WinBuiltinAdministratorsSid];
    // SAFETY: the call succeeded, so the owner is a valid identifier until the descriptor is freed.
    let is_service = accounts.iter().any(|account| unsafe { IsWellKnownSid(owner, *account) } != 0);
    let is_trusted = if is_service { Ok(true) } else { is_own(owner) };
    // SAFETY: the descriptor was given from the local heap, and nothing leads into it any more.
    unsafe { LocalFree(descriptor) };
    is_trusted
}

/// Whether this is the user who runs this process.
#[expect(unsafe_code, reason = "calls of the system's")]
fn is_own(owner: PSID) -> io::Result<bool> {
    let mut token = ptr::null_mut();
    // SAFETY: the pseudo handle of this process is always valid; the system writes one handle.
    if unsafe { OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &raw mut token) } == 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the call succeeded, so the handle is open and nobody else's.
    let token = unsafe { OwnedHandle::from_raw_handle(token) };
    let mut user = [0_u64; USER_WORDS];
    let (bytes, mut written) = (u32::try_from(size_of_val(&user)).unwrap_or(0), 0);
    // SAFETY: the buffer has as many bytes as are told, and is aligned for what the system writes.
    let done = unsafe {
        GetTokenInformation(
            token.as_raw_handle(),
            TokenUser,
            user.as_mut_ptr().cast(),
            bytes,
            &raw mut written,
        )
    };
    if done == 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the call succeeded, so the buffer begins with this structure, whose identifier lies in the same buffer; `owner`
    // is valid by the caller's word.
    Ok(unsafe { EqualSid(owner, (*user.as_ptr().cast::<TOKEN_USER>()).User.Sid) } != 0)
}
