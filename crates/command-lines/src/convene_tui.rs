//! `convene-tui`, which shows conferences in a terminal.

use std::path::PathBuf;

use clap::Parser;

use crate::convene::Lang;

/// Shows your conferences in this terminal, and lets you take part in them by keys.
#[derive(Debug, Parser)]
#[command(
    name = "convene-tui",
    version,
    after_help = "Examples:\n  convene-tui\n  convene-tui \"Our next year\"\n\n\
                  F1 shows the keys and the commands. Exit codes: 0 done, 1 failed, 2 usage, or no terminal."
)]
pub struct CommandLine {
    /// Which: a conference from `convene list`, by its title or id; left out where there is one.
    pub conference: Option<String>,
    /// The daemon's socket, instead of the usual places (also CONVENE_SOCKET).
    #[arg(long, value_name = "PATH")]
    pub socket: Option<PathBuf>,
    /// The language; left out, that of the environment.
    #[arg(long, value_name = "de|en")]
    pub lang: Option<Lang>,
}
