//! Named pipes, opened so that whoever has the name learns who asks and can do nothing in their
//! name.

#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io;
use std::os::windows::fs::OpenOptionsExt as _;
use std::os::windows::io::{
    AsRawHandle as _, FromRawHandle as _, IntoRawHandle as _, OwnedHandle, RawHandle,
};
use std::path::{Path, PathBuf};
use std::ptr;
use std::time::Duration;

use convene_local_api::{PIPE_CLIENT_RIGHTS, SERVICE_SID};
use interprocess::local_socket::tokio::{Listener, Stream as ServerStream};
use interprocess::local_socket::traits::tokio::Listener as _;
use interprocess::local_socket::{GenericFilePath, ListenerOptions, ToFsName as _};
use interprocess::os::windows::local_socket::ListenerOptionsExt as _;
use interprocess::os::windows::security_descriptor::SecurityDescriptor;
pub use tokio::net::windows::named_pipe::NamedPipeClient as Stream;
use widestring::U16CString;
use windows_sys::Win32::Foundation::{HANDLE, LocalFree};
use windows_sys::Win32::Security::Authorization::{
    ConvertSidToStringSidW, GetSecurityInfo, SE_KERNEL_OBJECT,
};
use windows_sys::Win32::Security::{
    EqualSid, GetTokenInformation, IsWellKnownSid, OWNER_SECURITY_INFORMATION, PSID, TOKEN_QUERY, TOKEN_USER,
    TokenUser, WinBuiltinAdministratorsSid, WinLocalSystemSid,
};
use windows_sys::Win32::Storage::FileSystem::{FILE_FLAG_OVERLAPPED, SECURITY_IDENTIFICATION};
use windows_sys::Win32::System::Threading::{
    GetCurrentProcess, OpenProcess, OpenProcessToken, PROCESS_QUERY_LIMITED_INFORMATION,
};

use crate::errors::ConnectError;

/// All instances of the pipe are taken (`ERROR_PIPE_BUSY`): the next one is made when the daemon
/// has accepted.
const BUSY: i32 = 231;
/// Somebody has the name of the pipe (`ERROR_ACCESS_DENIED`), beside `BUSY`.
const TAKEN: i32 = 5;
/// Characters of the longest identifier (15 numbers) and more.
const SID_CHARS_MAX: usize = 256;
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

/// The other end may learn who this user is and may not act as this user
/// (`SECURITY_IDENTIFICATION`): whoever took the daemon's name could otherwise act as an
/// administrator who asks.
pub(crate) async fn open(path: &Path) -> io::Result<Stream> {
    let mut options = OpenOptions::new();
    options
        .access_mode(PIPE_CLIENT_RIGHTS)
        .custom_flags(FILE_FLAG_OVERLAPPED)
        .security_qos_flags(SECURITY_IDENTIFICATION);
    let pipe = loop {
        match options.open(path) {
            Err(error) if error.raw_os_error() == Some(BUSY) => tokio::time::sleep(BUSY_PAUSE).await,
            opened => break opened?,
        }
    };
    #[expect(
        unsafe_code,
        reason = "the runtime has no safe way to take a pipe that was opened with rights of one's own"
    )]
    // SAFETY: the handle is open, nobody else's from here on, and overlapped as the runtime needs
    // it; what is no pipe it refuses.
    unsafe {
        Stream::from_raw_handle(pipe.into_raw_handle())
    }
}

/// The pipe belongs to the system, to the daemon's service, to the administrators, or to this user;
/// nobody else is told a join link. A pipe's name can be taken by whoever comes first, its owner
/// cannot be chosen, and only the owner can make instances of it.
pub(crate) fn verify(path: &Path, stream: &Stream) -> Result<(), ConnectError> {
    let foreign = |source: io::Error| ConnectError::Foreign { path: path.to_owned(), source: source.into() };
    #[expect(unsafe_code, reason = "the identifier lies in memory that the system laid out")]
    // SAFETY: the owner is valid, or null, while it is looked at.
    let stranger = with_owner(stream.as_raw_handle(), |owner| unsafe { judge(owner) });
    match stranger.map_err(foreign)? {
        None => Ok(()),
        Some(user) => Err(ConnectError::Impostor { path: path.to_owned(), user }),
    }
}

/// Whether the pipe is this user's.
#[expect(unsafe_code, reason = "the identifier lies in memory that the system laid out")]
pub(crate) fn is_own(stream: &Stream) -> io::Result<bool> {
    with_owner(stream.as_raw_handle(), |owner| {
        if owner.is_null() {
            return Ok(false);
        }
        // SAFETY: the owner is valid while it is looked at.
        unsafe { is_this_user(owner) }
    })
}

/// Looks at the identifier of the pipe's owner, which is valid meanwhile, or null.
#[expect(unsafe_code, reason = "calls of the system's")]
fn with_owner<T>(pipe: RawHandle, look: impl FnOnce(PSID) -> io::Result<T>) -> io::Result<T> {
    let (mut owner, mut descriptor) = (ptr::null_mut(), ptr::null_mut());
    // SAFETY: the handle is open as long as the stream is borrowed; the system writes two pointers,
    // of which the first leads into what the second is to be freed by.
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
    // The call succeeded, so the owner is a valid identifier, or null, until the descriptor is
    // freed.
    let seen = look(owner);
    // SAFETY: the descriptor was given from the local heap, and nothing leads into it any more.
    unsafe { LocalFree(descriptor) };
    seen
}

/// # Safety
/// The owner must be null or a valid identifier.
#[expect(unsafe_code, reason = "calls of the system's")]
unsafe fn judge(owner: PSID) -> io::Result<Option<String>> {
    if owner.is_null() {
        return Ok(Some("nobody".to_owned()));
    }
    let accounts = [WinLocalSystemSid, WinBuiltinAdministratorsSid];
    // SAFETY: the owner is valid by this function's contract.
    let is_known = accounts.iter().any(|account| unsafe { IsWellKnownSid(owner, *account) } != 0);
    // SAFETY: as above.
    if is_known || unsafe { is_this_user(owner) }? {
        return Ok(None);
    }
    // SAFETY: as above.
    let owner = unsafe { text(owner) }?;
    Ok(Some(owner).filter(|owner| owner != SERVICE_SID))
}

/// # Safety
/// The pointer must be to a valid identifier.
#[expect(unsafe_code, reason = "calls of the system's")]
unsafe fn text(sid: PSID) -> io::Result<String> {
    let mut text = ptr::null_mut();
    // SAFETY: the identifier is valid by this function's contract; the system writes one pointer.
    if unsafe { ConvertSidToStringSidW(sid, &raw mut text) } == 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the call succeeded, so this is a text that ends with a zero, long before the limit;
    // it is freed after it was copied.
    unsafe {
        let length = (0..SID_CHARS_MAX).take_while(|at| *text.add(*at) != 0).count();
        let copied = String::from_utf16_lossy(std::slice::from_raw_parts(text, length));
        LocalFree(text.cast());
        Ok(copied)
    }
}

/// Whether this is the user who runs this process.
///
/// # Safety
/// The owner must be a valid identifier.
#[expect(unsafe_code, reason = "a call of the system's")]
unsafe fn is_this_user(owner: PSID) -> io::Result<bool> {
    // SAFETY: one is valid by this function's contract, the other by that of `with_own`.
    with_own(|own| unsafe { EqualSid(owner, own) } != 0)
}

/// Whether this user runs the process of this number.
///
/// # Errors
/// When the process is gone, or its user keeps this one from looking.
#[expect(unsafe_code, reason = "calls of the system's")]
pub fn is_own_process(pid: u32) -> io::Result<bool> {
    // SAFETY: numbers go in, and a handle or null comes out.
    let process = unsafe { OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, 0, pid) };
    if process.is_null() {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the call succeeded, so the handle is open and nobody else's.
    let process = unsafe { OwnedHandle::from_raw_handle(process) };
    // SAFETY: the handle is open, and was opened to query the process; the identifier is valid
    // while it is looked at.
    let is_own = unsafe { with_user_of(process.as_raw_handle(), |user| is_this_user(user)) };
    is_own?
}

/// Looks at the identifier of the user who runs this process, which is valid meanwhile.
#[expect(unsafe_code, reason = "calls of the system's")]
fn with_own<T>(look: impl FnOnce(PSID) -> T) -> io::Result<T> {
    // SAFETY: the pseudo handle of this process is always valid.
    unsafe { with_user_of(GetCurrentProcess(), look) }
}

/// Looks at the identifier of the user who runs a process, which is valid meanwhile.
///
/// # Safety
/// The handle must be open, and allow to query the process.
#[expect(unsafe_code, reason = "calls of the system's")]
unsafe fn with_user_of<T>(process: HANDLE, look: impl FnOnce(PSID) -> T) -> io::Result<T> {
    let mut token = ptr::null_mut();
    // SAFETY: the handle is open by this function's contract; the system writes one handle.
    if unsafe { OpenProcessToken(process, TOKEN_QUERY, &raw mut token) } == 0 {
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
    // SAFETY: the call succeeded, so the buffer begins with this structure, whose identifier lies
    // in the same buffer.
    Ok(look(unsafe { (*user.as_ptr().cast::<TOKEN_USER>()).User.Sid }))
}

/// A pipe for programs of this user. The system gives its name to one program at a time.
#[derive(Debug)]
pub(crate) struct OwnListener(Listener);

impl OwnListener {
    /// Listens at this name; `AddrInUse` where somebody else does.
    pub(crate) fn bind(path: &Path) -> io::Result<Self> {
        match listen(path) {
            Err(error) if [Some(BUSY), Some(TAKEN)].contains(&error.raw_os_error()) => {
                Err(io::ErrorKind::AddrInUse.into())
            }
            listening => listening.map(Self),
        }
    }

    /// The next program of this user: the system lets no other one open the pipe. Cancel safe.
    pub(crate) async fn accept(&self) -> io::Result<ServerStream> {
        self.0.accept().await
    }
}

/// A pipe that belongs to this user, and that only this user can open.
pub(crate) fn listen(path: &Path) -> io::Result<Listener> {
    #[expect(unsafe_code, reason = "the identifier lies in memory that the system laid out")]
    // SAFETY: the identifier is valid while it is looked at.
    let own = with_own(|own| unsafe { text(own) })??;
    let rights = U16CString::from_str_truncate(format!("O:{own}D:P(A;;GA;;;{own})"));
    let options = ListenerOptions::new().name(path.to_fs_name::<GenericFilePath>()?);
    options.security_descriptor(SecurityDescriptor::deserialize(&rights)?).create_tokio()
}
