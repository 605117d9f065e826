//! Differences between operating systems at a frontend's end: where the daemon listens, how it is
//! reached, and who it is.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub use self::unix::Stream;
#[cfg(all(unix, any(test, feature = "fake")))]
pub(crate) use self::unix::listen;
#[cfg(unix)]
pub(crate) use self::unix::{OwnListener, is_own, open, sockets, verify};
#[cfg(all(windows, any(test, feature = "fake")))]
pub(crate) use self::windows::listen;
#[cfg(windows)]
pub(crate) use self::windows::{OwnListener, is_own, open, sockets, verify};
#[cfg(windows)]
pub use self::windows::{Stream, is_own_process};
