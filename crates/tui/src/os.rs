//! The differences between operating systems for a program in a terminal: what asks it to end, what
//! stops it for a while, and which language the system speaks.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub(crate) use self::unix::{Endings, NO_DAEMON, Returns, locale, suspend};
#[cfg(windows)]
pub(crate) use self::windows::{Endings, NO_DAEMON, Returns, locale, suspend};
