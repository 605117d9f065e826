//! A service that `sc` starts, a language that no variable names, and programs that only start
//! others.

use std::io;
use std::process::{Command, ExitStatus};

/// The word for what to do where no daemon answers.
pub(crate) const NO_DAEMON: &str = "no_daemon_windows";

/// The language in which Windows shows this user its own programs, such as `de-DE`.
pub(crate) fn locale() -> Option<String> {
    sys_locale::get_locale()
}

/// Runs a program in the console of this one, and waits for its end.
pub(crate) fn run_in_place(command: &mut Command) -> io::Result<ExitStatus> {
    command.status()
}
