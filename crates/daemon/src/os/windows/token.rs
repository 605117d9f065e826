//! The users of this process and of the process at the other end of a pipe, as the kernel's tokens
//! name them.

use std::io;
use std::os::windows::io::{AsRawHandle, BorrowedHandle};
use std::ptr;
use std::slice;

use windows_sys::Win32::Foundation::{ERROR_INSUFFICIENT_BUFFER, HANDLE};
use windows_sys::Win32::Security::{
    GetTokenInformation, RevertToSelf, SID_AND_ATTRIBUTES, TOKEN_GROUPS, TOKEN_INFORMATION_CLASS, TOKEN_USER,
    TokenGroups, TokenUser,
};
use windows_sys::Win32::System::Pipes::ImpersonateNamedPipeClient;
use windows_sys::Win32::System::SystemServices::SE_GROUP_ENABLED;

use super::sid;

/// `GetCurrentProcessToken()`: stands for the token of this process, to be queried only.
const PROCESS_TOKEN: isize = -4;
/// `GetCurrentThreadToken()`: stands for the token that this thread impersonates, to be queried
/// only; an error if there is none. Opening that token by `OpenThreadToken` instead is subject to
/// the client's own access list, which need not let a service account in.
const THREAD_TOKEN: isize = -5;

/// A user and the groups that count for them. An administrator who did not elevate is not in the
/// administrators' group.
#[derive(Debug, Clone)]
pub(super) struct Identity {
    /// The user's security identifier.
    pub(super) user: String,
    /// The groups' security identifiers.
    pub(super) groups: Vec<String>,
}

impl Identity {
    /// The user of this process.
    pub(super) fn of_this_process() -> io::Result<Self> {
        Self::of_token(PROCESS_TOKEN)
    }

    /// The user at the other end of a server's pipe. Fails with `ERROR_CANNOT_IMPERSONATE` while
    /// nothing was read from a client that did not fix its identity when it connected.
    pub(super) fn of_client(pipe: BorrowedHandle<'_>) -> io::Result<Self> {
        // Impersonation belongs to the thread: this function has no await, and the guard ends it on
        // every way out.
        let _guard = Impersonation::begin(pipe)?;
        Self::of_token(THREAD_TOKEN)
    }

    fn of_token(token: isize) -> io::Result<Self> {
        let user = query(token, TokenUser)?;
        let groups = query(token, TokenGroups)?;
        #[expect(unsafe_code, reason = "the system lays out what it answers")]
        // SAFETY: the buffers are aligned for these structures and hold what the system wrote,
        // identifiers included; the count is the system's own and lies within its answer.
        unsafe {
            let user = sid::text((*user.as_ptr().cast::<TOKEN_USER>()).User.Sid)?;
            let list = groups.as_ptr().cast::<TOKEN_GROUPS>();
            let count = usize::try_from((*list).GroupCount).map_err(io::Error::other)?;
            let first = (&raw const (*list).Groups).cast::<SID_AND_ATTRIBUTES>();
            let counts =
                |group: &&SID_AND_ATTRIBUTES| group.Attributes & SE_GROUP_ENABLED.cast_unsigned() != 0;
            let members = slice::from_raw_parts(first, count).iter().filter(counts);
            let groups = members.map(|group| sid::text(group.Sid)).collect::<io::Result<_>>()?;
            Ok(Self { user, groups })
        }
    }
}

/// The token's answer about one thing. The buffer is made of numbers, so that the answer is
/// aligned.
fn query(token: isize, class: TOKEN_INFORMATION_CLASS) -> io::Result<Vec<u64>> {
    let mut answer: Vec<u64> = Vec::new();
    let mut bytes = 0;
    // The first call asks for the size, the second for the content; a third if it grew in between.
    for _ in 0..3 {
        let room = u32::try_from(size_of_val(answer.as_slice())).map_err(io::Error::other)?;
        let buffer = if room == 0 { ptr::null_mut() } else { answer.as_mut_ptr().cast() };
        #[expect(unsafe_code, reason = "a call of the system's")]
        // SAFETY: the buffer has as many bytes as are told, and the pseudo handle is always valid.
        let done = unsafe {
            GetTokenInformation(
                ptr::without_provenance_mut(token.cast_unsigned()),
                class,
                buffer,
                room,
                &raw mut bytes,
            )
        };
        if done != 0 {
            return Ok(answer);
        }
        match sid::last_error() {
            ERROR_INSUFFICIENT_BUFFER => {}
            error => return Err(sid::os_error(error)),
        }
        let size = usize::try_from(bytes).map_err(io::Error::other)?;
        answer.resize(size.div_ceil(size_of::<u64>()), 0);
    }
    Err(sid::os_error(ERROR_INSUFFICIENT_BUFFER))
}

/// While this is held the thread acts as the pipe's client.
struct Impersonation(());

impl Impersonation {
    fn begin(pipe: BorrowedHandle<'_>) -> io::Result<Self> {
        let pipe: HANDLE = pipe.as_raw_handle();
        #[expect(unsafe_code, reason = "a call of the system's")]
        // SAFETY: the handle is open as long as it is borrowed.
        if unsafe { ImpersonateNamedPipeClient(pipe) } == 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(Self(()))
    }
}

impl Drop for Impersonation {
    fn drop(&mut self) {
        #[expect(unsafe_code, reason = "a call of the system's")]
        // SAFETY: ends the impersonation of this thread.
        if unsafe { RevertToSelf() } == 0 {
            // The thread would go on with a client's rights; nothing it did from here on could be
            // trusted.
            std::process::abort();
        }
    }
}
