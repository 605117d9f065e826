//! `convene`, the command line of participants.

mod conference;
mod settings;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use convene_model::{CommandId, LogId, RoomId, SeatName};

pub use conference::Words;
use conference::text;
pub use settings::{Settings, SettingsCommand, SettingsGet, SettingsSet};

/// Takes part in Open Space conferences from behind whatever network there is.
#[derive(Debug, Parser)]
#[command(
    name = "convene",
    version,
    after_help = "Examples:\n  convene join                        asks for the join link and for your name\n  \
                  convene check --letter              what to send to the administrator\n  convene list\n  convene say CONFERENCE \"Hello, everyone\"\n  convene tail CONFERENCE --follow\n\n\
                  Exit codes: 0 done, 1 refused or failed, 2 usage, 3 the daemon does not answer, 4 the server was not reached (yet)."
)]
pub struct CommandLine {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
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
    #[command(override_usage = text::ROOMS, after_help = text::ROOMS_HELP)]
    Rooms(Words),
    /// Shows who takes part, where they stand, and who is online.
    #[command(override_usage = text::WHO, after_help = text::WHO_HELP)]
    Who(Words),
    /// Goes to another room.
    #[command(override_usage = text::GO, after_help = text::GO_HELP)]
    Go(Words),
    /// Adds or closes a room (organizers).
    #[command(override_usage = text::ROOM, after_help = text::ROOM_HELP)]
    Room(Words),
    /// Talks with a few people among yourselves, at a café table.
    #[command(override_usage = text::TABLE, after_help = text::TABLE_HELP)]
    Table(Words),
    /// Shows the phases; organizers move the end of the one that runs.
    #[command(override_usage = text::PHASE, after_help = text::PHASE_HELP)]
    Phase(Words),
    /// Makes somebody an organizer, or an organizer a participant (organizers).
    #[command(override_usage = text::ORGANIZER, after_help = text::ORGANIZER_HELP)]
    Organizer(Words),
    /// Shows the ballots; organizers open and close one.
    #[command(override_usage = text::BALLOT, after_help = text::BALLOT_HELP)]
    Ballot(Words),
    /// Votes, or votes otherwise, secretly.
    #[command(override_usage = text::VOTE, after_help = text::VOTE_HELP)]
    Vote(Words),
    /// Takes another name.
    #[command(override_usage = text::RENAME, after_help = text::RENAME_HELP)]
    Rename(Words),
    /// Opens Convene in your browser.
    #[command(
        after_help = "Examples:\n  convene web\n  convene web --join - < link.txt\n  convene web --no-open --json    prints {\"url\"}: good for 30 seconds, once, and for you alone\n\n\
                            What serves the page runs once for each user, and ends when no page has been open for 10 minutes."
    )]
    Web(Web),
    /// Leaves a conference; what you have of it stays readable.
    Leave(Leave),
    /// Forgets a seat that takes part no more, with all that you have of its conference.
    Forget(Forget),
    /// Sets and tests proxies, where those that are found do not do.
    Proxy(Proxy),
    /// Shows settings with the places that they come from, and changes them.
    Settings(Settings),
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
#[command(after_help = "Examples:\n  convene status --json           one object per server\n  \
                  sudo convene status --system    the service and the connections of all users; exit code 4 where one does not stand")]
pub struct Status {
    /// Show the service and the connections of all its users, without what they say: for
    /// administrators.
    #[arg(long)]
    pub system: bool,
}

/// The options of `check`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  convene check                          before the day: does this network let Convene through?\n  \
                        convene check --letter --lang de        the letter to the administrator, in German\n\n\
                        Tries every way to the servers of your conferences and of the configuration, and says of each step what came of it, what to do and who can do it. Exit codes: 0 all are reached, 4 one is not."
)]
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
#[command(
    after_help = "Examples:\n  convene join                              asks for the link and for your name\n  convene join --name \"Anna\" < link.txt\n\n\
                        The link lets its holder in. Left out, it is asked for or read from standard input, and is seen by no other user of this machine."
)]
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
#[command(after_help = "Example:\n  convene list --json    one object per seat")]
pub struct List {}

/// The options of `say`.
#[derive(Debug, Args)]
#[command(
    override_usage = text::SAY,
    after_help = "Examples:\n  convene say \"Hello, everyone\"\n  convene say q7x2… \"Hello, everyone\"\n  convene say q7x2… --room foyer -- \"-- a text that begins with a dash\"\n\n\
                        `queued` means that the message is safe and will be decided, whatever is killed or cut meanwhile."
)]
pub struct Say {
    /// The conference, which may be left out where there is one, and the text.
    #[arg(value_name = "TEXT", num_args = 1..=2, required = true)]
    pub words: Vec<String>,
    /// Where in the conference; left out, where you stand.
    #[arg(long)]
    pub room: Option<RoomId>,
    /// How it is sent.
    #[command(flatten)]
    pub send: Send,
}

/// The options of `act`.
#[derive(Debug, Args)]
#[command(override_usage = text::ACT, after_help = "Example:\n  convene act q7x2… '{\"kind\":\"say\",\"text\":\"Hello\"}'")]
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
#[command(
    after_help = "Examples:\n  convene tail q7x2…                    everything so far\n  convene tail q7x2… --after 17 --json   what came after event 17\n  \
                        convene tail q7x2… --follow           go on until Ctrl-C, whatever is restarted"
)]
pub struct Tail {
    /// Which: a conference from `convene list`, or what stands there in its place; left out where
    /// there is one.
    pub conference: Option<SeatName>,
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
#[command(
    after_help = "Examples:\n  convene leave q7x2…\n  convene leave s12      one that is not joined yet: Convene tries no longer"
)]
pub struct Leave {
    /// Which: a conference from `convene list`, or what stands there in its place; left out where
    /// there is one.
    pub conference: Option<SeatName>,
    /// How long it waits for the server.
    #[command(flatten)]
    pub wait: Wait,
}

/// The options of `forget`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  convene forget q7x2…    after `convene leave q7x2…`\n  convene forget s12      one that was refused, or never joined\n\n\
                        The last 256 are kept for each server; earlier ones are forgotten by themselves."
)]
pub struct Forget {
    /// Which: a conference from `convene list`, or what stands there in its place.
    pub seat: SeatName,
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
#[command(
    after_help = "Examples:\n  convene proxy set http://proxy.example.org:3128\n  convene proxy set socks5://proxy.example.org --except .example.org\n  \
                  convene proxy set --pac http://proxy.example.org/proxy.pac\n  convene proxy set none                   forget it again\n\n\
                  It comes before the proxies of the system and of your desktop, which are found without it. Where the proxy wants a login you\n\
                  are asked for it."
)]
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
