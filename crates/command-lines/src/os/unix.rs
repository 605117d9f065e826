//! A terminal, and sockets that are files.

/// The keys with which a person ends the input.
pub(crate) const END_OF_INPUT: &str = "Enter and Ctrl-D";
/// Where the daemon says what it does.
pub(crate) const LOGS: &str = "Logs go to standard error";
/// Where a daemon of one's own may listen.
pub(crate) const SOCKET_EXAMPLE: &str = "./convened.sock";
