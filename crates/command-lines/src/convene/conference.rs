//! The commands of a conference: rooms, café tables, phases, roles, doors, ballots and names.

use clap::Args;

use super::Send;

/// What stands behind the name of a command that belongs to a conference. The conference comes
/// first, and may be left out where there is one.
#[derive(Debug, Args)]
pub struct Words {
    /// The words behind the command, the conference first.
    #[arg(value_name = "WORD", hide = true)]
    pub words: Vec<String>,
    /// How it is sent.
    #[command(flatten)]
    pub send: Send,
}
