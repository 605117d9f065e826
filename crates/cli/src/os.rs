//! The differences between operating systems for the person at the terminal.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub(crate) use self::unix::{NO_DAEMON, locale, run_in_place};
#[cfg(windows)]
pub(crate) use self::windows::{NO_DAEMON, locale, run_in_place};
