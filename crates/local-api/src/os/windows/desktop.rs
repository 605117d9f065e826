//! The settings of this user's Windows.

use std::ffi::OsString;
use std::ptr;

use windows_sys::Win32::Foundation::GlobalFree;
use windows_sys::Win32::Networking::WinHttp::{
    WINHTTP_CURRENT_USER_IE_PROXY_CONFIG, WinHttpGetIEProxyConfigForCurrentUser,
};

use crate::language::ProxySource;
use crate::spellings;

/// Characters of one setting.
const CHARACTERS_MAX: usize = 64 * 1024;

/// What Windows' own settings say to this user's programs, those of an administrator included.
pub(crate) async fn desktop_proxies(_: &impl Fn(&str) -> Option<OsString>) -> Vec<ProxySource> {
    let mut found = WINHTTP_CURRENT_USER_IE_PROXY_CONFIG {
        fAutoDetect: 0,
        lpszAutoConfigUrl: ptr::null_mut(),
        lpszProxy: ptr::null_mut(),
        lpszProxyBypass: ptr::null_mut(),
    };
    #[expect(unsafe_code, reason = "a call of the system's")]
    // SAFETY: the structure is ours and outlives the call.
    if unsafe { WinHttpGetIEProxyConfigForCurrentUser(&raw mut found) } == 0 {
        return Vec::new();
    }
    let pac_url = Some(taken(found.lpszAutoConfigUrl)).filter(|url| !url.is_empty());
    let (list, bypass) = (taken(found.lpszProxy), taken(found.lpszProxyBypass));
    vec![spellings::windows("windows", &list, &bypass, pac_url, found.fAutoDetect != 0)]
}

/// The text at this place, which is given back; empty for none.
fn taken(text: *mut u16) -> String {
    if text.is_null() {
        return String::new();
    }
    #[expect(unsafe_code, reason = "the system says where the text stands and wants it back")]
    // SAFETY: the call above allocated it and ended it with a zero; it is read up to there and given back once.
    unsafe {
        let length = (0..CHARACTERS_MAX).take_while(|at| *text.add(*at) != 0).count();
        let copied = String::from_utf16_lossy(std::slice::from_raw_parts(text, length));
        GlobalFree(text.cast());
        copied
    }
}
