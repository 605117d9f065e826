//! What differs between operating systems at a frontend's end: where the daemon listens, how it is reached, and who it is.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub(crate) use self::unix::{DesktopWatch, Stream, desktop_proxies, open, sockets, verify};
#[cfg(windows)]
pub(crate) use self::windows::{DesktopWatch, Stream, desktop_proxies, open, sockets, verify};
