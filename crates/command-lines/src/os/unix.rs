//! A terminal, and sockets that are files.

/// How a person says that nothing more comes.
pub(crate) const END_OF_INPUT: &str = "Enter and Ctrl-D";
/// Where a daemon of one's own may listen.
pub(crate) const SOCKET_EXAMPLE: &str = "./convened.sock";
