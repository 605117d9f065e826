//! `convene-web`, which opens Convene in the user's browser and serves the page there.

use clap::Parser;

use crate::convene::{Lang, Web};

/// Opens Convene in your browser: what `convene web` and the desktop start.
#[derive(Debug, Parser)]
#[command(
    name = "convene-web",
    version,
    after_help = "Examples:\n  convene-web\n  convene-web --join - < link.txt\n\n\
                  The daemon's socket is that of CONVENE_SOCKET, else in one of the usual places. Exit codes: 0 done, 1 failed, 2 usage."
)]
pub struct CommandLine {
    /// What is opened, and how.
    #[command(flatten)]
    pub web: Web,
    /// Print one JSON object per line.
    #[arg(long)]
    pub json: bool,
    /// The language of messages; left out, that of the environment.
    #[arg(long, value_name = "de|en")]
    pub lang: Option<Lang>,
    /// Serve the page until it is not used any more: how this program starts itself.
    #[arg(long, hide = true)]
    pub serve: bool,
}
