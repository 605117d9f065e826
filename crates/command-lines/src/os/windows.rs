//! A console, pipes, and a program that is a service too.

use clap::Args;

/// Where the daemon says what it does.
pub(crate) const LOGS: &str =
    r"Logs go to standard error, the service's to %ProgramData%\Convene\log and the event log";
/// Where a daemon of one's own may listen.
pub(crate) const SOCKET_EXAMPLE: &str = r"\\.\pipe\convened-test";

/// What the installer and the service control manager say to `convened`.
#[derive(Debug, Args)]
pub struct Installed {
    /// Give the machine's folders their rights and the service its recovery, and exit.
    #[arg(long, hide = true)]
    pub prepare_machine: bool,
    /// Run as the service `convened`.
    #[arg(long, hide = true)]
    pub service: bool,
}
