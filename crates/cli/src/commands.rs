//! The command line.

mod act;
mod check;
mod join;
mod leave;
mod list;
mod proxy;
mod status;
mod tail;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use convene_local_api::client::{self, CallError, Client};
use convene_local_api::session_proxies;
use convene_wording::{Language, Wording};

use crate::login;
use crate::stop::{DONE, FAILED, Stop};

/// Who we say we are.
const PROGRAM: &str = concat!("convene ", env!("CARGO_PKG_VERSION"));

/// Takes part in Open Space conferences from behind whatever network there is.
#[derive(Debug, Parser)]
#[command(
    name = "convene",
    version,
    after_help = "Examples:\n  convene join - --name \"Anna\"        paste the join link, then Enter and Ctrl-D\n  \
                  convene check --letter              what to send to the administrator\n  convene list\n  convene say CONFERENCE \"Hello, everyone\"\n  convene tail CONFERENCE --follow\n\n\
                  Exit codes: 0 done, 1 refused or failed, 2 usage, 3 the daemon does not answer, 4 the server was not reached (yet)."
)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    global: GlobalOptions,
}

/// What every command takes, before or after its name.
#[derive(Debug, Args)]
struct GlobalOptions {
    /// Print one JSON object per line.
    #[arg(long, global = true)]
    json: bool,
    /// The daemon's socket, instead of the usual places (also CONVENE_SOCKET).
    #[arg(long, global = true, value_name = "PATH")]
    socket: Option<PathBuf>,
    /// The language of messages; left out, that of the environment.
    #[arg(long, global = true, value_name = "de|en")]
    lang: Option<Lang>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Lang {
    De,
    En,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Shows how the servers are reached, or why not.
    Status(status::Status),
    /// Tries every way to the servers anew, and writes the letter to the administrator.
    Check(check::Check),
    /// Joins a conference.
    Join(join::Join),
    /// Lists the conferences you have a seat in.
    List(list::List),
    /// Says something.
    Say(act::Say),
    /// Wants anything that a conference knows, as JSON.
    Act(act::Act),
    /// Prints what happened, and goes on with --follow.
    Tail(tail::Tail),
    /// Leaves a conference; what you have of it stays readable.
    Leave(leave::Leave),
    /// Sets and tests proxies, where those that are found do not do.
    Proxy(proxy::Proxy),
}

/// How long a command waits for the server.
#[derive(Debug, Args)]
struct Wait {
    /// Seconds to wait for the server.
    #[arg(long, default_value_t = 10, value_name = "SECONDS")]
    wait: u64,
}

impl Wait {
    fn ms(&self) -> u64 {
        self.wait.saturating_mul(1_000)
    }

    fn span(&self) -> Duration {
        Duration::from_secs(self.wait)
    }
}

/// What a command works with.
#[derive(Debug)]
struct Context {
    json: bool,
    sockets: Vec<PathBuf>,
    language: Language,
    wording: Wording,
}

impl Context {
    /// Attaches to the daemon, which may ask this terminal's person for a login, and tells it what this session knows of
    /// proxies.
    async fn connect(&self) -> Result<Client, Stop> {
        let ask = if self.json { None } else { login::asker(self.language) };
        let mut client = Client::connect(&self.sockets, PROGRAM, ask).await?;
        offer(&mut client).await?;
        Ok(client)
    }
}

/// Tells the daemon what this session knows of proxies.
async fn offer(client: &mut Client) -> Result<(), CallError> {
    let sources = session_proxies(environment).await;
    if sources.is_empty() { Ok(()) } else { client.offer(sources).await }
}

fn environment(name: &str) -> Option<OsString> {
    std::env::vars_os().find(|(key, _)| key == name).map(|(_, value)| value)
}

/// Reads the command line and does what it says.
#[expect(clippy::print_stderr, reason = "a command says on standard error why it failed")]
pub(crate) fn main() -> ExitCode {
    let CommandLine { command, global } = CommandLine::parse();
    let language = language(global.lang, environment);
    let context = Context {
        json: global.json,
        sockets: client::sockets(global.socket.as_deref(), environment),
        language,
        wording: Wording::new(language),
    };
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("convene: {error}");
            return ExitCode::from(FAILED);
        }
    };
    match runtime.block_on(run(&command, &context)) {
        Ok(()) => ExitCode::from(DONE),
        Err(stop) => {
            if let Some(message) = stop.message(&context.wording) {
                eprintln!("convene: {message}");
            }
            ExitCode::from(stop.code())
        }
    }
}

async fn run(command: &Command, context: &Context) -> Result<(), Stop> {
    match command {
        Command::Status(options) => status::run(options, context).await,
        Command::Check(options) => check::run(options, context).await,
        Command::Join(options) => join::run(options, context).await,
        Command::List(options) => list::run(options, context).await,
        Command::Say(options) => act::say(options, context).await,
        Command::Act(options) => act::act(options, context).await,
        Command::Tail(options) => tail::run(options, context).await,
        Command::Leave(options) => leave::run(options, context).await,
        Command::Proxy(options) => proxy::run(options, context).await,
    }
}

fn language(chosen: Option<Lang>, environment: impl Fn(&str) -> Option<OsString>) -> Language {
    match chosen {
        Some(Lang::De) => Language::De,
        Some(Lang::En) => Language::En,
        None => {
            let locale = ["LC_ALL", "LC_MESSAGES", "LANG"]
                .into_iter()
                .filter_map(environment)
                .find(|value| !value.is_empty());
            Language::from_locale(&locale.unwrap_or_default().to_string_lossy())
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_sound_and_options_stand_before_or_behind() {
        CommandLine::command().debug_assert();
        let conference = convene_model::ConferenceId::from_random(1);
        for line in [
            format!("convene --json say {conference} hello"),
            format!("convene say {conference} hello --json"),
            format!("convene act {conference} {{}} --json"),
        ] {
            let parsed = CommandLine::try_parse_from(line.split(' ')).unwrap();
            assert!(parsed.global.json, "{line}");
        }
    }
}
