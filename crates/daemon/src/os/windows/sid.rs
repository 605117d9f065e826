//! Security identifiers as text, and text as security identifiers.

use std::io;
use std::ptr;

use widestring::{U16CStr, U16CString};
use windows_sys::Win32::Foundation::{
    ERROR_INSUFFICIENT_BUFFER, ERROR_NONE_MAPPED, GetLastError, HLOCAL, LocalFree,
};
use windows_sys::Win32::Security::Authorization::ConvertSidToStringSidW;
use windows_sys::Win32::Security::{
    LookupAccountNameW, PSID, SidTypeAlias, SidTypeGroup, SidTypeWellKnownGroup,
};

/// Memory that the system gave from its local heap; it is given back when this is dropped.
#[derive(Debug)]
pub(super) struct LocalMemory(pub(super) HLOCAL);

impl Drop for LocalMemory {
    fn drop(&mut self) {
        #[expect(unsafe_code, reason = "the memory is the system's")]
        // SAFETY: the maker of this says that the memory is from the local heap, and nobody else
        // frees it.
        unsafe {
            LocalFree(self.0);
        }
    }
}

/// A text for the system, which ends with a zero.
pub(super) fn wide(text: impl AsRef<std::ffi::OsStr>) -> io::Result<U16CString> {
    U16CString::from_os_str(text).map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))
}

/// The text of an identifier, such as `S-1-5-18`.
///
/// # Safety
/// The pointer must be to a valid security identifier.
#[expect(unsafe_code, reason = "the identifier lies in memory that the system laid out")]
pub(super) unsafe fn text(sid: PSID) -> io::Result<String> {
    let mut text = ptr::null_mut();
    // SAFETY: the identifier is valid by this function's contract; the system writes one pointer.
    if unsafe { ConvertSidToStringSidW(sid, &raw mut text) } == 0 {
        return Err(io::Error::last_os_error());
    }
    let _memory = LocalMemory(text.cast());
    // SAFETY: the call succeeded, so this is a text that ends with a zero; it is freed after it was
    // copied.
    Ok(unsafe { U16CStr::from_ptr_str(text) }.to_string_lossy())
}

/// The identifier of the group with this name; `None` where there is none, or where the name is not
/// a group's.
pub(super) fn group_named(name: &str) -> io::Result<Option<String>> {
    let name = wide(name)?;
    let (mut sid, mut domain): (Vec<u64>, Vec<u16>) = (Vec::new(), Vec::new());
    let (mut sid_bytes, mut domain_chars, mut kind) = (0_u32, 0_u32, 0);
    // The first call asks for the sizes, the second for the content.
    for _ in 0..2 {
        let (sid_room, domain_room) = (sid.as_mut_ptr().cast(), domain.as_mut_ptr());
        #[expect(unsafe_code, reason = "a call of the system's")]
        // SAFETY: the name ends with a zero, and both buffers have at least the sizes that are
        // told.
        let found = unsafe {
            LookupAccountNameW(
                ptr::null(),
                name.as_ptr(),
                sid_room,
                &raw mut sid_bytes,
                domain_room,
                &raw mut domain_chars,
                &raw mut kind,
            )
        };
        if found != 0 {
            let group = [SidTypeAlias, SidTypeGroup, SidTypeWellKnownGroup].contains(&kind);
            #[expect(unsafe_code, reason = "the identifier lies in a buffer of bytes")]
            // SAFETY: the call succeeded, so the buffer holds a valid identifier.
            let text = unsafe { text(sid_room) }?;
            return Ok(group.then_some(text));
        }
        match last_error() {
            ERROR_NONE_MAPPED => return Ok(None),
            ERROR_INSUFFICIENT_BUFFER => {}
            error => return Err(os_error(error)),
        }
        let room = |size: u32| usize::try_from(size).map_err(io::Error::other);
        sid.resize(room(sid_bytes)?.div_ceil(size_of::<u64>()), 0);
        domain.resize(room(domain_chars)?, 0);
    }
    Err(os_error(ERROR_INSUFFICIENT_BUFFER))
}

/// The error that the last call of this thread left.
pub(super) fn last_error() -> u32 {
    #[expect(unsafe_code, reason = "a call of the system's")]
    // SAFETY: reads a number of this thread.
    unsafe {
        GetLastError()
    }
}

/// An error by its Windows number.
pub(super) fn os_error(number: u32) -> io::Error {
    io::Error::from_raw_os_error(number.cast_signed())
}
