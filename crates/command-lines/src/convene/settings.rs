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
pub struct SettingsGet {
    /// Which: a setting such as `proxy.mode`, or all whose names begin so; left out, all.
    pub key: Option<String>,
}

/// The options of `settings set`.
#[derive(Debug, Args)]
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
