//! The differences between operating systems: whose the other end of a connection is, where the
//! bridge of a user is found, how a program outlives the one that starts it, and what opens a
//! browser.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub(crate) use self::unix::{detach, is_own, opener, place};
#[cfg(windows)]
pub(crate) use self::windows::{detach, is_own, opener, place};
