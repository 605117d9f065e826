//! The command line of `convene settings`.

use clap::{Args, Subcommand};

/// The options of `settings`.
#[derive(Debug, Args)]
pub struct Settings {
    /// What to do with them.
    #[command(subcommand)]
    pub command: SettingsCommand,
}

/// What `convene settings` does.
#[derive(Debug, Subcommand)]
pub enum SettingsCommand {
    /// Shows settings, the place that each comes from, and what it hides.
    Get(SettingsGet),
    /// Changes a setting: of the machine for administrators, under `own` for yourself.
    Set(SettingsSet),
}

/// The options of `settings get`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  convene settings get                    all of them\n  convene settings get proxy              those of a section\n  \
                  convene settings get proxy.mode --json  one object per setting"
)]
pub struct SettingsGet {
    /// Which: a setting such as `proxy.mode`, or all whose names begin so; left out, all.
    pub key: Option<String>,
}

/// The options of `settings set`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  sudo convene settings set proxy.mode off\n  sudo convene settings set proxy.mode --unset   the files count again\n  \
                  sudo convene settings set server.conference.example.org:443.contact help@example.org\n  \
                  sudo convene settings set proxy.password       asks for it; without a terminal it is a line of standard input\n  \
                  convene settings set own.tell_access true      organizers are told how the access check went\n\n\
                  A change counts at once, and after a restart. A setting that a policy fixes cannot be changed."
)]
pub struct SettingsSet {
    /// Which, such as `proxy.mode`.
    pub key: String,
    /// The new value. A password is no argument: everybody on this machine could read it.
    #[arg(conflicts_with = "unset")]
    pub value: Option<String>,
    /// Take back what was set here.
    #[arg(long)]
    pub unset: bool,
}
