//! `convene`, the command line of participants.

mod completion;
mod conference;
mod settings;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use convene_model::{CommandId, LogId};

pub use completion::{Complete, Completions, Shell};
pub use conference::Words;
pub use settings::{Settings, SettingsCommand, SettingsGet, SettingsSet};

/// Takes part in Open Space conferences from behind whatever network there is.
#[derive(Debug, Parser)]
#[command(name = "convene", version)]
pub struct CommandLine {
    /// What to do; left out, to say where one stands and what to do next.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// How.
    #[command(flatten)]
    pub global: GlobalOptions,
}

/// What every command takes, before or after its name.
#[derive(Debug, Args)]
pub struct GlobalOptions {
    /// Print one JSON object per line.
    #[arg(long, global = true)]
    pub json: bool,
    /// The daemon's socket, instead of the usual places (also CONVENE_SOCKET).
    #[arg(long, global = true, value_name = "PATH")]
    pub socket: Option<PathBuf>,
    /// The language of messages; left out, that of the environment.
    #[arg(long, global = true, value_name = "de|en")]
    pub lang: Option<Lang>,
}

/// The languages of messages.
#[derive(Debug, Clone, Copy, ValueEnum)]
#[expect(
    missing_docs,
    reason = "a variant's doc comment would become part of the help text, where its name says enough"
)]
pub enum Lang {
    De,
    En,
}

/// What `convene` does.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Shows how the servers are reached, or why not.
    Status(Status),
    /// Tries every way to the servers, also those that are not needed, and writes the letter to the
    /// administrator.
    Check(Check),
    /// Joins a conference.
    Join(Join),
    /// Lists the conferences you have a seat in.
    List(List),
    /// Says something.
    Say(Say),
    /// Wants anything that a conference knows, as JSON.
    Act(Act),
    /// Prints what happened, and goes on with --follow.
    Tail(Tail),
    /// Lists the rooms of a conference.
    Rooms(Words),
    /// Shows who takes part, where they stand, and who is online.
    Who(Words),
    /// Goes to another room.
    Go(Words),
    /// Adds or closes a room (organizers).
    Room(Words),
    /// Talks with a few people among yourselves, at a café table.
    Table(Words),
    /// Shows the phases; organizers move the end of the one that runs.
    Phase(Words),
    /// Makes somebody an organizer, or an organizer a participant (organizers).
    Organizer(Words),
    /// Removes somebody, who cannot come back (organizers).
    Remove(Words),
    /// Shows, locks and opens the doors: whether newcomers are let in (organizers).
    Doors(Words),
    /// Shows your personal link, by which you take part on another device too.
    Link(Words),
    /// Shows the ballots; organizers open and close one.
    Ballot(Words),
    /// Votes, or votes otherwise, secretly.
    Vote(Words),
    /// Takes another name.
    Rename(Words),
    /// Shows your conferences in this terminal, and lets you take part in them by keys.
    Tui(Tui),
    /// Opens Convene in your browser.
    Web(Web),
    /// Leaves a conference; what you have of it stays readable.
    Leave(Leave),
    /// Forgets a seat that takes part no more, with all that you have of its conference.
    Forget(Forget),
    /// Sets and tests proxies, where those that are found do not do.
    Proxy(Proxy),
    /// Shows settings with the places that they come from, and changes them.
    Settings(Settings),
    /// Looks whether the conferences until tomorrow can be reached.
    Tomorrow(Tomorrow),
    /// Shows, and writes, what somebody needs to know who helps you; without names and texts.
    Report(Report),
    /// Prints the script by which a shell completes what you type.
    Completions(Completions),
    /// What such a script asks.
    #[command(name = "__complete", hide = true)]
    Complete(Complete),
}

/// How long a command waits for the server.
#[derive(Debug, Args)]
pub struct Wait {
    /// Seconds to wait for the server.
    #[arg(long, default_value_t = 10, value_name = "SECONDS")]
    pub wait: u64,
}

impl Wait {
    /// The same in milliseconds, at most what a `u64` holds.
    #[must_use]
    pub fn ms(&self) -> u64 {
        self.wait.saturating_mul(1_000)
    }

    /// The same as a span of time.
    #[must_use]
    pub fn span(&self) -> Duration {
        Duration::from_secs(self.wait)
    }
}

/// The options of `status`.
#[derive(Debug, Args)]
pub struct Status {
    /// Show the service and the connections of all its users, without what they say: for
    /// administrators.
    #[arg(long)]
    pub system: bool,
}

/// The options of `check`.
#[derive(Debug, Args)]
pub struct Check {
    /// Print the letter to the administrator for each server that is not reached.
    #[arg(long)]
    pub letter: bool,
    /// Seconds to wait for the check, which takes a minute at most.
    #[arg(long, default_value_t = 60, value_name = "SECONDS")]
    pub wait: u64,
}

/// The options of `join`.
#[derive(Debug, Args)]
pub struct Join {
    /// The join link. Left out, or `-`, it is asked for at a terminal, and otherwise read from
    /// standard input.
    pub link: Option<String>,
    /// The name under which you take part; left out, it is asked for at a terminal.
    #[arg(long)]
    pub name: Option<String>,
    /// The log to turn to, as `convene list` names it, where the server shows another one than the
    /// one that you know.
    #[arg(long, value_name = "LOG")]
    pub log: Option<LogId>,
    /// How long it waits for the server.
    #[command(flatten)]
    pub wait: Wait,
}

/// The options of `list`.
#[derive(Debug, Args)]
pub struct List {}

/// The options of `say`.
#[derive(Debug, Args)]
pub struct Say {
    /// The conference, which may be left out where there is one, and the text; without one it is
    /// asked for, or read from standard input.
    #[arg(value_name = "TEXT", num_args = 1..=2)]
    pub words: Vec<String>,
    /// Where in the conference: a room by its name or id; left out, where you stand.
    #[arg(long)]
    pub room: Option<String>,
    /// How it is sent.
    #[command(flatten)]
    pub send: Send,
}

/// The options of `act`.
#[derive(Debug, Args)]
pub struct Act {
    /// The conference, which may be left out where there is one, and a JSON object with a `kind`.
    #[arg(value_name = "JSON", num_args = 1..=2, required = true)]
    pub words: Vec<String>,
    /// How it is sent.
    #[command(flatten)]
    pub send: Send,
}

/// How a command is sent.
#[derive(Debug, Args)]
pub struct Send {
    /// The command's own id, so that a script may repeat it safely: any UUID.
    #[arg(long, value_name = "UUID")]
    pub id: Option<CommandId>,
    /// How long it waits for the server.
    #[command(flatten)]
    pub wait: Wait,
}

/// The options of `tail`.
#[derive(Debug, Args)]
pub struct Tail {
    /// Which: a conference from `convene list`, by its title or id; left out where there is one.
    pub conference: Option<String>,
    /// Only what came after this event.
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub after: u64,
    /// Go on with what happens.
    #[arg(long)]
    pub follow: bool,
    /// How long it waits for the server.
    #[command(flatten)]
    pub wait: Wait,
}

/// The options of `tui`.
#[derive(Debug, Args)]
pub struct Tui {
    /// Which: a conference from `convene list`, by its title or id; left out where there is one.
    pub conference: Option<String>,
}

/// The options of `web`.
#[derive(Debug, Args)]
pub struct Web {
    /// Show the view for joining with this link filled in, or with the one on standard input (`-`).
    /// Nothing is joined before you say so there.
    #[arg(long, value_name = "LINK")]
    pub join: Option<String>,
    /// Open no browser, and print the address instead.
    #[arg(long)]
    pub no_open: bool,
}

/// The options of `leave`.
#[derive(Debug, Args)]
pub struct Leave {
    /// Which: a conference from `convene list`, by its title or id; left out where there is one.
    pub conference: Option<String>,
    /// How long it waits for the server.
    #[command(flatten)]
    pub wait: Wait,
}

/// The options of `forget`.
#[derive(Debug, Args)]
pub struct Forget {
    /// Which: a conference from `convene list`, by its title or id, or what it is called there.
    #[arg(value_name = "CONFERENCE")]
    pub seat: String,
}

/// The options of `proxy`.
#[derive(Debug, Args)]
pub struct Proxy {
    /// What to do with them.
    #[command(subcommand)]
    pub command: ProxyCommand,
}

/// What `convene proxy` does.
#[derive(Debug, Subcommand)]
pub enum ProxyCommand {
    /// Sets the proxy for your own conferences.
    Set(Set),
    /// Tries every proxy that is known.
    Test,
}

/// The options of `proxy set`.
#[derive(Debug, Args)]
pub struct Set {
    /// `[SCHEME://]HOST[:PORT]` (http, https, socks5, socks4a), or `none`.
    #[arg(value_name = "PROXY", required_unless_present = "pac")]
    pub proxies: Vec<String>,
    /// The address of a script that names proxies.
    #[arg(long, value_name = "URL")]
    pub pac: Option<String>,
    /// A host, domain or network that is reached without the proxy; may be given several times.
    #[arg(long, value_name = "HOST")]
    pub except: Vec<String>,
}

/// The options of `tomorrow`.
#[derive(Debug, Args)]
pub struct Tomorrow {
    /// Look once a day as long as the session lasts, and show a notice where one is not reached:
    /// for whatever starts with a session.
    #[arg(long)]
    pub notify: bool,
    /// Seconds to wait for the servers.
    #[arg(long, default_value_t = 60, value_name = "SECONDS")]
    pub wait: u64,
}

/// The options of `report`.
#[derive(Debug, Args)]
pub struct Report {
    /// The file to write it to, which must not be there yet; left out, it is only shown.
    pub file: Option<PathBuf>,
}
