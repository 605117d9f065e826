//! How the desktops of the operating systems keep proxy settings, and show notices.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub(crate) use self::unix::{DesktopWatch, desktop_proxies, leave_console, notify};
#[cfg(windows)]
pub(crate) use self::windows::{DesktopWatch, desktop_proxies, leave_console, notify};
