//! `convened`, the daemon.

use std::path::PathBuf;

use clap::Parser;

#[cfg(windows)]
pub use crate::os::Installed;
use crate::os::{LOGS, SOCKET_EXAMPLE};

/// Holds one connection per conference server, and lets frontends take part through a local socket.
#[derive(Debug, Parser)]
#[command(
    name = "convened",
    version,
    after_help = format!("Examples:\n  convened --user                    for this user alone\n  \
                  convened --config convened.toml --state-dir ./state --socket {SOCKET_EXAMPLE}\n\n\
                  Without options it serves all users of this machine, as the packages start it. {LOGS};\n\
                  CONVENE_LOG says what (debug, convened=debug, …). Exit codes: 0 stopped, 1 failed, 2 usage or configuration.")
)]
pub struct CommandLine {
    /// The configuration; drop-ins are read from `convened.d` beside it.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Where seats, messages and keys are kept: the daemon's alone.
    #[arg(long, value_name = "DIR")]
    pub state_dir: Option<PathBuf>,
    /// Where frontends connect.
    #[arg(long, value_name = "PATH")]
    pub socket: Option<PathBuf>,
    /// Serve this user alone, from the user's own directories.
    #[arg(long)]
    pub user: bool,
    /// Say what is wrong with the configuration, one line for each error and warning, and exit: 0
    /// if a start can use it, 2 if not.
    #[arg(long)]
    pub check_config: bool,
    /// Print the OpenRPC document of the local API and exit.
    #[arg(long)]
    pub openrpc: bool,
    /// What the installer and the service control manager say.
    #[cfg(windows)]
    #[command(flatten)]
    pub installed: Installed,
}
