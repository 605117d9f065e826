//! Keys of the registry, in the part that belongs to the machine.

use std::io;
use std::ptr;

use tokio::sync::mpsc;
use widestring::U16CString;
use windows_sys::Win32::Foundation::{
    ERROR_FILE_NOT_FOUND, ERROR_NO_MORE_ITEMS, ERROR_PATH_NOT_FOUND, ERROR_SUCCESS,
};
use windows_sys::Win32::System::Registry::{
    HKEY, HKEY_LOCAL_MACHINE, KEY_NOTIFY, KEY_QUERY_VALUE, KEY_WOW64_64KEY, REG_DWORD,
    REG_NOTIFY_CHANGE_LAST_SET, REG_NOTIFY_CHANGE_NAME, REG_SZ, RegCloseKey, RegEnumValueW,
    RegNotifyChangeKeyValue, RegOpenKeyExW,
};

use super::proxies;
use crate::os::RegistryValue;

/// The keys that are watched for changes, with everything below them: an installer's settings, and
/// all policies, because our own key may come and go.
const WATCHED: [&str; 3] = [r"SOFTWARE\Convene", r"SOFTWARE\Policies", proxies::SETTINGS];
/// Values of one key that are read: settings are few.
const VALUES_MAX: u32 = 1_024;
/// Characters of a value's name; the system allows no more.
const NAME_MAX: usize = 16 * 1024;
/// Characters of a value: far above any honest setting.
const CHARACTERS_MAX: usize = 64 * 1024;

/// Closes a key in the end.
struct Key(HKEY);

impl Drop for Key {
    fn drop(&mut self) {
        #[expect(unsafe_code, reason = "a call of the system's")]
        // SAFETY: the key was opened and is closed once.
        unsafe {
            RegCloseKey(self.0);
        }
    }
}

/// The values of a key; none where there is no such key.
///
/// # Errors
/// When the key or a value cannot be read.
pub(crate) fn registry_values(path: &str) -> io::Result<Vec<(String, RegistryValue)>> {
    let key = match open(path, KEY_QUERY_VALUE) {
        Ok(key) => key,
        Err(ERROR_FILE_NOT_FOUND | ERROR_PATH_NOT_FOUND) => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    let mut values = Vec::new();
    for index in 0..VALUES_MAX {
        match value(&key, index) {
            Ok(found) => values.push(found),
            Err(ERROR_NO_MORE_ITEMS) => break,
            Err(error) => return Err(failed(error)),
        }
    }
    Ok(values)
}

/// Notices changes of what is read of the registry, for ever: `notice` is told of each, and one
/// that waits stands for all that come meanwhile.
pub(crate) fn watch_registry(notice: &mpsc::Sender<()>) {
    for path in WATCHED {
        let notice = notice.clone();
        // It waits in the system and ends with the process.
        let watched =
            std::thread::Builder::new().name("settings".to_owned()).spawn(move || watch(path, &notice));
        if let Err(error) = watched {
            tracing::warn!(%error, "changes of the registry are not noticed");
        }
    }
}

fn watch(path: &str, notice: &mpsc::Sender<()>) {
    let Ok(key) = open(path, KEY_NOTIFY) else { return };
    let what = REG_NOTIFY_CHANGE_NAME | REG_NOTIFY_CHANGE_LAST_SET;
    #[expect(unsafe_code, reason = "a call of the system's")]
    // SAFETY: the key stays open as long as this function runs; no event is used.
    while unsafe { RegNotifyChangeKeyValue(key.0, 1, what, ptr::null_mut(), 0) } == ERROR_SUCCESS {
        if let Err(mpsc::error::TrySendError::Closed(())) = notice.try_send(()) {
            return;
        }
    }
}

fn open(path: &str, rights: u32) -> Result<Key, u32> {
    let path = U16CString::from_str(path).map_err(|_| ERROR_FILE_NOT_FOUND)?;
    let mut key = ptr::null_mut();
    #[expect(unsafe_code, reason = "a call of the system's")]
    // SAFETY: the path and the place for the key outlive the call.
    let opened = unsafe {
        RegOpenKeyExW(HKEY_LOCAL_MACHINE, path.as_ptr(), 0, rights | KEY_WOW64_64KEY, &raw mut key)
    };
    if opened == ERROR_SUCCESS { Ok(Key(key)) } else { Err(opened) }
}

/// The value at this place of the key's list.
fn value(key: &Key, index: u32) -> Result<(String, RegistryValue), u32> {
    let (mut name, mut data) = (vec![0_u16; NAME_MAX], vec![0_u16; CHARACTERS_MAX]);
    let mut name_length = u32::try_from(NAME_MAX).unwrap_or_default();
    let mut data_bytes = u32::try_from(2 * CHARACTERS_MAX).unwrap_or_default();
    let mut kind = 0;
    #[expect(unsafe_code, reason = "a call of the system's")]
    // SAFETY: name and data outlive the call and are as long as is said.
    let read = unsafe {
        RegEnumValueW(
            key.0,
            index,
            name.as_mut_ptr(),
            &raw mut name_length,
            ptr::null_mut(),
            &raw mut kind,
            data.as_mut_ptr().cast(),
            &raw mut data_bytes,
        )
    };
    if read != ERROR_SUCCESS {
        return Err(read);
    }
    let name = String::from_utf16_lossy(name.get(..name_length as usize).unwrap_or_default());
    let data = data.get(..data_bytes as usize / 2).unwrap_or_default();
    let value = match (kind, data) {
        (REG_SZ, text) => {
            let ended = text.split(|unit| *unit == 0).next().unwrap_or_default();
            RegistryValue::Text(String::from_utf16_lossy(ended))
        }
        (REG_DWORD, [low, high]) => RegistryValue::Number(u32::from(*high) << 16 | u32::from(*low)),
        _ => RegistryValue::Other,
    };
    Ok((name, value))
}

fn failed(error: u32) -> io::Error {
    io::Error::from_raw_os_error(i32::try_from(error).unwrap_or(i32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The test reads values that every Windows holds about itself, as text and as number.
    #[test]
    fn values_are_read_by_their_kind_and_what_is_not_there_has_none() {
        let values = registry_values(r"SOFTWARE\Microsoft\Windows NT\CurrentVersion").unwrap();
        let value = |wanted: &str| values.iter().find(|(name, _)| name == wanted).map(|(_, value)| value);
        assert!(
            matches!(value("ProductName"), Some(RegistryValue::Text(text)) if text.starts_with("Windows")),
            "{values:?}"
        );
        assert!(
            matches!(value("CurrentMajorVersionNumber"), Some(RegistryValue::Number(10..))),
            "{values:?}"
        );
        assert_eq!(registry_values(r"SOFTWARE\Convene\Nothing").unwrap(), []);
    }

    /// Of the system's own programs, `reg.exe` writes what `gpupdate` would.
    fn change(word: &str, rest: &[&str]) -> bool {
        let key = r"HKLM\SOFTWARE\Policies\ConveneTest";
        let run = std::process::Command::new("reg.exe").args([word, key]).args(rest).output();
        run.is_ok_and(|run| run.status.success())
    }

    #[tokio::test]
    async fn a_policy_that_changes_is_noticed() {
        let (notice, mut noticed) = mpsc::channel(1);
        watch_registry(&notice);
        // The watch begins in threads of its own, and a change before it is none.
        for number in 0..20 {
            if !change("add", &["/v", "Number", "/d", &number.to_string(), "/f"]) {
                return eprintln!("skipped: only an administrator can change policies");
            }
            let told = tokio::time::timeout(std::time::Duration::from_secs(1), noticed.recv()).await;
            if told.is_ok_and(|told| told.is_some()) {
                assert!(change("delete", &["/f"]));
                return;
            }
        }
        panic!("20 changes were not noticed");
    }
}
