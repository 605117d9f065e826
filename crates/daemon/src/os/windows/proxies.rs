//! The proxies that Windows itself names for this machine: those of WinHTTP, and those of an
//! administrator who set them for all users. The settings of a user belong to that user, and a
//! frontend tells them.

use std::ptr;

use convene_local_api::{ProxySource, spellings};
use widestring::U16CString;
use windows_sys::Win32::Foundation::{ERROR_SUCCESS, GlobalFree};
use windows_sys::Win32::Networking::WinHttp::{WINHTTP_PROXY_INFO, WinHttpGetDefaultProxyConfiguration};
use windows_sys::Win32::System::Registry::{
    HKEY_LOCAL_MACHINE, RRF_RT_REG_DWORD, RRF_RT_REG_SZ, RegGetValueW,
};

/// The machine's own settings, WinHTTP's among them.
pub(super) const SETTINGS: &str = r"SOFTWARE\Microsoft\Windows\CurrentVersion\Internet Settings";
/// The policy that says whether they count for all users.
const POLICY: &str = r"SOFTWARE\Policies\Microsoft\Windows\CurrentVersion\Internet Settings";
/// Characters of one setting.
const CHARACTERS_MAX: usize = 64 * 1024;

/// The proxies that Windows names, in the form in which they are set there.
pub(crate) fn machine_proxies() -> Vec<ProxySource> {
    of_policy().into_iter().chain(of_winhttp()).collect()
}

/// Group policy may make one setting count for all users ("per machine rather than per user").
fn of_policy() -> Option<ProxySource> {
    if number(POLICY, "ProxySettingsPerUser") != Some(0) {
        return None;
    }
    let enabled = number(SETTINGS, "ProxyEnable") == Some(1);
    let list = text(SETTINGS, "ProxyServer").filter(|_| enabled).unwrap_or_default();
    let bypass = text(SETTINGS, "ProxyOverride").unwrap_or_default();
    let pac_url = text(SETTINGS, "AutoConfigURL").filter(|url| !url.is_empty());
    Some(spellings::windows("policy", &list, &bypass, pac_url, false))
}

/// The proxies that `netsh winhttp set proxy` has set.
fn of_winhttp() -> Option<ProxySource> {
    let mut found =
        WINHTTP_PROXY_INFO { dwAccessType: 0, lpszProxy: ptr::null_mut(), lpszProxyBypass: ptr::null_mut() };
    #[expect(unsafe_code, reason = "a call of the system's")]
    // SAFETY: the structure is ours and outlives the call.
    if unsafe { WinHttpGetDefaultProxyConfiguration(&raw mut found) } == 0 {
        return None;
    }
    let (list, bypass) = (taken(found.lpszProxy), taken(found.lpszProxyBypass));
    Some(spellings::windows("winhttp", &list, &bypass, None, false))
}

/// The text at this place, which is given back; empty for none.
pub(super) fn taken(text: *mut u16) -> String {
    if text.is_null() {
        return String::new();
    }
    #[expect(unsafe_code, reason = "the system says where the text stands and wants it back")]
    // SAFETY: the system's call allocated it and ended it with a zero; it is read up to there and
    // given back once.
    unsafe {
        let length = (0..CHARACTERS_MAX).take_while(|at| *text.add(*at) != 0).count();
        let copied = String::from_utf16_lossy(std::slice::from_raw_parts(text, length));
        GlobalFree(text.cast());
        copied
    }
}

fn number(path: &str, name: &str) -> Option<u32> {
    let (path, name) = (U16CString::from_str(path).ok()?, U16CString::from_str(name).ok()?);
    let mut value = 0_u32;
    let mut size = u32::try_from(size_of::<u32>()).ok()?;
    #[expect(unsafe_code, reason = "a call of the system's")]
    // SAFETY: the names and the value outlive the call, and the size is the value's.
    let read = unsafe {
        RegGetValueW(
            HKEY_LOCAL_MACHINE,
            path.as_ptr(),
            name.as_ptr(),
            RRF_RT_REG_DWORD,
            ptr::null_mut(),
            (&raw mut value).cast(),
            &raw mut size,
        )
    };
    (read == ERROR_SUCCESS).then_some(value)
}

fn text(path: &str, name: &str) -> Option<String> {
    let (path, name) = (U16CString::from_str(path).ok()?, U16CString::from_str(name).ok()?);
    let mut value = vec![0_u16; CHARACTERS_MAX];
    let mut size = u32::try_from(CHARACTERS_MAX * size_of::<u16>()).ok()?;
    #[expect(unsafe_code, reason = "a call of the system's")]
    // SAFETY: the names and the value outlive the call, and the size is the value's, in bytes.
    let read = unsafe {
        RegGetValueW(
            HKEY_LOCAL_MACHINE,
            path.as_ptr(),
            name.as_ptr(),
            RRF_RT_REG_SZ,
            ptr::null_mut(),
            value.as_mut_ptr().cast(),
            &raw mut size,
        )
    };
    let text = value.split(|unit| *unit == 0).next().unwrap_or_default();
    (read == ERROR_SUCCESS).then(|| String::from_utf16_lossy(text))
}
