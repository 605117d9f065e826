//! The access lists of files and directories.

use std::io;
use std::path::Path;
use std::ptr;

use convene_local_api::SERVICE_SID;
use interprocess::os::windows::security_descriptor::{AsSecurityDescriptor, SecurityDescriptor};
use windows_sys::Win32::Foundation::{ERROR_SUCCESS, FALSE, GENERIC_ALL, GENERIC_WRITE};
use windows_sys::Win32::Security::Authorization::{
    GetNamedSecurityInfoW, SE_FILE_OBJECT, SetNamedSecurityInfoW,
};
use windows_sys::Win32::Security::{
    ACCESS_ALLOWED_ACE, ACE_HEADER, ACL, DACL_SECURITY_INFORMATION, GetAce, GetSecurityDescriptorDacl,
    GetSecurityDescriptorOwner, OWNER_SECURITY_INFORMATION, PROTECTED_DACL_SECURITY_INFORMATION, PSID,
    SECURITY_ATTRIBUTES,
};
use windows_sys::Win32::Storage::FileSystem::{
    CreateDirectoryW, DELETE, FILE_APPEND_DATA, FILE_DELETE_CHILD, FILE_WRITE_DATA, WRITE_DAC, WRITE_OWNER,
};
use windows_sys::Win32::System::SystemServices::{ACCESS_ALLOWED_ACE_TYPE, ACCESS_DENIED_ACE_TYPE};

use super::sid::{self, LocalMemory};
use super::{ADMINISTRATORS_SID, SYSTEM_SID};

/// Every right, that of reading included.
pub(super) const ANY: u32 = u32::MAX;
/// The rights with which somebody can change a file, or the list of files in a directory, at once
/// or by a detour: by its data, its name, its access list or its owner. (A time stamp or an
/// attribute changes nothing that is read.)
pub(super) const CHANGE: u32 = FILE_WRITE_DATA
    | FILE_APPEND_DATA
    | FILE_DELETE_CHILD
    | DELETE
    | WRITE_DAC
    | WRITE_OWNER
    | GENERIC_WRITE
    | GENERIC_ALL;
/// Stands for the owner of what is created below a directory.
const CREATOR_OWNER_SID: &str = "S-1-3-0";
/// Stands for the owner of the thing itself.
const OWNER_RIGHTS_SID: &str = "S-1-3-4";
/// By which something else can be put in the place of what is in a directory.
pub(super) const REPLACE: u32 = FILE_DELETE_CHILD | DELETE | WRITE_DAC | WRITE_OWNER | GENERIC_ALL;

/// The owner of a file or directory, and the strangers who have certain rights to it.
#[derive(Debug)]
pub(super) struct Rights {
    /// The owner's security identifier.
    pub(super) owner: String,
    /// Security identifiers of strangers; `None` where there is no list at all, so that everybody
    /// may do everything.
    pub(super) strangers: Option<Vec<String>>,
}

/// Whether this is no stranger: the user of this process, the system, the administrators, or the
/// service, which an administrator may stand in for.
pub(super) fn is_ours(sid: &str, own_sid: &str) -> bool {
    [own_sid, SYSTEM_SID, ADMINISTRATORS_SID, SERVICE_SID].contains(&sid)
}

/// A directory's owner and access list, which holds for what is made in it too and takes nothing
/// over from above (security descriptor definition language). All is granted to the system, to
/// administrators and to `whole`, reading to `read`.
pub(super) fn directory(owner: &str, whole: &[&str], read: &[&str]) -> String {
    let mut text = format!("O:{owner}D:P");
    let all = [SYSTEM_SID, ADMINISTRATORS_SID].iter().chain(whole).map(|sid| format!("(A;OICI;FA;;;{sid})"));
    text.extend(all.chain(read.iter().map(|sid| format!("(A;OICI;FRFX;;;{sid})"))));
    text
}

/// Creates a directory with these rights, from its first moment on.
pub(super) fn create(path: &Path, rights: &str) -> io::Result<()> {
    let descriptor = SecurityDescriptor::deserialize(&sid::wide(rights)?)?;
    let attributes = SECURITY_ATTRIBUTES {
        nLength: u32::try_from(size_of::<SECURITY_ATTRIBUTES>()).map_err(io::Error::other)?,
        lpSecurityDescriptor: descriptor.as_sd().cast_mut(),
        bInheritHandle: FALSE,
    };
    let path = sid::wide(path)?;
    #[expect(unsafe_code, reason = "a call of the system's")]
    // SAFETY: the path ends with a zero, and the descriptor outlives the call, which does not write
    // to it.
    if unsafe { CreateDirectoryW(path.as_ptr(), &raw const attributes) } == 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// Gives a directory these rights, also what is below it as far as that has none of its own.
/// `with_owner` changes the owner too.
pub(super) fn set(path: &Path, rights: &str, with_owner: bool) -> io::Result<()> {
    let descriptor = SecurityDescriptor::deserialize(&sid::wide(rights)?)?;
    let path = sid::wide(path)?;
    let (mut list, mut owner): (*mut ACL, PSID) = (ptr::null_mut(), ptr::null_mut());
    let (mut present, mut defaulted) = (FALSE, FALSE);
    let mut information = DACL_SECURITY_INFORMATION | PROTECTED_DACL_SECURITY_INFORMATION;
    if with_owner {
        information |= OWNER_SECURITY_INFORMATION;
    }
    #[expect(unsafe_code, reason = "calls of the system's")]
    // SAFETY: the list and the owner point into the descriptor, which outlives all calls; the path
    // ends with a zero.
    let error = unsafe {
        let whole = descriptor.as_sd().cast_mut();
        let found = GetSecurityDescriptorDacl(whole, &raw mut present, &raw mut list, &raw mut defaulted);
        // Without a list the last call would open the directory to everybody.
        if found == 0 || present == FALSE || list.is_null() {
            return Err(io::Error::last_os_error());
        }
        if GetSecurityDescriptorOwner(whole, &raw mut owner, &raw mut defaulted) == 0 {
            return Err(io::Error::last_os_error());
        }
        SetNamedSecurityInfoW(
            path.as_ptr(),
            SE_FILE_OBJECT,
            information,
            owner,
            ptr::null_mut(),
            list,
            ptr::null(),
        )
    };
    if error == ERROR_SUCCESS { Ok(()) } else { Err(sid::os_error(error)) }
}

/// Reads who has any of the rights in `counts` to a file or directory.
pub(super) fn read(path: &Path, own_sid: &str, counts: u32) -> io::Result<Rights> {
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
        Ok(Rights { owner: sid::text(owner)?, strangers: strangers(list, own_sid, counts)? })
    }
}

/// # Safety
/// The list must be null or a valid access list.
#[expect(unsafe_code, reason = "the system lays out access lists")]
unsafe fn strangers(list: *const ACL, own_sid: &str, counts: u32) -> io::Result<Option<Vec<String>>> {
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
                // SAFETY: an entry of this kind is laid out like this, with the identifier in its
                // place at the end.
                let (who, granted) =
                    unsafe { (sid::text(sid_of(entry.cast()))?, (*entry.cast::<ACCESS_ALLOWED_ACE>()).Mask) };
                if granted & counts != 0
                    && !is_ours(&who, own_sid)
                    && ![CREATOR_OWNER_SID, OWNER_RIGHTS_SID].contains(&who.as_str())
                {
                    strangers.push(who);
                }
            }
            // Rights under a condition, or of a kind that files do not have: nobody the daemon
            // knows asked for them.
            _ => strangers.push(format!("an entry of kind {kind}")),
        }
    }
    Ok(Some(strangers))
}

/// The place where an entry's identifier begins.
///
/// # Safety
/// The pointer must be to a valid entry of this kind.
#[expect(unsafe_code, reason = "the system lays out access lists")]
unsafe fn sid_of(entry: *const ACCESS_ALLOWED_ACE) -> PSID {
    // SAFETY: the entry is valid by this function's contract.
    unsafe { (&raw const (*entry).SidStart).cast_mut().cast() }
}
