//! Differences between operating systems at a frontend's end: where the daemon listens, how it is
//! reached, and who it is.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(all(unix, any(test, feature = "fake")))]
pub(crate) use self::unix::listen;
#[cfg(unix)]
pub(crate) use self::unix::{Stream, open, sockets, verify};
#[cfg(all(windows, any(test, feature = "fake")))]
pub(crate) use self::windows::listen;
#[cfg(windows)]
pub(crate) use self::windows::{Stream, open, sockets, verify};
