//! The access lists of files and directories.

use std::io;
use std::path::Path;
use std::ptr;

use interprocess::os::windows::security_descriptor::{AsSecurityDescriptor, SecurityDescriptor};
use windows_sys::Win32::Foundation::{ERROR_SUCCESS, FALSE};
use windows_sys::Win32::Security::Authorization::{
    GetNamedSecurityInfoW, SE_FILE_OBJECT, SetNamedSecurityInfoW,
};
use windows_sys::Win32::Security::{
    ACCESS_ALLOWED_ACE, ACE_HEADER, ACL, DACL_SECURITY_INFORMATION, GetAce, GetSecurityDescriptorDacl,
    OWNER_SECURITY_INFORMATION, PROTECTED_DACL_SECURITY_INFORMATION, PSID, SECURITY_ATTRIBUTES,
};
use windows_sys::Win32::Storage::FileSystem::CreateDirectoryW;
use windows_sys::Win32::System::SystemServices::{ACCESS_ALLOWED_ACE_TYPE, ACCESS_DENIED_ACE_TYPE};

use super::sid::{self, LocalMemory};
use super::{ADMINISTRATORS_SID, SYSTEM_SID};

/// Stands for the owner of what is created below a directory.
const CREATOR_OWNER_SID: &str = "S-1-3-0";
/// Stands for the owner of the thing itself.
const OWNER_RIGHTS_SID: &str = "S-1-3-4";

/// Who owns a file or directory, and who beyond this user, the system and administrators has any right to it.
#[derive(Debug)]
pub(super) struct Rights {
    /// The owner's security identifier.
    pub(super) owner: String,
    /// Security identifiers of strangers; `None` where there is no list at all, so that everybody may do everything.
    pub(super) strangers: Option<Vec<String>>,
}

/// Whether this is the user of this process, the system or the administrators.
pub(super) fn is_ours(sid: &str, own_sid: &str) -> bool {
    [own_sid, SYSTEM_SID, ADMINISTRATORS_SID].contains(&sid)
}

/// Creates a directory for this user, the system and administrators alone, from its first moment on.
pub(super) fn create_private(path: &Path, own_sid: &str) -> io::Result<()> {
    let descriptor = private_descriptor(own_sid)?;
    let attributes = SECURITY_ATTRIBUTES {
        nLength: u32::try_from(size_of::<SECURITY_ATTRIBUTES>()).map_err(io::Error::other)?,
        lpSecurityDescriptor: descriptor.as_sd().cast_mut(),
        bInheritHandle: FALSE,
    };
    let path = sid::wide(path)?;
    #[expect(unsafe_code, reason = "a call of the system's")]
    // SAFETY: the path ends with a zero, and the descriptor outlives the call, which does not write to it.
    if unsafe { CreateDirectoryW(path.as_ptr(), &raw const attributes) } == 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// Takes every right away from everybody but this user, the system and administrators, also below the directory.
pub(super) fn close(path: &Path, own_sid: &str) -> io::Result<()> {
    let descriptor = private_descriptor(own_sid)?;
    let path = sid::wide(path)?;
    let mut list: *mut ACL = ptr::null_mut();
    let (mut present, mut defaulted) = (FALSE, FALSE);
    let information = DACL_SECURITY_INFORMATION | PROTECTED_DACL_SECURITY_INFORMATION;
    #[expect(unsafe_code, reason = "calls of the system's")]
    // SAFETY: the list points into the descriptor, which outlives both calls; the path ends with a zero.
    let error = unsafe {
        let found = GetSecurityDescriptorDacl(
            descriptor.as_sd().cast_mut(),
            &raw mut present,
            &raw mut list,
            &raw mut defaulted,
        );
        // Without a list the next call would open the directory to everybody.
        if found == 0 || present == FALSE || list.is_null() {
            return Err(io::Error::last_os_error());
        }
        let nobody = ptr::null_mut();
        SetNamedSecurityInfoW(path.as_ptr(), SE_FILE_OBJECT, information, nobody, nobody, list, ptr::null())
    };
    if error == ERROR_SUCCESS { Ok(()) } else { Err(sid::os_error(error)) }
}

/// Reads who has rights to a file or directory.
pub(super) fn read(path: &Path, own_sid: &str) -> io::Result<Rights> {
    let path = sid::wide(path)?;
    let (mut owner, mut list, mut descriptor) = (ptr::null_mut(), ptr::null_mut(), ptr::null_mut());
    let information = OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION;
    #[expect(unsafe_code, reason = "a call of the system's")]
    // SAFETY: the path ends with a zero; the system writes three pointers.
    let error = unsafe {
        GetNamedSecurityInfoW(
            path.as_ptr(),
            SE_FILE_OBJECT,
            information,
            &raw mut owner,
            ptr::null_mut(),
            &raw mut list,
            ptr::null_mut(),
            &raw mut descriptor,
        )
    };
    if error != ERROR_SUCCESS {
        return Err(sid::os_error(error));
    }
    let _memory = LocalMemory(descriptor);
    #[expect(unsafe_code, reason = "the system lays out what it answers")]
    // SAFETY: both point into the descriptor, which is freed only after this.
    unsafe {
        Ok(Rights { owner: sid::text(owner)?, strangers: strangers(list, own_sid)? })
    }
}

/// # Safety
/// The list must be null or a valid access list.
#[expect(unsafe_code, reason = "the system lays out access lists")]
unsafe fn strangers(list: *const ACL, own_sid: &str) -> io::Result<Option<Vec<String>>> {
    if list.is_null() {
        return Ok(None);
    }
    let mut strangers = Vec::new();
    // SAFETY: the list is valid by this function's contract.
    for index in 0..u32::from(unsafe { (*list).AceCount }) {
        let mut entry = ptr::null_mut();
        // SAFETY: the index is within the list.
        if unsafe { GetAce(list, index, &raw mut entry) } == 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: every entry begins with this header.
        let kind = u32::from(unsafe { (*entry.cast::<ACE_HEADER>()).AceType });
        match kind {
            ACCESS_DENIED_ACE_TYPE => {}
            ACCESS_ALLOWED_ACE_TYPE => {
                // SAFETY: an entry of this kind is laid out like this, with the identifier in its place at the end.
                let who = unsafe { sid::text(sid_of(entry.cast())) }?;
                if !is_ours(&who, own_sid) && ![CREATOR_OWNER_SID, OWNER_RIGHTS_SID].contains(&who.as_str()) {
                    strangers.push(who);
                }
            }
            // Rights under a condition, or of a kind that files do not have: nobody the daemon knows asked for them.
            _ => strangers.push(format!("an entry of kind {kind}")),
        }
    }
    Ok(Some(strangers))
}

/// Where an entry's identifier begins.
///
/// # Safety
/// The pointer must be to a valid entry of this kind.
#[expect(unsafe_code, reason = "the system lays out access lists")]
unsafe fn sid_of(entry: *const ACCESS_ALLOWED_ACE) -> PSID {
    // SAFETY: the entry is valid by this function's contract.
    unsafe { (&raw const (*entry).SidStart).cast_mut().cast() }
}

fn private_descriptor(own_sid: &str) -> io::Result<SecurityDescriptor> {
    let all = "A;OICI;FA;;;";
    let text = format!("O:{own_sid}D:P({all}{own_sid})({all}SY)({all}BA)");
    SecurityDescriptor::deserialize(&sid::wide(text)?)
}
