//! The parts of the command lines that differ between operating systems.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub(crate) use self::unix::{END_OF_INPUT, LOGS, SOCKET_EXAMPLE};
#[cfg(windows)]
pub use self::windows::Installed;
#[cfg(windows)]
pub(crate) use self::windows::{END_OF_INPUT, LOGS, SOCKET_EXAMPLE};
