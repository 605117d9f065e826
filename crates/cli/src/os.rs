//! What differs between operating systems for who sits at the terminal.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub(crate) use self::unix::{NO_DAEMON, locale};
#[cfg(windows)]
pub(crate) use self::windows::{NO_DAEMON, locale};
