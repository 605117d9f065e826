//! Scripts that name proxies (PAC): Windows fetches and evaluates them itself, outside of this
//! process.

use std::ffi::c_void;
use std::ptr;

use convene_local_api::{ProxySource, spellings};
use convene_model::Code;
use widestring::U16CString;
use windows_sys::Win32::Foundation::GetLastError;
use windows_sys::Win32::Networking::WinHttp::{
    ERROR_WINHTTP_AUTODETECTION_FAILED, ERROR_WINHTTP_BAD_AUTO_PROXY_SCRIPT, WINHTTP_ACCESS_TYPE_NO_PROXY,
    WINHTTP_AUTO_DETECT_TYPE_DHCP, WINHTTP_AUTO_DETECT_TYPE_DNS_A, WINHTTP_AUTOPROXY_AUTO_DETECT,
    WINHTTP_AUTOPROXY_CONFIG_URL, WINHTTP_AUTOPROXY_OPTIONS, WINHTTP_AUTOPROXY_RUN_OUTPROCESS_ONLY,
    WINHTTP_PROXY_INFO, WinHttpCloseHandle, WinHttpGetProxyForUrl, WinHttpOpen, WinHttpSetTimeouts,
};

use super::proxies::taken;
use crate::os::EvaluateScript;

/// Milliseconds for each step of fetching a script: as long as a fetch of the daemon's own.
const STEP_MS_MAX: i32 = 5_000;

/// Windows does it.
pub(crate) const EVALUATE_SCRIPT: Option<EvaluateScript> = Some(ask_winhttp);

fn ask_winhttp(script: Option<&str>, target: &str) -> Result<Option<ProxySource>, Code> {
    let script = script.map(U16CString::from_str).transpose().map_err(|_| Code::PacUnreachable)?;
    let target = U16CString::from_str(target).map_err(|_| Code::PacFailed)?;
    let session = WinHttp::open().ok_or(Code::PacFailed)?;
    let (flags, detection) = match script {
        Some(_) => (WINHTTP_AUTOPROXY_CONFIG_URL, 0),
        None => {
            (WINHTTP_AUTOPROXY_AUTO_DETECT, WINHTTP_AUTO_DETECT_TYPE_DHCP | WINHTTP_AUTO_DETECT_TYPE_DNS_A)
        }
    };
    let mut options = WINHTTP_AUTOPROXY_OPTIONS {
        // Without this it would run a stranger's script in this process where its service does not
        // answer.
        dwFlags: flags | WINHTTP_AUTOPROXY_RUN_OUTPROCESS_ONLY,
        dwAutoDetectFlags: detection,
        lpszAutoConfigUrl: script.as_ref().map_or(ptr::null(), |script| script.as_ptr()),
        lpvReserved: ptr::null_mut(),
        dwReserved: 0,
        // The machine's account is not shown to anyone who gives the script.
        fAutoLogonIfChallenged: 0,
    };
    let mut found =
        WINHTTP_PROXY_INFO { dwAccessType: 0, lpszProxy: ptr::null_mut(), lpszProxyBypass: ptr::null_mut() };
    #[expect(unsafe_code, reason = "a call of the system's")]
    // SAFETY: the session is open, and the address, the options with theirs and the answer outlive
    // the call.
    let asked =
        unsafe { WinHttpGetProxyForUrl(session.0, target.as_ptr(), &raw mut options, &raw mut found) };
    if asked == 0 {
        return failure();
    }
    // Both are given back; a script knows no exceptions.
    let (list, _) = (taken(found.lpszProxy), taken(found.lpszProxyBypass));
    Ok(Some(spellings::windows("script", &list, "", None, false)))
}

/// The outcome of the call that has just failed. It is no failure that a network has no script.
fn failure() -> Result<Option<ProxySource>, Code> {
    #[expect(unsafe_code, reason = "a call of the system's")]
    // SAFETY: it takes nothing.
    match unsafe { GetLastError() } {
        ERROR_WINHTTP_AUTODETECTION_FAILED => Ok(None),
        ERROR_WINHTTP_BAD_AUTO_PROXY_SCRIPT => Err(Code::PacFailed),
        _ => Err(Code::PacUnreachable),
    }
}

/// A session of WinHTTP's, closed when dropped.
struct WinHttp(*mut c_void);

impl WinHttp {
    #[expect(unsafe_code, reason = "calls of the system's")]
    fn open() -> Option<Self> {
        // SAFETY: no text is given.
        let session =
            unsafe { WinHttpOpen(ptr::null(), WINHTTP_ACCESS_TYPE_NO_PROXY, ptr::null(), ptr::null(), 0) };
        let session = (!session.is_null()).then_some(Self(session))?;
        // SAFETY: the session is open.
        let limited =
            unsafe { WinHttpSetTimeouts(session.0, STEP_MS_MAX, STEP_MS_MAX, STEP_MS_MAX, STEP_MS_MAX) };
        (limited != 0).then_some(session)
    }
}

impl Drop for WinHttp {
    #[expect(unsafe_code, reason = "a call of the system's")]
    fn drop(&mut self) {
        // SAFETY: the session is open, and nobody uses it after this.
        unsafe { WinHttpCloseHandle(self.0) };
    }
}
