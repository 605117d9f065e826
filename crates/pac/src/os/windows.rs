//! Windows: a script of the system's is run by the system.

use std::io;
use std::path::PathBuf;

/// The system evaluates scripts itself there (WinHTTP); a script without a sandbox is not run.
pub(crate) fn give_up_rights() -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// No script is run there, so that its stack needs no more than this.
pub(crate) fn stack_room(wanted: u64) -> u64 {
    wanted
}

/// This program.
pub(crate) fn own_program() -> PathBuf {
    std::env::current_exe().unwrap_or_default()
}
