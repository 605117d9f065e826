//! `convene-server`, the server.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use convene_model::{ConferenceId, Listen};

/// Hosts text-based Open Space conferences.
#[derive(Debug, Parser)]
#[command(
    name = "convene-server",
    version,
    after_help = "Examples:\n  convene-server run --state-dir ~/convene --listen 0.0.0.0:4500-4506 --listen 0.0.0.0:443\n  \
                  convene-server conference create conference.toml --state-dir ~/convene\n  \
                  convene-server backup convene.backup --state-dir ~/convene\n\n\
                  Exit codes: 0 done, 1 refused or failed, 2 usage, 3 no server runs there."
)]
pub struct CommandLine {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What `convene-server` does.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Runs the server until it is told to stop (SIGTERM, Ctrl-C); SIGHUP makes it read
    /// configuration and certificates again.
    Run(Run),
    /// Creates, lists, shows, ends and deletes conferences of the running server.
    Conference(Conference),
    /// Writes a backup of the running server.
    ///
    /// In it are all conferences, and the key and the certificate that the server made itself.
    /// People write on meanwhile. Who has the file can pose as the server: it is its owner's alone.
    Backup(Backup),
    /// Fills an empty state directory from a backup.
    ///
    /// All of the backup is checked first. Nothing is changed where it cannot be restored whole.
    Restore(Restore),
}

/// The options of `backup`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  convene-server backup /srv/backup/convene-monday.backup\n  \
                  convene-server backup --overwrite /srv/backup/convene.backup\n  \
                  convene-server backup my.backup --state-dir ~/convene\n\n\
                  Not in it: the configuration, and what [tls] names in it.\n\n\
                  Exit codes: 0 done, 1 refused or failed, 2 usage, 3 no server runs there.")]
pub struct Backup {
    /// The file to write. It is complete once it has this name.
    pub file: PathBuf,
    /// Replaces a file that is there. It stays until the new one is complete.
    #[arg(long)]
    pub overwrite: bool,
    /// Where everything is kept.
    #[command(flatten)]
    pub state: StateDirOption,
}

/// The options of `restore`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  convene-server restore /srv/backup/convene-monday.backup\n  \
                  convene-server restore my.backup --state-dir ~/convene\n\n\
                  Exit codes: 0 done, 1 refused or failed, 2 usage.")]
pub struct Restore {
    /// A file that `convene-server backup` has written.
    pub file: PathBuf,
    /// Where everything is kept.
    #[command(flatten)]
    pub state: StateDirOption,
}

/// The options of `run`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  convene-server run --config convene-server.toml --state-dir /var/lib/convene-server\n  \
                        convene-server run --state-dir ./state --listen 127.0.0.1:4500-4506 --listen 127.0.0.1:4443\n  \
                        convene-server run --check-config"
)]
pub struct Run {
    /// The configuration [default: /etc/convene/convene-server.toml for root,
    /// ~/.config/convene/convene-server.toml for others; where that is missing, defaults hold].
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Where everything is kept.
    #[command(flatten)]
    pub state: StateDirOption,
    /// Where to listen, instead of what the configuration says; may be repeated.
    #[arg(long, value_name = "ADDR:PORT[-PORT]")]
    pub listen: Vec<Listen>,
    /// Starts nothing: reads all that a start would read, prints what is wrong or dangerous, a line
    /// each, and exits with 0 where the server could start so, else with 2.
    #[arg(long)]
    pub check_config: bool,
}

/// The options of `conference`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  convene-server conference create conference.toml\n  \
                  echo 'title = \"Our next year\"' | convene-server conference create - --json\n  \
                  convene-server conference list --state-dir ~/convene\n\n\
                  Exit codes: 0 done, 1 refused or failed, 2 usage, 3 no server runs there.")]
pub struct Conference {
    /// What every command on conferences takes.
    #[command(flatten)]
    pub options: ConferenceOptions,
    /// What to do.
    #[command(subcommand)]
    pub command: ConferenceCommand,
}

/// What every command on conferences takes, before or after its name.
#[derive(Debug, Args)]
pub struct ConferenceOptions {
    /// Where everything is kept.
    #[command(flatten)]
    pub state: StateDirOption,
    /// Print one JSON object per line.
    #[arg(long, global = true)]
    pub json: bool,
}

/// What `convene-server conference` does.
#[derive(Debug, Subcommand)]
pub enum ConferenceCommand {
    /// Creates a conference and prints its join links. FILE `-` reads standard input; only `title`
    /// is required in it.
    #[command(after_help = "Examples:\n  convene-server conference create conference.toml\n  \
                      convene-server conference create - --json < conference.toml\n\n\
                      A description with a room, and two workshops one behind the other:\n  \
                      title = \"Our next year\"\n  \
                      start = 2026-12-01T09:00:00+01:00\n  \
                      [[room]]\n  \
                      name = { de = \"Garten\", en = \"Garden\" }\n  \
                      [[phase]]\n  \
                      kind = \"workshops\"\n  \
                      minutes = 45\n  \
                      rounds = 2")]
    Create {
        /// The conference's description (TOML).
        file: PathBuf,
    },
    /// Lists the conferences.
    #[command(
        after_help = "Examples:\n  convene-server conference list\n  convene-server conference list --json"
    )]
    List,
    /// Shows a conference, and its events on demand.
    #[command(
        after_help = "Examples:\n  convene-server conference show ID\n  convene-server conference show ID --events --json"
    )]
    Show {
        /// Which.
        conference: ConferenceId,
        /// Every event, whoever may see it.
        #[arg(long)]
        events: bool,
    },
    /// Prints a conference's join links again.
    #[command(
        after_help = "Examples:\n  convene-server conference invite ID\n  convene-server conference invite ID --json"
    )]
    Invite {
        /// Which.
        conference: ConferenceId,
    },
    /// Ends a conference: nothing more can happen in it, and everything stays readable.
    #[command(after_help = "Examples:\n  convene-server conference end ID")]
    End {
        /// Which.
        conference: ConferenceId,
    },
    /// Deletes a conference with everything in it, for good. What participants have of it on their
    /// machines stays readable there.
    #[command(after_help = "Examples:\n  convene-server conference delete ID")]
    Delete {
        /// Which.
        conference: ConferenceId,
    },
}

/// Where the server keeps everything; the program knows what holds where it is left out.
#[derive(Debug, Args)]
pub struct StateDirOption {
    /// Where the server keeps everything: its owner's alone [default: /var/lib/convene-server for
    /// root, ~/.local/state/convene-server for others].
    #[arg(long, value_name = "DIR", global = true)]
    pub state_dir: Option<PathBuf>,
}
