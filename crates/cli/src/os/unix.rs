//! The environment says everything, and a program can take the place of another one.

use std::io;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, ExitStatus};

/// The word for what to do where no daemon answers.
pub(crate) const NO_DAEMON: &str = "no_daemon";

/// The language that the system is set to beside the environment's variables: none.
pub(crate) fn locale() -> Option<String> {
    None
}

/// Runs a program in the place of this one: the same process, with the same terminal and the same
/// parent. Returns only where that is not possible.
pub(crate) fn run_in_place(command: &mut Command) -> io::Result<ExitStatus> {
    Err(command.exec())
}
