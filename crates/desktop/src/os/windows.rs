//! The settings of this user's Windows, and a window for a notice.

use std::ffi::OsString;
use std::ptr;

use convene_local_api::{ProxySource, spellings};
use tokio::sync::mpsc;
use windows_sys::Win32::Foundation::{ERROR_SUCCESS, GlobalFree};
use windows_sys::Win32::Networking::WinHttp::{
    WINHTTP_CURRENT_USER_IE_PROXY_CONFIG, WinHttpGetIEProxyConfigForCurrentUser,
};
use windows_sys::Win32::System::Console::FreeConsole;
use windows_sys::Win32::System::Registry::{
    HKEY_CURRENT_USER, KEY_NOTIFY, KEY_WOW64_64KEY, REG_NOTIFY_CHANGE_LAST_SET, REG_NOTIFY_CHANGE_NAME,
    RegNotifyChangeKeyValue, RegOpenKeyExW,
};
use windows_sys::Win32::UI::WindowsAndMessaging::{MB_ICONWARNING, MB_OK, MB_SETFOREGROUND, MessageBoxW};

/// Where Windows keeps this user's settings.
const SETTINGS: &str = r"Software\Microsoft\Windows\CurrentVersion\Internet Settings";
/// Characters of one setting.
const CHARACTERS_MAX: usize = 64 * 1024;

/// Windows' own proxy settings for this user's programs, those of an administrator included.
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
    // SAFETY: the call above allocated it and ended it with a zero; it is read up to there and
    // given back once.
    unsafe {
        let length = (0..CHARACTERS_MAX).take_while(|at| *text.add(*at) != 0).count();
        let copied = String::from_utf16_lossy(std::slice::from_raw_parts(text, length));
        GlobalFree(text.cast());
        copied
    }
}

/// As a window of its own: what Windows shows in a corner wants an application with an icon.
pub(crate) async fn notify(title: &str, text: &str) -> bool {
    let [title, text] = [title, text].map(|text| text.encode_utf16().chain([0]).collect::<Vec<u16>>());
    let shown = tokio::task::spawn_blocking(move || {
        let style = MB_OK | MB_ICONWARNING | MB_SETFOREGROUND;
        #[expect(unsafe_code, reason = "a call of the system's")]
        // SAFETY: both texts end with a zero and outlive the call; there is no window above it.
        unsafe {
            MessageBoxW(ptr::null_mut(), text.as_ptr(), title.as_ptr(), style)
        }
    });
    shown.await.is_ok_and(|answer| answer != 0)
}

/// Windows opens a console for a program that a session starts.
pub(crate) fn leave_console() -> bool {
    #[expect(unsafe_code, reason = "a call of the system's")]
    // SAFETY: it takes nothing. Where there is no console it fails, and changes nothing.
    let left = unsafe { FreeConsole() };
    left != 0
}

/// Notices changes of the key in which Windows keeps this user's settings.
#[derive(Debug)]
pub(crate) struct DesktopWatch(mpsc::Receiver<()>);

impl DesktopWatch {
    pub(crate) fn new(_: &impl Fn(&str) -> Option<OsString>) -> Self {
        let (notice, noticed) = mpsc::channel(1);
        // It waits in the system and ends with the process, or with the first change after nobody
        // listens.
        let watched = std::thread::Builder::new().name("settings".to_owned()).spawn(move || watch(&notice));
        if let Err(error) = watched {
            tracing::warn!(%error, "changes of the proxies are not noticed");
        }
        Self(noticed)
    }

    /// Cancel safe.
    pub(crate) async fn changed(&mut self) {
        if self.0.recv().await.is_none() {
            std::future::pending::<()>().await;
        }
    }
}

fn watch(notice: &mpsc::Sender<()>) {
    let path: Vec<u16> = SETTINGS.encode_utf16().chain([0]).collect();
    let mut key = ptr::null_mut();
    let rights = KEY_NOTIFY | KEY_WOW64_64KEY;
    #[expect(unsafe_code, reason = "a call of the system's")]
    // SAFETY: the path and the place for the key outlive the call.
    let opened = unsafe { RegOpenKeyExW(HKEY_CURRENT_USER, path.as_ptr(), 0, rights, &raw mut key) };
    if opened != ERROR_SUCCESS {
        return;
    }
    let what = REG_NOTIFY_CHANGE_NAME | REG_NOTIFY_CHANGE_LAST_SET;
    #[expect(unsafe_code, reason = "a call of the system's")]
    // SAFETY: the key stays open as long as this thread lives; no event is used.
    while unsafe { RegNotifyChangeKeyValue(key, 1, what, ptr::null_mut(), 0) } == ERROR_SUCCESS {
        if let Err(mpsc::error::TrySendError::Closed(())) = notice.try_send(()) {
            return;
        }
    }
}
