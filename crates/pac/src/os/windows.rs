//! Windows: a script of the system's is run by the system.

use std::io;

/// The system evaluates scripts itself there (WinHTTP); a script without a sandbox is not run.
pub(crate) fn give_up_rights() -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
