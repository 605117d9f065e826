//! A terminal, and sockets that are files.

/// Where the daemon says what it does.
pub(crate) const LOGS: &str = "Logs go to standard error";
/// Where a daemon of one's own may listen.
pub(crate) const SOCKET_EXAMPLE: &str = "./convened.sock";
