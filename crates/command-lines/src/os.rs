//! The parts of the command lines that differ between operating systems.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub(crate) use self::unix::{LOGS, SOCKET_EXAMPLE};
#[cfg(windows)]
pub use self::windows::Installed;
#[cfg(windows)]
pub(crate) use self::windows::{LOGS, SOCKET_EXAMPLE};
